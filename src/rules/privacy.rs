//! Platform calls that hand out personal information, and how they are declared: `queries/data/privacy_apis.toml`.

use crate::finding::Text;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::sync::Arc;

/// An information type: an item of the platform's privacy statement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfoType {
    /// Its id.
    pub id: Arc<str>,
    /// English wording.
    en: String,
    /// The statement's own words.
    #[serde(rename = "zh-CN")]
    zh_cn: String,
    /// Key of the server API.
    #[serde(default)]
    pub key: Arc<str>,
    /// `auth`: asked inside the permission dialog; `privacy`: in a dialog of its own.
    #[serde(default)]
    pub dialog: Arc<str>,
}

impl InfoType {
    /// What the statement says, in both languages.
    pub fn name(&self) -> Text {
        Text {
            en: self.en.clone(),
            zh_cn: self.zh_cn.clone(),
        }
    }
}

/// A call, component, event or button that hands out personal information.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PrivacyApi {
    /// As code writes it, without the platform's global: `getLocation`, `button[open-type=getPhoneNumber]`.
    pub id: Arc<str>,
    /// `api`, `manager-method`, `component`, `open-type`, `input-type`, `authorize-scope`, `event`, `page-argument`.
    pub kind: Arc<str>,
    /// Information type; empty = none in the platform's table.
    #[serde(default, rename = "type")]
    pub info_type: Arc<str>,
    /// Further information types.
    #[serde(default)]
    pub also_types: Vec<Arc<str>>,
    /// An undeclared use is blocked at run time.
    #[serde(default)]
    pub official: bool,
    /// Authorization scope; empty = none.
    #[serde(default)]
    pub scope: Arc<str>,
    /// Further scopes.
    #[serde(default)]
    pub also_scopes: Vec<Arc<str>>,
    /// What `requiredPrivateInfos` must hold; empty = nothing.
    #[serde(default)]
    pub required: Arc<str>,
    /// Event attributes that receive the data.
    #[serde(default)]
    pub events: Vec<Arc<str>>,
    /// Access paths of the data, rooted at `res`, `e` or `cb`.
    #[serde(default)]
    pub data: Vec<Arc<str>>,
    /// Only a token or ciphertext arrives.
    #[serde(default)]
    pub opaque: bool,
    /// The native call returns a promise.
    #[serde(default)]
    pub promise: bool,
    /// `current`, `deprecated`, `recycled`, `removed`.
    pub status: Arc<str>,
    /// Since when the status holds.
    #[serde(default)]
    pub status_since: Arc<str>,
    /// Replacements.
    #[serde(default)]
    pub instead: Vec<Arc<str>>,
    /// `sensitive`, `general`, `device`, `token`.
    pub level: Arc<str>,
    /// Base library version.
    #[serde(default)]
    pub since: Arc<str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    required_private_infos: Required,
    scopes: Scopes,
    tap_state: TapState,
    info_type: Vec<InfoType>,
    api: Vec<PrivacyApi>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Required {
    values: Vec<String>,
    exclusive: Vec<Vec<String>>,
}

/// Authorization scopes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scopes {
    /// In use.
    pub current: Vec<String>,
    /// Always granted.
    pub cancelled: Vec<String>,
    /// Withdrawn.
    pub recycled: Vec<String>,
    /// Need a purpose in the app's configuration.
    pub desc_required: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TapState {
    apis: Vec<String>,
}

/// All calls and information types.
#[derive(Debug)]
pub struct PrivacyApis {
    file: File,
    by_id: FxHashMap<Arc<str>, usize>,
}

impl PrivacyApis {
    pub(super) fn parse(text: &str) -> PrivacyApis {
        let file: File = toml::from_str(text)
            .expect("internal: privacy_apis.toml is part of the binary and tested");
        let by_id = file
            .api
            .iter()
            .enumerate()
            .map(|(i, api)| (api.id.clone(), i))
            .collect();
        PrivacyApis { file, by_id }
    }

    /// A call by its name without the platform's global.
    pub fn get(&self, id: &str) -> Option<&PrivacyApi> {
        self.by_id.get(id).map(|&index| &self.file.api[index])
    }

    /// All calls, in the table's order.
    pub fn iter(&self) -> impl Iterator<Item = &PrivacyApi> {
        self.file.api.iter()
    }

    /// Information types, in the order of the platform's statement.
    pub fn info_types(&self) -> &[InfoType] {
        &self.file.info_type
    }

    /// An information type by its id.
    pub fn info_type(&self, id: &str) -> Option<&InfoType> {
        self.file.info_type.iter().find(|info| &*info.id == id)
    }

    /// Values of `requiredPrivateInfos`.
    pub fn required_values(&self) -> &[String] {
        &self.file.required_private_infos.values
    }

    /// Groups of values of which only one group may be declared.
    pub fn required_exclusive(&self) -> &[Vec<String>] {
        &self.file.required_private_infos.exclusive
    }

    /// Authorization scopes.
    pub fn scopes(&self) -> &Scopes {
        &self.file.scopes
    }

    /// Whether a call works only in code that descends from a tap.
    pub fn needs_tap(&self, id: &str) -> bool {
        self.file.tap_state.apis.iter().any(|api| api == id)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::Tables;

    #[test]
    fn every_type_and_requirement_that_a_row_names_exists() {
        let tables = Tables::builtin();
        let apis = tables.privacy_apis();
        assert!(apis.iter().count() > 90);
        for api in apis.iter() {
            for id in api
                .also_types
                .iter()
                .chain([&api.info_type])
                .filter(|id| !id.is_empty())
            {
                assert!(apis.info_type(id).is_some(), "{}: {id}", api.id);
            }
            assert!(
                api.required.is_empty()
                    || apis.required_values().iter().any(|v| **v == *api.required),
                "{}",
                api.id
            );
        }
        assert_eq!(&*apis.get("getLocation").unwrap().required, "getLocation");
        assert!(apis.needs_tap("openSetting") && !apis.needs_tap("getLocation"));
    }
}
