//! Texts of the project as an inventory may hold them.

use super::{Make, Page};
use crate::finding::redact;
use crate::report::{escape, mask::Masker};
use std::sync::Arc;

/// Longer texts are clipped.
const MAX: usize = 80;

/// Numbers from this length on may be a person's.
const DIGITS: usize = 7;
/// Runs of letters and digits from this length on may be a key.
const KEY: usize = 24;

/// Long numbers and what looks like keys, cut after four characters: whether they are a datum is not the question here.
fn opaque(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(run);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let number = digits == word.len() && digits >= DIGITS;
        match number || (word.len() >= KEY && digits > 0 && digits < word.len()) {
            true => out.push_str(&redact(word)),
            false => out.push_str(word),
        }
        let end = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(&after[..end]);
        rest = &after[end..];
    }
    out
}

impl Make<'_> {
    /// A text without secrets, personal data, control characters, and not too long.
    pub(super) fn clean(&self, text: &str) -> String {
        let one: Vec<&str> = text.split_whitespace().collect();
        let masked = Masker::new(self.judge.rules()).line(&one.join(" "));
        let line = escape::line(&opaque(&masked));
        match line.char_indices().nth(MAX) {
            Some((cut, _)) => format!("{}…", &line[..cut]),
            None => line,
        }
    }

    /// The same, shared.
    pub(super) fn shared(&self, text: &str) -> Arc<str> {
        self.clean(text).into()
    }

    /// A page with a title that may be shown.
    pub(super) fn page(&self, page: Page) -> Page {
        Page {
            route: self.shared(&page.route),
            title: self.shared(&page.title),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_and_keys_are_cut() {
        let phone = ["138", "0013", "8000"].concat();
        assert_eq!(opaque(&format!("/u/{phone}/x")), "/u/138…/x");
        assert_eq!(
            opaque("cloud1-8g5x 2024 pages/页/号"),
            "cloud1-8g5x 2024 pages/页/号"
        );
        assert_eq!(opaque("k=a1b2c3d4e5f6a7b8c9d0e1f2"), "k=a1b2…");
        assert_eq!(opaque(""), "");
    }
}
