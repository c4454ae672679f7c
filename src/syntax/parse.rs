//! A file as blocks: scripts with their trees, markup as a tree of its own, places of JSON.
//!
//! Never fails. With a previous parse of the same file, an unchanged block keeps its tree and a changed one is parsed
//! from its old tree.

use super::markup::{self, MarkupRead, Raw};
use super::script::parse_tree;
use super::{
    Attr, BlockRole, Dialects, Document, FileKind, Grammar, Markup, MarkupDialect, Node, Slot,
};
use super::{comments, conditions};
use crate::text::Span;
use std::sync::Arc;
use tree_sitter::Tree;

/// A block of a file.
#[derive(Clone, Debug)]
pub struct Block {
    /// What it is for.
    pub role: BlockRole,
    /// Its grammar.
    pub grammar: Grammar,
    /// Its content in the file.
    pub span: Span,
    /// For view-layer modules inside templates: the name that expressions use.
    pub module_name: Option<Arc<str>>,
    /// For scripts. Offsets count from the start of `span`.
    pub tree: Option<Tree>,
    /// The tree was made from an older one and has syntax errors: a parse from scratch could place them differently.
    pub provisional: bool,
}

/// A parsed file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What the file is.
    pub kind: FileKind,
    /// The text that was parsed: what is for other targets only is blank.
    pub text: Arc<str>,
    /// What is for other targets only.
    pub left_out: Vec<Span>,
    /// In source order.
    pub blocks: Vec<Block>,
    /// The template, if the file has one.
    pub markup: Option<Arc<Markup>>,
    /// The template's expressions, in source order.
    pub slots: Vec<Slot>,
    /// Comments of markup outside and inside of the template.
    pub markup_comments: Vec<Span>,
    /// Tags that do not fit.
    pub markup_errors: u32,
    /// What was cut short or left out: a place and the key of a text.
    pub notes: Vec<(Span, &'static str)>,
}

impl Parsed {
    /// Whether a parse from scratch could differ from this one, because syntax errors were met by an incremental parse.
    pub fn is_provisional(&self) -> bool {
        self.blocks.iter().any(|block| block.provisional)
    }
}

/// Parses a file, reusing what a previous parse of it found.
pub fn parse(
    document: &Document,
    kind: FileKind,
    dialects: &Dialects,
    previous: Option<&Parsed>,
) -> Parsed {
    parse_unless(document, kind, dialects, previous, &|| false)
        .expect("internal: nothing cancels this parse")
}

/// As [`parse`]; gives up with `None` soon after `cancelled` says so.
pub fn parse_unless(
    document: &Document,
    kind: FileKind,
    dialects: &Dialects,
    previous: Option<&Parsed>,
    cancelled: &dyn Fn() -> bool,
) -> Option<Parsed> {
    let mut text = document.text.clone();
    let (mut left_out, mut notes) = (Vec::new(), Vec::new());
    if kind != FileKind::Plain {
        (text, left_out) = conditions::shipped(&text, &dialects.conditions);
        if let Some((cut, at)) = comments::without_long_runs(&text) {
            text = cut;
            notes.push((at, "comment-cap"));
        }
    }
    let whole = Span::new(0, text.len() as u32);
    let mut parsed = Parsed {
        kind,
        text: text.clone(),
        left_out,
        blocks: Vec::new(),
        markup: None,
        slots: Vec::new(),
        markup_comments: Vec::new(),
        markup_errors: 0,
        notes,
    };
    match kind {
        FileKind::Script(grammar) => parsed.blocks.push(block(BlockRole::Script, grammar, whole)),
        FileKind::ViewScript => {
            let block = block(BlockRole::ViewScript, Grammar::JavaScript, whole);
            parsed.blocks.push(block);
        }
        FileKind::Json => parsed
            .blocks
            .push(block(BlockRole::Json, Grammar::Json, whole)),
        FileKind::Template | FileKind::Component => {
            let component = kind == FileKind::Component;
            let read = markup::read(&text, component, &dialects.markup);
            markup_blocks(&mut parsed, read, component, &dialects.markup);
        }
        FileKind::Plain => {}
    }
    parse_scripts(&mut parsed, previous.filter(|p| p.kind == kind), cancelled)?;
    Some(parsed)
}

fn block(role: BlockRole, grammar: Grammar, span: Span) -> Block {
    Block {
        role,
        grammar,
        span,
        module_name: None,
        tree: None,
        provisional: false,
    }
}

/// Below this size a script with syntax errors is parsed from scratch: that costs a few milliseconds, and the tree is
/// then the same whatever was typed before.
const SMALL: usize = 48 * 1024;

fn parse_scripts(
    parsed: &mut Parsed,
    previous: Option<&Parsed>,
    cancelled: &dyn Fn() -> bool,
) -> Option<()> {
    let text = parsed.text.clone();
    let scripts = |blocks: &[Block]| -> Vec<usize> {
        (0..blocks.len())
            .filter(|&i| !matches!(blocks[i].grammar, Grammar::Json | Grammar::Markup))
            .collect()
    };
    let old_scripts = previous.map(|p| scripts(&p.blocks)).unwrap_or_default();
    for (n, index) in scripts(&parsed.blocks).into_iter().enumerate() {
        let block = &mut parsed.blocks[index];
        let content = block.span.of(&text);
        let olds = previous.into_iter().flat_map(|p| {
            old_scripts.iter().map(move |&i| {
                let block = &p.blocks[i];
                (block, block.span.of(&p.text))
            })
        });
        let usable = |old: &&(&Block, &str)| old.0.grammar == block.grammar && old.0.tree.is_some();
        let same = olds
            .clone()
            .filter(|old| usable(&old))
            .find(|old| old.1 == content);
        if let Some((old, _)) = same {
            block.tree = old.tree.clone();
            block.provisional = old.provisional;
            continue;
        }
        let old = olds.clone().nth(n).filter(|old| usable(&old));
        let from = old.and_then(|(b, t)| b.tree.as_ref().map(|tree| (tree, t)));
        let mut tree = parse_tree(block.grammar, content, from, cancelled)?;
        if from.is_some() && tree.root_node().has_error() {
            if content.len() <= SMALL {
                tree = parse_tree(block.grammar, content, None, cancelled)?;
            } else {
                block.provisional = true;
            }
        }
        block.tree = Some(tree);
    }
    Some(())
}

fn markup_blocks(parsed: &mut Parsed, read: MarkupRead, component: bool, dialect: &MarkupDialect) {
    let mut markup = read.markup;
    parsed.markup_errors = read.errors;
    parsed.slots = read.slots;
    parsed.markup_comments = markup
        .nodes
        .iter()
        .filter_map(|node| match node {
            Node::Comment(span) => Some(*span),
            _ => None,
        })
        .collect();
    if let Some(at) = read.too_deep {
        parsed.notes.push((at, "too-deep"));
    }
    for raw in &read.raws {
        let Node::Element {
            tag, attrs, open, ..
        } = &markup.nodes[raw.node as usize]
        else {
            continue;
        };
        if raw.top_level && &**tag == "template" {
            parsed.notes.push((*open, "template-language"));
        } else if let Some(block) = raw_block(raw, tag, attrs, component, dialect) {
            parsed.blocks.push(block);
        }
    }
    if component {
        let mut roots = Vec::new();
        let mut found = None;
        for &root in &markup.roots {
            if let Node::Element {
                tag,
                span,
                children,
                ..
            } = &markup.nodes[root as usize]
                && &**tag == "template"
                && !read.raws.iter().any(|raw| raw.node == root)
            {
                roots.extend_from_slice(children);
                found = found.or(Some(*span));
            }
        }
        markup.roots = roots;
        if let Some(span) = found {
            parsed
                .blocks
                .push(block(BlockRole::Template, Grammar::Markup, span));
            parsed.markup = Some(Arc::new(markup));
        }
        parsed.blocks.sort_by_key(|b| b.span.start);
    } else {
        let whole = Span::new(0, parsed.text.len() as u32);
        parsed
            .blocks
            .push(block(BlockRole::Template, Grammar::Markup, whole));
        parsed.markup = Some(Arc::new(markup));
    }
}

fn value<'a>(attrs: &'a [Attr], name: &str) -> Option<&'a str> {
    attrs
        .iter()
        .find(|a| &*a.name == name)
        .and_then(Attr::constant)
}

/// The block of an element with foreign content; `None` for styles, documentation and the like.
fn raw_block(
    raw: &Raw,
    tag: &str,
    attrs: &[Attr],
    component: bool,
    dialect: &MarkupDialect,
) -> Option<Block> {
    let is = |list: &[String], word: &str| list.iter().any(|w| w == word);
    let module_name = || {
        dialect
            .module_attributes
            .iter()
            .find_map(|name| value(attrs, name))
            .map(Arc::from)
    };
    let lang = value(attrs, "lang").unwrap_or("");
    if is(&dialect.view_scripts, tag) || (tag == "script" && is(&dialect.view_languages, lang)) {
        let mut found = block(BlockRole::ViewScript, Grammar::JavaScript, raw.content);
        found.module_name = module_name();
        return Some(found);
    }
    if !(component && raw.top_level) {
        return None;
    }
    let json_type =
        value(attrs, "type").is_some_and(|t| t.contains("json")) || lang.contains("json");
    if is(&dialect.json_blocks, tag) || (tag == "script" && json_type) {
        return Some(block(BlockRole::Json, Grammar::Json, raw.content));
    }
    if tag != "script" {
        return None;
    }
    let grammar = match lang {
        "ts" | "typescript" => Grammar::TypeScript,
        "tsx" => Grammar::Tsx,
        _ => Grammar::JavaScript,
    };
    let setup = attrs.iter().any(|a| &*a.name == "setup");
    let role = if setup {
        BlockRole::ScriptSetup
    } else {
        BlockRole::Script
    };
    Some(block(role, grammar, raw.content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::builtin_dialects;

    /// Two scripts, a script of the view layer and configuration around a template.
    const COMPONENT: &str = "<template>\n<view @tap=\"a(b)\">{{ c }}</view>\n</template>\n<script>\nexport const d = 1\n</script>\n<script setup lang=\"ts\">\nconst e: number = 2\n</script>\n<wxs module=\"w\">\nmodule.exports = { f: 3 }\n</wxs>\n<script type=\"application/json\">\n{ \"g\": 4 }\n</script>\n";

    fn parsed(text: &str, previous: Option<&Parsed>) -> Parsed {
        let document = Document {
            path: "a.vue".into(),
            text: text.into(),
        };
        parse(
            &document,
            FileKind::Component,
            &builtin_dialects(),
            previous,
        )
    }

    /// What tells a tree from another that was made of the same text.
    fn trees(parsed: &Parsed) -> Vec<usize> {
        let trees = parsed.blocks.iter().filter_map(|block| block.tree.as_ref());
        trees
            .filter_map(|tree| Some(tree.root_node().child(0)?.id()))
            .collect()
    }

    #[test]
    fn an_edit_in_one_block_leaves_the_trees_of_the_others_as_they_are() {
        let before = parsed(COMPONENT, None);
        let old = trees(&before);
        assert_eq!(old.len(), 3);
        let edits = [
            ("d = 1", "d = 11", Some(0)),
            ("e: number", "e: string", Some(1)),
            ("f: 3", "f: 33, h: 5", Some(2)),
            ("{{ c }}", "{{ c + 1 }}", None),
            ("a(b)", "a(b, c)", None),
            ("\"g\": 4", "\"g\": [4]", None),
            ("<template>\n", "<template>\n\n\n", None),
        ];
        for (from, to, edited) in edits {
            let after = parsed(&COMPONENT.replacen(from, to, 1), Some(&before));
            for (index, (old, new)) in old.iter().zip(trees(&after)).enumerate() {
                assert_eq!(*old == new, edited != Some(index), "{from}: script {index}");
            }
        }
    }
}
