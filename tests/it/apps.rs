//! The small mini programs of `tests/apps`, each checked as a user would: what the comments in their files announce is
//! what the program finds, no more and no less; and after `--fix` nothing new is found.
//!
//! An announcement stands at the end of the finding's first line, `// warning: [leak/log] phone`, or on the line above
//! it, `// below: warning: [leak/log] phone`. The words behind the id are classes that the finding must name.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a comment announces, or what was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    file: String,
    line: u64,
    severity: String,
    rule: String,
    data: Vec<String>,
}

impl Item {
    fn is_met_by(&self, found: &Item) -> bool {
        self.file == found.file
            && self.line == found.line
            && self.severity == found.severity
            && self.rule == found.rule
            && self.data.iter().all(|class| found.data.contains(class))
    }
}

fn apps() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps");
    let mut apps: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    apps.sort();
    apps
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    files
}

fn announced(app: &Path) -> Vec<Item> {
    let mark = Regex::new(r"(below: )?\b(error|warning|info): \[([a-z]+/[a-z-]+)\]").unwrap();
    let word = Regex::new(r"[a-z]+(?:-[a-z]+)*").unwrap();
    let mut items = Vec::new();
    for path in files_under(app) {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let file = path
            .strip_prefix(app)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        for (number, line) in (1..).zip(text.lines()) {
            let marks: Vec<_> = mark.captures_iter(line).collect();
            for (n, captures) in marks.iter().enumerate() {
                let end = captures.get(0).unwrap().end();
                let stop = marks
                    .get(n + 1)
                    .map_or(line.len(), |next| next.get(0).unwrap().start());
                let data = word
                    .find_iter(&line[end..stop])
                    .map(|found| found.as_str().to_owned())
                    .collect();
                items.push(Item {
                    file: file.clone(),
                    line: number + u64::from(captures.get(1).is_some()),
                    severity: captures[2].to_owned(),
                    rule: captures[3].to_owned(),
                    data,
                });
            }
        }
    }
    items
}

fn minivet(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_minivet"))
        .args(arguments)
        .output()
        .unwrap()
}

fn found(app: &Path) -> Vec<Item> {
    let output = minivet(&["check", &app.to_string_lossy(), "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{}: no report: {error}\n{}",
            app.display(),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| Item {
            file: text(&finding["file"]),
            line: finding["range"]["start"]["line"].as_u64().unwrap(),
            severity: text(&finding["severity"]),
            rule: text(&finding["rule"]),
            data: finding["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect(),
        })
        .collect()
}

fn show(item: &Item) -> String {
    format!(
        "{}:{} {}: [{}] {}",
        item.file,
        item.line,
        item.severity,
        item.rule,
        item.data.join(" ")
    )
}

#[test]
fn own_apps_have_the_findings_that_their_comments_announce() {
    let mut wrong = Vec::new();
    let mut n_found = 0;
    for app in apps() {
        let name = app.file_name().unwrap().to_string_lossy().into_owned();
        let mut left = found(&app);
        n_found += left.len();
        for wanted in announced(&app) {
            match left.iter().position(|item| wanted.is_met_by(item)) {
                Some(index) => drop(left.remove(index)),
                None => wrong.push(format!("{name}: missing  {}", show(&wanted))),
            }
        }
        wrong.extend(
            left.iter()
                .map(|item| format!("{name}: too much {}", show(item))),
        );
    }
    assert!(n_found > 0, "nothing was found in any app");
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// How many findings of each rule there are; fixes move lines, so places say nothing.
fn by_rule(items: &[Item]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item.rule.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn fixes_of_own_apps_take_findings_away_and_bring_no_new_ones() {
    for app in apps() {
        let copy = tempfile::tempdir().unwrap();
        for path in files_under(&app) {
            let to = copy.path().join(path.strip_prefix(&app).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&path, &to).unwrap();
        }
        let before = found(copy.path());
        let folder = copy.path().to_string_lossy().into_owned();
        minivet(&[
            "check",
            &folder,
            "--fix",
            "--unsafe-fixes",
            "--fail-on",
            "never",
        ]);
        let after = found(copy.path());
        let counts = by_rule(&before);
        for (rule, n) in by_rule(&after) {
            let had = counts.get(rule).copied().unwrap_or(0);
            assert!(
                n <= had,
                "{}: {n} findings of {rule} after the fixes, {had} before",
                app.display()
            );
        }
        let again = minivet(&[
            "check",
            &folder,
            "--fix",
            "--unsafe-fixes",
            "--fail-on",
            "never",
        ]);
        assert!(
            again.status.success(),
            "{}: {}",
            app.display(),
            String::from_utf8_lossy(&again.stderr)
        );
        assert_eq!(
            found(copy.path()),
            after,
            "{}: a second --fix changed something",
            app.display()
        );
    }
}
