//! Words of a finding: fills the placeholders of rules' messages in both languages.

use crate::finding::{Language, Step, Text};
use crate::rules::Classes;
use std::borrow::Cow;
use std::sync::Arc;

/// What a detector knows for the placeholders of a message.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// Placeholder → both languages.
    pub values: Vec<(Cow<'static, str>, Text)>,
    /// Source to sink.
    pub steps: Vec<Step>,
}

impl Words {
    /// The same in both languages.
    pub fn set(mut self, key: impl Into<Cow<'static, str>>, value: &str) -> Words {
        self.values.push((
            key.into(),
            Text {
                en: value.into(),
                zh_cn: value.into(),
            },
        ));
        self
    }

    /// One text for each language.
    pub fn set_text(mut self, key: &'static str, en: &str, zh: &str) -> Words {
        self.values.push((
            key.into(),
            Text {
                en: en.into(),
                zh_cn: zh.into(),
            },
        ));
        self
    }
}

/// Fills a text. Placeholders that the detector knows nothing for vanish.
pub(super) fn fill(text: &Text, words: &Words, data: &[Arc<str>], classes: &Classes) -> Text {
    Text {
        en: sentence(
            &text.en,
            fill_one(&text.en, words, data, classes, Language::En),
        ),
        zh_cn: fill_one(&text.zh_cn, words, data, classes, Language::ZhCn),
    }
}

fn fill_one(
    text: &str,
    words: &Words,
    data: &[Arc<str>],
    classes: &Classes,
    language: Language,
) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|c| open + c) else {
            break;
        };
        out.push_str(&rest[..open]);
        let key = &rest[open + 1..close];
        rest = &rest[close + 1..];
        if key == "data" {
            out.push_str(&classes.names(data, language));
        } else if let Some((_, value)) = words.values.iter().find(|(k, _)| *k == key) {
            // Names come from the project: nothing that moves a cursor may pass.
            out.extend(
                value
                    .get(language)
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200),
            );
        } else if !key.bytes().all(|b| b.is_ascii_lowercase()) || key.is_empty() {
            out.push('{');
            out.push_str(key);
            out.push('}');
        }
    }
    out.push_str(rest);
    out
}

/// Class names are lower case: at the beginning they get a capital. Names of the code stay as they are.
fn sentence(template: &str, filled: String) -> String {
    if !template.starts_with("{data}") {
        return filled;
    }
    let mut chars = filled.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => filled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tables::Tables;

    #[test]
    fn placeholders_are_filled_in_both_languages_and_control_characters_vanish() {
        let tables = Tables::builtin();
        let text = Text {
            en: "{data}{from} reaches {call}{via}, {x: 1}".into(),
            zh_cn: "{from}{data}写入 {call}".into(),
        };
        let words = Words::default().set("call", "console\u{1b}.log").set_text(
            "from",
            " from input",
            "来自 input 的",
        );
        let out = fill(&text, &words, &["phone".into()], tables.classes());
        assert!(
            out.en.ends_with("from input reaches console.log, {x: 1}"),
            "{}",
            out.en
        );
        assert!(out.en.starts_with(char::is_uppercase), "{}", out.en);
        assert!(
            out.zh_cn.starts_with("来自 input 的手机号"),
            "{}",
            out.zh_cn
        );
    }
}
