//! Functions: parameters, bodies, and units of their own for the outermost ones.

use super::builder::Builder;
use super::kinds::{F, K};
use super::pat::Mode;
use super::{Lowerer, each, expr};
use crate::facts::Placed;
use crate::facts::ir::{
    Expr, ExprId, FuncId, FuncKind, Key, Pat, PatId, Prop, Stmt, UnitKind, Var,
};
use crate::facts::names::Name;
use crate::text::Span;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A method, getter or setter.
pub(super) struct Method {
    pub(super) key: Key,
    pub(super) value: ExprId,
    pub(super) accessor: Option<K>,
    pub(super) is_static: bool,
}

impl Method {
    pub(super) fn into_prop(self, span: Span) -> Prop {
        match self.accessor {
            Some(K::Get) => Prop::Getter(self.key, self.value, span),
            Some(_) => Prop::Setter(self.key, self.value, span),
            None => Prop::Value(self.key, self.value, span),
        }
    }
}

/// Hash of everything that the unit of a function depends on; never 0.
fn unit_key(text: &str, kind: K, grammar: u8, name: Option<Name>) -> u64 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    (kind as u8, grammar, name, text.len()).hash(&mut hasher);
    hasher.finish().max(1)
}

impl Lowerer<'_, '_> {
    /// The function at the cursor as an expression.
    #[inline(never)]
    pub(super) fn function(&mut self, name: Option<Name>) -> ExprId {
        let span = self.span();
        if !self.b.is_module() {
            let id = self.function_here(name);
            return self.b.expr(Expr::Func(id), span);
        }
        let node = self.cur.node();
        let base = node.start_byte() as u32;
        let key = if node.has_error() {
            0
        } else {
            unit_key(self.slice(), self.kind(), self.table.id, name)
        };
        let unit = match self.reuse.get(&key).filter(|_| key != 0) {
            Some(unit) => unit.clone(),
            None => self.own_unit(name, base, key),
        };
        self.children.push(Placed { unit, base });
        let index = self.children.len() as u32 - 1;
        self.b.expr(Expr::Child(index), span)
    }

    /// Lowers the function at the cursor into a unit of its own; how deep it stands in the module makes no difference.
    fn own_unit(&mut self, name: Option<Name>, base: u32, key: u64) -> Arc<crate::facts::ir::Unit> {
        let module = std::mem::replace(&mut self.b, Builder::new(UnitKind::Function, base));
        let depth = std::mem::take(&mut self.depth);
        self.function_here(name);
        self.depth = depth;
        if self.b.overflow {
            self.note("too-many-variables");
        }
        let done = std::mem::replace(&mut self.b, module);
        Arc::new(done.finish(self.known.arguments, 0, key))
    }

    pub(super) fn function_here(&mut self, name: Option<Name>) -> FuncId {
        let (log, side) = (self.log.take(), std::mem::take(&mut self.b.side));
        let decorators = std::mem::take(&mut self.decorators);
        let kind = self.kind();
        let func_kind = if kind == K::ArrowFunction {
            FuncKind::Arrow
        } else {
            FuncKind::Function
        };
        let span = self.span();
        let (id, outer) = self.b.open_func(func_kind, name, span);
        let mut params = Params::default();
        let mut body = Vec::new();
        each!(self, {
            match (self.field(), self.kind()) {
                (F::None, K::Async) => self.b.funcs[id as usize].is_async = true,
                (F::None, K::Star) => self.b.funcs[id as usize].is_generator = true,
                (F::Name, K::Identifier) if kind != K::MethodDefinition => self.own_name(id, kind),
                (F::Parameter, _) => params.list.push(self.pat(Mode::Var)),
                (F::Parameters, _) => {
                    if kind == K::MethodDefinition {
                        let end = self.b.funcs[id as usize].span.end;
                        self.b.funcs[id as usize].span = Span::new(self.span().start, end);
                    }
                    self.params(&mut params);
                }
                (F::Body, K::StatementBlock) => body = self.stmts(),
                (F::Body, at) if expr::is_expression(at) => {
                    let span = self.span();
                    let value = self.expr();
                    body = vec![Stmt::Return(Some(value), span)];
                }
                _ => self.stray(),
            }
        });
        let mut all: Vec<Stmt> = params.properties.into_iter().map(Stmt::Expr).collect();
        all.append(&mut self.b.side);
        all.append(&mut body);
        self.b.scope = outer;
        let func = &mut self.b.funcs[id as usize];
        (func.params, func.rest, func.body) = (params.list, params.rest, all);
        (self.log, self.b.side, self.decorators) = (log, side, decorators);
        id
    }

    /// The name in a function's head: for expressions a variable of the function itself.
    fn own_name(&mut self, id: FuncId, kind: K) {
        if self.span().is_empty() {
            return;
        }
        let name = self.name_here();
        self.b.funcs[id as usize].name = Some(name);
        if matches!(kind, K::FunctionExpression | K::GeneratorFunction) {
            let slot = self.b.open_own_name(name);
            self.b.funcs[id as usize].self_slot = Some(slot);
        }
    }

    fn params(&mut self, params: &mut Params) {
        each!(self, {
            match self.kind() {
                K::RequiredParameter | K::OptionalParameter => self.typed_param(params),
                K::RestPattern => params.rest = Some(self.pat(Mode::Var)),
                kind if super::pat::is_pattern(kind)
                    || matches!(kind, K::Identifier | K::Undefined) =>
                {
                    params.list.push(self.pat(Mode::Var));
                }
                _ => self.stray(),
            }
        });
    }

    /// A parameter of TypeScript: modifiers make it a property, `this` is none at all.
    fn typed_param(&mut self, params: &mut Params) {
        let span = self.span();
        let (mut target, mut value, mut is_rest, mut is_property) = (None, None, false, false);
        each!(self, {
            match (self.field(), self.kind()) {
                (_, K::AccessibilityModifier | K::OverrideModifier | K::Readonly) => {
                    is_property = true
                }
                (F::Pattern, K::This) => {}
                (F::Pattern, kind) => {
                    is_rest = kind == K::RestPattern;
                    target = Some(self.pat(Mode::Var));
                }
                (F::Value, _) => value = Some(self.expr()),
                _ => self.stray(),
            }
        });
        let Some(target) = target else { return };
        if is_property {
            params.properties.extend(self.param_property(target));
        }
        match value {
            _ if is_rest => params.rest = Some(target),
            Some(value) => params
                .list
                .push(self.b.pat(Pat::Default(target, value), span)),
            None => params.list.push(target),
        }
    }

    /// `this.x = x` for a parameter property.
    fn param_property(&mut self, target: PatId) -> Option<ExprId> {
        let (var, span) = self.b.var_of_pat(target)?;
        let name = self.b.name_of_pat(target)?;
        let this = self.b.expr(Expr::This, span);
        Some(self.assign_member(this, name, var, span))
    }

    /// `object.name = var`, made up.
    pub(super) fn assign_member(
        &mut self,
        object: ExprId,
        name: Name,
        var: Var,
        span: Span,
    ) -> ExprId {
        let kind = Expr::Member {
            object,
            key: Key::Name(name),
            key_span: span,
            optional: false,
        };
        let member = self.b.expr(kind, span);
        let target = self.b.pat(Pat::Member(member), span);
        let value = self.b.expr(Expr::Var(var), span);
        self.b.expr(Expr::Assign(target, value), span)
    }

    /// The method at the cursor.
    pub(super) fn method(&mut self) -> Method {
        let (mut key, mut accessor, mut is_static) = (None, None, false);
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Name, _) => key = Some(self.key()),
                (F::None, K::Static) => is_static = true,
                (F::None, K::StaticGet) => (is_static, accessor) = (true, Some(K::Get)),
                (F::None, kind @ (K::Get | K::Set)) => accessor = Some(kind),
                (F::Decorator, _) => self.member_decorator(),
                _ => {}
            }
        });
        let key = key.unwrap_or(Key::Name(self.known.empty));
        let name = match key {
            Key::Name(name) | Key::Private(name) => Some(name),
            Key::Computed(_) => None,
        };
        let value = self.function(name);
        Method {
            key,
            value,
            accessor,
            is_static,
        }
    }

    /// A function declaration: first in its block.
    pub(super) fn function_declaration(&mut self, out: &mut super::stmt::Block) {
        let Some((name, span)) = self.name_child() else {
            let id = self.function(None);
            out.rest.push(Stmt::Expr(id));
            return;
        };
        let var = self.b.declare_function(name);
        if let Some(log) = &mut self.log {
            log.push(name);
        }
        let target = self.b.pat(Pat::Var(var), span);
        let value = self.function(Some(name));
        out.hoisted.push(Stmt::Declare(target, Some(value)));
    }

    /// The name in the head of a declaration.
    pub(super) fn name_child(&mut self) -> Option<(Name, Span)> {
        let mut found = None;
        each!(self, {
            if self.field() == F::Name && !self.span().is_empty() {
                found = Some((self.name_here(), self.span()));
            }
        });
        found
    }
}

#[derive(Default)]
struct Params {
    list: Vec<PatId>,
    rest: Option<PatId>,
    /// `this.x = x` of parameter properties.
    properties: Vec<ExprId>,
}
