//! How data comes in, and what that makes the app declare.

use super::{Collected, GuidelineItem, Item, Make, Means, Page, RequiredInfo, Scope, Use};
use crate::finding::{Confidence, Location, Text};
use crate::flow::Evidence;
use crate::judge::consent::Occasion;
use crate::judge::consent::elements::Elements;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The name of a source without what only the engine means.
fn spoken(name: &str) -> &str {
    let name = name.strip_prefix("$.").unwrap_or(name);
    name.strip_suffix(".then").unwrap_or(name)
}

/// Texts beside one control.
const MAX_HINTS: usize = 3;
/// Longer texts around a control are no label.
const MAX_LABEL: usize = 60;

impl Make<'_> {
    /// Fills in how data comes in.
    pub(super) fn collected(&self, items: &mut BTreeMap<Arc<str>, Item>) {
        let mut elements: BTreeMap<Arc<str>, Elements> = BTreeMap::new();
        for occasion in &self.duties.occasions {
            let hints = self.hints(&occasion.at, &mut elements);
            let collected = |confidence| Collected {
                by: if occasion.typed {
                    Means::Control
                } else {
                    Means::Api
                },
                name: self.shared(&occasion.name),
                at: self.place(&occasion.at),
                pages: self.pages_of(occasion),
                hints: hints.clone(),
                confidence,
            };
            for class in occasion.classes.iter().chain(self.pictured(occasion)) {
                let confidence = self.confidence(&occasion.at, class);
                self.item(items, class)
                    .collected
                    .push(collected(confidence));
            }
        }
        self.received(items);
        for item in items.values_mut() {
            item.collected
                .sort_by(|a, b| (a.by, &a.at, &a.name).cmp(&(b.by, &b.at, &b.name)));
            item.collected
                .dedup_by(|b, a| a.at == b.at && a.name == b.name);
        }
    }

    /// What the pictures that an occasion gives show, by the names under which the app keeps them.
    fn pictured<'s>(&'s self, occasion: &'s Occasion) -> BTreeSet<&'s Arc<str>> {
        let classes = self.judge.rules().tables.classes();
        let may_show = |class: &Arc<str>| {
            let known = occasion.classes.iter().filter_map(|id| classes.get(id));
            known.flat_map(|c| &c.may_show).any(|shown| shown == class)
        };
        let hits = self.ctx.flow.hits.iter().filter(|hit| hit.reached);
        hits.flat_map(|hit| &hit.data)
            .filter(|datum| datum.source == occasion.at)
            .map(|datum| &datum.class)
            .filter(|class| may_show(class))
            .collect()
    }

    fn confidence(&self, at: &Location, class: &str) -> Confidence {
        let control = self.ctx.flow.controls.iter().find(|c| c.at == *at);
        control
            .and_then(|c| c.data.iter().find(|(id, _)| **id == *class))
            .map_or(Confidence::High, |(_, confidence)| *confidence)
    }

    /// Data that goes somewhere and was not collected here: a server's answer, a stored value, a page's query.
    fn received(&self, items: &mut BTreeMap<Arc<str>, Item>) {
        let app = self.ctx.app;
        let hits = self.ctx.flow.hits.iter().filter(|hit| hit.reached);
        for datum in hits.flat_map(|hit| &hit.data) {
            let from = &datum.source;
            let inside = app.is_reached(&from.file) || app.server.contains(&from.file);
            let known = self.duties.occasions.iter().any(|o| o.at == *from);
            if !inside
                || known
                || datum.confidence < Confidence::Medium
                || datum.evidence == Evidence::Name
                || datum.source_name.is_empty()
            {
                continue;
            }
            let at = self.place(from);
            let item = self.item(items, &datum.class);
            if item.collected.iter().any(|c| c.at == at) {
                continue;
            }
            let received = Collected {
                by: Means::Received,
                name: self.shared(spoken(&datum.source_name)),
                at,
                pages: self.app_pages([from.file.clone()].iter()),
                hints: Vec::new(),
                confidence: datum.confidence,
            };
            item.collected.push(received);
        }
    }

    fn app_pages<'f>(&self, files: impl Iterator<Item = &'f Arc<str>>) -> Vec<Page> {
        let pages = self.pages.of_files(files);
        pages.into_iter().map(|page| self.page(page)).collect()
    }

    fn pages_of(&self, occasion: &Occasion) -> Vec<Page> {
        self.app_pages(occasion.from.iter().chain([&occasion.at.file]))
    }

    /// Texts of and around the element at a place; none for calls.
    fn hints(&self, at: &Location, known: &mut BTreeMap<Arc<str>, Elements>) -> Vec<Arc<str>> {
        let Some(facts) = self.facts(&at.file) else {
            return Vec::new();
        };
        let names = &self.judge.rules().names;
        let elements = known
            .entry(at.file.clone())
            .or_insert_with(|| Elements::of(facts, names));
        let Some(index) = elements.all.iter().position(|e| e.open == at.span) else {
            return Vec::new();
        };
        let mut found: Vec<String> = Vec::new();
        let own = &elements.all[index];
        for name in ["label", "placeholder", "title", "arialabel"] {
            found.extend(own.text_of(name).map(str::to_string));
        }
        found.push(own.text.clone());
        found.retain(|text| !text.trim().is_empty());
        // What stands around it says nothing more where it speaks for itself.
        let around = if found.is_empty() { 2 } else { 0 };
        let mut at = index;
        for _ in 0..around {
            let Some(parent) = elements.all[at].parent else {
                break;
            };
            let inner = elements.inner_text(parent, MAX_LABEL * 3);
            if inner.len() <= MAX_LABEL * 3 {
                found.push(elements.all[parent].text.clone());
                let before = elements.all[parent]
                    .children
                    .iter()
                    .take_while(|c| **c != at);
                let texts = before.map(|&c| elements.inner_text(c, MAX_LABEL));
                found.extend(texts.last().filter(|text| text.len() <= MAX_LABEL));
            }
            at = parent;
        }
        let mut out: Vec<Arc<str>> = Vec::new();
        for text in found {
            let text = self.shared(text.trim().trim_end_matches([':', '：', '*']));
            if !text.is_empty() && !out.contains(&text) && out.len() < MAX_HINTS {
                out.push(text);
            }
        }
        out
    }

    fn uses(&self, by: &[usize]) -> Vec<Use> {
        by.iter()
            .filter_map(|&index| self.duties.occasions.get(index))
            .map(|occasion| Use {
                name: self.shared(&occasion.name),
                at: self.place(&occasion.at),
                pages: self.pages_of(occasion),
            })
            .collect()
    }

    /// Items of the platform's statement.
    pub(super) fn guideline(&self) -> Vec<GuidelineItem> {
        let rules = self.judge.rules();
        let apis = rules.tables.privacy_apis();
        let known = self.judge.declared();
        let mut elements = BTreeMap::new();
        let types = self.duties.types.iter();
        types
            .filter_map(|found| {
                let info = apis.info_type(&found.info_type)?;
                let occasions = found
                    .by
                    .iter()
                    .filter_map(|&i| self.duties.occasions.get(i));
                let mut purposes: Vec<Text> = Vec::new();
                let mut blocked = false;
                for occasion in occasions {
                    blocked |= occasion.official;
                    let mut words: Vec<Arc<str>> = self.hints(&occasion.at, &mut elements);
                    for page in self.pages_of(occasion) {
                        words.extend([page.title, page.route]);
                    }
                    for word in words {
                        if let Some(purpose) = rules.tables.inventory().purpose(&info.id, &word)
                            && !purposes.contains(&purpose)
                        {
                            purposes.push(purpose);
                        }
                    }
                }
                purposes.truncate(3);
                Some(GuidelineItem {
                    info_type: info.id.clone(),
                    key: info.key.clone(),
                    words: info.name(),
                    dialog: info.dialog.clone(),
                    blocked,
                    consent_first: rules
                        .tables
                        .inventory()
                        .guideline
                        .consent_first
                        .iter()
                        .any(|id| **id == *info.id),
                    by: self.uses(&found.by),
                    purposes,
                    declared: known.map(|known| known.types.contains(&info.id)),
                })
            })
            .collect()
    }

    /// Calls that the configuration must list.
    pub(super) fn required(&self) -> Vec<RequiredInfo> {
        let all = self.duties.required.iter();
        all.map(|one| RequiredInfo {
            name: self.shared(&one.name),
            needed: !one.by.is_empty(),
            present: one.present,
            by: self.uses(&one.by),
        })
        .collect()
    }

    /// Permissions.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let all = self.duties.scopes.iter();
        all.map(|one| Scope {
            scope: self.shared(&one.scope),
            needed: !one.by.is_empty(),
            needs_purpose: one.needs_purpose,
            purpose: one.purpose.as_ref().map(|text| self.shared(text)),
            by: self.uses(&one.by),
        })
        .collect()
    }

    /// Privacy calls that nothing runs.
    pub(super) fn dormant(&self) -> Vec<Use> {
        let all = self.duties.dormant.iter();
        all.map(|(at, name)| Use {
            name: self.shared(name),
            at: self.place(at),
            pages: Vec::new(),
        })
        .collect()
    }
}
