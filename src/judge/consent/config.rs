//! The app's configuration from all files that hold some of it, under the keys that the host knows.

use super::{AppCtx, View};
use crate::app::script_config;
use crate::facts::{JsonEntry, JsonScalar};
use crate::finding::Location;
use crate::judge::Judge;
use std::sync::Arc;

/// An entry and its file.
pub struct Entry {
    /// The file.
    pub file: Arc<str>,
    /// What stands there.
    pub entry: JsonEntry,
}

impl Entry {
    /// Where its key stands.
    pub fn at(&self) -> Location {
        let span = if self.entry.key.is_empty() {
            self.entry.value
        } else {
            self.entry.key
        };
        Location {
            file: self.file.clone(),
            span,
        }
    }

    pub(super) fn text(&self) -> Option<&Arc<str>> {
        match &self.entry.scalar {
            JsonScalar::String(text) => Some(text),
            _ => None,
        }
    }
}

/// All entries; paths of frameworks' manifests are those of the host.
pub(super) fn entries(view: &View<'_>) -> Vec<Entry> {
    view.judge.configuration(&view.ctx)
}

impl Judge {
    /// All entries of an app's configuration; paths of frameworks' manifests are those of the host.
    pub fn configuration(&self, ctx: &AppCtx<'_>) -> Vec<Entry> {
        read(self, ctx)
    }
}

fn read(judge: &Judge, ctx: &AppCtx<'_>) -> Vec<Entry> {
    let app = ctx.app;
    let table = &judge.rules.tables.consent().declaration;
    let mut files: Vec<Arc<str>> = app.config.iter().cloned().collect();
    for name in &table.files {
        let path = match &*app.root {
            "" => name.clone(),
            root => format!("{root}/{name}"),
        };
        files.extend(app.files.get(&*path).cloned());
    }
    files.dedup();
    let rules = &judge.rules;
    let mut out = Vec::new();
    for file in files {
        let Some(facts) = ctx.files.get(&file) else {
            continue;
        };
        let scripted = script_config(facts, &rules.names, rules.tables.app_model());
        for entry in facts.json.iter().cloned().chain(scripted) {
            let path = entry
                .path
                .strip_prefix(&*table.prefix)
                .and_then(|rest| rest.strip_prefix('.'));
            let entry = match path {
                Some(path) => JsonEntry {
                    path: path.into(),
                    ..entry
                },
                None => entry,
            };
            let file = file.clone();
            out.push(Entry { file, entry });
        }
    }
    out
}
