//! Conditional compilation: what a file's comments say is for other targets only.
//!
//! One app is built for many targets. Code for targets that are no mini program does not ship in one; code for any mini
//! program does. What is left out is blanked in a copy of equal length, so that no place moves.

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
        for byte in &mut bytes[span.start as usize..span.end as usize] {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    match String::from_utf8(bytes) {
        Ok(blanked) => (blanked.into(), dead),
        Err(_) => (text.clone(), Vec::new()),
    }
}

fn left_out(text: &str, table: &Conditions) -> Vec<Span> {
    let mut dead: Vec<Span> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for at in memchr::memchr_iter(b'#', text.as_bytes()) {
        let Some((word, rest)) = directive(text, at, table) else {
            continue;
        };
        let (line, after) = line_around(text, at);
        let mut close = |from: Option<usize>| {
            let span = from.map(|from| Span::new(from as u32, line.max(from) as u32));
            // An outer condition that is left out has this one in it.
            if let Some(span) = span {
                dead.retain(|inner| !span.contains(*inner));
                dead.push(span);
            }
        };
        if table.r#if.contains(word) || table.unless.contains(word) {
            let negated = table.unless.contains(word);
            let (never, always) = (table.is_never(rest), table.is_always(rest));
            let (is_out, otherwise) = if negated {
                (always, !never)
            } else {
                (never, !always)
            };
            open.push(Open {
                left_out: is_out.then_some(after),
                otherwise,
            });
        } else if table.otherwise.contains(word) {
            if let Some(condition) = open.last_mut() {
                close(condition.left_out.take());
                condition.left_out = (!condition.otherwise).then_some(after);
            }
        } else if let Some(condition) = open.pop() {
            close(condition.left_out);
        }
    }
    dead
}

/// The directive whose `#` stands at `at` behind the mark of a comment, and what follows it in the comment.
fn directive<'t>(text: &'t str, at: usize, table: &'t Conditions) -> Option<(&'t String, &'t str)> {
    let rest = &text[at + 1..];
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
    let line = rest[end..].split(['\n', '\r']).next().unwrap_or_default();
    let said = line.split("*/").next().unwrap_or_default();
    Some((word, said.split("--").next().unwrap_or_default().trim()))
}

/// Where the line of a place starts, and where the next one does.
fn line_around(text: &str, at: usize) -> (usize, usize) {
    let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    (start, end)
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
