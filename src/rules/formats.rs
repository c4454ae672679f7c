//! Shapes of personal data in text: `queries/data/formats.toml`. Cheap tests first, checksums last.

use super::checksum;
use crate::finding::Severity;
use regex::Regex;
use serde::Deserialize;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};

/// A personal datum found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatMatch {
    /// Row of the table.
    pub format: Arc<str>,
    /// Class of the datum.
    pub class: Arc<str>,
    /// Bytes of the text that was scanned.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Proven by itself. Otherwise the match is the whole text, and a name or label beside it must speak of the class.
    pub alone: bool,
    /// In files that ship; one step lower in mocks and tests.
    pub severity: Severity,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    email_public_locals: Vec<String>,
    email_public_domains: Vec<String>,
    file_endings: Vec<String>,
    surnames: String,
    double_surnames: Vec<String>,
    surname_words: Vec<String>,
    resident_regions: Vec<String>,
    format: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    id: Arc<str>,
    #[serde(default)]
    class: Arc<str>,
    regex: String,
    #[serde(default)]
    check: Check,
    #[serde(default)]
    digits: usize,
    #[serde(default)]
    contains: Option<String>,
    #[serde(default)]
    contains_any: Option<String>,
    alone: bool,
    severity: String,
    #[serde(default)]
    demo: Vec<String>,
    sample: String,
    #[serde(skip)]
    compiled: OnceLock<Regex>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Check {
    #[default]
    None,
    Luhn,
    ResidentId,
    UsccMod31,
    Mobile,
    Email,
    Plate,
    Varied,
    Mixed,
    Surname,
}

/// Literal formats of personal data.
#[derive(Debug)]
pub struct Formats {
    file: File,
}

/// Longer texts are searched up to here only.
const MAX_TEXT: usize = 1 << 20;

impl Formats {
    pub(super) fn parse(text: &str) -> Formats {
        Formats {
            file: toml::from_str(text)
                .expect("internal: formats.toml is part of the binary and tested"),
        }
    }

    /// Whether a text can hold a datum at all: cheap, errs on the side of yes.
    pub fn may_match(&self, text: &str) -> bool {
        let facts = TextFacts::of(text);
        self.file
            .format
            .iter()
            .any(|row| self.triggered(row, text, &facts))
    }

    fn triggered(&self, row: &Row, text: &str, facts: &TextFacts) -> bool {
        if facts.digits < row.digits {
            return false;
        }
        if row.check == Check::Surname {
            // Three bytes a character, at most two surname and eight other characters and a dot.
            return facts.other && text.len() <= 36;
        }
        row.contains
            .as_deref()
            .is_none_or(|part| text.contains(part))
            && row.contains_any.as_deref().is_none_or(|chars| {
                if chars.is_ascii() {
                    text.contains(|c| chars.contains(c))
                } else {
                    facts.other && text.contains(|c| chars.contains(c))
                }
            })
    }

    /// Everything personal in a text, in order, without overlaps. Samples that everybody uses are left out.
    pub fn scan(&self, text: &str) -> SmallVec<[FormatMatch; 2]> {
        let text = clip(text, MAX_TEXT);
        let facts = TextFacts::of(text);
        let mut out: SmallVec<[FormatMatch; 2]> = SmallVec::new();
        let mut taken: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        let whole = text.trim();
        let offset = text.len() - text.trim_start().len();
        for row in &self.file.format {
            if !self.triggered(row, text, &facts) {
                continue;
            }
            let regex = row.regex();
            for found in regex.find_iter(text) {
                let (start, end) = (found.start(), found.end());
                if !row.alone && (start != offset || found.as_str() != whole) {
                    continue;
                }
                if touches(text, start, end) || taken.iter().any(|&(s, e)| start < e && s < end) {
                    continue;
                }
                if !self.passes(row, found.as_str()) {
                    continue;
                }
                // What everybody writes as a sample, and public numbers, hide what looks alike.
                if row.alone {
                    taken.push((start, end));
                }
                let Some(severity) =
                    super::params::severity(&row.severity).filter(|_| !row.class.is_empty())
                else {
                    continue;
                };
                if row.is_demo(found.as_str()) {
                    continue;
                }
                out.push(FormatMatch {
                    format: row.id.clone(),
                    class: row.class.clone(),
                    start,
                    end,
                    alone: row.alone,
                    severity,
                });
            }
        }
        out.sort_by(|a, b| (a.start, !a.alone, &a.format).cmp(&(b.start, !b.alone, &b.format)));
        out
    }

    /// The recipe of a row's sample, by the row's id.
    pub fn sample(&self, id: &str) -> Option<&str> {
        self.file
            .format
            .iter()
            .find(|row| &*row.id == id)
            .map(|row| row.sample.as_str())
    }

    /// Ids of all rows.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.file.format.iter().map(|row| &*row.id)
    }

    /// Classes that have a format.
    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.file
            .format
            .iter()
            .map(|row| &*row.class)
            .filter(|class| !class.is_empty())
    }

    fn passes(&self, row: &Row, text: &str) -> bool {
        match row.check {
            Check::None => true,
            Check::Luhn => checksum::luhn(text) && checksum::varied(text),
            Check::ResidentId => checksum::resident_id(text, &self.file.resident_regions),
            Check::UsccMod31 => {
                checksum::uscc(text) && text.bytes().any(|b| b.is_ascii_uppercase())
            }
            Check::Mobile => checksum::mobile(text),
            Check::Email => self.is_personal_email(text),
            Check::Plate => text.bytes().any(|b| b.is_ascii_digit()),
            Check::Varied => checksum::varied(text),
            Check::Mixed => checksum::mixed(text),
            Check::Surname => self.is_person_name(text),
        }
    }

    fn is_personal_email(&self, text: &str) -> bool {
        let lower = text.to_ascii_lowercase();
        let Some((local, domain)) = lower.split_once('@') else {
            return false;
        };
        let ending = domain.rsplit('.').next().unwrap_or_default();
        let listed = |list: &[String], word: &str| list.iter().any(|entry| entry == word);
        !listed(&self.file.email_public_locals, local)
            && !self
                .file
                .email_public_domains
                .iter()
                .any(|d| domain == d || domain.ends_with(&format!(".{d}")))
            && !listed(&self.file.file_endings, ending)
    }

    fn is_person_name(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let double = self
            .file
            .double_surnames
            .iter()
            .any(|surname| text.starts_with(surname.as_str()));
        let lengths = if double { 3..=4 } else { 2..=3 };
        let surname = double
            || chars
                .first()
                .is_some_and(|c| self.file.surnames.contains(*c));
        let word = self
            .file
            .surname_words
            .iter()
            .any(|word| text.starts_with(word.as_str()));
        // The same character three times, or a dot inside, is something else or cannot be told.
        surname && !word && lengths.contains(&chars.len())
    }
}

impl Row {
    fn regex(&self) -> &Regex {
        self.compiled
            .get_or_init(|| Regex::new(&self.regex).expect("internal: formats.toml is tested"))
    }

    fn is_demo(&self, text: &str) -> bool {
        let plain = |text: &str| -> String {
            text.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        };
        let text = plain(text);
        self.demo.iter().any(|demo| text.ends_with(&plain(demo)))
    }
}

/// What one pass over a text tells.
struct TextFacts {
    digits: usize,
    /// Has characters outside ASCII.
    other: bool,
}

impl TextFacts {
    fn of(text: &str) -> TextFacts {
        let mut facts = TextFacts {
            digits: 0,
            other: false,
        };
        for byte in text.bytes() {
            facts.digits += usize::from(byte.is_ascii_digit());
            facts.other |= byte >= 0x80;
        }
        facts
    }
}

/// Whether a match is part of something longer: a letter, a digit or `_` touches it, or a decimal point or a hyphen with one
/// behind it.
fn touches(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let joint = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b'.' | b'-'));
    let before = |n: usize| start.checked_sub(n).and_then(|i| bytes.get(i));
    let first_is_word = word(bytes.get(start));
    (first_is_word && (word(before(1)) || (joint(before(1)) && word(before(2)))))
        || word(bytes.get(end))
        || (joint(bytes.get(end)) && word(bytes.get(end + 1)))
}

fn clip(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use crate::rules::{Tables, sample};

    fn found(text: &str) -> String {
        let tables = Tables::builtin();
        let show = |m: &crate::rules::FormatMatch| {
            format!(
                "{}{}={}",
                m.class,
                if m.alone { "" } else { "?" },
                &text[m.start..m.end]
            )
        };
        tables
            .formats()
            .scan(text)
            .iter()
            .map(show)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn every_sample_is_found_as_what_it_is() {
        let tables = Tables::builtin();
        for id in tables.formats().ids() {
            for seed in 0..40 {
                let recipe = tables.formats().sample(id).unwrap();
                let text = sample::expand(recipe, seed);
                if recipe.starts_with("4{") && !crate::rules::checksum::luhn(&text) {
                    continue;
                }
                let hits = tables.formats().scan(&text);
                let public = ["uscc", "hotline"].contains(&id);
                assert_eq!(
                    hits.iter().any(|hit| &*hit.format == id),
                    !public,
                    "{id}: {text}: {hits:?}"
                );
            }
        }
    }

    #[test]
    fn personal_data_is_found_inside_text() {
        let phone = sample::expand("{mobile}", 7);
        let id = sample::expand("{resident-id}", 7);
        let text = format!("联系人电话{phone}，身份证 {id}。");
        assert_eq!(found(&text), format!("phone={phone} id-card={id}"));
        assert_eq!(
            found(&format!("tel:+86-{phone}")),
            format!("phone=+86-{phone}")
        );
        assert_eq!(found("liming.1987@qq.com"), "email=liming.1987@qq.com");
    }

    #[test]
    fn look_alikes_are_left_alone() {
        let phone = sample::expand("{mobile}", 3);
        for text in [
            "13800138000".to_string(),
            "13812345678".to_string(),
            format!("1{phone}"),
            format!("a{phone}"),
            format!("{phone}.5"),
            format!("/img/x_{phone}.png"),
            format!("{phone}8"),
            "git@github.com".into(),
            "icon@2x.png".into(),
            "@vant/weapp@1.2.3".into(),
            "support@tencent.com".into(),
            "someone@example.com".into(),
            "京A88888".into(),
            "400-812-3456".into(),
            "20240101120000123456".into(),
            "110101199003071234".into(),
            "00:00:00:00:00:00".into(),
            "2024-01-02-03-04-05".into(),
            "高级设置".into(),
            "方案".into(),
            "张三".into(),
            "wx0123456789abcdef".into(),
            "91350100M000100Y43".into(),
            "#1890ff".into(),
        ] {
            assert_eq!(found(&text), "", "{text}");
        }
    }
}
