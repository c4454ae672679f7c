//! `minivet.toml`: reads it, says what is wrong with it, and finds the one that counts for a file.
//!
//! [`parse_toml`] and [`parse_package`] are pure; [`Finder`] reads the file system and is for the shells only.

mod find;
mod keys;
mod parse;

pub use crate::rules::RuleError as ConfigError;
pub use find::Finder;
pub use keys::{KEYS, Key, Kind, schema, template};
pub use parse::{parse_package, parse_size, parse_toml};

use crate::finding::{Confidence, Language, Severity};
use crate::session::Settings;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files larger than this are reported and skipped, in bytes.
pub const DEFAULT_MAX_FILE_SIZE: u64 = 1 << 20;

/// A glob of the configuration, relative to the folder of its file.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Compiles a glob as people mean it: `dist` and `dist/` name a file or folder anywhere, `a/b` one below the
    /// configuration's folder, `*` stays within a folder name.
    pub fn new(text: &str) -> Result<Pattern, String> {
        let glob = text.trim_start_matches("./").trim_end_matches('/');
        let anywhere = !glob.contains('/') && !glob.starts_with("**");
        let glob = match anywhere {
            true => format!("**/{glob}"),
            false => glob.trim_start_matches('/').to_string(),
        };
        let matcher = GlobBuilder::new(&glob)
            .literal_separator(true)
            .build()
            .map_err(|e| e.kind().to_string())?
            .compile_matcher();
        Ok(Pattern {
            text: text.to_string(),
            matcher,
        })
    }

    /// Whether the glob names the path or a folder above it. `path` is relative, with `/`.
    pub fn matches(&self, path: &str) -> bool {
        if self.matcher.is_match(path) {
            return true;
        }
        path.char_indices()
            .filter(|&(_, c)| c == '/')
            .any(|(at, _)| self.matcher.is_match(&path[..at]))
    }
}

/// The settings of one configuration file; everything has a default.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file; `None` if there is none.
    pub path: Option<PathBuf>,
    /// Language of messages; `None` = by the environment.
    pub lang: Option<Language>,
    /// Rule ids or groups to run; empty = the default set.
    pub select: Vec<String>,
    /// Rule ids or groups not to run.
    pub ignore: Vec<String>,
    /// Severity by rule id.
    pub severity: BTreeMap<String, Severity>,
    /// Findings below are dropped.
    pub min_confidence: Option<Confidence>,
    /// Findings below are dropped.
    pub min_severity: Option<Severity>,
    /// `Some(None)` = never.
    pub fail_on: Option<Option<Severity>>,
    /// Files and folders that are not checked.
    pub exclude: Vec<Pattern>,
    /// Rules not reported in some files.
    pub per_file_ignores: Vec<(Pattern, Vec<String>)>,
    /// Platform id; detected if empty.
    pub platform: String,
    /// Domains that are the app's own.
    pub first_party_domains: Vec<String>,
    /// Folders of users' own rules.
    pub extra_queries: Vec<PathBuf>,
    /// Names of the app's own sanitizers.
    pub sanitizers: Vec<String>,
    /// Names of the app's own storage wrappers.
    pub storage_wrappers: Vec<String>,
    /// Names of the app's own request wrappers.
    pub request_wrappers: Vec<String>,
    /// What the app's privacy guideline declares.
    pub declared: Vec<String>,
    /// Bytes; `None` = [`DEFAULT_MAX_FILE_SIZE`].
    pub max_file_size: Option<u64>,
    /// Report directives that silence nothing; `None` = yes.
    pub report_unused_directives: Option<bool>,
}

impl Config {
    /// The folder to which globs and folders are relative.
    pub fn folder(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }

    /// A path as the globs see it: relative to the configuration's folder, with `/`.
    pub fn relative(&self, path: &Path) -> String {
        let inside = self
            .folder()
            .and_then(|folder| path.strip_prefix(folder).ok())
            .unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/")
    }

    /// Whether `exclude` names a file or folder. `path` is absolute, or relative to the configuration's folder.
    pub fn excludes(&self, path: &Path) -> bool {
        !self.exclude.is_empty() && {
            let path = self.relative(path);
            self.exclude.iter().any(|pattern| pattern.matches(&path))
        }
    }

    /// Rule ids and groups that `per-file-ignores` takes out of a file.
    pub fn ignored_in(&self, path: &Path) -> Vec<&str> {
        if self.per_file_ignores.is_empty() {
            return Vec::new();
        }
        let path = self.relative(path);
        let hits = self
            .per_file_ignores
            .iter()
            .filter(|(pattern, _)| pattern.matches(&path));
        hits.flat_map(|(_, rules)| rules.iter().map(String::as_str))
            .collect()
    }

    /// What the engine needs of it. `per-file-ignores` are handed on as written: relative to the configuration's folder.
    pub fn settings(&self) -> Settings {
        Settings {
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            severity: self.severity.clone(),
            min_confidence: self.min_confidence,
            min_severity: self.min_severity,
            per_file_ignores: self
                .per_file_ignores
                .iter()
                .map(|(pattern, rules)| (pattern.text.clone(), rules.clone()))
                .collect(),
            platform: self.platform.clone(),
            first_party_domains: self.first_party_domains.clone(),
            sanitizers: self.sanitizers.clone(),
            storage_wrappers: self.storage_wrappers.clone(),
            request_wrappers: self.request_wrappers.clone(),
            declared: self.declared.clone(),
            report_unused_directives: self.report_unused_directives.unwrap_or(true),
            all_flows: false,
        }
    }
}

/// Reads a severity as written in files and options.
pub fn severity(word: &str) -> Option<Severity> {
    match word {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    }
}

/// Reads a confidence as written in files and options.
pub fn confidence(word: &str) -> Option<Confidence> {
    match word {
        "low" => Some(Confidence::Low),
        "medium" => Some(Confidence::Medium),
        "high" => Some(Confidence::High),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        parse_toml("minivet.toml", text).map_err(|e| e.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let text: String = KEYS
            .iter()
            .map(|key| format!("{}\n", key.example))
            .collect();
        let config = parse(&text).unwrap();
        assert_eq!(config.select, ["secrets", "leak/log"]);
        assert_eq!(config.severity["leak/log"], Severity::Error);
        assert_eq!(config.max_file_size, Some(1_000_000));
        assert_eq!(config.per_file_ignores[0].1, ["pii"]);
        assert_eq!(config.fail_on, Some(Some(Severity::Warning)));
        assert_eq!(config.report_unused_directives, Some(true));
    }

    #[test]
    fn errors_name_file_line_and_nearest_key() {
        assert_eq!(
            parse("lang = \"en\"\nselct = []").unwrap_err(),
            "minivet.toml:2: unknown key `selct`; did you mean `select`?"
        );
        assert_eq!(
            parse("\n\nselect = \"leak\"").unwrap_err(),
            "minivet.toml:3: `select` must be a list of strings, found a string"
        );
        assert_eq!(
            parse("min-confidence = \"hihg\"").unwrap_err(),
            "minivet.toml:1: `min-confidence` must be one of low, medium, high; did you mean `high`?"
        );
        let broken = parse("select = [").unwrap_err();
        assert!(
            broken.starts_with("minivet.toml:1: not valid TOML: "),
            "{broken}"
        );
        assert!(
            parse("exclude = [\"a[\"]")
                .unwrap_err()
                .starts_with("minivet.toml:1: `a[` is no glob"),
            "glob"
        );
        assert!(parse("max-file-size = 0").is_err());
        assert!(parse("severity = 3").is_err());
    }

    #[test]
    fn package_json_section() {
        let none = parse_package("package.json", "{\"name\": \"x\"}").unwrap();
        assert!(none.is_none());
        let some = parse_package("package.json", "{\"minivet\": {\"ignore\": [\"pii\"]}}")
            .unwrap()
            .unwrap();
        assert_eq!(some.ignore, ["pii"]);
        let wrong =
            parse_package("package.json", "{\n\"minivet\": {\n\"ignor\": []}}").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "package.json:3: unknown key `ignor`; did you mean `ignore`?"
        );
        assert!(
            parse_package("package.json", "{ no json")
                .unwrap()
                .is_none(),
            "a broken package.json is not ours"
        );
    }

    #[test]
    fn globs_mean_what_people_mean() {
        let matches = |glob: &str, path: &str| Pattern::new(glob).unwrap().matches(path);
        assert!(matches("dist", "a/dist/b.js"));
        assert!(matches("vendor/**", "vendor/a/b.js"));
        assert!(matches("vendor/", "vendor/a.js"));
        assert!(matches("*.test.js", "a/b.test.js"));
        assert!(!matches("a/*.js", "a/b/c.js"));
        assert!(!matches("pages/a", "sub/pages/a/x.js"));
    }

    #[test]
    fn schema_is_current() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/editors/vscode/minivet.schema.json"
        );
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, schema()).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(
            stored,
            schema(),
            "run UPDATE_SCHEMA=1 cargo test schema_is_current"
        );
    }
}
