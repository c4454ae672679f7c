//! Finds the configuration that counts for a folder: the nearest one up. Reads the file system; remembers what it read.

use super::{Config, ConfigError, parse_package, parse_toml};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Configuration files by folder, each read once.
#[derive(Debug, Default)]
pub struct Finder {
    known: HashMap<PathBuf, Option<Arc<Config>>>,
}

/// Configuration files are small; a larger one is a mistake, or a device.
const MAX_SIZE: u64 = 4 << 20;

impl Finder {
    /// The configuration for files in `folder` (absolute): its own or the nearest one above. `None` if there is none.
    pub fn for_folder(&mut self, folder: &Path) -> Result<Option<Arc<Config>>, ConfigError> {
        let mut passed: Vec<PathBuf> = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            if let Some(known) = self.known.get(folder) {
                found = known.clone();
                break;
            }
            passed.push(folder.to_path_buf());
            if let Some(config) = read_in(folder)? {
                found = Some(Arc::new(config));
                break;
            }
        }
        for folder in passed {
            self.known.insert(folder, found.clone());
        }
        Ok(found)
    }

    /// Reads one given file (`--config`). `package.json` gives its `minivet` section.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let shown = path.to_string_lossy();
        let text = read_small(path).map_err(|e| {
            ConfigError::new(
                &shown,
                0,
                format!("cannot be read: {e}"),
                format!("无法读取：{e}"),
            )
        })?;
        let mut config = match path.file_name().is_some_and(|name| name == "package.json") {
            true => parse_package(&shown, &text)?.unwrap_or_default(),
            false => parse_toml(&shown, &text)?,
        };
        config.path = Some(std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        Ok(config)
    }
}

fn read_in(folder: &Path) -> Result<Option<Config>, ConfigError> {
    for name in ["minivet.toml", ".minivet.toml"] {
        let path = folder.join(name);
        if path.is_file() {
            return Finder::read(&path).map(Some);
        }
    }
    let path = folder.join("package.json");
    // A package.json that cannot be read is no configuration of ours.
    let Some(text) = path.is_file().then(|| read_small(&path).ok()).flatten() else {
        return Ok(None);
    };
    let mut config = parse_package(&path.to_string_lossy(), &text)?;
    if let Some(config) = &mut config {
        config.path = Some(path);
    }
    Ok(config)
}

fn read_small(path: &Path) -> std::io::Result<String> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    if meta.len() > MAX_SIZE {
        return Err(std::io::Error::other("too large for a configuration file"));
    }
    std::fs::read_to_string(path)
}
