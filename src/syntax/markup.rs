//! Markup: a tolerant, linear reader of every template dialect and of component containers.
//!
//! A reader of its own and not a grammar, because templates are HTML in name only: quotes and `<` may stand inside
//! `{{ }}`, any element may be empty, tags stay open while they are typed. One pass, no backtracking beyond a tag, so
//! a re-read after an edit is cheaper than an incremental parse and gives by construction the same tree. Depth is
//! capped: whoever walks the tree may recurse.

use super::attrs::{interpolation, literal_text, text_parts, value_parts};
use super::dialects::MarkupDialect;
use super::scopes::{self, Role};
use super::{Attr, Markup, Node, Part, Parts, Slot};
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Elements nested deeper become children of their ancestor at this depth.
pub const MAX_DEPTH: usize = 256;

const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The content of an element that is not markup.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// Its element.
    pub node: u32,
    /// What stands between its tags.
    pub content: Span,
    /// Not inside another element.
    pub top_level: bool,
}

/// What the reader found.
#[derive(Debug, Default)]
pub struct MarkupRead {
    /// The tree.
    pub markup: Markup,
    /// Elements with foreign content, in source order.
    pub raws: Vec<Raw>,
    /// Expressions, in source order.
    pub slots: Vec<Slot>,
    /// Tags that do not fit.
    pub errors: u32,
    /// Where the depth cap was first met.
    pub too_deep: Option<Span>,
}

/// Reads a template, or the container of a component: there every top-level element but `template` is raw.
pub fn read(text: &str, component: bool, dialect: &MarkupDialect) -> MarkupRead {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: if text.starts_with('\u{feff}') { 3 } else { 0 },
        component,
        dialect,
        out: MarkupRead::default(),
        stack: Vec::new(),
        open: FxHashMap::default(),
        names: FxHashMap::default(),
        attributes: FxHashMap::default(),
        roles: Vec::new(),
        empty: Arc::from(""),
        unclosed_raw: FxHashSet::default(),
        last_quote: [usize::MAX; 2],
    };
    reader.run();
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    component: bool,
    dialect: &'t MarkupDialect,
    out: MarkupRead,
    stack: Vec<u32>,
    /// How many elements of a name are open: an end tag without its start costs one look-up.
    open: FxHashMap<&'t str, u32>,
    names: FxHashMap<&'t str, Arc<str>>,
    attributes: FxHashMap<&'t str, (Arc<str>, Role)>,
    /// What the attributes of the tag at hand say.
    roles: Vec<Role>,
    empty: Arc<str>,
    /// Raw elements that have no end tag from here on.
    unclosed_raw: FxHashSet<&'t str>,
    /// From here on there is no `"` or `'`, so that no search for one is made twice.
    last_quote: [usize; 2],
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        while self.at < self.bytes.len() {
            match self.tag_kind(self.at) {
                Some(TagKind::Open) => self.open_tag(),
                Some(TagKind::Close) => self.close_tag(),
                Some(TagKind::Comment) => self.comment(),
                Some(TagKind::Declaration) => {
                    self.at = memchr::memchr(b'>', &self.bytes[self.at..])
                        .map_or(self.bytes.len(), |n| self.at + n + 1);
                }
                None => self.text(),
            }
        }
        let end = self.bytes.len() as u32;
        self.out.errors += self.stack.len() as u32;
        while let Some(node) = self.stack.pop() {
            self.set_end(node, end);
        }
    }

    fn tag_kind(&self, at: usize) -> Option<TagKind> {
        let rest = self.bytes.get(at..)?;
        if rest.first() != Some(&b'<') {
            return None;
        }
        match *rest.get(1)? {
            b if b.is_ascii_alphabetic() => Some(TagKind::Open),
            b'/' if rest.get(2).is_some_and(u8::is_ascii_alphabetic) => Some(TagKind::Close),
            b'!' if rest.starts_with(b"<!--") => Some(TagKind::Comment),
            b'!' | b'?' => Some(TagKind::Declaration),
            _ => None,
        }
    }

    fn name(&mut self, name: &'t str) -> Arc<str> {
        self.names
            .entry(name)
            .or_insert_with(|| name.into())
            .clone()
    }

    /// An attribute's name, and what it says.
    fn attribute(&mut self, name: &'t str) -> (Arc<str>, Role) {
        self.attributes
            .entry(name)
            .or_insert_with(|| (name.into(), Role::of(name, self.dialect)))
            .clone()
    }

    fn literal(&self, parts: &[Part], collapse: bool) -> Arc<str> {
        if parts.iter().any(|part| matches!(part, Part::Text(_))) {
            literal_text(self.text, parts, collapse)
        } else {
            self.empty.clone()
        }
    }

    fn push(&mut self, node: Node) -> u32 {
        let id = self.out.markup.nodes.len() as u32;
        if self.stack.len() > MAX_DEPTH && self.out.too_deep.is_none() {
            self.out.too_deep = Some(Span::new(self.at as u32, self.at as u32));
        }
        let parent = self
            .stack
            .get(self.stack.len().min(MAX_DEPTH).wrapping_sub(1));
        match parent.map(|&p| &mut self.out.markup.nodes[p as usize]) {
            Some(Node::Element { children, .. }) => children.push(id),
            _ => self.out.markup.roots.push(id),
        }
        self.out.markup.nodes.push(node);
        id
    }

    fn set_end(&mut self, node: u32, end: u32) {
        if let Node::Element { span, .. } = &mut self.out.markup.nodes[node as usize] {
            span.end = end;
        }
    }

    fn tag_of(&self, node: u32) -> &str {
        match &self.out.markup.nodes[node as usize] {
            Node::Element { tag, .. } => tag,
            _ => "",
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let body = start + 4;
        let end = memchr::memmem::find(&self.bytes[body..], b"-->")
            .map_or(self.bytes.len(), |n| body + n + 3);
        self.at = end;
        self.push(Node::Comment(Span::new(start as u32, end as u32)));
    }

    /// Text up to the next tag; a `<` inside an interpolation is no tag.
    fn text(&mut self) {
        let start = self.at;
        let mut at = start;
        loop {
            let Some(found) = memchr::memchr2(b'<', b'{', self.bytes.get(at..).unwrap_or(&[]))
            else {
                at = self.bytes.len();
                break;
            };
            at += found;
            if self.bytes[at] == b'<' {
                if at > start && self.tag_kind(at).is_some() {
                    break;
                }
                at += 1;
            } else {
                at = interpolation(self.text, at, self.bytes.len(), self.dialect)
                    .map_or(at + 1, |hole| hole.end);
            }
        }
        self.at = at;
        let span = Span::new(start as u32, at as u32);
        if (self.component && self.stack.is_empty()) || span.of(self.text).trim().is_empty() {
            return;
        }
        let parts = text_parts(self.text, span, None, self.dialect, &mut self.out.slots);
        let text = self.literal(&parts, true);
        self.push(Node::Text { span, parts, text });
    }

    fn close_tag(&mut self) {
        let start = self.at;
        let name_end = self.name_end(start + 2);
        let name = &self.text[start + 2..name_end];
        // A `<` before the `>` means that the end tag is still being typed.
        let end = match memchr::memchr2(b'>', b'<', &self.bytes[name_end..]) {
            Some(n) if self.bytes[name_end + n] == b'>' => name_end + n + 1,
            Some(n) => name_end + n,
            None => self.bytes.len(),
        };
        self.at = end;
        if self.open.get(name).copied().unwrap_or(0) == 0 {
            self.stray_end(name, end as u32);
            return;
        }
        while let Some(node) = self.stack.pop() {
            let Some(Node::Element { tag, .. }) = self.out.markup.nodes.get(node as usize) else {
                continue;
            };
            if let Some(count) = self.open.get_mut(&**tag) {
                *count -= 1;
            }
            if **tag == *name {
                self.set_end(node, end as u32);
                break;
            }
            self.out.errors += 1;
            self.set_end(node, start as u32);
        }
    }

    /// `</input>` closes the void element before it; any other end tag without a start is left out.
    fn stray_end(&mut self, name: &str, end: u32) {
        let siblings = match self.stack.last() {
            Some(&node) => match &self.out.markup.nodes[node as usize] {
                Node::Element { children, .. } => children,
                _ => return,
            },
            None => &self.out.markup.roots,
        };
        match siblings
            .iter()
            .rev()
            .take(2)
            .copied()
            .find(|&n| self.tag_of(n) == name)
        {
            Some(node) if VOID.contains(&name) => self.set_end(node, end),
            _ => self.out.errors += 1,
        }
    }

    fn name_end(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(&b) = self.bytes.get(at) {
            if b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<' | b'=' | b'"' | b'\'') {
                break;
            }
            at += 1;
        }
        at
    }

    fn open_tag(&mut self) {
        let start = self.at;
        let name_end = self.name_end(start + 1);
        let name: &'t str = &self.text[start + 1..name_end];
        // A script block at the start of a line ends a template that is still being typed.
        let at_line_start = start == 0 || matches!(self.bytes[start - 1], b'\n' | b'\r');
        if self.component
            && at_line_start
            && !self.stack.is_empty()
            && matches!(name, "script" | "style")
        {
            self.out.errors += self.stack.len() as u32;
            while let Some(node) = self.stack.pop() {
                self.set_end(node, start as u32);
            }
            self.open.clear();
        }
        self.at = name_end;
        let mut attrs = Vec::new();
        self.roles.clear();
        let closed = loop {
            self.skip_blank();
            match self.bytes.get(self.at) {
                None | Some(b'<') => {
                    self.out.errors += 1;
                    break false;
                }
                Some(b'>') => {
                    self.at += 1;
                    break false;
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    break true;
                }
                Some(b'/' | b'"' | b'\'' | b'=') => self.at += 1,
                Some(_) => attrs.push(self.attr(name)),
            }
        };
        let span = Span::new(start as u32, self.at as u32);
        let tag = self.name(name);
        let plain_language = !attrs.iter().any(|a| {
            &*a.name == "lang"
                && a.constant()
                    .is_some_and(|v| !matches!(v, "" | "html" | "wxml"))
        });
        let top_level = self.component && self.stack.is_empty();
        let raw = self.dialect.raw.iter().any(|r| r == name)
            || (top_level && (name != "template" || !plain_language));
        let id = self.out.markup.nodes.len() as u32;
        let declared = &mut self.out.markup.scopes;
        let (roles, dialect) = (&self.roles, self.dialect);
        scopes::scopes(self.text, id, span, &attrs, roles, dialect, declared);
        let node = self.push(Node::Element {
            tag,
            span,
            open: span,
            attrs,
            children: Vec::new(),
        });
        if closed || VOID.contains(&name) {
            return;
        }
        if raw && self.raw_content(node, name, top_level) {
            return;
        }
        self.stack.push(node);
        *self.open.entry(name).or_default() += 1;
    }

    /// Takes everything up to the end tag as the element's content. Without an end tag it is an ordinary element.
    fn raw_content(&mut self, node: u32, name: &'t str, top_level: bool) -> bool {
        if self.unclosed_raw.contains(name) {
            return false;
        }
        let from = self.at;
        let mut at = from;
        while let Some(found) = memchr::memmem::find(&self.bytes[at..], b"</") {
            at += found;
            let after = at + 2 + name.len();
            let same = self
                .bytes
                .get(at + 2..after)
                .is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
            if same
                && self
                    .bytes
                    .get(after)
                    .is_none_or(|b| b.is_ascii_whitespace() || *b == b'>')
            {
                self.at = memchr::memchr(b'>', &self.bytes[after..])
                    .map_or(self.bytes.len(), |n| after + n + 1);
                self.set_end(node, self.at as u32);
                let content = Span::new(from as u32, at as u32);
                self.out.raws.push(Raw {
                    node,
                    content,
                    top_level,
                });
                return true;
            }
            at += 2;
        }
        // A script that is still being typed at the end of a component runs to the end.
        if top_level {
            self.at = self.bytes.len();
            self.out.errors += 1;
            self.set_end(node, self.at as u32);
            let content = Span::new(from as u32, self.at as u32);
            self.out.raws.push(Raw {
                node,
                content,
                top_level,
            });
            return true;
        }
        self.unclosed_raw.insert(name);
        false
    }

    fn skip_blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn attr(&mut self, tag: &str) -> Attr {
        let start = self.at;
        // `<view {{attrs}}>`: an interpolation in place of attributes.
        if let Some(hole) = interpolation(self.text, start, self.bytes.len(), self.dialect) {
            self.at = hole.end;
            let span = Span::new(start as u32, hole.end as u32);
            let parts = text_parts(
                self.text,
                span,
                Some(false),
                self.dialect,
                &mut self.out.slots,
            );
            let (name, role) = self.attribute("");
            self.roles.push(role);
            return Attr {
                name,
                span,
                name_span: Span::new(span.start, span.start),
                value_span: Some(span),
                parts,
                text: Some(self.empty.clone()),
            };
        }
        self.at = self.name_end(start);
        if self.at == start {
            self.at += 1;
        }
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        let name_span = Span::new(start as u32, self.at as u32);
        let name: &'t str = &self.text[start..self.at];
        let after_name = self.at;
        let (name_text, (name, role)) = (name, self.attribute(name));
        self.roles.push(role);
        self.skip_blank();
        if self.bytes.get(self.at) != Some(&b'=') {
            self.at = after_name;
            return Attr {
                name,
                span: name_span,
                name_span,
                value_span: None,
                parts: Parts::new(),
                text: None,
            };
        }
        self.at += 1;
        self.skip_blank();
        let value = match self.bytes.get(self.at) {
            Some(&quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => self.unquoted(),
        };
        let parts = value_parts(
            self.text,
            (tag, name_text),
            role.directive,
            value,
            self.dialect,
            &mut self.out.slots,
        );
        let text = Some(self.literal(&parts, false));
        Attr {
            name,
            span: Span::new(start as u32, self.at as u32),
            name_span,
            value_span: Some(value),
            parts,
            text,
        }
    }

    /// The value between quotes; a quote inside an interpolation does not end it.
    fn quoted(&mut self, quote: u8) -> Span {
        let from = self.at + 1;
        if let Some(end) = self.closing_quote(from, quote) {
            self.at = end + 1;
            return Span::new(from as u32, end as u32);
        }
        // Half-typed: the value ends with its line or its tag.
        self.out.errors += 1;
        let end = memchr::memchr3(b'>', b'\n', b'<', &self.bytes[from..])
            .map_or(self.bytes.len(), |n| from + n);
        self.at = end;
        Span::new(from as u32, end as u32)
    }

    fn closing_quote(&mut self, from: usize, quote: u8) -> Option<usize> {
        let side = usize::from(quote == b'\'');
        if from >= self.last_quote[side] {
            return None;
        }
        let mut at = from;
        loop {
            let Some(found) = memchr::memchr2(quote, b'{', &self.bytes[at..]) else {
                self.last_quote[side] = from;
                return None;
            };
            at += found;
            if self.bytes[at] == quote {
                break;
            }
            at = interpolation(self.text, at, self.bytes.len(), self.dialect)
                .map_or(at + 1, |hole| hole.end);
        }
        // A line that begins with a tag: the quote belongs to another element.
        let value = &self.bytes[from..at];
        if memchr::memchr2(b'\n', b'\r', value).is_none() {
            return Some(at);
        }
        let runs_on = self.text[from..at].split(['\n', '\r']).skip(1).any(|line| {
            let mut bytes = line.trim_start().bytes();
            bytes.next() == Some(b'<')
                && bytes
                    .next()
                    .is_some_and(|b| b.is_ascii_alphabetic() || b == b'/' || b == b'!')
        });
        (!runs_on).then_some(at)
    }

    fn unquoted(&mut self) -> Span {
        let from = self.at;
        while let Some(&b) = self.bytes.get(self.at) {
            if b == b'{'
                && let Some(hole) =
                    interpolation(self.text, self.at, self.bytes.len(), self.dialect)
            {
                self.at = hole.end;
                continue;
            }
            let closes = b == b'>' || (b == b'/' && self.bytes.get(self.at + 1) == Some(&b'>'));
            if closes || b.is_ascii_whitespace() {
                break;
            }
            self.at += 1;
        }
        Span::new(from as u32, self.at as u32)
    }
}

#[derive(Clone, Copy)]
enum TagKind {
    Open,
    Close,
    Comment,
    Declaration,
}
