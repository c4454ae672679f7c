//! What paths, addresses and names say about the place of a finding: `queries/data/places.toml`.

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    server: Vec<String>,
    tools: Vec<String>,
    not_tools: Vec<String>,
    development: Vec<String>,
    picture_extensions: Vec<String>,
    picture_names: Vec<String>,
    picture_hosts: Vec<String>,
    local_hosts: Vec<String>,
    private_suffixes: Vec<String>,
    names_only: Vec<String>,
    address_tests: Vec<String>,
    vendors: Vec<String>,
}

/// Globs and word lists.
#[derive(Debug)]
pub struct Places {
    server: GlobSet,
    tools: GlobSet,
    not_tools: GlobSet,
    file: File,
}

/// A set of globs; globs of users are checked when rules are loaded, a bad one here matches nothing.
pub fn globs(patterns: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if let Ok(glob) = Glob::new(pattern) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}

/// Whether a host is one of the domains or below one.
pub(super) fn within(host: &str, domains: &[String]) -> bool {
    domains.iter().any(|d| {
        host == d
            || host
                .strip_suffix(d.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
    })
}

/// The words of a path or an identifier: split at separators and case changes, lower case.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            out.push(String::new());
            lower = false;
            continue;
        }
        if c.is_uppercase() && lower {
            out.push(String::new());
        }
        lower = c.is_lowercase();
        if let Some(last) = out.last_mut() {
            last.extend(c.to_lowercase());
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

impl Places {
    pub(super) fn parse(text: &str) -> Places {
        let file: File =
            toml::from_str(text).expect("internal: places.toml is part of the binary and tested");
        Places {
            server: globs(&file.server),
            tools: globs(&file.tools),
            not_tools: globs(&file.not_tools),
            file,
        }
    }

    /// Runs on a server.
    pub fn is_server(&self, path: &str) -> bool {
        self.server.is_match(path)
    }

    /// Belongs to the project's tools and is not part of the app.
    pub fn is_tool(&self, path: &str) -> bool {
        self.tools.is_match(path) && !self.not_tools.is_match(path)
    }

    /// A path or a name that says: for development only.
    pub fn is_development(&self, text: &str) -> bool {
        words(text)
            .iter()
            .any(|w| self.file.development.contains(w))
    }

    /// An address that ends like a picture or a medium, or whose name says so.
    pub fn is_picture(&self, address: &str, name: &str) -> bool {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let extension = path
            .rsplit('/')
            .next()
            .and_then(|last| last.rsplit_once('.'))
            .map(|(_, e)| e.to_ascii_lowercase());
        if extension.is_some_and(|e| self.file.picture_extensions.contains(&e)) {
            return true;
        }
        let host = address.split("://").nth(1).unwrap_or_default();
        let label = host
            .split('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches(|c: char| c.is_ascii_digit());
        if self.file.picture_hosts.iter().any(|h| h == label) {
            return true;
        }
        let words = words(name);
        words.iter().any(|w| self.file.picture_names.contains(w))
            || self.file.picture_names.contains(&words.concat())
    }

    /// This machine.
    pub fn is_local_host(&self, host: &str) -> bool {
        self.file.local_hosts.iter().any(|h| h == host)
    }

    /// A name that only an internal name server knows.
    pub fn is_private_name(&self, host: &str) -> bool {
        self.file
            .private_suffixes
            .iter()
            .any(|s| host.ends_with(s.as_str()))
    }

    /// A host in names that are never fetched.
    pub fn is_name_only(&self, host: &str) -> bool {
        within(host, &self.file.names_only)
    }

    /// A callee that compares or takes apart an address.
    pub fn is_address_test(&self, callee: &str) -> bool {
        let last = callee
            .rsplit('.')
            .next()
            .unwrap_or(callee)
            .to_ascii_lowercase();
        self.file.address_tests.contains(&last)
    }

    /// A company whose addresses are never an app's own.
    pub fn is_vendor(&self, host: &str) -> bool {
        within(host, &self.file.vendors)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tables::Tables;

    #[test]
    fn places_are_told_apart() {
        let tables = Tables::builtin();
        let places = tables.places();
        assert!(places.is_server("cloudfunctions/login/index.js"));
        assert!(places.is_server("app/uniCloud-aliyun/cloudfunctions/a/index.js"));
        assert!(!places.is_server("pages/server/server.js"));
        assert!(places.is_tool("vite.config.ts") && !places.is_tool("src/app.config.ts"));
        assert!(
            places.is_picture("http://a.cn/x.png?v=1", "")
                && places.is_picture("http://a.cn/x", "avatarUrl")
        );
        assert!(!places.is_picture("http://a.cn/api", "baseUrl"));
        assert!(
            places.is_development("config/dev.js")
                && places.is_development("testUrl")
                && !places.is_development("latest")
        );
        assert!(places.is_vendor("apis.map.qq.com") && !places.is_vendor("shop.qq.com"));
    }
}
