//! What developers write in each framework: small apps in `tests/frameworks/*.md`, checked with `minivet flows` and
//! `minivet check`. A line says itself what must be found at it, and nothing else may be.

use super::support::{Case, cases, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `// leak: phone name` and `// finds [group/rule]`: what lines announce, and all rules that the case speaks of.
fn announced(case: &Case) -> (BTreeSet<String>, BTreeSet<String>) {
    let leak = regex::Regex::new(r"leak: ([a-z -]+?) *(-->|\*/|$)").unwrap();
    let rule = regex::Regex::new(r"(finds )?\[([a-z]+/[a-z-]+)\]").unwrap();
    let (mut wanted, mut rules) = (BTreeSet::new(), BTreeSet::new());
    for (file, text) in &case.files {
        for (number, line) in (1..).zip(text.lines()) {
            for class in leak.captures(line).iter().flat_map(|c| {
                c[1].split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            }) {
                wanted.insert(format!("{file}:{number} {class}"));
            }
            for found in rule.captures_iter(line) {
                rules.insert(found[2].to_owned());
                if found.get(1).is_some() {
                    wanted.insert(format!("{file}:{number} [{}]", &found[2]));
                }
            }
        }
    }
    (wanted, rules)
}

fn report(dir: &Path, command: &str) -> Value {
    let out = run(dir, &[command, "--format", "json"]);
    serde_json::from_str(&out.out).unwrap_or_else(|error| panic!("{error}: {}{}", out.out, out.err))
}

fn found(case: &Case, rules: &BTreeSet<String>) -> BTreeSet<String> {
    let dir = case.made();
    let mut found = BTreeSet::new();
    for flow in report(dir.path(), "flows")["flows"].as_array().unwrap() {
        let sink = &flow["sink"];
        for class in flow["data"].as_array().unwrap() {
            let (file, line) = (sink["file"].as_str().unwrap(), &sink["line"]);
            found.insert(format!("{file}:{line} {}", class.as_str().unwrap()));
        }
    }
    if rules.is_empty() {
        return found;
    }
    for finding in report(dir.path(), "check")["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap();
        if rules.contains(rule) {
            let (file, line) = (
                finding["file"].as_str().unwrap(),
                &finding["range"]["start"]["line"],
            );
            found.insert(format!("{file}:{line} [{rule}]"));
        }
    }
    found
}

/// The platforms that the app model knows, and the names of their global objects.
fn platforms() -> Vec<(String, Vec<String>)> {
    let model = include_str!("../../queries/data/app_model.toml");
    let model: toml::Value = toml::from_str(model).unwrap();
    let names = |platform: &toml::Value| {
        let globals = platform["globals"].as_array().unwrap().iter();
        globals.map(|g| g.as_str().unwrap().to_owned()).collect()
    };
    let all = model["platform"].as_array().unwrap().iter();
    all.map(|p| (p["id"].as_str().unwrap().to_owned(), names(p)))
        .collect()
}

/// Rules that read addresses or what controls are for, and no interface of a platform.
const NAMES_NO_INTERFACE: [&str; 2] = ["leak/internal-host", "consent/over-collection"];

/// Rules about what a platform asks apps to declare, about its own dialog and its own withdrawn interfaces: where there is
/// such a mechanism, `declaration.platforms` of `queries/data/consent.toml`.
const OF_DECLARATIONS: [&str; 7] = [
    "consent/broken-privacy-popup",
    "consent/deprecated-api",
    "consent/missing-permission-desc",
    "consent/tap-state",
    "consent/undeclared-data",
    "consent/undeclared-private-info",
    "consent/unused-permission",
];

#[test]
fn every_platform_has_every_rule_in_its_own_names() {
    let text = include_str!("../frameworks/platforms.md");
    let cases = cases(text);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/rules");
    let every: BTreeSet<String> = ["storage", "transport", "leak", "consent"]
        .iter()
        .flat_map(|group| {
            let rules = fs::read_dir(folder.join(group)).unwrap();
            rules
                .map(move |rule| format!("{group}/{}", rule.unwrap().file_name().to_string_lossy()))
        })
        .filter(|rule| !NAMES_NO_INTERFACE.contains(&&**rule))
        .filter(|rule| {
            let rule = fs::read_to_string(folder.join(rule).join("rule.toml")).unwrap();
            // Rules that are only run when asked for have their cases beside them.
            !rule.lines().any(|line| line == "default = false")
        })
        .collect();
    let consent = include_str!("../../queries/data/consent.toml");
    let consent: toml::Value = toml::from_str(consent).unwrap();
    let declaring = consent["declaration"]["platforms"].as_array().unwrap();
    for (id, globals) in platforms() {
        let own: Vec<&Case> = cases
            .iter()
            .filter(|case| case.title.split(':').next() == Some(&id))
            .collect();
        let marked: BTreeSet<String> = own
            .iter()
            .flat_map(|case| announced(case).0)
            .filter_map(|mark| Some(mark.split_once('[')?.1.trim_end_matches(']').to_owned()))
            .collect();
        let declares = declaring.iter().any(|p| p.as_str() == Some(&id));
        let missing: Vec<_> = every
            .difference(&marked)
            .filter(|rule| declares || !OF_DECLARATIONS.contains(&&***rule))
            .collect();
        assert!(missing.is_empty(), "{id} has no case of {missing:?}");
        for case in own {
            let dir = case.made();
            for flow in report(dir.path(), "flows")["flows"].as_array().unwrap() {
                let api = flow["sink"]["api"].as_str().unwrap();
                // What a page's own hook gives is nobody's call.
                let Some((spelled, _)) = api.split_once('.') else {
                    continue;
                };
                let is_own = globals.is_empty() || globals.iter().any(|g| g == spelled);
                assert!(is_own || spelled == "console", "{id}: {api}");
            }
        }
    }
}

#[test]
fn frameworks_have_the_flows_that_their_lines_announce() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frameworks");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("README.md") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for case in cases(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let (wanted, rules) = announced(&case);
            let found = found(&case, &rules);
            if found != wanted {
                let missing: Vec<_> = wanted.difference(&found).collect();
                let surplus: Vec<_> = found.difference(&wanted).collect();
                wrong.push(format!(
                    "{name}: {}: missing {missing:?}, too much {surplus:?}",
                    case.title
                ));
            }
        }
    }
    assert!(count >= 45, "{count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
