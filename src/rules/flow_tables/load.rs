//! Reads `queries/flow/*.toml` and joins the rows of one API into one.
//!
//! The tables are part of the binary and tested, so what is wrong with them ends the program here.

use super::paths::{Arg, ArgPath, Steps, parse_steps};
use super::{
    Api, Asynchronous, Channel, Datum, Deliver, Elements, FlowTables, Framework, Global, PLATFORM,
    Sanitizers, SinkSpec, elements, sanitize,
};
use crate::finding::Confidence;
use crate::rules::classes::{ClassId, Classes};
use crate::rules::tables::embedded;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PlatformFile {
    /// Names in code, by platform; `""` = natives, whose path is their name.
    globals: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Parts of package names, and the platform they tell.
    module_platforms: BTreeMap<Arc<str>, Arc<str>>,
    /// Packages and their paths.
    modules: BTreeMap<Arc<str>, Arc<str>>,
    /// Exports that are not members of their package's path.
    module_exports: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Arc<str>>>,
    /// Libraries that apps carry as files, by the file's name without its ending.
    files: BTreeMap<Arc<str>, Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkFile {
    sink: Vec<SinkRow>,
    assignment: Vec<SinkRow>,
    receiver: Vec<ReceiverRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkRow {
    /// Paths; `Object.*` = any method.
    apis: Vec<Arc<str>>,
    family: Arc<str>,
    parts: BTreeMap<Arc<str>, Vec<ArgPath>>,
    target: Option<ArgPath>,
    #[serde(default)]
    to: Arc<str>,
    method: Option<ArgPath>,
    #[serde(default)]
    verb: Arc<str>,
    protect: Option<ArgPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiverRow {
    names: Vec<Arc<str>>,
    family: Arc<str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceFile {
    source: Vec<SourceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceRow {
    apis: Vec<Arc<str>>,
    #[serde(default)]
    callback: bool,
    /// Spellings of the platform's object that hand it out; empty = all.
    #[serde(default)]
    platforms: Vec<Arc<str>>,
    data: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ChannelFile {
    returns: BTreeMap<Arc<str>, Arc<str>>,
    result_types: BTreeMap<Arc<str>, BTreeMap<String, Arc<str>>>,
    response: BTreeMap<Arc<str>, Steps>,
    asynchronous: AsynchronousRow,
    channel: Vec<ChannelRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AsynchronousRow {
    objects: Vec<Arc<str>>,
    never: Vec<Arc<str>>,
    never_prefixes: Vec<Arc<str>>,
    never_suffixes: Vec<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ChannelKind {
    StorageWrite,
    StorageRead,
    StorageRemove,
    Navigate,
    Query,
    Emit,
    On,
    CloudCall,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelRow {
    kind: ChannelKind,
    apis: Vec<Arc<str>>,
    key: Option<ArgPath>,
    value: Option<ArgPath>,
    result: Option<Steps>,
    url: Option<ArgPath>,
    bus: Option<Arc<str>>,
    name: Option<ArgPath>,
    callback: Option<ArgPath>,
    data: Option<ArgPath>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    framework: Vec<FrameworkRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkRow {
    kind: Arc<str>,
    names: Vec<Arc<str>>,
    #[serde(default)]
    modules: Vec<Arc<str>>,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("flow/{name}.toml");
    toml::from_str(embedded(&path)).unwrap_or_else(|error| {
        panic!("internal: queries/{path} is part of the binary and tested: {error}")
    })
}

/// A package, or a pattern of packages that ends in `*`.
pub(super) fn covers(pattern: &str, module: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => module.starts_with(start),
        None => pattern == module,
    }
}

/// A class and how sure it is: `phone`, `phone low`, `phone medium`.
pub(super) fn class_of(text: &str, classes: &Classes) -> (ClassId, Confidence) {
    let (id, sure) = text.split_once(' ').unwrap_or((text, "high"));
    let confidence = match sure {
        "low" => Confidence::Low,
        "medium" => Confidence::Medium,
        "high" => Confidence::High,
        _ => panic!("internal: queries/flow: `{text}` is no class"),
    };
    let id = classes
        .id(id)
        .unwrap_or_else(|| panic!("internal: queries/flow: unknown class `{id}`"));
    (id, confidence)
}

/// Data by its paths.
pub(super) fn data_of(rows: BTreeMap<String, String>, classes: &Classes) -> Vec<Datum> {
    rows.into_iter()
        .map(|(path, class)| {
            let (class, confidence) = class_of(&class, classes);
            Datum {
                path: steps(&path),
                class,
                confidence,
                platforms: Vec::new(),
            }
        })
        .collect()
}

fn steps(path: &str) -> Vec<super::Step> {
    parse_steps(path).unwrap_or_else(|| panic!("internal: queries/flow: `{path}` is no path"))
}

/// The APIs while they are joined.
#[derive(Default)]
struct Build {
    apis: BTreeMap<Arc<str>, Api>,
    any_method: BTreeMap<Arc<str>, Api>,
}

impl Build {
    fn api(&mut self, path: &str) -> &mut Api {
        let (map, key) = match path.strip_suffix(".*") {
            Some(object) => (&mut self.any_method, object),
            None => (&mut self.apis, path),
        };
        map.entry(key.into()).or_insert_with(|| Api {
            id: key
                .strip_prefix(PLATFORM)
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(key)
                .into(),
            ..Api::default()
        })
    }

    fn sinks(&mut self, rows: Vec<SinkRow>) {
        for row in rows {
            for path in &row.apis {
                self.api(path).sinks.extend(row.specs());
            }
        }
    }

    fn receivers(&mut self, rows: Vec<ReceiverRow>) -> FxHashMap<Arc<str>, Arc<str>> {
        let mut out = FxHashMap::default();
        for row in rows {
            for name in row.names {
                let spec = SinkSpec {
                    family: row.family.clone(),
                    part: "data".into(),
                    data: ArgPath {
                        arg: Arg::All,
                        path: Vec::new(),
                    },
                    target: None,
                    to: "".into(),
                    method: None,
                    verb: "".into(),
                    protect: None,
                };
                self.api(&format!("{name}.*")).sinks.push(spec);
                out.insert(name.clone(), name);
            }
        }
        out
    }

    fn sources(&mut self, rows: Vec<SourceRow>, classes: &Classes) {
        for row in rows {
            for path in &row.apis {
                let api = self.api(path);
                let data = data_of(row.data.clone(), classes).into_iter();
                api.data.extend(data.map(|datum| Datum {
                    platforms: row.platforms.clone(),
                    ..datum
                }));
                if row.callback {
                    api.deliver = Deliver::Callback;
                }
            }
        }
    }

    fn channels(&mut self, file: ChannelFile) -> Asynchronous {
        for (path, name) in file.returns {
            self.api(&path).returns = Some(name);
        }
        for (path, types) in file.result_types {
            let types = types.into_iter().map(|(at, name)| (steps(&at), name));
            self.api(&path).result_types.extend(types);
        }
        for (path, at) in file.response {
            self.api(&path).response = Some(at.0);
        }
        for row in &file.channel {
            for path in &row.apis {
                let channel = row.channel().unwrap_or_else(|| {
                    panic!("internal: queries/flow/channels.toml: {path}: a key is missing")
                });
                self.api(path).channels.push(channel);
            }
        }
        Asynchronous {
            objects: file.asynchronous.objects.into_iter().collect(),
            never: file.asynchronous.never.into_iter().collect(),
            never_prefixes: file.asynchronous.never_prefixes,
            never_suffixes: file.asynchronous.never_suffixes,
        }
    }
}

impl SinkRow {
    fn specs(&self) -> impl Iterator<Item = SinkSpec> {
        self.parts.iter().flat_map(move |(part, places)| {
            places.iter().map(move |data| SinkSpec {
                family: self.family.clone(),
                part: part.clone(),
                data: data.clone(),
                target: self.target.clone(),
                to: self.to.clone(),
                method: self.method.clone(),
                verb: self.verb.clone(),
                protect: self.protect.clone(),
            })
        })
    }
}

fn assignments(rows: Vec<SinkRow>) -> FxHashMap<Arc<str>, Vec<SinkSpec>> {
    let mut out: FxHashMap<Arc<str>, Vec<SinkSpec>> = FxHashMap::default();
    for row in rows {
        for path in &row.apis {
            out.entry(path.clone()).or_default().extend(row.specs());
        }
    }
    out
}

impl ChannelRow {
    fn channel(&self) -> Option<Channel> {
        let result = || self.result.clone().unwrap_or_default().0;
        Some(match self.kind {
            ChannelKind::StorageWrite => Channel::StorageWrite {
                key: self.key.clone()?,
                value: self.value.clone()?,
            },
            ChannelKind::StorageRead => Channel::StorageRead {
                key: self.key.clone()?,
                result: result(),
            },
            ChannelKind::StorageRemove => Channel::StorageRemove {
                key: self.key.clone(),
            },
            ChannelKind::Navigate => Channel::Navigate {
                url: self.url.clone()?,
            },
            ChannelKind::Query => Channel::Query { result: result() },
            ChannelKind::Emit => Channel::Emit {
                bus: self.bus.clone()?,
                name: self.name.clone()?,
                value: self.value.as_ref()?.arg,
            },
            ChannelKind::On => Channel::On {
                bus: self.bus.clone()?,
                name: self.name.clone()?,
                callback: self.callback.clone()?,
            },
            ChannelKind::CloudCall => Channel::CloudCall {
                name: self.name.clone()?,
                data: self.data.clone()?,
                result: result(),
            },
        })
    }
}

/// The APIs, each saying whether it takes callbacks.
fn joined(apis: BTreeMap<Arc<str>, Api>, asynchronous: &Asynchronous) -> FxHashMap<Arc<str>, Api> {
    let mark = |(path, mut api): (Arc<str>, Api)| {
        api.asynchronous = asynchronous.is(&path);
        (path, api)
    };
    apis.into_iter().map(mark).collect()
}

fn globals(rows: BTreeMap<Arc<str>, Vec<Arc<str>>>) -> FxHashMap<Arc<str>, Global> {
    let mut out = FxHashMap::default();
    for (platform, names) in rows {
        for name in names {
            let path = if platform.is_empty() {
                name.clone()
            } else {
                PLATFORM.into()
            };
            let platform = platform.clone();
            out.insert(name, Global { path, platform });
        }
    }
    out
}

fn frameworks(rows: Vec<FrameworkRow>) -> FxHashMap<Arc<str>, Vec<Framework>> {
    let mut out: FxHashMap<Arc<str>, Vec<Framework>> = FxHashMap::default();
    for row in rows {
        for name in row.names {
            out.entry(name).or_default().push(Framework {
                modules: row.modules.clone(),
                kind: row.kind.clone(),
            });
        }
    }
    out
}

pub(super) fn load(classes: &Classes) -> FlowTables {
    let platforms: PlatformFile = read("platforms");
    let sinks: SinkFile = read("sinks");
    let sources: SourceFile = read("sources");
    let frameworks_file: FrameworkFile = read("frameworks");
    let mut build = Build::default();
    build.sinks(sinks.sink);
    let receivers = build.receivers(sinks.receiver);
    build.sources(sources.source, classes);
    let asynchronous = build.channels(read("channels"));
    let module_exports = platforms
        .module_exports
        .into_iter()
        .flat_map(|(module, exports)| {
            exports
                .into_iter()
                .map(move |(export, path)| ((module.clone(), export), path))
        })
        .collect();
    let global_names = platforms
        .globals
        .iter()
        .filter_map(|(platform, names)| Some((platform.clone(), names.first()?.clone())))
        .collect();
    FlowTables {
        globals: globals(platforms.globals),
        global_names,
        module_platforms: platforms.module_platforms.into_iter().collect(),
        labels: read("labels"),
        modules: platforms.modules.into_iter().collect(),
        module_exports,
        files: platforms.files.into_iter().collect(),
        assignments: assignments(sinks.assignment),
        apis: joined(build.apis, &asynchronous),
        any_method: build.any_method.into_iter().collect(),
        receivers,
        asynchronous,
        sanitizers: Sanitizers::new(read::<sanitize::File>("sanitizers")),
        elements: Elements::new(read::<elements::File>("elements"), classes),
        frameworks: frameworks(frameworks_file.framework),
        names: read("roles"),
        outcomes: read("outcomes"),
    }
}
