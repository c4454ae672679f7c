//! When to check: soon after a single edit, once for a burst of them, and not never. Owns time; knows nothing else.

use std::time::{Duration, Instant};

/// Edits that come within this time belong together.
const SHORT: Duration = Duration::from_micros(1000);
/// The same inside of a burst.
const LONG: Duration = Duration::from_millis(20);
/// So long after an edit that overtook a check a burst is thought to go on.
const BURST: Duration = Duration::from_millis(100);
/// After this time a check is not put off or given up any more.
const PATIENCE: Duration = Duration::from_millis(500);

/// When to check.
#[derive(Debug, Default)]
pub struct Pace {
    /// Since when there is something new.
    dirty: Option<Instant>,
    /// When the newest edit came.
    last: Option<Instant>,
    burst: Option<Instant>,
}

impl Pace {
    /// An edit came.
    pub fn edit(&mut self) {
        if self.dirty.is_some() {
            self.overtaken();
        }
        self.touch();
    }

    /// Something else is new.
    pub fn touch(&mut self) {
        let now = Instant::now();
        self.dirty.get_or_insert(now);
        self.last = Some(now);
    }

    /// An edit came before the one before it was checked.
    pub fn overtaken(&mut self) {
        self.burst = Some(Instant::now() + BURST);
    }

    /// All is checked.
    pub fn settled(&mut self) {
        self.dirty = None;
    }

    /// Whether there is something new.
    pub fn is_dirty(&self) -> bool {
        self.dirty.is_some()
    }

    /// How long to wait for more; `None` if there is nothing to check.
    pub fn linger(&self) -> Option<Duration> {
        self.dirty?;
        let now = Instant::now();
        let whole = match self.burst {
            Some(until) if until > now => LONG,
            _ => SHORT,
        };
        let last = self.last.unwrap_or(now);
        Some((last + whole).saturating_duration_since(now))
    }

    /// Whether the wait is over.
    pub fn is_due(&self) -> bool {
        self.linger().is_some_and(|left| left.is_zero())
    }

    /// Whether checks were put off for too long.
    pub fn is_overdue(&self) -> bool {
        self.dirty.is_some_and(|since| since.elapsed() > PATIENCE)
    }
}
