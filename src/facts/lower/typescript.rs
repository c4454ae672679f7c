//! What only TypeScript has and what leaves traces at run time: enums and namespaces.

use super::kinds::{F, K};
use super::stmt::Block;
use super::{Lowerer, each};
use crate::facts::ir::{Expr, ExprId, Key, Pat, Prop, Stmt, Var};
use crate::facts::names::Name;
use crate::text::Span;

impl Lowerer<'_, '_> {
    /// An enum: an object of constants.
    pub(super) fn enumeration(&mut self, out: &mut Block) {
        let Some((name, at)) = self.name_child() else {
            return;
        };
        let span = self.span();
        let mut props = Vec::new();
        let mut next = Some(0i64);
        each!(self, {
            if self.kind() == K::EnumBody {
                each!(self, {
                    self.enum_member(&mut props, &mut next);
                });
            }
        });
        let target = self.declared(name, at);
        let value = self.b.expr(Expr::Object(props.into()), span);
        out.rest.push(Stmt::Declare(target, Some(value)));
    }

    fn declared(&mut self, name: Name, at: Span) -> crate::facts::ir::PatId {
        if let Some(log) = &mut self.log {
            log.push(name);
        }
        let var = self.b.declare(name, false);
        self.b.pat(Pat::Var(var), at)
    }

    fn enum_member(&mut self, props: &mut Vec<Prop>, next: &mut Option<i64>) {
        let span = self.span();
        match (self.field(), self.kind()) {
            (_, K::EnumAssignment) => {
                let (mut key, mut value) = (None, None);
                each!(self, {
                    match self.field() {
                        F::Name => key = Some(self.key()),
                        F::Value => value = Some(self.expr()),
                        _ => self.stray(),
                    }
                });
                if let (Some(key), Some(value)) = (key, value) {
                    *next = match self.b.node(value).kind {
                        Expr::Num(n) => self
                            .names
                            .text(n)
                            .parse::<i64>()
                            .ok()
                            .and_then(|n| n.checked_add(1)),
                        _ => None,
                    };
                    props.push(Prop::Value(key, value, span));
                }
            }
            (F::Name, _) => {
                let key: Key = self.key();
                let value = match *next {
                    Some(n) => Expr::Num(self.names.intern(&n.to_string())),
                    None => Expr::Opaque(Box::default()),
                };
                *next = next.and_then(|n| n.checked_add(1));
                let value = self.b.expr(value, span);
                props.push(Prop::Value(key, value, span));
            }
            _ => self.stray(),
        }
    }

    /// A namespace: an object, and a block whose exports are assigned to it.
    #[inline(never)]
    pub(super) fn namespace(&mut self, out: &mut Block) {
        let span = self.span();
        let mut path: Vec<Name> = Vec::new();
        let mut body = None;
        let mut target = None;
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Name, K::Identifier | K::NestedIdentifier) => {
                    path = self
                        .slice()
                        .split('.')
                        .map(|p| self.names.intern(p.trim()))
                        .collect();
                    let at = self.span();
                    if let Some(&first) = path.first() {
                        target = Some(self.declared(first, at));
                    }
                }
                (F::Body, _) => {
                    let log = self.log.take();
                    let outer = self.b.open_block();
                    let statements = self.stmts();
                    body = Some(self.namespace_body(statements, &path, span));
                    self.b.scope = outer;
                    self.log = log;
                }
                _ => self.stray(),
            }
        });
        let (Some(target), Some(body)) = (target, body) else {
            return;
        };
        let mut value = self.b.expr(Expr::Object(Box::default()), span);
        for &name in path.iter().skip(1).rev() {
            value = self.b.expr(
                Expr::Object(Box::new([Prop::Value(Key::Name(name), value, span)])),
                span,
            );
        }
        out.rest.push(Stmt::Declare(target, Some(value)));
        out.rest.push(Stmt::Block(body));
    }

    /// Exports inside a namespace become assignments to its object.
    fn namespace_body(&mut self, statements: Vec<Stmt>, path: &[Name], span: Span) -> Vec<Stmt> {
        let Some((&first, rest)) = path.split_first() else {
            return statements;
        };
        let turn = |this: &mut Self, statement: Stmt| -> Stmt {
            let Stmt::Export(name, value) = statement else {
                return statement;
            };
            let mut object: ExprId = this.b.var(first, span);
            for &key in rest {
                object = this.made_member(object, key, span);
            }
            let id = this.assign_member(object, name, Var::Free(name), span);
            if let Expr::Assign(target, _) = this.b.node(id).kind {
                let id = this.b.expr(Expr::Assign(target, value), span);
                return Stmt::Expr(id);
            }
            Stmt::Expr(id)
        };
        statements.into_iter().map(|s| turn(self, s)).collect()
    }
}
