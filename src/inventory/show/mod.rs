//! The inventory put into words: one file for each form, over the same rows. Pure.

mod form;
mod html;
mod json;
mod markdown;
mod sankey;
mod since;
mod text;

pub use form::{guideline, policy};
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use text::{lens, text};

use super::diff::Diff;
use super::{Collected, Exit, Inventory, Item, Means, Page, Party, Place, Sent, Stored};
use crate::finding::Language;
use crate::flow::Protection;
use crate::report::texts;

/// What is reported, and how.
pub struct Report<'a> {
    /// The inventories of all apps.
    pub apps: &'a [Inventory],
    /// Compared with saved ones, by app; empty where nothing is compared.
    pub since: &'a [Diff],
    /// The file they were saved in.
    pub since_file: &'a str,
    /// What people call the PATH; may be empty.
    pub path: &'a str,
    /// The language.
    pub language: Language,
}

/// Whether a row is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    Plain,
}

impl Tone {
    pub(super) fn name(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Plain => "plain",
        }
    }
}

/// One line about a class of data: what happens to it, at all places where the same does.
pub(super) struct Row {
    /// Key of its label: `collected`, `stored` …
    pub label: &'static str,
    /// The call, key, host.
    pub what: String,
    /// Labels beside a control.
    pub hints: Vec<String>,
    /// What protects it, whose it is.
    pub detail: String,
    pub tone: Tone,
    pub pages: Vec<Page>,
    pub places: Vec<Place>,
}

/// A text of the inventory.
pub(super) fn say(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    texts::say(language, &format!("inv-{key}"), values)
}

/// A list in a sentence.
pub(super) fn join(language: Language, list: &[String]) -> String {
    list.join(match language {
        Language::En => ", ",
        Language::ZhCn => "、",
    })
}

/// What people call classes.
pub(super) fn names<S: AsRef<str>>(app: &Inventory, language: Language, ids: &[S]) -> String {
    let names: Vec<String> = ids
        .iter()
        .map(|id| name(app, language, id.as_ref()))
        .collect();
    let short: Vec<String> = names.iter().map(|name| short(name)).collect();
    join(language, &short)
}

/// What people call a class.
pub(super) fn name(app: &Inventory, language: Language, id: &str) -> String {
    app.names
        .get(id)
        .map_or(id.to_string(), |name| name.get(language).to_string())
}

/// A call or control for people who read no code: of a button, what it hands out.
pub(super) fn bare(call: &str) -> &str {
    let quoted = call.split('"').nth(1).filter(|_| call.starts_with('<'));
    quoted.unwrap_or(call).trim_matches(['<', '>'])
}

/// A name for lists, without what explains it and without commas: `postal code/administrative code`.
pub(super) fn short(name: &str) -> String {
    let end = name.find(['(', '（']).unwrap_or(name.len());
    name[..end].trim_end().replace(", ", "/").replace('、', "/")
}

/// A page as people know it.
pub(super) fn page(page: &Page) -> String {
    match page.title.is_empty() {
        true => page.route.to_string(),
        false => format!("{} ({})", page.title, page.route),
    }
}

/// The rows of a class, in the order of its life.
pub(super) fn rows(item: &Item, language: Language) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    let all = item
        .collected
        .iter()
        .map(|c| collected(c, language))
        .chain(item.stored.iter().map(|s| stored(s, language)))
        .chain(item.sent.iter().map(|s| sent(s, language)))
        .chain(
            item.logged
                .iter()
                .map(|e| exit("logged", e, item, language)),
        )
        .chain(
            item.shared
                .iter()
                .map(|e| exit("shared", e, item, language)),
        )
        .chain(item.shown.iter().map(|e| exit("shown", e, item, language)));
    for row in all {
        let same = |known: &&mut Row| {
            known.label == row.label
                && known.what == row.what
                && known.detail == row.detail
                && known.hints == row.hints
        };
        match out.iter_mut().find(same) {
            Some(known) => {
                for page in row.pages {
                    if !known.pages.contains(&page) {
                        known.pages.push(page);
                    }
                }
                for place in row.places {
                    if !known.places.contains(&place) {
                        known.places.push(place);
                    }
                }
            }
            None => out.push(row),
        }
    }
    out
}

fn collected(one: &Collected, language: Language) -> Row {
    let _ = language;
    Row {
        label: match one.by {
            Means::Received => "received",
            _ => "collected",
        },
        what: one.name.to_string(),
        hints: one.hints.iter().map(|hint| hint.to_string()).collect(),
        detail: String::new(),
        tone: Tone::Plain,
        pages: one.pages.clone(),
        places: vec![one.at.clone()],
    }
}

/// The text of a protection.
pub(super) fn protection(language: Language, protection: Protection) -> String {
    let key = match protection {
        Protection::None => "p-none",
        Protection::Masked => "p-masked",
        Protection::Hashed => "p-hashed",
        Protection::Encrypted => "p-encrypted",
    };
    say(language, key, &[])
}

fn stored(one: &Stored, language: Language) -> Row {
    let kind = say(language, &format!("in-{}", one.kind), &[]);
    let key = match one.key.is_empty() {
        true => say(language, "unknown-key", &[]),
        false => format!("\"{}\"", one.key),
    };
    let cloud = &*one.kind == "cloud-db";
    Row {
        label: "stored",
        what: match cloud {
            true => kind,
            false => format!("{kind} {key}"),
        },
        hints: Vec::new(),
        detail: match cloud && one.protection == Protection::None {
            true => String::new(),
            false => protection(language, one.protection),
        },
        tone: match one.protection {
            Protection::None if cloud => Tone::Plain,
            Protection::None => Tone::Bad,
            _ => Tone::Good,
        },
        pages: Vec::new(),
        places: vec![one.at.clone()],
    }
}

/// Whose a recipient is, in words.
pub(super) fn party(language: Language, party: Party) -> String {
    let key = match party {
        Party::First => "party-first",
        Party::Platform => "party-platform",
        Party::Third => "party-third",
        Party::Unknown => "party-unknown",
    };
    say(language, key, &[])
}

/// Whether an address is cleartext.
pub(super) fn is_clear(scheme: &str) -> bool {
    matches!(scheme, "http" | "ws")
}

fn sent(one: &Sent, language: Language) -> Row {
    let to = match (one.to.is_empty(), one.endpoint.is_empty()) {
        (true, true) if &*one.how == "cloud-file" => String::new(),
        (true, true) => say(language, "unknown-address", &[]),
        _ => format!("{}{}", one.to, one.endpoint),
    };
    let how = say(language, &format!("how-{}", one.how), &[]);
    let mut detail = Vec::new();
    let what = match &*one.how {
        "network" if !one.method.is_empty() => format!("{} {to}", one.method),
        "network" => to,
        _ => format!("{how} {to}").trim_end().to_string(),
    };
    // The address says that itself where there is none.
    if one.party != Party::Unknown || !one.endpoint.is_empty() {
        detail.push(party(language, one.party));
    }
    if is_clear(&one.scheme) {
        detail.push(say(language, "cleartext", &[]));
    }
    if one.protection != Protection::None {
        detail.push(protection(language, one.protection));
    }
    let bad =
        is_clear(&one.scheme) || (one.party == Party::Third && one.protection == Protection::None);
    Row {
        label: "sent",
        what,
        hints: Vec::new(),
        detail: join(language, &detail),
        tone: if bad { Tone::Bad } else { Tone::Plain },
        pages: Vec::new(),
        places: vec![one.at.clone()],
    }
}

fn exit(label: &'static str, one: &Exit, item: &Item, language: Language) -> Row {
    let open = one.protection == Protection::None;
    let weighty = item.sensitive || matches!(item.level, "high" | "medium" | "credential");
    let what = match label {
        "shared" => format!(
            "{} {}",
            say(language, &format!("how-{}", one.how), &[]),
            one.call
        ),
        _ if one.call.starts_with("{{") => say(language, "in-template", &[]),
        _ => one.call.to_string(),
    };
    let detail = match (label, open) {
        ("shown", true) => say(language, "unmasked", &[]),
        (_, true) => String::new(),
        (_, false) => protection(language, one.protection),
    };
    Row {
        label,
        what,
        hints: Vec::new(),
        detail,
        tone: match (open, label, weighty) {
            (false, ..) => Tone::Good,
            (true, "logged", _) | (true, _, true) => Tone::Bad,
            _ => Tone::Plain,
        },
        pages: Vec::new(),
        places: vec![one.at.clone()],
    }
}

/// The numbers that matter, each with its tone.
pub(super) fn summary(app: &Inventory, language: Language) -> Vec<(String, Tone)> {
    let count =
        |wanted: &dyn Fn(&Item) -> bool| app.data.iter().filter(|item| wanted(item)).count();
    let mut out = vec![(texts::count(language, "kind", app.data.len()), Tone::Plain)];
    let open = |list: &[Exit]| list.iter().any(|e| e.protection == Protection::None);
    let numbers = [
        ("sum-sensitive", count(&|i| i.sensitive), Tone::Plain),
        (
            "sum-third",
            count(&|i| i.sent.iter().any(|s| s.party == Party::Third)),
            Tone::Bad,
        ),
        (
            "sum-clear",
            count(&|i| {
                let mut stored = i.stored.iter();
                stored.any(|s| s.protection == Protection::None && &*s.kind != "cloud-db")
            }),
            Tone::Bad,
        ),
        ("sum-logged", count(&|i| open(&i.logged)), Tone::Bad),
        (
            "sum-shown",
            count(&|i| open(&i.shown) && matches!(i.level, "high" | "medium" | "credential")),
            Tone::Bad,
        ),
        (
            "sum-undeclared",
            app.declared.as_ref().map_or(0, |d| d.missing.len()),
            Tone::Bad,
        ),
    ];
    for (key, n, tone) in numbers {
        if n > 0 {
            out.push((say(language, key, &[("n", &n.to_string())]), tone));
        }
    }
    out
}

/// What is wrong with the configuration, in one sentence.
pub(super) fn config_error(app: &Inventory, language: Language) -> Option<String> {
    let error = app.config.error?;
    let file = app.config.file.as_deref().unwrap_or_default();
    Some(say(language, &format!("config-{error}"), &[("file", file)]))
}

/// `6 pages · wx · native`.
pub(super) fn about(app: &Inventory, language: Language) -> String {
    let pages = texts::count(language, "page", app.pages.len());
    let values = [
        ("pages", &*pages),
        ("platform", &*app.platform),
        ("framework", &*app.framework),
    ];
    say(language, "app-line", &values)
}

/// What people should know besides.
pub(super) fn notes(app: &Inventory, language: Language) -> Vec<String> {
    let mut out = Vec::new();
    let list = |list: &[std::sync::Arc<str>]| {
        let shown: Vec<String> = list.iter().take(8).map(|l| l.to_string()).collect();
        let mut text = join(language, &shown);
        if list.len() > shown.len() {
            text.push_str(" …");
        }
        text
    };
    if !app.unreached.is_empty() {
        let n = texts::count(language, "page", app.unreached.len());
        let n = if language == Language::En {
            n
        } else {
            app.unreached.len().to_string()
        };
        let values = [("n", &*n), ("list", &*list(&app.unreached))];
        out.push(say(language, "note-unreached", &values));
    }
    let mut calls: Vec<(&str, Vec<String>)> = Vec::new();
    for one in &app.dormant {
        let at = format!("{}:{}", one.at.file, one.at.line);
        match calls.iter_mut().find(|(name, _)| *name == &*one.name) {
            Some((_, places)) => places.push(at),
            None => calls.push((&one.name, vec![at])),
        }
    }
    for (name, mut places) in calls.into_iter().take(8) {
        if places.len() > 4 {
            places.truncate(4);
            places.push("…".into());
        }
        let at = join(language, &places);
        out.push(say(
            language,
            "note-dormant",
            &[("name", name), ("at", &at)],
        ));
    }
    if !app.partial.is_empty() {
        out.push(say(
            language,
            "note-partial",
            &[("list", &list(&app.partial))],
        ));
    }
    out.push(say(language, "note-draft", &[]));
    out
}

/// The heading of the items to declare: hosts with another form have other words.
pub(super) fn guideline_head(app: &Inventory) -> &'static str {
    match app.has_guideline {
        true => "sec-guideline",
        false => "sec-guideline-other",
    }
}

/// How a permission stands: mark, words, style.
pub(super) fn scope(
    one: &super::Scope,
    language: Language,
) -> (&'static str, String, &'static str) {
    match (&one.purpose, one.needed, one.needs_purpose) {
        (Some(text), true, _) => ("✓", say(language, "scope-ok", &[("text", text)]), "32"),
        (Some(_), false, _) => ("–", say(language, "scope-surplus", &[]), "33"),
        (None, _, true) => ("✗", say(language, "scope-missing", &[]), "1;31"),
        (None, _, false) => ("•", say(language, "scope-none", &[]), "36"),
    }
}

/// What a company takes and gets.
pub(super) fn takes(app: &Inventory, one: &super::ThirdParty, language: Language) -> String {
    let mut parts = Vec::new();
    if !one.receives.is_empty() {
        let list = names(app, language, &one.receives);
        parts.push(say(language, "third-receives", &[("list", &list)]));
    }
    if one.collects.is_empty() {
        parts.push(say(language, "third-unknown", &[]));
    } else {
        let list = names(app, language, &one.collects);
        parts.push(say(language, "third-collects", &[("list", &list)]));
    }
    parts.join(match language {
        Language::En => "; ",
        Language::ZhCn => "；",
    })
}
