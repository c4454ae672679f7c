//! Expressions.

use super::kinds::{F, K};
use super::pat::Mode;
use super::{Lowerer, MAX_DEPTH, each};
use crate::facts::ir::{
    Binary, Expr, ExprId, Item, Key, Logical, Prop, TaggedTemplate, Unary, Var,
};
use crate::text::Span;

/// Chains of operators longer than this are flattened or balanced.
const LONG_CHAIN: usize = 16;

/// An operator between two values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Op {
    Binary(Binary),
    Logical(Logical),
}

/// What stands at the beginning of a chain of members and calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Value,
    /// `import(…)`.
    Import,
    /// `await (…)…`, where `await` comes as a name.
    Await,
    /// `await f…`, where it comes as an operator that binds too closely.
    Awaited,
}

fn operator(text: &str) -> Op {
    match text {
        "+" => Op::Binary(Binary::Add),
        "===" | "==" => Op::Binary(Binary::Equal),
        "!==" | "!=" => Op::Binary(Binary::NotEqual),
        "<" | ">" | "<=" | ">=" | "in" | "instanceof" => Op::Binary(Binary::Compare),
        "&&" => Op::Logical(Logical::And),
        "||" => Op::Logical(Logical::Or),
        "??" => Op::Logical(Logical::Nullish),
        _ => Op::Binary(Binary::Arith),
    }
}

/// Whether nodes of this kind are expressions.
pub(super) fn is_expression(kind: K) -> bool {
    use K::*;
    matches!(
        kind,
        Identifier
            | Undefined
            | This
            | Super
            | Number
            | String
            | TemplateString
            | Regex
            | True
            | False
            | Null
            | Object
            | Array
            | MetaProperty
            | Call
            | New
            | Await
            | Yield
            | Member
            | Subscript
            | Assignment
            | Augmented
            | Ternary
            | Binary
            | Unary
            | Update
            | Sequence
            | Parenthesized
            | AsExpression
            | Satisfies
            | NonNull
            | TypeAssertion
            | Instantiation
            | JsxElement
            | JsxSelfClosing
            | FunctionExpression
            | GeneratorFunction
            | ArrowFunction
            | Class
            | ShorthandProperty
    )
}

impl Lowerer<'_, '_> {
    /// The expression at the cursor.
    pub(super) fn expr(&mut self) -> ExprId {
        let hint = self.hint.take();
        if self.depth >= MAX_DEPTH {
            return self.too_deep();
        }
        self.depth += 1;
        let id = self.expr_inner(hint);
        self.depth -= 1;
        id
    }

    fn expr_inner(&mut self, hint: Option<crate::facts::names::Name>) -> ExprId {
        let span = self.span();
        match self.kind() {
            K::Identifier | K::ShorthandProperty => self.identifier(),
            K::Undefined => self.b.expr(Expr::Undefined, span),
            K::This => self.b.expr(Expr::This, span),
            K::Super => self.b.expr(Expr::Super, span),
            K::Null => self.b.expr(Expr::Null, span),
            K::True => self.b.expr(Expr::Bool(true), span),
            K::False => self.b.expr(Expr::Bool(false), span),
            K::Number => self.number(),
            K::String => self.string(),
            K::TemplateString => self.template(),
            K::Regex => {
                let name = self.name_as_written();
                self.b.expr(Expr::Regex(name), span)
            }
            K::Member | K::Subscript | K::Call | K::NonNull => self.chain(),
            K::Binary => self.binary(),
            K::Object | K::ObjectPattern => self.object(),
            K::Array | K::ArrayPattern => {
                let items = self.items();
                self.b.expr(Expr::Array(items.into()), span)
            }
            K::FunctionExpression
            | K::GeneratorFunction
            | K::ArrowFunction
            | K::FunctionDeclaration
            | K::GeneratorDeclaration
            | K::MethodDefinition => self.function(hint),
            K::Class | K::ClassDeclaration | K::AbstractClass => self.class(hint),
            K::Parenthesized
            | K::AsExpression
            | K::Satisfies
            | K::Instantiation
            | K::TypeAssertion
            | K::JsxExpression => {
                self.hint = hint;
                self.only_expression()
            }
            K::Assignment => self.assignment(),
            K::Augmented => self.augmented(),
            K::Ternary => self.ternary(),
            K::Unary => self.unary(),
            K::Update => self.update(),
            K::New => self.new_expression(),
            K::Await => {
                let id = self.only_expression();
                self.b.expr(Expr::Await(id), span)
            }
            K::Yield => self.yield_expression(),
            K::Sequence => {
                let parts = self.expressions();
                self.b.expr(Expr::Seq(parts.into()), span)
            }
            K::MetaProperty if self.slice().starts_with("import") => {
                let name = self.names.intern("import.meta");
                self.b.expr(Expr::Var(Var::Free(name)), span)
            }
            K::JsxElement | K::JsxSelfClosing => self.element(),
            _ => {
                let parts = self.expressions();
                self.b.expr(Expr::Opaque(parts.into()), span)
            }
        }
    }

    fn name_as_written(&self) -> crate::facts::names::Name {
        self.names.intern(super::text::clip(self.slice()))
    }

    fn identifier(&mut self) -> ExprId {
        let span = self.span();
        if span.is_empty() {
            return self.b.expr(Expr::Opaque(Box::default()), span);
        }
        let name = self.name_here();
        self.b.var(name, span)
    }

    /// All expressions among the node's children.
    pub(super) fn expressions(&mut self) -> Vec<ExprId> {
        let mut parts = Vec::new();
        each!(self, {
            if is_expression(self.kind()) {
                parts.push(self.expr());
            } else {
                self.stray();
            }
        });
        parts
    }

    /// Moves to the first child that is an operand; false if there is none (then the cursor has not moved).
    fn first_operand(&mut self) -> bool {
        if !self.cur.goto_first_child() {
            return false;
        }
        loop {
            let kind = self.kind();
            if is_expression(kind) || matches!(kind, K::Import | K::PrivateProperty) {
                return true;
            }
            self.stray();
            if !self.cur.goto_next_sibling() {
                self.cur.goto_parent();
                return false;
            }
        }
    }

    /// Member accesses, calls and `!` behind one another, innermost first.
    #[inline(never)]
    fn chain(&mut self) -> ExprId {
        let mut levels = 0u32;
        while matches!(self.kind(), K::Member | K::Subscript | K::Call | K::NonNull)
            && self.depth < MAX_DEPTH
            && self.first_operand()
        {
            levels += 1;
            self.depth += 1;
        }
        let span = self.span();
        if levels == 0 && self.depth >= MAX_DEPTH {
            return self.too_deep();
        }
        if levels == 0 {
            return self.b.expr(Expr::Opaque(Box::default()), span);
        }
        let mut start = match self.kind() {
            K::Import => Start::Import,
            // The grammar takes `await (f)()` for a call of what a function `await` returns.
            K::Identifier if self.slice() == "await" => Start::Await,
            // … and `await f<T>()` for a call of what is awaited, unlike `(await f)<T>()`.
            K::Await => Start::Awaited,
            _ => Start::Value,
        };
        let is_chain = matches!(self.kind(), K::Member | K::Subscript | K::Call | K::NonNull);
        let is_awaited = matches!(start, Start::Await | Start::Awaited);
        let mut value = if start == Start::Import {
            let name = self.names.intern("import");
            self.b.expr(Expr::Var(Var::Free(name)), span)
        } else if is_chain && self.depth < MAX_DEPTH {
            self.b.expr(Expr::Opaque(Box::default()), span)
        } else if start == Start::Awaited {
            self.only_expression()
        } else if is_awaited {
            self.b.expr(Expr::Opaque(Box::default()), span)
        } else {
            self.expr()
        };
        for _ in 0..levels {
            value = self.link(value, start);
            start = Start::Value;
        }
        if is_awaited {
            let span = self.span();
            return self.b.expr(Expr::Await(value), span);
        }
        value
    }

    /// One link of a chain; the cursor stands on the object or callee and ends up on the link's node.
    #[inline(never)]
    fn link(&mut self, value: ExprId, start: Start) -> ExprId {
        let (mut key, mut args, mut tagged) = (None, None, None);
        let (mut optional, mut in_brackets) = (false, false);
        while self.cur.goto_next_sibling() {
            match self.kind() {
                K::OptionalChain | K::OptionalToken => optional = true,
                K::Bracket => in_brackets = true,
                K::PropertyIdentifier | K::PrivateProperty => key = Some((self.key(), self.span())),
                kind if in_brackets && is_expression(kind) => {
                    let span = self.span();
                    let id = self.expr();
                    key = Some((self.key_of(id), span));
                }
                K::Arguments => args = Some(self.items()),
                K::TemplateString => tagged = Some(self.template_parts()),
                _ => self.stray(),
            }
        }
        self.cur.goto_parent();
        self.depth -= 1;
        let span = self.span();
        if let Some((texts, values)) = tagged {
            return self.b.expr(
                Expr::Tagged(Box::new(TaggedTemplate {
                    tag: value,
                    texts,
                    values,
                })),
                span,
            );
        }
        match (self.kind(), key, args) {
            (K::NonNull, ..) => value,
            (K::Call, _, Some(args)) if start == Start::Import => match args.first() {
                Some(&Item::One(path)) => self.b.expr(Expr::DynamicImport(path), span),
                _ => self.b.expr(Expr::Opaque(Box::default()), span),
            },
            (K::Call, _, Some(args)) if start == Start::Await => match args.last() {
                Some(&Item::One(operand)) => operand,
                _ => self.b.expr(Expr::Opaque(Box::default()), span),
            },
            (K::Call, _, args) => self.b.expr(
                Expr::Call {
                    callee: value,
                    args: args.unwrap_or_default().into(),
                    optional,
                },
                span,
            ),
            (_, Some((key, key_span)), _) => self.b.expr(
                Expr::Member {
                    object: value,
                    key,
                    key_span,
                    optional,
                },
                span,
            ),
            _ => self.b.expr(Expr::Opaque(Box::new([value])), span),
        }
    }

    /// Elements of an array or arguments of a call.
    pub(super) fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        let mut after_comma = true;
        let is_array = self.kind() != K::Arguments;
        each!(self, {
            match self.kind() {
                K::Comma => {
                    if after_comma && is_array {
                        items.push(Item::Hole);
                    }
                    after_comma = true;
                }
                K::SpreadElement | K::RestPattern => {
                    items.push(Item::Spread(self.only_expression()));
                    after_comma = false;
                }
                kind if is_expression(kind)
                    || matches!(kind, K::ObjectPattern | K::ArrayPattern) =>
                {
                    items.push(Item::One(self.expr()));
                    after_comma = false;
                }
                _ => self.stray(),
            }
        });
        items
    }

    #[inline(never)]
    fn object(&mut self) -> ExprId {
        let span = self.span();
        let mut props = Vec::new();
        each!(self, {
            self.property(&mut props);
        });
        self.b.expr(Expr::Object(props.into()), span)
    }

    /// One property of an object literal.
    pub(super) fn property(&mut self, props: &mut Vec<Prop>) {
        let span = self.span();
        match self.kind() {
            K::Pair | K::PairPattern => {
                if let Some(prop) = self.pair(span) {
                    props.push(prop);
                }
            }
            K::ShorthandProperty | K::ShorthandPattern => {
                let name = self.name_here();
                let id = self.b.var(name, span);
                props.push(Prop::Value(Key::Name(name), id, span));
            }
            K::SpreadElement | K::RestPattern => {
                let id = self.only_expression();
                props.push(Prop::Spread(id, span));
            }
            K::MethodDefinition => {
                let method = self.method();
                props.push(method.into_prop(span));
            }
            _ => self.stray(),
        }
    }

    fn pair(&mut self, span: Span) -> Option<Prop> {
        let (mut key, mut value) = (None, None);
        each!(self, {
            match self.field() {
                F::Key => key = Some(self.key()),
                F::Value => {
                    if let Some(Key::Name(name)) = key {
                        self.hint = Some(name);
                    }
                    value = Some(self.expr());
                }
                _ => self.stray(),
            }
        });
        let key = key?;
        let value = value.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
        Some(Prop::Value(key, value, span))
    }

    #[inline(never)]
    fn assignment(&mut self) -> ExprId {
        let span = self.span();
        let (mut target, mut value) = (None, None);
        each!(self, {
            match self.field() {
                F::Left => target = Some(self.pat(Mode::Assign)),
                F::Right => {
                    self.hint = target.and_then(|t| self.name_of_pat(t));
                    value = Some(self.expr());
                }
                _ => self.stray(),
            }
        });
        match (target, value) {
            (Some(target), Some(value)) => self.b.expr(Expr::Assign(target, value), span),
            (_, value) => self.b.expr(Expr::Opaque(value.into_iter().collect()), span),
        }
    }

    #[inline(never)]
    fn augmented(&mut self) -> ExprId {
        let span = self.span();
        let (mut target, mut value, mut op) = (None, None, Op::Binary(Binary::Arith));
        each!(self, {
            match self.field() {
                F::Left => target = Some(self.pat(Mode::Assign)),
                F::Operator => op = operator(self.slice().trim_end_matches('=')),
                F::Right => value = Some(self.expr()),
                _ => self.stray(),
            }
        });
        let (Some(target), Some(value)) = (target, value) else {
            return self.b.expr(Expr::Opaque(value.into_iter().collect()), span);
        };
        let kind = match op {
            Op::Binary(op) => Expr::AssignBinary(target, op, value),
            Op::Logical(op) => Expr::AssignLogical(target, op, value),
        };
        self.b.expr(kind, span)
    }

    #[inline(never)]
    fn unary(&mut self) -> ExprId {
        let span = self.span();
        let (mut op, mut value) = (Unary::Number, None);
        let mut is_minus = false;
        each!(self, {
            match self.field() {
                F::Operator => {
                    is_minus = self.slice() == "-";
                    op = match self.slice() {
                        "!" => Unary::Not,
                        "typeof" => Unary::Typeof,
                        "void" => Unary::Void,
                        "delete" => Unary::Delete,
                        _ => Unary::Number,
                    }
                }
                F::Argument => value = Some(self.expr()),
                _ => self.stray(),
            }
        });
        match value {
            Some(value) => {
                // A constant below zero is a constant.
                if let Expr::Num(number) = self.b.node(value).kind
                    && is_minus
                {
                    let text = format!("-{}", self.names.text(number));
                    return self.b.expr(Expr::Num(self.names.intern(&text)), span);
                }
                self.b.expr(Expr::Unary(op, value), span)
            }
            None => self.b.expr(Expr::Opaque(Box::default()), span),
        }
    }

    fn update(&mut self) -> ExprId {
        let span = self.span();
        let mut target = None;
        each!(self, {
            match self.field() {
                F::Argument => target = Some(self.pat(Mode::Assign)),
                _ => self.stray(),
            }
        });
        match target {
            Some(target) => self.b.expr(Expr::Update(target), span),
            None => self.b.expr(Expr::Opaque(Box::default()), span),
        }
    }

    #[inline(never)]
    fn new_expression(&mut self) -> ExprId {
        let span = self.span();
        let (mut callee, mut args) = (None, Vec::new());
        each!(self, {
            match self.field() {
                F::Constructor => callee = Some(self.expr()),
                F::Arguments => args = self.items(),
                _ => self.stray(),
            }
        });
        match callee {
            Some(callee) => self.b.expr(
                Expr::New {
                    callee,
                    args: args.into(),
                },
                span,
            ),
            None => self.b.expr(Expr::Opaque(Box::default()), span),
        }
    }

    fn yield_expression(&mut self) -> ExprId {
        let span = self.span();
        let value = self.expressions().into_iter().next();
        self.b.expr(Expr::Yield(value), span)
    }

    /// A conditional, with the conditionals in its last branch.
    #[inline(never)]
    fn ternary(&mut self) -> ExprId {
        let mut arms: Vec<(ExprId, ExprId, Span)> = Vec::new();
        let mut levels = 0usize;
        let mut last = None;
        self.depth += LONG_CHAIN as u32;
        while self.cur.goto_first_child() {
            levels += 1;
            let (mut test, mut yes, mut again) = (None, None, false);
            let whole = self.span();
            loop {
                match self.field() {
                    F::Condition => test = Some(self.expr()),
                    F::Consequence => yes = Some(self.expr()),
                    F::Alternative if self.kind() == K::Ternary => again = true,
                    F::Alternative => last = Some(self.expr()),
                    _ => self.stray(),
                }
                if again || !self.cur.goto_next_sibling() {
                    break;
                }
            }
            let test = test.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), whole));
            let yes = yes.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), whole));
            arms.push((test, yes, whole));
            if !again {
                break;
            }
        }
        for _ in 0..levels {
            self.cur.goto_parent();
        }
        self.depth -= LONG_CHAIN as u32;
        let span = self.span();
        let last = last.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
        let to = span.end;
        for arm in &mut arms {
            let start = self.b.node(arm.0).span.start;
            arm.2 = Span::new(start, to);
        }
        if let Some(first) = arms.first_mut() {
            first.2 = span;
        }
        self.conditional(&arms, last)
    }

    fn conditional(&mut self, arms: &[(ExprId, ExprId, Span)], last: ExprId) -> ExprId {
        if arms.len() <= LONG_CHAIN {
            return arms.iter().rev().fold(last, |no, &(test, yes, span)| {
                self.b.expr(Expr::Cond(test, yes, no), span)
            });
        }
        // A table written as conditionals: which branch is taken is unknown anyway, so halves are joined.
        let (front, back) = arms.split_at(arms.len() / 2);
        let span = arms[0].2;
        let no = self.conditional(back, last);
        let nothing = self.b.expr(Expr::Opaque(Box::default()), span);
        let yes = self.conditional(front, nothing);
        let unknown = self.b.expr(Expr::Opaque(Box::default()), span);
        self.b.expr(Expr::Cond(unknown, yes, no), span)
    }

    /// A chain of binary operators, leaning left.
    #[inline(never)]
    fn binary(&mut self) -> ExprId {
        let mut levels = 0usize;
        while self.kind() == K::Binary && self.first_operand() {
            levels += 1;
        }
        if levels == 0 {
            let span = self.span();
            return self.b.expr(Expr::Opaque(Box::default()), span);
        }
        let cost = levels.min(LONG_CHAIN) as u32;
        self.depth += cost;
        let first = self.expr();
        let mut rest: Vec<(Op, ExprId, Span)> = Vec::with_capacity(levels);
        for _ in 0..levels {
            let (mut op, mut right) = (Op::Binary(Binary::Arith), None);
            while self.cur.goto_next_sibling() {
                match self.field() {
                    F::Operator => op = operator(self.slice()),
                    F::Right => right = Some(self.expr()),
                    _ => self.stray(),
                }
            }
            self.cur.goto_parent();
            let span = self.span();
            let right = right.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span));
            rest.push((op, right, span));
        }
        self.depth -= cost;
        if levels <= LONG_CHAIN {
            return rest.into_iter().fold(first, |left, (op, right, span)| {
                self.combine(op, left, right, span)
            });
        }
        self.long_chain(first, &rest)
    }

    fn combine(&mut self, op: Op, left: ExprId, right: ExprId, span: Span) -> ExprId {
        let constants = (&self.b.node(left).kind, &self.b.node(right).kind);
        if let (Op::Binary(Binary::Add), (&Expr::Str(a), &Expr::Str(b))) = (op, constants) {
            let joined = format!("{}{}", self.names.text(a), self.names.text(b));
            let name = self.names.intern(super::text::clip(&joined));
            return self.b.expr(Expr::Str(name), span);
        }
        let kind = match op {
            Op::Binary(op) => Expr::Binary(op, left, right),
            Op::Logical(op) => Expr::Logical(op, left, right),
        };
        self.b.expr(kind, span)
    }

    /// A chain too long to nest: sums become one concatenation, other operators a balanced tree.
    fn long_chain(&mut self, first: ExprId, rest: &[(Op, ExprId, Span)]) -> ExprId {
        let whole = rest[rest.len() - 1].2;
        let all = |f: fn(Op) -> bool| rest.iter().all(|r| f(r.0));
        let mut parts = vec![first];
        parts.extend(rest.iter().map(|r| r.1));
        if all(|op| op == Op::Binary(Binary::Arith))
            || (all(|op| matches!(op, Op::Logical(_))) && rest.iter().all(|r| r.0 == rest[0].0))
        {
            return self.balanced(rest[0].0, &parts);
        }
        if all(|op| matches!(op, Op::Binary(Binary::Add | Binary::Arith))) {
            let parts = self.join_constants(parts);
            if let [one] = parts[..] {
                return one;
            }
            return self.b.expr(Expr::Template(parts.into()), whole);
        }
        self.b.expr(Expr::Opaque(parts.into()), whole)
    }

    fn balanced(&mut self, op: Op, parts: &[ExprId]) -> ExprId {
        let &[first, .., last] = parts else {
            return parts[0];
        };
        let (front, back) = parts.split_at(parts.len() / 2);
        let (left, right) = (self.balanced(op, front), self.balanced(op, back));
        let span = Span::new(self.b.node(first).span.start, self.b.node(last).span.end);
        self.combine(op, left, right, span)
    }

    /// Joins neighbouring constants of a concatenation.
    fn join_constants(&mut self, parts: Vec<ExprId>) -> Vec<ExprId> {
        let mut out = Vec::new();
        let mut run: Vec<ExprId> = Vec::new();
        for id in parts.into_iter().map(Some).chain([None]) {
            match id {
                Some(id) if matches!(self.b.node(id).kind, Expr::Str(_)) => run.push(id),
                other => {
                    out.extend(self.joined(&run));
                    run.clear();
                    out.extend(other);
                }
            }
        }
        out
    }

    fn joined(&mut self, run: &[ExprId]) -> Option<ExprId> {
        let &[first, .., last] = run else {
            return run.first().copied();
        };
        let mut text = String::new();
        for &id in run {
            if let Expr::Str(name) = self.b.node(id).kind {
                text.push_str(&self.names.text(name));
            }
        }
        let span = Span::new(self.b.node(first).span.start, self.b.node(last).span.end);
        let name = self.names.intern(super::text::clip(&text));
        Some(self.b.expr(Expr::Str(name), span))
    }
}
