//! Where places of an older text are in a newer one. For findings that are shown until the newer text is linked.
//!
//! Pure. What changed between two texts is taken to be one stretch: all that lies between what both begin with and what
//! both end with. Where both beginnings and ends could claim the same bytes, both ways to cut are tried.

use super::link::Texts;
use crate::finding::{Finding, Location};
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of the texts of some files.
pub(super) struct Moves<'a> {
    old: &'a Texts,
    new: &'a dyn Fn(&str) -> Option<Arc<str>>,
    known: BTreeMap<Arc<str>, Move>,
}

/// The bytes from `start` up to `old_end` became those up to `new_end`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    start: u32,
    old_end: u32,
    new_end: u32,
}

/// What became of one text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    /// It is the same.
    Same,
    /// One stretch became another: with as much as possible before it, and with as much as possible behind it.
    Changed([Stretch; 2]),
    /// It is no longer there.
    Gone,
}

impl<'a> Moves<'a> {
    pub fn new(old: &'a Texts, new: &'a dyn Fn(&str) -> Option<Arc<str>>) -> Moves<'a> {
        Moves {
            old,
            new,
            known: BTreeMap::new(),
        }
    }

    fn of(&mut self, file: &Arc<str>) -> Move {
        if let Some(known) = self.known.get(file) {
            return *known;
        }
        let found = match (self.old.get(file), (self.new)(file)) {
            (Some(old), Some(new)) if Arc::ptr_eq(old, &new) => Move::Same,
            (Some(old), Some(new)) => between(old, &new),
            _ => Move::Gone,
        };
        self.known.insert(file.clone(), found);
        found
    }

    /// Whether a file is as it was.
    pub fn stays(&mut self, file: &Arc<str>) -> bool {
        self.of(file) == Move::Same
    }

    /// A finding in the newer texts; `None` if what it is about was written anew.
    pub fn finding(&mut self, finding: &Finding) -> Option<Finding> {
        let at = self.place(&finding.at)?;
        let mut moved = finding.clone();
        moved.at = at;
        for step in &mut moved.flow {
            step.at = self.place(&step.at)?;
        }
        Some(moved)
    }

    fn place(&mut self, at: &Location) -> Option<Location> {
        let span = moved(self.of(&at.file), at.span)?;
        Some(Location {
            file: at.file.clone(),
            span,
        })
    }
}

fn between(old: &str, new: &str) -> Move {
    if old == new {
        return Move::Same;
    }
    let same = |(a, b): &(u8, u8)| a == b;
    let shorter = old.len().min(new.len());
    let starts = old.bytes().zip(new.bytes());
    let start = starts.take_while(same).count();
    let ends = old.bytes().rev().zip(new.bytes().rev());
    let end = ends.take_while(same).count();
    let stretch = |start: usize, end: usize| Stretch {
        start: start as u32,
        old_end: (old.len() - end) as u32,
        new_end: (new.len() - end) as u32,
    };
    Move::Changed([
        stretch(start, end.min(shorter - start)),
        stretch(start.min(shorter - end), end),
    ])
}

/// A span of the older text in the newer one. Writing inside of it makes it longer or shorter; what reaches over one of its
/// ends takes it away.
fn moved(change: Move, span: Span) -> Option<Span> {
    match change {
        Move::Same => Some(span),
        Move::Gone => None,
        Move::Changed(ways) => ways.into_iter().find_map(|way| way.moved(span)),
    }
}

impl Stretch {
    fn moved(self, span: Span) -> Option<Span> {
        let after = |at: u32| at - self.old_end + self.new_end;
        if span.end <= self.start {
            return Some(span);
        }
        if span.start >= self.old_end {
            return Some(Span::new(after(span.start), after(span.end)));
        }
        let within = span.start <= self.start && span.end >= self.old_end;
        within.then(|| Span::new(span.start, after(span.end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(old: &str, new: &str, word: &str) -> Option<String> {
        let at = old.find(word).unwrap() as u32;
        let span = moved(between(old, new), Span::new(at, at + word.len() as u32))?;
        Some(new[span.start as usize..span.end as usize].to_string())
    }

    #[test]
    fn places_move_with_what_surrounds_them() {
        let old = "let 电话 = 1\nlog(phone)\nend()\n";
        let same = |new: &str| word(old, new, "log(phone)");
        assert_eq!(same(old).as_deref(), Some("log(phone)"));
        assert_eq!(
            same("let 电话 = 12\nlog(phone)\nend()\n").as_deref(),
            Some("log(phone)")
        );
        assert_eq!(
            same("let 电话 = 1\nlog(phone)\nend(7)\n").as_deref(),
            Some("log(phone)")
        );
        assert_eq!(
            same("let 电话 = 1\nlog(phones)\nend()\n").as_deref(),
            Some("log(phones)")
        );
        assert_eq!(same("log(phone)\nend()\n").as_deref(), Some("log(phone)"));
    }

    #[test]
    fn what_is_written_anew_is_no_longer_there() {
        let old = "a()\nlog(phone)\nb()\n";
        assert_eq!(word(old, "a()\nb()\n", "log(phone)"), None);
        assert_eq!(word(old, "", "log(phone)"), None);
        assert_eq!(word(old, "a()\nlog(12)\nc()\n", "log(phone)"), None);
    }

    #[test]
    fn texts_that_repeat_themselves_do_not_overlap() {
        let stretch = |start, old_end, new_end| Stretch {
            start,
            old_end,
            new_end,
        };
        assert_eq!(
            between("aa", "aaa"),
            Move::Changed([stretch(2, 2, 3), stretch(0, 0, 1)])
        );
        assert_eq!(
            between("aaa", "aa"),
            Move::Changed([stretch(2, 3, 2), stretch(0, 1, 0)])
        );
    }
}
