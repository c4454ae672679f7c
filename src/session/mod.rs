//! A session: the files of a workspace, their facts, their apps, and what is found in them. Both shells feed it and
//! show what it says, so that they always agree. No I/O, no clock, no threads of its own beyond rayon.

use crate::facts::Note;
use crate::finding::{Finding, Text};
pub use crate::judge::Settings;
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings by file, each list sorted by place; files without findings are absent.
    pub findings: BTreeMap<Arc<str>, Vec<Finding>>,
    /// Number of findings silenced by directives, by file.
    pub suppressed: BTreeMap<Arc<str>, u32>,
    /// What was cut short, by file.
    pub notes: BTreeMap<Arc<str>, Vec<Note>>,
}

/// What to show under the cursor.
#[derive(Clone, Debug)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub markdown: Text,
}
