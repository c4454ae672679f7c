//! Hovers on personal data: its class, how sure, where it came from, where it goes; in the user's language.

use super::*;

const PAGE: &str = "const api = require('../../utils/api.js')
Page({
  data: { mobile: '' },
  onInput(e) {
    const typed = e.detail.value
    this.setData({ mobile: typed })
    api.report({ mobile: typed })
  },
  onLoad(options) {
    const city = options.city
    const saved = wx.getStorageSync('idCard')
    console.log(saved, city)
    const hidden = maskPhone(this.data.mobile)
    console.log(hidden)
  },
})
function maskPhone(phone) {
  return phone.slice(0, 3) + '****' + phone.slice(7)
}
";
const API: &str = "module.exports = {
  report(body) {
    wx.request({ url: 'https://api.example.com/report', method: 'POST', data: body })
  },
}
";
const VIEW: &str = "<input type=\"number\" placeholder=\"手机号\" bindinput=\"onInput\" />
<text>{{ mobile }}</text>
";

fn shop() -> (tempfile::TempDir, String) {
    folder(&[
        ("app.json", "{\"pages\": [\"pages/a/a\"]}"),
        ("app.js", "App({})\n"),
        ("pages/a/a.js", PAGE),
        ("pages/a/a.wxml", VIEW),
        ("pages/a/late.js", LEAK),
        ("utils/api.js", API),
    ])
}

fn start(root: &str, locale: &str) -> Client {
    let mut client = Client::start(json!({"rootUri": root, "locale": locale}));
    // The first pass through the workspace has ended when a file that is not open has its findings.
    client.published_closed(&format!("{root}/pages/a/late.js"));
    client
}

/// The hover over the `n`th character of the first occurrence of `word` in a line that holds `near`.
fn hover(client: &mut Client, uri: &str, text: &str, near: &str, word: &str) -> Value {
    let (row, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains(near))
        .unwrap();
    let column = line[..line.find(word).unwrap()].encode_utf16().count() + 1;
    let position = json!({"line": row, "character": column});
    client.result(
        "textDocument/hover",
        json!({"textDocument": {"uri": uri}, "position": position}),
    )
}

fn said(hover: &Value) -> &str {
    hover["contents"]["value"].as_str().unwrap_or("")
}

#[test]
fn personal_data_is_explained_from_source_to_sink() {
    let (_dir, root) = shop();
    let mut client = start(&root, "en");
    let uri = format!("{root}/pages/a/a.js");
    client.open(&uri, 1, PAGE);
    let over = hover(&mut client, &uri, PAGE, "this.setData", "typed");
    let text = said(&over);
    assert!(
        text.contains("**Personal data: mobile phone number**"),
        "{text}"
    );
    assert!(text.contains("Comes from\n\n- `input"), "{text}");
    assert!(text.contains("`pages/a/a.wxml:1`"), "{text}");
    assert!(text.contains("\n\nGoes to\n\n- "), "{text}");
    assert!(
        text.contains("\n- `wx.request`, `utils/api.js:3` (unprotected)"),
        "{text}"
    );
    assert_eq!(over["range"], at(5, 27, 32));

    // The whole member, not the event around it.
    let over = hover(&mut client, &uri, PAGE, "const typed", "value");
    assert_eq!(over["range"], at(4, 18, 32), "{}", said(&over));

    // A storage key is evidence; the finding on the call is said too.
    let over = hover(&mut client, &uri, PAGE, "console.log(saved", "saved");
    let text = said(&over);
    assert!(text.contains("wx.getStorageSync"), "{text}");
    assert!(
        text.contains("- `console.log`, `pages/a/a.js:12`"),
        "{text}"
    );

    // What the app masks is said to be masked.
    let over = hover(&mut client, &uri, PAGE, "console.log(hidden", "hidden");
    assert!(said(&over).contains("(masked)"), "{}", said(&over));

    // What is not personal is not talked about.
    let over = hover(&mut client, &uri, PAGE, "const city", "const");
    assert_eq!(over, Value::Null);
}

#[test]
fn templates_and_other_languages_have_hovers_too() {
    let (_dir, root) = shop();
    let mut client = start(&root, "zh-CN");
    let uri = format!("{root}/pages/a/a.wxml");
    client.open(&uri, 1, VIEW);
    let over = hover(&mut client, &uri, VIEW, "<text>", "mobile");
    let text = said(&over);
    assert!(text.contains("**个人信息：手机号**"), "{text}");
    assert!(text.contains("来源"), "{text}");
    assert_eq!(over["range"], at(1, 9, 15));
    let over = hover(&mut client, &uri, VIEW, "<input", "input");
    let text = said(&over);
    assert!(text.contains("收集（"), "{text}");
    assert!(text.contains("- `wx.request`"), "{text}");

    // The hover follows the edits of another file.
    let api = format!("{root}/utils/api.js");
    client.open(&api, 1, "module.exports = { report(body) {} }\n");
    let over = hover(&mut client, &uri, VIEW, "<input", "input");
    assert!(!said(&over).contains("wx.request"), "{}", said(&over));
}
