//! The seam between the command line and the session: texts in, outcome out.

use super::progress::Progress;
use crate::finding::Confidence;
use crate::flow::SinkHit;
use crate::inventory::Inventory;
use crate::project::mend::Texts;
use crate::rules::RuleSet;
use crate::session::{Outcome, Session, Settings};
use crate::syntax::{Dialects, Document, builtin_dialects};
use std::sync::{Arc, OnceLock};

/// What the engine says of one app folder.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings, silenced ones counted, notes.
    pub outcome: Outcome,
    /// Every arrival of personal data at a sink; with `all_flows`, of anything at any platform call.
    pub hits: Vec<SinkHit>,
}

/// Which files are looked into.
pub fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(builtin_dialects)
}

/// Judges the files of one app folder.
pub fn judge(
    documents: &[Document],
    settings: &Settings,
    rules: &Arc<RuleSet>,
    progress: &Progress,
) -> Judged {
    let mut session = Session::new(rules.clone(), settings);
    progress.reading();
    session.set_texts(documents, dialects(), &|| progress.one());
    progress.following();
    let mut outcome = session.check();
    session.add_fixes(&mut outcome.findings);
    let hits = session
        .linked()
        .apps
        .iter()
        .flat_map(|app| match settings.all_flows {
            true => app.flow.all.iter(),
            false => app.flow.hits.iter(),
        })
        // What is only shown goes nowhere; what nothing can call does not run.
        .filter(|hit| &*hit.family != "display" && hit.reached)
        .cloned()
        .filter_map(|mut hit| {
            // A guess is no flow.
            hit.data.retain(|d| d.confidence > Confidence::Low);
            (!hit.data.is_empty()).then_some(hit)
        })
        .collect();
    Judged { outcome, hits }
}

/// The inventories of the apps in one folder.
pub fn inventories(
    texts: &Texts,
    settings: &Settings,
    rules: &Arc<RuleSet>,
    progress: &Progress,
) -> Vec<Inventory> {
    let documents: Vec<Document> = texts
        .iter()
        .map(|(path, text)| Document {
            path: path.clone(),
            text: text.clone(),
        })
        .collect();
    let mut session = Session::new(rules.clone(), settings);
    progress.reading();
    session.set_texts(&documents, dialects(), &|| progress.one());
    progress.following();
    session.inventories()
}
