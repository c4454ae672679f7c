//! Silencing comments: takes silenced findings out and reports comments that silence nothing. Pure.

use super::{Applicability, Confidence, FileEdit, Finding, Fix, Location, Severity, Text};
use crate::facts::Directive;
use crate::text::{Edit, LineIndex, Span};
use std::sync::Arc;

/// Rule id under which useless silencing comments are reported.
pub const UNUSED_DIRECTIVE: &str = "minivet/unused-directive";

/// What came of the directives of one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Silenced {
    /// Findings that nobody silenced, in their order.
    pub kept: Vec<Finding>,
    /// How many were silenced.
    pub suppressed: u32,
    /// Directives that silenced nothing, as findings; in source order.
    pub unused: Vec<Finding>,
}

/// Whether a selector (`leak/log`, `leak`, `leak/`, `leak/*`, `all`) names a rule.
pub fn names(selector: &str, rule: &str) -> bool {
    let group = selector
        .strip_suffix("/*")
        .or_else(|| selector.strip_suffix('/'))
        .unwrap_or(selector);
    matches!(group, "all" | "*")
        || group == rule
        || rule.split_once('/').is_some_and(|(g, _)| g == group)
}

/// One file, for [`apply`].
pub struct Input<'a> {
    /// Path relative to the checked root.
    pub path: &'a Arc<str>,
    /// Its text.
    pub text: &'a str,
    /// Its lines.
    pub lines: &'a LineIndex,
    /// Its silencing comments.
    pub directives: &'a [Directive],
}

/// Silences the findings of one file. `matches(selector, rule)` tells whether a directive's word names a rule (see
/// [`names`]; aliases are the caller's); `ran(selector)` whether any rule it names was run at all: a comment for a rule that
/// was not run is no useless comment.
pub fn apply(
    file: &Input<'_>,
    findings: Vec<Finding>,
    matches: &dyn Fn(&str, &str) -> bool,
    ran: &dyn Fn(&str) -> bool,
) -> Silenced {
    let mut used: Vec<Vec<bool>> = file
        .directives
        .iter()
        .map(|d| vec![false; d.rules.len().max(1)])
        .collect();
    let mut out = Silenced::default();
    for finding in findings {
        let line = file.lines.line_of(finding.at.span.start);
        let mut silenced = false;
        for (directive, used) in file.directives.iter().zip(&mut used) {
            if line < directive.lines.0 || line > directive.lines.1 {
                continue;
            }
            if directive.rules.is_empty() {
                used[0] = true;
                silenced = true;
            }
            for (selector, used) in directive.rules.iter().zip(used.iter_mut()) {
                if matches(selector, &finding.rule) {
                    *used = true;
                    silenced = true;
                }
            }
        }
        match silenced {
            true => out.suppressed += 1,
            false => out.kept.push(finding),
        }
    }
    for (directive, used) in file.directives.iter().zip(&used) {
        out.unused.extend(unused(file, directive, used, ran));
    }
    out
}

fn unused(
    file: &Input<'_>,
    directive: &Directive,
    used: &[bool],
    ran: &dyn Fn(&str) -> bool,
) -> Option<Finding> {
    let idle: Vec<&str> = match directive.rules.is_empty() {
        true if used[0] => return None,
        true => Vec::new(),
        false => {
            let pairs = directive.rules.iter().zip(used);
            let idle: Vec<&str> = pairs
                .filter(|(rule, used)| !**used && ran(rule))
                .map(|(rule, _)| &**rule)
                .collect();
            if idle.is_empty() {
                return None;
            }
            idle
        }
    };
    let whole = idle.len() == directive.rules.len();
    let list = idle.join(", ");
    let message = match idle.is_empty() {
        true => Text {
            en: "This comment silences nothing".into(),
            zh_cn: "该注释没有屏蔽任何问题".into(),
        },
        false => Text {
            en: format!("This comment silences nothing of {list}"),
            zh_cn: format!("该注释没有屏蔽任何 {list} 问题"),
        },
    };
    let fix = Fix {
        title: Text {
            en: "Remove the comment".into(),
            zh_cn: "删除该注释".into(),
        },
        applicability: Applicability::Safe,
        edits: vec![FileEdit {
            file: file.path.clone(),
            edit: removal(file.text, directive.span),
        }],
    };
    let line = file
        .lines
        .line_text(file.text, file.lines.line_of(directive.span.start));
    Some(Finding {
        rule: UNUSED_DIRECTIVE.into(),
        severity: Severity::Info,
        confidence: Confidence::High,
        message,
        why: Text::default(),
        help: Text {
            en: "Remove it, so that it hides nothing later".into(),
            zh_cn: "请删除，以免日后掩盖真正的问题".into(),
        },
        at: Location {
            file: file.path.clone(),
            span: directive.span,
        },
        data: Vec::new(),
        flow: Vec::new(),
        fixes: if whole { vec![fix] } else { Vec::new() },
        fingerprint: super::fingerprint::fingerprint(UNUSED_DIRECTIVE, file.path, line),
        deprecated: true,
    })
}

/// The edit that takes a comment out, with its line where nothing else stands on it.
fn removal(text: &str, span: Span) -> Edit {
    let (start, end) = (span.start as usize, span.end as usize);
    let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else {
        return Edit {
            span,
            text: String::new(),
        };
    };
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent_only = before[line_start..].trim().is_empty();
    let rest = after.find(['\n', '\r']).unwrap_or(after.len());
    let alone = indent_only && after[..rest].trim().is_empty();
    let span = match alone {
        true => {
            let tail = &after[rest..];
            let eol = if tail.starts_with("\r\n") {
                2
            } else {
                usize::from(!tail.is_empty())
            };
            Span::new(line_start as u32, (end + rest + eol) as u32)
        }
        false => {
            let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
            Span::new((start - blanks) as u32, span.end)
        }
    };
    Edit {
        span,
        text: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::sample;
    use crate::text::apply_edits;

    fn directive(span: (u32, u32), lines: (u32, u32), rules: &[&str]) -> Directive {
        Directive {
            span: Span::new(span.0, span.1),
            lines,
            rules: rules.iter().map(|r| Arc::from(*r)).collect(),
            reason: None,
        }
    }

    fn run(text: &str, directives: &[Directive], findings: Vec<Finding>) -> Silenced {
        let lines = LineIndex::new(text);
        let path: Arc<str> = "a.js".into();
        let input = Input {
            path: &path,
            text,
            lines: &lines,
            directives,
        };
        apply(&input, findings, &names, &|_| true)
    }

    #[test]
    fn a_directive_silences_its_lines_and_rules_only() {
        let text = "// off\nfoo\nbar\n";
        let findings = vec![
            sample("leak/log", 7, 10),
            sample("pii/x", 7, 10),
            sample("leak/log", 11, 14),
        ];
        let out = run(text, &[directive((0, 6), (1, 1), &["leak"])], findings);
        assert_eq!(out.suppressed, 1);
        assert_eq!(out.kept.len(), 2);
        assert!(out.unused.is_empty());
    }

    #[test]
    fn a_directive_that_silences_nothing_is_reported_with_its_removal() {
        let text = "a\r\n  // off\r\nfoo // off2\r\n";
        let directives = [
            directive((5, 11), (2, 2), &["leak/log"]),
            directive((17, 24), (2, 2), &[]),
        ];
        let out = run(text, &directives, Vec::new());
        let fixed: Vec<String> = out
            .unused
            .iter()
            .map(|f| apply_edits(text, &[f.fixes[0].edits[0].edit.clone()]).unwrap())
            .collect();
        assert_eq!(fixed, ["a\r\nfoo // off2\r\n", "a\r\n  // off\r\nfoo\r\n"]);
        assert!(out.unused[0].message.en.contains("leak/log"));
    }
}
