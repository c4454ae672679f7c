//! What gets a store's state whenever it changes: functions that subscribe to it, and options and plug-ins of stores
//! that keep it on the device.

use super::deferred::How;
use super::effects::SinkEvent;
use super::engine::{Args, Engine, Site, hash_of};
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Value};
use crate::facts::names::Name;

/// The argument that an object was made from, under a name that no code has.
const SLOT: &str = "[persist]";
/// The same for the function that makes the state.
const MAKER: &str = "[maker]";

impl Engine<'_> {
    /// A method that subscribes to a state: functions get `before` and the state.
    pub fn subscriber(&mut self, state: &Value, state_first: bool, site: Site) -> Value {
        let at = site.sub(hash_of(("subscribe", state_first)));
        Value::obj(self.hook(at, Hook::Subscribe { state_first }, state.clone()))
    }

    /// A call of such a method.
    pub fn subscribe(&mut self, state: &Value, state_first: bool, args: &Args, site: Site) {
        let functions = self.functions_in(&args.get(0));
        if functions.is_empty() {
            return;
        }
        let first = if state_first {
            state.clone()
        } else {
            Value::undefined()
        };
        let what = [functions, first, state.clone()];
        self.defer(How::Subscriber, &what, site.sub(411));
    }

    /// Options that say by one of their names that the state is kept on the device.
    pub fn kept_by_options(&mut self, options: &Value, state: &Value, site: Site) {
        for (index, key) in self.persist_keys.clone().into_iter().enumerate() {
            for object in options.objects().collect::<Vec<_>>() {
                let how = self.own_value(object, key);
                if how.is_empty() || how.iter().all(is_off) {
                    continue;
                }
                let at = Site {
                    at: self.fx.noted_at(object, key).unwrap_or(site.at),
                    key: site.sub(420 + index as u64).key,
                };
                self.kept_on_device(&how, state, at);
            }
        }
    }

    fn kept_on_device(&mut self, options: &Value, state: &Value, site: Site) {
        self.defer(How::Keeper, &[options.clone(), state.clone()], site);
    }

    /// A plug-in, or a reducer or maker of a state, that keeps the state by options.
    pub fn persisting(&mut self, options: &Value, maker: &Value, site: Site) -> Value {
        let id = self.st.pinned(site.sub(430).key, || Kind::Plain);
        for (slot, value) in [(SLOT, options), (MAKER, maker)] {
            let slot = self.intern(slot);
            self.put_prop(id, slot, &Value::plain().joined(value), true);
        }
        self.made_at.insert(self.st.key(id), site.at);
        Value::obj(id)
    }

    /// What a store's plug-ins do: those that keep its state, and functions that get the store.
    pub fn run_plugins(&mut self, plugins: &Value, store: &Value, state: &Value, site: Site) {
        let plugins = self.elements(plugins).joined(plugins);
        self.kept_by_makers(&plugins, state, site);
        let functions = self.functions_in(&plugins);
        let args = Args::of(vec![store.clone()]);
        self.call(&functions, Value::undefined(), args, site.sub(440));
    }

    /// Where a value was made by [`Engine::persisting`], the state is kept. Gives the makers behind it.
    pub fn kept_by_makers(&mut self, made: &Value, state: &Value, site: Site) -> Value {
        let (slot, maker) = (self.intern(SLOT), self.intern(MAKER));
        let mut makers = Value::none();
        for id in made.objects().collect::<Vec<_>>() {
            let options = self.own_value(id, slot);
            if options.is_empty() {
                makers.push(Atom::Obj(id));
                continue;
            }
            makers.join(&self.own_value(id, maker));
            let at = self
                .made_at
                .get(&self.st.key(id))
                .copied()
                .unwrap_or(site.at);
            let key = site.sub(hash_of(("kept", self.st.key(id)))).key;
            self.kept_on_device(&options, state, Site { at, key });
        }
        makers
    }

    /// The function behind [`Engine::persisting`].
    pub fn maker_of(&mut self, made: &Value) -> Value {
        let maker = self.intern(MAKER);
        let mut out = made.clone();
        for id in made.objects().collect::<Vec<_>>() {
            out.join(&self.own_value(id, maker));
        }
        out
    }

    /// Keeps a state as it is now.
    pub fn keep_state(&mut self, options: &Value, state: &Value, site: Site) {
        let persist = &self.tables.names().persist;
        let kept = self.kept_part(options, state, site);
        let mut value = kept;
        // `serializer: {serialize}` may encrypt; `storage: {setItem}` may do so, or store it elsewhere.
        for path in &persist.serialize {
            let functions = self.function_at(options, path, site);
            if !functions.is_empty() {
                let args = Args::of(vec![value.clone()]);
                value = self.call(&functions, Value::undefined(), args, site.sub(2));
            }
        }
        let mut own = Value::none();
        for path in &persist.store {
            own.join(&self.function_at(options, path, site));
        }
        if !own.is_empty() {
            let args = Args::of(vec![Value::plain(), value]);
            self.call(&own, Value::undefined(), args, site.sub(3));
            return;
        }
        let event = SinkEvent {
            call: persist.sink.clone(),
            sink: persist.sink.clone(),
            family: persist.family.clone(),
            part: "data".into(),
            ..SinkEvent::at(site.at)
        };
        self.sink(event, &value);
    }

    fn function_at(&mut self, options: &Value, path: &str, site: Site) -> Value {
        let at = self.read_path_quietly(options, path, site);
        let mut functions = self.functions_in(&at);
        for native in at.iter().filter(|a| matches!(a, Atom::Native(..))) {
            functions.push(native);
        }
        functions
    }

    /// The fields of a state that are kept: those that options list, else all; functions never are.
    fn kept_part(&mut self, options: &Value, state: &Value, site: Site) -> Value {
        let mut only: Option<Vec<Name>> = None;
        let mut lists = options.clone();
        lists.join(&self.elements(options));
        for key in &self.tables.names().persist.only {
            let key = self.intern(key);
            let listed = self.read_quietly(&lists, key, site);
            if listed.objects().next().is_some() {
                let names = self.elements(&listed);
                only.get_or_insert_default()
                    .extend(self.constant_names(&names));
            }
        }
        let kept = self.st.alloc(site.sub(450).key, Kind::Plain).0;
        for id in state.objects().collect::<Vec<_>>() {
            let fields: Vec<Name> = match &only {
                None => self.fields_of(id),
                Some(names) => names.clone(),
            };
            for field in fields {
                // A path, `user.phone`, is kept under its first name.
                let text = self.txt(field);
                let value = self.read_path_quietly(&Value::obj(id), &text, site);
                if self.functions_in(&value).is_empty() {
                    self.put_prop(kept, field, &value, false);
                }
            }
        }
        Value::obj(kept)
    }

    fn fields_of(&mut self, id: Id) -> Vec<Name> {
        let cell = self.st.cell(id);
        let fields = cell.props.iter();
        let own: Vec<(Name, bool)> = fields
            .map(|(name, prop)| (name, matches!(prop, Prop::Value(_) | Prop::Accessor { .. })))
            .collect();
        own.into_iter()
            .filter(|(name, plain)| *plain && !self.txt(*name).starts_with(['$', '[']))
            .map(|(name, _)| name)
            .collect()
    }
}

fn is_off(atom: Atom) -> bool {
    matches!(atom, Atom::Bool(false) | Atom::Undefined)
}
