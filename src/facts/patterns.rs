//! Matches of rules' own patterns in the trees of a file.
//!
//! Patterns for scripts run on script blocks (also those of the view layer), not on expressions of templates; those for
//! markup on the template as HTML, where interpolations count as plain text; those for JSON on JSON blocks. The work
//! is bounded by the length of the text, and what is left out is told.

use super::{Note, PatternMatch};
use crate::finding::redact;
use crate::rules::RuleSet;
use crate::rules::patterns::Compiled;
use crate::syntax::script::parse_tree;
use crate::syntax::{BlockRole, Grammar, Parsed};
use crate::text::Span;
use rustc_hash::FxHashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use tree_sitter::{Node, QueryCursor, QueryCursorOptions, StreamingIterator, Tree};

/// The most matches kept of one file.
const MAX_MATCHES: usize = 1000;
/// States with captures that a query may have at once: it compares each with each at every node.
const MAX_STATES: u32 = 128;
/// The longest capture that is kept for messages, in characters.
const MAX_CAPTURE: usize = 60;
/// Calls of the progress function (one for about a hundred steps of the query) that every file has, and that each
/// kilobyte adds.
const STEPS: (usize, usize) = (1000, 20);

/// What was found in a file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) matches: Vec<PatternMatch>,
    pub(super) notes: Vec<Note>,
}

/// Runs the patterns of all rules on a file, if there are any.
pub(super) fn run(parsed: &Parsed, rules: &RuleSet) -> Found {
    let mut found = Found::default();
    for block in &parsed.blocks {
        let Some(patterns) = rules.patterns(block.grammar) else {
            continue;
        };
        let content = block.span.of(&parsed.text);
        if !patterns.may_match(content) {
            continue;
        }
        let made;
        let tree = match (&block.tree, block.grammar) {
            (Some(tree), _) => tree,
            (None, Grammar::Json | Grammar::Markup) => {
                let text = match block.role {
                    BlockRole::Template => masked(parsed, block.span),
                    _ => content.to_string(),
                };
                match parse_tree(block.grammar, &text, None, &|| false) {
                    Some(tree) => {
                        made = tree;
                        &made
                    }
                    None => continue,
                }
            }
            _ => continue,
        };
        let run = Run {
            patterns,
            rules,
            tree,
            text: content,
            at: block.span,
        };
        run.collect(&mut found);
    }
    found.matches.sort_by_key(|m| (m.span, m.rule));
    found
}

/// A template whose interpolations and foreign blocks cannot be taken for markup; of the same length.
fn masked(parsed: &Parsed, span: Span) -> String {
    let mut bytes = span.of(&parsed.text).as_bytes().to_vec();
    let foreign = parsed
        .blocks
        .iter()
        .filter(|block| block.role != BlockRole::Template)
        .map(|block| block.span);
    for inner in parsed.slots.iter().map(|slot| slot.span).chain(foreign) {
        if !span.contains(inner) {
            continue;
        }
        let place = (inner.start - span.start) as usize..(inner.end - span.start) as usize;
        for byte in bytes.get_mut(place).into_iter().flatten() {
            if matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'&' | b'/') {
                *byte = b'_';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

struct Run<'a> {
    patterns: &'a Compiled,
    rules: &'a RuleSet,
    tree: &'a Tree,
    text: &'a str,
    at: Span,
}

impl Run<'_> {
    fn collect(&self, found: &mut Found) {
        let query = &self.patterns.query;
        let Some(finding) = self.patterns.finding else {
            return;
        };
        let mut cursor = QueryCursor::new();
        cursor.set_match_limit(MAX_STATES);
        let mut left = STEPS.0 + STEPS.1 * (self.text.len() / 1024);
        let mut cut = false;
        let mut budget = |_: &tree_sitter::QueryCursorState| match left.checked_sub(1) {
            Some(less) => {
                left = less;
                ControlFlow::Continue(())
            }
            None => {
                cut = true;
                ControlFlow::Break(())
            }
        };
        let options = QueryCursorOptions::new().progress_callback(&mut budget);
        let root = self.tree.root_node();
        let mut matches = cursor.matches_with_options(query, root, self.text.as_bytes(), options);
        let mut seen = FxHashSet::default();
        let mut full = false;
        while let Some(found_match) = matches.next() {
            let node = |capture| found_match.nodes_for_capture_index(capture).next();
            let text_of = |capture| node(capture).map(|n| self.text_of(n));
            let tables = &self.rules.tables;
            let pattern = found_match.pattern_index;
            let (Some(place), Some(&rule)) = (node(finding), self.patterns.rules.get(pattern))
            else {
                continue;
            };
            let accepted =
                self.patterns
                    .accepts(pattern, tables.classes(), tables.vocabulary(), text_of);
            if !accepted || !seen.insert((rule, place.byte_range())) {
                continue;
            }
            if found.matches.len() >= MAX_MATCHES {
                full = true;
                break;
            }
            let span = Span::new(place.start_byte() as u32, place.end_byte() as u32);
            let mut captures: Vec<(Arc<str>, Arc<str>)> = Vec::new();
            for capture in found_match.captures {
                let name = query.capture_names()[capture.index as usize];
                let hidden = capture.index == finding || name.starts_with('_');
                if !hidden && captures.iter().all(|(n, _)| **n != *name) {
                    captures.push((name.into(), self.shown(capture.node)));
                }
            }
            found.matches.push(PatternMatch {
                rule,
                span: span.shifted(self.at.start),
                captures,
            });
        }
        drop(matches);
        if full || cut || cursor.did_exceed_match_limit() {
            found.notes.push(Note {
                span: self.at,
                kind: "match-limit",
            });
        }
    }

    fn text_of(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The text of a capture as a message may show it: names clipped, of everything else only the beginning.
    fn shown(&self, node: Node<'_>) -> Arc<str> {
        let text = self.text_of(node);
        let kind = node.kind();
        let is_name = kind.ends_with("identifier")
            || matches!(kind, "member_expression" | "tag_name" | "attribute_name");
        let plain = |c: char| c.is_alphanumeric() || "_$.-:@#".contains(c);
        if !is_name || !text.chars().all(plain) {
            return redact(text.trim_matches(['"', '\'', '`'])).into();
        }
        match text.char_indices().nth(MAX_CAPTURE) {
            Some((end, _)) => format!("{}…", &text[..end]).into(),
            None => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Document, builtin_dialects, parse};

    const RULE: &str = "severity = \"info\"\nconfidence = \"high\"\n[message.en]\nwhat = \"x\"\n[[match]]\non = \"pattern\"\n";

    fn found(family: &str, scm: &str, path: &str, text: &str) -> (Vec<String>, Found) {
        let file = |name: &str, text: &str| (format!("q/team/own/{name}"), text.to_string());
        let files = [
            file("rule.toml", RULE),
            file("en.md", "# Own\n"),
            file(&format!("{family}.scm"), scm),
        ];
        let set = RuleSet::with_extra(&files).unwrap();
        let document = Document {
            path: path.into(),
            text: text.into(),
        };
        let dialects = builtin_dialects();
        let parsed = parse(&document, dialects.kind_of(path).unwrap(), &dialects, None);
        let found = run(&parsed, &set);
        let shown = found
            .matches
            .iter()
            .map(|m| {
                assert_eq!(&*set.rules[m.rule as usize].id, "team/own");
                let captures = m.captures.iter().map(|(n, t)| format!(" {n}={t}"));
                format!("{}{}", m.span.of(text), captures.collect::<String>())
            })
            .collect();
        (shown, found)
    }

    const CALLS: &str = "((call_expression function: (_) @callee arguments: (arguments (_) @value)) @finding (#match? @callee \"^log\"))";

    #[test]
    fn scripts_in_every_place() {
        let text = "log.a('13800138000'); other(x); log(phone)";
        let expected = [
            "log.a('13800138000') callee=log.a value=138…",
            "log(phone) callee=log value=phone",
        ];
        assert_eq!(found("ecma", CALLS, "a.js", text).0, expected);
        assert_eq!(found("ecma", CALLS, "a.ts", text).0, expected);
        let vue =
            format!("<template><p>{{{{ log(x) }}}}</p></template>\n<script>\n{text}\n</script>");
        assert_eq!(found("ecma", CALLS, "a.vue", &vue).0, expected);
        let wxml = format!("<wxs module=\"m\">{text}</wxs>");
        assert_eq!(found("ecma", CALLS, "a.wxml", &wxml).0, expected);
    }

    #[test]
    fn markup_with_interpolations_and_json_with_comments() {
        let scm = "((attribute (attribute_name) @name (quoted_attribute_value) @_v) @finding (#match? @_v \"phone\"))";
        let text = "<wxs module=\"m\">if (a < b) phone()</wxs><v a=\"{{x < 1 ? '>' : \"phone\"}}\" b=\"c\">{{a < b}}</v>";
        let (shown, found_in) = found("markup", scm, "a.wxml", text);
        assert_eq!(shown, ["a=\"{{x < 1 ? '>' : \"phone\"}}\" name=a"]);
        assert!(found_in.notes.is_empty());
        let scm = "((pair key: (string) @_k) @finding (#eq? @_k \"\\\"debug\\\"\"))";
        let text = "{ // 号\n \"debug\": true, \"b\": [{\"debug\": 1}]}";
        assert_eq!(
            found("json", scm, "a.json", text).0,
            ["\"debug\": true", "\"debug\": 1"]
        );
    }

    #[test]
    fn what_is_left_out_is_told() {
        let text = "f(x);".repeat(MAX_MATCHES + 1);
        let (_, found_in) = found("ecma", "(call_expression) @finding", "a.js", &text);
        assert_eq!(found_in.matches.len(), MAX_MATCHES);
        assert_eq!(found_in.notes.len(), 1);
        assert_eq!(found_in.notes[0].kind, "match-limit");
        // Every pair of statements: quadratic, were it not for the limits.
        let pairs = "(program (expression_statement) @finding (expression_statement (call_expression arguments: (arguments (number)))))";
        let (_, found_in) = found("ecma", pairs, "a.js", &"f(x);".repeat(10_000));
        assert_eq!(found_in.notes.len(), 1);
    }
}
