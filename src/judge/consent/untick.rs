//! The mend of a box that is ticked too early: its attribute goes, or the initial view data says `false`.

use super::boxes::state_of;
use super::elements::{Elements, Value, plain};
use super::state::true_at_first;
use crate::facts::FileFacts;
use crate::finding::{FileEdit, Finding};
use crate::rules::RuleSet;
use crate::syntax::Node;
use crate::text::{Edit, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The edit that unticks the finding's box.
pub(in crate::judge) fn untick(
    rules: &RuleSet,
    files: &BTreeMap<Arc<str>, Arc<FileFacts>>,
    text: &dyn Fn(&str) -> Option<Arc<str>>,
    finding: &Finding,
) -> Option<FileEdit> {
    let facts = files.get(&finding.at.file)?;
    let elements = Elements::of(facts, &rules.names);
    let element = elements
        .all
        .iter()
        .find(|element| element.open == finding.at.span)?;
    let (name, value) = state_of(rules.tables.consent(), element)?;
    let Value::Path(path) = value else {
        let source = text(&finding.at.file)?;
        return remove_attribute(facts, &source, finding, name);
    };
    let names = rules.tables.flow().names();
    let refs = &rules.tables.consent().boxes.refs;
    let stem = finding
        .at
        .file
        .rsplit_once('.')
        .map_or("", |(stem, _)| stem);
    let scripts = &rules.tables.app_model().parts.scripts;
    let beside = scripts.iter().map(|e| format!("{stem}{e}"));
    for file in std::iter::once(finding.at.file.to_string()).chain(beside) {
        let Some(facts) = files.get(&*file) else {
            continue;
        };
        let truths = true_at_first(facts, &rules.names, &names.data_keys, refs);
        if let Some(span) = truths.get(path)
            && text(&file).is_some_and(|source| span.of(&source) == "true")
        {
            return Some(FileEdit {
                file: file.as_str().into(),
                edit: Edit {
                    span: *span,
                    text: "false".into(),
                },
            });
        }
    }
    None
}

/// The attribute goes, with the space in front of it.
fn remove_attribute(
    facts: &FileFacts,
    source: &str,
    finding: &Finding,
    name: &str,
) -> Option<FileEdit> {
    let nodes = &facts.template.as_ref()?.markup.nodes;
    let attrs = nodes.iter().find_map(|node| match node {
        Node::Element { open, attrs, .. } if *open == finding.at.span => Some(attrs),
        _ => None,
    })?;
    let span = attrs.iter().find(|attr| plain(&attr.name) == name)?.span;
    let before = source.get(..span.start as usize)?;
    let start = before.trim_end().len() as u32;
    Some(FileEdit {
        file: finding.at.file.clone(),
        edit: Edit {
            span: Span::new(start, span.end),
            text: String::new(),
        },
    })
}
