//! What the user may change about judgements. Plain data; reads nothing.

use std::collections::BTreeMap;

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
    /// Follow also what is not personal, into any platform call; changes no finding.
    pub all_flows: bool,
}

impl Settings {
    /// What of it the flow engine needs.
    pub fn flow_options(&self) -> crate::flow::Options {
        crate::flow::Options {
            sanitizers: self.sanitizers.clone(),
            storage_wrappers: self.storage_wrappers.clone(),
            request_wrappers: self.request_wrappers.clone(),
            all: self.all_flows,
        }
    }
}
