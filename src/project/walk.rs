//! Walks PATHs and reads files: nothing is followed out of the project, nothing but regular files is read, and everything
//! that is left out is said.

use crate::config::{Config, DEFAULT_MAX_FILE_SIZE};
use crate::report::texts::both;
use crate::report::{FileError, Skip};
use crate::syntax::Document;
use ignore::WalkBuilder;
use serde::Deserialize;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// What the walk left out: the reason's key, the path, whether it is a folder.
type Left = (&'static str, PathBuf, bool);

#[derive(Deserialize)]
struct Table {
    folders: Vec<String>,
    silent: Vec<String>,
    minified: Vec<String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        toml::from_str(include_str!("../../queries/data/walk.toml"))
            .expect("internal: walk.toml is part of the binary and tested")
    })
}

/// What lies under one folder.
#[derive(Debug, Default)]
pub struct Walked {
    /// Relative names with `/`, sorted.
    pub files: Vec<String>,
    /// What was left out.
    pub skipped: Vec<Skip>,
    /// What could not be listed.
    pub errors: Vec<FileError>,
}

/// Whether a walk leaves out a file because of a folder above it; `name` is relative to the walk's folder.
pub fn is_below_vendor(name: &str) -> bool {
    let folders = name.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| {
        let mut left = table().folders.iter().chain(&table().silent);
        left.any(|name| name == folder)
    })
}

/// Lists the files under `folder` that `wanted` names. `prefix` is put before names that people are shown.
pub fn walk(
    folder: &Path,
    prefix: &str,
    config: &Config,
    no_ignore: bool,
    wanted: &dyn Fn(&str) -> bool,
) -> Walked {
    walk_until(folder, prefix, config, no_ignore, wanted, &|_| false)
}

/// As [`walk`]; ends early when `enough`, asked with the number of files found, says so.
pub fn walk_until(
    folder: &Path,
    prefix: &str,
    config: &Config,
    no_ignore: bool,
    wanted: &dyn Fn(&str) -> bool,
    enough: &dyn Fn(usize) -> bool,
) -> Walked {
    let mut out = Walked::default();
    let skipped: Arc<Mutex<Vec<Left>>> = Arc::default();
    let (sink, excludes) = (skipped.clone(), config.clone());
    let mut builder = WalkBuilder::new(folder);
    builder
        .standard_filters(false)
        .parents(!no_ignore)
        .ignore(false)
        .git_ignore(!no_ignore)
        .git_exclude(!no_ignore)
        .require_git(false)
        .follow_links(false)
        .sort_by_file_name(std::ffi::OsStr::cmp);
    if !no_ignore {
        builder.add_custom_ignore_filename(".minivetignore");
    }
    builder.filter_entry(move |entry| {
        if entry.depth() == 0 {
            return true;
        }
        let name = entry.file_name().to_string_lossy();
        let is_dir = entry.file_type().is_some_and(|t| t.is_dir());
        if table().silent.iter().any(|s| *s == name) {
            return false;
        }
        let reason = if is_dir && !no_ignore && table().folders.iter().any(|s| *s == name) {
            "vendor"
        } else if excludes.excludes(entry.path()) {
            "excluded"
        } else {
            return true;
        };
        if let Ok(mut sink) = sink.lock() {
            sink.push((reason, entry.path().to_path_buf(), is_dir));
        }
        false
    });
    let relative = |path: &Path| {
        path.strip_prefix(folder)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/")
    };
    for entry in builder.build() {
        if enough(out.files.len()) {
            break;
        }
        match entry {
            Ok(entry) => {
                let name = relative(entry.path());
                let Some(kind) = entry
                    .file_type()
                    .filter(|_| !name.is_empty() && wanted(&name))
                else {
                    continue;
                };
                let reason = if kind.is_symlink() {
                    "link"
                } else if kind.is_dir() {
                    continue;
                } else if !kind.is_file() {
                    "special"
                } else if !no_ignore
                    && table()
                        .minified
                        .iter()
                        .any(|end| name.ends_with(end.as_str()))
                {
                    "minified"
                } else {
                    out.files.push(name);
                    continue;
                };
                out.skipped.push(Skip {
                    reason,
                    file: format!("{prefix}{name}"),
                    count: 1,
                });
            }
            Err(error) => {
                let why = error
                    .io_error()
                    .map_or_else(|| error.to_string(), |e| e.kind().to_string());
                let path =
                    failed_path(&error).map_or_else(|| folder.to_path_buf(), Path::to_path_buf);
                let file = format!("{prefix}{}", relative(&path));
                out.errors.push(FileError {
                    file,
                    kind: "read",
                    message: both("error-read", &[("why", &why)]),
                });
            }
        }
    }
    let found = skipped
        .lock()
        .map(|mut list| std::mem::take(&mut *list))
        .unwrap_or_default();
    for (reason, path, is_dir) in found {
        let name = relative(&path);
        let (count, end) = if is_dir {
            (count_files(&path, wanted), "/")
        } else {
            (usize::from(wanted(&name)), "")
        };
        if count > 0 {
            out.skipped.push(Skip {
                reason,
                file: format!("{prefix}{name}{end}"),
                count,
            });
        }
    }
    out.files.sort();
    out.skipped.sort();
    out
}

fn failed_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            failed_path(err)
        }
        _ => None,
    }
}

/// Files in a folder that is left out; counting stops at 100,000.
fn count_files(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> usize {
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .follow_links(false)
        .build();
    let files = walk
        .flatten()
        .filter(|e| e.file_type().is_some_and(|t| t.is_file()));
    files
        .filter(|e| wanted(&e.file_name().to_string_lossy()))
        .take(100_000)
        .count()
}

/// Why a file was not read.
#[derive(Debug)]
pub enum Unread {
    /// Should have been.
    Error(FileError),
    /// On purpose.
    Skip(Skip),
}

/// Reads one file. `name` is relative to the root, `shown` is what people are shown.
pub fn read(
    path: &Path,
    name: &str,
    shown: &str,
    config: &Config,
    skip_minified: bool,
) -> Result<Document, Unread> {
    let error = |kind, key: &str, values: &[(&str, &str)]| {
        Unread::Error(FileError {
            file: shown.to_string(),
            kind,
            message: both(key, values),
        })
    };
    let io = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => error("read", "error-vanished", &[]),
        kind => error("read", "error-read", &[("why", &kind.to_string())]),
    };
    let meta = std::fs::metadata(path).map_err(io)?;
    if !meta.is_file() {
        return Err(error("read", "error-special", &[]));
    }
    let limit = config.max_file_size.unwrap_or(DEFAULT_MAX_FILE_SIZE);
    let mut bytes = Vec::new();
    // The size is that of what is read: a file may grow, and files of /proc say 0.
    std::fs::File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(error(
            "too-large",
            "error-too-large",
            &[("limit", &size(limit))],
        ));
    }
    let text =
        decode(bytes).map_err(|(key, at)| error("encoding", key, &[("at", &at.to_string())]))?;
    if skip_minified && is_minified(name, &text) {
        return Err(Unread::Skip(Skip {
            reason: "minified",
            file: shown.to_string(),
            count: 1,
        }));
    }
    Ok(Document {
        path: name.into(),
        text: text.into(),
    })
}

/// A size as people read it.
pub fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b >= 1_000_000 && b % 1_000_000 == 0 => format!("{} MB", b / 1_000_000),
        b => format!("{b} bytes"),
    }
}

/// Bytes as text, or the text key that says what they are and where they stop to be UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, (&'static str, usize)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(("error-utf16", 0));
    }
    if memchr::memchr(0, &bytes[..bytes.len().min(8192)]).is_some() {
        return Err(("error-binary", 0));
    }
    String::from_utf8(bytes).map_err(|e| ("error-encoding", e.utf8_error().valid_up_to()))
}

/// Most of the script stands on very long lines that are no embedded images.
fn is_minified(name: &str, text: &str) -> bool {
    if text.len() < 4096 || !(name.ends_with("js") || name.ends_with(".wxs")) {
        return false;
    }
    let long: usize = text
        .lines()
        .filter(|l| l.len() > 1000 && !l.contains(";base64,"))
        .map(str::len)
        .sum();
    long * 2 > text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(decode(vec![0xff, 0xfe, b'a', 0]), Err(("error-utf16", 0)));
        assert_eq!(decode(vec![b'a', 0xca, 0xd6]), Err(("error-encoding", 1)));
        assert_eq!(decode(vec![b'a', 0, 1]), Err(("error-binary", 0)));
        assert_eq!(decode("号".into()), Ok("号".into()));
    }

    #[test]
    fn minified_files_have_long_lines_of_code() {
        assert!(is_minified("a.js", &"var a=1;".repeat(1000)));
        assert!(!is_minified("a.js", &"var a=1;\n".repeat(1000)));
        assert!(!is_minified(
            "a.js",
            &format!("a='data:image/png;base64,{}'\n", "A".repeat(9000))
        ));
    }
}
