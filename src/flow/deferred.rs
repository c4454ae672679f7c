//! What code asked to be called later: hooks of set-up blocks, watchers, who subscribes to a store or keeps its state.
//!
//! Each is an entry point of its own, so that it sees what others do after the code has run that asked. Part of the
//! engine; touches nothing but its state.

use super::engine::{Args, Engine, Site, hash_of};
use super::state::Kind;
use super::value::{Loc, Value};

/// How something is called that was deferred, and with what it was deferred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum How {
    /// A function, without arguments.
    Hook,
    /// The same, not before the user does something.
    LateHook,
    /// A function that gets the page's query.
    QueryHook,
    /// A source, and a function that gets its value when that changes; or only a function.
    Watcher,
    /// A function and the two arguments that it gets, of which one is a state.
    Subscriber,
    /// Nothing is called: options of keeping, and the state that is kept on the device.
    Keeper,
}

/// Something that was deferred.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deferred {
    pub at: Loc,
    pub how: How,
    /// Key of a cell that holds what is needed.
    pub cell: u64,
}

impl Engine<'_> {
    /// From now on something is called whenever what it reads has changed.
    pub fn defer(&mut self, how: How, what: &[Value], site: Site) {
        let key = hash_of(("deferred", site.key));
        let cell = self.st.pinned(key, || Kind::Plain);
        for (index, value) in what.iter().enumerate() {
            let slot = self.index_name(index);
            self.put_prop(cell, slot, value, false);
        }
        self.fx.deferred.push(Deferred {
            at: site.at,
            how,
            cell: key,
        });
    }

    /// Calls it.
    pub fn run_deferred(&mut self, deferred: &Deferred) {
        let Some(cell) = self.st.find(deferred.cell) else {
            return;
        };
        let site = Site {
            at: deferred.at,
            key: self.ctx,
        };
        let [first, second, third] = [0, 1, 2].map(|index| {
            let slot = self.index_name(index);
            self.own_value(cell, slot)
        });
        let (function, list) = match deferred.how {
            How::Hook | How::LateHook => (first, Vec::new()),
            How::QueryHook => (first, vec![self.query_here(site)]),
            How::Watcher => self.watcher(first, second, site),
            How::Subscriber => (first, vec![second, third]),
            How::Keeper => return self.keep_state(&first, &second, site),
        };
        let functions = self.functions_in(&function);
        self.call(&functions, Value::undefined(), Args::of(list), site.sub(1));
    }

    /// `watch(source, function)`, `watchEffect(function)`: what is called, and with what.
    pub fn watcher(&mut self, source: Value, function: Value, site: Site) -> (Value, Vec<Value>) {
        if self.functions_in(&function).is_empty() {
            return (source, Vec::new());
        }
        let value = self.watched(&source, site);
        (function, vec![value.clone(), value])
    }

    fn watched(&mut self, source: &Value, site: Site) -> Value {
        if let Some(sources) = self.fixed_elements(source) {
            let sources = sources.into_iter().enumerate();
            let values = sources
                .map(|(index, one)| self.watched(&one, site.sub(300 + index as u64)))
                .collect();
            return Value::obj(self.array(site.sub(229), values));
        }
        let functions = self.functions_in(source);
        if functions.is_empty() {
            return self.unref(source);
        }
        let at = site.sub(221);
        self.call(&functions, Value::undefined(), Args::default(), at)
    }
}
