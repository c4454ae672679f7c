//! The object that makes a page or a component: where mends add state and methods.

use super::Builder;
use crate::facts::ir::{Expr, Item, Key, Prop, Stmt, Var};
use crate::facts::{FileFacts, Module};
use crate::rules::app_model::Constructs;
use crate::syntax::BlockRole;

/// The object that a page is made of.
pub(super) struct PageObject {
    /// Its opening bracket.
    pub start: u32,
    /// The opening bracket of its data, if it has some.
    pub data: Option<u32>,
    /// The opening bracket of its methods, where they stand apart.
    pub methods: Option<u32>,
}

/// The object that a component exports.
pub(super) fn component_object(
    b: &Builder<'_, '_>,
    facts: &FileFacts,
    key: &str,
) -> Option<PageObject> {
    let names = &b.judge.rules.names;
    let keys = &b.judge.rules.tables.flow().names().data_keys;
    let module = facts.modules.iter().find(|m| m.role == BlockRole::Script)?;
    let (unit, base) = (&module.top.unit, module.top.base);
    let body = &unit.funcs.first()?.body;
    let exported = body.iter().find_map(|statement| match statement {
        Stmt::Export(name, value) if &*names.text(*name) == "default" => Some(*value),
        _ => None,
    })?;
    let object = unit.exprs.get(exported as usize)?;
    let Expr::Object(props) = &object.kind else {
        return None;
    };
    let value = |wanted: &dyn Fn(&str) -> bool| {
        props.iter().find_map(|prop| match prop {
            Prop::Value(Key::Name(name), value, _) if wanted(&names.text(*name)) => Some(*value),
            _ => None,
        })
    };
    let data = match value(&|name| keys.iter().any(|k| **k == *name)) {
        Some(id) => Some(returned_object(module, id)?),
        None => None,
    };
    let methods = match value(&|name| name == key) {
        Some(id) => match unit.exprs.get(id as usize) {
            Some(node) if matches!(node.kind, Expr::Object(_)) => Some(node.span.start + base),
            _ => return None,
        },
        None => None,
    };
    Some(PageObject {
        start: object.span.start + base,
        data,
        methods,
    })
}

/// The opening bracket of the object that a function returns.
fn returned_object(module: &Module, function: u32) -> Option<u32> {
    let top = &module.top;
    let (placed, func) = match &top.unit.exprs.get(function as usize)?.kind {
        Expr::Child(index) => (module.children.get(*index as usize)?, 0),
        Expr::Func(id) => (top, *id),
        _ => return None,
    };
    let unit = &placed.unit;
    let body = &unit.funcs.get(func as usize)?.body;
    let value = body.iter().find_map(|statement| match statement {
        Stmt::Return(Some(value), _) => unit.exprs.get(*value as usize),
        _ => None,
    })?;
    matches!(value.kind, Expr::Object(_)).then_some(value.span.start + placed.base)
}

pub(super) fn page_object(b: &Builder<'_, '_>, facts: &FileFacts) -> Option<PageObject> {
    let names = &b.judge.rules.names;
    let tables = &b.judge.rules.tables;
    let constructors = &tables.app_model().parts.constructors;
    let keys = &tables.flow().names().data_keys;
    for module in &facts.modules {
        let (unit, base) = (&module.top.unit, module.top.base);
        for node in &unit.exprs {
            let Expr::Call { callee, args, .. } = &node.kind else {
                continue;
            };
            // The platform's own function, or one that is imported.
            let name = match unit.exprs.get(*callee as usize).map(|n| &n.kind) {
                Some(Expr::Var(Var::Free(name))) => Some(*name),
                Some(Expr::Var(Var::Local(slot))) => {
                    let slots = unit.funcs.first().map(|f| &f.slots);
                    slots.and_then(|slots| slots.get(*slot as usize)).copied()
                }
                _ => None,
            };
            let constructs = name.and_then(|name| constructors.get(&*names.text(name)));
            if constructs != Some(&Constructs::Page) {
                continue;
            }
            let [Item::One(first), ..] = &args[..] else {
                continue;
            };
            let argument = unit.exprs.get(*first as usize)?;
            let Expr::Object(props) = &argument.kind else {
                continue;
            };
            let data = props.iter().find_map(|prop| match prop {
                Prop::Value(Key::Name(key), value, _)
                    if keys.iter().any(|k| **k == *names.text(*key)) =>
                {
                    unit.exprs.get(*value as usize)
                }
                _ => None,
            });
            return Some(PageObject {
                start: argument.span.start + base,
                data: match data {
                    // State that is made elsewhere is not ours to change.
                    Some(node) if !matches!(node.kind, Expr::Object(_)) => return None,
                    Some(node) => Some(node.span.start + base),
                    None => None,
                },
                methods: None,
            });
        }
    }
    None
}
