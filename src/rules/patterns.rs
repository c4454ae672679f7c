//! All rules' `.scm` patterns of a grammar as one query, compiled when a file of the grammar first needs it.
//!
//! Predicates: those of tree-sitter (`#eq?`, `#match?`, `#any-of?` and their `not-` forms) and one of ours,
//! `(#class? @name phone id-card)`: the identifier or key under `@name` speaks of one of the classes (strongly).

use super::error::RuleError;
use super::rule::{PatternFamily, Rule};
use super::vocabulary::{Strength, Vocabulary};
use super::{Classes, RuleSet};
use crate::syntax::Grammar;
use crate::syntax::script::language;
use aho_corasick::AhoCorasick;
use std::sync::OnceLock;
use tree_sitter::{Query, QueryPredicateArg};

/// The compiled patterns of one grammar.
#[derive(Debug)]
pub struct Compiled {
    /// All patterns.
    pub query: Query,
    /// Index of the rule, by pattern index.
    pub rules: Vec<u32>,
    /// Index of the capture `@finding`, if any pattern has it.
    pub finding: Option<u32>,
    /// Words of which one must occur in a file; `None` = some rule has no words, every file is searched.
    words: Option<AhoCorasick>,
}

/// Compiled patterns by grammar; `None` inside where no rule has patterns for it.
#[derive(Debug, Default)]
pub(super) struct Cells([OnceLock<Option<Compiled>>; 5]);

impl RuleSet {
    /// The patterns that run on a grammar; `None` if there are none. Patterns that do not compile are left out here:
    /// [`check`] reports them when the rules are loaded.
    pub fn patterns(&self, grammar: Grammar) -> Option<&Compiled> {
        self.cells.0[grammar as usize]
            .get_or_init(|| compile(&self.rules, grammar))
            .as_ref()
    }
}

fn family(grammar: Grammar) -> PatternFamily {
    match grammar {
        Grammar::JavaScript | Grammar::TypeScript | Grammar::Tsx => PatternFamily::Ecma,
        Grammar::Markup => PatternFamily::Markup,
        Grammar::Json => PatternFamily::Json,
    }
}

fn compile(rules: &[Rule], grammar: Grammar) -> Option<Compiled> {
    let (mut text, mut owners, mut words) = (String::new(), Vec::new(), Some(Vec::new()));
    for (index, rule) in rules.iter().enumerate() {
        for file in rule
            .patterns
            .iter()
            .filter(|file| file.family == family(grammar))
        {
            // Each file alone first: one bad pattern must not silence the others.
            let Ok(alone) = Query::new(&language(grammar), &file.text) else {
                continue;
            };
            owners.extend(std::iter::repeat_n(index as u32, alone.pattern_count()));
            text.push_str(&file.text);
            text.push('\n');
            match (&mut words, rule.words.is_empty()) {
                (Some(list), false) => list.extend(rule.words.iter().cloned()),
                _ => words = None,
            }
        }
    }
    if owners.is_empty() {
        return None;
    }
    let query = Query::new(&language(grammar), &text).ok()?;
    let finding = query.capture_index_for_name("finding");
    let words = words.and_then(|list| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(list)
            .ok()
    });
    Some(Compiled {
        query,
        rules: owners,
        finding,
        words,
    })
}

impl Compiled {
    /// Whether a file can match at all.
    pub fn may_match(&self, text: &str) -> bool {
        self.words.as_ref().is_none_or(|words| words.is_match(text))
    }

    /// Whether a match passes our own predicates. `text_of` gives the text of a capture of the match, by its index.
    pub fn accepts<'t>(
        &self,
        pattern: usize,
        classes: &Classes,
        vocabulary: &Vocabulary,
        text_of: impl Fn(u32) -> Option<&'t str>,
    ) -> bool {
        self.query.general_predicates(pattern).iter().all(|predicate| {
            let negated = match &*predicate.operator {
                "class?" => false,
                "not-class?" => true,
                _ => return true,
            };
            let Some(QueryPredicateArg::Capture(capture)) = predicate.args.first() else { return true };
            let name = text_of(*capture).unwrap_or_default().trim_matches(['"', '\'', '`']);
            let found = vocabulary.classify(name, None).iter().filter(|m| m.strength == Strength::Strong).any(|m| {
                predicate.args[1..].iter().any(|arg| matches!(arg, QueryPredicateArg::String(id) if **id == *classes.class(m.class).id))
            });
            found != negated
        })
    }
}

/// Compiles a rule's patterns alone, for an error with its file and line.
pub(super) fn check(rule: &Rule) -> Result<(), RuleError> {
    let grammars = [
        Grammar::JavaScript,
        Grammar::TypeScript,
        Grammar::Tsx,
        Grammar::Markup,
        Grammar::Json,
    ];
    for file in &rule.patterns {
        for grammar in grammars.into_iter().filter(|g| family(*g) == file.family) {
            let query = Query::new(&language(grammar), &file.text).map_err(|error| {
                let line = error.row as u32 + 1;
                let what = error
                    .message
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .trim_matches('"')
                    .to_string();
                let (en, zh) = match error.kind {
                    tree_sitter::QueryErrorKind::NodeType => (
                        format!("the grammar has no node `{what}`"),
                        format!("语法中没有节点 `{what}`"),
                    ),
                    tree_sitter::QueryErrorKind::Field => (
                        format!("the grammar has no field `{what}`"),
                        format!("语法中没有字段 `{what}`"),
                    ),
                    tree_sitter::QueryErrorKind::Capture => (
                        format!("no capture `@{what}` in the pattern"),
                        format!("模式中没有捕获 `@{what}`"),
                    ),
                    _ => (
                        format!("not a valid pattern: {what}"),
                        format!("模式无效：{what}"),
                    ),
                };
                RuleError::new(&file.path, line, en, zh)
            })?;
            if query.capture_index_for_name("finding").is_none() {
                return Err(RuleError::new(
                    &file.path,
                    1,
                    "no pattern captures `@finding`",
                    "没有模式捕获 `@finding`",
                )
                .help(
                    "mark the node to report with `@finding`",
                    "请用 `@finding` 标出要报告的节点",
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tree_sitter::StreamingIterator;

    const RULE: &str = "severity = \"info\"\nconfidence = \"high\"\n[message.en]\nwhat = \"x\"\n[[match]]\non = \"pattern\"\n";

    fn set(scm: &str) -> Result<RuleSet, String> {
        let file = |name: &str, text: &str| (format!("q/team/own/{name}"), text.to_string());
        let files = [
            file("rule.toml", RULE),
            file("en.md", "# Own\n"),
            file("ecma.scm", scm),
        ];
        RuleSet::with_extra(&files).map_err(|e| e.to_string())
    }

    #[test]
    fn a_users_pattern_runs_and_asks_for_classes() {
        let set = set("((identifier) @finding (#class? @finding phone))").unwrap();
        let patterns = set.patterns(Grammar::JavaScript).unwrap();
        let text = "const userPhone = 1, phoneModel = 2;";
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&language(Grammar::JavaScript)).unwrap();
        let tree = parser.parse(text, None).unwrap();
        let mut cursor = tree_sitter::QueryCursor::new();
        let mut found = Vec::new();
        let mut matches = cursor.matches(&patterns.query, tree.root_node(), text.as_bytes());
        while let Some(m) = matches.next() {
            let text_of = |capture| {
                m.nodes_for_capture_index(capture)
                    .next()
                    .map(|n| &text[n.byte_range()])
            };
            if patterns.accepts(
                m.pattern_index,
                set.tables.classes(),
                set.tables.vocabulary(),
                text_of,
            ) {
                assert_eq!(
                    &*set.rules[patterns.rules[m.pattern_index] as usize].id,
                    "team/own"
                );
                found.push(text_of(patterns.finding.unwrap()).unwrap());
            }
        }
        assert_eq!(found, ["userPhone"]);
    }

    #[test]
    fn a_bad_pattern_gives_its_line_and_node() {
        assert_eq!(
            set("\n(no_such_node) @finding").unwrap_err(),
            "q/team/own/ecma.scm:2: the grammar has no node `no_such_node`"
        );
        assert!(
            set("(identifier) @other")
                .unwrap_err()
                .contains("no pattern captures `@finding`")
        );
        assert!(
            set("(identifier @finding")
                .unwrap_err()
                .starts_with("q/team/own/ecma.scm:")
        );
    }
}
