//! `--format json`: the inventory itself, versioned, for machines and for `--since`.

use super::Report;
use crate::inventory::diff::Diff;
use crate::inventory::{Inventory, VERSION};
use serde::Serialize;

#[derive(Serialize)]
struct All<'a> {
    version: u32,
    tool: Tool,
    apps: &'a [Inventory],
    #[serde(skip_serializing_if = "<[Diff]>::is_empty")]
    since: &'a [Diff],
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One object, and a line end.
pub fn json(report: &Report<'_>) -> String {
    let all = All {
        version: VERSION,
        tool: Tool {
            name: "minivet",
            version: env!("CARGO_PKG_VERSION"),
        },
        apps: report.apps,
        since: report.since,
    };
    let mut out = serde_json::to_string_pretty(&all).unwrap_or_default();
    out.push('\n');
    out
}
