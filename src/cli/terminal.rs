//! What the terminal and the environment ask for: language, colour, width; and output that survives a closed pipe.

use super::args::{Color, Lang, ShowArgs};
use crate::finding::Language;
use crate::report::Looks;
use std::io::{self, IsTerminal, Write};

/// The language: option, then configuration, then `LC_ALL`, `LC_MESSAGES`, `LANG`.
pub fn language(option: Option<Lang>, configured: Option<Language>) -> Language {
    match option {
        Some(Lang::En) => return Language::En,
        Some(Lang::ZhCn) => return Language::ZhCn,
        Some(Lang::Auto) => {}
        None => {
            if let Some(language) = configured {
                return language;
            }
        }
    }
    let set = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(set)
        .unwrap_or_default();
    if locale.to_ascii_lowercase().starts_with("zh") {
        Language::ZhCn
    } else {
        Language::En
    }
}

/// How text looks on standard output.
pub fn looks(show: &ShowArgs) -> Looks {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    let terminal = io::stdout().is_terminal() && show.output.is_none();
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    let color = match show.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if set("NO_COLOR") => false,
        Color::Auto => {
            terminal && !dumb
                || set("FORCE_COLOR") && std::env::var_os("FORCE_COLOR").is_some_and(|v| v != "0")
        }
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let measured = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    let width = columns
        .or_else(|| terminal.then(measured).flatten())
        .unwrap_or(110);
    Looks {
        color,
        width: width.clamp(40, 200),
        verbose: show.verbose > 0,
        quiet: show.quiet,
    }
}

/// Writes to standard output. A reader that went away is no error.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line to standard error; nothing can be done where that fails.
pub fn complain(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
