//! The privacy inventory from outside: its forms, what makes duties and what does not, differences, declarations.

use super::support::{self, Out, app};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn run(dir: &Path, args: &[&str]) -> Out {
    support::run(dir, &[&["inventory"], args].concat())
}

const APP: [(&str, &str); 8] = [
    (
        "app.json",
        r#"{"pages": ["pages/apply/apply", "pages/near/near"], "requiredPrivateInfos": ["chooseAddress"],
  "permission": {"scope.userLocation": {"desc": "查找附近门店"}},
  "plugins": {"WechatSI": {"version": "0.3.5", "provider": "wx069ba97219f66d99"}, "mine": {"version": "1.0.0", "provider": "wx1111222233334444"}}}"#,
    ),
    ("app.js", "App({})\n"),
    ("project.config.json", r#"{"appid": "wx0000000000000000"}"#),
    (
        "pages/apply/apply.json",
        r#"{"navigationBarTitleText": "预约报名"}"#,
    ),
    (
        "pages/apply/apply.wxml",
        r#"<view>身份证号</view><input type="idcard" placeholder="请输入身份证号 <b>&'</b>" bindinput="onId"/>
<button open-type="getPhoneNumber" bindgetphonenumber="onPhone">手机号快捷登录</button>
<view>{{idCard}}</view>"#,
    ),
    (
        "pages/apply/apply.js",
        "Page({\n  data: {idCard: ''},\n  onId(e) {\n    this.setData({idCard: e.detail.value})\n    wx.setStorageSync('card', e.detail.value)\n    console.log(e.detail.value)\n  },\n  onPhone(e) {\n    wx.request({url: 'https://api.youpin.cn/bind?from=mini', method: 'POST', data: {code: e.detail.code}})\n  }\n})\n",
    ),
    (
        "pages/near/near.json",
        r#"{"navigationBarTitleText": "附近门店"}"#,
    ),
    (
        "pages/near/near.js",
        "Page({\n  onTap() {\n    wx.getLocation({success(res) {\n      wx.request({url: 'https://apis.map.qq.com/ws/geocoder', data: {location: res.latitude + ',' + res.longitude}})\n    }})\n  }\n})\n",
    ),
];

fn near() -> [(&'static str, &'static str); 1] {
    [(
        "pages/near/near.wxml",
        "<button bindtap=\"onTap\">附近</button>\n",
    )]
}

fn whole() -> TempDir {
    let files: Vec<_> = APP.iter().copied().chain(near()).collect();
    app(&files)
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let mut all = vec!["--format", "json"];
    all.extend(args);
    let out = run(dir, &all);
    serde_json::from_str(&out.out).unwrap_or_else(|e| panic!("{e}: {} {}", out.out, out.err))
}

fn item<'j>(app: &'j Value, class: &str) -> &'j Value {
    let items = app["data"].as_array().unwrap();
    items
        .iter()
        .find(|item| item["class"] == class)
        .unwrap_or_else(|| panic!("{class}: {items:#?}"))
}

fn words(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[key].as_str().unwrap().to_string())
        .collect()
}

#[test]
fn json_says_how_data_comes_and_where_it_goes() {
    let dir = whole();
    let all = json(dir.path(), &[]);
    assert_eq!(all["version"], 1);
    let app = &all["apps"][0];
    assert_eq!(app["platform"], "wx");
    let card = item(app, "id-card");
    assert_eq!(card["sensitive"], true);
    assert_eq!(card["type"], "EXIDNumber");
    let way = &card["collected"][0];
    assert_eq!(
        (&way["by"], &way["at"]["line"]),
        (&"control".into(), &1.into())
    );
    assert_eq!(way["pages"][0]["title"], "预约报名");
    assert!(way["hints"][0].as_str().unwrap().contains("身份证号"));
    assert_eq!(card["stored"][0]["key"], "card");
    assert_eq!(card["stored"][0]["protection"], "none");
    assert_eq!(card["logged"][0]["call"], "console.log");
    assert_eq!(card["shown"][0]["protection"], "none");
    let place = item(app, "location");
    assert_eq!(place["collected"][0]["name"], "wx.getLocation");
    assert_eq!(place["sent"][0]["to"], "apis.map.qq.com");
    assert_eq!(place["sent"][0]["party"], "third");
    let code = item(app, "phone-code");
    assert_eq!(code["sent"][0]["endpoint"], "/bind", "without its query");
    assert_eq!(code["sent"][0]["party"], "first");
    assert_eq!(
        words(&app["guideline"], "type"),
        ["Location", "PhoneNumber", "EXIDNumber"]
    );
    assert_eq!(app["guideline"][0]["declared"], Value::Null);
    let required = app["required_private_infos"].as_array().unwrap();
    let found: Vec<_> = required
        .iter()
        .map(|r| {
            (
                r["name"].as_str().unwrap(),
                r["needed"] == true,
                r["present"] == true,
            )
        })
        .collect();
    assert_eq!(
        found,
        [("getLocation", true, false), ("chooseAddress", false, true)]
    );
    assert_eq!(app["scopes"][0]["purpose"], "查找附近门店");
    let others = words(&app["third_parties"], "id");
    assert_eq!(others, ["qqmap", "plugin-si", "wx1111222233334444"]);
}

#[test]
fn every_form_is_made_in_both_languages() {
    let dir = whole();
    for (lang, title, guideline) in [
        ("en", "Privacy inventory", "收集你的位置信息"),
        (
            "zh-CN",
            "隐私清单",
            "为了展示你附近的门店、服务地点并提供导航，开发者将在获取你的明示同意后，收集你的位置信息。",
        ),
    ] {
        for format in ["text", "md", "markdown", "html"] {
            let out = run(
                dir.path(),
                &["--format", format, "--lang", lang, "--color", "never"],
            );
            assert_eq!((out.code, &*out.err), (Some(0), ""), "{format} {lang}");
            assert!(out.out.contains(title), "{format} {lang}: {}", out.out);
            assert!(
                !out.out.contains('\u{1b}') && !out.out.contains("inv-"),
                "{format}"
            );
            if format != "text" {
                assert!(out.out.contains(guideline), "{format} {lang}: {}", out.out);
            }
        }
    }
    let coloured = run(dir.path(), &["--color", "always"]);
    assert!(coloured.out.contains("\u{1b}["));
}

#[test]
fn the_page_is_one_file_and_escapes_what_it_shows() {
    let dir = whole();
    let page = dir.path().join("page.html");
    let out = run(
        dir.path(),
        &["--format", "html", "--output", page.to_str().unwrap()],
    );
    assert_eq!((out.code, &*out.out), (Some(0), ""));
    let html = fs::read_to_string(page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    assert!(html.contains("<svg class=\"sankey\""), "the picture");
    assert!(html.contains("prefers-color-scheme: dark") && html.contains("@media print"));
    for loads in ["<script", "<link", " src=", "@import", "url("] {
        assert!(!html.contains(loads), "{loads}");
    }
    assert!(
        !html.contains("<b>&") && html.contains("&lt;b&gt;"),
        "escaped"
    );
    assert!(html.contains("<main class=\"zh\"") && html.contains("<main class=\"en\""));
}

#[test]
fn only_code_that_can_run_makes_duties() {
    let mut files: Vec<_> = APP.iter().copied().chain(near()).collect();
    files.extend([
        ("pages/old/old.json", "{}"),
        ("pages/old/old.wxml", "<input type=\"text\" placeholder=\"银行卡号\" bindinput=\"a\"/>"),
        ("pages/old/old.js", "Page({a(e) {}, onLoad() { wx.chooseInvoiceTitle({}) }})\n"),
        ("utils/dead.js", "// wx.startRecord()\nfunction never() { wx.getWeRunData({}) }\nfunction dormant() { wx.getClipboardData({}) }\nmodule.exports = {dormant}\n"),
        ("miniprogram_npm/sdk/index.js", "wx.getWeRunData({})\n"),
    ]);
    let dir = app(&files);
    fs::write(
        dir.path().join("app.js"),
        "require('./utils/dead')\nApp({})\n",
    )
    .unwrap();
    let all = json(dir.path(), &[]);
    let app = &all["apps"][0];
    assert_eq!(
        words(&app["guideline"], "type"),
        ["Location", "PhoneNumber", "EXIDNumber"]
    );
    assert_eq!(app["unreached"], serde_json::json!(["pages/old/old"]));
    assert!(
        app["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["class"] != "bank-card")
    );
    assert_eq!(
        words(&app["dormant"], "name"),
        ["wx.getWeRunData", "wx.getClipboardData"]
    );
}

#[test]
fn a_broken_configuration_is_one_clear_message() {
    let dir = whole();
    fs::write(
        dir.path().join("app.json"),
        "{\"pages\": [\"pages/apply/apply\",",
    )
    .unwrap();
    let out = run(dir.path(), &[]);
    assert_eq!(out.code, Some(0), "{}", out.err);
    let said = out.out.matches("app.json cannot be read").count();
    assert_eq!(said, 1, "{}", out.out);
    assert!(out.out.contains("id-card") && out.out.contains("wx.getLocation"));
    fs::remove_file(dir.path().join("app.json")).unwrap();
    let out = run(dir.path(), &[]);
    assert_eq!(out.code, Some(0), "{}", out.err);
    assert_eq!(
        out.out.matches("configuration is missing").count(),
        1,
        "{}",
        out.out
    );
    assert!(out.out.contains("id-card"), "{}", out.out);
    let empty = app(&[]);
    let out = run(empty.path(), &[]);
    assert!(out.out.contains("No mini program found"), "{}", out.out);
    assert_eq!(json(empty.path(), &[])["apps"], serde_json::json!([]));
}

#[test]
fn what_is_new_since_a_saved_inventory() {
    let dir = whole();
    let saved = dir.path().join("saved.json");
    let saved = saved.to_str().unwrap();
    assert_eq!(
        run(dir.path(), &["--format", "json", "-o", saved]).code,
        Some(0)
    );
    let strict = [
        "--since",
        saved,
        "--fail-on",
        "new-collection,new-recipient",
    ];
    let out = run(dir.path(), &strict);
    assert_eq!(out.code, Some(0));
    assert!(out.out.contains("Nothing new"), "{}", out.out);
    fs::write(
        dir.path().join("pages/near/near.js"),
        "Page({\n  onTap() {\n    wx.chooseInvoiceTitle({success(res) {\n      wx.request({url: 'https://collect.tongji.net/v1', data: {tax: res.taxNumber}})\n    }})\n  }\n})\n",
    )
    .unwrap();
    let out = run(
        dir.path(),
        &["--since", saved, "--fail-on", "new-collection"],
    );
    assert_eq!(out.code, Some(1), "{}", out.out);
    assert!(
        out.out
            .contains("Newly collected: invoice title and tax number"),
        "{}",
        out.out
    );
    assert!(out.out.contains("collect.tongji.net"), "{}", out.out);
    assert!(
        out.out.contains("No longer collected: precise position"),
        "{}",
        out.out
    );
    assert_eq!(run(dir.path(), &["--since", saved]).code, Some(0));
    let all = json(dir.path(), &["--since", saved]);
    let classes = words(&all["since"][0]["collected"], "class");
    assert_eq!(classes, ["bank-card", "landline", "invoice-title"]);
    assert_eq!(all["since"][0]["recipients"][0]["to"], "collect.tongji.net");
    for (text, why) in [
        ("no json", "no saved inventory"),
        ("{\"version\": 9}", "version 9"),
    ] {
        fs::write(dir.path().join("wrong.json"), text).unwrap();
        let out = run(dir.path(), &["--since", "wrong.json"]);
        assert_eq!(out.code, Some(2));
        assert!(out.err.contains(why), "{}", out.err);
    }
    let out = run(dir.path(), &["--fail-on", "new-collection"]);
    assert_eq!(out.code, Some(2));
    assert!(out.err.contains("--since"), "{}", out.err);
}

#[test]
fn what_is_declared_is_compared_with_what_is_used() {
    let dir = whole();
    let toml = dir.path().join("minivet.toml");
    fs::write(
        &toml,
        "declared = [\"phone\", \"收集你的位置信息\", \"Camera\", \"nonsense\"]\n",
    )
    .unwrap();
    let all = json(dir.path(), &[]);
    let declared = &all["apps"][0]["declared"];
    assert_eq!(declared["missing"], serde_json::json!(["EXIDNumber"]));
    assert_eq!(declared["surplus"], serde_json::json!(["Camera"]));
    assert_eq!(declared["unknown"], serde_json::json!(["nonsense"]));
    let out = run(dir.path(), &["--fail-on", "undeclared"]);
    assert_eq!(out.code, Some(1), "{}", out.out);
    fs::write(
        dir.path().join("guideline.json"),
        r#"{"errcode": 0, "privacy_list": ["Album"], "setting_list": [{"privacy_key": "PhoneNumber", "privacy_text": "登录"}, {"privacy_key": "Location", "privacy_text": "门店"}, {"privacy_key": "EXIDNumber", "privacy_text": "报名"}]}"#,
    )
    .unwrap();
    fs::write(&toml, "declared = [\"guideline.json\"]\n").unwrap();
    let all = json(dir.path(), &[]);
    let declared = &all["apps"][0]["declared"];
    assert_eq!(
        (&declared["missing"], &declared["surplus"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    fs::write(&toml, "declared = [\"gone.json\"]\n").unwrap();
    let out = run(dir.path(), &[]);
    assert_eq!(out.code, Some(2));
    assert!(out.err.contains("gone.json"), "{}", out.err);
}

#[test]
fn no_secret_and_no_datum_is_shown_whole() {
    let phone = ["138", "0013", "8000"].concat();
    let script = format!(
        "Page({{\n  onTap() {{\n    wx.getLocation({{success(r) {{\n      wx.request({{url: 'https://api.youpin.cn/u/{phone}/x', data: r}})\n      wx.setStorageSync('k-{phone}', r.latitude)\n    }}}})\n  }}\n}})\n"
    );
    let mut files: Vec<_> = APP.iter().copied().chain(near()).collect();
    files.retain(|(name, _)| *name != "pages/near/near.js");
    files.push(("pages/near/near.js", &script));
    let dir = app(&files);
    for format in ["text", "md", "json", "html"] {
        let out = run(dir.path(), &["--format", format]);
        assert!(out.out.contains("api.youpin.cn"), "{format}");
        assert!(!out.out.contains(&phone), "{format}");
    }
}
