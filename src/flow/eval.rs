//! Expressions: from the lowered form to abstract values.

use super::builtins::is_mask;
use super::engine::{Args, Cx, Engine, Site, hash_of, mix};
use super::state::{Kind, Prop};
use super::value::{Atom, Id, Piece, Value, What};
use crate::facts::ir::{
    Binary, Expr, ExprId, Item, Key, Logical, Pat, PatId, Prop as IrProp, Unary, Var,
};
use crate::facts::names::Name;
use crate::text::Span;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// What is known of a key.
#[derive(Clone, Debug)]
pub(super) enum Keys {
    /// One of these.
    Names(SmallVec<[Name; 2]>),
    /// Any. What the key is made of, where it is a datum.
    Any(Value),
}

/// Stands in paths for a key that is not known.
pub(super) const ANY_KEY: &str = "\u{0}any";

impl Engine<'_> {
    /// The place of an expression, as a call site or a place where objects are made.
    pub fn site(&self, cx: &Cx<'_>, id: ExprId) -> Site {
        Site {
            at: cx.loc(span_of(cx, id)),
            key: mix(self.ctx, hash_of((cx.unit_id, id))),
        }
    }

    pub fn eval(&mut self, cx: &Cx<'_>, id: ExprId) -> Value {
        self.steps += 1;
        if self.steps > self.limit {
            self.exhausted = true;
            return Value::plain();
        }
        let unit = cx.unit;
        let Some(node) = unit.exprs.get(id as usize) else {
            return Value::none();
        };
        match &node.kind {
            Expr::Undefined => Value::undefined(),
            Expr::Null => Value::of(Atom::Null),
            Expr::Bool(b) => Value::of(Atom::Bool(*b)),
            Expr::Num(n) => Value::of(Atom::Num(*n)),
            Expr::Str(s) => Value::of(Atom::Str(*s)),
            Expr::Regex(_) => Value::plain(),
            Expr::Template(parts) => {
                let mut pieces = Vec::with_capacity(parts.len());
                for &part in parts {
                    let value = self.eval(cx, part);
                    self.push_piece(&value, &mut pieces);
                }
                Value::of(self.finish_text(pieces))
            }
            Expr::Var(var) => {
                let value = self.read_var(cx, *var);
                self.watch(cx, node.span, &value);
                value
            }
            Expr::This => self.this(cx),
            Expr::Super => self.this(cx),
            Expr::Array(items) => self.array_literal(cx, id, items),
            Expr::Object(props) => self.object_literal(cx, id, props),
            Expr::Func(func) => {
                let site = self.site(cx, id);
                Value::obj(self.closure(cx, cx.unit_id, *func, Some(cx.frame), site))
            }
            Expr::Child(child) => {
                let site = self.site(cx, id);
                let unit_id = cx.unit_id + 1 + child;
                Value::obj(self.closure(cx, unit_id, 0, None, site))
            }
            Expr::Class(class) => self.class(cx, id, *class),
            Expr::Member { object, key, .. } => {
                if matches!(
                    unit.exprs.get(*object as usize).map(|e| &e.kind),
                    Some(Expr::Super)
                ) {
                    let parent = self.super_proto(cx);
                    let keys = self.keys_of(cx, key);
                    let this = self.this(cx);
                    return self.read_inherited(&parent, &keys, &this, self.site(cx, id));
                }
                let object = self.eval(cx, *object);
                let keys = self.keys_of(cx, key);
                let value = self.read_keys(&object, &keys, self.site(cx, id));
                self.watch(cx, node.span, &value);
                value
            }
            Expr::Call { callee, args, .. } => {
                let value = self.eval_call(cx, id, *callee, args);
                // The called function's name stands for what it hands out.
                self.watch(cx, span_of(cx, *callee), &value);
                value
            }
            Expr::New { callee, args } => {
                let constructor = self.eval(cx, *callee);
                let args = self.args(cx, args);
                let site = self.site(cx, id);
                self.construct(&constructor, args, site)
            }
            Expr::Tagged(tagged) => {
                let function = self.eval(cx, tagged.tag);
                let site = self.site(cx, id);
                let texts = tagged.texts.iter().map(|&t| self.eval(cx, t)).collect();
                let mut list = vec![Value::obj(self.array(site.sub(1), texts))];
                for &value in &tagged.values {
                    list.push(self.eval(cx, value));
                }
                self.call(&function, Value::undefined(), Args::of(list), site)
            }
            Expr::Unary(op, operand) => self.unary(cx, *op, *operand),
            Expr::Binary(op, a, b) => {
                let a = self.eval(cx, *a);
                let b = self.eval(cx, *b);
                self.binary(*op, &a, &b)
            }
            Expr::Logical(op, a, b) => self.logical(cx, *op, *a, *b),
            Expr::Cond(test, yes, no) => {
                let value = self.eval(cx, *test);
                match self.truth(&value) {
                    Some(true) => self.eval(cx, *yes),
                    Some(false) => self.eval(cx, *no),
                    None => {
                        let result = self.either(cx, *yes, *no);
                        if self.showing {
                            self.shown_on_demand(&value, result)
                        } else {
                            result
                        }
                    }
                }
            }
            Expr::Assign(pat, value) => {
                let value = self.eval(cx, *value);
                self.assign(cx, *pat, &value);
                value
            }
            Expr::AssignBinary(pat, op, value) => {
                let old = self.read_pat(cx, *pat);
                let new = self.eval(cx, *value);
                let value = self.binary(*op, &old, &new);
                self.assign(cx, *pat, &value);
                value
            }
            Expr::AssignLogical(pat, op, value) => {
                let old = self.read_pat(cx, *pat);
                let truth = match op {
                    Logical::Nullish => nullish(&old),
                    _ => self.truth(&old),
                };
                if matches!(
                    (op, truth),
                    (Logical::Or | Logical::Nullish, Some(true)) | (Logical::And, Some(false))
                ) {
                    return old;
                }
                let mut value = self.eval_perhaps(cx, *value);
                if truth.is_none() {
                    match op {
                        // What stays is false: no datum.
                        Logical::And => {
                            value.push(Atom::Undefined);
                        }
                        Logical::Or | Logical::Nullish => {
                            value.join(&old);
                        }
                    }
                }
                self.assign(cx, *pat, &value);
                value
            }
            Expr::Update(pat) => {
                self.assign(cx, *pat, &Value::plain());
                Value::plain()
            }
            Expr::Await(operand) => {
                let value = self.eval(cx, *operand);
                if let Some(act) = self.acts.last_mut() {
                    act.awaited = true;
                }
                let site = self.site(cx, id);
                let value = self.answered(&value);
                let promised = self.thenables_resolved(&value, site);
                let value = self.settled(&promised);
                let failed = self.rejected(&promised);
                if !failed.is_empty() {
                    self.throw(&failed);
                }
                if let Some(path) = self.called_api(&value) {
                    self.success_of = Some(path);
                }
                value
            }
            Expr::Yield(operand) => {
                let value = operand.map_or_else(Value::undefined, |o| self.eval(cx, o));
                let value = self.settled(&value);
                let mut function = None;
                if let Some(act) = self.acts.last_mut() {
                    act.awaited = true;
                    act.ret.join(&value);
                    function = Some((act.unit, act.func));
                }
                // What `next` is called with; of a library that runs generators, what is yielded.
                let sent = function.map(|(unit, func)| self.sent_to(unit, func));
                match sent {
                    Some(cell) => value.joined(&self.st.cell(cell).elem.clone()),
                    None => value,
                }
            }
            Expr::Seq(list) => {
                let mut last = Value::undefined();
                for &e in list {
                    last = self.eval(cx, e);
                }
                last
            }
            Expr::DynamicImport(path) => {
                let path = self.eval(cx, *path);
                let mut out = Value::none();
                for atom in path.iter() {
                    if let Atom::Str(name) = atom {
                        out.join(&self.import_all(cx.file, name));
                    }
                }
                out
            }
            Expr::Element(e) => self.element(cx, id, e.tag, &e.attrs, &e.children, e.open),
            Expr::Opaque(parts) => {
                let mut all = Value::none();
                for &part in parts {
                    let value = self.eval(cx, part);
                    all.join(&value);
                }
                self.derive(&all)
            }
        }
    }

    /// Both of two expressions may be evaluated: their effects are joined.
    fn either(&mut self, cx: &Cx<'_>, yes: ExprId, no: ExprId) -> Value {
        let (value, other);
        if !has_effects(cx, yes, 6) && !has_effects(cx, no, 6) {
            value = self.eval(cx, yes);
            other = self.eval(cx, no);
        } else {
            self.st.mark();
            value = self.eval(cx, yes);
            let first = self.st.snapshot();
            self.st.undo();
            other = self.eval(cx, no);
            self.st.join(first);
            self.st.unmark();
        }
        match self.masked_by_character(&value, &other) {
            Some(masked) => masked,
            None => value.joined(&other),
        }
    }

    /// An expression that may not be evaluated.
    fn eval_perhaps(&mut self, cx: &Cx<'_>, id: ExprId) -> Value {
        if !has_effects(cx, id, 6) {
            return self.eval(cx, id);
        }
        self.perhaps(|engine| engine.eval(cx, id))
    }

    /// What is sent into a generator.
    pub fn sent_to(&mut self, unit: u32, func: crate::facts::ir::FuncId) -> Id {
        self.named("sent", &format!("{unit}/{func}"))
    }

    /// Whether a value is true as a condition, if all that it may be is.
    pub fn truth(&self, value: &Value) -> Option<bool> {
        value.truth(self.k.empty, self.k.zero)
    }

    fn logical(&mut self, cx: &Cx<'_>, op: Logical, a: ExprId, b: ExprId) -> Value {
        let left = self.eval(cx, a);
        let truth = match op {
            Logical::Nullish => nullish(&left),
            _ => self.truth(&left),
        };
        match (op, truth) {
            (Logical::And, Some(false)) | (Logical::Or | Logical::Nullish, Some(true)) => left,
            (Logical::And, Some(true)) | (Logical::Or | Logical::Nullish, Some(false)) => {
                self.eval(cx, b)
            }
            (Logical::And, None) => {
                let mut out = self.eval_perhaps(cx, b);
                // What is false is no datum.
                out.push(Atom::Undefined);
                out
            }
            (_, None) => {
                let right = self.eval_perhaps(cx, b);
                let mut out = Value::none();
                for atom in left.iter() {
                    if !matches!(atom, Atom::Undefined | Atom::Null | Atom::Bool(false)) {
                        out.push(atom);
                    }
                }
                out.joined(&right)
            }
        }
    }

    fn unary(&mut self, cx: &Cx<'_>, op: Unary, operand: ExprId) -> Value {
        if op == Unary::Delete {
            if let Some(Expr::Member { object, key, .. }) =
                cx.unit.exprs.get(operand as usize).map(|e| &e.kind)
            {
                let object = self.eval(cx, *object);
                if let Keys::Names(names) = self.keys_of(cx, key)
                    && let [name] = names[..]
                {
                    self.delete(&object, name);
                }
            }
            return Value::plain();
        }
        let value = self.eval(cx, operand);
        match op {
            Unary::Not => match self.truth(&value) {
                Some(b) => Value::of(Atom::Bool(!b)),
                None => Value::plain(),
            },
            Unary::Typeof => self.type_of(&value),
            Unary::Void => Value::undefined(),
            _ => self.number_of(&value),
        }
    }

    fn type_of(&mut self, value: &Value) -> Value {
        if let Some(Atom::Native(path, _)) = value.single()
            && Self::language_global(&self.txt(path))
        {
            return self.str_value("object").joined(&self.str_value("function"));
        }
        let text = match value.single() {
            Some(Atom::Undefined) => "undefined",
            Some(Atom::Bool(_)) => "boolean",
            Some(Atom::Str(_) | Atom::Text(_)) => "string",
            Some(Atom::Num(_)) => "number",
            Some(Atom::Obj(id)) => match self.st.kind(id) {
                Kind::Closure { .. } | Kind::Class { .. } | Kind::Bound { .. } => "function",
                Kind::Plain | Kind::Array | Kind::Promise => "object",
                _ => return Value::plain(),
            },
            _ => return Value::plain(),
        };
        self.str_value(text)
    }

    /// Arithmetic on one value: a symbol stays, other things are plain.
    pub fn number_of(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            out.push(match atom {
                Atom::Sym(..) | Atom::Text(_) | Atom::Num(_) => atom,
                _ => Atom::Plain,
            });
        }
        out
    }

    pub fn binary(&mut self, op: Binary, a: &Value, b: &Value) -> Value {
        match op {
            Binary::Add => self.add(a, b),
            Binary::Compare => Value::plain(),
            Binary::Arith => {
                let mut all = a.clone();
                all.join(b);
                self.derive(&all)
            }
            Binary::Equal | Binary::NotEqual => match (a.single(), b.single()) {
                (Some(x), Some(y)) if is_constant(x) && is_constant(y) => {
                    // `==` of null and undefined holds.
                    let nothing = |a| matches!(a, Atom::Null | Atom::Undefined);
                    let equal = x == y || (nothing(x) && nothing(y));
                    // Numbers and strings that look alike may be equal.
                    let mixed = matches!(
                        (x, y),
                        (Atom::Num(_), Atom::Str(_)) | (Atom::Str(_), Atom::Num(_))
                    );
                    if mixed {
                        return Value::plain();
                    }
                    Value::of(Atom::Bool(equal == (op == Binary::Equal)))
                }
                _ if never_equal(a, b) => Value::of(Atom::Bool(op == Binary::NotEqual)),
                _ => Value::plain(),
            },
        }
    }

    /// `a + b`: text, or a sum.
    pub fn add(&mut self, a: &Value, b: &Value) -> Value {
        let plain = |v: &Value| v.iter().all(|x| matches!(x, Atom::Plain | Atom::Num(_)));
        if plain(a) && plain(b) {
            return Value::plain();
        }
        let mut pieces = Vec::new();
        self.push_piece_as(a, true, &mut pieces);
        self.push_piece_as(b, true, &mut pieces);
        let sum = Value::of(self.finish_text(pieces));
        // `text += '*'` or `text += character`, again and again: a text that is hidden character by character.
        let mask = |value: &Value| {
            let is_mask = |atom| matches!(atom, Atom::Str(text) if is_mask(&self.names.text(text)));
            value.iter().count() > 1 && value.iter().any(is_mask)
        };
        if mask(a) || mask(b) {
            return self.part_of_text(&sum, Some(super::Protection::Masked), false);
        }
        sum
    }

    /// Adds a value to the pieces of a text.
    pub fn push_piece(&mut self, value: &Value, pieces: &mut Vec<Piece>) {
        self.push_piece_as(value, false, pieces);
    }

    fn push_piece_as(&mut self, value: &Value, as_value: bool, pieces: &mut Vec<Piece>) {
        match value.single() {
            Some(Atom::Str(name) | Atom::Num(name)) => {
                let text = self.txt(name);
                if !text.is_empty() {
                    pieces.push(Piece::Text(text));
                }
                return;
            }
            Some(Atom::Text(id)) => {
                pieces.extend_from_slice(&self.sy.pieces(id));
                return;
            }
            _ => {}
        }
        // Objects become what they say of themselves, or what they hold.
        let mut flat = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id) => {
                    let text = self.as_text(id, as_value);
                    flat.join(&text);
                }
                other => {
                    flat.push(other);
                }
            }
        }
        if flat.is_empty() {
            flat.push(Atom::Plain);
        }
        pieces.push(Piece::Values(flat));
    }

    pub fn finish_text(&mut self, pieces: Vec<Piece>) -> Atom {
        match &pieces[..] {
            [] => Atom::Str(self.k.empty),
            [Piece::Text(text)] => {
                let text: Arc<str> = text.clone();
                Atom::Str(self.intern(&text))
            }
            _ => {
                if pieces.iter().all(|p| matches!(p, Piece::Text(_))) {
                    let mut all = String::new();
                    for piece in &pieces {
                        if let Piece::Text(text) = piece {
                            all.push_str(text);
                        }
                    }
                    return Atom::Str(self.intern(&all));
                }
                self.sy.text(pieces)
            }
        }
    }

    /// `hidden ? '****' : phone`: something else than the datum decides whether it is seen, so somebody may hide it.
    fn shown_on_demand(&mut self, test: &Value, result: Value) -> Value {
        let hides = |atom: Atom| match atom {
            Atom::Str(text) => {
                let text = self.names.text(text);
                text.contains("**") || text.contains(['●', '•'])
            }
            _ => false,
        };
        if !result.iter().any(hides) {
            return result;
        }
        let asked: Vec<_> = test.symbols().map(|(sym, _)| self.sy.get(sym)).collect();
        let about_itself = result.symbols().any(|(sym, _)| {
            let s = self.sy.get(sym);
            asked
                .iter()
                .any(|a| a.origin == s.origin && a.path == s.path)
        });
        if about_itself {
            result
        } else {
            self.protect(&result, super::Protection::Masked)
        }
    }

    /// What something that is not understood makes of a value: its symbols, as derived ones.
    pub fn derive(&mut self, value: &Value) -> Value {
        let held = self.symbols_in(value);
        let mut out = self.sy.map(&held, &mut |sym| {
            Some(super::value::Sym {
                derived: true,
                ..sym
            })
        });
        out.push(Atom::Plain);
        out
    }

    // ---- variables

    pub fn frame_at(&mut self, frame: Id, up: u16) -> Option<Id> {
        let mut at = frame;
        for _ in 0..up {
            match self.st.kind(at) {
                Kind::Frame {
                    parent: Some(parent),
                    ..
                } => at = *parent,
                _ => return None,
            }
        }
        Some(at)
    }

    pub fn read_var(&mut self, cx: &Cx<'_>, var: Var) -> Value {
        match var {
            Var::Local(slot) => self.read_slot(cx.frame, slot as usize),
            Var::Up(up, slot) => match self.frame_at(cx.frame, up) {
                Some(frame) => self.read_slot(frame, slot as usize),
                None => Value::none(),
            },
            Var::Free(name) => self.read_free(cx, name),
        }
    }

    fn read_slot(&mut self, frame: Id, slot: usize) -> Value {
        self.st.slot(frame, slot)
    }

    pub fn this(&mut self, cx: &Cx<'_>) -> Value {
        self.st.this(cx.frame)
    }

    fn read_free(&mut self, cx: &Cx<'_>, name: Name) -> Value {
        if cx.module == u32::MAX {
            return self.read_scope(name);
        }
        if let Some(value) = self.module_variable(cx.module, name) {
            return value;
        }
        // Blocks of one component file see each other.
        let siblings = self.file_modules[cx.file as usize].clone();
        for module in siblings {
            let info = &self.modules[module as usize];
            if module != cx.module
                && info.role.is_script() == self.modules[cx.module as usize].role.is_script()
                && info.slots.contains_key(&name)
                && let Some(value) = self.module_variable(module, name)
            {
                return value;
            }
        }
        if name == self.k.module {
            self.exports_of(cx.module);
            return Value::obj(self.module_object(cx.module));
        }
        if name == self.k.exports {
            return self.exports_of(cx.module);
        }
        self.global(name)
    }

    pub fn module_variable(&mut self, module: u32, name: Name) -> Option<Value> {
        let slot = *self.modules.get(module as usize)?.slots.get(&name)?;
        let frame = self.module_frame(module);
        Some(self.read_slot(frame, slot as usize))
    }

    /// `module.exports`.
    pub fn exports_of(&mut self, module: u32) -> Value {
        let holder = self.module_object(module);
        // Whoever asks a module that is still in progress, and not his own, may get less than there will be.
        let early = self
            .running
            .split_last()
            .is_some_and(|(_, outer)| outer.contains(&module));
        let cell = match early {
            true => self.st.cell_for(holder, self.k.exports),
            false => self.st.cell_kept(holder, self.k.exports),
        };
        if let Some(Prop::Value(value)) = cell.props.get(self.k.exports)
            && !value.is_empty()
        {
            return value.clone();
        }
        let exports = self.st.pinned(hash_of(("exports", module)), || Kind::Plain);
        let value = Value::obj(exports);
        let name = self.k.exports;
        *self.st.edit(holder).props.entry(name) = Prop::Value(value.clone());
        value
    }

    pub fn write_var(&mut self, cx: &Cx<'_>, var: Var, value: &Value) {
        match var {
            Var::Local(slot) => self.write_slot(cx.frame, slot as usize, value),
            Var::Up(up, slot) => {
                if let Some(frame) = self.frame_at(cx.frame, up) {
                    self.write_slot(frame, slot as usize, value);
                }
            }
            Var::Free(name) => {
                if cx.module == u32::MAX {
                    self.write_scope(name, value);
                } else if let Some(&slot) = self.modules[cx.module as usize].slots.get(&name) {
                    let frame = self.module_frame(cx.module);
                    self.write_slot(frame, slot as usize, value);
                    self.write_live_export(cx.module, name, value);
                } else if name == self.k.exports {
                    // `exports = …` changes a local variable only.
                } else {
                    let text = self.txt(name);
                    let cell = self.named("global", &text);
                    self.st.edit(cell).elem.join(value);
                    self.globals.remove(&name);
                }
            }
        }
    }

    /// What a module exports is the variable, not what it held when it was exported.
    fn write_live_export(&mut self, module: u32, own: Name, value: &Value) {
        let Some(&exported) = self.live_exports.get(&(module, own)) else {
            return;
        };
        let exports = self.exports_of(module);
        for id in exports.objects().collect::<Vec<_>>() {
            self.put_prop(id, exported, value, false);
        }
    }

    /// The own name of the top-level variable that an expression of a module's top level is.
    pub fn name_of_variable(&mut self, cx: &Cx<'_>, id: ExprId) -> Option<Name> {
        match cx.unit.exprs.get(id as usize)?.kind {
            Expr::Var(var) if cx.func == 0 => self.var_name(cx, var),
            _ => None,
        }
    }

    fn write_slot(&mut self, frame: Id, slot: usize, value: &Value) {
        let cell = self.st.edit(frame);
        if cell.slots.len() <= slot {
            cell.slots.resize(slot + 1, Value::none());
        }
        if cell.summary {
            cell.slots[slot].join(value);
        } else {
            cell.slots[slot] = value.clone();
        }
    }

    fn var_name(&mut self, cx: &Cx<'_>, var: Var) -> Option<Name> {
        let func = cx.unit.funcs.get(cx.func as usize);
        match var {
            Var::Local(slot) => func?.slots.get(slot as usize).copied(),
            Var::Free(name) => Some(name),
            Var::Up(..) => None,
        }
    }

    // ---- patterns

    /// The present value of an assignment's target.
    fn read_pat(&mut self, cx: &Cx<'_>, pat: PatId) -> Value {
        match cx.unit.pats.get(pat as usize).map(|p| &p.kind) {
            Some(Pat::Var(var)) => self.read_var(cx, *var),
            Some(Pat::Member(member)) => self.eval(cx, *member),
            _ => Value::none(),
        }
    }

    /// Binds or assigns a value to a pattern.
    pub fn assign(&mut self, cx: &Cx<'_>, pat: PatId, value: &Value) {
        let Some(node) = cx.unit.pats.get(pat as usize) else {
            return;
        };
        match &node.kind {
            Pat::Var(var) => {
                if let Some(name) = self.var_name(cx, *var) {
                    self.note_alias(value, name, None);
                }
                self.watch(cx, node.span, value);
                self.write_var(cx, *var, value);
            }
            Pat::Member(member) => {
                if let Some(Expr::Member { object, key, .. }) =
                    cx.unit.exprs.get(*member as usize).map(|e| &e.kind)
                {
                    let target = self.eval(cx, *object);
                    let keys = self.keys_of(cx, key);
                    let parent = self.name_of(cx, *object);
                    let at = cx.loc(node.span);
                    self.watch(cx, node.span, value);
                    self.write_keys(&target, &keys, value, parent, Some(at));
                }
            }
            Pat::Object { props, rest } => {
                let mut taken = Vec::new();
                for (key, sub) in props {
                    let keys = self.keys_of(cx, key);
                    let site = Site {
                        at: cx.loc(node.span),
                        key: mix(self.ctx, hash_of((cx.unit_id, "pat", pat, *sub))),
                    };
                    let field = self.read_keys(value, &keys, site);
                    self.assign(cx, *sub, &field);
                    if let Keys::Names(names) = keys {
                        taken.extend(names);
                    }
                }
                if let Some(rest) = rest {
                    let site = Site {
                        at: cx.loc(node.span),
                        key: mix(self.ctx, hash_of((cx.unit_id, "rest", pat))),
                    };
                    let object = self.object(site);
                    self.spread_into(object, value, &taken);
                    self.assign(cx, *rest, &Value::obj(object));
                }
            }
            Pat::Array { items, rest } => {
                let site = Site {
                    at: cx.loc(node.span),
                    key: mix(self.ctx, hash_of((cx.unit_id, "items", pat))),
                };
                let listed = self.listed(value, site.sub(9));
                let value = listed.as_ref().unwrap_or(value);
                for (index, item) in items.iter().enumerate() {
                    if let Some(item) = item {
                        let name = self.index_name(index);
                        let field = self.read_keys(value, &Keys::Names(smallvec![name]), site);
                        self.assign(cx, *item, &field);
                    }
                }
                if let Some(rest) = rest {
                    let id = match self.fixed_elements(value) {
                        Some(mut known) => {
                            known.drain(..items.len().min(known.len()));
                            self.array(site, known)
                        }
                        None => {
                            let all = self.elements(value);
                            let id = self.array(site, Vec::new());
                            self.st.edit(id).elem.join(&all);
                            id
                        }
                    };
                    self.assign(cx, *rest, &Value::obj(id));
                }
            }
            Pat::Default(sub, default) => {
                let mut value = value.clone();
                let may_be_missing = value.is_empty()
                    || value
                        .iter()
                        .any(|a| matches!(a, Atom::Undefined | Atom::Sym(..) | Atom::Plain));
                if may_be_missing {
                    let other = self.eval_perhaps(cx, *default);
                    value.0.retain(|a| !matches!(a, Atom::Undefined));
                    value.join(&other);
                }
                self.assign(cx, *sub, &value);
            }
            Pat::Ignore => {}
        }
    }

    /// A variable's or field's own name.
    pub fn name_of(&mut self, cx: &Cx<'_>, id: ExprId) -> Option<Name> {
        match &cx.unit.exprs.get(id as usize)?.kind {
            Expr::Var(var) => self.var_name(cx, *var),
            Expr::Member {
                key: Key::Name(name) | Key::Private(name),
                ..
            } => Some(*name),
            _ => None,
        }
    }

    /// The same, also of variables of functions around the one at hand.
    pub fn written_name(&mut self, cx: &Cx<'_>, id: ExprId) -> Option<Name> {
        let Expr::Var(Var::Up(up, slot)) = cx.unit.exprs.get(id as usize)?.kind else {
            return self.name_of(cx, id);
        };
        let own = cx.unit.funcs.get(cx.func as usize)?.span;
        let mut around: Vec<_> = cx.unit.funcs.iter().collect();
        around.retain(|f| f.span != own && f.span.start <= own.start && own.end <= f.span.end);
        around.sort_by_key(|f| f.span.len());
        let owner = around.get(usize::from(up).checked_sub(1)?)?;
        owner.slots.get(slot as usize).copied()
    }

    /// Notes that symbols were kept under a name.
    pub fn note_alias(&mut self, value: &Value, name: Name, parent: Option<Name>) {
        for (sym, _) in value.symbols() {
            self.sy.alias(sym, name, parent);
        }
        for atom in value.iter() {
            if let Atom::Text(id) = atom
                && let [Piece::Values(inner)] = &self.sy.pieces(id)[..]
            {
                self.note_alias(inner, name, parent);
            }
        }
    }

    // ---- literals

    pub fn args(&mut self, cx: &Cx<'_>, items: &[Item]) -> Args {
        let mut args = Args {
            list: Vec::with_capacity(items.len()),
            rest: None,
            spans: Vec::with_capacity(items.len()),
        };
        for item in items {
            match item {
                Item::One(id) => {
                    let value = self.eval(cx, *id);
                    let span = span_of(cx, *id).shifted(cx.base);
                    if args.rest.is_none() {
                        args.list.push(value);
                        args.spans.push(span);
                    } else if let Some(rest) = &mut args.rest {
                        rest.join(&value);
                    }
                }
                Item::Spread(id) => {
                    let value = self.eval(cx, *id);
                    let span = span_of(cx, *id).shifted(cx.base);
                    let site = self.site(cx, *id);
                    match self.fixed_elements(&value) {
                        Some(list) if args.rest.is_none() => {
                            for value in list {
                                args.list.push(value);
                                args.spans.push(span);
                            }
                        }
                        _ => {
                            let all = self.iterated(&value, site.sub(3));
                            args.rest.get_or_insert_with(Value::none).join(&all);
                        }
                    }
                }
                Item::Hole => args.list.push(Value::undefined()),
            }
        }
        args
    }

    fn array_literal(&mut self, cx: &Cx<'_>, id: ExprId, items: &[Item]) -> Value {
        let args = self.args(cx, items);
        let site = self.site(cx, id);
        let array = self.array(site, args.list);
        if let Some(rest) = args.rest {
            self.st.edit(array).elem.join(&rest);
        }
        Value::obj(array)
    }

    fn object_literal(&mut self, cx: &Cx<'_>, id: ExprId, props: &[IrProp]) -> Value {
        let site = self.site(cx, id);
        let object = self.object(site);
        for prop in props {
            self.add_prop(cx, object, prop, None);
        }
        Value::obj(object)
    }

    /// Adds a literal's property, or a class's member, to an object.
    pub fn add_prop(&mut self, cx: &Cx<'_>, object: Id, prop: &IrProp, home: Option<Id>) {
        match prop {
            IrProp::Value(key, value, span) => {
                let value = self.member_value(cx, *value, home);
                self.watch(cx, *span, &value);
                match self.keys_of(cx, key) {
                    Keys::Names(names) => {
                        let strong = names.len() == 1;
                        if strong && names[0] == self.k.proto {
                            self.set_proto(&Value::obj(object), &value);
                            return;
                        }
                        // A key that may be any of several names tells nothing.
                        for name in names.iter().filter(|_| strong) {
                            self.note_alias(&value, *name, None);
                        }
                        let value = if strong { value } else { self.doubtful(&value) };
                        for name in names {
                            if self.fx.note_props || self.persist_keys.contains(&name) {
                                self.fx.props.push((object, name, cx.loc(*span)));
                            }
                            self.put_prop(object, name, &value, strong);
                        }
                    }
                    Keys::Any(key) => {
                        let value = self.sy.step(&value, cx.loc(*span), What::Stored);
                        self.st.edit(object).elem.join(&value);
                        self.hold_key(object, &key);
                    }
                }
            }
            IrProp::Getter(key, func, _) | IrProp::Setter(key, func, _) => {
                let is_getter = matches!(prop, IrProp::Getter(..));
                let function = self.member_value(cx, *func, home);
                if let Keys::Names(names) = self.keys_of(cx, key) {
                    for name in names {
                        let entry = self.st.edit(object).props.entry(name);
                        let (mut get, mut set) = match entry {
                            Prop::Accessor { get, set } => (get.clone(), set.clone()),
                            Prop::Value(_) => (Value::none(), Value::none()),
                        };
                        if is_getter {
                            get = function.clone();
                        } else {
                            set = function.clone();
                        }
                        *entry = Prop::Accessor { get, set };
                    }
                }
            }
            IrProp::Spread(value, _) => {
                let value = self.eval(cx, *value);
                self.spread_into(object, &value, &[]);
            }
        }
    }

    fn member_value(&mut self, cx: &Cx<'_>, id: ExprId, home: Option<Id>) -> Value {
        let value = self.eval(cx, id);
        if let (Some(home), Some(Atom::Obj(function))) = (home, value.single()) {
            self.set_home(function, home);
        }
        value
    }

    /// Copies the fields of a value into an object, but for some keys.
    pub fn spread_into(&mut self, object: Id, value: &Value, without: &[Name]) {
        for atom in value.iter() {
            match atom {
                Atom::Obj(from) => {
                    let cell = self.st.cell(from);
                    for (name, prop) in cell.props.iter() {
                        if without.contains(&name) {
                            continue;
                        }
                        let field = match prop {
                            Prop::Value(value) => value.clone(),
                            Prop::Accessor { get, .. } => {
                                let getter = get.clone();
                                let at = super::value::Loc::default();
                                let site = Site {
                                    at,
                                    key: mix(self.ctx, hash_of((object, name.0))),
                                };
                                self.call(&getter, Value::obj(from), Args::default(), site)
                            }
                        };
                        let strong = value.single().is_some();
                        self.put_prop(object, name, &field, strong);
                    }
                    let target = self.st.edit(object);
                    target.elem.join(&cell.elem);
                    target.rest.join(&cell.rest);
                    for name in cell.without.iter().chain(without) {
                        if !cell.rest.is_empty() && !target.without.contains(name) {
                            target.without.push(*name);
                        }
                    }
                }
                Atom::Sym(sym, trace) => {
                    // What the code attached to the symbol comes along.
                    if let Some(attached) = self.attached(sym) {
                        self.spread_into(object, &Value::obj(attached), without);
                    }
                    let target = self.st.edit(object);
                    target.rest.push(Atom::Sym(sym, trace));
                    for name in without {
                        if !target.without.contains(name) {
                            target.without.push(*name);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    pub fn keys_of(&mut self, cx: &Cx<'_>, key: &Key) -> Keys {
        match key {
            Key::Name(name) => Keys::Names(smallvec![*name]),
            Key::Private(name) => {
                let text = format!("#{}", self.txt(*name));
                Keys::Names(smallvec![self.intern(&text)])
            }
            Key::Computed(id) => {
                let value = self.eval(cx, *id);
                self.keys_in(&value)
            }
        }
    }

    /// The key that a list of one constant is, or a path of which some keys are not known: those become [`ANY_KEY`].
    fn key_of(&mut self, atom: Atom) -> Option<Name> {
        let pieces = match atom {
            Atom::Text(id) => self.sy.pieces(id),
            Atom::Obj(_) => {
                let items = self.fixed_elements(&Value::of(atom))?;
                let [item] = &items[..] else { return None };
                return match item.single()? {
                    Atom::Str(name) | Atom::Num(name) => Some(name),
                    _ => None,
                };
            }
            _ => return None,
        };
        let Some(Piece::Text(first)) = pieces.first() else {
            return None;
        };
        let end = first.find(['.', '['])?;
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        if end == 0 || !first[..end].chars().all(is_name) {
            return None;
        }
        let mut path = String::new();
        for piece in pieces.iter() {
            path.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Values(_) => ANY_KEY,
            });
        }
        Some(self.intern(&path))
    }

    pub fn keys_in(&mut self, value: &Value) -> Keys {
        let mut names = SmallVec::new();
        for atom in value.iter() {
            match atom {
                Atom::Str(name) | Atom::Num(name) => names.push(name),
                Atom::Undefined | Atom::Null => {}
                _ => match self.key_of(atom) {
                    Some(name) => names.push(name),
                    None => return Keys::Any(self.symbols_in(value)),
                },
            }
        }
        if names.is_empty() {
            Keys::Any(Value::none())
        } else {
            Keys::Names(names)
        }
    }
}

/// Where an expression stands in its unit.
fn span_of(cx: &Cx<'_>, id: ExprId) -> Span {
    let node = cx.unit.exprs.get(id as usize);
    node.map_or(Span::default(), |e| e.span)
}

fn is_constant(atom: Atom) -> bool {
    matches!(
        atom,
        Atom::Undefined | Atom::Null | Atom::Bool(_) | Atom::Num(_) | Atom::Str(_)
    )
}

/// Whether both are constants, several perhaps, of which no two can be equal.
fn never_equal(a: &Value, b: &Value) -> bool {
    let texts =
        |value: &Value| !value.is_empty() && value.iter().all(|a| matches!(a, Atom::Str(_)));
    texts(a) && texts(b) && a.iter().all(|x| b.iter().all(|y| x != y))
}

/// Whether every possible value is something (`Some(true)`), or nothing (`Some(false)`).
fn nullish(value: &Value) -> Option<bool> {
    let mut all: Option<bool> = None;
    for atom in value.iter() {
        let one = match atom {
            Atom::Undefined | Atom::Null => false,
            Atom::Sym(..) => return None,
            _ => true,
        };
        if all.is_some_and(|a| a != one) {
            return None;
        }
        all = Some(one);
    }
    all
}

/// Whether evaluating may change something; deep expressions are taken to.
fn has_effects(cx: &Cx<'_>, id: ExprId, depth: u32) -> bool {
    if depth == 0 {
        return true;
    }
    let Some(node) = cx.unit.exprs.get(id as usize) else {
        return false;
    };
    let any = |ids: &[ExprId]| ids.iter().any(|&i| has_effects(cx, i, depth - 1));
    match &node.kind {
        Expr::Undefined
        | Expr::Null
        | Expr::Bool(_)
        | Expr::Num(_)
        | Expr::Str(_)
        | Expr::Regex(_)
        | Expr::Var(_)
        | Expr::This
        | Expr::Func(_)
        | Expr::Child(_) => false,
        Expr::Member { object, key, .. } => {
            has_effects(cx, *object, depth - 1)
                || matches!(key, Key::Computed(k) if has_effects(cx, *k, depth - 1))
        }
        Expr::Template(parts) | Expr::Seq(parts) => any(parts),
        Expr::Binary(_, a, b) | Expr::Logical(_, a, b) => any(&[*a, *b]),
        Expr::Cond(a, b, c) => any(&[*a, *b, *c]),
        Expr::Unary(op, a) => *op == Unary::Delete || has_effects(cx, *a, depth - 1),
        Expr::Array(items) => items.iter().any(|item| match item {
            Item::One(id) | Item::Spread(id) => has_effects(cx, *id, depth - 1),
            Item::Hole => false,
        }),
        Expr::Object(props) => props.iter().any(|prop| match prop {
            IrProp::Value(_, id, _) | IrProp::Spread(id, _) => has_effects(cx, *id, depth - 1),
            _ => false,
        }),
        _ => true,
    }
}
