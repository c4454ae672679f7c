//! The engine on small programs: what flows where. One case a piece; each has what must flow and what must not.

use crate::rules::RuleSet;
use crate::session::{Session, Settings};
use crate::syntax::{Document, builtin_dialects};

mod answers;
mod app;
mod language;
mod limits;
mod react;
mod vue;

/// All flows of an app, `class: source → sink file:line`, with the protection behind it if there is one. `files` are
/// paths and texts in turn; an `app.json` with all pages comes by itself.
fn flows(files: &[(&str, &str)]) -> Vec<String> {
    let session = session(files);
    let linked = session.linked();
    let mut out = Vec::new();
    for hit in linked.apps.iter().flat_map(|app| &app.flow.hits) {
        let line = session
            .facts(&hit.at.file)
            .unwrap()
            .lines
            .line_of(hit.at.span.start)
            + 1;
        for datum in &hit.data {
            if &*hit.family == "display" || datum.confidence == crate::finding::Confidence::Low {
                continue;
            }
            let protection = match datum.protection {
                crate::flow::Protection::None => String::new(),
                other => format!(" {}", format!("{other:?}").to_lowercase()),
            };
            out.push(format!(
                "{}: {} → {} {}:{line}{protection}",
                datum.class, datum.source_name, hit.call, hit.at.file
            ));
        }
    }
    out.sort();
    out.dedup();
    out
}

fn session(files: &[(&str, &str)]) -> Session {
    let mut session = Session::new(RuleSet::builtin(), &Settings::default());
    let pages: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.starts_with("pages/") && path.ends_with(".js"))
        .map(|(path, _)| format!("{:?}", path.trim_end_matches(".js")))
        .collect();
    let app = format!("{{\"pages\": [{}]}}", pages.join(","));
    let mut documents: Vec<Document> = files
        .iter()
        .map(|(path, text)| Document {
            path: (*path).into(),
            text: (*text).into(),
        })
        .collect();
    if !files.iter().any(|(path, _)| *path == "app.json") {
        documents.push(Document {
            path: "app.json".into(),
            text: app.into(),
        });
    }
    session.set_texts(&documents, &builtin_dialects(), &|| ());
    session
}

/// The numbers of the lines whose sinks personal data reaches unprotected, in the first file.
fn leaks(files: &[(&str, &str)]) -> Vec<u32> {
    let at = format!(" {}:", files[0].0);
    let mut lines: Vec<u32> = flows(files)
        .iter()
        .filter_map(|flow| flow.split_once(&at))
        .filter_map(|(_, line)| line.parse().ok())
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Lines of a page that say `// leak` are the ones that leak, and no others.
#[track_caller]
fn check(files: &[(&str, &str)]) {
    let marked: Vec<u32> = files[0]
        .1
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("// leak"))
        .map(|(n, _)| n as u32 + 1)
        .collect();
    assert_eq!(leaks(files), marked, "{:#?}", flows(files));
}

/// The same of an app that brings its own description.
#[track_caller]
fn check_app(files: &[(&str, &str)]) {
    let mut all = files.to_vec();
    all.push(("app.json", "{}"));
    check(&all);
}

/// One page whose `onLoad` has this body.
#[track_caller]
fn body(code: &str) {
    let page =
        format!("Page({{ onLoad(q) {{\nconst phone = wx.getStorageSync('phone')\n{code}\n}} }})");
    check(&[("pages/a.js", &page)]);
}
