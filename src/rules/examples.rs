//! Rules' own examples: Markdown files that are test suites and the samples on the rules' pages (`queries/README.md` says how
//! they are written). Knows how to read and compare them; whoever runs them hands in the checker.

use super::rule::{ExampleFile, Rule};
use super::{RuleSet, sample};
use crate::finding::Severity;
use std::collections::BTreeMap;

/// A small app with what must be found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    /// The section's heading.
    pub title: String,
    /// Line of the heading, from 1.
    pub line: u32,
    /// Files by path, expectations taken out of nothing: comments stay in the text.
    pub files: BTreeMap<String, String>,
    /// What must be found, and nothing else.
    pub expected: Vec<Expectation>,
    /// Files after all fixes.
    pub fixed: BTreeMap<String, String>,
}

/// A finding that an example announces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    /// File of the example.
    pub file: String,
    /// Line in that file, from 1.
    pub line: u32,
    /// `None` = any severity.
    pub severity: Option<Severity>,
    /// Rule id.
    pub rule: String,
    /// Words that must be among the finding's classes.
    pub data: Vec<String>,
}

/// A finding of a checker, as far as examples look at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// File.
    pub file: String,
    /// First line, from 1.
    pub line: u32,
    /// Severity.
    pub severity: Severity,
    /// Rule id.
    pub rule: String,
    /// Classes.
    pub data: Vec<String>,
}

/// What a checker says about one small app.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Findings of all rules.
    pub findings: Vec<Reported>,
    /// Files after all fixes of the named rule, unsafe ones too; files that no fix touches may be left out.
    pub fixed: BTreeMap<String, String>,
}

/// Something that an example and the checker do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The Markdown file.
    pub path: String,
    /// Line of the example's heading.
    pub line: u32,
    /// What differs, for people; several lines.
    pub what: String,
}

/// Runs one rule's examples. `check` gets the rule's id and the files of a small app.
pub fn run(
    set: &RuleSet,
    rule: &Rule,
    check: &mut dyn FnMut(&str, &BTreeMap<String, String>) -> Checked,
) -> Vec<Difference> {
    let mut out = Vec::new();
    for file in &rule.examples {
        let examples = match parse(set, file) {
            Ok(examples) => examples,
            Err((line, what)) => {
                out.push(Difference {
                    path: file.path.to_string(),
                    line,
                    what,
                });
                continue;
            }
        };
        for example in examples {
            let checked = check(&rule.id, &example.files);
            for what in compare(rule, &example, &checked) {
                out.push(Difference {
                    path: file.path.to_string(),
                    line: example.line,
                    what: format!("{}: {what}", example.title),
                });
            }
        }
    }
    out
}

/// Reads an example file. The error names a line and what is wrong with it.
pub fn parse(set: &RuleSet, file: &ExampleFile) -> Result<Vec<Example>, (u32, String)> {
    let mut out: Vec<Example> = Vec::new();
    // The block that is open: its fence, file, whether it is a fixed one, and its text so far.
    let mut block: Option<(String, String, bool, String)> = None;
    for (index, line) in file.text.lines().enumerate() {
        let number = index as u32 + 1;
        if let Some((fence, path, fixed, text)) = &mut block {
            if line.trim_end() != fence {
                text.push_str(line);
                text.push('\n');
                continue;
            }
            let Some(example) = out.last_mut() else {
                return Err((number, "a file block before the first `##` heading".into()));
            };
            let text = expand_samples(set, text).map_err(|what| (number, what))?;
            let files = if *fixed {
                &mut example.fixed
            } else {
                &mut example.files
            };
            if files.insert(path.clone(), text).is_some() {
                return Err((number, format!("`{path}` is given twice")));
            }
            block = None;
            continue;
        }
        if let Some(title) = line.strip_prefix("## ") {
            out.push(Example {
                title: title.trim().into(),
                line: number,
                ..Example::default()
            });
        } else if line.starts_with("```") {
            let ticks = line.len() - line.trim_start_matches('`').len();
            let mut words = line[ticks..].split_whitespace();
            let path = words.clone().find_map(|word| word.strip_prefix("file="));
            // A block without a file is prose.
            let path = path.unwrap_or_default().to_string();
            let fixed = words.any(|word| word == "fixed");
            if path.is_empty() {
                block = Some((
                    "`".repeat(ticks),
                    format!("(text at line {number})"),
                    true,
                    String::new(),
                ));
            } else {
                block = Some(("`".repeat(ticks), path, fixed, String::new()));
            }
        }
    }
    if block.is_some() {
        return Err((
            file.text.lines().count() as u32,
            "a file block is not closed".into(),
        ));
    }
    for example in &mut out {
        example
            .fixed
            .retain(|path, _| !path.starts_with("(text at line "));
        let texts: Vec<(String, String)> = example
            .files
            .iter()
            .map(|(p, t)| (p.clone(), t.clone()))
            .collect();
        for (path, text) in texts {
            expectations(&path, &text, &mut example.expected)
                .map_err(|what| (example.line, what))?;
        }
        example.expected.sort();
        if !example.files.is_empty()
            && !example
                .files
                .keys()
                .any(|p| p == "app.json" || p.ends_with("/app.json"))
        {
            let supply = example
                .files
                .keys()
                .all(|p| !p.ends_with("pages.json") && !p.contains("app.config."));
            if supply {
                example
                    .files
                    .insert("app.json".into(), app_json(example.files.keys()));
            }
        }
    }
    out.retain(|example| !example.files.is_empty());
    Ok(out)
}

/// An `app.json` that names every page of an example.
fn app_json<'p>(paths: impl Iterator<Item = &'p String>) -> String {
    let mut pages: Vec<String> = paths
        .filter(|path| path.starts_with("pages/"))
        .filter_map(|path| path.rsplit_once('.').map(|(stem, _)| format!("\"{stem}\"")))
        .collect();
    pages.sort();
    pages.dedup();
    format!("{{ \"pages\": [{}] }}\n", pages.join(", "))
}

/// Puts samples in the place of `<%sample:row%>` (`<%sample:row:2%>` = another value of the same row).
fn expand_samples(set: &RuleSet, text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<%sample:") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("%>") else {
            return Err("`<%sample:` without `%>`".into());
        };
        let (id, seed) = name.split_once(':').unwrap_or((name, "0"));
        let seed = seed.parse().map_err(|_| format!("`{seed}` is no number"))?;
        let value = set.tables.secrets().sample(id, seed).or_else(|| {
            set.tables
                .formats()
                .sample(id)
                .map(|recipe| sample::expand(recipe, seed))
        });
        out.push_str(&value.ok_or_else(|| {
            format!("no sample for `{id}` in data/secrets.toml or data/formats.toml")
        })?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Collects `warning: [group/name] words` comments.
fn expectations(path: &str, text: &str, out: &mut Vec<Expectation>) -> Result<(), String> {
    // Expectations on lines of their own speak of the next line of code.
    let mut pending: Vec<Expectation> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index as u32 + 1;
        let Some(at) = comment_start(line) else {
            for mut expected in pending.drain(..) {
                expected.line = number;
                out.push(expected);
            }
            continue;
        };
        let code = line[..at].trim();
        let body = line[at..].trim_start_matches(['/', '*', '<', '!', '-', ' ']);
        let below = body.starts_with("below:");
        let body = body.strip_prefix("below:").unwrap_or(body).trim();
        let mut expected = Vec::new();
        for part in body.split(" + ") {
            let Some((word, rest)) = part.trim().split_once(": [") else {
                return Err(format!(
                    "{path}:{number}: cannot read the expectation `{part}`"
                ));
            };
            let Some((rule, words)) = rest.split_once(']') else {
                return Err(format!(
                    "{path}:{number}: `]` is missing behind the rule id"
                ));
            };
            let words = words.trim().trim_end_matches("-->").trim_end_matches("*/");
            let data = words
                .split([' ', ','])
                .filter(|w| !w.is_empty())
                .map(String::from)
                .collect();
            let severity = super::params::severity(word.trim());
            expected.push(Expectation {
                file: path.into(),
                line: number,
                severity,
                rule: rule.trim().into(),
                data,
            });
        }
        if below || code.is_empty() {
            pending.extend(expected);
        } else {
            let above = std::mem::take(&mut pending)
                .into_iter()
                .map(|e| Expectation { line: number, ..e });
            out.extend(above.chain(expected));
        }
    }
    match pending.first() {
        Some(left) => Err(format!(
            "{path}:{}: nothing below this expectation",
            left.line
        )),
        None => Ok(()),
    }
}

/// Where an expectation's comment begins in a line.
fn comment_start(line: &str) -> Option<usize> {
    ["//", "<!--", "/*"].into_iter().find_map(|open| {
        line.match_indices(open).map(|(at, _)| at).find(|&at| {
            let body = line[at + open.len()..].trim_start();
            let body = body.strip_prefix("below:").unwrap_or(body).trim_start();
            ["error: [", "warning: [", "info: [", "any: ["]
                .iter()
                .any(|word| body.starts_with(word))
        })
    })
}

/// Differences between an example and what was found, as lines for people.
fn compare(rule: &Rule, example: &Example, checked: &Checked) -> Vec<String> {
    let mut out = Vec::new();
    let mut left: Vec<&Reported> = checked
        .findings
        .iter()
        .filter(|f| *f.rule == *rule.id)
        .collect();
    left.sort();
    for expected in example.expected.iter().filter(|e| *e.rule == *rule.id) {
        let fits = |found: &&Reported| {
            found.file == expected.file
                && found.line == expected.line
                && expected.severity.is_none_or(|s| s == found.severity)
                && expected.data.iter().all(|word| found.data.contains(word))
        };
        match left.iter().position(fits) {
            Some(index) => {
                left.remove(index);
            }
            None => {
                let near = left
                    .iter()
                    .find(|f| f.file == expected.file && f.line == expected.line);
                let instead = near
                    .map(|f| format!("; found {}", describe(f.severity, &f.data)))
                    .unwrap_or_default();
                let wanted = expected
                    .severity
                    .map_or("finding".to_string(), |s| describe(s, &expected.data));
                out.push(format!(
                    "{}:{}: expected {wanted}{instead}",
                    expected.file, expected.line
                ));
            }
        }
    }
    for found in left {
        out.push(format!(
            "{}:{}: unexpected {}",
            found.file,
            found.line,
            describe(found.severity, &found.data)
        ));
    }
    for (path, wanted) in &example.fixed {
        let text = checked
            .fixed
            .get(path)
            .or_else(|| example.files.get(path))
            .map_or("", String::as_str);
        let plain = |text: &str| {
            text.lines()
                .map(without_expectation)
                .map(|l| l.trim_end().to_string())
                .collect::<Vec<_>>()
        };
        let (got, want) = (plain(text), plain(wanted));
        if trim_blank(&got) != trim_blank(&want) {
            out.push(format!(
                "{path} after fixes:\n{}",
                lines_apart(trim_blank(&got), trim_blank(&want))
            ));
        }
    }
    out
}

fn describe(severity: Severity, data: &[String]) -> String {
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    if data.is_empty() {
        word.to_string()
    } else {
        format!("{word} [{}]", data.join(", "))
    }
}

fn without_expectation(line: &str) -> &str {
    comment_start(line).map_or(line, |at| &line[..at])
}

fn trim_blank(lines: &[String]) -> &[String] {
    let start = lines
        .iter()
        .position(|l| !l.is_empty())
        .unwrap_or(lines.len());
    let end = lines
        .iter()
        .rposition(|l| !l.is_empty())
        .map_or(start, |i| i + 1);
    &lines[start..end]
}

/// The first lines that differ, wanted with `-`, got with `+`.
fn lines_apart(got: &[String], want: &[String]) -> String {
    let same = got.iter().zip(want).take_while(|(a, b)| a == b).count();
    let tail = got[same..]
        .iter()
        .rev()
        .zip(want[same..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let mut out = String::new();
    for line in &want[same..want.len() - tail] {
        out.push_str(&format!("    - {line}\n"));
    }
    for line in &got[same..got.len() - tail] {
        out.push_str(&format!("    + {line}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLES: &str = "# Examples\n\n## A phone number in a log\n\n```js file=pages/a/a.js\nconsole.log(phone)  // warning: [leak/log] phone\n// error: [leak/log] id-card\nconsole.log(idCard)\n```\n```js file=pages/a/a.js fixed\n```\n\n## Good\n```js file=pages/a/a.js\nconst key = '<%sample:wechat-app-secret%>'\n```\n";

    fn differences(findings: &[(u32, Severity, &str)], fixed: &str) -> Vec<String> {
        let set = RuleSet::builtin();
        let mut rule = set.rule("leak/log").unwrap().clone();
        rule.examples = vec![ExampleFile {
            path: "x.md".into(),
            text: EXAMPLES.into(),
        }];
        let findings: Vec<Reported> = findings
            .iter()
            .map(|&(line, severity, data)| Reported {
                file: "pages/a/a.js".into(),
                line,
                severity,
                rule: "leak/log".into(),
                data: vec![data.into()],
            })
            .collect();
        let mut check = |_: &str, files: &BTreeMap<String, String>| {
            assert!(files.contains_key("app.json"));
            if files["pages/a/a.js"].starts_with("const key") {
                assert!(!files["pages/a/a.js"].contains("<%"));
                return Checked::default();
            }
            Checked {
                findings: findings.clone(),
                fixed: [("pages/a/a.js".to_string(), fixed.to_string())].into(),
            }
        };
        run(&set, &rule, &mut check)
            .into_iter()
            .map(|d| format!("{}:{}: {}", d.path, d.line, d.what))
            .collect()
    }

    #[test]
    fn agreement_is_silent_and_every_difference_is_told() {
        let good = [
            (1, Severity::Warning, "phone"),
            (3, Severity::Error, "id-card"),
        ];
        assert_eq!(differences(&good, "\n"), Vec::<String>::new());
        assert_eq!(
            differences(
                &[
                    (1, Severity::Info, "phone"),
                    (3, Severity::Error, "id-card")
                ],
                ""
            ),
            [
                "x.md:3: A phone number in a log: pages/a/a.js:1: expected warning [phone]; found info [phone]",
                "x.md:3: A phone number in a log: pages/a/a.js:1: unexpected info [phone]",
            ]
        );
        let told = differences(&good, "console.log(1)\n");
        assert_eq!(
            told,
            ["x.md:3: A phone number in a log: pages/a/a.js after fixes:\n    + console.log(1)\n"]
        );
    }
}
