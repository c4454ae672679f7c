//! Outgoing messages: one thread writes them in the order in which they were handed in. Nobody waits for the client.

use super::uri::Spellings;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What one of our own requests was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `workspace/configuration`.
    Configuration,
    /// The token of the first pass's progress.
    Progress,
    /// `workspace/diagnostic/refresh`.
    Refresh,
    /// Nothing to do with the answer.
    Nothing,
}

enum Item {
    Message(Value),
    Flush(Sender<()>),
}

/// The way out. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    queue: Sender<Item>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    next_id: i64,
    asked: HashMap<String, Asked>,
    spellings: Spellings,
}

impl Outbox {
    /// Starts the writing thread. `broken` is called once when the client does not read any more.
    pub fn start(
        writer: impl Write + Send + 'static,
        broken: impl FnOnce() + Send + 'static,
    ) -> Outbox {
        let (queue, items) = channel();
        let shared = Arc::<Mutex<Shared>>::default();
        let spellings = shared.clone();
        let spawned = std::thread::Builder::new()
            .name("minivet-out".into())
            .spawn(move || {
                if write_all(writer, &items, &spellings).is_err() {
                    broken();
                }
            });
        if spawned.is_err() {
            tracing::error!("no thread for output");
        }
        Outbox { queue, shared }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message as it is.
    pub fn send(&self, message: Value) {
        let _ = self.queue.send(Item::Message(message));
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request of our own.
    pub fn ask(&self, asked: Asked, method: &str, params: Value) {
        let id = {
            let mut shared = self.shared();
            shared.next_id += 1;
            let id = format!("minivet-{}", shared.next_id);
            shared.asked.insert(id.clone(), asked);
            id
        };
        let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(message);
    }

    /// What a response answers; `None` for one nobody waits for.
    pub fn answered(&self, id: &Value) -> Option<Asked> {
        self.shared().asked.remove(id.as_str()?)
    }

    /// See [`Spellings::mend`].
    pub fn mend(&self, params: &mut Value) {
        self.shared().spellings.mend(params);
    }

    /// Waits until all that was sent is written, or the time is over.
    pub fn flush(&self, at_most: Duration) {
        let (done, wait) = channel();
        if self.queue.send(Item::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(at_most);
        }
    }
}

fn write_all(
    mut writer: impl Write,
    items: &Receiver<Item>,
    shared: &Mutex<Shared>,
) -> std::io::Result<()> {
    for item in items {
        match item {
            Item::Message(mut message) => {
                shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .spellings
                    .restore(&mut message);
                let mut frame = Vec::new();
                let body = message.to_string();
                write!(frame, "Content-Length: {}\r\n\r\n{body}", body.len())?;
                writer.write_all(&frame)?;
                writer.flush()?;
            }
            Item::Flush(done) => {
                let _ = done.send(());
            }
        }
    }
    Ok(())
}
