//! Values of attributes and text of templates: what is literal, what is an expression, which names are declared.
//!
//! Works on bytes of the file; every scan is bounded by the next opening delimiter, so that half-typed code costs no
//! more than finished code.

use super::dialects::MarkupDialect;
use super::{ExprMode, Part, Parts, Slot};
use crate::text::Span;

/// The longest literal text kept of an attribute or text node.
const CLIP: usize = 400;

/// An interpolation: what stands between its delimiters, and where it ends.
pub(super) struct Interpolation {
    pub inner: Span,
    pub end: usize,
}

/// The interpolation that opens at `at`, if one does and it is closed before `end` and before the next one opens.
pub(super) fn interpolation(
    text: &str,
    at: usize,
    end: usize,
    dialect: &MarkupDialect,
) -> Option<Interpolation> {
    let bytes = &text.as_bytes()[..end];
    let rest = &bytes[at..];
    let (open, close) = dialect
        .interpolations
        .iter()
        .find(|(open, _)| rest.starts_with(open.as_bytes()))?;
    let from = at + open.len();
    let close_at = balanced_close(bytes, from, open.as_bytes(), close.as_bytes())
        .or_else(|| plain_close(bytes, from, open.as_bytes(), close.as_bytes()))?;
    Some(Interpolation {
        inner: Span::new(from as u32, close_at as u32),
        end: close_at + close.len(),
    })
}

/// The closing delimiter outside of strings and inner braces.
fn balanced_close(bytes: &[u8], from: usize, open: &[u8], close: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (from, 0u32);
    while at < bytes.len() {
        let byte = bytes[at];
        if depth == 0 && bytes[at..].starts_with(close) {
            return Some(at);
        }
        match byte {
            b'"' | b'\'' | b'`' => at = string_end(bytes, at)?,
            b'{' => {
                if at > from && bytes[at..].starts_with(open) {
                    return None;
                }
                depth += 1;
            }
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The first closing delimiter before the next opening one.
fn plain_close(bytes: &[u8], from: usize, open: &[u8], close: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr2(open[0], close[0], &bytes[at..])?;
        if bytes[at..].starts_with(close) {
            return Some(at);
        }
        if bytes[at..].starts_with(open) {
            return None;
        }
        at += 1;
    }
}

/// The closing quote of the string that opens at `at`; `None` if the line or the text ends first.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes[at];
    let mut i = at + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 1,
            b'\n' if quote != b'`' => return None,
            b if b == quote => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

/// What a directive's whole value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Directive {
    Value,
    Handler,
    Loop,
    Scope,
    /// An expression if it has the form of a call.
    Call,
}

/// What the name of an attribute says of its value.
pub(super) fn directive(name: &str, dialect: &MarkupDialect) -> Option<Directive> {
    let starts = |list: &[String]| list.iter().any(|p| name.starts_with(&**p));
    if dialect.names.iter().any(|n| n == name) {
        return None;
    }
    if dialect.loops.iter().any(|n| n == name) {
        return Some(Directive::Loop);
    }
    // `scope` is a prefix only before an argument: `v-slot:header`, `#header`.
    let scoped = |p: &String| {
        name.strip_prefix(&**p)
            .is_some_and(|rest| rest.is_empty() || p.len() == 1 || rest.starts_with([':', '.']))
    };
    if dialect.scopes.iter().any(scoped) {
        return Some(Directive::Scope);
    }
    if starts(&dialect.handlers) {
        return Some(Directive::Handler);
    }
    if starts(&dialect.expressions) {
        return Some(Directive::Value);
    }
    starts(&dialect.calls).then_some(Directive::Call)
}

/// Splits the value of an attribute; expressions are also noted in `slots`.
pub(super) fn value_parts(
    text: &str,
    (tag, name): (&str, &str),
    directive: Option<Directive>,
    value: Span,
    dialect: &MarkupDialect,
    slots: &mut Vec<Slot>,
) -> Parts {
    let content = value.of(text);
    if has_interpolation(content.as_bytes(), dialect) {
        let object = dialect.objects.iter().any(|pair| {
            pair.split_once(' ')
                .is_some_and(|(t, n)| t == tag && n == name)
        });
        return text_parts(text, value, Some(object), dialect, slots);
    }
    let mut push = |span: Span, mode: ExprMode| -> Option<Part> {
        let span = trim(text, span);
        if span.is_empty() {
            return None;
        }
        slots.push(Slot { span, mode });
        Some(Part::Expr(span))
    };
    match directive {
        Some(Directive::Value) => push(value, ExprMode::Value).into_iter().collect(),
        Some(Directive::Handler) => {
            let mode = if has_statements(content) {
                ExprMode::Statements
            } else {
                ExprMode::Value
            };
            push(value, mode).into_iter().collect()
        }
        Some(Directive::Call) if content.trim_end().ends_with(')') && content.contains('(') => {
            push(value, ExprMode::Value).into_iter().collect()
        }
        Some(Directive::Loop) => {
            let (aliases, list) = split_loop(text, value, dialect);
            let mut parts: Parts = aliases.into_iter().map(Part::Alias).collect();
            parts.extend(push(list, ExprMode::Value));
            parts
        }
        Some(Directive::Scope) => aliases(text, value).into_iter().map(Part::Alias).collect(),
        Some(Directive::Call) | None => literal(value).into_iter().collect(),
    }
}

/// Whether an interpolation opens in a value.
fn has_interpolation(bytes: &[u8], dialect: &MarkupDialect) -> bool {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'{', bytes.get(at..).unwrap_or_default()) {
        at += found;
        let opens = |(open, _): &(String, String)| bytes[at..].starts_with(open.as_bytes());
        if dialect.interpolations.iter().any(opens) {
            return true;
        }
        at += 1;
    }
    false
}

fn literal(span: Span) -> Option<Part> {
    (!span.is_empty()).then_some(Part::Text(span))
}

/// Splits text with interpolations. `object` is given for attribute values: whether the interpolation is the inside
/// of an object literal for certain; otherwise its form decides.
pub(super) fn text_parts(
    text: &str,
    span: Span,
    object: Option<bool>,
    dialect: &MarkupDialect,
    slots: &mut Vec<Slot>,
) -> Parts {
    let (mut at, end) = (span.start as usize, span.end as usize);
    let mut parts = Parts::new();
    let mut literal_from = at;
    while let Some(found) = memchr::memchr(b'{', &text.as_bytes()[at..end]) {
        at += found;
        let Some(hole) = interpolation(text, at, end, dialect) else {
            at += 1;
            continue;
        };
        parts.extend(literal(Span::new(literal_from as u32, at as u32)));
        let inner = trim(text, hole.inner);
        if !inner.is_empty() {
            let mode = match object {
                Some(certain) if is_object_body(inner.of(text), certain) => ExprMode::Object,
                _ => ExprMode::Value,
            };
            slots.push(Slot { span: inner, mode });
            parts.push(Part::Expr(inner));
        }
        at = hole.end;
        literal_from = at;
    }
    parts.extend(literal(Span::new(literal_from as u32, end as u32)));
    parts
}

/// Whether `{{inner}}` is an object literal without its own braces.
fn is_object_body(inner: &str, certain: bool) -> bool {
    if inner.starts_with('{') {
        return false;
    }
    if certain || inner.starts_with("...") {
        return true;
    }
    let key = inner.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
    if key.len() < inner.len() && key.trim_start().starts_with(':') {
        return true;
    }
    top_level(inner.as_bytes(), |byte| byte == b',').is_some()
}

fn has_statements(content: &str) -> bool {
    let start = content.trim_start();
    let keyword = ["if", "for", "while", "let", "const", "var", "return", "try"]
        .iter()
        .any(|word| {
            start
                .strip_prefix(word)
                .is_some_and(|rest| rest.starts_with([' ', '(', '{']))
        });
    keyword || top_level(content.as_bytes(), |byte| byte == b';').is_some()
}

/// The first byte outside of strings and brackets that `found` likes.
fn top_level(bytes: &[u8], found: impl Fn(u8) -> bool) -> Option<usize> {
    let (mut at, mut depth) = (0usize, 0i32);
    while at < bytes.len() {
        let byte = bytes[at];
        if depth == 0 && found(byte) {
            return Some(at);
        }
        match byte {
            b'"' | b'\'' | b'`' => at = string_end(bytes, at)?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// `(item, index) in list trackBy key` → its names, its list.
fn split_loop(text: &str, value: Span, dialect: &MarkupDialect) -> (Vec<Span>, Span) {
    let content = value.of(text);
    let split = [" in ", " of "]
        .iter()
        .filter_map(|word| top_level_word(content, word).map(|at| (at, at + word.len())))
        .min();
    let Some((names_end, list_start)) = split else {
        return (Vec::new(), value);
    };
    let list = &content[list_start..];
    let list_end = dialect
        .loop_tails
        .iter()
        .filter_map(|word| list.find(&format!(" {word} ")))
        .min()
        .unwrap_or(list.len());
    let start = value.start + list_start as u32;
    let names = Span::new(value.start, value.start + names_end as u32);
    (
        aliases(text, names),
        Span::new(start, start + list_end as u32),
    )
}

fn top_level_word(content: &str, word: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let mut from = 0;
    while let Some(at) = top_level(&bytes[from..], |byte| byte == word.as_bytes()[0]) {
        if bytes[from + at..].starts_with(word.as_bytes()) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The names or patterns of a comma-separated list, with or without parentheses.
fn aliases(text: &str, span: Span) -> Vec<Span> {
    let mut span = trim(text, span);
    let content = span.of(text);
    if content.starts_with('(') && content.ends_with(')') {
        span = Span::new(span.start + 1, span.end - 1);
    }
    let mut out = Vec::new();
    let mut from = span.start as usize;
    let end = span.end as usize;
    while from < end {
        let bytes = &text.as_bytes()[from..end];
        let len = top_level(bytes, |byte| byte == b',').unwrap_or(bytes.len());
        let alias = trim(text, Span::new(from as u32, (from + len) as u32));
        if !alias.is_empty() {
            out.push(alias);
        }
        from += len + 1;
    }
    out
}

/// A span without the white space at its ends.
pub(super) fn trim(text: &str, span: Span) -> Span {
    let content = span.of(text);
    let start = span.start + (content.len() - content.trim_start().len()) as u32;
    Span::new(start, start + content.trim().len() as u32)
}

/// The literal pieces joined, entities resolved, clipped; white space collapsed on demand.
pub(super) fn literal_text(text: &str, parts: &[Part], collapse: bool) -> std::sync::Arc<str> {
    if let Some(simple) = simple_text(text, parts, collapse) {
        return simple.into();
    }
    let mut out = String::new();
    for part in parts {
        let Part::Text(span) = part else { continue };
        let piece = span.of(text);
        let clipped = &piece[..piece.floor_char_boundary(piece.len().min(2 * CLIP))];
        decode_entities(clipped, &mut out);
        if out.len() > 2 * CLIP {
            break;
        }
    }
    if collapse {
        let mut words = String::with_capacity(out.len());
        for word in out.split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        out = words;
    }
    out.truncate(out.floor_char_boundary(CLIP));
    out.into()
}

/// The text of one literal piece that needs no change; also of none.
fn simple_text<'t>(text: &'t str, parts: &[Part], collapse: bool) -> Option<&'t str> {
    let mut literals = parts.iter().filter_map(|part| match part {
        Part::Text(span) => Some(span.of(text)),
        _ => None,
    });
    let Some(piece) = literals.next() else {
        return Some("");
    };
    if literals.next().is_some() {
        return None;
    }
    let piece = if collapse { piece.trim() } else { piece };
    let simple = piece.len() <= CLIP
        && memchr::memchr(b'&', piece.as_bytes()).is_none()
        && !(collapse && piece.contains(char::is_whitespace));
    simple.then_some(piece)
}

const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
];

/// The character of the entity at the start of `text`, and the entity's length.
pub(crate) fn entity(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    let end = body.bytes().take(10).position(|b| b == b';')?;
    let name = &body[..end];
    let found = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None => ENTITIES.iter().find(|(n, _)| *n == name)?.1,
    };
    Some((found, end + 2))
}

/// Appends `text` with its entities resolved.
pub(crate) fn decode_entities(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match entity(rest) {
            Some((c, len)) => {
                out.push(c);
                rest = &rest[len..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}
