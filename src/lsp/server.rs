//! The protocol's outer rules: what is a message, what may come when, how the process ends. Knows no documents.

use super::client::Client;
use super::frame::{Frame, FrameReader};
use super::log;
use super::outbox::Outbox;
use super::world::{Event, World};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests that are answered; anything else is -32601.
const REQUESTS: [&str; 7] = [
    "textDocument/hover",
    "textDocument/codeAction",
    "textDocument/codeLens",
    "codeAction/resolve",
    "workspace/executeCommand",
    "textDocument/diagnostic",
    "workspace/diagnostic",
];

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

/// What reader and world share.
#[derive(Default)]
pub struct Shared {
    /// Number of document events read so far; a check that began before the last one is stale.
    pub generation: AtomicU64,
    /// Ids (as JSON text) of requests that are not answered yet, and whether the client has taken them back.
    requests: Mutex<HashMap<String, bool>>,
}

impl Shared {
    fn requests(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client has taken a request back.
    pub fn is_cancelled(&self, id: &Value) -> bool {
        self.requests().get(&id.to_string()) == Some(&true)
    }

    /// A request has got its answer.
    pub fn answered(&self, id: &Value) {
        self.requests().remove(&id.to_string());
    }
}

/// Serves standard input and output; returns the process's exit code.
pub fn run() -> u8 {
    // The message of a panic may hold text of a document; its place does not.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        drop(writeln!(
            std::io::stderr(),
            "minivet: internal error at {place}"
        ));
    }));
    // Deep code needs deep stacks.
    let pool = rayon::ThreadPoolBuilder::new().stack_size(16 << 20);
    drop(pool.build_global());
    serve(std::io::stdin().lock(), std::io::stdout(), || {
        std::process::exit(1)
    })
}

/// Serves any pair of streams. `lost` is called when the client does not read any more or its process is gone.
pub fn serve(
    reader: impl Read,
    writer: impl Write + Send + 'static,
    lost: impl Fn() + Clone + Send + 'static,
) -> u8 {
    let outbox = Outbox::start(writer, lost.clone());
    let shared = Arc::<Shared>::default();
    let (events, queue) = channel();
    let parts = (outbox.clone(), shared.clone(), events.clone());
    let world = std::thread::Builder::new()
        .name("minivet-world".into())
        .stack_size(16 << 20)
        .spawn(move || live(parts, &queue));
    if world.is_err() {
        return 1;
    }
    let mut gate = Gate {
        phase: Phase::New,
        outbox: outbox.clone(),
        events,
        shared,
        lost,
    };
    let mut frames = FrameReader::new(reader);
    let polite = loop {
        match frames.read() {
            Frame::End => break false,
            Frame::Bad => gate.fail(Value::Null, -32700, "Parse error"),
            Frame::Json(message) => {
                if gate.take(message) {
                    break true;
                }
            }
        }
    };
    // What was asked before is still answered; who says goodbye does not want to wait long for that.
    let patience = if polite { 500 } else { 2000 };
    let (done, wait) = channel();
    if gate.events.send(Event::Drained(done)).is_ok() {
        let _ = wait.recv_timeout(Duration::from_millis(patience));
    }
    let _ = gate.events.send(Event::End);
    outbox.flush(Duration::from_millis(500));
    u8::from(gate.phase != Phase::ShutDown)
}

/// The life of a world: it begins with the answer to `initialize`, before anything is loaded.
fn live((outbox, shared, events): (Outbox, Arc<Shared>, Sender<Event>), queue: &Receiver<Event>) {
    let _log = tracing::dispatcher::set_default(&log::to_client(&outbox));
    let first = queue.recv();
    match first {
        Ok(Event::Request(id, _, params)) => {
            let client = Client::new(&params);
            outbox.send(json!({"jsonrpc": "2.0", "id": id, "result": client.answer()}));
            shared.answered(&id);
            World::new(outbox, shared, events, client, &params).run(queue);
        }
        Ok(Event::Drained(done)) => drop(done.send(())),
        _ => {}
    }
}

struct Gate<L> {
    phase: Phase,
    outbox: Outbox,
    events: Sender<Event>,
    shared: Arc<Shared>,
    lost: L,
}

impl<L: Fn() + Clone + Send + 'static> Gate<L> {
    /// Error texts are fixed: they never repeat what the client sent.
    fn fail(&self, id: Value, code: i32, message: &str) {
        self.outbox
            .send(json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}));
    }

    /// Takes one message; true if it was `exit`.
    fn take(&mut self, mut message: Value) -> bool {
        let id = message.get("id").cloned();
        let valid_id = matches!(id, None | Some(Value::Number(_) | Value::String(_)));
        let method = message
            .get("method")
            .and_then(Value::as_str)
            .map(str::to_string);
        let is_response = message.get("method").is_none()
            && (message.get("result").is_some() || message.get("error").is_some());
        if is_response && id.is_some() {
            if let Some(asked) = id.and_then(|id| self.outbox.answered(&id)) {
                let value = message.get_mut("result").map(Value::take);
                let _ = self.events.send(Event::Answer(asked, value));
            }
            return false;
        }
        let is_2 = message.get("jsonrpc").and_then(Value::as_str) == Some("2.0");
        let (Some(method), true, true) = (method, valid_id, is_2) else {
            let id = if valid_id {
                id.unwrap_or_default()
            } else {
                Value::Null
            };
            self.fail(id, -32600, "Invalid request");
            return false;
        };
        let mut params = message
            .get_mut("params")
            .map(Value::take)
            .unwrap_or_default();
        match id {
            None => self.notification(&method, params),
            Some(id) => {
                if method == "exit" {
                    return true;
                }
                self.outbox.mend(&mut params);
                self.request(id, method, params);
                false
            }
        }
    }

    fn notification(&mut self, method: &str, mut params: Value) -> bool {
        match method {
            "exit" => return true,
            "$/cancelRequest" => {
                let taken_back = match self.shared.requests().get_mut(&params["id"].to_string()) {
                    Some(cancelled) => !std::mem::replace(cancelled, true),
                    None => false,
                };
                if taken_back {
                    let _ = self.events.send(Event::Cancelled);
                }
            }
            _ if self.phase == Phase::Running => {
                self.outbox.mend(&mut params);
                if method.starts_with("textDocument/did") {
                    self.shared.generation.fetch_add(1, Ordering::SeqCst);
                }
                let _ = self
                    .events
                    .send(Event::Notification(method.to_string(), params));
            }
            _ => {}
        }
        false
    }

    fn pass_on(&mut self, id: Value, method: String, params: Value) {
        self.shared.requests().insert(id.to_string(), false);
        let _ = self.events.send(Event::Request(id, method, params));
    }

    fn request(&mut self, id: Value, method: String, params: Value) {
        match (self.phase, method.as_str()) {
            (Phase::New, "initialize") if params.is_object() => {
                self.phase = Phase::Running;
                if let Some(pid) = params["processId"].as_u64() {
                    watch(pid, self.lost.clone());
                }
                self.pass_on(id, method, params);
            }
            (Phase::New, "initialize") => self.fail(id, -32602, "Invalid params"),
            (Phase::New, _) => self.fail(id, -32002, "Server not initialized"),
            (Phase::ShutDown, _) | (_, "initialize") => self.fail(id, -32600, "Invalid request"),
            (_, "shutdown") => {
                self.phase = Phase::ShutDown;
                self.outbox
                    .send(json!({"jsonrpc": "2.0", "id": id, "result": null}));
            }
            (_, known) if REQUESTS.contains(&known) => self.pass_on(id, method, params),
            _ => self.fail(id, -32601, "Method not found"),
        }
    }
}

/// Calls `lost` when a process that is there now is gone (Linux; elsewhere the end of input has to do).
fn watch(pid: u64, lost: impl Fn() + Send + 'static) {
    // State and start time: a zombie is dead, and a number may be used again.
    let look = move || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let rest: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let alive = !matches!(*rest.first()?, "Z" | "X");
        alive.then(|| rest.get(19).map(|s| s.to_string()))
    };
    let Some(first) = look() else { return };
    let _ = std::thread::Builder::new()
        .name("minivet-parent".into())
        .spawn(move || {
            while look().as_ref() == Some(&first) {
                std::thread::sleep(Duration::from_secs(2));
            }
            lost();
        });
}
