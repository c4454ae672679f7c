//! Where places of an older text are in a newer one. For findings that are shown until the newer text is linked.
//!
//! Pure. What changed between two texts is taken to be one stretch: all that lies between what both begin with and what
//! both end with.

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

/// What became of one text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Move {
    /// It is the same.
    Same,
    /// The bytes from `start` up to `old_end` became those up to `new_end`.
    Changed {
        start: u32,
        old_end: u32,
        new_end: u32,
    },
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
    let same = |(a, b): &(u8, u8)| a == b;
    let start = old.bytes().zip(new.bytes()).take_while(same).count();
    let rest = old.len().min(new.len()) - start;
    let ends = old.bytes().rev().zip(new.bytes().rev());
    let end = ends.take(rest).take_while(same).count();
    if start == old.len() && start == new.len() {
        return Move::Same;
    }
    Move::Changed {
        start: start as u32,
        old_end: (old.len() - end) as u32,
        new_end: (new.len() - end) as u32,
    }
}

/// A span of the older text in the newer one. Writing inside of it makes it longer or shorter; what reaches over one of its
/// ends takes it away.
fn moved(change: Move, span: Span) -> Option<Span> {
    let Move::Changed {
        start,
        old_end,
        new_end,
    } = change
    else {
        return (change == Move::Same).then_some(span);
    };
    if span.end <= start {
        return Some(span);
    }
    let after = |at: u32| at - old_end + new_end;
    if span.start >= old_end {
        return Some(Span::new(after(span.start), after(span.end)));
    }
    let within = span.start <= start && span.end >= old_end;
    within.then(|| Span::new(span.start, after(span.end)))
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
        assert_eq!(
            between("aa", "aaa"),
            Move::Changed {
                start: 2,
                old_end: 2,
                new_end: 3
            }
        );
        assert_eq!(
            between("aaa", "aa"),
            Move::Changed {
                start: 2,
                old_end: 3,
                new_end: 2
            }
        );
    }
}
