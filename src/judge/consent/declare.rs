//! What the configuration must say about the calls an app makes.

use super::config::{Entry, entries};
use super::{Hit, View, hit, list};
use crate::facts::JsonScalar;
use crate::finding::{Confidence, Location};
use crate::judge::message::Words;
use crate::rules::{Match, PrivacyApi};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether the app is built for a host that asks for declarations, and its configuration can be read.
fn applies(view: &View<'_>) -> bool {
    let app = view.ctx.app;
    let table = &view.table.declaration;
    if app.config.is_none() || !table.platforms.iter().any(|p| **p == *app.platform) {
        return false;
    }
    // Frameworks that build for many hosts name this one in their manifest, or the code does.
    let names_host = |file: &str| table.files.iter().any(|f| file.ends_with(&**f));
    let manifest = app
        .files
        .iter()
        .filter(|file| names_host(file))
        .filter_map(|file| view.facts(file))
        .flat_map(|facts| &facts.json)
        .filter(|entry| *entry.path == *table.app_id)
        .map(|entry| matches!(&entry.scalar, JsonScalar::String(id) if !id.is_empty()))
        .next();
    let spelled = || {
        let uses = view.uses.iter();
        uses.clone()
            .any(|found| table.platforms.iter().any(|p| **p == *found.platform))
    };
    manifest.is_none_or(|named| named || spelled())
}

/// Declared names with their places; `None` if some cannot be read.
pub(super) fn listed(view: &View<'_>, entries: &[Entry]) -> Option<Vec<(Arc<str>, Location)>> {
    let key = &view.table.declaration.key;
    let mut out = Vec::new();
    for entry in entries {
        let rest = entry.entry.path.strip_prefix(&**key);
        match (rest, &entry.entry.scalar) {
            (None, _) => {}
            (Some(""), JsonScalar::Array) => {}
            (Some(rest), JsonScalar::String(name)) if rest.starts_with('.') => {
                out.push((name.clone(), entry.at()));
            }
            (Some(rest), _) if rest.is_empty() || rest.starts_with('.') => return None,
            _ => {}
        }
    }
    Some(out)
}

/// Rows of the uses that a host asks to be declared, by the name to declare.
fn required<'a>(view: &View<'a>) -> BTreeMap<Arc<str>, &'a PrivacyApi> {
    let mut out = BTreeMap::new();
    for found in view.uses.iter().filter(|found| view.is_hosts(found)) {
        if let Some(api) = view.api(found).filter(|api| !api.required.is_empty()) {
            out.insert(api.required.clone(), api);
        }
    }
    out
}

/// Where a declaration would have to be written: below the host's own key in a framework's manifest, else in the app's
/// configuration.
fn place(view: &View<'_>, entries: &[Entry]) -> Option<Location> {
    let prefix = &view.table.declaration.prefix;
    let own = entries.iter().find(|entry| *entry.entry.path == **prefix);
    own.map(Entry::at).or_else(|| view.anchor())
}

/// Calls that are not declared: one finding, at the list or at the beginning of the configuration.
pub(super) fn undeclared(view: &View<'_>, _: &Match) -> Vec<Hit> {
    if !applies(view) {
        return Vec::new();
    }
    let entries = entries(view);
    let Some(known) = listed(view, &entries) else {
        return Vec::new();
    };
    let mut required = required(view);
    required.retain(|name, _| !known.iter().any(|(known, _)| known == name));
    let key = &view.table.declaration.key;
    let listed = entries
        .iter()
        .find(|entry| *entry.entry.path == **key)
        .map(Entry::at);
    let at = listed.or_else(|| place(view, &entries));
    let (Some(at), false) = (at, required.is_empty()) else {
        return Vec::new();
    };
    let missing: Vec<Arc<str>> = required.keys().cloned().collect();
    let mut data: Vec<Arc<str>> = required
        .values()
        .flat_map(|api| view.classes(api))
        .collect();
    data.sort();
    data.dedup();
    let (en, zh) = list(&missing);
    let words = Words::default().set_text("name", &en, &zh).set("key", key);
    vec![hit(&at, Confidence::High, data, words)]
}

/// Declared names of which only one group may stand.
pub(super) fn exclusive(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let entries = entries(view);
    let known = listed(view, &entries).unwrap_or_default();
    let groups = view.apis.required_exclusive();
    let mut found: Vec<&(Arc<str>, Location)> = Vec::new();
    for group in groups {
        let first = known
            .iter()
            .find(|(name, _)| group.iter().any(|g| **g == **name));
        found.extend(first);
    }
    let [(a, _), .., (b, at)] = &found[..] else {
        return Vec::new();
    };
    let words = Words::default().set("name", a).set("target", b);
    vec![hit(at, Confidence::High, Vec::new(), words)]
}

/// Declared names that do not exist.
pub(super) fn unknown(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let entries = entries(view);
    let known = listed(view, &entries).unwrap_or_default();
    let values = view.apis.required_values();
    known
        .iter()
        .filter(|(name, _)| !values.iter().any(|v| **v == **name))
        .map(|(name, at)| {
            let words = Words::default().set("name", name);
            hit(at, Confidence::High, Vec::new(), words)
        })
        .collect()
}

/// Declared names that nothing in the app calls; a guess, because libraries that are not checked may call them.
pub(super) fn surplus(view: &View<'_>, _: &Match) -> Vec<Hit> {
    if !applies(view) || view.ctx.app.config_error.is_some() || view.ctx.flow.uses.is_empty() {
        return Vec::new();
    }
    let entries = entries(view);
    let known = listed(view, &entries).unwrap_or_default();
    let required = required(view);
    known
        .iter()
        .filter(|(name, _)| {
            view.apis.required_values().iter().any(|v| **v == **name)
                && !required.contains_key(name)
                && view.ctx.flow.uses.iter().all(|found| found.api != *name)
        })
        .map(|(name, at)| {
            let words = Words::default().set("name", name);
            hit(at, Confidence::Low, Vec::new(), words)
        })
        .collect()
}

/// Scopes that need a purpose, by the uses that ask for them.
fn scopes<'a>(view: &View<'a>) -> BTreeMap<&'a str, &'a PrivacyApi> {
    let wanted = &view.apis.scopes().desc_required;
    let mut out = BTreeMap::new();
    for found in view.uses.iter().filter(|found| view.is_hosts(found)) {
        if let Some(api) = view.api(found) {
            for scope in std::iter::once(&api.scope).chain(&api.also_scopes) {
                if let Some(scope) = wanted.iter().find(|s| ***s == **scope) {
                    out.entry(&**scope).or_insert(api);
                }
            }
        }
    }
    out
}

/// Permissions that are asked for without a purpose in the configuration.
pub(super) fn purpose_missing(view: &View<'_>, _: &Match) -> Vec<Hit> {
    if !applies(view) {
        return Vec::new();
    }
    let table = &view.table.declaration;
    let entries = entries(view);
    let at = entries
        .iter()
        .find(|entry| *entry.entry.path == *table.permission)
        .map(Entry::at)
        .or_else(|| place(view, &entries));
    let Some(at) = at else {
        return Vec::new();
    };
    let unreadable = entries.iter().any(|entry| {
        entry.entry.path.starts_with(&*table.permission) && entry.entry.scalar == JsonScalar::Null
    });
    let mut missing: Vec<Arc<str>> = Vec::new();
    let mut data = Vec::new();
    for (scope, api) in scopes(view) {
        let path = format!("{}.{scope}", table.permission);
        if !unreadable && !entries.iter().any(|entry| *entry.entry.path == *path) {
            missing.push(scope.into());
            data.extend(view.classes(api));
        }
    }
    if missing.is_empty() {
        return Vec::new();
    }
    data.sort();
    data.dedup();
    let (en, zh) = list(&missing);
    let words = Words::default().set_text("name", &en, &zh);
    vec![hit(&at, Confidence::High, data, words)]
}

/// Purposes in the configuration: scope, text, place.
pub(super) fn purposes(view: &View<'_>) -> Vec<(String, Arc<str>, Location)> {
    let table = &view.table.declaration;
    entries(view)
        .iter()
        .filter_map(|entry| {
            let scope = entry
                .entry
                .path
                .strip_prefix(&*table.permission)?
                .strip_prefix('.')?
                .strip_suffix(&*table.purpose)?
                .strip_suffix('.')?;
            let text = entry.text()?.clone();
            Some((scope.to_string(), text, entry.at()))
        })
        .collect()
}

/// Purposes that say nothing.
pub(super) fn purpose_empty(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.declaration;
    let says_nothing = |text: &str| {
        let text = text.trim().trim_end_matches(['。', '.', '！', '!']);
        let lower = text.to_lowercase();
        text.is_empty() || table.vague.contains(&lower) || table.samples.iter().any(|s| s == text)
    };
    purposes(view)
        .iter()
        .filter(|(_, text, _)| says_nothing(text))
        .map(|(scope, text, at)| {
            let words = Words::default().set("name", scope).set("value", text);
            hit(at, Confidence::High, Vec::new(), words)
        })
        .collect()
}

/// Purposes that the dialog cuts off.
pub(super) fn purpose_long(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let max = view.table.declaration.max_length;
    purposes(view)
        .iter()
        .filter(|(_, text, _)| text.chars().count() > max)
        .map(|(scope, text, at)| {
            let length = text.chars().count().to_string();
            let words = Words::default().set("name", scope).set("value", &length);
            hit(at, Confidence::High, Vec::new(), words)
        })
        .collect()
}
