//! Text: spans, lines, positions in every encoding, edits.
//!
//! May use `memchr` and `ropey`; knows no syntax and no protocol types.
//! All offsets are UTF-8 bytes (`u32`); lines and columns exist only here and at the edges.

use serde::{Deserialize, Serialize};

mod line_index;
pub use line_index::{Encoding, LineIndex, Position};

/// A half-open range of UTF-8 byte offsets in one file.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` to `end`; an inverted pair is clamped to the empty span at `start`.
    pub fn new(start: u32, end: u32) -> Span {
        Span {
            start,
            end: end.max(start),
        }
    }

    /// Length in bytes.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this span (equal spans do).
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether `byte` lies in the span; the end counts, so that a cursor behind a word still touches it.
    pub fn touches(self, byte: u32) -> bool {
        self.start <= byte && byte <= self.end
    }

    /// The span moved forward by `base` bytes.
    pub fn shifted(self, base: u32) -> Span {
        Span {
            start: self.start + base,
            end: self.end + base,
        }
    }

    /// The text under the span; empty where the span does not fit the text (a stale span never panics).
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }
}

/// Replace `span` of the old text by `text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced, in bytes of the text before the edit.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// Applies non-overlapping edits to `text`. Returns `None` when two edits overlap, one lies outside the text, or one
/// would cut a character: a fix is applied whole or not at all.
pub fn apply_edits(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|e| (e.span.start, e.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0usize;
    for edit in sorted {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if start < at {
            return None;
        }
        out.push_str(text.get(at..start)?);
        text.get(start..end)?;
        out.push_str(&edit.text);
        at = end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_any_order_and_refuse_overlap() {
        let edit = |s, e, t: &str| Edit {
            span: Span::new(s, e),
            text: t.into(),
        };
        assert_eq!(
            apply_edits("abcdef", &[edit(4, 5, "X"), edit(0, 1, "")]).as_deref(),
            Some("bcdXf")
        );
        assert_eq!(
            apply_edits("abcdef", &[edit(0, 3, "X"), edit(2, 4, "Y")]),
            None
        );
        assert_eq!(
            apply_edits("号", &[edit(1, 2, "")]),
            None,
            "an edit inside a character"
        );
        assert_eq!(apply_edits("ab", &[edit(0, 9, "")]), None);
    }
}
