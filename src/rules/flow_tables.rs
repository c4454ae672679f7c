//! What the flow engine knows of platforms and frameworks: `queries/flow/*.toml`.
//!
//! APIs are known by canonical paths: `$` is the platform's global object whatever its spelling (`$.request`), other
//! natives have their own names (`console.log`), and an object that an API returns has the name of its type
//! (`Collection.add`). Pure; knows no names itself.

mod elements;
mod load;
mod names;
mod outcomes;
mod paths;
mod sanitize;

pub use elements::{ControlSpec, ElementSink, OpenType};
pub use names::{HookPart, Names, Persist, Role, ShareHook};
pub use outcomes::Outcomes;
pub use paths::{Arg, ArgPath, Step};
pub use sanitize::Effect;

use super::classes::{ClassId, Classes};
use crate::finding::Confidence;
use elements::Elements;
use rustc_hash::{FxHashMap, FxHashSet};
use sanitize::Sanitizers;
use std::sync::Arc;

/// The canonical path of the platform's global object.
pub const PLATFORM: &str = "$";

/// A global object of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Global {
    /// Its canonical path.
    pub path: Arc<str>,
    /// The platform whose spelling it is; empty if it says none.
    pub platform: Arc<str>,
}

/// One way in which a call hands data out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSpec {
    /// `storage`, `log`, `network` …
    pub family: Arc<str>,
    /// Which part of the call: `url`, `data`, `path`, `extra-data`, `text`, `value`, `content`, `key`, `header`.
    pub part: Arc<str>,
    /// Where the data stands.
    pub data: ArgPath,
    /// Where the destination stands: an address, a storage key.
    pub target: Option<ArgPath>,
    /// The destination, where the API has only one; empty = none.
    pub to: Arc<str>,
    /// Where the HTTP method stands.
    pub method: Option<ArgPath>,
    /// The HTTP method that the call's own name says, upper case; empty = none.
    pub verb: Arc<str>,
    /// An option that protects the data if it is true.
    pub protect: Option<ArgPath>,
}

/// A datum that an API hands out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datum {
    /// Where in the result; empty = the whole result.
    pub path: Vec<Step>,
    /// What it is.
    pub class: ClassId,
    /// How sure.
    pub confidence: Confidence,
    /// Spellings of the platform's object that hand it out; empty = all.
    pub platforms: Vec<Arc<str>>,
}

/// How an API hands out its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deliver {
    /// The returned value, its promise, and the callbacks of an options object.
    #[default]
    Result,
    /// The first parameter of a function that is given as an argument.
    Callback,
}

/// A hidden way on which data travels through the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Stores a value under a key.
    StorageWrite {
        /// The key.
        key: ArgPath,
        /// The value.
        value: ArgPath,
    },
    /// Reads a stored value.
    StorageRead {
        /// The key.
        key: ArgPath,
        /// Where in the result the value is.
        result: Vec<Step>,
    },
    /// Removes a stored value, or all.
    StorageRemove {
        /// The key; `None` = all.
        key: Option<ArgPath>,
    },
    /// Opens a page; the query of the address is the page's.
    Navigate {
        /// The address.
        url: ArgPath,
    },
    /// The result holds the query of the page (or of the start of the app) at hand.
    Query {
        /// Where in the result.
        result: Vec<Step>,
    },
    /// Sends an event.
    Emit {
        /// Events of different buses do not meet.
        bus: Arc<str>,
        /// The event's name.
        name: ArgPath,
        /// The values sent.
        value: Arg,
    },
    /// Listens to an event.
    On {
        /// The bus.
        bus: Arc<str>,
        /// The event's name.
        name: ArgPath,
        /// The listener; its parameters are the values sent.
        callback: ArgPath,
    },
    /// Calls a function of the app that runs on a server.
    CloudCall {
        /// The function's name.
        name: ArgPath,
        /// What its event parameter holds.
        data: ArgPath,
        /// Where in the result its return value is.
        result: Vec<Step>,
    },
}

/// What is known of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Api {
    /// The canonical path without `$.`: `setStorageSync`, `FileSystemManager.writeFile`, `console.log`.
    pub id: Arc<str>,
    /// Where it takes data to.
    pub sinks: Vec<SinkSpec>,
    /// What it hands out.
    pub data: Vec<Datum>,
    /// How it hands that out.
    pub deliver: Deliver,
    /// The type of what it returns.
    pub returns: Option<Arc<str>>,
    /// Objects of known types inside its result.
    pub result_types: Vec<(Vec<Step>, Arc<str>)>,
    /// Hidden ways on which it sends or receives; alternatives for platforms whose arguments differ.
    pub channels: Vec<Channel>,
    /// Where in the result the answer of a server is.
    pub response: Option<Vec<Step>>,
    /// Takes `success`, `fail` and `complete` functions in its first argument.
    pub asynchronous: bool,
}

/// All tables of `queries/flow`.
#[derive(Debug)]
pub struct FlowTables {
    outcomes: Outcomes,
    globals: FxHashMap<Arc<str>, Global>,
    /// The first spelling of each platform.
    global_names: FxHashMap<Arc<str>, Arc<str>>,
    /// Parts of package names, and the platform they tell.
    module_platforms: Vec<(Arc<str>, Arc<str>)>,
    labels: std::collections::BTreeMap<Arc<str>, crate::finding::Text>,
    /// Whole packages, and their exports if these are not simply members of the package's path.
    modules: FxHashMap<Arc<str>, Arc<str>>,
    module_exports: FxHashMap<(Arc<str>, Arc<str>), Arc<str>>,
    /// Libraries that apps carry as files, by the file's name without its ending.
    files: FxHashMap<Arc<str>, Arc<str>>,
    assignments: FxHashMap<Arc<str>, Vec<SinkSpec>>,
    apis: FxHashMap<Arc<str>, Api>,
    /// APIs by all but the last name: any method of the object.
    any_method: FxHashMap<Arc<str>, Api>,
    receivers: FxHashMap<Arc<str>, Arc<str>>,
    asynchronous: Asynchronous,
    sanitizers: Sanitizers,
    elements: Elements,
    frameworks: FxHashMap<Arc<str>, Vec<Framework>>,
    names: Names,
}

/// Which APIs take callbacks in their options.
#[derive(Debug, Default)]
struct Asynchronous {
    objects: FxHashSet<Arc<str>>,
    never: FxHashSet<Arc<str>>,
    never_prefixes: Vec<Arc<str>>,
    never_suffixes: Vec<Arc<str>>,
}

impl Asynchronous {
    fn is(&self, path: &str) -> bool {
        let (object, name) = path.rsplit_once('.').unwrap_or(("", path));
        self.objects.contains(object)
            && !self.never.contains(path)
            && !self.never_suffixes.iter().any(|s| name.ends_with(&**s))
            && !self.never_prefixes.iter().any(|p| starts_word(name, p))
    }
}

/// `name` begins with the word `prefix`: `onShow`, not `once`.
fn starts_word(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// `utils/qqmap-sdk.min.js` → `qqmap-sdk`.
fn file_stem(specifier: &str) -> &str {
    let file = specifier.rsplit('/').next().unwrap_or(specifier);
    let file = file.strip_suffix(".js").unwrap_or(file);
    file.strip_suffix(".min").unwrap_or(file)
}

/// A function of a framework.
#[derive(Debug)]
struct Framework {
    /// Packages that export it; none = known by its name alone.
    modules: Vec<Arc<str>>,
    kind: Arc<str>,
}

impl FlowTables {
    /// How code asks whether an answer is one.
    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    pub(super) fn builtin(classes: &Classes) -> FlowTables {
        load::load(classes)
    }

    /// A global object by its name in code.
    pub fn global(&self, name: &str) -> Option<&Global> {
        self.globals.get(name)
    }

    /// The name of a platform's global object in code.
    pub fn global_name(&self, platform: &str) -> Option<Arc<str>> {
        self.global_names.get(platform).cloned()
    }

    /// The platform or framework whose package a specifier names.
    pub fn module_platform(&self, specifier: &str) -> Option<Arc<str>> {
        self.module_platforms
            .iter()
            .find(|(part, _)| specifier.contains(&**part))
            .map(|(_, platform)| platform.clone())
    }

    /// What happens at a step of a flow, for people.
    pub fn label(&self, key: &str, name: &str) -> crate::finding::Text {
        let text = self.labels.get(key).cloned().unwrap_or_default();
        let spoken = self.source_label(name);
        let zh = spoken.map_or(name, |spoken| &spoken.zh_cn);
        crate::finding::Text {
            en: text.en.replace("{name}", name),
            zh_cn: text.zh_cn.replace("{name}", zh),
        }
    }

    /// What people call the query of a page.
    pub fn page_query(&self) -> Arc<str> {
        let label = self.labels.get("page-query");
        label.map_or_else(|| "query".into(), |label| label.en.as_str().into())
    }

    /// What people call a source that no call or control of the code names, in both languages.
    pub fn source_label(&self, name: &str) -> Option<&crate::finding::Text> {
        self.labels
            .get("page-query")
            .filter(|label| *label.en == *name)
    }

    /// The canonical path of an import; `None` = the default export or the namespace.
    pub fn module(&self, specifier: &str, export: Option<&str>) -> Option<Arc<str>> {
        let own = (Arc::from(specifier), Arc::from(export.unwrap_or("default")));
        if let Some(path) = self.module_exports.get(&own) {
            return Some(path.clone());
        }
        let package = self
            .modules
            .get(specifier)
            .or_else(|| self.files.get(file_stem(specifier)))?;
        match export {
            None | Some("default") => Some(package.clone()),
            Some(name) => Some(format!("{package}.{name}").into()),
        }
    }

    /// An API by its canonical path; also the methods of objects of which any method is known, such as statistics kits.
    pub fn api(&self, path: &str) -> Option<&Api> {
        if let Some(api) = self.apis.get(path) {
            return Some(api);
        }
        let mut rest = path;
        while let Some((object, _)) = rest.rsplit_once('.') {
            if let Some(api) = self.any_method.get(object) {
                return Some(api);
            }
            rest = object;
        }
        None
    }

    /// What it means to assign to a path: `document.cookie = value`. The value is argument 0, a last `.*` stands for any name.
    pub fn assignment(&self, path: &str) -> &[SinkSpec] {
        let object = || {
            path.rsplit_once('.')
                .map(|(object, _)| format!("{object}.*"))
        };
        let any = || self.assignments.get(object()?.as_str());
        self.assignments
            .get(path)
            .or_else(any)
            .map_or(&[], Vec::as_slice)
    }

    /// The type of what an API returns.
    pub fn returns(&self, path: &str) -> Option<&Arc<str>> {
        self.api(path)?.returns.as_ref()
    }

    /// Whether a call of a path takes callbacks in its options, known to the tables or not.
    pub fn is_asynchronous(&self, path: &str) -> bool {
        self.asynchronous.is(path)
    }

    /// The path of an object that is known by its name alone, where the name is not declared or comes from an unknown package.
    pub fn receiver(&self, name: &str) -> Option<Arc<str>> {
        self.receivers.get(name).cloned()
    }

    /// What a function does to the data that it is given, told by its name (`maskPhone`, `CryptoJS.AES.encrypt`).
    pub fn sanitizer(&self, name: &str) -> Option<Effect> {
        self.sanitizers.effect(name)
    }

    /// Where an attribute of an element takes data to.
    pub fn element_sink(&self, tag: &str, attr: &str) -> Vec<&ElementSink> {
        self.elements.sinks(tag, attr)
    }

    /// An element into which people type.
    pub fn control(&self, tag: &str) -> Option<&ControlSpec> {
        self.elements.control(tag)
    }

    /// A button that hands out personal data.
    pub fn open_type(&self, value: &str) -> Option<&OpenType> {
        self.elements.open_type(value)
    }

    /// The event that an attribute listens to, normal; `None` if it listens to none.
    pub fn event(&self, attribute: &str) -> Option<String> {
        self.elements.event(attribute)
    }

    /// Lower case without `-` and `_`: how events are compared (`triggerEvent('my-pick')` and `@myPick`).
    pub fn normal_event(event: &str) -> String {
        elements::normal(event)
    }

    /// Where in an event of an element the text of the control is, most likely first.
    pub fn event_value(&self, tag: &str, event: &str) -> &[Vec<Step>] {
        self.elements.event_value(tag, event)
    }

    /// What a function of a framework does, by the name under which its package exports it: a word of
    /// `queries/flow/frameworks.toml`. An empty module asks for names that are known wherever they come from.
    pub fn framework(&self, name: &str, module: &str) -> Option<&str> {
        let rows = self.frameworks.get(name)?;
        rows.iter()
            .find(|row| {
                row.modules.is_empty() || row.modules.iter().any(|m| load::covers(m, module))
            })
            .map(|row| &*row.kind)
    }

    /// Names of the functions of a kind, sorted.
    pub fn framework_names(&self, kind: &str) -> Vec<&Arc<str>> {
        let is_kind = |rows: &Vec<Framework>| rows.iter().any(|row| &*row.kind == kind);
        let mut names: Vec<&Arc<str>> = self
            .frameworks
            .iter()
            .filter(|(_, rows)| is_kind(rows))
            .map(|(name, _)| name)
            .collect();
        names.sort();
        names
    }

    /// Names of life cycles and roles.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// All APIs, by path.
    pub fn apis(&self) -> Vec<(&str, &Api)> {
        let mut all: Vec<(&str, &Api)> =
            self.apis.iter().map(|(path, api)| (&**path, api)).collect();
        all.sort_by_key(|(path, _)| *path);
        all
    }
}

#[cfg(test)]
mod tests;
