//! The seam between the command line and the session: texts in, outcome out.

use crate::facts::Note;
use crate::flow::SinkHit;
use crate::rules::RuleSet;
use crate::session::{Outcome, Session, Settings};
use crate::syntax::{Dialects, Document, builtin_dialects};
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
    DIALECTS.get_or_init(builtin_dialects)
}

/// Judges the files of one app folder. Flows across functions and files are not followed yet, and a note says so.
pub fn judge(documents: &[Document], settings: &Settings, rules: &Arc<RuleSet>) -> Judged {
    let mut session = Session::new(rules.clone(), settings);
    session.set_texts(documents, dialects());
    let mut outcome = session.check();
    session.add_fixes(&mut outcome.findings);
    if let Some(first) = documents.first() {
        let note = Note {
            span: Span::default(),
            kind: "no-flow",
        };
        outcome
            .notes
            .entry(first.path.clone())
            .or_default()
            .push(note);
    }
    Judged {
        outcome,
        hits: Vec::new(),
    }
}
