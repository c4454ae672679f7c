//! Lowering: tree-sitter trees of scripts and template expressions become the typed form of [`super::ir`].
//!
//! One pass with one cursor. Total: error nodes and unknown syntax become [`Expr::Opaque`], nesting beyond
//! [`MAX_DEPTH`] is cut with a `too-deep` note, and chains (`a + b + …`, `a.b().c()…`, `else if`, `?:`) are walked
//! without using the stack, so that no input overflows it. In the result no path through expressions, statements and
//! patterns is longer than about [`MAX_DEPTH`] in one unit either: long chains are flattened or balanced.
//!
//! Knows no names of any platform and no other file. May use `text`, the IR and tree-sitter.

mod builder;
mod class;
mod dump;
mod expr;
mod func;
mod jsx;
mod kinds;
mod literal;
mod module;
mod pat;
mod stmt;
mod template;
mod text;
mod typescript;

#[cfg(test)]
mod tests;

pub use dump::ir_dump;
pub use template::{Mode, Piece, lower_pieces};

use super::ir::{Expr, ExprId, FuncKind, Unit, UnitKind};
use super::names::{Name, Names};
use super::{Module, Note, Placed};
use crate::text::Span;
use builder::Builder;
use kinds::{F, K, Table};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use tree_sitter::{Node, TreeCursor};

/// How deep expressions and statements of one unit may nest.
pub const MAX_DEPTH: u32 = 200;

/// A lowered module.
#[derive(Clone, Debug)]
pub struct LoweredModule {
    /// The top level.
    pub top: Placed,
    /// The outermost functions, by child index.
    pub children: Vec<Placed>,
    /// What was cut short; spans are bytes of the file.
    pub notes: Vec<Note>,
}

impl LoweredModule {
    /// Moves everything forward by `offset` bytes: for a tree whose offsets count from the start of its block, lower
    /// the block's text with the block `0..len`, then move by the block's start.
    pub fn moved(mut self, offset: u32) -> LoweredModule {
        self.top.base += offset;
        for child in &mut self.children {
            child.base += offset;
        }
        for note in &mut self.notes {
            note.span = note.span.shifted(offset);
        }
        self
    }
}

/// Lowers the part of a script tree that lies in `block`. `root` is the tree's root, `text` the text it was parsed
/// from, with file offsets. Outermost functions whose text is the same as in `previous` (lowered with the same
/// `names`) are shared with it.
pub fn lower_module(
    root: Node<'_>,
    text: &str,
    block: Span,
    names: &Names,
    previous: Option<&Module>,
) -> LoweredModule {
    let mut reuse = FxHashMap::default();
    for child in previous.map_or(&[][..], |m| &m.children) {
        if child.unit.key != 0 {
            reuse.insert(child.unit.key, child.unit.clone());
        }
    }
    let mut lowerer = Lowerer::new(root, text, names, UnitKind::Module, block.start);
    lowerer.reuse = reuse;
    let (func, _) = lowerer
        .b
        .open_func(FuncKind::Function, None, Span::new(0, block.len()));
    let body = lowerer.program(block);
    lowerer.b.funcs[func as usize].body = body;
    let n_children = lowerer.children.len() as u32;
    let (unit, children, notes) = lowerer.finish(n_children, 0);
    LoweredModule {
        top: Placed {
            unit,
            base: block.start,
        },
        children,
        notes,
    }
}

/// Names that lowering itself needs.
struct Known {
    arguments: Name,
    default: Name,
    constructor: Name,
    empty: Name,
}

/// The state of one lowering.
struct Lowerer<'a, 't> {
    cur: TreeCursor<'t>,
    text: &'a str,
    names: &'a Names,
    table: &'static Table,
    known: Known,
    /// The unit in progress.
    b: Builder,
    children: Vec<Placed>,
    notes: Vec<Note>,
    /// Units of an earlier version of the file by key.
    reuse: FxHashMap<u64, Arc<Unit>>,
    depth: u32,
    /// The name for a function or class that is the next expression.
    hint: Option<Name>,
    /// Decorators that stand before the class at hand.
    decorators: Vec<ExprId>,
    /// Names declared since an export began.
    log: Option<Vec<Name>>,
}

/// Runs a block on every child of the node at the cursor. The block must not `continue` or leave the loop.
macro_rules! each {
    ($self:ident, $body:block) => {
        if $self.cur.goto_first_child() {
            loop {
                $body
                if !$self.cur.goto_next_sibling() {
                    break;
                }
            }
            $self.cur.goto_parent();
        }
    };
}
use each;

impl<'a, 't> Lowerer<'a, 't> {
    fn new(
        root: Node<'t>,
        text: &'a str,
        names: &'a Names,
        kind: UnitKind,
        base: u32,
    ) -> Lowerer<'a, 't> {
        Lowerer {
            cur: root.walk(),
            text,
            names,
            table: kinds::table_for(&root.language()),
            known: Known {
                arguments: names.intern("arguments"),
                default: names.intern("default"),
                constructor: names.intern("constructor"),
                empty: names.intern(""),
            },
            b: Builder::new(kind, base),
            children: Vec::new(),
            notes: Vec::new(),
            reuse: FxHashMap::default(),
            depth: 0,
            hint: None,
            decorators: Vec::new(),
            log: None,
        }
    }

    fn finish(mut self, n_children: u32, key: u64) -> (Arc<Unit>, Vec<Placed>, Vec<Note>) {
        if self.b.overflow {
            self.note("too-many-variables");
        }
        let unit = self.b.finish(self.known.arguments, n_children, key);
        self.notes.dedup();
        (Arc::new(unit), self.children, self.notes)
    }

    fn kind(&self) -> K {
        self.table.kind(self.cur.node().kind_id())
    }

    fn field(&self) -> F {
        self.cur
            .field_id()
            .map_or(F::None, |id| self.table.field(id.get()))
    }

    fn span(&self) -> Span {
        let node = self.cur.node();
        self.b.relative(node.start_byte(), node.end_byte())
    }

    fn slice(&self) -> &'a str {
        let node = self.cur.node();
        self.text
            .get(node.start_byte()..node.end_byte())
            .unwrap_or("")
    }

    /// The node's text as a name; identifiers with escapes are resolved.
    fn name_here(&self) -> Name {
        self.names.intern(text::clip(&text::unescape(self.slice())))
    }

    fn file_span(&self) -> Span {
        let node = self.cur.node();
        Span::new(node.start_byte() as u32, node.end_byte() as u32)
    }

    fn note(&mut self, kind: &'static str) {
        self.b.noted = true;
        let note = Note {
            span: self.file_span(),
            kind,
        };
        if self.notes.last() != Some(&note) && self.notes.len() < 100 {
            self.notes.push(note);
        }
    }

    /// A node that is out of place: error nodes are lowered on the side, everything else says nothing.
    fn stray(&mut self) {
        if self.kind() == K::Error {
            let mut block = stmt::Block::default();
            self.error(&mut block);
            let mut found = block.finish();
            self.b.side.append(&mut found);
        }
    }

    /// What stands in for something that is nested too deep.
    #[inline(never)]
    fn too_deep(&mut self) -> ExprId {
        self.note("too-deep");
        let span = self.span();
        self.b.expr(Expr::Opaque(Box::default()), span)
    }
}
