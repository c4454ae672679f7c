//! Linking: the apps of a session, what flows through each, and the findings that need more than one file.
//!
//! A pure function of the files' facts. An app whose files did not change keeps its result.

use crate::app::{self, App, Digest};
use crate::facts::FileFacts;
use crate::finding::Finding;
use crate::flow::{self, FlowResult, Reading};
use crate::judge::{AppCtx, Judge, JudgeCtx};
use crate::rules::RuleSet;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

type Files = BTreeMap<Arc<str>, Arc<FileFacts>>;

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
    /// What the values in one of the app's files hold. The first question about a file follows the whole app again.
    pub fn readings(&self, rules: &RuleSet, judge: &Judge, file: &str) -> Arc<Vec<Reading>> {
        let mut kept = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, readings)) = kept.as_ref().filter(|(path, _)| **path == *file) {
            return readings.clone();
        }
        let own: Files = self
            .facts
            .iter()
            .map(|f| (f.path.clone(), f.clone()))
            .collect();
        let options = judge.flow_options();
        let readings = Arc::new(flow::readings(rules, &self.app, &own, options, file));
        *kept = Some((file.into(), readings.clone()));
        readings
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
}

impl Linked {
    /// The app that a file belongs to.
    pub fn app_of(&self, file: &str) -> Option<&Arc<LinkedApp>> {
        self.apps.iter().find(|a| a.app.files.contains(file))
    }
}

/// Links files. What did not change since `previous` is taken from there.
pub fn link(
    rules: &RuleSet,
    judge: &Judge,
    files: &Files,
    digests: &BTreeMap<Arc<str>, Digest>,
    previous: Option<&Linked>,
) -> Linked {
    let apps = app::build(digests, rules);
    let apps: Vec<Arc<LinkedApp>> = apps
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
                Some(old) => old.clone(),
                None => Arc::new(link_app(rules, judge, app, facts)),
            }
        })
        .collect();
    Linked { apps }
}

fn same_facts(a: &[Arc<FileFacts>], b: &[Arc<FileFacts>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}

fn link_app(rules: &RuleSet, judge: &Judge, app: App, facts: Vec<Arc<FileFacts>>) -> LinkedApp {
    let own: Files = facts.iter().map(|f| (f.path.clone(), f.clone())).collect();
    let flow = flow::analyze(rules, &app, &own, judge.flow_options());
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
    LinkedApp {
        app,
        flow,
        findings,
        facts,
        readings: Mutex::default(),
    }
}
