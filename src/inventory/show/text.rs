//! `--format text`: for the terminal. Aligned by display width, coloured if wanted.

use super::{
    Report, Row, Tone, about, config_error, name, names, notes, rows, say, since, summary,
};
use crate::finding::Language;
use crate::inventory::{Inventory, Item, Use};
use crate::report::Looks;
use crate::report::escape::line;

/// Rows of one label shown without `-v`.
const FEW: usize = 5;

struct Writer<'a> {
    report: &'a Report<'a>,
    looks: &'a Looks,
    language: Language,
}

/// All inventories.
pub fn text(report: &Report<'_>, looks: &Looks) -> String {
    let writer = Writer {
        report,
        looks,
        language: report.language,
    };
    let mut out = String::new();
    for (index, app) in report.apps.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&writer.app(app));
        if let Some(diff) = report.since.get(index) {
            out.push_str(&since::text(report, app, diff, looks));
        }
    }
    out
}

/// What an editor says above the app's configuration.
pub fn lens(app: &Inventory, language: Language) -> String {
    if app.data.is_empty() {
        return say(language, "lens-none", &[]);
    }
    let mut parts: Vec<String> = summary(app, language)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    let classes = parts.remove(0);
    if !app.guideline.is_empty() && app.declared.is_none() {
        let n = app.guideline.len().to_string();
        parts.push(say(language, "lens-declare", &[("n", &n)]));
    }
    let rest = parts.join(" · ");
    let text = say(language, "lens", &[("classes", &classes), ("rest", &rest)]);
    text.trim_end_matches(" · ").to_string()
}

/// Columns that a text takes in a terminal.
pub(super) fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f
            | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1f64f | 0x20000..=0x3fffd)
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// A text filled up to a width.
fn pad(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(width(text))))
}

/// A text of at most a width.
fn clip(text: &str, to: usize) -> String {
    if width(text) <= to {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + 2 > to {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

impl Writer<'_> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        say(self.language, key, values)
    }

    fn tone(&self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Good => self.looks.paint("32", text),
            Tone::Bad => self.looks.paint("33", text),
            Tone::Plain => text.to_string(),
        }
    }

    fn dim(&self, text: &str) -> String {
        self.looks.paint("2", text)
    }

    fn head(&self, key: &str) -> String {
        format!("\n{}\n", self.looks.paint("1;4", &self.say(key, &[])))
    }

    fn place(&self, file: &str, number: u32) -> String {
        line(&format!("{file}:{number}"))
    }

    fn app(&self, app: &Inventory) -> String {
        let title = self.looks.paint("1", &self.say("title", &[]));
        let root = format!("{}{}", self.report.path, app.root);
        let root = match root.is_empty() {
            true => String::new(),
            false => format!(" · {}", line(root.trim_end_matches('/'))),
        };
        let mut out = format!("{title}{root} · {}\n", self.dim(&about(app, self.language)));
        if let Some(error) = config_error(app, self.language) {
            out.push_str(&format!("{}\n", self.looks.paint("1;31", &line(&error))));
        }
        if app.data.is_empty() {
            out.push_str(&format!(
                "\n{}\n",
                self.looks.paint("1;32", &self.say("nothing", &[]))
            ));
        } else {
            let parts: Vec<String> = summary(app, self.language)
                .iter()
                .map(|(text, tone)| self.tone(*tone, text))
                .collect();
            out.push_str(&format!("{}\n", parts.join(" · ")));
        }
        for item in &app.data {
            out.push_str(&self.item(item));
        }
        out.push_str(&self.recipients(app));
        out.push_str(&self.guideline(app));
        out.push_str(&self.configuration(app));
        out.push_str(&self.third(app));
        if !self.looks.quiet {
            out.push('\n');
            for note in notes(app, self.language) {
                out.push_str(&format!("{}\n", self.dim(&line(&note))));
            }
            out.push_str(&format!("{}\n", self.dim(&self.say("note-form", &[]))));
        }
        out
    }

    fn item(&self, item: &Item) -> String {
        let style = match item.level {
            "high" => "1;31",
            "credential" => "1;35",
            "medium" => "1;33",
            _ => "1;36",
        };
        let mut head = format!(
            "\n{} {}",
            self.looks.paint(style, "●"),
            self.looks.paint("1", item.name.get(self.language))
        );
        head.push_str(&self.dim(&format!("  {}", item.class)));
        if item.sensitive {
            head.push_str(&format!(
                " · {}",
                self.looks.paint("31", &self.say("sensitive", &[]))
            ));
        }
        head.push('\n');
        let mut out = head;
        let rows = rows(item, self.language);
        let column = rows
            .iter()
            .map(|row| width(&self.what(row)))
            .max()
            .unwrap_or(0)
            .min(self.looks.width.saturating_sub(48).max(24));
        let mut at = 0;
        while at < rows.len() {
            let label = rows[at].label;
            let group: Vec<&Row> = rows[at..].iter().take_while(|r| r.label == label).collect();
            let few = match self.looks.verbose {
                true => group.len(),
                false => FEW,
            };
            for (n, row) in group.iter().take(few).enumerate() {
                out.push_str(&self.row(row, n == 0, column));
            }
            if group.len() > few {
                let n = (group.len() - few).to_string();
                out.push_str(&format!(
                    "  {}{}\n",
                    pad("", 11),
                    self.dim(&self.say("more-v", &[("n", &n)]))
                ));
            }
            at += group.len();
        }
        out
    }

    fn what(&self, row: &Row) -> String {
        let hint = row.hints.first().map(|hint| format!(" “{hint}”"));
        line(&format!("{}{}", row.what, hint.unwrap_or_default()))
    }

    fn row(&self, row: &Row, first: bool, column: usize) -> String {
        let label = match first {
            true => self.say(&format!("col-{}", row.label), &[]),
            false => String::new(),
        };
        let mut out = format!("  {}", self.dim(&pad(&label, 11)));
        out.push_str(&pad(&clip(&self.what(row), column), column));
        if !row.detail.is_empty() {
            out.push_str(&format!("  {}", self.tone(row.tone, &row.detail)));
        }
        let mut places = row.places.iter();
        if let Some(first) = places.next() {
            out.push_str(&format!(
                "  {}",
                self.dim(&self.place(&first.file, first.line))
            ));
        }
        let more = places.count();
        if more > 0 {
            out.push_str(&self.dim(&format!(" +{more}")));
        }
        if let Some(page) = row.pages.first().filter(|page| !page.title.is_empty()) {
            out.push_str(&format!("  {}", self.dim(&line(&page.title))));
        }
        out.push('\n');
        out
    }

    fn recipients(&self, app: &Inventory) -> String {
        if app.recipients.is_empty() {
            return String::new();
        }
        let mut out = self.head("sec-recipients");
        for one in &app.recipients {
            let to = match one.to.is_empty() {
                true if &*one.how == "cloud-file" => self.say("how-cloud-file", &[]),
                true => self.say("unknown-address", &[]),
                false => one.to.to_string(),
            };
            let tone = match one.party {
                crate::inventory::Party::Third => Tone::Bad,
                _ => Tone::Plain,
            };
            let mut who = super::party(self.language, one.party);
            if one.to.is_empty() && &*one.how != "cloud-file" {
                who = self.say(&format!("how-{}", one.how), &[]);
            }
            if one.cleartext {
                who = format!("{who}, {}", self.say("cleartext", &[]));
            }
            out.push_str(&format!(
                "  {}  {}  {}\n",
                pad(&clip(&line(&to), 36), 24),
                self.tone(if one.cleartext { Tone::Bad } else { tone }, &who),
                self.dim(&names(app, self.language, &one.data))
            ));
        }
        out
    }

    fn used(&self, by: &[Use]) -> String {
        let mut shown: Vec<String> = Vec::new();
        for one in by.iter().take(3) {
            let at = self.place(&one.at.file, one.at.line);
            shown.push(format!("{} {at}", line(&one.name)));
        }
        if by.len() > 3 {
            shown.push(format!("+{}", by.len() - 3));
        }
        shown.join(", ")
    }

    fn guideline(&self, app: &Inventory) -> String {
        let mut out = String::new();
        if !app.guideline.is_empty() {
            out.push_str(&self.head(super::guideline_head(app)));
        }
        for item in &app.guideline {
            let mark = match item.declared {
                Some(true) => self.looks.paint("32", "✓"),
                Some(false) => self.looks.paint("1;31", "✗"),
                None => self.looks.paint("36", "•"),
            };
            let words = match self.language {
                Language::En => format!("{} ({})", item.words.en, item.words.zh_cn),
                Language::ZhCn => item.words.zh_cn.clone(),
            };
            out.push_str(&format!(
                "  {mark} {words}  {}\n",
                self.dim(&self.used(&item.by))
            ));
        }
        if let Some(declared) = &app.declared {
            let lists = [("declared-surplus", &declared.surplus)];
            for (key, list) in lists {
                if !list.is_empty() {
                    let list: Vec<String> = list.iter().map(|id| id.to_string()).collect();
                    let list = super::join(self.language, &list);
                    out.push_str(&format!(
                        "  {} {}: {list}\n",
                        self.looks.paint("36", "–"),
                        self.say(key, &[])
                    ));
                }
            }
            if !declared.unknown.is_empty() {
                let list = super::join(self.language, &declared.unknown);
                out.push_str(&format!(
                    "  ? {}: {}\n",
                    self.say("declared-strange", &[]),
                    line(&list)
                ));
            }
        } else if !app.guideline.is_empty() {
            out.push_str(&format!("  {}\n", self.dim(&self.say("declared-how", &[]))));
        }
        out
    }

    fn configuration(&self, app: &Inventory) -> String {
        let mut out = String::new();
        if !app.required_private_infos.is_empty() {
            out.push_str(&self.head("sec-required"));
        }
        for one in &app.required_private_infos {
            let (mark, key, style) = match (one.needed, one.present) {
                (true, true) => ("✓", "required-ok", "32"),
                (true, false) => ("✗", "required-missing", "1;31"),
                _ => ("–", "required-surplus", "33"),
            };
            out.push_str(&format!(
                "  {} {}  {}  {}\n",
                self.looks.paint(style, mark),
                one.name,
                self.say(key, &[]),
                self.dim(&self.used(&one.by))
            ));
        }
        if !app.scopes.is_empty() {
            out.push_str(&self.head("sec-scopes"));
        }
        for one in &app.scopes {
            let (mark, text, style) = super::scope(one, self.language);
            out.push_str(&format!(
                "  {} {}  {}  {}\n",
                self.looks.paint(style, mark),
                one.scope,
                line(&text),
                self.dim(&self.used(&one.by))
            ));
        }
        out
    }

    fn third(&self, app: &Inventory) -> String {
        let mut out = String::new();
        if !app.third_parties.is_empty() {
            out.push_str(&self.head("sec-third"));
        }
        for one in &app.third_parties {
            let kind = self.say(&format!("kind-{}", one.kind), &[]);
            let at = one.evidence.first().map(|sign| {
                let at = self.place(&sign.at.file, sign.at.line);
                format!("{} {at}", line(&sign.what))
            });
            out.push_str(&format!(
                "  {}  {}  {}\n",
                self.looks.paint("1", one.name.get(self.language)),
                self.dim(&kind),
                self.dim(&at.unwrap_or_default())
            ));
            out.push_str(&format!("    {}\n", super::takes(app, one, self.language)));
        }
        out
    }
}

/// Names of classes for a difference.
pub(super) fn class_name(app: &Inventory, language: Language, id: &str) -> String {
    name(app, language, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_terminals_do() {
        assert_eq!(width("手机 a"), 6);
        assert_eq!(pad("手机", 6), "手机  ");
        assert_eq!(clip("手机号码", 5), "手机…");
        assert_eq!(clip("abc", 3), "abc");
    }
}
