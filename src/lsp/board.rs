//! What was found and what the client was told of it: diagnostics by document, and which of them are news. Pure.

use super::present::View;
use super::workspace::{Found, Place};
use crate::config::ConfigError;
use crate::finding::Finding;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A broken configuration file as it is shown.
pub struct Broken {
    /// As the client spells it.
    pub uri: String,
    /// The diagnostic.
    pub item: Value,
}

/// The diagnostics of one document.
#[derive(Debug)]
struct Shown {
    uri: String,
    version: Option<i64>,
    items: Vec<Value>,
    result_id: String,
    /// What they were made from.
    stamp: Stamp,
}

#[derive(Debug)]
struct Stamp {
    findings: Vec<Finding>,
    /// Hashes of the files that the findings name.
    texts: Vec<u64>,
    extra: Vec<Value>,
}

/// All diagnostics.
#[derive(Debug, Default)]
pub struct Board {
    found: Found,
    shown: BTreeMap<Arc<str>, Shown>,
    /// Result ids that the client has got.
    delivered: BTreeMap<Arc<str>, String>,
}

/// Hashes of the files that findings name.
fn texts(view: &View<'_>, place: Option<&Place>, findings: &[Finding]) -> Vec<u64> {
    let mut files: BTreeSet<&Arc<str>> = BTreeSet::new();
    for finding in findings {
        files.insert(&finding.at.file);
        files.extend(finding.flow.iter().map(|step| &step.at.file));
    }
    let group = place.and_then(|p| view.workspace.group(&p.group));
    let hash = |file: &Arc<str>| Some(group?.session.facts(file)?.hash);
    let hashes = files.into_iter().map(|f| hash(f).unwrap_or_default());
    hashes.collect()
}

/// What is said about a document that is not analysed although it should be.
fn problem(view: &View<'_>, key: &str) -> Option<Value> {
    let why = view.workspace.problem(key)?;
    let start = json!({"line": 0, "character": 0});
    Some(json!({
        "range": {"start": start, "end": start}, "severity": 3, "source": "minivet", "code": "minivet/not-checked",
        "message": why.get(view.language),
    }))
}

impl Board {
    /// The findings of a document.
    pub fn findings(&self, key: &str) -> &[Finding] {
        self.found.get(key).map_or(&[][..], |(_, list)| list)
    }

    /// Takes new findings; tells which documents have other diagnostics, or the same for a newer version. Documents that
    /// are not in `found` lose theirs if `whole`.
    pub fn refresh(
        &mut self,
        view: &View<'_>,
        found: Found,
        broken: &BTreeMap<Arc<str>, Broken>,
        whole: bool,
    ) -> BTreeSet<Arc<str>> {
        self.found = found;
        let mut keys: BTreeMap<Arc<str>, String> = BTreeMap::new();
        let open = view.workspace.open();
        keys.extend(open.map(|(key, uri)| (key.clone(), uri.to_string())));
        for (key, (place, _)) in &self.found {
            if !keys.contains_key(key) {
                keys.insert(key.clone(), view.workspace.uri(place));
            }
        }
        keys.extend(broken.iter().map(|(k, b)| (k.clone(), b.uri.clone())));
        let mut changed = BTreeSet::new();
        for (key, uri) in &keys {
            let (place, findings) = match self.found.get(key) {
                Some((place, findings)) => (Some(place), findings.as_slice()),
                None => (None, &[][..]),
            };
            let extra = broken.get(key).map(|b| b.item.clone());
            let extra: Vec<Value> = extra.into_iter().chain(problem(view, key)).collect();
            let version = view.workspace.version(key);
            let texts = texts(view, place, findings);
            let old = self.shown.get_mut(key);
            if let Some(old) = old
                && old.stamp.findings == findings
                && old.stamp.texts == texts
                && old.stamp.extra == extra
            {
                if old.version != version || old.uri != *uri {
                    old.version = version;
                    old.uri.clone_from(uri);
                    changed.insert(key.clone());
                }
                continue;
            }
            let mut items = extra.clone();
            let diagnostics = place.map(|place| {
                let made = findings.iter().filter_map(|f| view.diagnostic(place, f));
                made.collect::<Vec<_>>()
            });
            items.extend(diagnostics.into_iter().flatten());
            let shown = Shown {
                uri: uri.clone(),
                version,
                result_id: result_id(&items),
                items,
                stamp: Stamp {
                    findings: findings.to_vec(),
                    texts,
                    extra,
                },
            };
            let same = self.shown.get(key).is_some_and(|old| {
                old.items == shown.items && old.version == version && old.uri == *uri
            });
            if !same {
                changed.insert(key.clone());
            }
            self.shown.insert(key.clone(), shown);
        }
        if whole {
            let gone = self
                .shown
                .iter_mut()
                .filter(|(k, _)| !keys.contains_key(*k));
            for (key, shown) in gone.filter(|(_, shown)| !shown.items.is_empty()) {
                shown.items.clear();
                shown.stamp.findings.clear();
                shown.stamp.extra.clear();
                shown.version = None;
                shown.result_id = result_id(&[]);
                changed.insert(key.clone());
            }
        }
        changed
    }

    /// The parameters of a publication.
    pub fn publication(&self, key: &str) -> Option<Value> {
        let shown = self.shown.get(key)?;
        let mut out = json!({"uri": shown.uri, "diagnostics": shown.items});
        if let Some(version) = shown.version {
            out["version"] = version.into();
        }
        Some(out)
    }

    /// A document was closed: what was said about its text does not count any more.
    pub fn forget(&mut self, key: &str) {
        self.shown.remove(key);
        self.found.remove(key);
    }

    /// Whether the client was told something else about a document.
    pub fn is_stale(&self, key: &str) -> bool {
        let told = self.delivered.get(key);
        let shown = self.shown.get(key);
        told.is_some_and(|told| shown.is_none_or(|shown| shown.result_id != *told))
    }

    /// The answer to `textDocument/diagnostic`, with news about other documents if `related`.
    pub fn answer(&mut self, key: &Arc<str>, previous: Option<&str>, related: bool) -> Value {
        let mut out = self.report(key, previous);
        if related {
            let others: Vec<Arc<str>> = self
                .shown
                .keys()
                .filter(|other| *other != key && self.is_stale(other))
                .cloned()
                .collect();
            let mut map = serde_json::Map::new();
            for other in others {
                let uri = self.shown.get(&other).map(|s| s.uri.clone());
                let report = self.report(&other, None);
                map.insert(uri.unwrap_or_default(), report);
            }
            if !map.is_empty() {
                out["relatedDocuments"] = map.into();
            }
        }
        out
    }

    fn report(&mut self, key: &Arc<str>, previous: Option<&str>) -> Value {
        let (id, items) = match self.shown.get(key) {
            Some(shown) => (shown.result_id.clone(), shown.items.as_slice()),
            None => (result_id(&[]), &[][..]),
        };
        let out = match previous == Some(&id) {
            true => json!({"kind": "unchanged", "resultId": id}),
            false => json!({"kind": "full", "resultId": id, "items": items}),
        };
        self.delivered.insert(key.clone(), id);
        out
    }

    /// The answer to `workspace/diagnostic`; `previous` are result ids by key, with the client's spelling of the document.
    pub fn answer_all(&mut self, previous: &BTreeMap<Arc<str>, (String, String)>) -> Value {
        let mut items = Vec::new();
        let keys: Vec<Arc<str>> = self.shown.keys().cloned().collect();
        for key in keys {
            let Some(shown) = self.shown.get(&key) else {
                continue;
            };
            let (uri, version) = (shown.uri.clone(), shown.version);
            if shown.items.is_empty() && version.is_none() && !previous.contains_key(&key) {
                continue;
            }
            let id = previous.get(&key).map(|(_, id)| id.as_str());
            let mut item = self.report(&key, id);
            item["uri"] = uri.into();
            item["version"] = json!(version);
            items.push(item);
        }
        for (key, (uri, id)) in previous {
            if !self.shown.contains_key(key) {
                let mut item = self.report(key, Some(id));
                item["uri"] = uri.clone().into();
                item["version"] = Value::Null;
                items.push(item);
            }
        }
        json!({"items": items})
    }
}

fn result_id(items: &[Value]) -> String {
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.to_string().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// A broken configuration file, with the line at fault.
pub fn broken(
    view: &View<'_>,
    uri: String,
    error: &ConfigError,
    line_text: Option<&str>,
) -> Broken {
    let line = error.line.saturating_sub(1);
    let width = line_text.map_or(0, |text| match view.encoding {
        crate::text::Encoding::Utf8 => text.len(),
        crate::text::Encoding::Utf16 => text.encode_utf16().count(),
        crate::text::Encoding::Utf32 => text.chars().count(),
    });
    let mut message = error.what.get(view.language).to_string();
    let help = error.help.get(view.language);
    if !help.is_empty() {
        message.push('\n');
        message.push_str(help);
    }
    Broken {
        uri,
        item: json!({
            "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": width}},
            "severity": 1, "source": "minivet", "code": "minivet/config", "message": message,
        }),
    }
}
