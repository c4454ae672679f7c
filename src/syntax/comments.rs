//! Comments without end: runs of thousands of them are cut before parsing.
//!
//! Where an expression may end, tree-sitter's scanners of scripts read ahead over all comments that follow, at each of
//! them again: a file of 100,000 short comments takes minutes. Nobody writes such a file to be read.

use crate::text::Span;
use std::sync::Arc;

/// So many comments may follow one another; a run of this length costs about a tenth of a second.
const LONGEST_RUN: usize = 2_000;

/// A text of equal length without the ends of such runs, and where the first of them was cut.
pub fn without_long_runs(text: &Arc<str>) -> Option<(Arc<str>, Span)> {
    let mut bytes = Vec::new();
    let mut first = None;
    let mut run = 0;
    let mut from = 0;
    while let Some((start, end)) = next_comment(text.as_bytes(), from) {
        let follows = text.as_bytes()[from..start]
            .iter()
            .all(u8::is_ascii_whitespace);
        run = if follows { run + 1 } else { 1 };
        if run > LONGEST_RUN {
            if first.is_none() {
                bytes = text.as_bytes().to_vec();
                first = Some(Span::new(start as u32, end as u32));
            }
            blank(&mut bytes[start..end]);
        }
        from = end;
    }
    let blanked = String::from_utf8(bytes).ok()?;
    Some((blanked.into(), first?))
}

/// Makes all of a text blank but the ends of its lines.
pub(super) fn blank(bytes: &mut [u8]) {
    for byte in bytes {
        if !matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Where the next thing that looks like a comment starts and ends. What only looks like one, in a string, is followed by
/// code.
fn next_comment(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    for slash in memchr::memchr_iter(b'/', &bytes[from..]) {
        let start = from + slash;
        let body = start + 2;
        let closed = match bytes.get(start + 1) {
            Some(b'*') => memchr::memmem::find(&bytes[body..], b"*/").map(|n| n + 2),
            Some(b'/') => memchr::memchr(b'\n', &bytes[body..]),
            _ => continue,
        };
        return Some((start, closed.map_or(bytes.len(), |n| body + n)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_writes_is_cut() {
        for comment in ["/* a */", "// 号\n", "/**/ \n"] {
            let text: Arc<str> = format!("x\n{}y", comment.repeat(LONGEST_RUN)).into();
            assert!(without_long_runs(&text).is_none(), "{comment}");
            let text: Arc<str> = format!("x\n{}y", comment.repeat(LONGEST_RUN + 2)).into();
            let (cut, at) = without_long_runs(&text).expect("it is too long");
            assert_eq!(cut.len(), text.len());
            assert_eq!(cut.lines().count(), text.lines().count());
            assert_eq!(at.start as usize, 2 + comment.len() * LONGEST_RUN);
            assert!(cut.ends_with('y') && cut[at.start as usize..].trim() == "y");
        }
        let lines: Arc<str> = "a // b\n".repeat(LONGEST_RUN * 2).into();
        assert!(without_long_runs(&lines).is_none(), "code lies between");
    }
}
