//! What black-box tests share: a folder of files, and the program run in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What a run left.
pub struct Out {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The program, in a folder, with nothing of the surroundings.
pub fn minivet(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minivet"));
    command
        .current_dir(dir)
        .env_clear()
        .env("LANG", "C")
        .stdin(Stdio::null());
    command
}

pub fn run(dir: &Path, args: &[&str]) -> Out {
    let out = minivet(dir).args(args).output().unwrap();
    Out {
        code: out.status.code(),
        out: String::from_utf8(out.stdout).unwrap(),
        err: String::from_utf8(out.stderr).unwrap(),
    }
}

/// A folder with these files.
pub fn app(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}
