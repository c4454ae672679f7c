//! Findings as the protocol wants them: ranges, diagnostics, hovers. Pure.

use super::workspace::{Place, Workspace};
use crate::finding::{Finding, Language, Severity, Step};
use crate::rules::{Rule, RuleSet};
use crate::text::{Encoding, Position, Span};
use serde_json::{Value, json};

/// How one client wants to be told.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What is analysed.
    pub workspace: &'a Workspace,
    /// How columns are counted.
    pub encoding: Encoding,
    /// In which language.
    pub language: Language,
}

impl View<'_> {
    /// A span of a file as a range. `None` if the file is not known.
    pub fn range(&self, place: &Place, span: Span) -> Option<Value> {
        let session = &self.workspace.group(&place.group)?.session;
        let (facts, text) = (session.facts(&place.name)?, session.text(&place.name)?);
        let at = |byte| {
            let p = facts.lines.position(&text, byte, self.encoding);
            json!({"line": p.line, "character": p.column})
        };
        Some(json!({"start": at(span.start), "end": at(span.end)}))
    }

    /// A position as a byte of a file.
    pub fn offset(&self, place: &Place, position: Position) -> Option<u32> {
        let session = &self.workspace.group(&place.group)?.session;
        let (facts, text) = (session.facts(&place.name)?, session.text(&place.name)?);
        Some(facts.lines.offset(&text, position, self.encoding))
    }

    /// A file of the same group.
    pub fn beside(&self, place: &Place, file: &std::sync::Arc<str>) -> Place {
        Place {
            group: place.group.clone(),
            name: file.clone(),
        }
    }

    fn rules(&self, place: &Place) -> Option<&RuleSet> {
        let group = self.workspace.group(&place.group)?;
        Some(group.session.rules())
    }

    /// A finding as a diagnostic.
    pub fn diagnostic(&self, place: &Place, finding: &Finding) -> Option<Value> {
        let mut message = finding.message.get(self.language).to_string();
        for more in [&finding.why, &finding.help] {
            let more = more.get(self.language);
            if !more.is_empty() {
                message.push('\n');
                message.push_str(more);
            }
        }
        let severity = match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
        };
        let span = finding.at.span;
        let mut out = json!({
            "range": self.range(place, span)?, "severity": severity, "code": &*finding.rule,
            "source": "minivet", "message": message,
            "data": {"rule": &*finding.rule, "start": span.start, "end": span.end, "fingerprint": finding.fingerprint},
        });
        let rules = self.rules(place);
        let url = rules.and_then(|r| r.url(r.rule(&finding.rule)?, self.language));
        if let Some(url) = url {
            out["codeDescription"] = json!({"href": url});
        }
        let steps: Vec<Value> = finding
            .flow
            .iter()
            .filter_map(|step| self.step(place, step))
            .collect();
        if !steps.is_empty() {
            out["relatedInformation"] = steps.into();
        }
        if finding.deprecated {
            out["tags"] = json!([1]);
        }
        Some(out)
    }

    fn step(&self, place: &Place, step: &Step) -> Option<Value> {
        let at = self.beside(place, &step.at.file);
        let location =
            json!({"uri": self.workspace.uri(&at), "range": self.range(&at, step.at.span)?});
        Some(json!({"location": location, "message": step.label.get(self.language)}))
    }

    /// What there is to say at a byte: the findings there, and what is known of the data.
    pub fn hover(&self, place: &Place, findings: &[Finding], byte: u32) -> Option<Value> {
        let mut parts: Vec<String> = Vec::new();
        let mut span: Option<Span> = None;
        for finding in findings.iter().filter(|f| f.at.span.touches(byte)) {
            let shorter = span.is_none_or(|s| finding.at.span.len() < s.len());
            if shorter {
                span = Some(finding.at.span);
            }
            parts.push(self.about(place, finding));
        }
        let session = &self.workspace.group(&place.group)?.session;
        if let Some(more) = session.hover(&place.name, byte) {
            parts.push(more.markdown.get(self.language).to_string());
            span = span.or(Some(more.span));
        }
        let range = self.range(place, span?)?;
        let contents = json!({"kind": "markdown", "value": parts.join("\n\n---\n\n")});
        Some(json!({"contents": contents, "range": range}))
    }

    /// What a finding says, why, what to do, and the beginning of its rule's page.
    fn about(&self, place: &Place, finding: &Finding) -> String {
        let language = self.language;
        let mut out = format!("**{}**", escape(finding.message.get(language)));
        for more in [&finding.why, &finding.help] {
            let more = more.get(language);
            if !more.is_empty() {
                out.push_str(&format!("\n\n{}", escape(more)));
            }
        }
        let rules = self.rules(place);
        let rule = rules.and_then(|r| Some((r, r.rule(&finding.rule)?)));
        match rule {
            None => out.push_str(&format!("\n\n`{}`", finding.rule)),
            Some((rules, rule)) => {
                let summary = summary(rule, language);
                if !summary.is_empty() {
                    out.push_str(&format!("\n\n{summary}"));
                }
                match rules.url(rule, language) {
                    Some(url) => out.push_str(&format!("\n\n[{}]({url})", rule.id)),
                    None => out.push_str(&format!("\n\n`{}`", rule.id)),
                }
            }
        }
        out
    }
}

/// The first paragraph of a rule's page.
fn summary(rule: &Rule, language: Language) -> String {
    let page = rule.pages.get(language);
    let lines = page
        .lines()
        .skip_while(|line| line.starts_with('#') || line.trim().is_empty());
    let lines: Vec<&str> = lines
        .take_while(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .collect();
    lines.join("\n")
}

/// Messages hold names from the code: no mark-up of theirs counts.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>#|".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
