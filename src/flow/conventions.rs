//! What objects of the program mean to the language by the names of their methods: iterators, thenables, texts made by
//! `toJSON` and by a replacer, proxies.
//!
//! Part of the engine; touches nothing but its state.

use super::Protection;
use super::builtins::is_mask;
use super::engine::{Args, Engine, Site, hash_of, mix};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Value};
use crate::facts::names::Name;

/// So deep a replacer is asked.
const REPLACED_DEPTH: u32 = 3;

impl Engine<'_> {
    /// What an object's own or inherited method of a name gives, if there is one that the program made.
    fn convention(&mut self, id: Id, name: Name, args: Vec<Value>, site: Site) -> Option<Value> {
        if !matches!(
            self.st.kind(id),
            Kind::Plain | Kind::Instance { .. } | Kind::Class { .. }
        ) {
            return None;
        }
        let this = Value::obj(id);
        let method = self.own(id, name, this.clone(), site)?;
        let method = self.functions_in(&method);
        (!method.is_empty()).then(|| self.call(&method, this, Args::of(args), site))
    }

    /// What a loop over a value, or a spread of it, sees.
    pub fn iterated(&mut self, value: &Value, site: Site) -> Value {
        let mut out = Value::none();
        for (index, atom) in value.iter().enumerate() {
            let one = Value::of(atom);
            let items = match atom {
                // A map gives its keys with their values.
                Atom::Obj(id)
                    if matches!(self.st.kind(id), Kind::Collection)
                        && self.st.cell(id).props.len() > 0 =>
                {
                    let (keys, all) = (self.keys_as_value(&one), self.elements(&one));
                    let pair = self.array(site.sub(hash_of(("pair", index))), vec![keys, all]);
                    Some(Value::obj(pair))
                }
                Atom::Obj(id) => {
                    let at = site.sub(hash_of(("iterate", index)));
                    self.steps_of_iterator(id, at)
                }
                _ => None,
            };
            let items = items.unwrap_or_else(|| self.elements(&one));
            out.join(&items);
        }
        out
    }

    /// What an object that says how it is gone through gives, as a list.
    pub fn listed(&mut self, value: &Value, site: Site) -> Option<Value> {
        let Some(Atom::Obj(id)) = value.single() else {
            return None;
        };
        if !matches!(self.st.kind(id), Kind::Plain | Kind::Instance { .. }) {
            return None;
        }
        let items = self.steps_of_iterator(id, site)?;
        let list = self.array(site.sub(8), Vec::new());
        self.st.edit(list).elem.join(&items);
        Some(Value::obj(list))
    }

    fn steps_of_iterator(&mut self, id: Id, site: Site) -> Option<Value> {
        let (own, asynchronous) = (self.k.iterator, self.k.async_iterator);
        let iterator = self
            .convention(id, own, Vec::new(), site)
            .or_else(|| self.convention(id, asynchronous, Vec::new(), site.sub(1)))?;
        let mut out = Value::none();
        for (index, iterator) in iterator
            .objects()
            .collect::<Vec<_>>()
            .into_iter()
            .enumerate()
        {
            let at = site.sub(2 + index as u64);
            let next = self.k.next;
            match self.convention(iterator, next, Vec::new(), at) {
                Some(step) => {
                    let step = self.settled(&step);
                    let value = self.k.value;
                    out.join(&self.read(&step, value, at));
                }
                // A generator's object holds what it yields.
                None => {
                    out.join(&self.elements(&Value::obj(iterator)));
                }
            }
        }
        Some(out)
    }

    /// What `await` gives of objects that are no promises and have a method `then`.
    pub fn thenables_resolved(&mut self, value: &Value, site: Site) -> Value {
        if value.objects().next().is_none() {
            return value.clone();
        }
        let then = self.k.then;
        let mut out = Value::none();
        for (index, atom) in value.iter().enumerate() {
            let resolved = match atom {
                Atom::Obj(id)
                    if matches!(self.st.kind(id), Kind::Plain | Kind::Instance { .. }) =>
                {
                    let at = site.sub(hash_of(("thenable", index)));
                    self.resolved_thenable(id, then, at)
                }
                _ => None,
            };
            match resolved {
                Some(resolved) => out.join(&resolved),
                None => out.push(atom),
            };
        }
        out
    }

    fn resolved_thenable(&mut self, id: Id, then: Name, site: Site) -> Option<Value> {
        let this = Value::obj(id);
        let method = self.own(id, then, this.clone(), site)?;
        let method = self.functions_in(&method);
        if method.is_empty() {
            return None;
        }
        let (promise, _) = self.st.alloc(site.sub(1).key, Kind::Promise);
        let settle = |reject| Kind::Settle { promise, reject };
        let (resolve, _) = self.st.alloc(site.sub(2).key, settle(false));
        let (reject, _) = self.st.alloc(site.sub(3).key, settle(true));
        self.rejection_of(promise);
        let callbacks = Args::of(vec![Value::obj(resolve), Value::obj(reject)]);
        self.call(&method, this, callbacks, site.sub(4));
        Some(self.settled(&Value::obj(promise)))
    }

    /// `JSON.stringify(value, replacer)`.
    pub fn stringified(&mut self, value: &Value, replacer: &Value, site: Site) -> Value {
        let mut shown = Value::none();
        let to_json = self.k.to_json;
        for (index, atom) in value.iter().enumerate() {
            let own = match atom {
                Atom::Obj(id) => self.convention(id, to_json, Vec::new(), site.sub(index as u64)),
                _ => None,
            };
            match own {
                Some(text) => shown.join(&text),
                None => shown.push(atom),
            };
        }
        let copy = self.copy(&shown, site);
        if let Some(names) = self.listed_names(replacer) {
            self.keep_only(&copy, &names, REPLACED_DEPTH);
            return copy;
        }
        let function = self.functions_in(replacer);
        if !function.is_empty() {
            self.replace_each(&copy, &function, REPLACED_DEPTH, site);
        }
        copy
    }

    /// The names in a list of constants.
    fn listed_names(&mut self, list: &Value) -> Option<Vec<Name>> {
        let items = self.fixed_elements(list)?;
        let name = |item: Value| match item.single() {
            Some(Atom::Str(name)) => Some(name),
            _ => None,
        };
        items.into_iter().map(name).collect()
    }

    /// What stands in the fields of an object, accessors left out.
    pub fn values_of(&mut self, id: Id) -> Vec<(Name, Value)> {
        let cell = self.st.cell(id);
        let value = |(name, prop): (Name, &Prop)| match prop {
            Prop::Value(value) => Some((name, value.clone())),
            Prop::Accessor { .. } => None,
        };
        cell.props.iter().filter_map(value).collect()
    }

    fn keep_only(&mut self, value: &Value, names: &[Name], depth: u32) {
        for id in value.objects().collect::<Vec<_>>() {
            let is_list = matches!(self.st.kind(id), Kind::Array);
            for (name, inner) in self.values_of(id) {
                if !is_list && !names.contains(&name) {
                    self.delete(&Value::obj(id), name);
                } else if depth > 0 {
                    self.keep_only(&inner, names, depth - 1);
                }
            }
        }
    }

    /// Puts what a replacer gives in place of what the fields of a copy hold.
    fn replace_each(&mut self, copy: &Value, function: &Value, depth: u32, site: Site) {
        for id in copy.objects().collect::<Vec<_>>() {
            let at = site.sub(hash_of(("replace", self.st.key(id))));
            for (name, inner) in self.values_of(id) {
                let args = Args::of(vec![Value::of(Atom::Str(name)), inner]);
                let given = self.call(function, Value::obj(id), args, at.sub(u64::from(name.0)));
                if matches!(given.single(), Some(Atom::Undefined)) {
                    self.delete(&Value::obj(id), name);
                    continue;
                }
                self.put_prop(id, name, &given, true);
                if depth > 0 {
                    self.replace_each(&given, function, depth - 1, at);
                }
            }
        }
    }

    /// `new Proxy(target, handler)`: an object that has what the target has, under any key what the trap gives, and whose
    /// changes go to a trap.
    pub fn proxied(&mut self, target: &Value, handler: &Value, site: Site) -> Value {
        let [get, set] = [self.k.get, self.k.set].map(|name| {
            let trap = self.read_quietly(handler, name, site);
            self.functions_in(&trap)
        });
        // Around the platform: what its functions do is known, whatever the trap makes of them.
        let is_platform = target.iter().any(|atom| matches!(atom, Atom::Native(..)));
        if is_platform || (get.is_empty() && set.is_empty()) {
            return target.clone();
        }
        let proto = target.clone();
        let (id, _) = self.st.alloc(site.key, Kind::Instance { proto });
        let traps = [
            (self.k.write_trap, &set),
            (self.k.read_trap, &get),
            (self.k.trapped, target),
        ];
        for (slot, value) in traps.into_iter().filter(|(_, value)| !value.is_empty()) {
            self.put_prop(id, slot, value, true);
        }
        if !get.is_empty() {
            let args = Args::of(vec![target.clone(), Value::plain(), Value::obj(id)]);
            let given = self.call(&get, handler.clone(), args, site.sub(1));
            self.st.edit(id).elem.join(&given);
        }
        Value::obj(id)
    }

    /// What a proxy that has a trap for reads gives under a name.
    pub fn read_trapped(&mut self, id: Id, name: Name, site: Site) -> Option<Value> {
        let Some(Prop::Value(trap)) = self.st.now(id).props.get(self.k.read_trap) else {
            return None;
        };
        let trap = trap.clone();
        let slot = self.k.trapped;
        let target = self.own_value(id, slot);
        let key = Value::of(Atom::Str(name));
        let args = Args::of(vec![target, key, Value::obj(id)]);
        let site = site.sub(hash_of(("read trap", name.0)));
        Some(self.call(&trap, Value::undefined(), args, site))
    }

    /// A write to a proxy, if it is one that has a trap for it.
    pub fn write_trapped(&mut self, id: Id, name: Name, value: &Value, at: Option<Loc>) -> bool {
        if !matches!(self.st.kind(id), Kind::Instance { .. }) || name == self.k.write_trap {
            return false;
        }
        let trap = match self.st.peek(id).props.get(self.k.write_trap) {
            Some(Prop::Value(trap)) => trap.clone(),
            _ => return false,
        };
        let slot = self.k.trapped;
        let target = self.own_value(id, slot);
        let site = Site {
            at: at.unwrap_or_default(),
            key: mix(self.ctx, hash_of(("write trap", id, name.0))),
        };
        let name = Value::of(Atom::Str(name));
        let args = Args::of(vec![target, name, value.clone(), Value::obj(id)]);
        self.call(&trap, Value::undefined(), args, site);
        true
    }

    /// `condition ? '*' : character`: a text is masked character by character. Only for a mask of one character: what is
    /// shown instead of a whole text is longer.
    pub fn masked_by_character(&mut self, yes: &Value, no: &Value) -> Option<Value> {
        let is_mask = |engine: &mut Self, value: &Value| match value.single() {
            Some(Atom::Str(text)) => {
                let text = engine.txt(text);
                is_mask(&text) && text.chars().count() == 1
            }
            _ => false,
        };
        let other = match (is_mask(self, yes), is_mask(self, no)) {
            (true, false) => no,
            (false, true) => yes,
            _ => return None,
        };
        Some(self.part_of_text(other, Some(Protection::Masked), false))
    }
}
