//! Whether an app that people type personal data into shows an agreement anywhere.

use super::{Hit, View, hit};
use crate::facts::FileFacts;
use crate::facts::ir::Expr;
use crate::finding::Confidence;
use crate::judge::message::Words;
use crate::rules::Match;
use crate::syntax::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Personal data is typed in, and nothing in the app speaks of an agreement.
pub(super) fn missing(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let (data, pages) = typed(view);
    let Some(at) = view.anchor().filter(|_| !data.is_empty()) else {
        return Vec::new();
    };
    if shows_agreement(view) {
        return Vec::new();
    }
    let data: Vec<Arc<str>> = data.into_iter().collect();
    let page = pages.into_iter().next().unwrap_or_default();
    let words = Words::default().set("name", &page);
    vec![hit(&at, Confidence::High, data, words)]
}

/// Classes that people type in, and the files in which they do.
fn typed(view: &View<'_>) -> (BTreeSet<Arc<str>>, BTreeSet<Arc<str>>) {
    let table = &view.table.agreement;
    let classes = view.judge.rules.tables.classes();
    let (mut data, mut pages) = (BTreeSet::new(), BTreeSet::new());
    let controls = view.ctx.flow.controls.iter();
    for control in controls
        .filter(|c| view.ctx.app.is_reached(&c.at.file) && !classes.is_mock_path(&c.at.file))
    {
        for (class, confidence) in &control.data {
            let level = classes.get(class).map_or("", |c| c.level.as_str());
            if *confidence >= Confidence::Medium
                && table.levels.iter().any(|l| l == level)
                && !table.not_classes.iter().any(|c| **c == **class)
            {
                data.insert(class.clone());
                pages.insert(control.at.file.clone());
            }
        }
    }
    (data, pages)
}

fn shows_agreement(view: &View<'_>) -> bool {
    let table = &view.table.agreement;
    let calls = |found: &&crate::flow::ApiUse| table.calls.iter().any(|c| **c == *found.api);
    if view.uses.iter().any(calls) {
        return true;
    }
    let speaks = |text: &str| view.table.speaks_of_agreement(text);
    let app = view.ctx.app;
    let parts = app.parts.iter().filter(|part| part.reached);
    if parts
        .into_iter()
        .any(|p| speaks(&p.name) || speaks(&p.title))
    {
        return true;
    }
    view.reached()
        .into_iter()
        .any(|facts| says(view, facts, &speaks))
}

/// A text of a file speaks of an agreement.
pub(super) fn says(view: &View<'_>, facts: &FileFacts, speaks: &dyn Fn(&str) -> bool) -> bool {
    let markup = facts.template.iter().flat_map(|t| &t.markup.nodes);
    let in_markup = markup.into_iter().any(|node| match node {
        Node::Text { text, .. } => speaks(text),
        Node::Element { attrs, .. } => attrs
            .iter()
            .any(|attr| attr.text.as_deref().is_some_and(speaks)),
        Node::Comment(_) => false,
    });
    let names = &view.judge.rules.names;
    in_markup
        || facts.modules.iter().any(|module| {
            let mut units = std::iter::once(&module.top).chain(&module.children);
            units.any(|placed| {
                placed.unit.exprs.iter().any(|node| match &node.kind {
                    Expr::Str(text) => speaks(&names.text(*text)),
                    _ => false,
                })
            })
        })
}
