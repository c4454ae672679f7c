//! On which pages a file is used: its own page, or those that use its component.

use super::Page;
use crate::app::{App, PartKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(super) struct Pages<'a> {
    app: &'a App,
    /// Parts that use a part.
    users: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(app: &'a App) -> Pages<'a> {
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, part) in app.parts.iter().enumerate() {
            for used in part.uses.values() {
                users.entry(*used).or_default().push(index);
            }
        }
        Pages { app, users }
    }

    /// Pages that the app can open.
    pub(super) fn reached(&self) -> impl Iterator<Item = Page> {
        let pages = self.app.parts.iter();
        pages
            .filter(|part| part.kind == PartKind::Page && part.reached)
            .map(|part| Page {
                route: part.name.clone(),
                title: part.title.clone(),
            })
    }

    /// Pages that nothing declares, by route.
    pub(super) fn unreached(&self) -> Vec<Arc<str>> {
        let pages = self.app.parts.iter();
        pages
            .filter(|part| part.kind == PartKind::Page && !part.reached)
            .map(|part| part.name.clone())
            .collect()
    }

    /// The pages that files belong to, directly or as a component.
    pub(super) fn of_files<'f>(&self, files: impl Iterator<Item = &'f Arc<str>>) -> Vec<Page> {
        let mut open: Vec<usize> = files.flat_map(|file| self.app.part_of(file)).collect();
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut out: BTreeSet<Page> = BTreeSet::new();
        while let Some(index) = open.pop() {
            let Some(part) = self.app.parts.get(index).filter(|_| seen.insert(index)) else {
                continue;
            };
            match part.kind {
                PartKind::Page if part.reached => drop(out.insert(Page {
                    route: part.name.clone(),
                    title: part.title.clone(),
                })),
                PartKind::Page | PartKind::App => {}
                PartKind::Component => open.extend(self.users.get(&index).into_iter().flatten()),
            }
        }
        out.into_iter().collect()
    }
}
