//! What the protocol shell needs of the analysis, so that it can be tested with a fake one. No I/O.

use crate::finding::Finding;
use crate::session::Hover;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The analysis of one server. Keys are document keys (see [`super::uri::key`]).
pub trait Tool: Send {
    /// A text is new or was changed.
    fn set_text(&mut self, key: &Arc<str>, text: Arc<str>);
    /// A text is gone.
    fn remove(&mut self, key: &str);
    /// All findings, by key. `None` if `cancelled` said so in between.
    fn check(&mut self, cancelled: &dyn Fn() -> bool) -> Option<BTreeMap<Arc<str>, Vec<Finding>>>;
    /// What to show at a byte.
    fn hover(&mut self, key: &str, byte: u32) -> Option<Hover>;
    /// Whether this is no analysis at all; the client is told.
    fn is_empty(&self) -> bool {
        false
    }
}

/// No analysis: finds nothing. Stands in until the session is joined to the server.
#[derive(Debug, Default)]
pub struct Nothing;

impl Tool for Nothing {
    fn set_text(&mut self, _: &Arc<str>, _: Arc<str>) {}
    fn remove(&mut self, _: &str) {}
    fn check(&mut self, _: &dyn Fn() -> bool) -> Option<BTreeMap<Arc<str>, Vec<Finding>>> {
        Some(BTreeMap::new())
    }
    fn hover(&mut self, _: &str, _: u32) -> Option<Hover> {
        None
    }
    fn is_empty(&self) -> bool {
        true
    }
}
