//! Texts to paste: the platform's privacy statement item by item in the form's own words, and the draft of a policy.

use super::{is_clear, join, names, say};
use crate::finding::Language;
use crate::flow::Protection;
use crate::inventory::{GuidelineItem, Inventory, Item, Means, Party};

/// A piece of a text to paste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A heading.
    Head(String),
    /// A paragraph.
    Line(String),
    /// An item of a list.
    Item(String),
}

/// The statement. The form is Chinese: `language` is for those who want to read what it says.
pub fn guideline(app: &Inventory, language: Language) -> Vec<Piece> {
    let text = |key: &str, values: &[(&str, &str)]| say(language, key, values);
    let mut out = vec![
        Piece::Head(text("form-1", &[])),
        Piece::Line(text("form-1-law", &[])),
    ];
    for item in &app.guideline {
        out.push(Piece::Item(sentence(item, language)));
    }
    if app.guideline.is_empty() {
        out.push(Piece::Line(text("form-none", &[])));
    }
    let other = others(app);
    if !other.is_empty() {
        let list = names(app, language, &other);
        out.push(Piece::Line(text("form-other", &[("list", &list)])));
    }
    out.push(Piece::Head(text("form-2", &[])));
    out.push(Piece::Line(text("form-2-text", &[])));
    for one in &app.third_parties {
        let unknown = text("provider-unknown", &[]);
        let provider = if one.provider.is_empty() {
            &unknown
        } else {
            &*one.provider
        };
        let mut taken = one.collects.clone();
        taken.extend(
            one.receives
                .iter()
                .filter(|c| !one.collects.contains(c))
                .cloned(),
        );
        let list = match taken.is_empty() {
            true => unknown.clone(),
            false => names(app, language, &taken),
        };
        let values = [
            ("name", one.name.get(language)),
            ("provider", provider),
            ("list", &list),
        ];
        out.push(Piece::Item(text("form-2-row", &values)));
    }
    if app.third_parties.is_empty() {
        out.push(Piece::Item(text("form-2-none", &[])));
    }
    out.push(Piece::Head(text("form-3", &[])));
    for (key, wanted) in [("form-3-scope", true), ("form-3-delete", false)] {
        let list: Vec<String> = app
            .guideline
            .iter()
            .filter(|item| (&*item.dialog == "auth") == wanted && &*item.dialog != "none")
            .map(|item| item.words.get(language).to_string())
            .collect();
        if !list.is_empty() {
            out.push(Piece::Item(text(key, &[("list", &join(language, &list))])));
        }
    }
    out.push(Piece::Item(text("form-3-rights", &[])));
    out.push(Piece::Item(text("form-3-account", &[])));
    for (head, lines) in [
        ("form-4", &["form-4-text"][..]),
        ("form-5", &["form-5-a", "form-5-b"]),
        ("form-6", &["form-6-a", "form-6-b"]),
        ("form-7", &["form-7-text"]),
    ] {
        out.push(Piece::Head(text(head, &[])));
        out.extend(lines.iter().map(|key| Piece::Item(text(key, &[]))));
        if head == "form-6" {
            out.extend(sharing(app, language).map(Piece::Line));
        }
    }
    out
}

/// What the statement promises and the code does not keep.
fn sharing(app: &Inventory, language: Language) -> Option<String> {
    let third = app.recipients.iter().filter(|r| r.party == Party::Third);
    let (mut to, mut data) = (Vec::new(), Vec::new());
    for one in third {
        to.push(one.to.to_string());
        for class in &one.data {
            if !data.contains(class) {
                data.push(class.clone());
            }
        }
    }
    let list = names(app, language, &data);
    let values = [("list", &*list), ("to", &*join(language, &to))];
    (!to.is_empty()).then(|| say(language, "form-6-warn", &values))
}

/// What people type in that the form has no item for.
fn others(app: &Inventory) -> Vec<&str> {
    let typed = |item: &&Item| {
        let by_hand = item.collected.iter().any(|c| c.by == Means::Control);
        item.info_type.is_empty() && by_hand && !matches!(item.level, "credential" | "token")
    };
    app.data
        .iter()
        .filter(typed)
        .map(|item| &*item.class)
        .collect()
}

fn purpose(item: &GuidelineItem, language: Language) -> String {
    let list: Vec<String> = item
        .purposes
        .iter()
        .take(2)
        .map(|p| p.get(language).to_string())
        .collect();
    match list.is_empty() {
        true => say(language, "form-purpose", &[]),
        false => list.join(&say(language, "form-join", &[])),
    }
}

/// One item in the form's own words.
fn sentence(item: &GuidelineItem, language: Language) -> String {
    let key = match (&*item.dialog, item.consent_first) {
        ("none", _) => "form-own",
        (_, true) => "form-consent",
        (_, false) => "form-plain",
    };
    let values = [
        ("purpose", &*purpose(item, language)),
        ("words", item.words.get(language)),
    ];
    say(language, key, &values)
}

/// The draft of a policy.
pub fn policy(app: &Inventory, language: Language) -> Vec<Piece> {
    let text = |key: &str, values: &[(&str, &str)]| say(language, key, values);
    let mut out = vec![
        Piece::Line(text("policy-head", &[])),
        Piece::Head(text("policy-1", &[])),
    ];
    let handled: Vec<&Item> = app
        .data
        .iter()
        .filter(|item| item.level != "token")
        .collect();
    for item in &handled {
        out.push(Piece::Item(collected(app, item, language)));
    }
    out.push(Piece::Line(match handled.is_empty() {
        true => text("policy-none", &[]),
        false => text("policy-refuse", &[]),
    }));
    out.push(Piece::Head(text("policy-2", &[])));
    let kept: Vec<String> = handled
        .iter()
        .filter_map(|item| {
            let here = item.stored.iter().filter(|s| &*s.kind != "cloud-db");
            let weakest = here.map(|s| s.protection).min()?;
            let name = item.name.get(language);
            Some(match weakest {
                Protection::None => name.to_string(),
                other => format!("{name} ({})", super::protection(language, other)),
            })
        })
        .collect();
    out.push(Piece::Item(match kept.is_empty() {
        true => text("policy-kept-none", &[]),
        false => text("policy-kept", &[("list", &join(language, &kept))]),
    }));
    let sends = |wanted: &dyn Fn(&crate::inventory::Sent) -> bool| {
        let sent = handled.iter().flat_map(|item| &item.sent);
        let mut to: Vec<String> = sent
            .filter(|s| wanted(s))
            .map(|s| s.to.to_string())
            .collect();
        to.sort();
        to.dedup();
        to
    };
    let clear = sends(&|s| is_clear(&s.scheme));
    if !clear.is_empty() {
        let list = join(language, &clear);
        out.push(Piece::Item(text("policy-server-clear", &[("list", &list)])));
    } else if !sends(&|_| true).is_empty() {
        out.push(Piece::Item(text("policy-server", &[])));
    }
    out.push(Piece::Head(text("policy-3", &[])));
    out.extend(given(app, language));
    for (head, line) in [
        ("policy-4", "policy-4-text"),
        ("policy-5", "policy-5-text"),
        ("policy-6", "policy-6-text"),
    ] {
        out.push(Piece::Head(text(head, &[])));
        out.push(Piece::Item(text(line, &[])));
    }
    out
}

fn collected(app: &Inventory, item: &Item, language: Language) -> String {
    let mut how = Vec::new();
    for (means, key) in [
        (Means::Api, "policy-by-api"),
        (Means::Control, "policy-by-control"),
        (Means::Received, "policy-by-received"),
    ] {
        let ways = item.collected.iter().filter(|c| c.by == means);
        let mut list: Vec<String> = Vec::new();
        let mut any = false;
        for way in ways {
            any = true;
            // Pages say more to people than the names of controls.
            let words = match means {
                Means::Control => way.pages.first().map_or("", |page| &*page.title),
                _ => super::bare(&way.name),
            };
            if !words.is_empty() && !list.iter().any(|known| known == words) {
                list.push(words.to_string());
            }
        }
        if any && (means != Means::Received || how.is_empty()) {
            list.truncate(5);
            let key = match (means, list.is_empty()) {
                (Means::Control, true) => "policy-by-control-any",
                _ => key,
            };
            how.push(say(language, key, &[("list", &join(language, &list))]));
        }
    }
    let mut guideline = app.guideline.iter();
    let of = guideline.find(|g| g.info_type == item.info_type);
    let purpose = of.map_or_else(
        || say(language, "form-purpose", &[]),
        |g| purpose(g, language),
    );
    let how = match how.is_empty() {
        true => say(language, "policy-by-received", &[]),
        false => join(language, &how),
    };
    let key = if item.sensitive {
        "policy-sensitive"
    } else {
        "policy-row"
    };
    let values = [
        ("name", item.name.get(language)),
        ("how", &how),
        ("purpose", &purpose),
    ];
    say(language, key, &values)
}

fn given(app: &Inventory, language: Language) -> Vec<Piece> {
    let mut out = Vec::new();
    for one in &app.third_parties {
        let unknown = say(language, "provider-unknown", &[]);
        let provider = if one.provider.is_empty() {
            &unknown
        } else {
            &*one.provider
        };
        let list = super::takes(app, one, language);
        let values = [
            ("name", one.name.get(language)),
            ("provider", provider),
            ("list", &list),
        ];
        out.push(Piece::Item(say(language, "policy-3-row", &values)));
    }
    for one in app.recipients.iter().filter(|r| r.party == Party::Third) {
        let known = app
            .third_parties
            .iter()
            .any(|t| one.data.iter().all(|c| t.receives.contains(c)));
        if !known {
            let list = names(app, language, &one.data);
            let provider = say(language, "party-third", &[]);
            let values = [("name", &*one.to), ("provider", &provider), ("list", &list)];
            out.push(Piece::Item(say(language, "policy-3-row", &values)));
        }
    }
    if out.is_empty() {
        out.push(Piece::Item(say(language, "policy-3-none", &[])));
    }
    out
}
