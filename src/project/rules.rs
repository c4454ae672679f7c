//! The rules of a configuration: built-in ones and those of its `extra-queries`.

use crate::config::{Config, ConfigError};
use crate::rules::RuleSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Built-in rules and those of `extra-queries`.
pub fn rules(config: &Config) -> Result<Arc<RuleSet>, ConfigError> {
    of_folders(&folders(config))
}

/// The folders of `extra-queries`.
pub fn folders(config: &Config) -> Vec<PathBuf> {
    let base = config.folder().unwrap_or(Path::new("."));
    let mut out: Vec<PathBuf> = config.extra_queries.iter().map(|f| base.join(f)).collect();
    out.dedup();
    out
}

/// Built-in rules and those of some folders.
pub fn of_folders(folders: &[PathBuf]) -> Result<Arc<RuleSet>, ConfigError> {
    if folders.is_empty() {
        return Ok(RuleSet::builtin());
    }
    let mut files = Vec::new();
    for folder in folders {
        files.extend(rule_files(folder)?);
    }
    RuleSet::with_extra(&files).map(Arc::new)
}

/// Paths and texts of all files of a rule folder.
pub fn rule_files(folder: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let fail = |why: &str, zh: &str| ConfigError::new(&folder.to_string_lossy(), 0, why, zh);
    if !folder.is_dir() {
        return Err(fail("no such folder", "没有该文件夹"));
    }
    let mut out = Vec::new();
    for entry in ignore::WalkBuilder::new(folder)
        .standard_filters(false)
        .sort_by_file_name(Ord::cmp)
        .build()
    {
        let entry = entry.map_err(|e| fail(&e.to_string(), &e.to_string()))?;
        if entry.file_type().is_some_and(|t| t.is_file()) {
            // Files that are no text are no rules.
            if let Ok(text) = std::fs::read_to_string(entry.path()) {
                out.push((entry.path().to_string_lossy().into_owned(), text));
            }
        }
    }
    Ok(out)
}
