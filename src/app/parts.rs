//! The app itself, its pages and components: what configuration declares and templates use, and the files of each.

use super::digest::{BlockKind, Digest};
use super::paths::{folder, join, normal};
use super::resolve::Resolver;
use super::roots::Root;
use super::{Part, PartKind, kebab};
use crate::facts::JsonScalar;
use crate::rules::app_model::{AppTable, Constructs};
use regex::Regex;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Configuration entries of one file.
type Entries<'e> = &'e [(Arc<str>, JsonScalar)];

/// Components by tag, as they are named.
type Tagged = Vec<(Arc<str>, Arc<str>)>;

/// A page as configuration declares it.
#[derive(Clone, Debug, Default)]
struct Declared {
    route: String,
    source: Option<Arc<str>>,
    title: Option<Arc<str>>,
    components: Tagged,
}

/// What the app's configuration declares.
#[derive(Debug, Default)]
struct Declarations {
    pages: Vec<Declared>,
    /// Scripts that start packages.
    entries: Vec<String>,
    /// Some of it cannot be read.
    incomplete: bool,
}

/// The files of a part.
struct Files {
    script: Option<Arc<str>>,
    template: Option<Arc<str>>,
    config: Option<Arc<str>>,
}

/// What [`Builder::build`] makes.
pub(super) struct Parts {
    pub parts: Vec<Part>,
    pub app: Option<usize>,
    pub routes: BTreeMap<Arc<str>, usize>,
    pub entries: BTreeSet<Arc<str>>,
    /// Parts that run without being used by another: the app, pages, what the platform loads by name.
    pub starts: Vec<usize>,
    /// Whether all pages are known.
    pub complete: bool,
}

pub(super) struct Builder<'b> {
    digests: &'b BTreeMap<Arc<str>, Digest>,
    table: &'b AppTable,
    resolver: &'b Resolver,
    root: &'b Root,
    templates: Vec<Arc<str>>,
    parts: Vec<Part>,
    by_stem: FxHashMap<String, usize>,
    /// Components of single pages that the app's configuration names.
    extra: BTreeMap<usize, Tagged>,
    /// Components of the whole app: by tag, how they are named and by which file.
    globals: BTreeMap<Arc<str>, (Arc<str>, Arc<str>)>,
    easycom: Vec<(Regex, Arc<str>)>,
    easycom_folders: Vec<String>,
    easycom_known: FxHashMap<Arc<str>, Option<usize>>,
}

fn string(value: &JsonScalar) -> Option<&Arc<str>> {
    match value {
        JsonScalar::String(text) => Some(text),
        _ => None,
    }
}

impl<'b> Builder<'b> {
    pub(super) fn new(
        digests: &'b BTreeMap<Arc<str>, Digest>,
        table: &'b AppTable,
        resolver: &'b Resolver,
        root: &'b Root,
        platform: usize,
    ) -> Builder<'b> {
        let own = table.platform.get(platform).into_iter();
        let others = table.platform.iter();
        let templates = own.chain(others).flat_map(|p| p.templates.clone());
        Builder {
            digests,
            table,
            resolver,
            root,
            templates: templates.collect(),
            parts: Vec::new(),
            by_stem: FxHashMap::default(),
            extra: BTreeMap::new(),
            globals: BTreeMap::new(),
            easycom: Vec::new(),
            easycom_folders: Vec::new(),
            easycom_known: FxHashMap::default(),
        }
    }

    fn entries(&self, file: Option<&Arc<str>>) -> Entries<'b> {
        file.and_then(|file| self.digests.get(file))
            .map_or(&[], |digest| &digest.config)
    }

    pub(super) fn build(mut self, own: &BTreeSet<Arc<str>>) -> Parts {
        let names = &self.table.configuration;
        let config = self.root.config.clone();
        let entries = self.entries(config.as_ref());
        let mut declared = declarations(entries, self.table);
        self.linked(
            entries,
            config.as_deref().unwrap_or_default(),
            &mut declared,
        );
        let mut out = Parts {
            parts: Vec::new(),
            app: self.app_part(),
            routes: BTreeMap::new(),
            entries: BTreeSet::new(),
            starts: Vec::new(),
            complete: config.is_some() && !declared.incomplete,
        };
        out.starts.extend(out.app);
        for page in &declared.pages {
            if let Some(part) = self.page(page, config.as_deref().unwrap_or_default()) {
                out.routes.insert(self.parts[part].name.clone(), part);
                out.starts.push(part);
            }
        }
        for (path, value) in entries {
            let first = path.split('.').next().unwrap_or_default();
            if names.plugin_components.iter().any(|k| k == first)
                && let (Some(value), Some(config)) = (string(value), &config)
            {
                out.starts.extend(self.component(config, value, false));
            }
            if *names.plugin_main == **path
                && let (Some(value), Some(config)) = (string(value), &config)
            {
                out.entries.extend(self.resolver.script(config, value));
            }
        }
        out.complete &= !out.starts.is_empty()
            && (out.starts.len() > usize::from(out.app.is_some()) || !out.entries.is_empty());
        for implicit in &names.implicit_components {
            let stem = self.resolver.below_root(implicit);
            out.starts
                .extend(stem.and_then(|stem| self.part(&stem, PartKind::Component)));
        }
        self.start_scripts(&declared, out.app, &mut out.entries);
        self.global_components(entries, own);
        self.easycom_rules(entries, own);
        self.discover();
        let mut next = 0;
        while next < self.parts.len() {
            self.connect(next);
            next += 1;
        }
        for part in 0..self.parts.len() {
            if self.parts[part].kind == PartKind::Page {
                let name = self.parts[part].name.clone();
                out.routes.entry(name).or_insert(part);
            }
        }
        out.parts = self.parts;
        out
    }

    /// The files of a stem.
    fn files(&self, stem: &str) -> Option<Files> {
        let parts = &self.table.parts;
        let container = self.resolver.with_extension(stem, &parts.containers);
        let script = self.resolver.with_extension(stem, &parts.scripts);
        let template = self.resolver.with_extension(stem, &self.templates);
        match container {
            Some(file) if template.is_none() || script.is_none() => Some(self.container(file)),
            _ if script.is_none() && template.is_none() => None,
            _ => Some(Files {
                script: script.cloned(),
                template: template.cloned(),
                config: self
                    .resolver
                    .with_extension(stem, &parts.configs)
                    .or_else(|| script.filter(|file| !self.entries(Some(file)).is_empty()))
                    .cloned(),
            }),
        }
    }

    /// The files of a container: itself, unless a block stands elsewhere.
    fn container(&self, file: &Arc<str>) -> Files {
        let digest = self.digests.get(file);
        let block = |kind: BlockKind| {
            let mut blocks = digest.into_iter().flat_map(|d| &d.blocks);
            let (_, path) = blocks.find(|(k, _)| *k == kind)?;
            let parts = &self.table.parts;
            let extensions = match kind {
                BlockKind::Script => &parts.scripts,
                BlockKind::Template => &self.templates,
                BlockKind::Config => &parts.configs,
            };
            self.resolver.find(file, path, extensions).cloned()
        };
        let own_config = digest
            .filter(|d| !d.config.is_empty())
            .map(|_| file.clone());
        Files {
            script: block(BlockKind::Script).or_else(|| Some(file.clone())),
            template: block(BlockKind::Template).or_else(|| Some(file.clone())),
            config: block(BlockKind::Config).or(own_config),
        }
    }

    /// The part of a stem, made if there are files for it.
    fn part(&mut self, stem: &str, kind: PartKind) -> Option<usize> {
        if let Some(&part) = self.by_stem.get(stem) {
            return Some(part);
        }
        let files = self.files(stem)?;
        let titles = &self.table.configuration.titles;
        let title = self
            .entries(files.config.as_ref())
            .iter()
            .find(|(path, _)| titles.iter().any(|t| **t == **path))
            .and_then(|(_, value)| string(value).cloned());
        self.parts.push(Part {
            name: self.resolver.short(stem).into(),
            kind,
            script: files.script,
            template: files.template,
            config: files.config,
            title: title.unwrap_or_default(),
            uses: BTreeMap::new(),
            reached: false,
        });
        self.by_stem.insert(stem.to_string(), self.parts.len() - 1);
        Some(self.parts.len() - 1)
    }

    fn app_part(&mut self) -> Option<usize> {
        let names = &self.table.parts.app;
        let part = names.iter().find_map(|name| {
            let stem = self.resolver.below_root(name)?;
            self.part(&stem, PartKind::App)
        })?;
        if self.root.config.is_some() {
            self.parts[part].config = self.root.config.clone();
        }
        Some(part)
    }

    fn page(&mut self, page: &Declared, config: &str) -> Option<usize> {
        let route = self.without_extension(&page.route);
        let stem = match &page.source {
            Some(source) => self
                .resolver
                .candidates(config, source)
                .iter()
                .map(|path| self.without_extension(path).to_string())
                .find(|stem| self.files(stem).is_some()),
            None => self.resolver.below_root(route),
        }?;
        // A folder stands for its index.
        let index = format!("/{}", self.table.resolve.index);
        let (stem, route) = match self.files(&stem) {
            None => (stem + &index, format!("{route}{index}")),
            Some(_) => (stem, route.to_string()),
        };
        let part = self.part(&stem, PartKind::Page)?;
        let found = &mut self.parts[part];
        if found.kind == PartKind::App {
            return None;
        }
        found.kind = PartKind::Page;
        found.name = route.as_str().into();
        if let Some(title) = &page.title {
            found.title = title.clone();
        }
        if !page.components.is_empty() {
            self.extra
                .entry(part)
                .or_default()
                .extend(page.components.iter().cloned());
        }
        Some(part)
    }

    /// Pages of other files that the app's configuration names (packages of mpx).
    fn linked(&self, entries: Entries<'_>, config: &str, out: &mut Declarations) {
        for (path, value) in entries {
            let first = path.split('.').next().unwrap_or_default();
            if !self.table.configuration.linked.iter().any(|k| k == first) {
                continue;
            }
            let Some(name) = string(value) else {
                continue;
            };
            let file = self
                .resolver
                .find(config, name, &self.table.parts.containers);
            let Some(file) = file else {
                continue;
            };
            let root = name
                .split_once("root=")
                .map_or("", |(_, root)| root.split('&').next().unwrap_or(root));
            let more = declarations(self.entries(Some(file)), self.table);
            out.incomplete |= more.incomplete;
            for mut page in more.pages {
                let source = page
                    .source
                    .clone()
                    .unwrap_or_else(|| page.route.as_str().into());
                let Some(source) = join(folder(file), &source) else {
                    continue;
                };
                page.source = Some(format!("/{}", self.resolver.short(&source)).into());
                page.route = normal(&format!("{root}/{}", page.route));
                out.pages.push(page);
            }
        }
    }

    fn without_extension<'p>(&self, path: &'p str) -> &'p str {
        let parts = &self.table.parts;
        let extensions = parts.containers.iter().chain(&parts.scripts);
        extensions
            .chain(&self.templates)
            .find_map(|e| path.strip_suffix(&**e))
            .unwrap_or(path)
    }

    fn start_scripts(
        &self,
        declared: &Declarations,
        app: Option<usize>,
        out: &mut BTreeSet<Arc<str>>,
    ) {
        let scripts = &self.table.parts.scripts;
        let in_container = app.is_some_and(|app| {
            let part = &self.parts[app];
            part.template.is_some() && part.template == part.script && part.config != part.script
        });
        if in_container {
            let entry = self.table.parts.entries.iter().find_map(|name| {
                let stem = self.resolver.below_root(name)?;
                self.resolver.with_extension(&stem, scripts).cloned()
            });
            out.extend(entry);
        }
        for entry in &declared.entries {
            let path = self.resolver.below_root(entry);
            out.extend(path.and_then(|path| self.resolver.path(&path, scripts).cloned()));
        }
    }

    fn global_components(&mut self, entries: Entries<'_>, own: &BTreeSet<Arc<str>>) {
        if let Some(config) = &self.root.config {
            for key in &self.table.configuration.global_components {
                for (tag, value) in below(entries, key) {
                    if let Some(value) = string(value) {
                        self.globals
                            .entry(tag.into())
                            .or_insert_with(|| (value.clone(), config.clone()));
                    }
                }
            }
        }
        for file in own {
            let registered = self.digests.get(file).map_or(&[][..], |d| &d.registered);
            for (tag, value) in registered {
                self.globals
                    .entry(tag.clone())
                    .or_insert_with(|| (value.clone(), file.clone()));
            }
        }
    }

    fn easycom_rules(&mut self, entries: Entries<'_>, own: &BTreeSet<Arc<str>>) {
        let names = &self.table.configuration;
        for (pattern, value) in below(entries, &names.easycom_custom) {
            if let (Some(value), Ok(regex)) = (string(value), Regex::new(pattern)) {
                self.easycom.push((regex, value.clone()));
            }
        }
        let off = entries
            .iter()
            .any(|(path, value)| **path == *names.easycom_off && *value == JsonScalar::Bool(false));
        if off
            || self
                .table
                .root
                .first()
                .is_none_or(|row| row.framework != self.root.framework)
        {
            return;
        }
        let mut folders = BTreeSet::new();
        for name in &names.easycom_folders {
            folders.extend(self.resolver.below_root(name));
        }
        let modules = format!("/{}/", names.easycom_modules);
        for file in own {
            let slashed = format!("/{file}");
            if let Some((before, after)) = slashed.split_once(&modules)
                && let Some(module) = after.split('/').next()
            {
                for name in &names.easycom_folders {
                    folders.insert(normal(&format!("{before}{modules}{module}/{name}")));
                }
            }
        }
        self.easycom_folders = folders.into_iter().collect();
    }

    /// Pages and components that nothing declares.
    fn discover(&mut self) {
        let mut stems: Vec<&'b str> = Vec::new();
        let script_configs: Vec<&Arc<str>> = self
            .table
            .parts
            .configs
            .iter()
            .filter(|e| e.matches('.').count() > 1)
            .collect();
        for (stem, group) in self.resolver.stems() {
            let (mut marked, mut script, mut container) = (false, false, false);
            for (len, file) in group {
                let extension = &file[*len as usize..];
                let is = |list: &[Arc<str>]| list.iter().any(|e| **e == *extension);
                marked |= is(&self.templates) || script_configs.iter().any(|e| ***e == *extension);
                script |= is(&self.table.parts.scripts);
                container |= is(&self.table.parts.containers);
            }
            if container || (marked && script) {
                stems.push(stem);
            }
        }
        stems.sort_unstable();
        for stem in stems {
            if self.by_stem.contains_key(stem) {
                continue;
            }
            if let Some(part) = self.part(stem, PartKind::Page) {
                self.parts[part].kind = self.guess(&self.parts[part]);
            }
        }
    }

    fn guess(&self, part: &Part) -> PartKind {
        let flag = &*self.table.configuration.is_component;
        let flagged = self
            .entries(part.config.as_ref())
            .iter()
            .any(|(path, value)| **path == *flag && *value == JsonScalar::Bool(true));
        let made = part
            .script
            .as_ref()
            .and_then(|file| self.digests.get(file))
            .and_then(|digest| digest.constructs);
        match made {
            _ if flagged => PartKind::Component,
            Some(Constructs::Component) => PartKind::Component,
            Some(_) => PartKind::Page,
            None if part.script.is_some() && part.script == part.template => PartKind::Component,
            None => PartKind::Page,
        }
    }

    /// A component by how `from` names it; `whole` asks for one that has a template.
    fn component(&mut self, from: &str, name: &str, whole: bool) -> Option<usize> {
        for path in self.resolver.candidates(from, name) {
            let stem = self.without_extension(&path).to_string();
            let index = format!("{path}/{}", self.table.resolve.index);
            for stem in [stem, index] {
                if self.by_stem.contains_key(&stem)
                    || self
                        .files(&stem)
                        .is_some_and(|files| !whole || files.template.is_some())
                {
                    let part = self.part(&stem, PartKind::Component)?;
                    let fits = !whole || self.parts[part].template.is_some();
                    return Some(part).filter(|_| fits);
                }
            }
        }
        None
    }

    /// The components of a part.
    fn connect(&mut self, index: usize) {
        let Some(part) = self.parts.get(index) else {
            return;
        };
        let (kind, config) = (part.kind, part.config.clone());
        let (script, template) = (part.script.clone(), part.template.clone());
        let names = &self.table.configuration;
        let mut uses: Vec<(Arc<str>, usize)> = Vec::new();
        // What the app's configuration names is for all parts, not for the app itself.
        if let Some(config) = config.filter(|_| kind != PartKind::App) {
            let entries = self.entries(Some(&config));
            for key in &names.components {
                for (tag, value) in below(entries, key) {
                    if let Some(part) =
                        string(value).and_then(|v| self.component(&config, v, false))
                    {
                        uses.push((tag.into(), part));
                    }
                }
            }
            for (tag, value) in below(entries, &names.generics) {
                if let Some(tag) = tag.strip_suffix(&*names.generic_default)
                    && let Some(tag) = tag.strip_suffix('.')
                    && let Some(part) =
                        string(value).and_then(|v| self.component(&config, v, false))
                {
                    uses.push((tag.into(), part));
                }
            }
        }
        if let Some(config) = self.root.config.clone() {
            for (tag, value) in self.extra.remove(&index).unwrap_or_default() {
                uses.extend(self.component(&config, &value, false).map(|p| (tag, p)));
            }
        }
        let digests = self.digests;
        if let Some(script) = &script {
            for (tag, value) in digests.get(script).map_or(&[][..], |d| &d.components) {
                uses.extend(
                    self.component(script, value, true)
                        .map(|p| (tag.clone(), p)),
                );
            }
        }
        let mut uses: BTreeMap<Arc<str>, usize> = uses.into_iter().rev().collect();
        let tags = template
            .and_then(|file| digests.get(&file))
            .map(|d| &d.tags);
        for tag in tags.into_iter().flatten() {
            let plain: Arc<str> = kebab(tag).into();
            if uses.contains_key(tag) || uses.contains_key(&plain) {
                continue;
            }
            let global = self.globals.get(tag).or_else(|| self.globals.get(&plain));
            let found = match global.cloned() {
                Some((value, from)) => self
                    .component(&from, &value, false)
                    .map(|p| (tag.clone(), p)),
                None => self.easycom(&plain).map(|p| (plain, p)),
            };
            uses.extend(found.filter(|(_, part)| *part != index));
        }
        self.parts[index].uses = uses;
    }

    /// A component that the framework finds by its tag alone.
    fn easycom(&mut self, tag: &Arc<str>) -> Option<usize> {
        if self.easycom.is_empty() && self.easycom_folders.is_empty() {
            return None;
        }
        if let Some(known) = self.easycom_known.get(tag) {
            return *known;
        }
        let config = self.root.config.clone().unwrap_or_default();
        let mut found = None;
        let rules: Vec<String> = self
            .easycom
            .iter()
            .filter_map(|(regex, value)| {
                let captures = regex.captures(tag)?;
                let mut path = value.to_string();
                for (n, group) in captures.iter().enumerate().skip(1) {
                    path = path.replace(&format!("${n}"), group.map_or("", |g| g.as_str()));
                }
                Some(path)
            })
            .collect();
        for path in rules {
            found = found.or_else(|| self.component(&config, &path, true));
        }
        if found.is_none() {
            for folder in self.easycom_folders.clone() {
                let stem = format!("{folder}/{tag}/{tag}");
                found = found.or_else(|| self.part(&stem, PartKind::Component));
            }
        }
        self.easycom_known.insert(tag.clone(), found);
        found
    }
}

/// Entries below a key: the rest of their path, and the value.
fn below<'e>(
    entries: Entries<'e>,
    key: &'e str,
) -> impl Iterator<Item = (&'e str, &'e JsonScalar)> {
    entries.iter().filter_map(move |(path, value)| {
        let rest = path.strip_prefix(key)?.strip_prefix('.')?;
        Some((rest, value))
    })
}

/// The pages that a configuration declares. Entries are read in order, because conditional comments repeat keys.
fn declarations(entries: Entries<'_>, table: &AppTable) -> Declarations {
    let names = &table.configuration;
    let is = |list: &[String], key: &str| list.iter().any(|k| k == key);
    let mut out = Declarations::default();
    let mut pages = Vec::new();
    let mut package = Package::default();
    let mut packages = Vec::new();
    for (path, value) in entries {
        let (key, rest) = path.split_once('.').unwrap_or((path, ""));
        if is(&names.pages, key) {
            if rest.is_empty() {
                out.incomplete |= *value == JsonScalar::Null;
            } else {
                pages.push((rest, value));
            }
        } else if is(&names.packages, key) {
            match rest.split_once('.').map(|(_, rest)| rest) {
                None => {
                    out.incomplete |= *value == JsonScalar::Null;
                    packages.push(std::mem::take(&mut package));
                }
                Some(rest) if *rest == *names.package_root => package.root = string(value),
                Some(rest) if *rest == *names.package_entry => package.entry = string(value),
                Some(rest) => {
                    if let Some((key, rest)) = rest.split_once('.')
                        && is(&names.pages, key)
                    {
                        package.pages.push((rest, value));
                    }
                }
            }
        }
    }
    packages.push(package);
    read_pages("", &pages, table, &mut out);
    for package in packages {
        let root = package.root.map_or("", |root| root);
        read_pages(root, &package.pages, table, &mut out);
        let entry = package.entry.map(|entry| format!("{root}/{entry}"));
        out.entries.extend(entry.map(|entry| normal(&entry)));
    }
    out
}

#[derive(Default)]
struct Package<'e> {
    root: Option<&'e Arc<str>>,
    entry: Option<&'e Arc<str>>,
    pages: Vec<(&'e str, &'e JsonScalar)>,
}

fn read_pages(
    root: &str,
    entries: &[(&str, &JsonScalar)],
    table: &AppTable,
    out: &mut Declarations,
) {
    let names = &table.configuration;
    let is = |list: &[String], key: &str| list.iter().any(|k| k == key);
    let mut page = Declared::default();
    let mut finish = |page: &mut Declared| {
        let mut done = std::mem::take(page);
        if !done.route.is_empty() {
            done.route = normal(&format!("{root}/{}", done.route));
            out.pages.push(done);
        }
    };
    for (path, value) in entries {
        let Some((_, key)) = path.split_once('.') else {
            finish(&mut page);
            match value {
                JsonScalar::String(route) => page.route = route.to_string(),
                JsonScalar::Null => out.incomplete = true,
                _ => {}
            }
            continue;
        };
        let Some(value) = string(value) else {
            continue;
        };
        if is(&names.page_path, key) {
            page.route = value.to_string();
        } else if is(&names.page_source, key) {
            page.source = Some(value.clone());
        } else if is(&names.titles, key) {
            page.title = Some(value.clone());
        } else if let Some(rest) = key.strip_prefix(&*names.page_components)
            && let Some(tag) = rest.strip_prefix('.')
        {
            page.components.push((tag.into(), value.clone()));
        }
    }
    finish(&mut page);
}
