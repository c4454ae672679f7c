//! Classes.

use super::kinds::{F, K};
use super::{Lowerer, each, expr};
use crate::facts::ir::{Class, Expr, ExprId, Key, Pat, Prop, Stmt};
use crate::facts::names::Name;

impl Lowerer<'_, '_> {
    /// A class declaration.
    pub(super) fn class_declaration(&mut self, out: &mut super::stmt::Block) {
        let named = self.name_child();
        let Some((name, span)) = named else {
            let id = self.class(None);
            out.rest.push(Stmt::Expr(id));
            return;
        };
        let var = self.b.declare(name, false);
        if let Some(log) = &mut self.log {
            log.push(name);
        }
        let target = self.b.pat(Pat::Var(var), span);
        let value = self.class(Some(name));
        out.rest.push(Stmt::Declare(target, Some(value)));
    }

    /// The class at the cursor as an expression.
    #[inline(never)]
    pub(super) fn class(&mut self, hint: Option<Name>) -> ExprId {
        let span = self.span();
        let log = self.log.take();
        let is_expression = self.kind() == K::Class;
        let outer = self.b.open_block();
        let mut own = None;
        let mut class = Class {
            name: hint,
            parent: None,
            constructor: None,
            methods: Vec::new(),
            fields: Vec::new(),
            statics: Vec::new(),
            static_blocks: Vec::new(),
            decorators: std::mem::take(&mut self.decorators),
            span,
        };
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Decorator, _) | (_, K::Decorator) => {
                    class.decorators.push(self.only_expression())
                }
                (F::Name, _) if !self.span().is_empty() => {
                    let (name, at) = (self.name_here(), self.span());
                    class.name = Some(name);
                    if is_expression {
                        let var = self.b.declare(name, false);
                        own = Some(self.b.pat(Pat::Var(var), at));
                    }
                }
                (_, K::ClassHeritage) => class.parent = self.heritage(),
                (_, K::ClassBody) => self.class_body(&mut class),
                _ => self.stray(),
            }
        });
        self.b.scope = outer;
        self.log = log;
        self.b.classes.push(class);
        let id = self.b.classes.len() as u32 - 1;
        let value = self.b.expr(Expr::Class(id), span);
        match own {
            // The class's own name inside itself.
            Some(own) => self.b.expr(Expr::Assign(own, value), span),
            None => value,
        }
    }

    fn heritage(&mut self) -> Option<ExprId> {
        let mut parent = None;
        each!(self, {
            match self.kind() {
                K::ExtendsClause => each!(self, {
                    if self.field() == F::Value && parent.is_none() {
                        parent = Some(self.expr());
                    }
                }),
                kind if expr::is_expression(kind) => parent = Some(self.expr()),
                K::ImplementsClause => {}
                _ => self.stray(),
            }
        });
        parent
    }

    fn class_body(&mut self, class: &mut Class) {
        each!(self, {
            let span = self.span();
            match self.kind() {
                K::MethodDefinition => {
                    let method = self.method();
                    let is_constructor =
                        !method.is_static && method.key == Key::Name(self.known.constructor);
                    if is_constructor {
                        class.constructor = Some(method.value);
                    } else if method.is_static {
                        class.statics.push(method.into_prop(span));
                    } else {
                        class.methods.push(method.into_prop(span));
                    }
                }
                K::FieldDefinition | K::PublicField => self.field_definition(class),
                K::ClassStaticBlock => each!(self, {
                    if self.kind() == K::StatementBlock {
                        let body = self.body();
                        class.static_blocks.push(Stmt::Block(body));
                    }
                }),
                K::Decorator => self.member_decorator(),
                K::Pair => self.property(&mut class.fields),
                _ => self.stray(),
            }
        });
        class.static_blocks.append(&mut self.b.side);
    }

    #[inline(never)]
    fn field_definition(&mut self, class: &mut Class) {
        let span = self.span();
        let (mut key, mut value) = (None, None);
        let (mut is_static, mut is_declared) = (false, false);
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Name | F::Property, _) => key = Some(self.key()),
                (F::Value, _) => {
                    if let Some(Key::Name(name) | Key::Private(name)) = key {
                        self.hint = Some(name);
                    }
                    value = Some(self.expr());
                }
                (F::Decorator, _) => self.member_decorator(),
                (_, K::Static) => is_static = true,
                (_, K::Declare | K::Abstract) => is_declared = true,
                _ => self.stray(),
            }
        });
        let Some(key) = key.filter(|_| !is_declared) else {
            return;
        };
        let value = value.unwrap_or_else(|| self.b.expr(Expr::Undefined, span));
        let list = if is_static {
            &mut class.statics
        } else {
            &mut class.fields
        };
        list.push(Prop::Value(key, value, span));
    }

    /// A decorator of a member: evaluated with the class, otherwise without meaning here.
    pub(super) fn member_decorator(&mut self) {
        let id = self.only_expression();
        self.b.side.push(Stmt::Expr(id));
    }
}
