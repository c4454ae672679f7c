//! Entry points at work: how each kind of them is called, and with what.

use super::engine::{Args, Engine, Site, hash_of};
use super::jsx::MAX_CONNECTED;
use super::run::Entry;
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Loc, Origin, Value};
use crate::facts::ir::FuncId;
use crate::facts::names::Name;
use crate::rules::flow_tables::Role;
use crate::syntax::FileKind;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A definition's method, with its `this` and a place to call it from.
fn method_of(engine: &mut Engine<'_>, def: u32, name: Name) -> (Value, Value, Site) {
    let instance = engine.instance(def);
    let this = Value::obj(instance);
    let site = Site {
        at: engine.defs[def as usize].at,
        key: engine.ctx,
    };
    let method = engine.read(&this, name, site);
    let functions = engine.functions_in(&method);
    (this, functions, site)
}

pub(super) fn run_entry(engine: &mut Engine<'_>, entry: &Entry) {
    match entry {
        Entry::Start => start(engine),
        Entry::Hook { def, name } => {
            let text = engine.txt(*name);
            let (this, functions, site) = method_of(engine, *def, *name);
            let names = engine.tables.names();
            if names.share_hook(&text).is_some() {
                engine.share(&text, &functions, this, site);
                return;
            }
            let within = |list: &[Arc<str>]| list.iter().any(|n| **n == *text);
            let args = if engine.defs[*def as usize].role == Role::App {
                if within(&names.launch_query) {
                    let query = engine.sy.fresh(Origin::Query { at: site.at });
                    vec![query]
                } else {
                    Vec::new()
                }
            } else if within(&names.query) {
                vec![engine.query_of(*def, site.at, site)]
            } else {
                Vec::new()
            };
            engine.call(&functions, this, Args::of(args), site.sub(1));
        }
        Entry::Watch { def } => watch(engine, *def),
        Entry::Deferred(deferred) => engine.run_deferred(deferred),
        Entry::View { def, file } => engine.run_view(*def, *file),
        Entry::Handler(bound) => engine.run_handler(bound),
        Entry::Render { file } => {
            let Some(&module) = engine.file_modules[*file as usize].first() else {
                return;
            };
            let exports = engine.exports_of(module);
            let site = Site {
                at: Loc::start(*file),
                key: engine.ctx,
            };
            let name = engine.k.default;
            let component = engine.read(&exports, name, site);
            let props = engine.named("props", &format!("render/{file}"));
            let props = Value::obj(props);
            engine.render(&component, &props, site.sub(1));
            render_hooks(engine, &component, &props, site);
        }
        Entry::Method { def, name } => {
            let (this, functions, site) = method_of(engine, *def, *name);
            unknown_call(engine, &functions, this, site);
        }
        Entry::Exported { module, path } => {
            let mut value = engine.exports_of(*module);
            let file = engine.modules[*module as usize].file;
            let site = Site {
                at: Loc::start(file),
                key: engine.ctx,
            };
            let mut this = Value::undefined();
            for &key in path {
                this = value.clone();
                value = engine.read(&value, key, site);
            }
            let functions = engine.functions_in(&value);
            unknown_call(engine, &functions, this, site);
        }
        Entry::Server { module } => {
            let exports = engine.exports_of(*module);
            let file = engine.modules[*module as usize].file;
            let site = Site {
                at: Loc::start(file),
                key: engine.ctx,
            };
            for main in engine.tables.names().cloud_main.clone() {
                let main = engine.intern(&main);
                let function = engine.read(&exports, main, site);
                let functions = engine.functions_in(&function);
                unknown_call(engine, &functions, Value::undefined(), site);
            }
        }
    }
}

/// Calls functions with arguments that nothing is known of but their names.
fn unknown_call(engine: &mut Engine<'_>, functions: &Value, this: Value, site: Site) {
    for id in functions.objects().collect::<Vec<_>>() {
        let args = match *engine.st.kind(id) {
            Kind::Closure { unit, func, .. } => parameters(engine, unit, func),
            _ => Vec::new(),
        };
        engine.call(
            &Value::obj(id),
            this.clone(),
            Args::of(args),
            site.sub(u64::from(id)),
        );
    }
}

fn parameters(engine: &mut Engine<'_>, unit_id: u32, func: FuncId) -> Vec<Value> {
    let unit = engine.unit(unit_id);
    let Some(f) = unit.unit.funcs.get(func as usize) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for &pat in &f.params {
        let Some(node) = unit.unit.pats.get(pat as usize) else {
            continue;
        };
        let name = match &node.kind {
            crate::facts::ir::Pat::Var(crate::facts::ir::Var::Local(slot)) => {
                f.slots.get(*slot as usize).copied()
            }
            _ => None,
        };
        let at = Loc {
            file: unit.file,
            span: node.span.shifted(unit.base),
        };
        let name = name.unwrap_or(engine.k.empty);
        out.push(engine.sy.fresh(Origin::Param { at, name }));
    }
    out
}

/// The program's start: all modules, the app's first.
fn start(engine: &mut Engine<'_>) {
    engine.loaded.iter_mut().for_each(|l| *l = false);
    engine.link_done.clear();
    engine.exhausted_files.clear();
    let mut order: Vec<u32> = Vec::new();
    let app_script = engine
        .app
        .app
        .and_then(|a| engine.app.parts.get(a))
        .and_then(|p| p.script.clone());
    if let Some(file) = app_script.and_then(|s| engine.file_ids.get(&s).copied()) {
        order.extend(engine.file_modules[file as usize].clone());
    }
    let entries: Vec<u32> = engine
        .app
        .entries
        .iter()
        .filter_map(|entry| engine.file_ids.get(entry))
        .flat_map(|&file| engine.file_modules[file as usize].clone())
        .collect();
    order.extend(&entries);
    order.extend(0..engine.modules.len() as u32);
    let mut seen = FxHashSet::default();
    for module in order {
        if !engine.modules[module as usize].role.is_script() || !seen.insert(module) {
            continue;
        }
        if (engine.cancelled)() {
            return;
        }
        // One file's cost must not be another's.
        engine.steps = 0;
        engine.exhausted = false;
        // Others may have imported it already.
        if !engine.loaded[module as usize] {
            engine.run_module(module);
        }
        define_component(engine, module);
        if entries.contains(&module) {
            make_app(engine, module);
        }
        engine.drain();
        engine.jobs.clear();
        let file = engine.modules[module as usize].file;
        if engine.exhausted && !engine.exhausted_files.contains(&file) {
            engine.exhausted_files.push(file);
        }
        engine.late.clear();
    }
    // Each file has been noted by itself.
    engine.exhausted = false;
}

/// Calls the function of the program's entry that makes the app, where there is one.
fn make_app(engine: &mut Engine<'_>, module: u32) {
    let file = engine.modules[module as usize].file;
    let site = Site {
        at: Loc::start(file),
        key: hash_of(("make app", file)),
    };
    let exports = engine.exports_of(module);
    for name in &engine.tables.names().app_factories {
        let name = engine.intern(name);
        let function = engine.read_quietly(&exports, name, site);
        let functions = engine.functions_in(&function);
        engine.call(&functions, Value::undefined(), Args::default(), site);
    }
}

/// The definition that a component file's default export, or its set-up block, stands for.
fn define_component(engine: &mut Engine<'_>, module: u32) {
    let file = engine.modules[module as usize].file;
    let facts = engine.files[file as usize].clone();
    let path = engine.path(file);
    let is_part = engine.app.part_of(&path).next().is_some();
    if facts.kind != FileKind::Component
        && !(is_part && facts.template.is_none() && &*engine.app.framework != "native")
    {
        return;
    }
    if engine.defs.iter().any(|d| d.file == file) {
        return;
    }
    let site = Site {
        at: Loc::start(file),
        key: hash_of(("component file", file, module)),
    };
    let exports = engine.exports_of(module);
    let mut options = Value::none();
    for id in exports.objects().collect::<Vec<_>>() {
        options.join(&engine.own_value(id, engine.k.default));
    }
    let mut objects = Value::none();
    for atom in options.iter() {
        let Atom::Obj(id) = atom else { continue };
        match engine.st.kind(id) {
            Kind::Class { .. } if facts.kind == FileKind::Component => {
                objects.join(&engine.construct(&Value::of(atom), Args::default(), site.sub(1)));
            }
            Kind::Plain | Kind::Instance { .. } | Kind::Role { .. } => {
                objects.push(atom);
            }
            _ => {}
        }
    }
    let last = engine.file_modules[file as usize].last() == Some(&module);
    if objects.is_empty() {
        if facts.kind == FileKind::Component && last {
            engine.setup_def(file);
        }
        return;
    }
    if objects
        .objects()
        .any(|id| matches!(engine.st.kind(id), Kind::Role { .. }))
    {
        return;
    }
    engine.define_in(Role::Options, &objects, site.key, site.at, file);
}

/// What a component has from others is brought up to date, and its observers get what they observe.
fn watch(engine: &mut Engine<'_>, def: u32) {
    let instance = engine.instance(def);
    let this = Value::obj(instance);
    let data = engine.data_object(def);
    let at = engine.defs[def as usize].at;
    engine.renew_data(def);
    let key = hash_of((engine.ctx, "provide"));
    engine.provide(def, Site { at, key });
    let key = hash_of((engine.ctx, "relate"));
    engine.relate(def, Site { at, key });
    let slot = engine.intern("[observers]");
    let observers = engine.own_value(instance, slot);
    let names = engine.tables.names();
    for object in observers.objects().collect::<Vec<_>>() {
        let cell = engine.st.cell(object);
        for (path, prop) in cell.props.iter() {
            let Prop::Value(value) = prop else { continue };
            let site = Site {
                at,
                key: hash_of((engine.ctx, object, path.0)),
            };
            let mut functions = engine.functions_in(value);
            for id in value.objects().collect::<Vec<_>>() {
                for key in &names.observer_handler_keys {
                    let key = engine.intern(key);
                    let inner = engine.own_value(id, key);
                    functions.join(&engine.functions_in(&inner));
                }
            }
            for name in engine.constant_names(value) {
                let method = engine.read(&this, name, site);
                functions.join(&engine.functions_in(&method));
            }
            if functions.is_empty() {
                continue;
            }
            let text = engine.txt(path);
            let mut args = Vec::new();
            for one in text.split(',') {
                let keys = one.trim().split(['.', '[', ']']);
                let keys = keys.filter(|key| !key.is_empty() && *key != "**");
                args.push(engine.read_path(&Value::obj(data), keys, site));
            }
            if args.len() == 1 {
                args.push(args[0].clone());
            }
            engine.call(&functions, this.clone(), Args::of(args), site.sub(1));
        }
    }
}

/// Life cycles of a component class.
fn render_hooks(engine: &mut Engine<'_>, component: &Value, props: &Value, site: Site) {
    let names = engine.tables.names();
    for id in component.objects().collect::<Vec<_>>() {
        if let Kind::Hook {
            hook: Hook::Connected,
            ..
        } = engine.st.kind(id)
        {
            if engine.view_depth < MAX_CONNECTED {
                engine.view_depth += 1;
                let (inner, props) = engine.disconnected(id, props, site.sub(3));
                render_hooks(engine, &inner, &props, site.sub(4));
                engine.view_depth -= 1;
            }
            continue;
        }
        if !matches!(engine.st.kind(id), Kind::Class { .. }) {
            continue;
        }
        let instance = engine.construct(&Value::obj(id), Args::default(), site.sub(1));
        let name = engine.k.props;
        engine.write(&instance, name, props, true, None);
        engine.keep_class_state(id, &instance);
        let hooks: Vec<Arc<str>> = names.entry.iter().chain(&names.hooks).cloned().collect();
        for hook in hooks {
            let name = engine.intern(&hook);
            for object in instance.objects().collect::<Vec<_>>() {
                if let Some(method) = engine.own(object, name, instance.clone(), site) {
                    let functions = engine.functions_in(&method);
                    let args = match names.props_hooks.iter().any(|known| **known == *hook) {
                        true => Args::of(vec![props.clone()]),
                        false => Args::default(),
                    };
                    if !functions.is_empty() {
                        engine.call(
                            &functions,
                            instance.clone(),
                            args,
                            site.sub(hash_of(&*hook)),
                        );
                    }
                }
            }
        }
        for hook in &names.share_hook {
            let name = engine.intern(&hook.name);
            for object in instance.objects().collect::<Vec<_>>() {
                if let Some(method) = engine.own(object, name, instance.clone(), site) {
                    let functions = engine.functions_in(&method);
                    engine.share(
                        &hook.name,
                        &functions,
                        instance.clone(),
                        site.sub(hash_of(&*hook.name)),
                    );
                }
            }
        }
    }
}
