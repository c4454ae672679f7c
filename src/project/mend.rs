//! Mends of many findings at once: which edits go together, round by round. Pure.

use crate::finding::{Applicability, FileEdit, Finding, Fix};
use crate::text::{Edit, apply_edits};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rounds of checking and mending at most.
pub const MAX_ROUNDS: usize = 10;

/// Texts by file.
pub type Texts = BTreeMap<Arc<str>, Arc<str>>;

/// Applies the best allowed fix of each finding, as far as they do not overlap; the rest waits for the next round. A fix that
/// touches a file of which `locked` is true is left out. Returns the texts that changed and the number of findings mended.
pub fn round(
    texts: &Texts,
    findings: &[Finding],
    careful: bool,
    locked: &dyn Fn(&str) -> bool,
) -> (Texts, usize) {
    let mut planned: BTreeMap<Arc<str>, Vec<Edit>> = BTreeMap::new();
    let mut mended = 0;
    for finding in findings {
        let allowed = |fix: &&Fix| match fix.applicability {
            Applicability::Safe => true,
            Applicability::Unsafe => careful,
            Applicability::DisplayOnly => false,
        };
        let usable = |fix: &&Fix| {
            allowed(fix) && !fix.edits.is_empty() && !fix.edits.iter().any(|e| locked(&e.file))
        };
        let Some(fix) = finding.fixes.iter().find(usable) else {
            continue;
        };
        if fix.edits.iter().all(|edit| fits(&planned, edit, texts)) {
            for FileEdit { file, edit } in &fix.edits {
                let edits = planned.entry(file.clone()).or_default();
                if !edits.contains(edit) {
                    edits.push(edit.clone());
                }
            }
            mended += 1;
        }
    }
    let mut out = Texts::new();
    for (file, edits) in planned {
        let old = texts.get(&file).cloned().unwrap_or_default();
        match apply_edits(&old, &edits) {
            Some(new) if *new != *old => drop(out.insert(file, new.into())),
            Some(_) => {}
            // Edits that do not fit take the whole round down: half a fix is worse than none.
            None => return (Texts::new(), 0),
        }
    }
    if out.is_empty() {
        (out, 0)
    } else {
        (out, mended)
    }
}

/// Whether an edit keeps clear of the planned ones (the same edit twice is one), and lies in its text.
fn fits(planned: &BTreeMap<Arc<str>, Vec<Edit>>, edit: &FileEdit, texts: &Texts) -> bool {
    let old: &str = texts.get(&edit.file).map_or("", |t| t);
    let span = edit.edit.span;
    if old.get(span.start as usize..span.end as usize).is_none() {
        return false;
    }
    let others = planned.get(&edit.file).map_or(&[][..], Vec::as_slice);
    others.iter().all(|other| {
        *other == edit.edit || span.end < other.span.start || other.span.end < span.start
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::sample;
    use crate::text::Span;

    fn with_fix(edits: &[(&str, u32, u32, &str)], applicability: Applicability) -> Finding {
        let edits = edits
            .iter()
            .map(|(file, s, e, t)| FileEdit {
                file: (*file).into(),
                edit: Edit {
                    span: Span::new(*s, *e),
                    text: (*t).into(),
                },
            })
            .collect();
        let mut finding = sample("leak/log", 0, 1);
        finding.fixes.push(Fix {
            title: Default::default(),
            applicability,
            edits,
        });
        finding
    }

    #[test]
    fn overlapping_fixes_wait_and_multi_file_fixes_are_whole() {
        let texts: Texts = [("a.js", "abcdef"), ("b.js", "xyz")]
            .map(|(k, v)| (k.into(), v.into()))
            .into();
        let safe = Applicability::Safe;
        let findings = [
            with_fix(&[("a.js", 0, 2, "X")], safe),
            with_fix(&[("a.js", 1, 3, "Y"), ("b.js", 0, 1, "")], safe),
            with_fix(&[("b.js", 2, 3, "Z")], Applicability::Unsafe),
        ];
        let (out, n) = round(&texts, &findings, false, &|_| false);
        assert_eq!((&*out["a.js"], out.len(), n), ("Xcdef", 1, 1));
        let (out, n) = round(&texts, &findings, true, &|file| file == "a.js");
        assert_eq!((&*out["b.js"], out.len(), n), ("xyZ", 1, 1));
    }
}
