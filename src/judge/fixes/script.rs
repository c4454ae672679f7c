//! Mends of scripts: statements removed, arguments dropped, conditions put around calls. Works on a fresh tree of the
//! script that holds the finding.

use super::{Builder, Edits, begins};
use crate::finding::FileEdit;
use crate::syntax::script::parse_tree;
use crate::syntax::{FileKind, Grammar};
use crate::text::Span;
use std::collections::btree_map::Entry;
use tree_sitter::{Node, Tree};

/// A script of a file with its tree.
pub(super) struct Script<'a> {
    pub tree: Tree,
    pub text: &'a str,
    pub base: u32,
}

/// The script that holds a span, parsed.
pub(super) fn script_at<'a>(
    b: &Builder<'_, '_>,
    facts: &crate::facts::FileFacts,
    text: &'a str,
    span: Span,
) -> Option<Script<'a>> {
    let module = facts.modules.iter().find(|m| m.span.contains(span))?;
    let grammar = match facts.kind {
        FileKind::Script(grammar) => grammar,
        FileKind::ViewScript | FileKind::Template => Grammar::JavaScript,
        // The grammar of TypeScript reads JavaScript too.
        _ => Grammar::TypeScript,
    };
    let text = text.get(module.span.start as usize..module.span.end as usize)?;
    let key = (facts.path.clone(), module.span.start);
    let mut trees = b.ctx.cache.trees.borrow_mut();
    let tree = match trees.entry(key) {
        Entry::Occupied(known) => known.get().clone(),
        Entry::Vacant(free) => free
            .insert(parse_tree(grammar, text, None, &|| false)?)
            .clone(),
    };
    Some(Script {
        tree,
        text,
        base: module.span.start,
    })
}

/// What a script imports.
pub(super) struct Imports<'a> {
    /// Where the first import stands, or would.
    pub start: u32,
    /// Names that the imports declare or take.
    pub names: Vec<&'a str>,
}

impl<'a> Script<'a> {
    /// The outermost node that covers exactly a span of the file.
    pub fn node(&self, span: Span) -> Option<Node<'_>> {
        let (start, end) = (
            span.start.checked_sub(self.base)? as usize,
            span.end.checked_sub(self.base)? as usize,
        );
        let mut node = self
            .tree
            .root_node()
            .descendant_for_byte_range(start, end)?;
        if node.byte_range() != (start..end) {
            return None;
        }
        while let Some(parent) = node.parent().filter(|p| {
            p.byte_range() == (start..end)
                && p.kind() != "program"
                && p.kind() != "expression_statement"
        }) {
            node = parent;
        }
        Some(node)
    }

    /// The innermost node around a span of the file.
    pub fn around(&self, span: Span) -> Option<Node<'_>> {
        let start = span.start.checked_sub(self.base)? as usize;
        let end = span.end.checked_sub(self.base)? as usize;
        self.tree.root_node().descendant_for_byte_range(start, end)
    }

    /// What the script imports.
    pub fn imports(&self) -> Imports<'a> {
        let root = self.tree.root_node();
        let mut imports = Imports {
            start: self.base + (self.text.len() - self.text.trim_start().len()) as u32,
            names: Vec::new(),
        };
        let mut first = true;
        for statement in root.named_children(&mut root.walk()) {
            if statement.kind() != "import_statement" {
                continue;
            }
            if std::mem::take(&mut first) {
                imports.start = self.span(statement).start;
            }
            let mut open = vec![statement];
            while let Some(node) = open.pop() {
                if node.kind() == "identifier" {
                    imports.names.push(self.of(node));
                }
                open.extend(node.named_children(&mut node.walk()));
            }
        }
        imports
    }

    pub fn span(&self, node: Node<'_>) -> Span {
        Span::new(
            node.start_byte() as u32 + self.base,
            node.end_byte() as u32 + self.base,
        )
    }

    pub fn of(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }
}

/// What a call is replaced by when it goes.
enum Removal<'t> {
    /// The expression of a whole statement of a block.
    Statement(Node<'t>),
    /// The only statement of a branch, or the body of an arrow function: `{}` stays.
    Body(Node<'t>),
}

fn removal<'t>(call: Node<'t>) -> Option<Removal<'t>> {
    let mut node = call;
    loop {
        let parent = node.parent()?;
        match parent.kind() {
            "await_expression" | "parenthesized_expression" => node = parent,
            "arrow_function"
                if parent
                    .child_by_field_name("body")
                    .is_some_and(|b| b == node) =>
            {
                return Some(Removal::Body(node));
            }
            "expression_statement" => {
                return Some(match parent.parent()?.kind() {
                    // The expression, not the statement: without a semicolon the latter takes in the comment behind it.
                    "program" | "statement_block" | "switch_case" | "switch_default" => {
                        Removal::Statement(node)
                    }
                    _ => Removal::Body(parent),
                });
            }
            _ => return None,
        }
    }
}

/// The statement of the finding's call goes.
pub(super) fn remove_statement(b: &Builder<'_, '_>) -> Option<Edits> {
    let script = script_at(b, b.facts, &b.text, b.span())?;
    let call = script
        .node(b.span())
        .filter(|n| n.kind() == "call_expression")?;
    if !begins(b.spec.params.list("calls"), script.of(call)) {
        return None;
    }
    let risky = call
        .child_by_field_name("arguments")
        .is_some_and(|args| has_effects(&script, args));
    let edit = match removal(call)? {
        Removal::Body(node) => {
            let semicolon = node.kind() == "expression_statement";
            b.edit(script.span(node), if semicolon { "{}" } else { "{ }" })
        }
        Removal::Statement(node) => remove_lines(b, script.span(node)),
    };
    Some(Edits {
        edits: vec![edit],
        risky,
    })
}

/// Removes a statement, and its lines where nothing else stands on them.
fn remove_lines(b: &Builder<'_, '_>, span: Span) -> FileEdit {
    let text = &*b.text;
    let (start, mut end) = (span.start as usize, span.end as usize);
    if text[end..].starts_with(';') {
        end += 1;
    }
    let line = text[..start].rfind('\n').map_or(0, |i| i + 1);
    let rest = &text[end..];
    let tail = rest.find('\n').map_or(rest.len(), |i| i + 1);
    if text[line..start].trim().is_empty() && rest[..tail].trim().is_empty() {
        return b.edit(Span::new(line as u32, (end + tail) as u32), "");
    }
    b.edit(Span::new(start as u32, end as u32), "")
}

/// Functions of the language that change nothing.
const PURE: &[&str] = &[
    "JSON.stringify",
    "JSON.parse",
    "String",
    "Number",
    "Object.keys",
    "Object.values",
    "Object.assign",
    "Boolean",
];
const EFFECTS: &[&str] = &[
    "new_expression",
    "assignment_expression",
    "augmented_assignment_expression",
    "update_expression",
    "await_expression",
    "yield_expression",
];

/// Whether evaluating a node may do something. Looks at a bounded number of nodes.
fn has_effects(script: &Script<'_>, node: Node<'_>) -> bool {
    let mut open = vec![node];
    let mut budget = 2000;
    while let Some(node) = open.pop() {
        budget -= 1;
        let call = node.kind() == "call_expression"
            && !node
                .child_by_field_name("function")
                .is_some_and(|f| PURE.contains(&script.of(f)));
        if budget == 0 || call || EFFECTS.contains(&node.kind()) {
            return true;
        }
        if matches!(node.kind(), "function_expression" | "arrow_function") {
            continue;
        }
        let mut cursor = node.walk();
        open.extend(node.named_children(&mut cursor));
    }
    false
}

/// The personal arguments go, where a text that says something stays.
pub(super) fn drop_arguments(b: &Builder<'_, '_>) -> Option<Edits> {
    let script = script_at(b, b.facts, &b.text, b.span())?;
    let call = script
        .node(b.span())
        .filter(|n| n.kind() == "call_expression")?;
    if !begins(b.spec.params.list("calls"), script.of(call)) {
        return None;
    }
    let args = call
        .child_by_field_name("arguments")
        .filter(|args| args.kind() == "arguments")?;
    let mut cursor = args.walk();
    let args: Vec<Node<'_>> = args
        .named_children(&mut cursor)
        .filter(|n| n.kind() != "comment")
        .collect();
    let personal = |node: &Node<'_>| {
        let span = script.span(*node);
        b.ctx.flow.hits.iter().any(|hit| {
            hit.at == b.finding.at && (span.contains(hit.argument) || hit.argument.contains(span))
        })
    };
    let text = |node: &Node<'_>| {
        node.kind() == "string"
            && script
                .of(*node)
                .chars()
                .filter(|c| c.is_alphanumeric())
                .count()
                >= 4
    };
    let first = args.iter().position(&personal)?;
    // Only what stands behind the texts: what is in between would leave a sentence with a hole.
    if first == 0 || !args[..first].iter().any(text) || args[..first].iter().any(&personal) {
        return None;
    }
    let risky = args[first..].iter().any(|arg| has_effects(&script, *arg));
    let (kept, last) = (script.span(args[first - 1]), script.span(*args.last()?));
    Some(Edits {
        edits: vec![b.edit(Span::new(kept.end, last.end), "")],
        risky,
    })
}

/// The statement of the finding's call runs only under a condition.
pub(super) fn guard(b: &Builder<'_, '_>) -> Option<Edits> {
    let script = script_at(b, b.facts, &b.text, b.span())?;
    let call = script.node(b.span())?;
    if !begins(b.spec.params.list("calls"), script.of(call)) {
        return None;
    }
    match removal(call)? {
        Removal::Statement(node) => {
            let at = script.span(node).start;
            b.one(
                Span::new(at, at),
                format!("if ({}) ", b.spec.params.str("condition")?),
            )
        }
        Removal::Body(_) => None,
    }
}
