//! What a run does to the world outside of the program: sinks reached, platform calls made, handlers bound.

use super::deferred::Deferred;
use super::value::{Id, Loc, SymId, TraceId, Value};
use crate::facts::names::Name;
use crate::text::Span;
use std::sync::Arc;

/// The family of a platform call that is a sink only if all of them are.
pub(super) const ANY_CALL: &str = "any-call";

/// A value that arrives at a sink.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SinkEvent {
    pub at: Loc,
    pub argument: Span,
    pub call: Arc<str>,
    pub sink: Arc<str>,
    pub family: Arc<str>,
    pub part: Arc<str>,
    pub target: Arc<str>,
    pub method: Arc<str>,
    pub protected: bool,
    /// With the call that handed the data to the wrappers around the sink, if there are some.
    pub symbols: Vec<(SymId, TraceId, Loc)>,
    /// Calls that led there, outermost first.
    pub calls: Vec<Loc>,
}

impl SinkEvent {
    /// An event of a place alone.
    pub fn at(at: Loc) -> SinkEvent {
        SinkEvent {
            at,
            argument: at.span,
            call: "".into(),
            sink: "".into(),
            family: "".into(),
            part: "".into(),
            target: "".into(),
            method: "".into(),
            protected: false,
            symbols: Vec::new(),
            calls: Vec::new(),
        }
    }
}

/// A call of a platform function.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct UseEvent {
    pub at: Loc,
    pub path: Arc<str>,
    pub platform: u16,
    pub options: Vec<(Arc<str>, Arc<str>)>,
    pub after_async: bool,
    pub failure_of: Option<Name>,
    pub success_of: Option<Name>,
    pub origin: Option<u32>,
    /// In what runs because of a person's doing.
    pub user: bool,
}

/// A handler that a template binds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bound {
    /// Index of the definition whose template it is.
    pub def: u32,
    /// File of the template.
    pub file: u32,
    /// The element, and the attribute on it.
    pub node: u32,
    pub attr: u32,
    /// Normal event name.
    pub event: Arc<str>,
    /// Index of the control, if the element is one; of a form: none.
    pub control: Option<u32>,
    /// The part whose component the element is.
    pub component: Option<usize>,
    /// Cell with the scope at the element.
    pub scope: u64,
}

/// Everything of one run.
#[derive(Debug, Default)]
pub(super) struct Effects {
    pub sinks: Vec<SinkEvent>,
    pub uses: Vec<UseEvent>,
    pub bound: Vec<Bound>,
    pub deferred: Vec<Deferred>,
    /// Origins whose value was looked at.
    pub used: rustc_hash::FxHashSet<u32>,
    /// What was thrown and not caught.
    pub thrown: Value,
    /// Where properties of object literals stand, if that is asked for.
    pub note_props: bool,
    pub props: Vec<(Id, Name, Loc)>,
}

impl Effects {
    /// Where a property of an object literal stands, if that is known.
    pub fn noted_at(&self, object: Id, name: Name) -> Option<Loc> {
        let noted = self.props.iter().rev();
        let mut same = noted.filter(|(id, key, _)| *id == object && *key == name);
        same.next().map(|(_, _, at)| *at)
    }
}
