//! `minivet flows`, and the settings that change what flows: through the command line.

use super::support::{app, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn output(dir: &Path, args: &[&str]) -> (Option<i32>, String) {
    let out = run(dir, args);
    assert!(out.err.is_empty(), "{}", out.err);
    (out.code, out.out)
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let all: Vec<&str> = args.iter().chain(&["--format", "json"]).copied().collect();
    serde_json::from_str(&output(dir, &all).1).unwrap()
}

/// `rule line` of every finding in a file.
fn findings(dir: &Path, file: &str) -> Vec<String> {
    let found = json(dir, &["check"]);
    let found = found["findings"].as_array().unwrap();
    found
        .iter()
        .filter(|f| f["file"] == file)
        .map(|f| {
            format!(
                "{} {}",
                f["rule"].as_str().unwrap(),
                f["range"]["start"]["line"]
            )
        })
        .collect()
}

/// `source → sink protection` of every flow.
fn flows(dir: &Path, args: &[&str]) -> Vec<String> {
    let found = json(dir, &[&["flows"], args].concat());
    let found = found["flows"].as_array().unwrap();
    found
        .iter()
        .map(|f| {
            format!(
                "{} → {}:{} {} {}",
                f["source"]["api"].as_str().unwrap(),
                f["sink"]["api"].as_str().unwrap(),
                f["sink"]["line"],
                f["protection"].as_str().unwrap(),
                f["data"].as_array().unwrap().len()
            )
        })
        .collect()
}

fn configure(dir: &TempDir, text: &str) {
    fs::write(dir.path().join("minivet.toml"), text).unwrap();
}

const PAGE: &str = "const tool = require('../utils/tool.js')
const kit = require('some-kit')
Page({
  onLoad() {
    const phone = wx.getStorageSync('phone')
    console.log(tool.weave(phone))
    console.log([phone].map(tool.weave))
    console.log(kit.weave(phone))
  },
})
";
const TOOL: &str = "exports.weave = (text) => text.split('').reverse().join('')\n";

#[test]
fn a_named_sanitizer_protects_what_it_returns() {
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", PAGE),
        ("utils/tool.js", TOOL),
    ]);
    let logs = |dir: &TempDir| {
        let all = findings(dir.path(), "pages/a.js").into_iter();
        all.filter(|f| f.starts_with("leak/log"))
            .collect::<Vec<_>>()
    };
    assert_eq!(logs(&dir), ["leak/log 6", "leak/log 7", "leak/log 8"]);
    configure(&dir, "sanitizers = [\"weave\"]\n");
    assert_eq!(logs(&dir), [""; 0]);
    let protections = flows(dir.path(), &[]);
    assert!(
        protections.iter().all(|f| f.contains(" masked ")) && !protections.is_empty(),
        "{protections:?}"
    );
    // With its object: only what is called so.
    configure(&dir, "sanitizers = [\"kit.weave\"]\n");
    assert_eq!(logs(&dir), ["leak/log 6", "leak/log 7"]);
}

const STORE: &str = "const vault = require('vault-kit')
const cache = require('../utils/cache.js')
Page({
  onLoad(options) {
    const idCard = options.idCard
    vault.put('card', idCard)
    cache.keep('card', idCard)
  },
  back() {
    console.log(wx.getStorageSync('card'))
  },
})
";
const CACHE: &str = "exports.keep = (key, value) => {
  wx.setStorageSync(key, value)
}
";

#[test]
fn storage_wrappers_are_sinks_where_they_are_called() {
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", STORE),
        ("utils/cache.js", CACHE),
    ]);
    let stored = |dir: &TempDir, file: &str| {
        let all = findings(dir.path(), file).into_iter();
        all.filter(|f| f.starts_with("storage/"))
            .collect::<Vec<_>>()
    };
    assert_eq!(stored(&dir, "pages/a.js"), [""; 0]);
    assert_eq!(
        stored(&dir, "utils/cache.js"),
        ["storage/unencrypted-pii 2"]
    );
    configure(&dir, "storage-wrappers = [\"vault.put\", \"cache.keep\"]\n");
    assert_eq!(
        stored(&dir, "pages/a.js"),
        ["storage/unencrypted-pii 6", "storage/unencrypted-pii 7"]
    );
    assert_eq!(stored(&dir, "utils/cache.js"), [""; 0]);
    // One that encrypts.
    configure(
        &dir,
        "storage-wrappers = [\"vault.put\"]\nsanitizers = [\"vault.put\"]\n",
    );
    assert_eq!(stored(&dir, "pages/a.js"), [""; 0]);
}

const SEND: &str = "const net = require('net-kit')
Page({
  onLoad(options) {
    const password = options.password
    net.post('http://api.youpin.cn/login', { password })
  },
})
";

#[test]
fn request_wrappers_and_own_domains_count() {
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", SEND),
    ]);
    assert_eq!(flows(dir.path(), &[]), [""; 0]);
    configure(&dir, "request-wrappers = [\"net.post\"]\n");
    assert_eq!(flows(dir.path(), &[]), ["page query → net.post:5 none 1"]);

    let third = "Page({
  onLoad() {
    const phone = wx.getStorageSync('phone')
    wx.request({ url: 'https://stat.elsewhere.cn/x', data: { phone } })
    wx.request({ url: 'https://api.youpin.cn/a' })
    wx.request({ url: 'https://api.youpin.cn/b' })
    wx.request({ url: 'https://api.youpin.cn/c' })
    wx.request({ url: 'https://api.youpin.cn/d' })
    wx.request({ url: 'https://api.youpin.cn/e' })
    wx.request({ url: 'https://api.youpin.cn/f' })
  },
})
";
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", third),
    ]);
    let foreign = |dir: &TempDir| {
        let all = findings(dir.path(), "pages/a.js");
        all.contains(&"leak/third-party 4".to_string())
    };
    assert!(foreign(&dir));
    configure(&dir, "first-party-domains = [\"elsewhere.cn\"]\n");
    assert!(!foreign(&dir));
}

#[test]
fn all_sources_and_sinks_on_request() {
    let page = "Page({
  onLoad() {
    wx.getSystemInfo({ success(info) {
      wx.setNavigationBarTitle({ title: info.brand })
      console.log(info.brand.length)
    } })
    wx.getLocation({ success(res) { console.log(res) } })
  },
  onTap(e) {
    wx.showToast({ title: e.detail.x })
  },
})
";
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", page),
        ("pages/a.wxml", "<view bindtap=\"onTap\">x</view>\n"),
    ]);
    let personal = flows(dir.path(), &[]);
    assert_eq!(personal, ["wx.getLocation → console.log:7 none 3"]);
    let all = flows(dir.path(), &["--sources", "all"]);
    for expected in [
        "wx.getSystemInfo → wx.setNavigationBarTitle:4 none 0",
        "wx.getLocation → console.log:7 none 3",
        "<view> tap → wx.showToast:10 none 0",
    ] {
        assert!(all.iter().any(|f| f == expected), "{expected}: {all:?}");
    }
    assert!(!all.iter().any(|f| f.contains(":5 ")), "{all:?}");
}

#[test]
fn flows_speak_the_language_that_was_asked_for() {
    let page = "Page({ onLoad(query) { console.log(query.phone) } })\n";
    let dir = app(&[
        ("app.json", "{\"pages\": [\"pages/a\"]}"),
        ("pages/a.js", page),
    ]);
    let (_, en) = output(dir.path(), &["flows"]);
    assert!(
        en.contains("phone number: page query → console.log (unprotected)"),
        "{en}"
    );
    let (_, zh) = output(dir.path(), &["flows", "--lang", "zh-CN"]);
    assert!(
        zh.contains("手机号：页面参数 → console.log（未保护）"),
        "{zh}"
    );
    let (_, zh) = output(
        dir.path(),
        &["check", "--lang", "zh-CN", "--fail-on", "never"],
    );
    assert!(
        zh.contains("页面参数") && !zh.contains("page query"),
        "{zh}"
    );
}
