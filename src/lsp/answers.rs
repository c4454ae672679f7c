//! Answers to requests. Each is a function of the newest texts; one that was taken back ends early.

use super::actions::Actions;
use super::document::{position_of, range_of};
use super::uri;
use super::world::{COMMANDS, Event, INVENTORY, Parked, World};
use crate::finding::Finding;
use crate::flow::Cancelled;
use crate::text::Span;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Why there is no result.
enum No {
    /// The parameters make no sense.
    Params,
    /// The text is another one by now.
    Modified,
    /// What was asked for cannot be done here.
    Failed,
    /// The client took the request back.
    Cancelled,
    /// There will be: the request comes again.
    Later,
}

type Answer = Result<Value, No>;

impl World {
    /// Answers a request, now or when the first pass through the workspace is done.
    pub(super) fn request(&mut self, id: Value, method: String, params: Value) {
        let parks = match method.as_str() {
            "textDocument/diagnostic" => !self.is_ready(false),
            "workspace/diagnostic" | "textDocument/codeLens" => !self.is_ready(true),
            // Half an app has half an inventory.
            "workspace/executeCommand" => params["command"] == INVENTORY && !self.is_ready(true),
            _ => false,
        };
        match parks {
            true => self.parked.push(Parked { id, method, params }),
            false => self.respond(&id, &method, &params),
        }
    }

    fn respond(&mut self, id: &Value, method: &str, params: &Value) {
        let shared = self.shared.clone();
        let taken_back = || shared.is_cancelled(id);
        let answer = || self.answer(id, method, params, &taken_back);
        let answer = match taken_back() {
            true => Ok(Err(No::Cancelled)),
            false => catch_unwind(AssertUnwindSafe(answer)),
        };
        let error = |code: i32, message: &str| json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}});
        let message = match answer {
            Ok(Ok(result)) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Ok(Err(No::Params)) => error(-32602, "Invalid params"),
            Ok(Err(No::Failed)) => error(-32803, "Request failed"),
            Ok(Err(No::Modified)) => error(-32801, "Content modified"),
            Ok(Err(No::Cancelled)) => error(-32800, "Request cancelled"),
            Ok(Err(No::Later)) => return,
            Err(_) => {
                tracing::error!("a request was given up after an internal error");
                error(-32603, "Internal error")
            }
        };
        self.looked_for.remove(&id.to_string());
        shared.answered(id);
        self.outbox.send(message);
    }

    /// Answers the requests that waited, as far as they need not wait any longer.
    pub(super) fn answer_parked(&mut self, all: bool) {
        for one in std::mem::take(&mut self.parked) {
            let ready = all || self.is_ready(one.method != "textDocument/diagnostic");
            match ready || self.shared.is_cancelled(&one.id) {
                true => self.respond(&one.id, &one.method, &one.params),
                false => self.parked.push(one),
            }
        }
    }

    fn answer(
        &mut self,
        id: &Value,
        method: &str,
        params: &Value,
        cancelled: Cancelled<'_>,
    ) -> Answer {
        if method == "workspace/executeCommand" {
            return self.execute(params, cancelled);
        }
        if !self.settle(cancelled) {
            return Err(No::Cancelled);
        }
        match method {
            "workspace/diagnostic" => self.workspace_diagnostic(params),
            "codeAction/resolve" => self.resolve(params, cancelled),
            _ => {
                let uri = params["textDocument"]["uri"].as_str().ok_or(No::Params)?;
                let key: Arc<str> = uri::key(uri).into();
                match method {
                    "textDocument/diagnostic" => {
                        let previous = params["previousResultId"].as_str();
                        let related = self.client.related_documents;
                        Ok(self.board.answer(&key, previous, related))
                    }
                    "textDocument/codeAction" => self.actions(&key, params, cancelled),
                    "textDocument/codeLens" => Ok(self.lenses(&key, uri)),
                    _ => self.hover(id, &key, params),
                }
            }
        }
    }

    fn workspace_diagnostic(&mut self, params: &Value) -> Answer {
        params.as_object().ok_or(No::Params)?;
        let previous = params["previousResultIds"].as_array().into_iter().flatten();
        let previous: BTreeMap<Arc<str>, (String, String)> = previous
            .filter_map(|p| {
                let (uri, id) = (p["uri"].as_str()?, p["value"].as_str()?);
                Some((uri::key(uri).into(), (uri.to_string(), id.to_string())))
            })
            .collect();
        Ok(self.board.answer_all(&previous))
    }

    fn hover(&mut self, id: &Value, key: &str, params: &Value) -> Answer {
        let position = position_of(&params["position"]).ok_or(No::Params)?;
        if self.look_at(id, key, params) {
            return Err(No::Later);
        }
        let view = self.view();
        let found = self.workspace.place(key).and_then(|place| {
            let byte = view.offset(&place, position)?;
            view.hover(&place, self.board.findings(key), byte)
        });
        Ok(found.unwrap_or_default())
    }

    /// Begins to find out what the values in a document hold, beside this thread, if that is not known; then the request
    /// comes again. Once for each request: edits must not keep it for ever.
    fn look_at(&mut self, id: &Value, key: &str, params: &Value) -> bool {
        let waiting = !self.looked_for.is_empty();
        let Some(place) = self.workspace.place(key).filter(|_| !waiting) else {
            return false;
        };
        let session = self.workspace.group(&place.group).map(|g| &g.session);
        let Some(session) = session.filter(|s| !s.has_looked_at(&place.name)) else {
            return false;
        };
        let (session, events) = (session.clone(), self.events.clone());
        let again = Event::LookedAt(id.to_string());
        let look = move || {
            if catch_unwind(AssertUnwindSafe(|| session.look_at(&place.name))).is_err() {
                tracing::error!("values of a file are not known after an internal error");
            }
            drop(events.send(again));
        };
        let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(look);
        if thread.is_ok() {
            let (id, params) = (id.clone(), params.clone());
            let method = "textDocument/hover".to_string();
            let waiting = Parked { id, method, params };
            self.looked_for.insert(waiting.id.to_string(), waiting);
        }
        thread.is_ok()
    }

    /// Answers a hover that waits, or all of them, with what is known.
    pub(super) fn answer_looked_for(&mut self, id: Option<&str>) {
        let waiting = self.looked_for.iter();
        let waiting: Vec<(Value, Value)> = waiting
            .filter(|(known, _)| id.is_none_or(|id| **known == *id))
            .map(|(_, one)| (one.id.clone(), one.params.clone()))
            .collect();
        for (id, params) in waiting {
            self.respond(&id, "textDocument/hover", &params);
        }
    }

    /// Calls `make` with what the actions of a document are made from.
    fn with_actions<T>(
        &self,
        key: &str,
        cancelled: Cancelled<'_>,
        make: impl FnOnce(&Actions<'_>) -> Option<T>,
    ) -> Option<T> {
        let place = self.workspace.place(key)?;
        let findings: &[Finding] = self.board.findings(key);
        make(&Actions {
            view: self.view(),
            dialects: &self.dialects,
            place: &place,
            findings,
            document_changes: self.client.document_changes,
            creates: self.client.creates,
            later: self.client.resolve,
            cancelled,
        })
    }

    fn actions(&self, key: &str, params: &Value, cancelled: Cancelled<'_>) -> Answer {
        let (start, end) = range_of(&params["range"]).ok_or(No::Params)?;
        let only = &params["context"]["only"];
        let list = self.with_actions(key, cancelled, |actions| {
            let at = |position| actions.view.offset(actions.place, position);
            let span = Span::new(at(start.min(end))?, at(start.max(end))?);
            Some(actions.list(span, only))
        });
        match cancelled() {
            true => Err(No::Cancelled),
            false => Ok(list.unwrap_or_default().into()),
        }
    }

    fn resolve(&self, action: &Value, cancelled: Cancelled<'_>) -> Answer {
        let mut out = action.clone();
        if !out.is_object() {
            return Err(No::Params);
        }
        let data = &action["data"];
        let Some(uri) = data["uri"].as_str() else {
            // Nothing was left out of it.
            return Ok(out);
        };
        let key = uri::key(uri);
        let edit = self.with_actions(&key, cancelled, |actions| {
            actions.is_current(data).then(|| actions.resolve(data))
        });
        match edit {
            _ if cancelled() => Err(No::Cancelled),
            Some(Some(edit)) => {
                out["edit"] = edit;
                Ok(out)
            }
            Some(None) => Err(No::Failed),
            None => Err(No::Modified),
        }
    }

    fn execute(&mut self, params: &Value, cancelled: Cancelled<'_>) -> Answer {
        let command = params["command"].as_str().ok_or(No::Params)?;
        if !COMMANDS.contains(&command) {
            return Err(No::Params);
        }
        if command == "minivet.restart" {
            self.reload(self.workspace.roots().to_vec());
            return Ok(Value::Null);
        }
        if !self.settle(cancelled) {
            return Err(No::Cancelled);
        }
        let uri = params["arguments"][0].as_str().map(uri::key);
        let inventory = self.workspace.inventory(uri.as_deref(), self.language());
        Ok(inventory.map_or(
            Value::Null,
            |shown| json!({"markdown": shown.markdown, "html": shown.html}),
        ))
    }

    /// One lens at the top of an app's configuration; none elsewhere.
    fn lenses(&mut self, key: &str, uri: &str) -> Value {
        self.lens_asked = true;
        let title = self.workspace.lens(key, self.language());
        let zero = json!({"line": 0, "character": 0});
        let lens = title.map(|title| {
            json!({
                "range": {"start": zero, "end": zero},
                "command": {"title": title, "command": INVENTORY, "arguments": [uri]},
            })
        });
        lens.into_iter().collect()
    }
}
