//! What a configuration says is declared: words, and the files of exported guidelines that it names.

use crate::config::{Config, ConfigError};
use crate::judge::consent::guideline;
use crate::rules::RuleSet;
use std::path::Path;

/// Endings of files that may hold a guideline.
const FILES: [&str; 5] = [".json", ".txt", ".md", ".html", ".htm"];
/// Larger files are no guideline.
const MAX: u64 = 4 << 20;

/// The words of `declared`, with those of files that it names.
pub fn declared(config: &Config, rules: &RuleSet) -> Result<Vec<String>, ConfigError> {
    let mut out = Vec::new();
    for word in &config.declared {
        if !FILES.iter().any(|end| word.ends_with(end)) {
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
