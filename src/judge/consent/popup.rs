//! The app's own privacy pop-up: whether it can be agreed to, refused, and is answered at all.

use super::code::Call;
use super::elements::{Elements, Value};
use super::{Hit, View, failed, hit};
use crate::facts::FileFacts;
use crate::facts::ir::{Expr, ExprNode, Key, Pat, Prop, Unit, Var};
use crate::finding::{Confidence, Location};
use crate::flow::{ApiUse, Trigger};
use crate::judge::message::Words;
use crate::rules::{Match, RuleSet};
use crate::text::Span;
use std::sync::Arc;

/// Buttons by which people agree: file, elements, index, and whether it is nothing else.
fn agree_buttons<'v>(view: &'v View<'_>) -> Vec<(&'v Arc<str>, &'v Elements, usize, bool)> {
    let wanted = &view.table.popup.open_type;
    let mut out = Vec::new();
    for (file, elements) in &view.elements {
        for (index, element) in elements.all.iter().enumerate() {
            for name in &view.table.deprecated.open_type_attributes {
                if let Some(kinds) = element.text_of(name)
                    && kinds.split('|').any(|kind| kind.trim() == wanted)
                {
                    out.push((file, elements, index, kinds.trim() == wanted));
                }
            }
        }
    }
    out
}

fn listeners<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v &'v ApiUse> {
    let listen = &view.table.popup.listen;
    view.uses
        .iter()
        .filter(move |found| listen.iter().any(|name| **name == *found.api))
}

/// The platform's own pop-up is replaced, and nobody can agree.
pub(super) fn no_button(view: &View<'_>, _: &Match) -> Vec<Hit> {
    // A button whose kind is an expression may be one.
    let unsure = view.elements.values().flat_map(|e| &e.all).any(|element| {
        let names = &view.table.deprecated.open_type_attributes;
        let mut values = names.iter().filter_map(|name| element.attr(name));
        values.any(|value| !matches!(value, super::elements::Value::Text(_)))
    });
    if unsure || !agree_buttons(view).is_empty() {
        return Vec::new();
    }
    listeners(view)
        .map(|found| {
            let words = Words::default().set("call", &found.call);
            hit(&found.at, Confidence::High, Vec::new(), words)
        })
        .collect()
}

/// The button that agrees tells nobody.
pub(super) fn no_handler(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let event = &view.table.popup.event;
    agree_buttons(view)
        .into_iter()
        .filter(|(_, elements, index, alone)| {
            let attrs = &elements.all[*index].attrs;
            *alone && !attrs.iter().any(|(name, _)| name.contains(&**event))
        })
        .map(|(file, elements, index, _)| {
            let at = Location {
                file: file.clone(),
                span: elements.all[index].open,
            };
            hit(&at, Confidence::High, Vec::new(), Words::default())
        })
        .collect()
}

/// A promise is expected of a call that gives none.
pub(super) fn no_promise(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.popup;
    let mut out = Vec::new();
    for found in &view.uses {
        let object = found.call.split('.').next().unwrap_or_default();
        if !table.no_promise.iter().any(|name| **name == *found.api)
            || !table.no_promise_on.iter().any(|name| name == object)
        {
            continue;
        }
        let expects = view.code(found).is_some_and(|call| {
            call.is_awaited()
                || call
                    .chain()
                    .first()
                    .is_some_and(|(member, _)| table.promise_members.contains(member))
        });
        if expects {
            let words = Words::default().set("call", &found.call);
            out.push(hit(&found.at, Confidence::High, Vec::new(), words));
        }
    }
    out
}

/// A listener that never answers: the platform call behind it waits for ever.
pub(super) fn unanswered(view: &View<'_>, _: &Match) -> Vec<Hit> {
    listeners(view)
        .filter(|found| {
            view.code(found)
                .is_some_and(|call| ignores_first_parameter(view, found, &call))
        })
        .map(|found| {
            let words = Words::default().set("call", &found.call);
            hit(&found.at, Confidence::High, Vec::new(), words)
        })
        .collect()
}

/// An object that answers a waiting call with yes: where it stands, and the id of the button that it names, if that is
/// constant.
pub(in crate::judge) type Answer = (Span, Option<(Arc<str>, Span)>);

/// The objects of a file that answer a waiting call with yes; those that are completed elsewhere are left out.
pub(in crate::judge) fn agree_answers(rules: &RuleSet, facts: &FileFacts) -> Vec<Answer> {
    let popup = &rules.tables.consent().popup;
    let mut out = Vec::new();
    for module in &facts.modules {
        for placed in std::iter::once(&module.top).chain(&module.children) {
            let unit = &placed.unit;
            for node in &unit.exprs {
                let Expr::Object(props) = &node.kind else {
                    continue;
                };
                let value = |wanted: &str| {
                    props.iter().find_map(|prop| match prop {
                        Prop::Value(Key::Name(name), value, _)
                            if *rules.names.text(*name) == *wanted =>
                        {
                            unit.exprs.get(*value as usize)
                        }
                        _ => None,
                    })
                };
                let says = |node: &ExprNode| match node.kind {
                    Expr::Str(text) => Some(rules.names.text(text)),
                    _ => None,
                };
                let is_answer = value(&popup.answer_event).and_then(says);
                if is_answer.is_none_or(|word| *word != *popup.agree)
                    || props.iter().any(|prop| matches!(prop, Prop::Spread(..)))
                {
                    continue;
                }
                let id = match value(&popup.answer_id) {
                    None => None,
                    Some(node) => match says(node) {
                        Some(id) => Some((id, node.span.shifted(placed.base))),
                        // Which button is known when the code runs.
                        None => continue,
                    },
                };
                out.push((node.span.shifted(placed.base), id));
            }
        }
    }
    out
}

/// The answer names no button that people can have tapped: it does not count.
pub(super) fn wrong_button(view: &View<'_>, _: &Match) -> Vec<Hit> {
    if listeners(view).next().is_none() {
        return Vec::new();
    }
    let buttons = agree_buttons(view);
    let ids: Option<Vec<&str>> = buttons
        .iter()
        .filter_map(|(_, elements, index, _)| elements.all[*index].attr("id"))
        .map(|id| match id {
            Value::Text(id) => Some(&**id),
            _ => None,
        })
        .collect();
    let Some(ids) = ids.filter(|_| !buttons.is_empty()) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for facts in view.reached() {
        for (span, id) in agree_answers(&view.judge.rules, facts) {
            if id.as_ref().is_some_and(|(id, _)| ids.contains(&&**id)) {
                continue;
            }
            let file = facts.path.clone();
            let words = Words::default().set("name", &view.table.popup.answer_id);
            out.push(hit(
                &Location { file, span },
                Confidence::High,
                Vec::new(),
                words,
            ));
        }
    }
    out
}

/// The call's callback is written in place and does nothing with its first parameter.
fn ignores_first_parameter(view: &View<'_>, found: &ApiUse, call: &Call<'_>) -> bool {
    let Some(first) = call.first() else {
        return false;
    };
    let (unit, func): (&Unit, u32) = match call.kind_of(first) {
        Some(Expr::Func(func)) => (call.unit_of(), *func),
        Some(Expr::Child(index)) => {
            let facts = view.facts(&found.at.file);
            let mut modules = facts.into_iter().flat_map(|facts| &facts.modules);
            let module = modules.find(|module| module.span.contains(found.at.span));
            match module.and_then(|module| module.children.get(*index as usize)) {
                Some(child) => (&child.unit, 0),
                None => return false,
            }
        }
        _ => return false,
    };
    let Some(body) = unit.funcs.get(func as usize) else {
        return false;
    };
    if body.arguments.is_some() || body.rest.is_some() {
        return false;
    }
    let Some(parameter) = body.params.first() else {
        return true;
    };
    let Some(Pat::Var(Var::Local(slot))) = unit.pats.get(*parameter as usize).map(|p| &p.kind)
    else {
        return false;
    };
    // Names of other functions' variables may share the slot: then nothing is said.
    !unit.exprs.iter().any(|node| {
        body.span.contains(node.span)
            && matches!(&node.kind, Expr::Var(Var::Local(s) | Var::Up(_, s)) if s == slot)
    })
}

/// A block that asks for agreement and has no other way out.
pub(super) fn no_refusal(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let mut out = Vec::new();
    for (file, elements, index, alone) in agree_buttons(view) {
        if !alone {
            continue;
        }
        // The pop-up: as far out as two steps, as long as it holds something else.
        let mut block = index;
        for _ in 0..3 {
            if let Some(parent) = elements.all[block].parent {
                block = parent;
            }
        }
        let root_reached = elements.all[block].parent.is_none();
        // Outermost elements have the whole template around them.
        let roots = (0..elements.all.len()).filter(|&at| elements.all[at].parent.is_none());
        let blocks: Vec<usize> = match root_reached {
            true => roots.collect(),
            false => vec![block],
        };
        let inside = blocks.into_iter().flat_map(|block| elements.inside(block));
        let others: Vec<usize> = inside.filter(|&other| other != index).collect();
        let can_be_tapped = others
            .iter()
            .any(|&other| is_tappable(view, elements, other));
        let says_no = others.iter().any(|&other| {
            let text = elements.all[other].text.to_lowercase();
            let mut words = view.table.refusal.no_words.iter();
            words.any(|word| text.contains(&**word))
        });
        if root_reached && !can_be_tapped && !says_no {
            let at = Location {
                file: file.clone(),
                span: elements.all[index].open,
            };
            out.push(hit(&at, Confidence::Medium, Vec::new(), Words::default()));
        }
    }
    out
}

/// Something other than a link to the statement reacts to a tap, closes, or is a component of its own.
fn is_tappable(view: &View<'_>, elements: &Elements, index: usize) -> bool {
    let element = &elements.all[index];
    let is_component = element.tag.contains('-') && !element.tag.ends_with("view");
    let mut attrs = element.attrs.iter().map(|(name, value)| (name, value));
    let taps = attrs.any(|(name, value)| {
        let mut ends = view.table.popup.tap.iter();
        let is_tap = ends.any(|end| name.ends_with(&**end));
        let opens_statement = matches!(value, super::elements::Value::Text(handler)
            if view.table.speaks_of_agreement(handler));
        let by_name = name.contains("close") || name.contains("cancel");
        (is_tap && !opens_statement) || by_name
    });
    is_component || taps
}

/// A dialog about privacy with one button only.
pub(super) fn modal_without_no(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.refusal;
    view.uses
        .iter()
        .filter(|found| {
            let option = |key: &str| {
                let entry = found.options.iter().find(|(k, _)| **k == *key);
                entry.map(|(_, value)| &**value)
            };
            let says_yes = || {
                let button = option(&table.modal_button)
                    .unwrap_or_default()
                    .to_lowercase();
                let demands = |key: &String| {
                    let text = option(key).unwrap_or_default().to_lowercase();
                    table.demands.iter().any(|word| text.contains(&**word))
                };
                table.yes_words.iter().any(|word| button.contains(&**word))
                    || table.modal_texts.iter().any(demands)
            };
            let wanted =
                !found.triggers.is_empty() && found.triggers.iter().all(|t| *t == Trigger::User);
            table.modal.iter().any(|name| **name == *found.api)
                && (!wanted || says_yes())
                && option(&table.modal_flag) == Some("false")
                && table.modal_texts.iter().any(|key| {
                    let text = option(key).unwrap_or_default().to_lowercase();
                    view.table.speaks_of_agreement(&text)
                })
        })
        .map(|found| {
            let words = Words::default().set("call", &found.call);
            hit(&found.at, Confidence::Medium, Vec::new(), words)
        })
        .collect()
}

/// A refusal ends the program.
pub(super) fn leave(view: &View<'_>, _: &Match) -> Vec<Hit> {
    let table = &view.table.refusal;
    view.uses
        .iter()
        .filter(|found| {
            let refused = failed(found).unwrap_or_default();
            let asks = view.asks(refused)
                || view
                    .table
                    .agreement
                    .calls
                    .iter()
                    .any(|name| name == refused);
            table.leave.first().is_some_and(|name| **name == *found.api) && asks
        })
        .map(|found| {
            let refused = failed(found).unwrap_or_default();
            let words = Words::default()
                .set("call", &found.call)
                .set("name", refused);
            hit(&found.at, Confidence::High, Vec::new(), words)
        })
        .collect()
}
