//! The tables of `queries/data`, each read when it is first asked for.

use super::app_model::AppTable;
use super::classes::Classes;
use super::consent::ConsentTable;
use super::error::{RuleError, nearest};
use super::flow_tables::FlowTables;
use super::formats::Formats;
use super::inventory::InventoryTable;
use super::places::Places;
use super::privacy::PrivacyApis;
use super::regulations::Regulations;
use super::rule::Rule;
use super::secrets::Secrets;
use super::vocabulary::Vocabulary;
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::sync::OnceLock;

static QUERIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// The text of a file of `queries/` that must be there.
pub(super) fn embedded(path: &str) -> &'static str {
    QUERIES
        .get_file(path)
        .and_then(|file| file.contents_utf8())
        .unwrap_or_else(|| panic!("internal: queries/{path} is part of the binary"))
}

/// All text files below a folder of `queries/`, with paths relative to `queries/`; none if there is no such folder.
pub(super) fn embedded_files(folder: &str) -> Vec<(String, Cow<'static, str>)> {
    let mut out = Vec::new();
    let mut open: Vec<&'static Dir<'static>> = QUERIES.get_dir(folder).into_iter().collect();
    while let Some(dir) = open.pop() {
        open.extend(dir.dirs());
        for file in dir.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                out.push((path.replace('\\', "/"), Cow::Borrowed(text)));
            }
        }
    }
    out
}

/// The tables. Reading one costs about a millisecond, so that each waits until it is needed.
#[derive(Debug, Default)]
pub struct Tables {
    classes: OnceLock<Classes>,
    places: OnceLock<Places>,
    vocabulary: OnceLock<Vocabulary>,
    formats: OnceLock<Formats>,
    secrets: OnceLock<Secrets>,
    privacy_apis: OnceLock<PrivacyApis>,
    regulations: OnceLock<Regulations>,
    flow: OnceLock<FlowTables>,
    app_model: OnceLock<AppTable>,
    consent: OnceLock<ConsentTable>,
    inventory: OnceLock<InventoryTable>,
}

impl Tables {
    /// The tables that travel in the binary.
    pub fn builtin() -> Tables {
        Tables::default()
    }

    /// Classes of personal data and credentials.
    pub fn classes(&self) -> &Classes {
        self.classes
            .get_or_init(|| Classes::parse(embedded("data/classes.toml")))
    }

    /// The words by which the classes are known.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary
            .get_or_init(|| Vocabulary::new(self.classes()))
    }

    /// Shapes of personal data in text.
    pub fn formats(&self) -> &Formats {
        self.formats
            .get_or_init(|| Formats::parse(embedded("data/formats.toml")))
    }

    /// Formats of secrets.
    pub fn secrets(&self) -> &Secrets {
        self.secrets
            .get_or_init(|| Secrets::parse(embedded("data/secrets.toml")))
    }

    /// Platform calls that hand out personal information.
    pub fn privacy_apis(&self) -> &PrivacyApis {
        self.privacy_apis
            .get_or_init(|| PrivacyApis::parse(embedded("data/privacy_apis.toml")))
    }

    /// What the flow engine knows of platforms and frameworks.
    pub fn flow(&self) -> &FlowTables {
        self.flow
            .get_or_init(|| FlowTables::builtin(self.classes()))
    }

    /// Laws, standards and platform rules.
    pub fn regulations(&self) -> &Regulations {
        self.regulations
            .get_or_init(|| Regulations::parse(embedded("data/regulations.toml")))
    }

    /// Whether a literal is worth keeping among the facts of its file: it may be a secret, a personal datum or an address.
    /// Plain words and counts only; errs on the side of yes.
    pub fn is_worth_a_look(&self, value: &str, name: &str) -> bool {
        value.len() >= 4
            && (value.contains("://")
                || self.formats().may_match(value)
                || self.secrets().may_match(value, name))
    }

    /// What makes an app of files.
    pub fn app_model(&self) -> &AppTable {
        self.app_model
            .get_or_init(|| AppTable::parse(embedded("data/app_model.toml")))
    }

    /// How apps ask for consent.
    pub fn consent(&self) -> &ConsentTable {
        self.consent
            .get_or_init(|| ConsentTable::parse(embedded("data/consent.toml")))
    }

    /// What the privacy inventory knows of other companies and of purposes.
    pub fn inventory(&self) -> &InventoryTable {
        self.inventory
            .get_or_init(|| InventoryTable::parse(embedded("data/inventory.toml")))
    }

    /// What paths and addresses say.
    pub fn places(&self) -> &Places {
        self.places
            .get_or_init(|| Places::parse(embedded("data/places.toml")))
    }

    /// Where the rules' pages lie: `…/queries/rules`.
    pub fn docs_url(&self) -> &'static str {
        embedded("data/docs-url.txt").trim()
    }

    /// Checks that a rule names only classes that exist.
    pub fn check_rule(&self, rule: &Rule) -> Result<(), RuleError> {
        let classes = self.classes();
        for found in &rule.matches {
            for key in ["classes", "not-classes"] {
                for id in found.params.list(key) {
                    if classes.get(id).is_none() {
                        let error = RuleError::new(
                            &rule.path,
                            0,
                            format!("unknown class `{id}`"),
                            format!("未知的数据类别 `{id}`"),
                        );
                        return Err(match nearest(id, classes.iter().map(|c| &*c.id)) {
                            Some(near) => error.help(
                                format!("did you mean `{near}`?"),
                                format!("是否想写 `{near}`？"),
                            ),
                            None => error,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}
