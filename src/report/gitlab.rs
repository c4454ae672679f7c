//! GitLab code quality report. Pure.

use super::Report;
use crate::finding::Severity;
use crate::finding::fingerprint::fingerprint;
use serde_json::json;
use std::collections::BTreeMap;

/// A list of issues; files that could not be checked are issues too, so that nothing is lost.
pub(super) fn render(report: &Report) -> String {
    let mut issues = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (root, finding) in report.all() {
        let path = root.shown(&finding.at.file);
        let start = root.place(&finding.at.file, finding.at.span.start);
        let end = root.place(&finding.at.file, finding.at.span.end);
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        };
        let description = match finding.why.get(report.language) {
            "" => finding.message.get(report.language).to_string(),
            why => format!("{}. {why}", finding.message.get(report.language)),
        };
        // GitLab drops issues that share a fingerprint: twins are numbered.
        let twins = seen
            .entry(format!("{path}\0{}", finding.fingerprint))
            .or_insert(0);
        *twins += 1;
        issues.push(json!({
            "type": "issue",
            "check_name": &*finding.rule,
            "description": description,
            "categories": ["Security"],
            "severity": severity,
            "fingerprint": fingerprint(&finding.fingerprint, &path, &twins.to_string()),
            "location": {"path": path, "lines": {"begin": start.line, "end": end.line}},
        }));
    }
    for error in &report.errors {
        let message = error.message.get(report.language);
        issues.push(json!({
            "type": "issue",
            "check_name": "minivet",
            "description": format!("{} {message}", error.file),
            "categories": ["Security"],
            "severity": "minor",
            "fingerprint": fingerprint(error.kind, &error.file, message),
            "location": {"path": error.file, "lines": {"begin": 1}},
        }));
    }
    let mut out = serde_json::to_string_pretty(&issues).unwrap_or_default();
    out.push('\n');
    out
}
