//! Mends of the way an app asks: purposes of permissions, a box beside an agreement, a privacy pop-up of its own. Whoever
//! applies them writes the purpose and links the policy: a mend cannot know them.

use super::{Builder, Edits, edit};
use crate::app::script_config;
use crate::facts::ir::{Expr, Item, Key, Prop, Stmt, Var};
use crate::facts::{FileFacts, JsonEntry, JsonScalar, Module};
use crate::finding::{Confidence, FileEdit};
use crate::rules::app_model::Constructs;
use crate::syntax::{BlockRole, Node};
use crate::text::Span;
use std::sync::Arc;

/// Entries of a configuration with the text they stand in.
struct Config<'c> {
    file: Arc<str>,
    entries: Vec<JsonEntry>,
    text: &'c str,
    /// Keys have quotes.
    json: bool,
}

impl<'c> Config<'c> {
    /// The configuration in the finding's file.
    fn of(b: &'c Builder<'_, '_>) -> Config<'c> {
        let tables = &b.judge.rules.tables;
        let scripted = script_config(b.facts, &b.judge.rules.names, tables.app_model());
        Config {
            file: b.finding.at.file.clone(),
            entries: b.facts.json.iter().cloned().chain(scripted).collect(),
            text: &b.text,
            json: !b.facts.json.is_empty(),
        }
    }

    fn at(&self, path: &str) -> Option<&JsonEntry> {
        self.entries.iter().find(|entry| *entry.path == *path)
    }

    fn quoted(&self, text: &str) -> String {
        match self.json {
            true => format!("\"{text}\""),
            false => format!("'{text}'"),
        }
    }

    fn key(&self, name: &str) -> String {
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match !self.json && plain {
            true => name.to_string(),
            false => self.quoted(name),
        }
    }

    /// `key: value` at the beginning of the object at a path, indented like its neighbours.
    fn insert(&self, path: &str, key: &str, value: &str) -> Option<FileEdit> {
        let object = self.at(path)?;
        if object.scalar != JsonScalar::Object {
            return None;
        }
        let inside = Span::new(object.value.start + 1, object.value.end).of(self.text);
        let comma = if inside.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        let line = inside
            .strip_prefix("\r\n")
            .or_else(|| inside.strip_prefix('\n'));
        let indent: String = line.map_or(" ".into(), |rest| {
            let spaces = rest.chars().take_while(|c| *c == ' ' || *c == '\t');
            format!("\n{}", spaces.collect::<String>())
        });
        let at = Span::new(object.value.start + 1, object.value.start + 1);
        let key = self.key(key);
        Some(edit(
            &self.file,
            at,
            format!("{indent}{key}: {value}{comma}"),
        ))
    }
}

/// Purposes for the permissions that the finding names: a text that says what is missing, to be written over.
pub(super) fn purpose(b: &Builder<'_, '_>) -> Option<Edits> {
    let tables = &b.judge.rules.tables;
    let table = &tables.consent().declaration;
    let text = b.spec.params.str("text")?;
    let named = |scope: &&String| {
        let words = b.finding.message.en.split_whitespace();
        words.map(|w| w.trim_matches(',')).any(|w| w == **scope)
    };
    let scopes: Vec<&String> = tables
        .privacy_apis()
        .scopes()
        .desc_required
        .iter()
        .filter(named)
        .collect();
    let config = Config::of(b);
    // In a manifest the keys stand below the host's own.
    let base = match config.at(&table.prefix) {
        Some(_) => format!("{}.", table.prefix),
        None => String::new(),
    };
    let list = format!("{base}{}", table.permission);
    let missing = |scope: &&&String| config.at(&format!("{list}.{scope}")).is_none();
    let rows: Vec<String> = scopes
        .iter()
        .filter(missing)
        .map(|scope| {
            let (scope, purpose) = (config.key(scope), config.key(&table.purpose));
            format!("{scope}: {{ {purpose}: {} }}", config.quoted(text))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let edit = match config.at(&list) {
        Some(_) => {
            let (first, rest) = rows[0].split_once(": ")?;
            let name = first.trim_matches(['"', '\'']);
            let more: String = rows[1..].iter().map(|row| format!(", {row}")).collect();
            config.insert(&list, name, &format!("{rest}{more}"))?
        }
        None => {
            let root = base.trim_end_matches('.');
            let value = format!("{{ {} }}", rows.join(", "));
            config.insert(root, &table.permission, &value)?
        }
    };
    Some(Edits {
        edits: vec![edit],
        risky: false,
    })
}

/// The template of the first page on which people type what the finding is about.
fn page<'b>(b: &'b Builder<'_, '_>) -> Option<&'b Arc<str>> {
    let extensions = b.spec.params.list("extensions");
    let mut controls = b.ctx.flow.controls.iter();
    let about = |data: &[(Arc<str>, Confidence)]| {
        data.iter()
            .any(|(class, c)| *c >= Confidence::Medium && b.finding.data.contains(class))
    };
    let found = controls.find(|control| {
        let file = &control.at.file;
        about(&control.data) && extensions.iter().any(|e| file.ends_with(e.as_str()))
    })?;
    Some(&found.at.file)
}

/// A pop-up component: its files, its entry in the app's configuration, its element on the page.
pub(super) fn popup(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let page = page(b)?;
    let (folder, tag) = (params.str("folder")?, params.str("tag")?);
    let files = params.table("files")?;
    let config = Config::of(b);
    let root = match b.finding.at.file.rsplit_once('/') {
        Some((root, _)) => format!("{root}/"),
        None => String::new(),
    };
    if !config.json || config.at("").is_none() {
        return None;
    }
    let mut edits: Vec<FileEdit> = Vec::new();
    for (name, content) in files {
        let path = format!("{root}{folder}/{name}");
        // Somebody's component of that name is not ours to change.
        if b.ctx.files.contains_key(path.as_str()) {
            return None;
        }
        edits.push(edit(
            &path.as_str().into(),
            Span::new(0, 0),
            content.trim_start(),
        ));
    }
    let key = params.str("key")?;
    let value = config.quoted(&format!("/{folder}/index"));
    if config.at(&format!("{key}.{tag}")).is_none() {
        edits.push(match config.at(key) {
            Some(_) => config.insert(key, tag, &value)?,
            None => config.insert("", key, &format!("{{ {}: {value} }}", config.key(tag)))?,
        });
    }
    let text = (b.ctx.text)(page)?;
    let end = text.len() as u32;
    let line = if text.ends_with('\n') || text.is_empty() {
        ""
    } else {
        "\n"
    };
    edits.push(edit(
        page,
        Span::new(end, end),
        format!("{line}<{tag} />\n"),
    ));
    Some(Edits {
        edits,
        risky: false,
    })
}

/// A box that is not ticked, its state and its handlers, on the page where people type.
pub(super) fn agreement_box(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let page = page(b)?;
    let (markup, data, methods) = (
        params.str("markup")?,
        params.str("data")?,
        params.str("methods")?,
    );
    let stem = page.rsplit_once('.')?.0;
    let scripts = &b.judge.rules.tables.app_model().parts.scripts;
    let beside = scripts.iter().find_map(|e| {
        let path = format!("{stem}{e}");
        b.ctx.files.get_key_value(path.as_str())
    });
    // A component has its script inside.
    let (path, facts) = beside.or_else(|| b.ctx.files.get_key_value(&**page))?;
    let source = (b.ctx.text)(path)?;
    let names = params.list("names");
    if names.iter().any(|name| source.contains(name.as_str())) {
        return None;
    }
    let object = match params.str("methods-key") {
        Some(key) => component_object(b, facts, key)?,
        None => page_object(b, facts)?,
    };
    let insert = |at: u32, text: String| edit(path, Span::new(at + 1, at + 1), text);
    let spread = |at: u32, text: &str| {
        let indent = indent_at(&source, at);
        format!(
            "\n{indent}{}",
            text.trim().replace('\n', &format!("\n{indent}"))
        )
    };
    // What goes to the object's own beginning, in this order.
    let mut first = String::new();
    let mut edits = Vec::new();
    match object.data {
        Some(at) => {
            let inside = &source[at as usize + 1..];
            let text = match inside.chars().next() {
                _ if inside.trim_start().starts_with('}') => format!(" {data} "),
                Some('\n' | '\r') => spread(at, &format!("{data},")),
                Some(c) if c.is_whitespace() => format!(" {data},"),
                _ => format!(" {data}, "),
            };
            edits.push(insert(at, text));
        }
        None => {
            let whole = params.str("new-data").unwrap_or("data: { {data} },");
            first.push_str(&spread(object.start, &whole.replace("{data}", data)));
        }
    }
    match (object.methods, params.str("methods-key")) {
        (Some(at), _) => edits.push(insert(at, spread(at, methods))),
        (None, Some(key)) => {
            let inner = methods.trim().trim_end_matches(',').replace('\n', "\n  ");
            first.push_str(&spread(object.start, &format!("{key}: {{\n  {inner}\n}},")));
        }
        (None, None) => first.push_str(&spread(object.start, methods)),
    }
    if !first.is_empty() {
        edits.push(insert(object.start, first));
    }
    edits.push(at_end(b, page, markup)?);
    edits.sort_by_key(|e| (e.file.clone(), e.edit.span));
    Some(Edits {
        edits,
        risky: false,
    })
}

/// Markup at the end of a template: of a component's, inside its outermost element.
fn at_end(b: &Builder<'_, '_>, page: &Arc<str>, markup: &str) -> Option<FileEdit> {
    let text = (b.ctx.text)(page)?;
    let markup = markup.trim();
    let facts = b.ctx.files.get(page)?;
    if facts.modules.is_empty() {
        let end = text.len() as u32;
        let line = if text.ends_with('\n') || text.is_empty() {
            ""
        } else {
            "\n"
        };
        return Some(edit(page, Span::new(end, end), format!("{line}{markup}\n")));
    }
    let nodes = &facts.template.as_ref()?.markup.nodes;
    let end = nodes.iter().find_map(|node| match node {
        Node::Element {
            tag,
            span,
            children,
            ..
        } if !is_block(tag) && !children.is_empty() => Some(*span),
        _ => None,
    })?;
    let close = end.of(&text).rfind("</")? as u32 + end.start;
    let before = text.get(..close as usize)?;
    let indent: String = match before.rsplit('\n').next() {
        Some(line) if line.trim().is_empty() => line.to_string(),
        _ => String::new(),
    };
    let lines = markup.replace('\n', &format!("\n{indent}  "));
    let lead = if indent.is_empty() && !before.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    Some(edit(
        page,
        Span::new(close, close),
        format!("{lead}  {lines}\n{indent}"),
    ))
}

/// Whether an element is a block of a component, none of its template's.
fn is_block(tag: &str) -> bool {
    matches!(tag, "template" | "script" | "style")
}

/// The object that a page is made of.
struct PageObject {
    /// Its opening bracket.
    start: u32,
    /// The opening bracket of its data, if it has some.
    data: Option<u32>,
    /// The opening bracket of its methods, where they stand apart.
    methods: Option<u32>,
}

/// The object that a component exports.
fn component_object(b: &Builder<'_, '_>, facts: &FileFacts, key: &str) -> Option<PageObject> {
    let names = &b.judge.rules.names;
    let keys = &b.judge.rules.tables.flow().names().data_keys;
    let module = facts.modules.iter().find(|m| m.role == BlockRole::Script)?;
    let (unit, base) = (&module.top.unit, module.top.base);
    let body = &unit.funcs.first()?.body;
    let exported = body.iter().find_map(|statement| match statement {
        Stmt::Export(name, value) if &*names.text(*name) == "default" => Some(*value),
        _ => None,
    })?;
    let object = unit.exprs.get(exported as usize)?;
    let Expr::Object(props) = &object.kind else {
        return None;
    };
    let value = |wanted: &dyn Fn(&str) -> bool| {
        props.iter().find_map(|prop| match prop {
            Prop::Value(Key::Name(name), value, _) if wanted(&names.text(*name)) => Some(*value),
            _ => None,
        })
    };
    let data = match value(&|name| keys.iter().any(|k| **k == *name)) {
        Some(id) => Some(returned_object(module, id)?),
        None => None,
    };
    let methods = match value(&|name| name == key) {
        Some(id) => match unit.exprs.get(id as usize) {
            Some(node) if matches!(node.kind, Expr::Object(_)) => Some(node.span.start + base),
            _ => return None,
        },
        None => None,
    };
    Some(PageObject {
        start: object.span.start + base,
        data,
        methods,
    })
}

/// The opening bracket of the object that a function returns.
fn returned_object(module: &Module, function: u32) -> Option<u32> {
    let top = &module.top;
    let (placed, func) = match &top.unit.exprs.get(function as usize)?.kind {
        Expr::Child(index) => (module.children.get(*index as usize)?, 0),
        Expr::Func(id) => (top, *id),
        _ => return None,
    };
    let unit = &placed.unit;
    let body = &unit.funcs.get(func as usize)?.body;
    let value = body.iter().find_map(|statement| match statement {
        Stmt::Return(Some(value), _) => unit.exprs.get(*value as usize),
        _ => None,
    })?;
    matches!(value.kind, Expr::Object(_)).then_some(value.span.start + placed.base)
}

fn page_object(b: &Builder<'_, '_>, facts: &FileFacts) -> Option<PageObject> {
    let names = &b.judge.rules.names;
    let tables = &b.judge.rules.tables;
    let constructors = &tables.app_model().parts.constructors;
    let keys = &tables.flow().names().data_keys;
    for module in &facts.modules {
        let (unit, base) = (&module.top.unit, module.top.base);
        for node in &unit.exprs {
            let Expr::Call { callee, args, .. } = &node.kind else {
                continue;
            };
            let Some(Expr::Var(Var::Free(name))) =
                unit.exprs.get(*callee as usize).map(|n| &n.kind)
            else {
                continue;
            };
            if constructors.get(&*names.text(*name)) != Some(&Constructs::Page) {
                continue;
            }
            let [Item::One(first), ..] = &args[..] else {
                continue;
            };
            let argument = unit.exprs.get(*first as usize)?;
            let Expr::Object(props) = &argument.kind else {
                continue;
            };
            let data = props.iter().find_map(|prop| match prop {
                Prop::Value(Key::Name(key), value, _)
                    if keys.iter().any(|k| **k == *names.text(*key)) =>
                {
                    unit.exprs.get(*value as usize)
                }
                _ => None,
            });
            return Some(PageObject {
                start: argument.span.start + base,
                data: match data {
                    // State that is made elsewhere is not ours to change.
                    Some(node) if !matches!(node.kind, Expr::Object(_)) => return None,
                    Some(node) => Some(node.span.start + base),
                    None => None,
                },
                methods: None,
            });
        }
    }
    None
}

/// The white space before the first property of an object.
fn indent_at(source: &str, open: u32) -> String {
    let inside = source.get(open as usize + 1..).unwrap_or_default();
    let line = inside
        .strip_prefix("\r\n")
        .or_else(|| inside.strip_prefix('\n'));
    line.map_or("  ".into(), |rest| {
        rest.chars()
            .take_while(|c| *c == ' ' || *c == '\t')
            .collect()
    })
}
