//! Parameters of `[[match]]` and `[[fix]]`: values with their lines, checked against `queries/data/detectors.toml` when a
//! rule is loaded, so that reading them later cannot fail.

use super::error::{RuleError, nearest};
use crate::finding::{Confidence, Severity, Text};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a TOML value stands: turns byte offsets of one file into lines.
pub(super) struct Source<'a> {
    /// For error messages.
    pub path: &'a str,
    /// The whole file.
    pub text: &'a str,
}

impl Source<'_> {
    /// The line (from 1) of a byte offset.
    pub fn line(&self, byte: usize) -> u32 {
        let before = &self.text.as_bytes()[..byte.min(self.text.len())];
        memchr::memchr_iter(b'\n', before).count() as u32 + 1
    }

    /// An error at a byte offset.
    pub fn error(&self, byte: usize, en: impl Into<String>, zh: impl Into<String>) -> RuleError {
        RuleError::new(self.path, self.line(byte), en, zh)
    }

    /// The file as a table with spans.
    pub fn parse(&self) -> Result<DeTable<'_>, RuleError> {
        match DeTable::parse(self.text) {
            Ok(table) => Ok(table.into_inner()),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line(span.start));
                let what = error.message().to_string();
                Err(RuleError::new(
                    self.path,
                    line,
                    format!("not valid TOML: {what}"),
                    format!("TOML 无法解析：{what}"),
                ))
            }
        }
    }
}

/// One checked value.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Str(String),
    /// A list of strings.
    List(Vec<String>),
    /// Strings by key.
    Table(BTreeMap<String, String>),
    /// A text in both languages.
    Text(Text),
    /// Anything else, unchecked.
    Any(toml::Value),
}

/// Checked parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    values: BTreeMap<String, Param>,
}

impl Params {
    /// A string.
    pub fn str(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Param::Str(value) => Some(value),
            _ => None,
        }
    }

    /// A list of strings; empty if it is not given.
    pub fn list(&self, key: &str) -> &[String] {
        match self.values.get(key) {
            Some(Param::List(values)) => values,
            _ => &[],
        }
    }

    /// A boolean.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.values.get(key)? {
            Param::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A whole number.
    pub fn int(&self, key: &str) -> Option<i64> {
        match self.values.get(key)? {
            Param::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// Strings by key.
    pub fn table(&self, key: &str) -> Option<&BTreeMap<String, String>> {
        match self.values.get(key)? {
            Param::Table(value) => Some(value),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<&Text> {
        match self.values.get(key)? {
            Param::Text(value) => Some(value),
            _ => None,
        }
    }

    /// Any value, as TOML. Only for keys of type `any`.
    pub fn any(&self, key: &str) -> Option<&toml::Value> {
        match self.values.get(key)? {
            Param::Any(value) => Some(value),
            _ => None,
        }
    }

    /// Whether the key is given.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// A severity that may depend on the datum: the entry of its class, else of its level, else `default`.
    /// `None` where nothing is said; `Some(None)` where it says `none`: do not report.
    pub fn severity(&self, key: &str, class: &str, level: &str) -> Option<Option<Severity>> {
        let word = match self.values.get(key)? {
            Param::Str(value) => value,
            Param::Table(by) => by
                .get(class)
                .or_else(|| by.get(level))
                .or_else(|| by.get("default"))?,
            _ => return None,
        };
        Some(severity(word))
    }

    /// A confidence.
    pub fn confidence(&self, key: &str) -> Option<Confidence> {
        confidence(self.str(key)?)
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        self.values.iter().map(|(k, v)| (k.as_str(), v))
    }

    #[cfg(test)]
    pub(super) fn from_pairs(pairs: &[(&str, Param)]) -> Params {
        Params {
            values: pairs
                .iter()
                .map(|(k, v)| (k.to_string(), v.clone()))
                .collect(),
        }
    }
}

/// A severity by its name.
pub fn severity(word: &str) -> Option<Severity> {
    Some(match word {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "info" => Severity::Info,
        _ => return None,
    })
}

/// A confidence by its name.
pub fn confidence(word: &str) -> Option<Confidence> {
    Some(match word {
        "high" => Confidence::High,
        "medium" => Confidence::Medium,
        "low" => Confidence::Low,
        _ => return None,
    })
}

/// Types of keys, by key, for one `on` or one `kind`.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape(pub BTreeMap<String, String>);

/// All shapes: what rules may say.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    /// By `on`.
    pub matches: BTreeMap<String, Shape>,
    /// By `kind`.
    pub fixes: BTreeMap<String, Shape>,
}

impl Shapes {
    /// Reads `detectors.toml`.
    pub fn parse(text: &str) -> Shapes {
        let table: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>> =
            toml::from_str(text)
                .expect("internal: detectors.toml is part of the binary and tested");
        let part = |name: &str| {
            let mut shapes = table.get(name).cloned().unwrap_or_default();
            let common = shapes.remove("common").unwrap_or_default();
            shapes
                .into_iter()
                .map(|(key, mut shape)| {
                    shape.extend(common.clone());
                    (key, Shape(shape))
                })
                .collect()
        };
        Shapes {
            matches: part("match"),
            fixes: part("fix"),
        }
    }
}

/// Checks a table against a shape. `selector` is the key that chose the shape (`on`, `kind`).
pub(super) fn check(
    source: &Source<'_>,
    table: &DeTable<'_>,
    selector: &str,
    shape: &Shape,
) -> Result<Params, RuleError> {
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if name == selector {
            continue;
        }
        let Some(kind) = shape.0.get(name) else {
            return Err(unknown_key(
                source,
                key.span().start,
                name,
                shape.0.keys().map(String::as_str),
            ));
        };
        values.insert(name.to_string(), convert(source, name, value, kind)?);
    }
    Ok(Params { values })
}

/// The error for a key that nobody reads.
pub(super) fn unknown_key<'k>(
    source: &Source<'_>,
    at: usize,
    key: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> RuleError {
    let error = source.error(
        at,
        format!("unknown key `{key}`"),
        format!("未知的键 `{key}`"),
    );
    match nearest(key, known.clone()) {
        Some(near) => error.help(
            format!("did you mean `{near}`?"),
            format!("是否想写 `{near}`？"),
        ),
        None => {
            let all = known.collect::<Vec<_>>().join(", ");
            error.help(format!("known keys: {all}"), format!("可用的键：{all}"))
        }
    }
}

fn convert(
    source: &Source<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    kind: &str,
) -> Result<Param, RuleError> {
    let wrong = || {
        source.error(
            value.span().start,
            format!(
                "`{key}` must be of type {kind}, found {}",
                value.get_ref().type_str()
            ),
            format!(
                "`{key}` 的类型应为 {kind}，实际为 {}",
                value.get_ref().type_str()
            ),
        )
    };
    let one_of = |word: &str, known: &[&str]| -> Result<(), RuleError> {
        if known.contains(&word) {
            return Ok(());
        }
        let all = known.join(", ");
        Err(source
            .error(
                value.span().start,
                format!("`{key}` cannot be `{word}`"),
                format!("`{key}` 不能为 `{word}`"),
            )
            .help(format!("use one of {all}"), format!("可用的值：{all}")))
    };
    Ok(match kind {
        "bool" => Param::Bool(value.get_ref().as_bool().ok_or_else(wrong)?),
        "int" => {
            let text = value.get_ref().as_integer().ok_or_else(wrong)?.to_string();
            Param::Int(text.parse().map_err(|_| wrong())?)
        }
        "string" => Param::Str(value.get_ref().as_str().ok_or_else(wrong)?.to_string()),
        "confidence" => {
            let word = value.get_ref().as_str().ok_or_else(wrong)?;
            one_of(word, &["high", "medium", "low"])?;
            Param::Str(word.to_string())
        }
        "side" => {
            let word = value.get_ref().as_str().ok_or_else(wrong)?;
            one_of(word, &["client", "server", "both"])?;
            Param::Str(word.to_string())
        }
        "regex" => {
            let pattern = value.get_ref().as_str().ok_or_else(wrong)?;
            check_regex(source, key, value.span().start, pattern)?;
            Param::Str(pattern.to_string())
        }
        "strings" | "classes" | "levels" | "regexes" => {
            let list = strings(value.get_ref()).ok_or_else(wrong)?;
            for word in &list {
                match kind {
                    "levels" => one_of(word, LEVELS)?,
                    "regexes" => check_regex(source, key, value.span().start, word)?,
                    _ => {}
                }
            }
            Param::List(list)
        }
        "severity" => match value.get_ref() {
            DeValue::String(word) => {
                one_of(word, &["error", "warning", "info", "none"])?;
                Param::Str(word.to_string())
            }
            DeValue::Table(table) => {
                let by = string_table(table).ok_or_else(wrong)?;
                for word in by.values() {
                    one_of(word, &["error", "warning", "info", "none"])?;
                }
                Param::Table(by)
            }
            _ => return Err(wrong()),
        },
        "table" => Param::Table(
            value
                .get_ref()
                .as_table()
                .and_then(string_table)
                .ok_or_else(wrong)?,
        ),
        "text" => Param::Text(text(source, key, value)?),
        _ => Param::Any(any(value.get_ref())),
    })
}

/// Levels of data, as in `data/classes.toml`.
pub const LEVELS: &[&str] = &["credential", "high", "medium", "low", "device", "token"];

fn check_regex(source: &Source<'_>, key: &str, at: usize, pattern: &str) -> Result<(), RuleError> {
    match regex::Regex::new(pattern) {
        Ok(_) => Ok(()),
        Err(error) => {
            let last = error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim()
                .to_string();
            Err(source.error(
                at,
                format!("`{key}` is no valid pattern: {last}"),
                format!("`{key}` 不是有效的正则：{last}"),
            ))
        }
    }
}

fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    let list = value.as_array()?;
    list.iter()
        .map(|item| item.get_ref().as_str().map(str::to_string))
        .collect()
}

fn string_table(table: &DeTable<'_>) -> Option<BTreeMap<String, String>> {
    table
        .iter()
        .map(|(k, v)| Some((k.get_ref().to_string(), v.get_ref().as_str()?.to_string())))
        .collect()
}

/// A text of both languages: `{en = "…", zh-CN = "…"}`.
pub(super) fn text(
    source: &Source<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Text, RuleError> {
    let at = value.span().start;
    let Some(table) = value.get_ref().as_table() else {
        return Err(source.error(
            at,
            format!("`{key}` needs `en` and `zh-CN`"),
            format!("`{key}` 需要 `en` 和 `zh-CN` 两种文字"),
        ));
    };
    let mut out = Text::default();
    for (name, value) in table {
        let Some(word) = value.get_ref().as_str() else {
            return Err(source.error(
                value.span().start,
                format!("`{key}.{}` must be a string", name.get_ref()),
                format!("`{key}.{}` 应为字符串", name.get_ref()),
            ));
        };
        match name.get_ref().as_ref() {
            "en" => out.en = word.to_string(),
            "zh-CN" => out.zh_cn = word.to_string(),
            other => {
                return Err(unknown_key(
                    source,
                    name.span().start,
                    other,
                    ["en", "zh-CN"].into_iter(),
                ));
            }
        }
    }
    Ok(out)
}

fn any(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(s) => toml::Value::String(s.to_string()),
        DeValue::Integer(i) => i
            .to_string()
            .parse()
            .map_or_else(|_| toml::Value::String(i.to_string()), toml::Value::Integer),
        DeValue::Float(f) => f
            .to_string()
            .parse()
            .map_or_else(|_| toml::Value::String(f.to_string()), toml::Value::Float),
        DeValue::Boolean(b) => toml::Value::Boolean(*b),
        DeValue::Datetime(d) => toml::Value::Datetime(*d),
        DeValue::Array(items) => {
            toml::Value::Array(items.iter().map(|item| any(item.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(
            table
                .iter()
                .map(|(k, v)| (k.get_ref().to_string(), any(v.get_ref())))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_depends_on_class_then_level_then_default() {
        let by = [
            ("credential", "error"),
            ("openid", "none"),
            ("default", "warning"),
        ];
        let table = by
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect();
        let params = Params::from_pairs(&[("severity", Param::Table(table))]);
        assert_eq!(
            params.severity("severity", "password", "credential"),
            Some(Some(Severity::Error))
        );
        assert_eq!(params.severity("severity", "openid", "medium"), Some(None));
        assert_eq!(
            params.severity("severity", "phone", "medium"),
            Some(Some(Severity::Warning))
        );
        assert_eq!(params.severity("server-severity", "phone", "medium"), None);
    }
}
