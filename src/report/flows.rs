//! `minivet flows`: every flow of personal data. Pure.

use super::escape::line;
use super::texts::say;
use super::{Looks, Root};
use crate::finding::Language;
use crate::flow::{Protection, SinkHit};
use crate::rules::tables::Tables;
use serde::Serialize;
use std::sync::Arc;

/// An end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FlowEnd {
    /// Relative path.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in code points.
    pub column: u32,
    /// The call or control.
    pub api: String,
}

/// A step of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FlowStep {
    /// Relative path.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1, in code points.
    pub column: u32,
    /// What happens there.
    pub label: String,
}

/// One flow from one source to one sink, with all classes of data that take it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flow {
    /// Where the datum enters.
    pub source: FlowEnd,
    /// The call that hands it out.
    pub sink: FlowEnd,
    /// Classes of data; sorted.
    pub data: Vec<Arc<str>>,
    /// What was done to it on the way.
    pub protection: Protection,
    /// Source to sink.
    pub steps: Vec<FlowStep>,
}

/// All flows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FlowReport {
    version: u32,
    flows: Vec<Flow>,
}

impl FlowReport {
    /// Collects the flows of hits under one root; data that share source, sink and protection share a flow.
    pub fn add(&mut self, root: &Root, hits: &[SinkHit], language: Language) {
        self.version = 1;
        let end = |file: &str, byte, api: &str| {
            let at = root.place(file, byte);
            FlowEnd {
                file: file.to_string(),
                line: at.line,
                column: at.column,
                api: api.to_string(),
            }
        };
        for hit in hits {
            for datum in &hit.data {
                // The call may protect what reaches it bare.
                let by_call = match hit.protected {
                    true => Protection::Encrypted,
                    false => Protection::None,
                };
                let protection = datum.protection.max(by_call);
                let source = end(
                    &datum.source.file,
                    datum.source.span.start,
                    &datum.source_name,
                );
                let sink = end(&hit.at.file, hit.at.span.start, &hit.call);
                let same = |f: &&mut Flow| {
                    f.source == source && f.sink == sink && f.protection == protection
                };
                // What is not personal has no class.
                let class = Some(datum.class.clone()).filter(|class| !class.is_empty());
                if let Some(flow) = self.flows.iter_mut().find(same) {
                    if let Some(class) = class
                        && let Err(at) = flow.data.binary_search(&class)
                    {
                        flow.data.insert(at, class);
                    }
                    continue;
                }
                let step = |s: &crate::finding::Step| {
                    let at = root.place(&s.at.file, s.at.span.start);
                    let label = s.label.get(language).to_string();
                    FlowStep {
                        file: s.at.file.to_string(),
                        line: at.line,
                        column: at.column,
                        label,
                    }
                };
                let steps = datum.steps.iter().map(step).collect();
                self.flows.push(Flow {
                    source,
                    sink,
                    data: class.into_iter().collect(),
                    protection,
                    steps,
                });
            }
        }
        self.flows.sort_by(|a, b| {
            (&a.sink, &a.source, a.protection).cmp(&(&b.sink, &b.source, b.protection))
        });
    }

    /// The contract's JSON.
    pub fn json(&self) -> String {
        let mut out = serde_json::to_string_pretty(self).unwrap_or_default();
        out.push('\n');
        out
    }

    /// For people.
    pub fn text(&self, tables: &Tables, language: Language, looks: &Looks) -> String {
        let mut out = String::new();
        for flow in &self.flows {
            let key = format!(
                "protection-{}",
                format!("{:?}", flow.protection).to_lowercase()
            );
            let style = if flow.protection == Protection::None {
                "33"
            } else {
                "32"
            };
            let spoken = tables.flow().source_label(&flow.source.api);
            let source = spoken.map_or(&*flow.source.api, |spoken| spoken.get(language));
            let head = format!("{} → {}", line(source), line(&flow.sink.api));
            let data = match flow.data.is_empty() {
                true => say(language, "flows-any-data", &[]),
                false => tables.classes().names(&flow.data, language),
            };
            out.push_str(&say(
                language,
                "flows-head",
                &[
                    ("data", &looks.paint("1;35", &data)),
                    ("way", &looks.paint("1", &head)),
                    ("how", &looks.paint(style, &say(language, &key, &[]))),
                ],
            ));
            out.push('\n');
            for step in &flow.steps {
                out.push_str(&format!(
                    "    {}:{}:{}  {}\n",
                    line(&step.file),
                    step.line,
                    step.column,
                    line(&step.label)
                ));
            }
            out.push('\n');
        }
        if looks.quiet {
            return out;
        }
        let n = self.flows.len().to_string();
        let key = match () {
            () if self.flows.is_empty() => "flows-none",
            () if self.flows.iter().any(|f| f.data.is_empty()) => "flows-found-all",
            () => "flows-found",
        };
        out.push_str(&say(language, key, &[("n", &n)]));
        out.push('\n');
        out
    }
}
