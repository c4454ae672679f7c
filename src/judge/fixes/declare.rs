//! Mends of the app's configuration: what it must declare.

use super::{Builder, Edits};
use crate::app::script_config;
use crate::facts::{JsonEntry, JsonScalar};
use crate::text::Span;

/// The names that the finding speaks of are added to the list of declared calls.
pub(super) fn declare(b: &Builder<'_, '_>) -> Option<Edits> {
    let tables = &b.judge.rules.tables;
    let table = &tables.consent().declaration;
    let words: Vec<&str> = b
        .finding
        .message
        .en
        .split(|c: char| !c.is_alphanumeric())
        .collect();
    let wanted = tables.privacy_apis().required_values().iter();
    let entries: Vec<JsonEntry> = b
        .facts
        .json
        .iter()
        .cloned()
        .chain(script_config(
            b.facts,
            &b.judge.rules.names,
            tables.app_model(),
        ))
        .collect();
    let at = |path: &str| {
        entries
            .iter()
            .position(|entry| *entry.path == *path)
            .map(|index| (index, &entries[index]))
    };
    // In a manifest the keys stand below the host's own.
    let (base, root) = match at(&table.prefix) {
        Some((_, entry)) => (format!("{}.", table.prefix), entry),
        None => (String::new(), at("")?.1),
    };
    let list = format!("{base}{}", table.key);
    let known: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.path.starts_with(&*list))
        .filter_map(|entry| match &entry.scalar {
            JsonScalar::String(text) => Some(&**text),
            _ => None,
        })
        .collect();
    let quote = if b.facts.json.is_empty() { '\'' } else { '"' };
    let names: Vec<String> = wanted
        .filter(|name| words.contains(&&***name) && !known.contains(&&***name))
        .map(|name| format!("{quote}{name}{quote}"))
        .collect();
    if names.is_empty() {
        return None;
    }
    let names = names.join(", ");
    if let Some((index, array)) = at(&list) {
        if array.scalar != JsonScalar::Array {
            return None;
        }
        let last = entries[index..]
            .iter()
            .rfind(|entry| entry.path.starts_with(&*list) && entry.path.len() > list.len());
        return match last {
            Some(last) => b.one(
                Span::new(last.value.end, last.value.end),
                format!(", {names}"),
            ),
            None => b.one(
                Span::new(array.value.start + 1, array.value.start + 1),
                names,
            ),
        };
    }
    if root.scalar != JsonScalar::Object {
        return None;
    }
    let inside = Span::new(root.value.start + 1, root.value.end).of(&b.text);
    let comma = if inside.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    let key = match quote {
        '"' => format!("\"{}\"", table.key),
        _ => table.key.clone(),
    };
    let indent: String = inside
        .strip_prefix("\r\n")
        .or_else(|| inside.strip_prefix('\n'))
        .map_or(" ".into(), |rest| {
            let spaces = rest.chars().take_while(|c| *c == ' ' || *c == '\t');
            format!("\n{}", spaces.collect::<String>())
        });
    b.one(
        Span::new(root.value.start + 1, root.value.start + 1),
        format!("{indent}{key}: [{names}]{comma}"),
    )
}
