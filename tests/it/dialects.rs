//! One scenario, several dialects, one expectation: `tests/dialects/*.md`, checked with `minivet flows`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A scenario in one dialect.
struct Case {
    /// `scenario dialect`.
    name: String,
    dialect: String,
    /// It is known not to be right yet.
    known: bool,
    files: Vec<(String, String)>,
    expected: BTreeSet<String>,
}

/// Where an app's root is, and what every app of a dialect has.
fn frame(dialect: &str) -> (&'static str, &'static [(&'static str, &'static str)]) {
    const NATIVE: &[(&str, &str)] = &[
        ("app.json", r#"{"pages":["pages/a/a","pages/b/b"]}"#),
        ("app.js", "App({ globalData: {} })\n"),
        ("project.config.json", r#"{"appid":"touristappid"}"#),
    ];
    const UNI: &[(&str, &str)] = &[
        (
            "pages.json",
            r#"{"pages":[{"path":"pages/a/a"},{"path":"pages/b/b"}]}"#,
        ),
        ("manifest.json", r#"{"name":"a","mp-weixin":{"appid":""}}"#),
        ("App.vue", "<script>\nexport default {}\n</script>\n"),
    ];
    const TARO: &[(&str, &str)] = &[
        (
            "app.config.ts",
            "export default defineAppConfig({ pages: ['pages/a/a', 'pages/b/b'] })\n",
        ),
        (
            "app.tsx",
            "export default function App({ children }) { return children }\n",
        ),
    ];
    const TARO_VUE: &[(&str, &str)] = &[
        (
            "app.config.ts",
            "export default { pages: ['pages/a/a', 'pages/b/b'] }\n",
        ),
        (
            "app.ts",
            "import { createApp } from 'vue'\nexport default createApp({ onShow() {} })\n",
        ),
    ];
    const MPX: &[(&str, &str)] = &[(
        "app.mpx",
        "<script>\nimport { createApp } from '@mpxjs/core'\ncreateApp({})\n</script>\n<script type=\"application/json\">\n{ \"pages\": [\"./pages/a/a\", \"./pages/b/b\"] }\n</script>\n",
    )];
    const WEPY: &[(&str, &str)] = &[(
        "app.wpy",
        "<script>\nimport wepy from 'wepy'\nexport default class extends wepy.app { config = { pages: ['pages/a/a', 'pages/b/b'] } }\n</script>\n",
    )];
    match dialect {
        "js" | "ts" => ("", NATIVE),
        "vue2" | "vue3" => ("", UNI),
        "taro" => ("src/", TARO),
        "taro-vue" => ("src/", TARO_VUE),
        "mpx" => ("src/", MPX),
        "wepy" => ("src/", WEPY),
        other => panic!("no frame for {other}"),
    }
}

/// `a.js` is short for `pages/a/a.js`; `/x` lies beside the app's root.
fn path(root: &str, name: &str) -> String {
    if let Some(beside) = name.strip_prefix('/') {
        return beside.into();
    }
    match name.split_once('.') {
        Some((page @ ("a" | "b"), _)) => format!("{root}pages/{page}/{name}"),
        _ => format!("{root}{name}"),
    }
}

fn cases(scenario: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut expected = BTreeSet::new();
    let mut block: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((name, body)) = &mut block {
            if line != "```" {
                body.push_str(line);
                body.push('\n');
                continue;
            }
            match (cases.last_mut(), &**name) {
                (None, "expect") => expected = body.lines().map(str::to_owned).collect(),
                (Some(case), name) => {
                    let name = name.split_once(' ').expect("a block has a name").1;
                    let path = path(frame(&case.dialect).0, name);
                    case.files.push((path, std::mem::take(body)));
                }
                (None, _) => panic!("{scenario}: a block without a section"),
            }
            block = None;
        } else if let Some(info) = line.strip_prefix("```") {
            block = Some((info.to_owned(), String::new()));
        } else if let Some(title) = line.strip_prefix("## ") {
            let dialect = title.trim_end_matches("(known)").trim();
            let (root, frame) = frame(dialect);
            cases.push(Case {
                name: format!("{scenario} {dialect}"),
                dialect: dialect.into(),
                known: title.ends_with("(known)"),
                files: frame
                    .iter()
                    .map(|(name, text)| (format!("{root}{name}"), (*text).to_owned()))
                    .collect(),
                expected: expected.clone(),
            });
        }
    }
    cases
}

/// `class call protection` of every flow.
fn flows(case: &Case) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in &case.files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let out = Command::new(env!("CARGO_BIN_EXE_minivet"))
        .current_dir(dir.path())
        .args(["flows", "--format", "json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let mut found = BTreeSet::new();
    for flow in report["flows"].as_array().unwrap() {
        let api = flow["sink"]["api"].as_str().unwrap();
        let call = match api {
            "console.log" => api,
            _ => api.rsplit('.').next().unwrap(),
        };
        for class in flow["data"].as_array().unwrap() {
            let protection = flow["protection"].as_str().unwrap();
            found.insert(format!("{} {call} {protection}", class.as_str().unwrap()));
        }
    }
    found
}

#[test]
fn every_scenario_means_the_same_in_every_dialect() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects");
    let (mut wrong, mut known) = (Vec::new(), 0);
    let mut rates: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut scenarios: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("README.md"))
        .collect();
    scenarios.sort();
    for path in &scenarios {
        let scenario = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut seen = BTreeSet::new();
        for case in cases(&scenario, &fs::read_to_string(path).unwrap()) {
            let found = flows(&case);
            let right = found == case.expected;
            let rate = rates.entry(case.dialect.clone()).or_default();
            *rate = (rate.0 + usize::from(right), rate.1 + 1);
            known += usize::from(case.known);
            if right == case.known {
                let mark = if case.known {
                    "right, but marked known"
                } else {
                    "wrong"
                };
                wrong.push(format!(
                    "{}: {mark}: {found:?} for {:?}",
                    case.name, case.expected
                ));
            }
            seen.insert(case.dialect);
        }
        for needed in DIALECTS {
            assert!(seen.contains(needed), "{scenario} lacks {needed}");
        }
    }
    for (dialect, (right, all)) in &rates {
        println!("{dialect}: {right} of {all}");
    }
    assert!(scenarios.len() >= 26 && rates.len() == DIALECTS.len());
    assert_eq!(known, MOST_KNOWN, "scenarios that are marked known");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each scenario is written in all of them.
const DIALECTS: [&str; 8] = [
    "js", "ts", "vue2", "vue3", "taro", "taro-vue", "mpx", "wepy",
];

/// This only falls.
const MOST_KNOWN: usize = 0;
