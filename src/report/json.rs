//! `--format json` and `jsonl`: the shape of the contract. Pure.

use super::{Place, Report, Root};
use crate::finding::{Applicability, Confidence, Finding, Severity};
use crate::text::Span;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct All<'a> {
    version: u32,
    tool: Tool,
    findings: Vec<JsonFinding<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    help: &'a str,
    file: &'a str,
    range: Range,
    data: &'a [Arc<str>],
    flow: Vec<JsonStep<'a>>,
    fixes: Vec<JsonFix<'a>>,
    fingerprint: &'a str,
    url: Option<String>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    file: &'a str,
    range: Range,
    label: &'a str,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: Applicability,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Summary<'a> {
    files: usize,
    findings: usize,
    suppressed: usize,
    baselined: usize,
    errors: Vec<JsonError<'a>>,
    skipped: Vec<JsonSkip<'a>>,
    notes: Vec<JsonNote<'a>>,
    elapsed_ms: u64,
}

#[derive(Serialize)]
struct JsonError<'a> {
    file: &'a str,
    kind: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonSkip<'a> {
    file: &'a str,
    reason: &'a str,
    files: usize,
}

#[derive(Serialize)]
struct JsonNote<'a> {
    file: &'a str,
    message: &'a str,
}

fn range(root: &Root, file: &str, span: Span) -> Range {
    Range {
        start: root.place(file, span.start),
        end: root.place(file, span.end),
    }
}

fn finding<'a>(report: &Report, root: &Root, finding: &'a Finding) -> JsonFinding<'a> {
    let language = report.language;
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message.get(language),
        why: finding.why.get(language),
        help: finding.help.get(language),
        file: &finding.at.file,
        range: range(root, &finding.at.file, finding.at.span),
        data: &finding.data,
        flow: finding
            .flow
            .iter()
            .map(|step| JsonStep {
                file: &step.at.file,
                range: range(root, &step.at.file, step.at.span),
                label: step.label.get(language),
            })
            .collect(),
        fixes: finding
            .fixes
            .iter()
            .map(|fix| JsonFix {
                title: fix.title.get(language),
                applicability: fix.applicability,
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| JsonEdit {
                        file: &edit.file,
                        range: range(root, &edit.file, edit.edit.span),
                        text: &edit.edit.text,
                    })
                    .collect(),
            })
            .collect(),
        fingerprint: &finding.fingerprint,
        url: report.url(&finding.rule),
    }
}

fn summary(report: &Report) -> Summary<'_> {
    let language = report.language;
    Summary {
        files: report.files,
        findings: report.all().count(),
        suppressed: report.suppressed,
        baselined: report.baselined,
        errors: report
            .errors
            .iter()
            .map(|e| JsonError {
                file: &e.file,
                kind: e.kind,
                message: e.message.get(language),
            })
            .collect(),
        skipped: report
            .skipped
            .iter()
            .map(|s| JsonSkip {
                file: &s.file,
                reason: s.reason,
                files: s.count,
            })
            .collect(),
        notes: report
            .roots
            .iter()
            .flat_map(|root| &root.notes)
            .map(|(file, text)| JsonNote {
                file,
                message: text.get(language),
            })
            .collect(),
        elapsed_ms: report.elapsed_ms,
    }
}

pub(super) const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// One object.
pub(super) fn render(report: &Report) -> String {
    let all = All {
        version: 1,
        tool: Tool {
            name: "minivet",
            version: TOOL_VERSION,
        },
        findings: report
            .all()
            .map(|(root, f)| finding(report, root, f))
            .collect(),
        summary: summary(report),
    };
    let mut out = serde_json::to_string_pretty(&all).unwrap_or_default();
    out.push('\n');
    out
}

/// One finding a line, then one line with the summary.
pub(super) fn render_lines(report: &Report) -> String {
    #[derive(Serialize)]
    struct Last<'a> {
        summary: Summary<'a>,
    }
    let mut out = String::new();
    for (root, f) in report.all() {
        out.push_str(&serde_json::to_string(&finding(report, root, f)).unwrap_or_default());
        out.push('\n');
    }
    out.push_str(
        &serde_json::to_string(&Last {
            summary: summary(report),
        })
        .unwrap_or_default(),
    );
    out.push('\n');
    out
}
