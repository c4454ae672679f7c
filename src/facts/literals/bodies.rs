//! Literals of function bodies from one version of a file to the next.
//!
//! What is found in a body depends on its text and on the constants outside of it that its concatenations name. Where
//! both are the same, the literals are taken over, at their new places.

use super::{Found, Literal};
use crate::facts::FileFacts;
use crate::facts::names::Name;
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

type Constants = FxHashMap<Name, Option<Arc<str>>>;

/// What is known of an outermost function body besides its literals.
#[derive(Clone, Debug)]
pub struct Body {
    /// Hash of its text.
    key: u64,
    /// In the file.
    span: Span,
    /// Constants that it names or declares.
    touched: Box<[Name]>,
    /// Hash of their values where the body begins.
    state: u64,
    /// Constants that it declares.
    declared: Box<[(Name, Arc<str>)]>,
    /// Comments in it that speak to minivet; counted from its start.
    directives: Box<[Span]>,
}

/// A body that is being walked.
pub(super) struct Recording {
    key: u64,
    /// In the block.
    span: Span,
    touched: Vec<Name>,
    known: FxHashSet<Name>,
    state: FxHasher,
    declared: Vec<(Name, Arc<str>)>,
    /// Directives that were met before it.
    n_directives: usize,
}

/// The value of a constant, as far as it is known; two values are none.
pub(super) fn declare(constants: &mut Constants, name: Name, value: &Arc<str>) {
    constants
        .entry(name)
        .and_modify(|old| {
            if old.as_deref() != Some(value) {
                *old = None;
            }
        })
        .or_insert_with(|| Some(value.clone()));
}

impl Recording {
    pub(super) fn new(span: Span, text: &str, found: &Found<'_>) -> Recording {
        let mut hasher = FxHasher::default();
        text.hash(&mut hasher);
        Recording {
            key: hasher.finish(),
            span,
            touched: Vec::new(),
            known: FxHashSet::default(),
            state: FxHasher::default(),
            declared: Vec::new(),
            n_directives: found.directives.len(),
        }
    }

    pub(super) fn ends_before(&self, at: u32) -> bool {
        self.span.end <= at
    }

    /// A constant is asked for, or about to be declared.
    pub(super) fn touch(&mut self, name: Name, constants: &Constants) {
        if self.known.insert(name) {
            self.touched.push(name);
            (name, constants.get(&name)).hash(&mut self.state);
        }
    }

    pub(super) fn declare(&mut self, name: Name, value: &Arc<str>) {
        self.declared.push((name, value.clone()));
    }

    pub(super) fn finish(self, base: u32, found: &Found<'_>) -> Body {
        let span = self.span.shifted(base);
        let directives = found.directives.iter().skip(self.n_directives);
        let relative = |at: &Span| Span {
            start: at.start - span.start,
            end: at.end - span.start,
        };
        Body {
            key: self.key,
            span,
            directives: directives.map(relative).collect(),
            touched: self.touched.into(),
            state: self.state.finish(),
            declared: self.declared.into(),
        }
    }
}

/// An earlier version of the file.
pub struct Old<'f> {
    bodies: FxHashMap<u64, &'f Body>,
    literals: &'f [Literal],
}

impl<'f> Old<'f> {
    /// What facts can give; nothing where literals were left out.
    pub fn new(facts: &'f FileFacts) -> Option<Old<'f>> {
        if facts.literals.len() >= super::MAX_LITERALS {
            return None;
        }
        Some(Old {
            bodies: facts.bodies.iter().map(|body| (body.key, body)).collect(),
            literals: &facts.literals,
        })
    }

    /// Takes over the literals of a body that is the same, now at `at` in the file.
    pub(super) fn reuse(
        &self,
        new: &Recording,
        at: Span,
        constants: &mut Constants,
        out: &mut Found<'_>,
    ) -> Option<Body> {
        let body = self.bodies.get(&new.key)?;
        let mut state = FxHasher::default();
        for name in &body.touched {
            (name, constants.get(name)).hash(&mut state);
        }
        if state.finish() != body.state || body.span.len() != at.len() {
            return None;
        }
        let moved = |span: Span| Span {
            start: span.start - body.span.start + at.start,
            end: span.end - body.span.start + at.start,
        };
        let from = self
            .literals
            .partition_point(|l| l.span.start < body.span.start);
        for literal in self.literals.get(from..).unwrap_or_default() {
            if literal.span.start >= body.span.end {
                break;
            }
            out.push(Literal {
                span: moved(literal.span),
                ..literal.clone()
            });
        }
        let directives = body.directives.iter();
        out.directives
            .extend(directives.map(|d| d.shifted(at.start)));
        for (name, value) in &body.declared {
            declare(constants, *name, value);
        }
        Some(Body {
            span: at,
            ..(*body).clone()
        })
    }
}
