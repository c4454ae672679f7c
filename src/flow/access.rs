//! Properties: reading, writing, deleting, and what a value holds all in all.

use super::engine::{Args, Engine, Site, hash_of, mix};
use super::eval::Keys;
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Piece, SymId, Value, What};
use crate::facts::names::Name;

/// How deep values are searched for symbols.
const MAX_SEARCH: u32 = 6;
/// How many objects.
const MAX_SEEN: usize = 150;
/// How many symbols are found at most.
const MAX_FOUND: usize = 120;

impl Engine<'_> {
    pub fn read_keys(&mut self, object: &Value, keys: &Keys, site: Site) -> Value {
        match keys {
            Keys::Names(names) => {
                if let [name] = names[..] {
                    return self.read(object, name, site);
                }
                let mut out = Value::none();
                for &name in names {
                    out.join(&self.read(object, name, site));
                }
                out
            }
            Keys::Any(_) => self.elements(object),
        }
    }

    /// `super[keys]`: getters are called on `this`.
    pub fn read_inherited(
        &mut self,
        parent: &Value,
        keys: &Keys,
        this: &Value,
        site: Site,
    ) -> Value {
        let Keys::Names(names) = keys else {
            return self.elements(parent);
        };
        let mut out = Value::none();
        for &name in names {
            for atom in parent.iter() {
                let own = match atom {
                    Atom::Obj(id) => self.own(id, name, this.clone(), site),
                    _ => None,
                };
                out.join(&own.unwrap_or_else(|| self.read(&Value::of(atom), name, site)));
            }
        }
        out
    }

    /// `object.name`.
    pub fn read(&mut self, object: &Value, name: Name, site: Site) -> Value {
        if let Some(atom) = object.single() {
            return self.read_atom(atom, name, site);
        }
        let mut out = Value::none();
        for atom in object.iter() {
            out.join(&self.read_atom(atom, name, site));
        }
        out
    }

    fn read_atom(&mut self, atom: Atom, name: Name, site: Site) -> Value {
        match atom {
            Atom::Obj(id) => self.read_object(id, name, site),
            Atom::Sym(sym, trace) => self.read_symbol(sym, trace, name),
            Atom::Native(path, platform) => self.read_native(path, platform, name),
            Atom::Str(_) | Atom::Text(_) | Atom::Plain => Value::plain(),
            Atom::Undefined | Atom::Null | Atom::Bool(_) | Atom::Num(_) => Value::undefined(),
        }
    }

    fn read_object(&mut self, id: Id, name: Name, site: Site) -> Value {
        if matches!(self.st.kind(id), Kind::Instance { .. })
            && let Some(value) = self.read_trapped(id, name, site)
        {
            return value;
        }
        if let Some(value) = self.own(id, name, Value::obj(id), site) {
            return value;
        }
        self.read_missing(id, name, site)
    }

    /// What stands at a path of keys below a value.
    pub fn read_path<'k>(
        &mut self,
        object: &Value,
        keys: impl Iterator<Item = &'k str>,
        site: Site,
    ) -> Value {
        keys.fold(object.clone(), |at, key| {
            let key = self.intern(key);
            self.read(&at, key, site)
        })
    }

    /// An own or inherited property; getters are called on `this`.
    pub fn own(&mut self, id: Id, name: Name, this: Value, site: Site) -> Option<Value> {
        let cell = self.st.cell_for(id, name);
        let found = match cell.props.get(name) {
            Some(Prop::Value(value)) => {
                let mut value = value.clone();
                // Another key may have been this one; that is too little to know what it holds by its name.
                if !cell.elem.is_empty() {
                    let doubtful = self.doubtful(&cell.elem.clone());
                    value.join(&doubtful);
                }
                if cell.summary && !cell.rest.is_empty() && !cell.without.contains(&name) {
                    value.join(&self.rest_field(&cell.rest.clone(), name));
                }
                return Some(value);
            }
            Some(Prop::Accessor { get, .. }) => Some(get.clone()),
            None => None,
        };
        if let Some(getter) = found {
            if getter.is_empty() {
                return Some(Value::undefined());
            }
            return Some(self.call(
                &getter,
                this,
                Args::default(),
                site.sub(hash_of(("get", name.0))),
            ));
        }
        let proto = match self.st.kind(id) {
            Kind::Instance { proto } => proto.clone(),
            Kind::Class { .. } => {
                if name == self.k.prototype {
                    let Kind::Class { proto, .. } = self.st.kind(id) else {
                        return None;
                    };
                    return Some(Value::obj(*proto));
                }
                self.parent_class(id)
            }
            Kind::Closure { .. } if name == self.k.prototype => {
                let proto = self.prototype_of(id);
                return Some(Value::obj(proto));
            }
            _ => return None,
        };
        let mut out: Option<Value> = None;
        for up in proto.objects().collect::<Vec<_>>() {
            if up != id
                && let Some(value) = self.own(up, name, this.clone(), site)
            {
                out.get_or_insert_with(Value::none).join(&value);
            }
        }
        if out.is_none() {
            // A parent that is not understood may have it.
            for atom in proto.iter() {
                if let Atom::Sym(..) | Atom::Native(..) = atom {
                    return None;
                }
            }
        }
        out
    }

    /// The same value, with its symbols as derived ones.
    pub fn doubtful(&mut self, value: &Value) -> Value {
        self.sy.map(value, &mut |sym| {
            Some(super::value::Sym {
                derived: true,
                ..sym
            })
        })
    }

    fn rest_field(&mut self, rest: &Value, name: Name) -> Value {
        let mut out = Value::none();
        for (sym, trace) in rest.symbols() {
            out.join(&self.read_symbol(sym, trace, name));
        }
        out
    }

    fn read_missing(&mut self, id: Id, name: Name, site: Site) -> Value {
        let cell = self.st.cell_for(id, name);
        let mut out = cell.elem.clone();
        if !cell.rest.is_empty() && !cell.without.contains(&name) {
            let rest = cell.rest.clone();
            out.join(&self.rest_field(&rest, name));
        }
        match self.st.kind(id) {
            Kind::Role { def } => {
                let def = *def;
                if let Some(value) = self.role_member(def, id, name, site) {
                    return out.joined(&value);
                }
            }
            Kind::Array if name == self.k.length => return Value::plain(),
            Kind::Collection if name == self.k.length || name == self.k.size => {
                return Value::plain();
            }
            Kind::Closure { unit, func, .. } if name == self.k.name => {
                let name = self.units[*unit as usize]
                    .unit
                    .funcs
                    .get(*func as usize)
                    .and_then(|f| f.name);
                return name.map_or_else(Value::plain, |n| Value::of(Atom::Str(n)));
            }
            _ => {}
        }
        if let Some(value) = self.on_every_instance(name) {
            out.join(&value);
        }
        if out.is_empty() && matches!(self.st.kind(id), Kind::Array) {
            let text = self.txt(name);
            if Self::is_list_method(&text) {
                return self.native(&format!("Array.prototype.{text}"), 0);
            }
        }
        if out.is_empty() {
            out.push(Atom::Undefined);
        }
        out
    }

    /// A field of a symbol.
    pub fn read_symbol(&mut self, sym: SymId, trace: super::value::TraceId, name: Name) -> Value {
        if name == self.k.length {
            return Value::plain();
        }
        // Where a component hands over what was typed instead of an event, that is no element.
        if let Origin::Control { .. } = self.sy.origins[self.sy.get(sym).origin as usize] {
            let mut keys = self.tables.names().target_keys.iter();
            if keys.any(|key| self.table_name(key) == name) {
                return Value::none();
            }
        }
        let mut out = Value::none();
        if let Some(attached) = self.attached(sym) {
            let cell = self.st.cell_for(attached, name);
            if cell.without.contains(&name) {
                return Value::undefined();
            }
            if let Some(Prop::Value(value)) = cell.props.get(name) {
                out = value.clone();
                if !cell.summary {
                    return out;
                }
            }
        }
        self.mark_used(sym);
        let field = match self.sy.known_field(sym, name) {
            Some(field) => field,
            None => {
                let key = self.symbol_key(name);
                self.sy.field(sym, key)
            }
        };
        out.push(Atom::Sym(field, trace));
        out
    }

    /// Indices are not told apart in what the program does not make itself.
    fn symbol_key(&mut self, name: Name) -> Name {
        let text = self.txt(name);
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            self.k.each
        } else {
            name
        }
    }

    /// The object that holds what code wrote into a symbol.
    pub fn attached(&mut self, sym: SymId) -> Option<Id> {
        if !self.any_attached {
            return None;
        }
        let s = self.sy.get(sym);
        self.st.find(hash_of(("attached", s.origin, s.path)))
    }

    fn attach(&mut self, sym: SymId) -> Id {
        let s = self.sy.get(sym);
        self.any_attached = true;
        self.st
            .pinned(hash_of(("attached", s.origin, s.path)), || Kind::Plain)
    }

    fn read_native(&mut self, path: Name, platform: u16, name: Name) -> Value {
        if name == self.k.default {
            // What a package gives by default, as bundlers ask for it.
            let text = self.txt(path);
            return match text.strip_prefix("import:") {
                Some(package) => {
                    let package = self.intern(package);
                    self.import_native(package, name)
                }
                None => Value::of(Atom::Native(path, platform)),
            };
        }
        let member = self.native_member(path, name);
        let key = self.native_key(member);
        if let Some(cell) = self.st.find(key) {
            let value = self.st.cell(cell).elem.clone();
            if !value.is_empty() {
                return value;
            }
        }
        if let Some(constant) = self.native_constant(member) {
            return constant;
        }
        Value::of(Atom::Native(member, platform))
    }

    // ---- writing

    pub fn write_keys(
        &mut self,
        object: &Value,
        keys: &Keys,
        value: &Value,
        parent: Option<Name>,
        at: Option<Loc>,
    ) {
        match keys {
            Keys::Names(names) => {
                let strong = names.len() == 1;
                if strong {
                    for &name in names {
                        self.note_alias(value, name, parent);
                        self.write(object, name, value, true, at);
                    }
                    return;
                }
                // A key that may be any of several names tells nothing of what it holds.
                let value = self.doubtful(value);
                for &name in names {
                    self.write(object, name, &value, false, at);
                }
            }
            // What nothing is known to call says nothing about fields that it may write.
            Keys::Any(_) if self.guessing => {}
            Keys::Any(key) => {
                for atom in object.iter() {
                    match atom {
                        Atom::Obj(id) => {
                            self.st.edit(id).elem.join(value);
                            self.hold_key(id, key);
                        }
                        Atom::Sym(sym, _) => {
                            let id = self.attach(sym);
                            self.st.edit(id).elem.join(value);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// A datum is a key of an object.
    pub fn hold_key(&mut self, id: Id, key: &Value) {
        if !key.is_empty() {
            let name = self.k.held_keys;
            self.put_prop(id, name, key, false);
        }
    }

    /// What an object becomes where a text is wanted, or a value for a sum: what it says of itself, or all that it holds.
    pub fn as_text(&mut self, id: Id, as_value: bool) -> Value {
        let mut text = match self.told(id, as_value) {
            Some(told) => told,
            None => self.symbols_in(&Value::obj(id)),
        };
        text.push(Atom::Plain);
        text
    }

    /// What an object's own function for that says of it.
    fn told(&mut self, id: Id, as_value: bool) -> Option<Value> {
        if !matches!(self.st.kind(id), Kind::Plain | Kind::Instance { .. }) {
            return None;
        }
        let this = Value::obj(id);
        let mut names = [self.k.to_primitive, self.k.to_string, self.k.value_of];
        if as_value {
            names.swap(1, 2);
        }
        for name in names {
            let site = Site {
                at: Loc::default(),
                key: mix(self.ctx, hash_of(("told", id, name.0))),
            };
            let own = self.own(id, name, this.clone(), site).unwrap_or_default();
            let function = self.functions_in(&own);
            if !function.is_empty() {
                let text = self.call(&function, this, Args::default(), site);
                return Some(self.symbols_in(&text));
            }
        }
        None
    }

    /// `object.name = value`.
    pub fn write(
        &mut self,
        object: &Value,
        name: Name,
        value: &Value,
        strong: bool,
        at: Option<Loc>,
    ) {
        let strong = strong && object.0.len() == 1;
        for atom in object.iter() {
            match atom {
                Atom::Obj(id)
                    if name == self.k.length && matches!(self.st.kind(id), Kind::Array) =>
                {
                    let emptied = value.single() == Some(Atom::Num(self.k.zero));
                    let cell = self.st.edit(id);
                    if emptied && strong && !cell.summary {
                        cell.props.clear();
                        cell.elem = Value::none();
                    }
                }
                Atom::Obj(id) => {
                    let setter = match self.st.now(id).props.get(name) {
                        Some(Prop::Accessor { set, .. }) => Some(set.clone()),
                        _ => self.inherited_setter(id, name),
                    };
                    if let Some(setter) = setter.filter(|s| !s.is_empty()) {
                        let site = Site {
                            at: at.unwrap_or_default(),
                            key: mix(self.ctx, hash_of(("set", id, name.0))),
                        };
                        self.call(&setter, Value::obj(id), Args::of(vec![value.clone()]), site);
                        continue;
                    }
                    if self.write_trapped(id, name, value, at) {
                        continue;
                    }
                    let value = match at {
                        Some(at) if self.is_lasting(id) => self.sy.step(value, at, What::Stored),
                        _ => value.clone(),
                    };
                    self.put_prop(id, name, &value, strong);
                }
                Atom::Sym(sym, _) => {
                    let id = self.attach(sym);
                    self.put_prop(id, name, value, strong);
                    self.st.edit(id).without.retain(|n| *n != name);
                }
                Atom::Native(path, _) => {
                    let member = self.native_member(path, name);
                    let text = self.txt(member);
                    if self.tables.names().polyfilled.contains(&text) {
                        continue;
                    }
                    let cell = self.named("native", &text);
                    self.st.edit(cell).elem.join(value);
                    self.native_written(&text, name, value, at);
                }
                _ => {}
            }
        }
    }

    fn inherited_setter(&mut self, id: Id, name: Name) -> Option<Value> {
        let Kind::Instance { proto } = self.st.kind(id) else {
            return None;
        };
        for up in proto.clone().objects() {
            if let Some(Prop::Accessor { set, .. }) = self.st.cell_for(up, name).props.get(name) {
                return Some(set.clone());
            }
            if up != id
                && let Some(found) = self.inherited_setter(up, name)
            {
                return Some(found);
            }
        }
        None
    }

    /// Whether an object lives longer than the call at hand.
    fn is_lasting(&self, id: Id) -> bool {
        matches!(self.st.kind(id), Kind::Role { .. }) || (id as usize) < self.st.len()
    }

    pub fn put_prop(&mut self, id: Id, name: Name, value: &Value, strong: bool) {
        let now = self.st.now(id);
        if (!strong || now.summary)
            && matches!(now.props.get(name), Some(Prop::Value(old)) if old.holds(value))
        {
            return;
        }
        let cell = self.st.edit(id);
        let weak = !strong || cell.summary;
        match cell.props.entry(name) {
            Prop::Value(old) => {
                if weak {
                    old.join(value);
                } else {
                    *old = value.clone();
                }
            }
            accessor => {
                if !weak {
                    *accessor = Prop::Value(value.clone());
                }
            }
        }
    }

    pub fn delete(&mut self, object: &Value, name: Name) {
        let strong = object.0.len() == 1;
        for atom in object.iter() {
            let id = match atom {
                Atom::Obj(id) => id,
                Atom::Sym(sym, _) => self.attach(sym),
                _ => continue,
            };
            let cell = self.st.edit(id);
            if !strong || cell.summary {
                continue;
            }
            cell.props.remove(name);
            if !cell.without.contains(&name) {
                cell.without.push(name);
            }
        }
    }

    // ---- collections

    /// Everything that stands in an array or object, keys aside.
    pub fn elements(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id) => {
                    let cell = self.st.cell(id);
                    self.steps += cell.props.len() as u32 / 8;
                    for (name, prop) in cell.props.iter() {
                        if let Prop::Value(value) = prop
                            && name != self.k.held_keys
                        {
                            out.join(value);
                        }
                    }
                    out.join(&cell.elem);
                    for (sym, trace) in cell.rest.symbols() {
                        let field = self.sy.field(sym, self.k.each);
                        out.push(Atom::Sym(field, trace));
                    }
                }
                Atom::Sym(sym, trace) => {
                    self.mark_used(sym);
                    let field = self.sy.field(sym, self.k.each);
                    out.push(Atom::Sym(field, trace));
                    if let Some(attached) = self.attached(sym) {
                        out.join(&self.elements(&Value::obj(attached)));
                    }
                }
                Atom::Text(_) => {
                    out.push(atom);
                }
                Atom::Str(_) | Atom::Plain => {
                    out.push(Atom::Plain);
                }
                _ => {}
            }
        }
        if out.is_empty() {
            out.push(Atom::Undefined);
        }
        out
    }

    /// Arguments that a call takes from an array.
    pub fn listed_args(&mut self, list: &Value) -> Args {
        match self.fixed_elements(list) {
            Some(list) => Args::of(list),
            None => Args {
                rest: Some(self.elements(list)),
                ..Args::default()
            },
        }
    }

    /// The elements of an array whose length and order are known.
    pub fn fixed_elements(&mut self, value: &Value) -> Option<Vec<Value>> {
        let Some(Atom::Obj(id)) = value.single() else {
            return None;
        };
        if !matches!(self.st.kind(id), Kind::Array) {
            return None;
        }
        let cell = self.st.cell(id);
        if cell.summary || !cell.elem.is_empty() || !cell.rest.is_empty() || cell.props.len() > 12 {
            return None;
        }
        let mut out = Vec::with_capacity(cell.props.len());
        for index in 0..cell.props.len() {
            let name = self.index_name(index);
            match cell.props.get(name) {
                Some(Prop::Value(value)) => out.push(value.clone()),
                _ => return None,
            }
        }
        Some(out)
    }

    /// All symbols that a value holds, at any depth, as one flat value.
    pub fn symbols_in(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        if value
            .iter()
            .all(|a| !matches!(a, Atom::Obj(_) | Atom::Sym(..) | Atom::Text(_)))
        {
            return out;
        }
        self.seen.begin(self.st.cells());
        self.search(value, MAX_SEARCH, &mut out);
        out
    }

    fn search(&mut self, value: &Value, depth: u32, out: &mut Value) {
        for atom in value.iter() {
            if out.0.len() >= MAX_FOUND {
                return;
            }
            match atom {
                Atom::Sym(sym, trace) => {
                    if out.0.contains(&Atom::Sym(sym, trace)) {
                        continue;
                    }
                    out.0.push(Atom::Sym(sym, trace));
                    if depth > 0
                        && let Some(attached) = self.attached(sym)
                        && self.seen.insert(attached, 0)
                    {
                        self.search(&Value::obj(attached), depth - 1, out);
                    }
                }
                Atom::Text(id) => {
                    for piece in self.sy.pieces(id).iter() {
                        if let Piece::Values(value) = piece
                            && depth > 0
                        {
                            self.search(value, depth - 1, out);
                        }
                    }
                }
                Atom::Obj(id)
                    if depth > 0 && self.seen.len() < MAX_SEEN && self.seen.insert(id, 0) =>
                {
                    self.steps += 1;
                    if matches!(
                        self.st.kind(id),
                        Kind::Closure { .. }
                            | Kind::Class { .. }
                            | Kind::Frame { .. }
                            | Kind::Role { .. }
                    ) {
                        continue;
                    }
                    let cell = self.st.cell(id);
                    for (_, prop) in cell.props.iter() {
                        if let Prop::Value(value) = prop {
                            self.search(value, depth - 1, out);
                        }
                    }
                    self.search(&cell.elem, depth - 1, out);
                    self.search(&cell.rest, depth - 1, out);
                }
                _ => {}
            }
        }
    }

    /// A copy of a value that later changes do not reach: what is stored, sent or made to text.
    pub fn copy(&mut self, value: &Value, site: Site) -> Value {
        let mut seen = Vec::new();
        self.copy_deep(value, site, 4, &mut seen)
    }

    fn copy_deep(
        &mut self,
        value: &Value,
        site: Site,
        depth: u32,
        seen: &mut Vec<(Id, Id)>,
    ) -> Value {
        let mut out = Value::none();
        for (index, atom) in value.iter().enumerate() {
            let Atom::Obj(id) = atom else {
                out.push(atom);
                continue;
            };
            if let Some((_, copy)) = seen.iter().find(|(from, _)| *from == id) {
                out.push(Atom::Obj(*copy));
                continue;
            }
            let kind = match self.st.kind(id) {
                Kind::Array => Kind::Array,
                Kind::Plain | Kind::Instance { .. } | Kind::Collection => Kind::Plain,
                _ => {
                    out.push(atom);
                    continue;
                }
            };
            self.steps += 4;
            if depth == 0 || seen.len() > 30 {
                out.push(atom);
                continue;
            }
            let site = site.sub(hash_of(("copy", index)));
            let cell = self.st.cell(id);
            let (copy, _) = self.st.alloc(site.key, kind);
            seen.push((id, copy));
            for (name, prop) in cell.props.iter() {
                if let Prop::Value(value) = prop {
                    let value = self.copy_deep(value, site.sub(u64::from(name.0)), depth - 1, seen);
                    self.put_prop(copy, name, &value, true);
                }
            }
            let elem = self.copy_deep(&cell.elem.clone(), site.sub(1), depth - 1, seen);
            let target = self.st.edit(copy);
            target.elem.join(&elem);
            target.rest.join(&cell.rest);
            target.without = cell.without.clone();
            out.push(Atom::Obj(copy));
        }
        out
    }
}
