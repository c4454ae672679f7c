//! Text of a configuration file → [`Config`], or one clear error with its line.

use super::keys::{KEYS, Kind, SEVERITIES};
use super::{Config, ConfigError, Pattern, confidence, severity};
use crate::finding::Language;
use crate::rules::error::nearest;
use crate::text::LineIndex;
use toml::de::{DeTable, DeValue};

/// A value with its line, the same for TOML and JSON.
struct Item {
    line: u32,
    value: Value,
}

enum Value {
    String(String),
    Int(i64),
    Bool(bool),
    List(Vec<Item>),
    Table(Vec<(String, Item)>),
    Other,
}

impl Value {
    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Value::String(_) => ("a string", "字符串"),
            Value::Int(_) => ("a number", "数字"),
            Value::Bool(_) => ("a boolean", "布尔值"),
            Value::List(_) => ("a list", "数组"),
            Value::Table(_) => ("a table", "表"),
            Value::Other => ("something else", "其他类型"),
        }
    }
}

/// Reads `minivet.toml`. `path` is for error messages.
pub fn parse_toml(path: &str, text: &str) -> Result<Config, ConfigError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let index = LineIndex::new(body);
    let line = |at: usize| index.line_of(at as u32) + 1;
    let table = DeTable::parse(body).map_err(|e| {
        let at = e.span().map_or(0, |s| s.start);
        // The first line of the message is enough; it holds no text of the file.
        let why = e.message().lines().next().unwrap_or_default().to_string();
        ConfigError::new(
            path,
            line(at.min(body.len())),
            format!("not valid TOML: {why}"),
            format!("不是有效的 TOML：{why}"),
        )
    })?;
    let mut items: Vec<(String, Item)> = Vec::new();
    for (key, value) in table.get_ref() {
        items.push((
            key.get_ref().to_string(),
            toml_item(value, key.span().start, &line, 0),
        ));
    }
    items.sort_by_key(|(_, item)| item.line);
    build(path, items)
}

fn toml_item(
    value: &toml::Spanned<DeValue<'_>>,
    at: usize,
    line: &dyn Fn(usize) -> u32,
    depth: u32,
) -> Item {
    let value = match value.get_ref() {
        DeValue::String(s) => Value::String(s.to_string()),
        DeValue::Integer(i) => {
            i64::from_str_radix(i.as_str(), i.radix()).map_or(Value::Other, Value::Int)
        }
        DeValue::Boolean(b) => Value::Bool(*b),
        // No key of ours nests deeper than a list in a table.
        DeValue::Array(items) if depth < 4 => Value::List(
            items
                .iter()
                .map(|item| toml_item(item, item.span().start, line, depth + 1))
                .collect(),
        ),
        DeValue::Table(table) if depth < 4 => {
            let mut out: Vec<(String, Item)> = Vec::new();
            for (key, value) in table {
                out.push((
                    key.get_ref().to_string(),
                    toml_item(value, key.span().start, line, depth + 1),
                ));
            }
            out.sort_by_key(|(_, item)| item.line);
            Value::Table(out)
        }
        _ => Value::Other,
    };
    Item {
        line: line(at),
        value,
    }
}

/// Reads the `minivet` section of `package.json`; `None` if there is none. A file that is no JSON is not ours to judge.
pub fn parse_package(path: &str, text: &str) -> Result<Option<Config>, ConfigError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(json) = serde_json::from_str::<serde_json::Value>(body) else {
        return Ok(None);
    };
    let Some(section) = json.get("minivet") else {
        return Ok(None);
    };
    let index = LineIndex::new(body);
    let start = body.find("\"minivet\"").unwrap_or(0);
    let Some(section) = section.as_object() else {
        let line = index.line_of(start as u32) + 1;
        return Err(ConfigError::new(
            path,
            line,
            "`minivet` must be an object of settings",
            "`minivet` 必须是配置对象",
        ));
    };
    let items = section.iter().map(|(key, value)| {
        // JSON values carry no position; the first occurrence of the key behind ours is right unless a key is
        // repeated inside, and then it is near.
        let quoted = format!("\"{key}\"");
        let at = body[start..].find(&quoted).map_or(start, |at| start + at);
        (
            key.clone(),
            json_item(value, index.line_of(at as u32) + 1, 0),
        )
    });
    build(path, items.collect()).map(Some)
}

fn json_item(value: &serde_json::Value, line: u32, depth: u32) -> Item {
    let value = match value {
        serde_json::Value::String(s) => Value::String(s.clone()),
        serde_json::Value::Number(n) => n.as_i64().map_or(Value::Other, Value::Int),
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Array(items) if depth < 4 => Value::List(
            items
                .iter()
                .map(|item| json_item(item, line, depth + 1))
                .collect(),
        ),
        serde_json::Value::Object(map) if depth < 4 => Value::Table(
            map.iter()
                .map(|(k, v)| (k.clone(), json_item(v, line, depth + 1)))
                .collect(),
        ),
        _ => Value::Other,
    };
    Item { line, value }
}

/// A number of bytes: `1048576`, `"512KB"`, `"2MB"`, `"1GiB"`.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit).filter(|&n| n > 0)
}

fn build(path: &str, items: Vec<(String, Item)>) -> Result<Config, ConfigError> {
    let reader = Reader { path };
    let mut config = Config::default();
    for (name, item) in items {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let error = ConfigError::new(
                path,
                item.line,
                format!("unknown key `{name}`"),
                format!("未知的配置项 `{name}`"),
            );
            let near = nearest(&name, KEYS.iter().map(|key| key.name));
            return Err(near.map_or(error.clone(), |near| suggest(error, near)));
        };
        reader.set(&mut config, key.name, key.kind, item)?;
    }
    Ok(config)
}

fn suggest(error: ConfigError, near: &str) -> ConfigError {
    error.help(
        format!("did you mean `{near}`?"),
        format!("是否想写 `{near}`？"),
    )
}

struct Reader<'a> {
    path: &'a str,
}

impl Reader<'_> {
    fn set(
        &self,
        config: &mut Config,
        name: &str,
        kind: Kind,
        item: Item,
    ) -> Result<(), ConfigError> {
        match kind {
            Kind::String => {
                let value = self.string(name, &item)?;
                if name == "platform" {
                    config.platform = value;
                }
            }
            Kind::OneOf(words) => {
                let word = self.one_of(name, &item, words)?;
                match name {
                    "lang" => {
                        config.lang = match word {
                            "en" => Some(Language::En),
                            "zh-CN" => Some(Language::ZhCn),
                            _ => None,
                        };
                    }
                    "min-confidence" => config.min_confidence = confidence(word),
                    "min-severity" => config.min_severity = severity(word),
                    _ => config.fail_on = Some(severity(word)),
                }
            }
            Kind::Strings => self.strings_into(config, name, &item)?,
            Kind::Bool => match item.value {
                Value::Bool(value) => config.report_unused_directives = Some(value),
                _ => return Err(self.wrong(name, &item, "true or false", "true 或 false")),
            },
            Kind::Size => {
                let size = match &item.value {
                    Value::Int(n) => u64::try_from(*n).ok().filter(|&n| n > 0),
                    Value::String(text) => parse_size(text),
                    _ => None,
                };
                let Some(size) = size else {
                    return Err(self.wrong(
                        name,
                        &item,
                        "a number of bytes or a string such as \"2MB\"",
                        "字节数或如 \"2MB\" 的字符串",
                    ));
                };
                config.max_file_size = Some(size);
            }
            Kind::SeverityByRule => {
                for (rule, item) in self.table(name, item)? {
                    let word = self.one_of(&format!("{name}.{rule}"), &item, SEVERITIES)?;
                    match severity(word) {
                        Some(severity) => drop(config.severity.insert(rule, severity)),
                        None => config.ignore.push(rule),
                    }
                }
            }
            Kind::ListsByGlob => {
                for (glob, item) in self.table(name, item)? {
                    let rules = self.strings(&format!("{name}.{glob}"), &item)?;
                    config
                        .per_file_ignores
                        .push((self.pattern(&glob, item.line)?, rules));
                }
            }
        }
        Ok(())
    }

    fn strings_into(
        &self,
        config: &mut Config,
        name: &str,
        item: &Item,
    ) -> Result<(), ConfigError> {
        let values = self.strings(name, item)?;
        match name {
            "select" => config.select = values,
            "ignore" => config.ignore.extend(values),
            "exclude" => {
                config.exclude = values
                    .iter()
                    .map(|glob| self.pattern(glob, item.line))
                    .collect::<Result<_, _>>()?;
            }
            "first-party-domains" => config.first_party_domains = values,
            "extra-queries" => config.extra_queries = values.into_iter().map(Into::into).collect(),
            "sanitizers" => config.sanitizers = values,
            "storage-wrappers" => config.storage_wrappers = values,
            "request-wrappers" => config.request_wrappers = values,
            "declared" => config.declared = values,
            _ => unreachable!("internal: every list of KEYS has a field"),
        }
        Ok(())
    }

    fn wrong(&self, name: &str, item: &Item, en: &str, zh: &str) -> ConfigError {
        let (found_en, found_zh) = item.value.kind();
        ConfigError::new(
            self.path,
            item.line,
            format!("`{name}` must be {en}, found {found_en}"),
            format!("`{name}` 应为{zh}，实际为{found_zh}"),
        )
    }

    fn string(&self, name: &str, item: &Item) -> Result<String, ConfigError> {
        match &item.value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.wrong(name, item, "a string", "字符串")),
        }
    }

    fn strings(&self, name: &str, item: &Item) -> Result<Vec<String>, ConfigError> {
        let Value::List(items) = &item.value else {
            return Err(self.wrong(name, item, "a list of strings", "字符串数组"));
        };
        let strings = items.iter().map(|item| match &item.value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.wrong(name, item, "a list of strings", "字符串数组")),
        });
        strings.collect()
    }

    fn table(&self, name: &str, item: Item) -> Result<Vec<(String, Item)>, ConfigError> {
        match item.value {
            Value::Table(table) => Ok(table),
            _ => Err(self.wrong(name, &item, "a table", "表")),
        }
    }

    fn one_of<'w>(
        &self,
        name: &str,
        item: &Item,
        words: &[&'w str],
    ) -> Result<&'w str, ConfigError> {
        let Value::String(text) = &item.value else {
            return Err(self.wrong(name, item, "a string", "字符串"));
        };
        words
            .iter()
            .find(|word| *word == text)
            .copied()
            .ok_or_else(|| {
                let list = words.join(", ");
                let error = ConfigError::new(
                    self.path,
                    item.line,
                    format!("`{name}` must be one of {list}"),
                    format!("`{name}` 应为以下之一：{list}"),
                );
                nearest(text, words.iter().copied())
                    .map_or(error.clone(), |near| suggest(error, near))
            })
    }

    fn pattern(&self, glob: &str, line: u32) -> Result<Pattern, ConfigError> {
        Pattern::new(glob).map_err(|why| {
            ConfigError::new(
                self.path,
                line,
                format!("`{glob}` is no glob: {why}"),
                format!("`{glob}` 不是有效的 glob：{why}"),
            )
        })
    }
}
