//! Rules' own examples through a session, mends included; users' own rule folders through the command line.

use super::support::{self, app};
use minivet::rules::examples::run;
use minivet::rules::{Rule, RuleSet};
use minivet::session::examples::check;
use minivet::syntax::builtin_dialects;
use std::path::Path;

/// Rules whose every match looks at one file.
fn is_local(rule: &Rule) -> bool {
    let local = [
        "secret", "format", "url", "endpoint", "json", "call", "member", "property", "file",
        "pattern",
    ];
    rule.matches
        .iter()
        .all(|found| local.contains(&found.on.as_str()))
}

#[test]
fn examples_of_all_rules() {
    let rules = RuleSet::builtin();
    let dialects = builtin_dialects();
    let (mut wrong, mut n, mut n_local) = (Vec::new(), 0, 0);
    for rule in &rules.rules {
        let differences = run(&rules, rule, &mut |_, files| {
            check(&rules, rule, &dialects, files)
        });
        n += usize::from(!rule.examples.is_empty());
        n_local += usize::from(is_local(rule));
        let told = differences.iter();
        wrong.extend(told.map(|d| format!("{}:{}: {}", d.path, d.line, d.what)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        n_local >= 19 && n >= 30,
        "rules were left out: {n_local}, {n}"
    );
}

const RULE: &str = "severity = \"warning\"\nconfidence = \"high\"\n[message.en]\nwhat = \"{callee} is for debugging\"\n[message.zh-CN]\nwhat = \"{callee} 仅用于调试\"\n[[match]]\non = \"pattern\"\n";
const PATTERN: &str =
    "((call_expression function: (_) @callee) @finding\n  (#eq? @callee \"trace\"))\n";
const EXAMPLES: &str = "# Examples\n\n## A call\n```js file=pages/a/a.js\ntrace(1) // warning: [team/trace]\n```\n\n## None\n```js file=pages/a/a.js\ntrack(1)\n```\n";

fn folder(pattern: &str, examples: &str) -> tempfile::TempDir {
    app(&[
        ("rules/team/trace/rule.toml", RULE),
        ("rules/team/trace/en.md", "# Trace\n"),
        ("rules/team/trace/ecma.scm", pattern),
        ("rules/team/trace/examples/a.md", examples),
        ("minivet.toml", "extra-queries = [\"rules\"]\n"),
        ("app/app.json", "{\"pages\": []}\n"),
        ("app/b.ts", "const x: number = 1\ntrace(x)\n"),
    ])
}

fn minivet(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let out = support::run(dir, args);
    (out.code, out.out + &out.err)
}

#[test]
fn a_users_pattern_is_checked_and_tested() {
    let dir = folder(PATTERN, EXAMPLES);
    let (code, out) = minivet(dir.path(), &["check", "app"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("team/trace"), "{out}");
    assert!(out.contains("trace is for debugging"), "{out}");
    for args in [
        &["test"][..],
        &["test", "rules"],
        &["test", "rules/team/trace"],
    ] {
        let (code, out) = minivet(dir.path(), args);
        assert_eq!(code, Some(0), "{args:?}: {out}");
        assert!(out.contains("team/trace"), "{out}");
        assert!(out.contains("rules: 1, examples: 2; all"), "{out}");
    }
    let (code, out) = minivet(dir.path(), &["test", "--format", "json"]);
    assert_eq!(code, Some(0), "{out}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json[0]["examples"], 2);
}

#[test]
fn examples_that_differ_are_code_1() {
    let dir = folder(PATTERN, &EXAMPLES.replace("track", "trace"));
    let (code, out) = minivet(dir.path(), &["test", "rules"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("examples/a.md:8"), "{out}");
    assert!(out.contains("pages/a/a.js:1: unexpected warning"), "{out}");
}

#[test]
fn bad_rules_are_code_2_with_file_line_and_reason() {
    let dir = folder("; none\n(no_such_node) @finding\n", EXAMPLES);
    for args in [&["check", "app"][..], &["test"], &["test", "rules"]] {
        let (code, out) = minivet(dir.path(), args);
        assert_eq!(code, Some(2), "{args:?}: {out}");
        let what = "team/trace/ecma.scm:2: the grammar has no node `no_such_node`";
        assert!(out.contains(what), "{args:?}: {out}");
    }
    let (code, out) = minivet(dir.path(), &["test", "app"]);
    assert_eq!(code, Some(2), "{out}");
    assert!(out.contains("rule.toml"), "{out}");
}
