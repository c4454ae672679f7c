//! Byte offset ↔ line and column, in UTF-8, UTF-16, UTF-32 and code points.
//!
//! Line ends are `\n`, `\r\n` and lone `\r`, as the language server protocol says; nothing else breaks a line.
//! Every conversion clamps: a position from a stale or hostile client gives the nearest valid offset, never a panic.

/// The unit in which a client counts columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the protocol's default.
    Utf16,
    /// Code points.
    Utf32,
}

/// A zero-based line and a zero-based column in some [`Encoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0, in the encoding asked for.
    pub column: u32,
}

/// The line starts of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Byte offset of each line's first byte; never empty.
    starts: Vec<u32>,
    len: u32,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> LineIndex {
        let bytes = text.as_bytes();
        let mut starts = vec![0u32];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(at as u32 + 1);
            }
        }
        LineIndex {
            starts,
            len: bytes.len() as u32,
        }
    }

    /// Number of lines; the empty text has one.
    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Byte offset of the first byte of a line, clamped to the end of the text.
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get(line as usize).copied().unwrap_or(self.len)
    }

    /// Zero-based line that holds a byte.
    pub fn line_of(&self, byte: u32) -> u32 {
        self.starts.partition_point(|&s| s <= byte) as u32 - 1
    }

    /// The bytes of a line without its line end.
    pub fn line_text<'t>(&self, text: &'t str, line: u32) -> &'t str {
        let start = self.line_start(line) as usize;
        let end = self.starts.get(line as usize + 1).map_or(self.len, |&e| e) as usize;
        text.get(start..end)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }

    /// Byte offset → position. Offsets inside a character round down to its first byte.
    pub fn position(&self, text: &str, byte: u32, encoding: Encoding) -> Position {
        let mut byte = byte.min(self.len) as usize;
        while byte > 0 && !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let line = self.line_of(byte as u32);
        let start = self.line_start(line) as usize;
        let before = text.get(start..byte).unwrap_or("");
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        Position {
            line,
            column: column as u32,
        }
    }

    /// Position → byte offset. Lines and columns past the end clamp to the end of the line or text; a column inside a
    /// surrogate pair or a multi-byte character rounds down.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> u32 {
        if position.line >= self.lines() {
            return self.len;
        }
        let start = self.line_start(position.line);
        let line = self.line_text(text, position.line);
        let mut column = 0u32;
        for (at, c) in line.char_indices() {
            let width = match encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
                Encoding::Utf32 => 1,
            } as u32;
            if column + width > position.column {
                return start + at as u32;
            }
            column += width;
        }
        start + line.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_lf_crlf_cr_only() {
        let index = LineIndex::new("a\nb\r\nc\rd\u{2028}e\u{85}f");
        assert_eq!(index.lines(), 4);
        assert_eq!(index.line_text("a\nb\r\nc\rd\u{2028}e\u{85}f", 1), "b");
    }

    #[test]
    fn positions_round_trip_in_every_encoding() {
        let text = "让😀x\r\n号b\n";
        let index = LineIndex::new(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (byte, _) in text
                .char_indices()
                .filter(|(_, c)| !matches!(c, '\r' | '\n'))
            {
                let position = index.position(text, byte as u32, encoding);
                assert_eq!(index.offset(text, position, encoding), byte as u32);
            }
        }
        assert_eq!(
            index.position(text, 7, Encoding::Utf16),
            Position { line: 0, column: 3 }
        );
    }

    #[test]
    fn stale_positions_clamp() {
        let text = "😀\nb";
        let index = LineIndex::new(text);
        assert_eq!(
            index.offset(text, Position { line: 0, column: 1 }, Encoding::Utf16),
            0,
            "inside a surrogate pair"
        );
        assert_eq!(
            index.offset(
                text,
                Position {
                    line: 0,
                    column: 99
                },
                Encoding::Utf16
            ),
            4
        );
        assert_eq!(
            index.offset(text, Position { line: 9, column: 9 }, Encoding::Utf16),
            6
        );
        assert_eq!(
            index.position(text, 2, Encoding::Utf16),
            Position { line: 0, column: 0 }
        );
    }
}
