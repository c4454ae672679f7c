//! `--format md`: for merge requests, wikis and editors' previews.

use super::form::{Piece, guideline, policy};
use super::{Report, Tone, about, config_error, names, notes, page, rows, say, since, summary};
use crate::finding::Language;
use crate::inventory::{Inventory, Item, Use};
use crate::report::escape;

/// Pages and places named in one cell.
const FEW: usize = 3;

/// All inventories as one document.
pub fn markdown(report: &Report<'_>) -> String {
    let language = report.language;
    let mut out = String::new();
    for (index, app) in report.apps.iter().enumerate() {
        let root = match app.root.is_empty() {
            true => String::new(),
            false => format!(": {}", plain(&app.root)),
        };
        out.push_str(&format!("# {}{root}\n\n", say(language, "title", &[])));
        out.push_str(&format!("{}\n\n", plain(&about(app, language))));
        if let Some(error) = config_error(app, language) {
            out.push_str(&format!("> ⚠️ {}\n\n", plain(&error)));
        }
        out.push_str(&head(app, language));
        if let Some(diff) = report.since.get(index) {
            let title = say(
                language,
                "sec-since",
                &[("file", &plain(report.since_file))],
            );
            out.push_str(&format!("## {title}\n\n"));
            if diff.is_empty() {
                out.push_str(&format!("{}\n\n", say(language, "since-same", &[])));
            }
            for one in since::lines(report, app, diff) {
                let at = if one.at.is_empty() {
                    String::new()
                } else {
                    format!(" {}", code(&one.at))
                };
                out.push_str(&format!(
                    "- **{}**: {}{at}\n",
                    say(language, one.key, &[]),
                    plain(&one.text)
                ));
            }
            out.push('\n');
        }
        out.push_str(&body(app, language));
    }
    out
}

fn head(app: &Inventory, language: Language) -> String {
    if app.data.is_empty() {
        return format!("{}\n\n", say(language, "nothing", &[]));
    }
    let parts: Vec<String> = summary(app, language)
        .into_iter()
        .map(|(text, tone)| {
            if tone == Tone::Bad {
                format!("**{text}**")
            } else {
                text
            }
        })
        .collect();
    format!("{}\n\n", parts.join(" · "))
}

fn body(app: &Inventory, language: Language) -> String {
    let mut out = String::new();
    if !app.data.is_empty() {
        out.push_str(&format!("## {}\n\n", say(language, "sec-data", &[])));
    }
    for item in &app.data {
        out.push_str(&class(item, language));
    }
    if !app.recipients.is_empty() {
        out.push_str(&format!("## {}\n\n", say(language, "sec-recipients", &[])));
        for one in &app.recipients {
            let to = match one.to.is_empty() {
                true if &*one.how == "cloud-file" => say(language, "how-cloud-file", &[]),
                true => say(language, "unknown-address", &[]),
                false => code(&one.to),
            };
            let clear = if one.cleartext {
                format!(", **{}**", say(language, "cleartext", &[]))
            } else {
                String::new()
            };
            let party = super::party(language, one.party);
            out.push_str(&format!(
                "- {to} ({party}{clear}): {}\n",
                names(app, language, &one.data)
            ));
        }
        out.push('\n');
    }
    out.push_str(&duties(app, language));
    if app.has_guideline {
        out.push_str(&format!(
            "## {}\n\n{}\n\n",
            say(language, "form-title", &[]),
            say(language, "copy-hint", &[])
        ));
        // The form is Chinese; who reads English is told what it says.
        out.push_str(&pieces(&guideline(app, Language::ZhCn)));
        if language != Language::ZhCn {
            out.push_str("\n<details><summary>English</summary>\n\n");
            out.push_str(&pieces(&guideline(app, language)));
            out.push_str("\n</details>\n");
        }
        out.push('\n');
    } else {
        let values = [("platform", &*app.platform)];
        out.push_str(&format!(
            "_{}_\n\n",
            plain(&say(language, "not-host", &values))
        ));
    }
    out.push_str(&format!(
        "## {}\n\n### {}\n\n",
        say(language, "sec-policy", &[]),
        say(language, "policy-title", &[])
    ));
    out.push_str(&pieces(&policy(app, language)));
    out.push_str(&format!("\n## {}\n\n", say(language, "sec-notes", &[])));
    for note in notes(app, language) {
        out.push_str(&format!("- {}\n", plain(&note)));
    }
    out.push('\n');
    out
}

fn class(item: &Item, language: Language) -> String {
    let sensitive = if item.sensitive {
        format!(" · {}", say(language, "sensitive", &[]))
    } else {
        String::new()
    };
    let mut out = format!("### {}\n\n", plain(item.name.get(language)));
    out.push_str(&format!("`{}`{sensitive}\n\n", item.class));
    out.push_str("| | | | | |\n| --- | --- | --- | --- | --- |\n");
    let mut last = "";
    for row in rows(item, language) {
        let label = if last == row.label {
            String::new()
        } else {
            say(language, &format!("col-{}", row.label), &[])
        };
        last = row.label;
        let hints: String = row
            .hints
            .iter()
            .take(2)
            .map(|hint| format!(" “{}”", plain(hint)))
            .collect();
        let detail = match row.tone {
            Tone::Bad => format!("**{}**", plain(&row.detail)),
            _ => plain(&row.detail),
        };
        let detail = if row.detail.is_empty() {
            String::new()
        } else {
            detail
        };
        let pages: Vec<String> = row
            .pages
            .iter()
            .take(FEW)
            .map(|p| plain(&page(p)))
            .collect();
        let mut places: Vec<String> = row
            .places
            .iter()
            .take(FEW)
            .map(|at| code(&format!("{}:{}", at.file, at.line)))
            .collect();
        if row.places.len() > FEW {
            places.push(format!("+{}", row.places.len() - FEW));
        }
        out.push_str(&format!(
            "| {label} | {}{hints} | {detail} | {} | {} |\n",
            code(&row.what),
            super::join(language, &pages),
            places.join(" ")
        ));
    }
    out.push('\n');
    out
}

fn used(by: &[Use]) -> String {
    let mut shown: Vec<String> = by
        .iter()
        .take(FEW)
        .map(|one| {
            format!(
                "{} {}",
                code(&one.name),
                code(&format!("{}:{}", one.at.file, one.at.line))
            )
        })
        .collect();
    if by.len() > FEW {
        shown.push(format!("+{}", by.len() - FEW));
    }
    shown.join(", ")
}

fn duties(app: &Inventory, language: Language) -> String {
    let mut out = String::new();
    if !app.guideline.is_empty() {
        out.push_str(&format!(
            "## {}\n\n",
            say(language, super::guideline_head(app), &[])
        ));
    }
    for item in &app.guideline {
        let (mark, key) = match item.declared {
            Some(true) => ("✅", "declared-yes"),
            Some(false) => ("❌", "declared-no"),
            None => ("▫️", "declared-unknown"),
        };
        let words = match language {
            Language::En => format!("{} ({})", item.words.en, item.words.zh_cn),
            Language::ZhCn => item.words.zh_cn.clone(),
        };
        let blocked = if item.blocked {
            format!("; {}", say(language, "blocked", &[]))
        } else {
            String::new()
        };
        out.push_str(&format!(
            "- {mark} **{words}** ({}{blocked}): {}\n",
            say(language, key, &[]),
            used(&item.by)
        ));
    }
    if let Some(declared) = &app.declared {
        let surplus: Vec<String> = declared.surplus.iter().map(|id| id.to_string()).collect();
        for (key, list) in [
            ("declared-surplus", &surplus),
            ("declared-strange", &declared.unknown),
        ] {
            if !list.is_empty() {
                out.push_str(&format!(
                    "- {}: {}\n",
                    plain(&say(language, key, &[])),
                    plain(&super::join(language, list))
                ));
            }
        }
    } else if !app.guideline.is_empty() {
        out.push_str(&format!("\n{}\n", say(language, "declared-how", &[])));
    }
    if !app.required_private_infos.is_empty() {
        out.push_str(&format!("\n## {}\n\n", say(language, "sec-required", &[])));
    }
    for one in &app.required_private_infos {
        let (mark, key) = match (one.needed, one.present) {
            (true, true) => ("✅", "required-ok"),
            (true, false) => ("❌", "required-missing"),
            _ => ("▫️", "required-surplus"),
        };
        out.push_str(&format!(
            "- {mark} `{}`: {} {}\n",
            one.name,
            say(language, key, &[]),
            used(&one.by)
        ));
    }
    if !app.scopes.is_empty() {
        out.push_str(&format!("\n## {}\n\n", say(language, "sec-scopes", &[])));
    }
    for one in &app.scopes {
        let (mark, text, _) = super::scope(one, language);
        out.push_str(&format!(
            "- {mark} `{}`: {} {}\n",
            one.scope,
            plain(&text),
            used(&one.by)
        ));
    }
    if !app.third_parties.is_empty() {
        out.push_str(&format!("\n## {}\n\n", say(language, "sec-third", &[])));
    }
    for one in &app.third_parties {
        let at: Vec<String> = one
            .evidence
            .iter()
            .take(2)
            .map(|sign| {
                format!(
                    "{} {}",
                    code(&sign.what),
                    code(&format!("{}:{}", sign.at.file, sign.at.line))
                )
            })
            .collect();
        out.push_str(&format!(
            "- **{}** ({}{}): {}. {}\n",
            plain(one.name.get(language)),
            say(language, &format!("kind-{}", one.kind), &[]),
            if one.provider.is_empty() {
                String::new()
            } else {
                format!(", {}", plain(&one.provider))
            },
            plain(&super::takes(app, one, language)),
            at.join(", ")
        ));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn pieces(list: &[Piece]) -> String {
    let mut out = String::new();
    for piece in list {
        match piece {
            Piece::Head(text) => out.push_str(&format!("\n**{}**\n\n", plain(text))),
            Piece::Line(text) => out.push_str(&format!("{}\n\n", plain(text))),
            Piece::Item(text) => out.push_str(&format!("- {}\n", plain(text))),
        }
    }
    out
}

/// Text without mark-up of its own.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text in a code span, also inside a table.
fn code(text: &str) -> String {
    let text = escape::line(text).replace('`', "'").replace('|', "\\|");
    format!("`{text}`")
}
