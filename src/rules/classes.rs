//! Classes of personal data and credentials: `queries/data/classes.toml`.

use crate::finding::{Language, Text};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::Arc;

/// Index of a class in [`Classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u8);

/// How the law and the platform rate a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// General personal data.
    Low,
    /// About the device.
    Device,
    /// Opaque until a server exchanges it.
    Token,
    /// Direct identifier or contact.
    Medium,
    /// Sensitive, or an identity document.
    High,
    /// A password, a one-time code.
    Credential,
}

impl Level {
    /// As rules and tables spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Low => "low",
            Level::Device => "device",
            Level::Token => "token",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Credential => "credential",
        }
    }
}

/// How much of a value may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Its id.
    pub id: Arc<str>,
    /// First characters shown.
    pub head: u8,
    /// Last characters shown.
    pub tail: u8,
}

/// A class of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its id, e.g. `phone`.
    pub id: Arc<str>,
    /// What people call it.
    pub name: Text,
    /// Its rating.
    pub level: Level,
    /// Rated sensitive by a national standard.
    pub sensitive: bool,
    /// Information type of `data/privacy_apis.toml`, empty if it has none.
    pub declare: Arc<str>,
    /// Names alone say little: shops and trips have places too.
    pub weak_by_name: bool,
    /// A word of it as the key of a store is enough: what is kept there is one.
    pub by_key: bool,
    /// Classes of which it may be a picture: the name under which it is kept tells.
    pub may_show: Vec<Arc<str>>,
    /// How it may be shown; `None` = never.
    pub mask: Option<Mask>,
    /// Chinese words of labels, placeholders and column titles.
    pub labels: Vec<Arc<str>>,
}

/// All classes, and the words that name them.
#[derive(Debug)]
pub struct Classes {
    classes: Vec<Class>,
    by_id: FxHashMap<Arc<str>, ClassId>,
    /// Words of each class, by its index; for the vocabulary.
    pub(super) words: Vec<Words>,
    /// How names are matched.
    pub(super) matching: Matching,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    matching: Matching,
    mask: Vec<Mask>,
    class: Vec<Row>,
}

/// Word lists for matching; see `src/rules/vocabulary.rs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Matching {
    pub neutral_prefix: Vec<String>,
    pub neutral_suffix: Vec<String>,
    pub not_data_prefix: Vec<String>,
    pub not_data_suffix: Vec<String>,
    pub sanitised_words: Vec<String>,
    pub parent_ambiguous: Vec<String>,
    pub mock_paths: Vec<String>,
    pub person_parents: Vec<String>,
    pub organisations: Vec<String>,
    pub organisation_fields: Vec<String>,
    pub organisation_labels: Vec<String>,
    pub platform_prefixes: Vec<String>,
    pub ambiguous_names: Vec<String>,
    pub other_labels: Vec<String>,
    pub loose_labels: Vec<String>,
    pub whose_labels: Vec<String>,
    pub remark_labels: Vec<String>,
    pub search_labels: Vec<String>,
    pub searched_classes: Vec<String>,
    pub label_not_suffix: Vec<String>,
    pub label_prefix: Vec<String>,
    pub english_label_prefix: Vec<String>,
}

/// Words of one class.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Words {
    pub strong: Vec<String>,
    pub weak: Vec<String>,
    pub initials: Vec<String>,
    pub weak_initials: Vec<String>,
    pub not: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    id: Arc<str>,
    en: String,
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    level: Level,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    declare: Arc<str>,
    #[serde(default)]
    weak_by_name: bool,
    #[serde(default)]
    by_key: bool,
    #[serde(default)]
    mask: Option<String>,
    #[serde(default)]
    strong: Vec<String>,
    #[serde(default)]
    may_show: Vec<Arc<str>>,
    #[serde(default)]
    weak: Vec<String>,
    #[serde(default)]
    pinyin: Vec<String>,
    #[serde(default)]
    initials: Vec<String>,
    #[serde(default)]
    weak_initials: Vec<String>,
    #[serde(default)]
    labels: Vec<Arc<str>>,
    #[serde(default)]
    not: Vec<String>,
}

impl Classes {
    pub(super) fn parse(text: &str) -> Classes {
        let file: File =
            toml::from_str(text).expect("internal: classes.toml is part of the binary and tested");
        let mut out = Classes {
            classes: Vec::new(),
            by_id: FxHashMap::default(),
            words: Vec::new(),
            matching: file.matching,
        };
        for row in file.class {
            let id =
                ClassId(u8::try_from(out.classes.len()).expect("internal: fewer than 256 classes"));
            out.by_id.insert(row.id.clone(), id);
            let mask = row
                .mask
                .as_ref()
                .and_then(|id| file.mask.iter().find(|mask| *mask.id == **id))
                .cloned();
            let mut strong = row.strong;
            strong.extend(row.pinyin);
            out.words.push(Words {
                strong,
                weak: row.weak,
                initials: row.initials,
                weak_initials: row.weak_initials,
                not: row.not,
            });
            out.classes.push(Class {
                id: row.id,
                name: Text {
                    en: row.en,
                    zh_cn: row.zh_cn,
                },
                level: row.level,
                sensitive: row.sensitive,
                declare: row.declare,
                weak_by_name: row.weak_by_name,
                by_key: row.by_key,
                may_show: row.may_show,
                mask,
                labels: row.labels,
            });
        }
        out
    }

    /// A class by its id.
    pub fn get(&self, id: &str) -> Option<&Class> {
        self.id(id).map(|id| self.class(id))
    }

    /// The index of a class by its id.
    pub fn id(&self, id: &str) -> Option<ClassId> {
        self.by_id.get(id).copied()
    }

    /// A class by its index.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }

    /// The level of a class; `Low` if there is no such class.
    pub fn level(&self, id: &str) -> Level {
        self.get(id).map_or(Level::Low, |class| class.level)
    }

    /// All classes, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter()
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Several classes as people read them: `phone number, e-mail address`.
    pub fn names(&self, ids: &[Arc<str>], language: Language) -> String {
        let names: Vec<&str> = ids
            .iter()
            .map(|id| self.get(id).map_or(&**id, |class| class.name.get(language)))
            .collect();
        names.join(match language {
            Language::En => ", ",
            Language::ZhCn => "、",
        })
    }

    /// Whether a folder or file of the path says that it holds test or sample data.
    pub fn is_mock_path(&self, path: &str) -> bool {
        let mocks = &self.matching.mock_paths;
        path.split('/').any(|part| {
            let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
            mocks.contains(&stem)
        })
    }
}
