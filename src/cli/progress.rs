//! Progress of long runs, on standard error and only where that is a terminal; a short run shows nothing.

use crate::finding::Language;
use crate::report::texts::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shorter runs need no bar.
const PATIENCE: Duration = Duration::from_millis(700);
/// How often it moves.
const TICK: Duration = Duration::from_millis(100);

/// A bar that appears when a run takes long.
pub(super) struct Progress {
    bar: ProgressBar,
    language: Language,
    /// Dropping the sender tells the watcher that the run has ended.
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// A run through so many files.
    pub fn new(files: usize, language: Language, quiet: bool) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::hidden());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let shows = io::stderr().is_terminal() && !dumb && !quiet;
        let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━━─"));
        }
        let watcher = shows.then(|| {
            let (end, ended) = channel();
            let bar = bar.clone();
            let watch = move || {
                if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(TICK);
                }
            };
            (end, std::thread::spawn(watch))
        });
        Progress {
            bar,
            language,
            watcher,
        }
    }

    /// Files are read and parsed.
    pub fn reading(&self) {
        self.bar
            .set_message(say(self.language, "progress-reading", &[]));
    }

    /// One more file is done.
    pub fn one(&self) {
        self.bar.inc(1);
    }

    /// Data is followed through what was read.
    pub fn following(&self) {
        self.bar
            .set_message(say(self.language, "progress-following", &[]));
    }

    /// Nothing of it stays on the screen.
    pub fn end(mut self) {
        self.close();
    }

    fn close(&mut self) {
        if let Some((end, watcher)) = self.watcher.take() {
            drop(end);
            drop(watcher.join());
        }
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.close();
    }
}
