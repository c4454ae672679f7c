//! The one place that writes files: temporary file in the same folder, mode copied, synced, renamed. All of a set or none.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Temporary files that a signal must take away.
static TEMPS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A written temporary file that waits to take its target's place.
pub struct Staged {
    target: PathBuf,
    temp: Option<PathBuf>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temp) = self.temp.take() {
            // Already gone is as good.
            drop(std::fs::remove_file(&temp));
            forget(&temp);
        }
    }
}

fn forget(temp: &Path) {
    if let Ok(mut temps) = TEMPS.lock() {
        temps.retain(|t| t != temp);
    }
}

/// Writes `bytes` beside `target`.
pub fn stage(target: &Path, bytes: &[u8]) -> io::Result<Staged> {
    guard_signals();
    // The file itself, not a link to it, is what changes.
    let target = std::fs::canonicalize(target).unwrap_or_else(|_| target.to_path_buf());
    let mode = match std::fs::metadata(&target) {
        Ok(meta) if !meta.is_file() => return Err(io::Error::other("not a regular file")),
        Ok(meta) if meta.permissions().readonly() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(meta) => Some(meta.permissions()),
        Err(_) => None,
    };
    let folder = target
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let made = tempfile::Builder::new()
        .prefix(".minivet-")
        .suffix(".tmp")
        .make_in(folder, |path| {
            // Known before it exists: a signal in between must find it.
            if let Ok(mut temps) = TEMPS.lock() {
                temps.push(path.to_path_buf());
            }
            std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(path)
                .inspect_err(|_| forget(path))
        })?;
    let (mut file, path) = made.into_parts();
    let path = path.keep().map_err(|e| e.error)?;
    let staged = Staged {
        target,
        temp: Some(path.clone()),
    };
    file.write_all(bytes)?;
    if let Some(mode) = mode {
        std::fs::set_permissions(&path, mode)?;
    }
    file.sync_all()?;
    Ok(staged)
}

/// Puts all staged files in place. They are all written by then, so that only a rename can fail.
pub fn commit(staged: Vec<Staged>) -> io::Result<()> {
    for mut one in staged {
        if let Some(temp) = one.temp.take() {
            if let Err(error) = std::fs::rename(&temp, &one.target) {
                one.temp = Some(temp);
                return Err(error);
            }
            forget(&temp);
        }
    }
    Ok(())
}

/// Writes one file.
pub fn write(target: &Path, bytes: &[u8]) -> io::Result<()> {
    commit(vec![stage(target, bytes)?])
}

#[cfg(unix)]
fn guard_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else {
            return;
        };
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // The lock is kept until the end: no new temporary file comes into being.
                let temps = TEMPS.lock();
                if let Ok(temps) = &temps {
                    for temp in temps.iter() {
                        drop(std::fs::remove_file(temp));
                    }
                }
                drop(signal_hook::low_level::emulate_default_handler(signal));
                std::process::exit(128 + signal);
            }
        });
    });
}

#[cfg(not(unix))]
fn guard_signals() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_files_is_written_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        std::fs::write(&one, "old").unwrap();
        let staged = stage(&one, b"new").unwrap();
        assert!(stage(&dir.path().join("no/such/folder"), b"x").is_err());
        drop(staged);
        assert_eq!(std::fs::read(&one).unwrap(), b"old");
        commit(vec![
            stage(&one, b"new").unwrap(),
            stage(&two, b"2").unwrap(),
        ])
        .unwrap();
        assert_eq!(std::fs::read(&one).unwrap(), b"new");
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            2,
            "no temporary file stays"
        );
    }

    #[cfg(unix)]
    #[test]
    fn modes_stay_links_stay_and_read_only_files_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o751)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o751
        );
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
        assert!(write(&file, b"x").is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }
}
