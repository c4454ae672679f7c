//! Literals of scripts, plain files and markup that may hold a secret, a personal datum or an address.
//!
//! What is worth a look is decided by the rules' tables.

mod bodies;
mod marks;
mod script;
#[cfg(test)]
mod tests;

pub use bodies::{Body, Old};
pub use script::script;

use super::{Literal, LiteralPlace};
use crate::syntax::{Markup, Node as MarkupNode, Part, Slot, decode_entities};
use crate::text::Span;
use std::borrow::Cow;

/// The most literals kept of one file.
pub const MAX_LITERALS: usize = 5000;
/// The longest value kept, in bytes.
const MAX_VALUE: usize = 16 * 1024;

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
