//! Open documents: ropes that take the client's edits. Knows lines and columns, no syntax.

use crate::text::{Encoding, Position};
use ropey::Rope;
use serde_json::Value;
use std::sync::Arc;

/// A document that is open in the editor.
#[derive(Clone, Debug)]
pub struct Document {
    /// As the client spells it.
    pub uri: String,
    /// The client's number of this text.
    pub version: Option<i64>,
    /// The client's name of its language.
    pub language: String,
    rope: Rope,
}

impl Document {
    /// A document as it was opened.
    pub fn new(uri: &str, version: Option<i64>, language: &str, text: &str) -> Document {
        Document {
            uri: uri.to_string(),
            version,
            language: language.to_string(),
            rope: Rope::from_str(text),
        }
    }

    /// Applies the changes of one notification, each to what the one before it left. Ranges clamp to the text.
    pub fn change(&mut self, changes: &[Value], encoding: Encoding) {
        for change in changes {
            let Some(new) = change["text"].as_str() else {
                continue;
            };
            match range_of(&change["range"]) {
                Some((start, end)) => {
                    let a = offset(&self.rope, start, encoding);
                    let b = offset(&self.rope, end, encoding);
                    let at = a.min(b);
                    self.rope.remove(at..a.max(b));
                    self.rope.insert(at, new);
                }
                None => self.rope = Rope::from_str(new),
            }
        }
    }

    /// All of it.
    pub fn text(&self) -> Arc<str> {
        String::from(&self.rope).into()
    }
}

/// Position → index in characters. Lines and columns past the end clamp to the end of the line or text; a column inside
/// of a character rounds down. The same as [`crate::text::LineIndex::offset`].
fn offset(rope: &Rope, position: Position, encoding: Encoding) -> usize {
    let line = position.line as usize;
    if line >= rope.len_lines() {
        return rope.len_chars();
    }
    let start = rope.line_to_char(line);
    let slice = rope.line(line);
    let mut end = start + slice.len_chars();
    while end > start && matches!(rope.char(end - 1), '\n' | '\r') {
        end -= 1;
    }
    let column = position.column as usize;
    let at = match encoding {
        Encoding::Utf32 => start + column,
        Encoding::Utf16 => {
            let at = rope.char_to_utf16_cu(start) + column;
            rope.utf16_cu_to_char(at.min(rope.len_utf16_cu()))
        }
        Encoding::Utf8 => {
            let at = rope.char_to_byte(start) + column;
            rope.byte_to_char(at.min(rope.len_bytes()))
        }
    };
    at.min(end)
}

/// A position of the protocol.
pub fn position_of(value: &Value) -> Option<Position> {
    let number = |name: &str| {
        value[name]
            .as_u64()
            .map(|n| n.min(u64::from(u32::MAX)) as u32)
    };
    Some(Position {
        line: number("line")?,
        column: number("character")?,
    })
}

/// A range of the protocol.
pub fn range_of(value: &Value) -> Option<(Position, Position)> {
    Some((position_of(&value["start"])?, position_of(&value["end"])?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::LineIndex;
    use proptest::prelude::*;
    use serde_json::json;

    const PIECES: [&str; 12] = [
        "a",
        "号",
        "😀",
        "\n",
        "\r\n",
        "\r",
        "\u{2028}",
        "\u{85}",
        "é",
        " ",
        "",
        "\u{1f468}\u{200d}\u{1f469}",
    ];

    fn text(pieces: &[usize]) -> String {
        pieces.iter().map(|&n| PIECES[n % PIECES.len()]).collect()
    }

    proptest! {
        /// The rope takes edits as plain text with a line index does, in every encoding.
        #[test]
        fn edits_clamp_and_round_as_the_line_index_says(
            start in prop::collection::vec(0usize..12, 0..40),
            edits in prop::collection::vec((0u32..8, 0u32..12, 0u32..8, 0u32..12, prop::collection::vec(0usize..12, 0..6)), 0..8),
        ) {
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                let mut plain = text(&start);
                let mut document = Document::new("u", None, "javascript", &plain);
                for (l1, c1, l2, c2, new) in &edits {
                    let new = text(new);
                    let at = |line, column| Position { line, column };
                    let index = LineIndex::new(&plain);
                    let a = index.offset(&plain, at(*l1, *c1), encoding) as usize;
                    let b = index.offset(&plain, at(*l2, *c2), encoding) as usize;
                    plain.replace_range(a.min(b)..a.max(b), &new);
                    let range = json!({"start": {"line": l1, "character": c1}, "end": {"line": l2, "character": c2}});
                    document.change(&[json!({"range": range, "text": new})], encoding);
                    prop_assert_eq!(&*document.text(), plain.as_str());
                }
            }
        }
    }
}
