//! Literals of a script: one walk with a cursor over its tree.
//!
//! What a value is bound to is kept on a stack of its own, so that depth costs no call stack. Subtrees without anything
//! that could be a literal are not entered, and bodies of functions that an earlier version of the file had as well
//! are not walked again.

use super::bodies::{Body, Old, Recording};
use super::marks::Marks;
use super::{Found, MAX_VALUE, unescape};
use crate::facts::Literal;
use crate::facts::LiteralPlace;
use crate::facts::names::{Name, Names};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use tree_sitter::{Language, Node, Tree, TreeCursor};

/// Longer lists are tables.
const TABLE: usize = 12;
/// Names of enclosing objects that are told.
const MAX_PATH: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Other,
    Skip,
    Comment,
    Str,
    Template,
    Number,
    JsxText,
    Pair,
    Declarator,
    Assignment,
    Field,
    Default,
    JsxAttribute,
    Call,
    New,
    Arguments,
    Binary,
    Case,
    Array,
    /// A block of statements.
    Body,
    ClassBody,
    Identifier,
    /// A substitution of a template.
    Hole,
    Plus,
    /// An operator that compares.
    Equals,
}

/// Kinds of nodes by their number, and the fields that are asked for, of one language.
struct Table {
    kinds: Vec<Kind>,
    fields: Vec<u16>,
}

/// Fields that are asked for.
#[derive(Clone, Copy)]
enum Field {
    Key,
    Name,
    Left,
    Pattern,
    Property,
    Value,
    Function,
    Constructor,
    Arguments,
    Object,
    Index,
    Source,
}

const FIELDS: [&str; 12] = [
    "key",
    "name",
    "left",
    "pattern",
    "property",
    "value",
    "function",
    "constructor",
    "arguments",
    "object",
    "index",
    "source",
];

impl Table {
    /// The table of a language; made once for each.
    fn of(language: &Language) -> &'static Table {
        static TABLES: [OnceLock<(Language, Table)>; 4] = [const { OnceLock::new() }; 4];
        for cell in &TABLES {
            let (known, table) = cell.get_or_init(|| (language.clone(), Table::new(language)));
            if known == language {
                return table;
            }
        }
        unreachable!("internal: there are fewer script grammars than cells")
    }

    fn new(language: &Language) -> Table {
        let kinds = (0..language.node_kind_count()).map(|id| {
            let id = id as u16;
            if !language.node_kind_is_named(id) {
                return match language.node_kind_for_id(id) {
                    Some("+") => Kind::Plus,
                    Some("==" | "===" | "!=" | "!==") => Kind::Equals,
                    _ => Kind::Other,
                };
            }
            kind_of(language.node_kind_for_id(id).unwrap_or(""))
        });
        let field = |name: &&str| language.field_id_for_name(name).map_or(0, |id| id.get());
        Table {
            kinds: kinds.collect(),
            fields: FIELDS.iter().map(field).collect(),
        }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        let id = node.kind_id() as usize;
        self.kinds.get(id).copied().unwrap_or(Kind::Other)
    }

    fn id(&self, field: Field) -> u16 {
        self.fields.get(field as usize).copied().unwrap_or(0)
    }

    fn child<'t>(&self, node: Node<'t>, field: Field) -> Option<Node<'t>> {
        node.child_by_field_id(self.id(field))
    }

    /// The text of a field.
    fn text<'t>(&self, text: &'t str, node: Node<'_>, field: Field) -> &'t str {
        self.child(node, field).map_or("", |n| span(n).of(text))
    }

    /// The last name of a field: see [`last_name`].
    fn name<'t>(&self, text: &'t str, node: Node<'_>, field: Field) -> &'t str {
        self.child(node, field)
            .map_or("", |n| last_name(text, n, self))
    }
}

fn kind_of(name: &str) -> Kind {
    match name {
        "comment" => Kind::Comment,
        "string" => Kind::Str,
        "template_string" => Kind::Template,
        "template_substitution" => Kind::Hole,
        "number" => Kind::Number,
        "identifier" => Kind::Identifier,
        "jsx_text" => Kind::JsxText,
        "pair" => Kind::Pair,
        "variable_declarator" => Kind::Declarator,
        "assignment_expression" | "augmented_assignment_expression" => Kind::Assignment,
        "field_definition" | "public_field_definition" | "enum_assignment" => Kind::Field,
        "assignment_pattern"
        | "object_assignment_pattern"
        | "required_parameter"
        | "optional_parameter" => Kind::Default,
        "jsx_attribute" => Kind::JsxAttribute,
        "call_expression" => Kind::Call,
        "new_expression" => Kind::New,
        "arguments" => Kind::Arguments,
        "binary_expression" => Kind::Binary,
        "switch_case" => Kind::Case,
        "array" => Kind::Array,
        "statement_block" => Kind::Body,
        "class_body" => Kind::ClassBody,
        "import_statement"
        | "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "interface_declaration"
        | "type_alias_declaration"
        | "regex" => Kind::Skip,
        _ => Kind::Other,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bind {
    Name,
    Arguments,
    Compared,
    Nothing,
}

struct Frame<'t> {
    depth: u32,
    bind: Bind,
    name: &'t str,
    in_table: bool,
    next: u16,
}

struct Walk<'t, 'f, 'k> {
    text: &'t str,
    base: u32,
    table: &'static Table,
    names: &'f Names,
    frames: Vec<Frame<'t>>,
    /// Constants of the file by name; `None` where a name has several values.
    constants: FxHashMap<Name, Option<Arc<str>>>,
    /// End of the last folded run: strings before it are told already.
    folded_to: u32,
    /// Start of a concatenation that was looked at as a whole: its left part need not be looked at again.
    seen_sum: u32,
    /// What an earlier version of the file left.
    old: Option<&'f Old<'f>>,
    /// The body at hand.
    recording: Option<Recording>,
    bodies: Vec<Body>,
    out: &'f mut Found<'k>,
}

/// Collects the literals of a script. `text` is what the tree was made from; `base` its place in the file. Returns what
/// a later version of the file needs to reuse the bodies of functions.
pub fn script<'f>(
    tree: &Tree,
    text: &str,
    base: u32,
    names: &'f Names,
    old: Option<&'f Old<'f>>,
    out: &'f mut Found<'_>,
) -> Vec<Body> {
    let table = Table::of(&tree.language());
    let mut walk = Walk {
        text,
        base,
        table,
        names,
        frames: Vec::new(),
        constants: FxHashMap::default(),
        folded_to: 0,
        seen_sum: u32::MAX,
        old,
        recording: None,
        bodies: Vec::new(),
        out,
    };
    let mut marks = Marks::new(text);
    let mut cursor = tree.walk();
    let mut depth = 0u32;
    'walk: loop {
        let node = cursor.node();
        let kind = table.kind(node);
        let descend = (kind == Kind::JsxText || marks.any_in(node.byte_range()))
            && (kind == Kind::Other || walk.enter(node, kind, depth, &cursor));
        if descend && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        loop {
            while walk.frames.last().is_some_and(|f| f.depth >= depth) {
                walk.frames.pop();
            }
            if cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                break 'walk;
            }
            depth -= 1;
        }
    }
    walk.close(u32::MAX);
    walk.bodies
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte() as u32, node.end_byte() as u32)
}

impl<'t> Walk<'t, '_, '_> {
    fn frame(&mut self, depth: u32, bind: Bind, name: &'t str) {
        let in_table = bind != Bind::Nothing && self.frames.last().is_some_and(|f| f.in_table);
        self.frames.push(Frame {
            depth,
            bind,
            name,
            in_table,
            next: 0,
        });
    }

    /// Looks at a node; whether its children are to be visited.
    fn enter(&mut self, node: Node<'t>, kind: Kind, depth: u32, cursor: &TreeCursor<'t>) -> bool {
        let (text, table) = (self.text, self.table);
        let field = |field: Field| table.name(text, node, field);
        self.close(node.start_byte() as u32);
        match kind {
            Kind::Other | Kind::Hole | Kind::Plus | Kind::Equals => {}
            Kind::Skip | Kind::Identifier => return false,
            Kind::Comment => {
                self.out.comment(text, span(node), self.base);
                return false;
            }
            Kind::Str => {
                let field = cursor.field_id().map_or(0, |id| id.get());
                let names = [Field::Key, Field::Source, Field::Index];
                if field == 0 || names.iter().all(|f| table.id(*f) != field) {
                    self.string(node, depth);
                }
                return false;
            }
            Kind::Template => {
                self.template(node, depth);
                return true;
            }
            Kind::Number => {
                let digits = span(node);
                if digits.len() >= 7 {
                    self.literal(digits, digits.of(text), depth);
                }
                return false;
            }
            Kind::JsxText => {
                let at = span(node);
                let value = at.of(text);
                let trimmed = value.trim();
                let start = at.start + (value.len() - value.trim_start().len()) as u32 + self.base;
                let place = Span::new(start, start + trimmed.len() as u32);
                self.out
                    .simple(place, trimmed, LiteralPlace::MarkupText, "", "");
                return false;
            }
            Kind::Pair => self.frame(depth, Bind::Name, field(Field::Key)),
            Kind::Declarator => {
                let name = field(Field::Name);
                self.constant(name, node);
                self.frame(depth, Bind::Name, name);
            }
            Kind::Assignment | Kind::Default => {
                let name = match field(Field::Left) {
                    "" => field(Field::Pattern),
                    name => name,
                };
                self.frame(depth, Bind::Name, name);
            }
            Kind::Field => {
                let name = match field(Field::Name) {
                    "" => field(Field::Property),
                    name => name,
                };
                self.frame(depth, Bind::Name, name);
            }
            Kind::JsxAttribute => {
                let name = node.child(0).map_or("", |n| span(n).of(text));
                self.frame(depth, Bind::Name, name);
            }
            Kind::Call => {
                if self.join(node, depth) {
                    return false;
                }
                let callee = clip_name(table.text(text, node, Field::Function));
                self.frame(depth, Bind::Nothing, callee);
            }
            Kind::New => {
                let callee = clip_name(table.text(text, node, Field::Constructor));
                self.frame(depth, Bind::Nothing, callee);
            }
            Kind::Arguments => {
                let callee = self.frames.last().map_or("", |f| f.name);
                self.frame(depth, Bind::Arguments, callee);
            }
            Kind::Binary => match node.child(1).map(|n| table.kind(n)) {
                Some(Kind::Equals) => self.frame(depth, Bind::Compared, ""),
                Some(Kind::Plus) => self.sum(node, depth),
                _ => {}
            },
            Kind::Case => {
                // Only the case's value is compared; its statements open frames of their own.
                if let Some(value) = table.child(node, Field::Value)
                    && table.kind(value) == Kind::Str
                    && self.folded_to <= value.start_byte() as u32
                {
                    let at = inner(value);
                    let value = unescape(at.of(text));
                    let place = at.shifted(self.base);
                    self.out
                        .simple(place, &value, LiteralPlace::Compared, "", "");
                    self.folded_to = at.end;
                }
                self.frame(depth, Bind::Nothing, "");
            }
            Kind::Array => {
                let (bind, name) = match self.frames.last() {
                    Some(f) if f.bind == Bind::Name => (Bind::Name, f.name),
                    Some(f) if f.bind == Bind::Compared => (Bind::Compared, ""),
                    Some(f) if f.bind == Bind::Arguments => (Bind::Arguments, f.name),
                    _ => (Bind::Nothing, ""),
                };
                let table = node.named_child_count() > TABLE;
                let outer = self.frames.last().is_some_and(|f| f.in_table);
                self.frames.push(Frame {
                    depth,
                    bind,
                    name,
                    in_table: table || outer,
                    next: 0,
                });
            }
            Kind::ClassBody => self.frame(depth, Bind::Nothing, ""),
            Kind::Body => {
                if self.recording.is_none() && self.body(node) {
                    return false;
                }
                self.frame(depth, Bind::Nothing, "");
            }
        }
        true
    }

    /// Which argument a node at `depth` belongs to is counted as the arguments' children are met.
    fn place(&mut self, depth: u32) -> (LiteralPlace, &'t str, bool) {
        match self.frames.last_mut() {
            Some(f) => {
                let place = match f.bind {
                    Bind::Name if f.name.is_empty() => LiteralPlace::Other,
                    Bind::Name => LiteralPlace::Bound,
                    Bind::Compared => LiteralPlace::Compared,
                    Bind::Nothing => LiteralPlace::Other,
                    Bind::Arguments => {
                        let index = f.next;
                        if depth == f.depth + 1 {
                            f.next = f.next.saturating_add(1);
                        }
                        LiteralPlace::Argument(index)
                    }
                };
                let name = if f.bind == Bind::Nothing { "" } else { f.name };
                (place, name, f.in_table)
            }
            None => (LiteralPlace::Other, "", false),
        }
    }

    fn path(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        let mut last = "";
        for frame in self.frames.iter().rev().skip(1) {
            if frame.bind == Bind::Name && !frame.name.is_empty() && frame.name != last {
                last = frame.name;
                names.push(frame.name);
            }
            // Names outside of a function say nothing of what is inside.
            if names.len() >= MAX_PATH || (frame.bind == Bind::Nothing && frame.name.is_empty()) {
                break;
            }
        }
        names.reverse();
        names.join(".")
    }

    fn literal(&mut self, at: Span, value: &str, depth: u32) {
        if at.start < self.folded_to {
            return;
        }
        let (place, name, in_table) = self.place(depth);
        let known = if place == LiteralPlace::Bound {
            name
        } else {
            ""
        };
        if !self.out.wants(value, known) {
            return;
        }
        let path = self.path();
        self.out.push(Literal {
            span: at.shifted(self.base),
            value: value.into(),
            place,
            name: name.into(),
            path: path.into(),
            in_table,
        });
    }

    fn string(&mut self, node: Node<'t>, depth: u32) {
        let at = inner(node);
        self.literal(at, &unescape(at.of(self.text)), depth);
    }

    /// A template's constant pieces; the whole of it where it has no hole.
    fn template(&mut self, node: Node<'t>, depth: u32) {
        let text = self.text;
        let whole = inner(node);
        let mut from = whole.start;
        let mut cursor = node.walk();
        let holes: Vec<Span> = node
            .named_children(&mut cursor)
            .filter(|n| self.table.kind(*n) == Kind::Hole)
            .map(span)
            .collect();
        for hole in holes
            .iter()
            .copied()
            .chain([Span::new(whole.end, whole.end)])
        {
            let piece = Span::new(from, hole.start);
            if !piece.is_empty() {
                self.literal(piece, &unescape(piece.of(text)), depth);
            }
            from = hole.end;
        }
    }

    /// An outermost block: taken over from an earlier version of the file, or recorded for a later one.
    fn body(&mut self, node: Node<'t>) -> bool {
        let at = span(node);
        let recording = Recording::new(at, at.of(self.text), self.out);
        let Some(old) = self.old else {
            self.recording = Some(recording);
            return false;
        };
        let at = at.shifted(self.base);
        match old.reuse(&recording, at, &mut self.constants, self.out) {
            Some(body) => {
                self.bodies.push(body);
                true
            }
            None => {
                self.recording = Some(recording);
                false
            }
        }
    }

    /// Ends the body at hand if it does not reach `at`.
    fn close(&mut self, at: u32) {
        if let Some(recording) = self.recording.take_if(|r| r.ends_before(at)) {
            self.bodies.push(recording.finish(self.base, self.out));
        }
    }

    /// Notes a constant for later concatenations.
    fn constant(&mut self, name: &'t str, declarator: Node<'t>) {
        let Some(value) = self.table.child(declarator, Field::Value) else {
            return;
        };
        if self.table.kind(value) == Kind::Str && value.end_byte() - value.start_byte() < 4096 {
            let value: Arc<str> = unescape(inner(value).of(self.text)).into();
            let name = self.names.intern(name);
            if let Some(recording) = &mut self.recording {
                recording.touch(name, &self.constants);
                recording.declare(name, &value);
            }
            super::bodies::declare(&mut self.constants, name, &value);
        }
    }

    /// The value of a constant operand.
    fn value_of(&mut self, node: Node<'t>) -> Option<Cow<'t, str>> {
        match self.table.kind(node) {
            Kind::Str => Some(unescape(inner(node).of(self.text))),
            Kind::Template if node.named_child_count() <= 1 => {
                let hole = node
                    .named_child(0)
                    .is_some_and(|n| self.table.kind(n) == Kind::Hole);
                (!hole).then(|| unescape(inner(node).of(self.text)))
            }
            Kind::Identifier => {
                let name = self.names.intern(span(node).of(self.text));
                if let Some(recording) = &mut self.recording {
                    recording.touch(name, &self.constants);
                }
                let value = self.constants.get(&name)?.clone()?;
                Some(Cow::Owned(value.to_string()))
            }
            _ => None,
        }
    }

    /// `a + b + c`: runs of constants are told as one value.
    fn sum(&mut self, node: Node<'t>, depth: u32) {
        if node.start_byte() as u32 == self.seen_sum {
            return;
        }
        self.seen_sum = node.start_byte() as u32;
        let mut operands = Vec::new();
        let mut at = node;
        let table = self.table;
        while table.kind(at) == Kind::Binary
            && at.child(1).is_some_and(|n| table.kind(n) == Kind::Plus)
        {
            operands.extend(at.child(2));
            let Some(left) = at.child(0) else { break };
            at = left;
        }
        operands.push(at);
        operands.reverse();
        self.runs(&operands, "", depth);
    }

    fn runs(&mut self, operands: &[Node<'t>], glue: &str, depth: u32) {
        let mut run: Vec<(Node<'t>, Cow<'t, str>)> = Vec::new();
        let mut total = 0;
        for (n, &operand) in operands.iter().enumerate() {
            let value = self
                .value_of(operand)
                .filter(|v| total + v.len() <= MAX_VALUE);
            let ends = value.is_none() || n + 1 == operands.len();
            if let Some(value) = value {
                total += value.len();
                run.push((operand, value));
            }
            if ends {
                if run.len() > 1 {
                    let values: Vec<&str> = run.iter().map(|(_, v)| &**v).collect();
                    let at = Span::new(span(run[0].0).start, span(run[run.len() - 1].0).end);
                    self.literal(at, &values.join(glue), depth);
                    self.folded_to = at.end;
                }
                run.clear();
                total = 0;
            }
        }
    }

    /// `['a', 'b'].join('')` of constants.
    fn join(&mut self, call: Node<'t>, depth: u32) -> bool {
        let table = self.table;
        let Some(callee) = table.child(call, Field::Function) else {
            return false;
        };
        if !span(callee).of(self.text).ends_with(".join") {
            return false;
        }
        let list = table
            .child(callee, Field::Object)
            .filter(|n| table.kind(*n) == Kind::Array);
        let glue = table
            .child(call, Field::Arguments)
            .filter(|n| n.named_child_count() == 1)
            .and_then(|n| n.named_child(0))
            .filter(|n| table.kind(*n) == Kind::Str);
        let (Some(list), Some(glue)) = (list, glue) else {
            return false;
        };
        let mut cursor = list.walk();
        let items: Vec<Node<'t>> = list.named_children(&mut cursor).collect();
        if items.len() < 2 || items.len() > 64 || items.iter().any(|n| self.value_of(*n).is_none())
        {
            return false;
        }
        let glue = unescape(inner(glue).of(self.text));
        self.runs(&items, &glue, depth);
        true
    }
}

/// A callee as written, unless it is long or runs over lines.
fn clip_name(name: &str) -> &str {
    match name.len() <= 80 && !name.contains(['\n', '\r']) {
        true => name,
        false => "",
    }
}

/// The last name of an assignment's target or a key: `b` of `a.b`, `['b']`, `"b"`; empty for patterns.
fn last_name<'t>(text: &'t str, node: Node<'_>, table: &Table) -> &'t str {
    match node.kind() {
        "member_expression" => table.text(text, node, Field::Property),
        "subscript_expression" => table
            .child(node, Field::Index)
            .filter(|n| table.kind(*n) == Kind::Str)
            .map_or("", |n| inner(n).of(text)),
        "string" => inner(node).of(text),
        "identifier"
        | "property_identifier"
        | "private_property_identifier"
        | "number"
        | "shorthand_property_identifier_pattern" => span(node).of(text),
        _ => "",
    }
}

/// Between the quotes.
fn inner(node: Node<'_>) -> Span {
    let at = span(node);
    if at.len() < 2 {
        return at;
    }
    Span::new(at.start + 1, at.end - 1)
}
