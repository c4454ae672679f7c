//! Code that a bundler has put together: chunks hand over modules under ids, and modules ask for each other by id.
//!
//! Part of the engine; touches nothing but its state. A module of a chunk is a function of `module, exports, require`;
//! what `require` does for it, and the helpers that hang on it, is done here instead of in the bundler's own loader.

use super::engine::{Activation, Args, Cx, Engine, Site, hash_of};
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value};
use crate::facts::ir::{Expr, ExprId, FuncId, Item, Key, Pat, Prop as IrProp, Unit, Var};
use crate::facts::names::Name;
use rustc_hash::FxHashSet;

/// Modules ask for each other so deep at most; deeper ones give what they have given so far.
const MAX_NESTED: usize = 40;

/// A list of chunks is wrapped in so many expressions at most.
const MAX_WRAPPED: u32 = 6;

impl Engine<'_> {
    /// `(global.chunks = global.chunks || []).push([names, modules, entries])`, or `chunks(names, modules, entries)`.
    pub fn hands_over_chunk(&mut self, cx: &Cx<'_>, callee: ExprId, args: &Args) -> bool {
        let [first, ..] = &args.list[..] else {
            return false;
        };
        let Some(Atom::Obj(list)) = first.single() else {
            return false;
        };
        if !matches!(self.st.kind(list), Kind::Array) || !self.names_chunks(cx, callee) {
            return false;
        }
        let (modules, entries) = if args.list.len() == 1 {
            let two = self.intern("2");
            (self.own_value(list, self.k.one), self.own_value(list, two))
        } else {
            (args.get(1), args.get(2))
        };
        self.link(&modules, &entries, cx.loc(crate::text::Span::new(0, 0)));
        true
    }

    /// Whether a callee is the list of chunks, or a method of it.
    fn names_chunks(&mut self, cx: &Cx<'_>, callee: ExprId) -> bool {
        let node = |id: ExprId| cx.unit.exprs.get(id as usize).map(|e| &e.kind);
        let mut at = callee;
        for _ in 0..MAX_WRAPPED {
            let name = match node(at) {
                Some(Expr::Member {
                    object,
                    key: Key::Name(name),
                    ..
                }) => {
                    if *self.txt(*name) == *"push" {
                        at = *object;
                        continue;
                    }
                    Some(*name)
                }
                Some(Expr::Assign(pat, _)) => {
                    match cx.unit.pats.get(*pat as usize).map(|p| &p.kind) {
                        Some(Pat::Member(member)) => {
                            at = *member;
                            continue;
                        }
                        _ => None,
                    }
                }
                Some(Expr::Logical(_, part, _) | Expr::Cond(_, part, _)) => {
                    at = *part;
                    continue;
                }
                Some(Expr::Var(Var::Free(name))) => Some(*name),
                _ => None,
            };
            let Some(name) = name else { return false };
            let text = self.txt(name);
            let known = &self.tables.names().bundled.chunks;
            return known.iter().any(|known| match known.strip_suffix('*') {
                Some(start) => text.starts_with(start),
                None => **known == *text,
            });
        }
        false
    }

    /// Notes a chunk's modules under their ids, and runs those it begins with.
    fn link(&mut self, modules: &Value, entries: &Value, at: Loc) {
        for object in modules.objects().collect::<Vec<_>>() {
            let cell = self.st.cell(object);
            for (id, prop) in cell.props.iter() {
                let Prop::Value(value) = prop else { continue };
                let functions = self.functions_in(value);
                if !functions.is_empty() {
                    let holder = self.linked_module(id);
                    self.st.edit(holder).elem.join(&functions);
                }
            }
        }
        let site = Site {
            at,
            key: hash_of(("chunk", at.file, at.span.start, self.ctx)),
        };
        let functions = self.functions_in(entries);
        if !functions.is_empty() {
            let require = self.linker();
            self.call(
                &functions,
                Value::undefined(),
                Args::of(vec![require]),
                site,
            );
        }
        for list in entries.objects().collect::<Vec<_>>() {
            if !matches!(self.st.kind(list), Kind::Array) {
                continue;
            }
            let entries = self.fixed_elements(&Value::obj(list)).unwrap_or_default();
            for entry in entries {
                // The id, and the chunks it waits for.
                let id = match entry.single() {
                    Some(Atom::Obj(inner)) => self.own_value(inner, self.k.zero),
                    _ => entry,
                };
                self.require_linked(&id);
            }
        }
    }

    /// The `require` that modules of chunks get.
    fn linker(&mut self) -> Value {
        let id = self.st.pinned(hash_of("linker"), || Kind::Hook {
            hook: Hook::Linker,
            target: Value::none(),
        });
        let global = self.intern("g");
        if self.st.peek(id).props.get(global).is_none() {
            let all = self.intern("globalThis");
            let all = self.global(all);
            self.put_prop(id, global, &all, true);
        }
        Value::obj(id)
    }

    /// What holds a module of a chunk: its functions as elements, its exports by name.
    fn linked_module(&mut self, id: Name) -> Id {
        let text = self.txt(id);
        self.named("linked module", &text)
    }

    /// `require(id)` in a chunk.
    pub fn require_linked(&mut self, ids: &Value) -> Value {
        let mut out = Value::none();
        for atom in ids.iter() {
            if let Atom::Str(id) | Atom::Num(id) = atom {
                out.join(&self.linked(id));
            }
        }
        out
    }

    fn linked(&mut self, id: Name) -> Value {
        let holder = self.linked_module(id);
        if !self.link_done.contains(&id) && self.running.len() < MAX_NESTED {
            if self.st.cell(holder).elem.is_empty() {
                self.run_all_modules();
            }
            let functions = self.st.cell(holder).elem.clone();
            if functions.is_empty() {
                let name = id;
                return self.sy.fresh(Origin::Unknown { name });
            }
            self.link_done.insert(id);
            match self.known_package(&functions) {
                Some(package) => {
                    let name = self.k.exports;
                    *self.st.edit(holder).props.entry(name) = Prop::Value(package);
                }
                None => self.run_linked(id, holder, &functions),
            }
        }
        let made = self.own_value(holder, self.k.exports);
        if made.is_empty() {
            // It is still running.
            return Value::obj(self.linked_exports(id));
        }
        made
    }

    fn linked_exports(&mut self, id: Name) -> Id {
        let key = hash_of(("linked exports", id.0));
        self.st.pinned(key, || Kind::Plain)
    }

    /// A chunk that was not loaded yet may have what is asked for.
    fn run_all_modules(&mut self) {
        for module in 0..self.modules.len() as u32 {
            if self.modules[module as usize].role.is_script()
                && !self.loaded[module as usize]
                && self.running.len() < MAX_NESTED
            {
                self.run_module(module);
            }
        }
    }

    fn run_linked(&mut self, id: Name, holder: Id, functions: &Value) {
        let exports = self.linked_exports(id);
        let module = self.st.pinned(hash_of(("linked", id.0)), || Kind::Plain);
        let name = self.k.exports;
        let value = Value::obj(exports);
        self.put_prop(module, name, &value, true);
        let at = self.place_of(functions);
        let home = match functions.objects().next().map(|f| self.st.kind(f).clone()) {
            Some(Kind::Closure { unit, .. }) => Some(self.unit(unit).module),
            _ => None,
        };
        let require = self.linker();
        let args = Args::of(vec![Value::obj(module), value.clone(), require]);
        // Whoever asks for a module first must not pay for it.
        let steps = std::mem::replace(&mut self.steps, 0);
        let exhausted = std::mem::replace(&mut self.exhausted, false);
        let running = self.running.len();
        let acts = std::mem::take(&mut self.acts);
        let key = hash_of(("linked", id.0));
        let saved = std::mem::replace(&mut self.ctx, key);
        self.acts.push(Activation::new(0, FuncId::MAX, at));
        self.running.extend(home);
        self.call(functions, value, args, Site { at, key });
        self.running.truncate(running);
        self.acts = acts;
        self.ctx = saved;
        self.steps = steps;
        self.exhausted = exhausted;
        let made = self.own_value(module, name);
        *self.st.edit(holder).props.entry(name) = Prop::Value(made);
    }

    fn place_of(&self, functions: &Value) -> Loc {
        match functions.objects().next().map(|f| self.st.kind(f)) {
            Some(Kind::Closure { unit, .. }) => Loc::start(self.unit(*unit).file),
            _ => Loc::default(),
        }
    }

    /// The package that a module is, told by the exports that it makes: bundles do not say names. Its code need not be run.
    fn known_package(&mut self, functions: &Value) -> Option<Value> {
        let tables = self.tables;
        let mut made: FxHashSet<Name> = FxHashSet::default();
        for id in functions.objects() {
            if let Kind::Closure { unit, .. } = *self.st.kind(id) {
                exported_names(&self.unit(unit).unit, &mut made);
            }
        }
        let packages = &tables.names().bundled.package;
        let known = packages
            .iter()
            .find(|package| package.has.iter().all(|n| made.contains(&self.intern(n))))?;
        Some(self.package(&known.module))
    }

    /// What a module gives by default: `require.n(exports)()`, `require.n(exports).a`.
    pub fn default_of(&mut self, exports: &Value, site: Site) -> Value {
        let name = self.k.default;
        let mut out = Value::none();
        for atom in exports.iter() {
            match atom {
                Atom::Obj(id) if self.st.cell(id).props.get(name).is_some() => {
                    out.join(&self.read(&Value::of(atom), name, site));
                }
                _ => {
                    out.push(atom);
                }
            }
        }
        out
    }

    /// The helpers that hang on the `require` of chunks.
    pub fn linker_method(&mut self, name: Name, args: &Args, site: Site) -> Option<Value> {
        let text = self.txt(name);
        Some(match &*text {
            "n" => {
                let target = args.get(0);
                let hook = Hook::Default;
                let getter = self.st.alloc(site.key, Kind::Hook { hook, target }).0;
                let short = self.intern("a");
                *self.st.edit(getter).props.entry(short) = Prop::Accessor {
                    get: Value::obj(getter),
                    set: Value::none(),
                };
                Value::obj(getter)
            }
            "d" => {
                self.define_exports(args);
                Value::undefined()
            }
            "r" => {
                let mark = self.k.esmodule;
                for exports in args.get(0).objects().collect::<Vec<_>>() {
                    self.put_prop(exports, mark, &Value::of(Atom::Bool(true)), true);
                }
                Value::undefined()
            }
            "o" => Value::plain(),
            "e" => self.promise_of(&Value::undefined(), site),
            "t" => {
                let held = args.get(0);
                let made = self.require_linked(&held);
                if made.is_empty() { held } else { made }
            }
            "O" | "X" => {
                let all = args.all();
                let functions = self.functions_in(&all);
                self.call(&functions, Value::undefined(), Args::default(), site)
            }
            "nmd" | "hmd" | "x" => args.get(0),
            _ => return None,
        })
    }

    /// `require.d(exports, name, getter)` and `require.d(exports, { name: getter })`.
    fn define_exports(&mut self, args: &Args) {
        let mut getters: Vec<(Name, Value)> = Vec::new();
        match args.get(1).single() {
            Some(Atom::Str(name) | Atom::Num(name)) => getters.push((name, args.get(2))),
            _ => {
                for id in args.get(1).objects().collect::<Vec<_>>() {
                    let cell = self.st.cell(id);
                    getters.extend(cell.props.iter().filter_map(|(name, prop)| match prop {
                        Prop::Value(value) => Some((name, value.clone())),
                        Prop::Accessor { .. } => None,
                    }));
                }
            }
        }
        for exports in args.get(0).objects().collect::<Vec<_>>() {
            for (name, getter) in &getters {
                let get = self.functions_in(getter);
                *self.st.edit(exports).props.entry(*name) = Prop::Accessor {
                    get,
                    set: Value::none(),
                };
            }
        }
    }
}

/// Names that code assigns to members, and those of the getters that it defines.
fn exported_names(unit: &Unit, made: &mut FxHashSet<Name>) {
    let member = |id: ExprId| match unit.exprs.get(id as usize).map(|e| &e.kind) {
        Some(Expr::Member {
            key: Key::Name(name),
            ..
        }) => Some(*name),
        _ => None,
    };
    for pat in &unit.pats {
        if let Pat::Member(id) = pat.kind {
            made.extend(member(id));
        }
    }
    for node in &unit.exprs {
        let Expr::Call { args, .. } = &node.kind else {
            continue;
        };
        // `require.d(exports, name, getter)`, `require.d(exports, { name: getter })`.
        let [Item::One(_), Item::One(second), ..] = args[..] else {
            continue;
        };
        match unit.exprs.get(second as usize).map(|e| &e.kind) {
            Some(Expr::Str(name)) if args.len() == 3 => {
                made.insert(*name);
            }
            Some(Expr::Object(props)) if args.len() == 2 => {
                made.extend(props.iter().filter_map(|prop| match prop {
                    IrProp::Value(Key::Name(name), ..) => Some(*name),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
}
