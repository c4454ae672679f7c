//! The seam between the command line and the session: texts in, outcome out.

use crate::facts::Note;
use crate::finding::fingerprint::fingerprint;
use crate::finding::suppress::names;
use crate::finding::{Confidence, Finding, Location, Text, redact};
use crate::flow::SinkHit;
use crate::report::mask::quoted;
use crate::rules::{RuleSet, SecretPlace, SecretQuery};
use crate::session::{Outcome, Settings};
use crate::syntax::{Dialects, Document};
use crate::text::Span;
use std::sync::{Arc, OnceLock};

/// What the engine says of one app folder.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings, silenced ones counted, notes.
    pub outcome: Outcome,
    /// Every arrival of personal data at a sink.
    pub hits: Vec<SinkHit>,
}

/// Which files are looked into.
pub fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(|| {
        toml::from_str(include_str!("../../queries/data/dialects.toml"))
            .expect("internal: dialects.toml is part of the binary and tested")
    })
}

/// Judges the files of one app folder.
///
/// TODO(lead): hand them to `Session`. Until it is there only secrets are looked for, line by line, and a note says so.
pub fn judge(
    documents: &[Document],
    settings: &Settings,
    rules: &Arc<RuleSet>,
    _all_sources: bool,
) -> Judged {
    let mut out = Judged::default();
    for document in documents {
        let findings = secrets(document, settings, rules);
        if !findings.is_empty() {
            out.outcome.findings.insert(document.path.clone(), findings);
        }
    }
    if let Some(first) = documents.first() {
        let note = Note {
            span: Span::default(),
            kind: "no-flow",
        };
        out.outcome.notes.insert(first.path.clone(), vec![note]);
    }
    out
}

fn secrets(document: &Document, settings: &Settings, rules: &RuleSet) -> Vec<Finding> {
    let table = rules.tables.secrets();
    let near = table.near(&document.text);
    let named = |list: &[String], rule: &str| list.iter().any(|s| names(s, rule));
    let mut out: Vec<Finding> = Vec::new();
    let mut start = 0usize;
    for line in document.text.split_inclusive('\n') {
        let mut found = Vec::new();
        let query = SecretQuery {
            value: line,
            name: "",
            place: SecretPlace::Running,
            near,
            strict: false,
        };
        found.extend(
            table
                .scan(&query)
                .into_iter()
                .map(|m| (0, String::new(), m)),
        );
        for (name, value) in quoted(line) {
            let query = SecretQuery {
                value: value.of(line),
                name,
                place: SecretPlace::Value,
                near,
                strict: false,
            };
            found.extend(
                table
                    .scan(&query)
                    .into_iter()
                    .map(|m| (value.start as usize, name.to_string(), m)),
            );
        }
        for (base, name, hit) in found {
            let Some(rule) = rules.rule(&hit.rule) else {
                continue;
            };
            let chosen = if settings.select.is_empty() {
                rule.default
            } else {
                named(&settings.select, &rule.id)
            };
            let Some(severity) = hit
                .shipped
                .filter(|_| chosen && !named(&settings.ignore, &rule.id))
            else {
                continue;
            };
            let severity = settings
                .severity
                .get(&*rule.id)
                .copied()
                .unwrap_or(severity);
            let sure = hit.confidence >= settings.min_confidence.unwrap_or(Confidence::Medium);
            if !sure || settings.min_severity.is_some_and(|least| severity < least) {
                continue;
            }
            let span = Span::new(
                (start + base + hit.start) as u32,
                (start + base + hit.end) as u32,
            );
            if out
                .iter()
                .any(|f| f.at.span.touches(span.start) || span.touches(f.at.span.start))
            {
                continue;
            }
            let value = redact(span.of(&document.text));
            let fill = |text: &Text| {
                let one = |text: &str, what: &str, place: &str| {
                    let name = if name.is_empty() { what } else { name.as_str() };
                    let text = text.replace("{title}", what).replace("{name}", name);
                    text.replace("{place}", place).replace("{value}", &value)
                };
                Text {
                    en: one(&text.en, &hit.what.en, "the code"),
                    zh_cn: one(&text.zh_cn, &hit.what.zh_cn, "代码"),
                }
            };
            out.push(Finding {
                rule: rule.id.clone(),
                severity,
                confidence: hit.confidence,
                message: fill(&rule.messages.what),
                why: fill(&rule.messages.why),
                help: fill(&rule.messages.help),
                at: Location {
                    file: document.path.clone(),
                    span,
                },
                data: Vec::new(),
                flow: Vec::new(),
                fixes: Vec::new(),
                fingerprint: fingerprint(&rule.id, &document.path, line),
                deprecated: false,
            });
        }
        start += line.len();
    }
    out.sort_by_key(|finding| finding.at.span);
    out
}
