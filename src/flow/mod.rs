//! Data flow through the whole app: abstract interpretation of lowered functions, and what reaches which sink.
//!
//! Pure; sees no tree and no platform name: sources, sinks, sanitizers and the roles of framework functions come from
//! tables in `queries/flow`.

mod access;
mod arithmetic;
mod builtins;
mod bundles;
mod call;
mod classes;
mod classify;
mod components;
mod controls;
mod conventions;
mod deferred;
mod effects;
mod engine;
mod entries;
mod eval;
mod exec;
mod frameworks;
mod guards;
mod handlers;
mod jsx;
mod kept;
mod modules;
mod native;
mod options;
mod outcome;
mod promises;
mod readings;
mod redux;
mod results;
mod roles;
mod run;
mod setup;
mod state;
mod value;
mod view;

#[cfg(test)]
mod tests;

pub use options::Options;
pub use readings::{Reading, readings};
pub use run::analyze;

use crate::finding::{Confidence, Location, Step};
use crate::text::Span;
use std::sync::Arc;

/// Says when nobody wants a result any more; asked often, from several threads.
pub type Cancelled<'a> = &'a (dyn Fn() -> bool + Sync);

/// What was done to a datum on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// Nothing.
    #[default]
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
    /// The call at which code that knows the datum hands it on: the sink's own, or the call of a wrapper in another file.
    pub responsible: Location,
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

/// When a call runs, as far as the app model tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// While the app starts: module top level, the app's launch and show methods.
    Launch,
    /// While a page or component appears, without the user's doing.
    Entry,
    /// In a handler of something the user did.
    User,
    /// Called from nowhere that the model knows.
    Unknown,
}

/// A use of a platform API, an open-type control, or anything else the tables name, wherever it is called from.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiUse {
    /// The call (or the element's start tag).
    pub at: Location,
    /// As spelled: `wx.getLocation`, `<button open-type="getPhoneNumber">`.
    pub call: Arc<str>,
    /// Canonical name without the platform's global: `getLocation`.
    pub api: Arc<str>,
    /// Platform id the spelling belongs to (`wx`, `my`, `uni` …); empty if it says none.
    pub platform: Arc<str>,
    /// All ways it is triggered.
    pub triggers: Vec<Trigger>,
    /// Life cycles from which it is reached, by name; sorted.
    pub hooks: Vec<Arc<str>>,
    /// Pages, components or the app (paths of their script files) from which it is reached; sorted.
    pub reached_from: Vec<Arc<str>>,
    /// Constant string and boolean options of the call's options object (`type: "gcj02"`), sorted.
    pub options: Vec<(Arc<str>, Arc<str>)>,
    /// Runs on a server.
    pub server: bool,
    /// The call stands after an `await` or inside an asynchronous callback of another platform call.
    pub after_async: bool,
    /// Called inside a failure callback (or `catch`) of the named API.
    pub in_failure_of: Option<Arc<str>>,
    /// Called inside a success callback (or `then`, or after an `await`) of the named API.
    pub in_success_of: Option<Arc<str>>,
    /// The result (success callback's parameter, promise value) is read anywhere.
    pub result_used: bool,
}

/// A control of a template into which a person types, or which hands out personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The element's start tag.
    pub at: Location,
    /// Tag and kind for messages: `input`, `input type="idcard"`, `button open-type="getPhoneNumber"`.
    pub name: Arc<str>,
    /// What is typed there: class ids with confidence, strongest first.
    pub data: Vec<(Arc<str>, Confidence)>,
    /// Handler or binding that receives it; may be empty.
    pub receiver: Arc<str>,
    /// The control masks what is typed.
    pub masked: bool,
}

/// What the engine found in one app. All lists are sorted by place.
#[derive(Clone, Debug, Default)]
pub struct FlowResult {
    /// Sinks that personal data reaches (families `display` included).
    pub hits: Vec<SinkHit>,
    /// Uses of platform APIs.
    pub uses: Vec<ApiUse>,
    /// Controls that collect data.
    pub controls: Vec<Control>,
    /// Files whose analysis ran out of its budget.
    pub partial: Vec<Arc<str>>,
    /// With [`Options::all`]: everything that reaches any platform call; what is not personal has an empty class.
    pub all: Vec<SinkHit>,
}
