//! Platform functions, as `queries/flow` describes them: what they hand out, where they take data, and the hidden ways
//! between them.

use super::Protection;
use super::call::last_words;
use super::effects::{ANY_CALL, SinkEvent, UseEvent};
use super::engine::{Args, Engine, Job, Site, hash_of};
use super::frameworks::framework_kind_of;
use super::options::{OwnFunction, Wrapper};
use super::roles::{RoleFunction, role_function_of};
use super::state::Kind;
use super::value::{Atom, Loc, Origin, Piece, Sym, SymId, TraceId, Value, What};
use crate::facts::ir::{FuncId, Key, Pat, Var};
use crate::facts::names::Name;
use crate::rules::flow_tables::{
    Api, Arg, ArgPath, Channel, Deliver, Effect, Role, SinkSpec, Step,
};
use crate::rules::vocabulary::Strength;
use crate::text::Span;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// A platform function of which nothing is known.
static NO_API: LazyLock<Api> = LazyLock::new(Api::default);

/// What is known of a native function, by its path.
#[derive(Clone, Copy)]
pub(super) struct NativeFunction<'a> {
    role: Option<RoleFunction>,
    framework: Option<&'a str>,
    api: Option<&'a Api>,
    asynchronous: bool,
}

impl<'a> Engine<'a> {
    // ---- names

    /// What a free name stands for.
    pub fn global(&mut self, name: Name) -> Value {
        if let Some(Some(value)) = self.globals.get(&name) {
            return value.clone();
        }
        let text = self.txt(name);
        // What the program itself put there.
        let key = hash_of(("global", &*text));
        let mut own = Value::none();
        if let Some(cell) = self.st.find(key) {
            own = self.st.cell(cell).elem.clone();
            // Whatever fills in for something that the platform lacks does not take the place of what it has.
            if !own.is_empty() && !self.is_host_object(&text) {
                return own;
            }
        }
        let names = self.tables.names();
        let value = if &*text == "undefined" {
            Value::undefined()
        } else if &*text == "NaN" || &*text == "Infinity" {
            Value::plain()
        } else if names.global_objects.iter().any(|n| **n == *text) {
            self.native("@global", 0)
        } else if let Some(global) = self.tables.global(&text) {
            let platform = self.platform(&global.platform);
            self.native(&global.path, platform)
        } else if Self::language_global(&text)
            || names.define.contains_key(&*text)
            || names.get_app.iter().any(|n| **n == *text)
            || names.get_pages.iter().any(|n| **n == *text)
        {
            self.native(&text, 0)
        } else if text.starts_with("define") || self.tables.framework(&text, "").is_some() {
            let path = format!("import:.{text}");
            self.native(&path, 0)
        } else if let Some(path) = self.tables.receiver(&text) {
            self.native(&path, 0)
        } else {
            self.sy.fresh(Origin::Unknown { name })
        };
        let value = value.joined(&own);
        self.globals.insert(name, Some(value.clone()));
        value
    }

    /// Whether a free name is an object that is there before the program runs.
    fn is_host_object(&self, text: &str) -> bool {
        self.tables.global(text).is_some() || Self::language_global(text)
    }

    /// A whole package that is not in the app.
    pub fn package(&mut self, specifier: &str) -> Value {
        if let Some(path) = self.tables.module(specifier, None) {
            let platform = self.package_platform(&path, specifier);
            return self.native(&path, platform);
        }
        let path = format!("import:{specifier}");
        self.native(&path, 0)
    }

    fn package_platform(&mut self, path: &str, specifier: &str) -> u16 {
        if path != "$" && !path.starts_with("$.") {
            return 0;
        }
        let id = self.tables.module_platform(specifier).unwrap_or_default();
        self.platform(&id)
    }

    /// An export of a package that is not in the app.
    pub fn import_native(&mut self, specifier: Name, name: Name) -> Value {
        let (module, export) = (self.txt(specifier), self.txt(name));
        if let Some(path) = self
            .tables
            .framework(&export, &module)
            .map(|_| format!("import:{module}.{export}"))
        {
            return self.native(&path, 0);
        }
        if let Some(path) = self.tables.module(&module, Some(&export)) {
            let platform = self.package_platform(&path, &module);
            return self.native(&path, platform);
        }
        if let Some(path) = self.tables.receiver(&export) {
            return self.native(&path, 0);
        }
        if name == self.k.default {
            return self.package(&module);
        }
        let path = format!("import:{module}.{export}");
        self.native(&path, 0)
    }

    /// Constants of natives.
    pub fn native_constant(&mut self, member: Name) -> Option<Value> {
        let text = self.txt(member);
        if let Some(name) = text.strip_prefix("@global.") {
            let name = self.intern(name);
            return Some(self.global(name));
        }
        if text.starts_with("Math.") && text.chars().nth(5).is_some_and(char::is_uppercase) {
            return Some(Value::plain());
        }
        match &*text {
            "Symbol.iterator" => return Some(Value::of(Atom::Str(self.k.iterator))),
            "Symbol.toPrimitive" => return Some(Value::of(Atom::Str(self.k.to_primitive))),
            "Symbol.asyncIterator" => return Some(Value::of(Atom::Str(self.k.async_iterator))),
            _ => {}
        }
        if let Some(constant) = self.tables.names().build_constants.get(&*text) {
            return Some(self.str_value(constant));
        }
        text.starts_with("process.env.").then(Value::plain)
    }

    /// A name for the path of a symbol: of what a method is called on.
    pub fn symbol_name(&mut self, sym: SymId) -> Name {
        let s = self.sy.get(sym);
        let mut text = match self.sy.origins[s.origin as usize].clone() {
            Origin::Call { name, .. } | Origin::Unknown { name } | Origin::Param { name, .. } => {
                self.txt(name).to_string()
            }
            Origin::Api { path, .. } => self.txt(path).to_string(),
            _ => String::new(),
        };
        for key in self.sy.keys(s.path) {
            text.push('.');
            text.push_str(&self.txt(key));
        }
        self.intern(text.trim_start_matches('.'))
    }

    /// The platform call that a value is the result of.
    pub fn called_api(&self, value: &Value) -> Option<Name> {
        value.symbols().find_map(|(sym, _)| {
            let s = self.sy.get(sym);
            match self.sy.origins.get(s.origin as usize) {
                Some(Origin::Api { path, .. }) => Some(*path),
                _ => None,
            }
        })
    }

    pub fn mark_used(&mut self, sym: SymId) {
        let origin = self.sy.get(sym).origin;
        self.fx.used.insert(origin);
    }

    /// Something was written on a native: the program extends the platform, or hands out data by assignment.
    pub fn native_written(&mut self, path: &str, name: Name, value: &Value, at: Option<Loc>) {
        let tables = self.tables;
        for spec in tables.assignment(path) {
            let at = at.unwrap_or_default();
            let site = Site {
                at,
                key: hash_of((path, at)),
            };
            let mut args = Args::of(vec![value.clone()]);
            args.spans.push(at.span);
            let sink: Arc<str> = path.into();
            self.sink_call(spec, &sink, path, 0, &args, site);
        }
        let shared = path.rsplit_once('.').is_some_and(|(object, _)| {
            object.ends_with(".prototype") || object.ends_with(".globalProperties")
        });
        if shared {
            let text = self.txt(name);
            let cell = self.named("on every instance", &text);
            self.st.edit(cell).elem.join(value);
            self.any_on_instances = true;
        }
    }

    /// What the program put on all instances of its framework.
    pub fn on_every_instance(&mut self, name: Name) -> Option<Value> {
        if !self.any_on_instances {
            return None;
        }
        let text = self.txt(name);
        let cell = self.st.find(hash_of(("on every instance", &*text)))?;
        let value = self.st.cell(cell).elem.clone();
        (!value.is_empty()).then_some(value)
    }

    /// How the code spells a native path.
    pub fn spelled(&mut self, path: &str, platform: u16) -> Arc<str> {
        let Some(rest) = path.strip_prefix('$') else {
            return path.trim_start_matches("import:").into();
        };
        let id = self.platforms[platform as usize].clone();
        let id = if id.is_empty() {
            self.app.platform.clone()
        } else {
            id
        };
        let own = self.tables.global_name(&id).unwrap_or(id);
        format!("{own}{rest}").into()
    }

    // ---- calls

    /// Calls a native by its path.
    pub fn call_native(
        &mut self,
        path: Name,
        platform: u16,
        parent: Option<Name>,
        args: Args,
        site: Site,
    ) -> Value {
        let text = self.txt(path);
        if let Some(parent) = parent
            && let Some(value) = self.function_of_native(&text, platform, parent, &args, site)
        {
            return value;
        }
        if !text.starts_with('$')
            && let Some(value) = self.language_function(&text, &args, site)
        {
            return value;
        }
        let function = self.native_function(path, &text);
        if let Some(role) = function.role {
            return self.role_function(role, &args, site);
        }
        if let Some(value) = self.framework_function(&text, function.framework, &args, site) {
            return value;
        }
        match function.api {
            Some(api) => self.call_api(api, path, &text, platform, args, site),
            // What takes callbacks is the platform's, whatever else is known of it.
            None if text.starts_with("$.") || function.asynchronous => {
                self.call_api(&NO_API, path, &text, platform, args, site)
            }
            None => self.call_unknown(path, Value::none(), args, site),
        }
    }

    /// What is known of the function at a native path.
    fn native_function(&mut self, path: Name, text: &str) -> NativeFunction<'a> {
        let tables = self.tables;
        let known = self.native_functions.entry(path);
        *known.or_insert_with(|| NativeFunction {
            role: role_function_of(tables.names(), text),
            framework: framework_kind_of(tables, text),
            api: tables.api(text),
            asynchronous: tables.is_asynchronous(text),
        })
    }

    /// `call`, `apply` and `bind` of a native function.
    fn function_of_native(
        &mut self,
        text: &str,
        platform: u16,
        parent: Name,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        let method = text.rsplit_once('.').map_or("", |(_, m)| m);
        if !matches!(method, "call" | "apply" | "bind") || text == "Reflect.apply" {
            return None;
        }
        let inner = match method {
            "apply" => self.listed_args(&args.get(1)),
            "bind" => {
                let function = Value::of(Atom::Native(parent, platform));
                if !self.txt(parent).starts_with("Array.prototype.") {
                    return Some(function);
                }
                let kind = Kind::Bound {
                    target: function,
                    this: args.get(0),
                    args: args.list.iter().skip(1).cloned().collect(),
                };
                return Some(Value::obj(self.st.alloc(site.key, kind).0));
            }
            _ => Args {
                list: args.list.iter().skip(1).cloned().collect(),
                rest: args.rest.clone(),
                spans: args.spans.iter().skip(1).copied().collect(),
            },
        };
        // `Array.prototype.slice.call(list)`: a method of what comes first.
        let owner = self.txt(parent);
        if let Some((_, name)) = owner.rsplit_once(".prototype.") {
            let name = self.intern(name);
            return Some(self.call_method(&args.get(0), name, inner, site));
        }
        Some(self.call_native(parent, platform, None, inner, site))
    }

    /// A method of something that is known by its name only.
    pub fn known_receiver(
        &mut self,
        path: &str,
        name: Name,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        let (object, _) = path.rsplit_once('.')?;
        let last = object.rsplit_once('.').map_or(object, |(_, last)| last);
        let tables = self.tables;
        let known = tables.receiver(last)?;
        let method = self.txt(name);
        let full: Arc<str> = format!("{known}.{method}").into();
        let api = tables.api(&full)?;
        let path = self.intern(&full);
        Some(self.call_api(api, path, &full, 0, args.clone(), site))
    }

    fn call_api(
        &mut self,
        api: &'a Api,
        path: Name,
        text: &Arc<str>,
        platform: u16,
        args: Args,
        site: Site,
    ) -> Value {
        let origin = Origin::Api {
            at: site.at,
            path,
            platform,
            key: site.key,
        };
        self.note_use(text, platform, &args, site, &origin);
        for spec in &api.sinks {
            self.sink_call(spec, &api.id, text, platform, &args, site);
        }
        if self.options.all {
            self.any_call(api, text, platform, &args, site);
        }
        let mut result = match &api.returns {
            Some(kind) => {
                let kind = kind.clone();
                self.native(&kind, platform)
            }
            None => self.sy.fresh(origin),
        };
        let mut extra = Value::none();
        for channel in &api.channels {
            self.channel(channel, text, platform, &args, site, &mut extra, &result);
        }
        if !extra.is_empty() {
            result = extra;
        }
        for (steps, kind) in &api.result_types {
            let native = self.native(kind, platform);
            self.attach_at(&result, steps, &native, site);
        }
        let names = self.tables.names();
        let asynchronous = api.asynchronous || self.native_function(path, text).asynchronous;
        if asynchronous {
            self.option_callbacks(&names.success, &args, &result, site, None, Some(path));
            let error = self.sy.fresh(Origin::Failure { at: site.at });
            self.option_callbacks(&names.fail, &args, &error, site, Some(path), None);
        }
        let is_listener = api.channels.iter().any(|c| matches!(c, Channel::On { .. }));
        if (api.deliver == Deliver::Callback || !asynchronous || args.list.len() > 1)
            && !is_listener
        {
            self.run_callbacks(&args, &result, site, None);
        }
        let effect = self.effect_of(path, true);
        if effect.is_none() || !api.sinks.is_empty() || !api.channels.is_empty() {
            // An answer that is known in part is promised like any other.
            let made = result.objects().next().is_some();
            if asynchronous && made {
                return self.promise_of(&result, site.sub(123));
            }
            return result;
        }
        // What a function makes of its arguments.
        let all = args.all();
        let made = self.apply_effect(effect, &all);
        made.joined(&result)
    }

    /// A call of a function that the user has named. `run` is the call itself.
    pub fn call_own(
        &mut self,
        own: OwnFunction,
        called: &str,
        callee: &Value,
        args: &Args,
        site: Site,
        run: &mut dyn FnMut(&mut Self) -> Value,
    ) -> Value {
        let protects =
            own.sanitizes || self.tables.sanitizer(last_words(called)) == Some(Effect::Encrypted);
        let before = self.wrapper;
        if let Some(wrapper) = own.wraps
            && before.is_none()
        {
            self.wrapper = Some((wrapper, site.at, protects));
        }
        let followed = !self.functions_in(callee).is_empty();
        if let Some(wrapper) = own.wraps.filter(|_| !followed) {
            self.unknown_wrapper(wrapper, called, protects, args, site);
        }
        let value = run(self);
        self.wrapper = before;
        if !own.sanitizes {
            return value;
        }
        let promised = value
            .objects()
            .any(|id| matches!(self.st.kind(id), Kind::Promise));
        let inner = if promised {
            self.settled(&value)
        } else {
            value
        };
        let protected = self.protect(&inner, Protection::Masked);
        match promised {
            true => self.promise_of(&protected, site.sub(141)),
            false => protected,
        }
    }

    /// A wrapper whose code is not in the app: the table says what such functions do with their arguments.
    fn unknown_wrapper(
        &mut self,
        wrapper: Wrapper,
        called: &str,
        protects: bool,
        args: &Args,
        site: Site,
    ) {
        let tables = self.tables;
        let Some(api) = tables.api(wrapper.api()) else {
            return;
        };
        let mut sent = args.clone();
        if protects {
            for value in &mut sent.list {
                *value = self.protect(value, Protection::Masked);
            }
        }
        for spec in &api.sinks {
            self.sink_call(spec, &api.id, called, 0, &sent, site);
        }
        let mut result = Value::none();
        for channel in &api.channels {
            self.channel(channel, called, 0, args, site, &mut result, &Value::none());
        }
    }

    fn option_callbacks(
        &mut self,
        names: &'a [Arc<str>],
        args: &Args,
        result: &Value,
        site: Site,
        failure_of: Option<Name>,
        success_of: Option<Name>,
    ) {
        for (index, name) in names.iter().enumerate() {
            let key = self.table_name(name);
            for (at, options) in args.list.iter().enumerate() {
                if options.objects().next().is_none() {
                    continue;
                }
                let function = self.read_quietly(options, key, site);
                let callee = self.functions_in(&function);
                let callee = if callee.is_empty() {
                    self.natives_in(&function)
                } else {
                    callee
                };
                if callee.is_empty() {
                    continue;
                }
                let at = site.sub(hash_of((&**name, index, at)));
                let job = self.job(callee, vec![result.clone()], at);
                self.jobs.push_back(Job {
                    this: options.clone(),
                    failure_of,
                    success_of,
                    ..job
                });
            }
        }
    }

    fn natives_in(&self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            if let Atom::Native(..) = atom {
                out.push(atom);
            }
        }
        out
    }

    /// What stands at a path, keys joined by `.`, of objects only.
    pub fn read_path_quietly(&mut self, object: &Value, path: &str, site: Site) -> Value {
        path.split('.').fold(object.clone(), |at, key| {
            let key = self.intern(key);
            self.read_quietly(&at, key, site)
        })
    }

    /// A property of objects only: options are not read from symbols.
    pub fn read_quietly(&mut self, object: &Value, name: Name, site: Site) -> Value {
        let mut out = Value::none();
        for id in object.objects() {
            if matches!(
                self.st.kind(id),
                Kind::Plain | Kind::Instance { .. } | Kind::Collection
            ) && let Some(value) = self.own(id, name, Value::obj(id), site)
            {
                out.join(&value);
            } else if matches!(self.st.kind(id), Kind::Plain | Kind::Instance { .. }) {
                let elem = self.st.cell(id).elem.clone();
                out.join(&elem);
            }
        }
        out
    }

    fn attach_at(&mut self, result: &Value, steps: &[Step], value: &Value, site: Site) {
        let Some((last, before)) = steps.split_last() else {
            return;
        };
        let mut at = result.clone();
        for step in before {
            at = self.step_into(&at, step, site);
        }
        let Step::Key(key) = last else { return };
        let key = self.intern(key);
        self.write(&at, key, value, true, None);
    }

    fn step_into(&mut self, value: &Value, step: &Step, site: Site) -> Value {
        match step {
            Step::Key(key) => {
                let key = self.intern(key);
                self.read(value, key, site)
            }
            Step::Each => self.elements(value),
        }
    }

    /// The values at a place in the arguments, with where each stands.
    pub fn at_path(&mut self, args: &Args, path: &'a ArgPath, site: Site) -> Vec<(Value, Span)> {
        let mut out: Vec<(Value, Span)> = Vec::new();
        let whole = site.at.span;
        let count = args.list.len();
        let indices = match path.arg {
            Arg::At(index) => index as usize..index as usize + 1,
            Arg::All => 0..count,
            Arg::From(from) => from as usize..count,
            Arg::Last => count.saturating_sub(1)..count,
        };
        for index in indices {
            if index < args.list.len() || args.rest.is_some() {
                let value = args.get(index);
                out.push((value, args.span(index).unwrap_or(whole)));
            }
        }
        if matches!(path.arg, Arg::All | Arg::From(_))
            && let Some(rest) = &args.rest
        {
            out.push((rest.clone(), whole));
        }
        if path.path.is_empty() {
            return out;
        }
        for (value, _) in &mut out {
            // Options are read of objects; a symbol that is handed over whole may have anything.
            let mut at = value.clone();
            for step in &path.path {
                at = match step {
                    Step::Key(key) => {
                        let key = self.table_name(key);
                        let mut inner = self.read_quietly(&at, key, site);
                        for (sym, trace) in at.symbols().collect::<Vec<_>>() {
                            inner.join(&self.read_symbol(sym, trace, key));
                        }
                        inner
                    }
                    Step::Each => self.elements(&at),
                };
            }
            *value = at;
        }
        out.retain(|(value, _)| !value.is_empty());
        out
    }

    /// The constant texts at a place in the arguments.
    fn constants_at(&mut self, args: &Args, path: &'a ArgPath, site: Site) -> Vec<Name> {
        let mut out = Vec::new();
        for (value, _) in self.at_path(args, path, site) {
            for atom in value.iter() {
                if let Atom::Str(name) | Atom::Num(name) = atom
                    && !out.contains(&name)
                {
                    out.push(name);
                }
            }
        }
        out
    }

    /// The storage keys at a place in the arguments, and whether they are whole: of a text that is put together the
    /// constant beginning stands for all keys that begin so.
    fn storage_keys(&mut self, args: &Args, path: &'a ArgPath, site: Site) -> (Vec<Name>, bool) {
        let whole = self.constants_at(args, path, site);
        if !whole.is_empty() {
            return (whole, true);
        }
        let mut names = Vec::new();
        for (value, _) in self.at_path(args, path, site) {
            let beginning = self.beginning(&value);
            if !beginning.is_empty() {
                names.push(self.intern(&beginning));
            }
        }
        (names, false)
    }

    // ---- sinks

    fn sink_call(
        &mut self,
        spec: &'a SinkSpec,
        sink: &Arc<str>,
        text: &str,
        platform: u16,
        args: &Args,
        site: Site,
    ) {
        let data = self.at_path(args, &spec.data, site);
        let mut arriving: Vec<(Vec<(SymId, TraceId)>, Span)> = Vec::new();
        for (value, argument) in data {
            let mut symbols = Vec::new();
            self.arriving(&value, &mut symbols);
            if !symbols.is_empty() {
                arriving.push((symbols, argument));
            }
        }
        if arriving.is_empty() {
            return;
        }
        let call = self.spelled(text, platform);
        let target = match &spec.target {
            Some(path) => {
                let values = self.at_path(args, path, site);
                values
                    .first()
                    .map(|(value, _)| self.beginning(value))
                    .unwrap_or_default()
            }
            None => "".into(),
        };
        let method = match &spec.method {
            Some(path) => {
                let names = self.constants_at(args, path, site);
                match names[..] {
                    [name] => self.txt(name).to_uppercase().into(),
                    [] if self
                        .at_path(args, path, site)
                        .iter()
                        .all(|(v, _)| v.iter().all(|a| matches!(a, Atom::Undefined))) =>
                    {
                        spec.verb.clone()
                    }
                    // Several, or one that is not known.
                    _ => "?".into(),
                }
            }
            None => spec.verb.clone(),
        };
        let protected = match &spec.protect {
            Some(path) => self
                .at_path(args, path, site)
                .iter()
                .any(|(value, _)| value.single() == Some(Atom::Bool(true))),
            None => false,
        };
        let target = if spec.to.is_empty() {
            target
        } else {
            spec.to.clone()
        };
        for (symbols, argument) in arriving {
            let event = SinkEvent {
                argument,
                call: call.clone(),
                sink: sink.clone(),
                family: spec.family.clone(),
                part: spec.part.clone(),
                target: target.clone(),
                method: method.clone(),
                protected,
                ..SinkEvent::at(site.at)
            };
            self.arrived(event, symbols);
        }
    }

    /// Any platform call as a sink: `flows --sources all`.
    fn any_call(&mut self, api: &Api, text: &str, platform: u16, args: &Args, site: Site) {
        let call = self.spelled(text, platform);
        for (index, value) in args.list.iter().chain(&args.rest).enumerate() {
            let event = SinkEvent {
                argument: args.span(index).unwrap_or(site.at.span),
                call: call.clone(),
                sink: if api.id.is_empty() {
                    text.into()
                } else {
                    api.id.clone()
                },
                family: ANY_CALL.into(),
                part: "argument".into(),
                ..SinkEvent::at(site.at)
            };
            self.sink(event, value);
        }
    }

    /// The constant beginning of a text.
    pub fn beginning(&mut self, value: &Value) -> Arc<str> {
        for atom in value.iter() {
            match atom {
                Atom::Str(name) => return self.txt(name),
                Atom::Text(id) => {
                    if let Some(Piece::Text(text)) = self.sy.pieces(id).first() {
                        return text.clone();
                    }
                    if let Some(Piece::Values(inner)) = self.sy.pieces(id).first().cloned() {
                        let mut out = self.beginning(&inner).to_string();
                        if out.is_empty() {
                            return "".into();
                        }
                        if let Some(Piece::Text(text)) = self.sy.pieces(id).get(1) {
                            out.push_str(text);
                        }
                        return out.into();
                    }
                }
                _ => {}
            }
        }
        "".into()
    }

    /// Records what arrives at a sink.
    pub fn sink(&mut self, event: SinkEvent, value: &Value) {
        let mut symbols: Vec<(SymId, TraceId)> = Vec::new();
        self.arriving(value, &mut symbols);
        if !symbols.is_empty() {
            self.arrived(event, symbols);
        }
    }

    /// Records the symbols that arrive at a sink.
    fn arrived(&mut self, mut event: SinkEvent, symbols: Vec<(SymId, TraceId)>) {
        // Who logs, stores or shows a datum does so himself; requests go through wrappers that know of no data.
        let sent = matches!(
            &*event.family,
            "network" | "socket" | "cloud-call" | "analytics"
        );
        let wrapper = self
            .wrapper
            .filter(|(wrapper, ..)| wrapper.is_around(&event.family));
        event.protected |= wrapper.is_some_and(|(.., protects)| protects);
        let climbs = sent && wrapper.is_none();
        let forwarded = if climbs { self.forwarded() } else { Vec::new() };
        event.symbols = symbols
            .into_iter()
            .map(|(sym, trace)| {
                let at = if let Some((_, call, _)) = wrapper {
                    call
                } else if sent {
                    self.responsible(sym, event.at, &forwarded)
                } else {
                    event.at
                };
                (sym, trace, at)
            })
            .collect();
        event.calls = self
            .acts
            .iter()
            .skip(1)
            .map(|act| act.site)
            .filter(|at| *at != event.at)
            .collect();
        for &(sym, _, _) in &event.symbols {
            let origin = self.sy.get(sym).origin;
            self.fx.used.insert(origin);
        }
        let known = self.fx.sinks.iter().rev().take(64).any(|old| {
            old.at == event.at
                && old.part == event.part
                && old.argument == event.argument
                && old.symbols == event.symbols
                && old.target == event.target
        });
        if !known {
            self.fx.sinks.push(event);
        }
    }

    /// The call at which somebody who knows what the datum is hands it on: whoever only forwards a parameter of no
    /// telling name does not know. Wrappers in the sink's own file are not climbed out of.
    fn responsible(&mut self, id: SymId, sink: Loc, forwarded: &[Vec<Vec<(u32, u32)>>]) -> Loc {
        let wanted = self.sy.get(id);
        let mut at = sink;
        for index in (1..self.acts.len()).rev() {
            let act = &self.acts[index];
            let (unit_id, func, site) = (act.unit, act.func, act.site);
            let same = |arg: &Vec<(u32, u32)>| arg.contains(&(wanted.origin, wanted.path));
            let forwarded = forwarded
                .get(index)
                .and_then(|args| args.iter().position(same));
            let Some(position) = forwarded else {
                // A function inside of the one that forwards sees its variables.
                let outer = self.acts.get(index - 1);
                if func != 0 && outer.is_some_and(|o| o.unit == unit_id) {
                    continue;
                }
                break;
            };
            if site.span.is_empty() || self.names_data(unit_id, func, position) {
                break;
            }
            at = site;
        }
        if at.file == sink.file { sink } else { at }
    }

    /// What the arguments of the functions in progress hold: origins and paths.
    fn forwarded(&mut self) -> Vec<Vec<Vec<(u32, u32)>>> {
        let all: Vec<Vec<Value>> = self.acts.iter().map(|act| act.args.clone()).collect();
        all.iter()
            .map(|args| {
                args.iter()
                    .map(|arg| {
                        let held = self.symbols_in(arg);
                        let places = held.symbols().map(|(sym, _)| {
                            let s = self.sy.get(sym);
                            (s.origin, s.path)
                        });
                        places.collect()
                    })
                    .collect()
            })
            .collect()
    }

    /// Whether a function's parameter has a name that tells what it holds.
    fn names_data(&mut self, unit_id: u32, func: FuncId, position: usize) -> bool {
        let unit = self.unit(unit_id).unit;
        let Some(f) = unit.funcs.get(func as usize) else {
            return false;
        };
        let Some(pat) = f
            .params
            .get(position)
            .and_then(|&p| unit.pats.get(p as usize))
        else {
            return false;
        };
        let mut names: Vec<Name> = Vec::new();
        match &pat.kind {
            Pat::Var(Var::Local(slot)) => names.extend(f.slots.get(*slot as usize).copied()),
            Pat::Object { props, .. } => {
                names.extend(props.iter().filter_map(|(key, _)| match key {
                    Key::Name(name) => Some(*name),
                    _ => None,
                }))
            }
            _ => {}
        }
        names.into_iter().any(|name| {
            let text = self.txt(name);
            let found = self.set.tables.vocabulary().classify(&text, None);
            found.iter().any(|m| m.strength == Strength::Strong)
        })
    }

    /// The symbols of a value; in a text with a mask, parts of data are masked data.
    fn arriving(&mut self, value: &Value, out: &mut Vec<(SymId, TraceId)>) {
        let mut plain = Value::none();
        for atom in value.iter() {
            let Atom::Text(id) = atom else {
                plain.push(atom);
                continue;
            };
            let pieces = self.sy.pieces(id);
            let masked = pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Text(text) if text.contains("**") || text.contains("••")));
            let each = self.k.each;
            for piece in pieces.iter() {
                let Piece::Values(inner) = piece else {
                    continue;
                };
                let held = self.symbols_in(inner);
                for (sym, trace) in held.symbols() {
                    let s = self.sy.get(sym);
                    let is_part = s.derived || self.sy.keys(s.path).last() == Some(&each);
                    let sym = if masked && is_part {
                        self.sy.intern(Sym {
                            protection: s.protection.max(Protection::Masked),
                            ..s
                        })
                    } else {
                        sym
                    };
                    if !out.iter().any(|(known, _)| *known == sym) {
                        out.push((sym, trace));
                    }
                }
            }
        }
        let held = self.symbols_in(&plain);
        for (sym, trace) in held.symbols() {
            if !out.iter().any(|(known, _)| *known == sym) {
                out.push((sym, trace));
            }
        }
    }

    fn note_use(
        &mut self,
        text: &Arc<str>,
        platform: u16,
        args: &Args,
        site: Site,
        origin: &Origin,
    ) {
        let mut options = Vec::new();
        if let Some(first) = args.list.first() {
            for id in first.objects().collect::<Vec<_>>() {
                if !matches!(self.st.kind(id), Kind::Plain) {
                    continue;
                }
                let cell = self.st.cell(id);
                for (name, prop) in cell.props.iter().take(24) {
                    if let super::state::Prop::Value(value) = prop {
                        let key = self.txt(name);
                        match value.single() {
                            Some(Atom::Str(v) | Atom::Num(v)) => {
                                let v = self.txt(v);
                                if v.len() <= 200 {
                                    options.push((key, v));
                                }
                            }
                            Some(Atom::Bool(b)) => {
                                options.push((key, if b { "true" } else { "false" }.into()))
                            }
                            _ if !self.functions_in(value).is_empty() => {
                                options.push((key, "function".into()))
                            }
                            _ => {}
                        }
                    }
                }
            }
            if let Some(Atom::Str(v)) = first.single() {
                let v = self.txt(v);
                if v.len() <= 200 {
                    options.push(("".into(), v));
                }
            }
        }
        options.sort();
        options.dedup();
        let after_async = self.in_job || self.acts.iter().any(|act| act.awaited);
        let origin = Some(self.sy.origin(origin.clone()));
        let event = UseEvent {
            at: site.at,
            path: text.clone(),
            platform,
            options,
            after_async,
            failure_of: self.failure_of,
            success_of: self.success_of,
            origin,
            user: self.user,
        };
        if !self.fx.uses.iter().rev().take(64).any(|old| *old == event) {
            self.fx.uses.push(event);
        }
    }

    // ---- hidden ways

    #[allow(clippy::too_many_arguments)]
    fn channel(
        &mut self,
        channel: &'a Channel,
        text: &str,
        platform: u16,
        args: &Args,
        site: Site,
        result: &mut Value,
        base: &Value,
    ) {
        match channel {
            Channel::StorageWrite { key, value } => {
                let (names, exact) = self.storage_keys(args, key, site);
                for (value, _) in self.at_path(args, value, site) {
                    let value = self.copy(&value, site.sub(101));
                    let value = self.sy.step(&value, site.at, What::Stored);
                    for name in &names {
                        // A store's key is no name of an object: `kept` says so.
                        let kept = self.k.kept;
                        self.note_alias(&value, *name, Some(kept));
                        let key = self.txt(*name);
                        let cell = self.named("storage", &key);
                        let cell = self.st.edit(cell);
                        if names.len() == 1 && exact {
                            cell.elem = value.clone();
                        } else {
                            cell.elem.join(&value);
                        }
                    }
                    if names.is_empty() {
                        let cell = self.named("storage", "\u{0}any");
                        self.st.edit(cell).elem.join(&value);
                    }
                }
            }
            Channel::StorageRead { key, result: steps } => {
                let (names, _) = self.storage_keys(args, key, site);
                let mut value = Value::none();
                for name in names {
                    let text_key = self.txt(name);
                    if let Some(cell) = self.st.find(hash_of(("storage", &*text_key))) {
                        let kept = self.st.cell(cell).elem.clone();
                        value.join(&self.sy.step(&kept, site.at, What::Read));
                    } else {
                        // The cell must be known, so that a later write is noticed.
                        let cell = self.named("storage", &text_key);
                        self.st.cell(cell);
                    }
                    let path = self.intern(text);
                    value.join(&self.sy.fresh(Origin::Storage {
                        at: site.at,
                        key: name,
                        path,
                        platform,
                    }));
                }
                if value.is_empty() {
                    return;
                }
                self.put_result(result, base, steps, &value, site);
            }
            Channel::StorageRemove { .. } => {}
            Channel::Navigate { url } => {
                for (value, _) in self.at_path(args, url, site) {
                    self.navigate(&value, site);
                }
                self.navigation_events(args, site);
            }
            Channel::Query { result: steps } => {
                let query = self.query_here(site);
                self.put_result(result, base, steps, &query, site);
            }
            Channel::Emit { bus, name, value } => {
                let names = self.constants_at(args, name, site);
                let from = match value {
                    Arg::At(n) | Arg::From(n) => *n as usize,
                    _ => 1,
                };
                for name in names {
                    let key = format!("{bus}/{}", self.txt(name));
                    let cell = self.named("event", &key);
                    let mut index = 0;
                    for value in args.list.iter().skip(from) {
                        let value = self.sy.step(value, site.at, What::Stored);
                        let slot = self.index_name(index);
                        self.put_prop(cell, slot, &value, false);
                        index += 1;
                    }
                    if index == 0 {
                        self.st.edit(cell).elem.push(Atom::Undefined);
                    }
                }
            }
            Channel::On {
                bus,
                name,
                callback,
            } => {
                let names = self.constants_at(args, name, site);
                let callbacks = self.at_path(args, callback, site);
                for name in names {
                    let key = format!("{bus}/{}", self.txt(name));
                    for (callback, _) in &callbacks {
                        self.listen(&key, callback, site);
                    }
                }
            }
            Channel::CloudCall {
                name,
                data,
                result: steps,
            } => {
                let names = self.constants_at(args, name, site);
                let data = self
                    .at_path(args, data, site)
                    .into_iter()
                    .next()
                    .map(|(value, _)| value)
                    .unwrap_or_else(Value::undefined);
                let mut out = Value::none();
                for name in names {
                    out.join(&self.cloud_call(name, &data, site));
                }
                if !out.is_empty() {
                    self.put_result(result, base, steps, &out, site);
                }
            }
        }
    }

    /// Calls a listener with all that is sent anywhere under a name.
    pub fn listen(&mut self, key: &str, callback: &Value, site: Site) {
        let cell = self.named("event", key);
        let sent = self.st.cell(cell);
        let mut list = Vec::new();
        for index in 0..sent.props.len().min(6) {
            let slot = self.index_name(index);
            if let Some(super::state::Prop::Value(value)) = sent.props.get(slot) {
                list.push(self.sy.step(value, site.at, What::Read));
            }
        }
        let callee = self.callable_in(callback);
        self.later(callee, list, site.sub(hash_of(("listen", key))));
    }

    /// Puts a value where a call's result has it.
    fn put_result(
        &mut self,
        result: &mut Value,
        base: &Value,
        steps: &[Step],
        value: &Value,
        site: Site,
    ) {
        match steps {
            [] => {
                result.join(value);
            }
            [Step::Key(key), rest @ ..] => {
                if result.is_empty() {
                    let id = self.object(site.sub(120));
                    // What else the call returns stays what it was.
                    self.spread_into(id, base, &[]);
                    *result = Value::obj(id);
                }
                let key = self.intern(key);
                let mut inner = Value::none();
                match rest {
                    [] => inner = value.clone(),
                    _ => self.put_result(&mut inner, &Value::none(), rest, value, site.sub(121)),
                }
                for id in result.objects().collect::<Vec<_>>() {
                    self.put_prop(id, key, &inner, false);
                }
            }
            [Step::Each, ..] => {
                let id = self.array(site.sub(122), Vec::new());
                self.st.edit(id).elem.join(value);
                result.push(Atom::Obj(id));
            }
        }
    }

    /// A page is opened: the address's parameters become its query.
    pub fn navigate(&mut self, url: &Value, site: Site) {
        let from = self.path(site.at.file);
        for atom in url.iter() {
            let pieces = match atom {
                Atom::Str(name) => Rc::from([Piece::Text(self.txt(name))]),
                Atom::Text(id) => self.sy.pieces(id),
                _ => continue,
            };
            let Some(Piece::Text(start)) = pieces.first() else {
                continue;
            };
            let address = start.split('?').next().unwrap_or("").to_string();
            let Some(page) = self.app.page(&address, &from) else {
                continue;
            };
            if let Some(here) = self.here {
                let opener = self.instance(here);
                let cell = self.named("opened by", &page.to_string());
                self.st.edit(cell).elem.push(Atom::Obj(opener));
            }
            for (name, value) in self.parameters(&pieces) {
                let value = self.sy.step(&value, site.at, What::Stored);
                let cell = self.named("query", &page.to_string());
                let name = self.intern(&name);
                self.note_alias(&value, name, None);
                self.put_prop(cell, name, &value, false);
                // A component that is a page gets the query as its properties.
                if let Some(def) = self.def_of_part(page)
                    && self.defs[def as usize].role == Role::Component
                {
                    let data = self.data_object(def);
                    if self.st.now(data).props.get(name).is_some() {
                        self.put_prop(data, name, &value, false);
                    }
                }
            }
        }
    }

    /// The parameters of an address.
    fn parameters(&mut self, pieces: &[Piece]) -> Vec<(String, Value)> {
        let mut out: Vec<(String, Value)> = Vec::new();
        let mut in_query = false;
        let mut name = String::new();
        let mut value = Value::none();
        let mut in_value = false;
        let finish = |name: &mut String, value: &mut Value, out: &mut Vec<(String, Value)>| {
            let n = std::mem::take(name);
            let v = std::mem::take(value);
            if !n.is_empty() {
                out.push((n, v));
            }
        };
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    let mut word = String::new();
                    for c in text.chars() {
                        match c {
                            '?' if !in_query => {
                                in_query = true;
                                word.clear();
                            }
                            '&' if in_query => {
                                if in_value && !word.is_empty() {
                                    let constant = self.intern(&word);
                                    value.push(Atom::Str(constant));
                                }
                                word.clear();
                                finish(&mut name, &mut value, &mut out);
                                in_value = false;
                            }
                            '=' if in_query && !in_value => {
                                name = std::mem::take(&mut word);
                                in_value = true;
                            }
                            c if in_query => word.push(c),
                            _ => {}
                        }
                    }
                    if in_value && !word.is_empty() {
                        let constant = self.intern(&word);
                        value.push(Atom::Str(constant));
                    }
                }
                Piece::Values(inner) if in_value => {
                    value.join(inner);
                }
                Piece::Values(_) => {}
            }
        }
        finish(&mut name, &mut value, &mut out);
        out
    }

    fn navigation_events(&mut self, args: &Args, site: Site) {
        let names = self.tables.names();
        for key in &names.navigation_events_keys {
            let key = self.intern(key);
            let events = self.read_quietly(&args.get(0), key, site);
            for id in events.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(id);
                for (name, prop) in cell.props.iter() {
                    if let super::state::Prop::Value(callback) = prop {
                        let event = format!("{}/{}", names.channel_bus, self.txt(name));
                        self.listen(&event, callback, site);
                    }
                }
            }
        }
    }

    /// A function of the app's own server.
    fn cloud_call(&mut self, name: Name, data: &Value, site: Site) -> Value {
        let text = self.txt(name);
        let Some(file) = self.app.cloud.get(&text).cloned() else {
            return Value::none();
        };
        let Some(&file) = self.file_ids.get(&file) else {
            return Value::none();
        };
        let Some(&module) = self.file_modules[file as usize].first() else {
            return Value::none();
        };
        self.run_module(module);
        let exports = self.exports_of(module);
        let data = self.copy(data, site.sub(130));
        let data = self.sy.step(&data, site.at, What::Passed);
        let mut out = Value::none();
        for main in self.tables.names().cloud_main.clone() {
            let main = self.intern(&main);
            let function = self.read(&exports, main, site);
            let callee = self.functions_in(&function);
            if !callee.is_empty() {
                let context = Value::plain();
                let value = self.call(
                    &callee,
                    Value::undefined(),
                    Args::of(vec![data.clone(), context]),
                    site.sub(131),
                );
                out.join(&self.settled(&value));
            }
        }
        let out = self.copy(&out, site.sub(132));
        self.sy.step(&out, site.at, What::Passed)
    }

    /// `new` of a native class.
    pub fn construct_native(&mut self, path: Name, platform: u16, args: Args, site: Site) -> Value {
        let text = self.txt(path);
        if let Some(value) = self.language_class(&text, &args, site) {
            return value;
        }
        let function = self.native_function(path, &text);
        if let Some(role) = function.role {
            return self.role_function(role, &args, site);
        }
        if let Some(value) = self.framework_function(&text, function.framework, &args, site) {
            return value;
        }
        if let Some(kind) = self.tables.returns(&text).cloned() {
            return self.native(&kind, platform);
        }
        self.run_callbacks(&args, &Value::plain(), site, None);
        // An object of a class that is not understood: its methods are known by the class's name.
        let class = last_words(&text)
            .rsplit('.')
            .next()
            .unwrap_or("")
            .trim_start_matches("import:")
            .to_string();
        if let Some(known) = self.tables.receiver(&class) {
            return self.native(&known, platform);
        }
        let all = args.all();
        let held = self.derive(&all);
        Value::of(Atom::Native(path, platform)).joined(&held)
    }
}
