//! Calls: functions, methods, classes, modules, promises and what waits for them.

use super::engine::{
    Activation, Args, ChainLink, Cx, Engine, Job, MAX_DEPTH, MAX_IN_CHAIN, MAX_RECURSION, Site,
    UnitRef, hash_of, mix,
};
use super::eval::Keys;
use super::options::OwnFunction;
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use crate::facts::ir::{ClassId, Expr, ExprId, FuncId, FuncKind, Item, Key, Stmt};
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
        if let Some(env) = env {
            let cell = self.st.peek(env);
            if !cell.captured {
                self.st.edit(env).captured = true;
            }
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
        let mut out = Value::none();
        let several = callee.0.len() > 1;
        for (index, atom) in callee.iter().enumerate() {
            let args = args.for_one_of(index, callee.0.len());
            let site = if index == 0 {
                site
            } else {
                site.sub(index as u64)
            };
            if several {
                self.st.mark();
            }
            let result = match atom {
                Atom::Obj(id) => self.call_object(id, this.clone(), args, site),
                Atom::Native(path, platform) => self.call_native(path, platform, None, args, site),
                Atom::Sym(sym, _) => {
                    let name = self.symbol_name(sym);
                    self.call_unknown(name, Value::of(atom), args, site)
                }
                _ => Value::undefined(),
            };
            if several {
                // Perhaps it was another one.
                self.st.join(Vec::new());
                self.st.unmark();
            }
            out.join(&result);
        }
        out
    }

    fn call_object(&mut self, id: Id, this: Value, args: Args, site: Site) -> Value {
        match self.st.kind(id).clone() {
            Kind::Closure { .. } => self.call_closure(id, this, args, site),
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
        let UnitRef {
            unit,
            base,
            file,
            module,
        } = self.unit(unit_id);
        let Some(func) = unit.funcs.get(func_id as usize) else {
            return Value::undefined();
        };
        self.called.insert((unit_id, func_id));
        let in_progress = self
            .acts
            .iter()
            .filter(|a| a.unit == unit_id && a.func == func_id)
            .count();
        // A call with the very same arguments, as retries are, brings what the outer call brings.
        let again = |a: &Activation| {
            a.unit == unit_id && a.func == func_id && a.args == args.list && args.rest.is_none()
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
        let is_arrow = func.kind == FuncKind::Arrow;
        let key = mix(site.key, hash_of((unit_id, func_id)));
        let parent = if func_id == 0 && !is_template_unit(&unit) && !is_arrow {
            None
        } else {
            env
        };
        let frame = self
            .st
            .frame(key, Kind::Frame { parent, home }, func.slots.len() + 1);
        let this = match (is_arrow, env) {
            (true, Some(env)) => {
                let last = self.st.peek(env).slots.len().saturating_sub(1);
                self.st.slot(env, last)
            }
            _ => this,
        };
        let slots = func.slots.len();
        self.st.edit(frame).slots[slots] = this;
        let cx = Cx {
            unit: &unit,
            unit_id,
            base,
            file,
            module,
            frame,
            func: func_id,
        };
        let saved = self.ctx;
        let success = self.success_of;
        self.ctx = key;
        let mark = has_early_exit(&func.body).then(|| {
            self.st.mark();
            self.st.depth() - 1
        });
        self.acts.push(Activation {
            args: args.list.clone(),
            mark,
            ..Activation::new(unit_id, func_id, site.at)
        });
        self.bind_parameters(&cx, func, args, site, id);
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
        let ret = self.without_unfit(&unit, func_id, &given, ret);
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
        args: Args,
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
                    let pieces = self.sy.pieces(id).to_vec();
                    let mut mapped = Vec::with_capacity(pieces.len());
                    for piece in pieces {
                        mapped.push(match piece {
                            super::value::Piece::Values(inner) => {
                                super::value::Piece::Values(self.sy.map(&inner, change))
                            }
                            text => text,
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
                    Keys::Any => {
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
            let this = Value::of(atom);
            if several {
                self.st.mark();
            }
            let result = match atom {
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
            };
            if several {
                self.st.join(Vec::new());
                self.st.unmark();
            }
            out.join(&result);
        }
        if out.is_empty() {
            out.push(Atom::Undefined);
        }
        out
    }

    fn call_member(&mut self, id: Id, name: Name, args: Args, site: Site) -> Value {
        let this = Value::obj(id);
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
                self.jobs.push_back(Job {
                    callee: functions,
                    this: Value::undefined(),
                    args: vec![result.clone(); 3],
                    promise: None,
                    result: None,
                    site: site.sub(hash_of(("callback", index))),
                    failure_of,
                    user: self.user,
                    success_of: None,
                    chain: self.chain,
                });
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

    // ---- classes

    pub fn class(&mut self, cx: &Cx<'_>, id: ExprId, class: ClassId) -> Value {
        let site = self.site(cx, id);
        let Some(node) = cx.unit.classes.get(class as usize) else {
            return Value::none();
        };
        let parent = node.parent.map(|p| self.eval(cx, p)).unwrap_or_default();
        let parent_proto = self.protos(&parent);
        let (proto, _) = self.st.alloc(
            site.sub(1).key,
            Kind::Instance {
                proto: parent_proto,
            },
        );
        let unit = cx.unit_id;
        let env = Some(cx.frame);
        self.st.edit(cx.frame).captured = true;
        let (id, _) = self.st.alloc(
            site.key,
            Kind::Class {
                unit,
                class,
                env,
                proto,
            },
        );
        let hidden = self.intern("[parent]");
        self.put_prop(id, hidden, &parent, true);
        for prop in &node.methods {
            self.add_prop(cx, proto, prop, Some(id));
        }
        if let Some(constructor) = node.constructor {
            let function = self.eval(cx, constructor);
            if let Some(Atom::Obj(f)) = function.single() {
                self.set_home(f, id);
            }
            let name = self.k.constructor;
            self.put_prop(id, name, &function, true);
        }
        for prop in &node.statics {
            self.add_prop(cx, id, prop, Some(id));
        }
        self.exec(cx, &node.static_blocks);
        let value = Value::obj(id);
        for &decorator in &node.decorators {
            let decorate = self.eval(cx, decorator);
            self.call(
                &decorate,
                Value::undefined(),
                Args::of(vec![value.clone()]),
                site.sub(2),
            );
        }
        value
    }

    fn protos(&mut self, class: &Value) -> Value {
        let mut out = Value::none();
        for atom in class.iter() {
            match atom {
                Atom::Obj(id) => match *self.st.kind(id) {
                    Kind::Class { proto, .. } => {
                        out.push(Atom::Obj(proto));
                    }
                    Kind::Closure { .. } => {
                        let proto = self.prototype_of(id);
                        out.push(Atom::Obj(proto));
                    }
                    _ => {}
                },
                Atom::Native(..) | Atom::Sym(..) => {
                    out.push(atom);
                }
                _ => {}
            }
        }
        out
    }

    /// The `prototype` of a function.
    pub fn prototype_of(&mut self, function: Id) -> Id {
        let name = self.k.prototype;
        if let Some(Prop::Value(value)) = self.st.cell_for(function, name).props.get(name)
            && let Some(Atom::Obj(id)) = value.single()
        {
            return id;
        }
        let key = hash_of(("prototype", self.st.key(function)));
        let (id, _) = self.st.alloc(key, Kind::Plain);
        self.put_prop(function, name, &Value::obj(id), true);
        id
    }

    pub fn parent_class(&mut self, class: Id) -> Value {
        let hidden = self.intern("[parent]");
        match self.st.cell_for(class, hidden).props.get(hidden) {
            Some(Prop::Value(value)) => value.clone(),
            _ => Value::none(),
        }
    }

    fn home(&self, cx: &Cx<'_>) -> Option<Id> {
        let mut at = cx.frame;
        loop {
            match self.st.kind(at) {
                Kind::Frame {
                    home: Some(home), ..
                } => return Some(*home),
                Kind::Frame {
                    parent: Some(parent),
                    ..
                } => at = *parent,
                _ => return None,
            }
        }
    }

    fn super_class(&mut self, cx: &Cx<'_>) -> Value {
        self.home(cx)
            .map(|home| self.parent_class(home))
            .unwrap_or_default()
    }

    pub fn super_proto(&mut self, cx: &Cx<'_>) -> Value {
        let parent = self.super_class(cx);
        self.protos(&parent)
    }

    /// `new constructor(args)`.
    pub fn construct(&mut self, constructor: &Value, args: Args, site: Site) -> Value {
        let mut out = Value::none();
        for (index, atom) in constructor.iter().enumerate() {
            let site = if index == 0 {
                site
            } else {
                site.sub(index as u64)
            };
            match atom {
                Atom::Obj(id) => {
                    let proto = self.protos(&Value::obj(id));
                    if proto.is_empty() {
                        continue;
                    }
                    let (instance, _) = self.st.alloc(site.key, Kind::Instance { proto });
                    let this = Value::obj(instance);
                    let result = self.initialise(&Value::obj(id), &this, args.clone(), site);
                    // A constructor may return another object.
                    if result.objects().next().is_some() {
                        out.join(&result);
                    }
                    out.join(&this);
                }
                Atom::Native(path, platform) => {
                    out.join(&self.construct_native(path, platform, args.clone(), site));
                }
                Atom::Sym(sym, _) => {
                    let name = self.symbol_name(sym);
                    out.join(&self.call_unknown(name, Value::of(atom), args.clone(), site));
                }
                _ => {}
            }
        }
        out
    }

    /// Runs a class's field initialisers and constructor on an object.
    fn initialise(&mut self, class: &Value, this: &Value, args: Args, site: Site) -> Value {
        let mut result = Value::none();
        for id in class.objects().collect::<Vec<_>>() {
            match *self.st.kind(id) {
                Kind::Class {
                    unit: unit_id,
                    class: class_id,
                    env,
                    ..
                } => {
                    let UnitRef {
                        unit,
                        base,
                        file,
                        module,
                    } = self.unit(unit_id);
                    let Some(node) = unit.classes.get(class_id as usize) else {
                        continue;
                    };
                    if self.acts.len() >= MAX_DEPTH {
                        continue;
                    }
                    let name = self.k.constructor;
                    let constructor = match self.st.cell(id).props.get(name) {
                        Some(Prop::Value(value)) => value.clone(),
                        _ => Value::none(),
                    };
                    let has_own = constructor.objects().next().is_some();
                    if !has_own {
                        let parent = self.parent_class(id);
                        self.initialise(&parent, this, args.clone(), site.sub(21));
                    }
                    // Fields see the frame around the class, with the object as `this`.
                    if let (Some(env), Some(Atom::Obj(object))) = (env, this.single()) {
                        let saved_this =
                            self.st.cell(env).slots.last().cloned().unwrap_or_default();
                        if let Some(slot) = self.st.edit(env).slots.last_mut() {
                            *slot = this.clone();
                        }
                        let saved = self.ctx;
                        self.ctx = site.sub(22).key;
                        let cx = Cx {
                            unit: &unit,
                            unit_id,
                            base,
                            file,
                            module,
                            frame: env,
                            func: 0,
                        };
                        for field in &node.fields {
                            self.add_prop(&cx, object, field, None);
                            self.bind_field_arrows(object, this, field);
                        }
                        self.ctx = saved;
                        if let Some(slot) = self.st.edit(env).slots.last_mut() {
                            *slot = saved_this;
                        }
                    }
                    if has_own {
                        result.join(&self.call(
                            &constructor,
                            this.clone(),
                            args.clone(),
                            site.sub(23),
                        ));
                    }
                }
                Kind::Closure { .. } => {
                    result.join(&self.call(
                        &Value::obj(id),
                        this.clone(),
                        args.clone(),
                        site.sub(24),
                    ));
                }
                _ => {}
            }
        }
        for atom in class.iter() {
            if matches!(atom, Atom::Sym(..) | Atom::Native(..))
                && matches!(this.single(), Some(Atom::Obj(_)))
            {
                // A parent that is not understood.
                self.run_callbacks(&args, &Value::of(atom), site.sub(25), None);
            }
        }
        result
    }

    /// Arrow functions in fields keep the object as their `this`, whatever the frame around the class says later.
    fn bind_field_arrows(&mut self, object: Id, this: &Value, field: &crate::facts::ir::Prop) {
        let crate::facts::ir::Prop::Value(Key::Name(name), _, _) = field else {
            return;
        };
        let value = match self.st.cell(object).props.get(*name) {
            Some(Prop::Value(value)) => value.clone(),
            _ => return,
        };
        if let Some(Atom::Obj(function)) = value.single()
            && let Kind::Closure {
                unit, func, env, ..
            } = *self.st.kind(function)
        {
            let arrow = self.units[unit as usize]
                .unit
                .funcs
                .get(func as usize)
                .is_some_and(|f| f.kind == FuncKind::Arrow);
            if arrow {
                // A frame of its own between the function and its surroundings holds `this`.
                let slots = env
                    .map(|e| self.st.cell(e).slots.clone())
                    .unwrap_or_default();
                let parent = match env.map(|e| self.st.kind(e)) {
                    Some(Kind::Frame { parent, .. }) => *parent,
                    _ => None,
                };
                let key = hash_of(("field frame", self.st.key(function)));
                let frame =
                    self.st
                        .frame(key, Kind::Frame { parent, home: None }, slots.len().max(1));
                let cell = self.st.edit(frame);
                cell.slots = slots;
                if cell.slots.is_empty() {
                    cell.slots.push(Value::none());
                }
                if let Some(last) = cell.slots.last_mut() {
                    *last = this.clone();
                }
                cell.captured = true;
                let home = None;
                self.st.set_kind(
                    function,
                    Kind::Closure {
                        unit,
                        func,
                        env: Some(frame),
                        home,
                    },
                );
            }
        }
    }

    // ---- promises

    /// The value of a promise, or the value itself.
    pub fn flatten(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id) if matches!(self.st.kind(id), Kind::Promise) => {
                    let inner = self.st.cell(id).elem.clone();
                    for atom in inner.iter() {
                        match atom {
                            Atom::Obj(inner)
                                if inner != id && matches!(self.st.kind(inner), Kind::Promise) =>
                            {
                                out.join(&self.st.cell(inner).elem.clone());
                            }
                            other => {
                                out.push(other);
                            }
                        }
                    }
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    /// What `await` gives: what waits may run first.
    pub fn settled(&mut self, value: &Value) -> Value {
        let waits = value
            .objects()
            .any(|id| matches!(self.st.kind(id), Kind::Promise));
        if waits && !self.jobs.is_empty() {
            self.drain();
        }
        let out = self.flatten(value);
        if out.is_empty() {
            Value::undefined()
        } else {
            out
        }
    }

    /// What code waits for: a function that is not understood and is waited for asks somebody else. Its answer is no
    /// longer what it was given.
    pub fn answered(&self, value: &Value) -> Value {
        let asks = |atom: &Atom| match atom {
            Atom::Sym(sym, _) => {
                let s = self.sy.get(*sym);
                let origin = &self.sy.origins[s.origin as usize];
                s.path == 0 && !s.derived && matches!(origin, Origin::Call { .. })
            }
            _ => false,
        };
        let mut out = value.clone();
        if value.0.len() > 1 && value.0.iter().any(asks) {
            out.0.retain(|atom| match atom {
                Atom::Sym(sym, _) => {
                    let s = self.sy.get(*sym);
                    !s.derived || s.protection != super::Protection::None
                }
                Atom::Plain => false,
                _ => true,
            });
        }
        out
    }

    pub fn promise_of(&mut self, value: &Value, site: Site) -> Value {
        let (id, _) = self.st.alloc(site.key, Kind::Promise);
        self.resolve(id, value);
        Value::obj(id)
    }

    pub fn resolve(&mut self, promise: Id, value: &Value) {
        let flat = self.flatten(value);
        self.st.edit(promise).elem.join(&flat);
        // A promise that is not settled yet hands its value on when it is.
        for id in value.objects().collect::<Vec<_>>() {
            if id != promise
                && matches!(self.st.kind(id), Kind::Promise)
                && let Some(rejection) = self.rejection(id)
            {
                let target = self.rejection_of(promise);
                let key = hash_of(("fail", self.st.key(promise), self.st.key(id)));
                let at = Loc::default();
                self.forward(rejection, target, Site { at, key });
            }
            if id != promise
                && matches!(self.st.kind(id), Kind::Promise)
                && self.st.peek(id).elem.is_empty()
            {
                let at = Loc::default();
                let key = hash_of(("adopt", self.st.key(promise), self.st.key(id)));
                self.forward(id, promise, Site { at, key });
            }
        }
    }

    /// What a promise is rejected with, as a promise of its own: only where the program rejects.
    fn rejection(&self, promise: Id) -> Option<Id> {
        self.st.find(hash_of(("rejection", self.st.key(promise))))
    }

    pub fn rejection_of(&mut self, promise: Id) -> Id {
        match self.rejection(promise) {
            Some(known) => known,
            None => {
                let key = hash_of(("rejection", self.st.key(promise)));
                self.st.alloc(key, Kind::Promise).0
            }
        }
    }

    /// A promise fails. An answer as a whole is no datum where it is an error; a datum in it still is.
    pub fn reject(&mut self, promise: Id, value: &Value) {
        let rejection = self.rejection_of(promise);
        let value = self.doubtful(value);
        self.resolve(rejection, &value);
    }

    /// What the promises among some values failed with so far.
    pub fn rejected(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for id in value.objects().collect::<Vec<_>>() {
            if matches!(self.st.kind(id), Kind::Promise)
                && let Some(rejection) = self.rejection(id)
            {
                out.join(&self.st.cell(rejection).elem.clone());
            }
        }
        out
    }

    /// `promise.then(done, failed)`.
    pub fn then(&mut self, promise: Id, done: &Value, failed: &Value, site: Site) -> Value {
        let (result, _) = self.st.alloc(site.sub(31).key, Kind::Promise);
        let settled = Value(self.st.peek(promise).elem.0.clone());
        let api = self
            .called_api(&settled)
            .or_else(|| self.promised.get(&promise).copied());
        if let Some(api) = api {
            // What becomes of a call's promise still fails when the call does.
            self.promised.insert(result, api);
        }
        let failure = Some(api.unwrap_or(self.k.catch));
        let done = self.callable_in(done);
        if done.is_empty() {
            let value = self.st.cell(promise).elem.clone();
            self.st.edit(result).elem.join(&value);
            self.forward(promise, result, site);
        } else {
            self.jobs.push_back(Job {
                callee: done,
                this: Value::undefined(),
                args: Vec::new(),
                promise: Some(promise),
                result: Some(result),
                site: site.sub(32),
                failure_of: None,
                user: self.user,
                success_of: api,
                chain: self.chain,
            });
        }
        let failed = self.callable_in(failed);
        if let Some(rejection) = self.rejection(promise) {
            if failed.is_empty() {
                let target = self.rejection_of(result);
                self.forward(rejection, target, site.sub(34));
            } else {
                self.jobs.push_back(Job {
                    callee: failed.clone(),
                    this: Value::undefined(),
                    args: Vec::new(),
                    promise: Some(rejection),
                    result: Some(result),
                    site: site.sub(35),
                    failure_of: failure,
                    user: self.user,
                    success_of: None,
                    chain: self.chain,
                });
            }
        }
        if !failed.is_empty() {
            let error = self.sy.fresh(Origin::Failure { at: site.at });
            let thrown = std::mem::take(&mut self.fx.thrown);
            self.jobs.push_back(Job {
                callee: failed,
                this: Value::undefined(),
                args: vec![error.joined(&thrown)],
                promise: None,
                result: Some(result),
                site: site.sub(33),
                failure_of: failure,
                user: self.user,
                success_of: None,
                chain: self.chain,
            });
        }
        Value::obj(result)
    }

    /// Everything that can be called, natives included.
    pub fn callable_in(&mut self, value: &Value) -> Value {
        let mut out = self.functions_in(value);
        for atom in value.iter() {
            if let Atom::Native(..) | Atom::Sym(..) = atom {
                out.push(atom);
            }
        }
        out
    }

    /// The value of one promise goes to another, when it is there.
    fn forward(&mut self, from: Id, to: Id, site: Site) {
        self.jobs.push_back(Job {
            callee: Value::none(),
            this: Value::undefined(),
            args: Vec::new(),
            promise: Some(from),
            result: Some(to),
            site,
            failure_of: None,
            user: self.user,
            success_of: None,
            chain: self.chain,
        });
    }

    /// Runs what waits, until nothing does.
    pub fn drain(&mut self) {
        if self.drain_depth >= 3 {
            return;
        }
        self.drain_depth += 1;
        let was_job = std::mem::replace(&mut self.in_job, true);
        let failure = self.failure_of;
        let mut left = 4_000u32;
        // A promise that is not settled yet is asked again when all else has run.
        let mut waiting: Vec<Job> = Vec::new();
        loop {
            while let Some(job) = self.jobs.pop_front() {
                left = left.saturating_sub(1);
                if left == 0 || self.exhausted {
                    self.jobs.clear();
                    break;
                }
                let args = match job.promise {
                    Some(promise) => {
                        let value = Value::obj(promise);
                        let value = self.flatten(&value);
                        if value.is_empty() {
                            waiting.push(job);
                            continue;
                        }
                        vec![value]
                    }
                    None => job.args.clone(),
                };
                self.failure_of = job.failure_of.or(failure);
                let user = self.user;
                self.user |= job.user;
                let success = self.success_of;
                self.success_of = job.success_of.or(success);
                let value = if job.callee.is_empty() {
                    args.into_iter().next().unwrap_or_default()
                } else {
                    self.run_job(&job, args)
                };
                self.user = user;
                self.success_of = success;
                if let Some(result) = job.result {
                    self.resolve(result, &value);
                }
            }
            let ready: Vec<Job> = {
                let (ready, rest): (Vec<Job>, Vec<Job>) = waiting.drain(..).partition(|job| {
                    job.promise
                        .is_some_and(|p| !self.st.peek(p).elem.is_empty())
                });
                waiting = rest;
                ready
            };
            if ready.is_empty() && self.drain_depth == 1 && self.acts.is_empty() {
                self.jobs.append(&mut self.late);
            }
            if (ready.is_empty() && self.jobs.is_empty()) || self.exhausted {
                break;
            }
            self.jobs.extend(ready);
        }
        // Inside an `await` they may be settled by what comes after it.
        if self.drain_depth > 1 || !self.acts.is_empty() {
            self.jobs.extend(waiting);
        }
        self.failure_of = failure;
        self.in_job = was_job;
        self.drain_depth -= 1;
    }

    /// Calls what a job calls, unless it has led to itself often enough: timers that set themselves again, a log-in that
    /// tries again when it has failed.
    fn run_job(&mut self, job: &Job, args: Vec<Value>) -> Value {
        let mut chain = job.chain;
        for id in job.callee.objects() {
            let Kind::Closure { unit, func, .. } = *self.st.kind(id) else {
                continue;
            };
            if self.times_in_chain(job.chain, unit, func) >= MAX_IN_CHAIN {
                let all = Args::of(args).all();
                return self.derive(&all);
            }
            self.chains.push(ChainLink {
                parent: chain,
                unit,
                func,
            });
            chain = self.chains.len() as u32;
        }
        let outer = std::mem::replace(&mut self.chain, chain);
        let value = self.call(&job.callee, job.this.clone(), Args::of(args), job.site);
        self.chain = outer;
        value
    }

    fn times_in_chain(&self, mut chain: u32, unit: u32, func: FuncId) -> usize {
        let mut times = 0;
        while let Some(link) = chain
            .checked_sub(1)
            .and_then(|at| self.chains.get(at as usize))
        {
            times += usize::from(link.unit == unit && link.func == func);
            chain = link.parent;
        }
        times
    }

    // ---- modules

    /// `require(path)`.
    pub fn require(&mut self, file: u32, path: Name) -> Value {
        match self.resolve_module(file, path) {
            Ok(target) => {
                self.run_module(target);
                self.exports_of(target)
            }
            Err(value) => value,
        }
    }

    /// `import * as x from path`.
    pub fn import_all(&mut self, file: u32, path: Name) -> Value {
        self.require(file, path)
    }

    /// `import {name} from path`.
    pub fn import(&mut self, file: u32, path: Name, name: Name) -> Value {
        match self.resolve_module(file, path) {
            Ok(target) => {
                self.run_module(target);
                let exports = self.exports_of(target);
                let at = Loc::start(file);
                let site = Site {
                    at,
                    key: hash_of(("import", target, name.0)),
                };
                if name == self.k.default {
                    // A CommonJS module is its own default export.
                    let mut out = Value::none();
                    for atom in exports.iter() {
                        let Atom::Obj(id) = atom else {
                            out.push(atom);
                            continue;
                        };
                        let cell = self.st.cell(id);
                        if cell.props.get(name).is_some() {
                            out.join(&self.read(&Value::of(atom), name, site));
                        } else {
                            out.push(atom);
                        }
                    }
                    return out;
                }
                self.read(&exports, name, site)
            }
            Err(_) => self.import_native(path, name),
        }
    }

    /// The module of a path, or what stands for one that is not in the app.
    fn resolve_module(&mut self, file: u32, path: Name) -> Result<u32, Value> {
        let text = self.txt(path);
        let from = self.path(file);
        let target = self.app.resolve(&from, &text).cloned();
        if let Some(target) = target
            && let Some(&id) = self.file_ids.get(&target)
        {
            let modules = &self.file_modules[id as usize];
            // The script block of a component that exports; the last one is the set-up block.
            if let Some(&module) = modules
                .iter()
                .find(|&&m| self.modules[m as usize].role == crate::syntax::BlockRole::Script)
                .or(modules.first())
            {
                return Ok(module);
            }
        }
        Err(self.package(&text))
    }

    /// Runs a module's top level, once in a run of the program's start.
    pub fn run_module(&mut self, module: u32) {
        if self.loaded[module as usize] || self.running.contains(&module) {
            return;
        }
        self.loaded[module as usize] = true;
        let info = &self.modules[module as usize];
        let (unit_id, file) = (info.unit, info.file);
        let UnitRef { unit, base, .. } = self.unit(unit_id);
        let frame = self.module_frame(module);
        let cx = Cx {
            unit: &unit,
            unit_id,
            base,
            file,
            module,
            frame,
            func: 0,
        };
        let saved = std::mem::replace(&mut self.ctx, hash_of(("module", module)));
        let acts = std::mem::take(&mut self.acts);
        self.running.push(module);
        self.acts
            .push(Activation::new(unit_id, 0, Loc::start(file)));
        if let Some(func) = unit.funcs.first() {
            self.hoist(&cx, &func.body);
            self.exec(&cx, &func.body);
        }
        self.acts = acts;
        self.running.pop();
        self.ctx = saved;
    }

    /// Exports of function declarations are there before anything runs: modules may import each other.
    fn hoist(&mut self, cx: &Cx<'_>, body: &[Stmt]) {
        if !body.iter().any(|s| matches!(s, Stmt::Import { .. })) {
            return;
        }
        for stmt in body {
            if let Stmt::Declare(pat, Some(value)) = stmt
                && matches!(
                    cx.unit.exprs.get(*value as usize).map(|e| &e.kind),
                    Some(Expr::Child(_))
                )
            {
                let function = self.eval(cx, *value);
                self.assign(cx, *pat, &function);
            }
        }
        for stmt in body {
            if let Stmt::Export(name, value) = stmt
                && matches!(
                    cx.unit.exprs.get(*value as usize).map(|e| &e.kind),
                    Some(Expr::Var(_))
                )
            {
                let value = self.eval(cx, *value);
                if value.objects().next().is_some() {
                    let exports = self.exports_of(cx.module);
                    for id in exports.objects().collect::<Vec<_>>() {
                        self.put_prop(id, *name, &value, true);
                    }
                }
            }
        }
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

/// Whether a function may end before its last statement, other than by its top-level `return`.
fn has_early_exit(body: &[Stmt]) -> bool {
    fn inside(body: &[Stmt]) -> bool {
        body.iter().any(|stmt| match stmt {
            Stmt::Return(..) | Stmt::Throw(_) => true,
            other => nested(other),
        })
    }
    fn nested(stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Block(body) | Stmt::Labeled(_, body) => inside(body),
            Stmt::If(_, yes, no) => inside(yes) || inside(no),
            Stmt::Loop { body, .. } | Stmt::ForOf(_, _, body) | Stmt::ForIn(_, _, body) => {
                inside(body)
            }
            Stmt::Switch(_, cases) => cases.iter().any(|(_, body)| inside(body)),
            Stmt::Try {
                body,
                handler,
                finalizer,
            } => {
                inside(body)
                    || handler.as_ref().is_some_and(|(_, h)| inside(h))
                    || inside(finalizer)
            }
            _ => false,
        }
    }
    body.iter().any(nested)
}
