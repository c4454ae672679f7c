//! Secrets in literals, comments and text files: `queries/data/secrets.toml`.
//!
//! A row fires when the value has its shape, the name has its name, and one of its `near` words stands in the file. All
//! tests that need a regular expression come after tests of plain words, and expressions are compiled when first needed.

use super::error::nearest;
use super::sample;
use crate::finding::{Confidence, Severity, Text};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine;
use regex::{Regex, RegexSet};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// Which of the `near` words of all rows stand in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NearWords([u64; 4]);

impl NearWords {
    fn set(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    fn has(self, index: u16) -> bool {
        self.0[index as usize / 64] >> (index % 64) & 1 == 1
    }
}

/// How the text of a literal is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretPlace {
    /// A constant of the program or a configuration value: shapes must fit the whole value.
    Value,
    /// Running text (a comment, a line of a file, template text): quoted and assigned values in it are values too.
    Running,
}

/// A literal and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct SecretQuery<'a> {
    /// The text.
    pub value: &'a str,
    /// The name it is bound to; empty if none.
    pub name: &'a str,
    /// How to read it.
    pub place: SecretPlace,
    /// What stands in the file.
    pub near: NearWords,
    /// Weak shapes do not count: the value is compared, or one of many in a table.
    pub strict: bool,
}

/// A secret found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMatch {
    /// Row of the table.
    pub row: Arc<str>,
    /// Rule that reports it.
    pub rule: Arc<str>,
    /// What it is: `WeChat AppSecret`.
    pub what: Text,
    /// Bytes of the query's value.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// How sure.
    pub confidence: Confidence,
    /// In what ships to phones; `None` = not reported there.
    pub shipped: Option<Severity>,
    /// On servers; `None` = not reported there.
    pub server: Option<Severity>,
}

/// An address that only a server may call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Row of the table.
    pub id: Arc<str>,
    /// Platform it belongs to, or `any`.
    pub platform: Arc<str>,
    /// RE2 on the address.
    regex: String,
    /// How bad a call from a client is.
    pub severity: Severity,
    /// Why only a server may call it.
    pub why: Text,
    /// What to do.
    pub instead: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "near-patterns")]
    near_patterns: std::collections::BTreeMap<String, String>,
    placeholder: Placeholder,
    never: Never,
    secret: Vec<Row>,
    endpoint: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Placeholder {
    regex: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Never {
    always: Vec<String>,
    shapes: Vec<String>,
    names: Vec<String>,
    name_parts: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    id: Arc<str>,
    rule: Arc<str>,
    en: String,
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    regex: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    near: Vec<String>,
    #[serde(default)]
    prefilter: Vec<String>,
    #[serde(default)]
    contains: Vec<String>,
    #[serde(default)]
    min_length: usize,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    generic: bool,
    #[serde(default)]
    words: bool,
    #[serde(default)]
    public: bool,
    confidence: Confidence,
    shipped: String,
    server: String,
    sample: String,
    #[serde(skip)]
    near_ids: Vec<u16>,
    #[serde(skip)]
    compiled: OnceLock<Regex>,
}

impl Row {
    fn regex(&self) -> &Regex {
        self.compiled
            .get_or_init(|| Regex::new(&self.regex).expect("internal: secrets.toml is tested"))
    }

    /// The shape describes a whole value, not a part of a text.
    fn is_anchored(&self) -> bool {
        self.regex.starts_with('^') || self.regex.starts_with("(?i)^")
    }
}

/// Formats of secrets, and what is none.
#[derive(Debug)]
pub struct Secrets {
    file: File,
    /// Prefilter words of all rows, and the rows they belong to.
    prefilter: AhoCorasick,
    prefilter_rows: Vec<u16>,
    /// Rows without a prefilter word, tried on every value that is long enough.
    always_rows: Vec<u16>,
    near: AhoCorasick,
    /// `near` entries that are patterns, by their bit.
    near_patterns: Vec<(u16, OnceLock<Regex>, String)>,
    name_parts: AhoCorasick,
    /// Rows with a name, and the set of their names.
    named_rows: Vec<u16>,
    names: OnceLock<RegexSet>,
    placeholders: OnceLock<RegexSet>,
    never_always: OnceLock<RegexSet>,
    never_shapes: OnceLock<RegexSet>,
    pairs: OnceLock<Regex>,
    endpoints: OnceLock<RegexSet>,
}

/// Longer texts are read up to here only: no secret is longer, and pictures are.
const MAX_VALUE: usize = 64 * 1024;

impl Secrets {
    pub(super) fn parse(text: &str) -> Secrets {
        let mut file: File =
            toml::from_str(text).expect("internal: secrets.toml is part of the binary and tested");
        let mut near_ids: FxHashMap<String, u16> = FxHashMap::default();
        let mut near_words: Vec<String> = Vec::new();
        for row in &mut file.secret {
            for word in &row.near {
                let id = *near_ids.entry(word.clone()).or_insert_with(|| {
                    near_words.push(word.clone());
                    (near_words.len() - 1) as u16
                });
                row.near_ids.push(id);
            }
        }
        assert!(
            near_words.len() <= 256,
            "internal: NearWords has room for 256 words"
        );
        let near_patterns = file
            .near_patterns
            .iter()
            .filter_map(|(word, pattern)| {
                Some((*near_ids.get(word)?, OnceLock::new(), pattern.clone()))
            })
            .collect();
        let (mut words, mut prefilter_rows, mut always_rows, mut named_rows) =
            (vec![], vec![], vec![], vec![]);
        for (index, row) in file.secret.iter().enumerate() {
            for word in &row.prefilter {
                words.push(word.clone());
                prefilter_rows.push(index as u16);
            }
            if !row.name.is_empty() {
                named_rows.push(index as u16);
            } else if row.prefilter.is_empty() {
                always_rows.push(index as u16);
            }
        }
        let automaton = |words: &[String]| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(words)
                .expect("internal: a few hundred words fit an automaton")
        };
        Secrets {
            prefilter: automaton(&words),
            prefilter_rows,
            always_rows,
            // The one that is run on whole files.
            near: AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::DFA))
                .build(&near_words)
                .expect("internal: a few hundred words fit an automaton"),
            near_patterns,
            name_parts: automaton(&file.never.name_parts),
            named_rows,
            names: OnceLock::new(),
            placeholders: OnceLock::new(),
            never_always: OnceLock::new(),
            never_shapes: OnceLock::new(),
            pairs: OnceLock::new(),
            endpoints: OnceLock::new(),
            file,
        }
    }

    /// Which `near` words stand in a file; once per file with literals worth a look.
    pub fn near(&self, text: &str) -> NearWords {
        let mut out = NearWords::default();
        for found in self.near.find_overlapping_iter(text) {
            out.set(found.pattern().as_usize());
        }
        for (bit, cell, pattern) in &self.near_patterns {
            let regex =
                cell.get_or_init(|| Regex::new(pattern).expect("internal: secrets.toml is tested"));
            if regex.is_match(text) {
                out.set(*bit as usize);
            }
        }
        out
    }

    /// Whether a literal can be a secret at all: plain words only, errs on the side of yes.
    pub fn may_match(&self, value: &str, name: &str) -> bool {
        if value.len() < 4 {
            return false;
        }
        let value = clip(value, MAX_VALUE);
        (!name.is_empty() && self.name_parts.is_match(name))
            || self
                .always_rows
                .iter()
                .any(|&row| self.passes_plain(&self.file.secret[row as usize], value))
            || self.prefilter.is_match(value)
            || (value.contains(['=', ':']) && self.name_parts.is_match(value))
            || looks_like_base64(value)
    }

    fn passes_plain(&self, row: &Row, value: &str) -> bool {
        value.len() >= row.min_length
            && row
                .contains
                .iter()
                .all(|part| value.contains(part.as_str()))
    }

    /// Secrets in a literal, in order, without overlaps.
    pub fn scan(&self, query: &SecretQuery<'_>) -> SmallVec<[SecretMatch; 1]> {
        let mut found = Found::default();
        let value = clip(query.value, MAX_VALUE);
        if value.len() < 4 || value.starts_with("data:") {
            return SmallVec::new();
        }
        let whole = Piece {
            text: value,
            start: 0,
            name: query.name,
            whole: query.place == SecretPlace::Value,
        };
        self.piece(&whole, query, &mut found);
        if query.place == SecretPlace::Running
            || value.contains('=')
            || value.starts_with(['{', '['])
        {
            for (name, start, end) in self.pairs(value) {
                let piece = Piece {
                    text: &value[start..end],
                    start,
                    name,
                    whole: true,
                };
                self.piece(&piece, query, &mut found);
            }
        }
        if query.place == SecretPlace::Value && looks_like_base64(value) {
            self.encoded(value, query, &mut found);
        }
        found.finish()
    }

    /// One level of base64 around a secret.
    fn encoded(&self, value: &str, query: &SecretQuery<'_>, found: &mut Found) {
        let engine = base64::engine::general_purpose::STANDARD;
        let Some(text) = engine
            .decode(value)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return;
        };
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return;
        }
        let mut inner = Found::default();
        self.piece(
            &Piece {
                text: &text,
                start: 0,
                name: query.name,
                whole: true,
            },
            query,
            &mut inner,
        );
        for mut hit in inner.hits {
            if !self.file.secret[hit.0].generic {
                (hit.1.start, hit.1.end) = (0, value.len());
                found.hits.push(hit);
            }
        }
        found
            .public
            .extend(inner.public.into_iter().map(|_| (0, value.len())));
    }

    /// `name = "value"`, `"name": "value"`, `name=value&…` inside a text: name, start and end of the value.
    fn pairs<'t>(&self, text: &'t str) -> Vec<(&'t str, usize, usize)> {
        const PAIR: &str = r#"(?:^|[^A-Za-z0-9_$])([A-Za-z_$][A-Za-z0-9_$.-]{1,48})["']?\s*[:=]\s*(?:"([^"\n]{4,})"|'([^'\n]{4,})'|`([^`\n]{4,})`|((?:Bearer |Basic )?[^\s;&,"'`<>(){}]{4,}))"#;
        let regex = self
            .pairs
            .get_or_init(|| Regex::new(PAIR).expect("internal: constant"));
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(found) = regex.captures_at(text, at) {
            let Some(name) = found.get(1) else { break };
            if let Some(value) = (2..=5).find_map(|group| found.get(group)) {
                out.push((name.as_str(), value.start(), value.end()));
                // A quoted text may hold pairs of its own: `environ: 'A=…;B=…'`.
                at = if value.as_str().contains('=') {
                    value.start()
                } else {
                    value.end()
                };
            } else {
                at = name.end();
            }
        }
        out
    }

    fn piece(&self, piece: &Piece<'_>, query: &SecretQuery<'_>, found: &mut Found) {
        let name = normalise(piece.name);
        let mut candidates: SmallVec<[u16; 16]> = SmallVec::new();
        for hit in self.prefilter.find_overlapping_iter(piece.text) {
            candidates.push(self.prefilter_rows[hit.pattern().as_usize()]);
        }
        candidates.extend(self.always_rows.iter().copied());
        let named = !name.is_empty()
            && piece.text.len() < 4096
            && self.name_parts.is_match(&*name)
            && !self.file.never.names.iter().any(|never| *never == *name);
        if named {
            let names = self.names.get_or_init(|| {
                let patterns = self
                    .named_rows
                    .iter()
                    .map(|&row| &self.file.secret[row as usize].name);
                RegexSet::new(patterns).expect("internal: secrets.toml is tested")
            });
            let hits: SmallVec<[u16; 8]> = names
                .matches(&name)
                .iter()
                .map(|i| self.named_rows[i])
                .collect();
            // A row with both a name and prefilter words needs both.
            candidates.retain(|row| {
                self.file.secret[*row as usize].name.is_empty() || hits.contains(row)
            });
            candidates.extend(
                hits.iter()
                    .copied()
                    .filter(|&row| self.file.secret[row as usize].prefilter.is_empty()),
            );
        } else {
            candidates.retain(|row| self.file.secret[*row as usize].name.is_empty());
        }
        candidates.sort_unstable();
        candidates.dedup();
        for row in candidates {
            self.row(row as usize, piece, &name, query, found);
        }
    }

    fn row(
        &self,
        index: usize,
        piece: &Piece<'_>,
        name: &str,
        query: &SecretQuery<'_>,
        found: &mut Found,
    ) {
        let row = &self.file.secret[index];
        let near = row.near_ids.is_empty() || row.near_ids.iter().any(|&id| query.near.has(id));
        if !near
            || (row.generic && query.strict)
            || (row.is_anchored() && !piece.whole)
            || !self.passes_plain(row, piece.text)
        {
            return;
        }
        for hit in row.regex().captures_iter(piece.text) {
            let Some(value) = hit.get(1).or_else(|| hit.get(0)) else {
                continue;
            };
            let (start, end) = (piece.start + value.start(), piece.start + value.end());
            if row.public {
                found.public.push((start, end));
                continue;
            }
            if !self.is_secret(row, value.as_str(), name) {
                continue;
            }
            let what = Text {
                en: row.en.clone(),
                zh_cn: row.zh_cn.clone(),
            };
            found.hits.push((
                index,
                SecretMatch {
                    row: row.id.clone(),
                    rule: row.rule.clone(),
                    what,
                    start,
                    end,
                    confidence: row.confidence,
                    shipped: super::params::severity(&row.shipped),
                    server: super::params::severity(&row.server),
                },
            ));
        }
    }

    /// What has a secret's shape and still is none.
    fn is_secret(&self, row: &Row, value: &str, name: &str) -> bool {
        // A fixed text (`-----BEGIN …`, a file name) is no random value.
        if row.entropy == 0.0 && row.name.is_empty() && !row.regex.contains('(') {
            return true;
        }
        if self.is_placeholder(value) || (row.entropy > 0.0 && entropy(value) < row.entropy) {
            return false;
        }
        let always = self
            .never_always
            .get_or_init(|| RegexSet::new(&self.file.never.always).expect("internal: tested"));
        if row.rule_is_named() && always.is_match(value) {
            return false;
        }
        if !row.generic {
            return true;
        }
        let shapes = self
            .never_shapes
            .get_or_init(|| RegexSet::new(&self.file.never.shapes).expect("internal: tested"));
        let is_id = shapes.is_match(value) && !row.sample.contains(":hex}");
        !is_id
            && normalise(value) != name
            && (row.words || !is_words(value))
            && value.is_ascii()
            && !is_address(value)
    }

    /// Whether a value is a sample, a hole or a word instead of a value.
    pub fn is_placeholder(&self, value: &str) -> bool {
        let set = self
            .placeholders
            .get_or_init(|| RegexSet::new(&self.file.placeholder.regex).expect("internal: tested"));
        let mut seen = [false; 256];
        let different = value
            .bytes()
            .filter(|&b| !std::mem::replace(&mut seen[b as usize], true))
            .take(4)
            .count();
        different < 4 || (value.len() < 600 && set.is_match(value))
    }

    /// The server-only address that a URL is, if it is one.
    pub fn endpoint(&self, url: &str) -> Option<&Endpoint> {
        let set = self.endpoints.get_or_init(|| {
            RegexSet::new(self.file.endpoint.iter().map(|e| &e.regex))
                .expect("internal: secrets.toml is tested")
        });
        let url = clip(url, 4096);
        let url = url.split(['?', '#']).next().unwrap_or(url);
        set.matches(url)
            .iter()
            .next()
            .map(|index| &self.file.endpoint[index])
    }

    /// The sample of a row, built anew.
    pub fn sample(&self, id: &str, seed: u64) -> Option<String> {
        self.file
            .secret
            .iter()
            .find(|row| &*row.id == id)
            .map(|row| sample::expand(&row.sample, seed))
    }

    /// The row id nearest to a word.
    pub fn nearest_row(&self, id: &str) -> Option<&str> {
        nearest(id, self.file.secret.iter().map(|row| &*row.id))
    }

    /// Rule ids that rows report to, sorted.
    pub fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = self
            .file
            .secret
            .iter()
            .filter(|row| !row.public)
            .map(|row| &*row.rule)
            .collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

impl Row {
    /// The name decides, so that public shapes must be ruled out.
    fn rule_is_named(&self) -> bool {
        !self.name.is_empty()
    }
}

/// A text to try shapes on.
struct Piece<'a> {
    text: &'a str,
    /// Where it stands in the query's value.
    start: usize,
    name: &'a str,
    /// Anchored shapes may be tried.
    whole: bool,
}

#[derive(Default)]
struct Found {
    hits: Vec<(usize, SecretMatch)>,
    public: Vec<(usize, usize)>,
}

impl Found {
    /// The best match at each place: surest, then worst, then first in the table.
    fn finish(mut self) -> SmallVec<[SecretMatch; 1]> {
        self.hits.retain(|(_, hit)| {
            !self
                .public
                .iter()
                .any(|&(s, e)| hit.start < e && s < hit.end)
        });
        self.hits.sort_by(|(a, x), (b, y)| {
            (y.confidence, y.shipped, y.server, *a).cmp(&(x.confidence, x.shipped, x.server, *b))
        });
        let mut out: SmallVec<[SecretMatch; 1]> = SmallVec::new();
        for (_, hit) in self.hits {
            if !out
                .iter()
                .any(|other| hit.start < other.end && other.start < hit.end)
            {
                out.push(hit);
            }
        }
        out.sort_by_key(|hit| (hit.start, hit.end));
        out
    }
}

/// Lower case without separators.
fn normalise(name: &str) -> Cow<'_, str> {
    if name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        return Cow::Borrowed(name);
    }
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | '.' | '$' | ' '))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .into()
}

/// Shannon entropy in bits a character.
fn entropy(text: &str) -> f64 {
    let mut counts: FxHashMap<char, u32> = FxHashMap::default();
    let mut total = 0u32;
    for c in text.chars().take(4096) {
        *counts.entry(c).or_default() += 1;
        total += 1;
    }
    let mut counts: Vec<u32> = counts.into_values().collect();
    // A fixed order of the sum: the same text has the same entropy to the last bit.
    counts.sort_unstable();
    counts
        .iter()
        .map(|&n| f64::from(n) / f64::from(total))
        .map(|p| -p * p.log2())
        .sum()
}

/// Words joined by hyphens, underscores, dots or capitals: `get-user-token`, `getBackgroundFetchToken`, `Invalid`.
fn is_words(value: &str) -> bool {
    if value.contains(' ') && !value.starts_with("Bearer ") && !value.starts_with("Basic ") {
        return true;
    }
    let parts = value.split(['-', '_', '.', '/', ':', '~', '@']);
    parts.filter(|part| !part.is_empty()).all(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        // Random letters change case in the middle of words and more often.
        let humps = letters
            .bytes()
            .zip(letters.bytes().skip(1))
            .filter(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase())
            .count();
        part.len() - letters.len() <= 4
            && letters.bytes().all(|b| b.is_ascii_alphabetic())
            && (letters.len() < 4 || humps * 3 <= letters.len())
            && has_vowels(letters)
    })
}

/// Whether letters can be pronounced: vowels are between a sixth and three quarters of them.
fn has_vowels(letters: &str) -> bool {
    let vowels = letters
        .bytes()
        .filter(|b| b"aeiouyAEIOUY".contains(b))
        .count();
    letters.len() < 5 || (vowels * 6 >= letters.len() && vowels * 4 <= letters.len() * 3)
}

fn is_address(value: &str) -> bool {
    value.contains("://") || value.starts_with('/') || value.starts_with("./")
}

fn looks_like_base64(value: &str) -> bool {
    value.len() >= 24
        && value.len() <= 16 * 1024
        && value.len().is_multiple_of(4)
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        && value.bytes().any(|b| b.is_ascii_uppercase())
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
    use super::*;
    use crate::rules::{RuleSet, Tables};

    fn tables() -> Arc<Tables> {
        RuleSet::builtin().tables.clone()
    }

    /// `row` of each match, in a file with the text.
    fn scan_in(file: &str, name: &str, value: &str, place: SecretPlace) -> Vec<SecretMatch> {
        let tables = tables();
        let secrets = tables.secrets();
        let near = secrets.near(file);
        let query = SecretQuery {
            value,
            name,
            place,
            near,
            strict: false,
        };
        let found = secrets.scan(&query).into_vec();
        assert!(
            found.is_empty() || secrets.may_match(value, name),
            "the cheap filter must let {value} pass"
        );
        found
    }

    fn rows(file: &str, name: &str, value: &str) -> String {
        let found = scan_in(file, name, value, SecretPlace::Value);
        found
            .iter()
            .map(|hit| &*hit.row)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A name that a row's name pattern accepts.
    fn name_for(row: &Row) -> String {
        let regex = Regex::new(&row.name).unwrap();
        let words = [
            "wxappsecret",
            "secret",
            "sessionkey",
            "accesstoken",
            "aeskey",
            "componentappsecret",
            "corpsecret",
            "paykey",
            "secretkey",
            "sk",
            "accesskeysecret",
            "privatekey",
            "operatorpassword",
            "apikey",
            "authorization",
            "giteetoken",
            "sm2privatekey",
            "sm4key",
            "signsecret",
            "smtppass",
            "yunpiankey",
            "mastersecret",
            "masterkey",
            "appcertificate",
            "serversecret",
            "imclientsecret",
            "apisecret",
            "password",
            "amapkey",
            "securityjscode",
            "ak",
            "tk",
            "clientsecret",
            "appkey",
            "feishuappsecret",
            "desmiyao",
            "aeskey",
            "formapisecret",
            "key",
            "secretaccesskey",
            "ucloudprivatekey",
            "sparkapikey",
            "signkey",
            "imappsecret",
        ];
        words
            .iter()
            .find(|w| regex.is_match(w))
            .unwrap_or_else(|| panic!("no name for {}: {}", row.id, row.name))
            .to_string()
    }

    #[test]
    fn every_row_finds_its_own_sample() {
        let tables = tables();
        for row in &tables.secrets().file.secret {
            for seed in 0..20 {
                let value = sample::expand(&row.sample, seed);
                let near = if row.near.contains(&"<appid>".to_string()) {
                    "wx0123456789abcdef".into()
                } else {
                    row.near.join(" ")
                };
                let name = if row.name.is_empty() {
                    String::new()
                } else {
                    name_for(row)
                };
                let found = scan_in(&near, &name, &value, SecretPlace::Value);
                if row.public {
                    assert_eq!(found, [], "{}: {value}", row.id);
                    continue;
                }
                // Another row of the same rule, or a surer one, may take it: never nothing.
                assert!(!found.is_empty(), "{} ({name}) misses {value}", row.id);
                assert!(
                    found
                        .iter()
                        .any(|hit| hit.rule == row.rule || hit.confidence >= row.confidence),
                    "{}: {found:?}",
                    row.id
                );
            }
        }
    }

    #[test]
    fn the_name_tells_values_of_one_shape_apart() {
        let hex = sample::expand("{32:hex}", 1);
        assert_eq!(rows("", "appSecret", &hex), "wechat-app-secret");
        assert_eq!(rows("", "WX_APP_SECRET", &hex), "wechat-app-secret");
        assert_eq!(
            rows("appid: 'wx0123456789abcdef'", "secret", &hex),
            "wechat-secret-beside-appid"
        );
        assert_eq!(rows("amap", "GdMapApiKey", &hex), "amap-key");
        assert_eq!(rows("", "md5", &hex), "");
        assert_eq!(rows("", "imgFile", &hex), "");
        assert_eq!(
            rows("", "templateId", &sample::expand("{43:b64url}", 1)),
            ""
        );
        assert_eq!(
            rows("mch_id wxpay", "apiKey", &sample::expand("{32:alnum}", 1)),
            "wxpay-api-key"
        );
    }

    #[test]
    fn what_only_looks_like_a_secret_is_left_alone() {
        for (name, value) in [
            ("appid", "wx0123456789abcdef"),
            ("secret", "wx0123456789abcdef"),
            ("password", "Invalid old password"),
            ("password", "密码"),
            ("password", "请输入密码"),
            ("password", "string"),
            ("password", "safe-password"),
            ("type", "password"),
            ("token", "getBackgroundFetchToken"),
            ("token", "token"),
            ("token", "access_token"),
            ("accessToken", "X-Access-Token"),
            ("apiKey", "your-api-key-goes-here"),
            ("apiKey", "xxxxxxxxxxxxxxxxxxxxxxxx"),
            ("apiKey", "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            ("secretKey", "${SECRET_KEY}"),
            ("secretKey", "{{secretKey}}"),
            ("publicKey", "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7vb6"),
            (
                "integrity",
                "sha512-9UF0RcnHhJkXwFWjhAcLvbHzdVzhVHGnQaVjKHGHkzqPW8xyX1cEY",
            ),
            ("env", "release-3gq4jzqt8d0d0b8f"),
            ("key", "userInfo"),
            ("sessionKey", "session_key"),
            (
                "src",
                "https://cdn.example.cn/0123456789abcdef0123456789abcdef.png",
            ),
            ("lunar", "0x04bd8,0x04ae0,0x0a570,0x054d5"),
            ("passwordRule", "^(?=.*[a-z]).{8,}$"),
            ("icon", "key-outline"),
        ] {
            assert_eq!(
                rows("wxpay appid crypto md5 sign", name, value),
                "",
                "{name} = {value}"
            );
        }
    }

    #[test]
    fn values_inside_text_are_found() {
        let jwt = sample::expand("eyJ{33:b64url}.eyJ{60:b64url}.{43:b64url}", 1);
        let comment = format!(" const token = 'Bearer {jwt}'");
        let found = scan_in("", "", &comment, SecretPlace::Running);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(&*found[0].rule, "secrets/token");

        let token = sample::expand("{64:b64url}1a", 3);
        let environ = format!(
            "  environ: 'WX_CLIENTIP=10.12.23.71;WX_APPID=wx0123456789abcdef;WX_API_TOKEN={token};TZ=UTC'"
        );
        let found = scan_in("", "", &environ, SecretPlace::Running);
        assert_eq!(
            found
                .iter()
                .map(|hit| &environ[hit.start..hit.end])
                .collect::<Vec<_>>(),
            [&*token]
        );

        let secret = sample::expand("{32:hex}", 2);
        let url = format!(
            "https://api.weixin.qq.com/sns/jscode2session?appid=wx0123456789abcdef&secret={secret}&js_code="
        );
        let found = scan_in(&url, "url", &url, SecretPlace::Value);
        assert_eq!(
            found
                .iter()
                .map(|hit| (&*hit.rule, &url[hit.start..hit.end]))
                .collect::<Vec<_>>(),
            [("secrets/app-secret", &*secret)]
        );

        let encoded =
            base64::engine::general_purpose::STANDARD.encode(sample::expand("AKID{32:alnum}", 5));
        assert_eq!(rows("", "k", &encoded), "tencent-secret-id");
    }

    #[test]
    fn server_only_addresses_are_known() {
        let tables = tables();
        let id = |url| {
            tables
                .secrets()
                .endpoint(url)
                .map(|e| e.id.to_string())
                .unwrap_or_default()
        };
        assert_eq!(
            id("https://api.weixin.qq.com/sns/jscode2session?appid=x"),
            "wx-jscode2session"
        );
        assert_eq!(id("https://api.weixin.qq.com/datacube/getx"), "wx-api-any");
        assert_eq!(id("https://shop.example.cn/api.weixin"), "");
        assert_eq!(id("https://api.deepseek.com/v1/chat"), "llm-chat");
    }
}
