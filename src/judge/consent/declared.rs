//! What the app's privacy guideline declares already, as people write it: classes, information types, calls, the form's own
//! words, or an exported guideline. Pure: the shells read the file.

use super::duties::{Duties, duties};
use super::{Hit, View, hit};
use crate::finding::{Confidence, Language};
use crate::judge::message::Words;
use crate::rules::{Match, RuleSet};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Information types.
    pub types: BTreeSet<Arc<str>>,
    /// Words that name none.
    pub unknown: Vec<String>,
}

impl Known {
    /// Reads what settings declare; `None` where they say nothing.
    pub fn of(words: &[String], rules: &RuleSet) -> Option<Known> {
        if words.is_empty() {
            return None;
        }
        let mut out = Known::default();
        for word in words {
            let types = types_of(word, rules);
            if types.is_empty() && !word.trim().is_empty() && !is_known_class(word, rules) {
                out.unknown.push(word.clone());
            }
            out.types.extend(types);
        }
        Some(out)
    }
}

/// The information types that a word means.
fn types_of(word: &str, rules: &RuleSet) -> Vec<Arc<str>> {
    let tables = &rules.tables;
    let apis = tables.privacy_apis();
    let word = word.trim();
    let same = |text: &str| text.eq_ignore_ascii_case(word);
    let info = apis.info_types().iter().find(|info| {
        same(&info.id)
            || same(&info.key)
            || [Language::En, Language::ZhCn]
                .iter()
                .any(|language| same(info.name().get(*language)))
    });
    if let Some(info) = info {
        return vec![info.id.clone()];
    }
    let classes = tables.classes();
    let by_name = |language| {
        let mut all = classes.iter();
        all.find(|class| same(class.name.get(language)))
    };
    let class = classes
        .get(word)
        .or_else(|| by_name(Language::ZhCn))
        .or_else(|| by_name(Language::En));
    if let Some(class) = class {
        return match &*class.declare {
            // Such data has no item of its own; to declare it is right and says nothing of items.
            "" => Vec::new(),
            declare => vec![declare.into()],
        };
    }
    let call = word.rsplit('.').next().unwrap_or(word);
    match apis.get(word).or_else(|| apis.get(call)) {
        Some(api) => std::iter::once(&api.info_type)
            .chain(&api.also_types)
            .filter(|id| !id.is_empty())
            .cloned()
            .collect(),
        None => Vec::new(),
    }
}

/// Whether a word names a class of data: it may have no item in the statement, and nothing is wrong with it.
fn is_known_class(word: &str, rules: &RuleSet) -> bool {
    rules.tables.classes().get(word.trim()).is_some()
}

/// The keys that an exported guideline declares: the JSON of the console's interface, or the statement's text.
pub fn guideline(text: &str, rules: &RuleSet) -> Vec<String> {
    let names = &rules.tables.inventory().guideline;
    let Ok(json) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
        let types = rules.tables.privacy_apis().info_types().iter();
        return types
            .filter(|info| text.contains(info.name().get(Language::ZhCn)))
            .map(|info| info.id.to_string())
            .collect();
    };
    let at = |path: &str| {
        path.split('.')
            .try_fold(&json, |value, key| value.get(key))
            .and_then(Value::as_array)
    };
    let items = names.lists.iter().filter_map(|path| at(path)).flatten();
    let mut out: Vec<String> = items
        .filter_map(|item| item.get(&names.key)?.as_str())
        .map(str::to_string)
        .collect();
    // The list of keys alone holds what the platform found in the code: it counts only where nothing else is there.
    if out.is_empty() {
        let keys = names.names.iter().filter_map(|path| at(path)).flatten();
        out.extend(keys.filter_map(Value::as_str).map(str::to_string));
    }
    if out.is_empty() {
        let list = json.as_array().into_iter().flatten();
        out.extend(list.filter_map(Value::as_str).map(str::to_string));
    }
    out
}

/// Types that are used and not declared: one finding for each, where it is used first.
pub(super) fn not_declared(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let Some((known, duties)) = compared(view) else {
        return Vec::new();
    };
    let apis = view.apis;
    let missing = duties
        .types
        .iter()
        .filter(|t| !known.types.contains(&t.info_type));
    missing
        .filter_map(|found| {
            let occasions = found.by.iter().filter_map(|&i| duties.occasions.get(i));
            // A call that fails says it better than a text that is typed.
            let worth = occasions.filter(|o| o.official || o.typed);
            let first = worth.min_by_key(|o| !o.official)?;
            let info = apis.info_type(&found.info_type)?;
            let name = info.name();
            let words = Words::default()
                .set("call", &first.name)
                .set("key", &info.id)
                .set_text("name", &name.en, &name.zh_cn);
            Some(hit(
                &first.at,
                Confidence::High,
                first.classes.clone(),
                words,
            ))
        })
        .collect()
}

/// Types that are declared and not used: one finding at the configuration.
pub(super) fn not_used(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let (Some((known, duties)), Some(at)) = (compared(view), view.anchor()) else {
        return Vec::new();
    };
    if view.ctx.app.config_error.is_some() || !view.ctx.flow.partial.is_empty() {
        return Vec::new();
    }
    let unused = |id: &&Arc<str>| !duties.types.iter().any(|t| t.info_type == **id);
    let surplus: Vec<_> = known
        .types
        .iter()
        .filter(unused)
        .filter_map(|id| view.apis.info_type(id))
        .map(|info| info.name())
        .collect();
    if surplus.is_empty() {
        return Vec::new();
    }
    let join = |language, comma: &str| {
        let names: Vec<&str> = surplus.iter().map(|name| name.get(language)).collect();
        names.join(comma)
    };
    let (en, zh) = (join(Language::En, ", "), join(Language::ZhCn, "、"));
    let words = Words::default().set_text("name", &en, &zh);
    vec![hit(&at, Confidence::Medium, Vec::new(), words)]
}

fn compared<'a>(view: &View<'a>) -> Option<(&'a Known, Duties)> {
    Some((view.judge.declared()?, duties(view)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(words: &[&str]) -> (Vec<String>, Vec<String>) {
        let words: Vec<String> = words.iter().map(|w| w.to_string()).collect();
        let known = Known::of(&words, &RuleSet::builtin()).unwrap_or_default();
        let types = known.types.iter().map(|t| t.to_string()).collect();
        (types, known.unknown)
    }

    #[test]
    fn people_write_what_they_like() {
        for word in [
            "phone",
            "PhoneNumber",
            "收集你的手机号",
            "手机号",
            "collect your mobile number",
        ] {
            assert_eq!(
                known(&[word]),
                (vec!["PhoneNumber".to_string()], vec![]),
                "{word}"
            );
        }
        for word in ["getLocation", "location", "Location", "x.getFuzzyLocation"] {
            assert_eq!(known(&[word]).0, ["Location"], "{word}");
        }
        // A class without an item of its own is no mistake; a word that is nothing is.
        assert_eq!(known(&["name"]), (vec![], vec![]));
        assert_eq!(known(&["nmae"]).1, ["nmae"]);
        assert_eq!(Known::of(&[], &RuleSet::builtin()), None);
    }

    #[test]
    fn guidelines_come_as_json_and_as_text() {
        let rules = RuleSet::builtin();
        let json = r#"{"setting_list": [{"privacy_key": "Album", "privacy_text": "x"}], "privacy_list": ["Camera"]}"#;
        assert_eq!(guideline(json, &rules), ["Album"]);
        assert_eq!(
            guideline(r#"{"privacy_list": ["Camera"]}"#, &rules),
            ["Camera"]
        );
        assert_eq!(guideline(r#"["phone"]"#, &rules), ["phone"]);
        let text = "为了登录，开发者将在获取你的明示同意后，收集你的手机号。开发者收集你的地址，用于配送。";
        assert_eq!(guideline(text, &rules), ["Address", "PhoneNumber"]);
        assert!(guideline("nothing", &rules).is_empty());
    }
}
