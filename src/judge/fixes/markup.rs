//! Mends of templates: attributes added, masks put around expressions.

use super::{Builder, Edits, edit};
use crate::syntax::{Attr, Node};
use crate::text::Span;

/// An attribute is added to the finding's start tag, in place of a `type` that means the same and is none.
pub(super) fn add_attribute(b: &Builder<'_, '_>) -> Option<Edits> {
    let template = b.facts.template.as_ref()?;
    let (tag, open, attrs) = template.markup.nodes.iter().find_map(|node| match node {
        Node::Element {
            tag, open, attrs, ..
        } if *open == b.span() => Some((tag, *open, attrs)),
        _ => None,
    })?;
    let name = b.spec.params.str("name")?;
    let drop = b.spec.params.list("drop-types");
    let typed = |attr: &&Attr| {
        &*attr.name == "type" && attr.constant().is_some_and(|v| drop.iter().any(|d| d == v))
    };
    let old = attrs.iter().find(typed);
    // A binding of the attribute that is there says something of its own.
    if attrs
        .iter()
        .any(|attr| attr.name.trim_start_matches([':', '@']) == name)
    {
        return None;
    }
    match old {
        Some(attr) => b.one(attr.span, name),
        None => {
            let at = open.start + 1 + tag.len() as u32;
            b.one(Span::new(at, at), format!(" {name}"))
        }
    }
}

/// The expression of the finding goes through a mask of a view script, which is made if it is not there.
pub(super) fn mask(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let file = &b.finding.at.file;
    let extension = file.rsplit('.').next()?;
    if !params.list("extensions").iter().any(|e| e == extension) {
        return None;
    }
    let functions = params.table("names")?;
    let [class] = &b.finding.data[..] else {
        return None;
    };
    let function = functions.get(&**class)?;
    let template = b.facts.template.as_ref()?;
    let span = b
        .ctx
        .flow
        .hits
        .iter()
        .find(|hit| hit.at == b.finding.at)
        .map_or(b.span(), |hit| hit.argument);
    let expression = template
        .exprs
        .iter()
        .map(|(span, _)| *span)
        .find(|e| *e == span || e.contains(span) && *e == b.span())?;
    let (name, module) = (params.str("name")?, params.str("module")?);
    let source = expression.of(&b.text);
    let simple = !source.is_empty()
        && source
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | '[' | ']'));
    if !simple {
        return None;
    }
    let mut edits = vec![b.edit(expression, format!("{name}.{function}({source})"))];
    let imported = template.markup.nodes.iter().any(|node| match node {
        Node::Element { attrs, .. } => attrs
            .iter()
            .any(|a| &*a.name == "module" && a.constant() == Some(name)),
        _ => false,
    });
    if !imported {
        let root = root_of(b);
        let depth = file.strip_prefix(root.as_str())?.matches('/').count();
        let src = format!("{}{module}", "../".repeat(depth));
        let line = params
            .str("import")?
            .replace("{src}", &src)
            .replace("{name}", name);
        edits.push(b.edit(Span::new(0, 0), format!("{line}\n")));
        let path = format!("{root}{module}");
        if !b.ctx.files.contains_key(path.as_str()) {
            edits.push(edit(
                &path.as_str().into(),
                Span::new(0, 0),
                params.str("content")?.trim_start(),
            ));
        }
    }
    Some(Edits {
        edits,
        risky: false,
    })
}

/// The folder of the app's configuration file above the finding's file, with its slash; empty = the checked root.
fn root_of(b: &Builder<'_, '_>) -> String {
    let mut folder = &*b.finding.at.file;
    while let Some((outer, _)) = folder.rsplit_once('/') {
        if b.ctx
            .files
            .contains_key(format!("{outer}/app.json").as_str())
        {
            return format!("{outer}/");
        }
        folder = outer;
    }
    String::new()
}
