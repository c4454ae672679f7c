//! Faults: hostile input, hostile environments. Which test looks after which line of `pitfalls.md`:
//!
//! | line | test |
//! | --- | --- |
//! | Never 1, no crash on any input | `deep_code_in_every_language_and_a_small_stack`, `marks_without_end_cost_no_more_than_their_length`, `large_and_binary_files`, `cli::odd_files_are_one_sentence_each_and_the_rest_is_checked`, `lsp::protocol::{deep_code_costs_nothing_in_any_language, a_document_that_is_too_large_is_said_and_costs_nothing_else}`, `cli::the_current_folder_may_vanish` |
//! | Never 2, no damaged file | `a_mend_that_is_killed_leaves_every_file_whole`, `a_mend_that_cannot_be_written_changes_nothing`, `two_mends_at_once_leave_every_file_whole` |
//! | Never 3, no secret in clear | `cli::a_secret_is_found_and_printed_nowhere`, `lsp::protocol::a_secret_leaves_the_server_nowhere` |
//! | Never 4, no socket, no child, no write | `the_program_opens_no_socket_and_starts_no_program`, `nothing_is_written_without_being_asked_nor_outside` |
//! | Never 5, no raw control character | `cli::odd_files_are_one_sentence_each_and_the_rest_is_checked`, `code_cannot_move_the_cursor` |
//! | Never 6, diagnostics of their version | `lsp::edits::*`, `lsp::workspace::closed_files_have_diagnostics_that_follow_the_disk` |
//! | Never 7, nothing skipped in silence | `cli::what_is_skipped_is_said`, `cli::odd_files_are_one_sentence_each_and_the_rest_is_checked`, `lsp::protocol::a_document_that_is_too_large_is_said_and_costs_nothing_else` |
//! | Never 8, the end | `lsp::protocol::{exit_code_tells_whether_shutdown_came, the_server_ends_with_its_parent, the_end_comes_soon}` |
//! | Never 9 and Measured, malformed bodies, `$/` requests, repeated values | `lsp::protocol::{wrong_messages_get_one_error_each_and_no_more, bodies_that_are_no_text_cost_one_error}` |
//! | Measured, a range with start after end | `lsp::protocol::a_range_the_wrong_way_round_is_no_end` |
//! | Measured, the obvious command line | `cli::{a_reader_that_leaves_is_no_error, odd_files_are_one_sentence_each_and_the_rest_is_checked, the_current_folder_may_vanish}`, `files_that_vanish_or_cannot_be_read_are_said` |
//! | Measured, ropey's lines and tree-sitter's rows | `lsp::protocol::lines_are_those_of_the_protocol` |

use super::support::{self, app};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const LEAK: &str = "load('http://api.youpin.cn/v1')\n";
const MENDED: &str = "load('https://api.youpin.cn/v1')\n";

fn minivet(dir: &Path, args: &[&str]) -> Command {
    let mut command = support::minivet(dir);
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs under a shell's limits: `ulimit -s 1024`.
fn limited(dir: &Path, limit: &str, args: &str) -> std::process::Output {
    let script = format!("{limit}; exec {} {args}", env!("CARGO_BIN_EXE_minivet"));
    Command::new("sh")
        .args(["-c", &script])
        .current_dir(dir)
        .env_clear()
        .env("LANG", "C")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn all(out: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    )
}

#[test]
fn deep_code_in_every_language_and_a_small_stack() {
    let n = 20_000;
    let nest = |open: &str, middle: &str, close: &str| {
        format!("{}{middle}{}", open.repeat(n), close.repeat(n))
    };
    let view = nest("<view>", "x", "</view>");
    let block = format!(
        "<template>{view}</template>\n<script>{}</script>\n",
        nest("f(", "1", ")")
    );
    let dir = app(&[
        ("arrays.js", &nest("[", "1", "]")),
        ("calls.js", &nest("f(", "1", ")")),
        ("members.js", &format!("a{}", ".b".repeat(n))),
        ("sums.js", &format!("1{}", "+a".repeat(n))),
        ("blocks.js", &nest("{", "", "}")),
        ("ifs.js", &"if(a)".repeat(n)),
        ("functions.js", &nest("function f(){", "", "}")),
        ("arrows.js", &format!("{}1", "a=>".repeat(n))),
        ("templates.js", &nest("`${", "1", "}`")),
        ("open.ts", &"({a:".repeat(n)),
        (
            "types.ts",
            &format!("type A = {}", nest("Array<", "B", ">")),
        ),
        (
            "elements.tsx",
            &format!("const a = {}", nest("<View>", "x", "</View>")),
        ),
        ("a.json", &nest("[", "1", "]")),
        ("app.json", &nest("{\"a\":", "1", "}")),
        ("a.wxml", &view),
        (
            "b.wxml",
            &format!("<a b=\"{{{{{}}}}}\"/>", nest("(", "1", ")")),
        ),
        ("a.axml", &view),
        ("a.wxs", &nest("(", "1", ")")),
        ("a.vue", &block),
        ("a.mpx", &block),
        ("a.wpy", &block),
        ("leak.js", LEAK),
    ]);
    let out = limited(dir.path(), "ulimit -s 1024", "check --format json");
    let said = all(&out);
    assert_eq!(out.status.code(), Some(1), "{:?}: {said:.400}", out.status);
    assert!(
        !said.contains("panicked") && said.contains("leak.js"),
        "{said:.400}"
    );
}

/// What is read for marks is read once, however often they stand there.
#[test]
fn marks_without_end_cost_no_more_than_their_length() {
    let n = 60_000;
    let opened = |mark: &str| format!("x{}", mark.repeat(n));
    let nested = format!(
        "x{}x{}",
        "/*#ifdef H5*/".repeat(n / 2),
        "/*#endif*/".repeat(n / 2)
    );
    let in_turn = "/* #ifdef H5 */\nlet a = 'b'\n/* #endif */\n".repeat(n / 6);
    let component = format!(
        "<template>{}</template><script>{in_turn}</script>",
        "<!-- #ifdef H5 --><a/>\n<!-- #endif -->".repeat(n / 6)
    );
    let dir = app(&[
        ("blocks.js", &opened("/*#ifdef H5*/")),
        ("line.js", &opened("//#ifdef H5 ")),
        ("marks.js", &opened("/*#")),
        ("condition.js", &opened("/* #ifdef H5||MP || ")),
        ("nested.js", &nested),
        ("in-turn.js", &in_turn),
        ("component.vue", &component),
        ("comments.ts", &(opened("/**/ ") + ".y")),
        (
            "comments.js",
            &("x".to_string() + &"// a\n".repeat(n) + ".y"),
        ),
        ("urls.js", &"'http://a',".repeat(n)),
        ("leak.js", LEAK),
    ]);
    let start = std::time::Instant::now();
    let out = minivet(dir.path(), &["check"]).output().unwrap();
    let said = all(&out);
    assert!(start.elapsed() < Duration::from_secs(60), "{said:.600}");
    assert!(
        said.contains("leak.js:1:") && said.contains("comments.ts: "),
        "{said:.2000}"
    );
}

#[test]
fn large_and_binary_files() {
    let long = format!("var a = '{}'\n{LEAK}", "x".repeat(5_000_000));
    let many = "var a = b + 1\n".repeat(100_000) + LEAK;
    let dir = app(&[
        ("line.js", &long),
        ("many.js", &many),
        ("line.wxml", &"<view a=\"{{b}}\"/>".repeat(200_000)),
        ("minivet.toml", "max-file-size = \"20MB\"\n"),
    ]);
    fs::write(dir.path().join("binary.js"), [0u8, 159, 146, 150, 0, 1, 2]).unwrap();
    let nul = [LEAK.as_bytes(), &[0, 0, 7, 27], LEAK.as_bytes()].concat();
    fs::write(dir.path().join("nul.js"), nul).unwrap();
    let out = minivet(dir.path(), &["check", "--no-ignore"])
        .output()
        .unwrap();
    let said = all(&out);
    assert_eq!(out.status.code(), Some(2), "{said:.600}");
    assert!(said.contains("binary.js: "), "{said:.600}");
    for file in ["line.js:2:", "many.js:100001:", "nul.js: "] {
        assert!(said.contains(file), "{file}: {said:.2000}");
    }
    assert!(!said.contains("panicked"), "{said:.600}");
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn code_cannot_move_the_cursor() {
    let evil = "load('http://api.youpin.cn/v1') // \u{1b}[2J\u{7}\u{9b}31m\u{202e}x\r\n";
    let dir = app(&[
        ("a.js", evil),
        ("app.json", "{\"pages\": [\"\u{1b}[31mx\"]}"),
    ]);
    for format in [
        "text", "json", "jsonl", "sarif", "github", "gitlab", "junit",
    ] {
        let out = minivet(dir.path(), &["check", "-v", "--format", format])
            .output()
            .unwrap();
        let said = all(&out);
        assert_eq!(out.status.code(), Some(1), "{said}");
        let bad = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!said.chars().any(bad), "{format}: {said:?}");
    }
}

/// Many files with something to mend each.
fn many(n: usize) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for index in 0..n {
        fs::write(dir.path().join(format!("{index}.js")), LEAK).unwrap();
    }
    dir
}

/// Every file is the old or the new one. How many are new, and what else lies there.
fn look(dir: &Path) -> (usize, Vec<String>) {
    let (mut new, mut other) = (0, Vec::new());
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".js") || name.starts_with('.') {
            other.push(name);
            continue;
        }
        match fs::read_to_string(entry.path()).unwrap().as_str() {
            LEAK => {}
            MENDED => new += 1,
            text => panic!("{name} is neither old nor new: {text:?}"),
        }
    }
    (new, other)
}

const FIX: [&str; 3] = ["check", "--fix", "--unsafe-fixes"];

#[test]
fn a_mend_that_is_killed_leaves_every_file_whole() {
    let mut killed = 0;
    for trial in 0..24u64 {
        let signal = ["KILL", "TERM", "INT"][trial as usize % 3];
        let dir = many(60);
        let mut child = minivet(dir.path(), &FIX).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(30 + trial * 11));
        let kill = ["-s", signal, &child.id().to_string()].map(str::to_string);
        drop(
            Command::new("kill")
                .args(kill)
                .stderr(Stdio::null())
                .status(),
        );
        let status = child.wait().unwrap();
        killed += usize::from(status.signal().is_some() || status.code() == Some(130));
        let (_, other) = look(dir.path());
        if signal != "KILL" {
            assert!(other.is_empty(), "{signal}: {other:?}");
        }
    }
    assert!(killed > 0, "no trial was early enough");
}

#[test]
fn two_mends_at_once_leave_every_file_whole() {
    let dir = many(60);
    let children: Vec<_> = (0..3)
        .map(|_| minivet(dir.path(), &FIX).spawn().unwrap())
        .collect();
    for child in children {
        let out = child.wait_with_output().unwrap();
        let said = all(&out);
        assert!(matches!(out.status.code(), Some(0..=2)), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert_eq!(look(dir.path()).1, [""; 0]);
}

#[test]
fn a_mend_that_cannot_be_written_changes_nothing() {
    // No file may grow beyond nothing: as on a full disk.
    let dir = many(3);
    let out = limited(
        dir.path(),
        "trap '' XFSZ; ulimit -f 0",
        "check --fix --unsafe-fixes",
    );
    assert_eq!(out.status.code(), Some(2), "{}", all(&out));
    assert_eq!(all(&out).lines().count(), 1, "one sentence: {}", all(&out));
    assert_eq!(look(dir.path()), (0, Vec::new()));
    let out = minivet(dir.path(), &["check", "--output", "/dev/full"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", all(&out));
    let out = minivet(dir.path(), &["check", "--output", "none/x.json"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", all(&out));
    assert!(all(&out).contains("none/x.json"), "{}", all(&out));
    // A file that may not be written is left alone.
    fs::set_permissions(dir.path().join("0.js"), fs::Permissions::from_mode(0o444)).unwrap();
    minivet(dir.path(), &FIX).output().unwrap();
    assert_eq!(look(dir.path()), (2, Vec::new()));
    assert_eq!(fs::read_to_string(dir.path().join("0.js")).unwrap(), LEAK);
}

#[test]
fn nothing_is_written_without_being_asked_nor_outside() {
    let outside = app(&[("shared.js", LEAK), ("lib/a.js", LEAK)]);
    let dir = app(&[("a.js", LEAK), ("app.json", "{}")]);
    let root = dir.path();
    std::os::unix::fs::symlink(outside.path().join("shared.js"), root.join("link.js")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("lib"), root.join("lib")).unwrap();
    let before = listing(root);
    for args in [
        &["check"][..],
        &["check", "--diff", "--unsafe-fixes"],
        &["check", "--format", "sarif"],
        &["flows"],
        &["rules"],
        &["explain", "leak/log"],
    ] {
        minivet(root, args).output().unwrap();
        assert_eq!(listing(root), before, "{args:?}");
    }
    minivet(root, &FIX).output().unwrap();
    assert_eq!(fs::read_to_string(root.join("a.js")).unwrap(), MENDED);
    let kept = |name: &str| fs::read_to_string(outside.path().join(name)).unwrap();
    assert_eq!(
        (kept("shared.js"), kept("lib/a.js")),
        (LEAK.into(), LEAK.into())
    );
}

/// Names, contents and times of all files.
fn listing(dir: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let mut out: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let content = fs::read(entry.path()).unwrap_or_default();
            (name, content, entry.metadata().unwrap().modified().unwrap())
        })
        .collect();
    out.sort();
    out
}

/// Needs no tracer: what is not there cannot be called.
#[test]
fn the_program_opens_no_socket_and_starts_no_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("src")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for word in [
                "std::net",
                "tokio::net",
                "TcpStream",
                "UdpSocket",
                "process::Command",
                "Command::new",
            ] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
    // Nor does a dependency that could.
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    for crate_name in [
        "tokio",
        "mio",
        "reqwest",
        "hyper",
        "ureq",
        "curl",
        "rustls",
        "native-tls",
    ] {
        assert!(
            !lock.contains(&format!("name = \"{crate_name}\"")),
            "{crate_name}"
        );
    }
}

#[test]
fn files_that_vanish_or_cannot_be_read_are_said() {
    let dir = app(&[("a.js", LEAK), ("b.js", LEAK)]);
    let root = dir.path();
    let out = minivet(root, &["check", "a.js", "gone.js"])
        .output()
        .unwrap();
    let said = all(&out);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(
        said.contains("gone.js: ") && said.contains("a.js:1:"),
        "{said}"
    );
    // Who is root reads everything.
    let hidden = root.join("b.js");
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o0)).unwrap();
    if fs::read(&hidden).is_err() {
        let out = minivet(root, &["check"]).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{}", all(&out));
        assert!(all(&out).contains("b.js: "), "{}", all(&out));
    }
    // Files that come and go while they are checked.
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for n in 0..40 {
                    let path = root.join(format!("x{n}.js"));
                    drop(fs::File::create(&path).and_then(|mut f| f.write_all(LEAK.as_bytes())));
                    drop(fs::remove_file(&path));
                }
            }
        });
        for _ in 0..5 {
            let out = minivet(root, &["check"]).output().unwrap();
            let said = all(&out);
            assert!(matches!(out.status.code(), Some(1 | 2)), "{said}");
            assert!(!said.contains("panicked"), "{said}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn configurations_of_every_wrong_shape_are_one_sentence() {
    let cases: &[(&str, &[u8])] = &[
        ("minivet.toml", b"select = ["),
        ("minivet.toml", b"\xff\xfe"),
        ("minivet.toml", b"min-confidence = 3"),
        ("minivet.toml", b"extra-queries = [\"none\"]"),
        ("minivet.toml", b"exclude = [\"[\"]"),
        ("minivet.toml", b"[severity]\n\"no/rule\" = \"error\""),
        ("package.json", b"{\"minivet\": {\"select\": 1}}"),
        ("package.json", b"{\"minivet\": []}"),
    ];
    for (name, text) in cases {
        let dir = app(&[("a.js", "1\n")]);
        fs::write(dir.path().join(name), text).unwrap();
        let out = minivet(dir.path(), &["check"]).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        let shown = String::from_utf8_lossy(text);
        assert_eq!(out.status.code(), Some(2), "{shown:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{shown:?}: {said}");
        assert!(said.starts_with("minivet: "), "{shown:?}: {said}");
        assert!(!said.contains("panicked"), "{shown:?}: {said}");
    }
}

/// Once all PATHs had the rules of the first one.
#[test]
fn every_path_has_its_own_rules() {
    let rule = |id: &str| {
        format!(
            "severity = \"warning\"\nconfidence = \"high\"\n[message.en]\nwhat = \"{id} found\"\n[message.zh-CN]\nwhat = \"{id}\"\n[[match]]\non = \"pattern\"\n"
        )
    };
    let pattern =
        "((call_expression function: (_) @callee) @finding\n  (#eq? @callee \"trace\"))\n";
    let (one, two) = (rule("one"), rule("two"));
    let dir = app(&[
        ("one/minivet.toml", "extra-queries = [\"rules\"]\n"),
        ("one/rules/team/one/rule.toml", &one),
        ("one/rules/team/one/en.md", "# One\n"),
        ("one/rules/team/one/ecma.scm", pattern),
        ("one/app/a.js", "trace(1)\n"),
        ("two/minivet.toml", "extra-queries = [\"rules\"]\n"),
        ("two/rules/team/two/rule.toml", &two),
        ("two/rules/team/two/en.md", "# Two\n"),
        ("two/rules/team/two/ecma.scm", pattern),
        ("two/app/b.js", "trace(1)\n"),
        ("none/c.js", "trace(1)\n"),
    ]);
    let args = ["check", "none", "one/app", "two/app", "--format", "json"];
    let out = minivet(dir.path(), &args).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let found = json["findings"].as_array().unwrap();
    let found: Vec<String> = found
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f["file"].as_str().unwrap(),
                f["rule"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(found, ["a.js team/one", "b.js team/two"]);
    for format in ["text", "sarif"] {
        let out = minivet(
            dir.path(),
            &["check", "one/app", "two/app", "--format", format],
        )
        .output()
        .unwrap();
        assert_eq!(out.status.code(), Some(1), "{}", all(&out));
        assert!(all(&out).contains("two found"), "{}", all(&out));
    }
}

#[test]
fn text_fits_the_width_and_begins_with_the_place_of_the_finding() {
    let page = "Page({\n  onLoad(query) {\n    const typed = query.phone\n    wx.setStorageSync('draft', typed)\n  },\n})\n";
    let dir = app(&[("app.json", "{\"pages\": [\"a\"]}"), ("a.js", page)]);
    for (language, columns) in [("en", "72"), ("zh-CN", "64")] {
        let out = minivet(dir.path(), &["check", "--lang", language])
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        let said = all(&out);
        let at = said.lines().find(|line| line.contains('▸')).unwrap();
        assert!(at.ends_with("a.js:4:5"), "{said}");
        // The head is one line for those who search; steps name whole paths.
        let notes = said
            .lines()
            .filter(|line| line.starts_with(' ') && !line.contains(".js:"));
        for line in notes {
            let width: usize = line.chars().map(|c| 1 + usize::from(c > '\u{2e80}')).sum();
            assert!(width <= columns.parse().unwrap(), "{line}\n{said}");
        }
    }
}
