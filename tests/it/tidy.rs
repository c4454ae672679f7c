//! The house rules that a machine can check: walls between modules, file docs, rule folders, platform names.

use minivet::finding::Language;
use minivet::rules::RuleSet;
use std::path::{Path, PathBuf};

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut open, mut out): (Vec<PathBuf>, Vec<_>) = (vec![root.join("src")], vec![]);
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                out.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

/// Sources that ship: files of tests only are named `tests.rs`, or lie in a folder `tests`.
fn shipped() -> Vec<(String, String)> {
    sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("/tests.rs") && !path.contains("/tests/"))
        .collect()
}

/// Code without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines
        .map(|line| line.split(" // ").next().unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, t)| !t.starts_with("//!"))
        .map(|(p, _)| p)
        .collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn modules_keep_to_their_walls() {
    // What each module must never mention.
    let walls: [(&str, &[&str]); 9] = [
        (
            "src/text/",
            &[
                "crate::syntax",
                "crate::rules",
                "crate::facts",
                "crate::flow",
                "crate::app",
                "crate::lsp",
                "crate::cli",
            ],
        ),
        (
            "src/syntax/",
            &[
                "crate::rules",
                "crate::facts",
                "crate::flow",
                "crate::app",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
        (
            "src/rules/",
            &[
                "crate::flow",
                "crate::app",
                "crate::judge",
                "crate::session",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
        (
            "src/facts/",
            &[
                "crate::flow",
                "crate::app",
                "crate::judge",
                "crate::session",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
        (
            "src/flow/",
            &[
                "tree_sitter",
                "crate::judge",
                "crate::session",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
        (
            "src/app/",
            &[
                "tree_sitter",
                "crate::judge",
                "crate::session",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
        (
            "src/judge/",
            &["crate::session", "crate::lsp", "crate::cli", "std::fs"],
        ),
        (
            "src/report/",
            &[
                "crate::inventory",
                "crate::lsp",
                "crate::cli",
                "std::fs",
                "tower_lsp",
            ],
        ),
        (
            "src/inventory/",
            &[
                "tree_sitter",
                "crate::session",
                "crate::lsp",
                "crate::cli",
                "std::fs",
            ],
        ),
    ];
    let mut holes = Vec::new();
    for (path, text) in shipped() {
        let code = code(&text);
        for (room, forbidden) in walls {
            if path.starts_with(room) {
                holes.extend(
                    forbidden
                        .iter()
                        .filter(|word| code.contains(**word))
                        .map(|word| format!("{path}: {word}")),
                );
            }
        }
        if !path.starts_with("src/lsp/") && code.contains("tower_lsp") {
            holes.push(format!("{path}: only src/lsp may know the protocol"));
        }
    }
    assert_eq!(holes, Vec::<String>::new());
}

#[test]
fn the_engine_knows_no_platform_names() {
    let words = [
        "\"wx.",
        "\"my.",
        "\"uni.",
        "\"tt.",
        "\"swan.",
        "\"wx\"",
        "\"setData\"",
        "\"getApp\"",
        "\"onLoad\"",
        "getStorageSync",
        "getPhoneNumber",
        "globalData",
    ];
    let mut found = Vec::new();
    for (path, text) in shipped() {
        let code = code(&text);
        found.extend(
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| format!("{path}: {word}")),
        );
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_rule_folder_is_whole() {
    let set = RuleSet::builtin();
    assert!(!set.rules.is_empty());
    let mut missing = Vec::new();
    for rule in &set.rules {
        let mut say = |what: &str| missing.push(format!("{}: {what}", rule.id));
        if !rule.path.ends_with(&format!("rules/{}/rule.toml", rule.id)) {
            say("its id is not its path");
        }
        for language in [Language::En, Language::ZhCn] {
            if rule.pages.title(language).is_empty() {
                say("a page without a heading");
            }
            for text in std::iter::once(&rule.messages.what).chain(rule.texts.values()) {
                if text.get(language).is_empty()
                    || text.get(language).contains('\n')
                    || text.get(language).ends_with(['.', '。'])
                {
                    say("a message that is empty, ends with a full stop or has several lines");
                }
            }
        }
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        if !chinese(&rule.messages.what.zh_cn) || !chinese(&rule.pages.zh_cn) {
            say("its Chinese is not Chinese");
        }
        if rule.references.is_empty() {
            say("no references");
        }
        for id in &rule.references {
            if set.tables.regulations().clause(id).is_none() {
                say("a reference that does not exist");
            }
        }
        if let Err(error) = set.tables.check_rule(rule) {
            say(&error.to_string());
        }
    }
    for rule in set.tables.secrets().rules() {
        if set.rule(rule).is_none() {
            missing.push(format!(
                "data/secrets.toml names the rule {rule}, which does not exist"
            ));
        }
    }
    for class in set.tables.formats().classes() {
        if set.tables.classes().get(class).is_none() {
            missing.push(format!(
                "data/formats.toml names the class {class}, which does not exist"
            ));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
