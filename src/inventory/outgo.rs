//! Where data goes: kept, sent, logged, shared, shown; and who receives it.

use super::{Exit, Item, Make, Party, Recipient, Sent, Stored};
use crate::finding::Confidence;
use crate::flow::{Datum, FlowResult, Protection, SinkHit};
use crate::judge::url;
use crate::rules::places::Places;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Families of sinks that keep data.
const KEEPS: [&str; 4] = ["storage", "file", "render-cache", "cloud-db"];
/// Families of sinks that send data to somebody.
const SENDS: [&str; 6] = [
    "network",
    "socket",
    "cloud-call",
    "analytics",
    "interapp",
    "webview",
];

impl Make<'_> {
    /// Fills in where data goes.
    pub(super) fn outgoing(&self, items: &mut BTreeMap<Arc<str>, Item>) {
        let classes = self.judge.rules().tables.classes();
        for hit in &self.ctx.flow.hits {
            if !hit.reached || classes.is_mock_path(&hit.at.file) {
                continue;
            }
            // A guess is no flow.
            for datum in hit.data.iter().filter(|d| d.confidence > Confidence::Low) {
                self.goes(items, hit, datum);
            }
        }
        for item in items.values_mut() {
            let places = |a: &Exit, b: &Exit| {
                (&a.at, &a.call, a.protection).cmp(&(&b.at, &b.call, b.protection))
            };
            for list in [&mut item.logged, &mut item.shared, &mut item.shown] {
                list.sort_by(places);
                list.dedup();
            }
            item.stored
                .sort_by(|a, b| (&a.at, &a.key, a.protection).cmp(&(&b.at, &b.key, b.protection)));
            item.stored.dedup();
            item.sent.sort_by(|a, b| {
                let key = |s: &Sent| {
                    (
                        s.party,
                        s.to.clone(),
                        s.endpoint.clone(),
                        s.at.clone(),
                        s.part.clone(),
                        s.protection,
                    )
                };
                key(a).cmp(&key(b))
            });
            item.sent.dedup();
        }
    }

    fn goes(&self, items: &mut BTreeMap<Arc<str>, Item>, hit: &SinkHit, datum: &Datum) {
        let family = &*hit.family;
        let protection = match (hit.protected, datum.protection) {
            (true, Protection::None) => Protection::Encrypted,
            (_, protection) => protection,
        };
        let at = self.place(&datum.responsible);
        let exit = || Exit {
            call: self.shared(&hit.call),
            how: hit.family.clone(),
            protection,
            at: self.place(&hit.at),
        };
        let item = self.item(items, &datum.class);
        match family {
            _ if KEEPS.contains(&family) => item.stored.push(Stored {
                kind: hit.family.clone(),
                key: self.shared(&hit.target),
                protection,
                at: self.place(&hit.at),
            }),
            _ if SENDS.contains(&family) => {
                let sent = self.sent(hit, protection, at);
                item.sent.push(sent);
            }
            "log" => item.logged.push(exit()),
            "display" => item.shown.push(exit()),
            _ => item.shared.push(exit()),
        }
    }

    fn sent(&self, hit: &SinkHit, protection: Protection, at: super::Place) -> Sent {
        let target = hit.target.split(['?', '#']).next().unwrap_or_default();
        let host = url::host(target);
        let (scheme, rest) = target.split_once("://").unwrap_or(("", target));
        let path = match host.is_empty() {
            true => rest,
            false => rest.find('/').map_or("", |slash| &rest[slash..]),
        };
        let network = matches!(&*hit.family, "network" | "socket");
        let files = &self.judge.rules().tables.inventory().cloud_files;
        let is_file = files.iter().any(|sink| **sink == *hit.sink);
        let (to, endpoint) = match network {
            true => (host.clone(), self.clean(path)),
            false if is_file => (String::new(), self.clean(target)),
            // A function, another program, an object.
            false if !target.is_empty() => (self.clean(target), String::new()),
            false => (self.receiver(&hit.call), String::new()),
        };
        Sent {
            to: self.shared(&to),
            endpoint: endpoint.into(),
            method: hit.method.clone(),
            scheme: match host.is_empty() {
                true => "".into(),
                false => self.shared(&scheme.to_lowercase()),
            },
            how: match is_file {
                true => "cloud-file".into(),
                false => hit.family.clone(),
            },
            part: hit.part.clone(),
            party: self.party(hit, &host, target),
            protection,
            at,
        }
    }

    /// Whose a host is.
    fn party_of(&self, host: &str, target: &str) -> Party {
        let at_home = self.home.as_deref() == Some(url::owner(host));
        if self.judge.is_own_host(host) {
            return Party::First;
        }
        // However much of the app rests on it.
        if self.is_known_company(host) {
            return Party::Third;
        }
        let foreign = match self.own.is_empty() {
            true => self.home.is_some() && host.contains('.') && url::ipv4(host).is_none(),
            false => self.own.is_foreign(target),
        };
        match foreign && !at_home {
            true => Party::Third,
            false => Party::First,
        }
    }

    /// Whether a host is that of a company of the tables.
    fn is_known_company(&self, host: &str) -> bool {
        let tables = &self.judge.rules().tables;
        let mut rows = tables.inventory().third_parties().iter();
        tables.places().is_vendor(host) || rows.any(|row| row.has_host(host))
    }

    /// The object of a call: `sensors` of `sensors.track`.
    fn receiver(&self, call: &str) -> String {
        let object = call.rsplit_once('.').map_or(call, |(object, _)| object);
        self.clean(object)
    }

    fn party(&self, hit: &SinkHit, host: &str, target: &str) -> Party {
        let flow = self.judge.rules().tables.flow();
        let first = hit.call.split('.').next().unwrap_or_default();
        let platform = flow.global(first).is_some_and(|g| !g.platform.is_empty());
        match &*hit.family {
            "network" | "socket" if !host.is_empty() => self.party_of(host, target),
            "network" | "socket" => Party::Unknown,
            "cloud-call" | "cloud-db" => Party::First,
            "analytics" if platform => Party::Platform,
            "analytics" | "interapp" => Party::Third,
            _ => Party::Unknown,
        }
    }
}

/// The owner of the host to which most calls send data.
pub(super) fn home(flow: &FlowResult, places: &Places) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for hit in flow.hits.iter().filter(|hit| hit.reached) {
        let host = url::host(&hit.target);
        if host.contains('.') && url::ipv4(&host).is_none() && !places.is_vendor(&host) {
            *counts.entry(url::owner(&host).to_string()).or_default() += 1;
        }
    }
    let most = counts
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
    most.map(|(owner, _)| owner)
}

/// Who receives data, over all classes: other companies first.
pub(super) fn recipients(data: &[Item]) -> Vec<Recipient> {
    let mut out: BTreeMap<(Party, Arc<str>, Arc<str>), Recipient> = BTreeMap::new();
    for item in data {
        for sent in &item.sent {
            let key = (sent.party, sent.to.clone(), sent.how.clone());
            let recipient = out.entry(key).or_insert_with(|| Recipient {
                to: sent.to.clone(),
                how: sent.how.clone(),
                party: sent.party,
                data: Vec::new(),
                cleartext: false,
            });
            recipient.cleartext |= matches!(&*sent.scheme, "http" | "ws");
            if !recipient.data.contains(&item.class) {
                recipient.data.push(item.class.clone());
            }
        }
    }
    let mut out: Vec<Recipient> = out.into_values().collect();
    out.sort_by_key(|r| match r.party {
        Party::Third => 0,
        Party::Unknown => 1,
        Party::Platform => 2,
        Party::First => 3,
    });
    out
}
