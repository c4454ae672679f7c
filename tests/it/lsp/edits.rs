//! Diagnostics belong to the newest text, whatever was typed before, in all encodings, pushed or pulled.

use super::*;
use minivet::text::{Encoding, LineIndex, Position};

const ENCODINGS: [(&str, Encoding); 3] = [
    ("utf-8", Encoding::Utf8),
    ("utf-16", Encoding::Utf16),
    ("utf-32", Encoding::Utf32),
];

fn capabilities(encoding: &str, pull: bool) -> Value {
    let mut out = if pull { pulling() } else { json!({}) };
    out["general"] = json!({"positionEncodings": [encoding]});
    out
}

/// A small generator, so that a failure can be repeated from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

const PIECES: [&str; 22] = [
    "load('http://api.youpin.cn/v1')\n",
    "load('http://号.youpin.cn')\r\n",
    "// 号😀 é\n",
    "const 号 = `😀${a}`\n",
    "'",
    "`",
    "{",
    "}",
    "/*",
    "*/",
    "\n",
    "\r\n",
    "\r",
    "a",
    "😀",
    "http://b.youpin.cn/",
    "// minivet-disable-line\n",
    "// minivet-disable-next-line transport\n",
    "function f() {\n",
    "const secret_key = 'sk-live-0123456789abcdefABCDEF01'\n",
    "<",
    "\u{2028}",
];

/// Offsets at which a client can have its cursor: not inside of a character, nor between CR and LF.
fn place(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) || (text[..at].ends_with('\r') && text[at..].starts_with('\n'))
    {
        at -= 1;
    }
    at
}

fn position(text: &str, at: usize, encoding: Encoding) -> Value {
    let Position { line, column } = LineIndex::new(text).position(text, at as u32, encoding);
    json!({"line": line, "character": column})
}

/// Some edits of one notification, applied to `text` as well.
fn edits(text: &mut String, random: &mut Random, encoding: Encoding) -> Value {
    let mut out = Vec::new();
    for _ in 0..1 + random.below(3) {
        let (a, b) = (place(text, random), place(text, random));
        let (a, b) = (a.min(b), a.max(b));
        // Mostly insertions, so that texts grow.
        let end = if random.below(3) == 0 { b } else { a };
        let new = PIECES[random.below(PIECES.len())];
        let range =
            json!({"start": position(text, a, encoding), "end": position(text, end, encoding)});
        out.push(json!({"range": range, "text": new}));
        text.replace_range(a..end, new);
    }
    out.into()
}

fn fresh(encoding: &str, uri: &str, text: &str) -> Vec<Value> {
    let mut client = Client::start(json!({"capabilities": capabilities(encoding, false)}));
    client.open(uri, 1, text);
    client.published(uri, 1)
}

#[test]
fn after_any_edits_the_diagnostics_are_those_of_a_fresh_server() {
    let uri = "file:///应用/[id].js";
    for (name, encoding) in ENCODINGS {
        for pull in [false, true] {
            let seed = 7 + name.len() as u64 * 2 + u64::from(pull);
            let mut random = Random(seed);
            let mut client = Client::start(json!({"capabilities": capabilities(name, pull)}));
            let mut text = LEAK.repeat(3);
            let mut version = 1;
            client.open(uri, version, &text);
            for round in 0..6 {
                for _ in 0..8 {
                    version += 1;
                    let changes = edits(&mut text, &mut random, encoding);
                    client.change(uri, version, changes);
                }
                let got = match pull {
                    true => client.pulled(uri),
                    false => client.published(uri, version),
                };
                let expected = fresh(name, uri, &text);
                assert_eq!(
                    got, expected,
                    "{name}, pull {pull}, seed {seed}, round {round}:\n{text:?}"
                );
            }
            let rest = client.drain(Duration::from_millis(500));
            let mut last = 0;
            for message in rest
                .iter()
                .filter(|m| m["method"] == "textDocument/publishDiagnostics")
            {
                assert!(!pull, "pushed to a client that pulls: {message}");
                let version = message["params"]["version"].as_i64().unwrap();
                assert!(version >= last, "a version that goes back");
                last = version;
            }
        }
    }
}

#[test]
fn changes_of_one_notification_apply_in_order_in_every_encoding() {
    for (encoding, column) in [("utf-8", 7), ("utf-16", 3), ("utf-32", 2)] {
        let mut client = Client::start(json!({"capabilities": capabilities(encoding, false)}));
        let uri = "file:///a.js";
        client.open(uri, 5, "号😀x\r\nb");
        client.published(uri, 5);
        let end =
            json!({"start": {"line": 99, "character": 9}, "end": {"line": 1, "character": 0}});
        client.change(
            uri,
            6,
            json!([
                {"range": at(0, column, column + 1), "text": "/*x*/load('http:"},
                {"range": at(0, column + 16, column + 16), "text": "//api.youpin.cn/v1')"},
                {"range": end, "text": ""},
            ]),
        );
        let found = client.published(uri, 6);
        assert_eq!(rules(&found), ["transport/http-url"], "{encoding}");
        assert_eq!(
            found[0]["range"]["start"],
            json!({"line": 0, "character": column + 11}),
            "{encoding}"
        );
    }
}

#[test]
fn a_burst_is_answered_by_few_reports_and_soon() {
    let mut client = Client::start(json!({}));
    let uri = "file:///a.js";
    client.open(uri, 1, &LEAK.repeat(200));
    client.published(uri, 1);
    for n in 0..20 {
        client.change(uri, n + 2, json!([{"range": at(0, 0, 0), "text": "a"}]));
    }
    client.published(uri, 21);
    let others = client.drain(Duration::from_millis(300));
    let reports = others
        .iter()
        .filter(|m| m["method"] == "textDocument/publishDiagnostics")
        .count();
    // Under load the letters themselves come late.
    assert!(reports < 10, "{reports} reports beside the last one");
}

#[test]
fn the_same_findings_as_the_command_line() {
    let text = format!("// 号😀\n{LEAK}const key = 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA'\n");
    let (dir, uri) = folder(&[("pages/页/[id].js", &text)]);
    let out = Command::new(env!("CARGO_BIN_EXE_minivet"))
        .args(["check", "--format", "json"])
        .arg(dir.path())
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let cli: Vec<(Value, i64, i64)> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let start = &f["range"]["start"];
            (
                f["rule"].clone(),
                start["line"].as_i64().unwrap() - 1,
                start["column"].as_i64().unwrap() - 1,
            )
        })
        .collect();
    assert!(!cli.is_empty());
    let mut client =
        Client::start(json!({"rootUri": uri, "capabilities": capabilities("utf-32", false)}));
    let found = client.published_closed(&format!("{uri}/pages/%E9%A1%B5/%5Bid%5D.js"));
    let lsp: Vec<(Value, i64, i64)> = found
        .iter()
        .map(|d| {
            let start = &d["range"]["start"];
            (
                d["code"].clone(),
                start["line"].as_i64().unwrap(),
                start["character"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(lsp, cli);
}
