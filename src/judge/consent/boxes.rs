//! Boxes beside an agreement that are ticked before anybody read it.

use super::elements::{Element, Elements, Value};
use super::state::true_at_first;
use super::{Hit, View, hit};
use crate::finding::{Confidence, Location};
use crate::judge::message::Words;
use crate::rules::Match;
use crate::rules::consent::ConsentTable;
use crate::text::Span;
use std::collections::BTreeMap;

/// Ticked by the template itself, or by the page's initial data.
pub(super) fn prechecked(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let mut out = Vec::new();
    for (file, elements) in &view.elements {
        let mut truths: Option<BTreeMap<String, Span>> = None;
        for (index, element) in elements.all.iter().enumerate() {
            let Some((_, state)) = state_of(view.table, element) else {
                continue;
            };
            let ticked = match state {
                Value::Bare | Value::Bool(true) => true,
                Value::Text(text) => text == "true" || text == "checked",
                Value::Path(path) => truths
                    .get_or_insert_with(|| initial(view, file))
                    .contains_key(path),
                _ => false,
            };
            if ticked && is_agreement(view, elements, index) {
                let at = Location {
                    file: file.clone(),
                    span: element.open,
                };
                let words = Words::default().set("call", &element.tag);
                out.push(hit(&at, Confidence::High, Vec::new(), words));
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

/// Initial view data of the parts that a template belongs to.
fn initial(view: &View<'_>, file: &str) -> BTreeMap<String, Span> {
    let rules = &view.judge.rules;
    let keys = &rules.tables.flow().names().data_keys;
    let app = view.ctx.app;
    let mut scripts: Vec<&str> = app
        .part_of(file)
        .filter_map(|part| app.parts.get(part)?.script.as_deref())
        .collect();
    scripts.push(file);
    scripts.sort_unstable();
    scripts.dedup();
    let mut out = BTreeMap::new();
    for script in scripts {
        if let Some(facts) = view.facts(script) {
            let refs = &view.table.boxes.refs;
            out.extend(true_at_first(facts, &rules.names, keys, refs));
        }
    }
    out
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
        match elements.all.get(at).and_then(|element| element.parent) {
            Some(parent) => at = parent,
            None => return false,
        }
    }
    false
}
