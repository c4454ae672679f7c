//! Elements of templates: controls, buttons that hand out data, attributes that take data out, names of events:
//! `queries/flow/elements.toml`.

use super::load::{class_of, data_of};
use super::paths::Steps;
use super::{Datum, Step};
use crate::finding::Confidence;
use crate::rules::classes::{ClassId, Classes};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An attribute that takes data out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElementSink {
    /// Elements, normal.
    tags: Vec<Arc<str>>,
    /// Attributes, normal.
    attributes: Vec<Arc<str>>,
    /// The family of the sink.
    pub family: Arc<str>,
    /// The part of the sink.
    pub part: Arc<str>,
    /// The id of the sink.
    pub id: Arc<str>,
    /// Attributes with whose value the element masks what it shows.
    #[serde(default)]
    pub masks: BTreeMap<Arc<str>, Arc<str>>,
}

/// An element into which people type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlSpec {
    /// Attributes that hold what is typed.
    pub values: Vec<Arc<str>>,
    /// The attribute that says what kind of control it is; empty = none.
    pub kind: Arc<str>,
    /// What is typed into a kind, if that is known.
    pub classes: BTreeMap<Arc<str>, (ClassId, Confidence)>,
    /// Kinds whose text tells nothing about a person.
    pub neutral_kinds: Vec<Arc<str>>,
    /// Kinds that show dots.
    pub masked_kinds: Vec<Arc<str>>,
    /// Attributes that make it show dots unless they are false.
    pub mask_attributes: Vec<Arc<str>>,
    /// Attributes whose text says what is asked for.
    pub labels: Vec<Arc<str>>,
    /// Attributes whose value is an identifier that says so.
    pub names: Vec<Arc<str>>,
    /// Events that carry the text, and where.
    events: BTreeMap<Arc<str>, Vec<Vec<Step>>>,
}

/// A button that hands out personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenType {
    /// Its value as the tables spell it.
    pub value: Arc<str>,
    /// Events that bring the data.
    pub events: Vec<Arc<str>>,
    /// Where the data is in the event.
    pub data: Vec<Datum>,
    /// Its id in `queries/data/privacy_apis.toml`.
    pub api: Arc<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    attribute_prefixes: Vec<Arc<str>>,
    event: EventFile,
    event_value: BTreeMap<Arc<str>, Vec<Steps>>,
    sink: Vec<ElementSink>,
    control: Vec<ControlRow>,
    open_type: Vec<OpenRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EventFile {
    /// `bind`: what follows is the event, with or without `separators` between.
    prefixes: Vec<Arc<str>>,
    /// `on`: what follows begins with a capital.
    capital_prefixes: Vec<Arc<str>>,
    /// `@`: what follows is the event.
    marks: Vec<Arc<str>>,
    /// Attributes that only look so.
    not: Vec<Arc<str>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ControlRow {
    tags: Vec<Arc<str>>,
    values: Vec<Arc<str>>,
    #[serde(default)]
    kind: Arc<str>,
    #[serde(default)]
    classes: BTreeMap<Arc<str>, String>,
    #[serde(default)]
    neutral_kinds: Vec<Arc<str>>,
    #[serde(default)]
    masked_kinds: Vec<Arc<str>>,
    #[serde(default)]
    mask_attributes: Vec<Arc<str>>,
    #[serde(default)]
    labels: Vec<Arc<str>>,
    #[serde(default)]
    names: Vec<Arc<str>>,
    #[serde(default)]
    events: BTreeMap<Arc<str>, Vec<Steps>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenRow {
    value: Arc<str>,
    events: Vec<Arc<str>>,
    #[serde(default)]
    data: BTreeMap<String, String>,
    api: Arc<str>,
}

/// The table.
#[derive(Debug)]
pub(super) struct Elements {
    attribute_prefixes: Vec<Arc<str>>,
    event: EventFile,
    values: BTreeMap<Arc<str>, Vec<Vec<Step>>>,
    sinks: Vec<ElementSink>,
    controls: FxHashMap<Arc<str>, Arc<ControlSpec>>,
    open_types: FxHashMap<String, OpenType>,
}

/// Lower case without `-` and `_`.
pub(super) fn normal(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn all_steps(rows: BTreeMap<Arc<str>, Vec<Steps>>) -> BTreeMap<Arc<str>, Vec<Vec<Step>>> {
    rows.into_iter()
        .map(|(event, paths)| (event, paths.into_iter().map(|p| p.0).collect()))
        .collect()
}

impl Elements {
    pub(super) fn new(file: File, classes: &Classes) -> Elements {
        let mut controls = FxHashMap::default();
        for row in file.control {
            let tags = row.tags.clone();
            let spec = Arc::new(row.spec(classes));
            for tag in tags {
                let exact = tag.chars().any(char::is_uppercase);
                let key = if exact { tag } else { normal(&tag).into() };
                controls.insert(key, spec.clone());
            }
        }
        let open_types = file
            .open_type
            .into_iter()
            .map(|row| {
                let open = OpenType {
                    data: data_of(row.data, classes),
                    value: row.value,
                    events: row.events,
                    api: row.api,
                };
                (normal(&open.value), open)
            })
            .collect();
        Elements {
            attribute_prefixes: file.attribute_prefixes,
            event: file.event,
            values: all_steps(file.event_value),
            sinks: file.sink,
            controls,
            open_types,
        }
    }

    pub(super) fn sinks(&self, tag: &str, attr: &str) -> Vec<&ElementSink> {
        let bare = self
            .attribute_prefixes
            .iter()
            .find_map(|prefix| attr.strip_prefix(&**prefix))
            .unwrap_or(attr);
        let (tag, attr) = (normal(tag), normal(bare));
        let has = |list: &[Arc<str>], name: &str| list.iter().any(|known| **known == *name);
        self.sinks
            .iter()
            .filter(|sink| has(&sink.tags, &tag) && has(&sink.attributes, &attr))
            .collect()
    }

    #[cfg(test)]
    pub(super) fn all_sinks(&self) -> &[ElementSink] {
        &self.sinks
    }

    #[cfg(test)]
    pub(super) fn open_types(&self) -> Vec<&OpenType> {
        self.open_types.values().collect()
    }

    pub(super) fn control(&self, tag: &str) -> Option<&ControlSpec> {
        self.controls
            .get(tag)
            .or_else(|| self.controls.get(&*normal(tag)))
            .map(|spec| &**spec)
    }

    /// Several values may be joined by `|`.
    pub(super) fn open_type(&self, value: &str) -> Option<&OpenType> {
        value
            .split('|')
            .find_map(|one| self.open_types.get(&normal(one.trim())))
    }

    pub(super) fn event(&self, attribute: &str) -> Option<String> {
        if self.event.not.iter().any(|known| **known == *attribute) {
            return None;
        }
        let after = |prefixes: &[Arc<str>]| -> Option<&str> {
            prefixes
                .iter()
                .filter_map(|prefix| attribute.strip_prefix(&**prefix))
                .min_by_key(|rest| rest.len())
        };
        let name = after(&self.event.marks)
            .or_else(|| {
                after(&self.event.capital_prefixes)
                    .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            })
            .or_else(|| {
                after(&self.event.prefixes)
                    .map(|rest| rest.strip_prefix(':').unwrap_or(rest))
                    .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
            })?;
        let end = name.find(['.', '@']).unwrap_or(name.len());
        let name = normal(&name[..end]);
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn event_value(&self, tag: &str, event: &str) -> &[Vec<Step>] {
        let own = self.control(tag).and_then(|spec| spec.events.get(event));
        own.or_else(|| self.values.get(event))
            .map_or(&[], Vec::as_slice)
    }
}

impl ControlRow {
    fn spec(self, classes: &Classes) -> ControlSpec {
        ControlSpec {
            values: self.values,
            kind: self.kind,
            classes: self
                .classes
                .into_iter()
                .map(|(kind, text)| (kind, class_of(&text, classes)))
                .collect(),
            neutral_kinds: self.neutral_kinds,
            masked_kinds: self.masked_kinds,
            mask_attributes: self.mask_attributes,
            labels: self.labels,
            names: self.names,
            events: all_steps(self.events),
        }
    }
}
