//! The pass through all workspace folders, on a thread of its own: files are listed, read and analysed without trees.
//! What has the text that is known already is taken over.

use super::configs::{ClientScopes, Configs, Root};
use super::workspace::{Group, GroupId};
use crate::config::ConfigError;
use crate::finding::Text;
use crate::project::walk::{self, Unread};
use crate::report::texts::both;
use crate::session::Session;
use crate::syntax::{Dialects, Document};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// More files are not taken in: somebody opened a disk, not an app.
const MAX_FILES: usize = 20_000;
/// Files between two looks at whether to stop.
const BATCH: usize = 32;

/// What is to be looked through.
pub struct Job {
    /// Tells jobs apart.
    pub epoch: u64,
    /// The workspace folders.
    pub roots: Vec<Root>,
    /// The client's settings.
    pub client: ClientScopes,
    /// Kinds of files.
    pub dialects: Arc<Dialects>,
    /// What is known.
    pub known: BTreeMap<GroupId, Session>,
}

/// What was found.
pub struct Scanned {
    /// Which job it was.
    pub epoch: u64,
    /// Files by group.
    pub groups: BTreeMap<GroupId, Group>,
    /// Broken configuration files.
    pub errors: BTreeMap<Arc<str>, ConfigError>,
    /// What is wrong with settings.
    pub complaints: Vec<ConfigError>,
    /// What people should hear: files that could not be read, folders that were left out.
    pub notes: Vec<Text>,
    /// How many files there are.
    pub files: usize,
}

impl Scanned {
    /// Nothing found.
    pub fn empty(epoch: u64) -> Scanned {
        Scanned {
            epoch,
            groups: BTreeMap::new(),
            errors: BTreeMap::new(),
            complaints: Vec::new(),
            notes: Vec::new(),
            files: 0,
        }
    }
}

/// Looks through the folders. `None` when `stopped` says so; `progress` hears how many files of how many are done.
pub fn scan(
    job: &Job,
    stopped: &dyn Fn() -> bool,
    progress: &dyn Fn(usize, usize),
) -> Option<Scanned> {
    let mut configs = Configs::new(job.client.clone());
    let mut out = Scanned::empty(job.epoch);
    let mut listed: Vec<(GroupId, Vec<String>)> = Vec::new();
    for root in &job.roots {
        let Some(folder) = &root.folder else { continue };
        if is_no_project(folder) {
            let file = folder.to_string_lossy();
            out.notes.push(both("lsp-no-project", &[("file", &file)]));
            continue;
        }
        for (id, names) in list(job, root, folder, &mut configs, &mut out, stopped) {
            listed.push((id, names));
        }
    }
    let total: usize = listed.iter().map(|(_, names)| names.len()).sum();
    for (id, names) in listed {
        for batch in names.chunks(BATCH) {
            if stopped() {
                return None;
            }
            take(job, &id, batch, &mut out);
            out.files += batch.len();
            progress(out.files, total);
        }
    }
    out.errors = configs.errors;
    Some(out)
}

/// The top of a disk or a home folder is no project.
fn is_no_project(folder: &Path) -> bool {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    folder.parent().is_none() || home.is_some_and(|home| folder == Path::new(&home))
}

/// The files of a root by group; makes the groups.
fn list(
    job: &Job,
    root: &Root,
    folder: &Path,
    configs: &mut Configs,
    out: &mut Scanned,
    stopped: &dyn Fn() -> bool,
) -> BTreeMap<GroupId, Vec<String>> {
    let config = configs.of(root, folder);
    let wanted = |name: &str| job.dialects.kind_of(name).is_some();
    let enough = |n: usize| n >= MAX_FILES || stopped();
    let walked = walk::walk_until(folder, "", &config, false, &wanted, &enough);
    if walked.files.len() >= MAX_FILES {
        let n = MAX_FILES.to_string();
        out.notes.push(both("lsp-too-many", &[("n", &n)]));
    }
    for error in walked.errors {
        out.notes.push(named(&error.file, &error.message));
    }
    let inner = |key: &str| {
        let mut others = job.roots.iter().filter(|r| r.key.len() > root.key.len());
        others.any(|other| other.name_of(key).is_some())
    };
    let mut by_group: BTreeMap<GroupId, Vec<String>> = BTreeMap::new();
    for name in walked.files {
        if inner(&root.key_of(&name)) {
            continue;
        }
        let path = folder.join(&name);
        let config = configs.of(root, path.parent().unwrap_or(folder));
        if config.excludes(&path) {
            continue;
        }
        let id = GroupId {
            root: root.key.clone(),
            config: config.path.clone(),
        };
        let complaints = &mut out.complaints;
        out.groups.entry(id.clone()).or_insert_with(|| {
            let mut group = Group::new(root, config, complaints);
            if let Some(known) = job.known.get(&id) {
                group.session = known.emptied();
            }
            group
        });
        by_group.entry(id).or_default().push(name);
    }
    by_group
}

/// Reads and analyses some files of a group.
fn take(job: &Job, id: &GroupId, batch: &[String], out: &mut Scanned) {
    let Some(group) = out.groups.get_mut(id) else {
        return;
    };
    let (Some(folder), config) = (&group.root.folder, &group.config) else {
        return;
    };
    let read: Vec<Result<Document, Unread>> = batch
        .par_iter()
        .map(|name| walk::read(&folder.join(name), name, name, config, true))
        .collect();
    let known = job.known.get(id);
    let mut fresh = Vec::new();
    for one in read {
        match one {
            Ok(document) => {
                group.disk.insert(document.path.clone());
                match known.filter(|k| k.text(&document.path).as_ref() == Some(&document.text)) {
                    Some(known) => group.session.adopt(known, &document.path),
                    None => fresh.push(document),
                }
            }
            Err(Unread::Error(error)) => out.notes.push(named(&error.file, &error.message)),
            Err(Unread::Skip(_)) => {}
        }
    }
    let mut set = |documents: &[Document]| {
        let session = &mut group.session;
        catch_unwind(AssertUnwindSafe(|| {
            session.set_texts(documents, &job.dialects, &|| ())
        }))
        .is_ok()
    };
    if !set(&fresh) {
        // One file costs itself, not its neighbours.
        for document in fresh {
            if !set(std::slice::from_ref(&document)) {
                let message = both("error-panic", &[]);
                out.notes.push(named(&document.path, &message));
            }
        }
    }
}

/// A text about a file.
pub fn named(file: &str, message: &Text) -> Text {
    let file = crate::report::escape::line(file);
    Text {
        en: format!("{file}: {}", message.en),
        zh_cn: format!("{file}：{}", message.zh_cn),
    }
}
