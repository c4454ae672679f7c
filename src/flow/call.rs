//! Calls: functions and methods, with their arguments and what they return.

use super::engine::{
    Activation, Args, Cx, Engine, Job, MAX_DEPTH, MAX_RECURSION, Site, hash_of, mix,
};
use super::eval::Keys;
use super::options::OwnFunction;
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use crate::facts::ir::{Expr, ExprId, FuncId, FuncKind, Item};
use crate::facts::names::Name;
use crate::rules::flow_tables::Effect;

impl Engine<'_> {
    // ---- functions

    /// A function as a value.
    pub fn closure(
        &mut self,
        cx: &Cx<'_>,
        unit: u32,
        func: FuncId,
        env: Option<Id>,
        site: Site,
    ) -> Id {
        let home = match self.st.kind(cx.frame) {
            Kind::Frame { home, .. } => *home,
            _ => None,
        };
        let kind = self.units[unit as usize]
            .unit
            .funcs
            .get(func as usize)
            .map(|f| f.kind);
        let is_arrow = kind == Some(FuncKind::Arrow);
        // An arrow of the top level has no frame around it, but one to take `this` from.
        let env = env.or(is_arrow.then_some(cx.frame));
        if let Some(env) = env
            && !self.st.now(env).captured
        {
            self.st.edit(env).captured = true;
        }
        let (id, _) = self.st.alloc(
            site.key,
            Kind::Closure {
                unit,
                func,
                env,
                home,
            },
        );
        id
    }

    /// Says which class a method belongs to, for `super`.
    pub fn set_home(&mut self, function: Id, class: Id) {
        if let Kind::Closure {
            unit, func, env, ..
        } = *self.st.kind(function)
        {
            self.st.set_kind(
                function,
                Kind::Closure {
                    unit,
                    func,
                    env,
                    home: Some(class),
                },
            );
        }
    }

    /// Calls every function that a value may be.
    pub fn call(&mut self, callee: &Value, this: Value, mut args: Args, site: Site) -> Value {
        if let Some(atom) = callee.single() {
            return self.call_atom(atom, this, args, site);
        }
        let mut out = Value::none();
        for (index, atom) in callee.iter().enumerate() {
            let args = args.for_one_of(index, callee.0.len());
            let site = if index == 0 {
                site
            } else {
                site.sub(index as u64)
            };
            let this = this.clone();
            let result = self.perhaps(|engine| engine.call_atom(atom, this, args, site));
            out.join(&result);
        }
        out
    }

    fn call_atom(&mut self, callee: Atom, this: Value, args: Args, site: Site) -> Value {
        match callee {
            Atom::Obj(id) => self.call_object(id, this, args, site),
            Atom::Native(path, platform) => {
                // A method of lists that was taken from one, and is called on another.
                if this.objects().next().is_some()
                    && let Some(name) = self.txt(path).strip_prefix("Array.prototype.")
                {
                    let name = self.intern(name);
                    return self.call_method(&this, name, args, site);
                }
                self.call_native(path, platform, None, args, site)
            }
            Atom::Sym(sym, _) => {
                let name = self.symbol_name(sym);
                self.call_unknown(name, Value::of(callee), args, site)
            }
            _ => Value::undefined(),
        }
    }

    fn call_object(&mut self, id: Id, this: Value, args: Args, site: Site) -> Value {
        if let Kind::Closure { .. } = self.st.kind(id) {
            return self.call_closure(id, this, args, site);
        }
        match self.st.kind(id).clone() {
            Kind::Bound {
                target,
                this,
                args: first,
            } => {
                let mut list = first;
                list.extend(args.list);
                let spans = Vec::new();
                let args = Args {
                    list,
                    rest: args.rest,
                    spans,
                };
                self.call(&target, this, args, site)
            }
            Kind::Settle { promise, reject } => {
                if reject {
                    self.reject(promise, &args.get(0));
                    return Value::undefined();
                }
                self.resolve(promise, &args.get(0));
                Value::undefined()
            }
            Kind::Hook { hook, target } => self.call_hook(id, hook, &target, args, site),
            Kind::Class { .. } => self.construct(&Value::obj(id), args, site),
            _ => Value::undefined(),
        }
    }

    /// Calls a function of the program.
    pub fn call_closure(&mut self, id: Id, this: Value, args: Args, site: Site) -> Value {
        let Kind::Closure {
            unit: unit_id,
            func: func_id,
            env,
            home,
        } = *self.st.kind(id)
        else {
            return Value::undefined();
        };
        let code = self.unit(unit_id);
        let unit = &code.unit;
        let Some(func) = unit.funcs.get(func_id as usize) else {
            return Value::undefined();
        };
        self.called.insert((unit_id, func_id));
        if let Some(number) = self.reckoned(id, &args, site) {
            return self.sanitised_by_name(func.name, &args_of(&number), number);
        }
        let in_progress = self
            .acts
            .iter()
            .filter(|a| a.unit == unit_id && a.func == func_id)
            .count();
        // A call of the same object with the very same arguments, as retries are, brings what the outer call brings.
        let again = |a: &Activation| {
            a.unit == unit_id
                && a.func == func_id
                && a.this == this
                && a.args == args.list
                && args.rest.is_none()
        };
        if in_progress > 0 && !args.list.is_empty() && self.acts.iter().any(again) {
            return Value::undefined();
        }
        if in_progress >= MAX_RECURSION || self.acts.len() >= MAX_DEPTH {
            if in_progress > 0 && func.is_async {
                return Value::undefined();
            }
            // What comes back from the depth is unknown, but may hold what went in.
            return self.derive(&args.all());
        }
        if self.tries_again(id, &this, &args.list) {
            return Value::undefined();
        }
        let called_on = this.clone();
        let is_arrow = func.kind == FuncKind::Arrow;
        let key = mix(site.key, hash_of((unit_id, func_id)));
        let parent = if func_id == 0 && !is_template_unit(unit) && !is_arrow {
            None
        } else {
            env
        };
        let frame = self
            .st
            .frame(key, Kind::Frame { parent, home }, func.slots.len() + 1);
        let this = match (is_arrow, env) {
            (true, Some(env)) => self.st.this(env),
            _ => this,
        };
        let slots = func.slots.len();
        self.st.edit(frame).slots[slots] = this;
        let cx = code.cx(unit_id, frame, func_id);
        let saved = self.ctx;
        let success = self.success_of;
        self.ctx = key;
        let mark = func.has_early_exit.then(|| {
            self.st.mark();
            self.st.depth() - 1
        });
        self.acts.push(Activation {
            closure: id,
            this: called_on,
            mark,
            chain: self.chain,
            ..Activation::new(unit_id, func_id, site.at)
        });
        self.bind_parameters(&cx, func, &args, site, id);
        if let Some(act) = self.acts.last_mut() {
            act.args = args.list;
        }
        let alive = self.exec(&cx, &func.body);
        let act = self.acts.pop();
        self.ctx = saved;
        self.success_of = success;
        let (mut ret, returns, given) = act.map(|a| (a.ret, a.returns, a.args)).unwrap_or_default();
        if mark.is_some() {
            self.gather(alive, returns);
            self.st.unmark();
        }
        if ret.is_empty() || (alive && mark.is_some()) {
            ret.push(Atom::Undefined);
        }
        let ret = self.without_unfit(unit, func_id, &given, ret);
        let ret = self.sanitised_by_name(func.name, &args_of(&ret), ret);
        if func.is_async {
            return self.promise_of(
                &ret,
                Site {
                    at: site.at,
                    key: mix(key, 7),
                },
            );
        }
        if func.is_generator {
            let (array, _) = self.st.alloc(mix(key, 11), Kind::Array);
            self.st.edit(array).elem.join(&ret);
            let key = self.st.key(array);
            self.generators.insert(key, (unit_id, func_id));
            return Value::obj(array);
        }
        ret
    }

    /// An array of arguments, of its own in every call; `rest` is what may follow.
    fn array_of(&mut self, list: Vec<Value>, rest: Option<&Value>, at: Loc, salt: u64) -> Id {
        let site = Site {
            at,
            key: mix(self.ctx, salt),
        };
        let id = self.array(site, list);
        if let Some(rest) = rest {
            self.st.edit(id).elem.join(rest);
        }
        id
    }

    fn bind_parameters(
        &mut self,
        cx: &Cx<'_>,
        func: &crate::facts::ir::Func,
        args: &Args,
        site: Site,
        closure: Id,
    ) {
        if let Some(slot) = func.arguments {
            let id = self.array_of(args.list.clone(), args.rest.as_ref(), site.at, 3);
            self.st.edit(cx.frame).slots[slot as usize] = Value::obj(id);
        }
        if let Some(slot) = func.self_slot {
            self.st.edit(cx.frame).slots[slot as usize] = Value::obj(closure);
        }
        for (index, &pat) in func.params.iter().enumerate() {
            let value = args.get(index);
            let value = self.sy.step(&value, site.at, What::Passed);
            self.assign(cx, pat, &value);
        }
        if let Some(rest) = func.rest {
            let list: Vec<Value> = args.list.iter().skip(func.params.len()).cloned().collect();
            let id = self.array_of(list, args.rest.as_ref(), site.at, 5);
            self.assign(cx, rest, &Value::obj(id));
        }
    }

    /// A function whose name says that it hashes, encrypts or masks, and whose result is not what came in.
    fn sanitised_by_name(
        &mut self,
        name: Option<Name>,
        symbols: &[super::value::SymId],
        ret: Value,
    ) -> Value {
        let Some(name) = name else {
            return ret;
        };
        if symbols.is_empty() && self.options.sanitizers.is_empty() {
            return ret;
        }
        let text = self.txt(name);
        if self.options.sanitizes(&text) {
            return self.protect(&ret, super::Protection::Masked);
        }
        let Some(effect) = self.effect_of(name, false) else {
            return ret;
        };
        let protection = match effect {
            Effect::Hashed => super::Protection::Hashed,
            Effect::Encrypted => super::Protection::Encrypted,
            Effect::Masked => super::Protection::Masked,
            Effect::Clean | Effect::Encoded => return ret,
        };
        let mut change = |sym: super::value::Sym| {
            Some(
                if sym.derived && sym.protection == super::Protection::None {
                    super::value::Sym { protection, ..sym }
                } else {
                    sym
                },
            )
        };
        self.map_deep(&ret, &mut change)
    }

    /// Changes the symbols of a value, also inside texts.
    pub fn map_deep(
        &mut self,
        value: &Value,
        change: &mut dyn FnMut(super::value::Sym) -> Option<super::value::Sym>,
    ) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Text(id) => {
                    let pieces = self.sy.pieces(id);
                    let mut mapped = Vec::with_capacity(pieces.len());
                    for piece in pieces.iter() {
                        mapped.push(match piece {
                            super::value::Piece::Values(inner) => {
                                super::value::Piece::Values(self.sy.map(inner, change))
                            }
                            text => text.clone(),
                        });
                    }
                    out.push(self.sy.text(mapped));
                }
                Atom::Sym(id, trace) => {
                    let sym = self.sy.get(id);
                    if let Some(sym) = change(sym) {
                        let id = self.sy.intern(sym);
                        out.push(Atom::Sym(id, trace));
                    }
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    // ---- call expressions

    pub fn eval_call(&mut self, cx: &Cx<'_>, id: ExprId, callee: ExprId, args: &[Item]) -> Value {
        let site = self.site(cx, id);
        match cx.unit.exprs.get(callee as usize).map(|e| &e.kind) {
            Some(Expr::Super) => {
                let args = self.args(cx, args);
                let this = self.this(cx);
                let parent = self.super_class(cx);
                self.initialise(&parent, &this, args, site);
                Value::undefined()
            }
            Some(Expr::Member { object, key, .. }) => {
                let (object, key) = (*object, key.clone());
                if matches!(
                    cx.unit.exprs.get(object as usize).map(|e| &e.kind),
                    Some(Expr::Super)
                ) {
                    let proto = self.super_proto(cx);
                    let keys = self.keys_of(cx, &key);
                    let method = self.read_keys(&proto, &keys, site);
                    let args = self.args(cx, args);
                    let this = self.this(cx);
                    return self.call(&method, this, args, site);
                }
                let receiver = self.eval(cx, object);
                let keys = self.keys_of(cx, &key);
                let args = self.args(cx, args);
                if self.hands_over_chunk(cx, callee, &args) {
                    return Value::plain();
                }
                match keys {
                    Keys::Names(names) => {
                        let mut out = Value::none();
                        let (mut args, count) = (args, names.len());
                        for (index, name) in names.into_iter().enumerate() {
                            let args = args.for_one_of(index, count);
                            let own = self.own_function(cx, callee);
                            let Some((own, called)) = own else {
                                out.join(&self.call_method(&receiver, name, args, site));
                                continue;
                            };
                            let method = self.read_quietly(&receiver, name, site);
                            let run = &mut |engine: &mut Self| {
                                engine.call_method(&receiver, name, args.clone(), site)
                            };
                            out.join(&self.call_own(own, &called, &method, &args, site, run));
                        }
                        out
                    }
                    Keys::Any(_) => {
                        let method = self.elements(&receiver);
                        self.call(&method, receiver, args, site)
                    }
                }
            }
            Some(Expr::Var(crate::facts::ir::Var::Free(name))) if *name == self.k.require => {
                let own = (cx.module != u32::MAX)
                    .then(|| self.module_variable(cx.module, *name))
                    .flatten();
                let args = self.args(cx, args);
                if let (None, Some(Atom::Str(path))) = (&own, args.get(0).single()) {
                    // Asynchronous form: a callback gets the module.
                    let module = self.require(cx.file, path);
                    let callback = args.get(1);
                    if callback.objects().next().is_some() {
                        self.call(
                            &callback,
                            Value::undefined(),
                            Args::of(vec![module.clone()]),
                            site,
                        );
                    }
                    return module;
                }
                let value = own.unwrap_or_default();
                self.call(&value, Value::undefined(), args, site)
            }
            _ => {
                let function = self.eval(cx, callee);
                let args = self.args(cx, args);
                if self.hands_over_chunk(cx, callee, &args) {
                    return Value::plain();
                }
                match self.own_function(cx, callee) {
                    None => self.call(&function, Value::undefined(), args, site),
                    Some((own, called)) => {
                        let run = &mut |engine: &mut Self| {
                            engine.call(&function, Value::undefined(), args.clone(), site)
                        };
                        self.call_own(own, &called, &function, &args, site, run)
                    }
                }
            }
        }
    }

    /// What the user says of the function that is called, and its name as written.
    fn own_function(&mut self, cx: &Cx<'_>, callee: ExprId) -> Option<(OwnFunction, String)> {
        if self.options.is_empty() {
            return None;
        }
        let mut parts: Vec<std::sync::Arc<str>> = Vec::new();
        let mut at = callee;
        while let Some(node) = cx.unit.exprs.get(at as usize)
            && parts.len() < 8
        {
            let object = match &node.kind {
                Expr::Member { object, .. } => Some(*object),
                _ => None,
            };
            if let Some(name) = self.written_name(cx, at) {
                parts.push(self.txt(name));
            }
            match object {
                Some(object) => at = object,
                None => break,
            }
        }
        parts.reverse();
        let called = parts.join(".");
        self.options.function(&called).map(|own| (own, called))
    }

    /// A method of one thing that a receiver may be.
    fn call_on(&mut self, atom: Atom, name: Name, args: Args, site: Site) -> Value {
        let this = Value::of(atom);
        match atom {
            Atom::Obj(id) => self.call_member(id, name, args, site),
            Atom::Native(path, platform) => {
                let member = self.read(&this, name, site);
                match member.single() {
                    Some(Atom::Native(member, _)) => {
                        self.call_native(member, platform, Some(path), args, site)
                    }
                    _ => self.call(&member, this, args, site),
                }
            }
            Atom::Sym(sym, trace) => {
                // A method that the code itself put there comes first.
                let own =
                    self.attached(sym)
                        .and_then(|id| match self.st.cell(id).props.get(name) {
                            Some(Prop::Value(value)) => Some(value.clone()),
                            _ => None,
                        });
                match own {
                    Some(method) => self.call(&method, this, args, site),
                    None => self.call_on_symbol(sym, trace, name, args, site),
                }
            }
            Atom::Undefined | Atom::Null => Value::none(),
            _ => self.call_on_text(atom, name, args, site),
        }
    }

    /// `receiver.name(args)`.
    pub fn call_method(
        &mut self,
        receiver: &Value,
        name: Name,
        mut args: Args,
        site: Site,
    ) -> Value {
        let mut out = Value::none();
        let waited;
        let receiver = if name == self.k.then || name == self.k.catch {
            waited = self.answered(receiver);
            &waited
        } else {
            receiver
        };
        let several = receiver.0.len() > 1;
        for (index, atom) in receiver.iter().enumerate() {
            let args = args.for_one_of(index, receiver.0.len());
            let site = if index == 0 {
                site
            } else {
                site.sub(index as u64)
            };
            let result = match several {
                true => self.perhaps(|engine| engine.call_on(atom, name, args, site)),
                false => self.call_on(atom, name, args, site),
            };
            out.join(&result);
        }
        if out.is_empty() {
            out.push(Atom::Undefined);
        }
        out
    }

    fn call_member(&mut self, id: Id, name: Name, args: Args, site: Site) -> Value {
        let this = Value::obj(id);
        if let Kind::Hook {
            hook: Hook::Linker, ..
        } = self.st.kind(id)
            && let Some(result) = self.linker_method(name, &args, site)
        {
            return result;
        }
        if let Some(method) = self.own(id, name, this.clone(), site) {
            return self.call(&method, this, args, site);
        }
        if let Kind::Role { def } = *self.st.kind(id)
            && let Some(result) = self.call_this(def, name, &args, site)
        {
            return result;
        }
        if matches!(self.st.kind(id), Kind::Instance { .. })
            && let Some(result) = self.set_class_state(&this, name, &args, site)
        {
            return result;
        }
        if let Some(result) = self.builtin_method(id, name, &args, site) {
            return result;
        }
        let method = self.read(&this, name, site);
        self.call(&method, this, args, site)
    }

    /// A function that nothing is known of: it may call the functions it gets, and return what it gets.
    pub fn call_unknown(&mut self, name: Name, callee: Value, args: Args, site: Site) -> Value {
        let effect = self.effect_of(name, true);
        let result = self.sy.fresh(Origin::Call {
            at: site.at,
            name,
            key: site.key,
        });
        self.run_callbacks(&args, &result, site, None);
        let mut all = args.all();
        // What the function is a member of may be in the result too.
        for (sym, _) in callee.symbols() {
            let s = self.sy.get(sym);
            if s.derived {
                all.join(&callee);
            }
        }
        let mut out = self.apply_effect(effect, &all);
        // A name under which the result is kept says what was protected, not that it is there.
        match effect {
            Some(Effect::Clean) => {}
            Some(Effect::Masked | Effect::Hashed | Effect::Encrypted) => {
                out.join(&self.apply_effect(effect, &result));
            }
            Some(Effect::Encoded) | None => {
                // First, so that it has its place among however many others.
                let held = std::mem::replace(&mut out, result);
                out.join(&held);
            }
        }
        out
    }

    /// What comes out of a function with a known effect on its arguments.
    pub fn apply_effect(&mut self, effect: Option<Effect>, args: &Value) -> Value {
        match effect {
            Some(Effect::Clean) => Value::plain(),
            Some(Effect::Encoded) | None => self.derive(args),
            Some(Effect::Masked) => self.protect(args, super::Protection::Masked),
            Some(Effect::Hashed) => self.protect(args, super::Protection::Hashed),
            Some(Effect::Encrypted) => self.protect(args, super::Protection::Encrypted),
        }
    }

    pub fn protect(&mut self, value: &Value, protection: super::Protection) -> Value {
        let held = self.symbols_in(value);
        let mut out = self.sy.map(&held, &mut |sym| {
            let protection = sym.protection.max(protection);
            Some(super::value::Sym { protection, ..sym })
        });
        out.push(Atom::Plain);
        out
    }

    /// Lets functions among the arguments, and in an options object, run later with a result.
    pub fn run_callbacks(
        &mut self,
        args: &Args,
        result: &Value,
        site: Site,
        failure_of: Option<Name>,
    ) {
        for (index, arg) in args.list.iter().enumerate() {
            let functions = self.functions_in(arg);
            if !functions.is_empty() {
                let at = site.sub(hash_of(("callback", index)));
                let job = self.job(functions, vec![result.clone(); 3], at);
                self.jobs.push_back(Job { failure_of, ..job });
            }
        }
    }

    /// The functions among the atoms of a value.
    pub fn functions_in(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for id in value.objects() {
            if matches!(
                self.st.kind(id),
                Kind::Closure { .. } | Kind::Bound { .. } | Kind::Settle { .. } | Kind::Hook { .. }
            ) {
                out.push(Atom::Obj(id));
            }
        }
        out
    }
}

fn args_of(value: &Value) -> Vec<super::value::SymId> {
    value
        .iter()
        .filter_map(|atom| match atom {
            Atom::Sym(sym, _) => Some(sym),
            Atom::Text(_) => Some(super::value::SymId(0)),
            _ => None,
        })
        .collect()
}

fn is_template_unit(unit: &crate::facts::ir::Unit) -> bool {
    unit.kind == crate::facts::ir::UnitKind::Template
}

/// The last two names of a path: what a sanitizer is known by.
pub(super) fn last_words(path: &str) -> &str {
    let mut dots = path.rmatch_indices('.');
    dots.next();
    match dots.next() {
        Some((at, _)) => &path[at + 1..],
        None => path,
    }
}
