//! Turning a storage key to encrypted: the write, all other writes and all reads of the key, in all files, or nothing.

use super::script::{Script, script_at};
use super::{Builder, Edits, begins, edit};
use crate::facts::ir::{Expr, ExprId, Key, Prop};
use crate::finding::FileEdit;
use crate::judge::code::{Code, CodeCache, item};
use crate::text::Span;
use std::sync::{Arc, PoisonError};
use tree_sitter::Node;

/// A call that touches the key.
struct Use {
    file: Arc<str>,
    call: Span,
    /// Last part of the callee.
    name: String,
    callee: String,
}

pub(super) fn encrypt(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let written = b.span().of(&b.text);
    if !begins(params.list("prefixes"), written) {
        return None;
    }
    let key = key_of(b)?;
    let mut edits = Vec::new();
    for found in uses(b, &key)? {
        edits.push(change(b, &found)?);
    }
    (!edits.is_empty()).then_some(Edits {
        edits,
        risky: false,
    })
}

/// The constant key of the finding's call.
fn key_of(b: &Builder<'_, '_>) -> Option<Arc<str>> {
    let code = Code::of(b.facts, &b.judge.rules().names, &mut CodeCache::default());
    calls(b, &code)
        .into_iter()
        .find(|call| call.span == b.span())
        .and_then(|call| call.key)
}

/// Calls of every file that touch storage.
pub(super) type Touched = Vec<(Arc<str>, Vec<Touch>)>;

pub(super) struct Touch {
    span: Span,
    callee: String,
    name: String,
    /// `None` where the key is no constant.
    key: Option<Arc<str>>,
}

/// Calls of a file that touch storage.
fn calls(b: &Builder<'_, '_>, code: &Code<'_>) -> Vec<Touch> {
    let params = &b.spec.params;
    let lists = |key: &str, name: &str| params.list(key).iter().any(|n| n == name);
    let mut out = Vec::new();
    for (unit, view) in code.units.iter().enumerate() {
        for site in view.sites() {
            let Expr::Call { callee, args, .. } = &view.node(site.expr).kind else {
                continue;
            };
            let written = code.written(unit, *site, *callee);
            let name = written.rsplit('.').next().unwrap_or_default().to_string();
            let first: Option<ExprId> = args.first().and_then(item);
            let key = if lists("writers", &name) || lists("readers", &name) {
                first
            } else if lists("options-calls", &name) {
                first.and_then(|first| match &view.node(first).kind {
                    Expr::Object(props) => props.iter().find_map(|prop| match prop {
                        Prop::Value(Key::Name(n), value, _) if &*code.text(*n) == "key" => {
                            Some(*value)
                        }
                        _ => None,
                    }),
                    _ => None,
                })
            } else if lists("blockers", &name) {
                None
            } else {
                continue;
            };
            let key = key
                .and_then(|expr| code.constant(unit, site.func(), expr))
                .map(|(text, _)| text);
            out.push(Touch {
                span: view.span(site.expr),
                callee: written,
                name,
                key,
            });
        }
    }
    out
}

/// Calls of all files that touch storage; looked up once for each rule.
fn touched(b: &Builder<'_, '_>) -> Arc<Touched> {
    let known = &b.ctx.cache.touches.known;
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    let look = || {
        let files = b.ctx.files.iter();
        let files = files.map(|(file, facts)| {
            let code = Code::of(facts, &b.judge.rules().names, &mut CodeCache::default());
            (file.clone(), calls(b, &code))
        });
        Arc::new(files.filter(|(_, touches)| !touches.is_empty()).collect())
    };
    known
        .entry(b.finding.rule.clone())
        .or_insert_with(look)
        .clone()
}

/// All uses of a key; `None` where a call might touch it and cannot be changed.
fn uses(b: &Builder<'_, '_>, key: &str) -> Option<Vec<Use>> {
    let mut out = Vec::new();
    for (file, touches) in touched(b).iter() {
        for touch in touches {
            match touch.key.as_deref() {
                Some(other) if other != key => {}
                Some(_) => out.push(Use {
                    file: file.clone(),
                    call: touch.span,
                    name: touch.name.clone(),
                    callee: touch.callee.clone(),
                }),
                None => return None,
            }
        }
    }
    Some(out)
}

fn change(b: &Builder<'_, '_>, found: &Use) -> Option<FileEdit> {
    let params = &b.spec.params;
    let option = params.str("option")?;
    let facts = b.ctx.files.get(&found.file)?;
    let text = (b.ctx.text)(&found.file)?;
    let script = script_at(b, facts, &text, found.call)?;
    let call = script
        .node(found.call)
        .filter(|n| n.kind() == "call_expression")?;
    let mut cursor = call.walk();
    let args = call.child_by_field_name("arguments")?;
    let args: Vec<Node<'_>> = args
        .named_children(&mut cursor)
        .filter(|n| n.kind() != "comment")
        .collect();
    let whole = |text: String| edit(&found.file, found.call, text);
    let twin = params.table("async").and_then(|t| t.get(&found.name));
    match twin {
        Some(twin) => {
            let callee = format!("{}{twin}", found.callee.strip_suffix(&found.name)?);
            let waits = in_async(call);
            if params.list("writers").contains(&found.name) {
                let [key, data] = args[..] else { return None };
                let statement = call
                    .parent()
                    .is_some_and(|p| p.kind() == "expression_statement");
                if !statement {
                    return None;
                }
                let wait = if waits { "await " } else { "" };
                Some(whole(format!(
                    "{wait}{callee}({{ key: {}, data: {}, {option}: true }})",
                    script.of(key),
                    script.of(data)
                )))
            } else {
                // A missing key is an empty text to the synchronous call and a failure to the other.
                let [key] = args[..] else { return None };
                if !waits {
                    return None;
                }
                Some(whole(format!(
                    "(await {callee}({{ key: {}, {option}: true }}).catch(() => ({{ data: '' }}))).data",
                    script.of(key)
                )))
            }
        }
        None => add_option(&script, found, *args.first()?, option),
    }
}

/// `encrypt: true` behind the last property of an options object.
fn add_option(
    script: &Script<'_>,
    found: &Use,
    object: Node<'_>,
    option: &str,
) -> Option<FileEdit> {
    if object.kind() != "object" {
        return None;
    }
    let mut cursor = object.walk();
    let last = object
        .named_children(&mut cursor)
        .filter(|n| n.kind() != "comment")
        .last()?;
    let at = script.span(last).end;
    Some(edit(
        &found.file,
        Span::new(at, at),
        format!(", {option}: true"),
    ))
}

/// Whether the nearest function around a node is asynchronous.
fn in_async(node: Node<'_>) -> bool {
    let mut at = node;
    while let Some(parent) = at.parent() {
        if matches!(
            parent.kind(),
            "function_declaration"
                | "function_expression"
                | "arrow_function"
                | "method_definition"
                | "generator_function"
        ) {
            let mut cursor = parent.walk();
            return parent
                .children(&mut cursor)
                .any(|child| child.kind() == "async");
        }
        at = parent;
    }
    false
}
