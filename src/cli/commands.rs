//! The small commands.

use super::args::{Cli, ExplainArgs, InitArgs, ShowArgs};
use super::{Fail, emit, print, terminal, write};
use crate::config::{Finder, template};
use crate::finding::Language;
use crate::project::rules::rules as rules_of;
use crate::report::texts::say;
use crate::report::{Format, markdown};
use crate::rules::RuleSet;
use std::path::Path;
use std::sync::Arc;

fn here(lang: Option<super::args::Lang>) -> Result<(Language, Arc<RuleSet>), Fail> {
    let first = terminal::language(lang, None);
    let folder = std::env::current_dir().map_err(|_| Fail(say(first, "error-cwd", &[])))?;
    let config = Finder::default()
        .for_folder(&folder)
        .map_err(|e| Fail(e.show(first)))?
        .unwrap_or_default();
    let language = terminal::language(lang, config.lang);
    let rules = rules_of(&config).map_err(|e| Fail(e.show(language)))?;
    Ok((language, rules))
}

/// `minivet lsp`.
pub fn lsp() -> Result<u8, Fail> {
    Ok(crate::lsp::run())
}

/// `minivet rules`.
pub fn rules(show: &ShowArgs) -> Result<u8, Fail> {
    let (language, rules) = here(show.lang)?;
    if show.format != Format::Text {
        let list: Vec<serde_json::Value> = rules
            .rules
            .iter()
            .map(|rule| {
                serde_json::json!({
                    "id": &*rule.id, "severity": rule.severity, "confidence": rule.confidence, "default": rule.default,
                    "title": rule.pages.title(language), "url": rules.url(rule, language),
                    "fixable": !rule.fixes.is_empty(),
                })
            })
            .collect();
        let text = serde_json::to_string_pretty(&list).unwrap_or_default() + "\n";
        return emit(&text, show).map(|()| 0);
    }
    let looks = terminal::looks(show);
    let width = rules
        .rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    let mut group = "";
    for rule in &rules.rules {
        if *rule.group != *group {
            group = &rule.group;
            out.push_str(&format!(
                "{}{}\n",
                if out.is_empty() { "" } else { "\n" },
                looks.paint("1", &format!("{group}/"))
            ));
        }
        let (key, style) = match rule.severity {
            crate::finding::Severity::Error => ("level-error", "31"),
            crate::finding::Severity::Warning => ("level-warning", "33"),
            crate::finding::Severity::Info => ("level-info", "36"),
        };
        let level = looks.paint(style, &format!("{:7}", say(language, key, &[])));
        let off = if rule.default {
            String::new()
        } else {
            format!(" ({})", say(language, "rules-off", &[]))
        };
        out.push_str(&format!(
            "  {:width$}  {level}  {}{off}\n",
            rule.id,
            rule.pages.title(language)
        ));
    }
    if !show.quiet {
        out.push_str(&format!("\n{}\n", say(language, "more-about", &[])));
    }
    emit(&out, show).map(|()| 0)
}

/// `minivet explain RULE`.
pub fn explain(args: &ExplainArgs) -> Result<u8, Fail> {
    let (language, rules) = here(args.show.lang)?;
    let Some(rule) = rules.rule(&args.rule) else {
        let name = crate::report::escape::line(&args.rule);
        let help = match rules.nearest(&args.rule) {
            Some(near) => say(language, "did-you-mean", &[("near", near)]),
            None => say(language, "list-rules", &[]),
        };
        return Err(Fail(format!(
            "{}; {help}",
            say(language, "error-unknown-rule", &[("name", &name)])
        )));
    };
    let looks = terminal::looks(&args.show);
    let mut out = format!(
        "{}\n\n{}",
        looks.paint("2", &rule.id),
        markdown(rule.pages.get(language), &looks)
    );
    if let Some(url) = rules.url(rule, language) {
        out.push_str(&format!("\n{}\n", looks.paint("4", &url)));
    }
    emit(&out, &args.show).map(|()| 0)
}

/// `minivet init`.
pub fn init(args: &InitArgs) -> Result<u8, Fail> {
    let language = terminal::language(args.lang, None);
    let path = Path::new("minivet.toml");
    let file = [("file", "minivet.toml")];
    if path.symlink_metadata().is_ok() {
        return Err(Fail(say(language, "init-exists", &file)));
    }
    write::write(path, template(language).as_bytes())
        .map_err(|e| Fail(format!("minivet.toml: {e}")))?;
    print(&format!("{}\n", say(language, "init-written", &file)))
}

/// `minivet completions SHELL`.
pub fn completions(shell: clap_complete::Shell) -> Result<u8, Fail> {
    let mut out = Vec::new();
    clap_complete::generate(
        shell,
        &mut <Cli as clap::CommandFactory>::command(),
        "minivet",
        &mut out,
    );
    print(&String::from_utf8_lossy(&out))
}
