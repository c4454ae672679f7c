//! The one thread that owns documents and analysis. It talks through the outbox and never waits for the client: requests
//! are taken in the order of the wire, edits that arrive while an analysis runs end it, and what is published belongs to
//! the newest text.

use super::board::{self, Board, Broken};
use super::client::{Client, watchers};
use super::configs::{ClientScopes, Root, roots};
use super::document::Document;
use super::log;
use super::outbox::{Asked, Outbox};
use super::pace::Pace;
use super::present::View;
use super::scan::{self, Scanned};
use super::server::Shared;
use super::settings::ClientSettings;
use super::uri;
use super::workspace::{DiskNews, Workspace};
use crate::finding::Language;
use crate::flow::Cancelled;
use crate::report::texts::say;
use crate::syntax::{Dialects, builtin_dialects};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// What happens to the world, in the order of the wire.
pub enum Event {
    /// A request: id, method, parameters.
    Request(Value, String, Value),
    /// A notification: method, parameters.
    Notification(String, Value),
    /// An answer to a request of ours; `None` = an error.
    Answer(Asked, Option<Value>),
    /// A request was taken back.
    Cancelled,
    /// A pass through the workspace has come so far: epoch, files done, of how many.
    Progress(u64, usize, usize),
    /// A pass through the workspace has ended.
    Scanned(Box<Scanned>),
    /// What the values in a file hold is known now; the hover with this id waits for it.
    LookedAt(String),
    /// The input has ended; say when all before is done.
    Drained(Sender<()>),
    /// There will be nothing more.
    End,
}

/// Commands of `workspace/executeCommand`.
pub const COMMANDS: [&str; 2] = [INVENTORY, "minivet.restart"];
/// Shows the privacy inventory of an app.
pub const INVENTORY: &str = "minivet.showInventory";

/// A request that waits for the first pass through the workspace.
pub(super) struct Parked {
    pub id: Value,
    pub method: String,
    pub params: Value,
}

/// What a check looks at.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    /// Everything.
    All,
    /// What each file says by itself; flows are those of before.
    Soon,
}

/// How far `$/progress` is.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    No,
    Asked,
    Begun,
    Ended,
}

/// The passes through the workspace.
struct Scans {
    /// Of the newest one; older ones see that it is not theirs and stop.
    epoch: Arc<AtomicU64>,
    running: bool,
    /// One has ended.
    done: bool,
    /// When to begin the next one.
    due: Option<Instant>,
    progress: Progress,
}

/// Everything the server knows.
pub struct World {
    pub(super) outbox: Outbox,
    pub(super) shared: Arc<Shared>,
    pub(super) client: Client,
    pub(super) workspace: Workspace,
    pub(super) board: Board,
    pub(super) dialects: Arc<Dialects>,
    pub(super) parked: Vec<Parked>,
    pub(super) events: Sender<Event>,
    /// Hovers that come again once the values in their file are known, by id.
    pub(super) looked_for: BTreeMap<String, Parked>,
    documents: BTreeMap<Arc<str>, Document>,
    settings: ClientScopes,
    pace: Pace,
    scans: Scans,
    started: Instant,
    /// Documents that the client changed since the last check: it asks for them by itself.
    edited: BTreeSet<Arc<str>>,
    /// Only incremental parses have seen the newest texts.
    unrenewed: bool,
    /// What is published of flows belongs to an older text, moved to its place in the newest.
    unlinked: bool,
    /// How long the last whole check took.
    link_time: Duration,
    /// When the last check ended.
    checked: Instant,
    refreshing: bool,
    refresh_due: bool,
    /// The client shows lenses, which tell of other files than their own.
    pub(super) lens_asked: bool,
    told: BTreeSet<String>,
}

/// So long a request for diagnostics waits for the first pass through the workspace.
const PARKED: Duration = Duration::from_millis(1500);
/// News from disk come in crowds.
const RESCAN: Duration = Duration::from_millis(50);
/// Flows that take longer than this to follow are published after what each file says by itself.
const SLOW: Duration = Duration::from_millis(4);
/// So long after an edit flows are followed, if no other edit comes.
const STILL: Duration = Duration::from_millis(25);
/// After this time without edits broken code is parsed from scratch.
const QUIET: Duration = Duration::from_millis(300);

impl World {
    /// The world of a client that has just said `initialize`.
    pub fn new(
        outbox: Outbox,
        shared: Arc<Shared>,
        events: Sender<Event>,
        client: Client,
        params: &Value,
    ) -> World {
        let dialects = Arc::new(builtin_dialects());
        let settings = ClientSettings::read(&params["initializationOptions"]);
        let settings: ClientScopes = [("".into(), settings)].into();
        World {
            outbox,
            shared,
            client,
            workspace: Workspace::new(dialects.clone(), roots(params), settings.clone()),
            board: Board::default(),
            dialects,
            parked: Vec::new(),
            events,
            looked_for: BTreeMap::new(),
            documents: BTreeMap::new(),
            settings,
            pace: Pace::default(),
            scans: Scans {
                epoch: Arc::default(),
                running: false,
                done: false,
                due: None,
                progress: Progress::No,
            },
            started: Instant::now(),
            edited: BTreeSet::new(),
            unrenewed: false,
            unlinked: false,
            link_time: Duration::ZERO,
            checked: Instant::now(),
            refreshing: false,
            refresh_due: false,
            lens_asked: false,
            told: BTreeSet::new(),
        }
    }

    /// Takes events until there is nothing more.
    pub fn run(mut self, queue: &Receiver<Event>) {
        loop {
            let next = match self.patience() {
                Some(time) => match queue.recv_timeout(time) {
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
                None => match queue.recv() {
                    Ok(event) => Some(event),
                    Err(_) => return,
                },
            };
            if matches!(next, Some(Event::End)) {
                return;
            }
            let step = || match next {
                Some(event) => self.take(event),
                None => self.idle(),
            };
            if catch_unwind(AssertUnwindSafe(step)).is_err() {
                tracing::error!("a message was given up after an internal error");
            }
            if self.pace.is_overdue() {
                self.settle_quietly(Depth::Soon, &|| false);
            }
            self.answer_parked(false);
        }
    }

    /// How long to wait for events before there is something else to do.
    fn patience(&self) -> Option<Duration> {
        let until = |at: Instant| at.saturating_duration_since(Instant::now());
        let parked = self.started + PARKED;
        [
            self.pace.linger(),
            self.scans.due.map(until),
            (!self.parked.is_empty() && !self.scans.done && Instant::now() < parked)
                .then(|| until(parked)),
            self.unrenewed.then_some(QUIET),
            self.unlinked.then(|| until(self.checked + STILL)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Nothing has come for a while.
    fn idle(&mut self) {
        if self.scans.due.is_some_and(|due| Instant::now() >= due) {
            self.scan();
        }
        let shared = self.shared.clone();
        let began = shared.generation.load(Ordering::SeqCst);
        let cancelled = move || shared.generation.load(Ordering::SeqCst) != began;
        if self.pace.is_due() {
            // A client that pulls asks once and gets all.
            let how = match self.client.pull || self.link_time < SLOW {
                true => Depth::All,
                false => Depth::Soon,
            };
            if !self.settle_quietly(how, &cancelled) {
                self.pace.overtaken();
            }
        } else if self.unlinked && !self.pace.is_dirty() && self.checked.elapsed() >= STILL {
            self.settle_quietly(Depth::All, &cancelled);
        } else if self.unrenewed
            && !self.pace.is_dirty()
            && let Some(changed) = self.workspace.renew(&cancelled)
        {
            self.unrenewed = false;
            if changed {
                self.pace.touch();
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Request(id, method, params) => self.request(id, method, params),
            Event::Notification(method, params) => self.notification(&method, &params),
            Event::Answer(asked, value) => self.answered(asked, value),
            Event::Progress(epoch, done, total) => self.report_progress(epoch, done, total),
            Event::Scanned(scanned) => self.scanned(*scanned),
            // Parked requests are looked at after every event.
            Event::Cancelled | Event::End => {}
            Event::LookedAt(id) => self.answer_looked_for(Some(&id)),
            Event::Drained(done) => {
                self.settle_quietly(Depth::All, &|| false);
                self.answer_parked(true);
                self.answer_looked_for(None);
                let _ = done.send(());
            }
        }
    }

    /// How this client wants to be told.
    pub(super) fn view(&self) -> View<'_> {
        View {
            workspace: &self.workspace,
            encoding: self.client.encoding,
            language: self.language(),
        }
    }

    /// The client's setting, then the configuration, then the user interface.
    pub(super) fn language(&self) -> Language {
        let set = self.settings.values().find_map(|s| s.over.lang);
        set.or_else(|| self.workspace.language())
            .or(self.client.locale)
            .unwrap_or_default()
    }

    /// As [`World::settle`]; an internal error costs this check only.
    fn settle_quietly(&mut self, depth: Depth, cancelled: Cancelled<'_>) -> bool {
        match catch_unwind(AssertUnwindSafe(|| self.settle_to(depth, cancelled))) {
            Ok(settled) => settled,
            Err(_) => {
                tracing::error!("the check was given up after an internal error");
                self.pace.settled();
                self.unlinked = false;
                true
            }
        }
    }

    /// Checks what is new, and publishes unless the client pulls; `false` if `cancelled` said so in between.
    pub(super) fn settle(&mut self, cancelled: Cancelled<'_>) -> bool {
        self.settle_to(Depth::All, cancelled)
    }

    fn settle_to(&mut self, depth: Depth, cancelled: Cancelled<'_>) -> bool {
        if !self.pace.is_dirty() && !self.unlinked {
            return true;
        }
        self.hand_over();
        if !self.workspace.update(cancelled) {
            return false;
        }
        let began = Instant::now();
        let found = match depth {
            Depth::All => self.workspace.check(cancelled),
            Depth::Soon => self.workspace.check_soon(cancelled),
        };
        let Some(found) = found else {
            return false;
        };
        match depth {
            Depth::All => {
                self.link_time = began.elapsed();
                self.unlinked = false;
            }
            Depth::Soon => self.unlinked = true,
        }
        self.checked = Instant::now();
        self.pace.settled();
        let language = self.language();
        for note in std::mem::take(&mut self.workspace.notes) {
            tracing::warn!("{}", note.get(language));
        }
        self.complain();
        let broken = self.broken();
        let view = View {
            workspace: &self.workspace,
            encoding: self.client.encoding,
            language: self.language(),
        };
        let whole = self.scans.done && !self.scans.running;
        let changed = self.board.refresh(&view, found, &broken, whole);
        if self.lens_asked && self.client.lens_refresh && !changed.is_empty() {
            self.lens_asked = false;
            let refresh = "workspace/codeLens/refresh";
            self.outbox.ask(Asked::Nothing, refresh, Value::Null);
        }
        let edited = std::mem::take(&mut self.edited);
        if self.client.pull {
            let news = |key: &&Arc<str>| !edited.contains(*key) && self.board.is_stale(key);
            self.refresh_due |= changed.iter().any(|key| news(&key));
            self.refresh();
        } else {
            for key in &changed {
                if let Some(params) = self.board.publication(key) {
                    self.outbox
                        .notify("textDocument/publishDiagnostics", params);
                }
            }
        }
        self.workspace.sweep();
        true
    }

    /// Asks the client to ask again; one such request at a time.
    fn refresh(&mut self) {
        if self.refresh_due && !self.refreshing {
            self.refresh_due = false;
            self.refreshing = true;
            self.outbox
                .ask(Asked::Refresh, "workspace/diagnostic/refresh", Value::Null);
        }
    }

    /// Broken configuration files as diagnostics.
    fn broken(&self) -> BTreeMap<Arc<str>, Broken> {
        let errors = self.workspace.configs().errors.iter();
        errors
            .map(|(path, error)| {
                let path = std::path::Path::new(&**path);
                let uri = uri::from_path(path);
                let key: Arc<str> = uri::key(&uri).into();
                let open = self.documents.get(&key);
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let line = text.lines().nth(error.line.saturating_sub(1) as usize);
                let uri = open.map_or(uri, |document| document.uri.clone());
                (key, board::broken(&self.view(), uri, error, line))
            })
            .collect()
    }

    /// Says what is wrong with settings, each thing once.
    fn complain(&mut self) {
        let language = self.language();
        let errors = self.workspace.configs().errors.values().map(|e| (1, e));
        let settings = self.settings.values().flat_map(|s| &s.complaints);
        let others = settings.chain(&self.workspace.complaints).map(|e| (2, e));
        let all: Vec<(u8, String)> = errors
            .chain(others)
            .map(|(kind, error)| (kind, crate::report::escape::line(&error.show(language))))
            .collect();
        // What was mended and breaks again is said again.
        self.told
            .retain(|told| all.iter().any(|(_, text)| text == told));
        for (kind, text) in all {
            if self.told.insert(text.clone()) {
                let message = format!("minivet: {text}");
                self.outbox.notify(
                    "window/showMessage",
                    json!({"type": kind, "message": message}),
                );
            }
        }
    }

    /// Begins a pass through the workspace; one that runs is given up.
    fn scan(&mut self) {
        self.scans.due = None;
        let epoch = self.scans.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        let job = self.workspace.begin_scan(epoch);
        if job.roots.is_empty() {
            self.scans.done = true;
            return;
        }
        let (events, current, outbox) = (
            self.events.clone(),
            self.scans.epoch.clone(),
            self.outbox.clone(),
        );
        let work = move || {
            let _log = tracing::dispatcher::set_default(&log::to_client(&outbox));
            let stopped = || current.load(Ordering::SeqCst) != epoch;
            let said = std::cell::Cell::new(Instant::now());
            let progress = |done: usize, total: usize| {
                if said.get().elapsed() > Duration::from_millis(100) {
                    said.set(Instant::now());
                    let _ = events.send(Event::Progress(epoch, done, total));
                }
            };
            let scan = || scan::scan(&job, &stopped, &progress);
            match catch_unwind(AssertUnwindSafe(scan)) {
                Ok(Some(scanned)) => drop(events.send(Event::Scanned(Box::new(scanned)))),
                Ok(None) => {}
                Err(_) => {
                    tracing::error!("the pass through the workspace ended with an internal error");
                    drop(events.send(Event::Scanned(Box::new(Scanned::empty(epoch)))));
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("minivet-scan".into())
            .stack_size(16 << 20)
            .spawn(work);
        self.scans.running = thread.is_ok();
        if thread.is_err() {
            tracing::error!("no thread for the pass through the workspace");
        } else if !self.scans.done && self.scans.progress == Progress::No && self.client.progress {
            self.scans.progress = Progress::Asked;
            self.outbox.ask(
                Asked::Progress,
                "window/workDoneProgress/create",
                json!({"token": TOKEN}),
            );
        }
    }

    fn scanned(&mut self, scanned: Scanned) {
        if scanned.epoch != self.scans.epoch.load(Ordering::SeqCst) {
            return;
        }
        let language = self.language();
        let first = !self.scans.done;
        (self.scans.running, self.scans.done) = (false, true);
        if first {
            let (files, ms) = (scanned.files, self.started.elapsed().as_millis());
            tracing::info!("{files} files in the workspace, {ms} ms after the start");
        }
        for note in scanned.notes.iter().take(20) {
            tracing::warn!("{}", note.get(language));
        }
        self.workspace.end_scan(scanned);
        self.pace.touch();
        if self.scans.progress == Progress::Begun {
            self.end_progress();
        }
        self.settle_quietly(Depth::All, &|| false);
    }

    fn report_progress(&mut self, epoch: u64, done: usize, total: usize) {
        let current = self.scans.epoch.load(Ordering::SeqCst) == epoch;
        if self.scans.progress == Progress::Begun && self.scans.running && current {
            let value = json!({"kind": "report", "message": format!("{done}/{total}"), "percentage": done * 100 / total.max(1)});
            self.outbox
                .notify("$/progress", json!({"token": TOKEN, "value": value}));
        }
    }

    fn begin_progress(&mut self) {
        self.scans.progress = Progress::Begun;
        let title = say(self.language(), "lsp-scan", &[]);
        let value = json!({"kind": "begin", "title": title, "percentage": 0, "cancellable": false});
        self.outbox
            .notify("$/progress", json!({"token": TOKEN, "value": value}));
        if !self.scans.running {
            self.end_progress();
        }
    }

    fn end_progress(&mut self) {
        self.scans.progress = Progress::Ended;
        let value = json!({"token": TOKEN, "value": {"kind": "end"}});
        self.outbox.notify("$/progress", value);
    }

    fn answered(&mut self, asked: Asked, value: Option<Value>) {
        match (asked, value) {
            (Asked::Progress, Some(_)) if self.scans.progress == Progress::Asked => {
                self.begin_progress();
            }
            (Asked::Progress, None) => self.scans.progress = Progress::Ended,
            (Asked::Refresh, _) => {
                self.refreshing = false;
                self.refresh();
            }
            (Asked::Configuration, Some(value)) => {
                let mut scopes = self.settings.clone();
                let roots = self.workspace.roots();
                let keys = std::iter::once("".into()).chain(roots.iter().map(|r| r.key.clone()));
                for (key, value) in keys.zip(value.as_array().into_iter().flatten()) {
                    // A client that has no such section has said what it wants at the start.
                    if value.is_object() {
                        scopes.insert(key, ClientSettings::read(value));
                    }
                }
                self.set_settings(scopes);
            }
            _ => {}
        }
    }

    fn set_settings(&mut self, scopes: ClientScopes) {
        let raw = |scopes: &ClientScopes| -> Vec<(Arc<str>, Value)> {
            let mut out: Vec<_> = scopes
                .iter()
                .map(|(key, settings)| (key.clone(), settings.raw.clone()))
                .collect();
            // Scopes that say what is said everywhere are none.
            let all = out.first().map(|(_, raw)| raw.clone());
            out.retain(|(key, raw)| key.is_empty() || Some(raw) != all.as_ref());
            out
        };
        let same = raw(&scopes) == raw(&self.settings);
        self.settings = scopes;
        if !same {
            self.reload(self.workspace.roots().to_vec());
        }
    }

    /// Everything anew: folders, settings or configuration files changed.
    pub(super) fn reload(&mut self, roots: Vec<Root>) {
        self.workspace.reload(roots, self.settings.clone());
        self.pace.touch();
        self.scan();
    }

    fn ask_configuration(&self) {
        let mut items = vec![json!({"section": "minivet"})];
        let roots = self.workspace.roots().iter();
        items.extend(roots.map(|root| json!({"scopeUri": root.uri, "section": "minivet"})));
        self.outbox.ask(
            Asked::Configuration,
            "workspace/configuration",
            json!({"items": items}),
        );
    }

    fn initialized(&mut self) {
        let mut wanted = Vec::new();
        if self.client.watch {
            let watchers = watchers(&self.dialects);
            wanted.push(json!({
                "id": "minivet-files", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": watchers},
            }));
        }
        if self.client.register_configuration {
            wanted.push(json!({
                "id": "minivet-settings", "method": "workspace/didChangeConfiguration", "registerOptions": {"section": "minivet"},
            }));
        }
        if !wanted.is_empty() {
            self.outbox.ask(
                Asked::Nothing,
                "client/registerCapability",
                json!({"registrations": wanted}),
            );
        }
        if self.client.configuration {
            self.ask_configuration();
        }
        tracing::info!("minivet {}", env!("CARGO_PKG_VERSION"));
        self.pace.touch();
        self.scan();
    }

    fn notification(&mut self, method: &str, params: &Value) {
        match method {
            "initialized" => self.initialized(),
            "workspace/didChangeConfiguration" if self.client.configuration => {
                self.ask_configuration();
            }
            "workspace/didChangeConfiguration" => {
                let settings = ClientSettings::read(&params["settings"]);
                self.set_settings([("".into(), settings)].into());
            }
            "workspace/didChangeWorkspaceFolders" => self.change_folders(&params["event"]),
            "workspace/didChangeWatchedFiles" => {
                let changes = params["changes"].as_array();
                self.disk_changed(changes.into_iter().flatten());
            }
            _ => self.document_notification(method, params),
        }
    }

    fn change_folders(&mut self, event: &Value) {
        let uris = |list: &Value| -> Vec<Root> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|f| f["uri"].as_str().map(Root::folder))
                .collect()
        };
        let removed = uris(&event["removed"]);
        let mut roots = self.workspace.roots().to_vec();
        roots.retain(|root| !removed.iter().any(|gone| gone.key == root.key));
        for root in uris(&event["added"]) {
            if !roots.iter().any(|known| known.key == root.key) {
                roots.push(root);
            }
        }
        self.reload(roots);
        if self.client.configuration {
            self.ask_configuration();
        }
    }

    fn disk_changed<'v>(&mut self, changes: impl Iterator<Item = &'v Value>) {
        let mut news = DiskNews::Nothing;
        for (n, change) in changes.enumerate() {
            let Some(uri) = change["uri"].as_str() else {
                continue;
            };
            let key: Arc<str> = uri::key(uri).into();
            let kind = change["type"].as_u64().unwrap_or(2);
            news = news.max(match n {
                0..64 => self.workspace.disk_changed(&key, kind),
                _ => DiskNews::Rescan,
            });
        }
        match news {
            DiskNews::Nothing => {}
            DiskNews::Taken => self.pace.touch(),
            DiskNews::Rescan => {
                self.pace.touch();
                self.scans.due = Some(Instant::now() + RESCAN);
            }
            DiskNews::Reload => self.reload(self.workspace.roots().to_vec()),
        }
    }

    fn document_notification(&mut self, method: &str, params: &Value) {
        let item = &params["textDocument"];
        let Some(uri) = item["uri"].as_str() else {
            return;
        };
        let key: Arc<str> = uri::key(uri).into();
        match method {
            "textDocument/didOpen" => {
                let text = item["text"].as_str().unwrap_or_default();
                let language = item["languageId"].as_str().unwrap_or_default();
                let version = item["version"].as_i64();
                self.board.forget(&key);
                self.documents
                    .insert(key.clone(), Document::new(uri, version, language, text));
                self.changed(key);
            }
            "textDocument/didChange" => {
                let Some(document) = self.documents.get_mut(&key) else {
                    return;
                };
                document.version = item["version"].as_i64();
                let changes = params["contentChanges"].as_array();
                document.change(changes.map_or(&[], Vec::as_slice), self.client.encoding);
                self.changed(key);
            }
            // A client that watches no files still tells of what it writes.
            "textDocument/didSave" if !self.client.watch => {
                let change = json!({"uri": uri, "type": 2});
                self.disk_changed(std::iter::once(&change));
            }
            "textDocument/didClose" => self.closed(&key),
            _ => {}
        }
    }

    fn changed(&mut self, key: Arc<str>) {
        self.unrenewed = true;
        self.pace.edit();
        self.edited.insert(key);
    }

    /// Hands the newest texts to the analysis: once for a burst of edits.
    fn hand_over(&mut self) {
        for key in &self.edited {
            if let Some(document) = self.documents.get(key) {
                let (uri, language) = (&document.uri, &document.language);
                self.workspace
                    .set(key, uri, document.version, language, document.text());
            }
        }
    }

    fn closed(&mut self, key: &str) {
        let Some(document) = self.documents.remove(key) else {
            return;
        };
        self.edited.remove(key);
        self.workspace.close(key);
        self.board.forget(key);
        self.pace.touch();
        if !self.client.pull {
            let params = json!({"uri": document.uri, "diagnostics": []});
            self.outbox
                .notify("textDocument/publishDiagnostics", params);
        }
    }

    /// Whether diagnostics can be complete already, or have to be given as they are.
    pub(super) fn is_ready(&self, whole: bool) -> bool {
        let waited = self.started.elapsed() >= PARKED;
        self.scans.done || (waited && !(whole && self.scans.running))
    }
}

/// The token of the first pass's progress.
const TOKEN: &str = "minivet-scan";
