//! The texts of reports and shells in both languages, from `queries/data/texts.toml` and
//! `inventory_texts.toml`.

use crate::finding::{Language, Text};
use std::collections::BTreeMap;
use std::sync::OnceLock;

fn texts() -> &'static BTreeMap<String, Text> {
    static TEXTS: OnceLock<BTreeMap<String, Text>> = OnceLock::new();
    TEXTS.get_or_init(|| {
        let read = |text| -> BTreeMap<String, Text> {
            toml::from_str(text).expect("internal: texts are part of the binary and tested")
        };
        let mut all = read(include_str!("../../queries/data/texts.toml"));
        all.extend(read(include_str!(
            "../../queries/data/inventory_texts.toml"
        )));
        all
    })
}

/// A text in both languages, `{name}` replaced by the value of `name`.
pub fn both(key: &str, values: &[(&str, &str)]) -> Text {
    Text {
        en: say(Language::En, key, values),
        zh_cn: say(Language::ZhCn, key, values),
    }
}

/// A text in one language, `{name}` replaced by the value of `name`. A key that is not there is said itself.
pub fn say(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let Some(text) = texts().get(key) else {
        return key.to_string();
    };
    let mut rest = text.get(language);
    let mut out = String::with_capacity(rest.len());
    // One pass, so that a value with braces in it is not looked into.
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        let name = &rest[open + 1..open + close];
        match values.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// Whether there is such a text.
pub fn has(key: &str) -> bool {
    texts().contains_key(key)
}

/// `1 file`, `3 files`, `3 个文件`: the text `count-NOUN` or `count-NOUNs`.
pub fn count(language: Language, noun: &str, n: usize) -> String {
    let key = format!("count-{noun}{}", if n == 1 { "" } else { "s" });
    say(language, &key, &[("n", &n.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_both_languages() {
        for (key, text) in texts() {
            assert!(!text.en.is_empty() && !text.zh_cn.is_empty(), "{key}");
            let holes = |t: &str| {
                let mut holes: Vec<String> = t
                    .split('{')
                    .skip(1)
                    .filter_map(|p| p.split_once('}'))
                    .map(|p| p.0.to_string())
                    .collect();
                holes.sort();
                holes
            };
            assert_eq!(holes(&text.en), holes(&text.zh_cn), "{key}");
        }
    }

    #[test]
    fn values_with_braces_stay_as_they_are() {
        let said = say(Language::En, "error-read", &[("why", "{why} {x}")]);
        assert_eq!(said, "cannot be read: {why} {x}");
        assert_eq!(count(Language::En, "file", 1), "1 file");
        assert_eq!(count(Language::ZhCn, "file", 2), "2 个文件");
    }
}
