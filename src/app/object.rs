//! Configuration that scripts hold: constant object literals as the same flat entries that JSON files give, and how
//! modules name each other. Reads lowered scripts only.

use crate::facts::ir::{Expr, ExprId, Item, Key, Pat, Prop, Stmt, Unit, Var};
use crate::facts::names::{Name, Names};
use crate::facts::{FileFacts, JsonEntry, JsonScalar, Module, Placed};
use crate::rules::app_model::AppTable;
use crate::syntax::{BlockRole, FileKind};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Values nested deeper are unknown.
const MAX_DEPTH: u32 = 48;
/// How many values of one file are looked at: shared constants could multiply without end.
const MAX_VISITS: u32 = 20_000;

/// A script module with its constants at hand.
pub(super) struct Script<'f> {
    pub names: &'f Names,
    requires: &'f [String],
    pub module: &'f Module,
    pub unit: &'f Unit,
    /// Module-level constants by slot.
    constants: FxHashMap<u16, ExprId>,
    /// Imported paths by slot.
    imports: FxHashMap<u16, Name>,
}

impl<'f> Script<'f> {
    pub(super) fn new(module: &'f Module, names: &'f Names, table: &'f AppTable) -> Script<'f> {
        let unit = &*module.top.unit;
        let mut script = Script {
            names,
            requires: &table.configuration.requires,
            module,
            unit,
            constants: FxHashMap::default(),
            imports: FxHashMap::default(),
        };
        for statement in script.statements() {
            match statement {
                Stmt::Declare(pat, Some(value)) => {
                    if let Some(Pat::Var(Var::Local(slot))) =
                        unit.pats.get(*pat as usize).map(|p| &p.kind)
                    {
                        script.constants.insert(*slot, *value);
                    }
                }
                Stmt::Import { path, bindings, .. } => {
                    for (_, var) in bindings {
                        if let Var::Local(slot) = var {
                            script.imports.insert(*slot, *path);
                        }
                    }
                }
                _ => {}
            }
        }
        script
    }

    /// Statements of the module's top level.
    pub(super) fn statements(&self) -> &'f [Stmt] {
        self.unit.funcs.first().map_or(&[], |f| &f.body)
    }

    pub(super) fn expr(&self, id: ExprId) -> Option<&'f Expr> {
        self.unit.exprs.get(id as usize).map(|node| &node.kind)
    }

    fn span(&self, id: ExprId) -> Span {
        self.unit
            .exprs
            .get(id as usize)
            .map_or_else(Span::default, |node| {
                node.span.shifted(self.module.top.base)
            })
    }

    /// The value of a name, as far as the module tells.
    pub(super) fn value(&self, id: ExprId) -> ExprId {
        let mut id = id;
        for _ in 0..4 {
            let Some(Expr::Var(Var::Local(slot))) = self.expr(id) else {
                break;
            };
            match self.constants.get(slot) {
                Some(&value) => id = value,
                None => break,
            }
        }
        id
    }

    /// What the module exports by default, or assigns to `module.exports`.
    pub(super) fn default_exports(&self) -> Vec<ExprId> {
        let default = self.names.intern("default");
        let mut out = Vec::new();
        for statement in self.statements() {
            match statement {
                Stmt::Export(name, value) if *name == default => out.push(*value),
                Stmt::Expr(id) => out.extend(self.assigned_export(*id)),
                _ => {}
            }
        }
        out
    }

    fn assigned_export(&self, id: ExprId) -> Option<ExprId> {
        let Some(Expr::Assign(pat, value)) = self.expr(id) else {
            return None;
        };
        let Some(Pat::Member(member)) = self.unit.pats.get(*pat as usize).map(|p| &p.kind) else {
            return None;
        };
        (dotted(self.unit, self.names, *member).as_deref() == Some("module.exports"))
            .then_some(*value)
    }

    /// The path of the file that a value stands for: an imported name, `require('x')`, `() => import('x')`.
    pub(super) fn file_of(&self, id: ExprId) -> Option<Arc<str>> {
        let id = self.value(id);
        match self.expr(id)? {
            Expr::Var(Var::Local(slot)) => Some(self.names.text(*self.imports.get(slot)?)),
            Expr::Child(index) => {
                let child = self.module.children.get(*index as usize)?;
                first_specifier(child, self.names, self.requires)
            }
            Expr::Member { object, .. } => self.file_of(*object),
            Expr::DynamicImport(path) => self.text(*path),
            Expr::Call { args, .. } => args.iter().find_map(|arg| match arg {
                Item::One(arg) => match self.expr(*arg)? {
                    Expr::Str(_) => specifier(self.unit, self.names, self.requires, id),
                    _ => self.file_of(*arg),
                },
                _ => None,
            }),
            _ => None,
        }
    }

    pub(super) fn text(&self, id: ExprId) -> Option<Arc<str>> {
        match self.expr(id)? {
            Expr::Str(name) => Some(self.names.text(*name)),
            _ => None,
        }
    }
}

/// The first file that a function loads.
fn first_specifier(placed: &Placed, names: &Names, requires: &[String]) -> Option<Arc<str>> {
    (0..placed.unit.exprs.len() as u32).find_map(|id| specifier(&placed.unit, names, requires, id))
}

/// The file that a call loads: `require('x')`, `import('x')`.
pub(super) fn specifier(
    unit: &Unit,
    names: &Names,
    requires: &[String],
    id: ExprId,
) -> Option<Arc<str>> {
    let constant = |id: ExprId| match unit.exprs.get(id as usize).map(|n| &n.kind) {
        Some(Expr::Str(name)) => Some(names.text(*name)),
        _ => None,
    };
    match &unit.exprs.get(id as usize)?.kind {
        Expr::DynamicImport(path) => constant(*path),
        Expr::Call { callee, args, .. } => {
            let Some(Item::One(first)) = args.first() else {
                return None;
            };
            let path = constant(*first)?;
            let callee = dotted(unit, names, *callee)?;
            requires.contains(&callee).then_some(path)
        }
        _ => None,
    }
}

/// `a.b.c` of variables that the unit does not declare, by name.
pub(super) fn dotted(unit: &Unit, names: &Names, id: ExprId) -> Option<String> {
    match &unit.exprs.get(id as usize)?.kind {
        Expr::Var(Var::Free(name)) => Some(names.text(*name).to_string()),
        Expr::Member {
            object,
            key: Key::Name(key),
            ..
        } => {
            // Two levels are all that is ever asked for.
            let Expr::Var(Var::Free(object)) = &unit.exprs.get(*object as usize)?.kind else {
                return None;
            };
            Some(format!("{}.{}", names.text(*object), names.text(*key)))
        }
        _ => None,
    }
}

/// The configuration in a file's scripts, as entries with their places in the file; empty for most files.
pub fn script_config(facts: &FileFacts, names: &Names, table: &AppTable) -> Vec<JsonEntry> {
    let keys = &table.configuration;
    let by_name = keys.script_marks.iter().any(|mark| {
        facts
            .path
            .rsplit('/')
            .next()
            .is_some_and(|n| n.contains(mark.as_str()))
    });
    let container = facts.kind == FileKind::Component;
    let mut out = Vec::new();
    for module in &facts.modules {
        if !matches!(module.role, BlockRole::Script | BlockRole::ScriptSetup) {
            continue;
        }
        let script = Script::new(module, names, table);
        let mut roots = Vec::new();
        if by_name {
            roots.extend(script.default_exports());
        } else if container {
            let mut assigned = script.statements().iter().filter_map(|s| match s {
                Stmt::Expr(id) => script.assigned_export(*id),
                _ => None,
            });
            roots.extend(assigned.next());
        }
        roots.extend(config_calls(&script, &keys.calls));
        for class in &script.unit.classes {
            for field in class.fields.iter().chain(&class.statics) {
                if let Prop::Value(Key::Name(key), value, _) = field
                    && keys.fields.iter().any(|f| **f == *names.text(*key))
                {
                    roots.push(*value);
                }
            }
        }
        roots.dedup();
        let mut reader = Reader {
            script: &script,
            visits: 0,
            out: &mut out,
        };
        for root in roots {
            let start = reader.out.len();
            reader.read(root, "", Span::default(), 0);
            // A call around it, `defineAppConfig({…})`, names the same object twice.
            if reader.out.len() == start + 1
                && !matches!(reader.out[start].scalar, JsonScalar::Object)
            {
                reader.out.truncate(start);
            }
        }
    }
    out
}

/// Arguments of calls that hold configuration, unless they are what the module exports.
fn config_calls(script: &Script<'_>, calls: &[String]) -> Vec<ExprId> {
    let exported = script.default_exports();
    let mut out = Vec::new();
    for (id, node) in (0..).zip(&script.unit.exprs) {
        let Expr::Call { callee, args, .. } = &node.kind else {
            continue;
        };
        let Some(name) = dotted(script.unit, script.names, *callee) else {
            continue;
        };
        if calls.contains(&name)
            && let Some(Item::One(arg)) = args.first()
            && !exported.contains(&id)
        {
            out.push(*arg);
        }
    }
    for id in exported {
        if let Some(Expr::Call { callee, args, .. }) = script.expr(id)
            && let Some(name) = dotted(script.unit, script.names, *callee)
            && calls.contains(&name)
            && let Some(Item::One(arg)) = args.first()
        {
            out.push(*arg);
        }
    }
    out
}

struct Reader<'s, 'f> {
    script: &'s Script<'f>,
    visits: u32,
    out: &'s mut Vec<JsonEntry>,
}

impl Reader<'_, '_> {
    fn push(&mut self, path: &str, key: Span, value: Span, scalar: JsonScalar) {
        self.out.push(JsonEntry {
            path: path.into(),
            key,
            value,
            scalar,
        });
    }

    fn read(&mut self, id: ExprId, path: &str, key: Span, depth: u32) {
        self.visits += 1;
        if depth > MAX_DEPTH || self.visits > MAX_VISITS {
            return;
        }
        let script = self.script;
        let place = script.span(id);
        let names = script.names;
        let value = script.value(id);
        match script.expr(value) {
            Some(Expr::Object(props)) => {
                self.push(path, key, place, JsonScalar::Object);
                self.members(props, path, depth);
            }
            Some(Expr::Array(items)) => {
                self.push(path, key, place, JsonScalar::Array);
                let mut next = 0;
                self.items(items, path, &mut next, depth);
            }
            Some(Expr::Str(text)) => {
                self.push(path, key, place, JsonScalar::String(names.text(*text)))
            }
            Some(Expr::Num(text)) => {
                self.push(path, key, place, JsonScalar::Number(names.text(*text)))
            }
            Some(Expr::Bool(yes)) => self.push(path, key, place, JsonScalar::Bool(*yes)),
            Some(Expr::Cond(_, yes, no)) => {
                self.read(*yes, path, key, depth + 1);
                self.read(*no, path, key, depth + 1);
            }
            Some(Expr::Logical(_, _, right)) => self.read(*right, path, key, depth + 1),
            Some(Expr::Call { args, .. }) if !args.is_empty() && path.is_empty() => {
                for arg in args {
                    if let Item::One(arg) = arg {
                        self.read(*arg, path, key, depth + 1);
                    }
                }
            }
            // What cannot be read is there all the same.
            _ => self.push(path, key, place, JsonScalar::Null),
        }
    }

    fn members(&mut self, props: &[Prop], path: &str, depth: u32) {
        let base = self.script.module.top.base;
        for prop in props {
            match prop {
                Prop::Value(Key::Name(name), value, span) => {
                    let name = self.script.names.text(*name);
                    let inner = match path {
                        "" => name.to_string(),
                        path => format!("{path}.{name}"),
                    };
                    self.read(*value, &inner, span.shifted(base), depth + 1);
                }
                Prop::Spread(value, _) => {
                    self.spread(*value, path, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn spread(&mut self, id: ExprId, path: &str, depth: u32) {
        self.visits += 1;
        if depth > MAX_DEPTH || self.visits > MAX_VISITS {
            return;
        }
        let value = self.script.value(id);
        match self.script.expr(value) {
            Some(Expr::Object(props)) => self.members(props, path, depth),
            Some(Expr::Cond(_, yes, no)) => {
                self.spread(*yes, path, depth + 1);
                self.spread(*no, path, depth + 1);
            }
            Some(Expr::Logical(_, _, right)) => self.spread(*right, path, depth + 1),
            _ => {}
        }
    }

    fn items(&mut self, items: &[Item], path: &str, next: &mut u32, depth: u32) {
        self.visits += 1;
        if depth > MAX_DEPTH || self.visits > MAX_VISITS {
            return;
        }
        for item in items {
            match item {
                Item::One(value) => {
                    let inner = format!("{path}.{next}");
                    *next += 1;
                    self.read(*value, &inner, Span::default(), depth + 1);
                }
                Item::Spread(value) => self.spread_items(*value, path, next, depth + 1),
                Item::Hole => *next += 1,
            }
        }
    }

    fn spread_items(&mut self, id: ExprId, path: &str, next: &mut u32, depth: u32) {
        let value = self.script.value(id);
        match self.script.expr(value) {
            Some(Expr::Array(items)) => self.items(items, path, next, depth + 1),
            Some(Expr::Cond(_, yes, no)) if depth < MAX_DEPTH => {
                self.spread_items(*yes, path, next, depth + 1);
                self.spread_items(*no, path, next, depth + 1);
            }
            Some(Expr::Logical(_, _, right)) if depth < MAX_DEPTH => {
                self.spread_items(*right, path, next, depth + 1);
            }
            _ => {
                let inner = format!("{path}.{next}");
                *next += 1;
                let place = self.script.span(id);
                self.push(&inner, Span::default(), place, JsonScalar::Null);
            }
        }
    }
}
