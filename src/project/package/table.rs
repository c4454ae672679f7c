//! The shape of `queries/data/packages.toml`.

use serde::Deserialize;
use std::sync::OnceLock;

/// What packages look like.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Table {
    pub suffixes: Vec<String>,
    pub first_mark: u8,
    pub last_mark: u8,
    pub encrypted: Vec<String>,
    pub define: String,
    pub compiled_marks: Vec<String>,
    pub compiled: Vec<String>,
    pub code_object: String,
    pub configuration_end: String,
    pub configuration: Configuration,
    pub limits: Limits,
}

/// The app's configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Configuration {
    pub file: String,
    pub app: String,
    pub lifted: Vec<String>,
    pub page: String,
    pub page_window: String,
    pub page_end: String,
}

/// What is refused.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Limits {
    pub package: u64,
    pub script: usize,
    pub files: u32,
    pub modules: usize,
    pub name: usize,
}

pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(include_str!("../../../queries/data/packages.toml"))
            .expect("internal: packages.toml is part of the binary and tested")
    })
}

impl Table {
    /// Whether a file of a package holds compiled templates, by its name.
    pub(super) fn is_compiled(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.compiled
            .iter()
            .any(|form| match form.strip_prefix('*') {
                Some(end) => name.ends_with(end),
                None => name == form,
            })
    }
}
