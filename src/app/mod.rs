//! The app model: configuration files, pages, components, module resolution. Pure.
//!
//! [`digest`] says what the model needs of one file; [`build`] joins the digests of all files to apps. What makes an
//! app is data (`queries/data/app_model.toml`). May use `text`, `syntax`, `rules`, `facts`; knows no trees, no flow.

mod build;
mod digest;
mod object;
mod parts;
mod paths;
mod resolve;
mod roots;

#[cfg(test)]
mod tests;

pub use build::build;
pub use digest::{Digest, digest};
pub use object::script_config;
pub use paths::kebab;

use resolve::Resolver;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// The app itself.
    App,
    /// A page.
    Page,
    /// A component.
    Component,
}

/// The files that make one page, component or the app itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Route of a page, else the path below the app's root without extension.
    pub name: Arc<str>,
    /// What it is.
    pub kind: PartKind,
    /// Its script.
    pub script: Option<Arc<str>>,
    /// Its template; the script's file in containers. Components written in JSX have none.
    pub template: Option<Arc<str>>,
    /// Its own configuration, if it has some.
    pub config: Option<Arc<str>>,
    /// The title its configuration gives; may be empty.
    pub title: Arc<str>,
    /// Components by tag, as configuration writes it (in Vue: kebab case). Global ones where the template has their tag.
    pub uses: BTreeMap<Arc<str>, usize>,
    /// A declared page, or used by one. Where the app's configuration is missing or cannot be read, everything is.
    pub reached: bool,
}

/// What a template takes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncludeKind {
    /// Named templates.
    Import,
    /// Markup.
    Include,
    /// A script of the view layer, under a name.
    ViewModule {
        /// The name; may be empty.
        name: Arc<str>,
    },
}

/// What is wrong with the app's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigError {
    /// There is none.
    Missing,
    /// It has syntax errors.
    Broken,
    /// It names no page, or names some in a way that cannot be read.
    NoPages,
}

/// An app.
#[derive(Clone, Debug, PartialEq)]
pub struct App {
    /// Its folder; empty for the session's own.
    pub root: Arc<str>,
    /// Host platform.
    pub platform: Arc<str>,
    /// `native` or a framework.
    pub framework: Arc<str>,
    /// The app, its pages and components: declared ones first, the rest by path.
    pub parts: Vec<Part>,
    /// The part that is the app itself.
    pub app: Option<usize>,
    /// Its configuration.
    pub config: Option<Arc<str>>,
    /// What is wrong with that.
    pub config_error: Option<ConfigError>,
    /// Scripts that run when the app starts, beside the app's own.
    pub entries: BTreeSet<Arc<str>>,
    /// Files that scripts load, by the loading file and the name as written. Only files of the app.
    pub imports: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
    /// Files that templates take in, in source order.
    pub includes: BTreeMap<Arc<str>, Vec<(IncludeKind, Arc<str>)>>,
    /// Entry scripts of cloud functions, by name.
    pub cloud: BTreeMap<Arc<str>, Arc<str>>,
    /// Files that run on a server.
    pub server: BTreeSet<Arc<str>>,
    /// All files of the app.
    pub files: BTreeSet<Arc<str>>,
    /// Files that the app can load: those of reached parts, what they import and take in, and what runs on a server.
    pub reached: BTreeSet<Arc<str>>,
    routes: BTreeMap<Arc<str>, usize>,
    by_file: BTreeMap<Arc<str>, Vec<usize>>,
    resolver: Resolver,
}

impl App {
    /// The page that an address leads to: `/pages/a/a?x=1`, or relative to the page that `from` belongs to.
    pub fn page(&self, url: &str, from: &str) -> Option<usize> {
        let path = url.split(['?', '#']).next().unwrap_or(url).trim();
        if path.is_empty() {
            return None;
        }
        if let Some(route) = path.strip_prefix('/') {
            return self.routes.get(paths::normal(route).as_str()).copied();
        }
        let relative = self.part_of(from).find_map(|part| {
            let part = self.parts.get(part)?;
            let route = paths::join(paths::folder(&part.name), path)?;
            self.routes.get(route.as_str()).copied()
        });
        relative.or_else(|| self.routes.get(paths::normal(path).as_str()).copied())
    }

    /// The parts that a file belongs to.
    pub fn part_of(&self, file: &str) -> impl Iterator<Item = usize> {
        self.by_file.get(file).into_iter().flatten().copied()
    }

    /// The file that `from` means by `specifier`.
    pub fn resolve(&self, from: &str, specifier: &str) -> Option<&Arc<str>> {
        if let Some(file) = self.imports.get(from).and_then(|map| map.get(specifier)) {
            return Some(file);
        }
        let file = self.resolver.script(from, specifier)?;
        self.files.get(&*file)
    }

    /// The component that a tag of a part's template stands for.
    pub fn component(&self, part: usize, tag: &str) -> Option<usize> {
        let uses = &self.parts.get(part)?.uses;
        uses.get(tag)
            .or_else(|| uses.get(kebab(tag).as_str()))
            .copied()
    }

    /// Whether the app can load a file.
    pub fn is_reached(&self, file: &str) -> bool {
        self.reached.contains(file)
    }
}
