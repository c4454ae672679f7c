//! When and how often an app asks, and whether it needs what it asks for.

use super::{Hit, View, failed, hit};
use crate::app::PartKind;
use crate::facts::ir::{Expr, Func};
use crate::finding::{Confidence, Location};
use crate::flow::{ApiUse, Trigger};
use crate::judge::message::Words;
use crate::rules::{Match, PrivacyApi};
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'a> View<'a> {
    /// Whether a call of this name may open a window that asks the person.
    pub(super) fn asks(&self, name: &str) -> bool {
        let prompt = &self.table.prompt;
        prompt.also.iter().any(|n| n == name)
            || self.apis.get(name).is_some_and(|api| self.row_asks(api))
    }

    fn row_asks(&self, api: &PrivacyApi) -> bool {
        let prompt = &self.table.prompt;
        let scopes = self.apis.scopes();
        let declaration = &self.table.declaration;
        let withdrawn = |scope: &str| {
            scopes
                .cancelled
                .iter()
                .chain(&scopes.recycled)
                .any(|s| s == scope)
        };
        let on_host = declaration
            .platforms
            .iter()
            .any(|p| **p == *self.ctx.app.platform);
        let has_scope = !api.scope.is_empty() && (!on_host || !withdrawn(&api.scope));
        let has_dialog = api.official && !matches!(&*api.level, "device" | "token");
        let withdrawn_call = on_host && matches!(&*api.status, "recycled" | "removed");
        prompt.kinds.iter().any(|kind| **kind == *api.kind)
            && !prompt.not.iter().any(|name| **name == *api.id)
            && !withdrawn_call
            && (has_scope || has_dialog)
    }

    /// Whether a use may open a window that asks the person.
    fn prompts(&self, found: &ApiUse) -> bool {
        let prompt = &self.table.prompt;
        let row = self.api(found);
        // A button asks when it is tapped.
        if row.is_some_and(|api| !prompt.kinds.iter().any(|kind| **kind == *api.kind)) {
            return false;
        }
        if let Some(word) = prompt.only_with.get(&*found.api) {
            return self.code(found).is_some_and(|call| call.mentions(word));
        }
        prompt.also.iter().any(|name| **name == *found.api)
            || row.is_some_and(|api| self.row_asks(api))
    }

    /// The script of the first page.
    fn first_page(&self) -> Option<&'a Arc<str>> {
        let parts = &self.ctx.app.parts;
        let first = parts.iter().find(|part| part.kind == PartKind::Page);
        first.and_then(|part| part.script.as_ref())
    }

    fn data_of(&self, found: &ApiUse) -> Vec<Arc<str>> {
        self.api(found)
            .map_or_else(Vec::new, |api| self.classes(api))
    }
}

fn of_use(view: &View<'_>, found: &ApiUse, confidence: Confidence) -> Hit {
    let words = Words::default().set("call", &found.call);
    hit(&found.at, confidence, view.data_of(found), words)
}

/// Asked before the person did anything: while the app starts, or when its first page opens.
pub(super) fn at_launch(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let first = view.first_page();
    let at_first_page = |found: &ApiUse| {
        let from_first = first.is_some_and(|page| found.reached_from.contains(page));
        let only_entry = !found.triggers.contains(&Trigger::User);
        found.triggers.contains(&Trigger::Entry)
            && from_first
            && (only_entry || first == Some(&found.at.file))
    };
    view.uses
        .iter()
        .filter(|found| {
            (found.triggers.contains(&Trigger::Launch) || at_first_page(found))
                && found.in_failure_of.is_none()
                && view.prompts(found)
                && view.code(found).is_none_or(|call| !call.is_guarded())
        })
        .map(|found| of_use(view, found, Confidence::High))
        .collect()
}

/// What a call is about: its scope, else its information type, else its name.
fn subject(view: &View<'_>, api: &str, row: Option<&PrivacyApi>) -> String {
    let row = row.or_else(|| view.apis.get(api));
    match row {
        Some(row) if !row.info_type.is_empty() => row.info_type.to_string(),
        Some(row) if !row.scope.is_empty() => row.scope.to_string(),
        _ => api.to_string(),
    }
}

/// Behind the failure of a call stands a dialog that the person may decline.
fn may_decline(view: &View<'_>, refused: &str) -> bool {
    let refusal = &view.table.refusal;
    view.uses.iter().any(|found| {
        let one_button = found
            .options
            .iter()
            .any(|(key, value)| **key == *refusal.modal_flag && &**value == "false");
        refusal.modal.iter().any(|name| **name == *found.api)
            && failed(found) == Some(refused)
            && !one_button
    })
}

/// A refusal leads straight to the next question.
pub(super) fn re_ask(view: &View<'_>, _: &Match) -> Vec<Hit> {
    view.uses
        .iter()
        .filter(|found| {
            let Some(refused) = failed(found) else {
                return false;
            };
            let same = *refused == *found.api
                || (view.asks(refused)
                    && subject(view, refused, None) == subject(view, &found.api, view.api(found)));
            same && !may_decline(view, refused) && view.prompts(found)
        })
        .map(|found| {
            let mut hit = of_use(view, found, Confidence::High);
            hit.words = hit.words.set("name", failed(found).unwrap_or_default());
            hit
        })
        .collect()
}

/// Granted, and asked for again at once.
pub(super) fn repeat(view: &View<'_>, _: &Match) -> Vec<Hit> {
    view.uses
        .iter()
        .filter(|found| {
            let Some(granted) = &found.in_success_of else {
                return false;
            };
            let pair = |a: &str, b: &str| {
                let mut groups = view.table.prompt.same.iter();
                groups.any(|group| {
                    group.iter().any(|name| name == a) && group.iter().any(|name| name == b)
                })
            };
            pair(granted, &found.api) && view.prompts(found)
        })
        .map(|found| {
            let mut hit = of_use(view, found, Confidence::Medium);
            let granted = found.in_success_of.as_deref().unwrap_or_default();
            hit.words = hit.words.set("name", granted);
            hit
        })
        .collect()
}

/// Asked each time the page appears, and a refusal is not remembered.
pub(super) fn bother(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let prompt = &view.table.prompt;
    view.uses
        .iter()
        .filter(|found| {
            let entry = found
                .triggers
                .iter()
                .any(|t| matches!(t, Trigger::Entry | Trigger::Launch));
            entry
                && view.prompts(found)
                && view.code(found).is_some_and(|call| {
                    let around = call.function_names();
                    let hooks = found.hooks.iter().map(|hook| &**hook);
                    let mut names = around.iter().map(String::as_str).chain(hooks);
                    names.any(|name| prompt.every_time.iter().any(|known| known == name))
                        && call.ignores(&prompt.failure, &prompt.failure_members)
                })
        })
        .map(|found| of_use(view, found, Confidence::Medium))
        .collect()
}

/// Several questions at once: one function asks for different things without waiting for an answer.
pub(super) fn overlay(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let mut groups: BTreeMap<(&Arc<str>, Span), Vec<&ApiUse>> = BTreeMap::new();
    for found in view.uses.iter().filter(|found| view.prompts(found)) {
        let Some(call) = view.code(found) else {
            continue;
        };
        if call.is_guarded() || call.is_awaited() {
            continue;
        }
        if let Some(function) = call.functions().first() {
            let span = span_of(function, &call);
            groups
                .entry((&found.at.file, span))
                .or_default()
                .push(found);
        }
    }
    let mut out = Vec::new();
    for uses in groups.into_values() {
        let subject_of = |found: &&ApiUse| subject(view, &found.api, view.api(found));
        let first = uses.first().map(subject_of);
        let others = uses.iter().filter(|found| Some(subject_of(found)) != first);
        for found in others {
            let mut hit = of_use(view, found, Confidence::Medium);
            let before = uses.first().map_or("", |found| &found.call);
            hit.words = hit.words.set("name", before);
            out.push(hit);
        }
    }
    out
}

fn span_of(function: &Func, call: &super::code::Call<'_>) -> Span {
    function.span.shifted(call.base())
}

/// The platform ignores the call, because it does not descend from a tap.
pub(super) fn tap_state(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let prompt = &view.table.prompt;
    view.uses
        .iter()
        .filter(|found| {
            if !view.apis.needs_tap(&found.api) || !view.is_hosts(found) {
                return false;
            }
            // Behind another call a dialog may have been answered: that counts as a tap.
            let on_its_own = !found.after_async
                && !found.triggers.is_empty()
                && found
                    .triggers
                    .iter()
                    .all(|t| matches!(t, Trigger::Launch | Trigger::Entry));
            let in_failure = || {
                failed(found).is_some_and(|name| !prompt.keep_tap.iter().any(|keep| keep == name))
                    && view.code(found).is_some_and(|call| {
                        let names = call.function_names();
                        names
                            .first()
                            .is_some_and(|name| prompt.failure.contains(name))
                    })
            };
            let in_timer = || {
                view.code(found)
                    .is_some_and(|call| call.is_given_to(&prompt.lose_tap))
            };
            on_its_own || in_failure() || in_timer()
        })
        .map(|found| of_use(view, found, Confidence::High))
        .collect()
}

/// Asked for, and the answer never read.
pub(super) fn unused(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let prompt = &view.table.prompt;
    view.uses
        .iter()
        .filter(|found| {
            !found.result_used
                && view
                    .code(found)
                    .is_some_and(|call| call.ignores(&prompt.success, &prompt.success_members))
                && view.prompts(found)
                && view
                    .api(found)
                    .is_some_and(|api| &*api.kind == "api" && !api.opaque && !api.data.is_empty())
        })
        .map(|found| (found, Confidence::Medium))
        // Plug-ins and pages in web views may need it.
        .chain(
            view.uses
                .iter()
                .filter(|found| asks_in_vain(view, found))
                .map(|found| (found, Confidence::Low)),
        )
        .map(|(found, confidence)| of_use(view, found, confidence))
        .collect()
}

/// A permission is asked for that none of the app's calls needs.
fn asks_in_vain(view: &View<'_>, found: &ApiUse) -> bool {
    let Some((_, scope)) = found.options.iter().find(|(key, _)| &**key == "scope") else {
        return false;
    };
    let needs = |api: &PrivacyApi| api.scope == *scope || api.also_scopes.contains(scope);
    let asked = view.apis.get(&format!("{}({scope})", found.api));
    let known = view
        .apis
        .iter()
        .any(|api| needs(api) && &*api.kind == "api");
    let used = view
        .shipped
        .iter()
        .any(|other| other.api != found.api && view.api(other).is_some_and(needs));
    asked.is_some() && known && !used
}

/// Calls, buttons and elements that the platform withdrew.
pub(super) fn deprecated(view: &View<'_>, spec: &Match) -> Vec<Hit> {
    let declaration = &view.table.declaration;
    if !declaration
        .platforms
        .iter()
        .any(|p| **p == *view.ctx.app.platform)
    {
        return Vec::new();
    }
    let withdrawn = |api: &PrivacyApi| {
        spec.params
            .list("statuses")
            .iter()
            .any(|s| **s == *api.status)
    };
    let mut out = Vec::new();
    let say = |at: &Location, call: &str, api: &PrivacyApi| {
        let instead = api.instead.join("; ");
        let words = Words::default().set("call", call).set("target", &instead);
        hit(at, Confidence::High, view.classes(api), words)
    };
    for found in view.shipped.iter().filter(|found| view.is_hosts(found)) {
        if let Some(api) = view.api(found).filter(|api| withdrawn(api)) {
            out.push(say(&found.at, &found.call, api));
        }
    }
    for (file, elements) in &view.elements {
        for element in &elements.all {
            for name in &view.table.deprecated.open_type_attributes {
                let kinds = element.text_of(name).unwrap_or_default();
                for kind in kinds.split('|').map(str::trim).filter(|k| !k.is_empty()) {
                    let row = view.apis.get(&format!("button[open-type={kind}]"));
                    if let Some(api) = row.filter(|api| withdrawn(api)) {
                        let at = Location {
                            file: file.clone(),
                            span: element.open,
                        };
                        let call = format!("<{} open-type=\"{kind}\">", element.tag);
                        out.push(say(&at, &call, api));
                    }
                }
            }
        }
    }
    out
}

impl super::code::Call<'_> {
    /// A text inside the call's first argument.
    pub(super) fn mentions(&self, word: &str) -> bool {
        let Some(first) = self.first() else {
            return false;
        };
        let unit = self.unit_of();
        let Some(span) = unit.exprs.get(first as usize).map(|node| node.span) else {
            return false;
        };
        unit.exprs.iter().any(|node| match &node.kind {
            Expr::Str(text) => span.contains(node.span) && *self.text(*text) == *word,
            _ => false,
        })
    }
}
