//! Scripts: tree-sitter with old trees.
//!
//! Trees are relative to the text they were made from (a file or one block), so that an edit in front of a block
//! leaves its tree as it is. What changed is found by comparing texts, not told: a wrong edit list cannot corrupt a
//! tree.

use super::Grammar;
use std::cell::Cell;
use std::ops::ControlFlow;
use tree_sitter::{InputEdit, Language, ParseOptions, ParseState, Parser, Point, Tree};

/// The tree-sitter language of a grammar.
pub fn language(grammar: Grammar) -> Language {
    match grammar {
        Grammar::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
        Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Grammar::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Grammar::Markup => tree_sitter_html::LANGUAGE.into(),
        Grammar::Json => tree_sitter_json::LANGUAGE.into(),
    }
}

/// Parses a text. `None` only when `cancelled` said so.
pub fn parse_tree(
    grammar: Grammar,
    text: &str,
    old: Option<(&Tree, &str)>,
    cancelled: &dyn Fn() -> bool,
) -> Option<Tree> {
    let mut parser = Parser::new();
    parser
        .set_language(&language(grammar))
        .expect("internal: grammar and library versions agree");
    let edited = old.map(|(tree, old_text)| {
        let mut tree = tree.clone();
        if let Some(edit) = difference(old_text, text) {
            tree.edit(&edit);
        }
        tree
    });
    let bytes = text.as_bytes();
    let stopped = Cell::new(false);
    let mut progress = |_: &ParseState| {
        if cancelled() {
            stopped.set(true);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let tree = parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        edited.as_ref(),
        Some(ParseOptions::new().progress_callback(&mut progress)),
    );
    if stopped.get() {
        return None;
    }
    Some(tree.expect("internal: a parser with a language and no limit gives a tree"))
}

/// The one edit that turns `old` into `new`; `None` if they are equal.
fn difference(old: &str, new: &str) -> Option<InputEdit> {
    let (a, b) = (old.as_bytes(), new.as_bytes());
    let mut start = common_prefix(a, b);
    if start == a.len() && start == b.len() {
        return None;
    }
    while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
        start -= 1;
    }
    let limit = a.len().min(b.len()) - start;
    let mut tail = common_suffix(&a[start..], &b[start..]).min(limit);
    while !old.is_char_boundary(a.len() - tail) || !new.is_char_boundary(b.len() - tail) {
        tail -= 1;
    }
    let (old_end, new_end) = (a.len() - tail, b.len() - tail);
    let from = point(a, start, Point::new(0, 0), 0);
    Some(InputEdit {
        start_byte: start,
        old_end_byte: old_end,
        new_end_byte: new_end,
        start_position: from,
        old_end_position: point(a, old_end, from, start),
        new_end_position: point(b, new_end, from, start),
    })
}

/// The tree-sitter point of a byte, counted on from a known one.
fn point(bytes: &[u8], at: usize, from: Point, from_byte: usize) -> Point {
    let piece = &bytes[from_byte..at];
    let rows = memchr::memchr_iter(b'\n', piece).count();
    match memchr::memrchr(b'\n', piece) {
        Some(last) => Point::new(from.row + rows, piece.len() - last - 1),
        None => Point::new(from.row, from.column + piece.len()),
    }
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let mut at = 0;
    for (x, y) in a.chunks_exact(STEP).zip(b.chunks_exact(STEP)) {
        if x != y {
            break;
        }
        at += STEP;
    }
    at + a[at..]
        .iter()
        .zip(&b[at..])
        .take_while(|(x, y)| x == y)
        .count()
}

fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let mut n = 0;
    for (x, y) in a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP)) {
        if x != y {
            break;
        }
        n += STEP;
    }
    let (a, b) = (&a[..a.len() - n], &b[..b.len() - n]);
    n + a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_one_edit_on_character_boundaries() {
        let edit = difference("ab号cd", "ab吷cd").unwrap();
        assert_eq!(
            (edit.start_byte, edit.old_end_byte, edit.new_end_byte),
            (2, 5, 5)
        );
        let edit = difference("aaa", "aaaa").unwrap();
        assert_eq!(
            (edit.start_byte, edit.old_end_byte, edit.new_end_byte),
            (3, 3, 4)
        );
        assert_eq!(edit.new_end_position, Point::new(0, 4));
        assert!(difference("x", "x").is_none());
        let long = "line\n".repeat(100);
        let edit = difference(&long, &long.replacen("line\n", "", 1)).unwrap();
        assert_eq!(edit.old_end_byte - edit.start_byte, 5);
    }

    #[test]
    fn a_cancelled_parse_gives_nothing() {
        let text = "f(1);\n".repeat(2000);
        assert!(parse_tree(Grammar::JavaScript, &text, None, &|| true).is_none());
    }
}
