//! Entry points: which code is run, and how often, until nothing changes.

use super::FlowResult;
use super::deferred::Deferred;
use super::effects::{Bound, Effects};
use super::engine::{Engine, hash_of};
use super::entries::run_entry;
use super::state::{Kind, Prop};
use super::value::{Id, Value};
use crate::app::{App, PartKind};
use crate::facts::FileFacts;
use crate::facts::names::Name;
use crate::finding::Text;
use crate::rules::RuleSet;
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
pub(super) enum Entry {
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
    /// What code asked to be called later.
    Deferred(Deferred),
}

impl Entry {
    /// Whether nothing is known to call it.
    fn is_guess(&self) -> bool {
        matches!(self, Entry::Method { .. } | Entry::Exported { .. })
    }
}

pub(super) struct EntryState {
    pub entry: Entry,
    pub fx: Effects,
    pub dirty: bool,
    pub runs: u32,
    pub reads: Vec<(Id, u32)>,
    pub partial: bool,
    /// What the last run took; if it was given up, what it might have taken.
    pub steps: u32,
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
    pub entries: Vec<EntryState>,
    /// By cell: what of it was read, by which entry point.
    pub readers: Vec<Vec<(u32, u32)>>,
    pub known: FxHashSet<u64>,
    /// Steps of all runs.
    pub spent: u64,
    /// Labels of steps, by key and name.
    pub labels: FxHashMap<(&'static str, Arc<str>), Text>,
}

impl<'a> Run<'a> {
    /// All of a program's entry points, run until nothing changes.
    pub fn settled(engine: Engine<'a>) -> Run<'a> {
        let mut run = Run {
            engine,
            entries: Vec::new(),
            readers: Vec::new(),
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
            Entry::Deferred(deferred) => hash_of(("deferred", deferred.cell)),
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
            Entry::Deferred(deferred) => engine.def_of_file(deferred.at.file),
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
        let deferred = fx.deferred.clone();
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
        // Who read the same the last time is noted already.
        let before = std::mem::take(&mut state.reads);
        let mut noted = before.iter().peekable();
        for &read in &reads {
            while noted.next_if(|&&old| old < read).is_some() {}
            if noted.peek() == Some(&&read) {
                continue;
            }
            let cell = read.0 as usize;
            if self.readers.len() <= cell {
                self.readers
                    .resize_with(self.engine.st.len().max(cell + 1), Vec::new);
            }
            self.readers[cell].push((read.1, index as u32));
        }
        state.reads = reads;
        for change in changed {
            for &(what, reader) in self.readers.get(change.0 as usize).into_iter().flatten() {
                if change.1 == super::state::ALL || what == change.1 {
                    self.entries[reader as usize].dirty = true;
                }
            }
        }
        self.add_entries();
        for b in bound {
            self.add(Entry::Handler(b));
        }
        for deferred in deferred {
            self.add(Entry::Deferred(deferred));
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
    page && (&*engine.app.framework != "native" || engine.rendered.contains(&file))
}
