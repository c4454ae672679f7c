//! Set-up blocks and members of instances that frameworks give; hooks whose result leaves the app.
//!
//! Part of the engine; touches nothing but its state.

use super::effects::SinkEvent;
use super::engine::{Args, Engine, Site, hash_of};
use super::state::Kind;
use super::value::{Atom, Id, Loc, Value};

impl Engine<'_> {
    /// Calls a share hook and takes what it returns to the sink.
    pub fn share(&mut self, name: &str, functions: &Value, this: Value, site: Site) {
        let tables = self.tables;
        let Some(hook) = tables.names().share_hook(name) else {
            return;
        };
        if functions.is_empty() {
            return;
        }
        self.fx.note_props = true;
        let result = self.call(
            functions,
            this,
            Args::of(vec![Value::plain()]),
            site.sub(340),
        );
        let mut result = self.settled(&result);
        if let Some(promise) = &hook.promise {
            let key = self.intern(promise);
            let promised = self.read_quietly(&result, key, site);
            let promised = self.settled(&promised);
            result.join(&promised);
        }
        self.fx.note_props = false;
        for object in result.objects().collect::<Vec<_>>() {
            for part in &hook.parts {
                let key = self.intern(&part.field);
                let value = self.read_quietly(&Value::obj(object), key, site);
                if value.is_empty() {
                    continue;
                }
                let noted = self
                    .fx
                    .props
                    .iter()
                    .rev()
                    .find(|(id, name, _)| *id == object && *name == key)
                    .map(|(_, _, at)| *at);
                let at = noted.unwrap_or(site.at);
                if &*part.part == "path" {
                    self.navigate(&value, Site { at, key: site.key });
                }
                let event = SinkEvent {
                    call: name.into(),
                    sink: hook.sink.clone(),
                    family: hook.family.clone(),
                    part: part.part.clone(),
                    target: self.beginning(&value),
                    ..SinkEvent::at(at)
                };
                self.sink(event, &value);
            }
        }
    }

    /// The definition that a set-up block stands for.
    pub fn setup_def(&mut self, file: u32) -> u32 {
        let key = hash_of(("setup", file));
        let at = Loc::start(file);
        if let Some(def) = self.defs.iter().position(|d| d.key == key) {
            return def as u32;
        }
        self.define_in(
            crate::rules::flow_tables::Role::Options,
            &Value::none(),
            key,
            at,
            file,
        );
        (self.defs.len() - 1) as u32
    }

    /// The file whose code runs.
    pub fn running_file(&self, site: Site) -> u32 {
        match self.running.last() {
            Some(&module) => self.modules[module as usize].file,
            None => site.at.file,
        }
    }

    /// The definition in a file, if there is one yet.
    pub fn def_of_file(&self, file: u32) -> Option<u32> {
        let at = self.defs.iter().position(|d| d.file == file)?;
        Some(at as u32)
    }

    pub fn setup_instance(&mut self, site: Site) -> Value {
        let file = self.running_file(site);
        let def = match self.def_of_file(file) {
            Some(def) => def,
            None => self.setup_def(file),
        };
        Value::obj(self.instance(def))
    }

    /// `getCurrentInstance()`: an object that leads to the instance and to what all instances have.
    pub fn current_instance(&mut self, site: Site) -> Value {
        let instance = self.setup_instance(site);
        let config = self.object(site.sub(360));
        let app = self.object(site.sub(361));
        let out = self.object(site.sub(362));
        for (id, name, value) in [
            (config, "globalProperties", instance.clone()),
            (app, "config", Value::obj(config)),
            (out, "appContext", Value::obj(app)),
            (out, "proxy", instance.clone()),
            (out, "ctx", instance.clone()),
            (out, "props", instance.clone()),
            (out, "refs", self.read_refs(&instance, site)),
        ] {
            let name = self.intern(name);
            self.put_prop(id, name, &value, true);
        }
        Value::obj(out).joined(&instance)
    }

    pub fn read_refs(&mut self, instance: &Value, site: Site) -> Value {
        let name = self.intern("$refs");
        self.read(instance, name, site)
    }

    /// `defineModel(name)`: a reference to a property that may be written.
    pub fn setup_model(&mut self, name: &Value, site: Site) -> Value {
        let name = match self.constant_names(name).first() {
            Some(&name) => name,
            None => self.intern("modelValue"),
        };
        let mut out = Value::none();
        for instance in self.setup_instance(site).objects() {
            let Kind::Role { def } = *self.st.kind(instance) else {
                continue;
            };
            let data = self.data_object(def);
            let text = self.txt(name);
            let event = crate::rules::FlowTables::normal_event(&format!("update:{text}"));
            let key = format!("{}/{event}", self.def_name(def));
            let sent = self.named("component event", &key);
            // What is written goes to the parent, what is read comes from it.
            let id = self.st.pinned(site.sub(205).key, || Kind::Plain);
            let (zero, value) = (self.k.zero, self.k.value);
            let written = self.own_value(id, value);
            self.put_prop(sent, zero, &written, false);
            let given = self.own_value(data, name);
            self.put_prop(id, value, &given, false);
            out.push(Atom::Obj(id));
        }
        out
    }

    /// `Vue.mixin(options)`: every instance has the methods and data.
    pub fn mix_into_all(&mut self, options: &Value, site: Site) {
        let names = self.tables.names();
        for key in names.methods_keys.iter().chain(&names.data_keys) {
            let key = self.intern(key);
            let members = self.read_quietly(options, key, site);
            let made = self.called_or_itself(&members, site.sub(363));
            for object in made.objects().collect::<Vec<_>>() {
                for (name, value) in self.values_of(object) {
                    let text = self.txt(name);
                    let all = self.named("on every instance", &text);
                    self.st.edit(all).elem.join(&value);
                    self.any_on_instances = true;
                }
            }
        }
    }

    /// `defineProps(…)`.
    pub fn setup_props(&mut self, declared: &Value, site: Site) -> Value {
        if declared
            .objects()
            .any(|id| matches!(self.st.kind(id), Kind::Role { .. }))
        {
            return declared.clone();
        }
        let instance = self.setup_instance(site);
        for id in instance.objects().collect::<Vec<_>>() {
            if let Kind::Role { def } = *self.st.kind(id) {
                self.declare_props(def, id, declared);
            }
        }
        instance
    }

    /// Members that frameworks give to instances.
    pub fn framework_member(
        &mut self,
        _def: u32,
        instance: Id,
        name: &str,
        site: Site,
    ) -> Option<Value> {
        let key = self.intern(name);
        if let Some(value) = self.on_every_instance(key) {
            return Some(value);
        }
        match name {
            "$refs" => {
                let Kind::Role { def } = *self.st.kind(instance) else {
                    return None;
                };
                let mut parts = self.components_used(def);
                // Elements of packages that are not in the app call what they are given.
                parts.join(&self.native("import:element", 0));
                let id = self.object(site.sub(350));
                self.st.edit(id).elem.join(&parts);
                Some(Value::obj(id))
            }
            "$route" | "$mp" | "$root" => {
                let id = self.object(site.sub(351));
                let Kind::Role { def } = *self.st.kind(instance) else {
                    return None;
                };
                let query = self.query_of(def, site.at, site);
                for name in ["query", "params"] {
                    let name = self.intern(name);
                    self.put_prop(id, name, &query, true);
                }
                Some(Value::obj(id))
            }
            _ => self.injected(instance, key, site),
        }
    }
}
