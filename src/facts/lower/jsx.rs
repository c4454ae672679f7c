//! JSX.

use super::kinds::{F, K};
use super::{Lowerer, MAX_DEPTH, each, expr, text};
use crate::facts::ir::{Expr, ExprId, Item, JsxElement, Key, Prop};
use crate::facts::names::Name;
use crate::text::Span;

impl Lowerer<'_, '_> {
    /// An element or fragment.
    #[inline(never)]
    pub(super) fn element(&mut self) -> ExprId {
        let span = self.span();
        let mut head = Head {
            tag: None,
            attrs: Vec::new(),
            open: span,
        };
        let mut children = Vec::new();
        if self.kind() == K::JsxSelfClosing {
            self.head(&mut head);
        } else {
            self.element_parts(&mut head, &mut children);
        }
        let Head { tag, attrs, open } = head;
        let tag = tag.unwrap_or_else(|| {
            self.b.expr(
                Expr::Str(self.known.empty),
                Span::new(open.start, open.start),
            )
        });
        self.b.expr(
            Expr::Element(Box::new(JsxElement {
                tag,
                attrs,
                children,
                open,
            })),
            span,
        )
    }

    fn element_parts(&mut self, head: &mut Head, children: &mut Vec<Item>) {
        let mut from = self.cur.node().start_byte();
        each!(self, {
            let node = self.cur.node();
            match self.kind() {
                K::JsxOpening => {
                    self.head(head);
                    from = node.end_byte();
                }
                K::JsxText | K::HtmlReference => {}
                kind => {
                    self.jsx_text(from, node.start_byte(), children);
                    from = node.end_byte();
                    match kind {
                        K::JsxExpression => self.braced(children),
                        kind if expr::is_expression(kind) => children.push(Item::One(self.expr())),
                        _ => self.stray(),
                    }
                }
            }
        });
    }

    fn jsx_text(&mut self, from: usize, to: usize, children: &mut Vec<Item>) {
        let raw = self.text.get(from..to.max(from)).unwrap_or("");
        if raw.is_empty() {
            return;
        }
        let value = text::jsx_text(raw);
        if !value.is_empty() {
            let name = self.names.intern(text::clip(&value));
            let span = self.b.relative(from, to);
            children.push(Item::One(self.b.expr(Expr::Str(name), span)));
        }
    }

    /// `{…}` as a child; an empty one (a comment) is nothing.
    fn braced(&mut self, children: &mut Vec<Item>) {
        each!(self, {
            match self.kind() {
                K::SpreadElement => children.push(Item::Spread(self.only_expression())),
                kind if expr::is_expression(kind) => children.push(Item::One(self.expr())),
                _ => self.stray(),
            }
        });
    }

    /// Tag name and attributes.
    fn head(&mut self, head: &mut Head) {
        head.open = self.span();
        each!(self, {
            match (self.field(), self.kind()) {
                (F::Name, _) => head.tag = Some(self.tag()),
                (_, K::JsxAttribute) => self.attribute(&mut head.attrs),
                (_, K::JsxExpression) => {
                    let span = self.span();
                    let mut spread = Vec::new();
                    self.braced(&mut spread);
                    for item in spread {
                        if let Item::Spread(id) | Item::One(id) = item {
                            head.attrs.push(Prop::Spread(id, span));
                        }
                    }
                }
                _ => self.stray(),
            }
        });
    }

    /// A host element's name is a constant, a component's an expression.
    fn tag(&mut self) -> ExprId {
        let span = self.span();
        let written = self.slice();
        let is_host =
            written.starts_with(|c: char| c.is_lowercase()) || written.contains(['-', ':']);
        if is_host && !written.contains('.') || self.depth >= MAX_DEPTH {
            let name = self.names.intern(text::clip(written));
            return self.b.expr(Expr::Str(name), span);
        }
        self.expr()
    }

    #[inline(never)]
    fn attribute(&mut self, attrs: &mut Vec<Prop>) {
        let span = self.span();
        let (mut key, mut value): (Option<Name>, Option<ExprId>) = (None, None);
        each!(self, {
            match self.kind() {
                K::PropertyIdentifier | K::JsxNamespaceName | K::Identifier if key.is_none() => {
                    key = Some(self.name_here())
                }
                K::String => {
                    let name = self
                        .names
                        .intern(text::clip(&text::entities(text::unquoted(self.slice()))));
                    let at = self.span();
                    value = Some(self.b.expr(Expr::Str(name), at));
                }
                K::JsxExpression => {
                    self.hint = key;
                    value = Some(self.expr());
                }
                kind if expr::is_expression(kind) => value = Some(self.expr()),
                _ => self.stray(),
            }
        });
        let Some(key) = key else { return };
        let value = value.unwrap_or_else(|| self.b.expr(Expr::Bool(true), span));
        attrs.push(Prop::Value(Key::Name(key), value, span));
    }
}

struct Head {
    tag: Option<ExprId>,
    attrs: Vec<Prop>,
    open: Span,
}
