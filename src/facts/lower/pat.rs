//! Patterns: what declarations, parameters and assignments bind.

use super::kinds::{F, K};
use super::{Lowerer, MAX_DEPTH, each};
use crate::facts::ir::{Expr, Key, Pat, PatId};
use crate::facts::names::Name;

/// What a pattern does with the names in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Declares them in the function.
    Var,
    /// Declares them in the block.
    Lexical,
    /// Assigns to what exists.
    Assign,
}

impl Lowerer<'_, '_> {
    /// The pattern at the cursor.
    pub(super) fn pat(&mut self, mode: Mode) -> PatId {
        let span = self.span();
        if self.depth >= MAX_DEPTH {
            self.note("too-deep");
            return self.b.pat(Pat::Ignore, span);
        }
        self.depth += 1;
        let id = match self.kind() {
            K::Identifier | K::ShorthandPattern | K::ShorthandProperty if !span.is_empty() => {
                self.bind(mode)
            }
            K::Object | K::ObjectPattern => self.object_pat(mode),
            K::Array | K::ArrayPattern => self.array_pat(mode),
            K::AssignmentPattern | K::ObjectAssignmentPattern | K::Assignment => {
                self.default_pat(mode).1
            }
            K::Parenthesized
            | K::NonNull
            | K::AsExpression
            | K::Satisfies
            | K::TypeAssertion
            | K::RestPattern
            | K::SpreadElement => self.inner_pat(mode),
            K::Member | K::Subscript | K::Call => {
                let member = self.expr();
                let kind = match self.b.node(member).kind {
                    Expr::Member { .. } => Pat::Member(member),
                    _ => Pat::Ignore,
                };
                self.b.pat(kind, span)
            }
            _ => self.b.pat(Pat::Ignore, span),
        };
        self.depth -= 1;
        id
    }

    /// The name at the cursor, declared or assigned.
    pub(super) fn bind(&mut self, mode: Mode) -> PatId {
        let (name, span) = (self.name_here(), self.span());
        if mode == Mode::Assign {
            return self.b.target(name, span);
        }
        if let Some(log) = &mut self.log {
            log.push(name);
        }
        let var = self.b.declare(name, mode == Mode::Var);
        self.b.pat(Pat::Var(var), span)
    }

    fn inner_pat(&mut self, mode: Mode) -> PatId {
        let span = self.span();
        let mut found = None;
        each!(self, {
            let kind = self.kind();
            if found.is_none() && (super::expr::is_expression(kind) || is_pattern(kind)) {
                found = Some(self.pat(mode));
            }
        });
        found.unwrap_or_else(|| self.b.pat(Pat::Ignore, span))
    }

    /// `left = default`; also the key that a shorthand stands for.
    fn default_pat(&mut self, mode: Mode) -> (Option<Name>, PatId) {
        let span = self.span();
        let (mut name, mut target, mut value) = (None, None, None);
        each!(self, {
            match self.field() {
                F::Left => {
                    if matches!(self.kind(), K::ShorthandPattern | K::Identifier) {
                        name = Some(self.name_here());
                    }
                    target = Some(self.pat(mode));
                }
                F::Right => {
                    self.hint = name;
                    value = Some(self.expr());
                }
                _ => self.stray(),
            }
        });
        let target = target.unwrap_or_else(|| self.b.pat(Pat::Ignore, span));
        match value {
            Some(value) => (name, self.b.pat(Pat::Default(target, value), span)),
            None => (name, target),
        }
    }

    #[inline(never)]
    fn object_pat(&mut self, mode: Mode) -> PatId {
        let span = self.span();
        let (mut props, mut rest) = (Vec::new(), None);
        each!(self, {
            match self.kind() {
                K::ShorthandPattern | K::ShorthandProperty => {
                    let key = Key::Name(self.name_here());
                    props.push((key, self.bind(mode)));
                }
                K::ObjectAssignmentPattern | K::AssignmentPattern => {
                    if let (Some(name), target) = self.default_pat(mode) {
                        props.push((Key::Name(name), target));
                    }
                }
                K::PairPattern | K::Pair => self.pair_pat(mode, &mut props),
                K::RestPattern | K::SpreadElement => rest = Some(self.inner_pat(mode)),
                _ => self.stray(),
            }
        });
        self.b.pat(Pat::Object { props, rest }, span)
    }

    fn pair_pat(&mut self, mode: Mode, props: &mut Vec<(Key, PatId)>) {
        let mut key = None;
        each!(self, {
            match self.field() {
                F::Key => key = Some(self.key()),
                F::Value => {
                    let target = self.pat(mode);
                    if let Some(key) = key.take() {
                        props.push((key, target));
                    }
                }
                _ => self.stray(),
            }
        });
    }

    #[inline(never)]
    fn array_pat(&mut self, mode: Mode) -> PatId {
        let span = self.span();
        let (mut items, mut rest) = (Vec::new(), None);
        let mut after_comma = true;
        each!(self, {
            match self.kind() {
                K::Comma => {
                    if after_comma {
                        items.push(None);
                    }
                    after_comma = true;
                }
                K::RestPattern | K::SpreadElement => {
                    rest = Some(self.inner_pat(mode));
                    after_comma = false;
                }
                kind if super::expr::is_expression(kind) || is_pattern(kind) => {
                    items.push(Some(self.pat(mode)));
                    after_comma = false;
                }
                _ => self.stray(),
            }
        });
        self.b.pat(Pat::Array { items, rest }, span)
    }

    /// The name that a function assigned to this target takes.
    pub(super) fn name_of_pat(&self, id: PatId) -> Option<Name> {
        self.b.name_of_pat(id)
    }
}

/// Whether nodes of this kind are patterns (and no expressions).
pub(super) fn is_pattern(kind: K) -> bool {
    matches!(
        kind,
        K::ObjectPattern
            | K::ArrayPattern
            | K::AssignmentPattern
            | K::ObjectAssignmentPattern
            | K::ShorthandPattern
            | K::RestPattern
    )
}
