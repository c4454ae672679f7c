//! An inventory compared with one that was saved: what is newly collected, who receives data now.

use super::{Inventory, Means, Use};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A saved inventory, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub struct Saved {
    version: u32,
    #[serde(default)]
    apps: Vec<SavedApp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedApp {
    root: String,
    data: Vec<SavedItem>,
    guideline: Vec<SavedType>,
    third_parties: Vec<SavedParty>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedItem {
    class: String,
    collected: Vec<SavedCollected>,
    sent: Vec<SavedSent>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedCollected {
    by: String,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedSent {
    to: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedType {
    #[serde(rename = "type")]
    info_type: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedParty {
    id: String,
}

/// Why a file is no saved inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSaved {
    /// Not JSON, or of another shape: what the parser says.
    Shape(String),
    /// Of a version that is not known.
    Version(u32),
}

impl Saved {
    /// Reads a saved inventory.
    pub fn parse(text: &str) -> Result<Saved, NotSaved> {
        let saved: Saved = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|e| NotSaved::Shape(e.to_string()))?;
        match saved.version {
            super::VERSION => Ok(saved),
            other => Err(NotSaved::Version(other)),
        }
    }

    /// The saved inventory of the same app; the only one, where folders were renamed.
    fn app(&self, root: &str, alone: bool) -> SavedApp {
        let same = self.apps.iter().find(|app| app.root == root);
        let only = || (alone && self.apps.len() == 1).then(|| &self.apps[0]);
        same.or_else(only).cloned().unwrap_or_default()
    }
}

/// A class of data that is collected now.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct NewData {
    /// Its id.
    pub class: Arc<str>,
    /// How it comes in.
    pub by: Vec<Use>,
}

/// Somebody who receives data now.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct NewRecipient {
    /// Host, function or object.
    pub to: Arc<str>,
    /// The classes of data that are new there.
    pub data: Vec<Arc<str>>,
    /// It received nothing before.
    pub first_time: bool,
}

/// What is new in one app.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Diff {
    /// The app's folder.
    pub root: Arc<str>,
    /// Classes that were not collected before.
    pub collected: Vec<NewData>,
    /// Classes that were collected before, and are by other calls now.
    pub ways: Vec<NewData>,
    /// Who receives data that was not sent there before.
    pub recipients: Vec<NewRecipient>,
    /// Information types that must be declared now.
    pub types: Vec<Arc<str>>,
    /// Code and servers of others that are new.
    pub third_parties: Vec<Arc<str>>,
    /// Classes that are collected no longer.
    pub gone: Vec<Arc<str>>,
}

impl Diff {
    /// Whether the app collects what it did not.
    pub fn is_new_collection(&self) -> bool {
        !self.collected.is_empty() || !self.ways.is_empty() || !self.types.is_empty()
    }

    /// Whether somebody receives what they did not.
    pub fn is_new_recipient(&self) -> bool {
        !self.recipients.is_empty() || !self.third_parties.is_empty()
    }

    /// Whether nothing is new and nothing is gone.
    pub fn is_empty(&self) -> bool {
        !self.is_new_collection() && !self.is_new_recipient() && self.gone.is_empty()
    }
}

/// What is new in an app; `alone`: it is the only one.
pub fn diff(now: &Inventory, saved: &Saved, alone: bool) -> Diff {
    let old = saved.app(&now.root, alone);
    let received = "received";
    let old_ways = |class: &str| -> BTreeSet<String> {
        let items = old.data.iter().filter(|item| item.class == class);
        items
            .flat_map(|item| &item.collected)
            .filter(|way| way.by != received)
            .map(|way| way.name.clone())
            .collect()
    };
    let mut out = Diff {
        root: now.root.clone(),
        ..Diff::default()
    };
    for item in &now.data {
        let before = old_ways(&item.class);
        let fresh = item
            .collected
            .iter()
            .filter(|way| way.by != Means::Received && !before.contains(&*way.name));
        let by: Vec<Use> = fresh
            .map(|way| Use {
                name: way.name.clone(),
                at: way.at.clone(),
                pages: way.pages.clone(),
            })
            .collect();
        if !by.is_empty() {
            let list = match before.is_empty() {
                true => &mut out.collected,
                false => &mut out.ways,
            };
            list.push(NewData {
                class: item.class.clone(),
                by,
            });
        }
    }
    out.recipients = recipients(now, &old);
    let had_type = |id: &str| old.guideline.iter().any(|t| t.info_type == id);
    let types = now.guideline.iter().map(|item| &item.info_type);
    out.types = types.filter(|id| !had_type(id)).cloned().collect();
    let had_party = |id: &str| old.third_parties.iter().any(|t| t.id == id);
    let parties = now.third_parties.iter().map(|party| &party.id);
    out.third_parties = parties.filter(|id| !had_party(id)).cloned().collect();
    let collects = |class: &str| {
        let mut items = now.data.iter().filter(|item| *item.class == *class);
        items.any(|item| item.collected.iter().any(|way| way.by != Means::Received))
    };
    let gone = old.data.iter().map(|item| item.class.as_str());
    out.gone = gone
        .filter(|class| !old_ways(class).is_empty() && !collects(class))
        .map(Arc::from)
        .collect();
    out
}

fn recipients(now: &Inventory, old: &SavedApp) -> Vec<NewRecipient> {
    let knew = |to: &str, class: Option<&str>| {
        let items = old
            .data
            .iter()
            .filter(|item| class.is_none_or(|c| item.class == c));
        items.flat_map(|item| &item.sent).any(|sent| sent.to == to)
    };
    let mut out: Vec<NewRecipient> = Vec::new();
    for recipient in now.recipients.iter().filter(|r| !r.to.is_empty()) {
        let new = recipient
            .data
            .iter()
            .filter(|class| !knew(&recipient.to, Some(class)));
        let data: Vec<Arc<str>> = new.cloned().collect();
        if !data.is_empty() && !out.iter().any(|known| known.to == recipient.to) {
            out.push(NewRecipient {
                to: recipient.to.clone(),
                first_time: !knew(&recipient.to, None),
                data,
            });
        }
    }
    out
}
