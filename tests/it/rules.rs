//! Runs the examples of rules that judge one file alone, mends included: text to facts to findings to mended text.

use minivet::facts::{FileFacts, analyze};
use minivet::flow::FlowResult;
use minivet::judge::fixes::FixCtx;
use minivet::judge::{Judge, Settings};
use minivet::rules::examples::{Checked, Reported, run};
use minivet::rules::{Rule, RuleSet};
use minivet::syntax::{Document, builtin_dialects, parse};
use minivet::text::{Edit, apply_edits};
use std::collections::BTreeMap;
use std::sync::Arc;

type Files = BTreeMap<Arc<str>, Arc<FileFacts>>;

fn facts_of(rules: &RuleSet, texts: &BTreeMap<String, String>) -> Files {
    let dialects = builtin_dialects();
    let mut out = Files::new();
    for (path, text) in texts {
        let Some(kind) = dialects.kind_of(path) else {
            continue;
        };
        let document = Document {
            path: path.as_str().into(),
            text: text.as_str().into(),
        };
        let parsed = parse(&document, kind, &dialects, None);
        out.insert(
            document.path.clone(),
            Arc::new(analyze(&document, &parsed, rules, None)),
        );
    }
    out
}

/// Findings of one rule, and the texts after its mends were applied until none is left.
fn check(judge: &Judge, rule: &str, texts: &BTreeMap<String, String>) -> Checked {
    let rules = judge.rules().clone();
    let files = facts_of(&rules, texts);
    let mut checked = Checked::default();
    for facts in files.values() {
        for finding in judge.file(facts) {
            let before = &texts[&*finding.at.file][..finding.at.span.start as usize];
            checked.findings.push(Reported {
                file: finding.at.file.to_string(),
                line: before.matches('\n').count() as u32 + 1,
                severity: finding.severity,
                rule: finding.rule.to_string(),
                data: finding.data.iter().map(|d| d.to_string()).collect(),
            });
        }
    }
    let mut texts = texts.clone();
    for _ in 0..20 {
        let Some(edits) = next_mend(judge, rule, &texts) else {
            break;
        };
        for (file, edits) in edits {
            let old = texts.get(&file).cloned().unwrap_or_default();
            texts.insert(
                file,
                apply_edits(&old, &edits).expect("edits of one mend fit"),
            );
        }
    }
    checked.fixed = texts;
    checked
}

fn next_mend(
    judge: &Judge,
    rule: &str,
    texts: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, Vec<Edit>>> {
    let files = facts_of(judge.rules(), texts);
    let flow = FlowResult::default();
    let lookup = |path: &str| texts.get(path).map(|t| t.as_str().into());
    let ctx = FixCtx {
        files: &files,
        flow: &flow,
        text: &lookup,
        cache: Default::default(),
    };
    let findings = files
        .values()
        .flat_map(|facts| judge.file(facts))
        .filter(|f| &*f.rule == rule);
    let fix = findings
        .filter_map(|finding| judge.fixes(&finding, &ctx).into_iter().next())
        .next()?;
    let mut by_file: BTreeMap<String, Vec<Edit>> = BTreeMap::new();
    for edit in fix.edits {
        by_file
            .entry(edit.file.to_string())
            .or_default()
            .push(edit.edit);
    }
    Some(by_file)
}

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
fn examples_of_rules_that_need_one_file() {
    let rules = RuleSet::builtin();
    let judge = Judge::new(rules.clone(), &Settings::default());
    let mut differences = Vec::new();
    let mut n = 0;
    for rule in rules.rules.iter().filter(|rule| is_local(rule)) {
        n += 1;
        differences.extend(run(&rules, rule, &mut |id, files| check(&judge, id, files)));
    }
    let shown: Vec<String> = differences
        .iter()
        .map(|d| format!("{}:{}: {}", d.path, d.line, d.what))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
    assert!(n >= 19, "rules were left out: {n}");
}
