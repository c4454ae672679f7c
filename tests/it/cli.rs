//! The command line from outside: options, formats, exit codes, and the faults of `pitfalls.md`.

use super::support::{app, minivet, run};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

#[test]
fn a_clean_app_is_code_0_in_every_format() {
    let dir = app(&[("pages/a.js", "Page({})\n"), ("app.json", "{}")]);
    for format in [
        "text", "json", "jsonl", "sarif", "github", "gitlab", "junit",
    ] {
        let out = run(dir.path(), &["check", "--format", format]);
        assert_eq!(
            (out.code, out.err.as_str()),
            (Some(0), ""),
            "{format}: {}",
            out.out
        );
    }
    let out = run(dir.path(), &["check", "--format", "json", "pages/a.js"]);
    let json: serde_json::Value = serde_json::from_str(&out.out).unwrap();
    assert_eq!(json["summary"]["files"], 1);
    let flows = run(dir.path(), &["flows", "--format", "json"]);
    assert_eq!(flows.code, Some(0));
    assert_eq!(flows.err, "");
    let leaking = app(&[(
        "pages/a.js",
        "Page({ onLoad() { console.log(wx.getStorageSync('phone')) } })\n",
    )]);
    let flows = run(leaking.path(), &["flows", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&flows.out).unwrap();
    assert_eq!(json["flows"][0]["data"][0], "phone", "{}", flows.out);
    // A call that protects what reaches it says so.
    let encrypted = app(&[(
        "pages/a.js",
        "Page({ onLoad(q) { wx.setStorage({ key: 'a', data: q.phone, encrypt: true }) } })\n",
    )]);
    let flows = run(encrypted.path(), &["flows", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&flows.out).unwrap();
    assert_eq!(json["flows"][0]["protection"], "encrypted", "{}", flows.out);
}

#[test]
fn usage_and_configuration_errors_are_code_2_and_name_the_mend() {
    let dir = app(&[("a.js", ""), ("minivet.toml", "\nselct = []\n")]);
    let out = run(dir.path(), &["check"]);
    assert_eq!(out.code, Some(2));
    assert!(
        out.err
            .contains("minivet.toml:2: unknown key `selct`; did you mean `select`?"),
        "{}",
        out.err
    );
    fs::write(dir.path().join("minivet.toml"), "").unwrap();
    for (args, said) in [
        (&["check", "nowhere"][..], "nowhere"),
        (
            &["check", "--select", "leak/lgo"],
            "did you mean `leak/log`?",
        ),
        (&["check", "--formt", "json"], "--format"),
        (&["check", "-"], "--stdin-filename"),
        (&["check", "--config", "none.toml"], "none.toml"),
        (&["check", "--baseline", "none.json"], "none.json"),
        (&["explain", "leak/lgo"], "did you mean `leak/log`?"),
        (&["init"], "already there"),
    ] {
        let out = run(dir.path(), args);
        assert_eq!(out.code, Some(2), "{args:?}");
        assert!(
            format!("{}{}", out.out, out.err).contains(said),
            "{args:?}: {} {}",
            out.out,
            out.err
        );
    }
    let chinese = minivet(dir.path())
        .args(["check", "--select", "x/y"])
        .env("LC_ALL", "zh_CN.UTF-8")
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&chinese.stderr).contains("未知的规则"));
}

#[test]
fn what_is_skipped_is_said() {
    let dir = app(&[
        ("a.js", "1\n"),
        ("node_modules/x/i.js", "1"),
        ("lib.min.js", "1"),
        ("git.js", "1"),
        ("own.js", "1"),
        ("off/x.js", "1"),
        (".gitignore", "git.js\n"),
        (".minivetignore", "own.js\n"),
        ("minivet.toml", "exclude = [\"off\"]\nmax-file-size = 100\n"),
        ("big.js", &"var a\n".repeat(100)),
    ]);
    let out = run(dir.path(), &["check", "-v"]);
    for said in [
        "node_modules/: packages",
        "lib.min.js: minified",
        "off/: excluded",
        "big.js: is larger than 100 bytes",
    ] {
        assert!(out.out.contains(said), "{said}: {}", out.out);
    }
    assert!(out.out.contains("in 1 file."), "{}", out.out);
    let out = run(dir.path(), &["check", "--no-ignore"]);
    assert!(out.out.contains("in 5 files."), "{}", out.out);
}

#[test]
fn odd_files_are_one_sentence_each_and_the_rest_is_checked() {
    let dir = app(&[
        ("good.js", "1\n"),
        ("deep.js", &"[".repeat(20_000)),
        ("deep.wxml", &"<view>".repeat(20_000)),
    ]);
    let root = dir.path();
    fs::write(root.join("gbk.js"), b"// \xca\xd6").unwrap();
    fs::write(root.join("utf16.js"), b"\xff\xfea\0").unwrap();
    fs::write(
        root.join("line.js"),
        format!("var a = '{}'\n", "x".repeat(5_000_000)),
    )
    .unwrap();
    fs::write(
        root.join(std::ffi::OsStr::from_bytes(b"n\xff\x1b[31m.js")),
        "1\n",
    )
    .unwrap();
    std::os::unix::fs::symlink(".", root.join("loop")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", root.join("zero.js")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(root.join("pipe.js"))
            .status()
            .unwrap()
            .success()
    );
    for format in ["text", "json", "sarif", "github"] {
        let out = run(root, &["check", "-v", "--format", format]);
        assert_eq!(out.code, Some(2), "{format}: {}", out.err);
        let all = format!("{}{}", out.out, out.err);
        for said in ["gbk.js", "UTF-16", "line.js"] {
            assert!(all.contains(said), "{format}, {said}: {all}");
        }
        assert!(
            all.chars().all(|c| c == '\n' || !c.is_control()),
            "{format}: {all:?}"
        );
        assert!(!all.contains("panicked"), "{all}");
    }
    assert_eq!(run(root, &["check", "zero.js"]).code, Some(2));
    assert_eq!(run(root, &["check", "pipe.js"]).code, Some(2));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let dir = app(&[("a.js", "1\n")]);
    let mut child = minivet(dir.path())
        .args(["rules", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn standard_input_and_output_files() {
    let dir = app(&[]);
    let mut child = minivet(dir.path())
        .args([
            "check",
            "-",
            "--stdin-filename",
            "pages/a.js",
            "--format",
            "json",
            "--output",
            "out.json",
        ])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all("Page({})".as_bytes())
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let json: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(dir.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["files"], 1);
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "no temporary file stays"
    );
}

#[test]
fn the_current_folder_may_vanish() {
    let dir = app(&[("gone/a.js", "1")]);
    let script = format!(
        "cd gone && rm -r ../gone && {} check",
        env!("CARGO_BIN_EXE_minivet")
    );
    let out = Command::new("sh")
        .args(["-c", &script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&out.stderr);
    assert!(
        matches!(out.status.code(), Some(0 | 2)) && !err.contains("panicked"),
        "{err}"
    );
}

#[test]
fn a_baseline_flag_does_not_swallow_the_path() {
    let dir = app(&[("app/a.js", "1\n")]);
    let out = run(
        dir.path(),
        &["check", "--baseline", "b.json", "--write-baseline", "app"],
    );
    assert_eq!(out.code, Some(0), "{}", out.err);
    assert!(dir.path().join("b.json").is_file());
    assert_eq!(
        run(dir.path(), &["check", "--baseline", "b.json", "app"]).code,
        Some(0)
    );
}

/// Once every finding had an empty fingerprint: a new finding passed for an old one of its rule and file.
#[test]
fn a_baseline_knows_its_findings_and_no_others() {
    let old = "wx.request({ url: 'http://api.first-shop.cn/x' })\n";
    let dir = app(&[("a.js", old)]);
    let code = || run(dir.path(), &["check", "--baseline", "b.json"]).code;
    assert_eq!(
        run(dir.path(), &["check", "--write-baseline", "b.json"]).code,
        Some(0)
    );
    let write = |text: &str| std::fs::write(dir.path().join("a.js"), text).unwrap();
    write(&format!("// 新的一行\n\n  {old}"));
    assert_eq!(code(), Some(0), "the same finding, moved by other lines");
    write("wx.request({ url: 'http://api.second-shop.cn/x' })\n");
    assert_eq!(
        code(),
        Some(1),
        "another finding of the same rule in the same file"
    );
}

#[test]
fn small_commands_work() {
    let dir = app(&[]);
    assert!(run(dir.path(), &["--version"]).out.starts_with("minivet "));
    assert!(run(dir.path(), &["rules"]).out.contains("leak/log"));
    assert!(
        run(dir.path(), &["explain", "leak/log", "--lang", "zh-CN"])
            .out
            .contains("日志")
    );
    assert!(
        run(dir.path(), &["completions", "bash"])
            .out
            .contains("minivet")
    );
    assert_eq!(run(dir.path(), &["init"]).code, Some(0));
    assert_eq!(
        run(dir.path(), &["check"]).code,
        Some(0),
        "the file that init writes is valid"
    );
    let config = fs::read_to_string(dir.path().join("minivet.toml")).unwrap();
    let on: String = config
        .lines()
        .map(|l| {
            l.strip_prefix("# ")
                .filter(|l| l.contains(" = "))
                .unwrap_or("")
        })
        .collect::<Vec<_>>()
        .join("\n");
    fs::write(
        dir.path().join("minivet.toml"),
        on.replace("extra-queries", "#"),
    )
    .unwrap();
    let out = run(dir.path(), &["check"]);
    assert_eq!(out.code, Some(0), "{}", out.err);
}

#[test]
fn a_secret_is_found_and_printed_nowhere() {
    let rules = minivet::rules::RuleSet::builtin();
    let secret = rules
        .tables
        .secrets()
        .sample("wechat-app-secret", 3)
        .unwrap();
    let text = format!("// 号\nconst appSecret = \"{secret}\"\nlet b = 1 // {secret}");
    let dir = app(&[("a.js", &text)]);
    for format in [
        "text", "json", "jsonl", "sarif", "github", "gitlab", "junit",
    ] {
        let out = run(dir.path(), &["check", "--format", format, "-v"]);
        assert_eq!(out.code, Some(1), "{format}: {}", out.out);
        assert!(out.out.contains("secrets/"), "{format}: {}", out.out);
        let all = format!("{}{}", out.out, out.err);
        assert!(!all.contains(&secret[..8]), "{format}: {all}");
    }
    let out = run(dir.path(), &["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out.out).unwrap();
    assert_eq!(json["findings"][0]["range"]["start"]["line"], 2);
    assert_eq!(
        run(dir.path(), &["check", "--fail-on", "never"]).code,
        Some(0)
    );
    assert_eq!(
        run(dir.path(), &["check", "--ignore", "secrets"]).code,
        Some(0)
    );
    assert_eq!(
        run(dir.path(), &["check", "--write-baseline", "b.json"]).code,
        Some(0)
    );
    assert_eq!(
        run(dir.path(), &["check", "--baseline", "b.json"]).code,
        Some(0)
    );
}

#[test]
fn mends_are_listed_shown_and_applied() {
    let dir = app(&[("a.js", "load('http://api.youpin.cn/v1')\n")]);
    let out = run(dir.path(), &["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out.out).unwrap();
    let fix = &json["findings"][0]["fixes"][0];
    assert_eq!(fix["applicability"], "unsafe");
    assert_eq!(fix["edits"][0]["file"], "a.js");
    let out = run(dir.path(), &["check", "--diff", "--unsafe-fixes"]);
    assert!(
        out.out.contains("+load('https://api.youpin.cn/v1')"),
        "{}",
        out.out
    );
    let text = || fs::read_to_string(dir.path().join("a.js")).unwrap();
    run(dir.path(), &["check", "--fix"]);
    assert_eq!(
        text(),
        "load('http://api.youpin.cn/v1')\n",
        "not a safe one"
    );
    let out = run(dir.path(), &["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(text(), "load('https://api.youpin.cn/v1')\n");
    assert_eq!(out.code, Some(0), "{}", out.out);
}
