//! What the client sets: the keys of `minivet.toml` as JSON, laid over the configuration files. Pure.

use crate::config::{Config, ConfigError, parse_package};
use serde_json::{Value, json};

/// Settings of editors that do not concern the server.
const OTHERS: [&str; 4] = ["enable", "path", "args", "trace"];

/// The client's settings.
#[derive(Clone, Debug, Default)]
pub struct ClientSettings {
    /// A configuration file to use instead of the nearest one.
    pub config: Option<String>,
    /// What is set; everything else is left to the files.
    pub over: Config,
    /// What could not be understood.
    pub complaints: Vec<ConfigError>,
    /// As given, to see whether it changed.
    pub raw: Value,
}

impl ClientSettings {
    /// Reads settings of any shape: what cannot be understood is complained about and left out, the rest counts.
    pub fn read(value: &Value) -> ClientSettings {
        let value = value
            .get("minivet")
            .filter(|v| v.is_object())
            .unwrap_or(value);
        let mut out = ClientSettings {
            raw: value.clone(),
            ..ClientSettings::default()
        };
        for (name, value) in value.as_object().into_iter().flatten() {
            let name = kebab(name);
            if value.is_null() || OTHERS.contains(&name.as_str()) {
                continue;
            }
            if name == "config" {
                out.config = value.as_str().filter(|c| !c.is_empty()).map(str::to_string);
                continue;
            }
            let section = json!({"minivet": {name: value}}).to_string();
            match parse_package("minivet", &section) {
                Ok(one) => lay(&mut out.over, &one.unwrap_or_default()),
                Err(mut error) => {
                    error.line = 0;
                    out.complaints.push(error);
                }
            }
        }
        out
    }
}

/// `minConfidence` → `min-confidence`.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Lays what one configuration sets over another: lists of exceptions grow, everything else is replaced.
pub fn lay(base: &mut Config, over: &Config) {
    fn list<T: Clone>(base: &mut Vec<T>, over: &[T]) {
        if !over.is_empty() {
            *base = over.to_vec();
        }
    }
    base.lang = over.lang.or(base.lang);
    base.min_confidence = over.min_confidence.or(base.min_confidence);
    base.min_severity = over.min_severity.or(base.min_severity);
    base.max_file_size = over.max_file_size.or(base.max_file_size);
    base.report_unused_directives = over
        .report_unused_directives
        .or(base.report_unused_directives);
    if !over.platform.is_empty() {
        base.platform.clone_from(&over.platform);
    }
    list(&mut base.select, &over.select);
    list(&mut base.first_party_domains, &over.first_party_domains);
    list(&mut base.extra_queries, &over.extra_queries);
    list(&mut base.sanitizers, &over.sanitizers);
    list(&mut base.storage_wrappers, &over.storage_wrappers);
    list(&mut base.request_wrappers, &over.request_wrappers);
    list(&mut base.declared, &over.declared);
    base.ignore.extend(over.ignore.iter().cloned());
    base.exclude.extend(over.exclude.iter().cloned());
    base.per_file_ignores
        .extend(over.per_file_ignores.iter().cloned());
    let severity = over.severity.iter();
    base.severity
        .extend(severity.map(|(rule, severity)| (rule.clone(), *severity)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Language};

    #[test]
    fn settings_of_any_shape_give_what_can_be_understood() {
        let read = ClientSettings::read(&json!({"minivet": {
            "lang": "zh-CN", "minConfidence": "low", "select": 7, "nonsense": true, "config": "a.toml",
            "severity": {"leak/log": "off"}, "path": "/bin/minivet", "ignore": null,
        }}));
        assert_eq!(read.over.lang, Some(Language::ZhCn));
        assert_eq!(read.over.min_confidence, Some(Confidence::Low));
        assert_eq!(read.over.ignore, ["leak/log"]);
        assert_eq!(read.config.as_deref(), Some("a.toml"));
        assert_eq!(read.complaints.len(), 2, "{:?}", read.complaints);
        for odd in [json!(null), json!([1]), json!("x"), json!({"minivet": 3})] {
            assert!(ClientSettings::read(&odd).over.select.is_empty());
        }
    }

    #[test]
    fn settings_go_before_files() {
        let toml = "lang = \"en\"\nselect = [\"pii\"]\nignore = [\"crypto\"]\n";
        let mut base = crate::config::parse_toml("minivet.toml", toml).unwrap();
        let over =
            ClientSettings::read(&json!({"select": ["secrets"], "ignore": ["secrets/token"]}));
        lay(&mut base, &over.over);
        assert_eq!(base.lang, Some(Language::En));
        assert_eq!(base.select, ["secrets"]);
        assert_eq!(base.ignore, ["crypto", "secrets/token"]);
    }
}
