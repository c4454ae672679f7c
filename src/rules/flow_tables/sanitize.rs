//! What a function does to data, told by the words of its name: `queries/flow/sanitizers.toml`.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::Arc;

/// What happened to a datum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Partly replaced.
    Masked,
    /// Hashed.
    Hashed,
    /// Encrypted.
    Encrypted,
    /// The result says nothing of it: a check, a length, a count, a random id.
    Clean,
    /// Another spelling: still the datum.
    Encoded,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    exact: Vec<Exact>,
    words: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exact {
    effect: Effect,
    /// Names, or ends of dotted names; case ignored.
    names: Vec<String>,
}

/// A rule on the words of a name; the first one that fits decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    effect: Effect,
    /// The first word is one of these.
    #[serde(default)]
    first: Vec<Arc<str>>,
    /// Any word is one of these.
    #[serde(default)]
    any: Vec<Arc<str>>,
    /// And another word is one of these (if there are any).
    #[serde(default)]
    with: Vec<Arc<str>>,
    /// And no word is one of these.
    #[serde(default)]
    not: Vec<Arc<str>>,
}

/// The table.
#[derive(Debug, Default)]
pub(super) struct Sanitizers {
    exact: FxHashMap<String, Effect>,
    words: Vec<Row>,
}

impl Sanitizers {
    pub(super) fn new(file: File) -> Sanitizers {
        let exact = file
            .exact
            .iter()
            .flat_map(|row| {
                row.names
                    .iter()
                    .map(|n| (n.to_ascii_lowercase(), row.effect))
            })
            .collect();
        Sanitizers {
            exact,
            words: file.words,
        }
    }

    pub(super) fn effect(&self, name: &str) -> Option<Effect> {
        if name.len() > 200 {
            return None;
        }
        let lower = name.to_ascii_lowercase();
        let mut tail = lower.as_str();
        loop {
            if let Some(&effect) = self.exact.get(tail) {
                return Some(effect);
            }
            match tail.split_once('.') {
                Some((_, rest)) => tail = rest,
                None => break,
            }
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        let words = words(last);
        self.words
            .iter()
            .find(|row| row.fits(&words))
            .map(|row| row.effect)
    }
}

impl Row {
    fn fits(&self, words: &[String]) -> bool {
        let has = |list: &[Arc<str>], word: &str| list.iter().any(|w| **w == *word);
        let first = words.first().is_some_and(|word| has(&self.first, word));
        let any = words.iter().any(|word| has(&self.any, word));
        (first || any)
            && (self.with.is_empty() || words.iter().any(|word| has(&self.with, word)))
            && !words.iter().any(|word| has(&self.not, word))
    }
}

/// The words of an identifier, lower case; digits stay with their word (`md5`, `sha256`).
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            last = ' ';
            continue;
        }
        let next_is_lower = chars.peek().is_some_and(|n| n.is_ascii_lowercase());
        let starts = last == ' '
            || (c.is_ascii_uppercase() && (!last.is_ascii_uppercase() || next_is_lower));
        match out.last_mut() {
            Some(word) if !starts => word.push(c.to_ascii_lowercase()),
            _ => out.push(c.to_ascii_lowercase().to_string()),
        }
        last = c;
    }
    out
}
