//! What makes an app of files: `queries/data/app_model.toml`.

use rustc_hash::FxHashSet;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AppTable {
    /// Files that make their folder an app; the first that fits decides.
    pub root: Vec<RootRow>,
    /// Keys of configuration files.
    pub configuration: ConfigurationNames,
    /// How pages and components are made of files.
    pub parts: PartNames,
    /// Tags that take in other files.
    pub include: Vec<IncludeRow>,
    /// How modules are found.
    pub resolve: Arc<ResolveNames>,
    /// Cloud functions.
    pub cloud: CloudNames,
    /// Host platforms.
    pub platform: Vec<PlatformRow>,
    #[serde(skip)]
    keys: FxHashSet<String>,
    #[serde(skip)]
    tags: FxHashSet<String>,
}

/// A file that makes its folder an app.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RootRow {
    /// Framework id.
    pub framework: Arc<str>,
    /// Names of the file.
    pub names: Vec<String>,
    /// Keys of which its configuration has one; empty = whatever it holds.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Files beside it that do as well.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Extensions of files that only this framework has.
    #[serde(default)]
    pub extensions: Vec<String>,
}

/// Keys of configuration files, and how scripts hold configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is told in the table")]
pub struct ConfigurationNames {
    keys: Vec<String>,
    pub pages: Vec<String>,
    pub page_path: Vec<String>,
    pub page_source: Vec<String>,
    pub packages: Vec<String>,
    pub package_root: String,
    pub package_entry: String,
    pub linked: Vec<String>,
    pub plugin_components: Vec<String>,
    pub plugin_main: String,
    pub components: Vec<String>,
    pub global_components: Vec<String>,
    pub page_components: String,
    pub generics: String,
    pub generic_default: String,
    pub is_component: String,
    pub titles: Vec<String>,
    pub workers: Vec<String>,
    pub aliases: String,
    pub easycom_custom: String,
    pub easycom_off: String,
    pub easycom_folders: Vec<String>,
    pub easycom_modules: String,
    pub path_aliases: String,
    pub path_base: String,
    pub path_files: Vec<String>,
    pub package_file: String,
    pub package_name: String,
    pub package_main: String,
    pub implicit_components: Vec<String>,
    pub calls: Vec<String>,
    pub fields: Vec<String>,
    pub component_options: Vec<String>,
    pub component_register: String,
    pub script_marks: Vec<String>,
    pub requires: Vec<String>,
}

/// What a constructor call makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constructs {
    /// The app.
    App,
    /// A page.
    Page,
    /// A component.
    Component,
}

/// How pages and components are made of files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartNames {
    /// Names of the app's own file.
    pub app: Vec<String>,
    /// Names of scripts that start an app beside it.
    pub entries: Vec<String>,
    /// Functions that make an app, a page, a component.
    pub constructors: BTreeMap<String, Constructs>,
    /// Extensions of scripts.
    pub scripts: Vec<Arc<str>>,
    /// Extensions of files that hold script, template and configuration.
    pub containers: Vec<Arc<str>>,
    /// Extensions of configuration.
    pub configs: Vec<Arc<str>>,
    /// Extensions of scripts of the view layer.
    pub view_scripts: Vec<Arc<str>>,
    tags: Vec<String>,
}

/// What an including tag takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IncludeRowKind {
    /// Named templates.
    Import,
    /// Markup.
    Include,
    /// A script of the view layer.
    Module,
}

/// A tag that takes in another file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IncludeRow {
    /// What it takes in.
    pub kind: IncludeRowKind,
    /// Tags.
    pub tags: Vec<String>,
    /// Attributes that say which file.
    pub from: Vec<String>,
    /// Attributes that say under which name.
    #[serde(default)]
    pub name: Vec<String>,
}

/// How modules are found.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ResolveNames {
    /// Beginnings that stand for the root.
    pub root_aliases: Vec<String>,
    /// Folders of sources below a project.
    pub source_folders: Vec<String>,
    /// Beginnings of what is no file of the project.
    pub foreign: Vec<String>,
    /// Folders of packages.
    pub npm_folders: Vec<String>,
    /// The file that stands for its folder.
    pub index: String,
}

/// Cloud functions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CloudNames {
    /// Key of a project configuration that names their folder.
    pub root: String,
    /// Their folder where nothing names it.
    pub folders: Vec<String>,
    /// Extensions of their entry scripts.
    pub entries: Vec<Arc<str>>,
}

/// A host platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlatformRow {
    /// Its id.
    pub id: Arc<str>,
    /// Global objects that only it has.
    pub globals: Vec<String>,
    /// Extensions of its templates.
    pub templates: Vec<Arc<str>>,
    /// Names of its project configuration.
    pub projects: Vec<String>,
    /// Before the extension of files for it alone.
    pub suffixes: Vec<Arc<str>>,
    /// Its key in a framework's manifest.
    pub manifest: String,
}

impl AppTable {
    pub(super) fn parse(text: &str) -> AppTable {
        let mut table: AppTable = toml::from_str(text).unwrap_or_else(|error| {
            panic!("internal: app_model.toml is part of the binary and tested: {error}")
        });
        table.keys = table.configuration.keys.drain(..).collect();
        table.tags = table.parts.tags.drain(..).collect();
        table
    }

    /// Whether the model reads this top-level key.
    pub fn wants_key(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// A tag that the platform brings.
    pub fn is_platform_tag(&self, tag: &str) -> bool {
        self.tags.contains(tag)
    }

    /// The index of the platform a global object belongs to.
    pub fn platform_of_global(&self, name: &str) -> Option<usize> {
        self.platform
            .iter()
            .position(|p| p.globals.iter().any(|g| g == name))
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Tables;

    #[test]
    fn the_keys_that_rows_name_are_read() {
        let tables = Tables::builtin();
        let table = tables.app_model();
        for row in &table.root {
            for key in &row.needs {
                assert!(table.wants_key(key), "{key}");
            }
        }
        for platform in table.platform.iter().filter(|p| !p.manifest.is_empty()) {
            assert!(table.wants_key(&platform.manifest), "{}", platform.id);
        }
        assert!(table.is_platform_tag("view") && !table.is_platform_tag("my-card"));
        assert_eq!(table.platform_of_global("console"), None);
    }
}
