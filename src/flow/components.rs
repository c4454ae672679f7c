//! What templates hand to components: properties, handlers, two-way bindings, references.
//!
//! Part of the engine; touches nothing but its state.

use super::effects::SinkEvent;
use super::engine::{Engine, Site, hash_of, mix};
use super::state::Kind;
use super::value::{Atom, Loc, Origin, Value, What};
use crate::facts::ir::{Expr, Stmt};
use crate::syntax::{Attr, BlockRole, Part};

impl Engine<'_> {
    /// The part of the app that a tag stands for.
    pub fn component_of(&self, tag: &str) -> Option<usize> {
        let def = self.scope.def?;
        for &part in &self.defs[def as usize].parts {
            let part = self.app.parts.get(part)?;
            if let Some(&used) = part.uses.get(tag) {
                return Some(used);
            }
            let kebab = crate::app::kebab(tag);
            if let Some(&used) = part.uses.get(&*kebab) {
                return Some(used);
            }
        }
        None
    }

    pub fn attribute_name(name: &str) -> &str {
        name.strip_prefix("v-bind:")
            .or_else(|| name.strip_prefix(':'))
            .unwrap_or(name)
    }

    /// A property of a component.
    pub fn hand_over(&mut self, part: usize, file: u32, attr: &Attr, two_way: bool) {
        let Some(def) = self.def_of_part(part) else {
            return;
        };
        // `v-bind="object"`: each of its fields is a property.
        if &*attr.name == "v-bind" {
            let value = self.attr_value(file, attr);
            for id in value.objects().collect::<Vec<_>>() {
                for (name, value) in self.values_of(id) {
                    let name = self.txt(name);
                    self.hand_over_value(def, &name, &value, file, attr);
                }
            }
            return;
        }
        let names = match two_way {
            true => bound_names(&attr.name),
            false => vec![
                Self::attribute_name(&attr.name)
                    .split('.')
                    .next()
                    .unwrap_or("")
                    .into(),
            ],
        };
        for name in names {
            if !name.starts_with("v-") && !name.starts_with("wx:") && !name.is_empty() {
                self.hand_over_as(def, &name, file, attr);
            }
        }
    }

    /// A handler that is a function among a component's properties, as some platforms have it: what the component calls
    /// it with is what it gets.
    pub fn hand_over_handler(&mut self, part: usize, attr: &Attr, site: Site) {
        let (Some(def), Some(child), Some(handler)) =
            (self.scope.def, self.def_of_part(part), attr.constant())
        else {
            return;
        };
        if !attr.name.starts_with("on") || self.is_options(child) {
            return;
        }
        let handler = self.intern(handler);
        let this = Value::obj(self.instance(def));
        let method = self.read(&this, handler, site);
        let target = self.functions_in(&method);
        if target.is_empty() {
            return;
        }
        let kind = Kind::Bound {
            target,
            this,
            args: Vec::new(),
        };
        let key = hash_of(("handed handler", site.key, &*attr.name));
        let bound = Value::obj(self.st.pinned(key, || kind));
        let name = self.intern(&attr.name);
        let data = self.data_object(child);
        self.put_prop(data, name, &bound, false);
    }

    pub fn hand_over_as(&mut self, def: u32, name: &str, file: u32, attr: &Attr) {
        let value = self.attr_value(file, attr);
        self.hand_over_value(def, name, &value, file, attr);
    }

    fn hand_over_value(&mut self, def: u32, name: &str, value: &Value, file: u32, attr: &Attr) {
        let value = self.sy.step(
            value,
            Loc {
                file,
                span: attr.span,
            },
            What::Passed,
        );
        let name = self.intern(&camel(name));
        self.note_alias(&value, name, None);
        let text = self.txt(name);
        let cell = self.named("prop", &format!("{}/{text}", self.def_name(def)));
        self.st.edit(cell).elem.join(&value);
        let data = self.data_object(def);
        self.put_prop(data, name, &value, false);
    }

    /// What a component sends to the variable that is bound to it both ways.
    pub fn take_back(&mut self, part: usize, tag: &str, file: u32, attr: &Attr) {
        let Some(def) = self.def_of_part(part) else {
            return;
        };
        // Each binding of a component has a control of its own.
        let at = Loc {
            file,
            span: attr.span,
        };
        let mut sent = Value::none();
        let slot = self.k.zero;
        for name in bound_names(&attr.name) {
            let event = match &*name {
                "value" => "input".to_string(),
                name => crate::rules::FlowTables::normal_event(&format!("update:{name}")),
            };
            let cell = self.named(
                "component event",
                &format!("{}/{event}", self.def_name(def)),
            );
            sent.join(&self.own_value(cell, slot));
            // Where a component may change its property, the change is the page's.
            if attr.name.starts_with("model:") {
                let data = self.data_object(def);
                let name = self.intern(&name);
                sent.join(&self.own_value(data, name));
            }
        }
        if sent.is_empty() {
            return;
        }
        // What is typed into a control inside of the component is typed here: a component may be used for many things.
        let is_typed = |engine: &Self, sym| {
            let origin = engine.sy.get(sym).origin;
            matches!(engine.sy.origins[origin as usize], Origin::Control { .. })
        };
        let typed = sent.symbols().any(|(sym, _)| is_typed(self, sym));
        let mut value = Value::none();
        for atom in sent.iter() {
            match atom {
                Atom::Sym(sym, _) if is_typed(self, sym) => {}
                other => {
                    value.push(other);
                }
            }
        }
        if typed {
            let control = self.make_control(at, tag, &[], "");
            value.join(&self.control_value(control));
        }
        let value = self.sy.step(&value, at, What::Stored);
        self.bind_two_way(file, attr, &value);
    }

    /// `ref="name"`: the variable of a set-up block that refers to the element.
    pub fn refer_to_element(&mut self, tag: &str, component: Option<usize>, attr: &Attr) {
        let (Some(def), Some(text)) = (self.scope.def, attr.constant()) else {
            return;
        };
        let target = match component.and_then(|part| self.def_of_part(part)) {
            Some(def) => Value::obj(self.instance(def)),
            // Elements of packages that are not in the app call what they are given.
            None if tag.contains('-') => self.native("import:element", 0),
            None => return,
        };
        let name = self.intern(text);
        let file = self.defs[def as usize].file;
        let mut holders = Value::none();
        let key = hash_of(("template ref", file, Some(name.0)));
        if let Some(id) = self.st.find(key) {
            holders.push(Atom::Obj(id));
        }
        let data = self.data_object(def);
        holders.join(&self.own_value(data, name));
        for module in self.file_modules[file as usize].clone() {
            if self.modules[module as usize].role == BlockRole::ScriptSetup
                && let Some(value) = self.module_variable(module, name)
            {
                holders.join(&value);
            }
        }
        let field = self.k.value;
        for id in holders.objects().collect::<Vec<_>>() {
            let is_reference = Some(id) == self.st.find(key)
                || matches!(self.st.kind(id), Kind::Plain)
                    && self.st.cell_for(id, field).props.get(field).is_some();
            if is_reference {
                self.put_prop(id, field, &target, false);
            }
        }
    }

    pub fn attribute_sinks(&mut self, file: u32, tag: &str, attr: &Attr, beside: &[Attr]) {
        let name = Self::attribute_name(&attr.name);
        let sinks = self.element_sinks(tag, name);
        if sinks.is_empty() {
            return;
        }
        let value = self.attr_value(file, attr);
        let vocabulary = self.set.tables.vocabulary();
        let of_organisation = beside
            .iter()
            .filter_map(Attr::constant)
            .any(|text| vocabulary.is_organisation_label(text));
        for sink in sinks.iter() {
            let masked = sink.masks.iter().any(|(name, value)| {
                let has = |a: &Attr| *a.name == **name && a.constant() == Some(value);
                beside.iter().any(has)
            });
            if masked || (of_organisation && &*sink.family == "display") {
                continue;
            }
            let site = Site {
                at: Loc {
                    file,
                    span: attr.span,
                },
                key: mix(self.ctx, hash_of(attr.span)),
            };
            if &*sink.family == "navigation" {
                self.navigate(&value, site);
            }
            let event = SinkEvent {
                argument: attr.value_span.unwrap_or(attr.span),
                call: format!("<{tag} {name}>").into(),
                sink: sink.id.clone(),
                family: sink.family.clone(),
                part: sink.part.clone(),
                target: self.beginning(&value),
                ..SinkEvent::at(site.at)
            };
            self.sink(event, &value);
        }
    }

    pub fn bind_two_way(&mut self, file: u32, attr: &Attr, value: &Value) {
        let span = attr.parts.iter().find_map(|part| match part {
            Part::Expr(span) => Some(*span),
            _ => None,
        });
        let Some(span) = span else {
            // `v-model="name"` is an expression; `model:value="name"` may be plain text.
            return;
        };
        let Some(&unit_id) = self.exprs.get(&(file, span.start)) else {
            return;
        };
        let code = self.unit(unit_id);
        let unit = &code.unit;
        let Some(func) = unit.funcs.first() else {
            return;
        };
        let Some(Stmt::Return(Some(id), _)) = func.body.last() else {
            return;
        };
        let frame_key = mix(self.ctx, hash_of(("two-way", unit_id)));
        let frame = self.bare_frame(frame_key, func);
        let cx = code.cx(unit_id, frame, 0);
        match unit.exprs.get(*id as usize).map(|e| &e.kind) {
            Some(Expr::Var(crate::facts::ir::Var::Free(name))) => {
                self.note_alias(value, *name, None);
                self.write_scope(*name, value);
            }
            Some(Expr::Member { object, key, .. }) => {
                let target = self.eval(&cx, *object);
                let keys = self.keys_of(&cx, key);
                let parent = self.name_of(&cx, *object);
                let strong = false;
                match keys {
                    super::eval::Keys::Names(names) => {
                        for name in names {
                            self.note_alias(value, name, parent);
                            self.write(&target, name, value, strong, Some(cx.loc(func.span)));
                        }
                    }
                    any => self.write_keys(&target, &any, value, parent, None),
                }
            }
            _ => {}
        }
    }
}

/// The properties that a two-way binding of a component sets.
fn bound_names(attribute: &str) -> Vec<String> {
    let name = Engine::attribute_name(attribute);
    let name = name.rsplit_once(':').map_or(name, |(_, inner)| inner);
    let name = name.split('.').next().unwrap_or("");
    match name {
        "v-model" | "wx:model" | "model" => vec!["value".into(), "modelValue".into()],
        name => vec![name.into()],
    }
}

/// `user-name` → `userName`.
pub(super) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '-' {
            upper = !out.is_empty();
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}
