//! Interned names: identifiers and constant strings as small numbers, shared by all files of a session.
//!
//! Ids depend on the order in which threads meet names, so nothing may be sorted by id or shown as an id; equality is
//! all they are for.

use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;
use std::sync::{Arc, RwLock};

/// An interned string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub u32);

const SHARD_BITS: u32 = 4;
const SHARDS: usize = 1 << SHARD_BITS;

#[derive(Default, Debug)]
struct Shard {
    ids: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

/// The table of interned strings.
#[derive(Debug, Default)]
pub struct Names {
    shards: [RwLock<Shard>; SHARDS],
}

impl Names {
    /// An empty table.
    pub fn new() -> Names {
        Names::default()
    }

    /// The name of a string, made if it is new.
    pub fn intern(&self, text: &str) -> Name {
        let index = (FxBuildHasher.hash_one(text) >> 57) as usize % SHARDS;
        let shard = &self.shards[index];
        let name = |id: u32| Name(id << SHARD_BITS | index as u32);
        if let Some(&id) = shard
            .read()
            .expect("internal: no panic holds this lock")
            .ids
            .get(text)
        {
            return name(id);
        }
        let mut shard = shard.write().expect("internal: no panic holds this lock");
        if let Some(&id) = shard.ids.get(text) {
            return name(id);
        }
        let id = shard.texts.len() as u32;
        let text: Arc<str> = text.into();
        shard.texts.push(text.clone());
        shard.ids.insert(text, id);
        name(id)
    }

    /// The string of a name.
    pub fn text(&self, name: Name) -> Arc<str> {
        let shard = self.shards[name.0 as usize % SHARDS]
            .read()
            .expect("internal: no panic holds this lock");
        shard.texts[(name.0 >> SHARD_BITS) as usize].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_have_equal_names() {
        let names = Names::new();
        let (a, b) = (names.intern("手机号"), names.intern("phone"));
        assert_ne!(a, b);
        assert_eq!(names.intern("phone"), b);
        assert_eq!(&*names.text(a), "手机号");
    }
}
