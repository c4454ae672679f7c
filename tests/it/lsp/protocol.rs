//! The life of a session, wrong messages, spellings, cancelling.

use super::*;

#[test]
fn exit_code_tells_whether_shutdown_came() {
    let mut client = Client::start(json!({}));
    assert_eq!(client.result("shutdown", Value::Null), Value::Null);
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0, "with standard input still open");
    let mut client = Client::start(json!({}));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
    let mut client = Client::start(json!({}));
    client.stdin = None;
    assert_eq!(client.exit_code(), 1);
    let mut client = Client::spawn();
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn the_server_ends_with_its_parent() {
    let mut parent = Command::new("sleep").arg("600").spawn().unwrap();
    let mut client = Client::start(json!({"processId": parent.id()}));
    client.result(
        "textDocument/hover",
        json!({"textDocument": {"uri": "file:///a.js"}, "position": {"line": 0, "character": 0}}),
    );
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert_eq!(client.exit_code(), 1);
}

#[test]
fn wrong_messages_get_one_error_each_and_no_more() {
    let mut client = Client::spawn();
    let code = |answer: Value| answer["error"]["code"].as_i64().unwrap();
    assert_eq!(
        code(client.request("textDocument/hover", json!({}))),
        -32002
    );
    client.request("initialize", json!({"capabilities": {}}));
    for body in ["{broken", "[]", "42"] {
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        client.raw(frame.as_bytes());
        let answer = client.wait("an error", |m| {
            m["id"].is_null() && m.get("error").is_some()
        });
        let expected = if body == "{broken" { -32700 } else { -32600 };
        assert_eq!(code(answer), expected, "{body}");
    }
    assert_eq!(code(client.request("$/unknown", json!({}))), -32601);
    client.notify("$/unknown", json!({}));
    assert_eq!(
        code(client.request("initialize", json!({"capabilities": {}}))),
        -32600
    );
    let answer = client.request("textDocument/hover", json!({"textDocument": "sk-planted"}));
    assert!(!answer.to_string().contains("planted"));
    assert_eq!(code(answer), -32602);
    assert_eq!(
        code(client.request("workspace/executeCommand", json!({"command": "no"}))),
        -32602
    );
    client.result("shutdown", Value::Null);
    assert_eq!(
        code(client.request("textDocument/hover", json!({}))),
        -32600
    );
    let rest = client.drain(Duration::from_millis(50));
    assert!(rest.iter().all(|m| m.get("error").is_none()), "{rest:?}");
}

#[test]
fn uris_are_shown_as_the_client_spells_them() {
    let mut client = Client::start(json!({}));
    for uri in [
        "file:///应用/页 面/[id].js",
        "file:///%E5%BA%94%E7%94%A8/b%20c.js",
        "untitled:Untitled-1",
        "vscode-remote://ssh-remote%2Bhost/home/a.js",
    ] {
        client.open(uri, 5, LEAK);
        assert_eq!(
            rules(&client.published(uri, 5)),
            ["transport/http-url"],
            "{uri}"
        );
        client.notify(
            "textDocument/didClose",
            json!({"textDocument": {"uri": uri}}),
        );
        assert!(client.published_closed(uri).is_empty(), "{uri}");
    }
}

#[test]
fn a_request_can_be_taken_back_while_it_waits() {
    let (_dir, uri) = folder(&[("a.js", LEAK)]);
    let mut client = Client::spawn();
    client.request(
        "initialize",
        json!({"capabilities": pulling(), "rootUri": uri}),
    );
    // Without `initialized` there is no pass through the workspace, for which this request waits.
    let id = client.ask("workspace/diagnostic", json!({"previousResultIds": []}));
    client.notify("$/cancelRequest", json!({"id": id}));
    assert_eq!(client.answer(id)["error"]["code"], -32800);
    client.notify("$/cancelRequest", json!({"id": 777}));
    client.notify("initialized", json!({}));
    let items = client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    assert_eq!(items["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_document_that_is_too_large_is_said_and_costs_nothing_else() {
    let mut client = Client::start(json!({}));
    let large = LEAK.repeat(400_000);
    client.open("file:///large.js", 1, &large);
    client.open("file:///small.js", 1, LEAK);
    let said = client.published("file:///large.js", 1);
    assert_eq!(rules(&said), ["minivet/not-checked"]);
    assert_eq!(
        rules(&client.published("file:///small.js", 1)),
        ["transport/http-url"]
    );
    // It becomes a small one.
    client.change("file:///large.js", 2, json!([{"text": LEAK}]));
    assert_eq!(
        rules(&client.published("file:///large.js", 2)),
        ["transport/http-url"]
    );
}

#[test]
fn deep_code_costs_nothing_in_any_language() {
    let mut client = Client::start(json!({}));
    let deep = 20_000;
    let cases = [
        (
            "deep.js",
            format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        ),
        ("open.ts", "({a:".repeat(deep)),
        (
            "calls.js",
            format!("{}1{}", "f(".repeat(deep), ")".repeat(deep)),
        ),
        (
            "deep.json",
            format!("{}1{}", "[".repeat(deep), "]".repeat(deep)),
        ),
        (
            "deep.wxml",
            format!("{}{}", "<view>".repeat(deep), "</view>".repeat(deep)),
        ),
        (
            "value.wxml",
            format!("<a b='{{{{{}1{}}}}}'/>", "(".repeat(deep), ")".repeat(deep)),
        ),
        (
            "deep.vue",
            format!(
                "<template>{}</template>\n<script>\n{LEAK}</script>\n",
                "<view>".repeat(deep)
            ),
        ),
    ];
    for (name, text) in &cases {
        let uri = format!("file:///{name}");
        client.open(&uri, 1, text);
        client.published(&uri, 1);
        let position = json!({"line": 0, "character": deep});
        client.result(
            "textDocument/hover",
            json!({"textDocument": {"uri": uri}, "position": position}),
        );
    }
    client.open("file:///after.js", 1, LEAK);
    assert_eq!(client.published("file:///after.js", 1).len(), 1);
}

#[test]
fn bodies_that_are_no_text_cost_one_error() {
    let mut client = Client::start(json!({}));
    let bodies: [&[u8]; 4] = [
        b"\xff\xfe\xfd",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{\"a\":\"\\ud83d\"}}",
        b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"shutdown\"}",
        b"",
    ];
    for body in bodies {
        let head = format!("Content-Length: {}\r\n\r\n", body.len());
        client.raw(&[head.as_bytes(), body].concat());
    }
    client.open("file:///a.js", 1, LEAK);
    assert_eq!(client.published("file:///a.js", 1).len(), 1);
    let rest = client.drain(Duration::from_millis(100));
    let errors = rest.iter().filter(|m| m.get("error").is_some()).count();
    assert!(errors <= bodies.len(), "{rest:?}");
}

/// It made the framework's own example panic, and the server hang.
#[test]
fn a_range_the_wrong_way_round_is_no_end() {
    let mut client = Client::start(json!({}));
    let uri = "file:///a.js";
    client.open(uri, 1, &LEAK.repeat(3));
    client.published(uri, 1);
    let range = json!({"start": {"line": 2, "character": 5}, "end": {"line": 0, "character": 2}});
    client.change(uri, 2, json!([{"range": range, "text": "x"}]));
    client.change(uri, 3, json!([{"text": LEAK}]));
    assert_eq!(rules(&client.published(uri, 3)), ["transport/http-url"]);
    for range in [
        range,
        json!({"start": {"line": 99, "character": 99}, "end": {"line": 4_000_000_000u32, "character": 0}}),
    ] {
        client.result(
            "textDocument/codeAction",
            json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}}),
        );
    }
}

#[test]
fn lines_are_those_of_the_protocol() {
    let mut client = Client::start(json!({}));
    // Vertical tab, form feed, NEL and the Unicode separators end no line; a lone CR does.
    let odd = "// \u{b} \u{c} \u{85} \u{2028} \u{2029}";
    let text = format!("{odd}\r//\r\n//\n{LEAK}");
    client.open("file:///a.js", 1, &text);
    let found = client.published("file:///a.js", 1);
    let lines: Vec<_> = found.iter().map(|d| &d["range"]["start"]["line"]).collect();
    assert_eq!(lines, [3], "{found:?}");
}

#[test]
fn the_end_comes_soon() {
    for close in [true, false] {
        let mut client = Client::start(json!({}));
        client.open("file:///a.js", 1, LEAK);
        client.published("file:///a.js", 1);
        let asked = Instant::now();
        match close {
            true => client.stdin = None,
            false => client.notify("exit", Value::Null),
        }
        client.exit_code();
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{:?}",
            asked.elapsed()
        );
    }
}

#[test]
fn a_secret_leaves_the_server_nowhere() {
    let tables = &minivet::rules::RuleSet::builtin().tables;
    let secret = tables.secrets().sample("wechat-app-secret", 7).unwrap();
    let text = format!("const appSecret = \"{secret}\"\nlet b = 1 // {secret}\n");
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut client = Client::spawn_logging(log.reopen().unwrap().into());
    let uri = "file:///a.js";
    client.request(
        "initialize",
        json!({"capabilities": {}, "trace": "verbose"}),
    );
    client.notify("initialized", json!({}));
    client.open(uri, 1, &text);
    let mut said = vec![json!(client.published(uri, 1))];
    let document = json!({"uri": uri});
    said.push(client.request(
        "textDocument/hover",
        json!({"textDocument": document, "position": {"line": 0, "character": 24}}),
    ));
    said.push(client.request(
        "textDocument/codeAction",
        json!({"textDocument": document, "range": at(0, 0, 50), "context": {"diagnostics": []}}),
    ));
    said.push(client.request("textDocument/hover", json!({"textDocument": secret})));
    said.push(client.request(&secret, json!({})));
    said.push(client.request("shutdown", Value::Null));
    client.notify("exit", Value::Null);
    assert_eq!(client.exit_code(), 0);
    said.extend(std::mem::take(&mut client.seen));
    let said = format!("{said:?}{}", std::fs::read_to_string(log.path()).unwrap());
    assert!(said.contains("secrets/"), "{said}");
    // The mend of a finding may hold what stands there; what is said of it may not.
    assert!(!said.contains(&secret[..8]), "{said}");
}
