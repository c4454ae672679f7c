//! Digests of all files, joined to apps.

use super::digest::Digest;
use super::parts::Builder;
use super::paths::{base, below, folder, join, normal};
use super::resolve::{Alias, Resolver};
use super::roots::{self, Root};
use super::{App, ConfigError, IncludeKind, Part};
use crate::facts::JsonScalar;
use crate::rules::RuleSet;
use crate::rules::app_model::AppTable;
use crate::syntax::FileKind;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

type Digests = BTreeMap<Arc<str>, Digest>;
/// Files by the name that code gives them.
type Named = BTreeMap<Arc<str>, Arc<str>>;

/// The apps of a session, sorted by root. Every file belongs to exactly one; without files there is none.
pub fn build(files: &Digests, set: &RuleSet) -> Vec<App> {
    if files.is_empty() {
        return Vec::new();
    }
    let table = set.tables.app_model();
    let roots = roots::find(files, table);
    let owned = roots::assign(&roots, files);
    roots
        .iter()
        .zip(owned)
        .map(|(root, own)| app(root, own, files, set))
        .collect()
}

fn app(root: &Root, own: BTreeSet<Arc<str>>, files: &Digests, set: &RuleSet) -> App {
    let table = set.tables.app_model();
    let platform = roots::platform(&own, files, table);
    let mut resolver = Resolver::new(&root.folder, &own, platform, table);
    configure(&mut resolver, root, &own, files, table);
    let mut parts = Builder::new(files, table, &resolver, root, platform).build(&own);
    let imports = imports(&resolver, &own, files, table);
    let includes = includes(&resolver, &own, files, table);
    let (cloud, server) = cloud(root, &resolver, &own, files, set);
    workers(root, &resolver, &own, files, table, &mut parts.entries);
    let config_error = match &root.config {
        None => Some(ConfigError::Missing),
        Some(file) if files.get(file).is_some_and(|d| d.broken) => Some(ConfigError::Broken),
        Some(_) if !parts.complete => Some(ConfigError::NoPages),
        Some(_) => None,
    };
    let mut by_file: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (index, part) in parts.parts.iter().enumerate() {
        for file in [&part.script, &part.template, &part.config]
            .into_iter()
            .flatten()
        {
            let list = by_file.entry(file.clone()).or_default();
            if list.last() != Some(&index) {
                list.push(index);
            }
        }
    }
    let mut app = App {
        root: root.folder.clone(),
        platform: table
            .platform
            .get(platform)
            .map_or_else(|| "".into(), |p| p.id.clone()),
        framework: root.framework.clone(),
        app: parts.app,
        parts: parts.parts,
        config: root.config.clone(),
        config_error,
        entries: parts.entries,
        imports,
        includes,
        cloud,
        server,
        files: own,
        reached: BTreeSet::new(),
        routes: parts.routes,
        by_file,
        resolver,
    };
    reach(&mut app, &parts.starts);
    app
}

/// Marks what runs: from the app and its pages on, or everything where pages are not known.
fn reach(app: &mut App, starts: &[usize]) {
    if app.config_error.is_some() {
        app.parts.iter_mut().for_each(|part| part.reached = true);
        app.reached = app.files.clone();
        return;
    }
    let mut parts: Vec<usize> = starts.to_vec();
    let sure = app.entries.iter().chain(&app.server).chain(&app.config);
    let mut files: Vec<Arc<str>> = sure.cloned().collect();
    let is_container = |part: &Part| part.script.is_some() && part.script == part.template;
    loop {
        if let Some(index) = parts.pop() {
            let Some(part) = app.parts.get_mut(index).filter(|part| !part.reached) else {
                continue;
            };
            part.reached = true;
            parts.extend(part.uses.values());
            files.extend(
                [&part.script, &part.template, &part.config]
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
        } else if let Some(file) = files.pop() {
            if !app.reached.insert(file.clone()) {
                continue;
            }
            files.extend(
                app.imports
                    .get(&file)
                    .into_iter()
                    .flat_map(|m| m.values().cloned()),
            );
            files.extend(
                app.includes
                    .get(&file)
                    .into_iter()
                    .flatten()
                    .map(|(_, file)| file.clone()),
            );
            // A container that a script loads is a component in use.
            let owners = app.by_file.get(&file).into_iter().flatten();
            parts.extend(owners.filter(|&&part| is_container(&app.parts[part])));
        } else {
            break;
        }
    }
}

/// Aliases, packages and main files from the project's configuration.
fn configure(
    resolver: &mut Resolver,
    root: &Root,
    own: &BTreeSet<Arc<str>>,
    files: &Digests,
    table: &AppTable,
) {
    let names = &table.configuration;
    let mut paths_file: Option<&Arc<str>> = None;
    let above_root = |file: &str| {
        let folder = folder(file);
        folder == &*root.folder || below(folder, &root.folder).is_some()
    };
    for file in own {
        let name = base(file);
        if names.path_files.iter().any(|n| n == name)
            && above_root(file)
            && paths_file.is_none_or(|old| folder(file).len() > folder(old).len())
        {
            paths_file = Some(file);
        }
        if *name == *names.package_file
            && let Some(digest) = files.get(file)
        {
            for (path, value) in &digest.config {
                let JsonScalar::String(value) = value else {
                    continue;
                };
                if **path == *names.package_name {
                    let folder = folder(file).into();
                    resolver.packages.entry(value.clone()).or_insert(folder);
                } else if **path == *names.package_main {
                    resolver.mains.insert(folder(file).into(), value.clone());
                }
            }
        }
    }
    for (path, value) in root
        .config
        .iter()
        .filter_map(|f| files.get(f))
        .flat_map(|d| &d.config)
    {
        let Some(from) = path
            .strip_prefix(&*names.aliases)
            .and_then(|p| p.strip_prefix('.'))
        else {
            continue;
        };
        if let JsonScalar::String(to) = value
            && let Some(to) = resolver.below_root(to)
        {
            let (from, to) = (from.to_string(), vec![to]);
            resolver.aliases.push(Alias { from, to });
        }
    }
    if let Some(file) = paths_file
        && let Some(digest) = files.get(file)
    {
        path_aliases(resolver, file, digest, table);
    }
}

fn path_aliases(resolver: &mut Resolver, file: &str, digest: &Digest, table: &AppTable) {
    let names = &table.configuration;
    let base = digest.config.iter().find_map(|(path, value)| match value {
        JsonScalar::String(base) if **path == *names.path_base => join(folder(file), base),
        _ => None,
    });
    resolver.bases.extend(base.clone());
    let base = base.unwrap_or_else(|| folder(file).to_string());
    for (path, value) in &digest.config {
        let Some(rest) = path
            .strip_prefix(&*names.path_aliases)
            .and_then(|p| p.strip_prefix('.'))
        else {
            continue;
        };
        if let (Some((from, _)), JsonScalar::String(to)) = (rest.rsplit_once('.'), value)
            && let Some(to) = join(&base, to)
        {
            match resolver.aliases.last_mut() {
                Some(last) if last.from == from => last.to.push(to),
                _ => resolver.aliases.push(Alias {
                    from: from.to_string(),
                    to: vec![to],
                }),
            }
        }
    }
}

fn imports(
    resolver: &Resolver,
    own: &BTreeSet<Arc<str>>,
    files: &Digests,
    table: &AppTable,
) -> BTreeMap<Arc<str>, Named> {
    let parts = &table.parts;
    let scripts = [&*parts.scripts, &*parts.containers].concat();
    let mut out = BTreeMap::new();
    for file in own {
        let Some(digest) = files.get(file) else {
            continue;
        };
        let extensions = match digest.kind {
            FileKind::ViewScript => &parts.view_scripts,
            _ => &scripts,
        };
        let mut found = Named::new();
        for name in &digest.specifiers {
            if let Some(target) = resolver.find(file, name, extensions) {
                found.insert(name.clone(), target.clone());
            }
        }
        // Blocks of a container that stand elsewhere belong to it like imports.
        for (_, name) in &digest.blocks {
            if let Some(target) = resolver.find(file, name, &scripts) {
                found.insert(name.clone(), target.clone());
            }
        }
        if !found.is_empty() {
            out.insert(file.clone(), found);
        }
    }
    out
}

fn includes(
    resolver: &Resolver,
    own: &BTreeSet<Arc<str>>,
    files: &Digests,
    table: &AppTable,
) -> BTreeMap<Arc<str>, Vec<(IncludeKind, Arc<str>)>> {
    let templates: Vec<Arc<str>> = table
        .platform
        .iter()
        .flat_map(|p| p.templates.clone())
        .collect();
    let mut out = BTreeMap::new();
    for file in own {
        let includes = files.get(file).map_or(&[][..], |d| &d.includes);
        let found: Vec<(IncludeKind, Arc<str>)> = includes
            .iter()
            .filter_map(|(kind, name)| {
                let extensions = match kind {
                    IncludeKind::ViewModule { .. } => &table.parts.view_scripts,
                    _ => &templates,
                };
                let target = resolver.find(file, name, extensions)?;
                Some((kind.clone(), target.clone()))
            })
            .collect();
        if !found.is_empty() {
            out.insert(file.clone(), found);
        }
    }
    out
}

/// Cloud functions by name, and all files that run on a server.
fn cloud(
    root: &Root,
    resolver: &Resolver,
    own: &BTreeSet<Arc<str>>,
    files: &Digests,
    set: &RuleSet,
) -> (Named, BTreeSet<Arc<str>>) {
    let table = set.tables.app_model();
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for file in own {
        let name = base(file);
        if !table
            .platform
            .iter()
            .any(|p| p.projects.iter().any(|n| n == name))
        {
            continue;
        }
        for (path, value) in files.get(file).into_iter().flat_map(|d| &d.config) {
            if let JsonScalar::String(value) = value
                && **path == *table.cloud.root
                && !normal(value).is_empty()
            {
                folders.extend(join(folder(file), value));
            }
        }
    }
    let named: Vec<String> = folders.into_iter().collect();
    let inner = match &*root.folder {
        "" => "-".to_string(),
        root => format!("{root}/-"),
    };
    let root_on_server = set.tables.places().is_server(&inner);
    let (mut cloud, mut server) = (BTreeMap::new(), BTreeSet::new());
    for file in own {
        let folder = named
            .iter()
            .find(|n| below(n, file).is_some())
            .map(|n| n.to_string())
            .or_else(|| usual_folder(file, &table.cloud.folders));
        let Some(folder) = folder else {
            if !root_on_server && files.get(file).is_some_and(|d| d.server) {
                server.insert(file.clone());
            }
            continue;
        };
        server.insert(file.clone());
        if let Some(rest) = below(&folder, file)
            && let Some((name, _)) = rest.split_once('/')
            && !cloud.contains_key(name)
            && let Some(entry) = resolver.path(&format!("{folder}/{name}"), &table.cloud.entries)
        {
            cloud.insert(Arc::from(name), entry.clone());
        }
    }
    (cloud, server)
}

/// The folder of cloud functions that a path lies in, by its usual name.
fn usual_folder(file: &str, names: &[String]) -> Option<String> {
    names.iter().find_map(|name| {
        let mut from = 0;
        while let Some(at) = file[from..].find(&**name) {
            let (start, end) = (from + at, from + at + name.len());
            let starts = start == 0 || file.as_bytes()[start - 1] == b'/';
            if starts && file.as_bytes().get(end) == Some(&b'/') {
                return Some(file[..end].to_string());
            }
            from = end;
        }
        None
    })
}

/// Scripts of the folder of workers run beside the app.
fn workers(
    root: &Root,
    resolver: &Resolver,
    own: &BTreeSet<Arc<str>>,
    files: &Digests,
    table: &AppTable,
    out: &mut BTreeSet<Arc<str>>,
) {
    let config = root.config.iter().filter_map(|file| files.get(file));
    for (path, value) in config.flat_map(|d| &d.config) {
        if let JsonScalar::String(value) = value
            && table.configuration.workers.iter().any(|k| **k == **path)
            && let Some(folder) = resolver.below_root(value).filter(|f| !f.is_empty())
        {
            let inside = own.range::<str, _>((Bound::Included(&*folder), Bound::Unbounded));
            let inside = inside.take_while(|file| file.starts_with(&*folder));
            out.extend(
                inside
                    .filter(|file| below(&folder, file).is_some())
                    .cloned(),
            );
        }
    }
}
