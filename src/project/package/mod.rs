//! Packages as they are shipped, read in memory: the files of the container, bundles split into their modules,
//! the configuration of all pages taken apart. Trusts nothing in them; what it makes is no larger than what it reads.
//!
//! Templates are functions in a package; they are not read, and that is said.

mod archive;
mod bundle;
mod join;
mod table;

#[cfg(test)]
mod tests;

use super::walk;
use crate::config::{Config, DEFAULT_MAX_FILE_SIZE};
use crate::finding::Text;
use crate::report::texts::both;
use crate::report::{FileError, Skip};
use crate::syntax::{Dialects, FileKind};
use bundle::Bundle;
pub use join::join;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use table::{Table, table};

/// Why a package cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Its content is encrypted.
    Encrypted,
    /// It is something else.
    Unknown,
    /// It ends too early.
    Truncated,
    /// Its table of files makes no sense.
    Table,
    /// A file lies outside of it, or on another.
    Range,
    /// A file's name leads out of it.
    Name,
    /// It defines more modules than an app has.
    Modules,
}

impl Fault {
    fn key(self) -> &'static str {
        match self {
            Fault::Encrypted => "package-encrypted",
            Fault::Unknown => "package-unknown",
            Fault::Truncated => "package-truncated",
            Fault::Table => "package-table",
            Fault::Range => "package-range",
            Fault::Name => "package-name",
            Fault::Modules => "package-modules",
        }
    }
}

/// Configuration of so many bytes is not put in lines.
const LONG: usize = 32 * 1024;

/// What is in a package.
#[derive(Debug, Default)]
pub struct Package {
    /// Texts by path; the package's own name is the first folder.
    pub texts: BTreeMap<Arc<str>, Arc<str>>,
    /// Files that should have been read.
    pub errors: Vec<FileError>,
    /// Files that are left out on purpose.
    pub skipped: Vec<Skip>,
    /// What people must know: the file, the text.
    pub notes: Vec<(Arc<str>, Text)>,
}

/// Whether a file is a package, by its name.
pub fn is_package(name: &str) -> bool {
    let name = name.to_lowercase();
    table().suffixes.iter().any(|end| name.ends_with(&**end))
}

/// Reads a package. `name` is relative to the root, `shown` is what people are shown.
pub fn read(
    path: &Path,
    name: &str,
    shown: &str,
    config: &Config,
    dialects: &Dialects,
) -> Result<Package, FileError> {
    let error = |kind, message| FileError {
        file: shown.to_string(),
        kind,
        message,
    };
    let io = |e: std::io::Error| {
        let why = e.kind().to_string();
        error("read", both("error-read", &[("why", &why)]))
    };
    let limit = table().limits.package;
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(error("read", both("error-special", &[])));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    if bytes.len() as u64 > limit {
        let limit = walk::size(limit);
        return Err(error(
            "package",
            both("package-large", &[("limit", &limit)]),
        ));
    }
    let max_file_size = config.max_file_size.unwrap_or(DEFAULT_MAX_FILE_SIZE);
    unpack(&bytes, name, shown, max_file_size, dialects)
        .map_err(|fault| error("package", both(fault.key(), &[])))
}

fn unpack(
    bytes: &[u8],
    name: &str,
    shown: &str,
    max_file_size: u64,
    dialects: &Dialects,
) -> Result<Package, Fault> {
    let unpacking = Unpacking {
        table: table(),
        dialects,
        shown,
        max_file_size,
        out: Package::default(),
        inner: BTreeMap::new(),
        compiled: 0,
    };
    unpacking.run(bytes, name)
}

/// A package on its way to texts.
struct Unpacking<'t> {
    table: &'t Table,
    dialects: &'t Dialects,
    shown: &'t str,
    max_file_size: u64,
    out: Package,
    /// Texts by path inside of the package.
    inner: BTreeMap<String, Arc<str>>,
    /// Files of compiled templates.
    compiled: usize,
}

impl Unpacking<'_> {
    fn run(mut self, bytes: &[u8], name: &str) -> Result<Package, Fault> {
        let files = archive::files(bytes, self.table)?;
        let (mut configuration, mut loose) = (None, Vec::new());
        for file in files {
            let base = file.name.rsplit('/').next().unwrap_or(file.name);
            let kind = self.dialects.kind_of(file.name);
            if base == self.table.configuration.file {
                configuration = self
                    .text(file.name, file.bytes, self.max_file_size)
                    .or(configuration);
            } else if matches!(kind, Some(FileKind::Script(_))) {
                self.script(file.name, file.bytes, &mut loose)?;
            } else if self.table.is_compiled(file.name) {
                self.skip("compiled", file.name);
            } else if kind.is_some()
                && let Some(text) = self.text(file.name, file.bytes, self.max_file_size)
            {
                self.inner.entry(file.name.to_string()).or_insert(text);
            }
        }
        if let Some(text) = configuration {
            self.configure(&text);
        }
        for (name, text) in loose {
            self.inner.entry(name).or_insert(text);
        }
        let mut out = self.out;
        for (path, text) in self.inner {
            out.texts.insert(format!("{name}/{path}").into(), text);
        }
        if self.compiled > 0 {
            out.notes.push((name.into(), both("note-package", &[])));
        }
        Ok(out)
    }

    fn skip(&mut self, reason: &'static str, name: &str) {
        self.compiled += usize::from(reason == "compiled");
        self.out.skipped.push(Skip {
            reason,
            file: format!("{}/{name}", self.shown),
            count: 1,
        });
    }

    fn error(&mut self, name: &str, kind: &'static str, message: Text) {
        let file = format!("{}/{name}", self.shown);
        self.out.errors.push(FileError {
            file,
            kind,
            message,
        });
    }

    fn too_large(&mut self, name: &str, limit: u64) {
        let limit = walk::size(limit);
        self.error(
            name,
            "too-large",
            both("error-too-large", &[("limit", &limit)]),
        );
    }

    /// A file's text, if it is one that is looked into.
    fn text(&mut self, name: &str, bytes: &[u8], limit: u64) -> Option<Arc<str>> {
        if bytes.len() as u64 > limit {
            self.too_large(name, limit);
            return None;
        }
        match walk::decode(bytes.to_vec()) {
            Ok(text) => Some(text.into()),
            Err((key, at)) => {
                self.error(name, "encoding", both(key, &[("at", &at.to_string())]));
                None
            }
        }
    }

    /// A script: the modules it defines, else itself. `loose` takes what a file of that name goes before.
    fn script(
        &mut self,
        name: &str,
        bytes: &[u8],
        loose: &mut Vec<(String, Arc<str>)>,
    ) -> Result<(), Fault> {
        let Some(text) = self.text(name, bytes, self.table.limits.script as u64) else {
            return Ok(());
        };
        let Bundle {
            modules,
            configurations,
            strays,
        } = bundle::split(&text, self.table);
        if strays {
            return Err(Fault::Name);
        }
        for (name, span) in configurations {
            let written = span.of(&text);
            if serde_json::from_str::<Value>(written).is_ok() {
                loose.push((name, written.into()));
            }
        }
        if modules.is_empty() {
            let marks = &self.table.compiled_marks;
            if self.table.is_compiled(name) || marks.iter().any(|mark| text.contains(&**mark)) {
                self.skip("compiled", name);
            } else if text.len() as u64 > self.max_file_size {
                self.too_large(name, self.max_file_size);
            } else {
                self.inner.entry(name.to_string()).or_insert(text);
            }
            return Ok(());
        }
        for (name, span) in modules {
            let body = span.of(&text);
            if self.inner.len() >= self.table.limits.modules {
                return Err(Fault::Modules);
            }
            if body.len() as u64 > self.max_file_size {
                self.too_large(&name, self.max_file_size);
            } else {
                self.inner.entry(name).or_insert_with(|| body.into());
            }
        }
        Ok(())
    }

    /// The configuration of the app and of each page, as their authors had them in files of their own.
    fn configure(&mut self, text: &str) {
        let names = &self.table.configuration;
        let Ok(Value::Object(mut all)) = serde_json::from_str(text) else {
            // Left as it is, so that its syntax error is seen.
            self.inner.entry(names.app.clone()).or_insert(text.into());
            return;
        };
        let pages = all.remove(&names.page);
        for key in &names.lifted {
            if let Some(Value::Object(lifted)) = all.remove(key) {
                for (key, value) in lifted {
                    all.entry(key).or_insert(value);
                }
            }
        }
        self.put_json(&names.app, all);
        let Some(Value::Object(pages)) = pages else {
            return;
        };
        for (page, mut value) in pages {
            let stem = page.strip_suffix(&names.page_end).unwrap_or(&page);
            let own = value.get_mut(&names.page_window).map(Value::take);
            if let (Some(stem), Some(Value::Object(own))) = (archive::inside(stem), own) {
                self.put_json(&format!("{stem}{}", self.table.configuration_end), own);
            }
        }
    }

    fn put_json(&mut self, name: &str, object: Map<String, Value>) {
        let Ok(compact) = serde_json::to_string(&object) else {
            return;
        };
        // Indentation must not make much of little.
        let pretty = match compact.len() {
            0..LONG => serde_json::to_string_pretty(&object).ok(),
            _ => None,
        };
        let fitting = pretty.filter(|text| text.len() <= 8 * compact.len());
        let text = fitting.unwrap_or(compact);
        self.inner
            .entry(name.to_string())
            .or_insert_with(|| format!("{text}\n").into());
    }
}
