//! Laws, standards and platform rules that rules refer to: `queries/data/regulations.toml`.

use crate::finding::Text;
use serde::Deserialize;
use std::sync::Arc;

/// A law, a standard, a set of platform rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// Its id.
    pub id: Arc<str>,
    en: String,
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    /// `law`, `regulation`, `department-rule`, `standard`, `platform`, `report`.
    pub binding: Arc<str>,
    /// Where to read it; may be empty.
    #[serde(default)]
    pub url: Arc<str>,
}

impl Instrument {
    /// Its title.
    pub fn title(&self) -> Text {
        Text {
            en: self.en.clone(),
            zh_cn: self.zh_cn.clone(),
        }
    }
}

/// One article or section.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its id, as `references` of rules name it.
    pub id: Arc<str>,
    /// The instrument's id.
    pub instrument: Arc<str>,
    /// `art. 51`.
    pub article: String,
    /// What it says, in short (English).
    pub gist: String,
    /// Rule groups that it supports.
    #[serde(default)]
    pub rules: Vec<Arc<str>>,
}

/// What a group of rules rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Rule group.
    pub group: Arc<str>,
    /// Clauses of law and standards, most fitting first.
    pub law: Vec<Arc<str>>,
    /// Clauses of the platform.
    #[serde(default)]
    pub platform: Vec<Arc<str>>,
}

/// All instruments and clauses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulations {
    instrument: Vec<Instrument>,
    clause: Vec<Clause>,
    basis: Vec<Basis>,
}

impl Regulations {
    pub(super) fn parse(text: &str) -> Regulations {
        toml::from_str(text).expect("internal: regulations.toml is part of the binary and tested")
    }

    /// A clause by its id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clause.iter().find(|clause| &*clause.id == id)
    }

    /// All clauses.
    pub fn clauses(&self) -> &[Clause] {
        &self.clause
    }

    /// The instrument of a clause.
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        self.instrument
            .iter()
            .find(|instrument| &*instrument.id == id)
    }

    /// What a rule group rests on.
    pub fn basis(&self, group: &str) -> Option<&Basis> {
        self.basis.iter().find(|basis| &*basis.group == group)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::RuleSet;

    #[test]
    fn every_clause_that_is_named_exists() {
        let set = RuleSet::builtin();
        let regulations = set.tables.regulations();
        for clause in regulations.clauses() {
            assert!(
                regulations.instrument(&clause.instrument).is_some(),
                "{}",
                clause.id
            );
        }
        for rule in &set.rules {
            for id in &rule.references {
                assert!(regulations.clause(id).is_some(), "{}: {id}", rule.id);
            }
            assert!(regulations.basis(&rule.group).is_some(), "{}", rule.group);
            set.tables.check_rule(rule).unwrap();
        }
        for basis in &regulations.basis {
            for id in basis.law.iter().chain(&basis.platform) {
                assert!(regulations.clause(id).is_some(), "{}: {id}", basis.group);
            }
        }
    }
}
