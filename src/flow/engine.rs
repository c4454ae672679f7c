//! The engine: one app's files as a program, and the state of its interpretation.

use super::call::last_words;
use super::effects::Effects;
use super::state::{Hook, Kind, Snapshot, State, Visited};
use super::value::{Atom, Id, Loc, Symbols, Value};
use crate::app::App;
use crate::facts::ir::{ExprId, FuncId, Slot, Unit};
use crate::facts::names::{Name, Names};
use crate::facts::{FileFacts, Placed};
use crate::rules::flow_tables::{Effect, ElementSink};
use crate::rules::{FlowTables, RuleSet};
use crate::syntax::BlockRole;
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// Expressions that one entry point may evaluate before it is given up, in an app that has cost little so far.
pub(super) const EARLY_STEPS: u32 = 12_000;
/// What an app may cost before [`ENTRY_STEPS`] is the limit.
pub(super) const EARLY: u64 = 240_000;
/// Expressions that one entry point may evaluate before it is given up.
pub(super) const ENTRY_STEPS: u32 = 6_000;
/// The same for a function that nothing is known to call.
pub(super) const GUESS_STEPS: u32 = 1_500;
/// The same once the app as a whole has cost too much.
pub(super) const LATE_STEPS: u32 = 1_200;
/// What an app may cost: a sum for all, and one for each file.
pub(super) const APP_STEPS: u64 = 150_000;
/// See [`APP_STEPS`].
pub(super) const FILE_STEPS: u64 = 6_000;
/// Calls deeper than this are not followed.
pub(super) const MAX_DEPTH: usize = 22;
/// How often a function may be in progress.
pub(super) const MAX_RECURSION: usize = 2;
/// How often a function may run in a chain of jobs of which each led to the next: one wrapper's callback may well be
/// several of them.
pub(super) const MAX_IN_CHAIN: usize = 4;

macro_rules! known {
    ($($field:ident = $text:expr),* $(,)?) => {
        /// Names that the engine asks for.
        #[derive(Debug)]
        pub(super) struct Known { $(pub $field: Name),* }
        impl Known {
            fn new(names: &Names) -> Known {
                Known { $($field: names.intern($text)),* }
            }
        }
    };
}
known! {
    kept = "\u{0}kept", empty = "", length = "length", prototype = "prototype", default = "default", exports = "exports",
    module = "module", require = "require", each = "[]", zero = "0", one = "1", value = "value", item = "item",
    catch = "catch", constructor = "constructor", current = "current", esmodule = "__esModule", typ = "type",
    props = "props", children = "children", name = "name", size = "size", then = "then", next = "next", get = "get",
    set = "set", held_keys = "\u{0}keys", to_primitive = "[symbol toPrimitive]", to_string = "toString",
    value_of = "valueOf", proto = "__proto__", write_trap = "\u{0}write trap", read_trap = "\u{0}read trap",
    trapped = "\u{0}trapped", to_json = "toJSON", reference = "ref", iterator = "[symbol iterator]",
    async_iterator = "[symbol asyncIterator]",
}

/// A script module.
pub(super) struct ModuleInfo {
    pub file: u32,
    pub role: BlockRole,
    /// Its top level; outermost functions follow.
    pub unit: u32,
    /// Top-level variables.
    pub slots: FxHashMap<Name, Slot>,
    /// The key of its frame.
    pub frame: u64,
    pub module_name: Option<Name>,
}

/// A unit of the program.
#[derive(Clone)]
pub(super) struct UnitRef {
    pub unit: Arc<Unit>,
    pub base: u32,
    pub file: u32,
    /// `u32::MAX` for template expressions.
    pub module: u32,
}

impl UnitRef {
    /// In a function of this unit, with a frame.
    pub fn cx(&self, unit_id: u32, frame: Id, func: FuncId) -> Cx<'_> {
        Cx {
            unit: &self.unit,
            unit_id,
            base: self.base,
            file: self.file,
            module: self.module,
            frame,
            func,
        }
    }
}

/// Where code is interpreted.
#[derive(Clone, Copy)]
pub(super) struct Cx<'u> {
    pub unit: &'u Unit,
    pub unit_id: u32,
    pub base: u32,
    pub file: u32,
    pub module: u32,
    pub frame: Id,
    pub func: FuncId,
}

impl Cx<'_> {
    pub fn loc(&self, span: Span) -> Loc {
        Loc {
            file: self.file,
            span: span.shifted(self.base),
        }
    }
}

/// Arguments of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Args {
    pub list: Vec<Value>,
    /// What a spread of unknown length holds.
    pub rest: Option<Value>,
    /// Where each argument stands.
    pub spans: Vec<Span>,
}

impl Args {
    pub fn of(list: Vec<Value>) -> Args {
        Args {
            list,
            ..Args::default()
        }
    }

    pub fn get(&self, index: usize) -> Value {
        match self.list.get(index) {
            Some(value) => value.clone(),
            None => self.rest.clone().unwrap_or_else(Value::undefined),
        }
    }

    pub fn all(&self) -> Value {
        let mut all = self.rest.clone().unwrap_or_default();
        for value in &self.list {
            all.join(value);
        }
        all
    }

    /// The arguments for one of several callees, by its index: the last one gets them, the others copies.
    pub fn for_one_of(&mut self, index: usize, count: usize) -> Args {
        if index + 1 == count {
            std::mem::take(self)
        } else {
            self.clone()
        }
    }

    pub fn span(&self, index: usize) -> Option<Span> {
        self.spans.get(index).copied()
    }
}

/// Where a call is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub at: Loc,
    /// The call itself and the calls that led here, as a key for what is made in it.
    pub key: u64,
}

impl Site {
    /// A place of its own within the site.
    pub fn sub(self, salt: u64) -> Site {
        Site {
            key: mix(self.key, salt),
            ..self
        }
    }
}

pub(super) fn mix(a: u64, b: u64) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    (a, b).hash(&mut hasher);
    hasher.finish()
}

pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A loop or `switch` in progress.
pub(super) struct Jump {
    pub label: Option<Name>,
    pub is_loop: bool,
    pub mark: usize,
    pub breaks: Vec<Snapshot>,
    pub continues: Vec<Snapshot>,
}

/// A `try` in progress.
pub(super) struct Guard {
    pub mark: usize,
    pub throws: Vec<Snapshot>,
    pub thrown: Value,
}

/// A function in progress.
pub(super) struct Activation {
    pub unit: u32,
    pub func: FuncId,
    pub site: Loc,
    /// The function as a value.
    pub closure: Id,
    /// What it was called on.
    pub this: Value,
    /// What it was called with.
    pub args: Vec<Value>,
    pub ret: Value,
    pub returns: Vec<Snapshot>,
    /// Number of its own mark; `None` if it needs none.
    pub mark: Option<usize>,
    pub jumps: Vec<Jump>,
    pub guards: Vec<Guard>,
    pub awaited: bool,
    /// The job that it belongs to, and its own link, if a job was made while it was in progress.
    pub chain: u32,
    pub link: Option<u32>,
    pub label: Option<Name>,
}

impl Activation {
    /// A function that begins.
    pub fn new(unit: u32, func: FuncId, site: Loc) -> Activation {
        Activation {
            unit,
            func,
            site,
            closure: 0,
            this: Value::none(),
            args: Vec::new(),
            ret: Value::none(),
            returns: Vec::new(),
            mark: None,
            jumps: Vec::new(),
            guards: Vec::new(),
            awaited: false,
            chain: 0,
            link: None,
            label: None,
        }
    }
}

/// Something to run when the code at hand has ended.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub callee: Value,
    pub this: Value,
    pub args: Vec<Value>,
    /// Instead of `args`: the value of this promise, when the job runs.
    pub promise: Option<Id>,
    /// Gets what the callee returns.
    pub result: Option<Id>,
    pub site: Site,
    /// The call whose failure it handles.
    pub failure_of: Option<Name>,
    /// Runs because of a person's doing.
    pub user: bool,
    /// The call whose success it handles.
    pub success_of: Option<Name>,
    /// The jobs that led to it: index into [`Engine::chains`].
    pub chain: u32,
}

/// A function that runs as a job, or that was in progress when one was made; and what led to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChainLink {
    pub parent: u32,
    pub unit: u32,
    pub func: FuncId,
    /// Of what was in progress: a hash of the call.
    pub call: Option<u64>,
}

/// A page, component or app that the code defines.
#[derive(Clone, Debug)]
pub(super) struct Def {
    pub key: u64,
    pub role: crate::rules::flow_tables::Role,
    pub file: u32,
    /// Parts of the app model whose script it is.
    pub parts: Vec<usize>,
    pub at: Loc,
    /// The objects with its methods and data, by the keys of their cells.
    pub made: Vec<u64>,
}

/// The engine.
pub(super) struct Engine<'a> {
    pub set: &'a RuleSet,
    pub tables: &'a FlowTables,
    pub names: &'a Names,
    pub app: &'a App,
    pub files: Vec<Arc<FileFacts>>,
    pub file_ids: FxHashMap<Arc<str>, u32>,
    pub modules: Vec<ModuleInfo>,
    /// Variables that a module exports and may still change, by module and own name: the name they are exported under.
    pub live_exports: FxHashMap<(u32, Name), Name>,
    /// Modules of a file.
    pub file_modules: Vec<Vec<u32>>,
    pub units: Vec<UnitRef>,
    /// Template expressions: (file, start of the expression) to unit.
    pub exprs: FxHashMap<(u32, u32), u32>,
    pub st: State,
    pub sy: Symbols,
    pub k: Known,
    pub platforms: Vec<Arc<str>>,
    pub jobs: VecDeque<Job>,
    /// Jobs that led to others; a job is named by its index here and one more, and 0 is code that is no job.
    pub chains: Vec<ChainLink>,
    /// The job that runs.
    pub chain: u32,
    /// Jobs for when there are no others.
    pub late: VecDeque<Job>,
    pub acts: Vec<Activation>,
    pub ctx: u64,
    pub steps: u32,
    /// How many steps the entry point at hand may take.
    pub limit: u32,
    pub exhausted: bool,
    /// Files whose top level was given up.
    pub exhausted_files: Vec<u32>,
    /// Modules in progress, and those done in this run.
    pub running: Vec<u32>,
    pub loaded: Vec<bool>,
    /// Files that hand a component to a framework's loader.
    pub rendered: rustc_hash::FxHashSet<u32>,
    /// Modules of chunks that ran in this run of the program's start.
    pub link_done: rustc_hash::FxHashSet<Name>,
    pub defs: Vec<Def>,
    /// Where what keeps a state was made, by the key of its cell.
    pub made_at: FxHashMap<u64, Loc>,
    /// Functions whose steps an object takes, by the key of its cell.
    pub generators: FxHashMap<u64, (u32, FuncId)>,
    /// Names of options that keep a state.
    pub persist_keys: Vec<Name>,
    pub fx: Effects,
    /// The platform call behind a promise.
    pub promised: FxHashMap<Id, Name>,
    pub drain_depth: u32,
    pub failure_of: Option<Name>,
    pub in_job: bool,
    pub success_of: Option<Name>,
    pub user: bool,
    /// The definition whose code runs.
    pub here: Option<u32>,
    /// Functions that were entered in any run: (unit, function).
    pub called: rustc_hash::FxHashSet<(u32, FuncId)>,
    pub natives: FxHashMap<(Name, Name), Name>,
    pub globals: FxHashMap<Name, Option<Value>>,
    /// Texts of names, by their number.
    pub texts: Vec<Option<Arc<str>>>,
    /// The scopes of the template expression at hand.
    pub scope: super::view::Scope,
    /// The named controls of the form in a script's element whose children are evaluated.
    pub form: Vec<(Name, Value)>,
    pub controls: Vec<super::view::ControlInfo>,
    pub control_ids: FxHashMap<(u32, u32), u32>,
    pub view_depth: u32,
    /// The code at hand is run although nothing is known to call it.
    pub guessing: bool,
    /// Whether code wrote into any symbol.
    pub any_attached: bool,
    /// What the user says of the app's functions.
    pub options: &'a super::Options,
    /// Says when nobody wants the result any more.
    pub cancelled: super::Cancelled<'a>,
    /// The call of a wrapper that the user has named, while it runs.
    pub wrapper: Option<(super::options::Wrapper, Loc, bool)>,
    /// The file whose values are noted.
    pub watched: Option<super::readings::Watch>,
    /// Events that attributes listen to, by the attribute's name.
    pub events: FxHashMap<Arc<str>, Option<Arc<str>>>,
    /// Where elements' attributes take data to, by tag and attribute.
    pub element_sinks: FxHashMap<u64, Rc<[&'a ElementSink]>>,
    /// What functions do to data, by their name.
    pub effects: FxHashMap<(Name, bool), Option<Effect>>,
    /// The code at hand says what a person sees.
    pub showing: bool,
    /// What tests say about answers, by unit and test.
    pub asked: FxHashMap<(u32, ExprId), super::outcome::Refusals>,
    /// Member expressions of units that ask so.
    pub members: FxHashMap<u32, super::outcome::Members>,
    /// Functions, by unit, and whether they do nothing but to reckon.
    pub reckoning: FxHashMap<(u32, FuncId), bool>,
    /// Objects that were seen in a search.
    pub seen: Visited,
    /// What is known of platform functions, by their path.
    pub native_functions: FxHashMap<Name, super::native::NativeFunction<'a>>,
    /// Keys of the cells with what the program put in their place.
    pub native_keys: FxHashMap<Name, u64>,
    /// Modules by who names them, and how.
    pub resolved: FxHashMap<(u32, Name), Option<u32>>,
    /// Names of the tables' texts, by where those stand.
    pub table_names: FxHashMap<usize, Name>,
    /// Whether the program put anything on all instances of its framework.
    pub any_on_instances: bool,
}

impl<'a> Engine<'a> {
    pub fn new(
        set: &'a RuleSet,
        app: &'a App,
        all: &BTreeMap<Arc<str>, Arc<FileFacts>>,
        options: &'a super::Options,
    ) -> Engine<'a> {
        let names: &Names = &set.names;
        let k = Known::new(names);
        let files: Vec<Arc<FileFacts>> = app
            .files
            .iter()
            .filter_map(|path| all.get(path).cloned())
            .collect();
        let persist_keys = set.tables.flow().names().persist.keys.iter();
        let mut engine = Engine {
            set,
            tables: set.tables.flow(),
            names,
            app,
            file_ids: files
                .iter()
                .enumerate()
                .map(|(i, f)| (f.path.clone(), i as u32))
                .collect(),
            modules: Vec::new(),
            live_exports: FxHashMap::default(),
            file_modules: Vec::new(),
            units: Vec::new(),
            exprs: FxHashMap::default(),
            st: State::default(),
            sy: Symbols::new(k.empty),
            k,
            platforms: vec!["".into()],
            jobs: VecDeque::new(),
            chains: Vec::new(),
            chain: 0,
            late: VecDeque::new(),
            acts: Vec::new(),
            ctx: 0,
            steps: 0,
            limit: ENTRY_STEPS,
            exhausted: false,
            exhausted_files: Vec::new(),
            running: Vec::new(),
            loaded: Vec::new(),
            rendered: Default::default(),
            link_done: Default::default(),
            defs: Vec::new(),
            made_at: FxHashMap::default(),
            generators: FxHashMap::default(),
            persist_keys: persist_keys.map(|key| names.intern(key)).collect(),
            fx: Effects::default(),
            promised: FxHashMap::default(),
            drain_depth: 0,
            failure_of: None,
            in_job: false,
            success_of: None,
            user: false,
            here: None,
            called: Default::default(),
            natives: FxHashMap::default(),
            globals: FxHashMap::default(),
            texts: Vec::new(),
            scope: Default::default(),
            form: Vec::new(),
            controls: Vec::new(),
            control_ids: FxHashMap::default(),
            view_depth: 0,
            guessing: false,
            any_attached: false,
            options,
            cancelled: &|| false,
            wrapper: None,
            watched: None,
            effects: FxHashMap::default(),
            showing: false,
            asked: FxHashMap::default(),
            members: FxHashMap::default(),
            reckoning: FxHashMap::default(),
            seen: Visited::default(),
            native_functions: FxHashMap::default(),
            native_keys: FxHashMap::default(),
            resolved: FxHashMap::default(),
            table_names: FxHashMap::default(),
            any_on_instances: false,
            events: FxHashMap::default(),
            element_sinks: FxHashMap::default(),
            files: Vec::new(),
        };
        for (index, facts) in files.iter().enumerate() {
            engine.load(index as u32, facts);
        }
        engine.loaded = vec![false; engine.modules.len()];
        engine.files = files;
        engine
    }

    fn load(&mut self, file: u32, facts: &FileFacts) {
        let mut mine = Vec::new();
        for module in &facts.modules {
            let index = self.modules.len() as u32;
            let unit = self.units.len() as u32;
            let add = |placed: &Placed| UnitRef {
                unit: placed.unit.clone(),
                base: placed.base,
                file,
                module: index,
            };
            self.units.push(add(&module.top));
            self.units.extend(module.children.iter().map(add));
            let slots = module.top.unit.funcs.first().map(|f| f.slots.as_slice());
            let slots = slots.unwrap_or(&[]).iter().enumerate();
            self.modules.push(ModuleInfo {
                file,
                role: module.role,
                unit,
                slots: slots.map(|(i, n)| (*n, i as Slot)).collect(),
                frame: hash_of(("module frame", index)),
                module_name: module.module_name,
            });
            mine.push(index);
        }
        self.file_modules.push(mine);
        if let Some(template) = &facts.template {
            for (span, placed) in &template.exprs {
                self.exprs
                    .insert((file, span.start), self.units.len() as u32);
                self.units.push(UnitRef {
                    unit: placed.unit.clone(),
                    base: placed.base,
                    file,
                    module: u32::MAX,
                });
            }
        }
    }

    /// The text of a name.
    pub fn txt(&mut self, name: Name) -> Arc<str> {
        let at = name.0 as usize;
        if let Some(Some(text)) = self.texts.get(at) {
            return text.clone();
        }
        let text = self.names.text(name);
        if self.texts.len() <= at {
            self.texts.resize(at + 1, None);
        }
        self.texts[at] = Some(text.clone());
        text
    }

    /// What a function does to the data that it is given, told by its name; of a path, by its last words.
    pub fn effect_of(&mut self, name: Name, is_path: bool) -> Option<Effect> {
        if let Some(&known) = self.effects.get(&(name, is_path)) {
            return known;
        }
        let text = self.txt(name);
        let shown = text.strip_prefix("$.").unwrap_or(&text);
        let effect = if is_path && self.options.sanitizes(shown) {
            Some(Effect::Masked)
        } else {
            let shown = if is_path { last_words(shown) } else { shown };
            self.tables.sanitizer(shown)
        };
        self.effects.insert((name, is_path), effect);
        effect
    }

    /// The event that an attribute listens to.
    pub fn event(&mut self, attribute: &str) -> Option<Arc<str>> {
        if let Some(known) = self.events.get(attribute) {
            return known.clone();
        }
        let event: Option<Arc<str>> = self.tables.event(attribute).map(Arc::from);
        self.events.insert(attribute.into(), event.clone());
        event
    }

    /// Where an attribute of an element takes data to.
    pub fn element_sinks(&mut self, tag: &str, attribute: &str) -> Rc<[&'a ElementSink]> {
        let tables = self.tables;
        let key = hash_of((tag, attribute));
        let made = self.element_sinks.entry(key);
        made.or_insert_with(|| tables.element_sink(tag, attribute).into())
            .clone()
    }

    pub fn path(&self, file: u32) -> Arc<str> {
        self.files
            .get(file as usize)
            .map(|f| f.path.clone())
            .unwrap_or_default()
    }

    /// The name of a text of the tables, which stay where they are.
    pub fn table_name(&mut self, text: &'a Arc<str>) -> Name {
        let names = self.names;
        let known = self.table_names.entry(text.as_ptr() as usize);
        *known.or_insert_with(|| names.intern(text))
    }

    pub fn intern(&self, text: &str) -> Name {
        self.names.intern(text)
    }

    pub fn str_value(&self, text: &str) -> Value {
        Value::of(Atom::Str(self.names.intern(text)))
    }

    /// The index of a platform id.
    pub fn platform(&mut self, id: &str) -> u16 {
        if let Some(at) = self.platforms.iter().position(|p| &**p == id) {
            return at as u16;
        }
        self.platforms.push(id.into());
        (self.platforms.len() - 1) as u16
    }

    pub fn native(&mut self, path: &str, platform: u16) -> Value {
        Value::of(Atom::Native(self.intern(path), platform))
    }

    /// The key of the cell with what the program put in a native's place.
    pub fn native_key(&mut self, path: Name) -> u64 {
        if let Some(&key) = self.native_keys.get(&path) {
            return key;
        }
        let key = hash_of(("native", &*self.txt(path)));
        self.native_keys.insert(path, key);
        key
    }

    /// `object.key` of a native path.
    pub fn native_member(&mut self, object: Name, key: Name) -> Name {
        if let Some(&name) = self.natives.get(&(object, key)) {
            return name;
        }
        let text = format!("{}.{}", self.txt(object), self.txt(key));
        let name = self.intern(&text);
        self.natives.insert((object, key), name);
        name
    }

    pub fn is_server(&self, file: u32) -> bool {
        self.files
            .get(file as usize)
            .is_some_and(|f| self.app.server.contains(&f.path))
    }

    /// A function of the engine's own, made at a site.
    pub fn hook(&mut self, site: Site, hook: Hook, target: Value) -> Id {
        self.st.alloc(site.key, Kind::Hook { hook, target }).0
    }

    /// To be run when the code at hand has ended.
    pub fn job(&mut self, callee: Value, args: Vec<Value>, site: Site) -> Job {
        let chain = self.chain_here();
        Job {
            callee,
            this: Value::undefined(),
            args,
            promise: None,
            result: None,
            site,
            failure_of: None,
            user: self.user,
            success_of: None,
            chain,
        }
    }

    /// A new plain object made at a site.
    pub fn object(&mut self, site: Site) -> Id {
        self.st.alloc(site.key, Kind::Plain).0
    }

    pub fn array(&mut self, site: Site, items: Vec<Value>) -> Id {
        let (id, again) = self.st.alloc(site.key, Kind::Array);
        for (index, item) in items.into_iter().enumerate() {
            let name = self.index_name(index);
            let cell = self.st.edit(id);
            if again || cell.summary {
                if let super::state::Prop::Value(value) = cell.props.entry(name) {
                    value.join(&item);
                }
            } else {
                *cell.props.entry(name) = super::state::Prop::Value(item);
            }
        }
        id
    }

    pub fn index_name(&mut self, index: usize) -> Name {
        match index {
            0 => self.k.zero,
            1 => self.k.one,
            _ => self.intern(&index.to_string()),
        }
    }

    pub fn unit(&self, id: u32) -> UnitRef {
        self.units[id as usize].clone()
    }

    /// The frame of a module's top level.
    pub fn module_frame(&mut self, module: u32) -> Id {
        let key = self.modules[module as usize].frame;
        if let Some(id) = self.st.find(key) {
            return id;
        }
        let id = self.st.pinned(key, || Kind::Frame {
            parent: None,
            home: None,
        });
        let slots = self.modules[module as usize].slots.len();
        let unit = self.modules[module as usize].unit;
        let slots = self.units[unit as usize]
            .unit
            .funcs
            .first()
            .map_or(slots, |f| f.slots.len());
        self.st.edit(id).slots.resize(slots + 1, Value::none());
        id
    }

    /// `module.exports` of a module, as the object that holds it under `exports`.
    pub fn module_object(&mut self, module: u32) -> Id {
        self.st.pinned(hash_of(("module", module)), || Kind::Plain)
    }

    /// A cell that lives as long as the program, by what it is for and a name.
    pub fn named(&mut self, what: &str, name: &str) -> Id {
        self.st.pinned(hash_of((what, name)), || Kind::Plain)
    }
}
