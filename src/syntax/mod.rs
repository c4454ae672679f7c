//! Syntax: which language a file is in, its blocks, incremental parsing, markup trees.
//!
//! Knows grammars, no rules and no platform names (which prefix marks an event is told by a [`Dialect`]).
//! Parsing never fails: broken code gives a tree with error nodes, and what can be understood is understood.

mod attrs;
mod comments;
mod conditions;
mod dialects;
pub mod markup;
mod parse;
mod scopes;
pub mod script;

pub(crate) use attrs::{decode_entities, entity};
pub use dialects::{Dialects, MarkupDialect};
pub use parse::{Block, Parsed, parse, parse_unless};

pub use dialects::builtin as builtin_dialects;

use crate::text::Span;
use smallvec::SmallVec;
use std::sync::Arc;

/// A tree-sitter grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grammar {
    /// JavaScript with JSX; WXS and SJS; template expressions.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Markup of templates and component containers.
    Markup,
    /// JSON with comments.
    Json,
}

/// What a file is, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A script module.
    Script(Grammar),
    /// A script that runs in the view layer (WXS, SJS): only templates call it.
    ViewScript,
    /// A template of its own (`.wxml` and its kin).
    Template,
    /// A container of template, script and configuration blocks (`.vue`, `.mpx`, `.wpy`).
    Component,
    /// JSON with comments.
    Json,
    /// Text that is only searched for secrets (`.env`, keys).
    Plain,
}

/// What a block of a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockRole {
    /// A script module.
    Script,
    /// A script block whose top level is the component's set-up function.
    ScriptSetup,
    /// A view-layer script.
    ViewScript,
    /// Markup.
    Template,
    /// JSON.
    Json,
}

impl BlockRole {
    /// A script of the app's logic.
    pub fn is_script(self) -> bool {
        matches!(self, BlockRole::Script | BlockRole::ScriptSetup)
    }
}

/// A text with its name, as the shells hand it in.
#[derive(Clone, Debug)]
pub struct Document {
    /// Path relative to the checked root, `/` separators.
    pub path: Arc<str>,
    /// UTF-8.
    pub text: Arc<str>,
}

/// A piece of a template: literal text or an interpolated expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Literal text.
    Text(Span),
    /// An expression; the span is that of the expression itself, braces and white space excluded.
    Expr(Span),
    /// A name, or a destructuring pattern, that the directive declares for the element and its children
    /// (`v-for="(item, i) in list"`, `#default="{row}"`), in order.
    Alias(Span),
}

/// Pieces; most values have one or two.
pub type Parts = SmallVec<[Part; 2]>;

/// How an expression of a template is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExprMode {
    /// One expression.
    Value,
    /// The inside of an object literal.
    Object,
    /// Statements.
    Statements,
}

/// An expression of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Without white space around it.
    pub span: Span,
    /// How it is written.
    pub mode: ExprMode,
}

/// An attribute of a markup element.
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    /// Name as written, e.g. `bind:tap`, `:value`, `v-model.trim`.
    pub name: Arc<str>,
    /// Name and value.
    pub span: Span,
    /// Where the name stands.
    pub name_span: Span,
    /// The value between its quotes; `None` for a bare attribute.
    pub value_span: Option<Span>,
    /// Literal pieces and expressions, in order. For directives whose whole value is an expression
    /// (`:value`, `v-if`, `@tap`), one `Expr`.
    pub parts: Parts,
    /// The literal pieces joined (entities resolved, clipped to 400 bytes): the whole value where it is constant. Facts
    /// keep no file text, so this is where `open-type="…"`, `bindtap="…"`, `placeholder="…"` are read. `None` for a
    /// bare attribute.
    pub text: Option<Arc<str>>,
}

impl Attr {
    /// The value, if it is constant: empty for a bare attribute.
    pub fn constant(&self) -> Option<&str> {
        let constant = self.parts.iter().all(|part| matches!(part, Part::Text(_)));
        constant.then(|| self.text.as_deref().unwrap_or(""))
    }
}

/// A node of the markup tree; indices point into [`Markup::nodes`].
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// An element.
    Element {
        /// Tag name as written.
        tag: Arc<str>,
        /// Start tag to end tag.
        span: Span,
        /// The start tag alone.
        open: Span,
        /// In source order.
        attrs: Vec<Attr>,
        /// Children, in source order.
        children: Vec<u32>,
    },
    /// Text with interpolations.
    Text {
        /// All of it.
        span: Span,
        /// Literal pieces and expressions.
        parts: Parts,
        /// The literal pieces joined, white space collapsed, clipped to 400 bytes (labels, agreements, button texts).
        text: Arc<str>,
    },
    /// A comment.
    Comment(Span),
}

/// A tolerant markup tree, the same for every template dialect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Markup {
    /// All nodes; parents before their children.
    pub nodes: Vec<Node>,
    /// Top-level nodes.
    pub roots: Vec<u32>,
    /// Names that elements declare, by element; of one element the outer scope first.
    pub scopes: Vec<Scope>,
}

/// Names that an element declares for its own attributes and for what stands inside of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The element: index into [`Markup::nodes`].
    pub node: u32,
    /// A loop; else a slot, whose value comes from the component that is used.
    pub is_loop: bool,
    /// What a loop walks over: the span of a `Part::Expr`, evaluated outside of this scope. `None` if it is constant.
    pub list: Option<Span>,
    /// Loops: the item, then its index (or, of an object, its key, then its index). Slots: the slot's properties.
    pub names: Vec<Declared>,
}

/// A name, or a destructuring pattern, that is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Where it is written; an empty span at the element's start for a name that is understood.
    pub span: Span,
    /// The name that is understood without being written; otherwise the text under `span` says it.
    pub name: Option<Arc<str>>,
}
