//! Where a text has anything that could be a literal: found in one pass, so that most subtrees need no visit.

use std::ops::Range;

/// A number that is shorter is no literal.
const MIN_NUMBER: usize = 7;

/// Quotes, slashes (comments and closing tags), plus signs (concatenations of constants) and long numbers.
pub(super) struct Marks {
    at: Vec<u32>,
    /// Marks before this one lie before everything that is still asked for.
    next: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Mark,
    Word,
}

const CLASSES: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0usize;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'"' | b'\'' | b'`' | b'/' | b'+' => Class::Mark,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | b'.' | 128..=255 => Class::Word,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

impl Marks {
    pub(super) fn new(text: &str) -> Marks {
        let bytes = text.as_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match CLASSES[byte as usize] {
                Class::Other => at += 1,
                Class::Mark => {
                    out.push(at as u32);
                    at += 1;
                }
                Class::Word => {
                    let word = &bytes[at..];
                    let len = word
                        .iter()
                        .position(|b| CLASSES[*b as usize] != Class::Word);
                    let len = len.unwrap_or(word.len());
                    let dots = word.iter().take_while(|b| **b == b'.').count();
                    if len >= MIN_NUMBER && word.get(dots).is_some_and(u8::is_ascii_digit) {
                        // The number begins here or behind the dots of a spread.
                        out.extend((at..=at + dots).map(|n| n as u32));
                    }
                    at += len;
                }
            }
        }
        Marks { at: out, next: 0 }
    }

    /// Whether there is a mark in the range. Ranges are asked for in the order of their starts.
    pub(super) fn any_in(&mut self, range: Range<usize>) -> bool {
        while self
            .at
            .get(self.next)
            .is_some_and(|at| (*at as usize) < range.start)
        {
            self.next += 1;
        }
        self.at
            .get(self.next)
            .is_some_and(|at| (*at as usize) < range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_have_marks() {
        let has = |text: &str| Marks::new(text).any_in(0..text.len());
        for text in [
            "'a'",
            "a + b",
            "x // c",
            "13800138000",
            "-.5555555",
            "[...5555555]",
            "1_000_000",
            "`a`",
            "</a>",
        ] {
            assert!(has(text), "{text}");
        }
        for text in [
            "a.b(c)",
            "x.y1234567",
            "123456",
            "if (a) { b(1, 2) }",
            "号(1)",
        ] {
            assert!(!has(text), "{text}");
        }
        let mut marks = Marks::new("ab 'c' de 'f'");
        assert!(marks.any_in(0..13) && !marks.any_in(0..2) && marks.any_in(3..6));
        assert!(!marks.any_in(7..9) && marks.any_in(10..13));
    }
}
