//! Functions that only reckon: what they give is a number made of their arguments, whatever their code is in detail.
//!
//! Digests and encodings that apps carry with them call such functions hundreds of times, each time with other constants.
//! They are not interpreted. Part of the engine.

use super::engine::{Args, Engine, Site};
use super::state::Kind;
use super::value::{Atom, Id, Value, What};
use crate::facts::ir::{Binary, Expr, ExprId, Func, Item, Pat, PatId, Stmt, Unary, Unit, Var};

/// So deep functions that reckon call others.
const MAX_CALLS: u32 = 5;

/// What a function's code says.
struct Reading<'u> {
    unit: &'u Unit,
    /// Variables that it calls.
    callees: Vec<Var>,
    /// Whether it reckons at all, and whether it says what came of it.
    reckons: bool,
    returns: bool,
}

impl Reading<'_> {
    fn statements(&mut self, body: &[Stmt]) -> bool {
        body.iter().all(|stmt| match stmt {
            Stmt::Expr(id) => self.expression(*id),
            Stmt::Declare(pat, value) => {
                self.is_local(*pat) && value.is_none_or(|id| self.expression(id))
            }
            Stmt::Block(body) => self.statements(body),
            Stmt::If(test, yes, no) => {
                self.expression(*test) && self.statements(yes) && self.statements(no)
            }
            Stmt::Return(Some(id), _) => {
                self.returns = true;
                self.expression(*id) && self.is_number(*id)
            }
            _ => false,
        })
    }

    fn is_local(&self, pat: PatId) -> bool {
        let pat = self.unit.pats.get(pat as usize).map(|p| &p.kind);
        matches!(pat, Some(Pat::Var(Var::Local(_))))
    }

    /// Whether all that an expression does is to reckon with local variables.
    fn expression(&mut self, id: ExprId) -> bool {
        let Some(node) = self.unit.exprs.get(id as usize) else {
            return false;
        };
        match &node.kind {
            Expr::Num(_) | Expr::Bool(_) | Expr::Var(Var::Local(_)) => true,
            Expr::Unary(Unary::Number | Unary::Not, a) => self.expression(*a),
            Expr::Binary(op, a, b) => {
                self.reckons |= *op == Binary::Arith;
                self.expression(*a) && self.expression(*b)
            }
            Expr::Logical(_, a, b) => self.expression(*a) && self.expression(*b),
            Expr::Cond(test, a, b) => {
                self.expression(*test) && self.expression(*a) && self.expression(*b)
            }
            Expr::Assign(pat, value) => self.is_local(*pat) && self.expression(*value),
            Expr::AssignBinary(pat, _, value) => self.is_local(*pat) && self.expression(*value),
            Expr::Call { callee, args, .. } => {
                let callee = self.unit.exprs.get(*callee as usize).map(|e| &e.kind);
                let Some(Expr::Var(callee)) = callee else {
                    return false;
                };
                self.callees.push(*callee);
                args.iter()
                    .all(|arg| matches!(arg, Item::One(id) if self.expression(*id)))
            }
            _ => false,
        }
    }

    /// Whether an expression is no text. What is called gives numbers, too.
    fn is_number(&self, id: ExprId) -> bool {
        match self.unit.exprs.get(id as usize).map(|e| &e.kind) {
            Some(Expr::Binary(Binary::Arith, ..) | Expr::Unary(Unary::Number, _)) => true,
            Some(Expr::Num(_) | Expr::Call { .. }) => true,
            Some(Expr::Cond(_, a, b)) => self.is_number(*a) && self.is_number(*b),
            _ => false,
        }
    }
}

/// The variables that a function calls, if it does nothing but to reckon.
fn callees(unit: &Unit, func: &Func) -> Option<Vec<Var>> {
    let mut reading = Reading {
        unit,
        callees: Vec::new(),
        reckons: false,
        returns: false,
    };
    let reckons = !func.is_async
        && !func.is_generator
        && func.rest.is_none()
        && func.arguments.is_none()
        && func.params.iter().all(|&pat| reading.is_local(pat))
        && reading.statements(&func.body)
        && reading.returns
        && (reading.reckons || !reading.callees.is_empty());
    reckons.then_some(reading.callees)
}

impl Engine<'_> {
    /// What a call of a function gives that does nothing but to reckon.
    pub fn reckoned(&mut self, function: Id, args: &Args, site: Site) -> Option<Value> {
        if self.watched.is_some() || !self.only_reckons(function, MAX_CALLS) {
            return None;
        }
        let all = self.sy.step(&args.all(), site.at, What::Passed);
        Some(self.derive(&all))
    }

    fn only_reckons(&mut self, function: Id, depth: u32) -> bool {
        let Kind::Closure {
            unit, func, env, ..
        } = *self.st.kind(function)
        else {
            return false;
        };
        if let Some(&known) = self.reckoning.get(&(unit, func)) {
            return known;
        }
        let code = self.unit(unit);
        let found = code
            .unit
            .funcs
            .get(func as usize)
            .and_then(|f| callees(&code.unit, f));
        // One that calls itself does not reckon that it does.
        self.reckoning.insert((unit, func), false);
        let reckons = found.is_some_and(|called| {
            called.into_iter().all(|var| {
                let value = match var {
                    Var::Local(_) => None,
                    Var::Up(up, slot) => env
                        .and_then(|env| self.frame_at(env, up - 1))
                        .map(|frame| self.st.slot(frame, slot as usize)),
                    Var::Free(name) => self.module_variable(code.module, name),
                };
                match value.and_then(|value| value.single()) {
                    Some(Atom::Obj(id)) => depth > 0 && self.only_reckons(id, depth - 1),
                    _ => false,
                }
            })
        });
        self.reckoning.insert((unit, func), reckons);
        reckons
    }
}
