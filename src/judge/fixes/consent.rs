//! Purposes of permissions, and entries of an app's configuration that mends add. Whoever applies them writes the purpose:
//! a mend cannot know it.

use super::{Builder, Edits, edit};
use crate::app::script_config;
use crate::facts::{JsonEntry, JsonScalar};
use crate::finding::FileEdit;
use crate::text::Span;
use std::sync::Arc;

/// Entries of a configuration with the text they stand in.
pub(super) struct Config<'c> {
    file: Arc<str>,
    entries: Vec<JsonEntry>,
    text: &'c str,
    /// Keys have quotes.
    pub json: bool,
}

impl<'c> Config<'c> {
    /// The configuration in the finding's file.
    pub fn of(b: &'c Builder<'_, '_>) -> Config<'c> {
        let tables = &b.judge.rules.tables;
        let scripted = script_config(b.facts, &b.judge.rules.names, tables.app_model());
        Config {
            file: b.finding.at.file.clone(),
            entries: b.facts.json.iter().cloned().chain(scripted).collect(),
            text: &b.text,
            json: !b.facts.json.is_empty(),
        }
    }

    pub fn at(&self, path: &str) -> Option<&JsonEntry> {
        self.entries.iter().find(|entry| *entry.path == *path)
    }

    pub fn quoted(&self, text: &str) -> String {
        match self.json {
            true => format!("\"{text}\""),
            false => format!("'{text}'"),
        }
    }

    pub fn key(&self, name: &str) -> String {
        let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match !self.json && plain {
            true => name.to_string(),
            false => self.quoted(name),
        }
    }

    /// `key: value` at the beginning of the object at a path, indented like its neighbours.
    pub fn insert(&self, path: &str, key: &str, value: &str) -> Option<FileEdit> {
        let object = self.at(path)?;
        if object.scalar != JsonScalar::Object {
            return None;
        }
        let inside = Span::new(object.value.start + 1, object.value.end).of(self.text);
        let comma = if inside.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        let line = inside
            .strip_prefix("\r\n")
            .or_else(|| inside.strip_prefix('\n'));
        let indent: String = line.map_or(" ".into(), |rest| {
            let spaces = rest.chars().take_while(|c| *c == ' ' || *c == '\t');
            format!("\n{}", spaces.collect::<String>())
        });
        let at = Span::new(object.value.start + 1, object.value.start + 1);
        let key = self.key(key);
        Some(edit(
            &self.file,
            at,
            format!("{indent}{key}: {value}{comma}"),
        ))
    }
}

/// Purposes for the permissions that the finding names: a text that says what is missing, to be written over.
pub(super) fn purpose(b: &Builder<'_, '_>) -> Option<Edits> {
    let tables = &b.judge.rules.tables;
    let table = &tables.consent().declaration;
    let text = b.spec.params.str("text")?;
    let named = |scope: &&String| {
        let words = b.finding.message.en.split_whitespace();
        words.map(|w| w.trim_matches(',')).any(|w| w == **scope)
    };
    let scopes: Vec<&String> = tables
        .privacy_apis()
        .scopes()
        .desc_required
        .iter()
        .filter(named)
        .collect();
    let config = Config::of(b);
    // In a manifest the keys stand below the host's own.
    let base = match config.at(&table.prefix) {
        Some(_) => format!("{}.", table.prefix),
        None => String::new(),
    };
    let list = format!("{base}{}", table.permission);
    let missing = |scope: &&&String| config.at(&format!("{list}.{scope}")).is_none();
    let rows: Vec<String> = scopes
        .iter()
        .filter(missing)
        .map(|scope| {
            let (scope, purpose) = (config.key(scope), config.key(&table.purpose));
            format!("{scope}: {{ {purpose}: {} }}", config.quoted(text))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let edit = match config.at(&list) {
        Some(_) => {
            let (first, rest) = rows[0].split_once(": ")?;
            let name = first.trim_matches(['"', '\'']);
            let more: String = rows[1..].iter().map(|row| format!(", {row}")).collect();
            config.insert(&list, name, &format!("{rest}{more}"))?
        }
        None => {
            let root = base.trim_end_matches('.');
            let value = format!("{{ {} }}", rows.join(", "));
            config.insert(root, &table.permission, &value)?
        }
    };
    Some(Edits {
        edits: vec![edit],
        risky: false,
    })
}
