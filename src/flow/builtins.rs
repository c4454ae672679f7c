//! The language's own functions and methods: what they do with data.
//!
//! These are facts of JavaScript, not of a platform: platform functions stand in `queries/flow`.

use super::Protection;
use super::engine::{Args, Engine, Site};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Origin, Piece, Sym, SymId, TraceId, Value};
use crate::facts::names::Name;

/// Methods whose result says something about a text or list, but holds none of it.
const CLEAN: [&str; 22] = [
    "includes",
    "indexOf",
    "lastIndexOf",
    "startsWith",
    "endsWith",
    "localeCompare",
    "hasOwnProperty",
    "test",
    "search",
    "has",
    "some",
    "every",
    "findIndex",
    "findLastIndex",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "getTime",
    "codePointAt",
    "equals",
    "isEmpty",
    "keys",
    "clear",
];

/// Methods of texts whose result is the text in another form.
const SAME: [&str; 24] = [
    "toString",
    "trim",
    "trimStart",
    "trimEnd",
    "trimLeft",
    "trimRight",
    "toLowerCase",
    "toUpperCase",
    "valueOf",
    "toFixed",
    "toPrecision",
    "normalize",
    "padStart",
    "padEnd",
    "toLocaleString",
    "toISOString",
    "toJSON",
    "json",
    "text",
    "reverse",
    "sort",
    "toLocaleUpperCase",
    "toLocaleLowerCase",
    "toSorted",
];

/// Whether a text is nothing but what hides characters.
pub(super) fn is_mask(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '•' | '●' | '＊'))
}

/// Elements of a list, and keys, that are gone through one by one.
const FEW: usize = 8;

impl Engine<'_> {
    // ---- methods of objects that the program made

    /// A built-in method of an object; `None` if it has none of that name.
    pub fn builtin_method(&mut self, id: Id, name: Name, args: &Args, site: Site) -> Option<Value> {
        let text = self.txt(name);
        let this = Value::obj(id);
        match self.st.kind(id) {
            Kind::Closure { .. }
            | Kind::Bound { .. }
            | Kind::Hook { .. }
            | Kind::Settle { .. }
            | Kind::Class { .. } => self.function_method(&text, &this, args, site),
            Kind::Promise => self.promise_method(id, &text, args, site),
            Kind::Array => self.array_method(id, &text, args, site),
            Kind::Collection => self.collection_method(id, &text, args, site),
            Kind::Role { .. } | Kind::Frame { .. } => None,
            Kind::Plain | Kind::Instance { .. } => match &*text {
                "hasOwnProperty" | "propertyIsEnumerable" | "isPrototypeOf" => Some(Value::plain()),
                "valueOf" => Some(this),
                // A text that was made of an object.
                "toString" | "replace" | "slice" | "substring" | "substr" | "trim" | "split"
                | "toLowerCase" | "toUpperCase" | "match" | "charAt" | "charCodeAt" => {
                    let held = self.symbols_in(&this);
                    Some(held.joined(&Value::plain()))
                }
                _ => None,
            },
        }
    }

    fn function_method(
        &mut self,
        name: &str,
        this: &Value,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        Some(match name {
            "call" => {
                let list = args.list.iter().skip(1).cloned().collect();
                let spans = args.spans.iter().skip(1).copied().collect();
                let inner = Args {
                    list,
                    rest: args.rest.clone(),
                    spans,
                };
                self.call(this, args.get(0), inner, site)
            }
            "apply" => {
                let inner = self.listed_args(&args.get(1));
                self.call(this, args.get(0), inner, site)
            }
            "bind" => self.bind(this, args, site),
            "toString" => Value::plain(),
            _ => return None,
        })
    }

    /// `f.bind(this, …)`. What is bound already keeps its `this`, so that a method bound to itself anew makes no circle.
    fn bind(&mut self, function: &Value, args: &Args, site: Site) -> Value {
        let (mut bound, mut free) = (Value::none(), Value::none());
        for atom in function.iter() {
            match atom {
                Atom::Obj(id) if matches!(self.st.kind(id), Kind::Bound { .. }) => bound.push(atom),
                _ => free.push(atom),
            };
        }
        if !free.is_empty() {
            let kind = Kind::Bound {
                target: free,
                this: args.get(0),
                args: args.list.iter().skip(1).cloned().collect(),
            };
            bound.push(Atom::Obj(self.st.alloc(site.key, kind).0));
        }
        bound
    }

    fn promise_method(&mut self, id: Id, name: &str, args: &Args, site: Site) -> Option<Value> {
        Some(match name {
            "then" => self.then(id, &args.get(0), &args.get(1), site),
            "catch" => self.then(id, &Value::none(), &args.get(0), site),
            "finally" => {
                self.run_callbacks(args, &Value::undefined(), site, None);
                Value::obj(id)
            }
            _ => return None,
        })
    }

    /// Calls a function argument for each element; what it returned, position by position where that is known.
    fn each(&mut self, list: &Value, function: &Value, site: Site) -> (Option<Vec<Value>>, Value) {
        self.each_on(list, function, &Value::undefined(), site)
    }

    /// The same with what the function is called on.
    fn each_on(
        &mut self,
        list: &Value,
        function: &Value,
        this: &Value,
        site: Site,
    ) -> (Option<Vec<Value>>, Value) {
        if let Some(items) = self.few_elements(list) {
            let mut results = Vec::with_capacity(items.len());
            let mut all = Value::none();
            for (index, item) in items.into_iter().enumerate() {
                let key = self.index_name(index);
                let call = vec![item, Value::of(Atom::Num(key)), list.clone()];
                let at = site.sub(40 + index as u64);
                let value = self.call(function, this.clone(), Args::of(call), at);
                all.join(&value);
                results.push(value);
            }
            return (Some(results), all);
        }
        let item = self.elements(list);
        let call = Args::of(vec![item, Value::plain(), list.clone()]);
        let this = this.clone();
        let value = self.perhaps(|engine| engine.call(function, this, call, site.sub(40)));
        (None, value)
    }

    /// Keys that are known and few enough to be gone through one by one: what is read under one of them is then not
    /// taken for what stands under another.
    pub fn one_by_one(&self, keys: &Value) -> Option<Vec<Value>> {
        let are_known = keys.iter().all(|key| matches!(key, Atom::Str(_)));
        ((1..=FEW).contains(&keys.0.len()) && are_known)
            .then(|| keys.iter().map(Value::of).collect())
    }

    /// The elements of a list that is short enough to be gone through one by one.
    fn few_elements(&mut self, list: &Value) -> Option<Vec<Value>> {
        self.fixed_elements(list).filter(|items| items.len() <= FEW)
    }

    /// `list.reduce(function, start)`: what the last call gives, of calls that each get what the one before gave.
    fn reduced(
        &mut self,
        list: &Value,
        function: &Value,
        start: Option<&Value>,
        from_right: bool,
        site: Site,
    ) -> Value {
        if let Some(items) = self.few_elements(list) {
            let mut items: Vec<(usize, Value)> = items.into_iter().enumerate().collect();
            if from_right {
                items.reverse();
            }
            let mut items = items.into_iter();
            let mut so_far = match start {
                Some(start) => start.clone(),
                None => items.next().map(|(_, item)| item).unwrap_or_default(),
            };
            for (index, item) in items {
                let key = self.index_name(index);
                let call = vec![so_far, item, Value::of(Atom::Num(key)), list.clone()];
                let at = site.sub(40 + index as u64);
                so_far = self.call(function, Value::undefined(), Args::of(call), at);
            }
            return so_far;
        }
        let item = self.elements(list);
        let start = start.unwrap_or(&item).clone();
        let mut call = vec![start.clone(), item, Value::plain(), list.clone()];
        let given = self.perhaps(|engine| {
            let first = Args::of(call.clone());
            let value = engine.call(function, Value::undefined(), first, site.sub(40));
            // What the first call returned goes into the second.
            call[0] = start.clone().joined(&value);
            let second = Args::of(call);
            value.joined(&engine.call(function, Value::undefined(), second, site.sub(41)))
        });
        given.joined(&start)
    }

    fn array_method(&mut self, id: Id, name: &str, args: &Args, site: Site) -> Option<Value> {
        let this = Value::obj(id);
        Some(match name {
            "push" | "unshift" => {
                self.push_all(id, args, name == "push");
                Value::plain()
            }
            "pop" | "shift"
                if self
                    .fixed_elements(&this)
                    .is_some_and(|items| !items.is_empty()) =>
            {
                let mut items = self.fixed_elements(&this).unwrap_or_default();
                let taken = if name == "pop" {
                    items.pop().unwrap_or_default()
                } else {
                    items.remove(0)
                };
                self.replace_elements(id, &items);
                taken
            }
            "at" => match (self.fixed_elements(&this), args.get(0).single()) {
                (Some(items), Some(Atom::Num(index))) => {
                    let index: i64 = self.txt(index).parse().unwrap_or(0);
                    let from_end = items.len() as i64 + index.min(0);
                    let index = if index < 0 { from_end } else { index };
                    let item = usize::try_from(index).ok().and_then(|i| items.get(i));
                    item.cloned().unwrap_or_else(Value::undefined)
                }
                _ => self.elements(&this),
            },
            // A step of a generator.
            "next" => {
                let sent = args.get(0);
                for id in this.objects() {
                    let key = self.st.key(id);
                    if let Some((unit, func)) = self.generators.get(&key).copied() {
                        let cell = self.sent_to(unit, func);
                        self.st.edit(cell).elem.join(&sent);
                    }
                }
                let step = self.object(site.sub(2));
                let value = self.elements(&this);
                let (key, done) = (self.k.value, self.intern("done"));
                self.put_prop(step, key, &value, true);
                self.put_prop(step, done, &Value::plain(), true);
                Value::obj(step)
            }
            "with" => {
                let all = self.elements(&this).joined(&args.get(1));
                self.list_of(None, all, site)
            }
            "pop" | "shift" | "find" | "findLast" => {
                if name.starts_with("find") {
                    self.each_on(&this, &args.get(0), &args.get(1), site);
                }
                self.elements(&this)
            }
            "forEach" => {
                self.each_on(&this, &args.get(0), &args.get(1), site);
                Value::undefined()
            }
            "some" | "every" | "findIndex" | "findLastIndex" => {
                self.each_on(&this, &args.get(0), &args.get(1), site);
                Value::plain()
            }
            "map" => {
                let (fixed, all) = self.each_on(&this, &args.get(0), &args.get(1), site);
                self.list_of(fixed, all, site)
            }
            "flatMap" => {
                let (_, all) = self.each_on(&this, &args.get(0), &args.get(1), site);
                let flat = self.elements(&all);
                let all = all.joined(&flat);
                self.list_of(None, all, site)
            }
            "filter" => {
                self.each_on(&this, &args.get(0), &args.get(1), site);
                let all = self.elements(&this);
                self.list_of(None, all, site)
            }
            "reduce" | "reduceRight" => {
                let from_right = name == "reduceRight";
                self.reduced(&this, &args.get(0), args.list.get(1), from_right, site)
            }
            "join" | "toString" => self.join_list(&this, args),
            "slice" | "concat" | "flat" | "splice" | "reverse" | "sort" | "fill" | "toSorted"
            | "toReversed" | "values" | "copyWithin" => self.rearranged(id, name, args, site),
            "entries" => {
                let all = self.elements(&this);
                let pair = self.array(site.sub(2), vec![Value::plain(), all]);
                self.list_of(None, Value::obj(pair), site)
            }
            "keys" | "indexOf" | "lastIndexOf" | "includes" => Value::plain(),
            _ => return None,
        })
    }

    fn push_all(&mut self, id: Id, args: &Args, at_end: bool) {
        let cell = self.st.cell(id);
        let dense =
            !cell.summary && cell.elem.is_empty() && cell.rest.is_empty() && cell.props.len() < 24;
        if dense && at_end && args.rest.is_none() {
            for (index, value) in (cell.props.len()..).zip(&args.list) {
                let name = self.index_name(index);
                self.put_prop(id, name, value, true);
            }
            return;
        }
        let all = args.all();
        self.st.edit(id).elem.join(&all);
    }

    /// Where `slice` begins and ends, if that is constant.
    fn bounds(&mut self, args: &Args) -> Option<(i64, Option<i64>)> {
        if args.rest.is_some() {
            return None;
        }
        let mut number = |index: usize| match args.list.get(index).map(Value::single) {
            None => Some(None),
            Some(Some(Atom::Num(n))) => self.txt(n).parse::<i64>().ok().map(Some),
            Some(_) => None,
        };
        Some((number(0)?.unwrap_or(0), number(1)?))
    }

    /// What a list that is known holds from now on, index by index.
    fn replace_elements(&mut self, id: Id, items: &[Value]) {
        self.st.edit(id).props.clear();
        for (index, item) in items.iter().enumerate() {
            let name = self.index_name(index);
            self.put_prop(id, name, item, true);
        }
    }

    /// What `splice` with constant places leaves of a list that is known, and what it takes out.
    fn cut(&mut self, id: Id, args: &Args) -> Option<(Vec<Value>, Vec<Value>)> {
        let mut items = self.fixed_elements(&Value::obj(id))?;
        let mut number = |index: usize| match args.list.get(index)?.single()? {
            Atom::Num(n) => self.txt(n).parse::<usize>().ok(),
            _ => None,
        };
        let from = number(0)?.min(items.len());
        let to = match args.list.len() {
            1 => items.len(),
            _ => from.saturating_add(number(1)?).min(items.len()),
        };
        if args.rest.is_some() {
            return None;
        }
        let added = args.list.iter().skip(2).cloned();
        let taken = items.splice(from..to, added).collect();
        Some((items, taken))
    }

    pub fn list_of(&mut self, fixed: Option<Vec<Value>>, all: Value, site: Site) -> Value {
        match fixed {
            Some(items) => Value::obj(self.array(site, items)),
            None => {
                let id = self.array(site, Vec::new());
                self.st.edit(id).elem.join(&all);
                Value::obj(id)
            }
        }
    }

    fn rearranged(&mut self, id: Id, name: &str, args: &Args, site: Site) -> Value {
        let this = Value::obj(id);
        match name {
            "reverse" | "sort" | "fill" | "copyWithin" => {
                if name == "sort" && !args.list.is_empty() {
                    let item = self.elements(&this);
                    let function = self.functions_in(&args.get(0));
                    self.call(
                        &function,
                        Value::undefined(),
                        Args::of(vec![item.clone(), item]),
                        site.sub(3),
                    );
                }
                if name == "fill" {
                    let value = args.get(0);
                    self.st.edit(id).elem.join(&value);
                    return this;
                }
                let all = self.elements(&this);
                self.st.edit(id).elem.join(&all);
                this
            }
            "splice" if self.cut(id, args).is_some() => {
                let (kept, taken) = self.cut(id, args).unwrap_or_default();
                self.replace_elements(id, &kept);
                Value::obj(self.array(site, taken))
            }
            "splice" => {
                let mut added = Value::none();
                for value in args.list.iter().skip(2) {
                    added.join(value);
                }
                let all = self.elements(&this);
                let cell = self.st.edit(id);
                cell.elem.join(&added);
                self.list_of(None, all, site)
            }
            "concat" => {
                let parts: Vec<Option<Vec<Value>>> = std::iter::once(&this)
                    .chain(&args.list)
                    .map(|part| self.fixed_elements(part))
                    .collect();
                if parts.iter().all(Option::is_some) {
                    let items: Vec<Value> = parts.into_iter().flatten().flatten().collect();
                    if items.len() <= 24 {
                        return Value::obj(self.array(site, items));
                    }
                    let mut all = Value::none();
                    items.iter().for_each(|item| {
                        all.join(item);
                    });
                    return self.list_of(None, all, site);
                }
                let mut all = self.elements(&this);
                for arg in &args.list {
                    let list = self.is_list(arg);
                    if list {
                        all.join(&self.elements(arg));
                    } else {
                        all.join(arg);
                    }
                }
                self.list_of(None, all, site)
            }
            "flat" => {
                let all = self.elements(&this);
                let inner = self.elements(&all);
                self.list_of(None, all.joined(&inner), site)
            }
            "slice" => match (self.fixed_elements(&this), self.bounds(args)) {
                (Some(items), Some((from, to))) => {
                    let place = |at: i64| {
                        let at = if at < 0 { items.len() as i64 + at } else { at };
                        at.clamp(0, items.len() as i64) as usize
                    };
                    let (from, to) = (place(from), to.map_or(items.len(), place));
                    let kept = items.get(from..to).unwrap_or_default().to_vec();
                    Value::obj(self.array(site, kept))
                }
                _ => {
                    let all = self.elements(&this);
                    self.list_of(None, all, site)
                }
            },
            _ => {
                let all = self.elements(&this);
                self.list_of(None, all, site)
            }
        }
    }

    /// Whether lists have a method of this name.
    pub fn is_list_method(name: &str) -> bool {
        const NAMES: [&str; 20] = [
            "at", "concat", "every", "filter", "find", "flatMap", "forEach", "includes", "indexOf",
            "join", "map", "pop", "push", "reduce", "reverse", "shift", "slice", "some", "splice",
            "unshift",
        ];
        NAMES.contains(&name)
    }

    fn is_list(&self, value: &Value) -> bool {
        value.iter().any(|atom| match atom {
            Atom::Obj(id) => matches!(self.st.kind(id), Kind::Array | Kind::Collection),
            Atom::Sym(..) => true,
            _ => false,
        })
    }

    fn join_list(&mut self, list: &Value, args: &Args) -> Value {
        let separator = args.list.first().cloned();
        match self.fixed_elements(list) {
            Some(items) => {
                let mut pieces = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    if let (true, Some(separator)) = (index > 0, &separator) {
                        self.push_piece(separator, &mut pieces);
                    }
                    self.push_piece(item, &mut pieces);
                }
                Value::of(self.finish_text(pieces))
            }
            None => {
                let all = self.elements(list);
                if let Some(Atom::Str(name)) = all.single()
                    && self.txt(name).contains('*')
                {
                    return self.str_value("****");
                }
                // Characters of which some were replaced.
                let is_masked = all
                    .iter()
                    .any(|atom| matches!(atom, Atom::Str(text) if is_mask(&self.txt(text))));
                self.part_of_text(&all, is_masked.then_some(Protection::Masked), false)
            }
        }
    }

    fn collection_method(&mut self, id: Id, name: &str, args: &Args, site: Site) -> Option<Value> {
        let this = Value::obj(id);
        let key = match (self.keys_in(&args.get(0)), args.get(0).single()) {
            (super::eval::Keys::Names(names), _) if names.len() == 1 => names.first().copied(),
            // One object is one key.
            (_, Some(Atom::Obj(key))) if !self.st.now(key).summary => {
                let text = format!("\u{0}key {:x}", self.st.key(key));
                Some(self.intern(&text))
            }
            _ => None,
        };
        Some(match name {
            "set" | "append" => {
                match key {
                    Some(key) => {
                        self.note_alias(&args.get(1), key, None);
                        self.put_prop(id, key, &args.get(1), name == "set");
                    }
                    None => {
                        self.st.edit(id).elem.join(&args.get(1));
                        let held = self.symbols_in(&args.get(0));
                        self.hold_key(id, &held);
                    }
                }
                this
            }
            "add" => {
                self.st.edit(id).elem.join(&args.get(0));
                this
            }
            "get" | "getAll" => match key {
                Some(key) => {
                    let cell = self.st.cell(id);
                    let mut out = match cell.props.get(key) {
                        Some(Prop::Value(value)) => value.clone(),
                        _ => Value::undefined(),
                    };
                    out.join(&cell.elem);
                    out
                }
                None => self.elements(&this),
            },
            "delete" => {
                if let Some(key) = key {
                    self.delete(&this, key);
                }
                Value::plain()
            }
            "clear" => {
                let cell = self.st.edit(id);
                if !cell.summary {
                    cell.props.clear();
                    cell.elem = Value::none();
                }
                Value::undefined()
            }
            "has" => Value::plain(),
            "toString" => {
                let held = self.symbols_in(&this);
                held.joined(&Value::plain())
            }
            "forEach" => {
                let all = self.elements(&this);
                let keys = self.keys_as_value(&this);
                let call = Args::of(vec![all, keys, this]);
                let function = args.get(0);
                self.perhaps(|engine| {
                    engine.call(&function, Value::undefined(), call, site.sub(40))
                });
                Value::undefined()
            }
            "values" => {
                let all = self.elements(&this);
                self.list_of(None, all, site)
            }
            "keys" => {
                let keys = self.keys_as_value(&this);
                self.list_of(None, keys, site)
            }
            "entries" => {
                let all = self.elements(&this);
                let keys = self.keys_as_value(&this);
                let pair = self.array(site.sub(2), vec![keys, all]);
                self.list_of(None, Value::obj(pair), site)
            }
            _ => return None,
        })
    }

    // ---- methods of symbols and texts

    /// `symbol.name(args)`.
    pub fn call_on_symbol(
        &mut self,
        sym: SymId,
        trace: TraceId,
        name: Name,
        args: Args,
        site: Site,
    ) -> Value {
        let this = Value::of(Atom::Sym(sym, trace));
        let text = self.txt(name);
        match &*text {
            "then" => {
                self.mark_used(sym);
                let promise = self.promise_of(&this, site.sub(30));
                if let Some(Atom::Obj(id)) = promise.single() {
                    return self.then(id, &args.get(0), &args.get(1), site);
                }
                promise
            }
            "catch" => {
                let promise = self.promise_of(&this, site.sub(30));
                if let Some(Atom::Obj(id)) = promise.single() {
                    return self.then(id, &Value::none(), &args.get(0), site);
                }
                promise
            }
            "finally" => {
                self.run_callbacks(&args, &Value::undefined(), site, None);
                this
            }
            "forEach" | "map" | "filter" | "find" | "some" | "every" | "reduce" | "flatMap"
            | "findIndex" | "findLast" | "sort" | "reduceRight"
                if !self.callable_in(&args.get(0)).is_empty() =>
            {
                self.symbol_list(&this, &text, &args, site)
            }
            "push" | "unshift" => {
                let all = args.all();
                self.write_keys(
                    &this,
                    &super::eval::Keys::Any(Value::none()),
                    &all,
                    None,
                    None,
                );
                Value::plain()
            }
            "pop" | "shift" | "at" | "values" | "entries" => self.elements(&this),
            "concat" if self.is_list(&args.get(0)) => {
                let mut all = self.elements(&this);
                for arg in &args.list {
                    all.join(&self.elements(arg));
                }
                self.list_of(None, all, site)
            }
            "call" | "apply" => {
                let name = self.symbol_name(sym);
                self.call_unknown(name, this, args, site)
            }
            "bind" => this,
            _ => match self.text_method(&this, &text, &args, site) {
                Some(value) => value,
                None => self.unknown_method(sym, &this, name, args, site),
            },
        }
    }

    fn unknown_method(
        &mut self,
        sym: SymId,
        this: &Value,
        name: Name,
        args: Args,
        site: Site,
    ) -> Value {
        let object = self.symbol_name(sym);
        let path = self.native_member(object, name);
        let text = self.txt(path);
        if let Some(known) = self.known_receiver(&text, name, &args, site) {
            return known;
        }
        let effect = self.effect_of(path, true);
        if effect.is_some() {
            let mut all = args.all();
            if all.symbols().next().is_none() {
                all.join(this);
            }
            return self.apply_effect(effect, &all);
        }
        self.call_unknown(path, this.clone(), args, site)
    }

    fn symbol_list(&mut self, this: &Value, name: &str, args: &Args, site: Site) -> Value {
        let function = args.get(0);
        match name {
            "reduce" | "reduceRight" => {
                self.reduced(this, &function, args.list.get(1), false, site)
            }
            "map" | "flatMap" => {
                let (_, all) = self.each(this, &function, site);
                self.list_of(None, all, site)
            }
            _ => {
                self.each(this, &function, site);
                match name {
                    "filter" | "sort" => this.clone(),
                    "find" | "findLast" => self.elements(this),
                    "forEach" => Value::undefined(),
                    _ => Value::plain(),
                }
            }
        }
    }

    /// `text.name(args)` for constants, concatenated and plain texts.
    pub fn call_on_text(&mut self, atom: Atom, name: Name, args: Args, site: Site) -> Value {
        let this = Value::of(atom);
        let text = self.txt(name);
        if let Some(value) = self.constant_method(atom, &text, &args, site) {
            return value;
        }
        if let Some(value) = self.text_method(&this, &text, &args, site) {
            return value;
        }
        match &*text {
            // A regular expression, or a number that is no datum.
            "exec" | "match" | "matchAll" => {
                let all = args.all();
                let held = self.symbols_in(&all);
                self.list_of(None, held.joined(&Value::plain()), site)
            }
            "then" => {
                let promise = self.promise_of(&this, site.sub(30));
                match promise.single() {
                    Some(Atom::Obj(id)) => self.then(id, &args.get(0), &args.get(1), site),
                    _ => promise,
                }
            }
            _ => {
                self.run_callbacks(&args, &Value::plain(), site, None);
                Value::plain()
            }
        }
    }

    fn constant_method(
        &mut self,
        atom: Atom,
        name: &str,
        args: &Args,
        site: Site,
    ) -> Option<Value> {
        let Atom::Str(constant) = atom else {
            return None;
        };
        let text = self.txt(constant);
        Some(match name {
            "toUpperCase" => self.str_value(&text.to_uppercase()),
            "toLowerCase" => self.str_value(&text.to_lowercase()),
            "trim" | "toString" => self.str_value(text.trim()),
            "repeat" => {
                if text.contains('*') {
                    self.str_value("****")
                } else {
                    Value::plain()
                }
            }
            "split" => {
                let Some(Atom::Str(separator)) = args.get(0).single() else {
                    return None;
                };
                let separator = self.txt(separator);
                if separator.is_empty() || text.matches(&*separator).count() > 12 {
                    return None;
                }
                let items = text
                    .split(&*separator)
                    .map(|part| self.str_value(part))
                    .collect();
                Value::obj(self.array(site, items))
            }
            "replace" | "replaceAll"
                if matches!(
                    (args.get(0).single(), args.get(1).single()),
                    (Some(Atom::Str(_)), Some(Atom::Str(_)))
                ) =>
            {
                let (Some(Atom::Str(from)), Some(Atom::Str(to))) =
                    (args.get(0).single(), args.get(1).single())
                else {
                    return None;
                };
                let (from, to) = (self.txt(from), self.txt(to));
                let result = if name == "replace" {
                    text.replacen(&*from, &to, 1)
                } else {
                    text.replace(&*from, &to)
                };
                self.str_value(&result)
            }
            "startsWith" | "includes" | "endsWith" => {
                let Some(Atom::Str(part)) = args.get(0).single() else {
                    return None;
                };
                let part = self.txt(part);
                let found = match name {
                    "startsWith" => text.starts_with(&*part),
                    "endsWith" => text.ends_with(&*part),
                    _ => text.contains(&*part),
                };
                Value::of(Atom::Bool(found))
            }
            _ => return None,
        })
    }

    /// Methods that texts have; the receiver may be any value.
    fn text_method(&mut self, this: &Value, name: &str, args: &Args, site: Site) -> Option<Value> {
        if CLEAN.contains(&name) {
            return Some(Value::plain());
        }
        if SAME.contains(&name) {
            return Some(this.clone());
        }
        Some(match name {
            "slice" | "substr" | "substring" => {
                let protection = self.keeps_little(name, args).then_some(Protection::Masked);
                self.part_of_text(this, protection, false)
            }
            "charAt" | "charCodeAt" => {
                let mut all = self.part_of_text(this, None, true);
                let index = self.derive(&args.all());
                all.join(&index);
                all
            }
            "split" => {
                let whole = self.part_of_text(this, None, false);
                self.list_of(None, whole, site)
            }
            "match" | "matchAll" => {
                let whole = self.part_of_text(this, None, false);
                self.list_of(None, whole, site)
            }
            "replace" | "replaceAll" => self.replaced(this, args, site),
            "concat" => {
                let mut out = this.clone();
                for arg in &args.list {
                    out = self.add(&out, arg);
                }
                out
            }
            "repeat" => this.clone(),
            _ => return None,
        })
    }

    /// Part of a text: its symbols, perhaps as what is too little to be the datum.
    pub fn part_of_text(
        &mut self,
        this: &Value,
        protection: Option<Protection>,
        derived: bool,
    ) -> Value {
        let held = self.symbols_in(this);
        let mut out = self.sy.map(&held, &mut |sym| {
            Some(Sym {
                protection: protection.map_or(sym.protection, |p| sym.protection.max(p)),
                derived: sym.derived || derived,
                ..sym
            })
        });
        out.push(Atom::Plain);
        out
    }

    /// Whether `slice` and its kin keep a few characters only.
    fn keeps_little(&mut self, name: &str, args: &Args) -> bool {
        let mut number = |index: usize| match args.list.get(index)?.single()? {
            Atom::Num(n) => self.txt(n).parse::<f64>().ok(),
            _ => None,
        };
        match (number(0), number(1), args.list.len()) {
            (Some(from), _, 1) if from < 0.0 => from >= -8.0,
            // All but the last: `slice(0, -4)`.
            (Some(from), Some(to), _) if name != "substr" && to < 0.0 && from >= 0.0 => from > 0.0,
            (Some(from), _, 1) => from > 2.0 || name == "slice" && from > 0.0 && from != 1.0,
            (Some(from), Some(to), _) => {
                let kept = if name == "substr" { to } else { to - from };
                kept <= 8.0
            }
            (None, Some(to), _) if name == "substr" => to <= 8.0,
            _ => false,
        }
    }

    fn replaced(&mut self, this: &Value, args: &Args, site: Site) -> Value {
        let replacement = args.get(1);
        let functions = self.functions_in(&replacement);
        let mut stars = false;
        let mut added = Value::none();
        if functions.is_empty() {
            for atom in replacement.iter() {
                match atom {
                    Atom::Str(text) => {
                        let text = self.txt(text);
                        let only = !text.is_empty()
                            && text.chars().all(|c| c == '*' || c == '•' || c == '●');
                        stars |= only || text.contains("**");
                    }
                    Atom::Text(id) => {
                        let pieces = self.sy.pieces(id);
                        stars |= pieces
                            .iter()
                            .any(|p| matches!(p, Piece::Text(t) if t.contains("**")));
                        added.push(atom);
                    }
                    other => {
                        added.push(other);
                    }
                }
            }
        } else {
            let whole = self.part_of_text(this, None, true);
            let result = self.call(
                &functions,
                Value::undefined(),
                Args::of(vec![whole; 3]),
                site.sub(50),
            );
            for atom in result.iter() {
                match atom {
                    Atom::Str(text) => stars |= self.txt(text).contains('*'),
                    Atom::Text(id) => {
                        let pieces = self.sy.pieces(id);
                        stars |= pieces
                            .iter()
                            .any(|p| matches!(p, Piece::Text(t) if t.contains('*')));
                    }
                    _ => {}
                }
            }
            if !stars {
                added.join(&result);
            }
        }
        let mut out = self.part_of_text(this, stars.then_some(Protection::Masked), false);
        if !stars {
            let held = self.symbols_in(&added);
            out.join(&held);
        }
        out
    }

    // ---- functions of the language

    /// A function of the language by its path; `None` if the language has none of that name.
    pub fn language_function(&mut self, path: &str, args: &Args, site: Site) -> Option<Value> {
        let first = || args.get(0);
        Some(match path {
            "Object.assign" => {
                let target = args.get(0);
                for source in args.list.iter().skip(1) {
                    for id in target.objects().collect::<Vec<_>>() {
                        self.spread_into(id, source, &[]);
                    }
                    for (sym, _) in target.symbols() {
                        if let Some(id) = self.attached(sym) {
                            self.spread_into(id, source, &[]);
                        }
                    }
                    if target.objects().next().is_none() {
                        let id = self.object(site);
                        self.spread_into(id, source, &[]);
                        return Some(Value::obj(id).joined(&target));
                    }
                }
                target
            }
            "Object.keys" | "Object.getOwnPropertyNames" | "Reflect.ownKeys" => {
                let keys = self.keys_as_value(&first());
                let fixed = self.one_by_one(&keys);
                self.list_of(fixed, keys, site)
            }
            "Object.values" => {
                let all = self.elements(&first());
                self.list_of(None, all, site)
            }
            "Object.entries" => self.entries(&first(), site),
            "Object.fromEntries" => {
                let id = self.object(site);
                self.put_pairs(id, &first(), site);
                Value::obj(id)
            }
            "Object.freeze" | "Object.seal" | "Object.preventExtensions" | "Object" => first(),
            "Object.create" => {
                let proto = first();
                let made = Value::obj(self.st.alloc(site.key, Kind::Instance { proto }).0);
                self.define_properties(&made, &args.get(1), site.sub(1));
                made
            }
            "Object.defineProperties" => {
                self.define_properties(&first(), &args.get(1), site.sub(1));
                first()
            }
            "Object.setPrototypeOf" | "Reflect.setPrototypeOf" => {
                self.set_proto(&first(), &args.get(1));
                first()
            }
            "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => {
                let mut out = Value::none();
                for id in first().objects() {
                    if let Kind::Instance { proto } = self.st.kind(id) {
                        out.join(&proto.clone());
                    }
                }
                match out.is_empty() {
                    true => Value::plain(),
                    false => out,
                }
            }
            "Object.defineProperty" | "Reflect.defineProperty" => {
                let target = first();
                if let super::eval::Keys::Names(names) = self.keys_in(&args.get(1)) {
                    for name in names {
                        self.define_property(&target, name, &args.get(2), site);
                    }
                }
                target
            }
            "Object.is" | "Object.isFrozen" | "Array.isArray" | "isNaN" | "isFinite"
            | "Number.isNaN" | "Number.isInteger" | "Number.isFinite" | "Boolean"
            | "Object.hasOwn" | "Reflect.has" => Value::plain(),
            "Reflect.get" => {
                let keys = self.keys_in(&args.get(1));
                self.read_keys(&first(), &keys, site)
            }
            "Reflect.set" => {
                let keys = self.keys_in(&args.get(1));
                self.write_keys(&first(), &keys, &args.get(2), None, Some(site.at));
                Value::plain()
            }
            "Reflect.construct" => {
                let list = self.listed_args(&args.get(1));
                self.construct(&first(), list, site)
            }
            "Reflect.deleteProperty" => {
                if let super::eval::Keys::Names(names) = self.keys_in(&args.get(1))
                    && let [name] = names[..]
                {
                    self.delete(&first(), name);
                }
                Value::plain()
            }
            "Reflect.apply" => {
                let list = self.listed_args(&args.get(2));
                self.call(&first(), args.get(1), list, site)
            }
            "Array.from" | "Array.of" => {
                if path == "Array.of" {
                    return Some(Value::obj(self.array(site, args.list.clone())));
                }
                let function = self.functions_in(&args.get(1));
                if function.is_empty() {
                    match self.fixed_elements(&first()) {
                        Some(items) => Value::obj(self.array(site, items)),
                        None => {
                            let all = self.elements(&first());
                            self.list_of(None, all, site)
                        }
                    }
                } else {
                    let (fixed, all) = self.each(&first(), &function, site);
                    self.list_of(fixed, all, site.sub(1))
                }
            }
            "JSON.stringify" => self.stringified(&first(), &args.get(1), site),
            "structuredClone" => self.copy(&first(), site),
            "JSON.parse" => {
                let value = self.copy(&first(), site);
                let mut out = Value::none();
                for atom in value.iter() {
                    match atom {
                        Atom::Text(_) => {
                            let held = self.symbols_in(&Value::of(atom));
                            out.join(&held);
                        }
                        other => {
                            out.push(other);
                        }
                    }
                }
                // What a reviver gives stands in the place of what it was given.
                let revive = self.functions_in(&args.get(1));
                if !revive.is_empty() {
                    let inner = self.elements(&out);
                    let call = Args::of(vec![Value::plain(), inner]);
                    let given = self.call(&revive, Value::undefined(), call, site.sub(2));
                    let id = self.object(site.sub(3));
                    self.st.edit(id).elem.join(&given);
                    out.push(Atom::Obj(id));
                }
                out
            }
            "String" | "Number" | "parseInt" | "parseFloat" | "Number.parseInt"
            | "Number.parseFloat" | "BigInt" => {
                let mut out = Value::none();
                for atom in first().iter() {
                    if let Atom::Obj(id) = atom {
                        let text = self.as_text(id, path != "String");
                        out.join(&text);
                    } else {
                        out.push(atom);
                    }
                }
                out
            }
            "String.fromCharCode" | "String.fromCodePoint" => {
                let all = args.all();
                self.derive(&all)
            }
            "String.raw" => {
                let held = self.symbols_in(&args.all());
                held.joined(&Value::plain())
            }
            "encodeURIComponent" | "encodeURI" | "decodeURIComponent" | "decodeURI" | "escape"
            | "unescape" => {
                let mut out = Value::none();
                for atom in first().iter() {
                    match atom {
                        Atom::Obj(_) => {
                            let held = self.symbols_in(&Value::of(atom));
                            out.join(&held);
                            out.push(Atom::Plain);
                        }
                        other => {
                            out.push(other);
                        }
                    }
                }
                out
            }
            "setTimeout"
            | "setInterval"
            | "requestAnimationFrame"
            | "setImmediate"
            | "queueMicrotask"
            | "process.nextTick" => {
                let callee = self.callable_in(&first());
                let list = args.list.iter().skip(2).cloned().collect();
                self.later(callee, list, site.sub(60));
                Value::plain()
            }
            // Each symbol is a key of its own, those of one text in the registry are the same.
            "Symbol" => self.str_value(&format!("[symbol {:x}]", site.key)),
            "Symbol.for" => match first().single() {
                Some(Atom::Str(text)) => {
                    let text = self.txt(text);
                    self.str_value(&format!("[symbol {text}]"))
                }
                _ => Value::plain(),
            },
            "clearTimeout" | "clearInterval" | "Date.now" | "Date.parse" | "Date" | "RegExp"
            | "Function" | "eval" => Value::plain(),
            "Promise.resolve" => {
                let value = self.thenables_resolved(&first(), site.sub(1));
                let value = self.flatten(&value);
                self.promise_of(&value, site)
            }
            "Promise.try" => {
                let list = args.list.iter().skip(1).cloned().collect();
                let value = self.call(&first(), Value::undefined(), Args::of(list), site.sub(1));
                let value = self.flatten(&value);
                self.promise_of(&value, site)
            }
            "Promise.withResolvers" => {
                let (promise, _) = self.st.alloc(site.sub(1).key, Kind::Promise);
                self.rejection_of(promise);
                let made = self.object(site);
                let parts = [
                    ("promise", Value::obj(promise)),
                    ("resolve", self.settling(promise, false, site.sub(2))),
                    ("reject", self.settling(promise, true, site.sub(3))),
                ];
                for (name, part) in parts {
                    let name = self.intern(name);
                    self.put_prop(made, name, &part, true);
                }
                Value::obj(made)
            }
            "Promise.reject" => {
                self.fx.thrown.join(&first());
                let value = self.sy.fresh(Origin::Failure { at: site.at });
                let promise = self.promise_of(&value, site);
                for id in promise.objects() {
                    self.reject(id, &first());
                }
                promise
            }
            "Promise.all" | "Promise.allSettled" | "Promise.race" | "Promise.any" => {
                self.promise_all(path, &first(), site)
            }
            _ if path.starts_with("Math.") => {
                let all = args.all();
                self.derive(&all)
            }
            _ => return None,
        })
    }

    /// Writes the pairs of a list into an object.
    fn put_pairs(&mut self, id: Id, pairs: &Value, site: Site) {
        let at = site.sub(1);
        let (zero, one) = (self.k.zero, self.k.one);
        let pairs = match self.fixed_elements(pairs) {
            Some(pairs) => pairs,
            None => vec![self.elements(pairs)],
        };
        for pair in pairs {
            let key = self.read(&pair, zero, at);
            let value = self.read(&pair, one, at);
            let keys = self.keys_in(&key);
            self.write_keys(&Value::obj(id), &keys, &value, None, None);
        }
    }

    fn entries(&mut self, value: &Value, site: Site) -> Value {
        if let Some(Atom::Obj(id)) = value.single() {
            let cell = self.st.cell(id);
            let known = cell.elem.is_empty() && cell.rest.is_empty() && cell.props.len() <= 12;
            if known && matches!(self.st.kind(id), Kind::Plain) {
                let mut pairs = Vec::new();
                for (index, (name, prop)) in cell.props.iter().enumerate() {
                    if let Prop::Value(value) = prop {
                        let pair = vec![Value::of(Atom::Str(name)), value.clone()];
                        pairs.push(Value::obj(self.array(site.sub(70 + index as u64), pair)));
                    }
                }
                return Value::obj(self.array(site, pairs));
            }
        }
        let all = self.elements(value);
        let keys = self.keys_as_value(value);
        let pair = self.array(site.sub(2), vec![keys, all]);
        self.list_of(None, Value::obj(pair), site)
    }

    /// Makes an object that was written down, or one of a class, inherit from another.
    pub fn set_proto(&mut self, object: &Value, proto: &Value) {
        for id in object.objects().collect::<Vec<_>>() {
            if matches!(self.st.kind(id), Kind::Plain | Kind::Instance { .. }) && !proto.is_empty()
            {
                let proto = proto.clone();
                self.st.set_kind(id, Kind::Instance { proto });
            }
        }
    }

    fn define_properties(&mut self, target: &Value, descriptors: &Value, site: Site) {
        for id in descriptors.objects().collect::<Vec<_>>() {
            for (name, descriptor) in self.values_of(id) {
                self.define_property(target, name, &descriptor, site.sub(u64::from(name.0)));
            }
        }
    }

    fn define_property(&mut self, target: &Value, name: Name, descriptor: &Value, site: Site) {
        let (get, set) = (self.intern("get"), self.intern("set"));
        let value_name = self.k.value;
        // A platform's function is replaced.
        for atom in target.iter().filter(|a| matches!(a, Atom::Native(..))) {
            let mut value = self.read_quietly(descriptor, value_name, site);
            let getter = self.read_quietly(descriptor, get, site);
            let getter = self.functions_in(&getter);
            let got = self.call(&getter, target.clone(), Args::default(), site);
            value.join(&got);
            self.write(&Value::of(atom), name, &value, true, Some(site.at));
        }
        for id in target.objects().collect::<Vec<_>>() {
            let mut accessor = (Value::none(), Value::none());
            let mut value = Value::none();
            for d in descriptor.objects().collect::<Vec<_>>() {
                let cell = self.st.cell(d);
                if let Some(Prop::Value(v)) = cell.props.get(get) {
                    accessor.0.join(v);
                }
                if let Some(Prop::Value(v)) = cell.props.get(set) {
                    accessor.1.join(v);
                }
                if let Some(Prop::Value(v)) = cell.props.get(value_name) {
                    value.join(v);
                }
            }
            if accessor.0.is_empty() && accessor.1.is_empty() {
                self.write(&Value::obj(id), name, &value, true, Some(site.at));
            } else {
                *self.st.edit(id).props.entry(name) = Prop::Accessor {
                    get: accessor.0,
                    set: accessor.1,
                };
            }
        }
    }

    fn promise_all(&mut self, path: &str, list: &Value, site: Site) -> Value {
        // What the parts are resolved with may still come: they run first.
        let fixed = self.fixed_elements(list);
        let pending = match &fixed {
            Some(items) => items.clone(),
            None => vec![self.elements(list)],
        };
        let unsettled = pending.iter().any(|item| {
            item.objects().any(|id| {
                matches!(self.st.kind(id), Kind::Promise) && self.st.now(id).elem.is_empty()
            })
        });
        if unsettled {
            self.drain();
        }
        let wrap = |engine: &mut Self, value: Value, site: Site| {
            if path == "Promise.allSettled" {
                let id = engine.object(site);
                let name = engine.k.value;
                engine.put_prop(id, name, &value, true);
                Value::obj(id)
            } else {
                value
            }
        };
        let result = match fixed {
            Some(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let value = self.flatten(item);
                    out.push(wrap(self, value, site.sub(80 + index as u64)));
                }
                if path == "Promise.race" || path == "Promise.any" {
                    let mut all = Value::none();
                    out.iter().for_each(|v| {
                        all.join(v);
                    });
                    all
                } else {
                    Value::obj(self.array(site.sub(1), out))
                }
            }
            None => {
                let items = self.elements(list);
                let value = self.flatten(&items);
                if path == "Promise.race" || path == "Promise.any" {
                    value
                } else {
                    let value = wrap(self, value, site.sub(80));
                    self.list_of(None, value, site.sub(1))
                }
            }
        };
        self.promise_of(&result, site.sub(2))
    }

    /// `new` of a class of the language; `None` if it is none.
    pub fn language_class(&mut self, path: &str, args: &Args, site: Site) -> Option<Value> {
        Some(match path {
            "Promise" => {
                let (id, _) = self.st.alloc(site.key, Kind::Promise);
                self.rejection_of(id);
                let resolve = self.settling(id, false, site.sub(1));
                let reject = self.settling(id, true, site.sub(2));
                let call = Args::of(vec![resolve, reject]);
                self.call(&args.get(0), Value::undefined(), call, site.sub(3));
                Value::obj(id)
            }
            "Map" | "Set" | "WeakMap" | "WeakSet" | "URLSearchParams" | "FormData" => {
                let (id, _) = self.st.alloc(site.key, Kind::Collection);
                if let Some(first) = args.list.first() {
                    if path.ends_with("Map") {
                        self.put_pairs(id, first, site);
                    } else if path.starts_with("URL")
                        && first.iter().all(
                            |a| matches!(a, Atom::Obj(o) if matches!(self.st.kind(o), Kind::Plain)),
                        )
                    {
                        for object in first.objects().collect::<Vec<_>>() {
                            self.copy_fields(object, id, false);
                        }
                    } else {
                        let items = self.elements(first);
                        self.st.edit(id).elem.join(&items);
                        let held = self.symbols_in(first);
                        self.st.edit(id).elem.join(&held);
                    }
                }
                Value::obj(id)
            }
            "Array" => {
                let items = if args.list.len() == 1 {
                    Vec::new()
                } else {
                    args.list.clone()
                };
                Value::obj(self.array(site, items))
            }
            "Object" => Value::obj(self.object(site)),
            "Error" | "TypeError" | "RangeError" | "SyntaxError" => {
                let id = self.object(site);
                let message = self.intern("message");
                self.put_prop(id, message, &args.get(0), true);
                Value::obj(id)
            }
            "Date" | "RegExp" | "Number" | "String" | "Boolean" => {
                args.get(0).joined(&Value::plain())
            }
            "Proxy" => self.proxied(&args.get(0), &args.get(1), site),
            _ if path.ends_with("Array")
                || path == "ArrayBuffer"
                || path == "DataView"
                || path == "Blob" =>
            {
                let all = args.all();
                let held = self.symbols_in(&all);
                held.joined(&Value::plain())
            }
            _ => return None,
        })
    }

    /// Names of the language's globals.
    pub fn language_global(name: &str) -> bool {
        const NAMES: [&str; 50] = [
            "Object",
            "Array",
            "JSON",
            "Math",
            "Promise",
            "String",
            "Number",
            "Boolean",
            "Date",
            "RegExp",
            "Symbol",
            "Reflect",
            "Map",
            "Set",
            "WeakMap",
            "WeakSet",
            "Error",
            "TypeError",
            "RangeError",
            "SyntaxError",
            "Proxy",
            "parseInt",
            "parseFloat",
            "isNaN",
            "isFinite",
            "encodeURIComponent",
            "decodeURIComponent",
            "encodeURI",
            "decodeURI",
            "escape",
            "unescape",
            "setTimeout",
            "setInterval",
            "clearTimeout",
            "clearInterval",
            "requestAnimationFrame",
            "setImmediate",
            "queueMicrotask",
            "structuredClone",
            "BigInt",
            "Function",
            "eval",
            "ArrayBuffer",
            "Uint8Array",
            "DataView",
            "URLSearchParams",
            "FormData",
            "Uint16Array",
            "Uint8ClampedArray",
            "process",
        ];
        NAMES.contains(&name)
    }
}
