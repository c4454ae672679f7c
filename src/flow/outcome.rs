//! What a branch knows of an answer: where the answer's own code says that it failed, it holds nothing of a person.
//!
//! `if (res.data.code === 0) { … } else { console.log(res) }`: in the second branch `res` is a refusal. How code asks is
//! told by `queries/flow/outcomes.toml`. Which branch is the refusal's is not told by the value alone, since one
//! server's 0 is another's failure: a branch that reads data from the answer handles no refusal.

use super::engine::{Cx, Engine};
use super::value::{Origin, Value};
use crate::facts::ir::{Binary, Expr, ExprId, Item, Key, Logical, Stmt, Unary, Unit, Var};
use crate::facts::names::Name;
use crate::text::Span;
use smallvec::SmallVec;
use std::rc::Rc;

/// Longer ways to a field are no questions about an answer.
const MAX_KEYS: usize = 4;

/// A variable that holds a refusal in one branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused {
    var: Var,
    /// What must be an answer, so that this is one: the field's object.
    answer: ExprId,
    /// In the branch that is taken if the test holds.
    if_true: bool,
    /// Asked by one of the answer's data: only answers of known shape.
    by_data: bool,
}

/// What a test says.
pub(super) type Refusals = Rc<[Refused]>;
/// A unit's member expressions and where they stand, by their start.
pub(super) type Members = Rc<[(Span, ExprId)]>;

impl Engine<'_> {
    /// Executes nothing: what a test says about answers in its branches, by its form alone.
    pub(super) fn refusals(
        &mut self,
        cx: &Cx<'_>,
        test: ExprId,
        yes: &[Stmt],
        no: &[Stmt],
    ) -> Refusals {
        if let Some(known) = self.asked.get(&(cx.unit_id, test)) {
            return known.clone();
        }
        let mut found = Vec::new();
        self.ask(cx.unit, test, true, 6, &mut found);
        let members = match found.is_empty() {
            true => Members::default(),
            false => self.members_of(cx),
        };
        found.retain(|refused| {
            let (branch, other) = if refused.if_true {
                (yes, no)
            } else {
                (no, yes)
            };
            let outcomes = self.tables.outcomes();
            let reads = |body, wanted: &dyn Fn(&str) -> bool| {
                self.reads(cx.unit, &members, body, refused.var, wanted)
            };
            let data = |key: &str| !outcomes.is_said(key);
            let words = |key: &str| outcomes.is_text(key);
            let other_complains = reads(other, &words) && !reads(other, &data);
            !branch.is_empty() && !reads(branch, &data) && !other_complains
        });
        let found: Refusals = found.into();
        self.asked.insert((cx.unit_id, test), found.clone());
        found
    }

    /// Makes refusals of the answers, for one branch.
    pub(super) fn enter(&mut self, cx: &Cx<'_>, refusals: &Refusals, if_true: bool) {
        for refused in refusals.iter().filter(|r| r.if_true == if_true) {
            let answer = self.eval(cx, refused.answer);
            if self.is_answer(&answer, refused.by_data) {
                self.write_var(cx, refused.var, &Value::plain());
            }
        }
    }

    /// Whether a value is what a call or an element answered, not one of the things in it.
    fn is_answer(&mut self, value: &Value, by_data: bool) -> bool {
        value.symbols().any(|(sym, _)| {
            let s = self.sy.get(sym);
            let whole = match &self.sy.origins[s.origin as usize] {
                Origin::Api { path, .. } => {
                    let path = self.txt(*path);
                    let api = self.tables.api(&path);
                    let known =
                        api.is_some_and(|api| !api.data.is_empty() && api.response.is_none());
                    !by_data || known
                }
                Origin::OpenType { .. } => true,
                Origin::Call { .. } => !by_data,
                _ => false,
            };
            whole && !s.derived && {
                let keys = self.sy.keys(s.path);
                let outcomes = self.tables.outcomes();
                keys.len() < MAX_KEYS && keys.iter().all(|k| outcomes.is_around(&self.txt(*k)))
            }
        })
    }

    /// `holds`: what is known if the branch of truth is taken.
    fn ask(&mut self, unit: &Unit, test: ExprId, holds: bool, depth: u32, out: &mut Vec<Refused>) {
        let Some(node) = unit.exprs.get(test as usize).filter(|_| depth > 0) else {
            return;
        };
        match &node.kind {
            Expr::Unary(Unary::Not, inner) => self.ask(unit, *inner, !holds, depth - 1, out),
            Expr::Logical(Logical::And | Logical::Or, a, b) => {
                self.ask(unit, *a, holds, depth - 1, out);
                self.ask(unit, *b, holds, depth - 1, out);
            }
            Expr::Binary(op @ (Binary::Equal | Binary::NotEqual), a, b) => {
                let is_equal = *op == Binary::Equal;
                let (member, value) = match self.constant(unit, *b) {
                    Some(value) => (*a, value),
                    None => match self.constant(unit, *a) {
                        Some(value) => (*b, value),
                        None => return,
                    },
                };
                let Some((var, answer, key)) = self.field_of(unit, member) else {
                    return;
                };
                let key = self.txt(key);
                if !self.tables.outcomes().is_field(&key) {
                    return;
                }
                // Equal to a yes: the other branch is the refusal's.
                if let Some(good) = self.tables.outcomes().means(&value) {
                    out.push(Refused {
                        var,
                        answer,
                        if_true: (is_equal != good) == holds,
                        by_data: false,
                    });
                }
            }
            Expr::Member { .. } => {
                if let Some((var, answer, key)) = self.field_of(unit, test) {
                    let key = self.txt(key);
                    out.push(Refused {
                        var,
                        answer,
                        if_true: !holds,
                        by_data: !self.tables.outcomes().is_flag(&key),
                    });
                }
            }
            Expr::Call { callee, args, .. } => {
                let name = match unit.exprs.get(*callee as usize).map(|e| &e.kind) {
                    Some(Expr::Member {
                        key: Key::Name(name),
                        ..
                    }) => *name,
                    Some(Expr::Var(Var::Free(name))) => *name,
                    _ => return,
                };
                let name = self.txt(name);
                if let [Item::One(arg), ..] = args[..]
                    && self.tables.outcomes().is_predicate(&name)
                    && let Some((var, _)) = self.way(unit, arg)
                {
                    out.push(Refused {
                        var,
                        answer: arg,
                        if_true: !holds,
                        by_data: false,
                    });
                }
            }
            _ => {}
        }
    }

    fn constant(&mut self, unit: &Unit, id: ExprId) -> Option<std::sync::Arc<str>> {
        match unit.exprs.get(id as usize)?.kind {
            Expr::Str(name) | Expr::Num(name) => Some(self.txt(name)),
            Expr::Bool(value) => Some(if value { "true" } else { "false" }.into()),
            _ => None,
        }
    }

    /// `res.data.code`: the variable, `res.data`, `code`; only where the way leads through what is around such a field.
    fn field_of(&mut self, unit: &Unit, id: ExprId) -> Option<(Var, ExprId, Name)> {
        let Expr::Member {
            object,
            key: Key::Name(key),
            ..
        } = unit.exprs.get(id as usize)?.kind
        else {
            return None;
        };
        let (var, keys) = self.way(unit, object)?;
        let around = |key: &Name| self.tables.outcomes().is_around(&self.names.text(*key));
        keys.iter().all(around).then_some((var, object, key))
    }

    /// The variable that a chain of members begins with, and its keys.
    fn way(&self, unit: &Unit, mut id: ExprId) -> Option<(Var, SmallVec<[Name; 4]>)> {
        let mut keys = SmallVec::new();
        loop {
            match unit.exprs.get(id as usize)?.kind {
                Expr::Var(var @ (Var::Local(_) | Var::Up(..))) => return Some((var, keys)),
                Expr::Member {
                    object,
                    key: Key::Name(key),
                    ..
                } if keys.len() < MAX_KEYS => {
                    keys.push(key);
                    id = object;
                }
                _ => return None,
            }
        }
    }

    /// Whether code reads a field of a kind from the answer in a variable.
    fn reads(
        &self,
        unit: &Unit,
        members: &Members,
        body: &[Stmt],
        var: Var,
        wanted: &dyn Fn(&str) -> bool,
    ) -> bool {
        let mut spans = Vec::new();
        spans_of(unit, body, &mut spans);
        spans.into_iter().any(|span| {
            let first = members.partition_point(|(member, _)| member.start < span.start);
            members[first..]
                .iter()
                .take_while(|(member, _)| member.start < span.end)
                .filter(|(member, _)| member.end <= span.end)
                .filter_map(|(_, id)| self.way(unit, *id))
                .any(|(root, keys)| {
                    same(root, var) && keys.iter().any(|k| wanted(&self.names.text(*k)))
                })
        })
    }

    /// The member expressions of a unit, in order.
    fn members_of(&mut self, cx: &Cx<'_>) -> Members {
        let members = self.members.entry(cx.unit_id).or_insert_with(|| {
            let all = cx.unit.exprs.iter().enumerate();
            let mut members: Vec<(Span, ExprId)> = all
                .filter(|(_, node)| matches!(node.kind, Expr::Member { .. }))
                .map(|(id, node)| (node.span, id as ExprId))
                .collect();
            members.sort_unstable_by_key(|(span, id)| (span.start, *id));
            members.into()
        });
        members.clone()
    }
}

/// Whether two variables may be one, in functions of which one is perhaps inside the other.
fn same(a: Var, b: Var) -> bool {
    let slot = |var: Var| match var {
        Var::Local(slot) | Var::Up(_, slot) => Some(slot),
        Var::Free(_) => None,
    };
    slot(a) == slot(b)
}

/// Where the expressions of statements stand.
fn spans_of(unit: &Unit, body: &[Stmt], out: &mut Vec<Span>) {
    let span = |id: &ExprId| unit.exprs.get(*id as usize).map(|e| e.span);
    for stmt in body {
        match stmt {
            Stmt::Expr(id)
            | Stmt::Throw(id)
            | Stmt::Declare(_, Some(id))
            | Stmt::Return(Some(id), _) => out.extend(span(id)),
            Stmt::If(test, yes, no) => {
                out.extend(span(test));
                spans_of(unit, yes, out);
                spans_of(unit, no, out);
            }
            Stmt::Block(inner) | Stmt::Labeled(_, inner) => spans_of(unit, inner, out),
            Stmt::Loop { body, .. } => spans_of(unit, body, out),
            Stmt::ForOf(_, list, body) | Stmt::ForIn(_, list, body) => {
                out.extend(span(list));
                spans_of(unit, body, out);
            }
            Stmt::Try {
                body,
                handler,
                finalizer,
            } => {
                spans_of(unit, body, out);
                if let Some((_, handler)) = handler {
                    spans_of(unit, handler, out);
                }
                spans_of(unit, finalizer, out);
            }
            Stmt::Switch(value, cases) => {
                out.extend(span(value));
                for (_, body) in cases {
                    spans_of(unit, body, out);
                }
            }
            _ => {}
        }
    }
}
