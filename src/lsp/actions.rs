//! Code actions: mends of findings, comments that silence them, and all safe mends of a document. Pure.

use super::present::View;
use super::silence;
use super::workspace::Place;
use crate::facts::FileFacts;
use crate::finding::suppress::{UNUSED_DIRECTIVE, names};
use crate::finding::{Applicability, FileEdit, Finding};
use crate::project::mend;
use crate::report::texts::say;
use crate::session::Session;
use crate::syntax::{Dialects, Document};
use crate::text::{Edit, Span, apply_edits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The kind of the action that applies all safe mends.
pub const FIX_ALL: &str = "source.fixAll.minivet";
/// So many findings under a selection get actions.
const MAX_FINDINGS: usize = 20;

/// What the actions of one document are made from.
pub struct Actions<'a> {
    /// How the client wants to be told.
    pub view: View<'a>,
    /// Kinds of files.
    pub dialects: &'a Dialects,
    /// The document.
    pub place: &'a Place,
    /// Its findings.
    pub findings: &'a [Finding],
    /// Edits carry versions.
    pub document_changes: bool,
    /// Edits may make files.
    pub creates: bool,
    /// Edits come when they are asked for.
    pub later: bool,
    /// Whether the request was taken back.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// Which finding, and what is to be done about it: enough to make the edit later.
fn data(uri: &str, version: Option<i64>, what: &str, finding: Option<&Finding>) -> Value {
    let mut out = json!({"uri": uri, "version": version, "what": what});
    if let Some(finding) = finding {
        let span = finding.at.span;
        out["rule"] = json!(&*finding.rule);
        out["span"] = json!([span.start, span.end]);
    }
    out
}

fn wants(only: &Value, kind: &str) -> bool {
    let Some(kinds) = only.as_array() else {
        return true;
    };
    kinds.iter().filter_map(Value::as_str).any(|asked| {
        asked.is_empty()
            || asked == kind
            || kind.strip_prefix(asked).is_some_and(|r| r.starts_with('.'))
    })
}

impl Actions<'_> {
    fn session(&self) -> Option<&Session> {
        let group = self.view.workspace.group(&self.place.group)?;
        Some(&group.session)
    }

    fn facts(&self) -> Option<(&FileFacts, Arc<str>)> {
        let session = self.session()?;
        let facts = session.facts(&self.place.name)?;
        Some((facts, session.text(&self.place.name)?))
    }

    fn uri(&self) -> (String, Option<i64>) {
        let workspace = self.view.workspace;
        let key = workspace.key(self.place);
        (workspace.uri(self.place), workspace.version(&key))
    }

    /// The actions for a span.
    pub fn list(&self, span: Span, only: &Value) -> Vec<Value> {
        let mut out = Vec::new();
        let touched = |f: &&Finding| f.at.span.start <= span.end && span.start <= f.at.span.end;
        if wants(only, "quickfix") {
            let touched = self.findings.iter().filter(touched).take(MAX_FINDINGS);
            for finding in self.with_fixes(touched.cloned().collect()) {
                if (self.cancelled)() {
                    return out;
                }
                out.extend(self.of_finding(&finding));
            }
        }
        if wants(only, FIX_ALL) {
            out.extend(self.fix_all());
        }
        out
    }

    /// Findings of the document with their mends.
    fn with_fixes(&self, findings: Vec<Finding>) -> Vec<Finding> {
        match self.session() {
            Some(session) => mended(session, &self.place.name, findings),
            None => findings,
        }
    }

    fn of_finding(&self, finding: &Finding) -> Vec<Value> {
        let Some(diagnostic) = self.view.diagnostic(self.place, finding) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        let action = |title: String| json!({"title": title, "kind": "quickfix", "diagnostics": [&diagnostic]});
        for fix in &finding.fixes {
            if fix.applicability == Applicability::DisplayOnly {
                continue;
            }
            let Some(edit) = self.edit(&fix.edits) else {
                continue;
            };
            let mut one = action(fix.title.get(self.view.language).to_string());
            if out.is_empty() && fix.applicability == Applicability::Safe {
                one["isPreferred"] = true.into();
            }
            one["edit"] = edit;
            out.push(one);
        }
        if &*finding.rule == UNUSED_DIRECTIVE {
            return out;
        }
        let (uri, version) = self.uri();
        for (what, key) in [("line", "lsp-silence-line"), ("file", "lsp-silence-file")] {
            let title = say(self.view.language, key, &[("rule", &finding.rule)]);
            let mut one = action(title);
            let Some((facts, text)) = self.facts() else {
                continue;
            };
            if self.silencers(what, facts, &text, finding).is_empty() {
                continue;
            }
            if self.later {
                one["data"] = data(&uri, version, what, Some(finding));
            } else {
                let Some(edit) = self.silence(what, finding) else {
                    continue;
                };
                one["edit"] = edit;
            }
            out.push(one);
        }
        out
    }

    fn fix_all(&self) -> Option<Value> {
        let rules = self.session()?.rules();
        let safe = |f: &&Finding| {
            let rule = rules.rule(&f.rule);
            let mut specs = rule.into_iter().flat_map(|rule| &rule.fixes);
            !f.fixes.is_empty() || specs.any(|s| s.applicability == Applicability::Safe)
        };
        // Only some can have one: the others need no look.
        let able = self.findings.iter().filter(safe).cloned().collect();
        let mut able = self.with_fixes(able).into_iter();
        if !able.any(|f| f.fixes.iter().any(|fix| self.is_mine_and_safe(fix))) {
            return None;
        }
        let title = say(self.view.language, "lsp-fix-all", &[]);
        let mut out = json!({"title": title, "kind": FIX_ALL});
        if self.later {
            let (uri, version) = self.uri();
            out["data"] = data(&uri, version, "all", None);
        } else {
            out["edit"] = self.all_safe()?;
        }
        Some(out)
    }

    fn is_mine_and_safe(&self, fix: &crate::finding::Fix) -> bool {
        fix.applicability == Applicability::Safe
            && fix.edits.iter().all(|edit| edit.file == self.place.name)
    }

    /// Whether an action was offered for the text of now.
    pub fn is_current(&self, data: &Value) -> bool {
        data["version"].as_i64() == self.uri().1
    }

    /// The edit of an action that was offered without it. `None` if there is no way.
    pub fn resolve(&self, data: &Value) -> Option<Value> {
        let what = data["what"].as_str()?;
        if what == "all" {
            return self.all_safe();
        }
        let (start, end) = (data["span"][0].as_u64()?, data["span"][1].as_u64()?);
        let finding = self.findings.iter().find(|f| {
            let span = f.at.span;
            data["rule"] == *f.rule && u64::from(span.start) == start && u64::from(span.end) == end
        })?;
        self.silence(what, finding)
    }

    fn silencers(
        &self,
        what: &str,
        facts: &FileFacts,
        text: &str,
        finding: &Finding,
    ) -> Vec<Vec<Edit>> {
        match what {
            "line" => silence::on_line(facts, text, finding),
            _ => silence::in_file(facts, text, finding),
        }
    }

    /// The first way to silence a finding that does it and breaks nothing.
    fn silence(&self, what: &str, finding: &Finding) -> Option<Value> {
        let (facts, text) = self.facts()?;
        let ways = self.silencers(what, facts, &text, finding);
        let works = |edits: &&Vec<Edit>| self.silences(finding, edits, &text).unwrap_or(false);
        let way = ways.iter().find(works)?;
        let edits: Vec<FileEdit> = way.iter().map(|edit| self.mine(edit.clone())).collect();
        self.edit(&edits)
    }

    fn mine(&self, edit: Edit) -> FileEdit {
        FileEdit {
            file: self.place.name.clone(),
            edit,
        }
    }

    /// Whether inserted comments silence a finding where it then stands, and break nothing.
    fn silences(&self, finding: &Finding, comments: &[Edit], text: &str) -> Option<bool> {
        let old = self.session()?.facts(&self.place.name)?;
        let mut session = self.session()?.clone();
        let document = Document {
            path: self.place.name.clone(),
            text: apply_edits(text, comments)?.into(),
        };
        session.set_text(document, self.dialects, self.cancelled);
        let new = session.facts(&self.place.name)?;
        let start = finding.at.span.start;
        let before = comments.iter().filter(|edit| edit.span.start <= start);
        let moved: usize = before.map(|edit| edit.text.len()).sum();
        let line = new.lines.line_of(start + moved as u32);
        let mut directives = new.directives.iter();
        let silenced = directives.any(|d| {
            let here = d.lines.0 <= line && line <= d.lines.1;
            here && d.rules.iter().any(|rule| names(rule, &finding.rule))
        });
        Some(silenced && new.syntax_errors <= old.syntax_errors)
    }

    /// All safe mends of the document, round by round, as one edit.
    fn all_safe(&self) -> Option<Value> {
        let mut session = self.session()?.clone();
        let name = &self.place.name;
        let old = session.text(name)?;
        let config = &self.view.workspace.group(&self.place.group)?.config;
        let path = self.view.workspace.group(&self.place.group)?.path(name);
        let mut findings = self.findings.to_vec();
        for _ in 0..mend::MAX_ROUNDS {
            if (self.cancelled)() {
                return None;
            }
            findings = mended(&session, name, findings);
            for finding in &mut findings {
                finding.fixes.retain(|fix| self.is_mine_and_safe(fix));
            }
            let texts: mend::Texts = [(name.clone(), session.text(name)?)].into();
            let (mut changed, n) = mend::round(&texts, &findings, false, &|file| file != &**name);
            let Some(text) = changed.remove(name).filter(|_| n > 0) else {
                break;
            };
            let document = Document {
                path: name.clone(),
                text,
            };
            session.set_text(document, self.dialects, &|| false);
            findings = session.check().findings.remove(name).unwrap_or_default();
            if let Some(path) = &path {
                let ignored = config.ignored_in(path);
                let named = |f: &Finding| {
                    let mut ignored = ignored.iter();
                    ignored.any(|s| names(s, &f.rule))
                };
                findings.retain(|f| !named(f));
            }
        }
        let new = session.text(name)?;
        let edits: Vec<FileEdit> = difference(&old, &new)
            .into_iter()
            .map(|edit| self.mine(edit))
            .collect();
        (!edits.is_empty()).then(|| self.edit(&edits)).flatten()
    }

    /// Edits as a workspace edit. `None` if a file is not known: half a mend is worse than none.
    fn edit(&self, edits: &[FileEdit]) -> Option<Value> {
        let workspace = self.view.workspace;
        let mut by_file: BTreeMap<Place, Vec<Value>> = BTreeMap::new();
        let mut made: Vec<Value> = Vec::new();
        for FileEdit { file, edit } in edits {
            let place = self.view.beside(self.place, file);
            let known = self.view.range(&place, edit.span);
            let range = match known {
                Some(range) => range,
                // A file that is not there yet; not every client can make one.
                None if self.creates && edit.span == Span::default() => {
                    let options = json!({"ignoreIfExists": true});
                    let uri = workspace.uri(&place);
                    made.push(json!({"kind": "create", "uri": uri, "options": options}));
                    let zero = json!({"line": 0, "character": 0});
                    json!({"start": zero, "end": zero})
                }
                None => return None,
            };
            let edit = json!({"range": range, "newText": edit.text});
            by_file.entry(place).or_default().push(edit);
        }
        if self.document_changes {
            let changes = by_file.into_iter().map(|(place, edits)| {
                let version = workspace.version(&workspace.key(&place));
                let document = json!({"uri": workspace.uri(&place), "version": version});
                json!({"textDocument": document, "edits": edits})
            });
            // What is made comes before it is written.
            made.extend(changes);
            return Some(json!({"documentChanges": made}));
        }
        let changes: BTreeMap<String, Vec<Value>> = by_file
            .into_iter()
            .map(|(place, edits)| (workspace.uri(&place), edits))
            .collect();
        Some(json!({"changes": changes}))
    }
}

fn mended(session: &Session, name: &Arc<str>, findings: Vec<Finding>) -> Vec<Finding> {
    let mut by_file = [(name.clone(), findings)].into();
    session.add_fixes(&mut by_file);
    by_file.remove(name).unwrap_or_default()
}

/// The edits that make one text of another, line by line.
fn difference(old: &str, new: &str) -> Vec<Edit> {
    let diff = similar::TextDiff::from_lines(old, new);
    let starts = |lines: Vec<&str>| {
        let mut at = 0;
        let mut out = vec![0u32];
        out.extend(lines.iter().map(|line| {
            at += line.len() as u32;
            at
        }));
        out
    };
    let old_at = starts(diff.old_slices().to_vec());
    let new_at = starts(diff.new_slices().to_vec());
    let at = |table: &[u32], line: usize| table.get(line).copied().unwrap_or_default();
    diff.ops()
        .iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| {
            let (o, n) = (op.old_range(), op.new_range());
            let text = Span::new(at(&new_at, n.start), at(&new_at, n.end)).of(new);
            Edit {
                span: Span::new(at(&old_at, o.start), at(&old_at, o.end)),
                text: text.to_string(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_contain_their_sub_kinds() {
        assert!(wants(&Value::Null, FIX_ALL));
        assert!(wants(&json!(["source"]), FIX_ALL));
        assert!(wants(&json!(["source.fixAll"]), FIX_ALL));
        assert!(!wants(&json!(["source.fix"]), FIX_ALL));
        assert!(!wants(&json!(["refactor"]), "quickfix"));
        assert!(wants(&json!([""]), "quickfix"));
    }

    #[test]
    fn a_difference_makes_one_text_of_the_other() {
        for (old, new) in [
            ("a\nb\nc\n", "a\nc\n"),
            ("", "x"),
            ("a\r\n号\r\n", "b\r\n号\r\n\r\n"),
            ("a\rb\rc", "a\rc"),
            ("same", "same"),
        ] {
            assert_eq!(
                apply_edits(old, &difference(old, new)).as_deref(),
                Some(new)
            );
        }
    }
}
