//! What is new since an inventory was saved, for people.

use super::text::class_name;
use super::{Report, join, say};
use crate::finding::Language;
use crate::inventory::Inventory;
use crate::inventory::diff::{Diff, NewData};
use crate::report::Looks;
use crate::report::escape::line;

/// One line: a label and what is new.
pub(super) struct Line {
    pub key: &'static str,
    pub text: String,
    pub at: String,
}

/// All that is new, in the order of its weight.
pub(super) fn lines(report: &Report<'_>, app: &Inventory, diff: &Diff) -> Vec<Line> {
    let language = report.language;
    let mut out = Vec::new();
    let mut data = |key: &'static str, list: &[NewData]| {
        for one in list {
            let calls: Vec<String> = one.by.iter().map(|u| u.name.to_string()).collect();
            let mut calls_once = calls.clone();
            calls_once.dedup();
            let at = one
                .by
                .first()
                .map(|u| format!("{}:{}", u.at.file, u.at.line));
            out.push(Line {
                key,
                text: format!(
                    "{} ({})",
                    class_name(app, language, &one.class),
                    join(language, &calls_once)
                ),
                at: at.unwrap_or_default(),
            });
        }
    };
    data("since-collected", &diff.collected);
    data("since-ways", &diff.ways);
    for one in &diff.recipients {
        out.push(Line {
            key: "since-recipients",
            text: format!("{}: {}", one.to, super::names(app, language, &one.data)),
            at: String::new(),
        });
    }
    for id in &diff.types {
        let item = app.guideline.iter().find(|item| item.info_type == *id);
        out.push(Line {
            key: "since-types",
            text: item.map_or(id.to_string(), |item| match language {
                Language::En => format!("{} ({})", item.words.en, item.words.zh_cn),
                Language::ZhCn => item.words.zh_cn.clone(),
            }),
            at: String::new(),
        });
    }
    for id in &diff.third_parties {
        let party = app.third_parties.iter().find(|party| party.id == *id);
        out.push(Line {
            key: "since-third",
            text: party.map_or(id.to_string(), |p| p.name.get(language).to_string()),
            at: String::new(),
        });
    }
    for class in &diff.gone {
        out.push(Line {
            key: "since-gone",
            text: class_name(app, language, class),
            at: String::new(),
        });
    }
    out
}

/// For the terminal.
pub(super) fn text(report: &Report<'_>, app: &Inventory, diff: &Diff, looks: &Looks) -> String {
    let language = report.language;
    let head = say(language, "sec-since", &[("file", &line(report.since_file))]);
    let mut out = format!("\n{}\n", looks.paint("1;4", &head));
    if diff.is_empty() {
        out.push_str(&format!(
            "  {}\n",
            looks.paint("32", &say(language, "since-same", &[]))
        ));
    }
    for one in lines(report, app, diff) {
        let (mark, style) = match one.key {
            "since-gone" => ("-", "32"),
            _ => ("+", "1;33"),
        };
        out.push_str(&format!(
            "  {} {}: {}  {}\n",
            looks.paint(style, mark),
            say(language, one.key, &[]),
            line(&one.text),
            looks.paint("2", &line(&one.at))
        ));
    }
    out
}
