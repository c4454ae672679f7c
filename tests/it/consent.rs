//! How apps ask, in several ways of writing: `tests/consent/*.md`. What a line announces is found at it, and nothing else
//! of the group.

use super::support::{Case, cases, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `finds [consent/re-ask]`, by file and line.
fn announced(case: &Case) -> BTreeSet<String> {
    let mark = regex::Regex::new(r"finds \[(consent/[a-z-]+)\]").unwrap();
    let mut out = BTreeSet::new();
    for (file, text) in &case.files {
        for (number, line) in (1..).zip(text.lines()) {
            let found = mark.captures_iter(line);
            out.extend(found.map(|found| format!("{file}:{number} {}", &found[1])));
        }
    }
    out
}

fn found(case: &Case) -> BTreeSet<String> {
    let dir = case.made();
    let out = run(
        dir.path(),
        &["check", "--select", "consent", "--format", "json"],
    );
    let report: Value = serde_json::from_str(&out.out)
        .unwrap_or_else(|error| panic!("{}: {error}: {}", case.title, out.err));
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|f| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let line = &f["range"]["start"]["line"];
            format!("{}:{line} {}", text(&f["file"]), text(&f["rule"]))
        })
        .collect()
}

#[test]
fn how_apps_ask() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consent");
    let mut wrong = String::new();
    let mut seen = 0;
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for case in cases(&text) {
            seen += 1;
            let (wanted, found) = (announced(&case), found(&case));
            for missed in wanted.difference(&found) {
                wrong.push_str(&format!("{}: missed {missed}\n", case.title));
            }
            for extra in found.difference(&wanted) {
                wrong.push_str(&format!("{}: not announced {extra}\n", case.title));
            }
        }
    }
    assert!(seen > 25, "only {seen} apps");
    assert!(wrong.is_empty(), "{wrong}");
}
