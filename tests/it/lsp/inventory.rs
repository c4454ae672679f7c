//! The privacy inventory in editors: the lens above the app's configuration, its page, hovers on privacy calls.

use super::{Client, folder};
use serde_json::{Value, json};

const APP: [(&str, &str); 5] = [
    (
        "app.json",
        "{\"pages\": [\"pages/a/a\"], \"requiredPrivateInfos\": [\"getLocation\"]}\n",
    ),
    ("app.js", "App({})\n"),
    ("minivet.toml", "declared = [\"phone\"]\n"),
    (
        "pages/a/a.js",
        "Page({\n  onTap() {\n    wx.getLocation({success: r => wx.setStorageSync('at', r.latitude)})\n  }\n})\n",
    ),
    (
        "pages/a/a.wxml",
        "<button bindtap=\"onTap\">附近</button>\n<button open-type=\"getPhoneNumber\" bindgetphonenumber=\"x\">登录</button>\n",
    ),
];

fn lens(client: &mut Client, uri: &str) -> Value {
    let params = json!({"textDocument": {"uri": uri}});
    client.result("textDocument/codeLens", params)
}

fn hover(client: &mut Client, uri: &str, line: u32, character: u32) -> String {
    let params =
        json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
    let found = client.result("textDocument/hover", params);
    found["contents"]["value"]
        .as_str()
        .unwrap_or_default()
        .to_string()
}

#[test]
fn a_lens_tells_and_its_command_shows() {
    let (_dir, root) = folder(&APP);
    let mut client = Client::start(json!({"workspaceFolders": [{"uri": root, "name": "app"}]}));
    let uri = format!("{root}/app.json");
    client.open(&uri, 1, APP[0].1);
    let found = lens(&mut client, &uri);
    let one = &found[0];
    let title = one["command"]["title"].as_str().unwrap();
    assert!(
        title.starts_with("minivet: ") && title.contains("kept without encryption"),
        "{title}"
    );
    assert_eq!(one["command"]["command"], "minivet.showInventory");
    assert_eq!(one["range"]["start"]["line"], 0);
    let script = format!("{root}/pages/a/a.js");
    assert_eq!(lens(&mut client, &script), json!([]));
    let arguments = one["command"]["arguments"].clone();
    let params = json!({"command": "minivet.showInventory", "arguments": arguments});
    let shown = client.result("workspace/executeCommand", params);
    assert!(
        shown["markdown"]
            .as_str()
            .unwrap()
            .contains("wx.getLocation")
    );
    assert!(
        shown["html"]
            .as_str()
            .unwrap()
            .contains("<svg class=\"sankey\"")
    );
    // The folder itself will do, a file that is none of ours, and nothing at all.
    let readme = format!("{root}/README.md");
    for arguments in [json!([root]), json!([readme]), json!([])] {
        let params = json!({"command": "minivet.showInventory", "arguments": arguments});
        let shown = client.result("workspace/executeCommand", params);
        assert!(shown["markdown"].is_string(), "{shown}");
    }
}

#[test]
fn every_framework_has_its_lens() {
    let uni = [
        ("pages.json", "{\"pages\": [{\"path\": \"pages/a/a\"}]}\n"),
        (
            "manifest.json",
            "{\"mp-weixin\": {\"appid\": \"wx0000000000000000\"}}\n",
        ),
        (
            "pages/a/a.vue",
            "<template><input type=\"idcard\" v-model=\"id\"/></template>\n<script>export default {data() {return {id: ''}}}</script>\n",
        ),
    ];
    let taro = [
        (
            "src/app.config.ts",
            "export default defineAppConfig({pages: ['pages/a/a']})\n",
        ),
        ("src/app.ts", "export default {}\n"),
        (
            "src/pages/a/a.tsx",
            "import {Input} from '@tarojs/components'\nexport default () => <Input type='idcard' onInput={e => e}/>\n",
        ),
    ];
    for files in [uni, taro] {
        let (_dir, root) = folder(&files);
        let mut client = Client::start(json!({"rootUri": root}));
        let uri = format!("{root}/{}", files[0].0);
        client.open(&uri, 1, files[0].1);
        let found = lens(&mut client, &uri);
        let title = found[0]["command"]["title"].as_str().unwrap_or_default();
        assert!(title.contains("1 kind of personal data"), "{uri}: {found}");
    }
}

#[test]
fn hover_on_a_privacy_call_says_what_it_takes() {
    let (_dir, root) = folder(&APP);
    let mut client = Client::start(json!({"workspaceFolders": [{"uri": root, "name": "app"}]}));
    let uri = format!("{root}/app.json");
    client.open(&uri, 1, APP[0].1);
    lens(&mut client, &uri);
    let script = format!("{root}/pages/a/a.js");
    client.open(&script, 1, APP[3].1);
    let said = hover(&mut client, &script, 2, 9);
    for part in [
        "收集你的位置信息",
        "scope.userLocation",
        "errno 112",
        "errno 103",
        "listed",
        "not declared",
        "pages/a/a.js:3",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let listed = hover(&mut client, &uri, 0, 60);
    assert!(listed.contains("收集你的位置信息"), "{listed}");
    let page = format!("{root}/pages/a/a.wxml");
    client.open(&page, 1, APP[4].1);
    let button = hover(&mut client, &page, 1, 10);
    assert!(
        button.contains("收集你的手机号") && button.contains("errno 104"),
        "{button}"
    );
    assert!(
        button.contains("; used by") && button.contains("declared"),
        "{button}"
    );
    assert_eq!(hover(&mut client, &page, 0, 3), "");
}

#[test]
fn a_mend_may_make_files_where_the_client_can() {
    let files = [
        ("app.json", "{\"pages\": [\"pages/a/a\"]}\n"),
        (
            "pages/a/a.js",
            "Page({agreed: 1, onId(e) { this.id = e.detail.value }})\n",
        ),
        (
            "pages/a/a.wxml",
            "<input type=\"idcard\" placeholder=\"请输入身份证号\" bindinput=\"onId\"/>\n",
        ),
    ];
    for (able, n) in [(json!(["create"]), 10), (json!([]), 0)] {
        let (_dir, root) = folder(&files);
        let edits = json!({"documentChanges": true, "resourceOperations": able});
        let mut client = Client::start(
            json!({"rootUri": root, "capabilities": {"workspace": {"workspaceEdit": edits}}}),
        );
        let uri = format!("{root}/app.json");
        client.open(&uri, 1, files[0].1);
        lens(&mut client, &uri);
        let zero = json!({"line": 0, "character": 0});
        let params = json!({
            "textDocument": {"uri": uri}, "range": {"start": zero, "end": zero},
            "context": {"diagnostics": [], "only": ["quickfix"]},
        });
        let actions = client.result("textDocument/codeAction", params);
        let popup = actions
            .as_array()
            .unwrap()
            .iter()
            .find(|a| a["title"].as_str().unwrap().contains("pop-up"));
        let changes = popup.map_or(0, |a| {
            a["edit"]["documentChanges"].as_array().unwrap().len()
        });
        // Four files made and written, the configuration and the page edited.
        assert_eq!(changes, n, "{actions}");
    }
}

#[test]
fn a_guideline_that_the_configuration_names_is_watched() {
    let mut files = APP.to_vec();
    files[2].1 = "declared = [\"docs/guideline.txt\"]\n";
    files.push(("docs/guideline.txt", "为了登录，开发者将收集你的手机号\n"));
    let (dir, root) = folder(&files);
    let mut client = Client::start(json!({"workspaceFolders": [{"uri": root, "name": "app"}]}));
    let uri = format!("{root}/pages/a/a.js");
    client.open(&uri, 1, APP[3].1);
    let undeclared = |found: &[Value]| {
        found
            .iter()
            .filter(|d| d["code"] == "consent/undeclared-data")
            .count()
    };
    // What comes before the folder is read knows nothing of the app.
    while undeclared(&client.published(&uri, 1)) != 1 {}
    std::fs::write(
        dir.path().join("docs/guideline.txt"),
        "为了登录，开发者将收集你的手机号\n为了展示附近门店，开发者将收集你的位置信息\n",
    )
    .unwrap();
    let changes = json!([{"uri": format!("{root}/docs/guideline.txt"), "type": 2}]);
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({"changes": changes}),
    );
    while undeclared(&client.published(&uri, 1)) != 0 {}
}
