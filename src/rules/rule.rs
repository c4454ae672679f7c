//! One rule: its folder as data. Reads `rule.toml`, the pages and the examples; judges nothing.

use super::error::RuleError;
use super::params::{Params, Shapes, Source, check, confidence, severity, text, unknown_key};
use crate::finding::{Applicability, Confidence, Language, Severity, Text};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a rule says to people. Placeholders: `{data} {source} {call} {via} {target} {name} {value}` and what the
/// detector adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// What is wrong: one line, no full stop.
    pub what: Text,
    /// Why it matters. May be empty.
    pub why: Text,
    /// What to do. May be empty.
    pub help: Text,
}

/// One thing that a rule looks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Which detector looks: a `[match.…]` row of `queries/data/detectors.toml`.
    pub on: String,
    /// Its parameters.
    pub params: Params,
}

/// One mend that a rule offers.
#[derive(Clone, Debug, PartialEq)]
pub struct FixSpec {
    /// Which edit builder: a `[fix.…]` row of `queries/data/detectors.toml`.
    pub kind: String,
    /// Whether it may be applied unread.
    pub applicability: Applicability,
    /// What the editor's menu says; placeholders as in messages.
    pub title: Text,
    /// Its parameters.
    pub params: Params,
}

/// Grammars that rule patterns are written for. `Ecma` patterns run on JavaScript, TypeScript and TSX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternFamily {
    /// `ecma.scm`.
    Ecma,
    /// `markup.scm`.
    Markup,
    /// `json.scm`.
    Json,
}

/// A pattern file of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFile {
    /// Which grammars.
    pub family: PatternFamily,
    /// For error messages.
    pub path: Arc<str>,
    /// The patterns.
    pub text: Cow<'static, str>,
}

/// The rule's page in both languages: Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// English.
    pub en: Cow<'static, str>,
    /// Simplified Chinese.
    pub zh_cn: Cow<'static, str>,
}

impl Pages {
    /// The page in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::ZhCn => &self.zh_cn,
        }
    }

    /// The page's first heading without its marks; empty if it has none.
    pub fn title(&self, language: Language) -> &str {
        let heading = self
            .get(language)
            .lines()
            .find(|line| line.starts_with('#'));
        heading.map_or("", |line| line.trim_start_matches('#').trim())
    }
}

/// An example file: one Markdown test suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleFile {
    /// For error messages.
    pub path: Arc<str>,
    /// Markdown.
    pub text: Cow<'static, str>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `group/name`.
    pub id: Arc<str>,
    /// `group`.
    pub group: Arc<str>,
    /// Severity where a match says nothing else.
    pub severity: Severity,
    /// Typical confidence, for listings.
    pub confidence: Confidence,
    /// On without being selected.
    pub default: bool,
    /// Clauses of `data/regulations.toml`.
    pub references: Vec<Arc<str>>,
    /// Former ids.
    pub aliases: Vec<Arc<str>>,
    /// What it says.
    pub messages: Messages,
    /// What it says in special cases: `[messages.NAME.en]`, chosen by a match's `message = "NAME"`.
    pub variants: BTreeMap<String, Messages>,
    /// Texts of `[texts.NAME]`, chosen by a match's `what = "NAME"`.
    pub texts: BTreeMap<String, Text>,
    /// What it looks for.
    pub matches: Vec<Match>,
    /// Mends, best first.
    pub fixes: Vec<FixSpec>,
    /// Its page.
    pub pages: Pages,
    /// Its examples, sorted by path.
    pub examples: Vec<ExampleFile>,
    /// Its patterns.
    pub patterns: Vec<PatternFile>,
    /// Words of which one must occur in a file (any case) before the patterns are tried; empty = always.
    pub words: Vec<String>,
    /// Part of the binary, not of a user's folder.
    pub builtin: bool,
    /// The folder's `rule.toml`.
    pub path: Arc<str>,
}

impl Rule {
    /// The messages of a match: its own where it names some, the rule's otherwise.
    pub fn messages_of(&self, found: &Match) -> Messages {
        let named = found
            .params
            .str("message")
            .and_then(|name| self.variants.get(name));
        let mut messages = named.unwrap_or(&self.messages).clone();
        if let Some(what) = found
            .params
            .str("what")
            .and_then(|name| self.texts.get(name))
        {
            messages.what.clone_from(what);
        }
        messages
    }
}

/// The files of one rule's folder, as handed in.
#[derive(Clone, Debug, Default)]
pub(super) struct Folder {
    /// Path of the folder, for error messages.
    pub path: String,
    /// Files by their path inside the folder.
    pub files: BTreeMap<String, Cow<'static, str>>,
}

const KEYS: &[&str] = &[
    "severity",
    "confidence",
    "default",
    "references",
    "aliases",
    "message",
    "messages",
    "texts",
    "match",
    "fix",
    "words",
];

/// Reads one rule's folder. `id` is `group/name`.
pub(super) fn read(
    id: &str,
    folder: &Folder,
    shapes: &Shapes,
    builtin: bool,
) -> Result<Rule, RuleError> {
    let path = format!("{}/rule.toml", folder.path);
    let missing = |name: &str| {
        let path = format!("{}/{name}", folder.path);
        RuleError::new(&path, 0, "file is missing", "缺少该文件")
    };
    let toml = folder
        .files
        .get("rule.toml")
        .ok_or_else(|| missing("rule.toml"))?;
    check_id(id, &path)?;
    let source = Source {
        path: &path,
        text: toml,
    };
    let table = source.parse()?;
    let reader = Reader {
        source: &source,
        shapes,
    };
    let mut rule = reader.rule(id, &table)?;
    rule.builtin = builtin;
    let page = |name: &str| folder.files.get(name).cloned();
    rule.pages = Pages {
        en: page("en.md").ok_or_else(|| missing("en.md"))?,
        // Users' own rules may speak one language; built-in ones are checked by a tidy test.
        zh_cn: page("zh-CN.md")
            .or_else(|| page("en.md"))
            .unwrap_or_default(),
    };
    for (name, text) in &folder.files {
        let path: Arc<str> = format!("{}/{name}", folder.path).into();
        let family = match name.as_str() {
            "ecma.scm" => PatternFamily::Ecma,
            "markup.scm" => PatternFamily::Markup,
            "json.scm" => PatternFamily::Json,
            name if name.ends_with(".scm") => {
                return Err(
                    RuleError::new(&path, 0, "unknown pattern file", "未知的规则模式文件").help(
                        "use ecma.scm, markup.scm or json.scm",
                        "请使用 ecma.scm、markup.scm 或 json.scm",
                    ),
                );
            }
            name if name.starts_with("examples/") && name.ends_with(".md") => {
                rule.examples.push(ExampleFile {
                    path,
                    text: text.clone(),
                });
                continue;
            }
            _ => continue,
        };
        rule.patterns.push(PatternFile {
            family,
            path,
            text: text.clone(),
        });
    }
    Ok(rule)
}

fn check_id(id: &str, path: &str) -> Result<(), RuleError> {
    let part = |p: &str| {
        !p.is_empty()
            && p.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !p.starts_with('-')
    };
    let mut parts = id.split('/');
    let good =
        parts.next().is_some_and(part) && parts.next().is_some_and(part) && parts.next().is_none();
    if good {
        return Ok(());
    }
    Err(RuleError::new(
        path,
        0,
        format!("`{id}` cannot be a rule id"),
        format!("`{id}` 不能作为规则编号"),
    )
    .help(
        "a rule lies in a folder group/name, in lower case with hyphens",
        "规则目录应为 组/名称，用小写字母和连字符",
    ))
}

struct Reader<'a> {
    source: &'a Source<'a>,
    shapes: &'a Shapes,
}

impl Reader<'_> {
    fn rule(&self, id: &str, table: &DeTable<'_>) -> Result<Rule, RuleError> {
        for key in table.keys() {
            if !KEYS.contains(&key.get_ref().as_ref()) {
                return Err(unknown_key(
                    self.source,
                    key.span().start,
                    key.get_ref(),
                    KEYS.iter().copied(),
                ));
            }
        }
        let group = id.split('/').next().unwrap_or_default();
        let word = |key: &str, known: &str| -> Result<(String, usize), RuleError> {
            let value = self.need(table, key)?;
            match value.get_ref().as_str() {
                Some(word) => Ok((word.to_string(), value.span().start)),
                None => Err(self.source.error(
                    value.span().start,
                    format!("`{key}` must be one of {known}"),
                    format!("`{key}` 应为 {known} 之一"),
                )),
            }
        };
        let bad = |key: &str, at: usize, known: &str| {
            self.source.error(
                at,
                format!("`{key}` must be one of {known}"),
                format!("`{key}` 应为 {known} 之一"),
            )
        };
        let (severity_word, at) = word("severity", "error, warning, info")?;
        let severity =
            severity(&severity_word).ok_or_else(|| bad("severity", at, "error, warning, info"))?;
        let (confidence_word, at) = word("confidence", "high, medium, low")?;
        let confidence = confidence(&confidence_word)
            .ok_or_else(|| bad("confidence", at, "high, medium, low"))?;
        let messages = self.messages("message", self.need(table, "message")?)?;
        let mut variants = BTreeMap::new();
        if let Some(value) = table.get("messages") {
            for (name, value) in self.table("messages", value)? {
                variants.insert(
                    name.get_ref().to_string(),
                    self.messages(&format!("messages.{}", name.get_ref()), value)?,
                );
            }
        }
        let mut texts = BTreeMap::new();
        if let Some(value) = table.get("texts") {
            for (name, value) in self.table("texts", value)? {
                texts.insert(
                    name.get_ref().to_string(),
                    text(self.source, &format!("texts.{}", name.get_ref()), value)?,
                );
            }
        }
        let mut rule = Rule {
            id: id.into(),
            group: group.into(),
            severity,
            confidence,
            default: table
                .get("default")
                .and_then(|v| v.get_ref().as_bool())
                .unwrap_or(true),
            references: self.strings(table, "references")?,
            aliases: self.strings(table, "aliases")?,
            messages,
            variants,
            texts,
            matches: Vec::new(),
            fixes: Vec::new(),
            pages: Pages::default(),
            examples: Vec::new(),
            patterns: Vec::new(),
            words: self
                .strings(table, "words")?
                .iter()
                .map(|w| w.to_lowercase())
                .collect(),
            builtin: false,
            path: self.source.path.into(),
        };
        for value in self.array(table, "match")? {
            rule.matches.push(self.matcher(value, &rule)?);
        }
        if rule.matches.is_empty() {
            return Err(RuleError::new(
                self.source.path,
                1,
                "the rule looks for nothing",
                "规则没有任何匹配条件",
            )
            .help("add a [[match]]", "请添加 [[match]]"));
        }
        for value in self.array(table, "fix")? {
            rule.fixes.push(self.fix(value)?);
        }
        Ok(rule)
    }

    fn need<'t>(
        &self,
        table: &'t DeTable<'t>,
        key: &str,
    ) -> Result<&'t Spanned<DeValue<'t>>, RuleError> {
        table.get(key).ok_or_else(|| {
            RuleError::new(
                self.source.path,
                1,
                format!("`{key}` is missing"),
                format!("缺少 `{key}`"),
            )
        })
    }

    fn table<'t>(
        &self,
        key: &str,
        value: &'t Spanned<DeValue<'t>>,
    ) -> Result<&'t DeTable<'t>, RuleError> {
        value.get_ref().as_table().ok_or_else(|| {
            self.source.error(
                value.span().start,
                format!("`{key}` must be a table"),
                format!("`{key}` 应为表"),
            )
        })
    }

    fn array<'t>(
        &self,
        table: &'t DeTable<'t>,
        key: &str,
    ) -> Result<&'t [Spanned<DeValue<'t>>], RuleError> {
        let Some(value) = table.get(key) else {
            return Ok(&[]);
        };
        value
            .get_ref()
            .as_array()
            .map(|array| &array[..])
            .ok_or_else(|| {
                self.source
                    .error(
                        value.span().start,
                        format!("`{key}` must be a list"),
                        format!("`{key}` 应为列表"),
                    )
                    .help(format!("write [[{key}]]"), format!("请写成 [[{key}]]"))
            })
    }

    fn strings(&self, table: &DeTable<'_>, key: &str) -> Result<Vec<Arc<str>>, RuleError> {
        let Some(value) = table.get(key) else {
            return Ok(Vec::new());
        };
        let list = value.get_ref().as_array().and_then(|items| {
            items
                .iter()
                .map(|item| item.get_ref().as_str().map(Arc::from))
                .collect::<Option<Vec<Arc<str>>>>()
        });
        list.ok_or_else(|| {
            self.source.error(
                value.span().start,
                format!("`{key}` must be a list of strings"),
                format!("`{key}` 应为字符串列表"),
            )
        })
    }

    /// `[message.en]`, `[message.zh-CN]` with `what`, `why`, `help`.
    fn messages(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Messages, RuleError> {
        let mut out = Messages::default();
        for (language, value) in self.table(key, value)? {
            let name = language.get_ref().as_ref();
            if !["en", "zh-CN"].contains(&name) {
                return Err(unknown_key(
                    self.source,
                    language.span().start,
                    name,
                    ["en", "zh-CN"].into_iter(),
                ));
            }
            for (part, text) in self.table(&format!("{key}.{name}"), value)? {
                let Some(word) = text.get_ref().as_str() else {
                    return Err(self.source.error(
                        text.span().start,
                        format!("`{}` must be a string", part.get_ref()),
                        format!("`{}` 应为字符串", part.get_ref()),
                    ));
                };
                let target = match part.get_ref().as_ref() {
                    "what" => &mut out.what,
                    "why" => &mut out.why,
                    "help" => &mut out.help,
                    other => {
                        let known = ["what", "why", "help"].into_iter();
                        return Err(unknown_key(self.source, part.span().start, other, known));
                    }
                };
                match name {
                    "en" => target.en = word.trim().to_string(),
                    _ => target.zh_cn = word.trim().to_string(),
                }
            }
        }
        if out.what.en.is_empty() {
            return Err(self.source.error(
                value.span().start,
                format!("`{key}.en.what` is missing"),
                format!("缺少 `{key}.en.what`"),
            ));
        }
        // A user's rule in one language speaks it everywhere.
        for text in [&mut out.what, &mut out.why, &mut out.help] {
            if text.zh_cn.is_empty() {
                text.zh_cn.clone_from(&text.en);
            }
        }
        Ok(out)
    }

    fn chosen<'t>(
        &self,
        outer: &str,
        selector: &str,
        value: &'t Spanned<DeValue<'t>>,
        known: &BTreeMap<String, super::params::Shape>,
    ) -> Result<(String, &'t DeTable<'t>), RuleError> {
        let table = self.table(outer, value)?;
        let Some(choice) = table.get(selector) else {
            return Err(self.source.error(
                value.span().start,
                format!("[[{outer}]] needs `{selector}`"),
                format!("[[{outer}]] 缺少 `{selector}`"),
            ));
        };
        let word = choice.get_ref().as_str().unwrap_or_default();
        if known.contains_key(word) {
            return Ok((word.to_string(), table));
        }
        let error = self.source.error(
            choice.span().start,
            format!("unknown `{selector} = \"{word}\"`"),
            format!("未知的 `{selector} = \"{word}\"`"),
        );
        let names = known.keys().map(String::as_str);
        Err(match super::error::nearest(word, names.clone()) {
            Some(near) => error.help(
                format!("did you mean `{near}`?"),
                format!("是否想写 `{near}`？"),
            ),
            None => {
                let all = names.collect::<Vec<_>>().join(", ");
                error.help(format!("known: {all}"), format!("可用的值：{all}"))
            }
        })
    }

    fn matcher(&self, value: &Spanned<DeValue<'_>>, rule: &Rule) -> Result<Match, RuleError> {
        let (on, table) = self.chosen("match", "on", value, &self.shapes.matches)?;
        let params = check(self.source, table, "on", &self.shapes.matches[&on])?;
        for (key, part, known) in [
            (
                "message",
                "messages",
                rule.variants
                    .contains_key(params.str("message").unwrap_or_default()),
            ),
            (
                "what",
                "texts",
                rule.texts
                    .contains_key(params.str("what").unwrap_or_default()),
            ),
        ] {
            if let Some(name) = params.str(key).filter(|_| !known) {
                return Err(self.source.error(
                    value.span().start,
                    format!("no [{part}.{name}] in this rule"),
                    format!("规则中没有 [{part}.{name}]"),
                ));
            }
        }
        Ok(Match { on, params })
    }

    fn fix(&self, value: &Spanned<DeValue<'_>>) -> Result<FixSpec, RuleError> {
        let (kind, table) = self.chosen("fix", "kind", value, &self.shapes.fixes)?;
        let params = check(self.source, table, "kind", &self.shapes.fixes[&kind])?;
        let applicability = match params.str("applicability") {
            Some("safe") => Applicability::Safe,
            Some("unsafe") => Applicability::Unsafe,
            Some("display-only") => Applicability::DisplayOnly,
            _ => {
                return Err(self.source.error(
                    value.span().start,
                    "`applicability` must be safe, unsafe or display-only",
                    "`applicability` 应为 safe、unsafe 或 display-only",
                ));
            }
        };
        let title = match table.get("title") {
            Some(title) => text(self.source, "title", title)?,
            None => {
                return Err(self.source.error(
                    value.span().start,
                    "[[fix]] needs `title.en`",
                    "[[fix]] 缺少 `title.en`",
                ));
            }
        };
        Ok(FixSpec {
            kind,
            applicability,
            title,
            params,
        })
    }
}
