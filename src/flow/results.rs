//! What all runs found, as a [`FlowResult`]: sinks with what arrives at them, and platform calls.

use super::classify::Classifier;
use super::deferred::How;
use super::effects::{ANY_CALL, SinkEvent};
use super::run::{Entry, Run};
use super::value::{Loc, Origin, SymId, TraceId, What};
use super::{ApiUse, Control, Datum, FlowResult, SinkHit, Trigger};
use crate::facts::names::Name;
use crate::finding::{Confidence, Location, Step, Text};
use crate::rules::flow_tables::Role;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'a> Run<'a> {
    pub fn result(mut self) -> FlowResult {
        let mut out = FlowResult::default();
        let mut classifier = Classifier::default();
        let mut hits: BTreeMap<HitKey, SinkHit> = BTreeMap::new();
        let mut all: BTreeMap<HitKey, SinkHit> = BTreeMap::new();
        let mut uses: BTreeMap<(Loc, Arc<str>), ApiUse> = BTreeMap::new();
        let mut used: FxHashSet<u32> = FxHashSet::default();
        let mut use_origins: Vec<((Loc, Arc<str>), u32)> = Vec::new();
        let entries = std::mem::take(&mut self.entries);
        for state in &entries {
            used.extend(state.fx.used.iter().copied());
        }
        for state in &entries {
            let reached = self.is_reached(&state.entry);
            let (trigger, from) = self.trigger(&state.entry);
            if state.partial {
                let file = self.entry_file(&state.entry);
                out.partial.push(self.engine.path(file));
            }
            let hook = match state.entry {
                Entry::Hook { name, .. } => Some(self.engine.txt(name)),
                _ => None,
            };
            for event in &state.fx.sinks {
                if self.engine.options.all {
                    self.add_any(event, reached, &mut classifier, &mut all);
                }
                if &*event.family != ANY_CALL {
                    self.add_hit(event, reached, &mut classifier, &mut hits);
                }
            }
            for event in &state.fx.uses {
                let key = (event.at, event.path.clone());
                if let Some(origin) = event.origin {
                    use_origins.push((key.clone(), origin));
                }
                let call = self.engine.spelled(&event.path, event.platform);
                let platform = self.engine.platforms[event.platform as usize].clone();
                let failure = event.failure_of.map(|n| self.api_name(n));
                let success = event.success_of.map(|n| self.api_name(n));
                let at = self.location(event.at);
                let server = self.engine.is_server(event.at.file);
                let entry = uses.entry(key).or_insert_with(|| ApiUse {
                    at,
                    call,
                    api: event.path.strip_prefix("$.").unwrap_or(&event.path).into(),
                    platform,
                    triggers: Vec::new(),
                    hooks: Vec::new(),
                    reached_from: Vec::new(),
                    options: event.options.clone(),
                    server,
                    after_async: event.after_async,
                    in_failure_of: None,
                    in_success_of: None,
                    result_used: false,
                });
                entry.after_async |= event.after_async;
                if entry.in_failure_of.is_none() {
                    entry.in_failure_of = failure;
                }
                if entry.in_success_of.is_none() {
                    entry.in_success_of = success;
                }
                let trigger = if event.user { Trigger::User } else { trigger };
                if !entry.triggers.contains(&trigger) {
                    entry.triggers.push(trigger);
                    entry.triggers.sort();
                }
                if let Some(hook) = hook.as_ref().filter(|_| !event.user)
                    && let Err(at) = entry.hooks.binary_search(hook)
                {
                    entry.hooks.insert(at, hook.clone());
                }
                if reached
                    && let Some(from) = &from
                    && let Err(at) = entry.reached_from.binary_search(from)
                {
                    entry.reached_from.insert(at, from.clone());
                }
                for option in &event.options {
                    if !entry.options.contains(option) {
                        entry.options.push(option.clone());
                        entry.options.sort();
                    }
                }
            }
        }
        for (key, origin) in use_origins {
            if used.contains(&origin)
                && let Some(found) = uses.get_mut(&key)
            {
                found.result_used = true;
            }
        }
        for &file in &self.engine.exhausted_files {
            out.partial.push(self.engine.path(file));
        }
        out.hits = sorted(hits);
        out.all = sorted(all);
        out.uses = uses.into_values().collect();
        out.uses
            .sort_by(|a, b| (&a.at, &a.api).cmp(&(&b.at, &b.api)));
        out.controls = self.controls(&mut classifier);
        out.partial.sort();
        out.partial.dedup();
        out
    }

    /// A platform call's name without its global.
    fn api_name(&mut self, path: Name) -> Arc<str> {
        let text = self.engine.txt(path);
        text.strip_prefix("$.").unwrap_or(&text).into()
    }

    fn location(&self, at: Loc) -> Location {
        Location {
            file: self.engine.path(at.file),
            span: at.span,
        }
    }

    fn entry_file(&self, entry: &Entry) -> u32 {
        match entry {
            Entry::Start => 0,
            Entry::Hook { def, .. } | Entry::Watch { def } | Entry::Method { def, .. } => {
                self.engine.defs[*def as usize].file
            }
            Entry::View { file, .. } | Entry::Render { file } => *file,
            Entry::Handler(bound) => bound.file,
            Entry::Deferred(deferred) => deferred.at.file,
            Entry::Exported { module, .. } | Entry::Server { module } => {
                self.engine.modules[*module as usize].file
            }
        }
    }

    fn is_reached(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Exported { .. } => false,
            Entry::Method { def, .. } => self.has_unknown_view(*def),
            Entry::Start | Entry::Server { .. } => true,
            other => {
                let file = self.entry_file(other);
                let path = self.engine.path(file);
                self.engine.app.reached.contains(&path)
            }
        }
    }

    /// A page or component whose template is not there (in a package it is compiled): any method may be bound in it.
    fn has_unknown_view(&self, def: u32) -> bool {
        let app = self.engine.app;
        let def = &self.engine.defs[def as usize];
        let parts = def.parts.iter().filter_map(|&part| app.parts.get(part));
        matches!(def.role, Role::Page | Role::Component)
            && &*app.framework == "native"
            && parts
                .into_iter()
                .any(|part| part.reached && part.template.is_none())
    }

    fn trigger(&mut self, entry: &Entry) -> (Trigger, Option<Arc<str>>) {
        let engine = &mut self.engine;
        let names = engine.tables.names();
        match entry {
            Entry::Start => (Trigger::Launch, None),
            Entry::Hook { def, name } => {
                let d = &engine.defs[*def as usize];
                let (role, file) = (d.role, d.file);
                let text = engine.txt(*name);
                let within = |list: &[Arc<str>]| list.iter().any(|n| **n == *text);
                let trigger = if role == Role::App && within(&names.launch) {
                    Trigger::Launch
                } else if within(&names.entry) {
                    Trigger::Entry
                } else {
                    Trigger::User
                };
                (trigger, Some(engine.path(file)))
            }
            Entry::Watch { def } => {
                let file = engine.defs[*def as usize].file;
                (Trigger::Entry, Some(engine.path(file)))
            }
            Entry::View { def, .. } => {
                let file = engine.defs[*def as usize].file;
                (Trigger::Entry, Some(engine.path(file)))
            }
            Entry::Handler(bound) => {
                let file = engine.defs[bound.def as usize].file;
                (Trigger::User, Some(engine.path(file)))
            }
            Entry::Render { file } => (Trigger::Entry, Some(engine.path(*file))),
            Entry::Deferred(deferred) => {
                let path = engine.path(deferred.at.file);
                let app = engine.app.app.and_then(|app| engine.app.parts.get(app));
                let trigger = match () {
                    () if matches!(deferred.how, How::LateHook | How::Watcher) => Trigger::User,
                    () if app.is_some_and(|app| app.script.as_deref() == Some(&*path)) => {
                        Trigger::Launch
                    }
                    () => Trigger::Entry,
                };
                (trigger, Some(path))
            }
            Entry::Method { def, .. } => {
                let path = engine.path(engine.defs[*def as usize].file);
                // What a template that cannot be read binds.
                let trigger = match self.has_unknown_view(*def) {
                    true => Trigger::User,
                    false => Trigger::Unknown,
                };
                (trigger, Some(path))
            }
            Entry::Exported { .. } | Entry::Server { .. } => (Trigger::Unknown, None),
        }
    }

    fn add_hit(
        &mut self,
        event: &SinkEvent,
        reached: bool,
        classifier: &mut Classifier,
        hits: &mut BTreeMap<HitKey, SinkHit>,
    ) {
        let mut found: Option<&mut SinkHit> = None;
        let mut changed = false;
        for &(sym, trace, responsible) in &event.symbols {
            let held = classifier.held(&mut self.engine, sym);
            if held.is_empty() {
                continue;
            }
            let hit = match found {
                Some(hit) => hit,
                None => self.hit_of(event, reached, hits),
            };
            let source = self.source_at(sym, trace, event.at);
            let (from, by) = (self.location(source), self.location(responsible));
            let places = self.places(source, trace, event);
            for h in held.iter() {
                let class = &self.engine.set.tables.classes().class(h.class).id;
                let same = hit.data.iter().position(|old| {
                    old.source.span == from.span
                        && old.class == *class
                        && old.source.file == from.file
                        && old.protection == h.protection
                        && old.responsible == by
                });
                let worth = (h.confidence, h.evidence, Reverse(places.len()));
                let better =
                    |old: &Datum| worth > (old.confidence, old.evidence, Reverse(old.steps.len()));
                if same.is_some_and(|at| !better(&hit.data[at])) {
                    continue;
                }
                let class = class.clone();
                let source_name = self.source_name(sym);
                let datum = Datum {
                    class,
                    confidence: h.confidence,
                    evidence: h.evidence,
                    protection: h.protection,
                    source: from.clone(),
                    responsible: by.clone(),
                    steps: self.steps(&places, &source_name, event),
                    source_name,
                    field: h.field.clone(),
                };
                changed = true;
                match same {
                    Some(at) => hit.data[at] = datum,
                    None => hit.data.push(datum),
                }
            }
            found = Some(hit);
        }
        if let Some(hit) = found
            && changed
        {
            in_order(&mut hit.data);
        }
    }

    /// What a symbol that arrives at a place holds.
    pub fn data(
        &mut self,
        event: &SinkEvent,
        sym: SymId,
        trace: TraceId,
        responsible: Loc,
        classifier: &mut Classifier,
    ) -> Vec<Datum> {
        let held = classifier.held(&mut self.engine, sym);
        if held.is_empty() {
            return Vec::new();
        }
        let source = self.source_at(sym, trace, event.at);
        let source_name = self.source_name(sym);
        let places = self.places(source, trace, event);
        let steps = self.steps(&places, &source_name, event);
        held.iter()
            .map(|h| Datum {
                class: self.engine.set.tables.classes().class(h.class).id.clone(),
                confidence: h.confidence,
                evidence: h.evidence,
                protection: h.protection,
                source: self.location(source),
                source_name: source_name.clone(),
                responsible: self.location(responsible),
                steps: steps.clone(),
                field: h.field.clone(),
            })
            .collect()
    }

    /// Where a symbol entered. What has no place of its own was first seen where its way begins.
    fn source_at(&self, sym: SymId, trace: TraceId, end: Loc) -> Loc {
        let origin = self.engine.sy.get(sym).origin;
        match &self.engine.sy.origins[origin as usize] {
            Origin::Api { at, .. }
            | Origin::OpenType { at, .. }
            | Origin::Storage { at, .. }
            | Origin::Query { at }
            | Origin::Event { at, .. }
            | Origin::Param { at, .. }
            | Origin::Call { at, .. }
            | Origin::Failure { at } => *at,
            Origin::Control { index } => self.engine.controls[*index as usize].at,
            Origin::Unknown { .. } => {
                let first = self.engine.sy.steps(trace).first().map(|node| node.at);
                first.unwrap_or(end)
            }
        }
    }

    /// Everything that arrives, whatever it holds, as long as a platform or a person handed it out.
    fn add_any(
        &mut self,
        event: &SinkEvent,
        reached: bool,
        classifier: &mut Classifier,
        hits: &mut BTreeMap<HitKey, SinkHit>,
    ) {
        let mut data: Vec<Datum> = Vec::new();
        for &(sym, trace, responsible) in &event.symbols {
            let personal = self.data(event, sym, trace, responsible, classifier);
            let s = self.engine.sy.get(sym);
            let entered = matches!(
                self.engine.sy.origins[s.origin as usize],
                Origin::Api { .. }
                    | Origin::Control { .. }
                    | Origin::OpenType { .. }
                    | Origin::Storage { .. }
                    | Origin::Query { .. }
                    | Origin::Event { .. }
            );
            if entered && personal.iter().all(|d| d.confidence == Confidence::Low) {
                let source = self.source_at(sym, trace, event.at);
                let source_name = self.source_name(sym);
                let places = self.places(source, trace, event);
                data.push(Datum {
                    class: "".into(),
                    confidence: Confidence::High,
                    evidence: super::Evidence::Source,
                    protection: s.protection,
                    source: self.location(source),
                    source_name: source_name.clone(),
                    responsible: self.location(responsible),
                    steps: self.steps(&places, &source_name, event),
                    field: "".into(),
                });
            }
            data.extend(personal);
        }
        self.put_hit(event, data, reached, hits);
    }

    fn put_hit(
        &mut self,
        event: &SinkEvent,
        data: Vec<Datum>,
        reached: bool,
        hits: &mut BTreeMap<HitKey, SinkHit>,
    ) {
        if data.is_empty() {
            return;
        }
        let hit = self.hit_of(event, reached, hits);
        for datum in data {
            match hit.data.iter_mut().find(|old| {
                old.class == datum.class
                    && old.source == datum.source
                    && old.protection == datum.protection
                    && old.responsible == datum.responsible
            }) {
                Some(old) => {
                    if (datum.confidence, datum.evidence, Reverse(datum.steps.len()))
                        > (old.confidence, old.evidence, Reverse(old.steps.len()))
                    {
                        *old = datum;
                    }
                }
                None => hit.data.push(datum),
            }
        }
        in_order(&mut hit.data);
    }

    /// The hit of an event.
    fn hit_of<'h>(
        &self,
        event: &SinkEvent,
        reached: bool,
        hits: &'h mut BTreeMap<HitKey, SinkHit>,
    ) -> &'h mut SinkHit {
        let key = HitKey {
            at: event.at,
            argument: (event.argument.start, event.argument.end),
            sink: event.sink.clone(),
            family: event.family.clone(),
            part: event.part.clone(),
            target: event.target.clone(),
            method: event.method.clone(),
            protected: event.protected,
        };
        let at = self.location(event.at);
        let server = self.engine.is_server(event.at.file);
        let hit = hits.entry(key).or_insert_with(|| SinkHit {
            at,
            argument: event.argument,
            call: event.call.clone(),
            sink: event.sink.clone(),
            family: event.family.clone(),
            part: event.part.clone(),
            target: event.target.clone(),
            method: event.method.clone(),
            protected: event.protected,
            server,
            reached: false,
            data: Vec::new(),
        });
        hit.reached |= reached;
        hit
    }

    /// What people call where a symbol came from.
    fn source_name(&mut self, sym: SymId) -> Arc<str> {
        let engine = &mut self.engine;
        let origin = engine.sy.get(sym).origin;
        match engine.sy.origins[origin as usize].clone() {
            Origin::Api { path, platform, .. } => {
                let text = engine.txt(path);
                engine.spelled(&text, platform)
            }
            Origin::Control { index } => engine.controls[index as usize].name.clone(),
            Origin::Storage {
                key,
                path,
                platform,
                ..
            } => {
                let text = engine.txt(path);
                let call = engine.spelled(&text, platform);
                let key = engine.txt(key);
                format!("{call} {key:?}").into()
            }
            Origin::Query { .. } => engine.tables.page_query(),
            Origin::Param { name, .. } | Origin::Call { name, .. } => {
                let text = engine.txt(name);
                engine.spelled(&text, 0)
            }
            Origin::OpenType { name, .. }
            | Origin::Event { name, .. }
            | Origin::Unknown { name } => engine.txt(name),
            Origin::Failure { .. } => "".into(),
        }
    }

    /// The places of a way, source and sink included, each with the key of its label: most of a way's places are met
    /// twice.
    fn places(&self, source: Loc, trace: TraceId, event: &SinkEvent) -> Places {
        let mut places = Places::new();
        places.push((source, "source"));
        let between = self.engine.sy.steps(trace).into_iter().map(|node| {
            let key = match node.what {
                What::Passed => "passed",
                What::Stored => "stored",
                What::Read => "read",
            };
            (node.at, key)
        });
        let calls = event.calls.iter().filter(|at| !at.span.is_empty());
        for place in between.chain(calls.map(|&at| (at, "passed"))) {
            let known = (place.0.file as usize) < self.engine.files.len();
            if known && !places.iter().any(|(at, _)| *at == place.0) {
                places.push(place);
            }
        }
        places.push((event.at, "sink"));
        places
    }

    /// The same for people.
    fn steps(&mut self, places: &Places, name: &Arc<str>, event: &SinkEvent) -> Vec<Step> {
        let none: Arc<str> = "".into();
        let mut out = Vec::with_capacity(places.len());
        for &(at, key) in places {
            let name = match key {
                "source" => name,
                "sink" => &event.call,
                _ => &none,
            };
            let label = self.label(key, name);
            out.push(Step {
                at: self.location(at),
                label,
            });
        }
        out
    }

    fn label(&mut self, key: &'static str, name: &Arc<str>) -> Text {
        let tables = self.engine.tables;
        let made = self.labels.entry((key, name.clone()));
        made.or_insert_with(|| tables.label(key, name)).clone()
    }

    fn controls(&mut self, classifier: &mut Classifier) -> Vec<Control> {
        let mut out = Vec::new();
        for index in 0..self.engine.controls.len() as u32 {
            let value = self.engine.control_value(index);
            let Some((sym, _)) = value.symbols().next() else {
                continue;
            };
            let held = classifier.held(&mut self.engine, sym);
            let mut data: Vec<(Arc<str>, crate::finding::Confidence)> = held
                .iter()
                .map(|h| {
                    (
                        self.engine.set.tables.classes().class(h.class).id.clone(),
                        h.confidence,
                    )
                })
                .collect();
            data.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            let info = self.engine.controls[index as usize].clone();
            if info.neutral {
                continue;
            }
            out.push(Control {
                at: self.location(info.at),
                name: info.name,
                data,
                receiver: info.receiver,
                masked: info.masked,
            });
        }
        out.sort_by(|a, b| a.at.cmp(&b.at));
        out
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct HitKey {
    at: Loc,
    argument: (u32, u32),
    sink: Arc<str>,
    family: Arc<str>,
    part: Arc<str>,
    target: Arc<str>,
    method: Arc<str>,
    protected: bool,
}

/// Places of a way, each with the key of its label.
type Places = SmallVec<[(Loc, &'static str); 12]>;

/// More data at one sink are not told.
const MAX_DATA: usize = 40;

/// Data of a sink in the order in which they are told.
fn in_order(data: &mut Vec<Datum>) {
    data.sort_by(|a, b| {
        (
            &a.class,
            Reverse((a.confidence, a.evidence)),
            &a.source,
            a.protection,
        )
            .cmp(&(
                &b.class,
                Reverse((b.confidence, b.evidence)),
                &b.source,
                b.protection,
            ))
    });
    data.truncate(MAX_DATA);
}

/// Hits by place.
fn sorted(hits: BTreeMap<HitKey, SinkHit>) -> Vec<SinkHit> {
    let mut hits: Vec<SinkHit> = hits.into_values().collect();
    hits.sort_by(|a, b| {
        (&a.at, &a.sink, &a.part, a.argument).cmp(&(&b.at, &b.sink, &b.part, b.argument))
    });
    hits
}
