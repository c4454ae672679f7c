//! Redux and its toolkit: slices, thunks, selectors, stores.
//!
//! Part of the engine; touches nothing but its state.

use super::engine::{Args, Engine, Site, hash_of};
use super::state::{Hook, Kind, Prop};
use super::value::{Atom, Id, Origin, Value};

impl Engine<'_> {
    /// `createSlice({initialState, reducers})`.
    pub fn slice(&mut self, options: &Value, site: Site) -> Value {
        let initial = self.option(options, "initialState", site);
        let initial = self.called_or_itself(&initial, site.sub(270));
        let slice = self.object(site.sub(271));
        let actions = self.object(site.sub(272));
        let reducers = self.option(options, "reducers", site);
        for object in reducers.objects().collect::<Vec<_>>() {
            for (name, reducer) in self.values_of(object) {
                let at = site.sub(hash_of(("slice action", name.0)));
                let action = self.action_of(&reducer, &initial, at);
                self.put_prop(actions, name, &Value::obj(action), true);
            }
        }
        let actions_name = self.intern("actions");
        self.put_prop(slice, actions_name, &Value::obj(actions), true);
        let reducer_name = self.intern("reducer");
        self.put_prop(slice, reducer_name, &initial, true);
        // `extraReducers: (builder) => builder.addCase(…)`.
        let extra = self.option(options, "extraReducers", site);
        let functions = self.functions_in(&extra);
        if !functions.is_empty() {
            let builder = self.case_builder(&initial, site);
            self.call(
                &functions,
                Value::undefined(),
                Args::of(vec![builder]),
                site.sub(273),
            );
        }
        Value::obj(slice)
    }

    /// The function that makes an action, and runs its reducer: a function, or one with what prepares its payload.
    fn action_of(&mut self, reducer: &Value, state: &Value, site: Site) -> Id {
        let mut functions = self.functions_in(reducer);
        let inner = self.option(reducer, "reducer", site);
        functions.join(&self.functions_in(&inner));
        let prepare = self.option(reducer, "prepare", site);
        let action = self.hook(site, Hook::Action, functions);
        for (slot, value) in [("[state]", state), ("[prepare]", &prepare)] {
            let slot = self.intern(slot);
            self.put_prop(action, slot, value, true);
        }
        action
    }

    /// An action is made: its reducers run with its payload.
    pub fn slice_action(&mut self, own: Id, reducers: &Value, args: &Args, site: Site) -> Value {
        let [state, prepare] = ["[state]", "[prepare]"].map(|slot| {
            let slot = self.intern(slot);
            self.own_value(own, slot)
        });
        let prepare = self.functions_in(&prepare);
        let action = match prepare.is_empty() {
            true => {
                let action = self.object(site.sub(225));
                let payload = self.intern("payload");
                self.put_prop(action, payload, &args.get(0), true);
                Value::obj(action)
            }
            false => self.call(&prepare, Value::undefined(), args.clone(), site.sub(225)),
        };
        let list = vec![state, action.clone()];
        self.call(reducers, Value::undefined(), Args::of(list), site.sub(226));
        self.run_cases(own, &action, site.sub(227));
        action
    }

    /// Reducers that others added for an action.
    fn run_cases(&mut self, of: Id, action: &Value, site: Site) {
        let slot = self.intern("[cases]");
        let cases = self.own_value(of, slot);
        let list = Args::of(vec![action.clone()]);
        self.call(&cases, Value::undefined(), list, site);
    }

    /// An object whose methods add reducers; they return it.
    fn case_builder(&mut self, state: &Value, site: Site) -> Value {
        let builder = self.object(site.sub(274));
        let case = self.hook(site.sub(275), Hook::Case, state.clone());
        let back = self.intern("[builder]");
        self.put_prop(case, back, &Value::obj(builder), true);
        for method in ["addCase", "addMatcher", "addDefaultCase"] {
            let method = self.intern(method);
            self.put_prop(builder, method, &Value::obj(case), true);
        }
        Value::obj(builder)
    }

    /// `builder.addCase(action, reducer)`.
    pub fn add_case(&mut self, state: &Value, args: &Args, own: Id) -> Value {
        let reducers = self.functions_in(&args.get(1));
        let (cases, of) = (self.intern("[cases]"), self.intern("[thunk]"));
        for action in args.get(0).objects().collect::<Vec<_>>() {
            let thunk = self.own_value(action, of);
            let to = thunk.objects().next().unwrap_or(action);
            let kind = Kind::Bound {
                target: reducers.clone(),
                this: Value::undefined(),
                args: vec![state.clone()],
            };
            let key = hash_of(("case", self.st.key(own), self.st.key(action)));
            let (bound, _) = self.st.alloc(key, kind);
            self.put_prop(to, cases, &Value::obj(bound), false);
        }
        let back = self.intern("[builder]");
        self.own_value(own, back)
    }

    /// `createAsyncThunk(type, function)`: an action whose payload comes with a promise.
    pub fn thunk(&mut self, function: &Value, site: Site) -> Value {
        let functions = self.functions_in(function);
        let thunk = self.hook(site.sub(276), Hook::Thunk, functions);
        let of = self.intern("[thunk]");
        // The others come without a payload.
        for (state, bears) in [("fulfilled", true), ("pending", false), ("rejected", false)] {
            let action = self.object(site.sub(hash_of(state)));
            if bears {
                self.put_prop(action, of, &Value::obj(thunk), true);
            }
            let state = self.intern(state);
            self.put_prop(thunk, state, &Value::obj(action), true);
        }
        Value::obj(thunk)
    }

    /// The action of a thunk: what its function gives goes to the reducers of its fulfilment.
    pub fn run_thunk(&mut self, own: Id, function: &Value, args: &Args, site: Site) -> Value {
        let api = self.object(site.sub(277));
        let dispatch = self.dispatcher(site.sub(278));
        let get = self.state_getter(site);
        for (name, value) in [("dispatch", dispatch), ("getState", get)] {
            let name = self.intern(name);
            self.put_prop(api, name, &value, true);
        }
        let list = Args::of(vec![args.get(0), Value::obj(api)]);
        let made = self.call(function, Value::undefined(), list, site.sub(279));
        let made = self.settled(&made);
        let action = self.object(site.sub(285));
        let payload = self.intern("payload");
        self.put_prop(action, payload, &made, true);
        self.run_cases(own, &Value::obj(action), site.sub(286));
        // `await dispatch(thunk()).unwrap()` gives the payload, without `unwrap` the action.
        let unwrap = self.intern("unwrap");
        let promise = self.promise_of(&made, site.sub(287));
        let unwrapped = self.hook(site.sub(288), Hook::UseStore, promise);
        self.put_prop(action, unwrap, &Value::obj(unwrapped), true);
        Value::obj(action)
    }

    /// A function that gives the state of the program's stores.
    pub fn state_getter(&mut self, site: Site) -> Value {
        let states = self.states();
        Value::obj(self.hook(site.sub(289), Hook::UseStore, states))
    }

    /// The state of the program's stores.
    pub fn states(&mut self) -> Value {
        let cell = self.named("store", "state");
        self.st.cell(cell).elem.clone()
    }

    /// A function that dispatches to the program's stores.
    pub fn dispatcher(&mut self, site: Site) -> Value {
        let cell = self.named("store", "state");
        Value::obj(self.hook(site, Hook::Dispatch, Value::obj(cell)))
    }

    /// The reducers of the program's stores, by the part of the state that they make; the whole has no name.
    fn reducers_of_stores(&mut self) -> Id {
        self.named("store", "reducers")
    }

    /// An action goes through the reducers of the stores.
    pub fn reduce(&mut self, action: &Value, site: Site) {
        let kept = self.reducers_of_stores();
        let cell = self.named("store", "state");
        let states = self.st.cell(cell).elem.clone();
        let reducers = self.st.cell(kept);
        for (name, prop) in reducers.props.iter() {
            let Prop::Value(reducer) = prop else { continue };
            let at = site.sub(hash_of(("reduce", name.0)));
            let is_whole = name == self.k.empty;
            let old = match is_whole {
                true => states.clone(),
                false => self.read(&states, name, at),
            };
            let args = Args::of(vec![old, action.clone()]);
            let new = self.call(reducer, Value::undefined(), args, at);
            if is_whole {
                self.st.edit(cell).elem.join(&new);
                continue;
            }
            for id in states.objects().collect::<Vec<_>>() {
                self.put_prop(id, name, &new, false);
            }
        }
    }

    /// `connect(…, actions)`: what it makes of the functions that make actions.
    pub fn connected_actions(&mut self, actions: &Value, site: Site) -> Value {
        let functions = self.functions_in(actions);
        if !functions.is_empty() {
            let args = Args::of(vec![self.dispatcher(site.sub(302))]);
            return self.call(&functions, Value::undefined(), args, site.sub(303));
        }
        let out = self.object(site.sub(304));
        for object in actions.objects().collect::<Vec<_>>() {
            for (name, function) in self.values_of(object) {
                let at = site.sub(hash_of(("action", name.0)));
                let bound = self.hook(at, Hook::Dispatched, function.clone());
                self.put_prop(out, name, &Value::obj(bound), true);
            }
        }
        Value::obj(out)
    }

    /// `connect(map, actions)(component)`.
    pub fn connected(&mut self, own: Id, component: &Value, site: Site) -> Value {
        let id = self.hook(site.sub(307), Hook::Connected, Value::none());
        for slot in ["[map]", "[actions]"] {
            let slot = self.intern(slot);
            let value = self.own_value(own, slot);
            self.put_prop(id, slot, &value, true);
        }
        let slot = self.intern("[component]");
        self.put_prop(id, slot, component, true);
        Value::obj(id)
    }

    /// The component that was connected, and its properties with those that come from the stores.
    pub fn disconnected(&mut self, component: Id, props: &Value, site: Site) -> (Value, Value) {
        let [map, actions, inner] = ["[map]", "[actions]", "[component]"].map(|slot| {
            let slot = self.intern(slot);
            self.own_value(component, slot)
        });
        let mut state = self.states();
        if state.is_empty() {
            // Made in a way that is not followed.
            let name = self.intern("state");
            state = self.sy.fresh(Origin::Param { at: site.at, name });
        }
        let map = self.functions_in(&map);
        let list = Args::of(vec![state, props.clone()]);
        let mapped = self.call(&map, Value::undefined(), list, site.sub(308));
        let actions = self.connected_actions(&actions, site.sub(309));
        let dispatch = self.dispatcher(site.sub(310));
        let all = self.object(site.sub(311));
        let name = self.intern("dispatch");
        self.put_prop(all, name, &dispatch, true);
        for part in [props, &mapped, &actions] {
            self.spread_into(all, part, &[]);
        }
        (inner, Value::obj(all))
    }

    /// Dispatches what a function makes.
    pub fn dispatched(&mut self, function: &Value, args: Args, site: Site) -> Value {
        let action = self.call(function, Value::undefined(), args, site.sub(305));
        let cell = self.named("store", "state");
        self.dispatch(&Value::obj(cell), Args::of(vec![action]), site.sub(306))
    }

    /// `createSelector(selectors…, function)`.
    pub fn selector_of(&mut self, args: &Args, site: Site) -> Value {
        let inputs = self.array(site.sub(293), args.list.clone());
        Value::obj(self.hook(site.sub(294), Hook::Selector, Value::obj(inputs)))
    }

    pub fn run_selector(&mut self, inputs: &Value, args: &Args, site: Site) -> Value {
        let mut selectors = self.fixed_elements(inputs).unwrap_or_default();
        let combine = selectors.pop().unwrap_or_default();
        if let [list] = &selectors[..]
            && let Some(inner) = self.fixed_elements(list)
        {
            selectors = inner;
        }
        let values = selectors
            .iter()
            .enumerate()
            .map(|(index, selector)| {
                let at = site.sub(300 + index as u64);
                self.call(selector, Value::undefined(), args.clone(), at)
            })
            .collect();
        let combine = self.functions_in(&combine);
        self.call(
            &combine,
            Value::undefined(),
            Args::of(values),
            site.sub(299),
        )
    }

    /// What reducers make of no state; of none, what stands in their place.
    fn first_state(&mut self, reducers: &Value, otherwise: &Value, site: Site) -> Value {
        if reducers.is_empty() {
            return otherwise.clone();
        }
        let args = Args::of(vec![Value::undefined(), Value::plain()]);
        self.call(reducers, Value::undefined(), args, site)
    }

    /// `configureStore({reducer: {a, b}})`.
    pub fn redux_store(&mut self, options: &Value, site: Site) -> Value {
        let id = self.st.pinned(site.sub(280).key, || Kind::Plain);
        let mut reducers = self.option(options, "reducer", site);
        if reducers.is_empty() {
            // `createStore(reducer)`.
            reducers = options.clone();
        }
        let whole = self.states();
        let reducers = self.kept_by_makers(&reducers, &whole, site);
        let functions = self.functions_in(&reducers);
        let mut state = Value::none();
        let kept = self.reducers_of_stores();
        if functions.is_empty() {
            let holder = self.st.pinned(site.sub(281).key, || Kind::Plain);
            for object in reducers.objects().collect::<Vec<_>>() {
                for (name, value) in self.values_of(object) {
                    let at = site.sub(u64::from(name.0));
                    let made = self.maker_of(&value);
                    self.kept_by_makers(&value, &made, at);
                    let functions = self.functions_in(&made);
                    let first = self.first_state(&functions, &made, at);
                    self.put_prop(holder, name, &first, false);
                    self.put_prop(kept, name, &functions, false);
                }
            }
            state.push(Atom::Obj(holder));
        } else {
            state = self.first_state(&functions, &reducers, site.sub(298));
            let whole = self.k.empty;
            self.put_prop(kept, whole, &functions, false);
        }
        let cell = self.named("store", "state");
        self.st.edit(cell).elem.join(&state);
        let dispatch = self.dispatcher(site.sub(282));
        let name = self.intern("dispatch");
        self.put_prop(id, name, &dispatch, true);
        let get = self.hook(site.sub(283), Hook::UseStore, state);
        let name = self.intern("getState");
        self.put_prop(id, name, &Value::obj(get), true);
        let name = self.intern("subscribe");
        let subscribe = self.subscriber(&Value::undefined(), false, site);
        self.put_prop(id, name, &subscribe, true);
        Value::obj(id)
    }
}
