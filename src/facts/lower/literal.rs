//! Constants: strings, numbers, template literals, and property keys.

use super::kinds::K;
use super::{Lowerer, each, expr, text};
use crate::facts::ir::{Expr, ExprId, Key};
use crate::facts::names::Name;

impl Lowerer<'_, '_> {
    /// The value of the string node at the cursor.
    pub(super) fn string_value(&self) -> Name {
        let value = text::unescape(text::clip(text::unquoted(self.slice())));
        self.names.intern(&value)
    }

    /// A `string` node.
    pub(super) fn string(&mut self) -> ExprId {
        let (value, span) = (self.string_value(), self.span());
        self.b.expr(Expr::Str(value), span)
    }

    /// A `number` node.
    pub(super) fn number(&mut self) -> ExprId {
        let value = self.names.intern(text::clip(&text::number(self.slice())));
        let span = self.span();
        self.b.expr(Expr::Num(value), span)
    }

    /// A template literal as an expression.
    #[inline(never)]
    pub(super) fn template(&mut self) -> ExprId {
        let span = self.span();
        let (texts, values) = self.template_parts();
        if values.is_empty() {
            return texts[0];
        }
        let mut pieces = Vec::with_capacity(texts.len() + values.len());
        for (i, &piece) in texts.iter().enumerate() {
            if !matches!(self.b.node(piece).kind, Expr::Str(n) if n == self.known.empty) {
                pieces.push(piece);
            }
            pieces.extend(values.get(i));
        }
        self.b.expr(Expr::Template(pieces.into()), span)
    }

    /// The constant pieces and the values of a template literal; there is one piece more than values.
    pub(super) fn template_parts(&mut self) -> (Vec<ExprId>, Vec<ExprId>) {
        let node = self.cur.node();
        let end = if self.slice().len() > 1 && self.slice().ends_with('`') {
            node.end_byte() - 1
        } else {
            node.end_byte()
        };
        let mut from = node.start_byte() + 1;
        let (mut texts, mut values) = (Vec::new(), Vec::new());
        each!(self, {
            if self.kind() == K::TemplateSubstitution {
                let at = self.cur.node();
                texts.push(self.piece(from, at.start_byte()));
                from = at.end_byte();
                values.push(self.only_expression());
            } else {
                self.stray();
            }
        });
        texts.push(self.piece(from, end));
        (texts, values)
    }

    fn piece(&mut self, from: usize, to: usize) -> ExprId {
        let raw = self.text.get(from..to.max(from)).unwrap_or("");
        let value = self.names.intern(&text::unescape(text::clip(raw)));
        let span = self.b.relative(from, to);
        self.b.expr(Expr::Str(value), span)
    }

    /// The first expression among the node's children; others are evaluated on the side.
    pub(super) fn only_expression(&mut self) -> ExprId {
        let mut found = None;
        let span = self.span();
        let hint = self.hint;
        each!(self, {
            let kind = self.kind();
            if found.is_none() && expr::is_expression(kind) {
                self.hint = hint;
                found = Some(self.expr());
            } else {
                self.stray();
            }
        });
        self.hint = None;
        found.unwrap_or_else(|| self.b.expr(Expr::Opaque(Box::default()), span))
    }

    /// The property key at the cursor.
    pub(super) fn key(&mut self) -> Key {
        match self.kind() {
            K::String => Key::Name(self.string_value()),
            K::Number => Key::Name(self.names.intern(text::clip(&text::number(self.slice())))),
            K::PrivateProperty => {
                Key::Private(self.names.intern(self.slice().trim_start_matches('#')))
            }
            K::ComputedName => {
                let id = self.only_expression();
                self.key_of(id)
            }
            _ => Key::Name(self.name_here()),
        }
    }

    /// A computed key; constants are as good as names.
    pub(super) fn key_of(&self, id: ExprId) -> Key {
        match self.b.node(id).kind {
            Expr::Str(name) | Expr::Num(name) => Key::Name(name),
            _ => Key::Computed(id),
        }
    }
}
