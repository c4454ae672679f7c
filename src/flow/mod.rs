//! Data flow through the whole app: abstract interpretation of lowered functions, and what reaches which sink.
//!
//! Pure; sees no tree and no platform name: sources, sinks, sanitizers and the roles of framework functions come from
//! tables in `queries/flow`.

use crate::finding::{Confidence, Location, Step};
use crate::text::Span;
use std::sync::Arc;

/// What was done to a datum on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// Nothing.
    None,
    /// Partly replaced.
    Masked,
    /// Hashed.
    Hashed,
    /// Encrypted.
    Encrypted,
}

/// Why the engine believes that a value holds a class of data; the strongest kind comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Its own name.
    Name,
    /// Fields read from it or written to it.
    Fields,
    /// What the template prints from it or binds to it.
    Template,
    /// A storage key, a page parameter, a request for it.
    Channel,
    /// A platform API or an input control says so.
    Source,
}

/// A personal datum, or a credential, that arrives at a sink.
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// Class id of `queries/data/classes.toml`, e.g. `phone`.
    pub class: Arc<str>,
    /// How sure.
    pub confidence: Confidence,
    /// Why.
    pub evidence: Evidence,
    /// What was done to it.
    pub protection: Protection,
    /// Where it entered.
    pub source: Location,
    /// The call, control or key it came from, as a person would say it: `wx.getLocation`, `input`, `storage "phone"`.
    pub source_name: Arc<str>,
    /// Source to sink, both included.
    pub steps: Vec<Step>,
    /// The name of the field or variable that told, for messages; may be empty.
    pub field: Arc<str>,
}

/// A sink call and everything personal that reaches it, over all ways the call is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct SinkHit {
    /// The call (or attribute, or returned object).
    pub at: Location,
    /// The argument or property that carries the data.
    pub argument: Span,
    /// The call as the code spells it: `wx.setStorageSync`, `console.log`.
    pub call: Arc<str>,
    /// Canonical id in `queries/flow/sinks.toml`, e.g. `setStorageSync`.
    pub sink: Arc<str>,
    /// `storage`, `log`, `network`, `navigation` … as in `queries/flow/sinks.toml`.
    pub family: Arc<str>,
    /// Which part of the call: `data`, `url`, `key`, `header` …
    pub part: Arc<str>,
    /// Constant (or constant beginning of the) destination: storage key, URL, event name. Empty if unknown.
    pub target: Arc<str>,
    /// Constant HTTP method, upper case; empty if not given.
    pub method: Arc<str>,
    /// The call's protecting option is on (`encrypt: true`).
    pub protected: bool,
    /// The code runs on a server (cloud function), not on the phone.
    pub server: bool,
    /// In code that can run: reached from a page, component or app (unknown roots count as reached).
    pub reached: bool,
    /// What arrives; sorted by class, strongest first.
    pub data: Vec<Datum>,
}
