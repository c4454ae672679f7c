//! What the protocol shell needs of the analysis, so that it can be tested with a fake one. No I/O.

use crate::finding::Finding;
use crate::rules::RuleSet;
use crate::session::{Hover, Session, Settings};
use crate::syntax::{Dialects, Document, builtin_dialects};
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
}

/// The real analysis: a session whose files are named by document keys.
pub struct Analysis {
    session: Session,
    dialects: Dialects,
}

impl Analysis {
    /// Loads the rules and prepares an empty session with default settings.
    pub fn new() -> Analysis {
        let settings = Settings {
            report_unused_directives: true,
            ..Settings::default()
        };
        Analysis {
            session: Session::new(RuleSet::builtin(), &settings),
            dialects: builtin_dialects(),
        }
    }
}

impl Default for Analysis {
    fn default() -> Analysis {
        Analysis::new()
    }
}

impl Tool for Analysis {
    fn set_text(&mut self, key: &Arc<str>, text: Arc<str>) {
        let path = key.clone();
        self.session
            .set_text(Document { path, text }, &self.dialects, &|| false);
    }
    fn remove(&mut self, key: &str) {
        self.session.remove(key);
    }
    fn check(&mut self, cancelled: &dyn Fn() -> bool) -> Option<BTreeMap<Arc<str>, Vec<Finding>>> {
        (!cancelled()).then(|| self.session.check().findings)
    }
    fn hover(&mut self, _: &str, _: u32) -> Option<Hover> {
        None
    }
}
