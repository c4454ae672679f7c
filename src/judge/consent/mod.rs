//! How an app asks: declarations, purposes, agreements, pop-ups, prompts. Joins the app model, facts and the uses of
//! platform calls that the flow engine found; looks for no calls itself. Words and names are in
//! `queries/data/consent.toml`, severities and messages in the rules of the group.

mod agreement;
mod boxes;
mod code;
mod config;
mod declare;
mod declared;
mod duties;
pub(crate) mod elements;
mod lifecycle;
mod popup;
mod prompts;
mod state;
mod untick;

#[cfg(test)]
mod tests;

use super::{Active, Judge, Place, Raw};
use crate::app::App;
use crate::facts::FileFacts;
use crate::finding::{Confidence, Finding, Location};
use crate::flow::{ApiUse, FlowResult};
use crate::judge::message::Words;
use crate::rules::consent::ConsentTable;
use crate::rules::{Match, PrivacyApi, PrivacyApis};
use crate::text::Span;
pub use config::Entry;
pub use declared::{Known, guideline};
pub use duties::{Duties, Occasion, Requirement, ScopeUse, TypeUse};
use elements::Elements;
pub(super) use popup::agree_answers;
use std::collections::BTreeMap;
use std::sync::Arc;
pub(super) use untick::untick;

/// An app with all that is known of it.
#[derive(Clone, Copy)]
pub struct AppCtx<'a> {
    /// Facts of the session's files, by path.
    pub files: &'a BTreeMap<Arc<str>, Arc<FileFacts>>,
    /// The app.
    pub app: &'a App,
    /// What flows where in it, and the calls it makes.
    pub flow: &'a FlowResult,
}

impl Judge {
    /// Findings about the app's way of asking for consent, sorted by place.
    pub fn consent(&self, ctx: &AppCtx<'_>) -> Vec<Finding> {
        let view = View::of(self, *ctx);
        let mut out: Vec<(&Active, Raw)> = Vec::new();
        for (active, _, spec) in self.on("consent") {
            let check = spec.params.str("check").unwrap_or_default();
            let detector: Detector = match check {
                "undeclared" => declare::undeclared,
                "exclusive" => declare::exclusive,
                "unknown-declaration" => declare::unknown,
                "surplus" => declare::surplus,
                "not-declared" => declared::not_declared,
                "not-used" => declared::not_used,
                "purpose-missing" => declare::purpose_missing,
                "purpose-empty" => declare::purpose_empty,
                "purpose-long" => declare::purpose_long,
                "no-agreement" => agreement::missing,
                "prechecked" => boxes::prechecked,
                "no-agree-button" => popup::no_button,
                "agree-without-handler" => popup::no_handler,
                "no-promise" => popup::no_promise,
                "unanswered" => popup::unanswered,
                "wrong-button" => popup::wrong_button,
                "no-refusal" => popup::no_refusal,
                "modal-without-no" => popup::modal_without_no,
                "leave" => popup::leave,
                "at-launch" => prompts::at_launch,
                "re-ask" => prompts::re_ask,
                "bother" => prompts::bother,
                "overlay" => prompts::overlay,
                "repeat" => prompts::repeat,
                "tap-state" => prompts::tap_state,
                "unused" => prompts::unused,
                "over-collection" => lifecycle::over_collection,
                "no-deletion" => lifecycle::missing_deletion,
                "deprecated" => prompts::deprecated,
                _ => continue,
            };
            let found = detector(&view, spec);
            out.extend(found.into_iter().filter_map(|found| {
                let place = Place::of(&self.rules, &found.at.file);
                let class = found.data.first().map_or("", |class| class);
                let severity = self.severity(active, place, class)?;
                let raw = Raw {
                    at: found.at,
                    severity,
                    confidence: found.confidence,
                    data: found.data,
                    words: found.words,
                };
                Some((active, raw))
            }));
        }
        self.finish(out)
    }
}

type Detector = fn(&View<'_>, &Match) -> Vec<Hit>;

/// What a detector found.
struct Hit {
    at: Location,
    confidence: Confidence,
    data: Vec<Arc<str>>,
    words: Words,
}

/// The app as detectors see it.
struct View<'a> {
    judge: &'a Judge,
    ctx: AppCtx<'a>,
    table: &'a ConsentTable,
    apis: &'a PrivacyApis,
    /// Uses in client code that can run.
    uses: Vec<&'a ApiUse>,
    /// Uses in all client code: what the platform's scan of the package sees.
    shipped: Vec<&'a ApiUse>,
    /// Elements of files that hold one worth a look.
    elements: BTreeMap<Arc<str>, Elements>,
}

impl<'a> View<'a> {
    fn of(judge: &'a Judge, ctx: AppCtx<'a>) -> View<'a> {
        let tables = &judge.rules.tables;
        let app = ctx.app;
        let shipped = ctx.flow.uses.iter().filter(|found| {
            !found.server
                && !app.server.contains(&found.at.file)
                && !tables.classes().is_mock_path(&found.at.file)
        });
        let shipped: Vec<&ApiUse> = shipped.collect();
        let reached = |found: &&&ApiUse| app.is_reached(&found.at.file);
        let mut view = View {
            judge,
            ctx,
            table: tables.consent(),
            apis: tables.privacy_apis(),
            uses: shipped.iter().filter(reached).copied().collect(),
            shipped,
            elements: BTreeMap::new(),
        };
        for facts in view.reached() {
            if view.is_worth_a_look(facts) {
                let elements = Elements::of(facts, &judge.rules.names);
                view.elements.insert(facts.path.clone(), elements);
            }
        }
        view
    }

    /// Files of the app that can run on the client.
    fn reached(&self) -> Vec<&'a FileFacts> {
        let app = self.ctx.app;
        app.reached
            .iter()
            .filter(|file| !app.server.contains(*file))
            .filter_map(|file| self.ctx.files.get(file).map(|facts| &**facts))
            .collect()
    }

    /// A cheap look at the names of tags and attributes: boxes, and buttons that hand out data.
    fn is_worth_a_look(&self, facts: &FileFacts) -> bool {
        use crate::facts::ir::{Expr, Key, Prop};
        use crate::syntax::Node;
        let boxes = &self.table.boxes;
        let is_box = |tag: &str| {
            let ends = |word: &String| {
                let start = tag.len().checked_sub(word.len());
                start
                    .and_then(|start| tag.get(start..))
                    .is_some_and(|end| end.eq_ignore_ascii_case(word))
            };
            boxes.tags.iter().any(ends) || boxes.library_endings.iter().any(ends)
        };
        let opens = &self.table.deprecated.open_type_attributes;
        let is_open = |name: &str| {
            name.len() <= 20 && name.contains("pen") && opens.contains(&elements::plain(name))
        };
        let markup = facts.template.iter().flat_map(|t| &t.markup.nodes);
        let in_markup = markup.into_iter().any(|node| match node {
            Node::Element { tag, attrs, .. } => {
                is_box(tag) || attrs.iter().any(|a| is_open(&a.name))
            }
            _ => false,
        });
        let names = &self.judge.rules.names;
        in_markup
            || facts.modules.iter().any(|module| {
                let mut units = std::iter::once(&module.top).chain(&module.children);
                units.any(|placed| {
                    placed.unit.exprs.iter().any(|node| match &node.kind {
                        Expr::Element(element) => element.attrs.iter().any(|prop| match prop {
                            Prop::Value(Key::Name(key), ..) => {
                                let name = names.text(*key);
                                is_open(&name) || boxes.states.contains(&elements::plain(&name))
                            }
                            _ => false,
                        }),
                        _ => false,
                    })
                })
            })
    }

    /// The privacy row of a use.
    fn api(&self, found: &ApiUse) -> Option<&'a PrivacyApi> {
        if let Some(api) = self.apis.get(&found.api) {
            return Some(api);
        }
        let scope = found.options.iter().find(|(key, _)| &**key == "scope");
        if let Some((_, scope)) = scope
            && let Some(api) = self.apis.get(&format!("{}({scope})", found.api))
        {
            return Some(api);
        }
        self.apis.get(&format!("button[open-type={}]", found.api))
    }

    /// Whether a use is one of the host's own calls, by its spelling.
    fn is_hosts(&self, found: &ApiUse) -> bool {
        let declaration = &self.table.declaration;
        declaration
            .platforms
            .iter()
            .chain(&declaration.generic)
            .any(|p| **p == *found.platform)
    }

    fn facts(&self, file: &str) -> Option<&'a FileFacts> {
        self.ctx.files.get(file).map(|facts| &**facts)
    }

    /// The code around a use.
    fn code(&self, found: &ApiUse) -> Option<code::Call<'a>> {
        let facts = self.facts(&found.at.file)?;
        code::Call::at(facts, &self.judge.rules.names, found.at.span)
    }

    /// The classes that a privacy row is about.
    fn classes(&self, api: &PrivacyApi) -> Vec<Arc<str>> {
        let classes = self.judge.rules.tables.classes();
        let types = std::iter::once(&api.info_type).chain(&api.also_types);
        let mut out: Vec<Arc<str>> = types
            .filter(|id| !id.is_empty())
            .flat_map(|id| {
                classes
                    .iter()
                    .filter(|class| class.declare == *id)
                    .map(|class| class.id.clone())
                    .take(1)
            })
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// Where what concerns the whole app is said.
    fn anchor(&self) -> Option<Location> {
        let app = self.ctx.app;
        let part = app.app.and_then(|part| app.parts.get(part));
        let file = app
            .config
            .clone()
            .or_else(|| part.and_then(|part| part.script.clone()))
            .or_else(|| app.files.first().cloned())?;
        Some(Location {
            file,
            span: Span::new(0, 1),
        })
    }
}

fn hit(at: &Location, confidence: Confidence, data: Vec<Arc<str>>, words: Words) -> Hit {
    Hit {
        at: at.clone(),
        confidence,
        data,
        words,
    }
}

/// The call whose failure leads to a use, without the platform's global.
fn failed(found: &ApiUse) -> Option<&str> {
    let name = found.in_failure_of.as_deref()?;
    Some(name.strip_prefix("$.").unwrap_or(name))
}

/// Names in a sentence.
fn list(names: &[Arc<str>]) -> (String, String) {
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let en = match &names[..] {
        [] => String::new(),
        [one] => one.to_string(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    };
    (en, names.join("、"))
}
