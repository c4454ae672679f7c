//! `inventory`: PATHs → walk → read → sessions → inventories, compared with saved ones if asked for.

use super::args::{InventoryArgs, NewThing, ShowArgs};
use super::check::{complain_errors, load, settings};
use super::progress::Progress;
use super::{Fail, emit, engine, terminal};
use crate::finding::Language;
use crate::inventory::Inventory;
use crate::inventory::diff::{Diff, NotSaved, Saved, diff};
use crate::inventory::show::{self, Report};
use crate::report::texts::say;
use crate::report::{Format, escape};
use std::path::Path;

/// `minivet inventory`. Returns the exit code.
pub fn inventory(args: &InventoryArgs) -> Result<u8, Fail> {
    let show = ShowArgs {
        lang: args.lang,
        color: args.color,
        quiet: args.quiet,
        verbose: args.verbose,
        format: Format::Text,
        output: args.output.clone(),
    };
    let loaded = load(&args.scope, args.lang, None)?;
    let language = loaded.language;
    let saved = saved(args, language)?;
    let mut apps: Vec<Inventory> = Vec::new();
    let several = loaded.roots.len() > 1;
    let progress = Progress::new(loaded.files, language, args.quiet);
    for group in &loaded.groups {
        let settings = settings(&group.config, &args.scope, None, &group.rules)
            .map_err(|e| Fail(e.show(language)))?;
        for mut app in engine::inventories(&group.texts, &settings, &group.rules, &progress) {
            if several {
                let prefix = &loaded.roots[group.root].prefix;
                let root = format!("{prefix}{}", app.root);
                app.root = root.trim_end_matches('/').into();
            }
            apps.push(app);
        }
    }
    progress.end();
    let alone = apps.len() == 1;
    let diffs: Vec<Diff> = match &saved {
        Some(saved) => apps.iter().map(|app| diff(app, saved, alone)).collect(),
        None => Vec::new(),
    };
    let file = args.since.as_deref().unwrap_or(Path::new(""));
    let prefix = match &loaded.roots[..] {
        [only] => only.prefix.clone(),
        _ => String::new(),
    };
    let report = Report {
        apps: &apps,
        since: &diffs,
        since_file: &file.to_string_lossy(),
        path: &prefix,
        language,
    };
    let text = match args.format.as_str() {
        "json" => show::json(&report),
        "html" => show::html(&report),
        "md" | "markdown" => show::markdown(&report),
        _ if apps.is_empty() => {
            let path = if prefix.is_empty() { "." } else { &prefix };
            let said = say(language, "inv-no-app", &[("path", &escape::line(path))]);
            format!("{said}\n")
        }
        _ => show::text(&report, &terminal::looks(&show)),
    };
    emit(&text, &show)?;
    complain_errors(&loaded.errors, &show, language);
    if loaded.errors.iter().any(|e| e.kind != "too-large") {
        return Ok(2);
    }
    let failed = args.fail_on.iter().any(|what| match what {
        NewThing::NewCollection => diffs.iter().any(Diff::is_new_collection),
        NewThing::NewRecipient => diffs.iter().any(Diff::is_new_recipient),
        NewThing::Undeclared => {
            let mut declared = apps.iter().filter_map(|app| app.declared.as_ref());
            declared.any(|declared| !declared.missing.is_empty())
        }
        NewThing::Never => false,
    });
    Ok(u8::from(failed))
}

/// The saved inventory to compare with.
fn saved(args: &InventoryArgs, language: Language) -> Result<Option<Saved>, Fail> {
    let needs = |what: &&NewThing| matches!(what, NewThing::NewCollection | NewThing::NewRecipient);
    let Some(path) = &args.since else {
        return match args.fail_on.iter().find(needs) {
            Some(what) => {
                let what = match what {
                    NewThing::NewRecipient => "new-recipient",
                    _ => "new-collection",
                };
                Err(Fail(say(
                    language,
                    "inv-error-fail-on-since",
                    &[("what", what)],
                )))
            }
            None => Ok(None),
        };
    };
    let file = escape::line(&path.to_string_lossy());
    let fail = |why: &str| {
        let values = [("file", &*file), ("why", why)];
        Fail(say(language, "inv-error-since", &values))
    };
    let text = std::fs::read_to_string(path).map_err(|e| fail(&e.kind().to_string()))?;
    match Saved::parse(&text) {
        Ok(saved) => Ok(Some(saved)),
        Err(NotSaved::Shape(why)) => Err(fail(&escape::line(&why))),
        Err(NotSaved::Version(n)) => {
            let values = [("file", &*file), ("n", &n.to_string())];
            Err(Fail(say(language, "inv-error-since-version", &values)))
        }
    }
}
