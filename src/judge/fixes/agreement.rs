//! A box beside an agreement, or a privacy pop-up of the app's own, where people type what the finding is about. Whoever
//! applies them links the policy: a mend cannot know it.

use super::consent::Config;
use super::objects::{component_object, page_object};
use super::place::{at_end, in_element, indent_at, with_imports};
use super::script::{Script, script_at};
use super::{Builder, Edits, edit};
use crate::facts::{FileFacts, Module};
use crate::finding::{Confidence, FileEdit, Location};
use crate::syntax::BlockRole;
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;
use tree_sitter::Node;

/// The first control in which people type what the finding is about, in an app that the mend is for.
fn control<'b>(b: &'b Builder<'_, '_>) -> Option<&'b Location> {
    let params = &b.spec.params;
    let config = b.finding.at.file.rsplit('/').next()?;
    let configs = params.list("configs");
    if !configs.is_empty() && !configs.iter().any(|c| config.starts_with(c.as_str())) {
        return None;
    }
    let extensions = params.list("extensions");
    let mut controls = b.ctx.flow.controls.iter();
    let about = |data: &[(Arc<str>, Confidence)]| {
        data.iter()
            .any(|(class, c)| *c >= Confidence::Medium && b.finding.data.contains(class))
    };
    let found = controls.find(|control| {
        let file = &control.at.file;
        about(&control.data) && extensions.iter().any(|e| file.ends_with(e.as_str()))
    })?;
    Some(&found.at)
}

/// The folder of the app's configuration, with its slash; empty = the checked root.
fn root_of<'b>(b: &'b Builder<'_, '_>) -> &'b str {
    let file = &b.finding.at.file;
    file.rfind('/').map_or("", |slash| &file[..=slash])
}

/// A pop-up component: its files, its entry in the app's configuration or its import, its element on the page.
pub(super) fn popup(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let control = control(b)?;
    let page = &control.file;
    let (folder, tag) = (params.str("folder")?, params.str("tag")?);
    let root = root_of(b);
    let mut edits: Vec<FileEdit> = Vec::new();
    for (name, content) in params.table("files")? {
        let path = format!("{root}{folder}/{name}");
        // Somebody's component of that name is not ours to change.
        if b.ctx.files.contains_key(path.as_str()) {
            return None;
        }
        let start = Span::new(0, 0);
        edits.push(edit(&path.as_str().into(), start, content.trim_start()));
    }
    if let Some(key) = params.str("key") {
        edits.extend(registration(b, key, tag, &format!("/{folder}/index"))?);
    }
    let element = format!("<{tag} />");
    match params.str("import") {
        None => edits.push(at_end(b, page, &element)?),
        Some(import) => {
            let depth = page.strip_prefix(root)?.matches('/').count();
            let up = match depth {
                0 => "./".to_string(),
                _ => "../".repeat(depth),
            };
            let import = import.replace("{path}", &format!("{up}{folder}"));
            let text = (b.ctx.text)(page)?;
            if text.contains(tag) {
                return None;
            }
            let facts = b.ctx.files.get(page)?;
            let is_set_up = |m: &&Module| m.role == BlockRole::ScriptSetup;
            let script = match &facts.template {
                Some(_) => {
                    let set_up = facts.modules.iter().find(is_set_up)?;
                    edits.push(at_end(b, page, &element)?);
                    script_at(b, facts, &text, set_up.span)?
                }
                None => {
                    let script = script_at(b, facts, &text, control.span)?;
                    let outermost = script.span(outermost(&script, control.span)?);
                    edits.push(in_element(page, &text, outermost, &element)?);
                    script
                }
            };
            edits.push(with_imports(page, &script, &import, &BTreeMap::new())?);
        }
    }
    edits.sort_by_key(|e| (e.file.clone(), e.edit.span));
    Some(Edits {
        edits,
        risky: false,
    })
}

/// The entry of a component in the app's configuration, if it is not there.
fn registration(b: &Builder<'_, '_>, key: &str, tag: &str, path: &str) -> Option<Option<FileEdit>> {
    let config = Config::of(b);
    if !config.json || config.at("").is_none() {
        return None;
    }
    if config.at(&format!("{key}.{tag}")).is_some() {
        return Some(None);
    }
    let value = config.quoted(path);
    let edit = match config.at(key) {
        Some(_) => config.insert(key, tag, &value)?,
        None => config.insert("", key, &format!("{{ {}: {value} }}", config.key(tag)))?,
    };
    Some(Some(edit))
}

/// A box that is not ticked, its state and its handlers, on the page where people type.
pub(super) fn agreement_box(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let control = control(b)?;
    let page = &control.file;
    let stem = page.rsplit_once('.')?.0;
    let scripts = &b.judge.rules.tables.app_model().parts.scripts;
    let beside = scripts.iter().find_map(|e| {
        let path = format!("{stem}{e}");
        b.ctx.files.get_key_value(path.as_str())
    });
    // A component has its script inside.
    let inside = b.ctx.files.get_key_value(&**page)?;
    let is_component = !inside.1.modules.is_empty();
    let (path, facts) = beside.filter(|_| !is_component).unwrap_or(inside);
    let source = (b.ctx.text)(path)?;
    let names = params.list("names");
    if names.iter().any(|name| source.contains(name.as_str())) {
        return None;
    }
    let mut edits = match params.str("code") {
        None => members(b, path, facts, &source)?,
        Some(_) if facts.template.is_some() => set_up(b, path, facts, &source)?,
        Some(_) => in_function(b, control, facts, &source)?,
    };
    if facts.template.is_some() || !is_component {
        edits.push(at_end(b, page, params.str("markup")?)?);
    }
    edits.sort_by_key(|e| (e.file.clone(), e.edit.span));
    Some(Edits {
        edits,
        risky: false,
    })
}

/// State and handlers as members of the object that makes the page.
fn members(
    b: &Builder<'_, '_>,
    path: &Arc<str>,
    facts: &FileFacts,
    source: &str,
) -> Option<Vec<FileEdit>> {
    let params = &b.spec.params;
    let (data, methods) = (params.str("data")?, params.str("methods")?);
    let object = match params.str("methods-key") {
        Some(key) => component_object(b, facts, key)?,
        None => page_object(b, facts)?,
    };
    let insert = |at: u32, text: String| edit(path, Span::new(at + 1, at + 1), text);
    let spread = |at: u32, text: &str| {
        let indent = indent_at(source, at);
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
    let script = script_at(b, facts, source, Span::new(object.start, object.start))?;
    edits.extend(imports(b, path, &script));
    Some(edits)
}

/// State and handlers at the end of a set-up block.
fn set_up(
    b: &Builder<'_, '_>,
    path: &Arc<str>,
    facts: &FileFacts,
    source: &str,
) -> Option<Vec<FileEdit>> {
    let params = &b.spec.params;
    let mut modules = facts.modules.iter();
    let module = modules.find(|m| m.role == BlockRole::ScriptSetup)?;
    let script = script_at(b, facts, source, module.span)?;
    let end = module.span.start + script.text.trim_end().len() as u32;
    let code = format!("\n\n{}", params.str("code")?.trim());
    let mut edits = vec![edit(path, Span::new(end, end), code)];
    edits.extend(imports(b, path, &script));
    Some(edits)
}

/// The imports that the code needs.
fn imports(b: &Builder<'_, '_>, path: &Arc<str>, script: &Script<'_>) -> Option<FileEdit> {
    with_imports(path, script, "", b.spec.params.table("imports")?)
}

/// State and handlers at the beginning of the function that renders a control, and the box beside it.
fn in_function(
    b: &Builder<'_, '_>,
    control: &Location,
    facts: &FileFacts,
    source: &str,
) -> Option<Vec<FileEdit>> {
    let params = &b.spec.params;
    let path = &control.file;
    let script = script_at(b, facts, source, control.span)?;
    let outermost = outermost(&script, control.span)?;
    let body = body_around(outermost)?;
    let at = script.span(body).start;
    let indent = indent_at(source, at);
    let code = params.str("code")?.trim();
    let code = format!("\n{indent}{}", code.replace('\n', &format!("\n{indent}")));
    let mut edits = vec![edit(path, Span::new(at + 1, at + 1), code)];
    let markup = params.str("markup")?;
    edits.push(in_element(path, source, script.span(outermost), markup)?);
    edits.extend(imports(b, path, &script));
    Some(edits)
}

/// The outermost element that code makes around a place.
fn outermost<'s>(script: &'s Script<'_>, span: Span) -> Option<Node<'s>> {
    let mut at = script.around(span);
    let mut found = None;
    while let Some(node) = at {
        if matches!(node.kind(), "jsx_element" | "jsx_fragment") {
            found = Some(node);
        }
        at = node.parent();
    }
    found
}

/// The block of the nearest function around a node, if it is no method: those have no state of this kind.
fn body_around(node: Node<'_>) -> Option<Node<'_>> {
    let mut at = node.parent();
    while let Some(node) = at {
        match node.kind() {
            "function_declaration" | "function_expression" | "arrow_function" => {
                let body = node.child_by_field_name("body")?;
                return (body.kind() == "statement_block").then_some(body);
            }
            "method_definition" => return None,
            _ => at = node.parent(),
        }
    }
    None
}
