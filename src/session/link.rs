//! Linking: the apps of a session, what flows through each, and the findings that need more than one file.
//!
//! A pure function of the files' facts. An app whose files did not change keeps its result.

use super::carry::Moves;
use crate::app::{self, App, Digest};
use crate::facts::FileFacts;
use crate::finding::Finding;
use crate::flow::{self, Cancelled, FlowResult, Reading};
use crate::judge::{AppCtx, Judge, JudgeCtx};
use crate::rules::RuleSet;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Texts by file.
pub(super) type Texts = BTreeMap<Arc<str>, Arc<str>>;

/// Facts by path.
pub type Files = BTreeMap<Arc<str>, Arc<FileFacts>>;

/// A file and what its values hold.
type FileReadings = (Arc<str>, Arc<Vec<Reading>>);

/// One app and what was found in it.
#[derive(Debug)]
pub struct LinkedApp {
    /// The model.
    pub app: App,
    /// What flows where.
    pub flow: FlowResult,
    /// Findings of flows, by file, not silenced.
    pub findings: BTreeMap<Arc<str>, Vec<Finding>>,
    /// The facts that all this was made of.
    facts: Vec<Arc<FileFacts>>,
    /// What the values of the file that was asked for last hold.
    readings: Mutex<Option<FileReadings>>,
}

impl LinkedApp {
    /// What the values in one of the app's files hold, if that file was looked at last: see [`Self::look_at`].
    pub fn readings(&self, file: &str) -> Option<Arc<Vec<Reading>>> {
        let kept = self.kept_readings();
        let (_, readings) = kept.as_ref().filter(|(path, _)| **path == *file)?;
        Some(readings.clone())
    }

    /// Finds out what the values in one of the app's files hold: follows the whole app again.
    pub fn look_at(&self, rules: &RuleSet, judge: &Judge, file: &str) {
        let own = self.files();
        let options = judge.flow_options();
        let readings = Arc::new(flow::readings(rules, &self.app, &own, options, file));
        *self.kept_readings() = Some((file.into(), readings));
    }

    fn kept_readings(&self) -> MutexGuard<'_, Option<FileReadings>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LinkedApp {
    /// The facts of its files.
    pub fn files(&self) -> Files {
        let files = self.facts.iter();
        files.map(|f| (f.path.clone(), f.clone())).collect()
    }
}

/// All apps of a session.
#[derive(Debug, Default)]
pub struct Linked {
    /// In order of their roots.
    pub apps: Vec<Arc<LinkedApp>>,
    /// The texts that all this was made of.
    texts: Texts,
}

impl Linked {
    /// The app that a file belongs to.
    pub fn app_of(&self, file: &str) -> Option<&Arc<LinkedApp>> {
        self.apps.iter().find(|a| a.app.files.contains(file))
    }

    /// The findings of flows as they stand in newer texts: moved along with what surrounds them, for the time until the
    /// newer texts are linked. What was itself written anew is left out.
    pub fn carried<'a>(
        &'a self,
        text: &dyn Fn(&str) -> Option<Arc<str>>,
    ) -> BTreeMap<&'a str, Cow<'a, [Finding]>> {
        let mut moves = Moves::new(&self.texts, text);
        let mut out = BTreeMap::new();
        for (path, findings) in self.apps.iter().flat_map(|app| &app.findings) {
            let stays = |finding: &Finding| {
                let steps = finding.flow.iter().map(|step| &step.at);
                std::iter::once(&finding.at)
                    .chain(steps)
                    .all(|at| moves.stays(&at.file))
            };
            let list = match findings.iter().all(stays) {
                true => Cow::Borrowed(&**findings),
                false => findings
                    .iter()
                    .filter_map(|f| moves.finding(f))
                    .collect::<Vec<_>>()
                    .into(),
            };
            out.insert(&**path, list);
        }
        out
    }
}

/// Links files. What did not change since `previous` is taken from there. `None` soon after `cancelled` said so.
pub fn link(
    rules: &RuleSet,
    judge: &Judge,
    files: &Files,
    digests: &BTreeMap<Arc<str>, Digest>,
    texts: Texts,
    previous: Option<&Linked>,
    cancelled: Cancelled<'_>,
) -> Option<Linked> {
    let apps = app::build(digests, rules);
    let apps: Option<Vec<Arc<LinkedApp>>> = apps
        .into_par_iter()
        .map(|app| {
            let facts: Vec<Arc<FileFacts>> = app
                .files
                .iter()
                .filter_map(|path| files.get(path).cloned())
                .collect();
            let same = previous
                .and_then(|p| p.apps.iter().find(|old| old.app.root == app.root))
                .filter(|old| old.app == app && same_facts(&old.facts, &facts));
            match same {
                Some(old) => Some(old.clone()),
                None => link_app(rules, judge, app, facts, cancelled).map(Arc::new),
            }
        })
        .collect();
    apps.map(|apps| Linked { apps, texts })
}

fn same_facts(a: &[Arc<FileFacts>], b: &[Arc<FileFacts>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

fn link_app(
    rules: &RuleSet,
    judge: &Judge,
    app: App,
    facts: Vec<Arc<FileFacts>>,
    cancelled: Cancelled<'_>,
) -> Option<LinkedApp> {
    let own: Files = facts.iter().map(|f| (f.path.clone(), f.clone())).collect();
    let flow = flow::analyze(rules, &app, &own, judge.flow_options(), cancelled)?;
    let ctx = JudgeCtx {
        files: &own,
        flow: &flow,
    };
    let mut findings: BTreeMap<Arc<str>, Vec<Finding>> = BTreeMap::new();
    let consent = AppCtx {
        files: &own,
        app: &app,
        flow: &flow,
    };
    let found = judge.flow(&ctx).into_iter().chain(judge.consent(&consent));
    for finding in found {
        findings
            .entry(finding.at.file.clone())
            .or_default()
            .push(finding);
    }
    Some(LinkedApp {
        app,
        flow,
        findings,
        facts,
        readings: Mutex::default(),
    })
}
