//! `minivet test`: rules' own examples, run by the real engine, for people who write rules.

use super::args::TestArgs;
use super::engine::dialects;
use super::{Fail, emit, terminal};
use crate::config::Finder;
use crate::finding::Language;
use crate::project::rules;
use crate::report::escape;
use crate::report::texts::say;
use crate::report::{Format, Looks};
use crate::rules::examples::{Difference, parse, run};
use crate::rules::{Rule, RuleSet};
use crate::session::examples;
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// What came of one rule.
struct Tested<'r> {
    rule: &'r Rule,
    examples: usize,
    differences: Vec<Difference>,
}

/// Runs the examples of the rules in a folder; without one, of those in `extra-queries`, else of the built-in rules.
pub fn test(args: &TestArgs) -> Result<u8, Fail> {
    let (language, rules, own) = load(args)?;
    let chosen: Vec<&Rule> = rules.rules.iter().filter(|r| !own || !r.builtin).collect();
    if chosen.is_empty() {
        return Err(Fail(say(language, "test-none", &[])));
    }
    let tested: Vec<Tested<'_>> = chosen
        .par_iter()
        .map(|rule| run_one(&rules, rule))
        .collect();
    let failed = tested.iter().any(|t| !t.differences.is_empty());
    let text = match args.show.format {
        Format::Text => show(&tested, language, &terminal::looks(&args.show)),
        _ => json(&tested),
    };
    emit(&text, &args.show).map(|()| u8::from(failed))
}

fn load(args: &TestArgs) -> Result<(Language, Arc<RuleSet>, bool), Fail> {
    let first = terminal::language(args.show.lang, None);
    let here = std::env::current_dir().map_err(|_| Fail(say(first, "error-cwd", &[])))?;
    let config = Finder::default()
        .for_folder(&here)
        .map_err(|e| Fail(e.show(first)))?
        .unwrap_or_default();
    let language = terminal::language(args.show.lang, config.lang);
    let Some(dir) = &args.dir else {
        let rules = rules::rules(&config).map_err(|e| Fail(e.show(language)))?;
        return Ok((language, rules, !config.extra_queries.is_empty()));
    };
    // An id is made of folder names, so that `.` must be known by its name.
    let folder = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.clone());
    let mut files = rules::rule_files(&folder).map_err(|e| Fail(e.show(language)))?;
    for (path, _) in &mut files {
        if let Ok(short) = Path::new(path.as_str()).strip_prefix(&here)
            && short.components().count() > 2
        {
            *path = short.to_string_lossy().into_owned();
        }
    }
    let rules = RuleSet::with_extra(&files).map_err(|e| Fail(e.show(language)))?;
    Ok((language, Arc::new(rules), true))
}

fn run_one<'r>(rules: &Arc<RuleSet>, rule: &'r Rule) -> Tested<'r> {
    let parsed = rule.examples.iter().filter_map(|f| parse(rules, f).ok());
    Tested {
        rule,
        examples: parsed.map(|examples| examples.len()).sum(),
        differences: run(rules, rule, &mut |_, files| {
            examples::check(rules, rule, dialects(), files)
        }),
    }
}

fn show(tested: &[Tested<'_>], language: Language, looks: &Looks) -> String {
    let mut out = String::new();
    let width = tested.iter().map(|t| t.rule.id.len()).max().unwrap_or(0);
    for t in tested {
        let count = t.examples.to_string();
        let (style, key, what) = match (t.differences.len(), t.examples) {
            (0, 0) => ("33", "test-empty", "test-no-examples"),
            (0, _) => ("32", "test-ok", "test-examples"),
            _ => ("31", "test-failed", "test-examples"),
        };
        if looks.quiet && t.differences.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "{}  {:width$}  {}\n",
            looks.paint(style, &say(language, key, &[])),
            escape::line(&t.rule.id),
            say(language, what, &[("n", &count)])
        ));
        for difference in &t.differences {
            let place = format!("{}:{}", difference.path, difference.line);
            out.push_str(&format!("  {}\n", looks.paint("1", &escape::line(&place))));
            for line in difference.what.lines() {
                out.push_str(&format!("    {}\n", escape::line(line)));
            }
        }
    }
    let n: usize = tested.iter().map(|t| t.examples).sum();
    let bad: usize = tested.iter().map(|t| t.differences.len()).sum();
    let (rules, n, bad_text) = (tested.len().to_string(), n.to_string(), bad.to_string());
    let key = if bad == 0 { "test-all" } else { "test-some" };
    let values = [("rules", &*rules), ("n", &*n), ("bad", &*bad_text)];
    out.push_str(&format!("\n{}\n", say(language, key, &values)));
    out
}

fn json(tested: &[Tested<'_>]) -> String {
    let list: Vec<serde_json::Value> = tested
        .iter()
        .map(|t| {
            let differences = t.differences.iter();
            serde_json::json!({
                "rule": &*t.rule.id,
                "examples": t.examples,
                "differences": differences
                    .map(|d| serde_json::json!({"file": d.path, "line": d.line, "what": d.what}))
                    .collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
}
