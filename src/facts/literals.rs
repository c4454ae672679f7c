//! Literals of scripts, plain files and markup that may hold a secret, a personal datum or an address.
//!
//! One walk with a cursor over a script's tree; what a value is bound to is kept on a stack of its own, so that depth
//! costs no call stack. What is worth a look is decided by the rules' tables.

use super::{Literal, LiteralPlace};
use crate::syntax::{Markup, Node as MarkupNode, Part, Slot, decode_entities};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;
use tree_sitter::{Node, Tree, TreeCursor};

/// The most literals kept of one file.
pub const MAX_LITERALS: usize = 5000;
/// The longest value kept, in bytes.
const MAX_VALUE: usize = 16 * 1024;
/// Longer lists are tables.
const TABLE: usize = 12;
/// Names of enclosing objects that are told.
const MAX_PATH: usize = 6;

/// Whether a value under a name is worth a look.
pub type Keep<'a> = &'a dyn Fn(&str, &str) -> bool;

/// What a walk collects.
pub struct Found<'a> {
    /// Literals in source order.
    pub literals: Vec<Literal>,
    /// Comments that speak to minivet.
    pub directives: Vec<Span>,
    /// There were more literals than are kept.
    pub capped: bool,
    keep: Keep<'a>,
}

impl<'a> Found<'a> {
    /// Nothing yet.
    pub fn new(keep: Keep<'a>) -> Found<'a> {
        Found {
            literals: Vec::new(),
            directives: Vec::new(),
            capped: false,
            keep,
        }
    }

    /// Whether a value under a name is worth a look.
    pub fn wants(&self, value: &str, name: &str) -> bool {
        (self.keep)(value, name)
    }

    /// Adds a literal, up to the cap.
    pub fn push(&mut self, mut literal: Literal) {
        if self.literals.len() >= MAX_LITERALS {
            self.capped = true;
            return;
        }
        if literal.value.len() > MAX_VALUE {
            let end = literal.value.floor_char_boundary(MAX_VALUE);
            literal.value = literal.value[..end].into();
        }
        self.literals.push(literal);
    }

    fn simple(&mut self, span: Span, value: &str, place: LiteralPlace, name: &str, path: &str) {
        if self.wants(value, name) {
            self.push(Literal {
                span,
                value: value.into(),
                place,
                name: name.into(),
                path: path.into(),
                in_table: false,
            });
        }
    }

    /// A comment: its lines, and whether it speaks to minivet. Spans are bytes of `text`, moved by `base`.
    pub fn comment(&mut self, text: &str, span: Span, base: u32) {
        let content = span.of(text);
        if content.contains("minivet-") {
            self.directives.push(span.shifted(base));
        }
        let mut at = 0;
        for line in content.split(['\n', '\r']) {
            let start = at;
            at += line.len() + 1;
            let marks =
                |c: char| c.is_whitespace() || matches!(c, '/' | '*' | '#' | '<' | '!' | '-');
            let body = line.trim_start_matches(marks);
            let from = start + line.len() - body.len();
            let body =
                body.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '/' | '>'));
            if body.len() >= 4 && self.wants(body, "") {
                let from = span.start + from as u32 + base;
                let place = Span::new(from, from + body.len() as u32);
                self.simple(place, body, LiteralPlace::Comment, "", "");
            }
        }
    }
}

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
    Index,
    Array,
    Function,
}

fn kinds(tree: &Tree) -> Vec<Kind> {
    let language = tree.language();
    (0..language.node_kind_count())
        .map(|id| {
            let id = id as u16;
            if !language.node_kind_is_named(id) {
                return Kind::Other;
            }
            match language.node_kind_for_id(id).unwrap_or("") {
                "comment" => Kind::Comment,
                "string" => Kind::Str,
                "template_string" => Kind::Template,
                "number" => Kind::Number,
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
                "subscript_expression" => Kind::Index,
                "array" => Kind::Array,
                "statement_block" | "class_body" => Kind::Function,
                "import_statement"
                | "type_annotation"
                | "type_arguments"
                | "type_parameters"
                | "interface_declaration"
                | "type_alias_declaration"
                | "regex" => Kind::Skip,
                _ => Kind::Other,
            }
        })
        .collect()
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
    frames: Vec<Frame<'t>>,
    /// Constants of the file by name; `None` where a name has several values.
    constants: FxHashMap<&'t str, Option<Arc<str>>>,
    /// End of the last folded run: strings before it are told already.
    folded_to: u32,
    /// Start of a concatenation that was looked at as a whole: its left part need not be looked at again.
    seen_sum: u32,
    out: &'f mut Found<'k>,
}

/// Collects the literals of a script. `text` is what the tree was made from; `base` its place in the file.
pub fn script(tree: &Tree, text: &str, base: u32, out: &mut Found<'_>) {
    let kinds = kinds(tree);
    let mut walk = Walk {
        text,
        base,
        frames: Vec::new(),
        constants: FxHashMap::default(),
        folded_to: 0,
        seen_sum: u32::MAX,
        out,
    };
    let mut cursor = tree.walk();
    let mut depth = 0u32;
    loop {
        let node = cursor.node();
        let id = node.kind_id() as usize;
        let kind = kinds.get(id).copied().unwrap_or(Kind::Other);
        let descend = kind == Kind::Other || walk.enter(node, kind, depth, &cursor, &kinds);
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
                return;
            }
            depth -= 1;
        }
    }
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
    fn enter(
        &mut self,
        node: Node<'t>,
        kind: Kind,
        depth: u32,
        cursor: &TreeCursor<'t>,
        kinds: &[Kind],
    ) -> bool {
        let text = self.text;
        let field = |name: &str| {
            node.child_by_field_name(name)
                .map_or("", |n| last_name(text, n))
        };
        match kind {
            Kind::Other => {}
            Kind::Skip => return false,
            Kind::Comment => {
                self.out.comment(text, span(node), self.base);
                return false;
            }
            Kind::Str => {
                if !matches!(cursor.field_name(), Some("key" | "source" | "index")) {
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
            Kind::Pair => self.frame(depth, Bind::Name, field("key")),
            Kind::Declarator => {
                let name = field("name");
                self.constant(name, node);
                self.frame(depth, Bind::Name, name);
            }
            Kind::Assignment | Kind::Default => {
                let name = match field("left") {
                    "" => field("pattern"),
                    name => name,
                };
                self.frame(depth, Bind::Name, name);
            }
            Kind::Field => {
                let name = match field("name") {
                    "" => field("property"),
                    name => name,
                };
                self.frame(depth, Bind::Name, name);
            }
            Kind::JsxAttribute => {
                let name = node.child(0).map_or("", |n| span(n).of(text));
                self.frame(depth, Bind::Name, name);
            }
            Kind::Call => {
                if self.join(node, depth, kinds) {
                    return false;
                }
                self.frame(
                    depth,
                    Bind::Nothing,
                    clip_name(field_text(text, node, "function")),
                );
            }
            Kind::New => {
                self.frame(
                    depth,
                    Bind::Nothing,
                    clip_name(field_text(text, node, "constructor")),
                );
            }
            Kind::Arguments => {
                let callee = self.frames.last().map_or("", |f| f.name);
                self.frame(depth, Bind::Arguments, callee);
            }
            Kind::Binary => match node.child(1).map_or("", |n| n.kind()) {
                "==" | "===" | "!=" | "!==" => self.frame(depth, Bind::Compared, ""),
                "+" => self.sum(node, depth, kinds),
                _ => {}
            },
            Kind::Case => {
                // Only the case's value is compared; its statements open frames of their own.
                if let Some(value) = node.child_by_field_name("value") {
                    let kind = kinds.get(value.kind_id() as usize).copied();
                    if kind == Some(Kind::Str) && self.folded_to <= value.start_byte() as u32 {
                        let at = inner(value);
                        let value = unescape(at.of(text));
                        self.out.simple(
                            at.shifted(self.base),
                            &value,
                            LiteralPlace::Compared,
                            "",
                            "",
                        );
                        self.folded_to = at.end;
                    }
                }
                self.frame(depth, Bind::Nothing, "");
            }
            Kind::Index => {}
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
            Kind::Function => self.frame(depth, Bind::Nothing, ""),
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
            .filter(|n| n.kind() == "template_substitution")
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

    /// Notes a constant for later concatenations.
    fn constant(&mut self, name: &'t str, declarator: Node<'t>) {
        let Some(value) = declarator.child_by_field_name("value") else {
            return;
        };
        if value.kind() == "string" && value.end_byte() - value.start_byte() < 4096 {
            let value: Arc<str> = unescape(inner(value).of(self.text)).into();
            self.constants
                .entry(name)
                .and_modify(|old| {
                    if old.as_deref() != Some(&value) {
                        *old = None;
                    }
                })
                .or_insert(Some(value));
        }
    }

    /// The value of a constant operand.
    fn value_of(&self, node: Node<'t>, kinds: &[Kind]) -> Option<Cow<'t, str>> {
        match kinds.get(node.kind_id() as usize)? {
            Kind::Str => Some(unescape(inner(node).of(self.text))),
            Kind::Template if node.named_child_count() <= 1 => {
                let hole = node
                    .named_child(0)
                    .is_some_and(|n| n.kind() == "template_substitution");
                (!hole).then(|| unescape(inner(node).of(self.text)))
            }
            Kind::Other if node.kind() == "identifier" => {
                let value = self.constants.get(span(node).of(self.text))?.clone()?;
                Some(Cow::Owned(value.to_string()))
            }
            _ => None,
        }
    }

    /// `a + b + c`: runs of constants are told as one value.
    fn sum(&mut self, node: Node<'t>, depth: u32, kinds: &[Kind]) {
        if node.start_byte() as u32 == self.seen_sum {
            return;
        }
        self.seen_sum = node.start_byte() as u32;
        let mut operands = Vec::new();
        let mut at = node;
        while kinds.get(at.kind_id() as usize) == Some(&Kind::Binary)
            && at.child(1).is_some_and(|n| n.kind() == "+")
        {
            operands.extend(at.child(2));
            let Some(left) = at.child(0) else { break };
            at = left;
        }
        operands.push(at);
        operands.reverse();
        self.runs(&operands, "", depth, kinds);
    }

    fn runs(&mut self, operands: &[Node<'t>], glue: &str, depth: u32, kinds: &[Kind]) {
        let mut run: Vec<(Node<'t>, Cow<'t, str>)> = Vec::new();
        let mut total = 0;
        for (n, &operand) in operands.iter().enumerate() {
            let value = self
                .value_of(operand, kinds)
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
    fn join(&mut self, call: Node<'t>, depth: u32, kinds: &[Kind]) -> bool {
        let is = |node: Node<'_>, kind: Kind| kinds.get(node.kind_id() as usize) == Some(&kind);
        let Some(callee) = call.child_by_field_name("function") else {
            return false;
        };
        if !span(callee).of(self.text).ends_with(".join") {
            return false;
        }
        let list = callee
            .child_by_field_name("object")
            .filter(|n| is(*n, Kind::Array));
        let glue = call
            .child_by_field_name("arguments")
            .filter(|n| n.named_child_count() == 1)
            .and_then(|n| n.named_child(0))
            .filter(|n| is(*n, Kind::Str));
        let (Some(list), Some(glue)) = (list, glue) else {
            return false;
        };
        let mut cursor = list.walk();
        let items: Vec<Node<'t>> = list.named_children(&mut cursor).collect();
        if items.len() < 2
            || items.len() > 64
            || items.iter().any(|n| self.value_of(*n, kinds).is_none())
        {
            return false;
        }
        let glue = unescape(inner(glue).of(self.text));
        self.runs(&items, &glue, depth, kinds);
        true
    }
}

fn field_text<'t>(text: &'t str, node: Node<'_>, field: &str) -> &'t str {
    node.child_by_field_name(field)
        .map_or("", |n| span(n).of(text))
}

/// A callee as written, unless it is long or runs over lines.
fn clip_name(name: &str) -> &str {
    match name.len() <= 80 && !name.contains(['\n', '\r']) {
        true => name,
        false => "",
    }
}

/// The last name of an assignment's target or a key: `b` of `a.b`, `['b']`, `"b"`; empty for patterns.
fn last_name<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    match node.kind() {
        "member_expression" => node
            .child_by_field_name("property")
            .map_or("", |n| span(n).of(text)),
        "subscript_expression" => node
            .child_by_field_name("index")
            .filter(|n| n.kind() == "string")
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

/// Resolves the escapes of a string.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('0') => out.push('\0'),
            Some('\n') | None => {}
            Some('\r') => {
                let mut rest = chars.clone();
                if rest.next() == Some('\n') {
                    chars = rest;
                }
            }
            Some('x') => code(&mut chars, 2, &mut out),
            Some('u') => code(&mut chars, 4, &mut out),
            Some(c) => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn code(chars: &mut std::str::Chars<'_>, digits: usize, out: &mut String) {
    let rest = chars.as_str();
    let (hex, len) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
        Some((hex, _)) if digits == 4 => (hex, hex.len() + 2),
        _ => (rest.get(..digits).unwrap_or(""), digits),
    };
    if let Ok(n) = u32::from_str_radix(hex, 16) {
        out.push(char::from_u32(n).unwrap_or('\u{fffd}'));
        *chars = rest[len..].chars();
    }
}

/// Literals of a template: constant attributes, text, strings inside expressions, comments.
pub fn template(markup: &Markup, slots: &[Slot], text: &str, out: &mut Found<'_>) {
    let mut value = String::new();
    for node in &markup.nodes {
        match node {
            MarkupNode::Element { tag, attrs, .. } => {
                for attr in attrs {
                    for part in &attr.parts {
                        let Part::Text(span) = part else { continue };
                        value.clear();
                        decode_entities(span.of(text), &mut value);
                        out.simple(*span, &value, LiteralPlace::Bound, &attr.name, tag);
                    }
                }
            }
            MarkupNode::Text { parts, .. } => {
                for part in parts {
                    let Part::Text(span) = part else { continue };
                    let span = trimmed(text, *span);
                    value.clear();
                    decode_entities(span.of(text), &mut value);
                    out.simple(span, &value, LiteralPlace::MarkupText, "", "");
                }
            }
            MarkupNode::Comment(_) => {}
        }
    }
    for slot in slots {
        strings(slot.span, text, out);
    }
}

/// Strings inside an expression of a template.
fn strings(slot: Span, text: &str, out: &mut Found<'_>) {
    let bytes = slot.of(text).as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'"', b'\'', b'`', &bytes[at..]) {
        let open = at + found;
        let Some(len) = memchr::memchr(bytes[open], &bytes[open + 1..]) else {
            return;
        };
        let start = slot.start + open as u32 + 1;
        let span = Span::new(start, start + len as u32);
        out.simple(span, &unescape(span.of(text)), LiteralPlace::Other, "", "");
        at = open + len + 2;
    }
}

fn trimmed(text: &str, span: Span) -> Span {
    let content = span.of(text);
    let start = span.start + (content.len() - content.trim_start().len()) as u32;
    Span::new(start, start + content.trim().len() as u32)
}

/// Lines of a plain file: `NAME=value`, keys in armour as one, other lines whole.
pub fn plain(text: &str, out: &mut Found<'_>) {
    let mut at = 0usize;
    let mut skip_to = 0usize;
    for line in text.split(['\n', '\r']) {
        let start = at;
        at += line.len() + 1;
        if start < skip_to {
            continue;
        }
        let span = trimmed(text, Span::new(start as u32, (start + line.len()) as u32));
        let content = span.of(text);
        if content.starts_with("-----BEGIN") {
            let rest = &text[start..];
            let end = rest.find("-----END").map_or(rest.len(), |n| {
                n + rest[n..].find(['\n', '\r']).unwrap_or(rest.len() - n)
            });
            skip_to = start + end;
            let whole = trimmed(text, Span::new(start as u32, skip_to as u32));
            out.simple(whole, whole.of(text), LiteralPlace::Line, "", "");
            continue;
        }
        if content.starts_with('#') {
            out.comment(text, span, 0);
            continue;
        }
        let named = content.split_once('=').filter(|(name, _)| {
            !name.is_empty()
                && name
                    .trim_start_matches("export ")
                    .trim()
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        });
        match named {
            Some((name, value)) => {
                let value_start = span.end - value.len() as u32;
                let mut at = trimmed(text, Span::new(value_start, span.end));
                let value = at.of(text);
                if value.len() >= 2
                    && value.starts_with(['"', '\''])
                    && value.ends_with(&value[..1])
                {
                    at = Span::new(at.start + 1, at.end - 1);
                }
                let name = name.trim_start_matches("export ").trim();
                out.simple(at, at.of(text), LiteralPlace::Bound, name, "");
            }
            None => out.simple(span, content, LiteralPlace::Line, "", ""),
        }
    }
}
