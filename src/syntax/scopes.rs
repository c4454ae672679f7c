//! Names that elements of a template declare for themselves and what stands inside of them: loops and slots.

use super::attrs::{Directive, directive, trim};
use super::dialects::MarkupDialect;
use super::{Attr, Declared, Part, Scope};
use crate::text::Span;
use std::sync::Arc;

/// What the name of an attribute says.
#[derive(Clone, Copy)]
pub(super) struct Role {
    /// Of its value.
    pub directive: Option<Directive>,
    /// It makes a loop.
    pub is_loop: bool,
}

impl Role {
    pub(super) fn of(name: &str, dialect: &MarkupDialect) -> Role {
        let mut loops = dialect.loops.iter().chain(&dialect.loop_attributes);
        Role {
            directive: directive(name, dialect),
            is_loop: loops.any(|n| n == name),
        }
    }
}

/// Appends the scopes of an element, the outer one first.
pub(super) fn scopes(
    text: &str,
    node: u32,
    open: Span,
    attrs: &[Attr],
    roles: &[Role],
    dialect: &MarkupDialect,
    out: &mut Vec<Scope>,
) {
    let is = |list: &[String], attr: &Attr| list.iter().any(|name| **name == *attr.name);
    let first = out.len();
    for (attr, role) in attrs.iter().zip(roles) {
        let declares = attr.parts.iter().any(|p| matches!(p, Part::Alias(_)));
        if !declares && !role.is_loop {
            continue;
        }
        let list = attr.parts.iter().rev().find_map(|part| match part {
            Part::Expr(span) => Some(*span),
            _ => None,
        });
        let mut names: Vec<Declared> = attr.parts.iter().filter_map(written).collect();
        if role.is_loop {
            if names.is_empty() && is(&dialect.loop_attributes, attr) {
                let (item, index) = (&dialect.item_attributes, &dialect.index_attributes);
                names.push(named(text, attrs, item, &dialect.item_name, open));
                names.push(named(text, attrs, index, &dialect.index_name, open));
            }
            out.push(Scope {
                node,
                is_loop: true,
                list,
                names,
            });
        } else if !names.is_empty() {
            out.push(Scope {
                node,
                is_loop: false,
                list: None,
                names,
            });
        }
    }
    // Each turn of a loop has a slot of its own, however the attributes are ordered.
    out[first..].sort_by_key(|scope| !scope.is_loop);
}

fn written(part: &Part) -> Option<Declared> {
    match part {
        Part::Alias(span) => Some(Declared {
            span: *span,
            name: None,
        }),
        _ => None,
    }
}

/// The name that an attribute gives, or the one that is used without it.
fn named(text: &str, attrs: &[Attr], given: &[String], default: &str, open: Span) -> Declared {
    let written = attrs
        .iter()
        .filter(|attr| given.iter().any(|name| **name == *attr.name))
        .filter(|attr| attr.constant().is_some())
        .filter_map(|attr| attr.value_span)
        .map(|span| trim(text, span))
        .find(|span| !span.is_empty());
    match written {
        Some(span) => Declared { span, name: None },
        None => Declared {
            span: Span::new(open.start, open.start),
            name: Some(Arc::from(default)),
        },
    }
}
