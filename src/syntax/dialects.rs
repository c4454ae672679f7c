//! Which files are what, and how template dialects mark expressions: the shape of `queries/data/dialects.toml`.
//!
//! Plain data, handed in by whoever read the table; knows no platform.

use super::{FileKind, Grammar};
use serde::Deserialize;

/// File kinds by name, and the marks of templates.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dialects {
    suffixes: Suffixes,
    names: FileNames,
    /// How templates mark expressions.
    pub markup: MarkupDialect,
    /// How comments say that code is for some targets only.
    pub conditions: Conditions,
}

/// Conditional compilation by comments.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditions {
    /// Beginnings of the comments that speak of it.
    pub comments: Vec<String>,
    /// Words that open code for the targets they name.
    pub r#if: Vec<String>,
    /// Words that open code for all other targets.
    pub unless: Vec<String>,
    /// Words that turn a condition round.
    pub otherwise: Vec<String>,
    /// Words that end a condition.
    pub end: Vec<String>,
    /// Targets that are no mini program.
    pub elsewhere: Vec<String>,
    /// Names that stand for all mini programs.
    pub everywhere: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Suffixes {
    javascript: Vec<String>,
    typescript: Vec<String>,
    tsx: Vec<String>,
    nothing: Vec<String>,
    view_script: Vec<String>,
    template: Vec<String>,
    component: Vec<String>,
    json: Vec<String>,
    plain: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileNames {
    plain: Vec<String>,
    plain_prefixes: Vec<String>,
}

/// How templates mark expressions; all dialects in one, because their marks do not collide.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MarkupDialect {
    /// Elements whose content is not markup.
    pub raw: Vec<String>,
    /// Raw elements that hold scripts of the view layer.
    pub view_scripts: Vec<String>,
    /// Attributes that name a view-layer module.
    pub module_attributes: Vec<String>,
    /// `lang` values of component scripts that run in the view layer.
    pub view_languages: Vec<String>,
    /// Blocks of a component that hold configuration.
    pub json_blocks: Vec<String>,
    /// Delimiters of interpolations.
    pub interpolations: Vec<(String, String)>,
    /// `element attribute` pairs whose interpolation is the inside of an object literal.
    pub objects: Vec<String>,
    /// Beginnings of attributes whose whole value is an expression.
    pub expressions: Vec<String>,
    /// Attributes that look like those but hold plain text.
    pub names: Vec<String>,
    /// Beginnings of attributes whose value may be statements.
    pub handlers: Vec<String>,
    /// Beginnings of attributes whose value is an expression if it is a call.
    pub calls: Vec<String>,
    /// Attributes of the form `(item, index) in list`.
    pub loops: Vec<String>,
    /// Words that end the list expression of a loop.
    pub loop_tails: Vec<String>,
    /// Beginnings of attributes whose value declares names.
    pub scopes: Vec<String>,
    /// Attributes that hold the list of a loop whose names stand in attributes of their own, or are understood.
    pub loop_attributes: Vec<String>,
    /// Attributes that name a loop's item.
    pub item_attributes: Vec<String>,
    /// Attributes that name a loop's index.
    pub index_attributes: Vec<String>,
    /// The item's name where no attribute gives one.
    pub item_name: String,
    /// The index's name where no attribute gives one.
    pub index_name: String,
}

impl Dialects {
    /// Ends of names, and names (some with `*` at the end), of all files that are looked into.
    pub fn watched(&self) -> (Vec<&str>, Vec<String>) {
        let s = &self.suffixes;
        let lists = [
            &s.javascript,
            &s.typescript,
            &s.tsx,
            &s.view_script,
            &s.template,
            &s.component,
            &s.json,
            &s.plain,
        ];
        let suffixes = lists.into_iter().flatten().map(String::as_str).collect();
        let names = self.names.plain.iter().cloned();
        let prefixes = self.names.plain_prefixes.iter().map(|p| format!("{p}*"));
        (suffixes, names.chain(prefixes).collect())
    }

    /// What a file is, by its name alone; `None` for files that are not looked into.
    pub fn kind_of(&self, path: &str) -> Option<FileKind> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let s = &self.suffixes;
        let table: [(&[String], Option<FileKind>); 9] = [
            (&s.javascript, Some(FileKind::Script(Grammar::JavaScript))),
            (&s.typescript, Some(FileKind::Script(Grammar::TypeScript))),
            (&s.tsx, Some(FileKind::Script(Grammar::Tsx))),
            (&s.nothing, None),
            (&s.view_script, Some(FileKind::ViewScript)),
            (&s.template, Some(FileKind::Template)),
            (&s.component, Some(FileKind::Component)),
            (&s.json, Some(FileKind::Json)),
            (&s.plain, Some(FileKind::Plain)),
        ];
        let best = table
            .iter()
            .flat_map(|(suffixes, kind)| suffixes.iter().map(move |suffix| (suffix, *kind)))
            .filter(|(suffix, _)| ends_with_ignore_case(name, suffix))
            .max_by_key(|(suffix, _)| suffix.len());
        if let Some((_, kind)) = best {
            return kind;
        }
        let plain = self.names.plain.iter().any(|n| n == name)
            || self
                .names
                .plain_prefixes
                .iter()
                .any(|p| name.starts_with(&**p));
        plain.then_some(FileKind::Plain)
    }
}

fn ends_with_ignore_case(name: &str, suffix: &str) -> bool {
    name.len() >= suffix.len()
        && name.as_bytes()[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}

/// The table that is part of the binary.
pub fn builtin() -> Dialects {
    toml::from_str(include_str!("../../queries/data/dialects.toml"))
        .expect("internal: dialects.toml is part of the binary and tested")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_from_the_longest_suffix() {
        let dialects = builtin();
        let kind = |path| dialects.kind_of(path);
        assert_eq!(kind("a/b.js"), Some(FileKind::Script(Grammar::JavaScript)));
        assert_eq!(kind("a/b.TS"), Some(FileKind::Script(Grammar::TypeScript)));
        assert_eq!(kind("typings/b.d.ts"), None);
        assert_eq!(kind("a/f.filter.js"), Some(FileKind::ViewScript));
        assert_eq!(kind("页面/我的.wxml"), Some(FileKind::Template));
        assert_eq!(kind("pages\\x.vue"), Some(FileKind::Component));
        assert_eq!(kind(".env.production"), Some(FileKind::Plain));
        assert_eq!(kind("cert/apiclient_key.pem"), Some(FileKind::Plain));
        assert_eq!(kind("号"), None);
        assert_eq!(kind("a.png"), None);
    }
}
