//! Statements: branches, loops, jumps, exceptions.
//!
//! A statement list is *alive* after execution if control can come to its end. Whoever jumps leaves a snapshot of what
//! changed for the place he jumps to, which joins it.

use super::engine::{Cx, Engine, Guard, Jump};
use super::state::{Kind, Prop, Snapshot};
use super::value::{Atom, Origin, Value};
use crate::facts::ir::{Expr, ExprId, Imported, Logical, PatId, Slot, Stmt, Unary, Var};
use crate::facts::names::Name;

type Case = (Option<ExprId>, Vec<Stmt>);

/// So many statements of a guarded block are looked at between.
const MAX_THROWS: usize = 9;

/// Whether a statement, with what is declared for it, is a loop or a `switch`.
fn is_loop(body: &[Stmt]) -> bool {
    match body {
        [Stmt::Block(inner)] => is_loop(inner),
        [declared @ .., last] => {
            declared.iter().all(|s| matches!(s, Stmt::Declare(..)))
                && matches!(
                    last,
                    Stmt::Loop { .. } | Stmt::ForOf(..) | Stmt::ForIn(..) | Stmt::Switch(..)
                )
        }
        [] => false,
    }
}

impl Engine<'_> {
    /// Runs statements; whether control comes to the end.
    pub fn exec(&mut self, cx: &Cx<'_>, body: &[Stmt]) -> bool {
        for stmt in body {
            if self.exhausted || !self.stmt(cx, stmt) {
                return false;
            }
        }
        true
    }

    fn stmt(&mut self, cx: &Cx<'_>, stmt: &Stmt) -> bool {
        self.steps += 1;
        match stmt {
            Stmt::Expr(id) => {
                self.eval(cx, *id);
                true
            }
            Stmt::Declare(pat, value) => {
                let value = match value {
                    Some(id) => self.eval(cx, *id),
                    None => Value::undefined(),
                };
                self.assign(cx, *pat, &value);
                true
            }
            Stmt::Block(body) => self.exec(cx, body),
            Stmt::If(test, yes, no) => {
                let value = self.eval(cx, *test);
                match self.truth(&value) {
                    Some(true) => self.exec(cx, yes),
                    Some(false) => self.exec(cx, no),
                    None => self.branch(cx, *test, yes, no),
                }
            }
            Stmt::Loop {
                test,
                body,
                update,
                at_least_once,
            } => self.repeat(cx, *at_least_once, *test, *update, None, body),
            Stmt::ForOf(pat, iterable, body) => {
                let value = self.eval(cx, *iterable);
                let value = self.settled(&value);
                let site = self.site(cx, *iterable);
                let items = self.iterated(&value, site.sub(3));
                let items = self.settled(&items);
                self.repeat_for_each(cx, *pat, items, body)
            }
            Stmt::ForIn(pat, object, body) => {
                let value = self.eval(cx, *object);
                let keys = self.keys_as_value(&value);
                self.repeat_for_each(cx, *pat, keys, body)
            }
            Stmt::Switch(value, cases) => self.switch(cx, *value, cases),
            Stmt::Try {
                body,
                handler,
                finalizer,
            } => self.guarded(cx, body, handler.as_ref(), finalizer),
            Stmt::Return(value, _) => {
                let value = match value {
                    Some(id) => self.eval(cx, *id),
                    None => Value::undefined(),
                };
                let mark = self.acts.last().and_then(|act| act.mark);
                let snapshot = mark.map(|mark| self.st.snapshot_since(mark));
                if let Some(act) = self.acts.last_mut() {
                    act.ret.join(&value);
                    act.returns.extend(snapshot);
                }
                false
            }
            Stmt::Throw(value) => {
                let value = self.eval(cx, *value);
                self.throw(&value);
                false
            }
            Stmt::Break(label) => {
                self.jump(*label, true);
                false
            }
            Stmt::Continue(label) => {
                self.jump(*label, false);
                false
            }
            Stmt::Labeled(name, body) => {
                if is_loop(body) {
                    if let Some(act) = self.acts.last_mut() {
                        act.label = Some(*name);
                    }
                    return self.exec(cx, body);
                }
                self.push_jump(Some(*name), false);
                let alive = self.exec(cx, body);
                self.leave(alive)
            }
            Stmt::Import { path, bindings, .. } => {
                for (imported, var) in bindings {
                    let value = match imported {
                        Imported::Namespace => self.import_all(cx.file, *path),
                        Imported::Default => self.import(cx.file, *path, self.k.default),
                        Imported::Named(name) => self.import(cx.file, *path, *name),
                    };
                    self.write_var(cx, *var, &value);
                }
                if bindings.is_empty() {
                    self.import_all(cx.file, *path);
                }
                true
            }
            Stmt::Export(name, value) => {
                if let Some(own) = self.name_of_variable(cx, *value) {
                    self.live_exports.insert((cx.module, own), *name);
                }
                let value = self.eval(cx, *value);
                self.export(cx, *name, &value);
                true
            }
            Stmt::Reexport { path, name, alias } => {
                self.reexport(cx, *path, name.as_ref(), *alias);
                true
            }
        }
    }

    fn export(&mut self, cx: &Cx<'_>, name: Name, value: &Value) {
        let exports = self.exports_of(cx.module);
        let esmodule = self.k.esmodule;
        for id in exports.objects().collect::<Vec<_>>() {
            self.put_prop(id, name, value, true);
            self.put_prop(id, esmodule, &Value::of(Atom::Bool(true)), true);
        }
    }

    fn reexport(&mut self, cx: &Cx<'_>, path: Name, name: Option<&Imported>, alias: Option<Name>) {
        match (name, alias) {
            (None, _) => {
                let all = self.import_all(cx.file, path);
                let exports = self.exports_of(cx.module);
                let default = self.k.default;
                for id in exports.objects().collect::<Vec<_>>() {
                    self.spread_into(id, &all, &[default]);
                }
            }
            (Some(imported), alias) => {
                let (value, own) = match imported {
                    Imported::Namespace => (self.import_all(cx.file, path), None),
                    Imported::Default => (
                        self.import(cx.file, path, self.k.default),
                        Some(self.k.default),
                    ),
                    Imported::Named(name) => (self.import(cx.file, path, *name), Some(*name)),
                };
                if let Some(name) = alias.or(own) {
                    self.export(cx, name, &value);
                }
            }
        }
    }

    fn branch(&mut self, cx: &Cx<'_>, test: ExprId, yes: &[Stmt], no: &[Stmt]) -> bool {
        let refusals = self.refusals(cx, test, yes, no);
        self.st.mark();
        self.enter(cx, &refusals, true);
        self.refute(cx, test, true);
        let first = self.exec(cx, yes).then(|| self.st.snapshot());
        self.st.undo();
        self.enter(cx, &refusals, false);
        self.refute(cx, test, false);
        let second = self.exec(cx, no);
        let alive = match (first, second) {
            (Some(snapshot), true) => {
                self.st.join(snapshot);
                true
            }
            (Some(snapshot), false) => {
                self.st.undo();
                self.st.apply(snapshot);
                true
            }
            (None, alive) => alive,
        };
        self.st.unmark();
        alive
    }

    /// Where a test turned out so that a variable is false, the variable is no datum: an empty text, or nothing.
    fn refute(&mut self, cx: &Cx<'_>, test: ExprId, holds: bool) {
        match cx.unit.exprs.get(test as usize).map(|e| &e.kind) {
            Some(Expr::Var(Var::Local(slot))) if !holds => {
                let slot = *slot as usize;
                let held = self.st.now(cx.frame).slots.get(slot);
                let is_data = |atom: Atom| matches!(atom, Atom::Sym(..) | Atom::Text(_));
                let Some(held) = held.filter(|value| value.iter().any(is_data)) else {
                    return;
                };
                let mut left = Value::plain();
                for atom in held.iter() {
                    if matches!(atom, Atom::Undefined | Atom::Null | Atom::Bool(false)) {
                        left.push(atom);
                    }
                }
                self.write_var(cx, Var::Local(slot as Slot), &left);
            }
            Some(Expr::Unary(Unary::Not, inner)) => self.refute(cx, *inner, !holds),
            Some(Expr::Logical(Logical::And, a, b)) if holds => {
                self.refute(cx, *a, true);
                self.refute(cx, *b, true);
            }
            Some(Expr::Logical(Logical::Or, a, b)) if !holds => {
                self.refute(cx, *a, false);
                self.refute(cx, *b, false);
            }
            _ => {}
        }
    }

    /// Does what may be done or not: what held before may hold after it.
    pub fn perhaps<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.st.mark();
        let given = run(self);
        self.st.join(Vec::new());
        self.st.unmark();
        given
    }

    /// From here on one may jump to a place, until [`Self::leave`].
    fn push_jump(&mut self, label: Option<Name>, is_loop: bool) {
        self.st.mark();
        let mark = self.st.depth() - 1;
        if let Some(act) = self.acts.last_mut() {
            act.jumps.push(Jump {
                label,
                is_loop,
                mark,
                breaks: Vec::new(),
                continues: Vec::new(),
            });
        }
    }

    fn jump(&mut self, label: Option<Name>, is_break: bool) {
        let Some(act) = self.acts.last() else { return };
        let found = act.jumps.iter().rposition(|jump| match label {
            Some(_) => jump.label == label,
            None => jump.is_loop || is_break,
        });
        let Some(index) = found else { return };
        let snapshot = self.st.snapshot_since(act.jumps[index].mark);
        if let Some(jump) = self
            .acts
            .last_mut()
            .and_then(|act| act.jumps.get_mut(index))
        {
            if is_break {
                jump.breaks.push(snapshot);
            } else {
                jump.continues.push(snapshot);
            }
        }
    }

    /// Joins snapshots with what holds now, or takes them for it if control does not come here otherwise.
    pub fn gather(&mut self, mut alive: bool, snapshots: Vec<Snapshot>) -> bool {
        for snapshot in snapshots {
            if alive {
                self.st.join(snapshot);
            } else {
                self.st.undo();
                self.st.apply(snapshot);
                alive = true;
            }
        }
        alive
    }

    /// The end of what [`Self::push_jump`] began.
    fn leave(&mut self, alive: bool) -> bool {
        let jump = self.acts.last_mut().and_then(|act| act.jumps.pop());
        let breaks = jump.map(|jump| jump.breaks).unwrap_or_default();
        let alive = self.gather(alive, breaks);
        self.st.unmark();
        alive
    }

    /// A loop over values: one by one if they are known, else any of them in any turn.
    fn repeat_for_each(&mut self, cx: &Cx<'_>, pat: PatId, values: Value, body: &[Stmt]) -> bool {
        let Some(known) = self.one_by_one(&values) else {
            return self.repeat(cx, false, None, None, Some((pat, values)), body);
        };
        let label = self.acts.last_mut().and_then(|act| act.label.take());
        self.push_jump(label, true);
        let mut alive = true;
        for value in known {
            self.assign(cx, pat, &value);
            alive = self.exec(cx, body);
            alive = self.gather_continues(alive);
            if !alive {
                break;
            }
        }
        self.leave(alive)
    }

    /// Who went on with the next turn of a loop joins it.
    fn gather_continues(&mut self, alive: bool) -> bool {
        let continues = self
            .acts
            .last_mut()
            .and_then(|act| act.jumps.last_mut())
            .map(|jump| std::mem::take(&mut jump.continues))
            .unwrap_or_default();
        self.gather(alive, continues)
    }

    /// Any loop: the body is interpreted twice, so that what the first turn leaves is seen.
    fn repeat(
        &mut self,
        cx: &Cx<'_>,
        at_least_once: bool,
        test: Option<ExprId>,
        update: Option<ExprId>,
        each: Option<(PatId, Value)>,
        body: &[Stmt],
    ) -> bool {
        let label = self.acts.last_mut().and_then(|act| act.label.take());
        let mut endless = test.is_none() && each.is_none();
        if let Some(test) = test
            && !at_least_once
        {
            let value = self.eval(cx, test);
            match self.truth(&value) {
                Some(false) => return true,
                Some(true) => {
                    endless = matches!(
                        cx.unit.exprs.get(test as usize).map(|e| &e.kind),
                        Some(Expr::Bool(true) | Expr::Num(_))
                    )
                }
                None => {}
            }
        }
        self.push_jump(label, true);
        let mut alive = true;
        for turn in 0..2 {
            if let Some((pat, value)) = &each {
                self.assign(cx, *pat, value);
            }
            alive = self.exec(cx, body);
            alive = self.gather_continues(alive);
            if !alive {
                if turn == 0 && !at_least_once && !endless {
                    self.st.undo();
                    alive = true;
                    break;
                }
                break;
            }
            if let Some(update) = update {
                self.eval(cx, update);
            }
            if let Some(test) = test {
                self.eval(cx, test);
            }
            if !(at_least_once || endless) || turn == 0 {
                self.st.join(Vec::new());
            }
        }
        if !alive && !at_least_once && !endless {
            self.st.undo();
            alive = true;
        }
        self.leave(alive && !endless)
    }

    fn switch(&mut self, cx: &Cx<'_>, value: ExprId, cases: &[Case]) -> bool {
        let label = self.acts.last_mut().and_then(|act| act.label.take());
        let value = self.eval(cx, value);
        let chosen = self.chosen_case(cx, &value, cases);
        self.push_jump(label, false);
        let mut ends: Vec<Snapshot> = Vec::new();
        let starts: Vec<usize> = match chosen {
            Some(start) => vec![start],
            None => (0..cases.len()).collect(),
        };
        for start in starts {
            let mut alive = true;
            for (_, body) in cases.iter().skip(start) {
                alive = self.exec(cx, body);
                if !alive {
                    break;
                }
            }
            if alive {
                ends.push(self.st.snapshot());
            }
            self.st.undo();
        }
        let has_default = cases.iter().any(|(test, _)| test.is_none());
        let falls_past = chosen.map_or(!has_default, |start| start >= cases.len());
        let alive = self.gather(falls_past, ends);
        self.leave(alive)
    }

    /// The case that a constant value selects, if that can be told; `cases.len()` = none.
    fn chosen_case(&mut self, cx: &Cx<'_>, value: &Value, cases: &[Case]) -> Option<usize> {
        let Some(atom @ (Atom::Str(_) | Atom::Num(_) | Atom::Bool(_))) = value.single() else {
            return None;
        };
        let mut default = cases.len();
        for (index, (test, _)) in cases.iter().enumerate() {
            match test {
                None => default = index,
                Some(test) => {
                    let test = self.eval(cx, *test);
                    match test.single() {
                        Some(t @ (Atom::Str(_) | Atom::Num(_) | Atom::Bool(_))) => {
                            if t == atom {
                                return Some(index);
                            }
                        }
                        _ => return None,
                    }
                }
            }
        }
        Some(default)
    }

    /// An exception: to the nearest `try` of the functions in progress.
    pub fn throw(&mut self, value: &Value) {
        for index in (0..self.acts.len()).rev() {
            let act = &self.acts[index];
            if let Some(guard) = act.guards.last() {
                let snapshot = self.st.snapshot_since(guard.mark);
                if let Some(guard) = self.acts[index].guards.last_mut() {
                    guard.thrown.join(value);
                    guard.throws.push(snapshot);
                }
                return;
            }
        }
        self.fx.thrown.join(value);
    }

    fn guarded(
        &mut self,
        cx: &Cx<'_>,
        body: &[Stmt],
        handler: Option<&(Option<PatId>, Vec<Stmt>)>,
        finalizer: &[Stmt],
    ) -> bool {
        let Some((pat, handler)) = handler else {
            let before = self.returned();
            let alive = self.exec(cx, body);
            return self.finally(cx, finalizer, before) && alive;
        };
        let before = self.returned();
        self.st.mark();
        let mark = self.st.depth() - 1;
        if let Some(act) = self.acts.last_mut() {
            act.guards.push(Guard {
                mark,
                throws: Vec::new(),
                thrown: Value::none(),
            });
        }
        let alive = self.exec_guarded(cx, body, mark);
        let guard = self.acts.last_mut().and_then(|act| act.guards.pop());
        let (throws, thrown) = guard.map(|g| (g.throws, g.thrown)).unwrap_or_default();
        let end = alive.then(|| self.st.snapshot());
        // An exception may come from anywhere in the body.
        if alive {
            self.st.join(Vec::new());
        } else {
            self.st.undo();
        }
        self.gather(true, throws);
        if let Some(pat) = pat {
            let at = cx.loc(
                cx.unit
                    .pats
                    .get(*pat as usize)
                    .map_or_else(Default::default, |p| p.span),
            );
            let mut error = self.sy.fresh(Origin::Failure { at });
            error.join(&thrown);
            self.assign(cx, *pat, &error);
        }
        let handled = self.exec(cx, handler);
        let alive = match end {
            Some(end) => self.gather(handled, vec![end]),
            None => handled,
        };
        self.st.unmark();
        self.finally(cx, finalizer, before) && alive
    }

    /// What the function at hand returned so far.
    fn returned(&self) -> Value {
        self.acts
            .last()
            .map_or_else(Value::none, |act| act.ret.clone())
    }

    /// Runs a `finally` block; whether control comes to its end. What it returns is returned instead of what the guarded
    /// block returned; `before` is what had been until then.
    fn finally(&mut self, cx: &Cx<'_>, finalizer: &[Stmt], before: Value) -> bool {
        if finalizer.is_empty() {
            return true;
        }
        let guarded = match self.acts.last_mut() {
            Some(act) => std::mem::replace(&mut act.ret, before),
            None => Value::none(),
        };
        let alive = self.exec(cx, finalizer);
        if (alive || self.exhausted)
            && let Some(act) = self.acts.last_mut()
        {
            act.ret.join(&guarded);
        }
        alive
    }

    /// The statements of a guarded block: an exception may come between any two of them.
    fn exec_guarded(&mut self, cx: &Cx<'_>, body: &[Stmt], mark: usize) -> bool {
        for (index, stmt) in body.iter().enumerate() {
            if (1..MAX_THROWS).contains(&index) {
                let snapshot = self.st.snapshot_since(mark);
                let act = self.acts.last_mut();
                if let Some(guard) = act.and_then(|act| act.guards.last_mut()) {
                    guard.throws.push(snapshot);
                }
            }
            if self.exhausted || !self.stmt(cx, stmt) {
                return false;
            }
        }
        true
    }

    /// The keys of an object, as a value.
    pub fn keys_as_value(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            if let Atom::Obj(id) = atom {
                let cell = self.st.cell(id);
                let is_array = matches!(self.st.kind(id), Kind::Array);
                for (name, prop) in cell.props.iter() {
                    if name == self.k.held_keys
                        && let Prop::Value(keys) = prop
                    {
                        out.join(keys);
                    } else if !is_array && cell.props.len() <= 16 && matches!(prop, Prop::Value(_))
                    {
                        out.push(Atom::Str(name));
                    } else {
                        out.push(Atom::Plain);
                    }
                }
                if !cell.elem.is_empty() || !cell.rest.is_empty() {
                    out.push(Atom::Plain);
                }
            } else {
                out.push(Atom::Plain);
            }
        }
        out
    }
}
