//! What becomes of collected data: never used, never deleted.

use super::agreement::says;
use super::{Hit, View, hit};
use crate::finding::Confidence;
use crate::judge::message::Words;
use crate::rules::Match;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What people type in and no code takes anywhere: not stored, not sent, not shown.
pub(super) fn over_collection(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.agreement;
    let classes = view.judge.rules.tables.classes();
    let flow = view.ctx.flow;
    if flow.hits.is_empty() {
        return Vec::new();
    }
    let sources: BTreeSet<_> = flow
        .hits
        .iter()
        .flat_map(|hit| hit.data.iter().map(|datum| &datum.source))
        .collect();
    flow.controls
        .iter()
        .filter(|control| {
            view.ctx.app.is_reached(&control.at.file)
                && !control.receiver.is_empty()
                && !sources.contains(&control.at)
                && !flow.partial.contains(&control.at.file)
        })
        .filter_map(|control| {
            let data: Vec<Arc<str>> = control
                .data
                .iter()
                .filter(|(class, confidence)| {
                    let level = classes.get(class).map_or("", |c| c.level.as_str());
                    *confidence == Confidence::High && table.levels.iter().any(|l| l == level)
                })
                .map(|(class, _)| class.clone())
                .collect();
            let words = Words::default().set("call", &control.name);
            (!data.is_empty()).then(|| hit(&control.at, Confidence::Medium, data, words))
        })
        .collect()
}

/// Account data is kept on the device, and nothing in the app removes it or lets people close their account.
pub(super) fn missing_deletion(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.deletion;
    let stored = view.ctx.flow.hits.iter().filter(|hit| {
        !hit.server && hit.reached && table.families.iter().any(|family| **family == *hit.family)
    });
    let data: BTreeSet<Arc<str>> = stored
        .flat_map(|hit| &hit.data)
        .filter(|datum| {
            datum.confidence >= Confidence::Medium
                && table.classes.iter().any(|class| **class == *datum.class)
        })
        .map(|datum| datum.class.clone())
        .collect();
    let removes = view
        .uses
        .iter()
        .any(|found| table.calls.iter().any(|call| **call == *found.api));
    let Some(at) = view.anchor().filter(|_| !data.is_empty() && !removes) else {
        return Vec::new();
    };
    let speaks = |text: &str| table.words.iter().any(|word| text.contains(&**word));
    if view
        .reached()
        .into_iter()
        .any(|facts| says(view, facts, &speaks))
    {
        return Vec::new();
    }
    let data = data.into_iter().collect();
    vec![hit(&at, Confidence::Medium, data, Words::default())]
}
