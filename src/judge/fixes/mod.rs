//! Mends: edit builders by `kind`, chosen and worded by the rules. Computed when a finding is shown, since facts hold no
//! text. Every builder gives all edits of a mend or none; where something does not fit, there is no mend.

mod agreement;
mod consent;
mod data;
mod declare;
mod markup;
mod objects;
mod place;
mod popup;
mod script;
mod storage;

use super::{Judge, message};
use crate::facts::FileFacts;
use crate::finding::{Applicability, FileEdit, Finding, Fix};
use crate::flow::FlowResult;
use crate::rules::FixSpec;
use crate::text::{Edit, Span};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tree_sitter::Tree;

/// What mends are made from.
pub struct FixCtx<'a> {
    /// Facts of the app's files, by path.
    pub files: &'a BTreeMap<Arc<str>, Arc<FileFacts>>,
    /// What flows where; empty where it is not known.
    pub flow: &'a FlowResult,
    /// The text of a file, the same that its facts were made from.
    pub text: &'a dyn Fn(&str) -> Option<Arc<str>>,
    /// What mends have in common.
    pub cache: FixCache,
}

/// What the mends of several findings share, so that many findings in a file do not cost as many parses.
#[derive(Default)]
pub struct FixCache {
    /// Trees of scripts, by file and start.
    trees: RefCell<BTreeMap<(Arc<str>, u32), Tree>>,
    touches: Arc<Touches>,
}

impl FixCache {
    /// A cache for some files of an app; what is looked up in the whole app is shared by all of them.
    pub fn sharing(touches: &Arc<Touches>) -> FixCache {
        FixCache {
            trees: RefCell::default(),
            touches: touches.clone(),
        }
    }
}

/// Calls that touch storage in all files of an app, by the rule whose mend asks.
#[derive(Default)]
pub struct Touches {
    known: Mutex<BTreeMap<Arc<str>, Arc<storage::Touched>>>,
}

/// Edits of one mend, and whether they turned out to change more than the rule expects.
struct Edits {
    edits: Vec<FileEdit>,
    risky: bool,
}

/// One mend being made.
struct Builder<'a, 'c> {
    judge: &'a Judge,
    ctx: &'a FixCtx<'c>,
    finding: &'a Finding,
    spec: &'a FixSpec,
    facts: &'a FileFacts,
    text: Arc<str>,
}

impl Judge {
    /// The mends of a finding, best first.
    pub fn fixes(&self, finding: &Finding, ctx: &FixCtx<'_>) -> Vec<Fix> {
        let Some(rule) = self
            .rules
            .rule(&finding.rule)
            .filter(|rule| !rule.fixes.is_empty())
        else {
            return Vec::new();
        };
        let Some(facts) = ctx.files.get(&finding.at.file) else {
            return Vec::new();
        };
        let Some(text) = (ctx.text)(&finding.at.file) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for spec in &rule.fixes {
            let builder = Builder {
                judge: self,
                ctx,
                finding,
                spec,
                facts,
                text: text.clone(),
            };
            let Some(made) = builder.build() else {
                continue;
            };
            let words = message::Words::default();
            out.push(Fix {
                title: message::fill(
                    &spec.title,
                    &words,
                    &finding.data,
                    self.rules.tables.classes(),
                ),
                applicability: match (spec.applicability, made.risky) {
                    (Applicability::Safe, true) => Applicability::Unsafe,
                    (other, _) => other,
                },
                edits: made.edits,
            });
        }
        out
    }
}

impl Builder<'_, '_> {
    fn build(&self) -> Option<Edits> {
        match self.spec.kind.as_str() {
            "remove-statement" => script::remove_statement(self),
            "drop-arguments" => script::drop_arguments(self),
            "guard" => script::guard(self),
            "json-set" => data::json_set(self),
            "json-remove" => data::json_remove(self),
            "constant" => data::constant(self),
            "declare" => declare::declare(self),
            "purpose" => consent::purpose(self),
            "privacy-popup" => agreement::popup(self),
            "agreement-box" => agreement::agreement_box(self),
            "agree-button" => popup::agree_button(self),
            "button-id" => popup::button_id(self),
            "promise" => popup::promise(self),
            "untick" => self.untick(),
            "replace-scheme" => data::replace_scheme(self),
            "add-attribute" => markup::add_attribute(self),
            "mask-in-template" => markup::mask(self),
            "encrypt-storage" => storage::encrypt(self),
            _ => None,
        }
    }

    /// The box of the finding begins unticked.
    fn untick(&self) -> Option<Edits> {
        let (rules, ctx) = (&self.judge.rules, self.ctx);
        let edit = super::consent::untick(rules, ctx.files, ctx.text, self.finding)?;
        Some(Edits {
            edits: vec![edit],
            risky: false,
        })
    }

    /// The span of the finding.
    fn span(&self) -> Span {
        self.finding.at.span
    }

    /// One edit of the finding's file.
    fn edit(&self, span: Span, text: impl Into<String>) -> FileEdit {
        edit(&self.finding.at.file, span, text)
    }

    /// A mend of one edit.
    fn one(&self, span: Span, text: impl Into<String>) -> Option<Edits> {
        Some(Edits {
            edits: vec![self.edit(span, text)],
            risky: false,
        })
    }
}

fn edit(file: &Arc<str>, span: Span, text: impl Into<String>) -> FileEdit {
    FileEdit {
        file: file.clone(),
        edit: Edit {
            span,
            text: text.into(),
        },
    }
}

/// Whether a list is empty or a text begins with one of its words.
fn begins(list: &[String], text: &str) -> bool {
    list.is_empty() || list.iter().any(|word| text.starts_with(word.as_str()))
}

#[cfg(test)]
mod tests;
