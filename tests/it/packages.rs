//! `minivet check app.wxapkg`: packages are built here as the developer tools build them, minified code included.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A package of files.
pub fn pack(files: &[(&str, &str)]) -> Vec<u8> {
    let table: usize = files.iter().map(|(name, _)| 12 + name.len()).sum();
    let body: usize = files.iter().map(|(_, text)| text.len()).sum();
    let mut out = vec![0xBE, 0, 0, 0, 0];
    let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_be_bytes());
    number(&mut out, 4 + table);
    number(&mut out, body);
    out.push(0xED);
    number(&mut out, files.len());
    let mut at = 18 + table;
    for (name, text) in files {
        number(&mut out, name.len());
        out.extend(name.as_bytes());
        number(&mut out, at);
        number(&mut out, text.len());
        at += text.len();
    }
    files
        .iter()
        .for_each(|(_, text)| out.extend(text.as_bytes()));
    out
}

/// A bundle of modules.
pub fn bundle(modules: &[(&str, &str)]) -> String {
    let mut out = String::from("var __wxAppData={};var __wxAppCode__={};\n");
    for (path, body) in modules {
        out.push_str(&format!(
            "define(\"{path}\", function(require, module, exports, window, document, frames, self, location){{\n{body}\n}});\nrequire(\"{path}\");"
        ));
    }
    out
}

/// A login page that stores a phone number, its code on one long line behind much of a library's.
fn login() -> String {
    let noise = "t.push(function(e){return e&&e.length>3?e[0]:null});".repeat(120);
    format!(
        "\"use strict\";var t=[];{noise}var s=require(\"../../utils/store.js\");Page({{data:{{}},bindPhone:function(e){{wx.cloud.callFunction({{name:\"phone\",data:{{code:e.detail.code}}}}).then(function(n){{s.put(\"user_phone\",n.result.phoneNumber)}})}}}});"
    )
}

fn app() -> Vec<u8> {
    let store = "module.exports={put:function(k,v){\n  wx.setStorageSync(k,v)\n}};";
    let start = "App({onLaunch(){\n  wx.getLocation({success(r){console.log(r.latitude)}})\n}});";
    let login = login();
    let service = bundle(&[
        ("utils/store.js", store),
        ("app.js", start),
        ("pages/login/login.js", &login),
    ]);
    pack(&[
        (
            "/app-config.json",
            r#"{"pages":["pages/login/login"],"entryPagePath":"pages/login/login.html","global":{"window":{"navigationBarTitleText":"商城"}},"page":{"pages/login/login.html":{"window":{"usingComponents":{}}}}}"#,
        ),
        ("/app-service.js", &service),
        ("/page-frame.html", "<script>var $gwx=function(){}</script>"),
    ])
}

fn minivet(dir: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_minivet"))
        .current_dir(dir)
        .env("LANG", "C")
        .args(arguments)
        .output()
        .unwrap();
    (
        out.status.code(),
        String::from_utf8(out.stdout).unwrap(),
        String::from_utf8(out.stderr).unwrap(),
    )
}

pub fn json(dir: &Path, arguments: &[&str]) -> Value {
    let (_, out, err) = minivet(dir, &[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
}

#[test]
fn a_package_is_checked_like_the_app_it_was_built_of() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("app.wxapkg"), app()).unwrap();
    let report = json(dir.path(), &["check", "app.wxapkg"]);
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            format!(
                "{} {}:{}",
                f["rule"].as_str().unwrap(),
                f["file"].as_str().unwrap(),
                f["range"]["start"]["line"]
            )
        })
        .collect();
    let has = |wanted: &str| found.iter().any(|f| f.starts_with(wanted));
    assert!(has("leak/log app.wxapkg/app.js:2"), "{found:#?}");
    assert!(
        has("storage/unencrypted-pii app.wxapkg/utils/store.js:2"),
        "{found:#?}"
    );
    assert!(
        has("consent/undeclared-private-info app.wxapkg/app.json"),
        "{found:#?}"
    );
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|f| f["fixes"].as_array().unwrap().is_empty()),
        "what is in a package cannot be changed"
    );
    let notes = report["summary"]["notes"].to_string();
    assert!(notes.contains("templates are compiled"), "{notes}");
    let (code, out, _) = minivet(dir.path(), &["check", "app.wxapkg", "-v"]);
    assert_eq!(code, Some(1));
    for said in [
        "app.wxapkg/app.js:2:",
        "console.log(r.latitude)",
        "app.wxapkg/page-frame.html: compiled",
        "templates are compiled",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let longest = out.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest < 400, "a minified line is shown in part: {longest}");
}

#[test]
fn flows_of_a_package_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("app.wxapkg"), app()).unwrap();
    let report = json(dir.path(), &["flows", "app.wxapkg"]);
    let flows = report["flows"].to_string();
    assert!(flows.contains("app.wxapkg/utils/store.js"), "{flows}");
    assert!(flows.contains("\"phone\""), "{flows}");
}

#[test]
fn parts_of_lazily_loaded_apps_and_sub_packages_are_split_too() {
    let dir = tempfile::tempdir().unwrap();
    let page =
        "Page({onShow(){wx.getLocation({success(r){console.log(r.latitude,r.longitude)}})}})";
    let sub = pack(&[
        (
            "/packageA/app-service.js",
            &bundle(&[("packageA/pages/map.js", page)]),
        ),
        (
            "/packageA/pages/near.appservice.js",
            &bundle(&[("packageA/pages/near.js", page)]),
        ),
        ("/packageA/pages/near.webview.js", "$gwx()"),
        (
            "/packageA/pages/near.common.js",
            "__wxAppCode__['packageA/pages/near.json'] = {\"usingComponents\":{}};",
        ),
    ]);
    fs::write(dir.path().join("_packageA_.wxapkg"), sub).unwrap();
    let report = json(dir.path(), &["check", "_packageA_.wxapkg"]);
    let text = report["findings"].to_string();
    for file in [
        "_packageA_.wxapkg/packageA/pages/map.js",
        "_packageA_.wxapkg/packageA/pages/near.js",
    ] {
        assert!(text.contains(file), "{file}: {text}");
    }
}

#[test]
fn packages_that_are_given_together_are_one_app() {
    let dir = tempfile::tempdir().unwrap();
    let store = "module.exports={log:function(t){\n  console.log(t)\n}};";
    let page = "var u=require(\"../../utils/log.js\");Page({onLoad:function(q){u.log(q.phone)}});";
    let main = pack(&[
        (
            "/app-config.json",
            r#"{"pages":["pages/a/a","packageA/b/b"],"subPackages":[{"root":"packageA/","pages":["b/b"]}]}"#,
        ),
        (
            "/app-service.js",
            &bundle(&[("app.js", "App({})"), ("utils/log.js", store)]),
        ),
    ]);
    let sub = pack(&[(
        "/packageA/app-service.js",
        &bundle(&[("packageA/b/b.js", page)]),
    )]);
    fs::write(dir.path().join("__APP__.wxapkg"), main).unwrap();
    fs::write(dir.path().join("_packageA_.wxapkg"), sub).unwrap();
    let all = ["flows", "__APP__.wxapkg", "_packageA_.wxapkg"];
    let report = json(dir.path(), &all);
    let sink = report["flows"][0]["sink"]["file"].as_str();
    assert_eq!(sink, Some("__APP__.wxapkg/utils/log.js"), "{report}");
    let (_, out, _) = minivet(
        dir.path(),
        &["check", "__APP__.wxapkg", "_packageA_.wxapkg", "-v"],
    );
    assert!(
        out.contains("_packageA_.wxapkg: is read as a part of __APP__.wxapkg"),
        "{out}"
    );
}

#[test]
fn broken_packages_are_one_sentence_and_code_2() {
    let dir = tempfile::tempdir().unwrap();
    let whole = app();
    let mut many = whole.clone();
    many[14..18].copy_from_slice(&[0xFF; 4]);
    let mut outside = whole.clone();
    outside[38..42].copy_from_slice(&[0x7F; 4]);
    let climbing = pack(&[("../../evil.js", "1")]);
    let cases: [(&str, &[u8], &str); 6] = [
        ("cut.wxapkg", &whole[..whole.len() / 2], "ends too early"),
        ("many.wxapkg", &many, "table of files"),
        ("outside.wxapkg", &outside, "overlap or lie outside"),
        ("climbing.wxapkg", &climbing, "leads out of it"),
        ("encrypted.wxapkg", b"V1MMWX\x12\x34", "encrypted"),
        ("text.wxapkg", b"hello", "other marks"),
    ];
    for (name, bytes, said) in cases {
        fs::write(dir.path().join(name), bytes).unwrap();
        let (code, out, err) = minivet(dir.path(), &["check", name]);
        let all = format!("{out}{err}");
        assert_eq!(code, Some(2), "{name}: {all}");
        assert!(all.contains(said), "{name}: {all}");
        assert_eq!(all.matches(name).count(), 1, "{name}: {all}");
        assert!(!all.contains("panicked"), "{name}: {all}");
    }
    let (_, out, _) = minivet(
        dir.path(),
        &["check", "encrypted.wxapkg", "--lang", "zh-CN"],
    );
    assert!(out.contains("加密"), "{out}");
}

#[test]
fn mends_leave_packages_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("app.wxapkg");
    fs::write(&path, app()).unwrap();
    let (code, out, err) = minivet(
        dir.path(),
        &["check", "app.wxapkg", "--fix", "--unsafe-fixes"],
    );
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("mended in its sources"), "{out}");
    assert_eq!(fs::read(&path).unwrap(), app());
}

#[test]
fn the_inventory_of_a_package_is_that_of_its_pages() {
    let dir = tempfile::tempdir().unwrap();
    let tap = "Page({tap:function(){wx.getLocation({success:function(r){wx.request({url:\"https://a.cn/near\",data:{lat:r.latitude}})}})}});";
    let unused = "module.exports={copied:function(){wx.getClipboardData({})}};";
    let service = bundle(&[
        ("utils/x.js", unused),
        ("app.js", "require(\"./utils/x\");App({});"),
        ("pages/near/near.js", tap),
    ]);
    let package = pack(&[
        (
            "/app-config.json",
            r#"{"pages":["pages/near/near"],"global":{"window":{}},"page":{"pages/near/near.html":{"window":{}}}}"#,
        ),
        ("/app-service.js", &service),
    ]);
    fs::write(dir.path().join("app.wxapkg"), package).unwrap();
    let report = json(dir.path(), &["inventory", "app.wxapkg"]);
    let app = &report["apps"][0];
    let named = |list: &str, key: &str| -> Vec<String> {
        let list = app[list].as_array().unwrap();
        list.iter()
            .map(|one| one[key].as_str().unwrap().into())
            .collect()
    };
    // Its templates are compiled: what they bind is not known, a page's methods are.
    assert_eq!(named("data", "class"), ["location"]);
    assert_eq!(named("guideline", "type"), ["Location"]);
    assert_eq!(named("dormant", "name"), ["wx.getClipboardData"]);
    assert_eq!(app["data"][0]["sent"][0]["to"], "a.cn");
}
