//! A template's code: its expressions and the names its elements declare, lowered; what did not change is reused.

use super::ir::Unit;
use super::lower::{Mode, Piece, lower_pieces};
use super::names::Names;
use super::{Note, Placed, Scope, Template};
use crate::syntax::{ExprMode, Markup, Slot};
use crate::text::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The facts of a template. `slots` are its expressions, in source order.
pub(super) fn template(
    markup: &Arc<Markup>,
    slots: &[Slot],
    text: &str,
    names: &Names,
    previous: Option<&Template>,
) -> (Template, Vec<Note>) {
    let mut units = Units {
        known: previous.map(reusable).unwrap_or_default(),
        pieces: Vec::new(),
        wanted: FxHashMap::default(),
    };
    let exprs: Vec<(Span, u64)> = slots
        .iter()
        .map(|slot| {
            let mode = match slot.mode {
                ExprMode::Value => Mode::Value,
                ExprMode::Object => Mode::Object,
                ExprMode::Statements => Mode::Statements,
            };
            let text = slot.span.of(text);
            (slot.span, units.want(Piece { mode, text }, slot.span.start))
        })
        .collect();
    let mut scopes: Vec<(&crate::syntax::Scope, Vec<(u32, u64)>)> = Vec::new();
    for scope in &markup.scopes {
        let declared = scope.names.iter().map(|declared| {
            let text = declared.name.as_deref().unwrap_or(declared.span.of(text));
            let mode = Mode::Alias;
            let start = declared.span.start;
            (start, units.want(Piece { mode, text }, start))
        });
        scopes.push((scope, declared.collect()));
    }
    let notes = units.lower(names);
    let mut exprs: Vec<(Span, Placed)> = exprs
        .into_iter()
        .filter_map(|(span, key)| Some((span, units.placed(key, span.start)?)))
        .collect();
    exprs.sort_by_key(|(span, _)| *span);
    let scopes = scopes
        .into_iter()
        .map(|(scope, declared)| Scope {
            node: scope.node,
            is_loop: scope.is_loop,
            list: scope.list,
            names: declared
                .into_iter()
                .filter_map(|(start, key)| units.placed(key, start))
                .collect(),
        })
        .collect();
    let template = Template {
        markup: markup.clone(),
        exprs,
        scopes,
    };
    (template, notes)
}

/// Units of an earlier version by their keys.
fn reusable(previous: &Template) -> FxHashMap<u64, Arc<Unit>> {
    let exprs = previous.exprs.iter().map(|(_, placed)| placed);
    let names = previous.scopes.iter().flat_map(|scope| &scope.names);
    exprs
        .chain(names)
        .filter(|placed| placed.unit.key != 0)
        .map(|placed| (placed.unit.key, placed.unit.clone()))
        .collect()
}

/// Units by their keys, known and to be made. Equal pieces share one.
struct Units<'t> {
    known: FxHashMap<u64, Arc<Unit>>,
    pieces: Vec<(Piece<'t>, u32)>,
    /// Index into `pieces`.
    wanted: FxHashMap<u64, usize>,
}

impl<'t> Units<'t> {
    fn want(&mut self, piece: Piece<'t>, start: u32) -> u64 {
        let key = piece.key();
        if !self.known.contains_key(&key) {
            self.wanted.entry(key).or_insert_with(|| {
                self.pieces.push((piece, start));
                self.pieces.len() - 1
            });
        }
        key
    }

    fn lower(&mut self, names: &Names) -> Vec<Note> {
        let pieces: Vec<Piece<'_>> = self.pieces.iter().map(|(piece, _)| *piece).collect();
        let mut all = Vec::new();
        for ((piece, start), (unit, notes)) in self.pieces.iter().zip(lower_pieces(&pieces, names))
        {
            self.known.insert(piece.key(), unit);
            all.extend(notes.into_iter().map(|note| Note {
                span: note.span.shifted(*start),
                kind: note.kind,
            }));
        }
        all
    }

    fn placed(&self, key: u64, base: u32) -> Option<Placed> {
        let unit = self.known.get(&key)?.clone();
        Some(Placed { unit, base })
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::lower::ir_dump;
    use crate::facts::{FileFacts, Placed, analyze};
    use crate::rules::RuleSet;
    use crate::syntax::{Document, Node, builtin_dialects, parse};
    use std::sync::Arc;

    fn facts(path: &str, text: &str, previous: Option<&FileFacts>) -> FileFacts {
        let document = Document {
            path: path.into(),
            text: text.into(),
        };
        let dialects = builtin_dialects();
        let kind = dialects.kind_of(path).unwrap();
        let parsed = parse(&document, kind, &dialects, None);
        analyze(&document, &parsed, &RuleSet::builtin(), previous)
    }

    /// Expressions, then scopes, one a line.
    fn show(facts: &FileFacts, text: &str) -> Vec<String> {
        let set = RuleSet::builtin();
        let names = &set.names;
        let template = facts.template.as_ref().unwrap();
        let one_line = |placed: &Placed| {
            let dump = ir_dump(&placed.unit, names);
            dump.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut out = Vec::new();
        for (span, placed) in &template.exprs {
            assert_eq!(placed.base, span.start);
            assert!(Arc::ptr_eq(
                &template.expr(*span).unwrap().unit,
                &placed.unit
            ));
            out.push(format!("{} => {}", span.of(text), one_line(placed)));
        }
        for scope in &template.scopes {
            let Node::Element { tag, .. } = &template.markup.nodes[scope.node as usize] else {
                panic!("a scope of no element");
            };
            assert!(
                template
                    .scopes_of(scope.node)
                    .iter()
                    .any(|s| s.list == scope.list)
            );
            let what = if scope.is_loop { "loop" } else { "slot" };
            let list = scope.list.map_or("-", |s| s.of(text));
            let declared: Vec<String> = scope
                .names
                .iter()
                .map(|placed| {
                    let func = &placed.unit.funcs[0];
                    assert_eq!(func.params.len(), 1);
                    let slots: Vec<_> = func.slots.iter().map(|n| names.text(*n)).collect();
                    slots.join("+")
                })
                .collect();
            out.push(format!("{tag} {what} {list}: {}", declared.join(", ")));
        }
        out
    }

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let first = facts(path, text, None);
        assert_eq!(show(&first, text), expected);
        let again = facts(path, &format!("\n{text}"), Some(&first));
        assert_eq!(show(&again, &format!("\n{text}")), expected);
        let (old, new) = (first.template.unwrap(), again.template.unwrap());
        for ((_, a), (_, b)) in old.exprs.iter().zip(&new.exprs) {
            assert!(Arc::ptr_eq(&a.unit, &b.unit), "units are reused");
        }
    }

    #[test]
    fn native_templates() {
        check(
            "a.wxml",
            "<block wx:for=\"{{list}}\"><view wx:for=\"{{item.rows}}\" wx:for-item=\"row\" wx:for-index=\"i\" \
             data-id=\"a{{row.id}}b{{i}}\">{{row.name || '手机'}}</view></block>\
             <template is=\"t\" data=\"{{...user, a: b, c}}\"/><template is=\"u\" data=\"{{d}}\"/>",
            &[
                "list => return list",
                "item.rows => return item.rows",
                "row.id => return row.id",
                "i => return i",
                "row.name || '手机' => return Or(row.name, \"手机\")",
                "...user, a: b, c => return {...user, a: b, c: c}",
                "d => return {d: d}",
                "block loop list: item, index",
                "view loop item.rows: row, i",
            ],
        );
    }

    #[test]
    fn component_templates() {
        check(
            "a.vue",
            "<template><li #default=\"{ row }\" v-for=\"({ id, name: n }, i) in users\" :key=\"id\" \
             @click=\"pick(n); seen = true\" v-model=\"form.phone\">{{ n }}</li>\
             <p v-for=\"(v, k, i) in user\" @tap=\"go\" v-slot:a=\"s\">{{ v }}{{ v }}</p></template>",
            &[
                "users => return users",
                "id => return id",
                "pick(n); seen = true => pick(n) return seen = true",
                "form.phone => return form.phone",
                "n => return n",
                "user => return user",
                "go => return go",
                "v => return v",
                "v => return v",
                "li loop users: id+n, i",
                "li slot -: row",
                "p loop user: v, k, i",
                "p slot -: s",
            ],
        );
    }

    #[test]
    fn loops_of_other_dialects() {
        check(
            "a.swan",
            "<v s-for=\"p, i in list trackBy p.id\">{{p}}</v><v s-for=\"rows\" s-for-item=\"r\"/>",
            &[
                "list => return list",
                "p => return p",
                "rows => return rows",
                "v loop list: p, i",
                "v loop rows: r, index",
            ],
        );
    }
}
