//! Facts of one file: everything that analysis needs to know of it, as a pure function of text, language and rules.
//!
//! May use `text`, `syntax`, `rules`; does no I/O and knows no other file.

mod analyze;
mod directives;
pub mod ir;
mod json;
mod literals;
pub mod lower;
pub mod names;
mod patterns;
mod template;

use crate::syntax::{BlockRole, FileKind, Markup};
use crate::text::{LineIndex, Span};
use ir::Unit;
use names::Name;
use std::sync::Arc;

pub use analyze::analyze;

/// A unit and where it stands in the file now.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Shared with earlier versions of the file while its text is the same.
    pub unit: Arc<Unit>,
    /// Added to every span of the unit gives bytes of the file.
    pub base: u32,
}

/// A script module: a whole file or a block of one.
#[derive(Clone, Debug)]
pub struct Module {
    /// What the block is for.
    pub role: BlockRole,
    /// The block in the file.
    pub span: Span,
    /// The module's top level.
    pub top: Placed,
    /// Its outermost functions, by child index.
    pub children: Vec<Placed>,
    /// For view-layer modules inside templates: the name that expressions use.
    pub module_name: Option<Name>,
}

/// A template with its expressions lowered: interpolations, directives whose value is an expression, handlers with
/// statements. Equal expressions share one unit.
#[derive(Clone, Debug)]
pub struct Template {
    /// The markup tree; spans are bytes of the file.
    pub markup: Arc<Markup>,
    /// Lowered expressions, sorted by span. `Part::Expr` spans look up here: see [`Template::expr`]. The unit's function
    /// 0 returns the value (for statements, that of the last); names are free unless the expression declares them.
    /// `data="{{a, ...b}}"` is an object.
    pub exprs: Vec<(Span, Placed)>,
    /// Loops and slots, sorted by element; of one element the outer scope first. They count for the element's own
    /// attributes (but not for the loop's list) and for everything inside of it.
    pub scopes: Vec<Scope>,
}

impl Template {
    /// The lowered expression of a `Part::Expr` (or of a scope's list).
    pub fn expr(&self, span: Span) -> Option<&Placed> {
        let index = self.exprs.binary_search_by_key(&span, |(s, _)| *s).ok()?;
        self.exprs.get(index).map(|(_, placed)| placed)
    }

    /// The scopes that an element opens.
    pub fn scopes_of(&self, node: u32) -> &[Scope] {
        let from = self.scopes.partition_point(|s| s.node < node);
        let to = self.scopes.partition_point(|s| s.node <= node);
        self.scopes.get(from..to).unwrap_or_default()
    }
}

/// Names that an element of a template declares.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The element: index into `Markup::nodes`.
    pub node: u32,
    /// A loop; else a slot, whose value comes from the component that is used.
    pub is_loop: bool,
    /// What a loop walks over: looks up in [`Template::expr`]. `None` for slots and where it is constant.
    pub list: Option<Span>,
    /// Loops: the item, then its index (of an object: its key, then its index). Slots: the slot's properties. Function 0
    /// of each unit has one parameter, the declared name or pattern; its slots are the names that are declared. Where
    /// attributes name item and index (or say nothing and the usual names hold), there are always two.
    pub names: Vec<Placed>,
}

/// Where a literal stands.
#[derive(Clone, Debug, PartialEq)]
pub enum LiteralPlace {
    /// A value bound to a name: `const NAME = "…"`, `{NAME: "…"}`, `obj.NAME = "…"`, `f(NAME = "…")`, JSON
    /// `"NAME": "…"`, an attribute, `.env` `NAME=…`. The innermost name; `path` of outer names is in `Literal::path`.
    Bound,
    /// An argument of a call; the callee as written is in `Literal::name`.
    Argument(u16),
    /// Text of a template.
    MarkupText,
    /// A comment.
    Comment,
    /// A line of a plain file.
    Line,
    /// Compared with something (`==`, `case`).
    Compared,
    /// Anything else.
    Other,
}

/// A string constant, a comment or a piece of text that may hold a secret or a personal datum.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// The value between its quotes (or the comment, or the line), in the file.
    pub span: Span,
    /// The value: escapes resolved, constant concatenations folded (then `span` covers all of it).
    pub value: Arc<str>,
    /// Where it stands.
    pub place: LiteralPlace,
    /// The name it is bound to, or the callee; empty if none.
    pub name: Arc<str>,
    /// Names of enclosing objects, outermost first, joined by `.`; for JSON the path to the key.
    pub path: Arc<str>,
    /// In a list of many similar literals (more than 12 siblings): tables of codes are not secrets.
    pub in_table: bool,
}

/// One key of a JSON block.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonEntry {
    /// Path from the root, keys joined by `.`, array indices as numbers (`pages.0`). The root is the empty path.
    pub path: Arc<str>,
    /// The key with its quotes; empty for array items and the root.
    pub key: Span,
    /// The value.
    pub value: Span,
    /// The value's kind and scalar value.
    pub scalar: JsonScalar,
}

/// A JSON value, scalars with their value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonScalar {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number as written.
    Number(Arc<str>),
    /// A string, escapes resolved.
    String(Arc<str>),
    /// An object.
    Object,
    /// An array.
    Array,
}

/// A match of a rule's own `.scm` pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternMatch {
    /// Index of the rule in the rule set.
    pub rule: u32,
    /// `@finding`.
    pub span: Span,
    /// Other captures by name, first node each, fit for messages: names clipped, everything else redacted. Captures
    /// that begin with `_` are left out.
    pub captures: Vec<(Arc<str>, Arc<str>)>,
}

/// What a silencing comment says.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The comment.
    pub span: Span,
    /// Which lines (zero-based, inclusive) it silences.
    pub lines: (u32, u32),
    /// Rule ids or groups; empty = all.
    pub rules: Vec<Arc<str>>,
    /// The reason after `--`.
    pub reason: Option<Arc<str>>,
}

/// Something about the file that the user should hear: nothing is skipped in silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Where.
    pub span: Span,
    /// Which kind, e.g. `too-deep`, `budget`, `literal-cap`: the key of a text in `queries/texts.toml`.
    pub kind: &'static str,
}

/// Everything known of one file.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Path relative to the checked root.
    pub path: Arc<str>,
    /// What the file is.
    pub kind: FileKind,
    /// Hash of the text.
    pub hash: u64,
    /// Length in bytes.
    pub len: u32,
    /// Lines.
    pub lines: LineIndex,
    /// Script modules, in source order.
    pub modules: Vec<Module>,
    /// Template, if the file has one.
    pub template: Option<Template>,
    /// JSON entries of all JSON blocks, in source order.
    pub json: Vec<JsonEntry>,
    /// Literals worth a look: those that no cheap filter could rule out.
    pub literals: Vec<Literal>,
    /// Words of secret rows that stand in the text (`Secrets::near`); empty where there are no literals.
    pub near: crate::rules::NearWords,
    /// Pattern matches.
    pub matches: Vec<PatternMatch>,
    /// Silencing comments.
    pub directives: Vec<Directive>,
    /// What the next version of the file needs to take over literals.
    pub bodies: Vec<literals::Body>,
    /// What was cut short.
    pub notes: Vec<Note>,
    /// Number of syntax errors (for reports; findings go on).
    pub syntax_errors: u32,
}
