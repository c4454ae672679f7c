//! Entry points: which code is run, with what, how often; and what all runs found, as a [`FlowResult`].

use super::classify::Classifier;
use super::effects::{ANY_CALL, Bound, Effects, SetupHook};
use super::engine::{Args, Engine, Site, hash_of};
use super::jsx::MAX_CONNECTED;
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use super::{ApiUse, Control, Datum, FlowResult, SinkHit, Trigger};
use crate::app::{App, PartKind};
use crate::facts::FileFacts;
use crate::facts::ir::FuncId;
use crate::facts::names::Name;
use crate::finding::{Confidence, Location, Step, Text};
use crate::rules::RuleSet;
use crate::rules::flow_tables::Role;
use crate::syntax::FileKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often the entry points are run at most.
const MAX_ROUNDS: u32 = 12;
/// How often one of them is, in an app that has cost little so far.
const EARLY_RUNS: u32 = 4;
/// How often one of them is.
const MAX_RUNS: u32 = 3;
/// How often one of them is that has been given up: it would be again.
const PARTIAL_RUNS: u32 = 2;
/// How often a function is that nothing is known to call.
const GUESS_RUNS: u32 = 2;

/// Where code begins to run.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    /// All modules' top levels.
    Start,
    /// A method that the platform calls.
    Hook { def: u32, name: Name },
    /// The observers of a component.
    Watch { def: u32 },
    /// A template.
    View { def: u32, file: u32 },
    /// A handler in a template.
    Handler(Bound),
    /// A component written as a function or class.
    Render { file: u32 },
    /// A method that nothing is known to call.
    Method { def: u32, name: Name },
    /// A function that a module exports and nothing is known to call.
    Exported { module: u32, path: Vec<Name> },
    /// The main function of a file on a server.
    Server { module: u32 },
    /// What gets the state of a store.
    Subscription { index: u32 },
    /// What a set-up block asked to be called later.
    Setup(SetupHook),
}

impl Entry {
    /// Whether nothing is known to call it.
    fn is_guess(&self) -> bool {
        matches!(self, Entry::Method { .. } | Entry::Exported { .. })
    }
}

struct EntryState {
    entry: Entry,
    fx: Effects,
    dirty: bool,
    runs: u32,
    reads: Vec<(Id, u32)>,
    partial: bool,
    /// What the last run took; if it was given up, what it might have taken.
    steps: u32,
}

/// Interprets an app. Deterministic: the same files give the same result; `None` soon after `cancelled` said so.
pub fn analyze(
    set: &RuleSet,
    app: &App,
    files: &BTreeMap<Arc<str>, Arc<FileFacts>>,
    options: &super::Options,
    cancelled: super::Cancelled<'_>,
) -> Option<FlowResult> {
    let engine = Engine::new(set, app, files, options);
    let run = Run::settled(Engine {
        cancelled,
        ..engine
    });
    (!cancelled()).then(|| run.result())
}

pub(super) struct Run<'a> {
    pub engine: Engine<'a>,
    entries: Vec<EntryState>,
    readers: FxHashMap<(Id, u32), Vec<u32>>,
    /// Readers of anything of a cell.
    any_readers: FxHashMap<Id, Vec<u32>>,
    known: FxHashSet<u64>,
    /// Steps of all runs.
    spent: u64,
    /// Labels of steps, by key and name.
    labels: FxHashMap<(&'static str, Arc<str>), Text>,
}

impl<'a> Run<'a> {
    /// All of a program's entry points, run until nothing changes.
    pub fn settled(engine: Engine<'a>) -> Run<'a> {
        let mut run = Run {
            engine,
            entries: Vec::new(),
            readers: FxHashMap::default(),
            any_readers: FxHashMap::default(),
            known: FxHashSet::default(),
            spent: 0,
            labels: FxHashMap::default(),
        };
        run.add(Entry::Start);
        run.settle();
        run.add_methods();
        run.settle();
        run.add_exported();
        run.settle();
        run
    }

    fn add(&mut self, entry: Entry) {
        let key = match &entry {
            Entry::Start => 0,
            Entry::Hook { def, name } => hash_of(("hook", def, name.0)),
            Entry::Watch { def } => hash_of(("watch", def)),
            Entry::View { def, file } => hash_of(("view", def, file)),
            Entry::Handler(b) => hash_of(("handler", b.scope, b.attr, &b.event)),
            Entry::Render { file } => hash_of(("render", file)),
            Entry::Method { def, name } => hash_of(("method", def, name.0)),
            Entry::Exported { module, path } => {
                let path: Vec<u32> = path.iter().map(|n| n.0).collect();
                hash_of(("exported", module, path))
            }
            Entry::Server { module } => hash_of(("server", module)),
            Entry::Subscription { index } => hash_of(("subscription", index)),
            Entry::Setup(hook) => hash_of(("setup", hook.cell)),
        };
        if self.known.insert(key) {
            self.entries.push(EntryState {
                entry,
                fx: Effects::default(),
                dirty: true,
                runs: 0,
                steps: 0,
                reads: Vec::new(),
                partial: false,
            });
        }
    }

    /// Runs what is new or has read what was changed, until nothing is.
    fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let mut any = false;
            let mut index = 0;
            while index < self.entries.len() {
                let state = &self.entries[index];
                if state.dirty && state.runs < self.max_runs(state) {
                    if (self.engine.cancelled)() {
                        return;
                    }
                    any = true;
                    self.run(index);
                }
                index += 1;
            }
            if !any {
                break;
            }
        }
        for entry in &mut self.entries {
            entry.dirty = false;
        }
    }

    fn is_early(&self) -> bool {
        self.spent < super::engine::EARLY
    }

    fn max_runs(&self, state: &EntryState) -> u32 {
        if state.partial {
            PARTIAL_RUNS
        } else if self.is_early() {
            EARLY_RUNS
        } else if state.entry.is_guess() {
            GUESS_RUNS
        } else {
            MAX_RUNS
        }
    }

    /// How many steps an entry point may take now.
    fn limit(&self, guess: bool) -> u32 {
        let early = self.is_early();
        let files = self.engine.files.len() as u64;
        let late = self.spent > super::engine::APP_STEPS + super::engine::FILE_STEPS * files;
        if guess && !early {
            super::engine::GUESS_STEPS
        } else if late {
            super::engine::LATE_STEPS
        } else if early {
            super::engine::EARLY_STEPS
        } else {
            super::engine::ENTRY_STEPS
        }
    }

    fn run(&mut self, index: usize) {
        let entry = self.entries[index].entry.clone();
        let guess = entry.is_guess();
        let limit = self.limit(guess);
        // A run that would be given up earlier than the last one sees less than that did.
        if self.entries[index].steps > limit {
            self.entries[index].dirty = false;
            return;
        }
        let engine = &mut self.engine;
        engine.st.begin();
        engine.fx = Effects::default();
        engine.jobs.clear();
        engine.chains.clear();
        engine.chain = 0;
        engine.late.clear();
        engine.promised.clear();
        engine.acts.clear();
        engine.running.clear();
        engine.limit = limit;
        engine.steps = 0;
        engine.exhausted = false;
        engine.in_job = false;
        engine.wrapper = None;
        engine.failure_of = None;
        engine.success_of = None;
        engine.user = matches!(entry, Entry::Handler(_));
        engine.guessing = guess;
        engine.ctx = hash_of(("entry", index));
        engine.here = match &entry {
            Entry::Hook { def, .. }
            | Entry::Watch { def }
            | Entry::View { def, .. }
            | Entry::Method { def, .. } => Some(*def),
            Entry::Handler(bound) => Some(bound.def),
            Entry::Setup(hook) => engine.def_of_file(hook.at.file),
            _ => None,
        };
        engine.scope = Default::default();
        run_entry(engine, &entry);
        engine.drain();
        engine.jobs.clear();
        engine.late.clear();
        let partial = engine.exhausted;
        let steps = engine.steps;
        self.spent += u64::from(steps);
        let fx = std::mem::take(&mut engine.fx);
        let (reads, changed) = engine.st.commit();
        engine.globals.clear();
        let bound = fx.bound.clone();
        let hooks = fx.setup.clone();
        let state = &mut self.entries[index];
        let was_whole = state.runs > 0 && !state.partial;
        let before = std::mem::replace(&mut state.fx, fx);
        if partial && was_whole {
            // What a whole run saw is so, though one that knows more was given up.
            state.fx.sinks.extend(before.sinks);
            state.fx.uses.extend(before.uses);
            state.fx.used.extend(before.used);
        }
        state.dirty = false;
        state.runs += 1;
        state.partial = partial;
        state.steps = if partial { limit } else { steps };
        state.reads = reads.clone();
        for read in reads {
            let note = |list: &mut Vec<u32>| {
                if list.last() != Some(&(index as u32)) && !list.contains(&(index as u32)) {
                    list.push(index as u32);
                }
            };
            note(self.readers.entry(read).or_default());
            note(self.any_readers.entry(read.0).or_default());
        }
        for change in changed {
            let readers = if change.1 == super::state::ALL {
                self.any_readers.get(&change.0)
            } else {
                self.readers.get(&change)
            };
            for &reader in readers.into_iter().flatten() {
                self.entries[reader as usize].dirty = true;
            }
        }
        self.add_entries();
        for b in bound {
            self.add(Entry::Handler(b));
        }
        for hook in hooks {
            self.add(Entry::Setup(hook));
        }
    }

    /// Entry points of definitions and files that are known by now.
    fn add_entries(&mut self) {
        let defs = self.engine.defs.len() as u32;
        for def in 0..defs {
            let key = hash_of(("entries of", def));
            if !self.known.insert(key) {
                continue;
            }
            for (name, _) in methods_of(&mut self.engine, def) {
                let text = self.engine.txt(name);
                if self.engine.tables.names().is_hook(&text) {
                    self.add(Entry::Hook { def, name });
                }
            }
            self.add(Entry::Watch { def });
            for part in self.engine.defs[def as usize].parts.clone() {
                let template = self
                    .engine
                    .app
                    .parts
                    .get(part)
                    .and_then(|p| p.template.clone());
                if let Some(file) = template.and_then(|t| self.engine.file_ids.get(&t).copied())
                    && self.engine.files[file as usize].template.is_some()
                {
                    self.add(Entry::View { def, file });
                }
            }
        }
        for index in 0..self.engine.subscriptions.len() as u32 {
            self.add(Entry::Subscription { index });
        }
        if self.known.insert(hash_of("files")) {
            for file in 0..self.engine.files.len() as u32 {
                let path = self.engine.path(file);
                let Some(&module) = self.engine.file_modules[file as usize].first() else {
                    continue;
                };
                if self.engine.app.server.contains(&path) {
                    self.add(Entry::Server { module });
                } else if is_rendered(&self.engine, file) {
                    self.add(Entry::Render { file });
                }
            }
        }
    }

    /// Methods that no run called: something may still do so by name.
    fn add_methods(&mut self) {
        for def in 0..self.engine.defs.len() as u32 {
            for (name, functions) in methods_of(&mut self.engine, def) {
                if self.uncalled(&functions) {
                    self.add(Entry::Method { def, name });
                }
            }
        }
    }

    fn uncalled(&mut self, functions: &Value) -> bool {
        let mut any = false;
        for id in functions.objects() {
            if let Kind::Closure { unit, func, .. } = *self.engine.st.kind(id) {
                if self.engine.called.contains(&(unit, func)) {
                    return false;
                }
                any = true;
            }
        }
        any
    }

    fn add_exported(&mut self) {
        for module in 0..self.engine.modules.len() as u32 {
            if !self.engine.modules[module as usize].role.is_script() {
                continue;
            }
            let exports = self.engine.exports_of(module);
            let mut found: Vec<(Vec<Name>, Value)> = vec![(Vec::new(), exports.clone())];
            for id in exports.objects().collect::<Vec<_>>() {
                if matches!(self.engine.st.kind(id), Kind::Role { .. }) {
                    continue;
                }
                for (name, prop) in self.engine.st.peek(id).props.iter() {
                    let Prop::Value(value) = prop else { continue };
                    found.push((vec![name], value.clone()));
                    for inner in value.objects() {
                        if !matches!(
                            self.engine.st.kind(inner),
                            Kind::Plain | Kind::Instance { .. }
                        ) {
                            continue;
                        }
                        for (deep, prop) in self.engine.st.peek(inner).props.iter().take(200) {
                            if let Prop::Value(value) = prop {
                                found.push((vec![name, deep], value.clone()));
                            }
                        }
                    }
                }
            }
            for (path, value) in found {
                let functions = self.engine.functions_in(&value);
                if self.uncalled(&functions) {
                    self.add(Entry::Exported { module, path });
                }
            }
        }
    }

    // ---- results

    fn result(mut self) -> FlowResult {
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
            Entry::Subscription { index } => self.subscriber(*index),
            Entry::Setup(hook) => hook.at.file,
            Entry::Exported { module, .. } | Entry::Server { module } => {
                self.engine.modules[*module as usize].file
            }
        }
    }

    fn subscriber(&self, index: u32) -> u32 {
        let all = &self.engine.subscriptions;
        all.get(index as usize).map_or(0, |s| s.at.file)
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
            Entry::Subscription { index } => {
                let file = self.subscriber(*index);
                (Trigger::Entry, Some(self.engine.path(file)))
            }
            Entry::Setup(hook) => {
                let path = engine.path(hook.at.file);
                let app = engine.app.app.and_then(|app| engine.app.parts.get(app));
                let trigger = match () {
                    () if hook.is_late => Trigger::User,
                    () if app.is_some_and(|app| app.script.as_deref() == Some(&*path)) => {
                        Trigger::Launch
                    }
                    () => Trigger::Entry,
                };
                (trigger, Some(path))
            }
            Entry::Method { def, .. } => {
                let file = engine.defs[*def as usize].file;
                (Trigger::Unknown, Some(engine.path(file)))
            }
            Entry::Exported { .. } | Entry::Server { .. } => (Trigger::Unknown, None),
        }
    }

    fn add_hit(
        &mut self,
        event: &super::effects::SinkEvent,
        reached: bool,
        classifier: &mut Classifier,
        hits: &mut BTreeMap<HitKey, SinkHit>,
    ) {
        let mut data: Vec<Datum> = Vec::new();
        for &(sym, trace, responsible) in &event.symbols {
            data.extend(self.data(event, sym, trace, responsible, classifier));
        }
        self.put_hit(event, data, reached, hits);
    }

    /// What a symbol that arrives at a place holds.
    pub fn data(
        &mut self,
        event: &super::effects::SinkEvent,
        sym: super::value::SymId,
        trace: super::value::TraceId,
        responsible: Loc,
        classifier: &mut Classifier,
    ) -> Vec<Datum> {
        let held = classifier.held(&mut self.engine, sym);
        if held.is_empty() {
            return Vec::new();
        }
        let (source, source_name) = self.source_of(sym, trace, event.at);
        let steps = self.steps(source, &source_name, trace, event);
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
    fn source_of(
        &mut self,
        sym: super::value::SymId,
        trace: super::value::TraceId,
        end: Loc,
    ) -> (Loc, Arc<str>) {
        let origin = self.engine.sy.get(sym).origin;
        let origin = self.engine.sy.origins[origin as usize].clone();
        let (source, name) = self.source(&origin);
        if !matches!(origin, Origin::Unknown { .. }) {
            return (source, name);
        }
        let first = self.engine.sy.steps(trace).first().map(|node| node.at);
        (first.unwrap_or(end), name)
    }

    /// Everything that arrives, whatever it holds, as long as a platform or a person handed it out.
    fn add_any(
        &mut self,
        event: &super::effects::SinkEvent,
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
                let (source, source_name) = self.source_of(sym, trace, event.at);
                data.push(Datum {
                    class: "".into(),
                    confidence: Confidence::High,
                    evidence: super::Evidence::Source,
                    protection: s.protection,
                    source: self.location(source),
                    source_name: source_name.clone(),
                    responsible: self.location(responsible),
                    steps: self.steps(source, &source_name, trace, event),
                    field: "".into(),
                });
            }
            data.extend(personal);
        }
        self.put_hit(event, data, reached, hits);
    }

    fn put_hit(
        &mut self,
        event: &super::effects::SinkEvent,
        data: Vec<Datum>,
        reached: bool,
        hits: &mut BTreeMap<HitKey, SinkHit>,
    ) {
        if data.is_empty() {
            return;
        }
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
        for datum in data {
            match hit.data.iter_mut().find(|old| {
                old.class == datum.class
                    && old.source == datum.source
                    && old.protection == datum.protection
                    && old.responsible == datum.responsible
            }) {
                Some(old) => {
                    if (
                        datum.confidence,
                        datum.evidence,
                        std::cmp::Reverse(datum.steps.len()),
                    ) > (
                        old.confidence,
                        old.evidence,
                        std::cmp::Reverse(old.steps.len()),
                    ) {
                        *old = datum;
                    }
                }
                None => hit.data.push(datum),
            }
        }
        hit.data.sort_by(|a, b| {
            (
                &a.class,
                std::cmp::Reverse((a.confidence, a.evidence)),
                &a.source,
                a.protection,
            )
                .cmp(&(
                    &b.class,
                    std::cmp::Reverse((b.confidence, b.evidence)),
                    &b.source,
                    b.protection,
                ))
        });
        hit.data.truncate(40);
    }

    /// Where an origin is, and what people call it.
    fn source(&mut self, origin: &Origin) -> (Loc, Arc<str>) {
        let engine = &mut self.engine;
        match origin {
            Origin::Api {
                at, path, platform, ..
            } => {
                let text = engine.txt(*path);
                (*at, engine.spelled(&text, *platform))
            }
            Origin::Control { index } => {
                let info = &engine.controls[*index as usize];
                (info.at, info.name.clone())
            }
            Origin::OpenType { at, name } => (*at, engine.txt(*name)),
            Origin::Storage {
                at,
                key,
                path,
                platform,
            } => {
                let text = engine.txt(*path);
                let call = engine.spelled(&text, *platform);
                let key = engine.txt(*key);
                (*at, format!("{call} {key:?}").into())
            }
            Origin::Query { at } => (*at, engine.tables.page_query()),
            Origin::Event { at, name } => (*at, engine.txt(*name)),
            Origin::Param { at, name } | Origin::Call { at, name, .. } => {
                let text = engine.txt(*name);
                (*at, engine.spelled(&text, 0))
            }
            Origin::Unknown { name } => (Loc::default(), engine.txt(*name)),
            Origin::Failure { at } => (*at, "".into()),
        }
    }

    fn steps(
        &mut self,
        source: Loc,
        name: &Arc<str>,
        trace: super::value::TraceId,
        event: &super::effects::SinkEvent,
    ) -> Vec<Step> {
        // Places first: most of a way's places are met twice.
        let mut places: Vec<(Loc, &'static str)> = vec![(source, "source")];
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
        let none: Arc<str> = "".into();
        let mut out = Vec::with_capacity(places.len());
        for (at, key) in places {
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

/// Hits by place.
fn sorted(hits: BTreeMap<HitKey, SinkHit>) -> Vec<SinkHit> {
    let mut hits: Vec<SinkHit> = hits.into_values().collect();
    hits.sort_by(|a, b| {
        (&a.at, &a.sink, &a.part, a.argument).cmp(&(&b.at, &b.sink, &b.part, b.argument))
    });
    hits
}

/// The functions on a definition's instance, by name.
fn methods_of(engine: &mut Engine<'_>, def: u32) -> Vec<(Name, Value)> {
    let instance = engine.instance(def);
    let cell = engine.st.peek(instance);
    let mut out = Vec::new();
    for (name, prop) in cell.props.iter() {
        if let Prop::Value(value) = prop {
            let functions = engine.functions_in(value);
            if !functions.is_empty() {
                out.push((name, functions));
            }
        }
    }
    out
}

/// Whether a file's default export is a component that code renders.
fn is_rendered(engine: &Engine<'_>, file: u32) -> bool {
    let path = engine.path(file);
    let facts = &engine.files[file as usize];
    if facts.kind == FileKind::Component || facts.template.is_some() {
        return false;
    }
    let mut page = false;
    for part in engine.app.part_of(&path) {
        if let Some(part) = engine.app.parts.get(part) {
            let own_script = part.script.as_deref() == Some(&*path);
            page |= own_script
                && part.template.as_deref().is_none_or(|t| t == &*path)
                && part.kind != PartKind::Component;
        }
    }
    page && &*engine.app.framework != "native"
}

/// A definition's method, with its `this` and a place to call it from.
fn method_of(engine: &mut Engine<'_>, def: u32, name: Name) -> (Value, Value, Site) {
    let instance = engine.instance(def);
    let this = Value::obj(instance);
    let site = Site {
        at: engine.defs[def as usize].at,
        key: engine.ctx,
    };
    let method = engine.read(&this, name, site);
    let functions = engine.functions_in(&method);
    (this, functions, site)
}

fn run_entry(engine: &mut Engine<'_>, entry: &Entry) {
    match entry {
        Entry::Start => start(engine),
        Entry::Hook { def, name } => {
            let text = engine.txt(*name);
            let (this, functions, site) = method_of(engine, *def, *name);
            let names = engine.tables.names();
            if names.share_hook(&text).is_some() {
                engine.share(&text, &functions, this, site);
                return;
            }
            let within = |list: &[Arc<str>]| list.iter().any(|n| **n == *text);
            let args = if engine.defs[*def as usize].role == Role::App {
                if within(&names.launch_query) {
                    let query = engine.sy.fresh(Origin::Query { at: site.at });
                    vec![query]
                } else {
                    Vec::new()
                }
            } else if within(&names.query) {
                vec![engine.query_of(*def, site.at, site)]
            } else {
                Vec::new()
            };
            engine.call(&functions, this, Args::of(args), site.sub(1));
        }
        Entry::Watch { def } => watch(engine, *def),
        Entry::Subscription { index } => engine.run_subscription(*index as usize),
        Entry::Setup(hook) => engine.run_setup_hook(hook),
        Entry::View { def, file } => engine.run_view(*def, *file),
        Entry::Handler(bound) => engine.run_handler(bound),
        Entry::Render { file } => {
            let Some(&module) = engine.file_modules[*file as usize].first() else {
                return;
            };
            let exports = engine.exports_of(module);
            let site = Site {
                at: Loc::start(*file),
                key: engine.ctx,
            };
            let name = engine.k.default;
            let component = engine.read(&exports, name, site);
            let props = engine.named("props", &format!("render/{file}"));
            let props = Value::obj(props);
            engine.render(&component, &props, site.sub(1));
            render_hooks(engine, &component, &props, site);
        }
        Entry::Method { def, name } => {
            let (this, functions, site) = method_of(engine, *def, *name);
            unknown_call(engine, &functions, this, site);
        }
        Entry::Exported { module, path } => {
            let mut value = engine.exports_of(*module);
            let file = engine.modules[*module as usize].file;
            let site = Site {
                at: Loc::start(file),
                key: engine.ctx,
            };
            let mut this = Value::undefined();
            for &key in path {
                this = value.clone();
                value = engine.read(&value, key, site);
            }
            let functions = engine.functions_in(&value);
            unknown_call(engine, &functions, this, site);
        }
        Entry::Server { module } => {
            let exports = engine.exports_of(*module);
            let file = engine.modules[*module as usize].file;
            let site = Site {
                at: Loc::start(file),
                key: engine.ctx,
            };
            for main in engine.tables.names().cloud_main.clone() {
                let main = engine.intern(&main);
                let function = engine.read(&exports, main, site);
                let functions = engine.functions_in(&function);
                unknown_call(engine, &functions, Value::undefined(), site);
            }
        }
    }
}

/// Calls functions with arguments that nothing is known of but their names.
fn unknown_call(engine: &mut Engine<'_>, functions: &Value, this: Value, site: Site) {
    for id in functions.objects().collect::<Vec<_>>() {
        let args = match *engine.st.kind(id) {
            Kind::Closure { unit, func, .. } => parameters(engine, unit, func),
            _ => Vec::new(),
        };
        engine.call(
            &Value::obj(id),
            this.clone(),
            Args::of(args),
            site.sub(u64::from(id)),
        );
    }
}

fn parameters(engine: &mut Engine<'_>, unit_id: u32, func: FuncId) -> Vec<Value> {
    let unit = engine.unit(unit_id);
    let Some(f) = unit.unit.funcs.get(func as usize) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for &pat in &f.params {
        let Some(node) = unit.unit.pats.get(pat as usize) else {
            continue;
        };
        let name = match &node.kind {
            crate::facts::ir::Pat::Var(crate::facts::ir::Var::Local(slot)) => {
                f.slots.get(*slot as usize).copied()
            }
            _ => None,
        };
        let at = Loc {
            file: unit.file,
            span: node.span.shifted(unit.base),
        };
        let name = name.unwrap_or(engine.k.empty);
        out.push(engine.sy.fresh(Origin::Param { at, name }));
    }
    out
}

/// The program's start: all modules, the app's first.
fn start(engine: &mut Engine<'_>) {
    engine.loaded.iter_mut().for_each(|l| *l = false);
    engine.exhausted_files.clear();
    let mut order: Vec<u32> = Vec::new();
    let app_script = engine
        .app
        .app
        .and_then(|a| engine.app.parts.get(a))
        .and_then(|p| p.script.clone());
    if let Some(file) = app_script.and_then(|s| engine.file_ids.get(&s).copied()) {
        order.extend(engine.file_modules[file as usize].clone());
    }
    for entry in &engine.app.entries {
        if let Some(&file) = engine.file_ids.get(entry) {
            order.extend(engine.file_modules[file as usize].clone());
        }
    }
    order.extend(0..engine.modules.len() as u32);
    for module in order {
        if !engine.modules[module as usize].role.is_script() {
            continue;
        }
        if (engine.cancelled)() {
            return;
        }
        // One file's cost must not be another's.
        engine.steps = 0;
        engine.exhausted = false;
        // Others may have imported it already.
        if !engine.loaded[module as usize] {
            engine.run_module(module);
        }
        define_component(engine, module);
        engine.drain();
        engine.jobs.clear();
        let file = engine.modules[module as usize].file;
        if engine.exhausted && !engine.exhausted_files.contains(&file) {
            engine.exhausted_files.push(file);
        }
        engine.late.clear();
    }
    make_app(engine);
    // Each file has been noted by itself.
    engine.exhausted = false;
}

/// Calls the function of the program's entry that makes the app, where there is one.
fn make_app(engine: &mut Engine<'_>) {
    for entry in engine.app.entries.clone() {
        let Some(&file) = engine.file_ids.get(&entry) else {
            continue;
        };
        let site = Site {
            at: Loc::start(file),
            key: hash_of(("make app", file)),
        };
        for module in engine.file_modules[file as usize].clone() {
            let exports = engine.exports_of(module);
            for name in &engine.tables.names().app_factories {
                let name = engine.intern(name);
                let function = engine.read_quietly(&exports, name, site);
                let functions = engine.functions_in(&function);
                engine.call(&functions, Value::undefined(), Args::default(), site);
            }
        }
    }
    engine.drain();
}

/// The definition that a component file's default export, or its set-up block, stands for.
fn define_component(engine: &mut Engine<'_>, module: u32) {
    let file = engine.modules[module as usize].file;
    let facts = engine.files[file as usize].clone();
    let path = engine.path(file);
    let is_part = engine.app.part_of(&path).next().is_some();
    if facts.kind != FileKind::Component
        && !(is_part && facts.template.is_none() && &*engine.app.framework != "native")
    {
        return;
    }
    if engine.defs.iter().any(|d| d.file == file) {
        return;
    }
    let site = Site {
        at: Loc::start(file),
        key: hash_of(("component file", file, module)),
    };
    let exports = engine.exports_of(module);
    let mut options = Value::none();
    for id in exports.objects().collect::<Vec<_>>() {
        options.join(&engine.own_value(id, engine.k.default));
    }
    let mut objects = Value::none();
    for atom in options.iter() {
        let Atom::Obj(id) = atom else { continue };
        match engine.st.kind(id) {
            Kind::Class { .. } if facts.kind == FileKind::Component => {
                objects.join(&engine.construct(&Value::of(atom), Args::default(), site.sub(1)));
            }
            Kind::Plain | Kind::Instance { .. } | Kind::Role { .. } => {
                objects.push(atom);
            }
            _ => {}
        }
    }
    let last = engine.file_modules[file as usize].last() == Some(&module);
    if objects.is_empty() {
        if facts.kind == FileKind::Component && last {
            engine.setup_def(file);
        }
        return;
    }
    if objects
        .objects()
        .any(|id| matches!(engine.st.kind(id), Kind::Role { .. }))
    {
        return;
    }
    engine.define_in(Role::Options, &objects, site.key, site.at, file);
}

/// Observers get what they observe.
fn watch(engine: &mut Engine<'_>, def: u32) {
    let instance = engine.instance(def);
    let this = Value::obj(instance);
    let data = engine.data_object(def);
    let at = engine.defs[def as usize].at;
    engine.renew_data(def);
    let key = hash_of((engine.ctx, "provide"));
    engine.provide(def, Site { at, key });
    let key = hash_of((engine.ctx, "relate"));
    engine.relate(def, Site { at, key });
    let slot = engine.intern("[observers]");
    let observers = engine.own_value(instance, slot);
    let names = engine.tables.names();
    for object in observers.objects().collect::<Vec<_>>() {
        let cell = engine.st.cell(object);
        for (path, prop) in cell.props.iter() {
            let Prop::Value(value) = prop else { continue };
            let site = Site {
                at,
                key: hash_of((engine.ctx, object, path.0)),
            };
            let mut functions = engine.functions_in(value);
            for id in value.objects().collect::<Vec<_>>() {
                for key in &names.observer_handler_keys {
                    let key = engine.intern(key);
                    let inner = engine.own_value(id, key);
                    functions.join(&engine.functions_in(&inner));
                }
            }
            for name in engine.constant_names(value) {
                let method = engine.read(&this, name, site);
                functions.join(&engine.functions_in(&method));
            }
            if functions.is_empty() {
                continue;
            }
            let text = engine.txt(path);
            let mut args = Vec::new();
            for one in text.split(',') {
                let mut at_value = Value::obj(data);
                for key in one
                    .trim()
                    .trim_end_matches(".**")
                    .split(['.', '[', ']'])
                    .filter(|k| !k.is_empty())
                {
                    if key == "**" {
                        continue;
                    }
                    let key = engine.intern(key);
                    at_value = engine.read(&at_value, key, site);
                }
                args.push(at_value);
            }
            if args.len() == 1 {
                args.push(args[0].clone());
            }
            engine.call(&functions, this.clone(), Args::of(args), site.sub(1));
        }
    }
}

/// Life cycles of a component class.
fn render_hooks(engine: &mut Engine<'_>, component: &Value, props: &Value, site: Site) {
    let names = engine.tables.names();
    for id in component.objects().collect::<Vec<_>>() {
        if let Kind::Hook {
            hook: Hook::Connected,
            ..
        } = engine.st.kind(id)
        {
            if engine.view_depth < MAX_CONNECTED {
                engine.view_depth += 1;
                let (inner, props) = engine.disconnected(id, props, site.sub(3));
                render_hooks(engine, &inner, &props, site.sub(4));
                engine.view_depth -= 1;
            }
            continue;
        }
        if !matches!(engine.st.kind(id), Kind::Class { .. }) {
            continue;
        }
        let instance = engine.construct(&Value::obj(id), Args::default(), site.sub(1));
        let name = engine.k.props;
        engine.write(&instance, name, props, true, None);
        engine.keep_class_state(id, &instance);
        let hooks: Vec<Arc<str>> = names.entry.iter().chain(&names.hooks).cloned().collect();
        for hook in hooks {
            let name = engine.intern(&hook);
            for object in instance.objects().collect::<Vec<_>>() {
                if let Some(method) = engine.own(object, name, instance.clone(), site) {
                    let functions = engine.functions_in(&method);
                    let args = match names.props_hooks.iter().any(|known| **known == *hook) {
                        true => Args::of(vec![props.clone()]),
                        false => Args::default(),
                    };
                    if !functions.is_empty() {
                        engine.call(
                            &functions,
                            instance.clone(),
                            args,
                            site.sub(hash_of(&*hook)),
                        );
                    }
                }
            }
        }
        for hook in &names.share_hook {
            let name = engine.intern(&hook.name);
            for object in instance.objects().collect::<Vec<_>>() {
                if let Some(method) = engine.own(object, name, instance.clone(), site) {
                    let functions = engine.functions_in(&method);
                    engine.share(
                        &hook.name,
                        &functions,
                        instance.clone(),
                        site.sub(hash_of(&*hook.name)),
                    );
                }
            }
        }
    }
}
