//! Flows into sinks, and controls that collect data, as findings.

use super::message::Words;
use super::{Active, Judge, JudgeCtx, Place, Raw, url};
use crate::finding::{Confidence, Location, Severity};
use crate::flow::{Control, Datum, Evidence, Protection, SinkHit};
use crate::rules::Match;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Findings of all flows and controls.
pub(super) fn judge<'a>(judge: &'a Judge, ctx: &JudgeCtx<'_>) -> Vec<(&'a Active, Raw)> {
    let own = OwnDomains::of(judge, ctx);
    let mut calls: BTreeMap<(&Location, usize), Vec<Arrival<'a, '_>>> = BTreeMap::new();
    for hit in ctx.flow.hits.iter().filter(|hit| !hit.protected) {
        for (active, _, spec) in judge.on("sink") {
            if !wanted(spec, hit, &own) {
                continue;
            }
            let place = place(judge, hit);
            for datum in hit.data.iter().filter(|d| {
                d.protection == Protection::None
                    && takes(judge, spec, &d.class)
                    && !is_of_picture(judge, spec, hit, d)
            }) {
                if let Some(severity) = judge.severity(active, place, &datum.class) {
                    let arrivals = calls.entry((&datum.responsible, active.rule)).or_default();
                    arrivals.push(Arrival {
                        active,
                        hit,
                        datum,
                        severity,
                    });
                }
            }
        }
    }
    let mut out: Vec<(&Active, Raw)> = calls
        .into_values()
        .map(|arrivals| merge(judge, ctx, arrivals))
        .collect();
    for control in ctx.flow.controls.iter().filter(|c| !c.masked) {
        let place = Place::of(&judge.rules, &control.at.file);
        for (active, _, spec) in judge.on("control") {
            out.extend(of_control(judge, active, spec, control, place).map(|raw| (active, raw)));
        }
    }
    out
}

/// One datum that reaches one call.
struct Arrival<'a, 'h> {
    active: &'a Active,
    hit: &'h SinkHit,
    datum: &'h Datum,
    severity: Severity,
}

fn place(judge: &Judge, hit: &SinkHit) -> Place {
    let place = Place::of(&judge.rules, &hit.at.file);
    Place {
        server: place.server || hit.server,
        ..place
    }
}

fn wanted(spec: &Match, hit: &SinkHit, own: &OwnDomains) -> bool {
    let params = &spec.params;
    let lists = |key: &str, value: &str| params.list(key).iter().any(|v| v == value);
    let allows = |key: &str, value: &str| params.list(key).is_empty() || lists(key, value);
    let party = match params.str("party") {
        Some("third") => own.is_foreign(&hit.target),
        Some("first") => !own.is_foreign(&hit.target),
        _ => true,
    };
    let cleartext = || hit.target.starts_with("http:") || hit.target.starts_with("ws:");
    allows("families", &hit.family)
        && allows("sinks", &hit.sink)
        && !lists("not-sinks", &hit.sink)
        && allows("parts", &hit.part)
        && !lists("not-parts", &hit.part)
        && allows("methods", &hit.method)
        && party
        && params
            .bool("cleartext")
            .is_none_or(|want| want == cleartext())
}

/// Whether a match is about a class.
fn takes(judge: &Judge, spec: &Match, class: &str) -> bool {
    let params = &spec.params;
    let lists = |key: &str, value: &str| params.list(key).iter().any(|v| v == value);
    if lists("not-classes", class) {
        return false;
    }
    if lists("classes", class) {
        return true;
    }
    let level = judge
        .rules
        .tables
        .classes()
        .get(class)
        .map_or("", |c| c.level.as_str());
    let open = params.list("classes").is_empty() && params.list("levels").is_empty();
    open || lists("levels", level)
}

/// Whether a datum only says what a picture shows that the match is not about: a file's path in a log is no picture.
fn is_of_picture(judge: &Judge, spec: &Match, hit: &SinkHit, datum: &Datum) -> bool {
    let classes = judge.rules.tables.classes();
    hit.data.iter().any(|other| {
        let shows = classes
            .get(&other.class)
            .is_some_and(|class| class.may_show.contains(&datum.class));
        shows && other.source == datum.source && !takes(judge, spec, &other.class)
    })
}

/// All that reaches one call becomes one finding: the strongest datum speaks, the others are named.
fn merge<'a>(
    judge: &Judge,
    ctx: &JudgeCtx<'_>,
    mut arrivals: Vec<Arrival<'a, '_>>,
) -> (&'a Active, Raw) {
    // Guesses beside evidence say nothing of their own.
    let best = arrivals
        .iter()
        .map(|a| a.datum.confidence)
        .max()
        .unwrap_or(Confidence::Low);
    arrivals.retain(|a| a.datum.confidence >= best.min(Confidence::Medium));
    arrivals.sort_by(|a, b| {
        let rank = |x: &Arrival<'_, '_>| {
            (
                x.severity,
                x.datum.confidence,
                x.datum.evidence,
                std::cmp::Reverse(x.active.found),
            )
        };
        let order = rank(b).cmp(&rank(a));
        order
            .then_with(|| a.datum.class.cmp(&b.datum.class))
            .then_with(|| a.datum.source.cmp(&b.datum.source))
    });
    let first = &arrivals[0];
    let mut data: Vec<Arc<str>> = arrivals.iter().map(|a| a.datum.class.clone()).collect();
    data.sort();
    data.dedup();
    let words = words(judge, ctx, first.hit, first.datum);
    let raw = Raw {
        at: first.datum.responsible.clone(),
        severity: first.severity,
        confidence: first.datum.confidence,
        data,
        words,
    };
    (first.active, raw)
}

fn words(judge: &Judge, ctx: &JudgeCtx<'_>, hit: &SinkHit, datum: &Datum) -> Words {
    // A name that is its own evidence is no source: "phone from phone" says nothing.
    let source = (datum.evidence >= Evidence::Channel && !datum.source_name.is_empty())
        .then_some(&*datum.source_name);
    let (from_en, from_zh) = match source {
        Some(source) => (format!(" from {source}"), format!("来自 {source} 的")),
        None => (String::new(), String::new()),
    };
    let spoken = source.and_then(|source| judge.rules.tables.flow().source_label(source));
    let from_zh = match spoken {
        Some(spoken) => format!("来自{}的", spoken.zh_cn),
        None => from_zh,
    };
    let source_zh = spoken.map_or(&*datum.source_name, |spoken| &*spoken.zh_cn);
    let via = via(ctx, hit, datum);
    let (via_en, via_zh) = match &via {
        Some(file) => (format!(" through {file}"), format!("经 {file} ")),
        None => (String::new(), String::new()),
    };
    let mut words = Words::default()
        .set("call", &hit.call)
        .set("target", &hit.target)
        .set("host", &url::host(&hit.target))
        .set("name", &datum.field)
        .set_text("source", &datum.source_name, source_zh)
        .set_text("from", &from_en, &from_zh)
        .set_text("via", &via_en, &via_zh);
    words.steps.clone_from(&datum.steps);
    words
}

/// The file through which a flow goes on its way, if it is neither where it begins nor where it ends.
fn via(ctx: &JudgeCtx<'_>, hit: &SinkHit, datum: &Datum) -> Option<Arc<str>> {
    let other = |step: &&crate::finding::Step| {
        step.at.file != hit.at.file && step.at.file != datum.source.file
    };
    let file = datum
        .steps
        .iter()
        .rev()
        .find(other)
        .map(|step| step.at.file.clone())?;
    ctx.files.contains_key(&file).then_some(file)
}

fn of_control(
    judge: &Judge,
    active: &Active,
    spec: &Match,
    control: &Control,
    place: Place,
) -> Option<Raw> {
    let mut found: Vec<(Severity, Confidence, &Arc<str>)> = Vec::new();
    for (class, confidence) in control
        .data
        .iter()
        .filter(|(class, _)| takes(judge, spec, class))
    {
        found.extend(
            judge
                .severity(active, place, class)
                .map(|severity| (severity, *confidence, class)),
        );
    }
    found.sort_by(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(a.2.cmp(b.2)));
    let (severity, confidence, _) = *found.first()?;
    let mut data: Vec<Arc<str>> = found.iter().map(|(_, _, class)| (*class).clone()).collect();
    data.sort();
    Some(Raw {
        at: control.at.clone(),
        severity,
        confidence,
        data,
        words: Words::default()
            .set("call", &control.name)
            .set("name", &control.receiver),
    })
}

/// Domains that are the app's own: those of the settings, else those that most addresses of its scripts belong to.
#[derive(Debug, Default)]
pub(crate) struct OwnDomains {
    domains: Vec<String>,
    vendors: BTreeMap<String, bool>,
}

impl OwnDomains {
    /// Those of an app.
    pub(crate) fn of(judge: &Judge, ctx: &JudgeCtx<'_>) -> OwnDomains {
        let places = judge.rules.tables.places();
        let mut own = OwnDomains {
            domains: judge.first_party.clone(),
            ..OwnDomains::default()
        };
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut count = |host: &str, weight: u32| {
            if url::classify(host, places) == url::Host::Public {
                if places.is_vendor(host) {
                    own.vendors.insert(host.to_string(), true);
                } else {
                    *counts.entry(url::owner(host).to_string()).or_default() += weight;
                }
            }
        };
        for hit in ctx.flow.hits.iter().filter(|hit| !hit.target.is_empty()) {
            count(&url::host(&hit.target), 1);
        }
        for facts in ctx
            .files
            .values()
            .filter(|f| !places.is_tool(&f.path) && !places.is_server(&f.path))
        {
            let plain = |l: &&crate::facts::Literal| {
                !matches!(
                    l.place,
                    crate::facts::LiteralPlace::Comment | crate::facts::LiteralPlace::MarkupText
                )
            };
            for literal in facts.literals.iter().filter(plain) {
                for address in url::addresses(&literal.value) {
                    if !places.is_picture(address.text, &literal.name) {
                        count(&address.host, 2);
                    }
                }
            }
        }
        let most = counts.values().copied().max().unwrap_or(0);
        // Some apps have two domains of their own: what is nearly as frequent as the first is not foreign.
        own.domains.extend(
            counts
                .into_iter()
                .filter(|(_, n)| n * 3 >= most)
                .map(|(domain, _)| domain),
        );
        own
    }

    /// Whether nothing tells which hosts are the app's.
    pub(crate) fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// An absolute address at another company.
    pub(crate) fn is_foreign(&self, target: &str) -> bool {
        let host = url::host(target);
        if host.is_empty() {
            return false;
        }
        let brand = url::brand(&host);
        let within = |domain: &String| {
            host == *domain
                || (!brand.is_empty() && brand == url::brand(domain))
                || host
                    .strip_suffix(domain.as_str())
                    .is_some_and(|rest| rest.ends_with('.'))
        };
        if self.domains.iter().any(within) {
            return false;
        }
        self.vendors.contains_key(&host)
            || (host.contains('.') && url::ipv4(&host).is_none() && !self.domains.is_empty())
    }
}

#[cfg(test)]
mod tests;
