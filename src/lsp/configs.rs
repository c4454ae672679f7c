//! Workspace folders and the configuration of their files: the nearest `minivet.toml`, under what the client sets. Reads
//! configuration files; a broken one counts as none and is reported.

use super::settings::{ClientSettings, lay};
use super::uri;
use crate::config::{Config, ConfigError, Finder};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder of the workspace, or the folder of a file that is open and in none of them.
#[derive(Clone, Debug)]
pub struct Root {
    /// As the client spells it.
    pub uri: String,
    /// The document key of the folder, without a slash at the end.
    pub key: Arc<str>,
    /// On disk; `None` for other schemes than `file`.
    pub folder: Option<PathBuf>,
    /// A folder of the workspace: all of it is checked.
    pub whole: bool,
}

impl Root {
    /// A folder of the workspace.
    pub fn folder(uri: &str) -> Root {
        let key = uri::key(uri);
        let folder = uri::disk_path(&key);
        Root {
            uri: uri.strip_suffix('/').unwrap_or(uri).to_string(),
            key: key.trim_end_matches('/').into(),
            whole: folder.is_some(),
            folder,
        }
    }

    /// The folder of a document.
    pub fn of_document(key: &str, uri: &str) -> Root {
        let parent = |text: &str| match text.rfind('/') {
            Some(at) => text[..at].to_string(),
            None => text[..text.find(':').map_or(0, |at| at + 1)].to_string(),
        };
        let folder = parent(key);
        Root {
            uri: parent(uri),
            folder: uri::disk_path(&folder).map(|path| match path.as_os_str().is_empty() {
                true => PathBuf::from("/"),
                false => path,
            }),
            key: folder.into(),
            whole: false,
        }
    }

    /// The name of a document in this folder, if it is in it.
    pub fn name_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.strip_prefix(&*self.key)?;
        match rest.strip_prefix('/') {
            Some(name) => Some(name),
            None => self.key.ends_with(':').then_some(rest),
        }
        .filter(|name| !name.is_empty())
    }

    /// The key of a document in this folder.
    pub fn key_of(&self, name: &str) -> Arc<str> {
        match self.folder.is_none() && self.key.ends_with(':') {
            true => format!("{}{name}", self.key).into(),
            false => format!("{}/{name}", self.key).into(),
        }
    }
}

/// The workspace's folders as `initialize` names them.
pub fn roots(params: &Value) -> Vec<Root> {
    let folders = params["workspaceFolders"].as_array();
    let mut uris: Vec<String> = folders
        .into_iter()
        .flatten()
        .filter_map(|f| f["uri"].as_str().map(str::to_string))
        .collect();
    if uris.is_empty() {
        uris.extend(params["rootUri"].as_str().map(str::to_string));
    }
    if uris.is_empty()
        && let Some(path) = params["rootPath"].as_str()
    {
        uris.push(uri::from_path(std::path::Path::new(path)));
    }
    let mut out: Vec<Root> = Vec::new();
    for root in uris.iter().map(|uri| Root::folder(uri)) {
        if !out.iter().any(|known| known.key == root.key) {
            out.push(root);
        }
    }
    out
}

/// The configuration of every file.
#[derive(Debug, Default)]
pub struct Configs {
    finder: Finder,
    client: ClientScopes,
    known: BTreeMap<(Arc<str>, PathBuf), Arc<Config>>,
    /// What is wrong with configuration files, by file.
    pub errors: BTreeMap<Arc<str>, ConfigError>,
}

/// The client's settings by workspace folder; those of the empty key count everywhere else.
pub type ClientScopes = BTreeMap<Arc<str>, ClientSettings>;

impl Configs {
    /// Configurations under the client's settings.
    pub fn new(client: ClientScopes) -> Configs {
        Configs {
            client,
            ..Configs::default()
        }
    }

    /// The client's settings.
    pub fn client(&self) -> &ClientScopes {
        &self.client
    }

    /// The configuration of the files of a folder below a root.
    pub fn of(&mut self, root: &Root, folder: &Path) -> Arc<Config> {
        let known = (root.key.clone(), folder.to_path_buf());
        if let Some(config) = self.known.get(&known) {
            return config.clone();
        }
        let client = self.client.get(&root.key).or_else(|| self.client.get(""));
        let given = client.and_then(|c| c.config.as_deref());
        let found = match (given, &root.folder) {
            (Some(given), Some(top)) => Finder::read(&top.join(given)).map(|c| Some(Arc::new(c))),
            (None, Some(_)) => self.finder.for_folder(folder),
            (_, None) => Ok(None),
        };
        let mut config = match found {
            Ok(config) => config.map_or_else(Config::default, |c| (*c).clone()),
            Err(error) => {
                self.errors.insert(error.path.clone(), error);
                Config::default()
            }
        };
        if let Some(client) = client {
            lay(&mut config, &client.over);
        }
        if config.path.is_none() {
            // The client's globs are relative to something, too.
            config.path = root.folder.as_ref().map(|top| top.join("minivet.toml"));
        }
        let config = Arc::new(config);
        self.known.insert(known, config.clone());
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_belong_together() {
        let root = Root::folder("file:///应用/");
        assert_eq!(root.name_of("file:/应用/a/b.js"), Some("a/b.js"));
        assert_eq!(root.name_of("file:/应用2/a.js"), None);
        assert_eq!(&*root.key_of("a/b.js"), "file:/应用/a/b.js");
        let disk = Root::folder("file:///");
        assert_eq!(disk.name_of("file:/a.js"), Some("a.js"));
        assert_eq!(&*disk.key_of("a.js"), "file:/a.js");
        let lone = Root::of_document("untitled:Untitled-1", "untitled:Untitled-1");
        assert_eq!(lone.name_of("untitled:Untitled-1"), Some("Untitled-1"));
        assert_eq!(&*lone.key_of("Untitled-1"), "untitled:Untitled-1");
        let file = Root::of_document("file:/a/b.js", "file:///a/b.js");
        assert_eq!(
            (file.uri.as_str(), file.name_of("file:/a/b.js")),
            ("file:///a", Some("b.js"))
        );
    }
}
