//! Where apps are: the files that make a folder an app, and which app every other file belongs to.

use super::digest::Digest;
use super::paths::{base, folder, join, stem_len};
use crate::facts::JsonScalar;
use crate::rules::app_model::{AppTable, Constructs, RootRow};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Digests = BTreeMap<Arc<str>, Digest>;

/// A folder that is an app.
#[derive(Clone, Debug)]
pub(super) struct Root {
    pub folder: Arc<str>,
    pub framework: Arc<str>,
    pub config: Option<Arc<str>>,
}

/// All apps, sorted by folder; where nothing says so, the whole session is one.
pub(super) fn find(files: &Digests, table: &AppTable) -> Vec<Root> {
    let mut found: BTreeMap<Arc<str>, (usize, Arc<str>)> = BTreeMap::new();
    for (file, digest) in files {
        let name = base(file);
        for (index, row) in table.root.iter().enumerate() {
            if row.names.iter().any(|n| n == name) && makes_app(row, file, digest, files) {
                let entry = (index, file.clone());
                found
                    .entry(folder(file).into())
                    .and_modify(|old| {
                        if entry.0 < old.0 {
                            *old = entry.clone();
                        }
                    })
                    .or_insert(entry);
                break;
            }
        }
    }
    let linked = linked(&found, files, table);
    let roots: Vec<Root> = found
        .into_iter()
        .filter(|(_, (_, config))| !linked.contains(&**config))
        .map(|(folder, (index, config))| Root {
            folder,
            framework: table.root[index].framework.clone(),
            config: Some(config),
        })
        .collect();
    if !roots.is_empty() {
        return roots;
    }
    implicit(files, table)
}

/// Files that look like an app's but bring pages to another.
fn linked(
    found: &BTreeMap<Arc<str>, (usize, Arc<str>)>,
    files: &Digests,
    table: &AppTable,
) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (folder, (_, config)) in found {
        for (path, value) in files.get(config).into_iter().flat_map(|d| &d.config) {
            let key = path.split('.').next().unwrap_or_default();
            if let JsonScalar::String(name) = value
                && table.configuration.linked.iter().any(|k| k == key)
            {
                let name = name.split('?').next().unwrap_or(name);
                out.extend(join(folder, name).filter(|file| **file != **config));
            }
        }
    }
    out
}

fn makes_app(row: &RootRow, file: &str, digest: &Digest, files: &Digests) -> bool {
    let has = |key: &String| {
        let key = &**key;
        digest
            .config
            .iter()
            .any(|(path, _)| path.split('.').next() == Some(key))
    };
    let beside = |name: &String| {
        let path = match folder(file) {
            "" => name.clone(),
            folder => format!("{folder}/{name}"),
        };
        files.contains_key(path.as_str())
    };
    row.needs.is_empty() || row.needs.iter().any(has) || row.beside.iter().any(beside)
}

/// Apps without configuration: folders of scripts that construct an app, else everything.
fn implicit(files: &Digests, table: &AppTable) -> Vec<Root> {
    let framework = framework_of(files, table);
    let is_app = |file: &str| {
        let name = base(&file[..stem_len(file)]);
        table.parts.app.iter().any(|app| app == name)
    };
    let mut folders: BTreeSet<Arc<str>> = files
        .iter()
        .filter(|(file, d)| d.constructs == Some(Constructs::App) && is_app(file))
        .map(|(file, _)| folder(file).into())
        .collect();
    if folders.is_empty() {
        folders.insert("".into());
    }
    folders
        .into_iter()
        .map(|folder| Root {
            folder,
            framework: framework.clone(),
            config: None,
        })
        .collect()
}

/// The framework whose kind of file is most frequent.
fn framework_of(files: &Digests, table: &AppTable) -> Arc<str> {
    let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let native = table.root.last().map(|row| row.framework.clone());
    let native = native.unwrap_or_else(|| "".into());
    for file in files.keys() {
        let extension = &file[stem_len(file)..];
        let by_row = table
            .root
            .iter()
            .find(|row| row.extensions.iter().any(|e| e == extension))
            .map(|row| &row.framework);
        let is_template = || {
            let mut all = table.platform.iter().flat_map(|p| &p.templates);
            all.any(|t| **t == *extension)
        };
        match by_row {
            Some(framework) => *counts.entry(framework.clone()).or_default() += 1,
            None if is_template() => *counts.entry(native.clone()).or_default() += 1,
            None => {}
        }
    }
    let best = counts.into_iter().max_by_key(|(_, n)| *n);
    best.map_or(native, |(framework, _)| framework)
}

/// The files of each root: a file belongs to the nearest root above it, else to a root below the nearest folder above
/// it that has one.
pub(super) fn assign(roots: &[Root], files: &Digests) -> Vec<BTreeSet<Arc<str>>> {
    let exact: FxHashMap<&str, usize> = roots
        .iter()
        .enumerate()
        .map(|(i, r)| (&*r.folder, i))
        .collect();
    let mut around: FxHashMap<&str, usize> = FxHashMap::default();
    for (index, root) in roots.iter().enumerate() {
        let mut at = &*root.folder;
        loop {
            around.entry(at).or_insert(index);
            if at.is_empty() {
                break;
            }
            at = folder(at);
        }
    }
    let mut out = vec![BTreeSet::new(); roots.len()];
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    for file in files.keys() {
        let here = folder(file);
        let index = *known.entry(here).or_insert_with(|| {
            above(here, &exact)
                .or_else(|| above(here, &around))
                .unwrap_or(0)
        });
        if let Some(set) = out.get_mut(index) {
            set.insert(file.clone());
        }
    }
    out
}

fn above(from: &str, roots: &FxHashMap<&str, usize>) -> Option<usize> {
    let mut at = from;
    loop {
        if let Some(&index) = roots.get(at) {
            return Some(index);
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
    }
}

/// The host platform of an app, by index.
pub(super) fn platform(own: &BTreeSet<Arc<str>>, files: &Digests, table: &AppTable) -> usize {
    let n = table.platform.len();
    let (mut templates, mut projects, mut manifest, mut votes) =
        (vec![0u32; n], vec![false; n], vec![false; n], vec![0u32; n]);
    for file in own {
        let name = base(file);
        let extension = &file[stem_len(file)..];
        let digest = files.get(file);
        for (i, platform) in table.platform.iter().enumerate() {
            if platform.templates.iter().any(|t| **t == *extension) {
                templates[i] += 1;
            }
            projects[i] |= platform.projects.iter().any(|p| p == name);
            if let Some(digest) = digest {
                votes[i] += (digest.platforms >> (i % 64) & 1) as u32;
            }
        }
        for (path, value) in digest.into_iter().flat_map(|d| &d.config) {
            let Some(key) = path.strip_suffix(".appid") else {
                continue;
            };
            if let Some(i) = table.platform.iter().position(|p| p.manifest == key)
                && matches!(value, JsonScalar::String(id) if !id.is_empty())
            {
                manifest[i] = true;
            }
        }
    }
    let most = |counts: &[u32]| {
        let best = counts.iter().copied().max().filter(|&best| best > 0)?;
        let tied = || (0..n).filter(|&i| counts[i] == best);
        tied().find(|&i| projects[i]).or_else(|| tied().next())
    };
    let first = |flags: &[bool]| flags.iter().position(|&f| f);
    most(&templates)
        .or_else(|| first(&manifest))
        .or_else(|| first(&projects))
        .or_else(|| most(&votes))
        .unwrap_or(0)
}
