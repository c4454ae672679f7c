//! Which file a name in a script, template or configuration means.

use super::paths::{below, folder, join, normal, stem_len};
use crate::rules::app_model::{AppTable, ResolveNames};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where files of one stem begin to differ, and the file.
type Group = Vec<(u32, Arc<str>)>;

/// `from` with at most one `*`, and what it stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alias {
    pub from: String,
    pub to: Vec<String>,
}

/// Finds files of one app by how they are named.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Resolver {
    root: Arc<str>,
    /// Folders above the root that hold files of the app, nearest first: the project.
    projects: Vec<Arc<str>>,
    stems: FxHashMap<Box<str>, Group>,
    /// Explicit aliases; targets are paths of the session.
    pub aliases: Vec<Alias>,
    /// Folders that bare names may start from.
    pub bases: Vec<String>,
    /// Folders of packages by name.
    pub packages: BTreeMap<Arc<str>, Arc<str>>,
    /// Main files by folder.
    pub mains: BTreeMap<Arc<str>, Arc<str>>,
    suffixes: Vec<Arc<str>>,
    scripts: Vec<Arc<str>>,
    names: Arc<ResolveNames>,
}

impl Resolver {
    /// For an app at `root`; `files` are all of its files.
    pub(super) fn new<'f>(
        root: &Arc<str>,
        files: impl IntoIterator<Item = &'f Arc<str>>,
        platform: usize,
        table: &AppTable,
    ) -> Resolver {
        let mut stems: FxHashMap<Box<str>, Group> = FxHashMap::default();
        for file in files {
            let len = stem_len(file);
            let group = stems.entry(file[..len].into()).or_default();
            group.push((len as u32, file.clone()));
        }
        let mut projects = Vec::new();
        let mut at = &**root;
        while !at.is_empty() {
            at = folder(at);
            projects.push(Arc::from(at));
        }
        Resolver {
            root: root.clone(),
            projects,
            stems,
            aliases: Vec::new(),
            bases: Vec::new(),
            packages: BTreeMap::new(),
            mains: BTreeMap::new(),
            suffixes: table
                .platform
                .get(platform)
                .map_or_else(Vec::new, |p| p.suffixes.clone()),
            scripts: [&*table.parts.scripts, &*table.parts.containers].concat(),
            names: table.resolve.clone(),
        }
    }

    /// Stems and their files, in no order.
    pub(super) fn stems(&self) -> impl Iterator<Item = (&str, &[(u32, Arc<str>)])> {
        self.stems.iter().map(|(stem, group)| (&**stem, &**group))
    }

    /// A file of a stem by its extension, one for the platform alone first.
    pub(super) fn with_extension(&self, stem: &str, extensions: &[Arc<str>]) -> Option<&Arc<str>> {
        let len = stem_len(stem);
        let group = self.stems.get(&stem[..len])?;
        extensions.iter().find_map(|extension| {
            let own = self
                .suffixes
                .iter()
                .find_map(|suffix| find(group, &[&stem[len..], suffix, extension]));
            own.or_else(|| find(group, &[&stem[len..], extension]))
        })
    }

    /// A path that may lack its extension or mean a folder.
    pub(super) fn path(&self, path: &str, extensions: &[Arc<str>]) -> Option<&Arc<str>> {
        self.file(path, extensions)
            .or_else(|| self.in_folder(path, extensions))
    }

    fn file(&self, path: &str, extensions: &[Arc<str>]) -> Option<&Arc<str>> {
        let len = stem_len(path);
        let rest = &path[len..];
        let group = self.stems.get(&path[..len])?;
        let exact = (!rest.is_empty()).then(|| find(group, &[rest])).flatten();
        let found = exact.or_else(|| self.with_extension(path, extensions));
        // TypeScript names the file that it becomes.
        found.or_else(|| {
            let stem = rest.strip_suffix(".js")?;
            find(group, &[stem, ".ts"]).or_else(|| find(group, &[stem, ".tsx"]))
        })
    }

    fn in_folder(&self, path: &str, extensions: &[Arc<str>]) -> Option<&Arc<str>> {
        if let Some(main) = self.mains.get(path)
            && let Some(main) = join(path, main)
            && let Some(file) = self.file(&main, extensions)
        {
            return Some(file);
        }
        let index = match path {
            "" => self.names.index.clone(),
            path => format!("{path}/{}", self.names.index),
        };
        self.file(&index, extensions)
    }

    /// A script by how a script names it.
    pub(super) fn script(&self, from: &str, specifier: &str) -> Option<Arc<str>> {
        self.find(from, specifier, &self.scripts).cloned()
    }

    /// The file that `from` means by `specifier`.
    pub(super) fn find(
        &self,
        from: &str,
        specifier: &str,
        extensions: &[Arc<str>],
    ) -> Option<&Arc<str>> {
        self.candidates(from, specifier)
            .into_iter()
            .find_map(|path| self.path(&path, extensions))
            .filter(|file| ***file != *from)
    }

    /// The paths that a name may mean, the likeliest first.
    pub(super) fn candidates(&self, from: &str, specifier: &str) -> Vec<String> {
        let specifier = specifier.split(['?', '!']).next().unwrap_or(specifier);
        let names = &*self.names;
        if specifier.is_empty() || names.foreign.iter().any(|f| specifier.starts_with(&**f)) {
            return Vec::new();
        }
        let here = folder(from);
        if specifier.starts_with("./") || specifier.starts_with("../") || specifier == "." {
            return join(here, specifier).into_iter().collect();
        }
        let mut out: Vec<String> = Vec::new();
        for alias in &self.aliases {
            out.extend(alias.apply(specifier));
        }
        for prefix in &names.root_aliases {
            if let Some(rest) = specifier.strip_prefix(&**prefix) {
                self.below_roots(rest, &mut out);
            }
        }
        if let Some(rest) = specifier.strip_prefix('/') {
            self.below_roots(rest, &mut out);
            return out;
        }
        // `@components/x`, `~utils/x`
        if let Some(rest) = specifier.strip_prefix(['@', '~']) {
            self.below_roots(rest, &mut out);
        }
        out.extend(join(here, specifier));
        out.extend(join(&self.root, specifier));
        for base in &self.bases {
            out.extend(join(base, specifier));
        }
        let scoped = usize::from(specifier.starts_with('@'));
        let end = specifier.match_indices('/').nth(scoped).map(|(at, _)| at);
        let (package, rest) = specifier.split_at(end.unwrap_or(specifier.len()));
        if let Some(folder) = self.packages.get(package) {
            out.extend(join(folder, rest));
        }
        for npm in &names.npm_folders {
            out.extend(join(&self.root, &format!("{npm}/{specifier}")));
        }
        out
    }

    /// Below the root, then below the project's folders and their sources.
    fn below_roots(&self, rest: &str, out: &mut Vec<String>) {
        let roots = std::iter::once(&self.root).chain(self.projects.iter().take(2));
        for root in roots {
            out.extend(join(root, rest));
            for source in &self.names.source_folders {
                out.extend(join(root, &format!("{source}/{rest}")));
            }
        }
    }

    /// The path of a folder below the root that a configuration names.
    pub(super) fn below_root(&self, path: &str) -> Option<String> {
        join(&self.root, path)
    }

    /// A file's path below the root, without extensions; the whole path for files outside.
    pub(super) fn short<'p>(&self, path: &'p str) -> &'p str {
        let path = &path[..stem_len(path)];
        below(&self.root, path).unwrap_or(path)
    }
}

/// The file of a group whose extension is `pieces` joined.
fn find<'g>(group: &'g Group, pieces: &[&str]) -> Option<&'g Arc<str>> {
    let len: usize = pieces.iter().map(|p| p.len()).sum();
    let found = group.iter().find(|(stem, file)| {
        let mut rest = &file[*stem as usize..];
        rest.len() == len
            && pieces.iter().all(|piece| match rest.strip_prefix(piece) {
                Some(more) => {
                    rest = more;
                    true
                }
                None => false,
            })
    });
    found.map(|(_, file)| file)
}

impl Alias {
    fn apply(&self, specifier: &str) -> Vec<String> {
        let rest = match self.from.split_once('*') {
            None if self.from == specifier => "",
            None => return Vec::new(),
            Some((before, after)) => {
                match specifier
                    .strip_prefix(before)
                    .and_then(|s| s.strip_suffix(after))
                {
                    Some(rest) => rest,
                    None => return Vec::new(),
                }
            }
        };
        self.to
            .iter()
            .map(|to| normal(&to.replacen('*', rest, 1)))
            .collect()
    }
}
