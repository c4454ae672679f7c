//! One file per output format: findings in, bytes out.
//!
//! Pure: what is reported is a [`Report`]; the shells fill it and write the bytes. May use `serde` and `annotate-snippets`.

pub mod escape;
mod flows;
mod github;
mod gitlab;
mod json;
mod junit;
pub mod mask;
mod sarif;
mod style;
mod text;
pub mod texts;

pub use flows::{Flow, FlowEnd, FlowReport, FlowStep};
pub use style::{Looks, markdown};

use crate::finding::{Finding, Language, Severity, Text};
use crate::rules::RuleSet;
use crate::text::{Encoding, LineIndex, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text that findings point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// UTF-8.
    pub text: Arc<str>,
    /// Its lines.
    pub lines: LineIndex,
}

impl Source {
    /// Finds the lines of a text.
    pub fn new(text: Arc<str>) -> Source {
        Source {
            lines: LineIndex::new(&text),
            text,
        }
    }
}

/// A place for people: 1-based; columns count Unicode code points; offsets are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1.
    pub column: u32,
    /// Byte offset in the file, from 0.
    pub byte: u32,
}

/// Everything found under one PATH argument.
#[derive(Clone, Debug, Default)]
pub struct Root {
    /// What stands before a relative file name for people and CI systems: empty, or a folder with `/` at its end.
    pub prefix: String,
    /// `file:` address of the folder, for SARIF; empty if unknown.
    pub address: String,
    /// Texts that findings and their flows point into.
    pub sources: BTreeMap<Arc<str>, Source>,
    /// Sorted by file and place.
    pub findings: Vec<Finding>,
    /// Something of a file was cut short: file, text.
    pub notes: Vec<(Arc<str>, Text)>,
}

impl Root {
    /// A byte of a file as a place; files without a source give line and column 1.
    pub fn place(&self, file: &str, byte: u32) -> Place {
        match self.sources.get(file) {
            Some(source) => {
                let at = source.lines.position(&source.text, byte, Encoding::Utf32);
                Place {
                    line: at.line + 1,
                    column: at.column + 1,
                    byte,
                }
            }
            None => Place {
                line: 1,
                column: 1,
                byte,
            },
        }
    }

    /// The file as people and CI systems are shown it.
    pub fn shown(&self, file: &str) -> String {
        format!("{}{file}", self.prefix)
    }

    /// Spans of values per file that may not be shown.
    pub(crate) fn masks(&self, masker: &mask::Masker<'_>) -> BTreeMap<&str, Vec<Span>> {
        let mut out: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for finding in self
            .findings
            .iter()
            .filter(|f| masker.is_value_rule(&f.rule))
        {
            out.entry(&finding.at.file)
                .or_default()
                .push(finding.at.span);
        }
        out
    }
}

/// A file that was not checked although it should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// As people are shown it.
    pub file: String,
    /// `read`, `encoding`, `too-large`, `write` …
    pub kind: &'static str,
    /// What is wrong and what to do: one clause.
    pub message: Text,
}

/// A file that was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// `vendor`, `minified` … a `skip-…` text.
    pub reason: &'static str,
    /// As people are shown it; folders end in `/`.
    pub file: String,
    /// How many files it stands for.
    pub count: usize,
}

/// What is reported.
pub struct Report {
    /// One for each PATH.
    pub roots: Vec<Root>,
    /// Rules that ran.
    pub rules: Arc<RuleSet>,
    /// Language of messages.
    pub language: Language,
    /// Files checked.
    pub files: usize,
    /// Findings silenced by comments and settings.
    pub suppressed: usize,
    /// Findings known from the baseline.
    pub baselined: usize,
    /// Files that were not checked although they should have been.
    pub errors: Vec<FileError>,
    /// Files that were left out on purpose.
    pub skipped: Vec<Skip>,
    /// Time taken.
    pub elapsed_ms: u64,
}

impl Report {
    /// All findings with their roots.
    pub fn all(&self) -> impl Iterator<Item = (&Root, &Finding)> {
        self.roots
            .iter()
            .flat_map(|root| root.findings.iter().map(move |finding| (root, finding)))
    }

    /// The worst severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.all().map(|(_, finding)| finding.severity).max()
    }

    /// Address of a rule's page.
    pub(crate) fn url(&self, rule: &str) -> Option<String> {
        self.rules
            .rule(rule)
            .and_then(|rule| self.rules.url(rule, self.language))
    }
}

/// A format of `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One object.
    Json,
    /// One object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub workflow commands.
    Github,
    /// GitLab code quality.
    Gitlab,
    /// JUnit XML.
    Junit,
}

/// The report's bytes.
pub fn render(report: &Report, format: Format, looks: &Looks) -> String {
    match format {
        Format::Text => text::render(report, looks),
        Format::Json => json::render(report),
        Format::Jsonl => json::render_lines(report),
        Format::Sarif => sarif::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Junit => junit::render(report),
    }
}

#[cfg(test)]
mod tests;
