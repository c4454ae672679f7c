//! Functions of frameworks, by their kind in `queries/flow/frameworks.toml`: state hooks, composition, stores.

use super::deferred::How;
use super::engine::{Args, Engine, Job, Site, hash_of};
use super::eval::Keys;
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Value};
use crate::facts::names::Name;
use crate::rules::FlowTables;
use crate::syntax::BlockRole;

/// The module and the name that the path of a native has.
fn framework_name(path: &str) -> (&str, &str) {
    match path.strip_prefix("import:") {
        Some(path) => path.rsplit_once('.').unwrap_or((path, "default")),
        None => path.rsplit_once('.').unwrap_or(("", path)),
    }
}

/// So many fields of an object are gone through.
const MAX_FIELDS: usize = 12;

/// What kind of framework function a native is, by its path.
pub(super) fn framework_kind_of<'t>(tables: &'t FlowTables, path: &str) -> Option<&'t str> {
    let (module, name) = framework_name(path);
    tables
        .framework(name, module)
        .or_else(|| tables.framework(name, &module.to_lowercase()))
}

impl<'a> Engine<'a> {
    /// A function of a framework; `None` if the path is none.
    pub fn framework_function(
        &mut self,
        text: &str,
        kind: Option<&str>,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        if text.starts_with("@this.") {
            return Some(Value::undefined());
        }
        let kind = kind?;
        if kind == "share" {
            let (_, name) = framework_name(text);
            let functions = self.functions_in(&args.get(0));
            self.share(name, &functions, Value::undefined(), site);
            return Some(Value::undefined());
        }
        if kind == "list-method" {
            let (_, name) = framework_name(text);
            return Some(self.list_function(name, args, site));
        }
        self.framework_kind(kind, args, site)
    }

    fn framework_kind(&mut self, kind: &str, args: &Args, site: Site) -> Option<Value> {
        let first = args.get(0);
        Some(match kind {
            "state" => {
                let initial = self.called_or_itself(&first, site.sub(201));
                let cell = self.state_cell(site);
                self.st.edit(cell).elem.join(&initial);
                let value = self.st.cell(cell).elem.clone();
                let setter = self.setter(cell, site);
                Value::obj(self.array(site.sub(202), vec![value, setter]))
            }
            "reducer" => {
                let cell = self.state_cell(site);
                self.st.edit(cell).elem.join(&args.get(1));
                let value = self.st.cell(cell).elem.clone();
                let reducer = self.functions_in(&first);
                let kind = Kind::Bound {
                    target: reducer,
                    this: Value::undefined(),
                    args: vec![value.clone()],
                };
                let reduce = Value::obj(self.st.alloc(site.sub(203).key, kind).0);
                let name = self.intern("reducer");
                self.put_prop(cell, name, &reduce, true);
                let target = Value::obj(cell);
                let id = self.hook(site.sub(204), Hook::Dispatch, target);
                Value::obj(self.array(site.sub(202), vec![value, Value::obj(id)]))
            }
            "ref" => {
                let key = site.sub(205).key;
                let id = self.st.pinned(key, || Kind::Plain);
                for name in [self.k.value, self.k.current] {
                    self.put_prop(id, name, &first, false);
                }
                Value::obj(id)
            }
            "to-ref" => {
                let id = self.object(site.sub(206));
                let keys = self.keys_in(&args.get(1));
                let value = self.read_keys(&first, &keys, site);
                let name = self.k.value;
                self.put_prop(id, name, &value, true);
                Value::obj(id)
            }
            "to-refs" => {
                // Each field becomes a reference to it; reading goes through to what the object holds.
                let id = self.object(site.sub(207));
                for object in first.objects().collect::<Vec<_>>() {
                    let cell = self.st.cell(object);
                    for (name, _) in cell.props.iter() {
                        let reference = self.field_reference(object, name, site);
                        self.put_prop(id, name, &Value::obj(reference), true);
                    }
                }
                let held = first.symbols().next().is_some();
                if held {
                    self.spread_into(id, &first, &[]);
                }
                Value::obj(id)
            }
            "unref" => self.unref(&first),
            "clone" => self.copy(&first, site),
            "reactive" | "identity" | "observable" => first,
            "element" => self.element_call(args, site),
            "rendered" => {
                // As if the file that asks for it had exported the component.
                if let Some(&module) = self.running.last() {
                    let (file, name) = (self.modules[module as usize].file, self.k.default);
                    self.rendered.insert(file);
                    for exports in self.exports_of(module).objects().collect::<Vec<_>>() {
                        self.put_prop(exports, name, &first, true);
                    }
                }
                Value::undefined()
            }
            "expose" => {
                // Whoever has a reference to the component sees it.
                for id in self.setup_instance(site).objects() {
                    for object in first.objects().collect::<Vec<_>>() {
                        self.copy_fields(object, id, false);
                    }
                }
                Value::undefined()
            }
            "memo" => {
                let functions = self.functions_in(&first);
                self.call(
                    &functions,
                    Value::undefined(),
                    Args::default(),
                    site.sub(208),
                )
            }
            "callback" | "debounce" | "action" | "promisify" => self.callable_in(&first),
            "computed" => {
                let mut functions = self.functions_in(&first);
                for id in first.objects().collect::<Vec<_>>() {
                    if matches!(self.st.kind(id), Kind::Plain) {
                        let get = self.intern("get");
                        functions.join(&self.own_value(id, get));
                    }
                }
                let id = self.object(site.sub(209));
                let kind = Kind::Bound {
                    target: functions,
                    this: Value::undefined(),
                    args: Vec::new(),
                };
                let (get, _) = self.st.alloc(site.sub(210).key, kind);
                let name = self.k.value;
                *self.st.edit(id).props.entry(name) = Prop::Accessor {
                    get: Value::obj(get),
                    set: Value::none(),
                };
                Value::obj(id)
            }
            "effect" | "lifecycle" | "query-lifecycle" | "late-lifecycle" | "watch"
                if self.in_setup() =>
            {
                let how = match kind {
                    "watch" => How::Watcher,
                    "query-lifecycle" => How::QueryHook,
                    "late-lifecycle" => How::LateHook,
                    _ => How::Hook,
                };
                self.defer(how, &args.list, site);
                Value::undefined()
            }
            "effect" | "lifecycle" | "query-lifecycle" => {
                let functions = self.functions_in(&first);
                let list = if kind == "query-lifecycle" {
                    vec![self.query_here(site)]
                } else {
                    Vec::new()
                };
                self.later(functions, list, site.sub(211));
                Value::undefined()
            }
            "late-lifecycle" => {
                // They see what the others left, also what came later than they were named.
                let functions = self.functions_in(&first);
                let before = self.jobs.len();
                self.later(functions, Vec::new(), site.sub(211));
                let late = self.jobs.split_off(before);
                self.late.extend(late);
                Value::undefined()
            }
            "query" => {
                let id = self.object(site.sub(212));
                let query = self.query_here(site);
                for name in ["params", "query"] {
                    let name = self.intern(name);
                    self.put_prop(id, name, &query, true);
                }
                Value::obj(id)
            }
            "watch" => {
                let (function, list) = self.watcher(first, args.get(1), site);
                let functions = self.functions_in(&function);
                self.later(functions, list, site.sub(213));
                Value::undefined()
            }
            "props" => self.setup_props(&first, site),
            "emits" => {
                let target = self.setup_instance(site);
                Value::obj(self.hook(site.sub(215), Hook::Emit, target))
            }
            "imperative" => {
                let functions = self.functions_in(&args.get(1));
                let handle = self.call(
                    &functions,
                    Value::undefined(),
                    Args::default(),
                    site.sub(227),
                );
                self.refer(&first, &handle, site.sub(228));
                Value::undefined()
            }
            "persist-plugin" | "persist-reducer" | "persist-state" => {
                let (options, maker) = match kind {
                    "persist-state" => (args.get(1), first),
                    _ => (first, args.get(1)),
                };
                self.persisting(&options, &maker, site)
            }
            "model" => self.setup_model(&first, site),
            "instance" => self.current_instance(site),
            "template-ref" => {
                let key = self.constant_names(&first).first().copied();
                let file = self.running_file(site);
                let key = hash_of(("template ref", file, key.map(|n| n.0)));
                let id = self.st.pinned(key, || Kind::Plain);
                Value::obj(id)
            }
            // What is made of it is made of the framework itself.
            "vue-app" => self.native("Vue", 0),
            "mixin-all" => {
                self.mix_into_all(&first, site);
                self.native("Vue", 0)
            }
            "component-all" if args.list.len() < 2 => {
                return Some(self.define(crate::rules::flow_tables::Role::Options, &first, site));
            }
            "component-all" => args.get(1),
            "context" => {
                // One cell for each context: whoever provides writes it, whoever uses reads it.
                if first
                    .objects()
                    .next()
                    .is_some_and(|id| matches!(self.st.kind(id), Kind::Collection))
                {
                    let mut out = Value::none();
                    for id in first.objects().collect::<Vec<_>>() {
                        out.join(&self.st.cell(id).elem.clone());
                    }
                    return Some(out);
                }
                let id = self.st.pinned(site.sub(216).key, || Kind::Collection);
                self.st.edit(id).elem.join(&first);
                let name = self.intern("Provider");
                let value = Value::obj(id);
                self.put_prop(id, name, &value, true);
                value
            }
            "provide" => {
                for name in self.constant_names(&first) {
                    let text = self.txt(name);
                    let cell = self.named("provided", &text);
                    self.st.edit(cell).elem.join(&args.get(1));
                }
                Value::undefined()
            }
            "inject" => {
                let mut out = Value::none();
                for name in self.constant_names(&first) {
                    let text = self.txt(name);
                    let cell = self.named("provided", &text);
                    out.join(&self.st.cell(cell).elem.clone());
                }
                out
            }
            "store" if self.is_made_of_reducers(&first) => self.redux_store(&first, site),
            "store" => self.store(&first, site),
            "store-id" => self.store_with_id(args, site),
            "store-hook" => self.store_hook(&first, site),
            "slice" => self.slice(&first, site),
            "thunk" => self.thunk(&args.get(1), site),
            "selector-of" => self.selector_of(args, site),
            // Outside of any component: called when what it reads has changed.
            "reaction" => {
                let how = match self.functions_in(&args.get(1)).is_empty() {
                    true => How::Hook,
                    false => How::Watcher,
                };
                self.defer(how, &args.list, site);
                Value::undefined()
            }
            "redux-store" => self.redux_store(&first, site),
            "use-store" => {
                let functions = self.functions_in(&first);
                let state = self.states();
                if functions.is_empty() {
                    let stores = self.named("store", "all");
                    return Some(self.st.cell(stores).elem.clone());
                }
                self.call(
                    &functions,
                    Value::undefined(),
                    Args::of(vec![state]),
                    site.sub(217),
                )
            }
            "dispatch" => self.dispatcher(site.sub(218)),
            "connect" => {
                let id = self.hook(site.sub(219), Hook::Connect, Value::none());
                for (slot, value) in [("[map]", first), ("[actions]", args.get(1))] {
                    let slot = self.intern(slot);
                    self.put_prop(id, slot, &value, true);
                }
                Value::obj(id)
            }
            "map-state" | "map-actions" => self.mapped(kind, args, site),
            "promisify-all" => {
                let target = args.get(1);
                for id in target.objects().collect::<Vec<_>>() {
                    // Every method of the platform, on another object.
                    let slot = self.intern("[platform]");
                    self.put_prop(id, slot, &first, true);
                    self.st.edit(id).rest.join(&first);
                }
                target
            }
            "assign" => {
                return self.language_function("Object.assign", args, site);
            }
            "get" => {
                let mut out = Value::none();
                for path in self.constant_names(&args.get(1)) {
                    let text = self.txt(path);
                    let keys = text.split(['.', '[', ']']).filter(|k| !k.is_empty());
                    out.join(&self.read_path(&first, keys, site));
                }
                out.joined(&args.get(2))
            }
            "pick" => {
                let id = self.object(site);
                for name in self.names_among(args) {
                    let value = self.read(&first, name, site);
                    self.put_prop(id, name, &value, true);
                }
                Value::obj(id)
            }
            "omit" => {
                let without = self.names_among(args);
                let id = self.object(site);
                self.spread_into(id, &first, &without);
                Value::obj(id)
            }
            "pick-by" => {
                let id = self.object(site);
                self.spread_into(id, &first, &[]);
                Value::obj(id)
            }
            "each" => {
                self.list_function("forEach", args, site);
                first
            }
            "list-part" => {
                let all = self.elements(&first);
                self.list_of(None, all, site)
            }
            "list-item" => self.elements(&first),
            "define" => self.define(crate::rules::flow_tables::Role::Options, &first, site),
            "store-bindings" => {
                let names = self.elements_of_option(&args.get(1), "fields", site);
                let stores = self.option(&args.get(1), "store", site);
                let page = args.get(0);
                for name in self.constant_names(&names) {
                    let value = self.read(&stores, name, site);
                    for id in page.objects().collect::<Vec<_>>() {
                        if let Kind::Role { def } = *self.st.kind(id) {
                            let data = self.data_object(def);
                            self.put_prop(data, name, &value, false);
                        }
                    }
                }
                first
            }
            _ => return None,
        })
    }

    /// What the method of lists of that name does with the first argument of a function; an object is gone through by its
    /// fields, and their names.
    fn list_function(&mut self, name: &str, args: &Args, site: Site) -> Value {
        let mut lists = Value::none();
        let mut given = Value::none();
        let function = self.functions_in(&args.get(1));
        for atom in args.get(0).iter() {
            let Atom::Obj(id) = atom else {
                lists.push(atom);
                continue;
            };
            if function.is_empty() || matches!(self.st.kind(id), Kind::Array | Kind::Collection) {
                lists.push(atom);
                continue;
            }
            for (index, (key, value)) in self.values_of(id).into_iter().enumerate().take(MAX_FIELDS)
            {
                let call = vec![value, Value::of(Atom::Str(key)), Value::obj(id)];
                let at = site.sub(270 + index as u64);
                given.join(&self.call(&function, Value::undefined(), Args::of(call), at));
            }
        }
        if lists.is_empty() {
            return self.list_of(None, given, site);
        }
        let method = self.intern(name);
        let rest = Args::of(args.list.iter().skip(1).cloned().collect());
        self.call_method(&lists, method, rest, site.sub(269))
    }

    /// The names among all but the first argument, and in lists there.
    fn names_among(&mut self, args: &Args) -> Vec<Name> {
        let mut names = Vec::new();
        for arg in args.list.iter().skip(1) {
            let listed = self.elements(arg);
            names.extend(self.constant_names(arg));
            names.extend(self.constant_names(&listed));
        }
        names
    }

    pub fn option(&mut self, options: &Value, name: &str, site: Site) -> Value {
        let name = self.intern(name);
        self.read_quietly(options, name, site)
    }

    fn elements_of_option(&mut self, options: &Value, name: &str, site: Site) -> Value {
        let list = self.option(options, name, site);
        self.elements(&list)
    }

    pub fn constant_names(&self, value: &Value) -> Vec<Name> {
        value
            .iter()
            .filter_map(|atom| match atom {
                Atom::Str(name) => Some(name),
                _ => None,
            })
            .collect()
    }

    pub fn called_or_itself(&mut self, value: &Value, site: Site) -> Value {
        let functions = self.functions_in(value);
        if functions.is_empty() {
            value.clone()
        } else {
            self.call(&functions, Value::undefined(), Args::default(), site)
        }
    }

    /// Runs functions when the code at hand has ended.
    pub fn later(&mut self, callee: Value, args: Vec<Value>, site: Site) {
        if !callee.is_empty() {
            let job = self.job(callee, args, site);
            self.jobs.push_back(Job {
                failure_of: self.failure_of,
                success_of: self.success_of,
                ..job
            });
        }
    }

    fn state_cell(&mut self, site: Site) -> Id {
        self.st.pinned(site.sub(200).key, || Kind::Plain)
    }

    /// The state of a component written as a class lives on between two renderings.
    pub fn keep_class_state(&mut self, class: Id, instance: &Value) {
        let key = hash_of(("class state", self.st.key(class)));
        let kept = self.st.pinned(key, || Kind::Plain);
        let name = self.intern("state");
        self.write(instance, name, &Value::obj(kept), false, None);
    }

    /// `this.setState(changes or function, then)` of a component written as a class.
    pub fn set_class_state(
        &mut self,
        this: &Value,
        name: Name,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        let text = self.txt(name);
        if !self.tables.names().set_data.iter().any(|n| **n == *text) {
            return None;
        }
        let name = self.intern("state");
        let state = self.read(this, name, site);
        let functions = self.functions_in(&args.get(0));
        let changes = if functions.is_empty() {
            args.get(0)
        } else {
            let list = vec![state.clone()];
            self.call(
                &functions,
                Value::undefined(),
                Args::of(list),
                site.sub(222),
            )
        };
        for id in state.objects().collect::<Vec<_>>() {
            self.set_data(id, &changes, site);
        }
        let then = self.functions_in(&args.get(1));
        self.later(then, Vec::new(), site.sub(223));
        Some(Value::undefined())
    }

    fn setter(&mut self, cell: Id, site: Site) -> Value {
        let target = Value::obj(cell);
        Value::obj(self.hook(site.sub(220), Hook::SetState, target))
    }

    pub fn unref(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id) if self.st.cell(id).props.get(self.k.value).is_some() => {
                    let name = self.k.value;
                    let at = super::value::Loc::default();
                    let site = Site {
                        at,
                        key: hash_of(("unref", id)),
                    };
                    out.join(&self.read(&Value::of(atom), name, site));
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    /// `{value}` that stands for a field of an object.
    fn field_reference(&mut self, object: Id, field: Name, site: Site) -> Id {
        let key = hash_of(("field reference", self.st.key(object), field.0));
        let (id, _) = self.st.alloc(key, Kind::Plain);
        let hook = self.hook(
            site.sub(u64::from(field.0)),
            Hook::Field(field),
            Value::obj(object),
        );
        let name = self.k.value;
        *self.st.edit(id).props.entry(name) = Prop::Accessor {
            get: Value::obj(hook),
            set: Value::obj(hook),
        };
        id
    }

    /// Whether the top level of a set-up block runs.
    fn in_setup(&self) -> bool {
        let is_setup = |&m: &u32| self.modules[m as usize].role == BlockRole::ScriptSetup;
        self.running.last().is_some_and(is_setup)
    }

    /// A call of an engine function; `own` is its object.
    pub fn call_hook(
        &mut self,
        own: Id,
        hook: Hook,
        target: &Value,
        args: Args,
        site: Site,
    ) -> Value {
        match hook {
            Hook::Linker => self.require_linked(&args.get(0)),
            Hook::Default => self.default_of(target, site),
            Hook::SetState => {
                let functions = self.functions_in(&args.get(0));
                for id in target.objects().collect::<Vec<_>>() {
                    let old = self.st.cell(id).elem.clone();
                    let value = if functions.is_empty() {
                        args.get(0)
                    } else {
                        self.call(
                            &functions,
                            Value::undefined(),
                            Args::of(vec![old]),
                            site.sub(222),
                        )
                    };
                    let value = self.sy.step(&value, site.at, super::value::What::Stored);
                    self.st.edit(id).elem.join(&value);
                }
                Value::undefined()
            }
            Hook::Emit => {
                self.emit(target, &args, site);
                Value::undefined()
            }
            Hook::Field(name) => {
                if args.list.is_empty() {
                    return self.read(target, name, site);
                }
                self.write(target, name, &args.get(0), true, Some(site.at));
                Value::undefined()
            }
            Hook::Dispatch => self.dispatch(target, args, site),
            Hook::Patch => {
                let functions = self.functions_in(&args.get(0));
                let value = if functions.is_empty() {
                    args.get(0)
                } else {
                    self.call(
                        &functions,
                        Value::undefined(),
                        Args::of(vec![target.clone()]),
                        site.sub(224),
                    )
                };
                for id in target.objects().collect::<Vec<_>>() {
                    for from in value.objects().collect::<Vec<_>>() {
                        if from != id {
                            let value = self.sy.step(
                                &Value::obj(from),
                                site.at,
                                super::value::What::Stored,
                            );
                            self.spread_into(id, &value, &[]);
                        }
                    }
                }
                Value::undefined()
            }
            Hook::Action => self.slice_action(own, target, &args, site),
            Hook::Thunk => self.run_thunk(own, target, &args, site),
            Hook::Dispatched => self.dispatched(target, args, site),
            Hook::Connect => self.connected(own, &args.get(0), site),
            // A component: rendered, not called.
            Hook::Connected => Value::plain(),
            Hook::Case => self.add_case(target, &args, own),
            Hook::Selector => self.run_selector(target, &args, site),
            Hook::Subscribe { state_first } => {
                self.subscribe(target, state_first, &args, site);
                Value::undefined()
            }
            Hook::Mapped { field, action } => self.mapped_member(field, action, target, args, site),
            Hook::UseStore => {
                let functions = self.functions_in(&args.get(0));
                let state = match target.objects().next() {
                    Some(id) if matches!(self.st.kind(id), Kind::Plain) => Value::obj(id),
                    _ => target.clone(),
                };
                if functions.is_empty() {
                    return state;
                }
                self.call(
                    &functions,
                    Value::undefined(),
                    Args::of(vec![state]),
                    site.sub(223),
                )
            }
        }
    }

    // ---- stores

    /// Whether what a store is made of is a reducer, or an object of nothing but reducers.
    fn is_made_of_reducers(&mut self, options: &Value) -> bool {
        if !self.functions_in(options).is_empty() {
            return true;
        }
        let parts = ["state", "mutations", "actions", "getters", "modules"];
        let parts = parts.map(|part| self.intern(part));
        let ids: Vec<Id> = options.objects().collect();
        !ids.is_empty()
            && ids.into_iter().all(|id| {
                let cell = self.st.cell(id);
                let mut props = cell.props.iter();
                cell.props.len() > 0
                    && props.all(|(name, prop)| match prop {
                        Prop::Value(value) => {
                            !parts.contains(&name) && !self.functions_in(value).is_empty()
                        }
                        Prop::Accessor { .. } => false,
                    })
            })
    }

    /// A store of options: state, getters, mutations, actions, modules.
    fn store(&mut self, options: &Value, site: Site) -> Value {
        let id = self.st.pinned(site.sub(230).key, || Kind::Plain);
        self.build_store(id, options, site, 0);
        let all = self.named("store", "all");
        self.st.edit(all).elem.push(Atom::Obj(id));
        // It is on every component as `$store`.
        let cell = self.named("on every instance", "$store");
        self.any_on_instances = true;
        self.st.edit(cell).elem.push(Atom::Obj(id));
        let state = self.intern("state");
        let value = self.own_value(id, state);
        let states = self.named("store", "state");
        self.st.edit(states).elem.join(&value);
        let subscribe = self.subscriber(&value, false, site);
        let name = self.intern("subscribe");
        self.put_prop(id, name, &subscribe, true);
        let plugins = self.option(options, "plugins", site);
        self.run_plugins(&plugins, &Value::obj(id), &value, site);
        // Some stores have the functions that map them as methods.
        for kind in ["map-state", "map-actions"] {
            for name in self.tables.framework_names(kind) {
                let function = self.native(name, 0);
                let name = self.intern(name);
                self.put_prop(id, name, &function, true);
            }
        }
        Value::obj(id)
    }

    fn build_store(&mut self, id: Id, options: &Value, site: Site, depth: u32) {
        let state_name = self.intern("state");
        let made = self.option(options, "state", site);
        let made = self.called_or_itself(&made, site.sub(231));
        // What is read of it before it is filled is read again.
        let state = self.st.pinned(site.sub(232).key, || Kind::Plain);
        for object in made.objects().collect::<Vec<_>>() {
            self.copy_fields(object, state, false);
        }
        let state = Value::obj(state);
        self.put_prop(id, state_name, &state, false);
        for group in ["getters", "mutations", "actions"] {
            let functions = self.option(options, group, site);
            let slot = self.intern(&format!("[{group}]"));
            let old = self.own_value(id, slot);
            self.put_prop(id, slot, &old.joined(&functions), true);
        }
        // Getters are read as fields.
        let getters_name = self.intern("getters");
        let getters = self.st.pinned(site.sub(233).key, || Kind::Plain);
        let functions = self.option(options, "getters", site);
        for object in functions.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(object);
            for (name, prop) in cell.props.iter() {
                if let Prop::Value(function) = prop {
                    let kind = Kind::Bound {
                        target: function.clone(),
                        this: Value::undefined(),
                        args: vec![state.clone(), Value::obj(getters), state.clone()],
                    };
                    let (get, _) = self
                        .st
                        .alloc(site.sub(hash_of(("getter", name.0))).key, kind);
                    *self.st.edit(getters).props.entry(name) = Prop::Accessor {
                        get: Value::obj(get),
                        set: Value::none(),
                    };
                }
            }
        }
        self.put_prop(id, getters_name, &Value::obj(getters), true);
        let target = Value::obj(id);
        for name in ["commit", "dispatch"] {
            let hook = self.hook(site.sub(hash_of(name)), Hook::Dispatch, target.clone());
            let name = self.intern(name);
            self.put_prop(id, name, &Value::obj(hook), true);
        }
        if depth > 3 {
            return;
        }
        // Other stores that it is joined of.
        let joined = self.option(options, "deps", site);
        for object in joined.objects().collect::<Vec<_>>() {
            for (name, inner) in self.values_of(object) {
                for inner in inner.objects().collect::<Vec<_>>() {
                    self.add_module(id, &state, name, inner, site);
                }
            }
        }
        let modules = self.option(options, "modules", site);
        for object in modules.objects().collect::<Vec<_>>() {
            for (name, module) in self.values_of(object) {
                let at = site.sub(hash_of(("module", name.0)));
                let inner = self.st.pinned(at.sub(230).key, || Kind::Plain);
                self.build_store(inner, &module, at, depth + 1);
                self.add_module(id, &state, name, inner, site);
            }
        }
    }

    /// A module's state is a field of the store's, its getters and functions are the store's too.
    fn add_module(&mut self, id: Id, state: &Value, name: Name, inner: Id, site: Site) {
        let state_name = self.intern("state");
        let inner_state = self.own_value(inner, state_name);
        for s in state.objects().collect::<Vec<_>>() {
            self.put_prop(s, name, &inner_state, false);
        }
        let slot = self.intern("[modules]");
        let holder = self.st.pinned(site.sub(234).key, || Kind::Plain);
        self.put_prop(holder, name, &Value::obj(inner), true);
        self.put_prop(id, slot, &Value::obj(holder), true);
        let getters_name = self.intern("getters");
        let own = self.own_value(id, getters_name);
        let theirs = self.own_value(inner, getters_name);
        let module = self.txt(name);
        for from in theirs.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(from);
            for (getter, prop) in cell.props.iter() {
                let text = self.txt(getter);
                for to in own.objects().collect::<Vec<_>>() {
                    for name in [format!("{module}/{text}"), text.to_string()] {
                        let name = self.intern(&name);
                        if self.st.cell(to).props.get(name).is_none() {
                            *self.st.edit(to).props.entry(name) = prop.clone();
                        }
                    }
                }
            }
        }
    }

    /// `commit(type, payload)` and `dispatch(type, payload)`, or `dispatch(action)`.
    pub fn dispatch(&mut self, target: &Value, args: Args, site: Site) -> Value {
        let mut out = Value::none();
        let first = args.get(0);
        let all = self.named("store", "state");
        let is_action = first
            .objects()
            .any(|id| matches!(self.st.kind(id), Kind::Plain));
        if is_action && target.objects().any(|id| id == all) {
            self.reduce(&first, site);
        }
        for store in target.objects().collect::<Vec<_>>() {
            let reducer_name = self.intern("reducer");
            let reducer = self.own_value(store, reducer_name);
            if !reducer.is_empty() {
                let value = self.call(
                    &reducer,
                    Value::undefined(),
                    Args::of(vec![first.clone()]),
                    site.sub(240),
                );
                self.st.edit(store).elem.join(&value);
            }
            if let Keys::Names(types) = self.keys_in(&first) {
                for name in types {
                    let text = self.txt(name);
                    out.join(&self.store_call(store, &text, &args.get(1), site, 0));
                }
            } else {
                // `commit({type, …})`.
                let name = self.k.typ;
                let types = self.read_quietly(&first, name, site);
                for name in self.constant_names(&types) {
                    let text = self.txt(name);
                    out.join(&self.store_call(store, &text, &first, site, 0));
                }
            }
        }
        // Thunks: `dispatch(async dispatch => …)`.
        let functions = self.functions_in(&first);
        if !functions.is_empty() {
            let dispatch = self.hook(site.sub(241), Hook::Dispatch, target.clone());
            let get = self.state_getter(site);
            out.join(&self.call(
                &functions,
                Value::undefined(),
                Args::of(vec![Value::obj(dispatch), get]),
                site.sub(242),
            ));
        }
        out.joined(&first)
    }

    fn store_call(
        &mut self,
        store: Id,
        name: &str,
        payload: &Value,
        site: Site,
        depth: u32,
    ) -> Value {
        let mut out = Value::none();
        let state_name = self.intern("state");
        let state = self.own_value(store, state_name);
        let last = name.rsplit(['/', '.']).next().unwrap_or(name).to_string();
        let (full, short) = (self.intern(name), self.intern(&last));
        for (group, is_action) in [("[mutations]", false), ("[actions]", true)] {
            let slot = self.intern(group);
            let functions = self.own_value(store, slot);
            for object in functions.objects().collect::<Vec<_>>() {
                for key in [full, short] {
                    let function = self.own_value(object, key);
                    if function.is_empty() {
                        continue;
                    }
                    let first = if is_action {
                        self.action_context(store, &state, site)
                    } else {
                        state.clone()
                    };
                    let args = Args::of(vec![first, payload.clone()]);
                    let this = Value::obj(store);
                    out.join(&self.call(
                        &function,
                        this,
                        args,
                        site.sub(hash_of((group, key.0, depth))),
                    ));
                    if full == short {
                        break;
                    }
                }
            }
        }
        if depth < 4 {
            let slot = self.intern("[modules]");
            let modules = self.own_value(store, slot);
            for holder in modules.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(holder);
                for (module, prop) in cell.props.iter() {
                    let module_name = self.txt(module);
                    // A path names the module; a bare name may be in any.
                    let rest = name
                        .strip_prefix(&*module_name)
                        .and_then(|r| r.strip_prefix(['/', '.']));
                    let inner_name = match rest {
                        Some(rest) => rest.to_string(),
                        None if !name.contains(['/', '.']) => name.to_string(),
                        None => continue,
                    };
                    if let Prop::Value(inner) = prop {
                        for inner in inner.objects().collect::<Vec<_>>() {
                            let at = site.sub(u64::from(module.0));
                            out.join(&self.store_call(inner, &inner_name, payload, at, depth + 1));
                        }
                    }
                }
            }
        }
        out
    }

    fn action_context(&mut self, store: Id, state: &Value, site: Site) -> Value {
        let id = self.object(site.sub(hash_of(("context", store))));
        let cell = self.st.cell(store);
        for name in ["state", "getters", "commit", "dispatch"] {
            let name = self.intern(name);
            if let Some(Prop::Value(value)) = cell.props.get(name) {
                self.put_prop(id, name, value, true);
            }
        }
        let root = self.intern("rootState");
        self.put_prop(id, root, state, true);
        Value::obj(id)
    }

    /// `defineStore(id, {state, getters, actions})` or `defineStore(id, () => {…})`.
    fn store_with_id(&mut self, args: &Args, site: Site) -> Value {
        let options = if args.list.len() > 1 {
            args.get(1)
        } else {
            args.get(0)
        };
        let id = self.st.pinned(site.sub(250).key, || Kind::Plain);
        let functions = self.functions_in(&options);
        if functions.is_empty() {
            let state = self.option(&options, "state", site);
            let state = self.called_or_itself(&state, site.sub(251));
            for object in state.objects().collect::<Vec<_>>() {
                self.copy_fields(object, id, false);
            }
            let this = Value::obj(id);
            let actions = self.option(&options, "actions", site);
            for object in actions.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(object);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(function) = prop {
                        let kind = Kind::Bound {
                            target: function.clone(),
                            this: this.clone(),
                            args: Vec::new(),
                        };
                        let (bound, _) = self
                            .st
                            .alloc(site.sub(hash_of(("action", name.0))).key, kind);
                        self.put_prop(id, name, &Value::obj(bound), true);
                    }
                }
            }
            let getters = self.option(&options, "getters", site);
            for object in getters.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(object);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(function) = prop {
                        let kind = Kind::Bound {
                            target: function.clone(),
                            this: this.clone(),
                            args: vec![this.clone()],
                        };
                        let (get, _) = self
                            .st
                            .alloc(site.sub(hash_of(("getter", name.0))).key, kind);
                        *self.st.edit(id).props.entry(name) = Prop::Accessor {
                            get: Value::obj(get),
                            set: Value::none(),
                        };
                    }
                }
            }
        } else {
            let made = self.call(
                &functions,
                Value::undefined(),
                Args::default(),
                site.sub(252),
            );
            for object in made.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(object);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(value) = prop {
                        // References are read as their values.
                        let mut kept = Value::none();
                        for atom in value.iter() {
                            match atom {
                                Atom::Obj(r)
                                    if self.st.cell(r).props.get(self.k.value).is_some() =>
                                {
                                    let at = site.sub(hash_of(("store ref", name.0)));
                                    let field = Hook::Field(self.k.value);
                                    let hook = self.hook(at, field, Value::of(atom));
                                    *self.st.edit(id).props.entry(name) = Prop::Accessor {
                                        get: Value::obj(hook),
                                        set: Value::obj(hook),
                                    };
                                }
                                other => {
                                    kept.push(other);
                                }
                            }
                        }
                        if !kept.is_empty() {
                            self.put_prop(id, name, &kept, true);
                        }
                    }
                }
            }
        }
        self.store_helpers(id, site);
        let target = Value::obj(id);
        for options in [&options, &args.get(2)] {
            self.kept_by_options(options, &target, site);
        }
        Value::obj(self.hook(site.sub(253), Hook::UseStore, target))
    }

    fn store_helpers(&mut self, id: Id, site: Site) {
        let patch = self.hook(site.sub(254), Hook::Patch, Value::obj(id));
        for name in ["$patch", "setState"] {
            let name = self.intern(name);
            self.put_prop(id, name, &Value::obj(patch), true);
        }
        let state = self.intern("$state");
        self.put_prop(id, state, &Value::obj(id), true);
        let subscribe = self.subscriber(&Value::obj(id), false, site);
        let name = self.intern("$subscribe");
        self.put_prop(id, name, &subscribe, true);
    }

    /// `create((set, get) => ({…}))`.
    fn store_hook(&mut self, function: &Value, site: Site) -> Value {
        let id = self.st.pinned(site.sub(260).key, || Kind::Plain);
        let target = Value::obj(id);
        let makers = self.kept_by_makers(function, &target, site);
        let functions = self.functions_in(&makers);
        let set = self.hook(site.sub(261), Hook::Patch, target.clone());
        let get = self.hook(site.sub(262), Hook::UseStore, target.clone());
        if functions.is_empty() {
            // `create<T>()(…)`: the next call brings the function.
            return self.native("import:zustand.create", 0);
        }
        let list = vec![Value::obj(set), Value::obj(get), target.clone()];
        let made = self.call(
            &functions,
            Value::undefined(),
            Args::of(list),
            site.sub(263),
        );
        for object in made.objects().collect::<Vec<_>>() {
            if object != id {
                self.copy_fields(object, id, false);
            }
        }
        let hook = self.hook(site.sub(264), Hook::UseStore, target);
        let subscribe = self.subscriber(&Value::obj(id), true, site);
        let name = self.intern("subscribe");
        self.put_prop(hook, name, &subscribe, true);
        for (name, function) in [("getState", get), ("setState", set)] {
            let name = self.intern(name);
            self.put_prop(hook, name, &Value::obj(function), true);
        }
        Value::obj(hook)
    }

    /// What a mapped member reads or calls.
    fn mapped_member(
        &mut self,
        field: Name,
        action: bool,
        holder: &Value,
        args: Args,
        site: Site,
    ) -> Value {
        let mut out = Value::none();
        let names =
            ["[function]", "[prefix]", "[stores]", "state", "getters"].map(|n| self.intern(n));
        let [
            function_slot,
            prefix_slot,
            stores_slot,
            state_slot,
            getters_slot,
        ] = names;
        for id in holder.objects().collect::<Vec<_>>() {
            let stores = self.own_value(id, stores_slot);
            let prefix = self.own_value(id, prefix_slot);
            let prefix = self.constant_names(&prefix).first().copied();
            let function = self.own_value(id, function_slot);
            for store in stores.objects().collect::<Vec<_>>() {
                if action {
                    let text = self.txt(field);
                    out.join(&self.store_call(store, &text, &args.get(0), site, 0));
                    let own = self.own_value(store, field);
                    if !own.is_empty() {
                        out.join(&self.call(&own, Value::obj(store), args.clone(), site.sub(291)));
                    }
                    continue;
                }
                let mut state = self.own_value(store, state_slot);
                if let Some(prefix) = prefix {
                    let inner = self.read(&state, prefix, site);
                    if inner.objects().next().is_some() {
                        state = inner;
                    }
                }
                if !function.is_empty() {
                    let getters = self.own_value(store, getters_slot);
                    let list = if state.is_empty() {
                        vec![Value::obj(store)]
                    } else {
                        vec![state, getters]
                    };
                    out.join(&self.call(
                        &function,
                        Value::undefined(),
                        Args::of(list),
                        site.sub(292),
                    ));
                    continue;
                }
                let getters = self.own_value(store, getters_slot);
                if let Some(prefix) = prefix {
                    // The module's own getter comes before one of the same name elsewhere.
                    let path = format!("{}/{}", self.txt(prefix), self.txt(field));
                    let path = self.intern(&path);
                    for object in getters.objects().collect::<Vec<_>>() {
                        if let Some(value) = self.own(object, path, Value::obj(object), site) {
                            out.join(&value);
                        }
                    }
                }
                for place in [state, getters, Value::obj(store)] {
                    for object in place.objects().collect::<Vec<_>>() {
                        if let Some(value) = self.own(object, field, Value::obj(object), site) {
                            out.join(&value);
                        }
                    }
                }
            }
        }
        out
    }

    /// `mapState([...])`, `mapState('module', [...])`, `mapActions({...})`.
    fn mapped(&mut self, kind: &str, args: &Args, site: Site) -> Value {
        let list = if args.list.len() > 1 {
            args.get(1)
        } else {
            args.get(0)
        };
        let out = self.object(site.sub(290));
        let stores = self.named("store", "all");
        let mut sources = self.st.cell(stores).elem.clone();
        // A store given first: `mapState(useUserStore, [...])`.
        let given = args.get(0);
        for id in given.objects().collect::<Vec<_>>() {
            if let Kind::Hook {
                hook: Hook::UseStore,
                target,
            } = self.st.kind(id).clone()
            {
                sources = target;
            }
        }
        let prefix = self.constant_names(&given).first().map(|n| self.txt(*n));
        let mut pairs: Vec<(Name, Name, Value)> = Vec::new();
        for id in list.objects().collect::<Vec<_>>() {
            let is_list = matches!(self.st.kind(id), Kind::Array);
            let cell = self.st.cell(id);
            for (name, prop) in cell.props.iter() {
                if let Prop::Value(value) = prop {
                    for field in self.constant_names(value) {
                        let key = if is_list { field } else { name };
                        pairs.push((key, field, Value::none()));
                    }
                    let functions = self.functions_in(value);
                    if !functions.is_empty() && !is_list {
                        pairs.push((name, name, functions));
                    }
                }
            }
        }
        for (key, field, function) in pairs {
            let hook = Hook::Mapped {
                field,
                action: kind == "map-actions",
            };
            let holder = self.object(site.sub(hash_of(("mapped", key.0))));
            let (f, p) = (self.intern("[function]"), self.intern("[prefix]"));
            self.put_prop(holder, f, &function, true);
            if let Some(prefix) = &prefix {
                let prefix = self.str_value(prefix);
                self.put_prop(holder, p, &prefix, true);
            }
            let s = self.intern("[stores]");
            self.put_prop(holder, s, &sources, true);
            let id = self.hook(site.sub(hash_of(("map", key.0))), hook, Value::obj(holder));
            self.put_prop(out, key, &Value::obj(id), true);
        }
        Value::obj(out)
    }
}
