//! GitHub workflow commands: annotations on the changed lines of a pull request. Pure.

use super::Report;
use super::escape::{github_data, github_property};
use crate::finding::Severity;

/// One command a finding, and one for every file that could not be checked.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    for (root, finding) in report.all() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let start = root.place(&finding.at.file, finding.at.span.start);
        let end = root.place(&finding.at.file, finding.at.span.end);
        let mut body = finding.message.get(report.language).to_string();
        for more in [&finding.why, &finding.help] {
            let more = more.get(report.language);
            if !more.is_empty() {
                body.push('\n');
                body.push_str(more);
            }
        }
        // Columns only where start and end share a line: GitHub takes them for that line otherwise.
        let columns = match start.line == end.line {
            true => format!(",col={},endColumn={}", start.column, end.column),
            false => String::new(),
        };
        out.push_str(&format!(
            "::{command} title={},file={},line={},endLine={}{columns}::{}\n",
            github_property(&format!("minivet {}", finding.rule)),
            github_property(&root.shown(&finding.at.file)),
            start.line,
            end.line,
            github_data(&body),
        ));
    }
    for error in &report.errors {
        out.push_str(&format!(
            "::error title=minivet,file={}::{}\n",
            github_property(&error.file),
            github_data(&format!(
                "{} {}",
                error.file,
                error.message.get(report.language)
            )),
        ));
    }
    out
}
