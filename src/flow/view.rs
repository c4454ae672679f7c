//! Templates: what they show, what they bind, what they hand to components, and how their handlers are called.
//!
//! A template is interpreted as code over its page's data. Its expressions read names from the scopes of loops and
//! slots, from view-layer modules, and from the data.

use super::effects::{Bound, SinkEvent};
use super::engine::{Activation, Args, Cx, Engine, Site, UnitRef, hash_of, mix};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Piece, Value, What};
use crate::app::IncludeKind;
use crate::facts::ir::{Expr, Func, Stmt};
use crate::facts::names::Name;
use crate::facts::{FileFacts, Placed};
use crate::finding::Confidence;
use crate::rules::classes::ClassId;
use crate::rules::flow_tables::Step;
use crate::rules::vocabulary::Strength;
use crate::syntax::{Attr, BlockRole, Node, Part};
use crate::text::Span;
use std::sync::Arc;

/// Where the names of template expressions are looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub def: Option<u32>,
    pub file: u32,
    /// Names of loops and slots; the last is the innermost.
    pub names: Vec<(Name, Value)>,
    /// Inside a named template: its data.
    pub data: Option<Value>,
    pub event: Value,
    /// The datasets of what is inside of the element whose handler runs.
    pub inner: Value,
    /// The marks of the element whose handler runs.
    pub marks: Value,
}

/// A control of a template, or an element that hands out data.
#[derive(Clone, Debug)]
pub(super) struct ControlInfo {
    pub at: Loc,
    pub name: Arc<str>,
    /// What its attributes say.
    pub classes: Vec<(ClassId, Confidence)>,
    pub masked: bool,
    pub receiver: Arc<str>,
    /// Nothing is typed there that tells of a person.
    pub neutral: bool,
}

/// The state of one walk.
struct Walk {
    /// The text before the element at hand.
    label: Arc<str>,
    /// Controls in the form at hand, by name.
    form: Vec<(Name, Value)>,
    /// Datasets of the elements walked so far inside of the one at hand.
    inner: Value,
    /// Marks of the elements around the one at hand, and of itself.
    marks: Value,
    depth: u32,
}

impl<'a> Engine<'a> {
    // ---- names

    pub fn read_scope(&mut self, name: Name) -> Value {
        if let Some((_, value)) = self.scope.names.iter().rev().find(|(n, _)| *n == name) {
            return value.clone();
        }
        let tables = self.tables;
        if *tables.names().event_variable == *self.txt(name) {
            return self.scope.event.clone();
        }
        if let Some(value) = self.view_module(name) {
            return value;
        }
        let site = Site {
            at: Loc::start(self.scope.file),
            key: mix(self.ctx, hash_of(("scope", name.0))),
        };
        if let Some(data) = self.scope.data.clone() {
            return self.read(&data, name, site);
        }
        let Some(def) = self.scope.def else {
            return self.global(name);
        };
        let data = self.data_object(def);
        if let Some(value) = self.own(data, name, Value::obj(data), site) {
            return self.bound_methods(def, name, value);
        }
        let instance = self.instance(def);
        if instance != data
            && let Some(value) = self.own(instance, name, Value::obj(instance), site)
        {
            return self.bound_methods(def, name, value);
        }
        // Set-up blocks show their variables to the template.
        let file = self.defs[def as usize].file;
        for module in self.file_modules[file as usize].clone() {
            if self.modules[module as usize].role.is_script()
                && let Some(value) = self.module_variable(module, name)
            {
                return self.opened(&value);
            }
        }
        let value = self.read(&Value::obj(data), name, site);
        if value.iter().all(|a| matches!(a, Atom::Undefined)) {
            let text = self.txt(name);
            if Self::language_global(&text) || tables.global(&text).is_some() {
                return self.global(name);
            }
        }
        value
    }

    /// References are read as their values in templates.
    fn opened(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        let at = Loc::default();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id)
                    if matches!(self.st.kind(id), Kind::Plain)
                        && self.st.cell(id).props.get(self.k.value).is_some() =>
                {
                    let site = Site {
                        at,
                        key: hash_of(("opened", id)),
                    };
                    let name = self.k.value;
                    out.join(&self.read(&Value::of(atom), name, site));
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    /// Methods that a template names are called on the component.
    fn bound_methods(&mut self, def: u32, name: Name, value: Value) -> Value {
        let functions = self.functions_in(&value);
        if functions.is_empty() {
            return self.opened(&value);
        }
        let instance = self.instance(def);
        let key = hash_of(("bound method", self.st.key(instance), name.0));
        let kind = Kind::Bound {
            target: functions,
            this: Value::obj(instance),
            args: Vec::new(),
        };
        Value::obj(self.st.alloc(key, kind).0)
    }

    pub fn write_scope(&mut self, name: Name, value: &Value) {
        if let Some((_, old)) = self.scope.names.iter_mut().rev().find(|(n, _)| *n == name) {
            old.join(value);
            return;
        }
        let Some(def) = self.scope.def else { return };
        let at = Loc::start(self.scope.file);
        let data = self.data_object(def);
        if self.st.cell(data).props.get(name).is_none() {
            let file = self.defs[def as usize].file;
            for module in self.file_modules[file as usize].clone() {
                if !self.modules[module as usize].role.is_script() {
                    continue;
                }
                if let Some(held) = self.module_variable(module, name) {
                    let field = self.k.value;
                    for id in held.objects().collect::<Vec<_>>() {
                        if self.st.cell(id).props.get(field).is_some() {
                            self.write(&Value::obj(id), field, value, false, Some(at));
                        }
                    }
                    return;
                }
            }
        }
        self.note_alias(value, name, None);
        self.write(&Value::obj(data), name, value, false, Some(at));
    }

    fn view_module(&mut self, name: Name) -> Option<Value> {
        let file = self.scope.file;
        let own = self.file_modules.get(file as usize)?.clone();
        for module in own {
            let info = &self.modules[module as usize];
            if info.role == BlockRole::ViewScript && info.module_name == Some(name) {
                self.run_module(module);
                return Some(self.exports_of(module));
            }
        }
        let path = self.path(file);
        let text = self.txt(name);
        let app = self.app;
        for (kind, target) in app.includes.get(&path).into_iter().flatten() {
            if let IncludeKind::ViewModule { name } = kind
                && **name == *text
            {
                let file = *self.file_ids.get(target)?;
                let module = *self.file_modules[file as usize].first()?;
                self.run_module(module);
                return Some(self.exports_of(module));
            }
        }
        None
    }

    // ---- expressions

    /// A frame with nothing around it: template expressions find other names in the scope.
    fn bare_frame(&mut self, key: u64, func: &Func) -> Id {
        let kind = Kind::Frame {
            parent: None,
            home: None,
        };
        self.st.frame(key, kind, func.slots.len() + 1)
    }

    /// The value of a template's expression in the scope at hand.
    fn expr(&mut self, file: u32, span: Span) -> Value {
        match self.exprs.get(&(file, span.start)) {
            Some(&unit) => self.run_expr(unit),
            None => Value::none(),
        }
    }

    fn run_expr(&mut self, unit_id: u32) -> Value {
        let UnitRef {
            unit, base, file, ..
        } = self.unit(unit_id);
        let Some(func) = unit.funcs.first() else {
            return Value::none();
        };
        let key = mix(self.ctx, hash_of(("expression", unit_id)));
        let frame = self.bare_frame(key, func);
        if let Some(def) = self.scope.def {
            let instance = self.instance(def);
            let slots = func.slots.len();
            self.st.edit(frame).slots[slots] = Value::obj(instance);
        }
        let cx = Cx {
            unit: &unit,
            unit_id,
            base,
            file,
            module: u32::MAX,
            frame,
            func: 0,
        };
        let saved = std::mem::replace(&mut self.ctx, key);
        self.acts
            .push(Activation::new(unit_id, 0, cx.loc(func.span)));
        self.exec(&cx, &func.body);
        self.ctx = saved;
        self.acts.pop().map(|act| act.ret).unwrap_or_default()
    }

    /// The value of an attribute.
    fn attr_value(&mut self, file: u32, attr: &Attr) -> Value {
        if let Some(text) = attr.constant() {
            return self.str_value(text);
        }
        if let [Part::Expr(span)] = attr.parts[..] {
            return self.expr(file, span);
        }
        self.parts_value(file, &attr.parts, attr.text.as_deref().unwrap_or(""))
    }

    fn parts_value(&mut self, file: u32, parts: &[Part], text: &str) -> Value {
        let mut pieces = Vec::new();
        // Facts keep the literal pieces joined; unless entities were resolved their lengths tell them apart.
        let sum: u32 = parts
            .iter()
            .map(|part| match part {
                Part::Text(span) => span.len(),
                _ => 0,
            })
            .sum();
        let exact = sum as usize == text.len();
        let mut rest = text;
        for part in parts {
            match part {
                Part::Text(span) => {
                    let len = if exact {
                        span.len() as usize
                    } else {
                        rest.len()
                    };
                    let (piece, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
                    rest = after;
                    if !piece.is_empty() {
                        pieces.push(Piece::Text(piece.into()));
                    }
                }
                Part::Expr(span) => {
                    let value = self.expr(file, *span);
                    self.push_piece(&value, &mut pieces);
                }
                Part::Alias(_) => {}
            }
        }
        Value::of(self.finish_text(pieces))
    }

    /// The last name of what an expression reads: `form.phone` → phone.
    fn read_name(&mut self, file: u32, attr: &Attr) -> Option<Name> {
        let span = attr.parts.iter().find_map(|part| match part {
            Part::Expr(span) => Some(*span),
            _ => None,
        })?;
        let unit_id = *self.exprs.get(&(file, span.start))?;
        let UnitRef {
            unit, base, file, ..
        } = self.unit(unit_id);
        let func = unit.funcs.first()?;
        let Some(Stmt::Return(Some(id), _)) = func.body.last() else {
            return None;
        };
        let cx = Cx {
            unit: &unit,
            unit_id,
            base,
            file,
            module: u32::MAX,
            frame: 0,
            func: 0,
        };
        self.name_of(&cx, *id)
    }

    // ---- walking

    /// Interprets the template of a definition.
    pub fn run_view(&mut self, def: u32, file: u32) {
        let facts = self.files[file as usize].clone();
        let Some(template) = &facts.template else {
            return;
        };
        self.scope = Scope {
            def: Some(def),
            file,
            ..Scope::default()
        };
        self.ctx = hash_of(("view", self.defs[def as usize].key, file));
        let mut walk = Walk {
            label: "".into(),
            form: Vec::new(),
            marks: Value::none(),
            inner: Value::none(),
            depth: 0,
        };
        for &root in &template.markup.roots {
            self.walk(&facts, file, root, &mut walk);
        }
    }

    fn walk(&mut self, facts: &Arc<FileFacts>, file: u32, node: u32, walk: &mut Walk) {
        let Some(template) = &facts.template else {
            return;
        };
        match template.markup.nodes.get(node as usize) {
            Some(Node::Text { parts, text, .. }) => {
                if !text.trim().is_empty() {
                    walk.label = text.clone();
                }
                let said = if text.trim().is_empty() {
                    &walk.label
                } else {
                    text
                };
                let vocabulary = self.set.tables.vocabulary();
                let of_organisation = vocabulary.is_organisation_label(said);
                for part in parts {
                    if let Part::Expr(span) = part {
                        let value = self.showing(|it| it.expr(file, *span));
                        if of_organisation {
                            continue;
                        }
                        self.shown(file, *span, "text", "{{ }}", &value);
                    }
                }
            }
            Some(Node::Element {
                tag,
                open,
                attrs,
                children,
                ..
            }) => {
                let names = self.scope.names.len();
                for scope in template.scopes_of(node) {
                    self.open_scope(file, scope);
                }
                self.visit(facts, file, node, tag, *open, attrs, children, walk);
                self.scope.names.truncate(names);
            }
            _ => {}
        }
    }

    fn open_scope(&mut self, file: u32, scope: &crate::facts::Scope) {
        let mut values = Vec::new();
        if scope.is_loop {
            let list = scope
                .list
                .map(|span| self.expr(file, span))
                .unwrap_or_default();
            values.push(self.elements(&list));
            values.push(Value::plain());
        } else {
            let at = Loc::start(file);
            let name = self.intern("slot");
            values.push(self.sy.fresh(Origin::Param { at, name }));
        }
        for (index, placed) in scope.names.iter().enumerate() {
            let value = values.get(index).cloned().unwrap_or_else(Value::plain);
            self.declare(file, placed, &value);
        }
    }

    /// Binds a declared name or pattern.
    fn declare(&mut self, file: u32, placed: &Placed, value: &Value) {
        let unit = placed.unit.clone();
        let Some(func) = unit.funcs.first() else {
            return;
        };
        let key = mix(self.ctx, hash_of(("declare", placed.base)));
        let frame = self.bare_frame(key, func);
        let cx = Cx {
            unit: &unit,
            unit_id: 0,
            base: placed.base,
            file,
            module: u32::MAX,
            frame,
            func: 0,
        };
        for &pat in &func.params {
            self.assign(&cx, pat, value);
        }
        let cell = self.st.cell(frame);
        for (index, &name) in func.slots.iter().enumerate() {
            let value = cell.slots.get(index).cloned().unwrap_or_default();
            self.scope.names.push((name, value));
        }
    }

    /// What is evaluated is to be shown.
    pub fn showing(&mut self, what: impl FnOnce(&mut Self) -> Value) -> Value {
        let before = std::mem::replace(&mut self.showing, true);
        let value = what(self);
        self.showing = before;
        value
    }

    /// Something is shown.
    pub fn shown(&mut self, file: u32, span: Span, part: &str, call: &str, value: &Value) {
        let event = SinkEvent {
            at: Loc { file, span },
            argument: span,
            call: call.into(),
            sink: "template".into(),
            family: "display".into(),
            part: part.into(),
            target: "".into(),
            method: "".into(),
            protected: false,
            symbols: Vec::new(),
            calls: Vec::new(),
        };
        self.sink(event, value);
    }

    #[allow(clippy::too_many_arguments)]
    fn visit(
        &mut self,
        facts: &Arc<FileFacts>,
        file: u32,
        node: u32,
        tag: &Arc<str>,
        open: Span,
        attrs: &[Attr],
        children: &[u32],
        walk: &mut Walk,
    ) {
        if walk.depth > 60 || self.exhausted {
            return;
        }
        if &**tag == "template" || &**tag == "block" || &**tag == "import" || &**tag == "include" {
            if attrs.iter().any(|a| &*a.name == "name")
                && &**tag == "template"
                && !attrs.iter().any(|a| &*a.name == "is")
            {
                let has_slot_name = facts.kind == crate::syntax::FileKind::Component;
                if !has_slot_name {
                    // A named template: shown where it is used.
                    return;
                }
            }
            if let Some(is) = attrs.iter().find(|a| &*a.name == "is") {
                self.use_template(facts, file, is, attrs, walk);
                return;
            }
            if &**tag == "include" {
                self.include(file, walk);
                return;
            }
        }
        let tables = self.tables;
        let component = self.component_of(tag);
        let control = match (component, tables.control(tag)) {
            (None, Some(_)) => Some(self.control(facts, file, tag, open, attrs, walk)),
            _ => None,
        };
        let dataset = self.dataset(file, attrs, open);
        let site = Site {
            at: Loc { file, span: open },
            key: mix(self.ctx, hash_of(("element", node))),
        };
        let names = tables.names();
        // Two-way bindings and what is handed to components.
        for attr in attrs {
            let two_way = names.two_way.iter().any(|p| {
                attr.name.starts_with(&**p) || (p.starts_with('.') && attr.name.ends_with(&**p))
            });
            if two_way && let Some(control) = control {
                let value = self.control_value(control);
                let value = self.sy.step(&value, Loc { file, span: open }, What::Stored);
                self.bind_two_way(file, attr, &value);
            }
            if self.event(&attr.name).is_some() {
                if let Some(part) = component {
                    self.hand_over_handler(part, attr, site);
                }
                continue;
            }
            if *attr.name == *names.reference_attribute {
                self.refer_to_element(tag, component, attr);
            }
            if let Some(part) = component {
                self.hand_over(part, file, attr, two_way);
                if two_way {
                    self.take_back(part, tag, file, attr);
                }
            } else {
                self.attribute_sinks(file, tag, attr, attrs);
            }
            if &*attr.name == "v-text" || &*attr.name == "v-html" {
                let value = self.showing(|it| it.attr_value(file, attr));
                if let Some(span) = attr.value_span {
                    self.shown(file, span, "text", "{{ }}", &value);
                }
            }
        }
        let is_form = attrs.iter().any(|a| {
            tables
                .event(&a.name)
                .is_some_and(|e| names.form_events.iter().any(|f| **f == *e))
        });
        let outer = is_form.then(|| std::mem::take(&mut walk.form));
        if let Some(control) = control {
            for key in &names.form_name_attributes {
                if let Some(name) = attrs
                    .iter()
                    .find(|a| *a.name == **key)
                    .and_then(Attr::constant)
                {
                    let name = self.intern(name);
                    let value = self.control_value(control);
                    self.note_alias(&value, name, None);
                    walk.form.push((name, value));
                }
            }
        }
        let marks = self.marks(file, attrs, open, &walk.marks);
        let around = std::mem::replace(&mut walk.marks, marks.clone());
        walk.depth += 1;
        let beside = std::mem::take(&mut walk.inner);
        for &child in children {
            self.walk(facts, file, child, walk);
        }
        let inner = std::mem::replace(&mut walk.inner, beside);
        walk.depth -= 1;
        walk.inner.join(&inner);
        if attrs.iter().any(|a| {
            names
                .dataset_prefixes
                .iter()
                .any(|p| a.name.starts_with(&**p))
        }) {
            walk.inner.join(&dataset);
        }
        self.scope.inner = inner;
        walk.marks = around;
        self.scope.marks = marks;
        self.handlers(
            file,
            node,
            attrs,
            control,
            component,
            &dataset,
            &walk.form.clone(),
            site,
        );
        if let Some(outer) = outer {
            walk.form = outer;
        }
        if control.is_some() {
            walk.label = "".into();
        }
    }

    fn use_template(
        &mut self,
        facts: &Arc<FileFacts>,
        file: u32,
        is: &Attr,
        attrs: &[Attr],
        walk: &mut Walk,
    ) {
        if self.view_depth > 4 {
            return;
        }
        let name = self.attr_value(file, is);
        let names = self.constant_names(&name);
        let data = match attrs.iter().find(|a| &*a.name == "data") {
            Some(data) => self.attr_value(file, data),
            None => Value::undefined(),
        };
        let path = self.path(file);
        let mut places: Vec<(u32, Arc<FileFacts>)> = vec![(file, facts.clone())];
        let app = self.app;
        for (kind, target) in app.includes.get(&path).into_iter().flatten() {
            if *kind == IncludeKind::Import
                && let Some(&file) = self.file_ids.get(target)
            {
                places.push((file, self.files[file as usize].clone()));
            }
        }
        for wanted in names {
            let wanted = self.txt(wanted);
            for (file, facts) in &places {
                let Some(template) = &facts.template else {
                    continue;
                };
                let found = template.markup.nodes.iter().find_map(|node| match node {
                    Node::Element {
                        tag,
                        attrs,
                        children,
                        ..
                    } if &**tag == "template" => attrs
                        .iter()
                        .any(|a| &*a.name == "name" && a.constant() == Some(&*wanted))
                        .then_some(children),
                    _ => None,
                });
                let Some(children) = found else { continue };
                let saved = self.scope.clone();
                self.scope.names.clear();
                self.scope.data = Some(data.clone());
                self.scope.file = *file;
                self.view_depth += 1;
                for &child in children {
                    self.walk(facts, *file, child, walk);
                }
                self.view_depth -= 1;
                self.scope = saved;
                break;
            }
        }
    }

    fn include(&mut self, file: u32, walk: &mut Walk) {
        if self.view_depth > 4 {
            return;
        }
        let path = self.path(file);
        let app = self.app;
        for (kind, target) in app.includes.get(&path).into_iter().flatten() {
            if *kind != IncludeKind::Include {
                continue;
            }
            let Some(&other) = self.file_ids.get(target) else {
                continue;
            };
            let facts = self.files[other as usize].clone();
            let Some(template) = &facts.template else {
                continue;
            };
            let saved = std::mem::replace(&mut self.scope.file, other);
            self.view_depth += 1;
            for &root in &template.markup.roots {
                self.walk(&facts, other, root, walk);
            }
            self.view_depth -= 1;
            self.scope.file = saved;
        }
    }

    /// The part of the app that a tag stands for.
    fn component_of(&self, tag: &str) -> Option<usize> {
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

    fn attribute_name(name: &str) -> &str {
        name.strip_prefix("v-bind:")
            .or_else(|| name.strip_prefix(':'))
            .unwrap_or(name)
    }

    /// A property of a component.
    fn hand_over(&mut self, part: usize, file: u32, attr: &Attr, two_way: bool) {
        let Some(def) = self.def_of_part(part) else {
            return;
        };
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
    fn hand_over_handler(&mut self, part: usize, attr: &Attr, site: Site) {
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

    fn hand_over_as(&mut self, def: u32, name: &str, file: u32, attr: &Attr) {
        let value = self.attr_value(file, attr);
        let value = self.sy.step(
            &value,
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
    fn take_back(&mut self, part: usize, tag: &str, file: u32, attr: &Attr) {
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
    fn refer_to_element(&mut self, tag: &str, component: Option<usize>, attr: &Attr) {
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

    fn attribute_sinks(&mut self, file: u32, tag: &str, attr: &Attr, beside: &[Attr]) {
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
                at: site.at,
                argument: attr.value_span.unwrap_or(attr.span),
                call: format!("<{tag} {name}>").into(),
                sink: sink.id.clone(),
                family: sink.family.clone(),
                part: sink.part.clone(),
                target: self.beginning(&value),
                method: "".into(),
                protected: false,
                symbols: Vec::new(),
                calls: Vec::new(),
            };
            self.sink(event, &value);
        }
    }

    fn bind_two_way(&mut self, file: u32, attr: &Attr, value: &Value) {
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
        let UnitRef {
            unit, base, file, ..
        } = self.unit(unit_id);
        let Some(func) = unit.funcs.first() else {
            return;
        };
        let Some(Stmt::Return(Some(id), _)) = func.body.last() else {
            return;
        };
        let frame_key = mix(self.ctx, hash_of(("two-way", unit_id)));
        let frame = self.bare_frame(frame_key, func);
        let cx = Cx {
            unit: &unit,
            unit_id,
            base,
            file,
            module: u32::MAX,
            frame,
            func: 0,
        };
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

    // ---- controls

    pub fn control_value(&mut self, control: u32) -> Value {
        self.sy.fresh(Origin::Control { index: control })
    }

    fn control(
        &mut self,
        _facts: &Arc<FileFacts>,
        file: u32,
        tag: &str,
        open: Span,
        attrs: &[Attr],
        walk: &Walk,
    ) -> u32 {
        let constants: Vec<(String, Option<Arc<str>>)> = attrs
            .iter()
            .map(|a| {
                let name = Self::attribute_name(&a.name).to_string();
                (name, a.constant().map(Arc::from))
            })
            .collect();
        let at = Loc { file, span: open };
        let control = self.make_control(at, tag, &constants, &walk.label);
        // The name of what it is bound to tells what is typed.
        if let Some(spec) = self.tables.control(tag) {
            for attr in attrs {
                let name = Self::attribute_name(&attr.name);
                let is_value = spec
                    .values
                    .iter()
                    .any(|v| **v == *name || name.starts_with(&**v));
                if is_value && let Some(name) = self.read_name(file, attr) {
                    let value = self.control_value(control);
                    self.note_alias(&value, name, None);
                    let text = self.txt(name);
                    if let Some(info) = self.controls.get_mut(control as usize) {
                        info.receiver = text;
                    }
                }
            }
        }
        control
    }

    /// A control, from its element's constant attributes and the text before it.
    pub fn make_control(
        &mut self,
        at: Loc,
        tag: &str,
        attrs: &[(String, Option<Arc<str>>)],
        label: &str,
    ) -> u32 {
        if let Some(&control) = self.control_ids.get(&(at.file, at.span.start)) {
            return control;
        }
        let tables = self.tables;
        let vocabulary = self.set.tables.vocabulary();
        let mut info = ControlInfo {
            at,
            name: tag.into(),
            classes: Vec::new(),
            masked: false,
            receiver: "".into(),
            neutral: false,
        };
        let mut add = |class: ClassId, confidence: Confidence| match info
            .classes
            .iter_mut()
            .find(|(c, _)| *c == class)
        {
            Some((_, old)) => *old = (*old).max(confidence),
            None => info.classes.push((class, confidence)),
        };
        if let Some(spec) = tables.control(tag) {
            let get = |name: &str| attrs.iter().find(|(n, _)| n == name);
            let kind = get(&spec.kind).and_then(|(_, v)| v.clone());
            info.neutral = attrs.iter().any(|(name, value)| {
                name.ends_with("type")
                    && value
                        .as_ref()
                        .is_some_and(|v| spec.neutral_kinds.iter().any(|k| **k == **v))
            });
            for label_attr in &spec.labels {
                if let Some((_, Some(text))) = get(label_attr) {
                    for found in vocabulary.classify_label(text) {
                        add(found.class, Confidence::High);
                    }
                }
            }
            for name_attr in &spec.names {
                if let Some((_, Some(text))) = get(name_attr) {
                    for found in vocabulary.classify(text, None) {
                        if found.strength == Strength::Strong && !found.sanitised {
                            add(found.class, Confidence::High);
                        }
                    }
                }
            }
            if info.classes.is_empty() {
                for found in vocabulary.classify_label(label) {
                    let confidence = Confidence::Medium;
                    match info.classes.iter_mut().find(|(c, _)| *c == found.class) {
                        Some(_) => {}
                        None => info.classes.push((found.class, confidence)),
                    }
                }
            }
            if let Some(kind) = &kind {
                if let Some((class, confidence)) = spec.classes.get(kind) {
                    match info.classes.iter_mut().find(|(c, _)| c == class) {
                        Some((_, old)) => *old = (*old).max(*confidence),
                        None => info.classes.push((*class, *confidence)),
                    }
                }
                info.neutral |= spec.neutral_kinds.iter().any(|k| **k == **kind);
                if spec.masked_kinds.iter().any(|k| **k == **kind) {
                    info.masked = true;
                }
            }
            for mask in &spec.mask_attributes {
                if let Some((_, value)) = get(mask)
                    && value.as_deref() != Some("false")
                {
                    info.masked = true;
                }
            }
            if info.masked
                && let Some(password) = self.set.tables.classes().id("password")
                && !info.classes.iter().any(|(c, _)| *c == password)
                && info.classes.is_empty()
            {
                info.classes.push((password, Confidence::High));
            }
            if let Some(kind) = &kind
                && !kind.is_empty()
            {
                info.name = format!("{tag} {}=\"{kind}\"", spec.kind).into();
            }
        }
        let id = self.controls.len() as u32;
        self.controls.push(info);
        self.control_ids.insert((at.file, at.span.start), id);
        id
    }

    /// The values of `data-*` attributes, as an event's element has them.
    fn dataset(&mut self, file: u32, attrs: &[Attr], open: Span) -> Value {
        let prefixes = &self.tables.names().dataset_prefixes;
        let place = hash_of(("dataset", open.start));
        self.prefixed(file, attrs, open, prefixes, place)
    }

    /// The values of `mark:*` attributes, as an event has them; empty if there are none.
    /// Marks of an element, and of those around it that it does not give anew.
    fn marks(&mut self, file: u32, attrs: &[Attr], open: Span, around: &Value) -> Value {
        let prefixes = &self.tables.names().mark_prefixes;
        let is_mark = |attr: &Attr| prefixes.iter().any(|p| attr.name.starts_with(&**p));
        if !attrs.iter().any(is_mark) {
            return around.clone();
        }
        let place = hash_of(("marks", open.start));
        let own = self.prefixed(file, attrs, open, prefixes, place);
        for id in own.objects() {
            for outer in around.objects() {
                let cell = self.st.cell(outer);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(value) = prop
                        && self.own_value(id, name).is_empty()
                    {
                        self.put_prop(id, name, value, true);
                    }
                }
            }
        }
        own
    }

    /// An object of the attributes whose names begin with one of `prefixes`.
    fn prefixed(
        &mut self,
        file: u32,
        attrs: &[Attr],
        open: Span,
        prefixes: &[Arc<str>],
        place: u64,
    ) -> Value {
        let site = Site {
            at: Loc { file, span: open },
            key: mix(self.ctx, place),
        };
        let id = self.object(site);
        for attr in attrs {
            for prefix in prefixes {
                if let Some(rest) = attr.name.strip_prefix(&**prefix) {
                    let value = self.attr_value(file, attr);
                    let value = self.sy.step(
                        &value,
                        Loc {
                            file,
                            span: attr.span,
                        },
                        What::Passed,
                    );
                    let name = self.intern(&camel(&rest.to_lowercase()));
                    self.put_prop(id, name, &value, true);
                    if *rest != rest.to_lowercase() {
                        let name = self.intern(&camel(rest));
                        self.put_prop(id, name, &value, true);
                    }
                }
            }
        }
        Value::obj(id)
    }

    /// Notes the handlers of an element, and keeps what they need.
    #[allow(clippy::too_many_arguments)]
    fn handlers(
        &mut self,
        file: u32,
        node: u32,
        attrs: &[Attr],
        control: Option<u32>,
        component: Option<usize>,
        dataset: &Value,
        form: &[(Name, Value)],
        site: Site,
    ) {
        let Some(def) = self.scope.def else { return };
        let tables = self.tables;
        let names = tables.names();
        let mut first = true;
        for (index, attr) in attrs.iter().enumerate() {
            let Some(event) = self.event(&attr.name) else {
                continue;
            };
            let key = hash_of(("handler scope", self.ctx, node, file));
            let id = self.st.pinned(key, || Kind::Plain);
            if std::mem::take(&mut first) {
                let slot = self.intern("[dataset]");
                self.put_prop(id, slot, dataset, false);
                for (name, value) in self.scope.names.clone() {
                    self.put_prop(id, name, &value, false);
                }
                if let Some(data) = self.scope.data.clone() {
                    let slot = self.intern("[data]");
                    self.put_prop(id, slot, &data, false);
                }
                let around = [
                    ("[inner]", self.scope.inner.clone()),
                    ("[marks]", self.scope.marks.clone()),
                ];
                for (slot, value) in around {
                    if !value.is_empty() {
                        let slot = self.intern(slot);
                        self.put_prop(id, slot, &value, false);
                    }
                }
            }
            if names.form_events.iter().any(|f| **f == *event) {
                let slot = self.intern("[form]");
                let object = self.object(site.sub(301));
                for (name, value) in form {
                    self.put_prop(object, *name, value, true);
                }
                self.put_prop(id, slot, &Value::obj(object), false);
            }
            self.fx.bound.push(Bound {
                def,
                file,
                node,
                attr: index as u32,
                event,
                control,
                component,
                scope: key,
            });
        }
    }

    /// Calls a handler as its event would.
    pub fn run_handler(&mut self, bound: &Bound) {
        let facts = self.files[bound.file as usize].clone();
        let Some(Node::Element {
            tag, open, attrs, ..
        }) = facts
            .template
            .as_ref()
            .and_then(|t| t.markup.nodes.get(bound.node as usize))
        else {
            return;
        };
        let Some(attr) = attrs.get(bound.attr as usize) else {
            return;
        };
        self.ctx = hash_of(("handler", bound.scope, bound.attr));
        self.scope = Scope {
            def: Some(bound.def),
            file: bound.file,
            ..Scope::default()
        };
        let mut dataset = Value::none();
        let mut form = Value::none();
        if let Some(id) = self.st.find(bound.scope) {
            let cell = self.st.cell(id);
            for (name, prop) in cell.props.iter() {
                let Prop::Value(value) = prop else { continue };
                match &*self.txt(name) {
                    "[dataset]" => dataset = value.clone(),
                    "[form]" => form = value.clone(),
                    "[data]" => self.scope.data = Some(value.clone()),
                    "[inner]" => self.scope.inner = value.clone(),
                    "[marks]" => self.scope.marks = value.clone(),
                    _ => self.scope.names.push((name, value.clone())),
                }
            }
        }
        let site = Site {
            at: Loc {
                file: bound.file,
                span: attr.span,
            },
            key: mix(self.ctx, hash_of("event")),
        };
        let at = Loc {
            file: bound.file,
            span: *open,
        };
        let args = self.event_args(bound, tag, attrs, at, &dataset, &form, site);
        self.scope.event = args.get(0);
        let instance = self.instance(bound.def);
        let this = Value::obj(instance);
        let value = self.attr_value(bound.file, attr);
        let mut callee = self.functions_in(&value);
        for name in self.constant_names(&value) {
            let text = self.txt(name);
            let text = text.split('(').next().unwrap_or("").trim().to_string();
            if text.is_empty()
                || value.0.len() > 1
                    && attr.constant().is_none()
                    && !text
                        .chars()
                        .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
            {
                continue;
            }
            let mut at = this.clone();
            for key in text.split('.') {
                let key = self.intern(key);
                at = self.read(&at, key, site);
            }
            callee.join(&self.functions_in(&at));
        }
        if !callee.is_empty() {
            self.call(&callee, this, args, site.sub(1));
        }
    }

    /// The arguments of a handler: an event, or what a component sends.
    #[allow(clippy::too_many_arguments)]
    fn event_args(
        &mut self,
        bound: &Bound,
        tag: &str,
        attrs: &[Attr],
        at: Loc,
        dataset: &Value,
        form: &Value,
        site: Site,
    ) -> Args {
        let mut detail = Value::none();
        if let Some(part) = bound.component {
            if let Some(def) = self.def_of_part(part) {
                let key = format!("{}/{}", self.def_name(def), bound.event);
                let cell = self.named("component event", &key);
                let sent = self.st.cell(cell);
                let mut list = Vec::new();
                for index in 0..sent.props.len().min(6) {
                    let slot = self.index_name(index);
                    if let Some(Prop::Value(value)) = sent.props.get(slot) {
                        list.push(self.sy.step(value, at, What::Read));
                    }
                }
                // `@done` gets what was sent, `bind:done` an event with it.
                let raw = attrs
                    .get(bound.attr as usize)
                    .is_some_and(|attr| attr.name.starts_with(['@', 'v', ':']));
                if raw && self.is_options(def) {
                    if list.is_empty() {
                        list.push(Value::undefined());
                    }
                    return Args::of(list);
                }
                detail.join(&list.into_iter().next().unwrap_or_default());
            }
        } else if tag.contains('-') && bound.control.is_none() && self.tables.control(tag).is_none()
        {
            // A component that is not in the app may send anything.
            let name = self.intern(&bound.event);
            detail.join(&self.sy.fresh(Origin::Param { at, name }));
        }
        let open_type = attrs
            .iter()
            .find(|a| &*a.name == "open-type" || &*a.name == ":open-type" || &*a.name == "openType")
            .and_then(Attr::constant)
            .map(str::to_string);
        let event = self.event_object(
            tag,
            &bound.event,
            bound.control,
            open_type.as_deref(),
            at,
            dataset,
            detail,
            form,
            site,
        );
        Args::of(vec![event])
    }

    /// An event of an element.
    #[allow(clippy::too_many_arguments)]
    pub fn event_object(
        &mut self,
        tag: &str,
        event: &str,
        control: Option<u32>,
        open_type: Option<&str>,
        at: Loc,
        dataset: &Value,
        detail: Value,
        form: &Value,
        site: Site,
    ) -> Value {
        let tables = self.tables;
        let names = tables.names();
        let id = self.object(site.sub(310));
        let typ = self.k.typ;
        let event_name = self.str_value(event);
        self.put_prop(id, typ, &event_name, true);
        let marks = std::mem::take(&mut self.scope.marks);
        if !marks.is_empty() {
            let key = self.intern(&names.mark_key);
            self.put_prop(id, key, &marks, true);
        }
        let target = self.object(site.sub(311));
        for key in &names.dataset_keys {
            let key = self.intern(key);
            self.put_prop(target, key, dataset, true);
        }
        // What was touched may be an element inside of the one that listens.
        let inner = std::mem::take(&mut self.scope.inner);
        let touched = match inner.is_empty() {
            true => target,
            false => self.object(site.sub(313)),
        };
        if touched != target {
            for key in &names.dataset_keys {
                let key = self.intern(key);
                self.put_prop(touched, key, &dataset.clone().joined(&inner), true);
            }
        }
        for key in &names.target_keys {
            let bubbling = **key == *names.bubbling_target_key;
            let key = self.intern(key);
            let element = if bubbling { touched } else { target };
            self.put_prop(id, key, &Value::obj(element), true);
        }
        let detail_key = self.intern(&names.detail_key);
        let detail_object = self.object(site.sub(312));
        let mut whole = Value::obj(id);
        let mut all = detail;
        if self.options.all && control.is_none() {
            let name = self.intern(&format!("<{tag}> {event}"));
            let value = self.sy.fresh(Origin::Event { at, name });
            self.put_prop(id, detail_key, &value, false);
            all.join(&value);
        }
        if let Some(control) = control {
            let value = self.control_value(control);
            let paths: Vec<Vec<Step>> = tables.event_value(tag, event).to_vec();
            for path in paths {
                match &path[..] {
                    [] => {
                        whole.join(&value);
                    }
                    [Step::Key(key)] if **key == *names.detail_key => {
                        all.join(&value);
                    }
                    [Step::Key(first), Step::Key(second)] if **first == *names.detail_key => {
                        let name = self.intern(second);
                        self.put_prop(detail_object, name, &value, false);
                    }
                    [Step::Key(first), Step::Key(second)]
                        if names.target_keys.iter().any(|k| **k == **first) =>
                    {
                        let name = self.intern(second);
                        self.put_prop(target, name, &value, false);
                        self.put_prop(touched, name, &value, false);
                    }
                    [Step::Key(key)] => {
                        let name = self.intern(key);
                        self.put_prop(id, name, &value, false);
                    }
                    _ => {}
                }
            }
        }
        if !form.is_empty() {
            let name = self.k.value;
            self.put_prop(detail_object, name, form, false);
        }
        if let Some(open) = open_type.and_then(|v| tables.open_type(v))
            && open.events.iter().any(|e| **e == *event)
        {
            let name = self.intern(&open.value);
            let value = self.sy.fresh(Origin::OpenType { at, name });
            let field = self.read(&value, detail_key, site);
            all.join(&field);
        }
        all.push(Atom::Obj(detail_object));
        // What a component sends is the detail itself.
        if all.0.len() > 1 && self.st.cell(detail_object).props.len() == 0 {
            all.0.retain(|a| *a != Atom::Obj(detail_object));
        }
        self.put_prop(id, detail_key, &all, true);
        whole
    }

    // ---- hooks whose result leaves the app

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
                    at,
                    argument: at.span,
                    call: name.into(),
                    sink: hook.sink.clone(),
                    family: hook.family.clone(),
                    part: part.part.clone(),
                    target: self.beginning(&value),
                    method: "".into(),
                    protected: false,
                    symbols: Vec::new(),
                    calls: Vec::new(),
                };
                self.sink(event, &value);
            }
        }
    }

    // ---- set-up blocks

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
        let def = self
            .defs
            .iter()
            .position(|d| d.file == file)
            .map_or_else(|| self.setup_def(file), |d| d as u32);
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

    fn read_refs(&mut self, instance: &Value, site: Site) -> Value {
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
            let functions = self.functions_in(&members);
            let made = match functions.is_empty() {
                true => members,
                false => self.call(
                    &functions,
                    Value::undefined(),
                    Args::default(),
                    site.sub(363),
                ),
            };
            for object in made.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(object);
                for (name, prop) in cell.props.iter() {
                    if let Prop::Value(value) = prop {
                        let text = self.txt(name);
                        let all = self.named("on every instance", &text);
                        self.st.edit(all).elem.join(value);
                    }
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
