//! Conditional compilation: what a file's comments say is for other targets only.
//!
//! One app is built for many targets. Code for targets that are no mini program does not ship in one; code for any mini
//! program does. What is left out is blanked in a copy of equal length, so that no place moves.

use super::comments;
use super::dialects::Conditions;
use crate::text::Span;
use std::sync::Arc;

/// A condition that is open.
struct Open {
    /// Where its code starts, if that is left out.
    left_out: Option<usize>,
    /// What `else` would make of it.
    otherwise: bool,
}

/// The text as a mini program is built of it, and the places that are left out.
pub fn shipped(text: &Arc<str>, table: &Conditions) -> (Arc<str>, Vec<Span>) {
    let dead = left_out(text, table);
    if dead.is_empty() {
        return (text.clone(), dead);
    }
    let mut bytes = text.as_bytes().to_vec();
    for span in &dead {
        comments::blank(&mut bytes[span.start as usize..span.end as usize]);
    }
    match String::from_utf8(bytes) {
        Ok(blanked) => (blanked.into(), dead),
        Err(_) => (text.clone(), Vec::new()),
    }
}

fn left_out(text: &str, table: &Conditions) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut dead: Vec<Span> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut line = 0..0;
    for at in memchr::memchr_iter(b'#', bytes) {
        if at >= line.end {
            let newline = memchr::memrchr(b'\n', &bytes[line.end..at]);
            line.start = newline.map_or(line.start, |n| line.end + n + 1);
            line.end = memchr::memchr(b'\n', &bytes[at..]).map_or(text.len(), |n| at + n);
        }
        let Some((word, condition)) = directive(text, at, line.end, table) else {
            continue;
        };
        let mut close = |from: Option<usize>| {
            let Some(from) = from.filter(|from| *from < line.start) else {
                return;
            };
            let span = Span::new(from as u32, line.start as u32);
            // An outer condition that is left out has this one in it.
            while dead.pop_if(|inner| span.contains(*inner)).is_some() {}
            dead.push(span);
        };
        if table.r#if.contains(word) || table.unless.contains(word) {
            let negated = table.unless.contains(word);
            let (never, always) = (table.is_never(condition), table.is_always(condition));
            let (is_out, otherwise) = if negated {
                (always, !never)
            } else {
                (never, !always)
            };
            open.push(Open {
                left_out: is_out.then_some(line.end),
                otherwise,
            });
        } else if table.otherwise.contains(word) {
            if let Some(condition) = open.last_mut() {
                close(condition.left_out.take());
                condition.left_out = (!condition.otherwise).then_some(line.end);
            }
        } else if let Some(condition) = open.pop() {
            close(condition.left_out);
        }
    }
    dead
}

/// A condition that is longer than this many bytes is none; what follows a mark must not be read to its far end each time.
const LONGEST: usize = 400;

/// The directive whose `#` stands at `at` behind the mark of a comment, and the condition that follows it in its line.
fn directive<'t>(
    text: &'t str,
    at: usize,
    line_end: usize,
    table: &'t Conditions,
) -> Option<(&'t String, &'t str)> {
    let rest = &text[at + 1..line_end];
    let end = rest
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(rest.len());
    let words = [&table.r#if, &table.unless, &table.otherwise, &table.end];
    let word = words
        .into_iter()
        .flatten()
        .find(|word| **word == rest[..end])?;
    let before = text[..at].trim_end_matches([' ', '\t']);
    if !table.comments.iter().any(|mark| before.ends_with(&**mark)) {
        return None;
    }
    let behind = &rest[end..];
    let near = &behind.as_bytes()[..behind.len().min(LONGEST)];
    let closes = |mark: &[u8]| memchr::memmem::find(near, mark);
    let stop = closes(b"*/").into_iter().chain(closes(b"--")).min();
    let stop = stop.or((behind.len() <= LONGEST).then_some(behind.len()))?;
    Some((word, behind[..stop].trim()))
}

impl Conditions {
    /// `A || B && C`: alternatives of names that must all hold.
    fn alternatives<'t>(
        &self,
        condition: &'t str,
    ) -> impl Iterator<Item = impl Iterator<Item = &'t str> + use<'t>> + use<'t> {
        condition
            .split("||")
            .map(|all| all.split("&&").map(str::trim))
    }

    /// It holds for no mini program.
    fn is_never(&self, condition: &str) -> bool {
        self.alternatives(condition)
            .all(|mut all| all.any(|name| self.elsewhere.iter().any(|n| n == name)))
    }

    /// It holds for every mini program.
    fn is_always(&self, condition: &str) -> bool {
        self.alternatives(condition)
            .any(|mut all| all.all(|name| self.everywhere.iter().any(|n| n == name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str) -> String {
        let table = super::super::builtin_dialects().conditions;
        shipped(&text.into(), &table).0.to_string()
    }

    #[test]
    fn code_for_no_mini_program_is_blanked_where_it_stands() {
        let text = "a\n// #ifdef H5\n号b\n// #endif\nc\n";
        let made = view(text);
        assert_eq!(made.len(), text.len());
        assert_eq!(made, "a\n// #ifdef H5\n    \n// #endif\nc\n");
    }

    #[test]
    fn conditions_that_hold_for_some_mini_program_keep_their_code() {
        for kept in [
            "// #ifdef MP-WEIXIN\nx\n// #endif",
            "// #ifdef MP\nx\n// #endif",
            "// #ifdef H5 || MP-WEIXIN\nx\n// #endif",
            "// #ifndef MP-ALIPAY\nx\n// #endif",
            "// #ifndef H5\nx\n// #endif",
            "// #ifdef VUE3\nx\n// #endif",
            "#ifdef H5\nx\n#endif",
            "// #ifdef H5\n// #else\nx\n// #endif",
        ] {
            assert!(view(kept).contains('x'), "{kept}");
        }
        for left_out in [
            "/* #ifdef APP-PLUS */\nx\n/* #endif */",
            "<!-- #ifdef H5 -->\nx\n<!-- #endif -->",
            "//#ifdef APP-PLUS || H5\nx\n//#endif",
            "// #ifdef H5 && VUE3\nx\n// #endif",
            "// #ifndef MP\nx\n// #endif",
            "// #ifndef H5\n// #else\nx\n// #endif",
            "// #ifdef H5\n// #ifdef MP-WEIXIN\nx\n// #endif\n// #endif",
        ] {
            assert!(!view(left_out).contains('x'), "{left_out}");
        }
        assert!(
            view("// #ifdef H5\nx").contains('x'),
            "what is never closed is kept"
        );
    }
}
