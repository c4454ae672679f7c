//! Maskers give back what they cannot mask: `if (!phone || phone.length < 11) return phone`. Such a return says nothing of
//! what the function does to a datum that is one.

use super::Protection;
use super::engine::Engine;
use super::value::{Atom, Piece, Value};
use crate::facts::ir::{Expr, ExprId, Func, FuncId, Item, Key, Pat, Slot, Stmt, Unit, Var};

impl Engine<'_> {
    /// The result of a function without the arguments that it gives back unmasked because they are unfit.
    pub(super) fn without_unfit(
        &mut self,
        unit: &Unit,
        func: FuncId,
        args: &[Value],
        ret: Value,
    ) -> Value {
        if args.is_empty() || !self.is_masked_in_part(&ret) {
            return ret;
        }
        let Some(func) = unit.funcs.get(func as usize) else {
            return ret;
        };
        let mut out = ret;
        for (index, arg) in args.iter().enumerate() {
            let slot = func.params.get(index).and_then(|&pat| slot_of(unit, pat));
            if slot.is_some_and(|slot| gives_back_only_unfit(unit, func, slot)) {
                out.0
                    .retain(|atom| !(matches!(atom, Atom::Sym(..)) && arg.0.contains(atom)));
            }
        }
        out
    }

    /// Some of a value is masked, and some symbol in it is not.
    fn is_masked_in_part(&self, value: &Value) -> bool {
        let masked = |atom: Atom| match atom {
            Atom::Sym(id, _) => self.sy.get(id).protection == Protection::Masked,
            Atom::Text(id) => self
                .sy
                .pieces(id)
                .iter()
                .any(|piece| matches!(piece, Piece::Text(text) if text.contains("**"))),
            _ => false,
        };
        value.0.len() > 1
            && value.iter().any(masked)
            && value
                .iter()
                .any(|atom| matches!(atom, Atom::Sym(..)) && !masked(atom))
    }
}

fn slot_of(unit: &Unit, pat: u32) -> Option<Slot> {
    match unit.pats.get(pat as usize).map(|node| &node.kind) {
        Some(Pat::Var(Var::Local(slot))) => Some(*slot),
        Some(Pat::Default(inner, _)) => slot_of(unit, *inner),
        _ => None,
    }
}

/// A variable is returned as it is only where a test of nothing but itself leads to it, and is returned at all.
fn gives_back_only_unfit(unit: &Unit, func: &Func, slot: Slot) -> bool {
    let mut found = Returns::default();
    found.look(unit, &func.body, slot, false);
    found.unfit && !found.fit
}

#[derive(Default)]
struct Returns {
    /// Returned under a test of itself.
    unfit: bool,
    /// Returned elsewhere.
    fit: bool,
}

impl Returns {
    fn look(&mut self, unit: &Unit, body: &[Stmt], slot: Slot, guarded: bool) {
        for (at, statement) in body.iter().enumerate() {
            match statement {
                Stmt::Return(Some(value), _) => self.value(unit, *value, slot, guarded),
                Stmt::If(test, yes, no) => {
                    let guarded = guarded || tests_only(unit, *test, slot);
                    self.look(unit, yes, slot, guarded);
                    self.look(unit, no, slot, guarded);
                    // Behind a test that leaves, the test still holds.
                    if guarded && ends(yes) {
                        return self.look(unit, &body[at + 1..], slot, true);
                    }
                }
                Stmt::Block(inner) | Stmt::Labeled(_, inner) => {
                    self.look(unit, inner, slot, guarded);
                }
                Stmt::Loop { body, .. } | Stmt::ForOf(_, _, body) | Stmt::ForIn(_, _, body) => {
                    self.look(unit, body, slot, guarded);
                }
                Stmt::Switch(_, cases) => {
                    for (_, body) in cases {
                        self.look(unit, body, slot, guarded);
                    }
                }
                Stmt::Try {
                    body,
                    handler,
                    finalizer,
                } => {
                    self.look(unit, body, slot, guarded);
                    if let Some((_, body)) = handler {
                        self.look(unit, body, slot, true);
                    }
                    self.look(unit, finalizer, slot, guarded);
                }
                _ => {}
            }
        }
    }

    fn value(&mut self, unit: &Unit, value: ExprId, slot: Slot, guarded: bool) {
        match unit.exprs.get(value as usize).map(|node| &node.kind) {
            Some(Expr::Var(Var::Local(it))) if *it == slot => {
                self.unfit |= guarded;
                self.fit |= !guarded;
            }
            Some(Expr::Cond(test, yes, no)) => {
                let guarded = guarded || tests_only(unit, *test, slot);
                self.value(unit, *yes, slot, guarded);
                self.value(unit, *no, slot, guarded);
            }
            Some(Expr::Logical(_, left, right)) => {
                self.value(unit, *left, slot, true);
                self.value(unit, *right, slot, guarded);
            }
            _ => {}
        }
    }
}

/// Whether a list of statements does not go on.
fn ends(body: &[Stmt]) -> bool {
    matches!(body.last(), Some(Stmt::Return(..) | Stmt::Throw(_)))
}

/// Whether a test asks about one variable, and nothing else that varies.
fn tests_only(unit: &Unit, test: ExprId, slot: Slot) -> bool {
    asks(unit, test, slot) == Some(true)
}

/// `None` if something else varies in an expression, else whether the variable is in it.
fn asks(unit: &Unit, id: ExprId, slot: Slot) -> Option<bool> {
    let kind = |id: ExprId| unit.exprs.get(id as usize).map(|node| &node.kind);
    match kind(id)? {
        Expr::Var(Var::Local(it)) if *it == slot => Some(true),
        Expr::Undefined | Expr::Null | Expr::Bool(_) => Some(false),
        Expr::Num(_) | Expr::Str(_) | Expr::Regex(_) => Some(false),
        Expr::Unary(_, inner) => asks(unit, *inner, slot),
        Expr::Binary(_, a, b) | Expr::Logical(_, a, b) => {
            Some(asks(unit, *a, slot)? | asks(unit, *b, slot)?)
        }
        Expr::Member {
            object,
            key: Key::Name(_),
            ..
        } => asks(unit, *object, slot),
        Expr::Call { callee, args, .. } => {
            // `isPhone(text)`, `/…/.test(text)`, `pattern.test(text)`, `text.includes('*')`
            let mut found = match kind(*callee)? {
                Expr::Var(_) => false,
                Expr::Member { object, .. } => match kind(*object)? {
                    Expr::Var(Var::Local(it)) if *it == slot => true,
                    Expr::Var(_) => false,
                    _ => asks(unit, *object, slot)?,
                },
                _ => return None,
            };
            for arg in args {
                let Item::One(arg) = arg else {
                    return None;
                };
                found |= asks(unit, *arg, slot)?;
            }
            Some(found)
        }
        _ => None,
    }
}
