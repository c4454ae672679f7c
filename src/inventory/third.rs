//! Code and servers of other companies: modules that scripts load, hosts, objects, plug-ins of the configuration.

use super::{Evidence, Item, Make, Place, ThirdParty};
use crate::facts::ir::{Expr, Item as Argument, Stmt, Unit, Var};
use crate::facts::{FileFacts, JsonScalar, LiteralPlace};
use crate::finding::{Location, Text};
use crate::judge::url;
use crate::rules::inventory::ThirdPartyRow;
use crate::text::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Places shown for one company.
const MAX_EVIDENCE: usize = 5;

impl Make<'_> {
    /// Companies whose code or servers the app uses.
    pub(super) fn third_parties(&self, data: &[Item]) -> Vec<ThirdParty> {
        let table = self.judge.rules().tables.inventory();
        let rows = table.third_parties();
        let mut signs: BTreeMap<usize, Vec<Evidence>> = BTreeMap::new();
        let mut sign = |index: usize, what: &str, at: Place| {
            let what = self.shared(what);
            signs.entry(index).or_default().push(Evidence { what, at });
        };
        let hosts_of = |host: &str| rows.iter().position(|row| row.has_host(host));
        for facts in self.client_files() {
            for (specifier, span) in specifiers(facts, self) {
                if let Some(row) = rows.iter().position(|row| row.is_module(&specifier)) {
                    sign(row, &specifier, self.place_in(facts, span));
                }
            }
            let shown = |place: &LiteralPlace| {
                !matches!(place, LiteralPlace::Comment | LiteralPlace::MarkupText)
            };
            for literal in facts.literals.iter().filter(|l| shown(&l.place)) {
                for address in url::addresses(&literal.value) {
                    let picture = self.judge.rules().tables.places();
                    if picture.is_picture(address.text, &literal.name) {
                        continue;
                    }
                    if let Some(row) = hosts_of(&address.host) {
                        sign(row, &address.host, self.place_in(facts, literal.span));
                    }
                }
            }
        }
        for hit in self
            .ctx
            .flow
            .hits
            .iter()
            .filter(|hit| hit.reached && !hit.server)
        {
            let object = hit.call.split('.').next().unwrap_or_default();
            let by_host = hosts_of(&url::host(&hit.target));
            let by_name = || rows.iter().position(|row| row.is_object(object));
            if let Some(row) = by_host.or_else(by_name) {
                sign(row, &hit.call, self.place(&hit.at));
            }
        }
        let mut out: Vec<ThirdParty> = signs
            .into_iter()
            .map(|(index, signs)| self.of_row(&rows[index], signs, data))
            .collect();
        out.extend(self.plugins(rows));
        out
    }

    fn client_files(&self) -> impl Iterator<Item = &FileFacts> {
        let app = self.ctx.app;
        let places = self.judge.rules().tables.places();
        app.reached
            .iter()
            .filter(move |file| !app.server.contains(*file) && !places.is_tool(file))
            .filter_map(|file| self.facts(file))
    }

    fn place_in(&self, facts: &FileFacts, span: Span) -> Place {
        self.place(&Location {
            file: facts.path.clone(),
            span,
        })
    }

    fn of_row(&self, row: &ThirdPartyRow, mut signs: Vec<Evidence>, data: &[Item]) -> ThirdParty {
        signs.sort();
        signs.dedup();
        signs.truncate(MAX_EVIDENCE);
        let sends = |item: &&Item| {
            item.sent
                .iter()
                .any(|sent| row.has_host(&sent.to) || row.is_object(&sent.to))
        };
        ThirdParty {
            id: row.id.clone(),
            kind: row.kind().into(),
            name: row.name.clone(),
            provider: row.provider.trim_matches('?').into(),
            collects: row.collects.clone(),
            receives: data
                .iter()
                .filter(sends)
                .map(|item| item.class.clone())
                .collect(),
            page: row.page.as_str().into(),
            evidence: signs,
        }
    }

    /// Plug-ins that the configuration names.
    fn plugins(&self, rows: &[ThirdPartyRow]) -> Vec<ThirdParty> {
        let names = &self.judge.rules().tables.inventory().plugin;
        let mut out: Vec<ThirdParty> = Vec::new();
        for entry in self.judge.configuration(&self.ctx) {
            let path: Vec<&str> = entry.entry.path.split('.').collect();
            let [.., key, name, last] = &path[..] else {
                continue;
            };
            let JsonScalar::String(value) = &entry.entry.scalar else {
                continue;
            };
            if !names.keys.iter().any(|k| k == key) || *last != names.provider {
                continue;
            }
            // Filled in by tools, nothing that can be named.
            if value.contains('{') {
                continue;
            }
            let row = rows.iter().find(|row| row.is_plugin(value));
            let at = self.place(&entry.at());
            let sign = Evidence {
                what: self.shared(&format!("{key}.{name}")),
                at,
            };
            let found = match row {
                Some(row) => self.of_row(row, vec![sign], &[]),
                None => {
                    let shown = self.clean(name);
                    ThirdParty {
                        id: self.shared(value),
                        kind: "plugin".into(),
                        name: Text {
                            en: shown.clone(),
                            zh_cn: shown,
                        },
                        provider: "".into(),
                        collects: Vec::new(),
                        receives: Vec::new(),
                        page: "".into(),
                        evidence: vec![sign],
                    }
                }
            };
            if !out.iter().any(|known| known.id == found.id) {
                out.push(found);
            }
        }
        out
    }
}

/// How scripts of a file name other modules.
fn specifiers(facts: &FileFacts, make: &Make<'_>) -> Vec<(Arc<str>, Span)> {
    let names = &make.judge.rules().names;
    let requires = &make.judge.rules().tables.app_model().configuration.requires;
    let mut out = Vec::new();
    for module in &facts.modules {
        for func in module.top.unit.funcs.iter().take(1) {
            for statement in &func.body {
                if let Stmt::Import {
                    path, path_span, ..
                } = statement
                {
                    out.push((names.text(*path), path_span.shifted(module.top.base)));
                }
            }
        }
        for placed in std::iter::once(&module.top).chain(&module.children) {
            for node in &placed.unit.exprs {
                if let Expr::Call { callee, args, .. } = &node.kind
                    && let Some(name) = free_name(&placed.unit, *callee)
                    && requires.iter().any(|r| **r == *names.text(name))
                    && let [Argument::One(first), ..] = &args[..]
                    && let Some(Expr::Str(path)) =
                        placed.unit.exprs.get(*first as usize).map(|n| &n.kind)
                {
                    out.push((names.text(*path), node.span.shifted(placed.base)));
                }
            }
        }
    }
    out
}

fn free_name(unit: &Unit, id: u32) -> Option<crate::facts::names::Name> {
    match unit.exprs.get(id as usize).map(|n| &n.kind) {
        Some(Expr::Var(Var::Free(name))) => Some(*name),
        _ => None,
    }
}
