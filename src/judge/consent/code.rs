//! The code around a call that the flow engine found: which functions enclose it, whether a condition guards it, and
//! whether anything listens to its failure. Looks up, never searches for calls.

use crate::facts::ir::{Expr, ExprId, Func, Item, Key, Prop, Stmt, Unit, Var};
use crate::facts::names::{Name, Names};
use crate::facts::{FileFacts, Placed};
use crate::text::Span;
use std::sync::Arc;

/// A call and the unit it stands in.
pub(super) struct Call<'f> {
    placed: &'f Placed,
    names: &'f Names,
    id: ExprId,
    /// Relative to the unit.
    span: Span,
}

impl<'f> Call<'f> {
    /// The call at a span of a file.
    pub(super) fn at(facts: &'f FileFacts, names: &'f Names, span: Span) -> Option<Call<'f>> {
        let units = facts
            .modules
            .iter()
            .flat_map(|module| std::iter::once(&module.top).chain(&module.children));
        let mut found = None;
        for placed in units.filter(|placed| covers(placed, span)) {
            let calls = (0..).zip(&placed.unit.exprs).filter(|(_, node)| {
                matches!(node.kind, Expr::Call { .. } | Expr::New { .. })
                    && node.span.shifted(placed.base) == span
            });
            // Functions of their own come after the module around them.
            if let Some((id, node)) = calls.last() {
                found = Some(Call {
                    placed,
                    names,
                    id,
                    span: node.span,
                });
            }
        }
        found
    }

    /// Added to the unit's spans gives bytes of the file.
    pub(super) fn base(&self) -> u32 {
        self.placed.base
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        self.names.text(name)
    }

    fn unit(&self) -> &'f Unit {
        &self.placed.unit
    }

    fn expr(&self, id: ExprId) -> Option<&'f Expr> {
        self.unit().exprs.get(id as usize).map(|n| &n.kind)
    }

    fn covers(&self, id: ExprId) -> bool {
        let node = self.unit().exprs.get(id as usize);
        node.is_some_and(|node| node.span.contains(self.span))
    }

    /// The functions around the call, innermost first.
    pub(super) fn functions(&self) -> Vec<&'f Func> {
        let mut out: Vec<&Func> = self
            .unit()
            .funcs
            .iter()
            .filter(|f| f.span.contains(self.span))
            .collect();
        out.sort_by_key(|f| f.span.len());
        out
    }

    /// Their names, innermost first; empty for those without.
    pub(super) fn function_names(&self) -> Vec<String> {
        let name = |f: &&Func| {
            f.name
                .map_or(String::new(), |name| self.names.text(name).to_string())
        };
        self.functions().iter().map(name).collect()
    }

    /// Whether the innermost function around the call is handed to one of these global functions: `setTimeout(() => …)`.
    pub(super) fn is_given_to(&self, globals: &[String]) -> bool {
        let unit = self.unit();
        let around = (0..)
            .zip(&unit.funcs)
            .filter(|(_, f)| f.span.contains(self.span));
        let Some((innermost, _)) = around.min_by_key(|(_, f)| f.span.len()) else {
            return false;
        };
        unit.exprs.iter().any(|node| {
            let Expr::Call { callee, args, .. } = &node.kind else {
                return false;
            };
            let Some(Item::One(first)) = args.first() else {
                return false;
            };
            let is_it = matches!(self.expr(*first), Some(Expr::Func(func)) if *func == innermost);
            is_it
                && matches!(self.expr(*callee), Some(Expr::Var(Var::Free(name)))
                    if globals.iter().any(|g| **g == *self.names.text(*name)))
        })
    }

    /// The call's first argument, if it is an object.
    pub(super) fn options(&self) -> Option<&'f [Prop]> {
        let (Expr::Call { args, .. } | Expr::New { args, .. }) = self.expr(self.id)? else {
            return None;
        };
        let Some(Item::One(first)) = args.first() else {
            return None;
        };
        match self.expr(*first)? {
            Expr::Object(props) => Some(props),
            _ => None,
        }
    }

    fn has_arguments(&self) -> bool {
        matches!(self.expr(self.id), Some(Expr::Call { args, .. }) if !args.is_empty())
    }

    /// The first argument.
    pub(super) fn first(&self) -> Option<ExprId> {
        match self.expr(self.id)? {
            Expr::Call { args, .. } => match args.first()? {
                Item::One(id) => Some(*id),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn kind_of(&self, id: ExprId) -> Option<&'f Expr> {
        self.expr(id)
    }

    pub(super) fn unit_of(&self) -> &'f Unit {
        self.unit()
    }

    fn key(&self, key: &Key) -> String {
        match key {
            Key::Name(name) => self.names.text(*name).to_string(),
            _ => String::new(),
        }
    }

    /// Calls on the call's result, in order: `.then(…)`, `.catch(…)`, with their numbers of arguments.
    pub(super) fn chain(&self) -> Vec<(String, usize)> {
        let mut out = Vec::new();
        let mut at = self.id;
        while let Some((next, key, args)) = self.next_in_chain(at) {
            out.push((key, args));
            at = next;
            if out.len() > 16 {
                break;
            }
        }
        out
    }

    fn next_in_chain(&self, at: ExprId) -> Option<(ExprId, String, usize)> {
        let exprs = || (0..).zip(&self.unit().exprs);
        let (member, key) = exprs().find_map(|(id, node)| match &node.kind {
            Expr::Member { object, key, .. } if *object == at => Some((id, self.key(key))),
            _ => None,
        })?;
        exprs().find_map(|(id, node)| match &node.kind {
            Expr::Call { callee, args, .. } if *callee == member => {
                Some((id, key.clone(), args.len()))
            }
            _ => None,
        })
    }

    /// `await call()`.
    pub(super) fn is_awaited(&self) -> bool {
        self.unit()
            .exprs
            .iter()
            .any(|node| matches!(node.kind, Expr::Await(id) if id == self.id))
    }

    /// Whether nothing listens to an outcome: no callback among the options, no method of the promise, no `try`, and
    /// the result goes nowhere else. `callbacks` are names of options; of `members` the first listens by itself, the
    /// others with their second argument.
    pub(super) fn ignores(&self, callbacks: &[String], members: &[String]) -> bool {
        match self.options() {
            Some(props) => {
                let open = props.iter().any(|prop| match prop {
                    Prop::Value(key, ..) | Prop::Getter(key, ..) | Prop::Setter(key, ..) => {
                        let key = self.key(key);
                        key.is_empty() || callbacks.contains(&key)
                    }
                    Prop::Spread(..) => true,
                });
                if open {
                    return false;
                }
            }
            None if self.has_arguments() => return false,
            None => {}
        }
        let chain = self.chain();
        if chain.iter().any(|(name, args)| {
            members.first().is_some_and(|m| m == name) || (members.contains(name) && *args > 1)
        }) {
            return false;
        }
        let mut bodies: Vec<&[Stmt]> = self.functions().iter().map(|f| &*f.body).collect();
        let mut is_statement = false;
        while let Some(body) = bodies.pop() {
            for statement in body {
                if let Stmt::Expr(id) = statement
                    && self.is_head(*id)
                {
                    is_statement = true;
                }
                if let Stmt::Try {
                    body,
                    handler: Some(_),
                    ..
                } = statement
                    && self.is_awaited()
                    && self.is_inside(body)
                {
                    return false;
                }
                bodies.extend(blocks(statement));
            }
        }
        is_statement
    }

    /// The expression is the call itself, awaited or with a chain behind it.
    fn is_head(&self, mut id: ExprId) -> bool {
        for _ in 0..32 {
            if id == self.id {
                return true;
            }
            id = match self.expr(id) {
                Some(Expr::Await(inner)) => *inner,
                Some(Expr::Call { callee, .. }) => match self.expr(*callee) {
                    Some(Expr::Member { object, .. }) => *object,
                    _ => return false,
                },
                _ => return false,
            };
        }
        false
    }

    fn is_inside(&self, body: &[Stmt]) -> bool {
        let mut open: Vec<&[Stmt]> = vec![body];
        while let Some(body) = open.pop() {
            for statement in body {
                if direct(statement).into_iter().any(|id| self.covers(id)) {
                    return true;
                }
                open.extend(blocks(statement));
            }
        }
        false
    }

    /// Whether a condition decides if the call runs, in any function around it.
    pub(super) fn is_guarded(&self) -> bool {
        let by_operator = self.unit().exprs.iter().any(|node| match &node.kind {
            Expr::Cond(_, yes, no) => self.covers(*yes) || self.covers(*no),
            Expr::Logical(_, _, right) => self.covers(*right),
            _ => false,
        });
        by_operator || self.functions().iter().any(|f| self.guards(&f.body))
    }

    fn guards(&self, body: &[Stmt]) -> bool {
        let mut left = false;
        for statement in body {
            let here = direct(statement).into_iter().any(|id| self.covers(id));
            let inner: Vec<&[Stmt]> = blocks(statement);
            let inside = inner.iter().any(|block| self.is_inside(block));
            if here || inside {
                return left
                    || match statement {
                        Stmt::If(..) | Stmt::Switch(..) => inside,
                        _ => inner.iter().any(|block| self.guards(block)),
                    };
            }
            if let Stmt::If(_, yes, no) = statement {
                left |= leaves(yes) || leaves(no);
            }
        }
        false
    }
}

fn covers(placed: &Placed, span: Span) -> bool {
    placed
        .unit
        .funcs
        .first()
        .is_none_or(|f| f.span.shifted(placed.base).contains(span))
}

fn leaves(body: &[Stmt]) -> bool {
    body.iter().any(|s| match s {
        Stmt::Return(..) | Stmt::Throw(_) => true,
        Stmt::Block(inner) => leaves(inner),
        _ => false,
    })
}

/// The blocks of a statement.
fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::Block(body) | Stmt::Labeled(_, body) => vec![body],
        Stmt::If(_, yes, no) => vec![yes, no],
        Stmt::Loop { body, .. } | Stmt::ForOf(_, _, body) | Stmt::ForIn(_, _, body) => vec![body],
        Stmt::Switch(_, cases) => cases.iter().map(|(_, body)| &**body).collect(),
        Stmt::Try {
            body,
            handler,
            finalizer,
        } => {
            let mut out: Vec<&[Stmt]> = vec![body, finalizer];
            out.extend(handler.iter().map(|(_, body)| &**body));
            out
        }
        _ => Vec::new(),
    }
}

/// The expressions that a statement holds itself.
fn direct(statement: &Stmt) -> Vec<ExprId> {
    match statement {
        Stmt::Expr(id) | Stmt::Throw(id) | Stmt::Export(_, id) => vec![*id],
        Stmt::Declare(_, value) => value.iter().copied().collect(),
        Stmt::Return(value, _) => value.iter().copied().collect(),
        Stmt::If(test, ..) | Stmt::Switch(test, _) => vec![*test],
        Stmt::Loop { test, update, .. } => test.iter().chain(update).copied().collect(),
        Stmt::ForOf(_, list, _) | Stmt::ForIn(_, list, _) => vec![*list],
        _ => Vec::new(),
    }
}
