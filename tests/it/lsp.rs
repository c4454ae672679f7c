//! The protocol shell, in memory, with a fake analysis that objects to every `secret`.

use minivet::finding::{
    Applicability, Confidence, FileEdit, Finding, Fix, Location, Severity, Text,
};
use minivet::lsp::{Tool, serve};
use minivet::session::Hover;
use minivet::text::{Edit, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Fake(BTreeMap<Arc<str>, Arc<str>>);

impl Tool for Fake {
    fn set_text(&mut self, key: &Arc<str>, text: Arc<str>) {
        self.0.insert(key.clone(), text);
    }
    fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }
    fn check(&mut self, _: &dyn Fn() -> bool) -> Option<BTreeMap<Arc<str>, Vec<Finding>>> {
        let find = |(key, text): (&Arc<str>, &Arc<str>)| {
            let at = |(at, word): (usize, &str)| Finding {
                rule: "fake/secret".into(),
                severity: Severity::Warning,
                confidence: Confidence::High,
                message: Text {
                    en: "A secret".into(),
                    zh_cn: "秘密".into(),
                },
                why: Text::default(),
                help: Text::default(),
                at: Location {
                    file: key.clone(),
                    span: Span::new(at as u32, (at + word.len()) as u32),
                },
                data: vec![],
                flow: vec![],
                fixes: vec![Fix {
                    title: Text {
                        en: "Remove".into(),
                        zh_cn: "删除".into(),
                    },
                    applicability: Applicability::Safe,
                    edits: vec![FileEdit {
                        file: key.clone(),
                        edit: Edit {
                            span: Span::new(at as u32, (at + word.len()) as u32),
                            text: String::new(),
                        },
                    }],
                }],
                fingerprint: String::new(),
                deprecated: false,
            };
            (key.clone(), text.match_indices("secret").map(at).collect())
        };
        Some(self.0.iter().map(find).collect())
    }
    fn hover(&mut self, _: &str, _: u32) -> Option<Hover> {
        None
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn frame(body: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Plays a session to its end; exit code and all messages sent.
fn play(input: &[Vec<u8>]) -> (u8, Vec<Value>) {
    let sink = Sink::default();
    let input = input.concat();
    let code = serve(
        &input[..],
        sink.clone(),
        || Box::new(Fake::default()),
        || {},
    );
    let bytes = sink.0.lock().unwrap().clone();
    let mut rest = std::str::from_utf8(&bytes).unwrap();
    let mut out = Vec::new();
    while let Some((header, body)) = rest.split_once("\r\n\r\n") {
        let length: usize = header
            .strip_prefix("Content-Length: ")
            .unwrap()
            .parse()
            .unwrap();
        out.push(serde_json::from_str(&body[..length]).unwrap());
        rest = &body[length..];
    }
    assert_eq!(rest, "", "nothing but messages on stdout");
    (code, out)
}

fn call(id: i64, method: &str, params: Value) -> Vec<u8> {
    frame(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string())
}

fn tell(method: &str, params: Value) -> Vec<u8> {
    frame(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string())
}

fn start(encoding: &str) -> Vec<u8> {
    call(
        1,
        "initialize",
        json!({"capabilities": {"general": {"positionEncodings": [encoding]}}}),
    )
}

fn codes(messages: &[Value]) -> Vec<(Value, i64)> {
    let errors = messages.iter().filter(|m| m.get("error").is_some());
    errors
        .map(|m| (m["id"].clone(), m["error"]["code"].as_i64().unwrap()))
        .collect()
}

#[test]
fn exit_code_tells_whether_shutdown_came() {
    assert_eq!(
        play(&[
            start("utf-16"),
            call(2, "shutdown", json!({})),
            tell("exit", Value::Null)
        ])
        .0,
        0
    );
    assert_eq!(play(&[start("utf-16"), tell("exit", Value::Null)]).0, 1);
    assert_eq!(play(&[tell("exit", Value::Null)]).0, 1);
    assert_eq!(play(&[start("utf-16")]).0, 1);
}

#[test]
fn wrong_messages_get_one_error_each_and_no_more() {
    let (_, messages) = play(&[
        call(9, "textDocument/hover", json!({})),
        start("utf-16"),
        frame("{broken"),
        frame("[]"),
        frame("42"),
        call(2, "$/unknown", json!({})),
        tell("$/unknown", json!({})),
        call(3, "initialize", json!({"capabilities": {}})),
        call(
            4,
            "textDocument/hover",
            json!({"textDocument": "sk-planted"}),
        ),
        call(5, "shutdown", Value::Null),
        call(6, "textDocument/hover", json!({})),
    ]);
    let mut got = codes(&messages);
    got.sort_by_key(|(id, code)| (id.as_i64(), *code));
    let null = Value::Null;
    let expected = [
        (null.clone(), -32700),
        (null.clone(), -32600),
        (null, -32600),
        (2.into(), -32601),
        (3.into(), -32600),
        (4.into(), -32602),
        (6.into(), -32600),
        (9.into(), -32002),
    ];
    assert_eq!(got, expected);
    assert!(!messages.iter().any(|m| m.to_string().contains("planted")));
}

#[test]
fn changes_of_one_notification_apply_in_order_in_every_encoding() {
    for (encoding, column) in [("utf-8", 7), ("utf-16", 3), ("utf-32", 2)] {
        let uri = "file:///应用/[id].js";
        let at = |line: u32, a: u32, b: u32| json!({"start": {"line": line, "character": a}, "end": {"line": line, "character": b}});
        let (_, messages) = play(&[
            start(encoding),
            tell(
                "textDocument/didOpen",
                json!({"textDocument": {"uri": uri, "languageId": "javascript", "version": 5, "text": "号😀x\r\nb"}}),
            ),
            tell(
                "textDocument/didChange",
                json!({"textDocument": {"uri": uri, "version": 6}, "contentChanges": [
                    {"range": at(0, column, column + 1), "text": "se"},
                    {"range": at(0, column + 2, column + 2), "text": "cret"},
                    {"range": {"start": {"line": 99, "character": 9}, "end": {"line": 1, "character": 0}}, "text": ""},
                ]}),
            ),
        ]);
        let last = messages
            .iter()
            .rfind(|m| m["method"] == "textDocument/publishDiagnostics")
            .unwrap();
        assert_eq!(last["params"]["uri"], uri, "as the client spells it");
        assert_eq!(last["params"]["version"], 6);
        assert_eq!(
            last["params"]["diagnostics"][0]["range"],
            at(0, column, column + 6),
            "{encoding}"
        );
    }
}

#[test]
fn a_finding_under_the_cursor_offers_its_fix() {
    let ask = |id, only: Value| {
        let point = json!({"line": 0, "character": 5});
        let params = json!({"textDocument": {"uri": "untitled:a"}, "range": {"start": point, "end": point}, "context": {"diagnostics": [], "only": only}});
        call(id, "textDocument/codeAction", params)
    };
    let (_, messages) = play(&[
        start("utf-16"),
        tell(
            "textDocument/didOpen",
            json!({"textDocument": {"uri": "untitled:a", "languageId": "javascript", "version": 1, "text": "a = secret"}}),
        ),
        ask(2, json!(["quickfix"])),
        ask(3, json!(["refactor"])),
    ]);
    let result = |id: i64| &messages.iter().find(|m| m["id"] == id).unwrap()["result"];
    assert_eq!(result(2)[0]["title"], "Remove");
    assert_eq!(
        result(2)[0]["edit"]["changes"]["untitled:a"][0]["newText"],
        ""
    );
    assert_eq!(result(3), &json!([]));
}
