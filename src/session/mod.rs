//! A session: the files of a workspace, their facts, their apps, and what is found in them. Both shells feed it and
//! show what it says, so that they always agree. No I/O, no clock, no threads of its own beyond rayon.

mod carry;
#[cfg(test)]
#[path = "edits/tests.rs"]
mod edits;
pub mod examples;
mod hover;
mod link;

pub use link::{Linked, LinkedApp};

use crate::app::{Digest, digest};
use crate::facts::{FileFacts, Note, analyze};
use crate::finding::fingerprint::fingerprint;
use crate::finding::suppress::{self, Input};
use crate::finding::{Finding, Fix, Text};
use crate::flow::{Cancelled, FlowResult};
use crate::inventory::{self, Inventory};
pub use crate::judge::Settings;
use crate::judge::fixes::{FixCache, FixCtx, Touches};
use crate::judge::{AppCtx, CodeCache, Judge};
use crate::rules::RuleSet;
use crate::syntax::{Dialects, Document, Parsed, parse, parse_unless};
use crate::text::Span;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings by file, each list sorted by place; files without findings are absent.
    pub findings: BTreeMap<Arc<str>, Vec<Finding>>,
    /// Number of findings silenced by directives, by file.
    pub suppressed: BTreeMap<Arc<str>, u32>,
    /// What was cut short, by file.
    pub notes: BTreeMap<Arc<str>, Vec<Note>>,
}

/// What to show under the cursor.
#[derive(Clone, Debug)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// Markdown.
    pub markdown: Text,
}

/// One file of a session.
#[derive(Debug)]
struct Entry {
    document: Document,
    /// Trees, for files that are being edited: they are large.
    parsed: Option<Parsed>,
    /// What judgement made of the code, for the next edit.
    code: Kept<CodeCache>,
    facts: Arc<FileFacts>,
    /// What this file alone shows, not silenced.
    findings: Vec<Finding>,
    /// The same with silencing comments applied, and how many were silenced: enough where no flow ends in the file.
    silenced: (Vec<Finding>, u32),
}

/// Something that is handed on from one text of a file to the next.
#[derive(Debug, Default)]
struct Kept<T>(Mutex<T>);

impl<T: Default> Kept<T> {
    fn new(kept: T) -> Kept<T> {
        Kept(Mutex::new(kept))
    }

    fn take(&self) -> T {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The files of a workspace and what is found in them. A clone is a snapshot: cheap, and the files are shared.
#[derive(Clone, Debug)]
pub struct Session {
    rules: Arc<RuleSet>,
    judge: Arc<Judge>,
    report_unused: bool,
    files: BTreeMap<Arc<str>, Arc<Entry>>,
    /// The facts of `files`.
    facts: BTreeMap<Arc<str>, Arc<FileFacts>>,
    /// What the app model needs of `files`.
    digests: BTreeMap<Arc<str>, Digest>,
    /// Apps and flows of `files`, once somebody has asked.
    linked: OnceLock<Arc<Linked>>,
    /// Those of an earlier state.
    previous: Option<Arc<Linked>>,
    /// Earlier states of files, which nobody needs: see [`Session::sweep`].
    replaced: Vec<Arc<Entry>>,
}

/// More earlier states do not wait.
const MAX_REPLACED: usize = 8;

impl Session {
    /// An empty session.
    pub fn new(rules: Arc<RuleSet>, settings: &Settings) -> Session {
        Session {
            judge: Arc::new(Judge::new(rules.clone(), settings)),
            rules,
            report_unused: settings.report_unused_directives,
            files: BTreeMap::new(),
            facts: BTreeMap::new(),
            digests: BTreeMap::new(),
            linked: OnceLock::new(),
            previous: None,
            replaced: Vec::new(),
        }
    }

    /// The rules in use.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The text of a file, as its facts know it.
    pub fn text(&self, path: &str) -> Option<Arc<str>> {
        self.files.get(path).map(|file| file.document.text.clone())
    }

    /// The facts of a file.
    pub fn facts(&self, path: &str) -> Option<&Arc<FileFacts>> {
        self.facts.get(path)
    }

    /// A session with the same rules and settings and no files.
    pub fn emptied(&self) -> Session {
        Session {
            files: BTreeMap::new(),
            facts: BTreeMap::new(),
            digests: BTreeMap::new(),
            linked: OnceLock::new(),
            previous: None,
            ..self.clone()
        }
    }

    /// Shares a file with a session that has the same rules and settings.
    pub fn adopt(&mut self, other: &Session, path: &str) {
        if let Some((path, entry)) = other.files.get_key_value(path) {
            if let Some(digest) = other.digests.get(path) {
                self.digests.insert(path.clone(), digest.clone());
            }
            self.facts.insert(path.clone(), entry.facts.clone());
            self.files.insert(path.clone(), entry.clone());
            self.unlink();
        }
    }

    /// Files have changed: apps and flows must be made anew.
    fn unlink(&mut self) {
        if let Some(linked) = self.linked.take() {
            self.previous = Some(linked);
        }
    }

    /// The apps of the session and what flows through them.
    pub fn linked(&self) -> &Arc<Linked> {
        // What is never cancelled always ends.
        let link = || self.link(&|| false).unwrap_or_default();
        self.linked.get_or_init(link)
    }

    fn link(&self, cancelled: Cancelled<'_>) -> Option<Arc<Linked>> {
        let text =
            |(path, file): (&Arc<str>, &Arc<Entry>)| (path.clone(), file.document.text.clone());
        let linked = link::link(
            &self.rules,
            &self.judge,
            &self.facts,
            &self.digests,
            self.files.iter().map(text).collect(),
            self.previous.as_deref(),
            cancelled,
        )?;
        Some(Arc::new(linked))
    }

    /// As [`Session::linked`]; `None` soon after `cancelled` said so.
    fn linked_unless(&self, cancelled: Cancelled<'_>) -> Option<&Arc<Linked>> {
        if self.linked.get().is_none() {
            let linked = self.link(cancelled)?;
            return Some(self.linked.get_or_init(|| linked));
        }
        self.linked.get()
    }

    /// The privacy inventory of every app, in order of their roots.
    pub fn inventories(&self) -> Vec<Inventory> {
        let linked = self.linked();
        linked.apps.iter().map(|app| self.inventory(app)).collect()
    }

    /// The privacy inventory of an app.
    pub fn inventory(&self, linked: &LinkedApp) -> Inventory {
        let files = linked.files();
        let ctx = AppCtx {
            files: &files,
            app: &linked.app,
            flow: &linked.flow,
        };
        inventory::build(&self.judge, &ctx)
    }

    /// A text that is being edited is new or was changed: its facts and its own findings are made anew, from what the
    /// older text left. Its trees are kept for the next edit. Files of no known kind are left out. Gives up, and changes
    /// nothing, with `false` soon after `cancelled` says so.
    pub fn set_text(
        &mut self,
        document: Document,
        dialects: &Dialects,
        cancelled: &dyn Fn() -> bool,
    ) -> bool {
        let old = self.files.get(&document.path);
        if old.is_some_and(|old| old.document.text == document.text && old.parsed.is_some()) {
            return true;
        }
        let Some(kind) = dialects.kind_of(&document.path) else {
            self.remove(&document.path);
            return true;
        };
        let trees = old.and_then(|old| old.parsed.as_ref());
        let Some(parsed) = parse_unless(&document, kind, dialects, trees, cancelled) else {
            return false;
        };
        let mut code = old.map(|old| old.code.take()).unwrap_or_default();
        let old = old.map(|old| &*old.facts);
        let mut entry = self.entry(document, &parsed, old, &mut code);
        entry.code = Kept::new(code);
        if cancelled() {
            return false;
        }
        entry.parsed = Some(parsed);
        self.insert(entry);
        true
    }

    /// Many texts at once, on all threads of the current rayon pool; `done` is told of each. No trees are kept.
    pub fn set_texts(
        &mut self,
        documents: &[Document],
        dialects: &Dialects,
        done: &(dyn Fn() + Sync),
    ) {
        let entries: Vec<Entry> = documents
            .par_iter()
            .filter_map(|document| {
                let kind = dialects.kind_of(&document.path)?;
                let parsed = parse(document, kind, dialects, None);
                let entry = self.entry(document.clone(), &parsed, None, &mut CodeCache::default());
                done();
                Some(entry)
            })
            .collect();
        entries.into_iter().for_each(|entry| self.insert(entry));
    }

    /// Parses from scratch what only an incremental parse of broken code has seen, so that findings do not depend on what
    /// was typed before. For quiet moments. `false` if `cancelled` said so in between.
    pub fn renew(&mut self, dialects: &Dialects, cancelled: &dyn Fn() -> bool) -> bool {
        let provisional = |file: &&Arc<Entry>| {
            let parsed = file.parsed.as_ref();
            parsed.is_some_and(Parsed::is_provisional)
        };
        let files: Vec<Arc<Entry>> = self.files.values().filter(provisional).cloned().collect();
        for file in files {
            let Some(kind) = dialects.kind_of(&file.document.path) else {
                continue;
            };
            let Some(parsed) = parse_unless(&file.document, kind, dialects, None, cancelled) else {
                return false;
            };
            let mut entry = self.entry(
                file.document.clone(),
                &parsed,
                None,
                &mut CodeCache::default(),
            );
            entry.parsed = Some(parsed);
            self.insert(entry);
        }
        true
    }

    /// Lets go of the trees of a file that is not edited any more, unless they still have to be made anew.
    pub fn shelve(&mut self, path: &str) {
        if let Some(file) = self.files.get(path).filter(|file| {
            let trees = file.parsed.as_ref();
            trees.is_some_and(|trees| !trees.is_provisional())
        }) {
            let entry = Entry {
                document: file.document.clone(),
                parsed: None,
                code: Kept::default(),
                facts: file.facts.clone(),
                findings: file.findings.clone(),
                silenced: file.silenced.clone(),
            };
            self.insert(entry);
        }
    }

    fn insert(&mut self, entry: Entry) {
        let path = entry.document.path.clone();
        let same = self
            .facts
            .get(&path)
            .is_some_and(|old| Arc::ptr_eq(old, &entry.facts));
        if !same {
            let digest = digest(&entry.facts, &self.rules);
            self.digests.insert(path.clone(), digest);
            self.unlink();
        }
        self.facts.insert(path.clone(), entry.facts.clone());
        self.replaced
            .extend(self.files.insert(path, Arc::new(entry)));
        if self.replaced.len() > MAX_REPLACED {
            self.sweep();
        }
    }

    /// Lets go of the earlier states of files that were changed: to be called when nobody waits for an answer, since the
    /// tree of a large file takes its time.
    pub fn sweep(&mut self) {
        self.replaced.clear();
    }

    fn entry(
        &self,
        document: Document,
        parsed: &Parsed,
        old: Option<&FileFacts>,
        code: &mut CodeCache,
    ) -> Entry {
        let facts = analyze(&document, parsed, &self.rules, old);
        let mut findings = self.judge.edited(&facts, code);
        for finding in &mut findings {
            mark(finding, &document, &facts);
        }
        let silenced = self.silence(&document, &facts, findings.clone());
        Entry {
            document,
            parsed: None,
            code: Kept::default(),
            facts: Arc::new(facts),
            findings,
            silenced,
        }
    }

    /// The findings of a file with those of the flows that end in it, silencing comments applied.
    fn with_flows(&self, entry: &Entry, flows: &[Finding]) -> (Vec<Finding>, u32) {
        let mut findings = entry.findings.clone();
        findings.extend(flows.iter().cloned().map(|mut finding| {
            mark(&mut finding, &entry.document, &entry.facts);
            finding
        }));
        findings.sort_by(|a, b| (a.at.span, &a.rule).cmp(&(b.at.span, &b.rule)));
        self.silence(&entry.document, &entry.facts, findings)
    }

    fn silence(
        &self,
        document: &Document,
        facts: &FileFacts,
        findings: Vec<Finding>,
    ) -> (Vec<Finding>, u32) {
        let input = Input {
            path: &document.path,
            text: &document.text,
            lines: &facts.lines,
            directives: &facts.directives,
        };
        let ran = |selector: &str| {
            let chosen = self.rules.select(selector);
            chosen
                .iter()
                .any(|&rule| self.judge.runs(&self.rules.rules[rule].id))
        };
        let silenced = suppress::apply(&input, findings, &suppress::names, &ran);
        let mut kept = silenced.kept;
        if self.report_unused {
            kept.extend(silenced.unused);
            kept.sort_by_key(|finding| finding.at.span);
        }
        (kept, silenced.suppressed)
    }

    /// A text is gone.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
        self.digests.remove(path);
        if self.facts.remove(path).is_some() {
            self.unlink();
        }
    }

    /// The mends of a finding, best first.
    pub fn fixes(&self, finding: &Finding) -> Vec<Fix> {
        let linked = self.linked();
        let found = linked.app_of(&finding.at.file);
        let ground = Ground::of(self, &finding.at.file, found.map(|app| &**app));
        let mut one = [finding.clone()];
        self.add_fixes_to(&mut one, &ground);
        let [one] = one;
        one.fixes
    }

    /// Adds the mends of all findings.
    pub fn add_fixes(&self, findings: &mut BTreeMap<Arc<str>, Vec<Finding>>) {
        let linked = self.linked();
        let mut app_of: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, app) in linked.apps.iter().enumerate().rev() {
            app_of.extend(app.app.files.iter().map(|file| (&**file, index)));
        }
        let grounds: Vec<OnceLock<Ground<'_>>> =
            linked.apps.iter().map(|_| OnceLock::new()).collect();
        findings.par_iter_mut().for_each(|(file, list)| {
            let Some(&index) = app_of.get(&**file) else {
                return self.add_fixes_to(list, &Ground::of(self, file, None));
            };
            let app = &linked.apps[index];
            let ground = grounds[index].get_or_init(|| Ground::of(self, file, Some(app)));
            self.add_fixes_to(list, ground);
        });
    }

    fn add_fixes_to(&self, findings: &mut [Finding], ground: &Ground<'_>) {
        let none = FlowResult::default();
        let ctx = FixCtx {
            files: &ground.files,
            flow: ground.app.map_or(&none, |app| &app.flow),
            text: &|path| self.text(path),
            cache: FixCache::sharing(&ground.touches),
        };
        for finding in findings {
            if finding.fixes.is_empty() {
                finding.fixes = self.judge.fixes(finding, &ctx);
            }
        }
    }

    /// What is found, silencing comments applied.
    pub fn check(&self) -> Outcome {
        self.outcome(self.linked())
    }

    /// As [`Session::check`]; `None` soon after `cancelled` said so.
    pub fn check_unless(&self, cancelled: Cancelled<'_>) -> Option<Outcome> {
        Some(self.outcome(self.linked_unless(cancelled)?))
    }

    /// What can be said at once: each file's own findings are of the newest text, those of flows may still be of an older
    /// one, moved to where they stand now. `None` where nothing was linked yet.
    pub fn check_soon(&self) -> Option<Outcome> {
        let linked = self.linked.get().or(self.previous.as_ref())?;
        Some(self.outcome(linked))
    }

    fn outcome(&self, linked: &Linked) -> Outcome {
        let mut outcome = Outcome::default();
        let flows = linked.carried(&|path| self.text(path));
        for app in &linked.apps {
            for path in &app.flow.partial {
                outcome.notes.entry(path.clone()).or_default().push(Note {
                    span: Span::default(),
                    kind: "budget",
                });
            }
        }
        for (path, entry) in &self.files {
            let (findings, suppressed) = match flows.get(&**path) {
                Some(flows) => self.with_flows(entry, flows),
                None => entry.silenced.clone(),
            };
            if !findings.is_empty() {
                outcome.findings.insert(path.clone(), findings);
            }
            if suppressed > 0 {
                outcome.suppressed.insert(path.clone(), suppressed);
            }
            if !entry.facts.notes.is_empty() {
                let notes = outcome.notes.entry(path.clone()).or_default();
                notes.extend(entry.facts.notes.iter().cloned());
            }
        }
        outcome
    }
}

/// What the mends in one app have in common: a mend never reaches into another app.
struct Ground<'a> {
    app: Option<&'a LinkedApp>,
    files: BTreeMap<Arc<str>, Arc<FileFacts>>,
    touches: Arc<Touches>,
}

impl<'a> Ground<'a> {
    /// Of the app that a file belongs to; of the file alone if it belongs to none.
    fn of(session: &Session, file: &str, app: Option<&'a LinkedApp>) -> Ground<'a> {
        let alone = || session.facts.get_key_value(file);
        let files = match app {
            Some(app) => app.files(),
            None => alone()
                .into_iter()
                .map(|(p, f)| (p.clone(), f.clone()))
                .collect(),
        };
        Ground {
            app,
            files,
            touches: Arc::default(),
        }
    }
}

/// Facts hold no text, so that the words of a finding's line are added here.
fn mark(finding: &mut Finding, document: &Document, facts: &FileFacts) {
    let line = facts.lines.line_of(finding.at.span.start);
    let line = facts.lines.line_text(&document.text, line);
    finding.fingerprint = fingerprint(&finding.rule, &document.path, line);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::builtin_dialects;
    use crate::text::apply_edits;

    fn session(files: &[(&str, &str)]) -> Session {
        let mut session = Session::new(RuleSet::builtin(), &Settings::default());
        for (path, text) in files {
            let document = Document {
                path: (*path).into(),
                text: (*text).into(),
            };
            assert!(session.set_text(document, &builtin_dialects(), &|| false));
        }
        session
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut now = session(&[("a.js", "load('http://api.youpin.cn/v1')\n")]);
        let before = now.clone();
        let path: Arc<str> = "a.js".into();
        let text: Arc<str> = "load(1)\n".into();
        let document = Document { path, text };
        assert!(!now.set_text(document.clone(), &builtin_dialects(), &|| true));
        assert_eq!(now.check().findings.len(), 1, "given up: nothing changed");
        assert!(now.set_text(document, &builtin_dialects(), &|| false));
        assert_eq!(now.check().findings.len(), 0);
        assert_eq!(before.check().findings.len(), 1);
    }

    #[test]
    fn a_fix_takes_its_finding_away() {
        let text = "const 号 = 1\nload('http://api.youpin.cn/v1')\nf(号)\n";
        let now = session(&[("a.js", text)]);
        let found = now.check().findings;
        let fix = now.fixes(&found["a.js"][0]).remove(0);
        let edits: Vec<_> = fix.edits.into_iter().map(|e| e.edit).collect();
        let mended = apply_edits(text, &edits).unwrap();
        assert!(session(&[("a.js", &mended)]).check().findings.is_empty());
    }

    /// Once a mend of a storage key turned the readers of that key in all apps of the folder.
    #[test]
    fn a_fix_stays_in_its_app() {
        let page = "Page({ onLoad(q) { wx.setStorage({ key: 'who', data: q.phone }) }, onShow() { wx.getStorage({ key: 'who', success(r) { f(r.data) } }) } })\n";
        let pages = "{\"pages\": [\"p\"]}";
        let now = session(&[
            ("a/app.json", pages),
            ("a/p.js", page),
            ("b/app.json", pages),
            ("b/p.js", page),
        ]);
        let mut found = now.check().findings;
        now.add_fixes(&mut found);
        let fixes = found["a/p.js"].iter().flat_map(|f| &f.fixes);
        let edits: Vec<_> = fixes.flat_map(|fix| &fix.edits).collect();
        assert!(!edits.is_empty(), "{found:?}");
        assert!(edits.iter().all(|edit| edit.file.starts_with("a/")));
        let alone = now.fixes(&found["b/p.js"][0]);
        assert_eq!(alone, found["b/p.js"][0].fixes);
    }

    #[test]
    fn broken_code_is_parsed_from_scratch_in_the_end() {
        let rest = "function f() { load('http://api.youpin.cn/v1') }\n".repeat(2000);
        let mut now = session(&[("a.js", &format!("const a = 1\n{rest}"))]);
        let broken = format!("const a = (`\n{rest}");
        let document = Document {
            path: "a.js".into(),
            text: broken.as_str().into(),
        };
        assert!(now.set_text(document, &builtin_dialects(), &|| false));
        assert!(now.renew(&builtin_dialects(), &|| false));
        let fresh = session(&[("a.js", &broken)]);
        assert!(!fresh.check().findings.is_empty());
        assert_eq!(now.check().findings, fresh.check().findings);
        now.shelve("a.js");
        assert_eq!(now.check().findings, fresh.check().findings);
    }

    #[test]
    fn flows_are_shown_where_they_stand_until_they_are_followed_again() {
        let page = "Page({\n  pick() {\n    wx.chooseAddress({ success: r => console.log(r.telNumber) })\n  }\n})\n";
        let mut now = session(&[("a.js", page)]);
        let before = now.check().findings["a.js"][0].clone();
        let text = format!("// 收货地址\n{page}");
        let document = Document {
            path: "a.js".into(),
            text: text.as_str().into(),
        };
        assert!(now.set_text(document, &builtin_dialects(), &|| false));
        let soon = now.check_soon().unwrap().findings;
        assert_eq!(soon["a.js"][0].rule, before.rule);
        assert_eq!(soon, now.check().findings);
        assert!(now.check_unless(&|| true).is_some(), "it is linked already");
        let document = Document {
            path: "a.js".into(),
            text: "Page({})\n".into(),
        };
        assert!(now.set_text(document, &builtin_dialects(), &|| false));
        assert!(now.check_unless(&|| true).is_none());
        assert!(now.check_soon().unwrap().findings.is_empty());
        assert!(now.check().findings.is_empty());
    }
}
