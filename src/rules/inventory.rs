//! What the privacy inventory knows of other companies and of purposes: `queries/data/inventory.toml`.

use super::places::{within, words as split};
use crate::finding::Text;
use serde::Deserialize;
use std::sync::Arc;

/// The whole table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InventoryTable {
    /// Sinks that keep files in the app's cloud.
    pub cloud_files: Vec<String>,
    /// Where configuration names plug-ins.
    pub plugin: PluginNames,
    /// Keys of exported guidelines.
    pub guideline: GuidelineNames,
    purpose: Vec<Purpose>,
    third_party: Vec<ThirdPartyRow>,
}

/// Where configuration names plug-ins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginNames {
    /// Keys of objects that hold plug-ins by name.
    pub keys: Vec<String>,
    /// Key of the provider's app id.
    pub provider: String,
    /// Key of the version.
    pub version: String,
}

/// Keys of a privacy guideline as the console's interface gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GuidelineNames {
    /// Paths of lists of items.
    pub lists: Vec<String>,
    /// Key of an item's information type.
    pub key: String,
    /// Keys of an item's purpose; the first is that of requests.
    pub text: Vec<String>,
    /// Key of the operator's own data.
    pub contact: String,
    /// Lists of keys alone.
    pub names: Vec<String>,
    /// Types for which the form promises explicit consent.
    pub consent_first: Vec<String>,
}

/// A purpose that words hint at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Purpose {
    words: Vec<String>,
    types: Vec<String>,
    en: String,
    #[serde(rename = "zh-CN")]
    zh_cn: String,
}

/// Code or servers of another company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThirdPartyRow {
    /// Its id.
    pub id: Arc<str>,
    #[serde(default)]
    kind: Option<Arc<str>>,
    /// What people call it.
    pub name: Text,
    /// Who runs it; `?` = depends.
    pub provider: String,
    #[serde(default)]
    modules: Vec<String>,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    plugins: Vec<String>,
    /// Classes of data that it takes by itself.
    pub collects: Vec<Arc<str>>,
    /// Its own words about that.
    #[serde(default)]
    pub page: String,
}

impl ThirdPartyRow {
    /// `sdk` or `plugin`.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("sdk")
    }

    /// Whether scripts mean it by a specifier: a package, or a file of that name.
    pub fn is_module(&self, specifier: &str) -> bool {
        let file = specifier.rsplit('/').next().unwrap_or(specifier);
        let stem = file.strip_suffix(".js").unwrap_or(file);
        let stem = stem.strip_suffix(".min").unwrap_or(stem);
        self.modules
            .iter()
            .any(|module| module == specifier || module == stem)
    }

    /// Whether its object is called that.
    pub fn is_object(&self, name: &str) -> bool {
        self.objects.iter().any(|object| object == name)
    }

    /// Whether a host is its own.
    pub fn has_host(&self, host: &str) -> bool {
        within(host, &self.domains)
    }

    /// Whether it is the plug-in of an app id.
    pub fn is_plugin(&self, app_id: &str) -> bool {
        self.plugins.iter().any(|id| id == app_id)
    }
}

impl InventoryTable {
    pub(super) fn parse(text: &str) -> InventoryTable {
        toml::from_str(text).unwrap_or_else(|error| {
            panic!("internal: inventory.toml is part of the binary and tested: {error}")
        })
    }

    /// Companies, in the table's order.
    pub fn third_parties(&self) -> &[ThirdPartyRow] {
        &self.third_party
    }

    /// What an information type seems to be for, by the words of a page or a label.
    pub fn purpose(&self, info_type: &str, words: &str) -> Option<Text> {
        let split = split(words);
        let lower = words.to_lowercase();
        // Chinese words stand anywhere; of a name's words, one or two make the word: `carList`, `signIn`, not `cart`.
        let says = |word: &str| match word.is_ascii() {
            false => lower.contains(word),
            true => {
                let one = split
                    .iter()
                    .any(|w| w == word || w.strip_suffix('s') == Some(word));
                one || split.windows(2).any(|pair| pair.concat() == word)
            }
        };
        let row = self.purpose.iter().find(|row| {
            row.types.iter().any(|t| t == info_type) && row.words.iter().any(|word| says(word))
        })?;
        Some(Text {
            en: row.en.clone(),
            zh_cn: row.zh_cn.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Tables;

    #[test]
    fn rows_name_classes_and_types_that_exist() {
        let tables = Tables::builtin();
        let table = tables.inventory();
        for row in table.third_parties() {
            assert!(
                !row.collects.is_empty() && !row.name.en.is_empty(),
                "{}",
                row.id
            );
            for class in &row.collects {
                assert!(tables.classes().get(class).is_some(), "{}: {class}", row.id);
            }
        }
        for row in &table.purpose {
            for id in &row.types {
                assert!(tables.privacy_apis().info_type(id).is_some(), "{id}");
            }
            for word in &row.words {
                assert_eq!(*word, word.to_lowercase(), "compared in lower case");
            }
        }
    }

    #[test]
    fn companies_are_known_by_module_host_and_plugin() {
        let tables = Tables::builtin();
        let row = |id: &str| {
            let rows = tables.inventory().third_parties();
            rows.iter().find(|row| &*row.id == id).unwrap()
        };
        assert!(row("qqmap").is_module("../../libs/qqmap-wx-jssdk.min.js"));
        assert!(row("qqmap").has_host("apis.map.qq.com") && !row("qqmap").has_host("qq.com"));
        assert!(row("plugin-si").is_plugin("wx069ba97219f66d99"));
        assert_eq!(
            (row("plugin-si").kind(), row("amap").kind()),
            ("plugin", "sdk")
        );
        let purpose = tables
            .inventory()
            .purpose("Address", "收货地址管理")
            .unwrap();
        assert!(purpose.zh_cn.contains("收货"));
        assert!(tables.inventory().purpose("Record", "收货地址").is_none());
    }
}
