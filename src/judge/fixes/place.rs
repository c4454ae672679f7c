//! Where mends put what they add: at the end of a template, inside an element, among imports.

use super::script::Script;
use super::{Builder, edit};
use crate::finding::FileEdit;
use crate::syntax::Node;
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Markup at the end of a template: of a component's, inside its outermost element.
pub(super) fn at_end(b: &Builder<'_, '_>, page: &Arc<str>, markup: &str) -> Option<FileEdit> {
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
    in_element(page, &text, end, markup)
}

/// Markup at the end of an element's content.
pub(super) fn in_element(
    path: &Arc<str>,
    text: &str,
    element: Span,
    markup: &str,
) -> Option<FileEdit> {
    let close = element.of(text).rfind("</")? as u32 + element.start;
    let before = text.get(..close as usize)?;
    let indent: String = match before.rsplit('\n').next() {
        Some(line) if line.trim().is_empty() => line.to_string(),
        _ => String::new(),
    };
    let lines = markup.trim().replace('\n', &format!("\n{indent}  "));
    let lead = if indent.is_empty() && !before.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    Some(edit(
        path,
        Span::new(close, close),
        format!("{lead}  {lines}\n{indent}"),
    ))
}

/// Whether an element is a block of a component, none of its template's.
fn is_block(tag: &str) -> bool {
    matches!(tag, "template" | "script" | "style")
}

/// Imports in front of a script's own: a whole line, and names by module as far as the script imports none of that name.
/// `None` if there is nothing to add.
pub(super) fn with_imports(
    path: &Arc<str>,
    script: &Script<'_>,
    line: &str,
    names: &BTreeMap<String, String>,
) -> Option<FileEdit> {
    let there = script.imports();
    let mut lines = String::new();
    for (module, names) in names {
        let lacking: Vec<&str> = names
            .split_whitespace()
            .filter(|name| !there.names.contains(name))
            .collect();
        if !lacking.is_empty() {
            lines.push_str(&format!(
                "import {{ {} }} from '{module}'\n",
                lacking.join(", ")
            ));
        }
    }
    if !line.is_empty() {
        lines.push_str(&format!("{line}\n"));
    }
    let at = Span::new(there.start, there.start);
    (!lines.is_empty()).then(|| edit(path, at, lines))
}

/// The white space before the first property of an object.
pub(super) fn indent_at(source: &str, open: u32) -> String {
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
