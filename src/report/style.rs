//! How text looks: colours, width, and Markdown pages for the terminal. Pure.

use super::escape;

/// How text output looks.
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// With ANSI colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Show everything.
    pub verbose: bool,
    /// Findings only, no summary.
    pub quiet: bool,
}

impl Looks {
    /// `text` in an ANSI style (`1;31`), or as it is.
    pub fn paint(&self, style: &str, text: &str) -> String {
        match self.color {
            true => format!("\x1b[{style}m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }
}

/// A Markdown page for the terminal: headings bold, code coloured, marks taken away.
pub fn markdown(page: &str, looks: &Looks) -> String {
    let mut out = String::new();
    let mut code = false;
    for line in page.lines() {
        let line = escape::line(&line.replace('\t', "    "));
        if line.trim_start().starts_with("```") {
            code = !code;
            continue;
        }
        let shown = if code {
            format!("    {}", looks.paint("36", &line))
        } else if line.starts_with('#') {
            looks.paint("1", line.trim_start_matches('#').trim())
        } else {
            spans(&line, looks)
        };
        out.push_str(shown.trim_end());
        out.push('\n');
    }
    out
}

/// `code` and **strong** words of a line.
fn spans(line: &str, looks: &Looks) -> String {
    let mut out = String::new();
    for (n, part) in line.split('`').enumerate() {
        if n % 2 == 1 {
            out.push_str(&looks.paint("36", part));
            continue;
        }
        for (m, word) in part.split("**").enumerate() {
            out.push_str(&if m % 2 == 1 {
                looks.paint("1", word)
            } else {
                word.to_string()
            });
        }
    }
    out
}
