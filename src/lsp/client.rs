//! What a client can do and wants, as `initialize` tells. Pure.

use crate::finding::Language;
use crate::syntax::Dialects;
use crate::text::Encoding;
use serde_json::{Value, json};

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// How it counts columns.
    pub encoding: Encoding,
    encoding_name: &'static str,
    /// It asks for diagnostics; then nothing is pushed.
    pub pull: bool,
    /// An answer about one document may hold news about others.
    pub related_documents: bool,
    /// It answers `workspace/configuration`.
    pub configuration: bool,
    /// It can be asked to watch files.
    pub watch: bool,
    /// It can be asked to tell of changed settings.
    pub register_configuration: bool,
    /// It shows progress.
    pub progress: bool,
    /// Edits may carry the version of their document.
    pub document_changes: bool,
    /// Edits may make files.
    pub creates: bool,
    /// Edits of code actions may come later.
    pub resolve: bool,
    /// It asks for lenses again when it is told to.
    pub lens_refresh: bool,
    /// The language of its user interface.
    pub locale: Option<Language>,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub fn new(params: &Value) -> Client {
        let capabilities = &params["capabilities"];
        let (workspace, document) = (&capabilities["workspace"], &capabilities["textDocument"]);
        let known = |e: &Value| match e.as_str()? {
            "utf-8" => Some((Encoding::Utf8, "utf-8")),
            "utf-16" => Some((Encoding::Utf16, "utf-16")),
            "utf-32" => Some((Encoding::Utf32, "utf-32")),
            _ => None,
        };
        let wanted = capabilities["general"]["positionEncodings"].as_array();
        let (encoding, encoding_name) = wanted
            .and_then(|list| list.iter().find_map(known))
            .unwrap_or((Encoding::Utf16, "utf-16"));
        let dynamic = |value: &Value| value["dynamicRegistration"] == true;
        let edit_later = document["codeAction"]["resolveSupport"]["properties"].as_array();
        Client {
            encoding,
            encoding_name,
            pull: document["diagnostic"].is_object()
                && workspace["diagnostics"]["refreshSupport"] == true,
            related_documents: document["diagnostic"]["relatedDocumentSupport"] == true,
            configuration: workspace["configuration"] == true,
            watch: dynamic(&workspace["didChangeWatchedFiles"]),
            register_configuration: dynamic(&workspace["didChangeConfiguration"]),
            progress: capabilities["window"]["workDoneProgress"] == true,
            document_changes: workspace["workspaceEdit"]["documentChanges"] == true,
            creates: workspace["workspaceEdit"]["documentChanges"] == true
                && workspace["workspaceEdit"]["resourceOperations"]
                    .as_array()
                    .is_some_and(|list| list.iter().any(|kind| kind == "create")),
            resolve: document["codeAction"]["dataSupport"] == true
                && edit_later.is_some_and(|list| list.iter().any(|p| p == "edit")),
            lens_refresh: workspace["codeLens"]["refreshSupport"] == true,
            locale: params["locale"].as_str().map(|l| {
                match l.to_ascii_lowercase().starts_with("zh") {
                    true => Language::ZhCn,
                    false => Language::En,
                }
            }),
        }
    }

    /// The answer to `initialize`.
    pub fn answer(&self) -> Value {
        let mut out = json!({
            "positionEncoding": self.encoding_name,
            "textDocumentSync": {"openClose": true, "change": 2, "save": true},
            "hoverProvider": true,
            "codeLensProvider": {"resolveProvider": false},
            "codeActionProvider": {"codeActionKinds": ["quickfix", super::actions::FIX_ALL], "resolveProvider": true},
            "executeCommandProvider": {"commands": super::world::COMMANDS},
            "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
        });
        if self.pull {
            out["diagnosticProvider"] = json!({"identifier": "minivet", "interFileDependencies": true, "workspaceDiagnostics": true});
        }
        json!({"capabilities": out, "serverInfo": {"name": "minivet", "version": env!("CARGO_PKG_VERSION")}})
    }
}

/// Which files the client shall watch: sources, configurations, texts that one of them may name, and what is deleted at all, because a folder that goes
/// takes its files with it without a word.
pub fn watchers(dialects: &Dialects) -> Vec<Value> {
    let names = "{minivet.toml,.minivet.toml,package.json,.gitignore,.minivetignore}";
    let (suffixes, plain) = dialects.watched();
    let watch = |glob: String| json!({"globPattern": glob});
    vec![
        watch(format!("**/*{{{}}}", suffixes.join(","))),
        watch(format!("**/{{{}}}", plain.join(","))),
        watch(format!("**/{names}")),
        // Guidelines that `declared` may name.
        watch("**/*{.txt,.md,.htm,.html}".into()),
        json!({"globPattern": "**/*", "kind": 4}),
    ]
}
