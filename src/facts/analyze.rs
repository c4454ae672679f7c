//! All facts of one file, from its blocks.

use super::literals::{self, Found, Old};
use super::{FileFacts, Literal, Module, Note, directives, json, lower, patterns, template};
use crate::rules::{NearWords, RuleSet};
use crate::syntax::script::parse_tree;
use crate::syntax::{BlockRole, Document, FileKind, Parsed};
use crate::text::{LineIndex, Span};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A hash of a text that is the same in every run.
pub fn hash_text(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The facts of a file. `previous` are the facts of an earlier text of the same file: what did not change is reused.
pub fn analyze(
    document: &Document,
    parsed: &Parsed,
    rules: &RuleSet,
    previous: Option<&FileFacts>,
) -> FileFacts {
    let text = &*parsed.text;
    let tables = &rules.tables;
    let keep = |value: &str, name: &str| tables.is_worth_a_look(value, name);
    let mut found = Found::new(&keep);
    let mut facts = FileFacts {
        path: document.path.clone(),
        kind: parsed.kind,
        hash: hash_text(&document.text),
        len: text.len() as u32,
        lines: LineIndex::new(text),
        modules: Vec::new(),
        template: None,
        json: Vec::new(),
        literals: Vec::new(),
        near: NearWords::default(),
        matches: Vec::new(),
        directives: Vec::new(),
        bodies: Vec::new(),
        notes: parsed
            .notes
            .iter()
            .map(|&(span, kind)| Note { span, kind })
            .collect(),
        syntax_errors: parsed.markup_errors,
    };
    let taken = previous.and_then(Old::new);
    for block in &parsed.blocks {
        match (block.role, &block.tree) {
            (BlockRole::Json, _) => {
                let read = json::read(text, block.span);
                json::literals(&read, text, &mut found);
                facts.syntax_errors += read.errors;
                if read.cut {
                    facts.notes.push(note(block.span, "json-cap"));
                }
                facts.json.extend(read.entries);
            }
            (_, Some(tree)) => {
                let content = block.span.of(text);
                let bodies = literals::script(
                    tree,
                    content,
                    block.span.start,
                    &rules.names,
                    taken.as_ref(),
                    &mut found,
                );
                facts.bodies.extend(bodies);
                facts.syntax_errors += u32::from(tree.root_node().has_error());
                let old = previous.and_then(|p| p.modules.get(facts.modules.len()));
                let whole = Span::new(0, content.len() as u32);
                let lowered =
                    lower::lower_module(tree.root_node(), content, whole, &rules.names, old)
                        .moved(block.span.start);
                facts.notes.extend(lowered.notes);
                facts.modules.push(Module {
                    role: block.role,
                    span: block.span,
                    top: lowered.top,
                    children: lowered.children,
                    module_name: block.module_name.as_deref().map(|n| rules.names.intern(n)),
                });
            }
            _ => {}
        }
    }
    if let Some(markup) = &parsed.markup {
        literals::template(markup, &parsed.slots, text, &mut found);
        let old = previous.and_then(|p| p.template.as_ref());
        let (template, notes) = template::template(markup, &parsed.slots, text, &rules.names, old);
        facts.template = Some(template);
        facts.notes.extend(notes);
    }
    for &comment in &parsed.markup_comments {
        found.comment(text, comment, 0);
    }
    if parsed.kind == FileKind::Plain {
        literals::plain(text, &mut found);
    }
    found
        .literals
        .extend(secrets_left_out(document, parsed, rules));
    let matched = patterns::run(parsed, rules);
    facts.matches = matched.matches;
    facts.notes.extend(matched.notes);
    if found.capped {
        facts.notes.push(note(Span::default(), "literal-cap"));
    }
    found.literals.sort_by_key(|l| (l.span.start, l.span.end));
    found.directives.sort_unstable();
    if !found.literals.is_empty() {
        facts.near = tables.secrets().near(&document.text);
    }
    facts.literals = found.literals;
    facts.directives = directives::read(text, &facts.lines, &found.directives);
    facts
}

/// A secret in code for other targets does not ship in a mini program, but it is out all the same.
fn secrets_left_out(document: &Document, parsed: &Parsed, rules: &RuleSet) -> Vec<Literal> {
    let secrets = rules.tables.secrets();
    let keep = |value: &str, name: &str| !value.contains("://") && secrets.may_match(value, name);
    let mut found = Found::new(&keep);
    for &span in &parsed.left_out {
        let behind = parsed
            .blocks
            .partition_point(|b| b.span.start <= span.start);
        let around = parsed.blocks[..behind].last();
        let Some(block) = around.filter(|b| b.tree.is_some() && b.span.contains(span)) else {
            continue;
        };
        let content = span.of(&document.text);
        if let Some(tree) = parse_tree(block.grammar, content, None, &|| false) {
            literals::script(&tree, content, span.start, &rules.names, None, &mut found);
        }
    }
    found.literals
}

fn note(span: Span, kind: &'static str) -> Note {
    Note { span, kind }
}
