//! What a symbol holds: the classes of data, how sure that is, and why.
//!
//! Asked when a symbol arrives at a sink and all of the app has been interpreted, so that everything the app reads from
//! the same value counts: its origin, the names on its path, the fields read below it, the names it was kept under.

use super::engine::Engine;
use super::value::{Loc, Origin, Sym, SymId};
use super::{Evidence, Protection};
use crate::facts::names::Name;
use crate::finding::Confidence;
use crate::rules::classes::{ClassId, Level};
use crate::rules::flow_tables::{Datum, Step};
use crate::rules::vocabulary::{NameMatches, Strength};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// One class that a symbol holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub class: ClassId,
    pub confidence: Confidence,
    pub evidence: Evidence,
    pub protection: Protection,
    /// The name that told; may be empty.
    pub field: Arc<str>,
}

/// Answers, kept.
#[derive(Debug, Default)]
pub(super) struct Classifier {
    names: FxHashMap<(Name, Option<Name>), NameMatches>,
    known: FxHashMap<SymId, Rc<Vec<Held>>>,
    /// What is read of all answers of one call, by the call; made when it is first asked for.
    generic: Option<FxHashMap<(Loc, Name), Vec<u32>>>,
}

/// So many answers of one call must be known before what is read of all of them is the wrapper's doing.
const MANY_ANSWERS: usize = 4;

impl Classifier {
    /// What a symbol holds, by class.
    pub fn held(&mut self, engine: &mut Engine<'_>, id: SymId) -> Rc<Vec<Held>> {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let mut out = Answer::default();
        self.classify(engine, engine.sy.get(id), &mut out);
        let held = Rc::new(out.held);
        self.known.insert(id, held.clone());
        held
    }

    fn by_name(
        &mut self,
        engine: &mut Engine<'_>,
        name: Name,
        parent: Option<Name>,
    ) -> NameMatches {
        if let Some(known) = self.names.get(&(name, parent)) {
            return known.clone();
        }
        let text = engine.txt(name);
        let parent_text = parent.map(|p| engine.txt(p));
        let found = engine
            .set
            .tables
            .vocabulary()
            .classify(&text, parent_text.as_deref());
        self.names.insert((name, parent), found.clone());
        found
    }

    fn classify(&mut self, engine: &mut Engine<'_>, sym: Sym, out: &mut Answer) {
        let keys = engine.sy.keys(sym.path);
        let each = engine.k.each;
        let origin = engine.sy.origins[sym.origin as usize].clone();
        out.protection = sym.protection;
        let mut covered = false;
        // The name that stands for the origin, where a path begins.
        let mut root: Option<Name> = None;
        let mut evidence = Evidence::Fields;
        match &origin {
            Origin::Failure { .. } => return,
            Origin::Api { path, platform, .. } => {
                let text = engine.txt(*path);
                if let Some(api) = engine.tables.api(&text)
                    && !api.data.is_empty()
                {
                    // The answer of a server is known by its names; whole answers are not headers.
                    covered = api.response.is_none();
                    let spelling = engine.platforms[*platform as usize].clone();
                    let parts_only = sym.derived || !covered;
                    let found =
                        self.by_table(engine, &api.data, &spelling, &keys, each, parts_only);
                    for held in found {
                        out.add(engine, held, Evidence::Source);
                    }
                }
            }
            Origin::OpenType { name, .. } => {
                let text = engine.txt(*name);
                if let Some(open) = engine.tables.open_type(&text) {
                    covered = true;
                    let found = self.by_table(engine, &open.data, "", &keys, each, sym.derived);
                    for held in found {
                        out.add(engine, held, Evidence::Source);
                    }
                }
            }
            Origin::Control { index } => {
                let Some(info) = engine.controls.get(*index as usize).cloned() else {
                    return;
                };
                if info.neutral {
                    return;
                }
                for (class, confidence) in info.classes {
                    out.add(engine, (class, confidence, "".into()), Evidence::Source);
                }
                covered = info.told;
                evidence = Evidence::Source;
            }
            Origin::Storage { key, .. } => {
                root = Some(*key);
                evidence = Evidence::Channel;
                if self.only_protected(engine, *key) {
                    return;
                }
                if keys.iter().all(|k| *k == each) {
                    self.add_name(engine, *key, None, Evidence::Channel, Confidence::High, out);
                    // A key is chosen for what it keeps: also a word that says little elsewhere counts.
                    for held in &mut out.held {
                        let level = engine.set.tables.classes().class(held.class).level;
                        if level == Level::Medium {
                            held.confidence = held.confidence.max(Confidence::Medium);
                        }
                    }
                }
            }
            Origin::Query { .. } => evidence = Evidence::Channel,
            Origin::Param { name, .. } | Origin::Unknown { name } => {
                root = Some(*name);
                if keys.is_empty() {
                    self.add_name(engine, *name, None, Evidence::Name, Confidence::Medium, out);
                }
            }
            Origin::Call { .. } | Origin::Event { .. } => {}
        }
        if covered {
            self.add_pictures(engine, sym, out);
            return;
        }
        let real: Vec<Name> = keys.iter().copied().filter(|k| *k != each).collect();
        let mut business = None;
        if let Some((&last, before)) = real.split_last() {
            business = self.kept_as_organisation(engine, sym.origin, sym.path, each);
            let parent = business.or_else(|| before.last().copied()).or(root);
            self.add_name(engine, last, parent, evidence, Confidence::High, out);
        }
        if sym.derived {
            return;
        }
        let generic = self.generic_reads(engine, sym.origin);
        let mut below = engine.sy.reads_below(sym.origin, sym.path);
        below.retain(|path| !generic.contains(path));
        for path in below {
            let below: Vec<Name> = engine
                .sy
                .keys(path)
                .iter()
                .copied()
                .filter(|k| *k != each)
                .collect();
            if let Some((&last, before)) = below.split_last() {
                let parent = self
                    .kept_as_organisation(engine, sym.origin, path, each)
                    .or_else(|| before.last().copied())
                    .or(root);
                self.add_name(
                    engine,
                    last,
                    parent,
                    Evidence::Fields,
                    Confidence::Medium,
                    out,
                );
            }
        }
        for (name, parent) in engine.sy.aliases(sym.origin, sym.path).to_vec() {
            let evidence = evidence.max(Evidence::Name);
            if parent == Some(engine.k.kept) {
                self.add_name(engine, name, business, evidence, Confidence::Medium, out);
                self.add_key(engine, name, evidence, out);
            } else {
                self.add_name(engine, name, parent, evidence, Confidence::Medium, out);
            }
        }
    }

    /// What the names under which a picture is kept say that it shows.
    fn add_pictures(&mut self, engine: &mut Engine<'_>, sym: Sym, out: &mut Answer) {
        let classes = engine.set.tables.classes();
        let shown = out
            .held
            .iter()
            .flat_map(|h| &classes.class(h.class).may_show);
        let shown: Vec<ClassId> = shown.filter_map(|id| classes.id(id)).collect();
        if shown.is_empty() || sym.derived {
            return;
        }
        for (name, _) in engine.sy.aliases(sym.origin, sym.path).to_vec() {
            let field = engine.txt(name);
            for found in self.by_name(engine, name, None) {
                if shown.contains(&found.class) && found.strength == Strength::Strong {
                    let held = (found.class, Confidence::Medium, field.clone());
                    out.add(engine, held, Evidence::Source);
                }
            }
        }
    }

    /// What a store's key says of the whole that is kept under it.
    fn add_key(
        &mut self,
        engine: &mut Engine<'_>,
        key: Name,
        evidence: Evidence,
        out: &mut Answer,
    ) {
        let field = engine.txt(key);
        for found in self.by_name(engine, key, None) {
            let by_key = engine.set.tables.classes().class(found.class).by_key;
            if by_key && !found.sanitised {
                let held = (found.class, Confidence::Medium, field.clone());
                out.add(engine, held, evidence);
            }
        }
    }

    /// The name of an organisation under which the record is kept that a field is read from: `shops` of `item.phone`.
    fn kept_as_organisation(
        &mut self,
        engine: &mut Engine<'_>,
        origin: u32,
        path: u32,
        each: Name,
    ) -> Option<Name> {
        let mut record = engine.sy.parent(path);
        let mut found = None;
        loop {
            for (name, _) in engine.sy.aliases(origin, record).to_vec() {
                let text = engine.txt(name);
                let vocabulary = engine.set.tables.vocabulary();
                if vocabulary.is_person(&text) {
                    return None;
                }
                if vocabulary.is_organisation(&text) {
                    found = Some(name);
                }
            }
            // The list that the record is an element of has a name too.
            let element = match engine.sy.keys(record).last().copied() {
                Some(key) => key == each || engine.txt(key).bytes().all(|b| b.is_ascii_digit()),
                None => false,
            };
            if !element {
                return found.or_else(|| self.field_of_organisation(engine, origin, path));
            }
            record = engine.sy.parent(record);
        }
    }

    /// A field, beside the one at `path`, that only records about an organisation have: the vocabulary takes it for the
    /// name of one.
    fn field_of_organisation(
        &self,
        engine: &mut Engine<'_>,
        origin: u32,
        path: u32,
    ) -> Option<Name> {
        let record = engine.sy.parent(path);
        let beside = engine.sy.reads_below(origin, record);
        let direct = beside
            .into_iter()
            .filter(|&p| engine.sy.parent(p) == record);
        let names: Vec<Name> = direct
            .filter_map(|p| engine.sy.keys(p).last().copied())
            .collect();
        let vocabulary = engine.set.tables.vocabulary();
        names
            .into_iter()
            .find(|&name| vocabulary.is_field_of_organisation(&engine.txt(name)))
    }

    /// Paths that a wrapper reads of every answer, whatever was asked for: they do not tell what this one holds.
    fn generic_reads(&mut self, engine: &Engine<'_>, origin: u32) -> &[u32] {
        let generic = self.generic.get_or_insert_with(|| generic_reads(engine));
        match &engine.sy.origins[origin as usize] {
            Origin::Api { at, path, .. } => generic.get(&(*at, *path)).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }

    fn add_name(
        &mut self,
        engine: &mut Engine<'_>,
        name: Name,
        parent: Option<Name>,
        evidence: Evidence,
        confidence: Confidence,
        out: &mut Answer,
    ) {
        let field = engine.txt(name);
        for found in self.by_name(engine, name, parent) {
            let confidence = match found.strength {
                Strength::Strong => confidence,
                Strength::Weak => Confidence::Low,
            };
            let weak = engine.set.tables.classes().class(found.class).weak_by_name;
            let confidence = if weak && evidence < Evidence::Channel {
                Confidence::Low
            } else {
                confidence
            };
            let was = out.protection;
            if found.sanitised {
                out.protection = out.protection.max(Protection::Masked);
            }
            out.add(engine, (found.class, confidence, field.clone()), evidence);
            out.protection = was;
        }
    }

    /// What a table says of a path.
    fn by_table(
        &mut self,
        engine: &mut Engine<'_>,
        data: &[Datum],
        spelling: &str,
        keys: &[Name],
        each: Name,
        derived: bool,
    ) -> Vec<(ClassId, Confidence, Arc<str>)> {
        // Some wrappers give `[error, result]`.
        let keys = match keys {
            [first, rest @ ..] if *first == each && !rest.is_empty() => rest,
            keys => keys,
        };
        let mut out = Vec::new();
        let here = |datum: &&Datum| {
            datum.platforms.is_empty() || datum.platforms.iter().any(|p| **p == *spelling)
        };
        for datum in data.iter().filter(here) {
            let path: Vec<Name> = datum
                .path
                .iter()
                .map(|step| match step {
                    Step::Key(key) => engine.intern(key),
                    Step::Each => each,
                })
                .collect();
            let within = keys.len() >= path.len() && keys[..path.len()] == path[..];
            let above = path.len() > keys.len() && path[..keys.len()] == *keys && !derived;
            if within || above {
                let field = path.iter().rev().find(|k| **k != each);
                let field = field.map(|k| engine.txt(*k)).unwrap_or_default();
                // A field of a datum that has a row of its own is that row's.
                let better = within
                    && data.iter().any(|other| {
                        other.path.len() > datum.path.len()
                            && other.path.len() <= keys.len()
                            && other.path[..datum.path.len()] == datum.path[..]
                            && other.path.iter().zip(keys).all(|(step, key)| match step {
                                Step::Key(k) => *engine.txt(*key) == **k,
                                Step::Each => *key == each,
                            })
                    });
                if !better {
                    out.push((datum.class, datum.confidence, field));
                }
            }
        }
        out
    }

    /// Whether all that the app stores under a key is protected.
    fn only_protected(&mut self, engine: &mut Engine<'_>, key: Name) -> bool {
        let text = engine.txt(key);
        let Some(cell) = engine.st.find(super::engine::hash_of(("storage", &*text))) else {
            return false;
        };
        let value = engine.st.peek(cell).elem.clone();
        let held = engine.symbols_in(&value);
        let mut any = false;
        for (sym, _) in held.symbols() {
            let s = engine.sy.get(sym);
            if matches!(engine.sy.origins[s.origin as usize], Origin::Storage { .. }) {
                continue;
            }
            if s.protection == Protection::None {
                return false;
            }
            any = true;
        }
        any
    }
}

/// An answer in progress.
#[derive(Default)]
struct Answer {
    held: Vec<Held>,
    protection: Protection,
}

impl Answer {
    fn add(
        &mut self,
        _engine: &Engine<'_>,
        found: (ClassId, Confidence, Arc<str>),
        evidence: Evidence,
    ) {
        let (class, confidence, field) = found;
        let new = Held {
            class,
            confidence,
            evidence,
            protection: self.protection,
            field,
        };
        match self
            .held
            .iter_mut()
            .find(|h| h.class == class && h.protection == new.protection)
        {
            Some(old) => {
                if (new.confidence, new.evidence) > (old.confidence, old.evidence) {
                    *old = new;
                }
            }
            None => self.held.push(new),
        }
    }
}

/// What a wrapper reads of the answers of each call, where it reads the same of all of them.
fn generic_reads(engine: &Engine<'_>) -> FxHashMap<(Loc, Name), Vec<u32>> {
    let mut calls: FxHashMap<(Loc, Name), Vec<&[u32]>> = FxHashMap::default();
    for (id, origin) in engine.sy.origins.iter().enumerate() {
        let Origin::Api { at, path, .. } = origin else {
            continue;
        };
        let reads = engine.sy.reads_of(id as u32);
        if !reads.is_empty() {
            calls.entry((*at, *path)).or_default().push(reads);
        }
    }
    calls.retain(|_, answers| answers.len() >= MANY_ANSWERS);
    let common = |answers: Vec<&[u32]>| {
        let in_all = |path: &u32| answers.iter().all(|reads| reads.contains(path));
        let first = answers[0].iter().copied();
        let common: Vec<u32> = first.filter(in_all).collect();
        // Where all callers read the same, they may all ask for the same.
        let differing = answers.iter().filter(|r| r.len() > common.len()).count();
        (differing * 2 >= answers.len()).then_some(common)
    };
    calls
        .into_iter()
        .filter_map(|(call, answers)| Some((call, common(answers)?)))
        .collect()
}
