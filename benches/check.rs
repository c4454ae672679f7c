//! Parse-only floors and the full check, on the same files, in one run: `cargo bench`.
//!
//! The files are those of `MINIVET_CORPUS` when it is set, else the apps of `tests/apps`, copied until there are some
//! megabytes. The full check is the program itself, start-up and reading of files included; the floors read the files too.
//! Processor time counts, so that other work on the machine does not; still it depends on the machine, so nothing here is a
//! test: compare the rows.

#![allow(clippy::print_stdout)]

use minivet::config::Config;
use minivet::facts::analyze;
use minivet::project::walk;
use minivet::rules::RuleSet;
use minivet::syntax::{Dialects, Document, FileKind, Grammar, parse};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What the own apps are multiplied to, bytes.
const WANTED: u64 = 4_000_000;

struct Input {
    folder: PathBuf,
    /// What the program would look into, with what it is.
    files: Vec<(PathBuf, FileKind)>,
    bytes: u64,
    /// Keeps the copies alive.
    _copies: Option<tempfile::TempDir>,
}

fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(|| {
        toml::from_str(include_str!("../queries/data/dialects.toml"))
            .expect("internal: dialects.toml is well formed")
    })
}

/// The files that the program looks into.
fn files_under(folder: &Path) -> Vec<(PathBuf, FileKind)> {
    let config = Config::default();
    let kind_of = |name: &str| dialects().kind_of(name).filter(|k| *k != FileKind::Plain);
    let walked = walk::walk(folder, "", &config, false, &|name| kind_of(name).is_some());
    let files = walked.files.iter().filter_map(|name| {
        let path = folder.join(name);
        let read = walk::read(&path, name, name, &config, true).ok()?;
        Some((path, kind_of(&read.path)?))
    });
    files.collect()
}

fn size_of(files: &[(PathBuf, FileKind)]) -> u64 {
    files
        .iter()
        .map(|(path, _)| fs::metadata(path).map_or(0, |meta| meta.len()))
        .sum()
}

fn multiplied() -> (PathBuf, tempfile::TempDir) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/apps");
    let files = files_under(&source);
    let copies = tempfile::tempdir().expect("a temporary folder");
    let n = WANTED / size_of(&files).max(1) + 1;
    for n in 0..n {
        for (path, _) in &files {
            let relative = path
                .strip_prefix(&source)
                .expect("internal: the file is under its folder");
            let to = copies.path().join(format!("copy-{n}")).join(relative);
            fs::create_dir_all(to.parent().expect("internal: a file has a folder"))
                .expect("a folder");
            fs::copy(path, to).expect("a copy");
        }
    }
    (copies.path().to_path_buf(), copies)
}

fn input() -> &'static Input {
    static INPUT: OnceLock<Input> = OnceLock::new();
    INPUT.get_or_init(|| {
        let (folder, copies) = match std::env::var_os("MINIVET_CORPUS") {
            Some(corpus) => (PathBuf::from(corpus), None),
            None => {
                let (folder, copies) = multiplied();
                (folder, Some(copies))
            }
        };
        let files = files_under(&folder);
        let bytes = size_of(&files);
        eprintln!(
            "{} files, {:.1} MB under {}",
            files.len(),
            bytes as f64 / 1e6,
            folder.display()
        );
        Input {
            folder,
            files,
            bytes,
            _copies: copies,
        }
    })
}

/// The grammars alone, as any tool built on tree-sitter has to pay: whole files, no embedded languages.
fn tree_sitter_floor(input: &Input) {
    for (path, kind) in &input.files {
        let language: tree_sitter::Language = match kind {
            FileKind::Script(Grammar::TypeScript) => {
                tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()
            }
            FileKind::Script(Grammar::Tsx) => tree_sitter_typescript::LANGUAGE_TSX.into(),
            FileKind::Json => tree_sitter_json::LANGUAGE.into(),
            FileKind::Template | FileKind::Component => tree_sitter_html::LANGUAGE.into(),
            _ => tree_sitter_javascript::LANGUAGE.into(),
        };
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut parser = tree_sitter::Parser::new();
        parser
            .set_language(&language)
            .expect("internal: the grammar fits");
        std::hint::black_box(parser.parse(&text, None));
    }
}

fn document(path: &Path) -> Document {
    Document {
        path: Arc::from(path.to_string_lossy()),
        text: Arc::from(fs::read_to_string(path).unwrap_or_default()),
    }
}

/// Our own parsing: blocks, embedded expressions, markup trees.
fn parse_floor(input: &Input) {
    for (path, kind) in &input.files {
        std::hint::black_box(parse(&document(path), *kind, dialects(), None));
    }
}

/// Parsing and the facts of each file.
fn facts(input: &Input) {
    let rules = RuleSet::builtin();
    for (path, kind) in &input.files {
        let document = document(path);
        let parsed = parse(&document, *kind, dialects(), None);
        std::hint::black_box(analyze(&document, &parsed, &rules, None));
    }
}

fn check(input: &Input, jobs: &str) {
    let status = Command::new(env!("CARGO_BIN_EXE_minivet"))
        .args(["check", "--format", "json", "--fail-on", "never"])
        .args(["--jobs", jobs])
        .arg(&input.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(status.success(), "the check ended with {status}");
}

/// Processor time of this process and of its children that have ended, where the system tells.
fn processor_time() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    // utime, stime, cutime, cstime in hundredths of a second, behind the name and the state.
    let ticks = fields.get(11..15)?.iter().map(|f| f.parse::<u64>().ok());
    Some(Duration::from_millis(10 * ticks.sum::<Option<u64>>()?))
}

/// The least processor time and the least wall time of some runs, in seconds.
fn measure(runs: usize, mut run: impl FnMut()) -> (f64, f64) {
    let mut least = (f64::INFINITY, f64::INFINITY);
    for _ in 0..runs {
        let (started, before) = (Instant::now(), processor_time());
        run();
        let wall = started.elapsed().as_secs_f64();
        let spent = before.zip(processor_time()).map(|(b, a)| a - b);
        let time = spent.map_or(wall, |d| d.as_secs_f64());
        least = (least.0.min(time), least.1.min(wall));
    }
    least
}

fn main() {
    let input = input();
    let runs = 5;
    let rows: [(&str, &dyn Fn()); 5] = [
        ("tree-sitter alone", &|| tree_sitter_floor(input)),
        ("parse", &|| parse_floor(input)),
        ("parse and facts", &|| facts(input)),
        ("check, one thread", &|| check(input, "1")),
        ("check, two threads", &|| check(input, "2")),
    ];
    println!("least of {runs} runs; × is processor time beside `parse`");
    println!(
        "{:20} {:>9} {:>9} {:>6} {:>8}",
        "", "CPU s", "wall s", "×", "MB/s"
    );
    let mut floor = f64::NAN;
    for (name, run) in rows {
        let (time, wall) = measure(runs, run);
        if name == "parse" {
            floor = time;
        }
        let speed = input.bytes as f64 / 1e6 / time;
        println!(
            "{name:20} {time:9.2} {wall:9.2} {:6.2} {speed:8.1}",
            time / floor
        );
    }
}
