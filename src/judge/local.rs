//! Detectors of one file: literals (personal data, addresses), configuration keys, file names, patterns.

use super::message::Words;
use super::url::{self, Address, Host};
use super::{Active, Judge, Place, Raw, at};
use crate::facts::{FileFacts, JsonEntry, JsonScalar, Literal, LiteralPlace};
use crate::finding::{Confidence, Severity, redact};
use crate::rules::Match;
use crate::rules::secrets::{SecretPlace, SecretQuery};
use crate::syntax::FileKind;
use crate::text::Span;
use std::sync::Arc;

type Found<'a> = Vec<(&'a Active, Raw)>;

pub(super) fn judge<'a>(judge: &'a Judge, facts: &FileFacts) -> Found<'a> {
    let mut out = Vec::new();
    let place = Place::of(&judge.rules, &facts.path);
    file_names(judge, facts, place, &mut out);
    json(judge, facts, place, &mut out);
    secrets(judge, facts, place, &mut out);
    formats(judge, facts, place, &mut out);
    urls(judge, facts, place, &mut out);
    patterns(judge, facts, place, &mut out);
    out
}

/// The same place, for a literal that stands in a comment or is shown.
fn of_literal(place: Place, literal: &Literal) -> Place {
    Place {
        comment: literal.place == LiteralPlace::Comment,
        shown: literal.place == LiteralPlace::MarkupText,
        ..place
    }
}

/// A part of a literal's value, as a span of the file; all of it where escapes or joined pieces move the bytes.
fn part(literal: &Literal, start: usize, end: usize) -> Span {
    if literal.value.len() == literal.span.len() as usize {
        Span::new(
            literal.span.start + start as u32,
            literal.span.start + end as u32,
        )
    } else {
        literal.span
    }
}

/// Where a literal stands, as people say it.
fn standing(words: Words, literal: &Literal, kind: FileKind) -> Words {
    match (&literal.place, kind) {
        (LiteralPlace::Comment, _) => words.set_text("place", "a comment", "注释"),
        (LiteralPlace::MarkupText, _) => words.set_text("place", "the template", "模板"),
        (LiteralPlace::Line, _) => words.set_text("place", "the file", "文件"),
        (_, FileKind::Json) => words.set_text("place", "a configuration file", "配置文件"),
        _ => words.set_text("place", "the code", "代码"),
    }
}

/// Names of files.
fn file_names<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    for (active, _, _) in judge.on("file") {
        if !active.files.is_match(&*facts.path) || active.not_files.is_match(&*facts.path) {
            continue;
        }
        let Some(severity) = judge.severity(active, place, "") else {
            continue;
        };
        let name = facts.path.rsplit('/').next().unwrap_or(&facts.path);
        out.push((
            active,
            Raw {
                at: at(facts, Span::new(0, 0)),
                severity,
                confidence: Confidence::High,
                data: Vec::new(),
                words: Words::default().set("name", name),
            },
        ));
    }
}

/// Keys of configuration files.
fn json<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    if facts.json.is_empty() {
        return;
    }
    for (active, _, spec) in judge.on("json") {
        if !active.files.is_match(&*facts.path) {
            continue;
        }
        let Some(severity) = judge.severity(active, place, "") else {
            continue;
        };
        let key = spec.params.str("key").unwrap_or_default();
        let pattern = spec
            .params
            .str("pattern")
            .and_then(|p| regex::Regex::new(p).ok());
        let mut entries = facts
            .json
            .iter()
            .filter(|e| path_matches(key, &e.path))
            .peekable();
        if spec.params.bool("present") == Some(false) {
            if entries.peek().is_none() {
                let words = Words::default().set("key", key);
                out.push((
                    active,
                    Raw {
                        at: at(facts, Span::new(0, 1)),
                        severity,
                        confidence: Confidence::High,
                        data: Vec::new(),
                        words,
                    },
                ));
            }
            continue;
        }
        for entry in entries.filter(|entry| value_matches(spec, pattern.as_ref(), entry)) {
            let value = match &entry.scalar {
                JsonScalar::String(text) => redact(text),
                _ => String::new(),
            };
            let span = Span::new(
                if entry.key.is_empty() {
                    entry.value.start
                } else {
                    entry.key.start
                },
                entry.value.end,
            );
            out.push((
                active,
                Raw {
                    at: at(facts, span),
                    severity,
                    confidence: Confidence::High,
                    data: Vec::new(),
                    words: Words::default()
                        .set("key", &entry.path)
                        .set("value", &value),
                },
            ));
        }
    }
}

/// Whether a key pattern (`*` = any one key) matches a path.
fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('.');
    pattern
        .split('.')
        .all(|want| parts.next().is_some_and(|have| want == "*" || want == have))
        && parts.next().is_none()
}

fn value_matches(spec: &Match, pattern: Option<&regex::Regex>, entry: &JsonEntry) -> bool {
    let equals = |value: &toml::Value| match (value, &entry.scalar) {
        (toml::Value::Boolean(want), JsonScalar::Bool(have)) => want == have,
        (toml::Value::String(want), JsonScalar::String(have)) => **want == **have,
        (toml::Value::Integer(want), JsonScalar::Number(have)) => want.to_string() == **have,
        _ => false,
    };
    let text = match &entry.scalar {
        JsonScalar::String(text) => &**text,
        _ => "",
    };
    spec.params.any("equals").is_none_or(equals)
        && !spec.params.any("not-equals").is_some_and(equals)
        && pattern.is_none_or(|p| p.is_match(text))
}

/// Literal personal data.
fn formats<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    let active: Vec<_> = judge.on("format").collect();
    if active.is_empty() || judge.rules.tables.places().is_tool(&facts.path) {
        return;
    }
    let tables = &judge.rules.tables;
    for literal in facts.literals.iter().filter(|l| !l.in_table) {
        let mut last = 0;
        for found in tables.formats().scan(&literal.value) {
            let named = names_class(judge, literal, &found.class);
            // Shapes that prove nothing need a name beside them; what stands in an address is a part of it.
            if in_address(&literal.value, found.start)
                || (!found.alone && !named)
                || (found.start < last && last > 0)
            {
                continue;
            }
            last = found.end;
            for (active, _, spec) in &active {
                let params = &spec.params;
                let lists = |key: &str, value: &str| params.list(key).iter().any(|v| v == value);
                let wanted =
                    |key: &str, value: &str| params.list(key).is_empty() || lists(key, value);
                if !wanted("formats", &found.format)
                    || lists("not-formats", &found.format)
                    || !wanted("classes", &found.class)
                {
                    continue;
                }
                let Some(severity) =
                    judge.severity(active, of_literal(place, literal), &found.class)
                else {
                    continue;
                };
                let confidence = if found.alone {
                    Confidence::High
                } else {
                    Confidence::Medium
                };
                let value = literal
                    .value
                    .get(found.start..found.end)
                    .unwrap_or_default();
                out.push((
                    *active,
                    Raw {
                        at: at(facts, part(literal, found.start, found.end)),
                        severity,
                        confidence: if place.test {
                            confidence.min(Confidence::Medium)
                        } else {
                            confidence
                        },
                        data: vec![found.class.clone()],
                        words: standing(
                            Words::default().set("value", &redact(value)),
                            literal,
                            facts.kind,
                        ),
                    },
                ));
            }
        }
    }
}

/// Whether a place of a text lies in an address with a scheme, before its query.
fn in_address(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    word.contains("://") && !word.contains('?')
}

/// Whether a literal's name or path speaks of a class.
fn names_class(judge: &Judge, literal: &Literal, class: &str) -> bool {
    let tables = &judge.rules.tables;
    let parent = literal.path.rsplit('.').next().filter(|p| !p.is_empty());
    let Some(id) = tables.classes().id(class) else {
        return false;
    };
    tables
        .vocabulary()
        .classify(&literal.name, parent)
        .iter()
        .any(|m| m.class == id)
}

/// Addresses.
fn urls<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    let places = judge.rules.tables.places();
    let rules: Vec<_> = judge.on("url").collect();
    let endpoints: Vec<_> = judge.on("endpoint").collect();
    if (rules.is_empty() && endpoints.is_empty()) || places.is_tool(&facts.path) {
        return;
    }
    let development = places.is_development(&facts.path);
    // One finding for each host is what a reader needs.
    let mut seen: Vec<(u32, String, Severity)> = Vec::new();
    for literal in &facts.literals {
        if !fetched(judge, facts, literal) {
            continue;
        }
        for address in url::addresses(&literal.value) {
            let host = url::classify(&address.host, places);
            if host == Host::NameOnly || in_inner_comment(&literal.value, address.start) {
                continue;
            }
            let place = of_literal(place, literal);
            for (active, _, spec) in &rules {
                let schemes = spec.params.list("schemes");
                let right = spec.params.str("hosts") == Some(host.as_str());
                if !right || !(schemes.is_empty() || schemes.iter().any(|s| s == address.scheme)) {
                    continue;
                }
                let Some(mut severity) = judge.severity(active, place, "") else {
                    continue;
                };
                let picture = places.is_picture(address.text, &literal.name);
                if let (true, Some(other)) =
                    (picture, spec.params.severity("picture-severity", "", ""))
                {
                    let Some(other) = other else { continue };
                    severity = severity.min(other);
                }
                if host == Host::Private && (development || places.is_development(&literal.name)) {
                    severity = Severity::Info;
                }
                let key = (active.rule as u32, address.host.clone(), severity);
                if seen.contains(&key) {
                    continue;
                }
                seen.push(key);
                let mut raw = url_finding(facts, literal, &address, severity);
                if picture {
                    raw.confidence = Confidence::Low;
                }
                out.push((*active, raw));
            }
            endpoint(judge, facts, literal, &address, place, &endpoints, out);
        }
    }
}

/// Server-only addresses.
fn endpoint<'a>(
    judge: &'a Judge,
    facts: &FileFacts,
    literal: &Literal,
    address: &Address<'_>,
    place: Place,
    rules: &[(&'a Active, &'a crate::rules::Rule, &'a Match)],
    out: &mut Found<'a>,
) {
    if rules.is_empty() {
        return;
    }
    let Some(endpoint) = judge.rules.tables.secrets().endpoint(address.text) else {
        return;
    };
    for (active, _, _) in rules {
        let Some(severity) = judge.severity(active, place, "") else {
            continue;
        };
        let mut raw = url_finding(facts, literal, address, severity.min(endpoint.severity));
        raw.words = raw
            .words
            .set_text("note", &endpoint.why.en, &endpoint.why.zh_cn)
            .set_text("instead", &endpoint.instead.en, &endpoint.instead.zh_cn);
        out.push((*active, raw));
    }
}

/// Keys and credentials in literals.
fn secrets<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    let rules: Vec<_> = judge.on("secret").collect();
    // A key file is one finding, not one for each of its lines.
    let key_file = facts.kind == FileKind::Plain
        && judge
            .on("file")
            .any(|(active, _, _)| active.files.is_match(&*facts.path));
    if rules.is_empty() || key_file {
        return;
    }
    let tables = &judge.rules.tables;
    // A build script ships as little as a server does.
    let place = Place {
        server: place.server || tables.places().is_tool(&facts.path),
        ..place
    };
    for literal in &facts.literals {
        let running = matches!(
            literal.place,
            LiteralPlace::Comment | LiteralPlace::MarkupText | LiteralPlace::Line
        );
        let query = SecretQuery {
            value: &literal.value,
            // A callee is no name of its arguments.
            name: if matches!(literal.place, LiteralPlace::Bound) {
                &literal.name
            } else {
                ""
            },
            place: if running {
                SecretPlace::Running
            } else {
                SecretPlace::Value
            },
            near: facts.near,
            strict: literal.in_table || literal.place == LiteralPlace::Compared,
        };
        for found in tables.secrets().scan(&query) {
            let here = of_literal(place, literal);
            let said = if here.server {
                found.server
            } else {
                found.shipped
            };
            let Some(mut severity) = said else { continue };
            // A comment is dropped from the package but not from the repository; a test ships nothing.
            if here.comment {
                severity = severity.min(Severity::Warning);
            }
            if here.test {
                severity = lower(severity);
            }
            let value = literal
                .value
                .get(found.start..found.end)
                .unwrap_or_default();
            let name = if literal.name.is_empty() {
                "A constant"
            } else {
                &*literal.name
            };
            for (active, _, _) in rules.iter().filter(|(_, rule, _)| *rule.id == *found.rule) {
                let words = Words::default()
                    .set("value", &redact(value))
                    .set("name", name)
                    .set_text("title", &found.what.en, &found.what.zh_cn);
                out.push((
                    *active,
                    Raw {
                        at: at(facts, part(literal, found.start, found.end)),
                        severity,
                        confidence: if here.test {
                            found.confidence.min(Confidence::Medium)
                        } else {
                            found.confidence
                        },
                        data: Vec::new(),
                        words: standing(words, literal, facts.kind),
                    },
                ));
            }
        }
    }
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        _ => Severity::Info,
    }
}

fn url_finding(
    facts: &FileFacts,
    literal: &Literal,
    address: &Address<'_>,
    severity: Severity,
) -> Raw {
    // Scheme and host say which address it is; what follows may be personal.
    let shown: String = format!("{}://{}", address.scheme, address.host);
    Raw {
        at: at(facts, part(literal, address.start, address.end)),
        severity,
        confidence: Confidence::High,
        data: Vec::new(),
        words: standing(
            Words::default()
                .set("value", &shown)
                .set("name", &literal.name),
            literal,
            facts.kind,
        ),
    }
}

/// Whether a place of a text stands behind `//` on its line: code in a text, with comments of its own.
fn in_inner_comment(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_start().starts_with("//") || line.contains(" // ")
}

/// Whether something may be fetched from the addresses of a literal.
fn fetched(judge: &Judge, facts: &FileFacts, literal: &Literal) -> bool {
    let places = judge.rules.tables.places();
    let name = literal.name.to_ascii_lowercase();
    match literal.place {
        LiteralPlace::MarkupText | LiteralPlace::Compared => false,
        LiteralPlace::Argument(_) => !places.is_address_test(&literal.name),
        LiteralPlace::Line => false,
        _ => {
            !(name.starts_with("xmlns")
                || name == "$schema"
                || (facts.kind == FileKind::Plain && literal.name.is_empty()))
        }
    }
}

/// Matches of rules' own patterns.
fn patterns<'a>(judge: &'a Judge, facts: &FileFacts, place: Place, out: &mut Found<'a>) {
    for found in &facts.matches {
        let mut active = judge
            .on("pattern")
            .filter(|(a, _, _)| a.rule == found.rule as usize);
        let Some((active, rule, _)) = active.next() else {
            continue;
        };
        let Some(severity) = judge.severity(active, place, "") else {
            continue;
        };
        out.push((
            active,
            Raw {
                at: at(facts, found.span),
                severity,
                confidence: rule.confidence,
                data: Vec::<Arc<str>>::new(),
                words: found
                    .captures
                    .iter()
                    .fold(Words::default(), |words, (name, text)| {
                        words.set(name.to_string(), text)
                    }),
            },
        ));
    }
}

#[cfg(test)]
mod tests;
