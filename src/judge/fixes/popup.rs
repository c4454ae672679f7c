//! Mends of the app's own privacy pop-up: the button that agrees, its id, calls that give no promise. Which words and
//! attributes these are is told by `queries/data/consent.toml` and by the rule.

use super::script::script_at;
use super::{Builder, Edits, edit};
use crate::finding::FileEdit;
use crate::judge::consent::agree_answers;
use crate::judge::consent::elements::{Element, Elements, Value};
use crate::text::Span;
use std::sync::Arc;

/// A button of a template or of JSX.
struct Button {
    file: Arc<str>,
    text: Arc<str>,
    element: Element,
}

impl Button {
    fn open(&self) -> &str {
        self.element.open.of(&self.text)
    }

    /// An edit behind the name of the tag.
    fn add(&self, attributes: &str) -> FileEdit {
        let at = self.element.open.start + 1 + self.element.tag.len() as u32;
        edit(&self.file, Span::new(at, at), format!(" {attributes}"))
    }

    /// Where the name of one of these attributes stands.
    fn attribute(&self, names: &[String]) -> Option<Span> {
        let open = self.open();
        let found = names.iter().find_map(|name| {
            let mut places = open.match_indices(name.as_str());
            let (at, _) = places.find(|(at, _)| {
                let before = open[..*at].ends_with(char::is_whitespace);
                before && open[at + name.len()..].trim_start().starts_with('=')
            })?;
            Some((at, name))
        });
        let (at, name) = found?;
        let start = self.element.open.start + at as u32;
        Some(Span::new(start, start + name.len() as u32))
    }
}

/// The buttons of a file that meet a condition.
fn buttons(b: &Builder<'_, '_>, file: &str, wanted: &dyn Fn(&Element) -> bool) -> Vec<Button> {
    let extensions = b.spec.params.list("extensions");
    let is_template = extensions.iter().any(|e| file.ends_with(e.as_str()));
    let (Some((path, facts)), Some(text)) = (b.ctx.files.get_key_value(file), (b.ctx.text)(file))
    else {
        return Vec::new();
    };
    if !is_template {
        return Vec::new();
    }
    let elements = Elements::of(facts, &b.judge.rules.names).all;
    let wanted = elements.into_iter().filter(|element| wanted(element));
    wanted
        .map(|element| Button {
            file: path.clone(),
            text: text.clone(),
            element,
        })
        .collect()
}

/// The button on which people agree gets what the platform must see: its kind, its event in place of the tap, an id.
pub(super) fn agree_button(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let event = params.str("event")?;
    let found = buttons(b, &b.finding.at.file, &|e| e.open == b.span());
    if let Some(button) = found.first() {
        let tap = button.attribute(params.list("tap"))?;
        return edits(vec![edit(&button.file, tap, event)]);
    }
    let button = says_yes(b)?;
    let tap = button.attribute(params.list("tap"))?;
    let mut attributes = params.str("attribute")?.to_string();
    if button.element.attr("id").is_none() {
        let script = b.ctx.files.get(&b.finding.at.file)?;
        let answers = agree_answers(&b.judge.rules, script);
        let ids = answers.iter().filter_map(|(_, id)| id.as_ref());
        let id = ids.map(|(id, _)| &**id).next().or(params.str("id"))?;
        attributes = format!("id=\"{id}\" {attributes}");
    }
    edits(vec![
        button.add(&attributes),
        edit(&button.file, tap, event),
    ])
}

/// The only button beside a script that says yes and reacts to a tap, where the finding is a listener without one.
fn says_yes(b: &Builder<'_, '_>) -> Option<Button> {
    let table = b.judge.rules.tables.consent();
    let call = b.span().of(&b.text);
    if !table
        .popup
        .listen
        .iter()
        .any(|name| call.contains(name.as_str()))
    {
        return None;
    }
    let refusal = &table.refusal;
    let words = b.spec.params.list("words");
    let wanted = |element: &Element| {
        let text = element.text.to_lowercase();
        element.tag == "button"
            && words.iter().any(|word| text.contains(word.as_str()))
            && !refusal
                .no_words
                .iter()
                .any(|word| text.contains(word.as_str()))
    };
    let file = &b.finding.at.file;
    let stem = file.rsplit_once('.')?.0;
    let beside = b.spec.params.list("extensions").iter();
    let mut files: Vec<String> = beside.map(|e| format!("{stem}{e}")).collect();
    files.dedup();
    let mut found = files.iter().flat_map(|file| buttons(b, file, &wanted));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The answer names the button that is there; a button without an id gets the one that the answer names.
pub(super) fn button_id(b: &Builder<'_, '_>) -> Option<Edits> {
    let answers = agree_answers(&b.judge.rules, b.facts);
    let (object, id) = answers.into_iter().find(|(span, _)| *span == b.span())?;
    let table = &b.judge.rules.tables.consent();
    let opens = &table.deprecated.open_type_attributes;
    let agrees = |element: &Element| {
        let kinds = opens.iter().filter_map(|name| element.text_of(name));
        kinds
            .flat_map(|k| k.split('|'))
            .any(|k| k.trim() == table.popup.open_type)
    };
    let files = b.ctx.files.keys();
    let mut found = files.flat_map(|file| buttons(b, file, &agrees));
    let (button, None) = (found.next()?, found.next()) else {
        return None;
    };
    match (button.element.attr("id"), id) {
        (Some(Value::Text(there)), Some((_, span))) => {
            let quote = span.of(&b.text).chars().next()?;
            b.one(span, format!("{quote}{there}{quote}"))
        }
        (Some(Value::Text(there)), None) => {
            let key = &table.popup.answer_id;
            let end = object.of(&b.text).trim_end_matches('}').trim_end().len() as u32;
            let at = object.start + end;
            b.one(Span::new(at, at), format!(", {key}: '{there}'"))
        }
        (None, Some((id, _))) => edits(vec![button.add(&format!("id=\"{id}\""))]),
        _ => None,
    }
}

/// The call in a promise of its own, which its options settle.
pub(super) fn promise(b: &Builder<'_, '_>) -> Option<Edits> {
    let params = &b.spec.params;
    let (before, options, after) = (
        params.str("before")?,
        params.str("options")?,
        params.str("after")?,
    );
    let script = script_at(b, b.facts, &b.text, b.span())?;
    let mut call = script.around(b.span())?;
    while call.kind() != "call_expression" {
        call = call.parent()?;
    }
    let list = call.child_by_field_name("arguments")?;
    let mut arguments = list.named_children(&mut list.walk()).collect::<Vec<_>>();
    let (at, text) = match (arguments.pop(), arguments.is_empty()) {
        (None, _) => (script.span(list).start + 1, format!("{{ {options} }}")),
        (Some(object), true) if object.kind() == "object" => {
            let source = script.of(object);
            if params
                .list("settled-by")
                .iter()
                .any(|key| source.contains(key.as_str()))
            {
                return None;
            }
            let comma = match object.named_child_count() {
                0 => " ",
                _ => ",",
            };
            (script.span(object).start + 1, format!(" {options}{comma}"))
        }
        _ => return None,
    };
    let whole = script.span(call);
    edits(vec![
        b.edit(Span::new(whole.start, whole.start), before),
        b.edit(Span::new(at, at), text),
        b.edit(Span::new(whole.end, whole.end), after),
    ])
}

fn edits(edits: Vec<FileEdit>) -> Option<Edits> {
    let risky = false;
    Some(Edits { edits, risky })
}
