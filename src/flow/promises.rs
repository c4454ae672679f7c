//! Promises, and what waits for them: jobs.
//!
//! Part of the engine; touches nothing but its state.

use super::engine::{Activation, Args, ChainLink, Engine, Job, MAX_IN_CHAIN, Site, hash_of};
use super::state::Kind;
use super::value::{Atom, Id, Loc, Origin, Value};
use crate::facts::ir::FuncId;

impl Engine<'_> {
    /// The value of a promise, or the value itself.
    pub fn flatten(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for atom in value.iter() {
            match atom {
                Atom::Obj(id) if matches!(self.st.kind(id), Kind::Promise) => {
                    let inner = self.st.cell(id).elem.clone();
                    for atom in inner.iter() {
                        match atom {
                            Atom::Obj(inner)
                                if inner != id && matches!(self.st.kind(inner), Kind::Promise) =>
                            {
                                out.join(&self.st.cell(inner).elem.clone());
                            }
                            other => {
                                out.push(other);
                            }
                        }
                    }
                }
                other => {
                    out.push(other);
                }
            }
        }
        out
    }

    /// What `await` gives: what waits may run first.
    pub fn settled(&mut self, value: &Value) -> Value {
        let waits = value
            .objects()
            .any(|id| matches!(self.st.kind(id), Kind::Promise));
        if waits && !self.jobs.is_empty() {
            self.drain();
        }
        let out = self.flatten(value);
        if out.is_empty() {
            Value::undefined()
        } else {
            out
        }
    }

    /// What code waits for: a function that is not understood and is waited for asks somebody else. Its answer is no
    /// longer what it was given.
    pub fn answered(&self, value: &Value) -> Value {
        let asks = |atom: &Atom| match atom {
            Atom::Sym(sym, _) => {
                let s = self.sy.get(*sym);
                let origin = &self.sy.origins[s.origin as usize];
                s.path == 0 && !s.derived && matches!(origin, Origin::Call { .. })
            }
            _ => false,
        };
        let mut out = value.clone();
        if value.0.len() > 1 && value.0.iter().any(asks) {
            out.0.retain(|atom| match atom {
                Atom::Sym(sym, _) => {
                    let s = self.sy.get(*sym);
                    !s.derived || s.protection != super::Protection::None
                }
                Atom::Plain => false,
                _ => true,
            });
        }
        out
    }

    pub fn promise_of(&mut self, value: &Value, site: Site) -> Value {
        let (id, _) = self.st.alloc(site.key, Kind::Promise);
        self.resolve(id, value);
        Value::obj(id)
    }

    /// The function that resolves a promise, or rejects it.
    pub fn settling(&mut self, promise: Id, reject: bool, site: Site) -> Value {
        Value::obj(self.st.alloc(site.key, Kind::Settle { promise, reject }).0)
    }

    pub fn resolve(&mut self, promise: Id, value: &Value) {
        let flat = self.flatten(value);
        self.st.edit(promise).elem.join(&flat);
        // A promise that is not settled yet hands its value on when it is.
        for id in value.objects().collect::<Vec<_>>() {
            if id != promise
                && matches!(self.st.kind(id), Kind::Promise)
                && let Some(rejection) = self.rejection(id)
            {
                let target = self.rejection_of(promise);
                let key = hash_of(("fail", self.st.key(promise), self.st.key(id)));
                let at = Loc::default();
                self.forward(rejection, target, Site { at, key });
            }
            if id != promise
                && matches!(self.st.kind(id), Kind::Promise)
                && self.st.now(id).elem.is_empty()
            {
                let at = Loc::default();
                let key = hash_of(("adopt", self.st.key(promise), self.st.key(id)));
                self.forward(id, promise, Site { at, key });
            }
        }
    }

    /// What a promise is rejected with, as a promise of its own: only where the program rejects.
    fn rejection(&self, promise: Id) -> Option<Id> {
        self.st.find(hash_of(("rejection", self.st.key(promise))))
    }

    pub fn rejection_of(&mut self, promise: Id) -> Id {
        match self.rejection(promise) {
            Some(known) => known,
            None => {
                let key = hash_of(("rejection", self.st.key(promise)));
                self.st.alloc(key, Kind::Promise).0
            }
        }
    }

    /// A promise fails. An answer as a whole is no datum where it is an error; a datum in it still is.
    pub fn reject(&mut self, promise: Id, value: &Value) {
        let rejection = self.rejection_of(promise);
        let value = self.doubtful(value);
        self.resolve(rejection, &value);
    }

    /// What the promises among some values failed with so far.
    pub fn rejected(&mut self, value: &Value) -> Value {
        let mut out = Value::none();
        for id in value.objects().collect::<Vec<_>>() {
            if matches!(self.st.kind(id), Kind::Promise)
                && let Some(rejection) = self.rejection(id)
            {
                out.join(&self.st.cell(rejection).elem.clone());
            }
        }
        out
    }

    /// `promise.then(done, failed)`.
    pub fn then(&mut self, promise: Id, done: &Value, failed: &Value, site: Site) -> Value {
        let (result, _) = self.st.alloc(site.sub(31).key, Kind::Promise);
        let settled = Value(self.st.peek(promise).elem.0.clone());
        let api = self
            .called_api(&settled)
            .or_else(|| self.promised.get(&promise).copied());
        if let Some(api) = api {
            // What becomes of a call's promise still fails when the call does.
            self.promised.insert(result, api);
        }
        let failure = Some(api.unwrap_or(self.k.catch));
        let done = self.callable_in(done);
        if done.is_empty() {
            let value = self.st.cell(promise).elem.clone();
            self.st.edit(result).elem.join(&value);
            self.forward(promise, result, site);
        } else {
            let job = self.job(done, Vec::new(), site.sub(32));
            self.jobs.push_back(Job {
                promise: Some(promise),
                result: Some(result),
                success_of: api,
                ..job
            });
        }
        let failed = self.callable_in(failed);
        if let Some(rejection) = self.rejection(promise) {
            if failed.is_empty() {
                let target = self.rejection_of(result);
                self.forward(rejection, target, site.sub(34));
            } else {
                let job = self.job(failed.clone(), Vec::new(), site.sub(35));
                self.jobs.push_back(Job {
                    promise: Some(rejection),
                    result: Some(result),
                    failure_of: failure,
                    ..job
                });
            }
        }
        if !failed.is_empty() {
            let error = self.sy.fresh(Origin::Failure { at: site.at });
            let thrown = std::mem::take(&mut self.fx.thrown);
            let job = self.job(failed, vec![error.joined(&thrown)], site.sub(33));
            self.jobs.push_back(Job {
                result: Some(result),
                failure_of: failure,
                ..job
            });
        }
        Value::obj(result)
    }

    /// Everything that can be called, natives included.
    pub fn callable_in(&mut self, value: &Value) -> Value {
        let mut out = self.functions_in(value);
        for atom in value.iter() {
            if let Atom::Native(..) | Atom::Sym(..) = atom {
                out.push(atom);
            }
        }
        out
    }

    /// The value of one promise goes to another, when it is there.
    fn forward(&mut self, from: Id, to: Id, site: Site) {
        let job = self.job(Value::none(), Vec::new(), site);
        self.jobs.push_back(Job {
            promise: Some(from),
            result: Some(to),
            ..job
        });
    }

    /// Runs what waits, until nothing does.
    pub fn drain(&mut self) {
        if self.drain_depth >= 3 {
            return;
        }
        self.drain_depth += 1;
        let was_job = std::mem::replace(&mut self.in_job, true);
        let failure = self.failure_of;
        let mut left = 4_000u32;
        // A promise that is not settled yet is asked again when all else has run.
        let mut waiting: Vec<Job> = Vec::new();
        loop {
            while let Some(job) = self.jobs.pop_front() {
                left = left.saturating_sub(1);
                if left == 0 || self.exhausted {
                    self.jobs.clear();
                    break;
                }
                let args = match job.promise {
                    Some(promise) => {
                        let value = Value::obj(promise);
                        let value = self.flatten(&value);
                        if value.is_empty() {
                            waiting.push(job);
                            continue;
                        }
                        vec![value]
                    }
                    None => job.args.clone(),
                };
                self.failure_of = job.failure_of.or(failure);
                let user = self.user;
                self.user |= job.user;
                let success = self.success_of;
                self.success_of = job.success_of.or(success);
                let value = if job.callee.is_empty() {
                    args.into_iter().next().unwrap_or_default()
                } else if job.failure_of.is_some() {
                    // It may have gone well instead.
                    self.perhaps(|engine| engine.run_job(&job, args))
                } else {
                    self.run_job(&job, args)
                };
                self.user = user;
                self.success_of = success;
                if let Some(result) = job.result {
                    self.resolve(result, &value);
                }
            }
            let ready: Vec<Job> = {
                let (ready, rest): (Vec<Job>, Vec<Job>) = waiting
                    .drain(..)
                    .partition(|job| job.promise.is_some_and(|p| !self.st.now(p).elem.is_empty()));
                waiting = rest;
                ready
            };
            if ready.is_empty() && self.drain_depth == 1 && self.acts.is_empty() {
                self.jobs.append(&mut self.late);
            }
            if (ready.is_empty() && self.jobs.is_empty()) || self.exhausted {
                break;
            }
            self.jobs.extend(ready);
        }
        // Inside an `await` they may be settled by what comes after it.
        if self.drain_depth > 1 || !self.acts.is_empty() {
            self.jobs.extend(waiting);
        }
        self.failure_of = failure;
        self.in_job = was_job;
        self.drain_depth -= 1;
    }

    /// Calls what a job calls, unless it has led to itself often enough: timers that set themselves again, a log-in that
    /// tries again when it has failed.
    fn run_job(&mut self, job: &Job, args: Vec<Value>) -> Value {
        let mut chain = job.chain;
        for id in job.callee.objects() {
            let Kind::Closure { unit, func, .. } = *self.st.kind(id) else {
                continue;
            };
            let is_same = |link: &ChainLink| (link.unit, link.func) == (unit, func);
            let jobs = self.chain_of(job.chain).filter(|link| link.call.is_none());
            if jobs.filter(is_same).count() >= MAX_IN_CHAIN {
                let all = Args::of(args).all();
                return self.derive(&all);
            }
            chain = self.add_link(chain, unit, func, None);
        }
        let outer = std::mem::replace(&mut self.chain, chain);
        let value = self.call(&job.callee, job.this.clone(), Args::of(args), job.site);
        self.chain = outer;
        value
    }

    fn add_link(&mut self, parent: u32, unit: u32, func: FuncId, call: Option<u64>) -> u32 {
        self.chains.push(ChainLink {
            parent,
            unit,
            func,
            call,
        });
        self.chains.len() as u32
    }

    /// The jobs and the calls in progress that lead to a job which is made now.
    pub fn chain_here(&mut self) -> u32 {
        let of_job = |act: &Activation| act.chain == self.chain;
        let outer = self.acts.iter().rposition(|act| !of_job(act));
        let mut chain = self.chain;
        for index in outer.map_or(0, |at| at + 1)..self.acts.len() {
            let act = &self.acts[index];
            chain = match act.link {
                Some(link) => link,
                None => {
                    let (unit, func) = (act.unit, act.func);
                    let call = hash_of((act.closure, &act.this, &act.args));
                    self.add_link(chain, unit, func, Some(call))
                }
            };
            self.acts[index].link = Some(chain);
        }
        chain
    }

    /// Whether a call led, by way of a job, to the very same: it tries again. What is tried once more after a failure is
    /// seen, since that is told of.
    pub fn tries_again(&self, function: Id, this: &Value, args: &[Value]) -> bool {
        if self.chain == 0 {
            return false;
        }
        let call = Some(hash_of((function, this, args)));
        let times = self.chain_of(self.chain).filter(|link| link.call == call);
        times.count() > usize::from(self.failure_of.is_some())
    }

    fn chain_of(&self, mut chain: u32) -> impl Iterator<Item = ChainLink> {
        std::iter::from_fn(move || {
            let link = self.chains.get(chain.checked_sub(1)? as usize)?;
            chain = link.parent;
            Some(*link)
        })
    }
}
