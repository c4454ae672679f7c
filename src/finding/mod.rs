//! Findings: what a rule objects to, where, how sure it is, and how to mend it.
//!
//! Pure data and pure functions. A finding holds offsets and short, already redacted words, never source text, so that
//! keeping findings does not keep files alive. May use `text`; knows no formats and no protocol.

pub mod baseline;
pub mod fingerprint;
pub mod suppress;

use crate::text::{Edit, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How bad it is for the people whose data it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; does not fail a build by default.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended before release.
    Error,
}

/// How sure the engine is that the finding is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The name alone speaks for it.
    Low,
    /// Two kinds of evidence agree, or one good one.
    Medium,
    /// Proven: a known source, a checksum, a declared shape.
    High,
}

/// A language that minivet speaks to people.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
}

/// One text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    pub zh_cn: String,
}

impl Text {
    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::ZhCn => &self.zh_cn,
        }
    }
}

/// A span in a named file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path relative to the checked root, `/` separators.
    pub file: Arc<str>,
    /// Bytes.
    pub span: Span,
}

/// One step of a data flow, source first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where the datum is at this step.
    pub at: Location,
    /// What happens there, e.g. `source: getPhoneNumber`.
    pub label: Text,
}

/// Whether a fix may be applied without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// Keeps behaviour, or only adds protection: `--fix`.
    Safe,
    /// Changes behaviour, needs a look: `--unsafe-fixes`.
    Unsafe,
    /// Shown, never applied.
    DisplayOnly,
}

/// A mend: edits that are applied whole or not at all, in one file or in several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What the editor's menu says.
    pub title: Text,
    /// Whether it may be applied unread.
    pub applicability: Applicability,
    /// Edits by file.
    pub edits: Vec<FileEdit>,
}

/// One edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// Path relative to the checked root. A file that does not exist yet is created when `edit` inserts at 0.
    pub file: Arc<str>,
    /// The replacement.
    pub edit: Edit,
}

/// What a rule objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Rule id, `group/name`.
    pub rule: Arc<str>,
    /// As configured for this rule and this datum.
    pub severity: Severity,
    /// As the evidence allows.
    pub confidence: Confidence,
    /// One line, no full stop: what is wrong.
    pub message: Text,
    /// Why it matters for this data. May be empty.
    pub why: Text,
    /// What to do. May be empty when a fix says it.
    pub help: Text,
    /// Where.
    pub at: Location,
    /// Classes of data concerned, e.g. `phone`; sorted.
    pub data: Vec<Arc<str>>,
    /// Source to sink; empty for a finding without a flow.
    pub flow: Vec<Step>,
    /// Mends, best first.
    pub fixes: Vec<Fix>,
    /// Words that tell this finding from its twins in the same file when lines move: the normalised text of the
    /// finding's line, hashed. Hex.
    pub fingerprint: String,
    /// Editors may grey out (deprecated code).
    pub deprecated: bool,
}

/// The only way a value found in a project may be shown: its first four characters, then `…`.
/// Short values show less, so that never more than a third of a secret is seen.
pub fn redact(value: &str) -> String {
    let shown = (value.chars().count() / 3).min(4);
    let mut out: String = value
        .chars()
        .take(shown)
        .filter(|c| !c.is_control())
        .collect();
    out.push('…');
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A finding in `a.js` with little in it.
    pub(crate) fn sample(rule: &str, start: u32, end: u32) -> Finding {
        let text = |en: &str, zh: &str| Text {
            en: en.into(),
            zh_cn: zh.into(),
        };
        Finding {
            rule: rule.into(),
            severity: Severity::Warning,
            confidence: Confidence::High,
            message: text("phone reaches console.log", "手机号写入日志 console.log"),
            why: text("Logs are read by others", "日志会被他人看到"),
            help: text("Remove the log", "删除该日志"),
            at: Location {
                file: "a.js".into(),
                span: Span::new(start, end),
            },
            data: vec!["phone".into()],
            flow: Vec::new(),
            fixes: Vec::new(),
            fingerprint: "00".into(),
            deprecated: false,
        }
    }

    #[test]
    fn redaction_never_shows_more_than_four_characters_or_a_third() {
        assert_eq!(redact("13812345678"), "138…");
        assert_eq!(redact("sk-0123456789abcdef"), "sk-0…");
        assert_eq!(redact("ab"), "…");
        assert_eq!(redact("张三丰"), "张…");
    }
}
