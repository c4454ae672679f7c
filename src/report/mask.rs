//! Which bytes of a source may not be shown, and lines of source as they may be shown: masked, escaped, clipped. Pure.

use super::Source;
use super::escape;
use crate::rules::{RuleSet, SecretPlace, SecretQuery};
use crate::text::Span;

/// Finds what may not be shown.
pub struct Masker<'a> {
    rules: &'a RuleSet,
}

/// A line that may be shown, and how its bytes relate to those of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// The line without its line end.
    pub text: String,
    /// (byte of the file, byte of `text`) at every character; the end comes last.
    map: Vec<(u32, u32)>,
}

impl Shown {
    /// Where a byte of the file stands in the text; bytes that are not shown move to the nearest that is.
    pub fn at(&self, byte: u32) -> usize {
        let next = self.map.partition_point(|&(file, _)| file < byte);
        let entry = self.map.get(next).or(self.map.last());
        entry.map_or(0, |&(_, at)| at as usize)
    }
}

/// Longer lines are not searched for values as a whole, only around what is shown of them. Bytes.
const AROUND: usize = 2048;

impl<'a> Masker<'a> {
    /// A masker that knows the formats of a rule set.
    pub fn new(rules: &'a RuleSet) -> Masker<'a> {
        Masker { rules }
    }

    /// Whether findings of a rule stand on the value itself, which may not be shown.
    pub fn is_value_rule(&self, rule: &str) -> bool {
        let rule = self.rules.rule(rule);
        rule.is_some_and(|rule| {
            rule.matches
                .iter()
                .any(|m| matches!(m.on.as_str(), "secret" | "format"))
        })
    }

    /// Parts of a piece of source that look like secrets or personal data, as spans of the piece.
    pub fn scan(&self, piece: &str) -> Vec<Span> {
        let mut out = Vec::new();
        let secrets = self.rules.tables.secrets();
        let query = |value, name| SecretQuery {
            value,
            name,
            place: SecretPlace::Running,
            near: secrets.near(piece),
            strict: false,
        };
        for found in secrets.scan(&query(piece, "")) {
            out.push(Span::new(found.start as u32, found.end as u32));
        }
        for (name, value) in quoted(piece) {
            let text = value.of(piece);
            let query = SecretQuery {
                place: SecretPlace::Value,
                ..query(text, name)
            };
            out.extend(
                secrets
                    .scan(&query)
                    .iter()
                    .map(|m| Span::new(m.start as u32, m.end as u32).shifted(value.start)),
            );
        }
        for found in self.rules.tables.formats().scan(piece) {
            // What is not proven by itself covers the whole text.
            if found.alone {
                out.push(Span::new(found.start as u32, found.end as u32));
            }
        }
        out
    }

    /// A piece of source on one line, with everything masked that looks like a value.
    pub fn line(&self, line: &str) -> String {
        let source = Source::new(line.into());
        self.shown(&source, 0, &[], None, usize::MAX).text
    }

    /// A line of a source as it may be shown: at most about `width` characters, around `focus`.
    pub fn shown(
        &self,
        source: &Source,
        line: u32,
        masks: &[Span],
        focus: Option<Span>,
        width: usize,
    ) -> Shown {
        let text = source.lines.line_text(&source.text, line);
        let base = source.lines.line_start(line);
        let (from, to) = window(
            text,
            focus.map(|f| (f.start.saturating_sub(base), f.end.saturating_sub(base))),
            width,
        );
        let around = piece(text, from.saturating_sub(AROUND), to.saturating_add(AROUND));
        let mut hidden: Vec<Span> = Vec::new();
        let found = self
            .scan(&text[around.0..around.1])
            .into_iter()
            .map(|s| s.shifted(base + around.0 as u32));
        for value in found.chain(masks.iter().copied()) {
            hidden.extend(rest_of(&source.text, value));
        }
        hidden.sort();
        render(text, base, (from, to), &hidden)
    }
}

/// Values between quotes and the name in front of each: `name: "value"`, `name = 'value'`.
pub fn quoted(piece: &str) -> Vec<(&str, Span)> {
    let bytes = piece.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memchr3(b'"', b'\'', b'`', &bytes[at..]).map(|n| at + n) {
        let Some(close) = memchr::memchr(bytes[open], &bytes[open + 1..]).map(|n| open + 1 + n)
        else {
            break;
        };
        let before = piece[..open].trim_end_matches([' ', ':', '=', '"', '\'', '(', '+', '>']);
        let start = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '$')));
        let name = &before[start.map_or(0, |n| {
            n + before[n..].chars().next().map_or(1, char::len_utf8)
        })..];
        out.push((name, Span::new(open as u32 + 1, close as u32)));
        at = close + 1;
    }
    out
}

/// What of a value is hidden: all but its first four characters, a third at most; the quotes around it stay.
fn rest_of(text: &str, value: Span) -> Option<Span> {
    let raw = value.of(text);
    let inner = raw.trim_start_matches(['"', '\'', '`']);
    let start = value.start + (raw.len() - inner.len()) as u32;
    let inner = inner.trim_end_matches(['"', '\'', '`', ';', ',']);
    let shown = (inner.chars().count() / 3).min(4);
    let kept: usize = inner.chars().take(shown).map(char::len_utf8).sum();
    (inner.len() > kept).then(|| Span::new(start + kept as u32, start + inner.len() as u32))
}

/// A byte range moved outwards to character boundaries.
fn piece(text: &str, from: usize, to: usize) -> (usize, usize) {
    let (mut from, mut to) = (from.min(text.len()), to.min(text.len()));
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    (from, to)
}

/// The part of a line that is shown, in bytes.
fn window(text: &str, focus: Option<(u32, u32)>, width: usize) -> (usize, usize) {
    // Four bytes a character at most: a line that fits in bytes fits in characters.
    if text.len() <= width {
        return (0, text.len());
    }
    let (start, end) = focus.map_or((0, 0), |(s, e)| {
        ((s as usize).min(text.len()), (e as usize).min(text.len()))
    });
    let lead = width / 3;
    let from = start.saturating_sub(lead);
    let to = end.max(start).min(start + width / 2) + width / 3;
    piece(text, from, to)
}

fn render(text: &str, base: u32, (from, to): (usize, usize), hidden: &[Span]) -> Shown {
    let mut out = Shown::default();
    if from > 0 {
        out.text.push('…');
    }
    let mut hidden = hidden.iter().peekable();
    let mut masked_to = 0u32;
    for (at, c) in text[from..to].char_indices() {
        let byte = base + (from + at) as u32;
        while let Some(span) = hidden.next_if(|span| span.start <= byte) {
            if span.end > byte.max(masked_to) {
                if masked_to <= byte && !out.text.ends_with('…') {
                    out.map.push((byte, out.text.len() as u32));
                    out.text.push('…');
                }
                masked_to = span.end;
            }
        }
        out.map.push((byte, out.text.len() as u32));
        match c {
            _ if byte < masked_to => {}
            '\t' => out.text.push_str("    "),
            c if escape::is_plain(c) => out.text.push(c),
            c => escape::picture(c, &mut out.text),
        }
    }
    out.map.push((base + to as u32, out.text.len() as u32));
    if to < text.len() {
        out.text.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_masked_and_offsets_follow() {
        let rules = RuleSet::builtin();
        let masker = Masker::new(&rules);
        let source = Source::new("let\tk = \"abcdefghijklmnop\" + x\n".into());
        let shown = masker.shown(&source, 0, &[Span::new(8, 26)], None, 100);
        assert_eq!(shown.text, "let    k = \"abcd…\" + x");
        assert_eq!(&shown.text[shown.at(29)..], "x");
        assert_eq!(&shown.text[shown.at(8)..shown.at(26)], "\"abcd…\"");
    }

    #[test]
    fn a_neighbours_secret_is_masked_without_a_finding() {
        let rules = RuleSet::builtin();
        let masker = Masker::new(&rules);
        let secret = rules
            .tables
            .secrets()
            .sample("wechat-app-secret", 3)
            .unwrap();
        let line = format!("  const appSecret = '{secret}'; log('13912345678')");
        let shown = masker.line(&line);
        assert!(!shown.contains(&secret[..8]), "{shown}");
    }

    #[test]
    fn long_lines_are_clipped_around_the_focus() {
        let rules = RuleSet::builtin();
        let masker = Masker::new(&rules);
        let text = format!("{}FOCUS{}", "号".repeat(5000), "b".repeat(50_000));
        let source = Source::new(text.into());
        let shown = masker.shown(&source, 0, &[], Some(Span::new(15_000, 15_005)), 160);
        assert!(shown.text.len() < 400 && shown.text.starts_with('…') && shown.text.ends_with('…'));
        assert_eq!(&shown.text[shown.at(15_000)..shown.at(15_005)], "FOCUS");
    }
}
