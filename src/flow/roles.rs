//! Pages, components, the app: what a definition makes of its options, and what `this` has in its methods.

use super::engine::{Args, Def, Engine, Site, hash_of, mix};
use super::eval::{ANY_KEY, Keys};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use crate::facts::names::Name;
use crate::rules::flow_tables::{Names as FlowNames, Role};
use std::sync::Arc;

/// A function that makes, or gives, pages, components or the app.
#[derive(Clone, Copy, Debug)]
pub(super) enum RoleFunction {
    /// Defines one.
    Define(Role),
    /// Gives its argument.
    Transparent,
    /// Gives the app.
    App,
    /// Gives the open pages.
    Pages,
}

/// The function of a native path.
pub(super) fn role_function_of(names: &FlowNames, path: &str) -> Option<RoleFunction> {
    let plain = path.strip_prefix("import:").unwrap_or(path);
    let last = plain.rsplit(['.', '/']).next().unwrap_or(plain);
    let role = names.define.get(path).or_else(|| {
        // By name alone only where the name is global or from a package that is not known.
        (path == last || path.starts_with("import:"))
            .then(|| names.define.get(last))
            .flatten()
    });
    let called = |list: &[Arc<str>]| {
        let member = |name: &Arc<str>| {
            let object = path.strip_suffix(&**name);
            object.is_some_and(|object| object.is_empty() || object.ends_with('.'))
        };
        list.iter().any(member)
    };
    match role {
        Some(role) => Some(RoleFunction::Define(*role)),
        None if names.transparent.iter().any(|n| **n == *path) => Some(RoleFunction::Transparent),
        None if called(&names.get_app) => Some(RoleFunction::App),
        None if called(&names.get_pages) => Some(RoleFunction::Pages),
        None => None,
    }
}

impl<'a> Engine<'a> {
    /// Functions that define something, or return what is defined.
    pub fn role_function(&mut self, function: RoleFunction, args: &Args, site: Site) -> Value {
        match function {
            RoleFunction::Define(role) => self.define(role, &args.get(0), site),
            RoleFunction::Transparent => args.get(0),
            RoleFunction::App => self.app_instance(),
            RoleFunction::Pages => self.open_pages(site),
        }
    }

    /// The app's object.
    pub fn app_instance(&mut self) -> Value {
        let cell = self.named("app", "");
        self.st.cell(cell).elem.clone()
    }

    fn open_pages(&mut self, site: Site) -> Value {
        let id = self.array(site, Vec::new());
        let Some(here) = self.here else {
            return Value::obj(id);
        };
        // The page at hand, and those that open it.
        let instance = self.instance(here);
        self.st.edit(id).elem.push(Atom::Obj(instance));
        for part in self.defs[here as usize].parts.clone() {
            let cell = self.named("opened by", &part.to_string());
            let openers = self.st.cell(cell).elem.clone();
            self.st.edit(id).elem.join(&openers);
        }
        Value::obj(id)
    }

    /// The object that is `this` in a definition's methods.
    pub fn instance(&mut self, def: u32) -> Id {
        let key = hash_of(("instance", self.defs[def as usize].key));
        self.st.pinned(key, || Kind::Role { def })
    }

    /// `Page({…})` and its kin.
    pub fn define(&mut self, role: Role, options: &Value, site: Site) -> Value {
        if role == Role::Behavior {
            return options.clone();
        }
        let file = match self.running.last() {
            Some(&module) => self.modules[module as usize].file,
            None => site.at.file,
        };
        self.define_in(role, options, site.key, site.at, file)
    }

    pub fn define_in(
        &mut self,
        role: Role,
        options: &Value,
        key: u64,
        at: Loc,
        file: u32,
    ) -> Value {
        let path = self.path(file);
        let parts: Vec<usize> = self.app.part_of(&path).collect();
        let role = match role {
            // A component's options may be those of a page, and of the app where the file is the app's.
            Role::Options if self.app.app.is_some_and(|a| parts.contains(&a)) => Role::App,
            role => role,
        };
        // What reaches the platform through one more function that was put around its own is the same page.
        let made: Vec<u64> = options.objects().map(|id| self.st.key(id)).collect();
        let same = |d: &Def| {
            d.key == key || (d.file == file && d.role == role && !made.is_empty() && d.made == made)
        };
        let def = match self.defs.iter().position(same) {
            Some(def) => def as u32,
            None => {
                self.defs.push(Def {
                    key,
                    role,
                    file,
                    parts,
                    at,
                    made,
                });
                (self.defs.len() - 1) as u32
            }
        };
        let instance = self.instance(def);
        let as_options = matches!(role, Role::Options) || self.uses_options(file);
        for object in options.objects().collect::<Vec<_>>() {
            self.merge_options(def, instance, object, as_options, 0);
        }
        if options.symbols().next().is_some() {
            let rest = options.clone();
            self.st.edit(instance).rest.join(&rest);
        }
        if role == Role::App {
            let cell = self.named("app", "");
            self.st.edit(cell).elem.push(Atom::Obj(instance));
        }
        self.data_object(def);
        Value::obj(instance)
    }

    /// Whether a file's definitions have their data on `this`.
    fn uses_options(&self, file: u32) -> bool {
        self.files
            .get(file as usize)
            .is_some_and(|f| matches!(f.kind, crate::syntax::FileKind::Component))
            && &*self.app.framework != "native"
    }

    fn in_list(list: &[Arc<str>], name: &str) -> bool {
        list.iter().any(|known| **known == *name)
    }

    /// Whether an option holds observers. A function under their name is a method like any other.
    fn lists_observers(&mut self, key: &str, value: &Value) -> bool {
        Self::in_list(&self.tables.names().observers_keys, key)
            && self.functions_in(value).is_empty()
    }

    /// Puts what options say on the instance.
    fn merge_options(&mut self, def: u32, instance: Id, options: Id, as_options: bool, depth: u32) {
        if depth > 4 {
            return;
        }
        let names = self.tables.names();
        let at = self.defs[def as usize].at;
        let is_class = matches!(self.st.kind(options), Kind::Instance { .. });
        let cell = self.st.cell(options);
        let fields: Vec<(Name, Prop)> = cell.props.iter().map(|(n, p)| (n, p.clone())).collect();
        if !cell.rest.is_empty() {
            let rest = cell.rest.clone();
            self.st.edit(instance).rest.join(&rest);
        }
        // Mixins first: own members come before them.
        for (name, prop) in &fields {
            let text = self.txt(*name);
            if Self::in_list(&names.mixins_keys, &text)
                && let Prop::Value(list) = prop
            {
                let mut all = self.elements(list);
                all.join(list);
                for class in all.objects().collect::<Vec<_>>() {
                    if matches!(self.st.kind(class), Kind::Class { .. }) {
                        let site = Site {
                            at,
                            key: hash_of(("class of a mixin", def, self.st.key(class))),
                        };
                        all.join(&self.construct(&Value::obj(class), Args::default(), site));
                    }
                }
                for mixin in all.objects().collect::<Vec<_>>() {
                    if matches!(self.st.kind(mixin), Kind::Plain | Kind::Instance { .. }) {
                        self.merge_options(def, instance, mixin, as_options, depth + 1);
                    }
                }
                if all
                    .iter()
                    .any(|a| matches!(a, Atom::Sym(..) | Atom::Native(..)))
                {
                    let unknown = self.intern("mixin");
                    let value = self.sy.fresh(Origin::Param { at, name: unknown });
                    self.st.edit(instance).rest.join(&value);
                }
            }
        }
        // Properties and data are there before anything runs.
        for (name, prop) in &fields {
            let text = self.txt(*name);
            let Prop::Value(value) = prop else { continue };
            if Self::in_list(&names.properties_keys, &text) {
                self.declare_properties(def, instance, value, as_options);
            }
        }
        for (name, prop) in &fields {
            let text = self.txt(*name);
            match prop {
                Prop::Value(value) if Self::in_list(&names.data_keys, &text) => {
                    self.initial_data(def, instance, *name, value, as_options);
                }
                Prop::Value(value) if Self::in_list(&names.methods_keys, &text) => {
                    self.add_methods(instance, value);
                }
                Prop::Value(value) if Self::in_list(&names.lifetimes_keys, &text) => {
                    self.add_methods(instance, value);
                }
                Prop::Value(_)
                    if Self::in_list(&names.mixins_keys, &text)
                        || Self::in_list(&names.properties_keys, &text) => {}
                Prop::Value(value) if self.lists_observers(&text, value) => {
                    let slot = self.intern("[observers]");
                    let old = self.present(instance, slot);
                    let all = old.joined(value);
                    self.put_prop(instance, slot, &all, true);
                }
                _ => {}
            }
        }
        for (name, prop) in &fields {
            let text = self.txt(*name);
            match prop {
                Prop::Value(value) if Self::in_list(&names.computed_keys, &text) => {
                    self.add_computed(def, instance, value, as_options);
                }
                Prop::Value(value) if Self::in_list(&names.setup_keys, &text) => {
                    self.run_setup(def, instance, value);
                }
                Prop::Value(value)
                    if Self::in_list(&names.data_keys, &text)
                        || Self::in_list(&names.methods_keys, &text)
                        || Self::in_list(&names.lifetimes_keys, &text)
                        || self.lists_observers(&text, value)
                        || Self::in_list(&names.mixins_keys, &text)
                        || Self::in_list(&names.properties_keys, &text) => {}
                Prop::Value(value) => {
                    // Life cycles of mixins run beside the own ones.
                    let old = self.present(instance, *name);
                    let value = if !old.is_empty() && names.is_hook(&text) {
                        old.joined(value)
                    } else {
                        value.clone()
                    };
                    self.put_prop(instance, *name, &value, true);
                }
                Prop::Accessor { .. } => {
                    *self.st.edit(instance).props.entry(*name) = prop.clone();
                }
            }
        }
        if is_class {
            // Methods of a class's instance come from its prototype.
            let Kind::Instance { proto } = self.st.kind(options).clone() else {
                return;
            };
            for up in proto.objects().collect::<Vec<_>>() {
                if up != options {
                    self.merge_class(instance, up, 0);
                }
            }
        }
    }

    fn merge_class(&mut self, instance: Id, proto: Id, depth: u32) {
        if depth > 5 {
            return;
        }
        let cell = self.st.cell(proto);
        for (name, prop) in cell.props.iter() {
            if name != self.k.constructor && self.st.now(instance).props.get(name).is_none() {
                *self.st.edit(instance).props.entry(name) = prop.clone();
            }
        }
        if let Kind::Instance { proto: up } = self.st.kind(proto).clone() {
            for next in up.objects().collect::<Vec<_>>() {
                if next != proto {
                    self.merge_class(instance, next, depth + 1);
                }
            }
        }
    }

    /// What an instance has under a name so far, while it is put together: no read, since nobody else does that.
    fn present(&self, id: Id, name: Name) -> Value {
        match self.st.now(id).props.get(name) {
            Some(Prop::Value(value)) => value.clone(),
            _ => Value::none(),
        }
    }

    pub fn own_value(&mut self, id: Id, name: Name) -> Value {
        match self.st.cell_for(id, name).props.get(name) {
            Some(Prop::Value(value)) => value.clone(),
            _ => Value::none(),
        }
    }

    /// Copies fields that are values, and nothing else, from one object to another.
    pub fn copy_fields(&mut self, from: Id, to: Id, strong: bool) {
        let cell = self.st.cell(from);
        for (name, prop) in cell.props.iter() {
            if let Prop::Value(value) = prop {
                self.put_prop(to, name, value, strong);
            }
        }
    }

    fn add_methods(&mut self, instance: Id, methods: &Value) {
        let names = self.tables.names();
        for object in methods.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(object);
            for (name, prop) in cell.props.iter() {
                if let Prop::Value(value) = prop {
                    let text = self.txt(name);
                    let old = self.present(instance, name);
                    let value = if names.is_hook(&text) {
                        old.joined(value)
                    } else {
                        value.clone()
                    };
                    self.put_prop(instance, name, &value, true);
                }
            }
            if !cell.rest.is_empty() || !cell.elem.is_empty() {
                let rest = cell.rest.clone().joined(&cell.elem);
                self.st.edit(instance).rest.join(&rest);
            }
        }
    }

    /// The view data of a definition; for those whose data lies on `this`, the instance.
    pub fn data_object(&mut self, def: u32) -> Id {
        let instance = self.instance(def);
        if self.is_options(def) {
            return instance;
        }
        let names = self.tables.names();
        let Some(key) = names.data_keys.first().cloned() else {
            return instance;
        };
        let key = self.intern(&key);
        if let Some(Prop::Value(value)) = self.st.cell_kept(instance, key).props.get(key)
            && let Some(id) = value.objects().next()
        {
            return id;
        }
        let cell = self
            .st
            .pinned(hash_of(("data", self.defs[def as usize].key)), || {
                Kind::Plain
            });
        self.put_prop(instance, key, &Value::obj(cell), true);
        cell
    }

    /// Whether a definition has its data on `this`.
    pub fn is_options(&self, def: u32) -> bool {
        let d = &self.defs[def as usize];
        matches!(d.role, Role::Options) || (d.role != Role::App && self.uses_options(d.file)) || {
            d.role == Role::App && self.uses_options(d.file)
        }
    }

    fn initial_data(&mut self, def: u32, instance: Id, key: Name, value: &Value, as_options: bool) {
        let at = self.defs[def as usize].at;
        let site = Site {
            at,
            key: mix(self.defs[def as usize].key, hash_of(("data", key.0))),
        };
        let functions = self.functions_in(value);
        let made = if functions.is_empty() {
            value.clone()
        } else {
            let slot = self.intern("[data]");
            self.put_prop(instance, slot, &functions, false);
            let this = Value::obj(instance);
            let made = self.call(&functions, this.clone(), Args::of(vec![this]), site);
            self.flatten(&made)
        };
        for object in made.objects().collect::<Vec<_>>() {
            self.loosen(object, 3);
        }
        if as_options {
            for object in made.objects().collect::<Vec<_>>() {
                self.copy_fields(object, instance, true);
                let rest = self.st.cell(object).rest.clone();
                self.st.edit(instance).rest.join(&rest);
            }
            return;
        }
        let data = self.data_object(def);
        for object in made.objects().collect::<Vec<_>>() {
            if object != data {
                self.spread_into(data, &Value::obj(object), &[]);
            }
        }
    }

    /// Initial data once more, made with what the properties are by now.
    pub fn renew_data(&mut self, def: u32) {
        let instance = self.instance(def);
        let slot = self.intern("[data]");
        let functions = self.own_value(instance, slot);
        if functions.is_empty() || !self.is_options(def) {
            return;
        }
        let names = self.tables.names();
        let Some(key) = names.data_keys.first() else {
            return;
        };
        let key = self.intern(key);
        let site = Site {
            at: self.defs[def as usize].at,
            // Not the objects of the first time: they hold what was written into them since.
            key: mix(self.defs[def as usize].key, hash_of(("renewed", key.0))),
        };
        let this = Value::obj(instance);
        let made = self.call(&functions, this.clone(), Args::of(vec![this]), site);
        for object in made.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(object);
            for (name, prop) in cell.props.iter() {
                if let Prop::Value(value) = prop
                    && self.symbols_in(value).symbols().next().is_some()
                {
                    self.put_prop(instance, name, value, false);
                }
            }
        }
    }

    /// What options say that a component gives to those inside of it.
    pub fn provide(&mut self, def: u32, site: Site) {
        let instance = self.instance(def);
        let names = self.tables.names();
        for key in &names.provide_keys {
            let key = self.intern(key);
            let given = self.own_value(instance, key);
            let functions = self.functions_in(&given);
            let given = match functions.is_empty() {
                true => given,
                false => self.call(&functions, Value::obj(instance), Args::default(), site),
            };
            for object in given.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(object);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(value) = prop {
                        let text = self.txt(name);
                        let provided = self.named("provided", &text);
                        self.st.edit(provided).elem.join(value);
                    }
                }
            }
        }
    }

    /// A member that a component takes from those around it.
    pub fn injected(&mut self, instance: Id, name: Name, site: Site) -> Option<Value> {
        let names = self.tables.names();
        for key in &names.inject_keys {
            let key = self.intern(key);
            let wanted = self.own_value(instance, key);
            for id in wanted.objects().collect::<Vec<_>>() {
                let mut from = self.own_value(id, name);
                if matches!(self.st.kind(id), Kind::Array) {
                    let all = self.elements(&wanted);
                    from = match self.constant_names(&all).contains(&name) {
                        true => Value::of(Atom::Str(name)),
                        false => Value::none(),
                    };
                }
                let inner = self.intern("from");
                from.join(&self.read_quietly(&from.clone(), inner, site));
                if let Some(&from) = self.constant_names(&from).first() {
                    let text = self.txt(from);
                    let cell = self.named("provided", &text);
                    return Some(self.st.cell(cell).elem.clone());
                }
            }
        }
        None
    }

    /// Empty and boolean fields of initial data are places for what comes at run time: conditions on them say nothing.
    fn loosen(&mut self, object: Id, depth: u32) {
        if depth == 0 || !matches!(self.st.kind(object), Kind::Plain) {
            return;
        }
        let empty = self.k.empty;
        for (name, value) in self.values_of(object) {
            match value.single() {
                Some(Atom::Undefined | Atom::Null | Atom::Bool(_)) => {}
                Some(Atom::Str(text)) if text == empty => {}
                Some(Atom::Num(number)) if number == self.k.zero => {}
                Some(Atom::Obj(inner)) if inner != object => {
                    self.loosen(inner, depth - 1);
                    continue;
                }
                _ => continue,
            }
            let open = value.clone().joined(&Value::plain());
            self.put_prop(object, name, &open, true);
        }
    }

    fn declare_properties(&mut self, def: u32, instance: Id, declared: &Value, as_options: bool) {
        let names = self.tables.names();
        let data = if as_options {
            instance
        } else {
            self.data_object(def)
        };
        for object in declared.objects().collect::<Vec<_>>() {
            let is_list = matches!(self.st.kind(object), Kind::Array);
            for (name, spec) in self.values_of(object) {
                let mut names_here = vec![name];
                let mut default = Value::undefined();
                if is_list {
                    names_here.clear();
                    for atom in spec.iter() {
                        if let Atom::Str(name) = atom {
                            names_here.push(name);
                        }
                    }
                } else {
                    for key in &names.property_default_keys {
                        let key = self.intern(key);
                        for id in spec.objects().collect::<Vec<_>>() {
                            let mut value = self.own_value(id, key);
                            let functions = self.functions_in(&value);
                            if !functions.is_empty() {
                                let at = self.defs[def as usize].at;
                                let site = Site {
                                    at,
                                    key: hash_of(("default", object, name.0)),
                                };
                                value = self.call(
                                    &functions,
                                    Value::undefined(),
                                    Args::default(),
                                    site,
                                );
                            }
                            default.join(&value);
                        }
                    }
                }
                for name in names_here {
                    let text = self.txt(name);
                    let cell = self.named("prop", &format!("{}/{text}", self.def_name(def)));
                    // What is handed over later is put there by whoever hands it over.
                    let given = self.st.now(cell).elem.clone();
                    let old = self.present(data, name);
                    let value = default.clone().joined(&given).joined(&old);
                    self.put_prop(data, name, &value, true);
                    for key in &names.property_observer_keys {
                        let key = self.intern(key);
                        for id in spec.objects().collect::<Vec<_>>() {
                            let observer = self.own_value(id, key);
                            if !observer.is_empty() {
                                self.add_observer(instance, name, &observer);
                            }
                        }
                    }
                }
            }
        }
    }

    fn add_observer(&mut self, instance: Id, path: Name, function: &Value) {
        let slot = self.intern("[observers]");
        let key = hash_of(("observers", self.st.key(instance)));
        let id = self.st.pinned(key, || Kind::Plain);
        self.put_prop(id, path, function, false);
        let old = self.present(instance, slot);
        self.put_prop(instance, slot, &old.joined(&Value::obj(id)), true);
    }

    /// A name for a definition in the keys of cells.
    pub fn def_name(&self, def: u32) -> String {
        format!("{:x}", self.defs[def as usize].key)
    }

    fn add_computed(&mut self, def: u32, instance: Id, computed: &Value, as_options: bool) {
        let target = if as_options {
            instance
        } else {
            self.data_object(def)
        };
        for object in computed.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(object);
            for (name, prop) in cell.props.iter() {
                let mut function = Value::none();
                let mut setter = Value::none();
                match prop {
                    Prop::Value(value) => {
                        function.join(&self.functions_in(value));
                        for id in value.objects().collect::<Vec<_>>() {
                            if matches!(self.st.kind(id), Kind::Plain) {
                                let (get, set) = (self.intern("get"), self.intern("set"));
                                function.join(&self.own_value(id, get));
                                setter.join(&self.own_value(id, set));
                            }
                        }
                    }
                    Prop::Accessor { get, .. } => {
                        function.join(get);
                    }
                }
                if function.is_empty() {
                    if let Prop::Value(value) = prop {
                        self.put_prop(target, name, value, false);
                    }
                    continue;
                }
                let this = Value::obj(instance);
                let key = hash_of(("computed", self.st.key(instance), name.0));
                let args = vec![Value::obj(target)];
                let kind = Kind::Bound {
                    target: function,
                    this: this.clone(),
                    args,
                };
                let (get, _) = self.st.alloc(key, kind);
                let set = if setter.is_empty() {
                    Value::none()
                } else {
                    let kind = Kind::Bound {
                        target: setter,
                        this,
                        args: Vec::new(),
                    };
                    Value::obj(self.st.alloc(mix(key, 1), kind).0)
                };
                *self.st.edit(target).props.entry(name) = Prop::Accessor {
                    get: Value::obj(get),
                    set,
                };
            }
            if !cell.rest.is_empty() || !cell.elem.is_empty() {
                let rest = cell.rest.clone().joined(&cell.elem);
                self.st.edit(instance).rest.join(&rest);
            }
        }
    }

    /// The set-up function of a component gives it its state and methods.
    fn run_setup(&mut self, def: u32, instance: Id, setup: &Value) {
        let functions = self.functions_in(setup);
        if functions.is_empty() {
            return;
        }
        let at = self.defs[def as usize].at;
        let site = Site {
            at,
            key: mix(self.defs[def as usize].key, hash_of("setup")),
        };
        let context = self.object(site.sub(1));
        let emit = self.intern("emit");
        let target = Value::obj(instance);
        let hook = self.hook(site.sub(2), super::state::Hook::Emit, target);
        self.put_prop(context, emit, &Value::obj(hook), true);
        let this = Value::obj(instance);
        let made = self.call(
            &functions,
            this.clone(),
            Args::of(vec![this, Value::obj(context)]),
            site.sub(3),
        );
        let made = self.flatten(&made);
        for object in made.objects().collect::<Vec<_>>() {
            if matches!(self.st.kind(object), Kind::Closure { .. }) {
                continue;
            }
            self.copy_fields(object, instance, true);
        }
    }

    // ---- members of `this`

    /// A member that an instance has without having been given one.
    pub fn role_member(&mut self, def: u32, instance: Id, name: Name, site: Site) -> Option<Value> {
        let text = self.txt(name);
        let names = self.tables.names();
        if Self::in_list(&names.set_data, &text) {
            return Some(self.native("@this.set-data", 0));
        }
        if Self::in_list(&names.set_path, &text) {
            return Some(self.native("@this.set-path", 0));
        }
        if Self::in_list(&names.trigger_event, &text) {
            let target = Value::obj(instance);
            let key = hash_of(("emit", self.st.key(instance)));
            let kind = Kind::Hook {
                hook: super::state::Hook::Emit,
                target,
            };
            return Some(Value::obj(self.st.alloc(key, kind).0));
        }
        if Self::in_list(&names.data_keys, &text) || Self::in_list(&names.properties_keys, &text) {
            let data = self.data_object(def);
            return Some(Value::obj(data));
        }
        if Self::in_list(&names.app_fields, &text) {
            let app = self.app_instance();
            return (!app.is_empty()).then_some(app);
        }
        if let Some(path) = names.this_fields.get(&*text) {
            // What the app put on all instances comes first.
            if let Some(value) = self.on_every_instance(name) {
                return Some(value);
            }
            let path = path.clone();
            return Some(self.native(&path, 0));
        }
        if names.this_returns.contains_key(&*text)
            || Self::in_list(&names.get_data, &text)
            || Self::in_list(&names.relation_nodes, &text)
            || Self::in_list(&names.select_component, &text)
            || Self::in_list(&names.delete_key, &text)
        {
            let path = format!("@this.{text}");
            return Some(self.native(&path, 0));
        }
        if let Some(query) = self.query_member(def, &text, site) {
            return Some(query);
        }
        let d = &self.defs[def as usize];
        if d.role == Role::App || self.is_options(def) {
            return self.framework_member(def, instance, &text, site);
        }
        // Frameworks put data on `this` beside their own place.
        if &*self.app.framework != "native" {
            let data = self.data_object(def);
            if data != instance
                && let Some(value) = self.own(data, name, Value::obj(data), site)
            {
                return Some(value);
            }
            return self.framework_member(def, instance, &text, site);
        }
        None
    }

    /// Calls of members that only instances have.
    pub fn call_this(&mut self, def: u32, name: Name, args: &Args, site: Site) -> Option<Value> {
        let text = self.txt(name);
        let names = self.tables.names();
        if Self::in_list(&names.set_data, &text) {
            let data = self.data_object(def);
            let mut used = 1;
            if let Keys::Names(paths) = self.keys_in(&args.get(0)) {
                // `setData(path, value)`.
                used = 2;
                let strong = paths.len() == 1;
                for path in paths {
                    let value = self.sy.step(&args.get(1), site.at, What::Stored);
                    self.set_path(data, path, &value, strong, site);
                }
            } else {
                self.set_data(data, &args.get(0), site);
            }
            self.run_callbacks(
                &Args::of(args.list.iter().skip(used).cloned().collect()),
                &Value::undefined(),
                site,
                None,
            );
            return Some(Value::undefined());
        }
        if Self::in_list(&names.after_update, &text) {
            self.run_callbacks(args, &Value::undefined(), site.sub(1), None);
            return Some(self.promise_of(&Value::undefined(), site));
        }
        if Self::in_list(&names.watch, &text) {
            let watched = self.watched_value(def, &args.get(0), site);
            let callbacks = Args::of(args.list.iter().skip(1).take(1).cloned().collect());
            self.run_callbacks(&callbacks, &watched, site.sub(1), None);
            return Some(Value::undefined());
        }
        if Self::in_list(&names.set_path, &text) && args.list.len() >= 2 {
            // `$set(object, key, value)` or `$set(path, value)`.
            if args.list.len() >= 3 {
                let keys = self.keys_in(&args.get(1));
                self.write_keys(&args.get(0), &keys, &args.get(2), None, Some(site.at));
            } else {
                let data = self.data_object(def);
                if let Keys::Names(paths) = self.keys_in(&args.get(0)) {
                    for path in paths {
                        self.set_path(data, path, &args.get(1), true, site);
                    }
                }
            }
            return Some(Value::undefined());
        }
        if Self::in_list(&names.delete_key, &text) {
            if let Keys::Names(names) = self.keys_in(&args.get(1))
                && let [name] = names[..]
            {
                self.delete(&args.get(0), name);
            }
            return Some(Value::undefined());
        }
        if let Some(kind) = names.this_returns.get(&*text) {
            let kind = kind.clone();
            return Some(self.native(&kind, 0));
        }
        if Self::in_list(&names.get_data, &text) {
            let data = Value::obj(self.data_object(def));
            return Some(self.at_paths(&data, &args.get(0), site));
        }
        if Self::in_list(&names.relation_nodes, &text) {
            let mut found = Value::none();
            for path in self.constant_names(&args.get(0)) {
                found.join(&self.related(def, path));
            }
            let list = self.array(site.sub(4), Vec::new());
            self.st.edit(list).elem.join(&found);
            return Some(Value::obj(list));
        }
        if Self::in_list(&names.select_component, &text) {
            return Some(self.selected_components(def));
        }
        None
    }

    /// What a path into an instance, or a function, gives.
    fn watched_value(&mut self, def: u32, what: &Value, site: Site) -> Value {
        let functions = self.functions_in(what);
        let this = Value::obj(self.instance(def));
        if !functions.is_empty() {
            return self.call(&functions, this, Args::default(), site.sub(2));
        }
        self.at_paths(&this, what, site)
    }

    /// What stands at constant paths, keys joined by `.`, below an object.
    fn at_paths(&mut self, object: &Value, paths: &Value, site: Site) -> Value {
        let mut out = Value::none();
        for path in self.constant_names(paths) {
            let path = self.txt(path);
            out.join(&self.read_path(object, path.split('.'), site));
        }
        out
    }

    /// The component that another one names by its path.
    fn related(&mut self, def: u32, path: Name) -> Value {
        let from = self.path(self.defs[def as usize].file);
        let to = self.txt(path);
        let app = self.app;
        let Some(file) = app.resolve(&from, &to) else {
            return Value::none();
        };
        let parts: Vec<usize> = app.part_of(file).collect();
        let mut out = Value::none();
        for part in parts {
            if let Some(related) = self.def_of_part(part) {
                out.push(Atom::Obj(self.instance(related)));
            }
        }
        out
    }

    /// Calls what a component does with those it is related to.
    pub fn relate(&mut self, def: u32, site: Site) {
        let instance = self.instance(def);
        let names = self.tables.names();
        for key in &names.relations_keys {
            let key = self.intern(key);
            let relations = self.own_value(instance, key);
            for object in relations.objects().collect::<Vec<_>>() {
                for (path, relation) in self.values_of(object) {
                    let related = self.related(def, path);
                    if related.is_empty() {
                        continue;
                    }
                    for hook in &names.relation_hooks {
                        let hook = self.intern(hook);
                        let function = self.read_quietly(&relation, hook, site);
                        let function = self.functions_in(&function);
                        let at = site.sub(hash_of((path.0, hook.0)));
                        let args = Args::of(vec![related.clone()]);
                        self.call(&function, Value::obj(instance), args, at);
                    }
                }
            }
        }
    }

    /// The components that a page's template uses: which one a selector means is not told apart.
    pub fn components_used(&mut self, def: u32) -> Value {
        self.selected_components(def)
    }

    pub fn declare_props(&mut self, def: u32, instance: Id, declared: &Value) {
        self.declare_properties(def, instance, declared, true);
    }

    fn selected_components(&mut self, def: u32) -> Value {
        let mut out = Value::none();
        let parts = self.defs[def as usize].parts.clone();
        for part in parts {
            let Some(part) = self.app.parts.get(part) else {
                continue;
            };
            for &used in part.uses.values() {
                if let Some(d) = self.def_of_part(used) {
                    let instance = self.instance(d);
                    out.push(Atom::Obj(instance));
                }
            }
        }
        if out.is_empty() {
            out.push(Atom::Undefined);
        }
        out
    }

    /// The definition of a part of the app.
    pub fn def_of_part(&self, part: usize) -> Option<u32> {
        self.defs
            .iter()
            .position(|d| d.parts.contains(&part) && d.role != Role::Behavior)
            .map(|d| d as u32)
    }

    /// `setData({…})`: keys are paths.
    pub fn set_data(&mut self, data: Id, changes: &Value, site: Site) {
        for atom in changes.iter() {
            match atom {
                Atom::Obj(object) => {
                    let cell = self.st.cell(object);
                    for (path, prop) in cell.props.iter() {
                        if let Prop::Value(value) = prop {
                            let value = self.sy.step(value, site.at, What::Stored);
                            self.set_path(data, path, &value, changes.0.len() == 1, site);
                        }
                    }
                    let rest = cell.rest.clone();
                    let elem = self.sy.step(&cell.elem, site.at, What::Stored);
                    let target = self.st.edit(data);
                    target.rest.join(&rest);
                    target.elem.join(&elem);
                }
                Atom::Sym(..) => {
                    self.st.edit(data).rest.push(atom);
                }
                _ => {}
            }
        }
    }

    /// Writes at a path such as `list[0].name`.
    pub fn set_path(&mut self, data: Id, path: Name, value: &Value, strong: bool, site: Site) {
        let text = self.txt(path);
        if !text.contains(['.', '[']) {
            self.note_alias(value, path, None);
            self.write(&Value::obj(data), path, value, strong, Some(site.at));
            return;
        }
        let keys: Vec<String> = text
            .split(['.', '[', ']'])
            .filter(|key| !key.is_empty())
            .map(str::to_string)
            .collect();
        let mut at = Value::obj(data);
        let mut parent = None;
        for (index, key) in keys.iter().enumerate() {
            let name = self.intern(key);
            let is_unknown = key.contains(ANY_KEY);
            if index + 1 == keys.len() {
                self.note_alias(value, name, parent);
                if is_unknown {
                    self.write_keys(&at, &Keys::Any(Value::none()), value, parent, Some(site.at));
                } else {
                    self.write(&at, name, value, strong, Some(site.at));
                }
                return;
            }
            let mut next = Value::none();
            if is_unknown {
                next = self.elements(&at);
            } else {
                for id in at.objects().collect::<Vec<_>>() {
                    next.join(&self.own_value(id, name));
                }
                for (sym, trace) in at.symbols().collect::<Vec<_>>() {
                    next.join(&self.read_symbol(sym, trace, name));
                }
            }
            next.0.retain(|a| matches!(a, Atom::Obj(_) | Atom::Sym(..)));
            if next.is_empty() {
                let made = self.object(site.sub(hash_of((&**key, index))));
                next = Value::obj(made);
                for id in at.objects().collect::<Vec<_>>() {
                    self.put_prop(id, name, &next, false);
                }
            }
            parent = Some(name);
            at = next;
        }
    }

    /// An event of a component, for whoever listens in a template.
    pub fn emit(&mut self, instance: &Value, args: &Args, site: Site) {
        let Keys::Names(events) = self.keys_in(&args.get(0)) else {
            return;
        };
        for id in instance.objects().collect::<Vec<_>>() {
            let Kind::Role { def } = *self.st.kind(id) else {
                continue;
            };
            for &event in &events {
                let text = self.txt(event);
                let key = format!(
                    "{}/{}",
                    self.def_name(def),
                    crate::rules::FlowTables::normal_event(&text)
                );
                let cell = self.named("component event", &key);
                for (index, value) in args.list.iter().skip(1).enumerate() {
                    let value = self.copy(value, site.sub(150 + index as u64));
                    let value = self.sy.step(&value, site.at, What::Stored);
                    let slot = self.index_name(index);
                    self.put_prop(cell, slot, &value, false);
                }
                // Buses made of components: `$emit` and `$on` by name.
                let key = format!("this/{text}");
                let bus = self.named("event", &key);
                for (index, value) in args.list.iter().skip(1).enumerate() {
                    let slot = self.index_name(index);
                    self.put_prop(bus, slot, value, false);
                }
            }
        }
    }

    /// What came to a page: its own cell of what the app puts into its address, and what else may be there.
    pub fn query_of(&mut self, def: u32, at: Loc, site: Site) -> Value {
        let parts = self.defs[def as usize].parts.clone();
        self.query_of_parts(&parts, at, site)
    }

    fn query_of_parts(&mut self, parts: &[usize], at: Loc, site: Site) -> Value {
        let id = self.object(site.sub(160));
        for part in parts {
            let cell = self.named("query", &part.to_string());
            let given = self.st.cell(cell);
            for (name, prop) in given.props.iter() {
                if let Prop::Value(value) = prop {
                    let value = self.sy.step(value, at, What::Read);
                    self.put_prop(id, name, &value, true);
                }
            }
        }
        let unknown = self.sy.fresh(Origin::Query { at });
        self.st.edit(id).rest.join(&unknown);
        Value::obj(id)
    }

    /// A member of a page that is, or leads to, its query.
    fn query_member(&mut self, def: u32, member: &str, site: Site) -> Option<Value> {
        let role = self.defs[def as usize].role;
        if role == Role::App || (role == Role::Component && !self.is_options(def)) {
            return None;
        }
        let fields = self.tables.names().query_fields.iter();
        let rest = fields
            .filter_map(|field| field.strip_prefix(member))
            .find(|rest| rest.is_empty() || rest.starts_with('.'))?;
        let mut value = self.query_of(def, site.at, site);
        for (index, key) in rest.rsplit('.').filter(|key| !key.is_empty()).enumerate() {
            let object = self.object(site.sub(170 + index as u64));
            let key = self.intern(key);
            self.put_prop(object, key, &value, true);
            value = Value::obj(object);
        }
        Some(value)
    }

    /// The query of the page at hand.
    pub fn query_here(&mut self, site: Site) -> Value {
        match self.here {
            Some(def) => self.query_of(def, site.at, site),
            // Set-up blocks and rendered functions: the page is the file they stand in.
            None => {
                let path = self.path(site.at.file);
                let parts: Vec<usize> = self.app.part_of(&path).collect();
                self.query_of_parts(&parts, site.at, site)
            }
        }
    }
}
