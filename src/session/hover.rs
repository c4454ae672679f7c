//! What there is to say of the code under the cursor: sections that know nothing of each other, joined.

mod api;
mod data;

use super::{Hover, Session};
use crate::finding::{Language, Text};

/// Says what it knows of a byte of a file, if anything.
type Section = fn(&Session, &str, u32) -> Option<Hover>;

/// In the order in which they are shown.
const SECTIONS: &[Section] = &[data::section, api::section];

impl Session {
    /// Whether hovers in a file know what its values hold, as far as they ever will.
    pub fn has_looked_at(&self, path: &str) -> bool {
        let app = self.linked().app_of(path);
        app.is_none_or(|app| app.readings(path).is_some())
    }

    /// Finds out what the values in a file hold. Takes as long as following the whole app: not for threads that others
    /// wait for. Snapshots share what is found.
    pub fn look_at(&self, path: &str) {
        if let Some(app) = self.linked().app_of(path)
            && app.readings(path).is_none()
        {
            app.look_at(&self.rules, &self.judge, path);
        }
    }

    /// What there is to say at a byte of a file. Of data only where the file was looked at.
    pub fn hover(&self, path: &str, byte: u32) -> Option<Hover> {
        let said = SECTIONS.iter().filter_map(|say| say(self, path, byte));
        said.reduce(|first, more| Hover {
            span: match more.span.len() < first.span.len() {
                true => more.span,
                false => first.span,
            },
            markdown: Text {
                en: join(&first, &more, Language::En),
                zh_cn: join(&first, &more, Language::ZhCn),
            },
        })
    }
}

fn join(first: &Hover, more: &Hover, language: Language) -> String {
    let (first, more) = (first.markdown.get(language), more.markdown.get(language));
    format!("{first}\n\n---\n\n{more}")
}

/// A name from the code, as code in Markdown.
fn code(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| if c == '`' { '\'' } else { c })
        .filter(|c| !c.is_control())
        .take(120)
        .collect();
    format!("`{name}`")
}
