//! What mends that add whole components make: the app is checked again, and nothing is wrong with the way it asks.

use super::support::{app, run};
use std::fs;

/// Mends an app until the last mend of a kind has been made, and checks it again.
fn mended(files: &[(&str, &str)], made: &str) -> (tempfile::TempDir, String) {
    let dir = app(files);
    let select = ["--select", "consent", "--fail-on", "never"];
    let before = run(dir.path(), &[&["check"], &select[..]].concat());
    assert!(
        before.out.contains("no-privacy-agreement"),
        "{}",
        before.out
    );
    let args = [&["check", "--fix", "--unsafe-fixes"], &select[..]].concat();
    let fixed = run(dir.path(), &args);
    let text = fs::read_to_string(dir.path().join(made)).unwrap_or_default();
    assert!(
        !text.is_empty(),
        "{made} is not made: {}{}",
        fixed.out,
        fixed.err
    );
    let after = run(
        dir.path(),
        &["check", "--format", "json", "--fail-on", "never"],
    );
    (dir, after.out)
}

fn assert_right(report: &str) {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let rules: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["rule"].as_str().unwrap())
        .collect();
    let asks: Vec<&&str> = rules
        .iter()
        .filter(|rule| rule.starts_with("consent/"))
        .collect();
    assert!(asks.is_empty(), "{rules:?}");
}

#[test]
fn a_pop_up_of_a_native_app_works() {
    let (_dir, report) = mended(
        &[
            ("app.json", "{ \"pages\": [\"pages/form/form\"] }"),
            ("app.js", "App({})"),
            (
                "pages/form/form.wxml",
                "<input placeholder=\"请输入手机号\" bindinput=\"onPhone\"/>",
            ),
            (
                "pages/form/form.js",
                "Page({ data: { agreed: false }, onPhone(e) { this.phone = e.detail.value; wx.request({ url: 'https://a.cn', data: { phone: this.phone } }) } })",
            ),
        ],
        "components/privacy-popup/index.wxml",
    );
    assert_right(&report);
}

#[test]
fn a_pop_up_of_single_file_components_works() {
    let page = "<template>\n  <view>\n    <input placeholder=\"请输入手机号\" v-model=\"phone\"/>\n    <button @tap=\"send\">提交</button>\n  </view>\n</template>\n\
        <script>\nexport default {\n  data() { return { phone: '', agreed: false } },\n  methods: { send() { uni.request({ url: 'https://a.cn', data: { phone: this.phone } }) } }\n}\n</script>\n";
    let (_dir, report) = mended(
        &[
            (
                "pages.json",
                "{ \"pages\": [{ \"path\": \"pages/form/form\" }] }",
            ),
            (
                "manifest.json",
                "{ \"mp-weixin\": { \"appid\": \"wx0000000000000000\" } }",
            ),
            (
                "main.js",
                "import App from './App'\nexport default new Vue({ ...App })",
            ),
            ("App.vue", "<script>\nexport default {}\n</script>\n"),
            ("pages/form/form.vue", page),
        ],
        "components/privacy-popup/privacy-popup.vue",
    );
    assert_right(&report);
}

#[test]
fn a_pop_up_in_jsx_works() {
    for extension in ["jsx", "tsx"] {
        let page = "import { useState } from 'react'\nimport Taro from '@tarojs/taro'\nimport { Button, Input, View } from '@tarojs/components'\n\n\
            export default function Form() {\n  const [agreed] = useState(false)\n  const [phone, setPhone] = useState('')\n\
            \x20 const send = () => Taro.request({ url: 'https://a.cn', data: { phone } })\n  return (\n    <View>\n\
            \x20     <Input placeholder='请输入手机号' value={phone} disabled={agreed} onInput={e => setPhone(e.detail.value)} />\n\
            \x20     <Button onClick={send}>提交</Button>\n    </View>\n  )\n}\n";
        let (dir, report) = mended(
            &[
                (
                    "src/app.config.ts",
                    "export default defineAppConfig({ pages: ['pages/form/index'] })\n",
                ),
                (
                    "src/app.ts",
                    "import { Component } from 'react'\nexport default class App extends Component { render() { return this.props.children } }\n",
                ),
                (&format!("src/pages/form/index.{extension}"), page),
            ],
            &format!("src/components/privacy-popup/index.{extension}"),
        );
        assert_right(&report);
        let page = fs::read_to_string(dir.path().join(format!("src/pages/form/index.{extension}")))
            .unwrap();
        assert!(
            page.starts_with("import PrivacyPopup from '../../components/privacy-popup'\n"),
            "{page}"
        );
    }
}

#[test]
fn a_pop_up_of_vue_in_taro_works() {
    let page = "<template>\n  <view>\n    <input placeholder=\"请输入手机号\" v-model=\"phone\"/>\n    <button @tap=\"send\">提交</button>\n  </view>\n</template>\n\
        <script setup>\nimport { ref } from 'vue'\nimport Taro from '@tarojs/taro'\nconst agreed = ref(false)\nconst phone = ref('')\n\
        const send = () => Taro.request({ url: 'https://a.cn', data: { phone: phone.value } })\n</script>\n";
    let (dir, report) = mended(
        &[
            (
                "src/app.config.js",
                "export default { pages: ['pages/form/index'] }\n",
            ),
            (
                "src/app.js",
                "import { createApp } from 'vue'\nexport default createApp({})\n",
            ),
            ("src/pages/form/index.vue", page),
        ],
        "src/components/privacy-popup/index.vue",
    );
    assert_right(&report);
    let page = fs::read_to_string(dir.path().join("src/pages/form/index.vue")).unwrap();
    assert!(
        page.contains(
            "<script setup>\nimport PrivacyPopup from '../../components/privacy-popup/index.vue'\n"
        ) && page.contains("    <PrivacyPopup />\n  </view>"),
        "{page}"
    );
}
