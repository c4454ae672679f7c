//! What the values in one file hold, place by place: for hovers. Made on demand, since nobody else asks.

use super::classify::Classifier;
use super::effects::SinkEvent;
use super::engine::{Cx, Engine};
use super::run::Run;
use super::value::{Atom, SymId, TraceId, Value};
use super::{Datum, Options};
use crate::app::App;
use crate::facts::FileFacts;
use crate::rules::RuleSet;
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// More symbols are not told apart at one place.
const MAX_HELD: usize = 32;

/// A place of a file and what the value there holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The variable, member or called function.
    pub span: Span,
    /// What it holds, with where that came from; steps lead to the place.
    pub data: Vec<Datum>,
}

/// The values seen in one file.
#[derive(Debug, Default)]
pub(super) struct Watch {
    file: u32,
    seen: FxHashMap<Span, Vec<(SymId, TraceId)>>,
}

impl Engine<'_> {
    /// Notes what a place holds, if its file is the one that is looked at.
    pub fn watch(&mut self, cx: &Cx<'_>, span: Span, value: &Value) {
        if self.watched.as_ref().is_some_and(|w| w.file == cx.file) {
            self.note_reading(span.shifted(cx.base), value);
        }
    }

    fn note_reading(&mut self, span: Span, value: &Value) {
        // Pages and other instances hold everything: that says nothing.
        let steps = self.steps;
        let held = self.symbols_in(value);
        self.steps = steps;
        let Some(watch) = &mut self.watched else {
            return;
        };
        for atom in held.iter() {
            let Atom::Sym(sym, trace) = atom else {
                continue;
            };
            let seen = watch.seen.entry(span).or_default();
            if seen.len() < MAX_HELD && !seen.iter().any(|(known, _)| *known == sym) {
                seen.push((sym, trace));
            }
        }
    }
}

/// What the values in a file hold; sorted by place. Costs as much as [`super::analyze`].
pub fn readings(
    set: &RuleSet,
    app: &App,
    files: &BTreeMap<Arc<str>, Arc<FileFacts>>,
    options: &Options,
    file: &str,
) -> Vec<Reading> {
    let mut engine = Engine::new(set, app, files, options);
    let Some(&index) = engine.file_ids.get(file) else {
        return Vec::new();
    };
    engine.watched = Some(Watch {
        file: index,
        ..Watch::default()
    });
    let mut run = Run::settled(engine);
    let watch = run.engine.watched.take().unwrap_or_default();
    let mut places: Vec<(Span, Vec<(SymId, TraceId)>)> = watch.seen.into_iter().collect();
    places.sort_unstable_by_key(|(span, _)| *span);
    let mut classifier = Classifier::default();
    let mut out = Vec::new();
    for (span, symbols) in places {
        let at = super::value::Loc { file: index, span };
        let event = SinkEvent::at(at);
        let mut data: Vec<Datum> = Vec::new();
        for (sym, trace) in symbols {
            for mut datum in run.data(&event, sym, trace, at, &mut classifier) {
                // The place itself is where one is.
                datum.steps.pop();
                match data.iter_mut().find(|old| {
                    old.class == datum.class
                        && old.source == datum.source
                        && old.protection == datum.protection
                }) {
                    Some(old)
                        if (old.confidence, old.evidence) >= (datum.confidence, datum.evidence) => {
                    }
                    Some(old) => *old = datum,
                    None => data.push(datum),
                }
            }
        }
        if !data.is_empty() {
            out.push(Reading { span, data });
        }
    }
    out
}
