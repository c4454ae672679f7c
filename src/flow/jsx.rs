//! Elements in scripts: components that are functions or classes, host elements with their handlers and controls.
//!
//! Part of the engine; touches nothing but its state.

use super::effects::SinkEvent;
use super::engine::{Args, Cx, Engine, Site, hash_of};
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Loc, Origin, Value, What};
use crate::facts::ir::{Expr, ExprId, Item, Key, Prop as IrProp};
use crate::text::Span;
use std::sync::Arc;

/// Where an element keeps the controls of its form until its handlers are called.
const FORM: &str = "[form]";

/// So many connections around a component are gone through.
pub(super) const MAX_CONNECTED: u32 = 4;

impl Engine<'_> {
    /// A JSX element.
    #[allow(clippy::too_many_arguments)]
    pub fn element(
        &mut self,
        cx: &Cx<'_>,
        id: ExprId,
        tag: ExprId,
        attrs: &[IrProp],
        children: &[Item],
        open: Span,
    ) -> Value {
        let site = self.site(cx, id);
        let tag_value = self.eval(cx, tag);
        let at = cx.loc(open);
        let props = self.object(site.sub(320));
        for attr in attrs {
            self.add_prop(cx, props, attr, None);
        }
        let mut inner = Value::none();
        let host = self.host_tag(&tag_value);
        let is_form = self.listens_to_a_form(props);
        let outer = is_form.then(|| std::mem::take(&mut self.form));
        for child in children {
            let (Item::One(child) | Item::Spread(child)) = child else {
                continue;
            };
            let value = self.showing(|it| it.eval(cx, *child));
            inner.join(&value);
            if let Some(node) = cx.unit.exprs.get(*child as usize)
                && !matches!(node.kind, Expr::Str(_) | Expr::Element(_))
            {
                let loc = cx.loc(node.span);
                self.shown(loc.file, loc.span, "text", "{ }", &value);
            }
        }
        let children_name = self.k.children;
        if self.st.cell(props).props.get(children_name).is_none() {
            self.put_prop(props, children_name, &inner, true);
        }
        if let Some(outer) = outer {
            let fields = std::mem::replace(&mut self.form, outer);
            let form = self.object(site.sub(331));
            for (name, value) in fields {
                self.put_prop(form, name, &value, true);
            }
            let slot = self.intern(FORM);
            self.put_prop(props, slot, &Value::obj(form), true);
        }
        match host {
            Some(tag) => {
                let foreign = self.is_foreign(&tag_value);
                self.host_element(Some((cx, attrs)), &tag, at, props, site, foreign);
            }
            None => {
                for atom in tag_value.iter() {
                    self.render(&Value::of(atom), &Value::obj(props), site.sub(321));
                }
            }
        }
        // The children may be rendered by whoever gets the element.
        Value::plain()
    }

    fn host_tag(&mut self, value: &Value) -> Option<String> {
        match value.single()? {
            Atom::Str(name) => Some(self.txt(name).to_string()),
            Atom::Native(path, _) => {
                let path = self.txt(path);
                Some(
                    path.rsplit(['.', '/', ':'])
                        .next()
                        .unwrap_or(&path)
                        .to_string(),
                )
            }
            Atom::Sym(sym, _) => {
                let name = self.symbol_name(sym);
                let path = self.txt(name);
                Some(
                    path.rsplit(['.', '/', ':'])
                        .next()
                        .unwrap_or(&path)
                        .to_string(),
                )
            }
            _ => None,
        }
    }

    /// Whether an element has a handler for what a form sends.
    fn listens_to_a_form(&mut self, props: Id) -> bool {
        let names = self.tables.names();
        let cell = self.st.cell(props);
        cell.props.iter().any(|(name, _)| {
            let text = self.txt(name);
            let event = self.event(&text);
            event.is_some_and(|e| names.form_events.iter().any(|f| **f == *e))
        })
    }

    /// A component is rendered.
    pub fn render(&mut self, component: &Value, props: &Value, site: Site) {
        let reference = self.k.reference;
        let reference = self.read_quietly(props, reference, site);
        for id in component.objects().collect::<Vec<_>>() {
            match self.st.kind(id) {
                Kind::Class { .. } => {
                    let instance =
                        self.construct(&Value::obj(id), Args::of(vec![props.clone()]), site);
                    let name = self.k.props;
                    self.write(&instance, name, props, true, None);
                    self.keep_class_state(id, &instance);
                    self.refer(&reference, &instance, site.sub(2));
                    let render = self.intern("render");
                    self.call_method(&instance, render, Args::default(), site.sub(1));
                }
                Kind::Hook {
                    hook: Hook::Connected,
                    ..
                } if self.view_depth < MAX_CONNECTED => {
                    // Code may connect what it has connected, again and again.
                    self.view_depth += 1;
                    let (inner, props) = self.disconnected(id, props, site.sub(3));
                    self.render(&inner, &props, site.sub(4));
                    self.view_depth -= 1;
                }
                Kind::Collection => {
                    // A context's provider.
                    let name = self.k.value;
                    for p in props.objects().collect::<Vec<_>>() {
                        let value = self.own_value(p, name);
                        self.st.edit(id).elem.join(&value);
                    }
                }
                Kind::Closure { .. } | Kind::Bound { .. } => {
                    self.call(
                        &Value::obj(id),
                        Value::undefined(),
                        Args::of(vec![props.clone(), reference.clone()]),
                        site,
                    );
                }
                _ => {}
            }
        }
    }

    /// Puts what a reference is to refer to into it, or calls it with that.
    pub fn refer(&mut self, reference: &Value, target: &Value, site: Site) {
        let functions = self.functions_in(reference);
        if !functions.is_empty() {
            let args = Args::of(vec![target.clone()]);
            self.call(&functions, Value::undefined(), args, site);
        }
        let current = self.k.current;
        for id in reference.objects().collect::<Vec<_>>() {
            if matches!(self.st.kind(id), Kind::Plain) {
                self.put_prop(id, current, target, false);
            }
        }
    }

    /// Whether a tag stands for a component of a package that is not the framework's own.
    fn is_foreign(&mut self, tag: &Value) -> bool {
        match tag.single() {
            Some(Atom::Native(path, _)) => {
                let path = self.txt(path);
                path.starts_with("import:") && self.tables.module_platform(&path).is_none()
            }
            Some(Atom::Sym(..)) => true,
            _ => false,
        }
    }

    /// An element as the call that compilers make of it: `jsx(tag, props)`, `createElement(tag, props, …children)`.
    pub fn element_call(&mut self, args: &Args, site: Site) -> Value {
        let (tag, given) = (args.get(0), args.get(1));
        let props = self.object(site.sub(320));
        for id in given.objects().collect::<Vec<_>>() {
            self.copy_fields(id, props, true);
        }
        match self.host_tag(&tag) {
            Some(name) => {
                let foreign = self.is_foreign(&tag);
                self.host_element(None, &name, site.at, props, site, foreign);
            }
            None => {
                for atom in tag.iter() {
                    self.render(&Value::of(atom), &Value::obj(props), site.sub(321));
                }
            }
        }
        Value::plain()
    }

    /// An element of the host; `written` is how its attributes stand in the script.
    fn host_element(
        &mut self,
        written: Option<(&Cx<'_>, &[IrProp])>,
        tag: &str,
        at: Loc,
        props: Id,
        site: Site,
        foreign: bool,
    ) {
        let tables = self.tables;
        let cell = self.st.cell(props);
        let mut constants: Vec<(String, Option<Arc<str>>)> = Vec::new();
        for (name, prop) in cell.props.iter() {
            if let Prop::Value(value) = prop {
                let text = match value.single() {
                    Some(Atom::Str(v) | Atom::Num(v)) => Some(self.txt(v)),
                    Some(Atom::Bool(b)) => Some(if b { "true" } else { "false" }.into()),
                    _ => None,
                };
                constants.push((self.txt(name).to_string(), text));
            }
        }
        let spec = tables.control(tag);
        let control = spec
            .is_some()
            .then(|| self.make_control(at, tag, &constants, ""));
        if let (Some(control), Some(spec)) = (control, spec) {
            for attr in written.map_or(&[][..], |(_, attrs)| attrs) {
                if let IrProp::Value(Key::Name(name), value, _) = attr
                    && let Some((cx, _)) = written
                {
                    let text = self.txt(*name);
                    if spec.values.iter().any(|v| **v == *text)
                        && let Some(bound) = self.name_of(cx, *value)
                    {
                        let value = self.control_value(control);
                        self.note_alias(&value, bound, None);
                    }
                }
            }
        }
        if let Some(control) = control {
            let value = self.control_value(control);
            for key in &tables.names().form_name_attributes {
                let given = constants.iter().find(|(name, _)| *name == **key);
                if let Some((_, Some(name))) = given {
                    let name = self.intern(name);
                    self.note_alias(&value, name, None);
                    self.form.push((name, value.clone()));
                }
            }
        }
        let form = self.intern(FORM);
        let form = self.own_value(props, form);
        let open_type = constants
            .iter()
            .find(|(n, _)| n == "openType" || n == "open-type")
            .and_then(|(_, v)| v.clone());
        let dataset = self.object(site.sub(330));
        for (name, prop) in cell.props.iter() {
            let Prop::Value(value) = prop else { continue };
            let text = self.txt(name);
            let prefixes = &tables.names().dataset_prefixes;
            if let Some(rest) = prefixes.iter().find_map(|p| text.strip_prefix(&**p)) {
                let value = self.sy.step(value, at, What::Passed);
                self.put_attribute(dataset, rest, &value);
            }
        }
        let id_key = self.table_name(&tables.names().id_key);
        let element_id = match cell.props.get(id_key) {
            Some(Prop::Value(id)) => Some(id),
            _ => None,
        };
        let dataset = Value::obj(dataset);
        let native = self.native_component(at.file, tag);
        for (name, prop) in cell.props.iter() {
            let Prop::Value(value) = prop else { continue };
            let text = self.txt(name);
            let functions = self.functions_in(value);
            if !functions.is_empty() && foreign && control.is_none() {
                // A component of a package that is not in the app: what it calls its functions with is unknown.
                let name = if self.event(&text).is_some() {
                    self.k.value
                } else {
                    self.k.item
                };
                let value = self.sy.fresh(Origin::Param { at, name });
                let user = std::mem::replace(&mut self.user, true);
                let place = site.sub(hash_of(("call", &*text)));
                self.later(functions, vec![value.clone(), value], place);
                self.user = user;
                continue;
            }
            if !functions.is_empty() {
                if let Some(event) = self.event(&text) {
                    let handler = site.sub(hash_of(("on", &*event)));
                    let detail = native.map_or(Value::none(), |def| self.sent(def, &event, at));
                    let event = self.event_object(
                        tag,
                        &event,
                        control,
                        open_type.as_deref(),
                        at,
                        element_id,
                        &dataset,
                        detail,
                        &form,
                        handler,
                    );
                    let user = std::mem::replace(&mut self.user, true);
                    self.later(functions, vec![event], handler.sub(1));
                    self.user = user;
                }
                continue;
            }
            if let Some(def) = native {
                let data = self.data_object(def);
                let value = self.sy.step(value, at, What::Passed);
                self.put_prop(data, name, &value, false);
                continue;
            }
            for sink in self.element_sinks(tag, &text).iter() {
                let event = SinkEvent {
                    call: format!("<{tag} {text}>").into(),
                    sink: sink.id.clone(),
                    family: sink.family.clone(),
                    part: sink.part.clone(),
                    target: self.beginning(value),
                    ..SinkEvent::at(at)
                };
                if &*sink.family == "navigation" {
                    self.navigate(value, site);
                }
                self.sink(event, value);
            }
        }
    }

    /// The definition of a component that a page's configuration names and its script renders.
    fn native_component(&mut self, file: u32, tag: &str) -> Option<u32> {
        let path = self.path(file);
        let app = self.app;
        let mut parts = app.part_of(&path).filter_map(|part| app.parts.get(part));
        let used = parts.find_map(|part| part.uses.get(tag).copied())?;
        self.def_of_part(used)
    }

    /// What a component sends with an event.
    fn sent(&mut self, def: u32, event: &str, at: Loc) -> Value {
        let cell = self.named(
            "component event",
            &format!("{}/{event}", self.def_name(def)),
        );
        let slot = self.k.zero;
        let sent = self.own_value(cell, slot);
        self.sy.step(&sent, at, What::Read)
    }
}
