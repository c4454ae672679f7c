//! The one thread that owns documents and analysis. It talks through the outbox and never waits for the client.

use super::outbox::{Asked, Outbox};
use super::server::Shared;
use super::tool::Tool;
use super::uri;
use crate::finding::{Applicability, FileEdit, Finding, Fix, Language, Severity, Text};
use crate::text::{Encoding, LineIndex, Position, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// What happens to the world, in the order of the wire.
pub enum Event {
    /// A request: id, method, parameters.
    Request(Value, String, Value),
    /// A notification: method, parameters.
    Notification(String, Value),
    /// An answer to a request of ours.
    Answer(Asked, Value),
    /// The input has ended; say when all before is done.
    Drained(Sender<()>),
}

struct Document {
    uri: String,
    version: Option<i64>,
    text: Arc<str>,
    index: LineIndex,
}

/// Everything the server knows.
pub struct World {
    outbox: Outbox,
    shared: Arc<Shared>,
    tool: Option<Box<dyn Tool>>,
    encoding: Encoding,
    language: Language,
    pull: bool,
    documents: BTreeMap<Arc<str>, Document>,
    findings: BTreeMap<Arc<str>, Vec<Finding>>,
    sent: BTreeMap<Arc<str>, Value>,
    dirty: bool,
}

/// Edits that come within this time belong to one burst.
const LINGER: Duration = Duration::from_micros(1500);
/// After this time a check is not put off or cancelled any more.
const PATIENCE: Duration = Duration::from_millis(200);

impl World {
    /// An empty world.
    pub fn new(outbox: Outbox, shared: Arc<Shared>) -> World {
        World {
            outbox,
            shared,
            tool: None,
            encoding: Encoding::Utf16,
            language: Language::En,
            pull: false,
            documents: BTreeMap::new(),
            findings: BTreeMap::new(),
            sent: BTreeMap::new(),
            dirty: false,
        }
    }

    /// Takes events until the other side hangs up.
    pub fn run(mut self, queue: &Receiver<Event>, tool: impl FnOnce() -> Box<dyn Tool>) {
        let Ok(first) = queue.recv() else { return };
        self.take(first);
        self.tool = Some(tool());
        let mut waiting: Option<Instant> = None;
        loop {
            // Edits without a pause must not put the answer off for ever.
            waiting = self.dirty.then(|| waiting.unwrap_or_else(Instant::now));
            if waiting.is_some_and(|since| since.elapsed() > PATIENCE) {
                self.settle(false);
                waiting = None;
            }
            let next = if self.dirty {
                queue.recv_timeout(LINGER).ok()
            } else {
                queue.recv().ok()
            };
            match next {
                Some(event) => {
                    if catch_unwind(AssertUnwindSafe(|| self.take(event))).is_err() {
                        tracing::error!("a message was given up after an internal error");
                    }
                }
                None if self.dirty => {
                    self.settle(true);
                }
                None => return,
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Request(id, method, params) => self.request(&id, &method, &params),
            Event::Notification(method, params) => self.notification(&method, &params),
            Event::Answer(..) => {}
            Event::Drained(done) => {
                self.settle(false);
                let _ = done.send(());
            }
        }
    }

    /// Checks, and publishes unless the client pulls. A check that new edits overtake is begun again later.
    fn settle(&mut self, may_cancel: bool) {
        if !self.dirty {
            return;
        }
        let Some(tool) = self.tool.as_mut() else {
            return;
        };
        let began = self.shared.generation.load(Ordering::SeqCst);
        let shared = &self.shared;
        let cancelled = || may_cancel && shared.generation.load(Ordering::SeqCst) != began;
        match catch_unwind(AssertUnwindSafe(|| tool.check(&cancelled))) {
            Ok(Some(findings)) => self.findings = findings,
            Ok(None) => return,
            Err(_) => tracing::error!("the check was given up after an internal error"),
        }
        self.dirty = false;
        if !self.pull {
            self.publish();
        }
    }

    fn publish(&mut self) {
        for (key, document) in &self.documents {
            let mut params = json!({"uri": document.uri, "diagnostics": self.diagnostics(key)});
            if let Some(version) = document.version {
                params["version"] = version.into();
            }
            if self.sent.get(key) != Some(&params) {
                self.outbox
                    .notify("textDocument/publishDiagnostics", params.clone());
                self.sent.insert(key.clone(), params);
            }
        }
    }

    fn diagnostics(&self, key: &Arc<str>) -> Vec<Value> {
        let Some(document) = self.documents.get(key) else {
            return Vec::new();
        };
        let findings = self.findings.get(key).map_or(&[][..], Vec::as_slice);
        findings
            .iter()
            .map(|f| self.diagnostic(document, f))
            .collect()
    }

    fn diagnostic(&self, document: &Document, finding: &Finding) -> Value {
        let mut message = finding.message.get(self.language).to_string();
        for more in [&finding.why, &finding.help] {
            let more: &Text = more;
            if !more.get(self.language).is_empty() {
                message.push('\n');
                message.push_str(more.get(self.language));
            }
        }
        let severity = match finding.severity {
            Severity::Error => 1,
            Severity::Warning => 2,
            Severity::Info => 3,
        };
        let mut out = json!({
            "range": self.range(document, finding.at.span), "severity": severity, "code": &*finding.rule,
            "source": "minivet", "message": message,
        });
        let steps = finding.flow.iter().filter_map(|step| {
            let other = self.documents.get(&step.at.file)?;
            let location = json!({"uri": other.uri, "range": self.range(other, step.at.span)});
            Some(json!({"location": location, "message": step.label.get(self.language)}))
        });
        let steps: Vec<Value> = steps.collect();
        if !steps.is_empty() {
            out["relatedInformation"] = steps.into();
        }
        if finding.deprecated {
            out["tags"] = json!([2]);
        }
        out
    }

    fn range(&self, document: &Document, span: Span) -> Value {
        let at = |byte| {
            let p = document.index.position(&document.text, byte, self.encoding);
            json!({"line": p.line, "character": p.column})
        };
        json!({"start": at(span.start), "end": at(span.end)})
    }

    fn request(&mut self, id: &Value, method: &str, params: &Value) {
        let unwanted = self
            .shared
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id.to_string());
        if unwanted {
            self.outbox.send(json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32800, "message": "Request cancelled"}}));
            return;
        }
        let result = match catch_unwind(AssertUnwindSafe(|| self.answer(method, params))) {
            Ok(Some(result)) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Ok(None) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": "Invalid params"}})
            }
            Err(_) => {
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32603, "message": "Internal error"}})
            }
        };
        self.outbox.send(result);
    }

    /// `None` = invalid parameters.
    fn answer(&mut self, method: &str, params: &Value) -> Option<Value> {
        if method == "initialize" {
            return Some(self.initialize(params));
        }
        self.settle(false);
        if method == "workspace/diagnostic" {
            params.as_object()?;
            let items = self.documents.iter().map(|(key, d)| {
                json!({"kind": "full", "uri": d.uri, "version": d.version, "items": self.diagnostics(key)})
            });
            return Some(json!({"items": items.collect::<Vec<_>>()}));
        }
        let key: Arc<str> = uri::key(params["textDocument"]["uri"].as_str()?).into();
        match method {
            "textDocument/diagnostic" => {
                Some(json!({"kind": "full", "items": self.diagnostics(&key)}))
            }
            "textDocument/codeAction" => {
                let range = range_of(&params["range"])?;
                Some(self.actions(&key, range, &params["context"]["only"]))
            }
            _ => {
                let position = position_of(&params["position"])?;
                let Some(document) = self.documents.get(&key) else {
                    return Some(Value::Null);
                };
                let byte = document
                    .index
                    .offset(&document.text, position, self.encoding);
                let Some(hover) = self.tool.as_mut().and_then(|tool| tool.hover(&key, byte)) else {
                    return Some(Value::Null);
                };
                let contents =
                    json!({"kind": "markdown", "value": hover.markdown.get(self.language)});
                Some(json!({"contents": contents, "range": self.range(document, hover.span)}))
            }
        }
    }

    /// Quick fixes of the findings that a range touches. Fixes that reach into files that are not open are left out.
    fn actions(&self, key: &Arc<str>, (start, end): (Position, Position), only: &Value) -> Value {
        let wanted = |kind: &Value| {
            kind.as_str()
                .is_some_and(|k| k.is_empty() || k == "quickfix")
        };
        let Some(document) = self.documents.get(key) else {
            return json!([]);
        };
        if only
            .as_array()
            .is_some_and(|kinds| !kinds.iter().any(wanted))
        {
            return json!([]);
        }
        let offset = |p| document.index.offset(&document.text, p, self.encoding);
        let (a, b) = (offset(start.min(end)), offset(start.max(end)));
        let findings = self.findings.get(key).into_iter().flatten();
        let mut out = Vec::new();
        for finding in findings.filter(|f| f.at.span.start <= b && a <= f.at.span.end) {
            for fix in &finding.fixes {
                if fix.applicability == Applicability::DisplayOnly {
                    continue;
                }
                let Some(changes) = self.changes(fix) else {
                    continue;
                };
                out.push(json!({
                    "title": fix.title.get(self.language), "kind": "quickfix", "edit": {"changes": changes},
                    "diagnostics": [self.diagnostic(document, finding)],
                }));
            }
        }
        out.into()
    }

    fn changes(&self, fix: &Fix) -> Option<BTreeMap<String, Vec<Value>>> {
        let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for FileEdit { file, edit } in &fix.edits {
            let document = self.documents.get(file)?;
            let edit = json!({"range": self.range(document, edit.span), "newText": edit.text});
            changes.entry(document.uri.clone()).or_default().push(edit);
        }
        Some(changes)
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let capabilities = &params["capabilities"];
        let wanted = capabilities["general"]["positionEncodings"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let known = |e: &Value| match e.as_str()? {
            "utf-8" => Some((Encoding::Utf8, "utf-8")),
            "utf-16" => Some((Encoding::Utf16, "utf-16")),
            "utf-32" => Some((Encoding::Utf32, "utf-32")),
            _ => None,
        };
        let (encoding, name) = wanted
            .iter()
            .find_map(known)
            .unwrap_or((Encoding::Utf16, "utf-16"));
        self.encoding = encoding;
        let lang = params["initializationOptions"]["lang"]
            .as_str()
            .filter(|l| *l != "auto");
        let lang = lang.or(params["locale"].as_str()).unwrap_or("en");
        self.language = if lang.to_ascii_lowercase().starts_with("zh") {
            Language::ZhCn
        } else {
            Language::En
        };
        self.pull = capabilities["textDocument"]["diagnostic"].is_object()
            && capabilities["workspace"]["diagnostics"]["refreshSupport"] == true;
        let mut out = json!({
            "positionEncoding": name,
            "textDocumentSync": {"openClose": true, "change": 2, "save": true},
            "hoverProvider": true,
            "codeActionProvider": {"codeActionKinds": ["quickfix"]},
        });
        if self.pull {
            out["diagnosticProvider"] = json!({"identifier": "minivet", "interFileDependencies": true, "workspaceDiagnostics": true});
        }
        json!({"capabilities": out, "serverInfo": {"name": "minivet", "version": env!("CARGO_PKG_VERSION")}})
    }

    fn notification(&mut self, method: &str, params: &Value) {
        let item = &params["textDocument"];
        let Some(uri) = item["uri"].as_str() else {
            return;
        };
        let key: Arc<str> = uri::key(uri).into();
        match method {
            "textDocument/didOpen" => {
                let text: Arc<str> = item["text"].as_str().unwrap_or_default().into();
                self.sent.remove(&key);
                self.store(key, uri.to_string(), item["version"].as_i64(), text);
            }
            "textDocument/didChange" => {
                let Some(document) = self.documents.get(&key) else {
                    return;
                };
                let mut text = document.text.to_string();
                for change in params["contentChanges"].as_array().into_iter().flatten() {
                    let Some(new) = change["text"].as_str() else {
                        continue;
                    };
                    match range_of(&change["range"]) {
                        Some((start, end)) => {
                            let index = LineIndex::new(&text);
                            let a = index.offset(&text, start, self.encoding) as usize;
                            let b = index.offset(&text, end, self.encoding) as usize;
                            text.replace_range(a.min(b)..a.max(b), new);
                        }
                        None => text = new.to_string(),
                    }
                }
                let (uri, version) = (document.uri.clone(), item["version"].as_i64());
                self.store(key, uri, version, text.into());
            }
            "textDocument/didClose" => {
                let Some(document) = self.documents.remove(&key) else {
                    return;
                };
                self.sent.remove(&key);
                if let Some(tool) = self.tool.as_mut() {
                    tool.remove(&key);
                }
                self.dirty = true;
                if !self.pull {
                    self.outbox.notify(
                        "textDocument/publishDiagnostics",
                        json!({"uri": document.uri, "diagnostics": []}),
                    );
                }
            }
            _ => {}
        }
    }

    fn store(&mut self, key: Arc<str>, uri: String, version: Option<i64>, text: Arc<str>) {
        if let Some(tool) = self.tool.as_mut() {
            tool.set_text(&key, text.clone());
        }
        let index = LineIndex::new(&text);
        self.documents.insert(
            key,
            Document {
                uri,
                version,
                text,
                index,
            },
        );
        self.dirty = true;
    }
}

fn position_of(value: &Value) -> Option<Position> {
    let number = |name: &str| {
        value[name]
            .as_u64()
            .map(|n| n.min(u64::from(u32::MAX)) as u32)
    };
    Some(Position {
        line: number("line")?,
        column: number("character")?,
    })
}

fn range_of(value: &Value) -> Option<(Position, Position)> {
    Some((position_of(&value["start"])?, position_of(&value["end"])?))
}
