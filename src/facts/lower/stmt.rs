//! Statements.

use super::kinds::{F, K};
use super::pat::Mode;
use super::{Lowerer, MAX_DEPTH, each, expr};
use crate::facts::ir::{Expr, ExprId, PatId, Stmt};
use crate::text::Span;

/// Longer `else if` chains are laid flat.
const LONG_ELSE: usize = 16;

/// Statements of a block in progress.
#[derive(Default)]
pub(super) struct Block {
    /// Function declarations.
    pub(super) hoisted: Vec<Stmt>,
    /// Everything else.
    pub(super) rest: Vec<Stmt>,
}

impl Block {
    /// The statements, hoisted ones first.
    pub(super) fn finish(mut self) -> Vec<Stmt> {
        self.hoisted.append(&mut self.rest);
        self.hoisted.shrink_to_fit();
        self.hoisted
    }
}

impl Lowerer<'_, '_> {
    /// The top level, as far as it lies in `block`.
    pub(super) fn program(&mut self, block: Span) -> Vec<Stmt> {
        let mut out = Block::default();
        each!(self, {
            let node = self.cur.node();
            if node.end_byte() as u32 > block.start && (node.start_byte() as u32) < block.end {
                self.stmt(&mut out);
            }
        });
        out.finish()
    }

    /// All statements among the node's children, in the scope at hand.
    pub(super) fn stmts(&mut self) -> Vec<Stmt> {
        let mut out = Block::default();
        each!(self, {
            self.stmt(&mut out);
        });
        out.finish()
    }

    /// The statement at the cursor as the body of another one, in a scope of its own.
    pub(super) fn body(&mut self) -> Vec<Stmt> {
        let outer = self.b.open_block();
        let body = if self.kind() == K::StatementBlock {
            self.stmts()
        } else {
            let mut out = Block::default();
            self.stmt(&mut out);
            out.finish()
        };
        self.b.scope = outer;
        body
    }

    /// Puts what error nodes held before the statement that was being read.
    pub(super) fn flush_side(&mut self, out: &mut Block, mark: usize) {
        if !self.b.side.is_empty() {
            let side = std::mem::take(&mut self.b.side);
            let mark = mark.min(out.rest.len());
            out.rest.splice(mark..mark, side);
        }
    }

    /// The statement at the cursor.
    pub(super) fn stmt(&mut self, out: &mut Block) {
        if self.depth >= MAX_DEPTH {
            if self.cur.node().is_named() {
                let id = self.too_deep();
                out.rest.push(Stmt::Expr(id));
            }
            return;
        }
        self.depth += 1;
        let mark = out.rest.len();
        self.stmt_inner(out);
        self.flush_side(out, mark);
        self.depth -= 1;
    }

    fn stmt_inner(&mut self, out: &mut Block) {
        match self.kind() {
            K::ExpressionStatement => self.expression_statement(out),
            K::VariableDeclaration => self.declaration(Mode::Var, out),
            K::LexicalDeclaration | K::UsingDeclaration => self.declaration(Mode::Lexical, out),
            K::FunctionDeclaration | K::GeneratorDeclaration => self.function_declaration(out),
            K::ClassDeclaration | K::AbstractClass => self.class_declaration(out),
            K::StatementBlock => {
                let body = self.body();
                out.rest.push(Stmt::Block(body));
            }
            K::IfStatement => self.if_statement(out),
            K::ForStatement => self.for_statement(out),
            K::ForInStatement => self.for_in(out),
            K::WhileStatement | K::DoStatement => self.while_statement(out),
            K::SwitchStatement => self.switch(out),
            K::TryStatement => self.try_statement(out),
            K::ReturnStatement => {
                let span = self.span();
                let value = self.expressions().into_iter().next_back();
                out.rest.push(Stmt::Return(value, span));
            }
            K::ThrowStatement => {
                let value = self.only_expression();
                out.rest.push(Stmt::Throw(value));
            }
            K::BreakStatement => {
                let label = self.label();
                out.rest.push(Stmt::Break(label));
            }
            K::ContinueStatement => {
                let label = self.label();
                out.rest.push(Stmt::Continue(label));
            }
            K::LabeledStatement => self.labeled(out),
            K::WithStatement => self.with(out),
            K::ImportStatement => self.import(out),
            K::ExportStatement => self.export(out),
            K::ImportAlias => self.import_alias(out),
            K::EnumDeclaration => self.enumeration(out),
            K::InternalModule | K::Module => self.namespace(out),
            K::Error => self.error(out),
            kind if expr::is_expression(kind) => {
                let id = self.expr();
                out.rest.push(Stmt::Expr(id));
            }
            _ => {}
        }
    }

    fn expression_statement(&mut self, out: &mut Block) {
        each!(self, {
            match self.kind() {
                K::InternalModule => self.namespace(out),
                kind if expr::is_expression(kind) => {
                    let id = self.expr();
                    out.rest.push(Stmt::Expr(id));
                }
                _ => self.stray(),
            }
        });
    }

    /// The parts of an error node: statements and expressions in it are kept, properties and methods become an object.
    pub(super) fn error(&mut self, out: &mut Block) {
        if self.depth >= MAX_DEPTH {
            self.note("too-deep");
            return;
        }
        self.depth += 1;
        let span = self.span();
        let mut props = Vec::new();
        let mut last: Option<ExprId> = None;
        let mut callee: Option<ExprId> = None;
        each!(self, {
            match self.kind() {
                K::Pair | K::MethodDefinition | K::SpreadElement => self.property(&mut props),
                // `Name({ …` that is not closed yet still is a call with an object.
                K::Paren => callee = last.take(),
                K::Brace | K::Comma => {}
                kind if expr::is_expression(kind) => {
                    let id = self.expr();
                    if let Some(before) = last.replace(id) {
                        out.rest.push(Stmt::Expr(before));
                    }
                }
                K::FormalParameters | K::Comment => {}
                K::VariableDeclarator => {
                    self.declarator(Mode::Lexical, out);
                }
                _ => {
                    out.rest.extend(last.take().map(Stmt::Expr));
                    self.stmt(out);
                }
            }
        });
        out.rest.extend(last.take().map(Stmt::Expr));
        self.depth -= 1;
        if props.is_empty() {
            out.rest.extend(callee.map(Stmt::Expr));
            return;
        }
        let object = self.b.expr(Expr::Object(props.into()), span);
        let id = match callee {
            Some(callee) => {
                let args = vec![crate::facts::ir::Item::One(object)];
                self.b.expr(
                    Expr::Call {
                        callee,
                        args: args.into(),
                        optional: false,
                    },
                    span,
                )
            }
            None => self.b.expr(Expr::Opaque(Box::new([object])), span),
        };
        out.rest.push(Stmt::Expr(id));
    }

    /// `var`, `let`, `const`, `using`.
    pub(super) fn declaration(&mut self, mode: Mode, out: &mut Block) {
        each!(self, {
            match self.kind() {
                K::VariableDeclarator => self.declarator(mode, out),
                _ => self.stray(),
            }
        });
    }

    #[inline(never)]
    fn declarator(&mut self, mode: Mode, out: &mut Block) {
        let (mut target, mut value): (Option<PatId>, Option<ExprId>) = (None, None);
        each!(self, {
            match self.field() {
                F::Name => target = Some(self.pat(mode)),
                F::Value => {
                    self.hint = target.and_then(|t| self.name_of_pat(t));
                    let log = self.log.take();
                    value = Some(self.expr());
                    self.log = log;
                }
                _ => self.stray(),
            }
        });
        match (target, value) {
            (Some(target), value) => out.rest.push(Stmt::Declare(target, value)),
            (None, Some(value)) => out.rest.push(Stmt::Expr(value)),
            (None, None) => {}
        }
    }

    /// An `if` with all its `else if`s.
    #[inline(never)]
    fn if_statement(&mut self, out: &mut Block) {
        let mut arms: Vec<(ExprId, Vec<Stmt>)> = Vec::new();
        let mut last = Vec::new();
        let mut levels = 0usize;
        self.depth += LONG_ELSE as u32;
        while self.cur.goto_first_child() {
            levels += 1;
            let span = self.span();
            let (mut test, mut body, mut again) = (None, Vec::new(), false);
            loop {
                match (self.field(), self.kind()) {
                    (F::Condition, _) => test = Some(self.expr()),
                    (F::Consequence, _) => body = self.body(),
                    (_, K::ElseClause) => again = self.else_clause(&mut last),
                    _ => self.stray(),
                }
                if again || !self.cur.goto_next_sibling() {
                    break;
                }
            }
            let test = test.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
            arms.push((test, body));
            if !again {
                break;
            }
            levels += 1;
        }
        for _ in 0..levels {
            self.cur.goto_parent();
        }
        self.depth -= LONG_ELSE as u32;
        let mut rest = last;
        if arms.len() > LONG_ELSE {
            // Too many to nest: the rest are tried one after the other, as if each could be taken.
            let flat = arms
                .split_off(LONG_ELSE)
                .into_iter()
                .map(|(test, body)| Stmt::If(test, body, Vec::new()));
            rest = flat.chain(rest).collect();
        }
        for (test, body) in arms.into_iter().rev() {
            rest = vec![Stmt::If(test, body, rest)];
        }
        out.rest.append(&mut rest);
    }

    /// An `else`: stays on an `if` that follows and says true, or lowers its body.
    fn else_clause(&mut self, last: &mut Vec<Stmt>) -> bool {
        if !self.cur.goto_first_child() {
            return false;
        }
        loop {
            match self.kind() {
                K::IfStatement => return true,
                K::Token | K::Comment | K::HtmlComment => {}
                K::Error => self.stray(),
                _ => last.append(&mut self.body()),
            }
            if !self.cur.goto_next_sibling() {
                self.cur.goto_parent();
                return false;
            }
        }
    }

    #[inline(never)]
    fn for_statement(&mut self, out: &mut Block) {
        let outer = self.b.open_block();
        let mut init = Block::default();
        let (mut test, mut update, mut body) = (None, None, Vec::new());
        each!(self, {
            match self.field() {
                F::Initializer => self.stmt(&mut init),
                F::Condition if expr::is_expression(self.kind()) => test = Some(self.expr()),
                F::Condition if self.kind() == K::ExpressionStatement => {
                    test = Some(self.only_expression())
                }
                F::Increment => update = Some(self.expr()),
                F::Body => body = self.body(),
                _ => self.stray(),
            }
        });
        self.b.scope = outer;
        let mut block = init.finish();
        let body = Stmt::Loop {
            test,
            body,
            update,
            at_least_once: false,
        };
        if block.is_empty() {
            out.rest.push(body);
        } else {
            block.push(body);
            out.rest.push(Stmt::Block(block));
        }
    }

    #[inline(never)]
    fn for_in(&mut self, out: &mut Block) {
        let span = self.span();
        let outer = self.b.open_block();
        let (mut mode, mut is_of) = (Mode::Assign, false);
        let (mut target, mut over, mut body) = (None, None, Vec::new());
        each!(self, {
            match self.field() {
                F::Kind => {
                    mode = if self.kind() == K::Var {
                        Mode::Var
                    } else {
                        Mode::Lexical
                    }
                }
                F::Left => target = Some(self.pat(mode)),
                F::Operator => is_of = self.kind() == K::Of,
                F::Right => over = Some(self.expr()),
                F::Body => body = self.body(),
                F::Value => {
                    let id = self.expr();
                    self.b.side.push(Stmt::Expr(id));
                }
                _ => self.stray(),
            }
        });
        self.b.scope = outer;
        let target = target.unwrap_or_else(|| self.b.pat(crate::facts::ir::Pat::Ignore, span));
        let over = over.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
        out.rest.push(if is_of {
            Stmt::ForOf(target, over, body)
        } else {
            Stmt::ForIn(target, over, body)
        });
    }

    fn while_statement(&mut self, out: &mut Block) {
        let at_least_once = self.kind() == K::DoStatement;
        let (mut test, mut body) = (None, Vec::new());
        each!(self, {
            match self.field() {
                F::Condition => test = Some(self.expr()),
                F::Body => body = self.body(),
                _ => self.stray(),
            }
        });
        out.rest.push(Stmt::Loop {
            test,
            body,
            update: None,
            at_least_once,
        });
    }

    #[inline(never)]
    fn switch(&mut self, out: &mut Block) {
        let span = self.span();
        let (mut value, mut cases) = (None, Vec::new());
        each!(self, {
            match self.kind() {
                K::SwitchBody => {
                    let outer = self.b.open_block();
                    each!(self, {
                        match self.kind() {
                            K::SwitchCase | K::SwitchDefault => cases.push(self.case()),
                            _ => self.stray(),
                        }
                    });
                    self.b.scope = outer;
                }
                kind if expr::is_expression(kind) => value = Some(self.expr()),
                _ => self.stray(),
            }
        });
        let value = value.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
        out.rest.push(Stmt::Switch(value, cases));
    }

    fn case(&mut self) -> (Option<ExprId>, Vec<Stmt>) {
        let mut test = None;
        let mut out = Block::default();
        each!(self, {
            match self.field() {
                F::Value => test = Some(self.expr()),
                _ => self.stmt(&mut out),
            }
        });
        (test, out.finish())
    }

    #[inline(never)]
    fn try_statement(&mut self, out: &mut Block) {
        let (mut body, mut handler, mut finalizer) = (Vec::new(), None, Vec::new());
        each!(self, {
            match self.kind() {
                K::StatementBlock => body = self.body(),
                K::CatchClause => {
                    let outer = self.b.open_block();
                    let (mut param, mut caught) = (None, Vec::new());
                    each!(self, {
                        match self.field() {
                            F::Parameter => param = Some(self.pat(Mode::Lexical)),
                            F::Body => caught = self.body(),
                            _ => self.stray(),
                        }
                    });
                    self.b.scope = outer;
                    handler = Some((param, caught));
                }
                K::FinallyClause => each!(self, {
                    match self.kind() {
                        K::StatementBlock => finalizer = self.body(),
                        _ => self.stray(),
                    }
                }),
                _ => self.stray(),
            }
        });
        out.rest.push(Stmt::Try {
            body,
            handler,
            finalizer,
        });
    }

    fn label(&mut self) -> Option<crate::facts::names::Name> {
        let mut label = None;
        each!(self, {
            if self.kind() == K::StatementIdentifier {
                label = Some(self.name_here());
            }
        });
        label
    }

    fn labeled(&mut self, out: &mut Block) {
        let (mut label, mut body) = (self.known.empty, Vec::new());
        each!(self, {
            match self.field() {
                F::Label => label = self.name_here(),
                F::Body => body = self.body(),
                _ => self.stray(),
            }
        });
        out.rest.push(Stmt::Labeled(label, body));
    }

    fn with(&mut self, out: &mut Block) {
        each!(self, {
            match self.field() {
                F::Object => {
                    let id = self.expr();
                    out.rest.push(Stmt::Expr(id));
                }
                F::Body => {
                    let body = self.body();
                    out.rest.push(Stmt::Block(body));
                }
                _ => self.stray(),
            }
        });
    }
}
