//! Silencing comments: `minivet-disable-next-line`, `minivet-disable-line`, `minivet-disable` … `minivet-enable`.
//!
//! Reads comments that others found, in any language.

use super::Directive;
use crate::text::{LineIndex, Span};
use std::sync::Arc;

enum Verb {
    NextLine,
    Line,
    Disable,
    Enable,
}

/// What one comment says: the verb, the rules it names, the reason it gives.
type Said = (Verb, Vec<Arc<str>>, Option<Arc<str>>);

/// What the comments say, in source order.
pub fn read(text: &str, lines: &LineIndex, comments: &[Span]) -> Vec<Directive> {
    let mut out: Vec<Directive> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let last = lines.lines() - 1;
    for &span in comments {
        let Some((verb, rules, reason)) = parse(span.of(text)) else {
            continue;
        };
        let (first, end) = (
            lines.line_of(span.start),
            lines.line_of(span.end.saturating_sub(1).max(span.start)),
        );
        let directive = |lines: (u32, u32)| Directive {
            span,
            lines,
            rules: rules.clone(),
            reason: reason.clone(),
        };
        match verb {
            Verb::Line => out.push(directive((first, end))),
            Verb::NextLine => {
                let target = next_line(text, lines, end);
                out.push(directive((target, target)));
            }
            Verb::Disable => {
                open.push(out.len());
                out.push(directive((first, last)));
            }
            Verb::Enable => enable(&mut out, &mut open, &rules, end),
        }
    }
    out.sort_by_key(|d| (d.span.start, d.lines));
    out
}

/// The next line that is not itself a silencing comment: they may be stacked.
fn next_line(text: &str, lines: &LineIndex, end: u32) -> u32 {
    let mut target = end + 1;
    while target < lines.lines() {
        let line = lines.line_text(text, target).trim_start();
        let comment = line.starts_with("//")
            || line.starts_with("/*")
            || line.starts_with("<!--")
            || line.starts_with('#');
        if !(comment && line.contains("minivet-disable-next-line")) {
            break;
        }
        target += 1;
    }
    target
}

/// Ends open directives: all of them, or those rules that are named.
fn enable(out: &mut Vec<Directive>, open: &mut Vec<usize>, rules: &[Arc<str>], line: u32) {
    let mut still_open = Vec::new();
    for &index in open.iter() {
        let directive = &mut out[index];
        let (ended, kept): (Vec<_>, Vec<_>) = directive
            .rules
            .iter()
            .cloned()
            .partition(|rule| rules.is_empty() || rules.contains(rule));
        if rules.is_empty() || (kept.is_empty() && !directive.rules.is_empty()) {
            directive.lines.1 = line;
        } else if ended.is_empty() {
            still_open.push(index);
        } else {
            let rest = Directive {
                rules: kept,
                ..directive.clone()
            };
            directive.rules = ended;
            directive.lines.1 = line;
            still_open.push(out.len());
            out.push(rest);
        }
    }
    *open = still_open;
}

fn parse(comment: &str) -> Option<Said> {
    let body = comment.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '/' | '*' | '#' | '<' | '!' | '-')
    });
    let body = body.strip_prefix("minivet-")?;
    let body = body.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '/' | '>'));
    let (word, rest) = body.split_at(body.find(char::is_whitespace).unwrap_or(body.len()));
    let verb = match word.trim_end_matches(['-', ':']) {
        "disable-next-line" => Verb::NextLine,
        "disable-line" => Verb::Line,
        "disable" => Verb::Disable,
        "enable" => Verb::Enable,
        _ => return None,
    };
    let (rules, reason) = match rest.find("--") {
        Some(at) => (
            &rest[..at],
            rest[at..].trim_matches(|c: char| c == '-' || c.is_whitespace()),
        ),
        None => (rest, ""),
    };
    let rules = rules
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|r| !r.is_empty())
        .map(Arc::from)
        .collect();
    Some((verb, rules, (!reason.is_empty()).then(|| reason.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u32, u32, &str, &str)]) {
        let lines = LineIndex::new(text);
        let mut comments = Vec::new();
        let mut at = 0;
        for line in text.split('\n') {
            if let Some(n) = line.find("//").or(line.find("/*")).or(line.find("<!--")) {
                comments.push(Span::new(
                    (at + n) as u32,
                    (at + line.trim_end().len()) as u32,
                ));
            }
            at += line.len() + 1;
        }
        let found: Vec<(u32, u32, String, String)> = read(text, &lines, &comments)
            .into_iter()
            .map(|d| {
                (
                    d.lines.0,
                    d.lines.1,
                    d.rules.join(" "),
                    d.reason.as_deref().unwrap_or("").into(),
                )
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(a, b, r, w)| (*a, *b, r.to_string(), w.to_string()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lines_blocks_and_reasons() {
        check(
            "// minivet-disable-next-line leak/log, pii -- 测试 data\nf()",
            &[(1, 1, "leak/log pii", "测试 data")],
        );
        check("f() // minivet-disable-line\r\n", &[(0, 0, "", "")]);
        check(
            "<!-- minivet-disable-next-line leak/log -->\n<a/>",
            &[(1, 1, "leak/log", "")],
        );
        check(
            "/* minivet-disable leak */\nx\n/* minivet-enable leak */\ny",
            &[(0, 2, "leak", "")],
        );
        check(
            "/* minivet-disable a b */\nx\n/* minivet-enable a */\ny",
            &[(0, 2, "a", ""), (0, 3, "b", "")],
        );
        check("/* minivet-disable */\nx", &[(0, 1, "", "")]);
        check(
            "// minivet-disable-next-line a\n// minivet-disable-next-line b\nx",
            &[(2, 2, "a", ""), (2, 2, "b", "")],
        );
        check("// says minivet-disable-line\n", &[]);
    }
}
