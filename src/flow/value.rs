//! Abstract values: small sets of constants, objects, functions and symbols.
//!
//! A *symbol* stands for a value that the program does not make itself: what a platform call returned, what a person
//! typed, what stood in storage. It is an origin and an access path below it, and what was done to it on the way. What
//! a symbol *holds* is not decided while the program is interpreted, but when it arrives at a sink: only then all that
//! the app reads from it is known (`classify`).

use super::Protection;
use crate::facts::names::Name;
use crate::text::Span;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// Index of an object, function, frame or promise in the state.
pub(super) type Id = u32;

/// More atoms than this are not told apart.
const MAX_ATOMS: usize = 16;
/// Longer access paths are cut.
const MAX_PATH: u8 = 7;
/// Longer traces are not extended.
const MAX_TRACE: u8 = 20;
/// So many notes of names are remembered.
const NOTED: usize = 256;
/// More pieces of one text are joined.
const MAX_PIECES: usize = 24;

/// A symbol, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SymId(pub u32);
/// A way through the program, interned; 0 is the empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TraceId(pub u32);

/// One possible value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Atom {
    Undefined,
    Null,
    Bool(bool),
    /// A number, as its decimal text.
    Num(Name),
    Str(Name),
    /// A primitive without data: a length, a sum, a flag.
    Plain,
    /// Concatenated text: [`Symbols::texts`].
    Text(u32),
    /// An object, array, function, class, promise.
    Obj(Id),
    /// A platform or language function or object, by its path, and the platform whose spelling it has.
    Native(Name, u16),
    /// A symbol, and the way it came.
    Sym(SymId, TraceId),
}

impl PartialEq for Atom {
    /// The way a symbol came makes it no other symbol.
    #[inline]
    fn eq(&self, other: &Atom) -> bool {
        match (self, other) {
            (Atom::Undefined, Atom::Undefined)
            | (Atom::Null, Atom::Null)
            | (Atom::Plain, Atom::Plain) => true,
            (Atom::Bool(a), Atom::Bool(b)) => a == b,
            (Atom::Num(a), Atom::Num(b)) | (Atom::Str(a), Atom::Str(b)) => a == b,
            (Atom::Text(a), Atom::Text(b)) | (Atom::Obj(a), Atom::Obj(b)) => a == b,
            (Atom::Native(a, _), Atom::Native(b, _)) => a == b,
            (Atom::Sym(a, _), Atom::Sym(b, _)) => a == b,
            _ => false,
        }
    }
}

impl Hash for Atom {
    /// Of what makes atoms equal.
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Atom::Undefined | Atom::Null | Atom::Plain => {}
            Atom::Bool(is) => is.hash(state),
            Atom::Num(name) | Atom::Str(name) | Atom::Native(name, _) => name.hash(state),
            Atom::Text(id) | Atom::Obj(id) => id.hash(state),
            Atom::Sym(sym, _) => sym.hash(state),
        }
    }
}

/// A set of atoms, in the order in which they came; empty means "no value yet".
#[derive(Debug, Default, PartialEq, Hash)]
pub(super) struct Value(pub SmallVec<[Atom; 2]>);

impl Clone for Value {
    /// Atoms are plain data: one copy, not one by one.
    fn clone(&self) -> Value {
        Value(SmallVec::from_slice(&self.0))
    }
}

impl Value {
    pub fn none() -> Value {
        Value::default()
    }

    pub fn of(atom: Atom) -> Value {
        let mut atoms = SmallVec::new();
        atoms.push(atom);
        Value(atoms)
    }

    pub fn undefined() -> Value {
        Value::of(Atom::Undefined)
    }

    pub fn plain() -> Value {
        Value::of(Atom::Plain)
    }

    pub fn obj(id: Id) -> Value {
        Value::of(Atom::Obj(id))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Atom> + '_ {
        self.0.iter().copied()
    }

    /// Adds an atom; whether the set grew.
    pub fn push(&mut self, atom: Atom) -> bool {
        if self.0.contains(&atom) {
            return false;
        }
        if self.0.len() >= MAX_ATOMS {
            // Constants are given up first: data must not be lost.
            let is_constant =
                |a: &Atom| matches!(a, Atom::Str(_) | Atom::Num(_) | Atom::Bool(_) | Atom::Plain);
            if is_constant(&atom) {
                return false;
            }
            match self.0.iter().position(is_constant) {
                Some(at) => {
                    self.0.remove(at);
                }
                None => return false,
            }
        }
        self.0.push(atom);
        true
    }

    /// Adds all atoms of another value; whether the set grew.
    pub fn join(&mut self, other: &Value) -> bool {
        if self.0.is_empty() && other.0.len() <= MAX_ATOMS {
            self.0.extend_from_slice(&other.0);
            return !other.0.is_empty();
        }
        let mut grew = false;
        for (index, &atom) in other.0.iter().enumerate() {
            // What is joined is most often what is there already, in the same order.
            if self.0.get(index) != Some(&atom) {
                grew |= self.push(atom);
            }
        }
        grew
    }

    /// Whether another value says nothing that this one does not.
    pub fn holds(&self, other: &Value) -> bool {
        let mut others = other.0.iter().enumerate();
        others.all(|(at, atom)| self.0.get(at) == Some(atom) || self.0.contains(atom))
    }

    pub fn joined(mut self, other: &Value) -> Value {
        self.join(other);
        self
    }

    /// The only atom.
    pub fn single(&self) -> Option<Atom> {
        match self.0[..] {
            [atom] => Some(atom),
            _ => None,
        }
    }

    pub fn objects(&self) -> impl Iterator<Item = Id> + '_ {
        self.0.iter().filter_map(|atom| match atom {
            Atom::Obj(id) => Some(*id),
            _ => None,
        })
    }

    pub fn symbols(&self) -> impl Iterator<Item = (SymId, TraceId)> + '_ {
        self.0.iter().filter_map(|atom| match atom {
            Atom::Sym(sym, trace) => Some((*sym, *trace)),
            _ => None,
        })
    }

    /// `Some` if every possible value is true, or every one false, in a condition.
    pub fn truth(&self, empty: Name, zero: Name) -> Option<bool> {
        let mut all: Option<bool> = None;
        for atom in self.iter() {
            let one = match atom {
                Atom::Undefined | Atom::Null | Atom::Bool(false) => false,
                Atom::Num(number) if number == zero => false,
                Atom::Bool(true) | Atom::Obj(_) | Atom::Native(..) => true,
                Atom::Str(text) => text != empty,
                _ => return None,
            };
            if all.is_some_and(|a| a != one) {
                return None;
            }
            all = Some(one);
        }
        all
    }
}

/// A place in a file of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Loc {
    /// Index of the file.
    pub file: u32,
    pub span: Span,
}

impl Loc {
    /// The start of a file.
    pub fn start(file: u32) -> Loc {
        Loc {
            file,
            ..Loc::default()
        }
    }
}

/// Where a symbol comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// Result of a platform call: its path and spelling.
    Api {
        at: Loc,
        path: Name,
        platform: u16,
        /// The calls that led there: one wrapper's answers are not one value.
        key: u64,
    },
    /// What is typed into, or handed out by, an element of a template: index into the engine's controls.
    Control { index: u32 },
    /// Event of an element that hands out data by its `open-type`.
    OpenType { at: Loc, name: Name },
    /// Read from storage under a key.
    Storage {
        at: Loc,
        key: Name,
        path: Name,
        platform: u16,
    },
    /// The query of a page, or what the app was started with.
    Query { at: Loc },
    /// What an event of an element that is no control hands over: where everything is a source.
    Event { at: Loc, name: Name },
    /// Parameter of a function that nothing calls.
    Param { at: Loc, name: Name },
    /// Result of a call that is not understood.
    Call { at: Loc, name: Name, key: u64 },
    /// An unknown global, import or property.
    Unknown { name: Name },
    /// An error: no data by itself.
    Failure { at: Loc },
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sym {
    pub origin: u32,
    /// Index of the access path below the origin; 0 = the origin itself.
    pub path: u32,
    pub protection: Protection,
    /// Made from the datum by something not understood.
    pub derived: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PathNode {
    parent: u32,
    key: Name,
    depth: u8,
}

/// One step of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TraceNode {
    pub parent: TraceId,
    pub at: Loc,
    pub what: What,
    depth: u8,
}

/// What happens at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// Handed to a function.
    Passed,
    /// Kept: in page data, in storage, in a property of something that lives on.
    Stored,
    /// Read again from where it was kept.
    Read,
}

/// A piece of concatenated text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(Arc<str>),
    Values(Value),
}

/// A name under which something was kept, and that of the object it is in.
type Alias = (Name, Option<Name>);

/// All interned symbols, paths, traces and texts of one analysis.
#[derive(Debug)]
pub(super) struct Symbols {
    pub origins: Vec<Origin>,
    origin_ids: FxHashMap<Origin, u32>,
    /// Origins that share what is known of them: reads of storage under one key.
    shared: Vec<u32>,
    paths: Vec<PathNode>,
    path_ids: FxHashMap<(u32, Name), u32>,
    syms: Vec<Sym>,
    sym_ids: FxHashMap<Sym, SymId>,
    traces: Vec<TraceNode>,
    trace_ids: FxHashMap<(TraceId, Loc, What), TraceId>,
    texts: Vec<Rc<[Piece]>>,
    text_ids: FxHashMap<u64, SmallVec<[u32; 1]>>,
    /// Fields of symbols that were read.
    fields: FxHashMap<(SymId, Name), SymId>,
    /// Paths that were read below an origin, in order.
    reads: FxHashMap<u32, Vec<u32>>,
    read_set: rustc_hash::FxHashSet<(u32, u32)>,
    /// Names under which a symbol was kept: the name and that of the object.
    aliases: FxHashMap<(u32, u32), Vec<Alias>>,
    /// What was noted in `aliases` lately.
    noted: Vec<Option<(SymId, Alias)>>,
}

impl Symbols {
    pub fn new(root: Name) -> Symbols {
        Symbols {
            origins: Vec::new(),
            origin_ids: FxHashMap::default(),
            shared: Vec::new(),
            paths: vec![PathNode {
                parent: 0,
                key: root,
                depth: 0,
            }],
            path_ids: FxHashMap::default(),
            syms: Vec::new(),
            sym_ids: FxHashMap::default(),
            traces: vec![TraceNode {
                parent: TraceId(0),
                at: Loc::default(),
                what: What::Passed,
                depth: 0,
            }],
            trace_ids: FxHashMap::default(),
            texts: Vec::new(),
            text_ids: FxHashMap::default(),
            fields: FxHashMap::default(),
            reads: FxHashMap::default(),
            read_set: rustc_hash::FxHashSet::default(),
            aliases: FxHashMap::default(),
            noted: vec![None; NOTED],
        }
    }

    pub fn origin(&mut self, origin: Origin) -> u32 {
        if let Some(&id) = self.origin_ids.get(&origin) {
            return id;
        }
        let id = self.origins.len() as u32;
        self.origins.push(origin.clone());
        self.shared.push(id);
        if let Origin::Storage { at, key, path, .. } = &origin
            && *at != Loc::default()
        {
            let common = Origin::Storage {
                at: Loc::default(),
                key: *key,
                path: *path,
                platform: 0,
            };
            self.origin_ids.insert(origin.clone(), id);
            let common = self.origin(common);
            self.shared[id as usize] = common;
            return id;
        }
        self.origin_ids.insert(origin, id);
        id
    }

    /// The symbol of an origin itself.
    pub fn fresh(&mut self, origin: Origin) -> Value {
        let origin = self.origin(origin);
        let sym = self.intern(Sym {
            origin,
            path: 0,
            protection: Protection::None,
            derived: false,
        });
        Value::of(Atom::Sym(sym, TraceId(0)))
    }

    pub fn intern(&mut self, sym: Sym) -> SymId {
        if let Some(&id) = self.sym_ids.get(&sym) {
            return id;
        }
        let id = SymId(self.syms.len() as u32);
        self.syms.push(sym);
        self.sym_ids.insert(sym, id);
        id
    }

    pub fn get(&self, id: SymId) -> Sym {
        self.syms[id.0 as usize]
    }

    /// The same, if the field has been read before, under a key that is no index.
    pub fn known_field(&self, id: SymId, key: Name) -> Option<SymId> {
        self.fields.get(&(id, key)).copied()
    }

    /// The symbol of a field of a symbol. Notes that the field is read.
    pub fn field(&mut self, id: SymId, key: Name) -> SymId {
        if let Some(&known) = self.fields.get(&(id, key)) {
            return known;
        }
        let sym = self.get(id);
        if sym.derived {
            // What something made of a datum has no fields of its own that tell more.
            return id;
        }
        let path = self.child_path(sym.path, key);
        let origin = self.shared[sym.origin as usize];
        if self.read_set.insert((origin, path)) {
            self.reads.entry(origin).or_default().push(path);
        }
        let field = self.intern(Sym { path, ..sym });
        self.fields.insert((id, key), field);
        field
    }

    fn child_path(&mut self, parent: u32, key: Name) -> u32 {
        let depth = self.paths[parent as usize].depth;
        if depth >= MAX_PATH {
            return parent;
        }
        if let Some(&id) = self.path_ids.get(&(parent, key)) {
            return id;
        }
        let id = self.paths.len() as u32;
        self.paths.push(PathNode {
            parent,
            key,
            depth: depth + 1,
        });
        self.path_ids.insert((parent, key), id);
        id
    }

    /// The keys of a path, outermost first.
    pub fn keys(&self, mut path: u32) -> SmallVec<[Name; 8]> {
        let mut keys = SmallVec::new();
        while path != 0 {
            let node = self.paths[path as usize];
            keys.push(node.key);
            path = node.parent;
        }
        keys.reverse();
        keys
    }

    /// The path of what a path is read from.
    pub fn parent(&self, path: u32) -> u32 {
        self.paths[path as usize].parent
    }

    /// Paths read below (origin, path), the path itself excluded.
    pub fn reads_below(&self, origin: u32, path: u32) -> Vec<u32> {
        let below = |mut p: u32| {
            while p != 0 {
                p = self.paths[p as usize].parent;
                if p == path {
                    return true;
                }
            }
            false
        };
        let reads = self
            .reads
            .get(&self.shared[origin as usize])
            .map_or(&[][..], Vec::as_slice);
        reads.iter().copied().filter(|&p| below(p)).collect()
    }

    /// All paths read below an origin.
    pub fn reads_of(&self, origin: u32) -> &[u32] {
        self.reads
            .get(&self.shared[origin as usize])
            .map_or(&[], Vec::as_slice)
    }

    /// Notes the name under which a symbol is kept.
    pub fn alias(&mut self, id: SymId, name: Name, object: Option<Name>) {
        let note = Some((id, (name, object)));
        let at = (id.0.wrapping_mul(0x9e37_79b9) ^ name.0) as usize % NOTED;
        if self.noted[at] == note {
            return;
        }
        self.noted[at] = note;
        let sym = self.get(id);
        if sym.derived {
            return;
        }
        let origin = self.shared[sym.origin as usize];
        let names = self.aliases.entry((origin, sym.path)).or_default();
        if names.len() < 12 && !names.contains(&(name, object)) {
            names.push((name, object));
        }
    }

    /// Names under which (origin, path) was kept.
    pub fn aliases(&self, origin: u32, path: u32) -> &[(Name, Option<Name>)] {
        self.aliases
            .get(&(self.shared[origin as usize], path))
            .map_or(&[][..], Vec::as_slice)
    }

    /// The value with every symbol changed.
    pub fn map(&mut self, value: &Value, change: &mut dyn FnMut(Sym) -> Option<Sym>) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Sym(id, trace) => {
                    if let Some(sym) = change(self.get(id)) {
                        let id = self.intern(sym);
                        out.push(Atom::Sym(id, trace));
                    }
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    /// Adds a step to the way of every symbol of a value.
    pub fn step(&mut self, value: &Value, at: Loc, what: What) -> Value {
        let mut out = value.clone();
        for atom in &mut out.0 {
            if let Atom::Sym(_, trace) = atom {
                *trace = self.extend(*trace, at, what);
            }
        }
        out
    }

    fn extend(&mut self, parent: TraceId, at: Loc, what: What) -> TraceId {
        let last = self.traces[parent.0 as usize];
        if last.depth >= MAX_TRACE || (last.depth > 0 && last.at == at) {
            return parent;
        }
        // A way that comes by the same place again goes round in circles.
        let (mut node, mut left) = (last, 6);
        while node.depth > 0 && left > 0 {
            if node.at == at {
                return parent;
            }
            node = self.traces[node.parent.0 as usize];
            left -= 1;
        }
        if let Some(&id) = self.trace_ids.get(&(parent, at, what)) {
            return id;
        }
        let id = TraceId(self.traces.len() as u32);
        self.traces.push(TraceNode {
            parent,
            at,
            what,
            depth: last.depth + 1,
        });
        self.trace_ids.insert((parent, at, what), id);
        id
    }

    /// The steps of a trace, first first.
    pub fn steps(&self, mut trace: TraceId) -> Vec<TraceNode> {
        let mut out = Vec::new();
        while trace.0 != 0 {
            let node = self.traces[trace.0 as usize];
            out.push(node);
            trace = node.parent;
        }
        out.reverse();
        out
    }

    /// Text from pieces: neighbouring constants are joined, long texts lose their order.
    pub fn text(&mut self, pieces: Vec<Piece>) -> Atom {
        let mut out: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (out.last_mut(), piece) {
                (Some(Piece::Text(last)), Piece::Text(more)) => {
                    if last.len() < 400 {
                        *last = format!("{last}{more}").into();
                    }
                }
                (_, piece) => out.push(piece),
            }
        }
        if out.len() > MAX_PIECES {
            let rest = out.split_off(MAX_PIECES - 1);
            let mut all = Value::none();
            for piece in rest {
                if let Piece::Values(value) = piece {
                    all.join(&value);
                }
            }
            out.push(Piece::Values(all));
        }
        let hash = hash_pieces(&out);
        let same = self.text_ids.entry(hash).or_default();
        if let Some(&id) = same
            .iter()
            .find(|&&id| self.texts[id as usize][..] == out[..])
        {
            return Atom::Text(id);
        }
        let id = self.texts.len() as u32;
        same.push(id);
        self.texts.push(out.into());
        Atom::Text(id)
    }

    /// The pieces of a text.
    pub fn pieces(&self, id: u32) -> Rc<[Piece]> {
        self.texts[id as usize].clone()
    }
}

fn hash_pieces(pieces: &[Piece]) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    for piece in pieces {
        match piece {
            Piece::Text(text) => text.hash(&mut hasher),
            Piece::Values(value) => {
                for atom in value.iter() {
                    match atom {
                        Atom::Sym(id, _) => id.0.hash(&mut hasher),
                        Atom::Str(name) | Atom::Num(name) => name.0.hash(&mut hasher),
                        Atom::Text(id) => id.hash(&mut hasher),
                        other => std::mem::discriminant(&other).hash(&mut hasher),
                    }
                }
            }
        }
    }
    hasher.finish()
}
