//! Personal data and credentials under the cursor: what it is, how sure that is and why, where it came from, where it
//! goes. The flow engine answers; this puts words to it.

use super::code;
use crate::finding::{Confidence, Language, Location, Text};
use crate::flow::{Datum, Evidence, Protection, SinkHit};
use crate::report::texts::say;
use crate::rules::classes::Level;
use crate::session::{Hover, LinkedApp, Session};
use std::sync::Arc;

/// More places are counted, not named.
const MAX_NAMED: usize = 8;

/// What one value holds, by class: all that is known of each.
struct Held<'a> {
    class: Arc<str>,
    best: &'a Datum,
    all: Vec<&'a Datum>,
}

pub(super) fn section(session: &Session, path: &str, byte: u32) -> Option<Hover> {
    let linked = session.linked();
    let app = linked.app_of(path)?;
    let readings = app.readings(path).unwrap_or_default();
    let under = readings.iter().filter(|r| r.span.touches(byte));
    // The innermost one; of those that end or begin here, the one that begins.
    let under = under.min_by_key(|r| (r.span.len(), byte == r.span.end));
    let written = |language, data: &[Datum]| told(session, app, &grouped(data), language);
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

/// What it is and why, class by class; then where it came from, and where it goes.
fn told(session: &Session, app: &LinkedApp, held: &[Held<'_>], language: Language) -> String {
    let classes: Vec<Arc<str>> = held.iter().map(|h| h.class.clone()).collect();
    let mut out = title(session, &classes, language);
    out.push('\n');
    // One class stands in the title already.
    let key = match held.len() {
        1 => "hover-class-alone",
        _ => "hover-class",
    };
    for one in held {
        out.push_str("\n- ");
        out.push_str(&say(
            language,
            key,
            &[
                (
                    "data",
                    &named(session, std::slice::from_ref(&one.class), language),
                ),
                ("sure", &sure(one.best.confidence, language)),
                ("why", &why(one.best, language)),
            ],
        ));
    }
    let ways = ways(session, app, held, language);
    let parts = [
        ("hover-from", origins(session, held, language)),
        ("hover-to", ways),
    ];
    for (key, lines) in parts {
        if lines.is_empty() {
            continue;
        }
        out.push_str("\n\n");
        out.push_str(&say(language, key, &[]));
        out.push('\n');
        for line in capped(lines, language) {
            out.push_str("\n- ");
            out.push_str(&line);
        }
    }
    out
}

fn named(session: &Session, classes: &[Arc<str>], language: Language) -> String {
    session.rules.tables.classes().names(classes, language)
}

fn title(session: &Session, classes: &[Arc<str>], language: Language) -> String {
    let table = session.rules.tables.classes();
    let secret = |class: &Arc<str>| table.level(class) == Level::Credential;
    let key = match classes.iter().all(secret) {
        true => "hover-credential",
        false => "hover-data",
    };
    say(
        language,
        key,
        &[("data", &named(session, classes, language))],
    )
}

fn origins(session: &Session, held: &[Held<'_>], language: Language) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for datum in held.iter().flat_map(|one| &one.all) {
        let name = source(session, datum, language);
        let line = at(session, &name, &datum.source, language);
        let line = match datum.protection {
            Protection::None => line,
            how => line + &protection(how, language),
        };
        if !out.contains(&line) {
            out.push(line);
        }
    }
    out
}

/// The calls that the same data reaches. Where only some of it arrives, that is named.
fn ways(session: &Session, app: &LinkedApp, held: &[Held<'_>], language: Language) -> Vec<String> {
    let mut out: Vec<(String, Vec<Arc<str>>)> = Vec::new();
    let shown = |hit: &&SinkHit| &*hit.family == "display";
    // What is only shown comes last.
    let (shown, sent): (Vec<&SinkHit>, Vec<&SinkHit>) = app.flow.hits.iter().partition(shown);
    for hit in sent.into_iter().chain(shown) {
        for one in held {
            let arrives = hit.data.iter().find(|there| {
                there.class == one.class && one.all.iter().any(|here| here.source == there.source)
            });
            let Some(there) = arrives else { continue };
            let how = match hit.protected {
                true => Protection::Encrypted,
                false => there.protection,
            };
            let mut line = at(session, &code(&hit.call), &hit.at, language);
            if &*hit.family != "display" || how != Protection::None {
                line.push_str(&protection(how, language));
            }
            match out.iter_mut().find(|(known, _)| *known == line) {
                Some((_, classes)) if classes.contains(&one.class) => {}
                Some((_, classes)) => classes.push(one.class.clone()),
                None => out.push((line, vec![one.class.clone()])),
            }
        }
    }
    if out.is_empty() {
        return vec![say(language, "hover-nowhere", &[])];
    }
    out.into_iter()
        .map(|(line, classes)| match classes.len() == held.len() {
            true => line,
            false => say(
                language,
                "hover-only",
                &[
                    ("way", &line),
                    ("data", &named(session, &classes, language)),
                ],
            ),
        })
        .collect()
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
        let mut out = title(session, &classes, language);
        out.push_str("\n\n");
        out.push_str(&say(
            language,
            "hover-control",
            &[
                ("name", &code(&control.name)),
                ("sure", &sure(sureness, language)),
            ],
        ));
        if !control.receiver.is_empty() {
            let receiver = code(&control.receiver);
            out.push_str("\n- ");
            out.push_str(&say(language, "hover-receiver", &[("name", &receiver)]));
        }
        let mut lines: Vec<String> = Vec::new();
        for hit in app.flow.hits.iter().filter(|hit| &*hit.family != "display") {
            if let Some(datum) = hit.data.iter().find(|d| d.source == control.at) {
                let how = match hit.protected {
                    true => Protection::Encrypted,
                    false => datum.protection,
                };
                let line = at(session, &code(&hit.call), &hit.at, language);
                lines.push(line + &protection(how, language));
            }
        }
        lines.dedup();
        if !lines.is_empty() {
            out.push_str("\n\n");
            out.push_str(&say(language, "hover-to", &[]));
            out.push('\n');
            for line in capped(lines, language) {
                out.push_str("\n- ");
                out.push_str(&line);
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
    let key = match how {
        Protection::None => "protection-none",
        Protection::Masked => "protection-masked",
        Protection::Hashed => "protection-hashed",
        Protection::Encrypted => "protection-encrypted",
    };
    say(language, "hover-how", &[("how", &say(language, key, &[]))])
}

fn at(session: &Session, name: &str, location: &Location, language: Language) -> String {
    let place = place(session, location);
    say(language, "hover-at", &[("name", name), ("at", &place)])
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
