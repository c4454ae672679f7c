//! The abstract state: objects, frames and what they hold; branches, joins, and what outlives a run.
//!
//! A *run* interprets one entry point. It sees the *base*, what all runs before left, through an overlay of its own, in
//! which updates are strong. When it ends, what can still be reached from the base is joined into it ([`State::commit`]):
//! entry points run in any order, so that none may forget what another left. Cells are named by where they are made and
//! by the calls that led there, so that a run that is repeated finds the same cells.
//!
//! Within a run branches are undone and joined by a journal: see [`State::mark`].

use super::value::{Atom, Id, Value};
use crate::facts::ir::{ClassId, FuncId};
use crate::facts::names::Name;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::collections::hash_map::Entry;
use std::rc::Rc;

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Prop {
    Value(Value),
    Accessor { get: Value, set: Value },
}

/// Named properties in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(super) struct Props {
    list: Vec<(Name, Prop)>,
    /// Only for long lists.
    index: Option<FxHashMap<Name, u32>>,
}

const INDEXED: usize = 24;

/// A cell and a part of it: a property's name, a slot, [`WHOLE`] or [`ALL`].
pub(super) type Place = (Id, u32);

/// A read of all of a cell, in lists of reads; of changes: something changed.
pub(super) const WHOLE: u32 = u32::MAX;
/// In lists of changes: what concerns every property changed.
pub(super) const ALL: u32 = u32::MAX - 1;
/// Places that are known to have been read, at most.
const RECENT: usize = 512;
/// No place.
const NOWHERE: Place = (u32::MAX, 0);
/// Added to the number of a slot.
const SLOT: u32 = 0x8000_0000;

impl Props {
    fn position(&self, name: Name) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(&name).map(|&i| i as usize),
            None => self.list.iter().position(|(n, _)| *n == name),
        }
    }

    pub fn get(&self, name: Name) -> Option<&Prop> {
        self.position(name).map(|i| &self.list[i].1)
    }

    pub fn entry(&mut self, name: Name) -> &mut Prop {
        let at = match self.position(name) {
            Some(at) => at,
            None => {
                let at = self.list.len();
                self.list.push((name, Prop::Value(Value::none())));
                if let Some(index) = &mut self.index {
                    index.insert(name, at as u32);
                } else if self.list.len() > INDEXED {
                    let names = self.list.iter().enumerate();
                    self.index = Some(names.map(|(i, (n, _))| (*n, i as u32)).collect());
                }
                at
            }
        };
        &mut self.list[at].1
    }

    pub fn remove(&mut self, name: Name) {
        if let Some(at) = self.position(name) {
            self.list.remove(at);
            if self.index.is_some() {
                let names = self.list.iter().enumerate();
                self.index = Some(names.map(|(i, (n, _))| (*n, i as u32)).collect());
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Name, &Prop)> {
        self.list.iter().map(|(name, prop)| (*name, prop))
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn clear(&mut self) {
        *self = Props::default();
    }
}

/// What an object or frame holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub props: Props,
    /// What stands under keys that are not known, and in elements whose index is not.
    pub elem: Value,
    /// Symbols that were spread into the object: fields that are not own ones may be theirs.
    pub rest: Value,
    /// Keys that were deleted, or taken out, although `rest` may have them.
    pub without: SmallVec<[Name; 2]>,
    /// Variables of a frame; the last one is `this`.
    pub slots: Vec<Value>,
    /// Stands for several objects: updates are weak.
    pub summary: bool,
    /// A function made in this frame lives on.
    pub captured: bool,
}

/// What a cell is; does not change.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Plain,
    Array,
    /// Variables of a call.
    Frame {
        parent: Option<Id>,
        home: Option<Id>,
    },
    /// A function.
    Closure {
        unit: u32,
        func: FuncId,
        env: Option<Id>,
        home: Option<Id>,
    },
    /// A class.
    Class {
        unit: u32,
        class: ClassId,
        env: Option<Id>,
        proto: Id,
    },
    /// An object made by `new`, or with a prototype.
    Instance {
        proto: Value,
    },
    /// A page, a component, the app: index of the definition.
    Role {
        def: u32,
    },
    /// `f.bind(this, …)`.
    Bound {
        target: Value,
        this: Value,
        args: Vec<Value>,
    },
    /// A promise: `elem` is its value; reactions wait in the engine.
    Promise,
    /// The resolving or rejecting function of a promise.
    Settle {
        promise: Id,
        reject: bool,
    },
    /// `Map` or `Set`: constant keys are properties.
    Collection,
    /// An engine function with data of its own.
    Hook {
        hook: Hook,
        target: Value,
    },
}

/// Engine functions that are values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hook {
    /// Sets a state (`setX` of a state hook): joins its argument, or what a function argument returns, into `target`.
    SetState,
    /// Commits or dispatches to the store `target`.
    Dispatch,
    /// Calls the event handlers of a component.
    Emit,
    /// Gives a store (`useStore`), or what a selector takes of it.
    UseStore,
    /// Reads a field of `target`, or writes it if there is an argument.
    Field(Name),
    /// Writes the fields of its argument, or of what a function argument returns, into `target`.
    Patch,
    /// A reducer as an action: `target` is called with the state and the payload.
    Action,
    /// An action whose payload comes with a promise: `target` is called.
    Thunk,
    /// Dispatches what `target` makes.
    Dispatched,
    /// Connects a component to the stores.
    Connect,
    /// A component that was connected.
    Connected,
    /// Adds a reducer of the state `target` to an action.
    Case,
    /// What the last function of the list `target` makes of what the others give.
    Selector,
    /// A state field, getter or action of a store, as a member of a component.
    Mapped { field: Name, action: bool },
    /// Subscribes a function to the state `target`, which it gets as its first argument, or only as its second.
    Subscribe { state_first: bool },
    /// `require` of modules that a bundler has put together.
    Linker,
    /// Gives what the module `target` exports by default.
    Default,
}

impl Cell {
    /// Becomes what another cell is. This one is empty.
    fn copy_from(&mut self, other: &Cell) {
        self.props.list.extend_from_slice(&other.props.list);
        self.props.index.clone_from(&other.props.index);
        self.elem.0.extend_from_slice(&other.elem.0);
        self.rest.0.extend_from_slice(&other.rest.0);
        self.without.extend_from_slice(&other.without);
        self.slots.extend_from_slice(&other.slots);
        self.summary = other.summary;
        self.captured = other.captured;
    }

    /// Forgets everything, but keeps room.
    fn empty(&mut self) {
        self.props.list.clear();
        self.props.index = None;
        self.elem.0.clear();
        self.rest.0.clear();
        self.without.clear();
        self.slots.clear();
        self.summary = false;
        self.captured = false;
    }
}

/// More spare cells are not kept.
const MAX_SPARE: usize = 2_000;
/// What has room for more is not kept.
const MAX_ROOM: usize = 64;

/// Keeps a cell that nobody else holds for later use.
fn recycle(spare: &mut Vec<Rc<Cell>>, mut cell: Rc<Cell>) {
    if spare.len() < MAX_SPARE
        && let Some(inner) = Rc::get_mut(&mut cell)
        && inner.props.list.capacity() <= MAX_ROOM
        && inner.slots.capacity() <= MAX_ROOM
    {
        inner.empty();
        spare.push(cell);
    }
}

/// The cell, not shared with anybody.
fn own<'c>(spare: &mut Vec<Rc<Cell>>, cell: &'c mut Rc<Cell>) -> &'c mut Cell {
    if Rc::get_mut(cell).is_none() {
        let mut fresh = spare.pop().unwrap_or_default();
        match Rc::get_mut(&mut fresh) {
            Some(inner) => inner.copy_from(cell),
            None => fresh = Rc::new(Cell::clone(cell)),
        }
        *cell = fresh;
    }
    // Nobody else holds it now, so that nothing is copied.
    Rc::make_mut(cell)
}

#[derive(Clone, Debug)]
struct Current {
    cell: Rc<Cell>,
    stamp: u32,
}

/// The state.
#[derive(Debug, Default)]
pub(super) struct State {
    base: Vec<Rc<Cell>>,
    kinds: Vec<Kind>,
    keys: Vec<u64>,
    base_ids: FxHashMap<u64, Id>,
    run_ids: FxHashMap<u64, Id>,
    overlay: Vec<Option<Current>>,
    touched: Vec<Id>,
    pinned: Vec<Id>,
    /// Those of `pinned`, to be looked up.
    fresh: FxHashSet<Id>,
    reads: FxHashSet<Place>,
    /// Places that are among `reads`, by a hash of them.
    recent: Vec<Place>,
    /// What channels that this run made held when it first read them.
    first_reads: FxHashMap<Id, Rc<Cell>>,
    journal: Vec<(Id, Option<Current>)>,
    marks: Vec<(u32, usize)>,
    epoch: u32,
    empty: Rc<Cell>,
    /// Cells that nobody holds any more, emptied: their lists keep their room.
    spare: Vec<Rc<Cell>>,
    /// For one join; empty otherwise.
    order: Vec<(Id, Before, Option<Rc<Cell>>)>,
    /// Cells that a walk over the journal has met.
    visited: Visited,
}

/// A number for each of the cells that a walk meets.
#[derive(Debug, Default)]
pub(super) struct Visited {
    /// By cell: in which walk it was met, and its number.
    list: Vec<(u32, u32)>,
    walk: u32,
    /// How many cells were met.
    met: usize,
}

impl Visited {
    /// Forgets all; cells' numbers are below `cells`.
    pub fn begin(&mut self, cells: usize) {
        self.met = 0;
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.list.clear();
            self.walk = 1;
        }
        if self.list.len() < cells {
            self.list.resize(cells, (0, 0));
        }
    }

    pub fn len(&self) -> usize {
        self.met
    }

    fn get(&self, id: Id) -> Option<u32> {
        let (walk, number) = self.list[id as usize];
        (walk == self.walk).then_some(number)
    }

    /// Notes that a cell was met, unless it was before; whether it was not.
    pub fn insert(&mut self, id: Id, number: u32) -> bool {
        let new = self.list[id as usize].0 != self.walk;
        if new {
            self.met += 1;
            self.list[id as usize] = (self.walk, number);
        }
        new
    }
}

/// What a cell held at a mark, if it was there.
type Before = Option<Rc<Cell>>;

/// What cells held at some point, for a later join.
pub(super) type Snapshot = Vec<(Id, Rc<Cell>)>;

impl State {
    /// What a cell holds now. Counts as a read of all of it.
    pub fn cell(&mut self, id: Id) -> Rc<Cell> {
        self.note_read(id, WHOLE);
        self.peek(id)
    }

    /// What a cell holds now, of which only one property, and what stands under unknown keys, is looked at.
    pub fn cell_for(&mut self, id: Id, name: Name) -> Rc<Cell> {
        self.note_read(id, name.0);
        self.peek(id)
    }

    /// The same for what the engine itself keeps in the cell: that a run finds it empty and fills it is no news to it.
    pub fn cell_kept(&mut self, id: Id, name: Name) -> Rc<Cell> {
        if (id as usize) < self.base.len() {
            self.note_read(id, name.0);
        }
        self.peek(id)
    }

    /// A variable of a frame.
    pub fn slot(&mut self, id: Id, slot: usize) -> Value {
        self.note_read(id, SLOT | slot as u32);
        self.now(id).slots.get(slot).cloned().unwrap_or_default()
    }

    pub fn kind(&self, id: Id) -> &Kind {
        &self.kinds[id as usize]
    }

    /// Makes a cell something else: only for functions that were just made.
    pub fn set_kind(&mut self, id: Id, kind: Kind) {
        self.edit(id);
        self.kinds[id as usize] = kind;
    }

    /// The key of a cell.
    pub fn key(&self, id: Id) -> u64 {
        self.keys[id as usize]
    }

    /// What a cell holds now, without counting as a read; to be kept while others are changed.
    pub fn peek(&self, id: Id) -> Rc<Cell> {
        match self.overlay.get(id as usize) {
            Some(Some(current)) => current.cell.clone(),
            _ => self.base.get(id as usize).unwrap_or(&self.empty).clone(),
        }
    }

    /// What a cell holds now, without counting as a read.
    pub fn now(&self, id: Id) -> &Cell {
        match self.overlay.get(id as usize) {
            Some(Some(current)) => &current.cell,
            _ => self.base.get(id as usize).unwrap_or(&self.empty),
        }
    }

    /// The last variable of a frame, which is `this`: counts as a read.
    pub fn this(&mut self, frame: Id) -> Value {
        let last = self.now(frame).slots.len().saturating_sub(1);
        self.slot(frame, last)
    }

    fn note_read(&mut self, id: Id, what: u32) {
        if (id as usize) < self.base.len() {
            // The same few places are read again and again.
            let recent = &mut self.recent[(id.wrapping_mul(31) ^ what) as usize % RECENT];
            if *recent != (id, what) {
                *recent = (id, what);
                self.reads.insert((id, what));
            }
        } else if self.fresh.contains(&id) {
            // A cell that is pinned in this run lives on: what others write there later concerns this run.
            self.reads.insert((id, what));
            let is_frame = matches!(self.kinds[id as usize], Kind::Frame { .. });
            if !is_frame && !self.first_reads.contains_key(&id) {
                let cell = self.peek(id);
                self.first_reads.insert(id, cell);
            }
        }
    }

    /// A cell to be changed.
    pub fn edit(&mut self, id: Id) -> &mut Cell {
        let index = id as usize;
        if self.overlay.len() <= index {
            self.overlay.resize(self.kinds.len().max(index + 1), None);
        }
        let epoch = self.marks.last().map_or(0, |m| m.0);
        let place = &mut self.overlay[index];
        match place {
            None => {
                self.touched.push(id);
                if epoch > 0 {
                    self.journal.push((id, None));
                }
            }
            Some(current) if current.stamp < epoch => {
                self.journal.push((id, Some(current.clone())));
                current.stamp = epoch;
            }
            Some(_) => {}
        }
        let current = place.get_or_insert_with(|| Current {
            cell: self.base.get(index).unwrap_or(&self.empty).clone(),
            stamp: epoch,
        });
        own(&mut self.spare, &mut current.cell)
    }

    /// From now on a cell stands for several objects.
    fn make_summary(&mut self, id: Id) {
        if !self.now(id).summary {
            self.edit(id).summary = true;
        }
    }

    /// An empty cell.
    fn blank(&mut self) -> Rc<Cell> {
        self.spare.pop().unwrap_or_default()
    }

    fn put(&mut self, id: Id, cell: Rc<Cell>) {
        let index = id as usize;
        let epoch = self.marks.last().map_or(0, |m| m.0);
        if self.overlay.len() <= index {
            self.overlay.resize(self.kinds.len().max(index + 1), None);
        }
        let old = self.overlay[index].replace(Current { cell, stamp: epoch });
        match old {
            None => {
                self.touched.push(id);
                if epoch > 0 {
                    self.journal.push((id, None));
                }
            }
            Some(current) if current.stamp < epoch => self.journal.push((id, Some(current))),
            Some(current) => recycle(&mut self.spare, current.cell),
        }
    }

    /// The cell of a key; new and empty the first time in this run. Made again in the same run it stands for both.
    /// Second: whether it was made before in this run.
    pub fn alloc(&mut self, key: u64, kind: Kind) -> (Id, bool) {
        let place = match self.run_ids.entry(key) {
            Entry::Occupied(known) => {
                let id = *known.get();
                self.kinds[id as usize] = kind;
                self.make_summary(id);
                return (id, true);
            }
            Entry::Vacant(place) => place,
        };
        if let Some(&id) = self.base_ids.get(&key) {
            place.insert(id);
            let again = self.overlay.get(id as usize).is_some_and(Option::is_some);
            self.kinds[id as usize] = kind;
            if again {
                self.make_summary(id);
            } else {
                let blank = self.blank();
                self.put(id, blank);
            }
            return (id, again);
        }
        let id = self.kinds.len() as Id;
        place.insert(id);
        self.kinds.push(kind);
        self.keys.push(key);
        let blank = self.blank();
        self.put(id, blank);
        (id, false)
    }

    /// The cell of a key that lives as long as the program: what it holds is not forgotten between runs.
    pub fn pinned(&mut self, key: u64, kind: impl FnOnce() -> Kind) -> Id {
        if let Some(&id) = self.run_ids.get(&key).or_else(|| self.base_ids.get(&key)) {
            return id;
        }
        let id = self.kinds.len() as Id;
        self.kinds.push(kind());
        self.keys.push(key);
        self.run_ids.insert(key, id);
        self.pinned.push(id);
        self.fresh.insert(id);
        let blank = self.blank();
        self.put(id, blank);
        id
    }

    /// The cell of a key, if there is one.
    pub fn find(&self, key: u64) -> Option<Id> {
        self.run_ids
            .get(&key)
            .or_else(|| self.base_ids.get(&key))
            .copied()
    }

    /// Makes a fresh frame: variables of an earlier call are forgotten unless a function holds them.
    pub fn frame(&mut self, key: u64, kind: Kind, slots: usize) -> Id {
        let known = self.run_ids.get(&key).copied();
        if let Some(id) = known {
            self.kinds[id as usize] = kind;
            if !self.now(id).captured {
                let blank = self.blank();
                self.put(id, blank);
            } else {
                self.make_summary(id);
            }
            self.edit(id).slots.resize(slots, Value::none());
            return id;
        }
        let (id, _) = self.alloc(key, kind);
        let cell = self.edit(id);
        cell.slots.clear();
        cell.slots.resize(slots, Value::none());
        id
    }

    // ---- branches

    /// From here on changes can be undone or joined with others.
    pub fn mark(&mut self) {
        self.epoch += 1;
        self.marks.push((self.epoch, self.journal.len()));
    }

    /// What cells hold that were changed since the innermost mark.
    pub fn snapshot(&mut self) -> Snapshot {
        self.snapshot_since(self.marks.len().saturating_sub(1))
    }

    /// The number of marks.
    pub fn depth(&self) -> usize {
        self.marks.len()
    }

    /// What cells hold that were changed since the mark with this number.
    pub fn snapshot_since(&mut self, mark: usize) -> Snapshot {
        let from = self.marks.get(mark).map_or(self.journal.len(), |m| m.1);
        let journal = &self.journal[from..];
        let mut out: Snapshot = Vec::with_capacity(journal.len());
        self.visited.begin(self.kinds.len());
        for (id, _) in journal {
            if self.visited.insert(*id, 0)
                && let Some(Some(current)) = self.overlay.get(*id as usize)
            {
                out.push((*id, current.cell.clone()));
            }
        }
        out
    }

    /// Back to the innermost mark, which stays.
    pub fn undo(&mut self) {
        let Some(&(_, from)) = self.marks.last() else {
            return;
        };
        while self.journal.len() > from {
            if let Some((id, old)) = self.journal.pop() {
                let undone = std::mem::replace(&mut self.overlay[id as usize], old);
                if let Some(undone) = undone {
                    recycle(&mut self.spare, undone.cell);
                }
            }
        }
    }

    /// Takes over a snapshot as it is.
    pub fn apply(&mut self, snapshot: Snapshot) {
        for (id, cell) in snapshot {
            self.put(id, cell);
        }
    }

    /// Joins a snapshot, taken since the innermost mark, with what holds now.
    pub fn join(&mut self, snapshot: Snapshot) {
        let from = self.marks.last().map_or(0, |m| m.1);
        if snapshot.is_empty() && self.journal.len() == from {
            return;
        }
        // What each cell held at the mark, and what the snapshot says of it.
        let mut order = std::mem::take(&mut self.order);
        self.visited.begin(self.kinds.len());
        for (id, old) in &self.journal[from..] {
            if self.visited.insert(*id, order.len() as u32) {
                order.push((*id, old.as_ref().map(|c| c.cell.clone()), None));
            }
        }
        for (id, cell) in snapshot {
            match self.visited.get(id) {
                Some(at) => order[at as usize].2 = Some(cell),
                None => order.push((id, None, Some(cell))),
            }
        }
        for (id, before, other) in order.drain(..) {
            let base = self.base.get(id as usize);
            let overlay = self.overlay.get(id as usize);
            let now = overlay.and_then(|c| c.as_ref().map(|c| &c.cell)).or(base);
            // A cell that only one side changed keeps, on the other side, what it held at the mark.
            let there = other.as_ref().or(before.as_ref()).or(base);
            let joined = match (now, there) {
                (Some(a), Some(b)) => {
                    if Rc::ptr_eq(a, b) || absorbs(a, b) {
                        continue;
                    }
                    let mut joined = self.spare.pop().unwrap_or_default();
                    match Rc::get_mut(&mut joined) {
                        Some(cell) => join_into(cell, a, b),
                        None => continue,
                    }
                    joined
                }
                (None, Some(cell)) => cell.clone(),
                (_, None) => continue,
            };
            self.put(id, joined);
        }
        self.order = order;
    }

    /// Forgets the innermost mark; changes stay.
    pub fn unmark(&mut self) {
        self.marks.pop();
        if self.marks.is_empty() {
            self.journal.clear();
            // Stamps must not look newer than marks to come: those count on.
        }
    }

    // ---- runs

    /// Begins a run.
    pub fn begin(&mut self) {
        self.reads.clear();
        self.recent.clear();
        self.recent.resize(RECENT, NOWHERE);
        self.first_reads.clear();
        self.run_ids.clear();
    }

    /// Ends a run: joins what lives on into the base. Returns what was read of the base, and what of it changed.
    pub fn commit(&mut self) -> (Vec<Place>, Vec<Place>) {
        let base_len = self.base.len() as Id;
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        let mut moved: FxHashMap<Id, Id> = FxHashMap::default();
        let mut order: Vec<Id> = Vec::new();
        let mut open: Vec<Id> = Vec::new();
        for &id in &self.pinned {
            if id >= base_len && !moved.contains_key(&id) {
                moved.insert(id, base_len + order.len() as Id);
                order.push(id);
                open.push(id);
            }
        }
        let mut changed = Vec::new();
        // What a run reads and then fills itself it must see in another run.
        for &id in &self.pinned {
            if let Some(first) = self.first_reads.remove(&id) {
                let now = self.peek(id);
                if differs(&first, &now) {
                    let id = moved.get(&id).copied().unwrap_or(id);
                    changes(id, &first, &now, &mut changed);
                }
            }
        }
        let mut joins: Vec<(Id, Cell)> = Vec::new();
        for &id in touched.iter().filter(|&&id| id < base_len) {
            if let Some(Some(current)) = self.overlay.get(id as usize) {
                let base = &self.base[id as usize];
                if Rc::ptr_eq(base, &current.cell) {
                    continue;
                }
                let joined = join_cells(base, &current.cell);
                if differs(base, &joined) {
                    visit_ids(&joined, &mut |id| {
                        if id >= base_len && !moved.contains_key(&id) {
                            moved.insert(id, base_len + order.len() as Id);
                            order.push(id);
                            open.push(id);
                        }
                    });
                    joins.push((id, joined));
                }
            }
        }
        // Kinds of base cells were perhaps made anew with cells of this run.
        for &id in touched.iter().filter(|&&id| id < base_len) {
            visit_kind(&self.kinds[id as usize], &mut |id| {
                if id >= base_len && !moved.contains_key(&id) {
                    moved.insert(id, base_len + order.len() as Id);
                    order.push(id);
                    open.push(id);
                }
            });
        }
        while let Some(id) = open.pop() {
            let mut found: Vec<Id> = Vec::new();
            if let Some(Some(current)) = self.overlay.get(id as usize) {
                visit_ids(&current.cell, &mut |id| found.push(id));
            }
            visit_kind(&self.kinds[id as usize], &mut |id| found.push(id));
            for id in found {
                if id >= base_len && !moved.contains_key(&id) {
                    moved.insert(id, base_len + order.len() as Id);
                    order.push(id);
                    open.push(id);
                }
            }
        }
        let to = |id: Id| moved.get(&id).copied().unwrap_or(id);
        // What was kept for undoing holds the cells, too.
        self.journal.clear();
        self.first_reads.clear();
        let mut kinds = Vec::with_capacity(order.len());
        let mut keys = Vec::with_capacity(order.len());
        let mut cells = Vec::with_capacity(order.len());
        for &id in &order {
            let current = self.overlay.get_mut(id as usize).and_then(Option::take);
            let mut cell = match current {
                Some(current) => Rc::unwrap_or_clone(current.cell),
                None => Cell::default(),
            };
            map_cell(&mut cell, &to);
            let mut kind = self.kinds[id as usize].clone();
            map_kind(&mut kind, &to);
            kinds.push(kind);
            keys.push(self.keys[id as usize]);
            cells.push(Rc::new(cell));
        }
        for &id in touched.iter().filter(|&&id| id < base_len) {
            map_kind(&mut self.kinds[id as usize], &to);
        }
        for (id, mut joined) in joins {
            map_cell(&mut joined, &to);
            changes(id, &self.base[id as usize], &joined, &mut changed);
            self.base[id as usize] = Rc::new(joined);
        }
        self.kinds.truncate(base_len as usize);
        self.keys.truncate(base_len as usize);
        for ((kind, key), cell) in kinds.into_iter().zip(keys).zip(cells) {
            self.base_ids.insert(key, self.kinds.len() as Id);
            self.kinds.push(kind);
            self.keys.push(key);
            self.base.push(cell);
        }
        for id in touched {
            if let Some(current) = self.overlay.get_mut(id as usize)
                && let Some(current) = current.take()
            {
                recycle(&mut self.spare, current.cell);
            }
        }
        self.overlay.truncate(self.kinds.len());
        self.pinned.clear();
        self.fresh.clear();
        self.run_ids.clear();
        self.marks.clear();
        let mut reads: Vec<(Id, u32)> = self
            .reads
            .drain()
            .map(|(id, what)| (to(id), what))
            .collect();
        reads.sort_unstable();
        (reads, changed)
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.kinds.len()
    }

    /// How many cells live on.
    pub fn len(&self) -> usize {
        self.base.len()
    }
}

fn join_prop(mine: &mut Prop, other: &Prop) {
    match (&mut *mine, other) {
        (Prop::Value(a), Prop::Value(b)) => {
            a.join(b);
        }
        (Prop::Accessor { get, set }, Prop::Accessor { get: g, set: s }) => {
            get.join(g);
            set.join(s);
        }
        (Prop::Accessor { .. }, Prop::Value(_)) => {}
        (Prop::Value(_), Prop::Accessor { .. }) => *mine = other.clone(),
    }
}

/// Whether joining a cell with another leaves it as it is.
fn absorbs(a: &Cell, b: &Cell) -> bool {
    if (b.summary && !a.summary)
        || (b.captured && !a.captured)
        || a.slots.len() < b.slots.len()
        || a.props.len() != b.props.len()
        || a.without.iter().any(|name| !b.without.contains(name))
    {
        return false;
    }
    a.slots.iter().zip(&b.slots).all(|(x, y)| x.holds(y))
        && a.elem.holds(&b.elem)
        && a.rest.holds(&b.rest)
        && a.props
            .iter()
            .zip(b.props.iter())
            .all(|((n, x), (m, y))| match (x, y) {
                (Prop::Value(x), Prop::Value(y)) => n == m && x.holds(y),
                _ => n == m && x == y,
            })
}

fn join_cells(a: &Cell, b: &Cell) -> Cell {
    let mut out = Cell::default();
    join_into(&mut out, a, b);
    out
}

/// Makes an empty cell what two others are together.
fn join_into(out: &mut Cell, a: &Cell, b: &Cell) {
    out.copy_from(a);
    for (name, prop) in b.props.iter() {
        let is_new = a.props.get(name).is_none();
        let mine = out.props.entry(name);
        if is_new {
            *mine = prop.clone();
            if let Prop::Value(value) = mine {
                value.push(Atom::Undefined);
            }
        } else {
            join_prop(mine, prop);
        }
    }
    if a.props.len() > 0 && out.props.len() > b.props.len() {
        for (name, _) in a.props.iter() {
            if b.props.get(name).is_none()
                && let Prop::Value(value) = out.props.entry(name)
            {
                value.push(Atom::Undefined);
            }
        }
    }
    out.elem.join(&b.elem);
    out.rest.join(&b.rest);
    out.without.retain(|name| b.without.contains(name));
    if out.slots.len() < b.slots.len() {
        out.slots.resize(b.slots.len(), Value::none());
    }
    for (mine, other) in out.slots.iter_mut().zip(&b.slots) {
        mine.join(other);
    }
    out.summary |= b.summary;
    out.captured |= b.captured;
}

/// Whether a cell grew out of another: sizes tell, since joins only add.
fn differs(old: &Cell, new: &Cell) -> bool {
    old.props.len() != new.props.len()
        || old.elem.0.len() != new.elem.0.len()
        || old.rest.0.len() != new.rest.0.len()
        || old.without.len() != new.without.len()
        || old.slots.len() != new.slots.len()
        || old.summary != new.summary
        || old
            .slots
            .iter()
            .zip(&new.slots)
            .any(|(a, b)| a.0.len() != b.0.len())
        || old
            .props
            .iter()
            .zip(new.props.iter())
            .any(|((n, a), (m, b))| n != m || a != b)
}

/// Which parts of a cell grew.
fn changes(id: Id, old: &Cell, new: &Cell, out: &mut Vec<(Id, u32)>) {
    let all = old.elem.0.len() != new.elem.0.len()
        || old.rest.0.len() != new.rest.0.len()
        || old.without.len() != new.without.len()
        || old.summary != new.summary;
    out.push((id, if all { ALL } else { WHOLE }));
    for (name, prop) in new.props.iter() {
        if old.props.get(name) != Some(prop) {
            out.push((id, name.0));
        }
    }
    for (slot, value) in new.slots.iter().enumerate() {
        if old
            .slots
            .get(slot)
            .is_none_or(|o| o.0.len() != value.0.len())
        {
            out.push((id, SLOT | slot as u32));
        }
    }
}

fn visit_value(value: &Value, visit: &mut dyn FnMut(Id)) {
    for id in value.objects() {
        visit(id);
    }
}

fn visit_ids(cell: &Cell, visit: &mut dyn FnMut(Id)) {
    for (_, prop) in cell.props.iter() {
        match prop {
            Prop::Value(value) => visit_value(value, visit),
            Prop::Accessor { get, set } => {
                visit_value(get, visit);
                visit_value(set, visit);
            }
        }
    }
    visit_value(&cell.elem, visit);
    visit_value(&cell.rest, visit);
    for slot in &cell.slots {
        visit_value(slot, visit);
    }
}

fn visit_kind(kind: &Kind, visit: &mut dyn FnMut(Id)) {
    match kind {
        Kind::Plain | Kind::Array | Kind::Role { .. } | Kind::Promise | Kind::Collection => {}
        Kind::Frame { parent, home } => parent.iter().chain(home).for_each(|&id| visit(id)),
        Kind::Closure { env, home, .. } => env.iter().chain(home).for_each(|&id| visit(id)),
        Kind::Class { env, proto, .. } => env.iter().chain([proto]).for_each(|&id| visit(id)),
        Kind::Instance { proto } => visit_value(proto, visit),
        Kind::Bound { target, this, args } => {
            visit_value(target, visit);
            visit_value(this, visit);
            args.iter().for_each(|arg| visit_value(arg, visit));
        }
        Kind::Settle { promise, .. } => visit(*promise),
        Kind::Hook { target, .. } => visit_value(target, visit),
    }
}

fn map_value(value: &mut Value, to: &dyn Fn(Id) -> Id) {
    for atom in &mut value.0 {
        if let Atom::Obj(id) = atom {
            *id = to(*id);
        }
    }
}

fn map_cell(cell: &mut Cell, to: &dyn Fn(Id) -> Id) {
    for (_, prop) in &mut cell.props.list {
        match prop {
            Prop::Value(value) => map_value(value, to),
            Prop::Accessor { get, set } => {
                map_value(get, to);
                map_value(set, to);
            }
        }
    }
    map_value(&mut cell.elem, to);
    map_value(&mut cell.rest, to);
    for slot in &mut cell.slots {
        map_value(slot, to);
    }
}

fn map_kind(kind: &mut Kind, to: &dyn Fn(Id) -> Id) {
    let map = |id: &mut Option<Id>| *id = id.map(to);
    match kind {
        Kind::Plain | Kind::Array | Kind::Role { .. } | Kind::Promise | Kind::Collection => {}
        Kind::Frame { parent, home } => {
            map(parent);
            map(home);
        }
        Kind::Closure { env, home, .. } => {
            map(env);
            map(home);
        }
        Kind::Class { env, proto, .. } => {
            map(env);
            *proto = to(*proto);
        }
        Kind::Instance { proto } => map_value(proto, to),
        Kind::Bound { target, this, args } => {
            map_value(target, to);
            map_value(this, to);
            for arg in args {
                map_value(arg, to);
            }
        }
        Kind::Settle { promise, .. } => *promise = to(*promise),
        Kind::Hook { target, .. } => map_value(target, to),
    }
}
