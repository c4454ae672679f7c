//! JUnit XML: one suite a file, one failed case a finding. Pure.

use super::escape::xml;
use super::{Report, Root};
use crate::finding::Finding;
use std::collections::BTreeMap;

/// A document that CI systems show as test results.
pub(super) fn render(report: &Report) -> String {
    let mut suites: BTreeMap<String, Vec<(&Root, &Finding)>> = BTreeMap::new();
    for (root, finding) in report.all() {
        suites
            .entry(root.shown(&finding.at.file))
            .or_default()
            .push((root, finding));
    }
    let failures: usize = suites.values().map(Vec::len).sum();
    let clean = usize::from(failures == 0 && report.errors.is_empty());
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"minivet\" tests=\"{}\" failures=\"{failures}\" errors=\"{}\" time=\"{}\">\n",
        failures + report.errors.len() + clean,
        report.errors.len(),
        report.elapsed_ms as f64 / 1000.0,
    );
    for (file, findings) in &suites {
        let n = findings.len();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{n}\" failures=\"{n}\" errors=\"0\">\n",
            xml(file)
        ));
        for (root, finding) in findings {
            let start = root.place(&finding.at.file, finding.at.span.start);
            let severity = match finding.severity {
                crate::finding::Severity::Error => "error",
                crate::finding::Severity::Warning => "warning",
                crate::finding::Severity::Info => "info",
            };
            let mut body = format!("{file}:{}:{}", start.line, start.column);
            for more in [&finding.why, &finding.help] {
                let more = more.get(report.language);
                if !more.is_empty() {
                    body.push('\n');
                    body.push_str(more);
                }
            }
            out.push_str(&format!(
                "    <testcase name=\"{} {}:{}\" classname=\"{}\">\n      <failure type=\"{severity}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                xml(&finding.rule),
                start.line,
                start.column,
                xml(file),
                xml(finding.message.get(report.language)),
                xml(&body),
            ));
        }
        out.push_str("  </testsuite>\n");
    }
    if !report.errors.is_empty() {
        let n = report.errors.len();
        out.push_str(&format!(
            "  <testsuite name=\"minivet\" tests=\"{n}\" failures=\"0\" errors=\"{n}\">\n"
        ));
        for error in &report.errors {
            out.push_str(&format!(
                "    <testcase name=\"{}\" classname=\"minivet\">\n      <error type=\"{}\" message=\"{}\"/>\n    </testcase>\n",
                xml(&error.file),
                error.kind,
                xml(error.message.get(report.language)),
            ));
        }
        out.push_str("  </testsuite>\n");
    }
    if clean == 1 {
        out.push_str("  <testsuite name=\"minivet\" tests=\"1\" failures=\"0\" errors=\"0\">\n    <testcase name=\"minivet\" classname=\"minivet\"/>\n  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}
