//! Bundles: one script that defines many modules, split into them. Pure.

use super::archive::inside;
use super::table::Table;
use crate::syntax::Grammar;
use crate::syntax::script::parse_tree;
use crate::text::Span;
use tree_sitter::Node;

/// What a script of a package is made of. Spans lie in the script.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Bundle {
    /// Modules by name, the bodies of their functions.
    pub modules: Vec<(String, Span)>,
    /// Configuration of pages and components by file name, written as an object.
    pub configurations: Vec<(String, Span)>,
    /// A module's name leads out of the package.
    pub strays: bool,
}

/// Looks for modules in a script.
pub(super) fn split(text: &str, table: &Table) -> Bundle {
    let mut out = Bundle::default();
    let Some(tree) = parse_tree(Grammar::JavaScript, text, None, &|| false) else {
        return out;
    };
    let mut cursor = tree.walk();
    'nodes: loop {
        let node = cursor.node();
        let found = match node.kind() {
            "call_expression" => module(node, text, table, &mut out),
            "assignment_expression" => configuration(node, text, table, &mut out),
            _ => false,
        };
        if !found && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'nodes;
            }
        }
    }
    out
}

fn of<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The text of a literal without escapes.
fn literal<'t>(node: Node<'_>, text: &'t str) -> Option<&'t str> {
    let inner = of(node, text);
    let inner = inner.get(1..inner.len().checked_sub(1)?)?;
    (node.kind() == "string" && !inner.contains('\\')).then_some(inner)
}

/// `define('path.js', function (require, module, exports, …) { … })`
fn module(node: Node<'_>, text: &str, table: &Table, out: &mut Bundle) -> bool {
    let callee = node.child_by_field_name("function");
    if callee.is_none_or(|callee| of(callee, text) != table.define) {
        return false;
    }
    let Some(arguments) = node.child_by_field_name("arguments") else {
        return false;
    };
    let (Some(name), Some(function)) = (arguments.named_child(0), arguments.named_child(1)) else {
        return false;
    };
    let is_function = matches!(function.kind(), "function_expression" | "arrow_function");
    let body = function
        .child_by_field_name("body")
        .filter(|body| is_function && body.kind() == "statement_block");
    let (Some(name), Some(body)) = (literal(name, text), body) else {
        return false;
    };
    // Names of plug-ins have a scheme in front.
    let name = name.replacen("://", "/", 1);
    match inside(&name) {
        Some(name) => out.modules.push((name.to_string(), content(body, text))),
        None => out.strays = true,
    }
    true
}

/// What stands between the braces, from the first line with something on it.
fn content(body: Node<'_>, text: &str) -> Span {
    let (mut start, mut end) = (body.start_byte() + 1, body.end_byte());
    // A script that ends too early has no closing brace.
    if of(body, text).ends_with('}') {
        end -= 1;
    }
    let inner = text.get(start..end.max(start)).unwrap_or_default();
    let blank = inner.len() - inner.trim_start().len();
    let line = inner[..blank].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    start += line;
    Span::new(start as u32, end.max(start) as u32)
}

/// `__wxAppCode__['pages/a/a.json'] = { … }`
fn configuration(node: Node<'_>, text: &str, table: &Table, out: &mut Bundle) -> bool {
    let (Some(left), Some(right)) = (
        node.child_by_field_name("left"),
        node.child_by_field_name("right"),
    ) else {
        return false;
    };
    let object = left.child_by_field_name("object");
    let name = left
        .child_by_field_name("index")
        .and_then(|index| literal(index, text))
        .and_then(inside)
        .filter(|name| name.ends_with(&table.configuration_end));
    match (object, name) {
        (Some(object), Some(name))
            if of(object, text) == table.code_object && right.kind() == "object" =>
        {
            let span = right.byte_range();
            let span = Span::new(span.start as u32, span.end as u32);
            out.configurations.push((name.to_string(), span));
            true
        }
        _ => false,
    }
}
