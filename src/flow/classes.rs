//! Classes and what `new` makes: constructors, prototypes, inheritance.
//!
//! Part of the engine; touches nothing but its state.

use super::engine::{Args, Cx, Engine, MAX_DEPTH, Site, hash_of};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Value};
use crate::facts::ir::{ClassId, ExprId, FuncKind, Key};

impl Engine<'_> {
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
        let value = Value::obj(id);
        if !node.static_blocks.is_empty() {
            let around = self.this(cx);
            if let Some(slot) = self.st.edit(cx.frame).slots.last_mut() {
                *slot = value.clone();
            }
            self.exec(cx, &node.static_blocks);
            if let Some(slot) = self.st.edit(cx.frame).slots.last_mut() {
                *slot = around;
            }
        }
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

    pub fn super_class(&mut self, cx: &Cx<'_>) -> Value {
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
    pub fn initialise(&mut self, class: &Value, this: &Value, args: Args, site: Site) -> Value {
        let mut result = Value::none();
        for atom in class.iter() {
            // What an own error says.
            if let (Atom::Native(path, _), Some(Atom::Obj(object))) = (atom, this.single())
                && self.txt(path).ends_with("Error")
            {
                let message = self.intern("message");
                self.put_prop(object, message, &args.get(0), true);
            }
        }
        for id in class.objects().collect::<Vec<_>>() {
            match *self.st.kind(id) {
                Kind::Class {
                    unit: unit_id,
                    class: class_id,
                    env,
                    ..
                } => {
                    let code = self.unit(unit_id);
                    let unit = &code.unit;
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
                        let cx = code.cx(unit_id, env, 0);
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
}
