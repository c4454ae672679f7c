//! A session: the files of a workspace, their facts, their apps, and what is found in them. Both shells feed it and
//! show what it says, so that they always agree. No I/O, no clock, no threads of its own beyond rayon.

use crate::facts::Note;
use crate::finding::{Finding, Text};
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What of `minivet.toml` and the command line changes judgements. Everything has a default.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Rule ids or groups to run; empty = all that are on by default.
    pub select: Vec<String>,
    /// Rule ids or groups not to run.
    pub ignore: Vec<String>,
    /// Severity by rule id.
    pub severity: BTreeMap<String, crate::finding::Severity>,
    /// Findings below are dropped. `None` = the default (`medium`).
    pub min_confidence: Option<crate::finding::Confidence>,
    /// Findings below are dropped.
    pub min_severity: Option<crate::finding::Severity>,
    /// `per-file-ignores`: glob → rule ids or groups.
    pub per_file_ignores: Vec<(String, Vec<String>)>,
    /// Platform id; detected if empty.
    pub platform: String,
    /// Domains that are the app's own.
    pub first_party_domains: Vec<String>,
    /// Names of the app's own sanitizers.
    pub sanitizers: Vec<String>,
    /// Names of the app's own storage wrappers.
    pub storage_wrappers: Vec<String>,
    /// Names of the app's own request wrappers.
    pub request_wrappers: Vec<String>,
    /// What the app's privacy guideline declares.
    pub declared: Vec<String>,
    /// Report directives that silence nothing.
    pub report_unused_directives: bool,
}

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
