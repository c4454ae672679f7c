//! Examples of rules, checked as everything else is checked: by a session with the files of the example.

use super::{Session, Settings};
use crate::finding::Finding;
use crate::rules::examples::{Checked, Reported};
use crate::rules::{Rule, RuleSet};
use crate::syntax::{Dialects, Document};
use crate::text::apply_edits;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More mends than an example can need: a mend that brings its finding back must not run for ever.
const MAX_MENDS: usize = 40;

/// What is found in a small app, and its files after the mends of one rule were applied until none was left.
pub fn check(
    rules: &Arc<RuleSet>,
    rule: &Rule,
    dialects: &Dialects,
    texts: &BTreeMap<String, String>,
) -> Checked {
    // A rule that is off, or too unsure to be shown, has examples all the same.
    let settings = Settings {
        select: vec![rule.id.to_string()],
        min_confidence: Some(rule.confidence.min(crate::finding::Confidence::Medium)),
        declared: declared(texts),
        ..Settings::default()
    };
    let empty = Session::new(rules.clone(), &settings);
    let mut texts = texts.clone();
    let mut session = opened(&empty, dialects, &texts);
    let mut checked = Checked {
        findings: found(&session).map(|f| reported(&f, &texts)).collect(),
        ..Checked::default()
    };
    for _ in 0..MAX_MENDS {
        if !mend(&session, rule, &mut texts) {
            break;
        }
        session = opened(&empty, dialects, &texts);
    }
    checked.fixed = texts;
    checked
}

/// What an example's own settings declare: of these, examples have only that.
fn declared(texts: &BTreeMap<String, String>) -> Vec<String> {
    let settings = texts
        .get("minivet.toml")
        .and_then(|text| toml::from_str::<toml::Table>(text).ok());
    let list = settings
        .as_ref()
        .and_then(|table| table.get("declared")?.as_array());
    list.into_iter()
        .flatten()
        .filter_map(|word| word.as_str().map(str::to_string))
        .collect()
}

fn opened(empty: &Session, dialects: &Dialects, texts: &BTreeMap<String, String>) -> Session {
    let documents: Vec<Document> = texts
        .iter()
        .map(|(path, text)| Document {
            path: path.as_str().into(),
            text: text.as_str().into(),
        })
        .collect();
    let mut session = empty.emptied();
    session.set_texts(&documents, dialects, &|| ());
    session
}

fn found(session: &Session) -> impl Iterator<Item = Finding> {
    session.check().findings.into_values().flatten()
}

fn reported(finding: &Finding, texts: &BTreeMap<String, String>) -> Reported {
    let text = texts.get(&*finding.at.file).map_or("", String::as_str);
    let before = text.get(..finding.at.span.start as usize).unwrap_or(text);
    Reported {
        file: finding.at.file.to_string(),
        line: before.matches('\n').count() as u32 + 1,
        severity: finding.severity,
        rule: finding.rule.to_string(),
        data: finding.data.iter().map(|d| d.to_string()).collect(),
    }
}

/// Applies the first mend of the first finding that has one; `false` if none has.
fn mend(session: &Session, rule: &Rule, texts: &mut BTreeMap<String, String>) -> bool {
    let mut findings = found(session).filter(|f| f.rule == rule.id);
    let Some(fix) = findings.find_map(|f| session.fixes(&f).into_iter().next()) else {
        return false;
    };
    let mut by_file: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for edit in fix.edits {
        by_file
            .entry(edit.file.to_string())
            .or_default()
            .push(edit.edit);
    }
    let mut applied = false;
    for (file, edits) in by_file {
        let old = texts.get(&file).map_or("", String::as_str);
        if let Some(new) = apply_edits(old, &edits).filter(|new| new != old) {
            applied = true;
            texts.insert(file, new);
        }
    }
    applied
}
