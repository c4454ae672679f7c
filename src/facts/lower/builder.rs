//! A unit in progress: its nodes, its scopes, and the resolution of names at its end.
//!
//! Names are resolved when the whole unit has been seen, so that one pass over the tree suffices: a closure may use a
//! variable that is declared (or hoisted) further down. Knows nothing of trees.

use crate::facts::ir::{
    Expr, ExprId, ExprNode, Func, FuncId, FuncKind, Key, Pat, PatId, PatNode, Slot, Stmt, Unit,
    UnitKind, Var, has_early_exit,
};
use crate::facts::names::Name;
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// A scope; scope 0 is the unit's outermost function.
struct Scope {
    parent: Option<u32>,
    func: FuncId,
    /// Variables declared here.
    count: u32,
    /// The scope that `var` in this scope declares in.
    var_scope: u32,
}

enum Place {
    Expr(ExprId),
    Pat(PatId),
}

/// A unit in progress.
pub(super) struct Builder {
    kind: UnitKind,
    /// Where the unit's spans count from, in bytes of the file.
    pub(super) base: u32,
    exprs: Vec<ExprNode>,
    pats: Vec<PatNode>,
    pub(super) funcs: Vec<Func>,
    pub(super) classes: Vec<crate::facts::ir::Class>,
    scopes: Vec<Scope>,
    /// The scope at hand.
    pub(super) scope: u32,
    declared: FxHashMap<(u32, Name), Slot>,
    known: FxHashSet<Name>,
    /// Functions declared in blocks, visible in their function as well.
    sloppy: FxHashMap<(u32, Name), Slot>,
    refs: Vec<(Place, Name, u32)>,
    /// What stood out of place (in error nodes): goes before the statement that was being read.
    pub(super) side: Vec<Stmt>,
    /// More variables than slots.
    pub(super) overflow: bool,
    /// Something in the unit was cut short: it is not reused, so that the note is made again.
    pub(super) noted: bool,
}

impl Builder {
    pub(super) fn new(kind: UnitKind, base: u32) -> Builder {
        Builder {
            kind,
            base,
            exprs: Vec::new(),
            pats: Vec::new(),
            funcs: Vec::new(),
            classes: Vec::new(),
            scopes: Vec::new(),
            scope: 0,
            declared: FxHashMap::default(),
            known: FxHashSet::default(),
            sloppy: FxHashMap::default(),
            refs: Vec::new(),
            side: Vec::new(),
            overflow: false,
            noted: false,
        }
    }

    pub(super) fn is_module(&self) -> bool {
        self.kind == UnitKind::Module
    }

    /// A span of the file, relative to the unit.
    pub(super) fn relative(&self, start: usize, end: usize) -> Span {
        let start = (start as u32).saturating_sub(self.base);
        Span::new(start, (end as u32).saturating_sub(self.base))
    }

    pub(super) fn expr(&mut self, kind: Expr, span: Span) -> ExprId {
        self.exprs.push(ExprNode { kind, span });
        self.exprs.len() as u32 - 1
    }

    pub(super) fn pat(&mut self, kind: Pat, span: Span) -> PatId {
        self.pats.push(PatNode { kind, span });
        self.pats.len() as u32 - 1
    }

    pub(super) fn node(&self, id: ExprId) -> &ExprNode {
        &self.exprs[id as usize]
    }

    /// A use of a variable, resolved later.
    pub(super) fn var(&mut self, name: Name, span: Span) -> ExprId {
        let id = self.expr(Expr::Var(Var::Free(name)), span);
        self.refs.push((Place::Expr(id), name, self.scope));
        id
    }

    /// An assignment to a variable, resolved later.
    pub(super) fn target(&mut self, name: Name, span: Span) -> PatId {
        let id = self.pat(Pat::Var(Var::Free(name)), span);
        self.refs.push((Place::Pat(id), name, self.scope));
        id
    }

    /// Opens a function with its own scope; returns its id and the scope to restore.
    pub(super) fn open_func(
        &mut self,
        kind: FuncKind,
        name: Option<Name>,
        span: Span,
    ) -> (FuncId, u32) {
        let id = self.funcs.len() as u32;
        self.funcs.push(Func {
            name,
            kind,
            is_async: false,
            is_generator: false,
            params: Vec::new(),
            rest: None,
            body: Vec::new(),
            slots: Vec::new(),
            arguments: None,
            self_slot: None,
            has_early_exit: false,
            span,
        });
        let outer = self.scope;
        let scope = self.scopes.len() as u32;
        let parent = (scope > 0).then_some(outer);
        self.scopes.push(Scope {
            parent,
            func: id,
            count: 0,
            var_scope: scope,
        });
        self.scope = scope;
        (id, outer)
    }

    /// Opens a block; returns the scope to restore.
    pub(super) fn open_block(&mut self) -> u32 {
        let outer = self.scope;
        let Scope {
            func, var_scope, ..
        } = self.scopes[outer as usize];
        self.scopes.push(Scope {
            parent: Some(outer),
            func,
            count: 0,
            var_scope,
        });
        self.scope = self.scopes.len() as u32 - 1;
        outer
    }

    /// Opens a scope between a function expression and its variables, for its own name.
    pub(super) fn open_own_name(&mut self, name: Name) -> Slot {
        let slot = self.declare_in(self.scope, name).unwrap_or_default();
        self.open_block();
        let scope = self.scope;
        self.scopes[scope as usize].var_scope = scope;
        slot
    }

    fn declare_in(&mut self, scope: u32, name: Name) -> Option<Slot> {
        if let Some(&slot) = self.declared.get(&(scope, name)) {
            return Some(slot);
        }
        let slot = self.fresh_slot(self.scopes[scope as usize].func, name)?;
        self.declared.insert((scope, name), slot);
        self.known.insert(name);
        self.scopes[scope as usize].count += 1;
        Some(slot)
    }

    fn fresh_slot(&mut self, func: FuncId, name: Name) -> Option<Slot> {
        let slots = &mut self.funcs[func as usize].slots;
        let Ok(slot) = Slot::try_from(slots.len()) else {
            self.overflow = true;
            return None;
        };
        slots.push(name);
        Some(slot)
    }

    /// Declares a variable in the block at hand, or with `var` in the function.
    pub(super) fn declare(&mut self, name: Name, is_var: bool) -> Var {
        let scope = if is_var {
            self.scopes[self.scope as usize].var_scope
        } else {
            self.scope
        };
        self.declare_in(scope, name)
            .map_or(Var::Free(name), Var::Local)
    }

    /// Declares a function of the block at hand; sloppy code may call it from the whole enclosing function.
    pub(super) fn declare_function(&mut self, name: Name) -> Var {
        let var = self.declare(name, false);
        let var_scope = self.scopes[self.scope as usize].var_scope;
        if let (true, Var::Local(slot)) = (var_scope != self.scope, var) {
            self.sloppy.entry((var_scope, name)).or_insert(slot);
        }
        var
    }

    fn resolve(&mut self, name: Name, scope: u32, arguments: Name) -> Var {
        if !self.known.contains(&name) && name != arguments {
            return Var::Free(name);
        }
        let mut at = scope;
        let mut func = self.scopes[scope as usize].func;
        let mut up = 0u16;
        loop {
            let here = &self.scopes[at as usize];
            if here.func != func {
                if name == arguments
                    && let Some(slot) = self.arguments_slot(func, name)
                {
                    return local(up, slot);
                }
                func = self.scopes[at as usize].func;
                up = up.saturating_add(1);
            }
            let here = &self.scopes[at as usize];
            let own = if here.count > 0 {
                self.declared.get(&(at, name))
            } else {
                None
            };
            let slot = own.or_else(|| {
                if self.sloppy.is_empty() {
                    None
                } else {
                    self.sloppy.get(&(at, name))
                }
            });
            if let Some(&slot) = slot {
                return local(up, slot);
            }
            match here.parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        if name == arguments
            && let Some(slot) = self.arguments_slot(func, name)
        {
            return local(up, slot);
        }
        Var::Free(name)
    }

    /// The slot of `arguments` in a function that has its own.
    fn arguments_slot(&mut self, func: FuncId, name: Name) -> Option<Slot> {
        let is_top = func == 0 && self.kind != UnitKind::Function;
        let f = &self.funcs[func as usize];
        if is_top || f.kind == FuncKind::Arrow {
            return None;
        }
        if f.arguments.is_none() {
            let slot = self.fresh_slot(func, name);
            self.funcs[func as usize].arguments = slot;
        }
        self.funcs[func as usize].arguments
    }

    /// The name that a pattern assigns to: of its variable or its property.
    pub(super) fn name_of_pat(&self, id: PatId) -> Option<Name> {
        match self.pats[id as usize].kind {
            Pat::Var(Var::Free(name)) => Some(name),
            Pat::Var(Var::Local(slot)) => {
                let func = self.scopes[self.scope as usize].func;
                self.funcs[func as usize].slots.get(slot as usize).copied()
            }
            Pat::Member(member) => match self.exprs[member as usize].kind {
                Expr::Member {
                    key: Key::Name(name),
                    ..
                } => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The declared variable that a pattern is.
    pub(super) fn var_of_pat(&self, id: PatId) -> Option<(Var, Span)> {
        let node = &self.pats[id as usize];
        match node.kind {
            Pat::Var(var) => Some((var, node.span)),
            _ => None,
        }
    }

    /// Resolves all names and hands out the unit.
    pub(super) fn finish(mut self, arguments: Name, n_children: u32, key: u64) -> Unit {
        let refs = std::mem::take(&mut self.refs);
        for (place, name, scope) in refs {
            let var = self.resolve(name, scope, arguments);
            match place {
                Place::Expr(id) => self.exprs[id as usize].kind = Expr::Var(var),
                Place::Pat(id) => self.pats[id as usize].kind = Pat::Var(var),
            }
        }
        for func in &mut self.funcs {
            func.has_early_exit = has_early_exit(&func.body);
        }
        self.exprs.shrink_to_fit();
        self.pats.shrink_to_fit();
        Unit {
            kind: self.kind,
            exprs: self.exprs,
            pats: self.pats,
            funcs: self.funcs,
            classes: self.classes,
            n_children,
            key: if self.noted || self.overflow { 0 } else { key },
        }
    }
}

fn local(up: u16, slot: Slot) -> Var {
    if up == 0 {
        Var::Local(slot)
    } else {
        Var::Up(up, slot)
    }
}
