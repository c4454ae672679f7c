//! What the app model needs of one file: small, and the same as long as an edit changes nothing that the model reads.

use super::object::{self, Script};
use super::{IncludeKind, kebab};
use crate::facts::ir::{Expr, Item, Key, Prop, Stmt, Unit, Var};
use crate::facts::names::Names;
use crate::facts::{FileFacts, JsonScalar};
use crate::rules::RuleSet;
use crate::rules::app_model::{AppTable, Constructs, IncludeRowKind};
use crate::syntax::{BlockRole, FileKind, Node};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most configuration entries of one file.
const MAX_CONFIG: usize = 20_000;

/// Which block of a container stands in a file of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BlockKind {
    Script,
    Template,
    Config,
}

/// What the app model needs of one file; cheap to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    pub(super) kind: FileKind,
    /// Lies where server code lies.
    pub(super) server: bool,
    /// Configuration with syntax errors.
    pub(super) broken: bool,
    /// Entries below the keys that the model reads, in source order.
    pub(super) config: Vec<(Arc<str>, JsonScalar)>,
    /// How scripts name other files.
    pub(super) specifiers: BTreeSet<Arc<str>>,
    /// Tags that are none of the platform's.
    pub(super) tags: BTreeSet<Arc<str>>,
    /// Files that the template takes in.
    pub(super) includes: Vec<(IncludeKind, Arc<str>)>,
    /// Blocks that stand in files of their own.
    pub(super) blocks: Vec<(BlockKind, Arc<str>)>,
    /// Components by tag, and how their file is named.
    pub(super) components: Vec<(Arc<str>, Arc<str>)>,
    /// The same, for all of the app.
    pub(super) registered: Vec<(Arc<str>, Arc<str>)>,
    /// Platforms whose global object is used, a bit each.
    pub(super) platforms: u64,
    /// What its constructor call makes.
    pub(super) constructs: Option<Constructs>,
}

/// The digest of a file.
pub fn digest(facts: &FileFacts, set: &RuleSet) -> Digest {
    let table = set.tables.app_model();
    let names = &*set.names;
    let mut out = Digest {
        kind: facts.kind,
        server: set.tables.places().is_server(&facts.path),
        broken: facts.kind == FileKind::Json && facts.syntax_errors > 0,
        config: Vec::new(),
        specifiers: BTreeSet::new(),
        tags: BTreeSet::new(),
        includes: Vec::new(),
        blocks: Vec::new(),
        components: Vec::new(),
        registered: Vec::new(),
        platforms: 0,
        constructs: None,
    };
    let scripted = object::script_config(facts, names, table);
    for entry in facts.json.iter().chain(&scripted) {
        let first = entry.path.split('.').next().unwrap_or_default();
        if table.wants_key(first) && out.config.len() < MAX_CONFIG {
            let scalar = match &entry.scalar {
                JsonScalar::Number(_) => continue,
                scalar => scalar.clone(),
            };
            out.config.push((entry.path.clone(), scalar));
        }
    }
    for module in &facts.modules {
        for placed in std::iter::once(&module.top).chain(&module.children) {
            unit(&placed.unit, names, table, &mut out);
        }
        let script = Script::new(module, names, table);
        statements(&script, &mut out);
        if matches!(module.role, BlockRole::Script | BlockRole::ScriptSetup) {
            components(&script, table, &mut out);
        }
        if module.role == BlockRole::ScriptSetup {
            setup_components(&script, facts, &mut out);
        }
    }
    markup(facts, table, &mut out);
    out
}

/// Loaded files, global objects and constructors in one unit.
fn unit(unit: &Unit, names: &Names, table: &AppTable, out: &mut Digest) {
    let requires = &*table.configuration.requires;
    for (id, node) in (0..).zip(&unit.exprs) {
        match &node.kind {
            Expr::Member { object, .. } => {
                if let Some(Expr::Var(Var::Free(name))) =
                    unit.exprs.get(*object as usize).map(|n| &n.kind)
                    && let Some(index) = table.platform_of_global(&names.text(*name))
                {
                    out.platforms |= 1 << (index % 64);
                }
            }
            Expr::DynamicImport(_) => out
                .specifiers
                .extend(object::specifier(unit, names, requires, id)),
            Expr::Call { callee, args, .. } => {
                out.specifiers
                    .extend(object::specifier(unit, names, requires, id));
                constructor(unit, names, table, *callee, args, out);
            }
            _ => {}
        }
    }
}

/// What a call makes: an app, a page, a component.
fn constructor(
    unit: &Unit,
    names: &Names,
    table: &AppTable,
    callee: u32,
    args: &[Item],
    out: &mut Digest,
) {
    let callee = match unit.exprs.get(callee as usize).map(|n| &n.kind) {
        Some(Expr::Var(Var::Free(name))) => *name,
        Some(Expr::Var(Var::Local(slot))) => {
            match unit.funcs.first().and_then(|f| f.slots.get(*slot as usize)) {
                Some(name) => *name,
                None => return,
            }
        }
        _ => return,
    };
    if args.is_empty() {
        return;
    }
    if let Some(made) = table.parts.constructors.get(&*names.text(callee)) {
        out.constructs = out.constructs.or(Some(*made));
    }
}

fn statements(script: &Script<'_>, out: &mut Digest) {
    for statement in script.statements() {
        if let Stmt::Import { path, .. } | Stmt::Reexport { path, .. } = statement {
            out.specifiers.insert(script.names.text(*path));
        }
    }
}

/// Components that a script names: in the options it exports, in a class, in calls that register them.
fn components(script: &Script<'_>, table: &AppTable, out: &mut Digest) {
    let options = &table.configuration.component_options;
    let is_option = |key: &Key| match key {
        Key::Name(name) => options.iter().any(|o| **o == *script.names.text(*name)),
        _ => false,
    };
    let mut lists = Vec::new();
    let mut objects: Vec<u32> = script.default_exports();
    for class in &script.unit.classes {
        objects.extend(&class.decorators);
        for field in class.fields.iter().chain(&class.statics) {
            if let Prop::Value(key, value, _) = field
                && is_option(key)
            {
                lists.push(*value);
            }
        }
    }
    for object in objects {
        let object = script.value(object);
        let mut candidates = vec![object];
        if let Some(Expr::Call { args, .. }) = script.expr(object) {
            candidates.extend(args.iter().filter_map(|arg| match arg {
                Item::One(arg) => Some(script.value(*arg)),
                _ => None,
            }));
        }
        for candidate in candidates {
            let Some(Expr::Object(props)) = script.expr(candidate) else {
                continue;
            };
            lists.extend(props.iter().filter_map(|prop| match prop {
                Prop::Value(key, value, _) if is_option(key) => Some(*value),
                _ => None,
            }));
        }
    }
    for list in lists {
        let Some(Expr::Object(props)) = script.expr(script.value(list)) else {
            continue;
        };
        for prop in props {
            if let Prop::Value(Key::Name(tag), value, _) = prop
                && let Some(file) = script.file_of(*value)
            {
                let tag = kebab(&script.names.text(*tag));
                out.components.push((tag.into(), file));
            }
        }
    }
    for node in &script.unit.exprs {
        let Expr::Call { callee, args, .. } = &node.kind else {
            continue;
        };
        if let Some(Expr::Member {
            key: Key::Name(key),
            ..
        }) = script.expr(*callee)
            && *script.names.text(*key) == *table.configuration.component_register
            && let [Item::One(tag), Item::One(value), ..] = args[..]
            && let (Some(tag), Some(file)) = (script.text(tag), script.file_of(value))
        {
            out.registered.push((kebab(&tag).into(), file));
        }
    }
}

/// In a set-up script every imported name is a component that the template may use.
fn setup_components(script: &Script<'_>, facts: &FileFacts, out: &mut Digest) {
    let nodes = facts.template.iter().flat_map(|t| &t.markup.nodes);
    let tags: BTreeSet<String> = nodes
        .filter_map(|node| match node {
            Node::Element { tag, .. } => Some(kebab(tag)),
            _ => None,
        })
        .collect();
    let slots = script.unit.funcs.first().map_or(&[][..], |f| &f.slots);
    for statement in script.statements() {
        let Stmt::Import { path, bindings, .. } = statement else {
            continue;
        };
        for (_, var) in bindings {
            if let Var::Local(slot) = var
                && let Some(name) = slots.get(*slot as usize)
            {
                let name = script.names.text(*name);
                let tag = kebab(&name);
                // A name in small letters is a component's only if the template uses it as one.
                if name.starts_with(|c: char| c.is_uppercase()) || tags.contains(&tag) {
                    out.components.push((tag.into(), script.names.text(*path)));
                }
            }
        }
    }
}

fn markup(facts: &FileFacts, table: &AppTable, out: &mut Digest) {
    let Some(template) = &facts.template else {
        return;
    };
    let container = facts.kind == FileKind::Component;
    for node in &template.markup.nodes {
        let Node::Element { tag, attrs, .. } = node else {
            continue;
        };
        let attribute = |names: &[String]| -> Option<Arc<str>> {
            let found = attrs
                .iter()
                .find(|a| names.iter().any(|n| **n == *a.name))?;
            let value = found.constant()?.trim();
            (!value.is_empty()).then(|| value.into())
        };
        let row = table
            .include
            .iter()
            .find(|row| row.tags.iter().any(|t| **t == **tag));
        if let Some(row) = row
            && let Some(from) = attribute(&row.from)
        {
            let kind = match row.kind {
                IncludeRowKind::Import => IncludeKind::Import,
                IncludeRowKind::Include => IncludeKind::Include,
                IncludeRowKind::Module => IncludeKind::ViewModule {
                    name: attribute(&row.name).unwrap_or_default(),
                },
            };
            out.includes.push((kind, from));
            continue;
        }
        if container && let Some(from) = attribute(&["src".into()]) {
            let module = attribute(&["module".into()]);
            let json = attribute(&["type".into(), "name".into()])
                .is_some_and(|value| value.contains("json"));
            match (&**tag, module) {
                ("script", Some(name)) => {
                    let kind = IncludeKind::ViewModule { name };
                    out.includes.push((kind, from));
                }
                ("script", None) if json => out.blocks.push((BlockKind::Config, from)),
                ("script", None) => out.blocks.push((BlockKind::Script, from)),
                ("template", _) => out.blocks.push((BlockKind::Template, from)),
                ("json" | "config", _) => out.blocks.push((BlockKind::Config, from)),
                _ => {}
            }
        }
        if !table.is_platform_tag(tag) {
            out.tags.insert(tag.clone());
        }
    }
}
