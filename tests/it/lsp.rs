//! The language server as editors meet it: the real binary over its standard input and output.
//!
//! This file is the client; `lsp/` has the tests by subject.

mod actions;
mod edits;
mod hover;
mod inventory;
mod protocol;
mod workspace;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Machines under load are slow; nothing waits this long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);
/// A line that every check objects to, by a rule that looks at one file.
const LEAK: &str = "load('http://api.youpin.cn/v1')\n";

/// A client with a server of its own.
struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    incoming: Receiver<Value>,
    /// Messages that nobody has waited for yet.
    seen: Vec<Value>,
    next_id: i64,
    /// The answer to `workspace/configuration`, for every item.
    settings: Value,
}

impl Client {
    fn spawn() -> Client {
        Client::spawn_logging(Stdio::inherit())
    }

    /// A server that logs all it can.
    fn spawn_logging(log: Stdio) -> Client {
        let mut child = Command::new(env!("CARGO_BIN_EXE_minivet"))
            .arg("lsp")
            .env_clear()
            .env("RUST_LOG", "trace")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (send, incoming) = channel();
        std::thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if out.read_line(&mut line).unwrap_or(0) == 0 {
                        return;
                    }
                    if line == "\r\n" {
                        break;
                    }
                    let digits = line.strip_prefix("Content-Length: ").unwrap();
                    length = digits.trim().parse().unwrap();
                }
                let mut body = vec![0; length];
                out.read_exact(&mut body).unwrap();
                if send.send(serde_json::from_slice(&body).unwrap()).is_err() {
                    return;
                }
            }
        });
        Client {
            stdin: child.stdin.take(),
            child,
            incoming,
            seen: Vec::new(),
            next_id: 0,
            settings: Value::Null,
        }
    }

    /// A server that is initialized. `params` may lack everything.
    fn start(params: Value) -> Client {
        let mut client = Client::spawn();
        let mut params = params;
        if params.get("capabilities").is_none() {
            params["capabilities"] = json!({});
        }
        let answer = client.request("initialize", params);
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        client.notify("initialized", json!({}));
        client
    }

    fn raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.raw(frame.as_bytes());
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting.
    fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Sends a request and waits for the whole answer.
    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    fn answer(&mut self, id: i64) -> Value {
        self.wait("an answer", |m| m["id"] == id && m.get("method").is_none())
    }

    fn result(&mut self, method: &str, params: Value) -> Value {
        let mut answer = self.request(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Takes what has come; answers what the server asks.
    fn pump(&mut self, timeout: Duration) -> bool {
        let message = match self.incoming.recv_timeout(timeout) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the server has ended; seen: {:?}", self.seen)
            }
        };
        if message.get("method").is_some() && message.get("id").is_some() {
            let result = match message["method"].as_str() {
                Some("workspace/configuration") => {
                    let items = message["params"]["items"].as_array().unwrap();
                    items.iter().map(|_| self.settings.clone()).collect()
                }
                _ => Value::Null,
            };
            self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
        }
        self.seen.push(message);
        true
    }

    /// The first message that fits; it counts as seen.
    fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.iter().position(&fits) {
                return self.seen.remove(at);
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what}; seen: {:?}", self.seen);
            self.pump(left);
        }
    }

    /// Everything that comes until it is quiet for a while.
    fn drain(&mut self, quiet: Duration) -> Vec<Value> {
        while self.pump(quiet) {}
        std::mem::take(&mut self.seen)
    }

    fn open(&mut self, uri: &str, version: i64, text: &str) {
        let item =
            json!({"uri": uri, "languageId": "javascript", "version": version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": item}));
    }

    fn change(&mut self, uri: &str, version: i64, changes: Value) {
        let params =
            json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes});
        self.notify("textDocument/didChange", params);
    }

    /// The diagnostics published for a version of a document.
    fn published(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let mut message = self.wait("diagnostics", |m| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri
                && m["params"]["version"] == version
        });
        let list = message["params"]["diagnostics"].take();
        list.as_array().unwrap().clone()
    }

    /// The next publication for a document that is not open.
    fn published_closed(&mut self, uri: &str) -> Vec<Value> {
        let mut message = self.wait("diagnostics of a closed file", |m| {
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri
                && m["params"].get("version").is_none()
        });
        let list = message["params"]["diagnostics"].take();
        list.as_array().unwrap().clone()
    }

    /// What the client gets when it asks for a document's diagnostics.
    fn pulled(&mut self, uri: &str) -> Vec<Value> {
        let result = self.result(
            "textDocument/diagnostic",
            json!({"textDocument": {"uri": uri}}),
        );
        assert_eq!(result["kind"], "full");
        result["items"].as_array().unwrap().clone()
    }

    /// Closes the input and waits for the end.
    fn exit_code(&mut self) -> i32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < end, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Capabilities of a client that asks for diagnostics.
fn pulling() -> Value {
    json!({
        "textDocument": {"diagnostic": {"relatedDocumentSupport": true}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    })
}

fn rules(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics
        .iter()
        .map(|d| d["code"].as_str().unwrap())
        .collect()
}

fn at(line: u32, start: u32, end: u32) -> Value {
    json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}})
}

/// A folder with files, and its URI.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let uri = format!("file://{}", dir.path().display());
    (dir, uri)
}
