//! JSON with comments, trailing commas, single quotes and bare keys, as a flat list of entries with exact places.
//!
//! A reader of its own, because configuration files in real apps are JSON in name only and every key must be found
//! whatever stands beside it. One pass, an explicit stack, capped depth.

use super::literals::{Found, unescape};
use super::{JsonEntry, JsonScalar, Literal, LiteralPlace};
use crate::text::Span;
use std::sync::Arc;

/// Values nested deeper have no entries.
const MAX_DEPTH: usize = 64;
/// The most entries of one file.
const MAX_ENTRIES: usize = 50_000;

/// What a block of JSON holds.
#[derive(Debug, Default)]
pub struct JsonRead {
    /// In source order; the root first.
    pub entries: Vec<JsonEntry>,
    /// Comments.
    pub comments: Vec<Span>,
    /// Tokens out of place.
    pub errors: u32,
    /// Depth or number of entries was cut short.
    pub cut: bool,
}

struct Level {
    entry: Option<usize>,
    path: Arc<str>,
    array: bool,
    next: u32,
    items: Vec<usize>,
}

/// Reads `span` of `text`.
pub fn read(text: &str, span: Span) -> JsonRead {
    let mut reader = Reader {
        text,
        bytes: &text.as_bytes()[..span.end as usize],
        at: span.start as usize,
        key: None,
        levels: Vec::new(),
        out: JsonRead::default(),
    };
    if text[reader.at..].starts_with('\u{feff}') {
        reader.at += 3;
    }
    reader.run();
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    key: Option<(Span, String)>,
    levels: Vec<Level>,
    out: JsonRead,
}

impl Reader<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b if b.is_ascii_whitespace() => self.at += 1,
                b'/' if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => self.comment(),
                b'{' | b'[' => self.open(byte == b'['),
                b'}' | b']' => self.close(),
                b',' => {
                    self.key = None;
                    self.at += 1;
                }
                b'"' | b'\'' => self.string(),
                b':' => {
                    self.out.errors += 1;
                    self.at += 1;
                }
                _ => self.word(),
            }
        }
        self.out.errors += self.levels.len() as u32;
        let end = self.bytes.len() as u32;
        while let Some(level) = self.levels.pop() {
            if let Some(entry) = level.entry {
                self.out.entries[entry].value.end = end;
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        let rest = &self.bytes[start + 2..];
        let len = match self.bytes[start + 1] {
            b'/' => memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()),
            _ => memchr::memmem::find(rest, b"*/").map_or(rest.len(), |n| n + 2),
        };
        self.at = start + 2 + len;
        self.out
            .comments
            .push(Span::new(start as u32, self.at as u32));
    }

    /// An entry for a value at hand; `None` beyond the caps.
    fn entry(&mut self, value: Span, scalar: JsonScalar) -> Option<usize> {
        if self.levels.len() > MAX_DEPTH || self.out.entries.len() >= MAX_ENTRIES {
            self.out.cut = true;
            self.key = None;
            return None;
        }
        let (key, name) = match self.key.take() {
            Some((span, name)) => (span, Some(name)),
            None => (Span::default(), None),
        };
        let index = self.out.entries.len();
        let path: Arc<str> = match self.levels.last_mut() {
            None => "".into(),
            Some(level) => {
                let name = match name {
                    Some(name) if !level.array => name,
                    _ => {
                        level.next += 1;
                        (level.next - 1).to_string()
                    }
                };
                level.items.push(index);
                match &*level.path {
                    "" => name.into(),
                    path => format!("{path}.{name}").into(),
                }
            }
        };
        self.out.entries.push(JsonEntry {
            path,
            key,
            value,
            scalar,
        });
        Some(index)
    }

    fn open(&mut self, array: bool) {
        let start = self.at as u32;
        self.at += 1;
        let scalar = if array {
            JsonScalar::Array
        } else {
            JsonScalar::Object
        };
        let entry = self.entry(Span::new(start, start + 1), scalar);
        let path = entry.map_or_else(|| "".into(), |i| self.out.entries[i].path.clone());
        self.levels.push(Level {
            entry,
            path,
            array,
            next: 0,
            items: Vec::new(),
        });
    }

    fn close(&mut self) {
        self.at += 1;
        self.key = None;
        match self.levels.pop() {
            Some(level) => {
                if let Some(entry) = level.entry {
                    self.out.entries[entry].value.end = self.at as u32;
                }
            }
            None => self.out.errors += 1,
        }
    }

    /// Whether a `:` follows: what was read is a key. Moves behind it.
    fn is_key(&mut self) -> bool {
        if self.key.is_some() || self.levels.last().is_none_or(|l| l.array) {
            return false;
        }
        let mut at = self.at;
        while self.bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if self.bytes.get(at) == Some(&b':') {
            self.at = at + 1;
            return true;
        }
        false
    }

    fn string(&mut self) {
        let start = self.at;
        let quote = self.bytes[start];
        let mut at = start + 1;
        let closed = loop {
            match self.bytes.get(at) {
                None | Some(b'\n') => break false,
                Some(b'\\') => at += 2,
                Some(&b) if b == quote => break true,
                Some(_) => at += 1,
            }
        };
        let end = at.min(self.bytes.len());
        let inner = self.text.get(start + 1..end).unwrap_or("");
        let value = unescape(inner).into_owned();
        self.at = end + usize::from(closed);
        self.out.errors += u32::from(!closed);
        let span = Span::new(start as u32, self.at as u32);
        if self.is_key() {
            self.key = Some((span, value));
        } else {
            self.entry(span, JsonScalar::String(value.into()));
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let stops = |b: &u8| {
            b.is_ascii_whitespace()
                || matches!(
                    b,
                    b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | b'/'
                )
        };
        while self.bytes.get(self.at).is_some_and(|b| !stops(b)) {
            self.at += 1;
        }
        if self.at == start {
            self.at += 1;
        }
        let span = Span::new(start as u32, self.at as u32);
        let word = span.of(self.text).to_string();
        if self.is_key() {
            self.key = Some((span, word));
            return;
        }
        let scalar = match &*word {
            "null" => JsonScalar::Null,
            "true" => JsonScalar::Bool(true),
            "false" => JsonScalar::Bool(false),
            number
                if number
                    .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) =>
            {
                JsonScalar::Number(number.into())
            }
            _ => {
                self.out.errors += 1;
                return;
            }
        };
        self.entry(span, scalar);
    }
}

/// The literals among the entries.
pub fn literals(read: &JsonRead, text: &str, out: &mut Found<'_>) {
    for entry in &read.entries {
        let (value, span): (&str, Span) = match &entry.scalar {
            JsonScalar::String(value) => {
                let closed = entry.value.of(text).len() >= 2;
                (
                    value,
                    Span::new(entry.value.start + 1, entry.value.end - u32::from(closed)),
                )
            }
            JsonScalar::Number(value) => (value, entry.value),
            _ => continue,
        };
        let (path, last) = entry.path.rsplit_once('.').unwrap_or(("", &entry.path));
        let is_index =
            !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) && entry.key.is_empty();
        let name = if is_index {
            path.rsplit('.').next().unwrap_or("")
        } else {
            last
        };
        if out.wants(value, name) {
            out.push(Literal {
                span,
                value: value.into(),
                place: if name.is_empty() {
                    LiteralPlace::Other
                } else {
                    LiteralPlace::Bound
                },
                name: name.into(),
                path: path.into(),
                in_table: is_index && last.parse::<u32>().is_ok_and(|n| n > 12),
            });
        }
    }
    for &comment in &read.comments {
        out.comment(text, comment, 0);
    }
}
