//! Code actions do what they say: apply the edit, and the finding is gone. Hovers.

use super::*;
use minivet::text::{Edit, Encoding, LineIndex, Position, Span, apply_edits};

fn offset(text: &str, value: &Value) -> u32 {
    let number = |name: &str| value[name].as_u64().unwrap() as u32;
    let position = Position {
        line: number("line"),
        column: number("character"),
    };
    LineIndex::new(text).offset(text, position, Encoding::Utf16)
}

/// Applies text edits of the protocol.
fn apply(text: &str, edits: &Value) -> String {
    let edits: Vec<Edit> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| Edit {
            span: Span::new(
                offset(text, &edit["range"]["start"]),
                offset(text, &edit["range"]["end"]),
            ),
            text: edit["newText"].as_str().unwrap().to_string(),
        })
        .collect();
    apply_edits(text, &edits).unwrap()
}

fn capabilities(resolve: bool) -> Value {
    let mut action = json!({"codeActionLiteralSupport": {}});
    if resolve {
        action["dataSupport"] = true.into();
        action["resolveSupport"] = json!({"properties": ["edit"]});
    }
    json!({"textDocument": {"codeAction": action}, "workspace": {"workspaceEdit": {"documentChanges": resolve}}})
}

fn actions(client: &mut Client, uri: &str, range: &Value, only: Value) -> Vec<Value> {
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": [], "only": only}});
    let list = client.result("textDocument/codeAction", params);
    list.as_array().unwrap().clone()
}

/// The text after an action, which may have to be resolved.
fn applied(client: &mut Client, action: &Value, uri: &str, version: i64, text: &str) -> String {
    let action = match action.get("edit") {
        Some(_) => action.clone(),
        None => client.result("codeAction/resolve", action.clone()),
    };
    if let Some(changes) = action["edit"].get("documentChanges") {
        let change = &changes[0];
        assert_eq!(
            change["textDocument"],
            json!({"uri": uri, "version": version})
        );
        return apply(text, &change["edits"]);
    }
    apply(text, &action["edit"]["changes"][uri])
}

/// Every kind of file with one finding in it, and how many actions it has: mends, then silencing. `KEY` is a credential.
const CASES: [(&str, &str, usize); 12] = [
    (
        "file:///a/a.js",
        "// 号😀\n  load('http://api.youpin.cn/v1') // 😀\n",
        3,
    ),
    (
        "file:///a/crlf.js",
        "#!/usr/bin/env node\r\nf()\r\n\tload('http://api.youpin.cn/v1')\r\n",
        3,
    ),
    (
        "file:///a/bom.js",
        "\u{feff}load('http://api.youpin.cn/v1')",
        3,
    ),
    // No comment can stand beside a line inside of a text.
    (
        "file:///a/text.js",
        "const a = `\nhttp://api.youpin.cn/v1/${b}\n`\nf(a)\n",
        2,
    ),
    (
        "file:///a/view.jsx",
        "const a = (\n  <View>\n    <Text key='KEY' />\n  </View>\n)\n",
        2,
    ),
    (
        "file:///a/页 [id].wxml",
        "<view>\n  <text data-key=\"KEY\" />\n</view>\n",
        2,
    ),
    (
        "file:///a/tag.wxml",
        "<view>\n  <text\n    class=\"a\"\n    data-key=\"KEY\"\n  />\n</view>\n",
        2,
    ),
    (
        "file:///a/a.vue",
        "<template>\n  <view data-key=\"KEY\" />\n</template>\n<script>\nexport default {}\n</script>\n",
        2,
    ),
    (
        "file:///a/b.vue",
        "<template><view/></template>\n<script>\nload('http://api.youpin.cn/v1')\n</script>\n",
        3,
    ),
    (
        "file:///a/wxs.wxml",
        "<wxs module=\"m\">\nvar key = 'KEY'\n</wxs>\n",
        2,
    ),
    ("file:///a/.env", "NAME=a\nKEY_ID=KEY\n", 2),
    // The formats of the platforms' tools know no comments.
    (
        "file:///a/project.config.json",
        "{\n  \"setting\": { \"urlCheck\": false }\n}\n",
        1,
    ),
];

const KEY: &str = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA";

#[test]
fn every_action_takes_its_finding_away() {
    for resolve in [false, true] {
        let mut client = Client::start(json!({"capabilities": capabilities(resolve)}));
        let mut wrong = Vec::new();
        for (uri, text, count) in CASES {
            let text = &text
                .replace("'KEY'", &format!("'{KEY}'"))
                .replace("\"KEY\"", &format!("\"{KEY}\""))
                .replace("=KEY", &format!("={KEY}"));
            client.open(uri, 1, text);
            let found = client.published(uri, 1);
            if found.len() != 1 {
                wrong.push(format!("{uri}: {found:?}"));
                continue;
            }
            let list = actions(&mut client, uri, &found[0]["range"], json!(["quickfix"]));
            let titles: Vec<&str> = list.iter().map(|a| a["title"].as_str().unwrap()).collect();
            if list.len() != count {
                wrong.push(format!("{uri}: {titles:?}"));
            }
            for (n, action) in list.iter().enumerate() {
                assert_eq!(action["kind"], "quickfix");
                assert_eq!(action["diagnostics"][0]["code"], found[0]["code"]);
                let silences = titles[n].starts_with("Silence");
                assert_eq!(action.get("edit").is_none(), resolve && silences);
                let new = applied(&mut client, action, uri, 1, text);
                let other = uri.replace("/a/", &format!("/{n}/"));
                client.open(&other, 1, &new);
                let left = client.published(&other, 1);
                if !left.is_empty() {
                    wrong.push(format!("{uri}: after {}: {new}\n{left:?}", action["title"]));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}

#[test]
fn all_safe_mends_at_once() {
    let uri = "file:///a.js";
    // Comments that silence nothing are taken away safely; the address is left alone.
    let text = format!("// minivet-disable-line leak\nf() // minivet-disable-line leak\n{LEAK}");
    for resolve in [false, true] {
        let mut client = Client::start(json!({"capabilities": capabilities(resolve)}));
        client.open(uri, 3, &text);
        client.published(uri, 3);
        let list = actions(&mut client, uri, &at(0, 0, 0), json!(["source.fixAll"]));
        assert_eq!(list.len(), 1, "{list:?}");
        assert_eq!(list[0]["kind"], "source.fixAll.minivet");
        assert_eq!(
            applied(&mut client, &list[0], uri, 3, &text),
            format!("f()\n{LEAK}")
        );
        assert_eq!(
            actions(&mut client, uri, &at(0, 0, 0), json!(["refactor"])),
            [Value::Null; 0]
        );
        if resolve {
            // The text has changed since.
            client.change(uri, 4, json!([{"text": LEAK}]));
            let answer = client.request("codeAction/resolve", list[0].clone());
            assert_eq!(answer["error"]["code"], -32801);
        }
    }
}

#[test]
fn a_hover_says_what_the_finding_is_and_where_to_read_on() {
    for (locale, word) in [("en", "Cleartext"), ("zh-cn", "明文")] {
        let mut client = Client::start(json!({"locale": locale}));
        let uri = "file:///a.js";
        client.open(uri, 1, &format!("// 号\n{LEAK}"));
        let found = client.published(uri, 1);
        assert!(found[0]["message"].as_str().unwrap().contains(word));
        let href = found[0]["codeDescription"]["href"].as_str().unwrap();
        assert!(
            href.starts_with("https://") && href.contains("transport/http-url"),
            "{href}"
        );
        let hover = |client: &mut Client, line: u32, character: u32| {
            let params = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
            client.result("textDocument/hover", params)
        };
        let on = hover(&mut client, 1, 8);
        let text = on["contents"]["value"].as_str().unwrap();
        assert!(text.contains(word) && text.contains(href), "{text}");
        assert_eq!(on["range"], found[0]["range"]);
        assert_eq!(hover(&mut client, 0, 2), Value::Null);
        assert_eq!(hover(&mut client, 99, 99), Value::Null);
    }
}
