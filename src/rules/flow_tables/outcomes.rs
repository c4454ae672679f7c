//! How code asks whether an answer is one: `queries/flow/outcomes.toml`.

use serde::Deserialize;
use std::sync::Arc;

/// The names and values. All lists are short; look-ups are linear.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcomes {
    fields: Vec<Arc<str>>,
    flags: Vec<Arc<str>>,
    good: Vec<Arc<str>>,
    good_ends: Vec<Arc<str>>,
    bad_parts: Vec<Arc<str>>,
    bad_from: u32,
    around: Vec<Arc<str>>,
    said: Vec<Arc<str>>,
    predicates: Vec<Arc<str>>,
}

fn lists(list: &[Arc<str>], name: &str) -> bool {
    list.iter().any(|one| **one == *name)
}

impl Outcomes {
    /// Whether a field says how it went.
    pub fn is_field(&self, name: &str) -> bool {
        lists(&self.fields, name)
    }

    /// Whether a field is a yes or no by itself.
    pub fn is_flag(&self, name: &str) -> bool {
        lists(&self.flags, name)
    }

    /// Whether a field is around those that say how it went.
    pub fn is_around(&self, name: &str) -> bool {
        lists(&self.around, name)
    }

    /// Whether a field is one that refusals have.
    pub fn is_said(&self, name: &str) -> bool {
        self.is_field(name) || self.is_around(name) || lists(&self.said, name)
    }

    /// Whether a field says in words what went wrong.
    pub fn is_text(&self, name: &str) -> bool {
        lists(&self.said, name)
    }

    /// Whether a function answers the question for its first argument.
    pub fn is_predicate(&self, name: &str) -> bool {
        lists(&self.predicates, &name.to_ascii_lowercase())
    }

    /// What a value says: yes, no, or that only its being asked for is known.
    pub fn means(&self, value: &str) -> Option<bool> {
        if lists(&self.good, value) || self.good_ends.iter().any(|end| value.ends_with(&**end)) {
            return Some(true);
        }
        let bad = self.bad_parts.iter().any(|part| value.contains(&**part))
            || value.parse::<u32>().is_ok_and(|n| n >= self.bad_from);
        bad.then_some(false)
    }
}
