//! What is wrong with a rule or a table, and how to mend it: for people who write rules of their own.

use crate::finding::Text;
use std::fmt;
use std::sync::Arc;

/// A rule folder that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The file, as it was handed in.
    pub path: Arc<str>,
    /// Line in the file, from 1; 0 where no line applies (a missing file).
    pub line: u32,
    /// What is wrong. One sentence without a full stop.
    pub what: Text,
    /// How to mend it; may be empty.
    pub help: Text,
}

impl RuleError {
    /// An error at a line (from 1).
    pub fn new(path: &str, line: u32, en: impl Into<String>, zh: impl Into<String>) -> RuleError {
        RuleError {
            path: path.into(),
            line,
            what: Text {
                en: en.into(),
                zh_cn: zh.into(),
            },
            help: Text::default(),
        }
    }

    /// The same error with a mend.
    pub fn help(mut self, en: impl Into<String>, zh: impl Into<String>) -> RuleError {
        self.help = Text {
            en: en.into(),
            zh_cn: zh.into(),
        };
        self
    }

    /// The error as one line, in one language.
    pub fn show(&self, language: crate::finding::Language) -> String {
        let mut out = self.path.to_string();
        if self.line > 0 {
            out.push_str(&format!(":{}", self.line));
        }
        out.push_str(": ");
        out.push_str(self.what.get(language));
        let help = self.help.get(language);
        if !help.is_empty() {
            out.push_str("; ");
            out.push_str(help);
        }
        out
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show(crate::finding::Language::En))
    }
}

impl std::error::Error for RuleError {}

/// The candidate nearest to `word`, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|&(d, _)| d <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance with transpositions of neighbours, by characters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + same);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        assert_eq!(
            nearest("severty", ["severity", "confidence"]),
            Some("severity")
        );
        assert_eq!(nearest("famlies", ["families", "parts"]), Some("families"));
        assert_eq!(nearest("zzz", ["families", "parts"]), None);
        assert_eq!(nearest("on", ["no", "off"]), Some("no"));
    }
}
