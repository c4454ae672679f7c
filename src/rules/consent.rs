//! How apps ask for consent: `queries/data/consent.toml`.

use aho_corasick::AhoCorasick;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct ConsentTable {
    pub declaration: Declaration,
    pub agreement: Agreement,
    pub popup: Popup,
    #[serde(rename = "box")]
    pub boxes: Boxes,
    pub refusal: Refusal,
    pub prompt: Prompt,
    pub deprecated: Deprecated,
    pub deletion: Deletion,
    #[serde(skip)]
    words: OnceLock<Option<AhoCorasick>>,
}

/// What configuration must say about the calls an app makes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Declaration {
    pub platforms: Vec<String>,
    pub generic: Vec<String>,
    pub key: String,
    pub permission: String,
    pub purpose: String,
    pub files: Vec<String>,
    pub prefix: String,
    pub app_id: String,
    pub max_length: usize,
    pub vague: Vec<String>,
    pub samples: Vec<String>,
    pub typed: Vec<String>,
    pub write_only: Vec<String>,
    pub typed_as: BTreeMap<String, String>,
}

/// What shows that there is an agreement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Agreement {
    pub words: Vec<String>,
    pub calls: Vec<String>,
    pub open_types: Vec<String>,
    pub levels: Vec<String>,
    pub not_classes: Vec<String>,
}

/// The app's own privacy pop-up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Popup {
    pub listen: Vec<String>,
    pub open_type: String,
    pub event: String,
    pub tap: Vec<String>,
    pub answer_event: String,
    pub agree: String,
    pub answer_id: String,
    pub no_promise: Vec<String>,
    pub no_promise_on: Vec<String>,
    pub promise_members: Vec<String>,
}

/// Check boxes beside an agreement.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Boxes {
    pub tags: Vec<String>,
    pub states: Vec<String>,
    pub library_endings: Vec<String>,
    pub library_states: Vec<String>,
    pub words: Vec<String>,
    pub not_words: Vec<String>,
    pub settings: Vec<String>,
    pub max_text: usize,
    pub max_up: usize,
    pub refs: Vec<String>,
}

/// Ways out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Refusal {
    pub words: Vec<String>,
    pub no_words: Vec<String>,
    pub modal: Vec<String>,
    pub modal_flag: String,
    pub modal_texts: Vec<String>,
    pub demands: Vec<String>,
    pub modal_button: String,
    pub yes_words: Vec<String>,
    pub leave: Vec<String>,
}

/// When and how an app asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Prompt {
    pub kinds: Vec<String>,
    pub also: Vec<String>,
    pub only_with: BTreeMap<String, String>,
    pub same: Vec<Vec<String>>,
    pub not: Vec<String>,
    pub every_time: Vec<String>,
    pub failure: Vec<String>,
    pub failure_members: Vec<String>,
    pub success: Vec<String>,
    pub success_members: Vec<String>,
    pub lose_tap: Vec<String>,
    pub keep_tap: Vec<String>,
}

/// Withdrawn ways to get data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deprecated {
    /// Attributes that say what a button hands out, without `-`.
    pub open_type_attributes: Vec<String>,
}

/// How people get rid of their data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct Deletion {
    pub families: Vec<String>,
    pub classes: Vec<String>,
    pub calls: Vec<String>,
    pub words: Vec<String>,
}

impl ConsentTable {
    /// Whether a text names an agreement or a privacy policy.
    pub fn speaks_of_agreement(&self, text: &str) -> bool {
        let words = self.words.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(&self.agreement.words)
                .ok()
        });
        words.as_ref().is_some_and(|words| words.is_match(text))
    }

    pub(super) fn parse(text: &str) -> ConsentTable {
        toml::from_str(text).unwrap_or_else(|error| {
            panic!("internal: consent.toml is part of the binary and tested: {error}")
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Tables;

    #[test]
    fn rows_name_calls_that_exist() {
        let tables = Tables::builtin();
        let (consent, apis) = (tables.consent(), tables.privacy_apis());
        for kind in &consent.prompt.kinds {
            assert!(apis.iter().any(|api| *api.kind == **kind), "{kind}");
        }
        for class in consent
            .agreement
            .not_classes
            .iter()
            .chain(&consent.deletion.classes)
        {
            assert!(tables.classes().get(class).is_some(), "{class}");
        }
        assert!(consent.speaks_of_agreement("阅读并同意《隐私政策》"));
        assert!(consent.speaks_of_agreement("pages/Privacy/index"));
        assert!(!consent.speaks_of_agreement("拼车协议，《注册协议》"));
        assert!(!consent.declaration.vague.iter().any(String::is_empty));
    }
}
