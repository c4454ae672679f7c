//! What the server analyses: open documents over the files on disk, in sessions by workspace folder and configuration, as
//! the command line groups them. Reads files; knows no messages of the protocol.

use super::configs::{ClientScopes, Configs, Root};
use super::scan::{self, Scanned};
use crate::config::{Config, ConfigError, DEFAULT_MAX_FILE_SIZE, parse_package};
use crate::facts::FileFacts;
use crate::finding::suppress::{UNUSED_DIRECTIVE, names};
use crate::finding::{Finding, Language, Text};
use crate::flow::Cancelled;
use crate::inventory::show::{self, Report};
use crate::project::{
    declared::{declared, is_declared_in},
    rules::rules,
    walk,
};
use crate::report::texts::{both, has};
use crate::rules::RuleSet;
use crate::session::{LinkedApp, Outcome, Session};
use crate::syntax::{Dialects, Document};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Of how many open documents the trees are kept.
const TREES: usize = 3;

/// Files that share a session: those below one root with one configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId {
    /// Key of the root.
    pub root: Arc<str>,
    /// The configuration file.
    pub config: Option<PathBuf>,
}

/// A session with what it is of.
#[derive(Debug)]
pub struct Group {
    /// Where its files are.
    pub root: Root,
    /// What holds for them.
    pub config: Arc<Config>,
    /// Their analysis.
    pub session: Session,
    /// Files on disk that belong to the app, open ones included.
    pub disk: BTreeSet<Arc<str>>,
}

impl Group {
    /// An empty group. What is wrong with its settings goes to `complaints`.
    pub fn new(root: &Root, config: Arc<Config>, complaints: &mut Vec<ConfigError>) -> Group {
        let rules = rules(&config).unwrap_or_else(|error| {
            complaints.push(error);
            RuleSet::builtin()
        });
        unknown_rules(&config, &rules, complaints);
        let mut settings = config.settings();
        // Globs are relative to the configuration's folder: they are applied to what comes out.
        settings.per_file_ignores.clear();
        settings.declared = declared(&config, &rules).unwrap_or_else(|error| {
            complaints.push(error);
            Vec::new()
        });
        Group {
            root: root.clone(),
            session: Session::new(rules, &settings),
            config,
            disk: BTreeSet::new(),
        }
    }

    /// The path of one of its files on disk.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.root.folder.as_ref().map(|folder| folder.join(name))
    }
}

fn unknown_rules(config: &Config, rules: &RuleSet, complaints: &mut Vec<ConfigError>) {
    let file = config.path.as_deref().unwrap_or(Path::new("minivet.toml"));
    let all = config.select.iter().chain(&config.ignore);
    for selector in all.chain(config.severity.keys()) {
        if rules.select(selector).is_empty() && !names(selector, UNUSED_DIRECTIVE) {
            let what = both("error-unknown-rule", &[("name", selector)]);
            let error = ConfigError::new(&file.to_string_lossy(), 0, what.en, what.zh_cn);
            complaints.push(match rules.nearest(selector) {
                Some(near) => {
                    let help = both("did-you-mean", &[("near", near)]);
                    error.help(help.en, help.zh_cn)
                }
                None => error,
            });
        }
    }
}

/// Where a document is analysed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which group.
    pub group: GroupId,
    /// Under which name.
    pub name: Arc<str>,
}

/// Findings by document key.
pub type Found = BTreeMap<Arc<str>, (Place, Vec<Finding>)>;

/// A document that is open in the editor.
#[derive(Debug)]
struct Opened {
    uri: String,
    version: Option<i64>,
    language: String,
    text: Arc<str>,
    /// `None` for what is not looked into.
    place: Option<Place>,
    /// Why it is not analysed although it should be.
    problem: Option<Text>,
}

/// An inventory in the forms that editors show.
#[derive(Debug)]
pub struct Shown {
    /// For previews and plain buffers.
    pub markdown: String,
    /// A page of its own.
    pub html: String,
}

/// What a change on disk asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskNews {
    /// Nothing that concerns us.
    Nothing,
    /// A file was read again, or is gone.
    Taken,
    /// Files may have come: look through the workspace again.
    Rescan,
    /// A configuration file: everything anew.
    Reload,
}

/// Everything that is analysed.
#[derive(Debug)]
pub struct Workspace {
    dialects: Arc<Dialects>,
    configs: Configs,
    roots: Vec<Root>,
    groups: BTreeMap<GroupId, Group>,
    open: BTreeMap<Arc<str>, Opened>,
    by_place: BTreeMap<Place, Arc<str>>,
    /// Open documents whose text the sessions do not know yet.
    pending: BTreeSet<Arc<str>>,
    /// Open documents whose trees are kept, the one that was edited last at the end.
    recent: Vec<Place>,
    /// Files that changed since the running scan began.
    touched: BTreeSet<Arc<str>>,
    /// What is wrong with settings.
    pub complaints: Vec<ConfigError>,
    /// What was cut short in files, and not said yet.
    pub notes: Vec<Text>,
    noted: BTreeSet<(Arc<str>, &'static str)>,
}

impl Workspace {
    /// A workspace of folders.
    pub fn new(dialects: Arc<Dialects>, roots: Vec<Root>, client: ClientScopes) -> Workspace {
        Workspace {
            dialects,
            configs: Configs::new(client),
            roots,
            groups: BTreeMap::new(),
            open: BTreeMap::new(),
            by_place: BTreeMap::new(),
            pending: BTreeSet::new(),
            recent: Vec::new(),
            touched: BTreeSet::new(),
            complaints: Vec::new(),
            notes: Vec::new(),
            noted: BTreeSet::new(),
        }
    }

    /// Begins anew with other folders or settings, or because configuration files changed.
    pub fn reload(&mut self, roots: Vec<Root>, client: ClientScopes) {
        let open = std::mem::take(&mut self.open);
        *self = Workspace::new(self.dialects.clone(), roots, client);
        for (key, opened) in open {
            self.set(
                &key,
                &opened.uri,
                opened.version,
                &opened.language,
                opened.text,
            );
        }
    }

    /// The folders.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// The configurations in use, with what is wrong with them.
    pub fn configs(&self) -> &Configs {
        &self.configs
    }

    /// The language that a configuration asks for.
    pub fn language(&self) -> Option<Language> {
        self.groups.values().find_map(|group| group.config.lang)
    }

    /// The app that a document or folder belongs to, with its group; without one, the largest of all.
    fn app(&self, key: Option<&str>) -> Option<(&Group, Arc<LinkedApp>)> {
        let all = || {
            let groups = self.groups.values();
            groups.flat_map(|group| {
                let apps = group.session.linked().apps.clone();
                apps.into_iter().map(move |app| (group, app))
            })
        };
        let place = key.and_then(|key| self.place(key));
        let own = place.and_then(|place| {
            let group = self.groups.get(&place.group)?;
            let app = group.session.linked().app_of(&place.name)?.clone();
            Some((group, app))
        });
        let largest = |wanted: &dyn Fn(&Group) -> bool| {
            all()
                .filter(|(group, _)| wanted(group))
                .max_by_key(|(_, app)| app.app.files.len())
        };
        let inside = |group: &Group| {
            let root = &group.root;
            key.is_some_and(|key| *root.key == *key || root.name_of(key).is_some())
        };
        own.or_else(|| largest(&inside))
            .or_else(|| largest(&|_| true))
    }

    /// The privacy inventory of the app that a document belongs to.
    pub fn inventory(&self, key: Option<&str>, language: Language) -> Option<Shown> {
        let (group, app) = self.app(key)?;
        let apps = [group.session.inventory(&app)];
        let report = Report {
            apps: &apps,
            since: &[],
            since_file: "",
            path: "",
            language,
        };
        Some(Shown {
            markdown: show::markdown(&report),
            html: show::html(&report),
        })
    }

    /// What stands above the configuration of an app: its inventory in a few words.
    pub fn lens(&self, key: &str, language: Language) -> Option<String> {
        let place = self.place(key)?;
        let group = self.groups.get(&place.group)?;
        let apps = &group.session.linked().apps;
        let app = apps
            .iter()
            .find(|app| app.app.config.as_ref() == Some(&place.name))?;
        Some(show::lens(&group.session.inventory(app), language))
    }

    /// The group of a place.
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.groups.get(id)
    }

    /// Where a document is analysed.
    pub fn place(&self, key: &str) -> Option<Place> {
        if let Some(opened) = self.open.get(key) {
            return opened.place.clone();
        }
        let known = |(id, group): (&GroupId, &Group)| {
            let name = group.root.name_of(key)?;
            let name = group.disk.get(name)?.clone();
            Some(Place {
                group: id.clone(),
                name,
            })
        };
        self.groups.iter().find_map(known)
    }

    /// The document key of a file.
    pub fn key(&self, place: &Place) -> Arc<str> {
        if let Some(key) = self.by_place.get(place) {
            return key.clone();
        }
        match self.groups.get(&place.group) {
            Some(group) => group.root.key_of(&place.name),
            None => place.name.clone(),
        }
    }

    /// The client's spelling of a file.
    pub fn uri(&self, place: &Place) -> String {
        let open = self.by_place.get(place).and_then(|key| self.open.get(key));
        match (open, self.groups.get(&place.group)) {
            (Some(open), _) => open.uri.clone(),
            (None, Some(group)) => super::uri::join(&group.root.uri, &place.name),
            (None, None) => String::new(),
        }
    }

    /// The version of the text that is analysed, if it is open.
    pub fn version(&self, key: &str) -> Option<i64> {
        self.open.get(key).and_then(|open| open.version)
    }

    /// Why a document is not analysed although it should be.
    pub fn problem(&self, key: &str) -> Option<&Text> {
        self.open.get(key).and_then(|open| open.problem.as_ref())
    }

    /// Keys of all open documents with their spelling.
    pub fn open(&self) -> impl Iterator<Item = (&Arc<str>, &str)> {
        self.open.iter().map(|(key, open)| (key, &*open.uri))
    }

    /// Takes the text of an open document; [`Workspace::update`] looks at it.
    pub fn set(
        &mut self,
        key: &Arc<str>,
        uri: &str,
        version: Option<i64>,
        language: &str,
        text: Arc<str>,
    ) {
        self.pending.insert(key.clone());
        self.touched.insert(key.clone());
        let place = match self.open.remove(key) {
            Some(old) => old.place,
            None => self.find_place(key, uri, language),
        };
        let mut problem = None;
        if let Some(place) = &place {
            self.by_place.insert(place.clone(), key.clone());
            let config = self.groups.get(&place.group).map(|g| &g.config);
            let limit = config
                .and_then(|c| c.max_file_size)
                .unwrap_or(DEFAULT_MAX_FILE_SIZE);
            if text.len() as u64 > limit {
                let limit = walk::size(limit);
                problem = Some(both("error-too-large", &[("limit", &limit)]));
            }
        }
        let opened = Opened {
            uri: uri.to_string(),
            version,
            language: language.to_string(),
            text,
            place,
            problem,
        };
        self.open.insert(key.clone(), opened);
    }

    /// Finds where a document belongs, and makes the group if it is the first there.
    fn find_place(&mut self, key: &Arc<str>, uri: &str, language: &str) -> Option<Place> {
        let holds = |root: &&Root| root.name_of(key).is_some();
        let deepest = self
            .roots
            .iter()
            .filter(holds)
            .max_by_key(|root| root.key.len());
        let root = match deepest {
            Some(root) => root.clone(),
            None => Root::of_document(key, uri),
        };
        let mut name = root.name_of(key)?.to_string();
        if root.folder.is_none() && self.dialects.kind_of(&name).is_none() {
            // A text without a file has no ending; the editor says what it is.
            name = format!("{name}.{}", ending(language));
        }
        self.dialects.kind_of(&name)?;
        if root.whole && walk::is_below_vendor(&name) {
            return None;
        }
        let config = match &root.folder {
            Some(folder) => {
                let path = folder.join(&name);
                let config = self.configs.of(&root, path.parent().unwrap_or(folder));
                if root.whole && config.excludes(&path) {
                    return None;
                }
                config
            }
            None => self.configs.of(&root, Path::new("")),
        };
        let group = GroupId {
            root: root.key.clone(),
            config: config.path.clone(),
        };
        let complaints = &mut self.complaints;
        self.groups
            .entry(group.clone())
            .or_insert_with(|| Group::new(&root, config, complaints));
        Some(Place {
            group,
            name: name.into(),
        })
    }

    /// Analyses the texts that came since the last time; `false` if `cancelled` said so in between.
    pub fn update(&mut self, cancelled: &dyn Fn() -> bool) -> bool {
        while let Some(key) = self.pending.first().cloned() {
            if let Some(opened) = self.open.get_mut(&key)
                && let Some(place) = &opened.place
                && let Some(group) = self.groups.get_mut(&place.group)
            {
                if opened.problem.is_some() {
                    group.session.remove(&place.name);
                } else {
                    let document = Document {
                        path: place.name.clone(),
                        text: opened.text.clone(),
                    };
                    let set = || group.session.set_text(document, &self.dialects, cancelled);
                    match catch_unwind(AssertUnwindSafe(set)) {
                        Ok(true) => self.recent.retain(|recent| recent != place),
                        Ok(false) => return false,
                        Err(_) => {
                            group.session.remove(&place.name);
                            opened.problem = Some(both("error-panic", &[]));
                        }
                    }
                }
            }
            let place = self.open.get(&key).and_then(|opened| opened.place.clone());
            self.recent.extend(place);
            self.pending.remove(&key);
        }
        self.shelve();
        true
    }

    /// Lets go of the trees of all but a few open documents: trees are larger than all else that is kept of a document, and
    /// people edit one after the other.
    fn shelve(&mut self) {
        let few = self.recent.len().saturating_sub(TREES);
        for place in self.recent.drain(..few) {
            if let Some(group) = self.groups.get_mut(&place.group) {
                group.session.shelve(&place.name);
            }
        }
    }

    /// Lets go of what edits have replaced.
    pub fn sweep(&mut self) {
        for group in self.groups.values_mut() {
            group.session.sweep();
        }
    }

    /// Parses from scratch what only incremental parses of broken code have seen, and tells whether there was any; `None`
    /// if cancelled.
    pub fn renew(&mut self, cancelled: &dyn Fn() -> bool) -> Option<bool> {
        let before = self.open_facts();
        let dialects = &self.dialects;
        let mut groups = self.groups.values_mut();
        let done = groups.all(|group| group.session.renew(dialects, cancelled));
        let after = self.open_facts();
        let same = before.iter().zip(&after).all(|(a, b)| Arc::ptr_eq(a, b));
        done.then_some(!same)
    }

    fn open_facts(&self) -> Vec<Arc<FileFacts>> {
        let facts = |place: &Place| {
            let session = &self.groups.get(&place.group)?.session;
            session.facts(&place.name).cloned()
        };
        self.by_place.keys().filter_map(facts).collect()
    }

    /// All findings by document key. `None` if `cancelled` said so in between.
    pub fn check(&mut self, cancelled: Cancelled<'_>) -> Option<Found> {
        self.found(cancelled, &|session| session.check_unless(cancelled))
    }

    /// What can be said at once, see [`Session::check_soon`].
    pub fn check_soon(&mut self, cancelled: Cancelled<'_>) -> Option<Found> {
        self.found(cancelled, &|session| {
            let soon = session.check_soon();
            soon.or_else(|| session.check_unless(cancelled))
        })
    }

    fn found(
        &mut self,
        cancelled: Cancelled<'_>,
        check: &dyn Fn(&Session) -> Option<Outcome>,
    ) -> Option<Found> {
        let mut out = BTreeMap::new();
        for (id, group) in &mut self.groups {
            if cancelled() {
                return None;
            }
            let outcome = check(&group.session)?;
            for (name, notes) in &outcome.notes {
                for note in notes {
                    let key = group.root.key_of(name);
                    if self.noted.insert((key, note.kind)) {
                        self.notes.push(said(name, note.kind));
                    }
                }
            }
            for (name, mut findings) in outcome.findings {
                if let Some(path) = group.root.folder.as_ref().map(|f| f.join(&*name)) {
                    let ignored = group.config.ignored_in(&path);
                    findings.retain(|f| !ignored.iter().any(|s| names(s, &f.rule)));
                }
                let place = Place {
                    group: id.clone(),
                    name: name.clone(),
                };
                let open = self.by_place.get(&place).cloned();
                let key = open.unwrap_or_else(|| group.root.key_of(&name));
                out.insert(key, (place, findings));
            }
        }
        (!cancelled()).then_some(out)
    }

    /// A document was closed: what is on disk counts again.
    pub fn close(&mut self, key: &str) {
        let Some((key, opened)) = self.open.remove_entry(key) else {
            return;
        };
        self.pending.remove(&key);
        let Some(place) = opened.place else { return };
        self.by_place.remove(&place);
        self.read(&place);
        let lone = |group: &Group| !group.root.whole;
        let used = self.by_place.keys().any(|p| p.group == place.group);
        if !used && self.groups.get(&place.group).is_some_and(lone) {
            self.groups.remove(&place.group);
        }
        self.touched.insert(key);
    }

    /// Reads a file that is not open from disk, if it belongs to the app.
    fn read(&mut self, place: &Place) {
        let Some(group) = self.groups.get_mut(&place.group) else {
            return;
        };
        let on_disk = group.disk.contains(&place.name);
        let path = group.path(&place.name).filter(|_| on_disk);
        let config = &group.config;
        let read = path.and_then(|p| walk::read(&p, &place.name, &place.name, config, true).ok());
        let session = &mut group.session;
        let dialects = &self.dialects;
        let taken = read.is_some_and(|document| {
            let set = || session.set_texts(&[document], dialects, &|| ());
            catch_unwind(AssertUnwindSafe(set)).is_ok()
        });
        if !taken {
            group.session.remove(&place.name);
        }
    }

    /// The client tells that a file was created (1), changed (2) or deleted (3).
    pub fn disk_changed(&mut self, key: &Arc<str>, kind: u64) -> DiskNews {
        let file = key.rsplit('/').next().unwrap_or_default();
        match file {
            "minivet.toml" | ".minivet.toml" => return DiskNews::Reload,
            ".gitignore" | ".minivetignore" => return DiskNews::Rescan,
            "package.json" if self.configures(key) => return DiskNews::Reload,
            _ if self.is_guideline(key) => return DiskNews::Reload,
            _ => {}
        }
        let roots = self.roots.iter();
        let Some((root, name)) = roots
            .filter(|root| root.whole)
            .filter_map(|root| root.name_of(key).map(|name| (root, name)))
            .max_by_key(|(root, _)| root.key.len())
        else {
            return DiskNews::Nothing;
        };
        if kind == 3 {
            return self.deleted(&root.key.clone(), name);
        }
        if walk::is_below_vendor(name) {
            return DiskNews::Nothing;
        }
        if self.dialects.kind_of(name).is_none() {
            let folder = root.folder.as_ref().map(|folder| folder.join(name));
            return match kind == 1 && folder.is_some_and(|f| f.is_dir()) {
                true => DiskNews::Rescan,
                false => DiskNews::Nothing,
            };
        }
        let name = name.to_string();
        self.touched.insert(key.clone());
        let group = self.groups.iter().find(|(_, g)| g.disk.contains(&*name));
        let Some((id, _)) = group else {
            return DiskNews::Rescan;
        };
        if self.open.contains_key(key) {
            return DiskNews::Nothing;
        }
        let place = Place {
            group: id.clone(),
            name: name.into(),
        };
        self.read(&place);
        DiskNews::Taken
    }

    /// Whether a `package.json` is, or may have become, a configuration.
    fn configures(&self, key: &str) -> bool {
        let Some(path) = super::uri::disk_path(key) else {
            return false;
        };
        let mut configs = self.groups.values().map(|group| &group.config.path);
        configs.any(|config| config.as_ref() == Some(&path))
            || std::fs::read_to_string(&path)
                .is_ok_and(|text| !matches!(parse_package("package.json", &text), Ok(None)))
    }

    /// Whether a configuration names the file as an exported guideline.
    fn is_guideline(&self, key: &str) -> bool {
        let Some(path) = super::uri::disk_path(key) else {
            return false;
        };
        let mut configs = self.groups.values().map(|group| &group.config);
        configs.any(|config| is_declared_in(config, &path))
    }

    /// A file, or a folder with all its files, is gone.
    fn deleted(&mut self, root: &Arc<str>, name: &str) -> DiskNews {
        let below = format!("{name}/");
        let mut gone = Vec::new();
        for (id, group) in self.groups.iter_mut().filter(|(id, _)| id.root == *root) {
            let here = |file: &&Arc<str>| ***file == *name || file.starts_with(&below);
            let files: Vec<Arc<str>> = group.disk.iter().filter(here).cloned().collect();
            for name in files {
                group.disk.remove(&name);
                let place = Place {
                    group: id.clone(),
                    name,
                };
                self.touched.insert(group.root.key_of(&place.name));
                if !self.by_place.contains_key(&place) {
                    group.session.remove(&place.name);
                }
                gone.push(place);
            }
        }
        match gone.is_empty() {
            true => DiskNews::Nothing,
            false => DiskNews::Taken,
        }
    }

    /// What a scan of all workspace folders needs to know; what changes from now on is not in its result.
    pub fn begin_scan(&mut self, epoch: u64) -> scan::Job {
        self.touched.clear();
        let whole = |root: &&Root| root.whole;
        scan::Job {
            epoch,
            roots: self.roots.iter().filter(whole).cloned().collect(),
            client: self.configs.client().clone(),
            dialects: self.dialects.clone(),
            known: self
                .groups
                .iter()
                .map(|(id, group)| (id.clone(), group.session.clone()))
                .collect(),
        }
    }

    /// Takes the result of a scan: files on disk are as it saw them, but for what changed since, and open documents stay.
    pub fn end_scan(&mut self, scanned: Scanned) {
        let mut groups = scanned.groups;
        for (id, old) in std::mem::take(&mut self.groups) {
            if !old.root.whole {
                groups.insert(id, old);
                continue;
            }
            let complaints = &mut self.complaints;
            let new = groups.entry(id.clone()).or_insert_with(|| {
                let mut known = Vec::new();
                let group = Group::new(&old.root, old.config.clone(), &mut known);
                known.retain(|c| !complaints.contains(c));
                complaints.extend(known);
                group
            });
            for key in &self.touched {
                let Some(name) = old.root.name_of(key) else {
                    continue;
                };
                if !old.disk.contains(name) && !self.open.contains_key(key) {
                    new.disk.remove(name);
                }
                if old.session.has(name) {
                    new.session.adopt(&old.session, name);
                } else {
                    new.session.remove(name);
                }
            }
            for place in self.by_place.keys().filter(|place| place.group == id) {
                match old.session.has(&place.name) {
                    true => new.session.adopt(&old.session, &place.name),
                    false => new.session.remove(&place.name),
                }
            }
        }
        self.groups = groups;
        self.configs.errors.extend(scanned.errors);
        for complaint in scanned.complaints {
            if !self.complaints.contains(&complaint) {
                self.complaints.push(complaint);
            }
        }
        self.touched.clear();
    }
}

/// What was cut short in a file.
fn said(name: &str, kind: &str) -> Text {
    let key = format!("note-{kind}");
    let text = match has(&key) {
        true => both(&key, &[]),
        false => both("note-other", &[("kind", kind)]),
    };
    scan::named(name, &text)
}

/// The usual ending of files in a language, by the editors' names of languages.
fn ending(language: &str) -> &str {
    match language {
        "javascript" => "js",
        "javascriptreact" => "jsx",
        "typescript" => "ts",
        "typescriptreact" => "tsx",
        "jsonc" => "json",
        other => other,
    }
}
