//! Boxes beside an agreement that are ticked before anybody read it.

use super::elements::{Element, Elements, Value};
use super::state::{true_at_first, true_when_shown};
use super::{Hit, View, hit};
use crate::finding::{Confidence, Location};
use crate::judge::message::Words;
use crate::rules::Match;
use crate::rules::consent::ConsentTable;
use crate::text::Span;
use std::collections::BTreeMap;

/// Ticked by the template itself, by the page's initial data, or by code that runs when the page opens.
pub(super) fn prechecked(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let mut out = Vec::new();
    for (file, elements) in &view.elements {
        let mut truths: Option<Truths> = None;
        for (index, element) in elements.all.iter().enumerate() {
            let Some((_, state)) = state_of(view.table, element) else {
                continue;
            };
            let sure = match state {
                Value::Bare | Value::Bool(true) => Some(Confidence::High),
                Value::Text(text) if text == "true" || text == "checked" => Some(Confidence::High),
                Value::Path(path) => {
                    let truths = truths.get_or_insert_with(|| Truths::of(view, file));
                    let first = truths.at_first.get(path).map(|_| Confidence::High);
                    let shown = || truths.when_shown.get(path).map(|_| Confidence::Medium);
                    first.or_else(shown)
                }
                _ => None,
            };
            if let Some(sure) = sure
                && is_agreement(view, elements, index)
            {
                let at = Location {
                    file: file.clone(),
                    span: element.open,
                };
                let words = Words::default().set("call", &element.tag);
                out.push(hit(&at, sure, Vec::new(), words));
            }
        }
    }
    out
}

/// The attribute that says whether a box is ticked, and its value.
pub(super) fn state_of<'e>(
    table: &ConsentTable,
    element: &'e Element,
) -> Option<(&'e str, &'e Value)> {
    let table = &table.boxes;
    let own = table.tags.contains(&element.tag);
    let library = table
        .library_endings
        .iter()
        .any(|end| element.tag.ends_with(&**end));
    if !own && !library {
        return None;
    }
    let further = table.library_states.iter().filter(|_| !own);
    let mut names = table.states.iter().chain(further);
    names.find_map(|name| {
        let mut attrs = element.attrs.iter();
        let (name, value) = attrs.find(|(n, _)| n == name)?;
        Some((&**name, value))
    })
}

/// What is true in the parts that a template belongs to.
struct Truths {
    at_first: BTreeMap<String, Span>,
    when_shown: BTreeMap<String, Span>,
}

impl Truths {
    fn of(view: &View<'_>, file: &str) -> Truths {
        let rules = &view.judge.rules;
        let flow = rules.tables.flow();
        let names = flow.names();
        let app = view.ctx.app;
        let mut scripts: Vec<&str> = app
            .part_of(file)
            .filter_map(|part| app.parts.get(part)?.script.as_deref())
            .collect();
        scripts.push(file);
        scripts.sort_unstable();
        scripts.dedup();
        let cycles =
            ["lifecycle", "query-lifecycle", "effect"].map(|kind| flow.framework_names(kind));
        let runs_by_itself = |name: &str| {
            names.entry.iter().any(|n| **n == *name)
                || cycles.iter().flatten().any(|n| ***n == *name)
        };
        let mut out = Truths {
            at_first: BTreeMap::new(),
            when_shown: BTreeMap::new(),
        };
        for facts in scripts.into_iter().filter_map(|script| view.facts(script)) {
            let refs = &view.table.boxes.refs;
            out.at_first
                .extend(true_at_first(facts, &rules.names, &names.data_keys, refs));
            out.when_shown
                .extend(true_when_shown(facts, &rules.names, &runs_by_itself));
        }
        out
    }
}

/// The text around a box, as near as it gets, speaks of an agreement.
fn is_agreement(view: &View<'_>, elements: &Elements, index: usize) -> bool {
    let table = &view.table.boxes;
    let mut at = index;
    for _ in 0..=table.max_up {
        let text = elements.inner_text(at, table.max_text).to_lowercase();
        if text.len() > table.max_text * 2 {
            return false;
        }
        if table.not_words.iter().any(|word| text.contains(&**word)) {
            return false;
        }
        if table.words.iter().any(|word| text.contains(&**word)) {
            return true;
        }
        // The text that is nearest to a switch is its label.
        let is_setting = table.settings.contains(&elements.all[index].tag);
        if is_setting && !text.trim().is_empty() {
            return false;
        }
        match elements.all.get(at).and_then(|element| element.parent) {
            Some(parent) => at = parent,
            None => return around_root(view, elements, index),
        }
    }
    false
}

/// The elements beside one that stands in none, as far as they are next to it.
fn around_root(view: &View<'_>, elements: &Elements, index: usize) -> bool {
    let table = &view.table.boxes;
    let roots = elements
        .all
        .iter()
        .enumerate()
        .filter(|(_, e)| e.parent.is_none());
    let roots: Vec<usize> = roots.map(|(at, _)| at).collect();
    let Some(at) = roots.iter().position(|&root| root == index) else {
        return false;
    };
    let text = roots[at..]
        .iter()
        .take(2)
        .map(|&root| elements.inner_text(root, table.max_text));
    let text = text.collect::<String>().to_lowercase();
    text.len() <= table.max_text * 2
        && !table.not_words.iter().any(|word| text.contains(&**word))
        && table.words.iter().any(|word| text.contains(&**word))
}
