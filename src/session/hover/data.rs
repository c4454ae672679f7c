//! Personal data and credentials under the cursor: what it is, how sure that is and why, where it came from, where it
//! goes. The flow engine answers; this puts words to it.

use super::code;
use crate::finding::{Confidence, Language, Location, Text};
use crate::flow::{Datum, Evidence, Protection, SinkHit};
use crate::report::texts::say;
use crate::session::{Hover, LinkedApp, Session};
use std::sync::Arc;

/// More places are counted, not named.
const MAX_NAMED: usize = 6;

/// What one value holds, by class: all that is known of each.
struct Held<'a> {
    class: Arc<str>,
    best: &'a Datum,
    all: Vec<&'a Datum>,
}

pub(super) fn section(session: &Session, path: &str, byte: u32) -> Option<Hover> {
    let linked = session.linked();
    let app = linked.app_of(path)?;
    let readings = app.readings(&session.rules, &session.judge, path);
    let under = readings.iter().filter(|r| r.span.touches(byte));
    // The innermost one; of those that end or begin here, the one that begins.
    let under = under.min_by_key(|r| (r.span.len(), byte == r.span.end));
    let written = |language, data: &[Datum]| {
        let held = grouped(data);
        let told: Vec<String> = held
            .iter()
            .map(|one| paragraph(session, app, one, language))
            .collect();
        let title = title(session, &held, language);
        format!("{title}\n\n{}", told.join("\n\n"))
    };
    if let Some(reading) = under {
        return Some(Hover {
            span: reading.span,
            markdown: Text {
                en: written(Language::En, &reading.data),
                zh_cn: written(Language::ZhCn, &reading.data),
            },
        });
    }
    control(session, app, path, byte)
}

/// Classes, strongest first; guesses only where there is nothing else.
fn grouped(data: &[Datum]) -> Vec<Held<'_>> {
    let best = data.iter().map(|d| d.confidence).max();
    let least = best.unwrap_or(Confidence::Low).min(Confidence::Medium);
    let mut out: Vec<Held<'_>> = Vec::new();
    for datum in data.iter().filter(|d| d.confidence >= least) {
        match out.iter_mut().find(|held| held.class == datum.class) {
            Some(held) => {
                let rank = |d: &Datum| (d.confidence, d.evidence);
                if rank(datum) > rank(held.best) {
                    held.best = datum;
                }
                held.all.push(datum);
            }
            None => out.push(Held {
                class: datum.class.clone(),
                best: datum,
                all: vec![datum],
            }),
        }
    }
    out.sort_by(|a, b| {
        let rank = |h: &Held<'_>| (h.best.confidence, h.best.evidence);
        rank(b).cmp(&rank(a)).then_with(|| a.class.cmp(&b.class))
    });
    out
}

fn title(session: &Session, held: &[Held<'_>], language: Language) -> String {
    let classes: Vec<Arc<str>> = held.iter().map(|h| h.class.clone()).collect();
    let names = session.rules.tables.classes().names(&classes, language);
    say(language, "hover-data", &[("data", &names)])
}

/// All that is known of one class.
fn paragraph(session: &Session, app: &LinkedApp, held: &Held<'_>, language: Language) -> String {
    let name = session
        .rules
        .tables
        .classes()
        .names(std::slice::from_ref(&held.class), language);
    let mut lines = vec![say(
        language,
        "hover-class",
        &[
            ("data", &name),
            ("sure", &sure(held.best.confidence, language)),
            ("why", &why(held.best, language)),
        ],
    )];
    let mut origins: Vec<String> = Vec::new();
    for datum in &held.all {
        let origin = say(
            language,
            "hover-from",
            &[
                ("name", &source(session, datum, language)),
                ("at", &place(session, &datum.source)),
            ],
        );
        let origin = origin + &protection(datum.protection, language);
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    lines.extend(capped(origins, language));
    let ways = ways(session, app, held, language);
    match ways.is_empty() {
        true => lines.push(say(language, "hover-nowhere", &[])),
        false => lines.extend(capped(ways, language)),
    }
    let mut out = lines.remove(0);
    for line in lines {
        out.push_str("\n- ");
        out.push_str(&line);
    }
    out
}

/// The calls that the same datum reaches.
fn ways(session: &Session, app: &LinkedApp, held: &Held<'_>, language: Language) -> Vec<String> {
    let mut found: Vec<(&SinkHit, Protection)> = Vec::new();
    for hit in &app.flow.hits {
        let arrives = hit.data.iter().find(|there| {
            there.class == held.class && held.all.iter().any(|here| here.source == there.source)
        });
        if let Some(there) = arrives {
            found.push((hit, there.protection));
        }
    }
    // What is only shown comes last.
    found.sort_by_key(|(hit, _)| &*hit.family == "display");
    let mut out: Vec<String> = Vec::new();
    for (hit, how) in found {
        let line = say(
            language,
            "hover-to",
            &[("name", &code(&hit.call)), ("at", &place(session, &hit.at))],
        );
        let how = match hit.protected {
            true => Protection::Encrypted,
            false => how,
        };
        let shown = &*hit.family == "display";
        let how = match shown && how == Protection::None {
            true => String::new(),
            false => said_protection(how, language),
        };
        let line = line + &how;
        if !out.contains(&line) {
            out.push(line);
        }
    }
    out
}

/// An element into which people type, or that hands out data.
fn control(session: &Session, app: &LinkedApp, path: &str, byte: u32) -> Option<Hover> {
    let control = app
        .flow
        .controls
        .iter()
        .filter(|c| *c.at.file == *path && c.at.span.touches(byte))
        .min_by_key(|c| c.at.span.len())?;
    let classes: Vec<Arc<str>> = control
        .data
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    let sureness = control.data.first()?.1;
    let written = |language| {
        let names = session.rules.tables.classes().names(&classes, language);
        let mut out = say(language, "hover-data", &[("data", &names)]);
        out.push_str("\n\n");
        out.push_str(&say(
            language,
            "hover-control",
            &[
                ("name", &code(&control.name)),
                ("data", &names),
                ("sure", &sure(sureness, language)),
            ],
        ));
        if !control.receiver.is_empty() {
            let receiver = code(&control.receiver);
            out.push_str("\n- ");
            out.push_str(&say(language, "hover-receiver", &[("name", &receiver)]));
        }
        for hit in &app.flow.hits {
            let Some(datum) = hit.data.iter().find(|d| d.source == control.at) else {
                continue;
            };
            if &*hit.family != "display" {
                out.push_str("\n- ");
                out.push_str(&say(
                    language,
                    "hover-to",
                    &[("name", &code(&hit.call)), ("at", &place(session, &hit.at))],
                ));
                let how = match hit.protected {
                    true => Protection::Encrypted,
                    false => datum.protection,
                };
                out.push_str(&said_protection(how, language));
            }
        }
        out
    };
    Some(Hover {
        span: control.at.span,
        markdown: Text {
            en: written(Language::En),
            zh_cn: written(Language::ZhCn),
        },
    })
}

fn sure(confidence: Confidence, language: Language) -> String {
    let key = match confidence {
        Confidence::High => "hover-sure-high",
        Confidence::Medium => "hover-sure-medium",
        Confidence::Low => "hover-sure-low",
    };
    say(language, key, &[])
}

fn why(datum: &Datum, language: Language) -> String {
    let key = match datum.evidence {
        Evidence::Name => "hover-why-name",
        Evidence::Fields => "hover-why-fields",
        Evidence::Template => "hover-why-template",
        Evidence::Channel => "hover-why-channel",
        Evidence::Source => "hover-why-source",
    };
    let name = match datum.field.is_empty() {
        true => &datum.source_name,
        false => &datum.field,
    };
    match name.is_empty() {
        true => say(language, "hover-why-nameless", &[]),
        false => say(language, key, &[("name", &code(name))]),
    }
}

fn source(session: &Session, datum: &Datum, language: Language) -> String {
    let spoken = session
        .rules
        .tables
        .flow()
        .source_label(&datum.source_name)
        .map(|text| text.get(language).to_string());
    match spoken {
        Some(spoken) => spoken,
        None if datum.source_name.is_empty() => say(language, "hover-unnamed", &[]),
        None => code(&datum.source_name),
    }
}

fn protection(how: Protection, language: Language) -> String {
    match how {
        Protection::None => String::new(),
        how => said_protection(how, language),
    }
}

fn said_protection(how: Protection, language: Language) -> String {
    let key = match how {
        Protection::None => "protection-none",
        Protection::Masked => "protection-masked",
        Protection::Hashed => "protection-hashed",
        Protection::Encrypted => "protection-encrypted",
    };
    say(language, "hover-how", &[("how", &say(language, key, &[]))])
}

/// `pages/a/a.js:12`.
fn place(session: &Session, at: &Location) -> String {
    let line = session
        .facts(&at.file)
        .map_or(0, |facts| facts.lines.line_of(at.span.start));
    code(&format!("{}:{}", at.file, line + 1))
}

fn capped(mut lines: Vec<String>, language: Language) -> Vec<String> {
    let more = lines.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        lines.truncate(MAX_NAMED);
        lines.push(say(language, "hover-more", &[("n", &more.to_string())]));
    }
    lines
}
