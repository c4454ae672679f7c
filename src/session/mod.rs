//! A session: the files of a workspace, their facts, their apps, and what is found in them. Both shells feed it and
//! show what it says, so that they always agree. No I/O, no clock, no threads of its own beyond rayon.

use crate::facts::{FileFacts, Note, analyze};
use crate::finding::fingerprint::fingerprint;
use crate::finding::suppress::{self, Input};
use crate::finding::{Finding, Text};
use crate::judge::Judge;
pub use crate::judge::Settings;
use crate::rules::RuleSet;
use crate::syntax::{Dialects, Document, Parsed, parse};
use crate::text::Span;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings by file, each list sorted by place; files without findings are absent.
    pub findings: BTreeMap<Arc<str>, Vec<Finding>>,
    /// Number of findings silenced by directives, by file.
    pub suppressed: BTreeMap<Arc<str>, u32>,
    /// What was cut short, by file.
    pub notes: BTreeMap<Arc<str>, Vec<Note>>,
}

/// What to show under the cursor.
#[derive(Clone, Debug)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub markdown: Text,
}

/// One file of a session.
#[derive(Debug)]
struct Entry {
    document: Document,
    parsed: Parsed,
    facts: FileFacts,
    /// Silencing comments applied.
    findings: Vec<Finding>,
    /// How many were silenced.
    suppressed: u32,
}

/// The files of a workspace and what is found in them.
#[derive(Debug)]
pub struct Session {
    rules: Arc<RuleSet>,
    judge: Judge,
    report_unused: bool,
    files: BTreeMap<Arc<str>, Entry>,
}

impl Session {
    /// An empty session.
    pub fn new(rules: Arc<RuleSet>, settings: &Settings) -> Session {
        Session {
            judge: Judge::new(rules.clone(), settings),
            rules,
            report_unused: settings.report_unused_directives,
            files: BTreeMap::new(),
        }
    }

    /// A text is new or was changed: its facts and its own findings are made anew, from what the older text left.
    /// Files of no known kind are left out.
    pub fn set_text(&mut self, document: Document, dialects: &Dialects) {
        let path = document.path.clone();
        let old = self.files.get(&path);
        if old.is_some_and(|old| old.document.text == document.text) {
            return;
        }
        match self.entry(document, dialects, old) {
            Some(entry) => self.files.insert(path, entry),
            None => self.files.remove(&path),
        };
    }

    /// Many texts at once, on all threads of the current rayon pool.
    pub fn set_texts(&mut self, documents: &[Document], dialects: &Dialects) {
        let entries: Vec<Entry> = documents
            .par_iter()
            .filter_map(|document| self.entry(document.clone(), dialects, None))
            .collect();
        for entry in entries {
            self.files.insert(entry.document.path.clone(), entry);
        }
    }

    fn entry(&self, document: Document, dialects: &Dialects, old: Option<&Entry>) -> Option<Entry> {
        let kind = dialects.kind_of(&document.path)?;
        let parsed = parse(&document, kind, dialects, old.map(|old| &old.parsed));
        let facts = analyze(&document, &parsed, &self.rules, old.map(|old| &old.facts));
        let mut findings = self.judge.file(&facts);
        // Facts hold no text, so that the words of a finding's line are added here.
        for finding in &mut findings {
            let line = facts.lines.line_of(finding.at.span.start);
            let line = facts.lines.line_text(&document.text, line);
            finding.fingerprint = fingerprint(&finding.rule, &document.path, line);
        }
        let (findings, suppressed) = self.silence(&document, &facts, findings);
        Some(Entry {
            document,
            parsed,
            facts,
            findings,
            suppressed,
        })
    }

    fn silence(
        &self,
        document: &Document,
        facts: &FileFacts,
        findings: Vec<Finding>,
    ) -> (Vec<Finding>, u32) {
        let input = Input {
            path: &document.path,
            text: &document.text,
            lines: &facts.lines,
            directives: &facts.directives,
        };
        let ran = |selector: &str| {
            let chosen = self.rules.select(selector);
            chosen
                .iter()
                .any(|&rule| self.judge.runs(&self.rules.rules[rule].id))
        };
        let silenced = suppress::apply(&input, findings, &suppress::names, &ran);
        let mut kept = silenced.kept;
        if self.report_unused {
            kept.extend(silenced.unused);
            kept.sort_by_key(|finding| finding.at.span);
        }
        (kept, silenced.suppressed)
    }

    /// A text is gone.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// What is found, silencing comments applied.
    pub fn check(&self) -> Outcome {
        let mut outcome = Outcome::default();
        for (path, entry) in &self.files {
            if !entry.findings.is_empty() {
                outcome
                    .findings
                    .insert(path.clone(), entry.findings.clone());
            }
            if entry.suppressed > 0 {
                outcome.suppressed.insert(path.clone(), entry.suppressed);
            }
            if !entry.facts.notes.is_empty() {
                outcome
                    .notes
                    .insert(path.clone(), entry.facts.notes.clone());
            }
        }
        outcome
    }
}
