//! Expressions of templates: each becomes a unit that depends on its own text alone.
//!
//! New expressions of a file are parsed together, one to a statement, which costs a fraction of a parse each. What is
//! not clean is parsed again in smaller groups, at last alone, so that a broken expression cannot change its
//! neighbours.

use super::super::ir::{FuncKind, Pat, Stmt, Unit, UnitKind};
use super::super::names::Names;
use super::builder::Builder;
use super::text::clip;
use super::{Lowerer, Note, expr, stmt};
use crate::syntax::script::parse_tree;
use crate::syntax::{Grammar, decode_entities};
use crate::text::Span;
use rustc_hash::FxHasher;
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use tree_sitter::{Node, Tree};

/// Into how many groups one that is not clean is split.
const SPLIT: usize = 16;

/// How the text of a piece is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// One expression.
    Value,
    /// The inside of an object literal.
    Object,
    /// Statements.
    Statements,
    /// A name or a destructuring pattern that is declared.
    Alias,
}

impl Mode {
    fn wrapper(self) -> (&'static str, &'static str) {
        match self {
            Mode::Value => ("(", ");\n"),
            Mode::Object => ("({", "});\n"),
            Mode::Statements => ("", "\n;\n"),
            Mode::Alias => ("(", ")=>0;\n"),
        }
    }
}

/// A piece of a template that is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece<'t> {
    /// How it is to be read.
    pub mode: Mode,
    /// Its text.
    pub text: &'t str,
}

impl Piece<'_> {
    /// What the unit of a piece is known by; never 0.
    pub fn key(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.hash(&mut hasher);
        hasher.finish().max(1)
    }
}

/// Lowers pieces, one unit each, in order. Spans of units and notes count from the start of the piece. Function 0 of
/// the unit returns the value of the (last) expression; that of an alias has the pattern as its only parameter, and
/// the names it declares as its slots. Names are [`Var::Free`](super::super::ir::Var::Free) unless declared in the
/// piece.
pub fn lower_pieces(pieces: &[Piece<'_>], names: &Names) -> Vec<(Arc<Unit>, Vec<Note>)> {
    let mut out = Vec::with_capacity(pieces.len());
    // Groups that wait, the first on top.
    let mut groups = vec![pieces];
    while let Some(group) = groups.pop() {
        if group.is_empty() {
            continue;
        }
        let joined = Joined::new(group);
        if let Some(tree) = joined.parse(Grammar::JavaScript)
            && joined.is_clean(&tree)
        {
            joined.lower(&tree, names, &mut out);
        } else if let [piece] = group {
            alone(piece, names, &mut out);
        } else {
            let size = group.len().div_ceil(SPLIT);
            groups.extend(group.chunks(size).rev());
        }
    }
    out
}

/// A piece with errors; those of typed templates have none in TypeScript.
fn alone(piece: &Piece<'_>, names: &Names, out: &mut Vec<(Arc<Unit>, Vec<Note>)>) {
    let joined = Joined::new(std::slice::from_ref(piece));
    let typed = joined
        .parse(Grammar::TypeScript)
        .filter(|tree| joined.is_clean(tree));
    match typed.or_else(|| joined.parse(Grammar::JavaScript)) {
        Some(tree) => joined.lower(&tree, names, out),
        None => out.push((Arc::new(empty(piece, names)), Vec::new())),
    }
}

/// Pieces written as statements one behind the other.
struct Joined<'p, 't> {
    pieces: &'p [Piece<'t>],
    text: String,
    /// Of each piece, where its statement begins, where it stands itself, and where its statement ends.
    places: Vec<(usize, Span, usize)>,
}

impl<'p, 't> Joined<'p, 't> {
    fn new(pieces: &'p [Piece<'t>]) -> Joined<'p, 't> {
        let mut text = String::new();
        let mut places = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let (before, after) = piece.mode.wrapper();
            let from = text.len();
            text.push_str(before);
            let start = text.len();
            text.push_str(&without_entities(piece.text));
            let span = Span::new(start as u32, text.len() as u32);
            text.push_str(after);
            places.push((from, span, text.len()));
        }
        Joined {
            pieces,
            text,
            places,
        }
    }

    fn parse(&self, grammar: Grammar) -> Option<Tree> {
        parse_tree(grammar, &self.text, None, &|| false)
    }

    /// No errors, and no statement leaves its place.
    fn is_clean(&self, tree: &Tree) -> bool {
        let root = tree.root_node();
        let mut cursor = root.walk();
        let mut at = 0;
        !root.has_error()
            && root.children(&mut cursor).all(|node| {
                while self
                    .places
                    .get(at)
                    .is_some_and(|p| p.2 <= node.start_byte())
                {
                    at += 1;
                }
                self.places.get(at).is_some_and(|p| node.end_byte() <= p.2)
            })
    }

    fn lower(&self, tree: &Tree, names: &Names, out: &mut Vec<(Arc<Unit>, Vec<Note>)>) {
        let root = tree.root_node();
        let mut cursor = root.walk();
        let mut nodes = root.children(&mut cursor).peekable();
        for (piece, &(_, span, end)) in self.pieces.iter().zip(&self.places) {
            let mut own = Vec::new();
            while let Some(node) = nodes.next_if(|node| node.start_byte() < end) {
                if node.start_byte() < span.end as usize && node.end_byte() > span.start as usize {
                    own.push(node);
                }
            }
            out.push(self.unit(piece, &own, span, names));
        }
    }

    fn unit(
        &self,
        piece: &Piece<'t>,
        nodes: &[Node<'_>],
        span: Span,
        names: &Names,
    ) -> (Arc<Unit>, Vec<Note>) {
        if piece.mode == Mode::Alias {
            if is_name(piece.text) || nodes.is_empty() {
                return (Arc::new(empty(piece, names)), Vec::new());
            }
            if let Some(arrow) = arrow(nodes) {
                let mut lowerer =
                    Lowerer::new(arrow, &self.text, names, UnitKind::Template, span.start);
                lowerer.function_here(None);
                return finish(lowerer, piece);
            }
        }
        let Some(&first) = nodes.first() else {
            return (Arc::new(empty(piece, names)), Vec::new());
        };
        let mut lowerer = Lowerer::new(first, &self.text, names, UnitKind::Template, span.start);
        statements(&mut lowerer, nodes, span);
        finish(lowerer, piece)
    }
}

/// Function 0 of the unit from the piece's statements: it returns the value of the last one.
fn statements<'t>(lowerer: &mut Lowerer<'_, 't>, nodes: &[Node<'t>], span: Span) {
    let (func, _) = lowerer
        .b
        .open_func(FuncKind::Function, None, Span::new(0, span.len()));
    let mut body = stmt::Block::default();
    for &node in nodes {
        lowerer.cur.reset(node);
        if expr::is_expression(lowerer.kind()) {
            let id = lowerer.expr();
            lowerer.flush_side(&mut body, 0);
            body.rest.push(Stmt::Expr(id));
        } else {
            lowerer.stmt(&mut body);
        }
    }
    let mut body = body.finish();
    if let Some(Stmt::Expr(id)) = body.last() {
        let id = *id;
        let at = lowerer.b.node(id).span;
        body.pop();
        body.push(Stmt::Return(Some(id), at));
    }
    lowerer.b.funcs[func as usize].body = body;
}

/// The arrow function whose parameters an alias was made.
fn arrow<'t>(nodes: &[Node<'t>]) -> Option<Node<'t>> {
    let [statement] = nodes else { return None };
    statement
        .child(0)
        .filter(|node| node.kind() == "arrow_function" && !node.has_error())
}

/// Spans that took in a part of the wrapper are cut to the piece.
fn finish(lowerer: Lowerer<'_, '_>, piece: &Piece<'_>) -> (Arc<Unit>, Vec<Note>) {
    let base = lowerer.b.base;
    let len = piece.text.len() as u32;
    let cut = |span: Span| Span::new(span.start.min(len), span.end.min(len));
    let (mut unit, _, mut notes) = lowerer.finish(0, piece.key());
    if let Some(unit) = Arc::get_mut(&mut unit) {
        unit.exprs.iter_mut().for_each(|e| e.span = cut(e.span));
        unit.pats.iter_mut().for_each(|p| p.span = cut(p.span));
        unit.funcs.iter_mut().for_each(|f| f.span = cut(f.span));
    }
    for note in &mut notes {
        let start = note.span.start.saturating_sub(base);
        note.span = cut(Span::new(start, note.span.end.saturating_sub(base)));
    }
    (unit, notes)
}

/// The unit of a piece with nothing in it, or of a name.
fn empty(piece: &Piece<'_>, names: &Names) -> Unit {
    let mut b = Builder::new(UnitKind::Template, 0);
    let span = Span::new(0, piece.text.len() as u32);
    let (func, _) = b.open_func(FuncKind::Function, None, span);
    if piece.mode == Mode::Alias && is_name(piece.text) {
        let var = b.declare(names.intern(clip(piece.text)), false);
        let pat = b.pat(Pat::Var(var), span);
        b.funcs[func as usize].params.push(pat);
    }
    b.finish(names.intern("arguments"), 0, piece.key())
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '$'))
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

/// The text with its entities resolved and padded to their length, so that no offset moves.
fn without_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') || !text.contains(';') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, mut run) = rest.split_at(at);
        out.push_str(before);
        let mut resolved = String::new();
        let whole = run.len();
        while let Some(len) = entity_len(run) {
            decode_entities(&run[..len], &mut resolved);
            run = &run[len..];
        }
        if run.len() == whole {
            out.push('&');
            rest = &run[1..];
            continue;
        }
        let pad = (whole - run.len()).saturating_sub(resolved.len());
        out.push_str(&resolved);
        out.extend(std::iter::repeat_n(' ', pad));
        rest = run;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the entity at the start of the text.
fn entity_len(text: &str) -> Option<usize> {
    crate::syntax::entity(text).map(|(_, len)| len)
}
