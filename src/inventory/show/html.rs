//! `--format html`: one file that needs nothing else. Both languages, light and dark, for screens and for paper; no script.

use super::form::{Piece, guideline, policy};
use super::{
    Report, Row, Tone, about, config_error, join, names, notes, rows, sankey, say, since, summary,
};
use crate::finding::Language;
use crate::inventory::{Inventory, Item, Page, Place, Use};
use crate::report::escape::xml;

const STYLE: &str = include_str!("style.css");

/// The page.
pub fn html(report: &Report<'_>) -> String {
    let zh = report.language == Language::ZhCn;
    let title = say(report.language, "title", &[]);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        if zh { "zh-CN" } else { "en" },
        xml(&format!("{title} · minivet"))
    );
    let checked = |on: bool| if on { " checked" } else { "" };
    out.push_str(&format!(
        "<input type=\"radio\" name=\"lang\" id=\"lang-zh\"{}><input type=\"radio\" name=\"lang\" id=\"lang-en\"{}>\n\
         <div class=\"switch\"><label for=\"lang-zh\">中文</label><label for=\"lang-en\">English</label></div>\n",
        checked(zh),
        checked(!zh)
    ));
    for (language, class, lang) in [(Language::ZhCn, "zh", "zh-CN"), (Language::En, "en", "en")] {
        let one = Report {
            language,
            ..*report
        };
        out.push_str(&format!("<main class=\"{class}\" lang=\"{lang}\">\n"));
        for index in 0..report.apps.len() {
            out.push_str(
                &Writer {
                    report: &one,
                    language,
                }
                .app(index),
            );
        }
        out.push_str("</main>\n");
    }
    out.push_str("</body>\n</html>\n");
    out
}

struct Writer<'a> {
    report: &'a Report<'a>,
    language: Language,
}

impl Writer<'_> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        xml(&say(self.language, key, values))
    }

    fn section(&self, key: &str, body: &str) -> String {
        match body.is_empty() {
            true => String::new(),
            false => format!(
                "<section>\n<h2>{}</h2>\n{body}</section>\n",
                self.say(key, &[])
            ),
        }
    }

    fn app(&self, index: usize) -> String {
        let Some(app) = self.report.apps.get(index) else {
            return String::new();
        };
        let root = match app.root.is_empty() {
            true => String::new(),
            false => format!(" <small>{}</small>", xml(&app.root)),
        };
        let mut out = format!(
            "<header>\n<h1>{}{root}</h1>\n<p class=\"about\">{}</p>\n</header>\n",
            self.say("title", &[]),
            xml(&about(app, self.language))
        );
        if let Some(error) = config_error(app, self.language) {
            out.push_str(&format!("<p class=\"alarm\">{}</p>\n", xml(&error)));
        }
        out.push_str(&self.tiles(app));
        out.push_str(&self.since(app, index));
        let picture = sankey::svg(app, self.language);
        if let Some(picture) = picture {
            out.push_str(&self.section(
                "sec-flow",
                &format!("<div class=\"wide\">{picture}</div>\n"),
            ));
        }
        let items: String = app.data.iter().map(|item| self.item(item)).collect();
        out.push_str(&self.section("sec-data", &items));
        out.push_str(&self.section("sec-recipients", &self.recipients(app)));
        out.push_str(&self.section(super::guideline_head(app), &self.guideline(app)));
        out.push_str(&self.section("sec-required", &self.required(app)));
        out.push_str(&self.section("sec-scopes", &self.scopes(app)));
        out.push_str(&self.section("sec-third", &self.third(app)));
        out.push_str(&self.texts(app));
        let notes: String = notes(app, self.language)
            .iter()
            .map(|note| format!("<li>{}</li>\n", xml(note)))
            .collect();
        out.push_str(&self.section(
            "sec-notes",
            &format!("<ul class=\"notes\">\n{notes}</ul>\n"),
        ));
        out
    }

    fn tiles(&self, app: &Inventory) -> String {
        if app.data.is_empty() {
            return format!("<p class=\"fine\">{}</p>\n", self.say("nothing", &[]));
        }
        let tiles: String = summary(app, self.language)
            .iter()
            .map(|(text, tone)| format!("<li class=\"{}\">{}</li>", tone.name(), tile(text)))
            .collect();
        format!("<ul class=\"tiles\">{tiles}</ul>\n")
    }

    fn since(&self, app: &Inventory, index: usize) -> String {
        let Some(diff) = self.report.since.get(index) else {
            return String::new();
        };
        let mut body = String::new();
        if diff.is_empty() {
            body = format!("<p class=\"fine\">{}</p>\n", self.say("since-same", &[]));
        }
        let lines = since::lines(self.report, app, diff);
        if !lines.is_empty() {
            let list: String = lines
                .iter()
                .map(|one| {
                    format!(
                        "<li><b>{}</b> {} <code class=\"at\">{}</code></li>\n",
                        self.say(one.key, &[]),
                        xml(&one.text),
                        xml(&one.at)
                    )
                })
                .collect();
            body.push_str(&format!("<ul>\n{list}</ul>\n"));
        }
        let title = self.say("sec-since", &[("file", self.report.since_file)]);
        format!("<section class=\"since\">\n<h2>{title}</h2>\n{body}</section>\n")
    }

    fn place(&self, at: &Place) -> String {
        let text = format!("{}:{}", at.file, at.line);
        format!("<code class=\"at\">{}</code>", xml(&text))
    }

    fn places(&self, list: &[Place]) -> String {
        let mut shown: Vec<String> = list.iter().take(3).map(|at| self.place(at)).collect();
        if list.len() > 3 {
            shown.push(format!("<span class=\"at\">+{}</span>", list.len() - 3));
        }
        shown.join(" ")
    }

    fn pages(&self, list: &[Page]) -> String {
        let one = |page: &Page| match page.title.is_empty() {
            true => xml(&page.route),
            false => format!(
                "<span title=\"{}\">{}</span>",
                xml(&page.route),
                xml(&page.title)
            ),
        };
        let shown: Vec<String> = list.iter().take(4).map(one).collect();
        let more = match list.len() > 4 {
            true => format!(" +{}", list.len() - 4),
            false => String::new(),
        };
        format!("{}{more}", join(self.language, &shown))
    }

    fn item(&self, item: &Item) -> String {
        let sensitive = match item.sensitive {
            true => format!(
                " <span class=\"chip bad\">{}</span>",
                self.say("sensitive", &[])
            ),
            false => String::new(),
        };
        let mut out = format!(
            "<article class=\"{}\">\n<h3>{} <code>{}</code>{sensitive}</h3>\n",
            item.level,
            xml(item.name.get(self.language)),
            xml(&item.class)
        );
        let mut last = "";
        for row in rows(item, self.language) {
            out.push_str(&self.row(&row, row.label != last));
            last = row.label;
        }
        out.push_str("</article>\n");
        out
    }

    fn row(&self, row: &Row, first: bool) -> String {
        let label = match first {
            true => self.say(&format!("col-{}", row.label), &[]),
            false => String::new(),
        };
        let hints: String = row
            .hints
            .iter()
            .take(2)
            .map(|hint| format!(" <q>{}</q>", xml(hint)))
            .collect();
        let detail = match row.detail.is_empty() {
            true => String::new(),
            false => format!(
                " <span class=\"chip {}\">{}</span>",
                row.tone.name(),
                xml(&row.detail)
            ),
        };
        let pages = match row.pages.is_empty() {
            true => String::new(),
            false => format!(" <span class=\"page\">{}</span>", self.pages(&row.pages)),
        };
        let tone = if row.tone == Tone::Bad { " bad" } else { "" };
        format!(
            "<div class=\"row{}{tone}\"><span class=\"label\">{label}</span><span class=\"what\"><code>{}</code>{hints}{detail}{pages}</span><span class=\"where\">{}</span></div>\n",
            if first { " first" } else { "" },
            xml(&row.what),
            self.places(&row.places)
        )
    }

    fn recipients(&self, app: &Inventory) -> String {
        let mut out = String::new();
        for one in &app.recipients {
            let to = match one.to.is_empty() {
                true if &*one.how == "cloud-file" => self.say("how-cloud-file", &[]),
                true => self.say("unknown-address", &[]),
                false => format!("<code>{}</code>", xml(&one.to)),
            };
            let third = one.party == crate::inventory::Party::Third;
            let party = match one.to.is_empty() && &*one.how != "cloud-file" {
                true => say(self.language, &format!("how-{}", one.how), &[]),
                false => super::party(self.language, one.party),
            };
            let clear = match one.cleartext {
                true => format!(
                    " <span class=\"chip bad\">{}</span>",
                    self.say("cleartext", &[])
                ),
                false => String::new(),
            };
            out.push_str(&format!(
                "<li>{to} <span class=\"chip {}\">{}</span>{clear}<br><span class=\"soft\">{}</span></li>\n",
                if third { "bad" } else { "plain" },
                xml(&party),
                xml(&names(app, self.language, &one.data))
            ));
        }
        list(&out)
    }

    fn used(&self, by: &[Use]) -> String {
        let mut shown: Vec<String> = by
            .iter()
            .take(4)
            .map(|one| format!("<code>{}</code> {}", xml(&one.name), self.place(&one.at)))
            .collect();
        if by.len() > 4 {
            shown.push(format!("+{}", by.len() - 4));
        }
        shown.join(", ")
    }

    fn guideline(&self, app: &Inventory) -> String {
        let mut out = String::new();
        for item in &app.guideline {
            let (mark, key, tone) = match item.declared {
                Some(true) => ("✓", "declared-yes", "good"),
                Some(false) => ("✗", "declared-no", "bad"),
                None => ("•", "declared-unknown", "plain"),
            };
            let words = match self.language {
                Language::En => format!(
                    "{} <span lang=\"zh-CN\">{}</span>",
                    xml(&item.words.en),
                    xml(&item.words.zh_cn)
                ),
                Language::ZhCn => xml(&item.words.zh_cn),
            };
            let blocked = match item.blocked {
                true => format!(" <span class=\"soft\">{}</span>", self.say("blocked", &[])),
                false => String::new(),
            };
            out.push_str(&format!(
                "<li><b class=\"{tone}\">{mark}</b> {words} <span class=\"chip {tone}\">{}</span>{blocked}<br><span class=\"soft\">{}</span></li>\n",
                self.say(key, &[]),
                self.used(&item.by)
            ));
        }
        let mut out = list(&out);
        match &app.declared {
            None if !app.guideline.is_empty() => {
                out.push_str(&format!(
                    "<p class=\"soft\">{}</p>\n",
                    self.say("declared-how", &[])
                ));
            }
            None => {}
            Some(declared) => {
                let surplus: Vec<String> =
                    declared.surplus.iter().map(|id| id.to_string()).collect();
                for (key, words) in [
                    ("declared-surplus", &surplus),
                    ("declared-strange", &declared.unknown),
                ] {
                    if !words.is_empty() {
                        let words = xml(&join(self.language, words));
                        out.push_str(&format!("<p>{}: {words}</p>\n", self.say(key, &[])));
                    }
                }
            }
        }
        out
    }

    fn required(&self, app: &Inventory) -> String {
        let mut out = String::new();
        for one in &app.required_private_infos {
            let (mark, key, tone) = match (one.needed, one.present) {
                (true, true) => ("✓", "required-ok", "good"),
                (true, false) => ("✗", "required-missing", "bad"),
                _ => ("–", "required-surplus", "plain"),
            };
            out.push_str(&format!(
                "<li><b class=\"{tone}\">{mark}</b> <code>{}</code> <span class=\"chip {tone}\">{}</span> <span class=\"soft\">{}</span></li>\n",
                xml(&one.name),
                self.say(key, &[]),
                self.used(&one.by)
            ));
        }
        list(&out)
    }

    fn scopes(&self, app: &Inventory) -> String {
        let mut out = String::new();
        for one in &app.scopes {
            let (mark, text, _) = super::scope(one, self.language);
            let tone = match mark {
                "✓" => "good",
                "✗" => "bad",
                _ => "plain",
            };
            out.push_str(&format!(
                "<li><b class=\"{tone}\">{mark}</b> <code>{}</code> {} <span class=\"soft\">{}</span></li>\n",
                xml(&one.scope),
                xml(&text),
                self.used(&one.by)
            ));
        }
        list(&out)
    }

    fn third(&self, app: &Inventory) -> String {
        let mut out = String::new();
        for one in &app.third_parties {
            let page = match one.page.starts_with("https://") {
                true => format!(" <a href=\"{0}\">{0}</a>", xml(&one.page)),
                false => String::new(),
            };
            let signs: Vec<String> = one
                .evidence
                .iter()
                .take(3)
                .map(|sign| format!("<code>{}</code> {}", xml(&sign.what), self.place(&sign.at)))
                .collect();
            out.push_str(&format!(
                "<li><b>{}</b> <span class=\"chip plain\">{}</span> <span class=\"soft\">{}</span><br>{}{page}<br><span class=\"soft\">{}</span></li>\n",
                xml(one.name.get(self.language)),
                self.say(&format!("kind-{}", one.kind), &[]),
                xml(&one.provider),
                xml(&super::takes(app, one, self.language)),
                signs.join(", ")
            ));
        }
        list(&out)
    }

    fn texts(&self, app: &Inventory) -> String {
        let mut out = String::new();
        if app.has_guideline {
            // The form is Chinese; who reads English is told what it says.
            let mut body = format!(
                "<p class=\"soft\">{}</p>\n<div class=\"paste\" lang=\"zh-CN\">{}</div>\n",
                self.say("copy-hint", &[]),
                pieces(&guideline(app, Language::ZhCn))
            );
            if self.language != Language::ZhCn {
                body.push_str(&format!(
                    "<details><summary>English</summary><div class=\"paste\">{}</div></details>\n",
                    pieces(&guideline(app, self.language))
                ));
            }
            out.push_str(&self.section("form-title", &body));
        } else {
            let text = self.say("not-host", &[("platform", &app.platform)]);
            out.push_str(&format!("<p class=\"soft\">{text}</p>\n"));
        }
        let title = self.say("policy-title", &[]);
        let body = format!(
            "<div class=\"paste\"><p><b>{title}</b></p>{}</div>\n",
            pieces(&policy(app, self.language))
        );
        out.push_str(&self.section("sec-policy", &body));
        out
    }
}

/// A number large, its words small.
fn tile(text: &str) -> String {
    let digits = |c: char| c.is_ascii_digit();
    let Some(start) = text.find(digits) else {
        return xml(text);
    };
    let end = text[start..]
        .find(|c| !digits(c))
        .map_or(text.len(), |n| start + n);
    let rest = format!("{} {}", &text[..start], &text[end..]);
    format!(
        "<b>{}</b><span>{}</span>",
        &text[start..end],
        xml(rest.trim())
    )
}

fn list(items: &str) -> String {
    match items.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"list\">\n{items}</ul>\n"),
    }
}

fn pieces(list: &[Piece]) -> String {
    list.iter()
        .map(|piece| match piece {
            Piece::Head(text) => format!("<p><b>{}</b></p>", xml(text)),
            Piece::Line(text) => format!("<p>{}</p>", xml(text)),
            Piece::Item(text) => format!("<p>· {}</p>", xml(text)),
        })
        .collect()
}
