//! Templates: the names of their expressions, and walking through their elements.
//!
//! A template is interpreted as code over its page's data. Its expressions read names from the scopes of loops and
//! slots, from view-layer modules, and from the data.

use super::effects::SinkEvent;
use super::engine::{Activation, Cx, Engine, Site, hash_of, mix};
use super::state::Kind;
use super::value::{Atom, Id, Loc, Origin, Piece, Value, What};
use crate::app::IncludeKind;
use crate::facts::ir::{Func, Stmt};
use crate::facts::names::Name;
use crate::facts::{FileFacts, Placed};
use crate::finding::Confidence;
use crate::rules::classes::ClassId;
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
    /// Its label says what is typed, whatever the name of what keeps it.
    pub told: bool,
    /// Nothing is typed there that tells of a person.
    pub neutral: bool,
}

/// The state of one walk.
pub(super) struct Walk {
    /// The text before the element at hand.
    pub label: Arc<str>,
    /// Controls in the form at hand, by name.
    pub form: Vec<(Name, Value)>,
    /// Datasets of the elements walked so far inside of the one at hand.
    pub inner: Value,
    /// Marks of the elements around the one at hand, and of itself.
    pub marks: Value,
    pub depth: u32,
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
    pub fn bare_frame(&mut self, key: u64, func: &Func) -> Id {
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
        let code = self.unit(unit_id);
        let unit = &code.unit;
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
        let cx = code.cx(unit_id, frame, 0);
        let saved = std::mem::replace(&mut self.ctx, key);
        self.acts
            .push(Activation::new(unit_id, 0, cx.loc(func.span)));
        self.exec(&cx, &func.body);
        self.ctx = saved;
        self.acts.pop().map(|act| act.ret).unwrap_or_default()
    }

    /// The value of an attribute.
    pub fn attr_value(&mut self, file: u32, attr: &Attr) -> Value {
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
    pub fn read_name(&mut self, file: u32, attr: &Attr) -> Option<Name> {
        let span = attr.parts.iter().find_map(|part| match part {
            Part::Expr(span) => Some(*span),
            _ => None,
        })?;
        let unit_id = *self.exprs.get(&(file, span.start))?;
        let code = self.unit(unit_id);
        let unit = &code.unit;
        let func = unit.funcs.first()?;
        let Some(Stmt::Return(Some(id), _)) = func.body.last() else {
            return None;
        };
        let cx = code.cx(unit_id, 0, 0);
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
            call: call.into(),
            sink: "template".into(),
            family: "display".into(),
            part: part.into(),
            ..SinkEvent::at(Loc { file, span })
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
}
