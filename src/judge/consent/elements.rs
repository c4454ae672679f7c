//! Elements of templates and of JSX as one small tree, so that detectors read all frameworks alike. Made only for files
//! that hold an element worth a look.

use crate::facts::ir::{Expr, ExprId, Item, JsxElement, Key, Prop, Stmt, Unary, Unit, Var};
use crate::facts::names::Names;
use crate::facts::{FileFacts, Placed, Template};
use crate::syntax::{Attr, Node, Part};
use crate::text::Span;
use rustc_hash::FxHashMap;

/// The value of an attribute, as far as it is plain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// There is none: `<checkbox checked>`.
    Bare,
    /// A text.
    Text(String),
    /// `true`, `false`.
    Bool(bool),
    /// A name or path of names: `agree`, `form.agree`.
    Path(String),
    /// Anything else.
    Other,
}

/// An element.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Lower case.
    pub tag: String,
    /// The start tag.
    pub open: Span,
    /// Names in lower case without `-`, and without a beginning that only says that the value is an expression.
    pub attrs: Vec<(String, Value)>,
    /// Its own literal text.
    pub text: String,
    /// The element around it.
    pub parent: Option<usize>,
    /// Elements inside of it.
    pub children: Vec<usize>,
}

impl Element {
    pub(crate) fn attr(&self, name: &str) -> Option<&Value> {
        self.attrs.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        match self.attr(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The elements of one file; parents before their children.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elements {
    pub all: Vec<Element>,
}

impl Elements {
    /// All elements of a file.
    pub(crate) fn of(facts: &FileFacts, names: &Names) -> Elements {
        let mut out = Elements::default();
        if let Some(template) = &facts.template {
            out.markup(template, names);
        }
        for module in &facts.modules {
            for placed in std::iter::once(&module.top).chain(&module.children) {
                out.jsx(placed, names);
            }
        }
        out
    }

    fn add(&mut self, element: Element) -> usize {
        let index = self.all.len();
        if let Some(parent) = element.parent.and_then(|p| self.all.get_mut(p)) {
            parent.children.push(index);
        }
        self.all.push(element);
        index
    }

    fn markup(&mut self, template: &Template, names: &Names) {
        let nodes = &template.markup.nodes;
        let mut open: Vec<(u32, Option<usize>)> = template
            .markup
            .roots
            .iter()
            .rev()
            .map(|&root| (root, None))
            .collect();
        while let Some((node, parent)) = open.pop() {
            match nodes.get(node as usize) {
                Some(Node::Element {
                    tag,
                    open: span,
                    attrs,
                    children,
                    ..
                }) => {
                    let index = self.add(Element {
                        tag: tag.to_lowercase(),
                        open: *span,
                        attrs: attrs
                            .iter()
                            .map(|a| (plain(&a.name), value(a, template, names)))
                            .collect(),
                        text: String::new(),
                        parent,
                        children: Vec::new(),
                    });
                    open.extend(children.iter().rev().map(|&child| (child, Some(index))));
                }
                Some(Node::Text { text, .. }) => {
                    if let Some(parent) = parent.and_then(|p| self.all.get_mut(p)) {
                        parent.text.push_str(text.trim());
                    }
                }
                _ => {}
            }
        }
    }

    fn jsx(&mut self, placed: &Placed, names: &Names) {
        let unit = &*placed.unit;
        // Children have smaller numbers than their parents where possible: parents are met first from behind.
        let mut made: FxHashMap<ExprId, usize> = FxHashMap::default();
        let mut parents: FxHashMap<ExprId, usize> = FxHashMap::default();
        for (id, node) in unit.exprs.iter().enumerate().rev() {
            let id = id as ExprId;
            let Expr::Element(element) = &node.kind else {
                continue;
            };
            let JsxElement {
                tag,
                attrs,
                children,
                open,
            } = &**element;
            if made.contains_key(&id) {
                continue;
            }
            let index = self.add(Element {
                tag: tag_of(unit, names, *tag).to_lowercase(),
                open: open.shifted(placed.base),
                attrs: attrs
                    .iter()
                    .filter_map(|prop| match prop {
                        Prop::Value(Key::Name(key), value, _) => {
                            let name = plain(&names.text(*key));
                            Some((name, expression(unit, names, *value)))
                        }
                        _ => None,
                    })
                    .collect(),
                text: String::new(),
                parent: parents.get(&id).copied(),
                children: Vec::new(),
            });
            made.insert(id, index);
            let mut text = String::new();
            for child in children {
                let (Item::One(child) | Item::Spread(child)) = child else {
                    continue;
                };
                nested(
                    unit,
                    *child,
                    &mut |inner| match &unit.exprs[inner as usize].kind {
                        Expr::Str(name) => text.push_str(names.text(*name).trim()),
                        _ => {
                            parents.insert(inner, index);
                        }
                    },
                );
            }
            self.all[index].text = text;
        }
    }

    /// The texts of an element and everything inside of it, and of attributes that show text; at most `max` bytes and
    /// a little.
    pub(crate) fn inner_text(&self, index: usize, max: usize) -> String {
        let mut out = String::new();
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            let Some(element) = self.all.get(index) else {
                continue;
            };
            out.push_str(&element.text);
            for name in ["label", "title", "text", "placeholder", "arialabel"] {
                out.push_str(element.text_of(name).unwrap_or_default());
            }
            out.push(' ');
            if out.len() > max {
                break;
            }
            open.extend(element.children.iter().rev());
        }
        out
    }

    /// Everything inside an element, itself included.
    pub(crate) fn inside(&self, index: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            if let Some(element) = self.all.get(index) {
                out.push(index);
                open.extend(element.children.iter().rev());
            }
        }
        out
    }
}

/// Elements and texts below an expression, through conditions, lists and brackets.
fn nested(unit: &Unit, id: ExprId, each: &mut dyn FnMut(ExprId)) {
    let mut open = vec![id];
    let mut steps = 0;
    while let Some(id) = open.pop() {
        steps += 1;
        if steps > 64 {
            return;
        }
        match unit.exprs.get(id as usize).map(|n| &n.kind) {
            Some(Expr::Element(_) | Expr::Str(_)) => each(id),
            Some(Expr::Cond(_, yes, no)) => open.extend([*yes, *no]),
            Some(Expr::Logical(_, _, right)) => open.push(*right),
            _ => {}
        }
    }
}

fn tag_of(unit: &Unit, names: &Names, id: ExprId) -> String {
    match unit.exprs.get(id as usize).map(|n| &n.kind) {
        Some(Expr::Str(name) | Expr::Var(Var::Free(name))) => names.text(*name).to_string(),
        Some(Expr::Var(Var::Local(slot))) => slot_name(unit, names, *slot),
        Some(Expr::Member {
            key: Key::Name(key),
            ..
        }) => names.text(*key).to_string(),
        _ => String::new(),
    }
}

fn slot_name(unit: &Unit, names: &Names, slot: u16) -> String {
    let slots = unit.funcs.first().map(|f| &f.slots);
    slots
        .and_then(|slots| slots.get(slot as usize))
        .map_or(String::new(), |name| names.text(*name).to_string())
}

/// An attribute's name: lower case, no `-`, no mark of an expression, no modifiers.
pub(crate) fn plain(name: &str) -> String {
    let name = name.strip_prefix("v-bind:").unwrap_or(name);
    let name = name.strip_prefix(':').unwrap_or(name);
    let name = name.split('.').next().unwrap_or(name);
    name.replace('-', "").to_lowercase()
}

fn value(attr: &Attr, template: &Template, names: &Names) -> Value {
    match &attr.parts[..] {
        [] if attr.value_span.is_none() => Value::Bare,
        [Part::Expr(span)] => match template.expr(*span) {
            Some(placed) => returned(&placed.unit, names),
            None => Value::Other,
        },
        _ => match attr.constant() {
            Some(text) => Value::Text(text.to_string()),
            None => Value::Other,
        },
    }
}

/// The value of a template expression.
fn returned(unit: &Unit, names: &Names) -> Value {
    let body = unit.funcs.first().map_or(&[][..], |f| &f.body);
    match body {
        [.., Stmt::Return(Some(id), _)] => expression(unit, names, *id),
        _ => Value::Other,
    }
}

/// The value of an expression.
pub(crate) fn expression(unit: &Unit, names: &Names, id: ExprId) -> Value {
    let mut path = Vec::new();
    let mut at = id;
    for _ in 0..6 {
        match unit.exprs.get(at as usize).map(|n| &n.kind) {
            Some(Expr::Member {
                object,
                key: Key::Name(key),
                ..
            }) => {
                path.push(names.text(*key).to_string());
                at = *object;
            }
            Some(Expr::This) if !path.is_empty() => break,
            Some(Expr::Var(Var::Free(name))) => {
                path.push(names.text(*name).to_string());
                break;
            }
            Some(Expr::Var(Var::Local(slot))) => {
                path.push(slot_name(unit, names, *slot));
                break;
            }
            Some(Expr::Bool(yes)) if path.is_empty() => return Value::Bool(*yes),
            Some(Expr::Str(text)) if path.is_empty() => {
                return Value::Text(names.text(*text).to_string());
            }
            Some(Expr::Unary(Unary::Not, inner)) if path.is_empty() => {
                return match expression_once(unit, *inner) {
                    Some(yes) => Value::Bool(!yes),
                    None => Value::Other,
                };
            }
            _ => return Value::Other,
        }
    }
    path.reverse();
    Value::Path(path.join("."))
}

fn expression_once(unit: &Unit, id: ExprId) -> Option<bool> {
    match unit.exprs.get(id as usize)?.kind {
        Expr::Bool(yes) => Some(yes),
        _ => None,
    }
}
