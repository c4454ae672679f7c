//! A flat view of a file's lowered scripts: its calls and members with the names that receive them, the conditions they
//! stand under, and the constants of the file. One pass, no recursion.

use crate::facts::ir::{Class, Expr, ExprId, Item, Key, Pat, PatId, Prop, Slot, Stmt, Unit, Var};
use crate::facts::names::{Name, Names};
use crate::facts::{FileFacts, Placed};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::sync::{Arc, OnceLock};

/// An expression of interest and what surrounds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub expr: ExprId,
    scope: Scope,
}

#[derive(Clone, Copy, Debug, Default)]
struct Scope {
    func: u32,
    /// Index into `guards`, one more; 0 = none.
    guard: u32,
    /// The variable, property or function that the value goes to.
    receiver: Option<Name>,
    /// Index into `paths`, one more; 0 = none.
    path: u32,
}

/// A constant property: the names of the objects around it and its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Property {
    path: u32,
    pub value: ExprId,
}

/// One unit of a file.
pub(super) struct UnitView<'a> {
    pub unit: &'a Unit,
    pub base: u32,
    index: Arc<UnitIndex>,
}

/// What is of interest in a unit. A function of the unit alone.
#[derive(Debug, Default)]
struct UnitIndex {
    sites: Vec<Site>,
    /// Those of `sites` that the judge at hand looks at.
    worth: OnceLock<Box<[u32]>>,
    properties: Vec<Property>,
    parents: Vec<u32>,
    guards: Vec<(ExprId, u32, u32)>,
    paths: Vec<(Name, u32)>,
    /// Variables with their only value; `None` = assigned more than once.
    constants: FxHashMap<(u32, Slot), Option<ExprId>>,
}

/// Indices of units, for a file that is being edited: most of its units stay as they are.
#[derive(Debug, Default)]
pub struct CodeCache {
    known: FxHashMap<usize, (Arc<Unit>, Arc<UnitIndex>)>,
}

impl CodeCache {
    /// The index of a unit. `old` has those of an earlier text.
    fn index(&mut self, unit: &Arc<Unit>, old: &CodeCache) -> Arc<UnitIndex> {
        // The unit is held with its index, so that its address stays its own.
        let key = Arc::as_ptr(unit) as usize;
        let index = match old.known.get(&key) {
            Some((_, index)) => index.clone(),
            None => Arc::new(UnitIndex::of(unit)),
        };
        self.known.insert(key, (unit.clone(), index.clone()));
        index
    }
}

/// A file's scripts.
pub(super) struct Code<'a> {
    pub units: Vec<UnitView<'a>>,
    /// Module constants by name: unit and value.
    module: FxHashMap<Name, Option<(usize, ExprId)>>,
    names: &'a Names,
}

enum Task<'a> {
    Block(&'a [Stmt], Scope),
    Expr(ExprId, Scope),
}

impl<'a> Code<'a> {
    /// `cache` has indices of an earlier text's units, or none; afterwards it has those of this one.
    pub fn of(facts: &'a FileFacts, names: &'a Names, cache: &mut CodeCache) -> Code<'a> {
        let old = std::mem::take(cache);
        let mut view = |placed: &'a Placed| UnitView {
            unit: &placed.unit,
            base: placed.base,
            index: cache.index(&placed.unit, &old),
        };
        let mut code = Code {
            units: Vec::new(),
            module: FxHashMap::default(),
            names,
        };
        for module in &facts.modules {
            let index = code.units.len();
            code.units.push(view(&module.top));
            code.collect_constants(index);
            code.units.extend(module.children.iter().map(&mut view));
        }
        if let Some(template) = &facts.template {
            let exprs = template.exprs.iter();
            code.units.extend(exprs.map(|(_, placed)| view(placed)));
        }
        code
    }

    fn collect_constants(&mut self, index: usize) {
        let view = &self.units[index];
        let Some(top) = view.unit.funcs.first() else {
            return;
        };
        let mut slots: Vec<(Slot, Option<ExprId>)> = view
            .index
            .constants
            .iter()
            .filter(|((func, _), _)| *func == 0)
            .map(|((_, slot), value)| (*slot, *value))
            .collect();
        slots.sort_unstable_by_key(|(slot, _)| *slot);
        for (slot, value) in slots {
            if let Some(name) = top.slots.get(slot as usize) {
                self.module
                    .entry(*name)
                    .and_modify(|v| *v = None)
                    .or_insert(value.map(|v| (index, v)));
            }
        }
    }

    /// The text of a name.
    pub fn text(&self, name: Name) -> Arc<str> {
        self.names.text(name)
    }

    /// A callee or member as written, `a.b.c`; empty where it is no such chain.
    pub fn written(&self, unit: usize, site: Site, expr: ExprId) -> String {
        let view = &self.units[unit];
        let mut parts: Vec<Arc<str>> = Vec::new();
        let mut at = expr;
        for _ in 0..12 {
            match &view.node(at).kind {
                Expr::Member {
                    object,
                    key: Key::Name(name),
                    ..
                } => {
                    parts.push(self.text(*name));
                    at = *object;
                }
                Expr::Member { object, .. } => at = *object,
                Expr::Var(var) => {
                    parts.extend(
                        view.var_name(site.scope.func, *var)
                            .map(|name| self.text(name)),
                    );
                    break;
                }
                Expr::This => {
                    parts.push("this".into());
                    break;
                }
                Expr::Call { callee, .. } | Expr::New { callee, .. } => at = *callee,
                _ => break,
            }
        }
        parts.reverse();
        parts.join(".")
    }

    /// The last word of [`Code::written`]; `None` where there is none.
    pub fn last(&self, unit: usize, site: Site, expr: ExprId) -> Option<Name> {
        let view = &self.units[unit];
        let mut at = expr;
        for _ in 0..12 {
            match &view.node(at).kind {
                Expr::Member {
                    key: Key::Name(name),
                    ..
                } => return Some(*name),
                Expr::Member { object, .. } => at = *object,
                Expr::Var(var) => return view.var_name(site.scope.func, *var),
                Expr::Call { callee, .. } | Expr::New { callee, .. } => at = *callee,
                _ => return None,
            }
        }
        None
    }

    /// The name that receives the value of a site.
    pub fn receiver(&self, site: Site) -> Option<Arc<str>> {
        site.scope.receiver.map(|name| self.text(name))
    }

    /// Names and constant texts in an expression, each with the name of the object it is read from. Functions are left out.
    pub fn mentions(
        &self,
        unit: usize,
        func: u32,
        expr: ExprId,
    ) -> Vec<(Arc<str>, Option<Arc<str>>)> {
        let view = &self.units[unit];
        let mut out = Vec::new();
        let mut open = vec![expr];
        let mut budget = 200;
        while let Some(at) = open.pop() {
            budget -= 1;
            if budget == 0 {
                break;
            }
            match &view.node(at).kind {
                Expr::Var(var) => out.extend(
                    view.var_name(func, *var)
                        .map(|name| (self.text(name), None)),
                ),
                Expr::Str(text) => out.push((self.text(*text), None)),
                Expr::Member { object, key, .. } => {
                    if let Key::Name(name) = key {
                        out.push((self.text(*name), self.last_name(view, func, *object)));
                    }
                    // `form.phone`: what counts is the field, the object only where it is a call.
                    if !matches!(
                        view.node(*object).kind,
                        Expr::Var(_) | Expr::This | Expr::Member { .. }
                    ) {
                        open.push(*object);
                    }
                }
                Expr::Call { callee, args, .. } => {
                    if let Expr::Member { object, .. } = &view.node(*callee).kind {
                        open.push(*object);
                    }
                    open.extend(args.iter().filter_map(item));
                }
                Expr::Object(props) => {
                    for prop in props {
                        match prop {
                            Prop::Value(key, value, _) => {
                                if let Key::Name(name) = key {
                                    out.push((self.text(*name), None));
                                }
                                open.push(*value);
                            }
                            Prop::Spread(value, _) => open.push(*value),
                            _ => {}
                        }
                    }
                }
                other => children(other, &mut open),
            }
        }
        out
    }

    fn last_name(&self, view: &UnitView<'_>, func: u32, expr: ExprId) -> Option<Arc<str>> {
        match &view.node(expr).kind {
            Expr::Member {
                key: Key::Name(name),
                ..
            } => Some(self.text(*name)),
            Expr::Var(var) => view.var_name(func, *var).map(|name| self.text(name)),
            _ => None,
        }
    }

    /// Names and texts in the conditions that a site stands under.
    pub fn conditions(&self, unit: usize, site: Site) -> Vec<Arc<str>> {
        let view = &self.units[unit];
        let mut out = Vec::new();
        let mut guard = site.scope.guard;
        while let Some((expr, func, outer)) = guard
            .checked_sub(1)
            .and_then(|i| view.index.guards.get(i as usize))
            .copied()
        {
            out.extend(
                self.mentions(unit, func, expr)
                    .into_iter()
                    .flat_map(|(name, parent)| [Some(name), parent])
                    .flatten(),
            );
            guard = outer;
        }
        out
    }

    /// The constant that an expression is, with its place in the file: a text, a variable of one, or a call that only
    /// turns constants into another form.
    pub fn constant(&self, unit: usize, func: u32, expr: ExprId) -> Option<(Arc<str>, Span)> {
        let (mut unit, mut func, mut at) = (unit, func, expr);
        for _ in 0..8 {
            let view = &self.units[unit];
            match &view.node(at).kind {
                Expr::Str(text) => return Some((self.text(*text), view.span(at))),
                Expr::Template(parts) if parts.len() == 1 => at = parts[0],
                Expr::Call { args, .. } => {
                    let mut texts = args
                        .iter()
                        .filter_map(item)
                        .filter(|a| !matches!(view.node(*a).kind, Expr::Num(_)));
                    at = texts.next()?;
                    // `parse("…")`, `Buffer.from("…", "utf8")`.
                    if texts.any(|other| !matches!(view.node(other).kind, Expr::Str(_))) {
                        return None;
                    }
                }
                Expr::Var(Var::Free(name)) => {
                    (unit, at) = (*self.module.get(name)?)?;
                    func = 0;
                }
                Expr::Var(var) => {
                    let (owner, slot) = view.owner(func, *var)?;
                    at = (*view.index.constants.get(&(owner, slot))?)?;
                    func = owner;
                }
                _ => return None,
            }
        }
        None
    }

    /// The path of a constant property, joined by `.`.
    pub fn path(&self, unit: usize, property: Property) -> String {
        let view = &self.units[unit];
        let mut parts = Vec::new();
        let mut path = property.path;
        while let Some((name, outer)) = path
            .checked_sub(1)
            .and_then(|i| view.index.paths.get(i as usize))
            .copied()
        {
            parts.push(self.text(name));
            path = outer;
        }
        parts.reverse();
        parts.join(".")
    }
}

impl Site {
    /// The function that the site stands in.
    pub fn func(self) -> u32 {
        self.scope.func
    }
}

impl UnitIndex {
    fn of(unit: &Unit) -> UnitIndex {
        let mut view = Indexing {
            unit,
            index: UnitIndex {
                parents: vec![0; unit.funcs.len()],
                ..UnitIndex::default()
            },
        };
        let Some(top) = unit.funcs.first() else {
            return view.index;
        };
        let start = Scope {
            receiver: top.name,
            ..Scope::default()
        };
        let mut tasks = vec![Task::Block(&top.body, start)];
        view.defaults(&top.params, start, &mut tasks);
        while let Some(task) = tasks.pop() {
            match task {
                Task::Block(block, scope) => view.block(block, scope, &mut tasks),
                Task::Expr(expr, scope) => view.expr(expr, scope, &mut tasks),
            }
        }
        let mut index = view.index;
        index
            .sites
            .sort_unstable_by_key(|site| unit.exprs[site.expr as usize].span);
        index
    }

    fn owner(&self, func: u32, var: Var) -> Option<(u32, Slot)> {
        match var {
            Var::Local(slot) => Some((func, slot)),
            Var::Up(up, slot) => {
                let mut at = func;
                for _ in 0..up {
                    at = *self.parents.get(at as usize)?;
                }
                Some((at, slot))
            }
            Var::Free(_) => None,
        }
    }

    fn var_name(&self, unit: &Unit, func: u32, var: Var) -> Option<Name> {
        if let Var::Free(name) = var {
            return Some(name);
        }
        let (owner, slot) = self.owner(func, var)?;
        let owner = unit.funcs.get(owner as usize)?;
        owner.slots.get(slot as usize).copied()
    }
}

impl<'a> UnitView<'a> {
    /// Calls and members, in the order in which they stand.
    pub fn sites(&self) -> &[Site] {
        &self.index.sites
    }

    /// The sites that are worth a look, by their index; asked for the first time, `is_worth` says of each.
    pub fn worth(&self, is_worth: impl FnMut(Site) -> bool) -> &[u32] {
        self.index.worth.get_or_init(|| {
            let all = 0..self.index.sites.len() as u32;
            let mut is_worth = is_worth;
            all.filter(|&at| is_worth(self.index.sites[at as usize]))
                .collect()
        })
    }

    /// Constant properties.
    pub fn properties(&self) -> &[Property] {
        &self.index.properties
    }

    /// An expression.
    pub fn node(&self, expr: ExprId) -> &'a crate::facts::ir::ExprNode {
        &self.unit.exprs[expr as usize]
    }

    /// The last word of a property's path.
    pub fn last_key(&self, property: Property) -> Option<Name> {
        let last = property.path.checked_sub(1)?;
        self.index.paths.get(last as usize).map(|(name, _)| *name)
    }

    /// An expression's place in the file.
    pub fn span(&self, expr: ExprId) -> Span {
        self.node(expr).span.shifted(self.base)
    }

    fn owner(&self, func: u32, var: Var) -> Option<(u32, Slot)> {
        self.index.owner(func, var)
    }

    fn var_name(&self, func: u32, var: Var) -> Option<Name> {
        self.index.var_name(self.unit, func, var)
    }
}

/// A unit whose index is being made.
struct Indexing<'a> {
    unit: &'a Unit,
    index: UnitIndex,
}

impl<'a> Indexing<'a> {
    fn node(&self, expr: ExprId) -> &'a crate::facts::ir::ExprNode {
        &self.unit.exprs[expr as usize]
    }

    fn owner(&self, func: u32, var: Var) -> Option<(u32, Slot)> {
        self.index.owner(func, var)
    }

    fn var_name(&self, func: u32, var: Var) -> Option<Name> {
        self.index.var_name(self.unit, func, var)
    }

    fn guarded(&mut self, scope: Scope, test: ExprId) -> Scope {
        self.index.guards.push((test, scope.func, scope.guard));
        Scope {
            guard: self.index.guards.len() as u32,
            ..scope
        }
    }

    fn below(&mut self, scope: Scope, name: Name) -> Scope {
        self.index.paths.push((name, scope.path));
        Scope {
            path: self.index.paths.len() as u32,
            ..scope
        }
    }

    /// Default values of parameters.
    fn defaults(&self, pats: &[PatId], scope: Scope, tasks: &mut Vec<Task<'a>>) {
        let mut open: Vec<PatId> = pats.to_vec();
        while let Some(pat) = open.pop() {
            match &self.unit.pats[pat as usize].kind {
                Pat::Default(inner, value) => {
                    tasks.push(Task::Expr(*value, scope));
                    open.push(*inner);
                }
                Pat::Object { props, rest } => {
                    open.extend(props.iter().map(|(_, p)| *p).chain(*rest))
                }
                Pat::Array { items, rest } => {
                    open.extend(items.iter().flatten().copied().chain(*rest))
                }
                _ => {}
            }
        }
    }

    fn block(&mut self, block: &'a [Stmt], mut scope: Scope, tasks: &mut Vec<Task<'a>>) {
        let outer = scope;
        for stmt in block {
            match stmt {
                Stmt::Expr(expr) | Stmt::Throw(expr) => tasks.push(Task::Expr(*expr, scope)),
                Stmt::Declare(pat, value) => {
                    self.defaults(&[*pat], scope, tasks);
                    if let Some(value) = value {
                        self.assign(*pat, *value, scope, tasks);
                    }
                }
                Stmt::Block(body) | Stmt::Labeled(_, body) => tasks.push(Task::Block(body, scope)),
                Stmt::If(test, yes, no) => {
                    tasks.push(Task::Expr(*test, scope));
                    let inner = self.guarded(scope, *test);
                    tasks.push(Task::Block(yes, inner));
                    tasks.push(Task::Block(no, inner));
                    // `if (release) return`: the rest is under the condition too.
                    if matches!(yes.last(), Some(Stmt::Return(..) | Stmt::Throw(_))) {
                        scope = Scope {
                            guard: inner.guard,
                            ..outer
                        };
                    }
                }
                Stmt::Loop {
                    test, body, update, ..
                } => {
                    tasks.extend(test.iter().chain(update).map(|e| Task::Expr(*e, scope)));
                    tasks.push(Task::Block(body, scope));
                }
                Stmt::ForOf(_, value, body) | Stmt::ForIn(_, value, body) => {
                    tasks.push(Task::Expr(*value, scope));
                    tasks.push(Task::Block(body, scope));
                }
                Stmt::Switch(value, cases) => {
                    tasks.push(Task::Expr(*value, scope));
                    let inner = self.guarded(scope, *value);
                    for (test, body) in cases {
                        tasks.extend(test.map(|t| Task::Expr(t, scope)));
                        tasks.push(Task::Block(body, inner));
                    }
                }
                Stmt::Try {
                    body,
                    handler,
                    finalizer,
                } => {
                    tasks.push(Task::Block(body, scope));
                    tasks.extend(handler.iter().map(|(_, body)| Task::Block(body, scope)));
                    tasks.push(Task::Block(finalizer, scope));
                }
                Stmt::Return(value, _) => tasks.extend(value.map(|v| Task::Expr(v, scope))),
                Stmt::Export(name, value) => {
                    let inner = self.below(scope, *name);
                    tasks.push(Task::Expr(*value, inner));
                }
                Stmt::Break(_)
                | Stmt::Continue(_)
                | Stmt::Import { .. }
                | Stmt::Reexport { .. } => {}
            }
        }
    }

    /// `pattern = value`.
    fn assign(&mut self, pat: PatId, value: ExprId, scope: Scope, tasks: &mut Vec<Task<'a>>) {
        let mut receiver = None;
        match &self.unit.pats[pat as usize].kind {
            Pat::Var(var) => {
                receiver = self.var_name(scope.func, *var);
                if let Some(key) = self.owner(scope.func, *var) {
                    self.index
                        .constants
                        .entry(key)
                        .and_modify(|v| *v = None)
                        .or_insert(Some(value));
                }
            }
            Pat::Member(expr) => {
                if let Expr::Member {
                    object,
                    key: Key::Name(name),
                    ..
                } = &self.node(*expr).kind
                {
                    receiver = Some(*name);
                    tasks.push(Task::Expr(*object, scope));
                }
            }
            _ => {}
        }
        tasks.push(Task::Expr(value, Scope { receiver, ..scope }));
    }

    fn expr(&mut self, id: ExprId, scope: Scope, tasks: &mut Vec<Task<'a>>) {
        let plain = Scope { path: 0, ..scope };
        match &self.node(id).kind {
            Expr::Call { callee, args, .. } | Expr::New { callee, args } => {
                self.index.sites.push(Site { expr: id, scope });
                tasks.push(Task::Expr(*callee, plain));
                // `defineConfig({…})`: the call names the object.
                let name = match &self.node(*callee).kind {
                    Expr::Var(var) => self.var_name(scope.func, *var),
                    Expr::Member {
                        key: Key::Name(name),
                        ..
                    } => Some(*name),
                    _ => None,
                };
                let inner = name.map_or(plain, |name| self.below(plain, name));
                tasks.extend(args.iter().filter_map(item).map(|a| Task::Expr(a, inner)));
            }
            Expr::Member { object, key, .. } => {
                self.index.sites.push(Site { expr: id, scope });
                tasks.push(Task::Expr(*object, plain));
                if let Key::Computed(key) = key {
                    tasks.push(Task::Expr(*key, plain));
                }
            }
            Expr::Object(props) => {
                for prop in props {
                    self.prop(prop, scope, tasks);
                }
            }
            Expr::Func(func) => {
                let body = &self.unit.funcs[*func as usize];
                if let Some(parent) = self.index.parents.get_mut(*func as usize) {
                    *parent = scope.func;
                }
                let inner = Scope {
                    func: *func,
                    receiver: body.name.or(scope.receiver),
                    path: 0,
                    guard: scope.guard,
                };
                self.defaults(&body.params, inner, tasks);
                tasks.push(Task::Block(&body.body, inner));
            }
            Expr::Class(class) => self.class(&self.unit.classes[*class as usize], scope, tasks),
            Expr::Assign(pat, value) => self.assign(*pat, *value, scope, tasks),
            Expr::Logical(_, left, right) => {
                tasks.push(Task::Expr(*left, scope));
                let inner = self.guarded(scope, *left);
                tasks.push(Task::Expr(*right, inner));
            }
            Expr::Cond(test, yes, no) => {
                tasks.push(Task::Expr(*test, plain));
                let inner = self.guarded(scope, *test);
                tasks.extend([*yes, *no].map(|e| Task::Expr(e, inner)));
            }
            Expr::Element(element) => {
                tasks.push(Task::Expr(element.tag, plain));
                for prop in &element.attrs {
                    self.prop(
                        prop,
                        Scope {
                            receiver: None,
                            ..plain
                        },
                        tasks,
                    );
                }
                tasks.extend(
                    element
                        .children
                        .iter()
                        .filter_map(item)
                        .map(|c| Task::Expr(c, plain)),
                );
            }
            other => {
                let mut open = Vec::new();
                children(other, &mut open);
                tasks.extend(open.into_iter().map(|e| Task::Expr(e, scope)));
            }
        }
    }

    fn prop(&mut self, prop: &'a Prop, scope: Scope, tasks: &mut Vec<Task<'a>>) {
        match prop {
            Prop::Value(Key::Name(name), value, _) => {
                let inner = self.below(
                    Scope {
                        receiver: Some(*name),
                        ..scope
                    },
                    *name,
                );
                if matches!(
                    self.node(*value).kind,
                    Expr::Bool(_) | Expr::Str(_) | Expr::Num(_)
                ) {
                    self.index.properties.push(Property {
                        path: inner.path,
                        value: *value,
                    });
                }
                tasks.push(Task::Expr(*value, inner));
            }
            Prop::Value(_, value, _)
            | Prop::Getter(_, value, _)
            | Prop::Setter(_, value, _)
            | Prop::Spread(value, _) => {
                tasks.push(Task::Expr(*value, Scope { path: 0, ..scope }));
            }
        }
    }

    fn class(&mut self, class: &'a Class, scope: Scope, tasks: &mut Vec<Task<'a>>) {
        let scope = Scope {
            path: 0,
            receiver: None,
            ..scope
        };
        tasks.extend(
            class
                .parent
                .iter()
                .chain(&class.constructor)
                .chain(&class.decorators)
                .map(|e| Task::Expr(*e, scope)),
        );
        for prop in class
            .methods
            .iter()
            .chain(&class.fields)
            .chain(&class.statics)
        {
            self.prop(prop, scope, tasks);
        }
        tasks.push(Task::Block(&class.static_blocks, scope));
    }
}

/// The value of an argument or element.
pub(super) fn item(item: &Item) -> Option<ExprId> {
    match item {
        Item::One(expr) | Item::Spread(expr) => Some(*expr),
        Item::Hole => None,
    }
}

/// Direct parts of an expression; functions and classes have none.
fn children(expr: &Expr, out: &mut Vec<ExprId>) {
    match expr {
        Expr::Template(parts) | Expr::Seq(parts) | Expr::Opaque(parts) => out.extend(parts),
        Expr::Array(items) => out.extend(items.iter().filter_map(item)),
        Expr::Object(props) => {
            for prop in props {
                match prop {
                    Prop::Value(_, v, _)
                    | Prop::Getter(_, v, _)
                    | Prop::Setter(_, v, _)
                    | Prop::Spread(v, _) => out.push(*v),
                }
            }
        }
        Expr::Member { object, .. } => out.push(*object),
        Expr::Call { callee, args, .. } | Expr::New { callee, args } => {
            out.push(*callee);
            out.extend(args.iter().filter_map(item));
        }
        Expr::Tagged(tagged) => {
            out.push(tagged.tag);
            out.extend(&tagged.values);
        }
        Expr::Unary(_, e) | Expr::Await(e) | Expr::DynamicImport(e) => out.push(*e),
        Expr::Binary(_, a, b) | Expr::Logical(_, a, b) => out.extend([*a, *b]),
        Expr::Cond(a, b, c) => out.extend([*a, *b, *c]),
        Expr::Assign(_, value)
        | Expr::AssignBinary(_, _, value)
        | Expr::AssignLogical(_, _, value) => out.push(*value),
        Expr::Yield(value) => out.extend(value),
        Expr::Element(element) => {
            out.push(element.tag);
            out.extend(element.children.iter().filter_map(item));
        }
        _ => {}
    }
}
