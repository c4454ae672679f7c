//! Handlers of templates: what they are called with - datasets, marks, forms, what components send - and calling them.
//!
//! Part of the engine; touches nothing but its state.

use super::components::camel;
use super::effects::Bound;
use super::engine::{Args, Engine, Site, hash_of, mix};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use super::view::Scope;
use crate::facts::names::Name;
use crate::rules::flow_tables::Step;
use crate::syntax::{Attr, Node};
use crate::text::Span;
use std::sync::Arc;

impl Engine<'_> {
    /// The values of `data-*` attributes, as an event's element has them.
    pub fn dataset(&mut self, file: u32, attrs: &[Attr], open: Span) -> Value {
        let prefixes = &self.tables.names().dataset_prefixes;
        let place = hash_of(("dataset", open.start));
        self.prefixed(file, attrs, open, prefixes, place)
    }

    /// The values of `mark:*` attributes, as an event has them; empty if there are none.
    /// Marks of an element, and of those around it that it does not give anew.
    pub fn marks(&mut self, file: u32, attrs: &[Attr], open: Span, around: &Value) -> Value {
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
    pub fn prefixed(
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
                    let span = attr.span;
                    let value = self.sy.step(&value, Loc { file, span }, What::Passed);
                    self.put_attribute(id, rest, &value);
                }
            }
        }
        Value::obj(id)
    }

    /// Puts the value of an attribute on an object, as platforms spell its name there.
    pub fn put_attribute(&mut self, id: Id, attr: &str, value: &Value) {
        let name = self.intern(&camel(&attr.to_lowercase()));
        self.put_prop(id, name, value, true);
        if *attr != attr.to_lowercase() {
            let name = self.intern(&camel(attr));
            self.put_prop(id, name, value, true);
        }
    }

    /// Notes the handlers of an element, and keeps what they need.
    #[allow(clippy::too_many_arguments)]
    pub fn handlers(
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
            for (name, value) in self.values_of(id) {
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
            let at = self.read_path(&this, text.split('.'), site);
            callee.join(&self.functions_in(&at));
        }
        if !callee.is_empty() {
            self.call(&callee, this, args, site.sub(1));
        }
    }

    /// The arguments of a handler: an event, or what a component sends.
    #[allow(clippy::too_many_arguments)]
    pub fn event_args(
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
        let id_key = &self.tables.names().id_key;
        let id = attrs.iter().find(|attr| attr.name == *id_key);
        let id = id.and_then(Attr::constant).map(|id| self.str_value(id));
        let event = self.event_object(
            tag,
            &bound.event,
            bound.control,
            open_type.as_deref(),
            at,
            id.as_ref(),
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
        element_id: Option<&Value>,
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
        if let Some(element_id) = element_id {
            let key = self.intern(&names.id_key);
            self.put_prop(target, key, element_id, true);
            if touched != target {
                let either = element_id.clone().joined(&Value::plain());
                self.put_prop(touched, key, &either, true);
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
}
