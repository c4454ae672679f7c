//! SARIF 2.1.0, for code scanning. Pure.

use super::escape::uri;
use super::json::TOOL_VERSION;
use super::{Report, Root};
use crate::finding::{Applicability, Confidence, Finding, Fix, Language, Severity};
use crate::rules::Rule;
use crate::text::Span;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One run with all rules that found something.
pub(super) fn render(report: &Report) -> String {
    let ids: BTreeSet<&str> = report.all().map(|(_, finding)| &*finding.rule).collect();
    let index: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    let mut bases = serde_json::Map::new();
    for (n, root) in report
        .roots
        .iter()
        .enumerate()
        .filter(|(_, root)| !root.address.is_empty())
    {
        bases.insert(base_id(report, n), json!({"uri": root.address}));
    }
    let mut results = Vec::new();
    for (n, root) in report.roots.iter().enumerate() {
        let base = (!root.address.is_empty()).then(|| base_id(report, n));
        let writer = Writer { report, root, base };
        results.extend(
            root.findings
                .iter()
                .map(|finding| writer.result(finding, index[&*finding.rule])),
        );
    }
    let errors: Vec<Value> = report
        .errors
        .iter()
        .map(|e| {
            json!({
                "level": if e.kind == "too-large" { "warning" } else { "error" },
                "message": {"text": format!("{} {}", e.file, e.message.get(report.language))},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(&e.file)}}}],
                "descriptor": {"id": e.kind},
            })
        })
        .collect();
    let language = match report.language {
        Language::En => "en",
        Language::ZhCn => "zh-CN",
    };
    let mut run = json!({
        "tool": {"driver": {
            "name": "minivet",
            "version": TOOL_VERSION,
            "semanticVersion": TOOL_VERSION,
            "informationUri": "https://github.com/minivet/minivet",
            "language": language,
            "rules": ids.iter().map(|id| rule(report, id)).collect::<Vec<_>>(),
        }},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": errors,
        }],
        "automationDetails": {"id": "minivet/"},
    });
    if !bases.is_empty() {
        run["originalUriBaseIds"] = Value::Object(bases);
    }
    let all = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    let mut out = serde_json::to_string_pretty(&all).unwrap_or_default();
    out.push('\n');
    out
}

fn base_id(report: &Report, n: usize) -> String {
    match report.roots.len() {
        1 => "SRCROOT".to_string(),
        _ => format!("SRCROOT{}", n + 1),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(report: &Report, id: &str) -> Value {
    let Some(rule) = report.rules.rule(id) else {
        return json!({"id": id, "name": name_of(id), "shortDescription": {"text": format!("{id}.")}});
    };
    let mut out = json!({
        "id": id,
        "name": name_of(id),
        "shortDescription": {"text": sentence(title(rule, report.language, id))},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "tags": ["security", "privacy", &*rule.group],
            "precision": precision(rule.confidence),
            "problem.severity": match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
            "security-severity": match rule.severity {
                Severity::Error => "8.0",
                Severity::Warning => "5.5",
                Severity::Info => "2.0",
            },
        },
    });
    let why = rule.messages.why.get(report.language);
    let full = if why.is_empty() {
        title(rule, report.language, id)
    } else {
        why
    };
    out["fullDescription"] = json!({"text": sentence(full)});
    let page = rule.pages.get(report.language);
    if !page.is_empty() {
        out["help"] = json!({"text": page, "markdown": page});
    }
    if let Some(url) = report.url(id) {
        out["helpUri"] = json!(url);
    }
    out
}

fn title<'a>(rule: &'a Rule, language: Language, id: &'a str) -> &'a str {
    match rule.pages.title(language) {
        "" => id,
        title => title,
    }
}

fn sentence(text: &str) -> String {
    match text.ends_with(['.', '。', '!', '?', '！', '？']) {
        true => text.to_string(),
        false => format!("{text}."),
    }
}

/// `leak/third-party` → `LeakThirdParty`.
fn name_of(id: &str) -> String {
    let words = id.split(['/', '-']).filter(|word| !word.is_empty());
    words
        .map(|word| word[..1].to_ascii_uppercase() + &word[1..])
        .collect()
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

struct Writer<'a> {
    report: &'a Report,
    root: &'a Root,
    base: Option<String>,
}

impl Writer<'_> {
    fn result(&self, finding: &Finding, rule: usize) -> Value {
        let language = self.report.language;
        let mut text = sentence(finding.message.get(language));
        for more in [&finding.why, &finding.help] {
            let more = more.get(language);
            if !more.is_empty() {
                text.push(' ');
                text.push_str(&sentence(more));
            }
        }
        let mut out = json!({
            "ruleId": &*finding.rule,
            "ruleIndex": rule,
            "level": level(finding.severity),
            "message": {"text": text},
            "locations": [self.location(&finding.at.file, finding.at.span, None)],
            "partialFingerprints": {"minivet/v1": finding.fingerprint},
            "properties": {"confidence": finding.confidence, "data": finding.data},
        });
        if !finding.flow.is_empty() {
            let steps: Vec<Value> = finding
                .flow
                .iter()
                .map(|step| json!({"location": self.location(&step.at.file, step.at.span, Some(step.label.get(language)))}))
                .collect();
            out["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
        }
        let fixes: Vec<Value> = finding
            .fixes
            .iter()
            .filter(|fix| fix.applicability != Applicability::DisplayOnly && !fix.edits.is_empty())
            .map(|fix| self.fix(fix))
            .collect();
        if !fixes.is_empty() {
            out["fixes"] = Value::Array(fixes);
        }
        out
    }

    fn artifact(&self, file: &str) -> Value {
        match &self.base {
            Some(base) => json!({"uri": uri(file), "uriBaseId": base}),
            None => json!({"uri": uri(&self.root.shown(file))}),
        }
    }

    fn region(&self, file: &str, span: Span) -> Value {
        let (start, end) = (
            self.root.place(file, span.start),
            self.root.place(file, span.end),
        );
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
            "byteOffset": span.start,
            "byteLength": span.len(),
        })
    }

    fn location(&self, file: &str, span: Span, label: Option<&str>) -> Value {
        let mut out = json!({"physicalLocation": {"artifactLocation": self.artifact(file), "region": self.region(file, span)}});
        if let Some(label) = label {
            out["message"] = json!({"text": sentence(label)});
        }
        out
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut files: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for edit in &fix.edits {
            files.entry(&edit.file).or_default().push(json!({
                "deletedRegion": self.region(&edit.file, edit.edit.span),
                "insertedContent": {"text": edit.edit.text},
            }));
        }
        let changes: Vec<Value> = files
            .into_iter()
            .map(|(file, edits)| json!({"artifactLocation": self.artifact(file), "replacements": edits}))
            .collect();
        json!({"description": {"text": sentence(fix.title.get(self.report.language))}, "artifactChanges": changes})
    }
}
