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

/// A small app of a Markdown file: a section whose code blocks are its files.
pub struct Case {
    pub title: String,
    /// Path and text.
    pub files: Vec<(String, String)>,
}

impl Case {
    /// A folder with its files.
    pub fn made(&self) -> TempDir {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(n, t)| (&**n, &**t)).collect();
        app(&files)
    }
}

/// The apps of a Markdown file.
pub fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut block: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((name, body)) = &mut block {
            if line != "```" {
                body.push_str(line);
                body.push('\n');
                continue;
            }
            let case = cases.last_mut().expect("a block stands in a section");
            case.files.push((name.clone(), std::mem::take(body)));
            block = None;
        } else if let Some(info) = line.strip_prefix("```") {
            let name = info.split_once(' ').expect("a block has a name").1;
            block = Some((name.into(), String::new()));
        } else if let Some(title) = line.strip_prefix("## ") {
            let (title, files) = (title.into(), Vec::new());
            cases.push(Case { title, files });
        }
    }
    cases
}
