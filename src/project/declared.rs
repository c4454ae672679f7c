//! What a configuration says is declared: words, and the files of exported guidelines that it names.

use crate::config::{Config, ConfigError};
use crate::judge::consent::guideline;
use crate::rules::RuleSet;
use std::path::{Component, Path, PathBuf};

/// Endings of files that may hold a guideline.
const FILES: [&str; 5] = [".json", ".txt", ".md", ".html", ".htm"];
/// Larger files are no guideline.
const MAX: u64 = 4 << 20;

/// Whether a configuration names a file, by its path on disk, as an exported guideline.
pub fn is_declared_in(config: &Config, file: &Path) -> bool {
    let folder = config.folder().unwrap_or(Path::new("."));
    let mut named = config.declared.iter().filter(|word| is_file(word));
    named.any(|word| normal(&folder.join(word)) == normal(file))
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a word of `declared` names a file.
fn is_file(word: &str) -> bool {
    FILES.iter().any(|end| word.ends_with(end))
}

/// The words of `declared`, with those of files that it names.
pub fn declared(config: &Config, rules: &RuleSet) -> Result<Vec<String>, ConfigError> {
    let mut out = Vec::new();
    for word in &config.declared {
        if !is_file(word) {
            out.push(word.clone());
            continue;
        }
        let path = config.folder().unwrap_or(Path::new(".")).join(word);
        let fail = |why: String, zh: String| {
            let file = config.path.as_deref().unwrap_or(Path::new("minivet.toml"));
            ConfigError::new(
                &file.to_string_lossy(),
                0,
                format!("`declared`: {word}: {why}"),
                format!("`declared`：{word}：{zh}"),
            )
        };
        let meta = std::fs::metadata(&path)
            .map_err(|e| fail(e.kind().to_string(), e.kind().to_string()))?;
        if !meta.is_file() || meta.len() > MAX {
            return Err(fail(
                "is no guideline".into(),
                "不是隐私保护指引文件".into(),
            ));
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|e| fail(e.kind().to_string(), e.kind().to_string()))?;
        let found = guideline(&text, rules);
        if found.is_empty() {
            return Err(fail(
                "declares nothing that minivet knows".into(),
                "未找到可识别的信息类型".into(),
            ));
        }
        out.extend(found);
    }
    Ok(out)
}
