//! The privacy inventory of an app: which personal data it collects, by which call or control and on which page, where
//! it goes, and what must be declared. Pure: made of the app model, facts, flows and tables; reports put it into words.
//!
//! Every text that comes from the project is masked, clipped and free of control characters here, once, so that no
//! report can show a secret or a personal datum whole. May use everything up to `judge`.

mod collect;
pub mod diff;
mod outgo;
mod pages;
pub mod show;
mod texts;
mod third;

use crate::app::ConfigError;
use crate::facts::FileFacts;
use crate::finding::{Confidence, Location, Text};
use crate::flow::Protection;
use crate::judge::consent::Duties;
use crate::judge::{AppCtx, Judge, OwnDomains};
use crate::rules::Level;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Relative path.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Page {
    /// Its route.
    pub route: Arc<str>,
    /// The title its configuration gives; may be empty.
    pub title: Arc<str>,
}

/// By which means data comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// A call, button or element of the platform.
    Api,
    /// A control into which people type or in which they choose.
    Control,
    /// The answer of a server, a stored value, a page's query.
    Received,
}

/// One way in which a class of data is collected.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Collected {
    /// By which means.
    pub by: Means,
    /// The call or control: `wx.getLocation`, `input type="idcard"`.
    pub name: Arc<str>,
    /// Where.
    pub at: Place,
    /// Pages on which it happens; empty = the whole app, or unknown.
    pub pages: Vec<Page>,
    /// Texts beside a control: label, placeholder, heading.
    pub hints: Vec<Arc<str>>,
    /// How sure it is that this is such data.
    pub confidence: Confidence,
}

/// Data kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stored {
    /// `storage`, `file`, `render-cache`, `cloud-db`.
    #[serde(rename = "in")]
    pub kind: Arc<str>,
    /// The key or path, if it is constant.
    pub key: Arc<str>,
    /// What protects it.
    pub protection: Protection,
    /// Where.
    pub at: Place,
}

/// Whose a recipient is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The app's operator.
    First,
    /// The platform that runs the app.
    Platform,
    /// Another company.
    Third,
    /// The address is computed.
    Unknown,
}

/// Data sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// Host, function or object that receives it; empty = the address is computed.
    pub to: Arc<str>,
    /// Path at the host, without its query.
    pub endpoint: Arc<str>,
    /// HTTP method, if it is known.
    pub method: Arc<str>,
    /// `https`, `http`, `wss` …; empty = not said.
    pub scheme: Arc<str>,
    /// Family of the call: `network`, `socket`, `cloud-call`, `cloud-file`, `analytics`, `interapp`, `webview`.
    pub how: Arc<str>,
    /// Part of the call: `data`, `url`, `header` …
    pub part: Arc<str>,
    /// Whose it is.
    pub party: Party,
    /// What was done to the data.
    pub protection: Protection,
    /// The call that names the data.
    pub at: Place,
}

/// Data that leaves in another way, or is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exit {
    /// The call.
    pub call: Arc<str>,
    /// Its family: `log`, `share`, `navigation`, `clipboard`, `system`, `display`.
    pub how: Arc<str>,
    /// What was done to the data.
    pub protection: Protection,
    /// Where.
    pub at: Place,
}

/// A class of data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Class id.
    pub class: Arc<str>,
    /// What people call it.
    pub name: Text,
    /// `high`, `medium`, `low`, `device`, `token`, `credential`.
    pub level: &'static str,
    /// Sensitive by a national standard.
    pub sensitive: bool,
    /// Information type of the platform's statement; empty = none.
    #[serde(rename = "type")]
    pub info_type: Arc<str>,
    /// How it comes in.
    pub collected: Vec<Collected>,
    /// Where it is kept.
    pub stored: Vec<Stored>,
    /// Where it is sent.
    pub sent: Vec<Sent>,
    /// Where it is logged.
    pub logged: Vec<Exit>,
    /// Page addresses, shares, the clipboard, the system.
    pub shared: Vec<Exit>,
    /// Where it is shown.
    pub shown: Vec<Exit>,
}

/// One call or control that makes a duty.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    /// The call or control.
    pub name: Arc<str>,
    /// Where.
    pub at: Place,
    /// Pages on which it happens.
    pub pages: Vec<Page>,
}

/// An item of the platform's privacy statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GuidelineItem {
    /// Information type.
    #[serde(rename = "type")]
    pub info_type: Arc<str>,
    /// Its key at the console's interface.
    pub key: Arc<str>,
    /// The form's own words.
    pub words: Text,
    /// `auth`, `privacy`, `none`: where the platform asks.
    pub dialog: Arc<str>,
    /// Undeclared calls fail.
    pub blocked: bool,
    /// The form promises explicit consent before it.
    pub consent_first: bool,
    /// What uses it.
    pub by: Vec<Use>,
    /// What it seems to be for; drafts for people.
    pub purposes: Vec<Text>,
    /// Declared, as far as that is known.
    pub declared: Option<bool>,
}

/// A call that the configuration must list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequiredInfo {
    /// The entry.
    pub name: Arc<str>,
    /// The code calls it.
    pub needed: bool,
    /// The configuration has it.
    pub present: bool,
    /// What calls it.
    pub by: Vec<Use>,
}

/// A permission.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scope {
    /// The scope.
    pub scope: Arc<str>,
    /// The code asks for it.
    pub needed: bool,
    /// The configuration must give a purpose.
    pub needs_purpose: bool,
    /// The purpose that it gives.
    pub purpose: Option<Arc<str>>,
    /// What asks for it.
    pub by: Vec<Use>,
}

/// What shows that something is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// Where.
    pub at: Place,
    /// A module, a host, a call, a key.
    pub what: Arc<str>,
}

/// Code or servers of another company.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThirdParty {
    /// Id of the table's row, else the app id of the plug-in.
    pub id: Arc<str>,
    /// `sdk` or `plugin`.
    pub kind: Arc<str>,
    /// What people call it.
    pub name: Text,
    /// Who runs it; empty = unknown.
    pub provider: Arc<str>,
    /// Classes of data that it takes by itself.
    pub collects: Vec<Arc<str>>,
    /// Classes of data that the app sends there.
    pub receives: Vec<Arc<str>>,
    /// Its own words about that; may be empty.
    pub page: Arc<str>,
    /// What shows that it is used, and where.
    pub evidence: Vec<Evidence>,
}

/// Who receives data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recipient {
    /// Host, function or object; empty = computed addresses.
    pub to: Arc<str>,
    /// Family of the calls.
    pub how: Arc<str>,
    /// Whose it is.
    pub party: Party,
    /// Classes of data.
    pub data: Vec<Arc<str>>,
    /// Without encryption on the way.
    pub cleartext: bool,
}

/// What is declared, compared with what is used.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Declared {
    /// Used, not declared: information types.
    pub missing: Vec<Arc<str>>,
    /// Declared, not used: information types.
    pub surplus: Vec<Arc<str>>,
    /// What was declared and is not understood.
    pub unknown: Vec<String>,
}

/// What is wrong with the app's configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Configuration {
    /// The file, if there is one.
    pub file: Option<Arc<str>>,
    /// `missing`, `broken`, `no-pages`.
    pub error: Option<&'static str>,
}

/// The whole inventory of one app.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inventory {
    /// The app's folder; empty for the PATH's own.
    pub root: Arc<str>,
    /// Host platform.
    pub platform: Arc<str>,
    /// `native` or a framework.
    pub framework: Arc<str>,
    /// Its configuration.
    pub config: Configuration,
    /// Pages that the app can open.
    pub pages: Vec<Page>,
    /// Pages that nothing declares: what they do makes no duties.
    pub unreached: Vec<Arc<str>>,
    /// Classes of data, the weightiest first.
    pub data: Vec<Item>,
    /// Who receives data.
    pub recipients: Vec<Recipient>,
    /// What the platform's privacy statement must hold.
    pub guideline: Vec<GuidelineItem>,
    /// Calls that the configuration must list.
    pub required_private_infos: Vec<RequiredInfo>,
    /// Permissions.
    pub scopes: Vec<Scope>,
    /// Code and servers of others.
    pub third_parties: Vec<ThirdParty>,
    /// What is declared; `None` if nothing is known of it.
    pub declared: Option<Declared>,
    /// Privacy calls that ship and that nothing runs.
    pub dormant: Vec<Use>,
    /// Files that were followed in part only.
    pub partial: Vec<Arc<str>>,
    /// The privacy statement of this platform is the one that `guideline` is about.
    pub has_guideline: bool,
    /// What people call the classes that lists name.
    #[serde(skip)]
    pub names: BTreeMap<Arc<str>, Text>,
}

/// What the parts of the inventory are made from.
struct Make<'a> {
    judge: &'a Judge,
    ctx: AppCtx<'a>,
    pages: pages::Pages<'a>,
    own: OwnDomains,
    /// Owner of the host to which most data goes.
    home: Option<String>,
    duties: Duties,
}

/// The inventory of an app.
pub fn build(judge: &Judge, ctx: &AppCtx<'_>) -> Inventory {
    let flows = crate::judge::JudgeCtx {
        files: ctx.files,
        flow: ctx.flow,
    };
    let own = OwnDomains::of(judge, &flows);
    let make = Make {
        judge,
        ctx: *ctx,
        pages: pages::Pages::of(ctx.app),
        home: outgo::home(ctx.flow, judge.rules().tables.places()),
        own,
        duties: judge.duties(ctx),
    };
    make.inventory()
}

impl Make<'_> {
    fn inventory(&self) -> Inventory {
        let app = self.ctx.app;
        let mut items: BTreeMap<Arc<str>, Item> = BTreeMap::new();
        self.collected(&mut items);
        self.outgoing(&mut items);
        let classes = self.judge.rules().tables.classes();
        let mut data: Vec<Item> = items.into_values().collect();
        let order = |item: &Item| {
            let level = match classes.level(&item.class) {
                Level::High => 0,
                Level::Credential => 1,
                Level::Medium => 2,
                Level::Low => 3,
                Level::Device => 4,
                Level::Token => 5,
            };
            (level, classes.id(&item.class))
        };
        data.sort_by_key(order);
        let recipients = outgo::recipients(&data);
        let third_parties = self.third_parties(&data);
        let guideline = self.guideline();
        let declared = self.judge.declared().map(|known| Declared {
            missing: guideline
                .iter()
                .filter(|item| !known.types.contains(&item.info_type))
                .map(|item| item.info_type.clone())
                .collect(),
            surplus: known
                .types
                .iter()
                .filter(|id| !guideline.iter().any(|item| item.info_type == **id))
                .cloned()
                .collect(),
            unknown: known.unknown.iter().map(|word| self.clean(word)).collect(),
        });
        let names = classes
            .iter()
            .map(|class| (class.id.clone(), class.name.clone()))
            .collect();
        Inventory {
            root: app.root.clone(),
            platform: app.platform.clone(),
            framework: app.framework.clone(),
            config: Configuration {
                file: app.config.clone(),
                error: app.config_error.map(|error| match error {
                    ConfigError::Missing => "missing",
                    ConfigError::Broken => "broken",
                    ConfigError::NoPages => "no-pages",
                }),
            },
            pages: self.pages.reached().map(|page| self.page(page)).collect(),
            unreached: self.pages.unreached(),
            recipients,
            required_private_infos: self.required(),
            scopes: self.scopes(),
            third_parties,
            declared,
            dormant: self.dormant(),
            partial: self.ctx.flow.partial.clone(),
            has_guideline: self.duties.host,
            guideline,
            data,
            names,
        }
    }

    /// The item of a class.
    fn item<'i>(&self, items: &'i mut BTreeMap<Arc<str>, Item>, id: &Arc<str>) -> &'i mut Item {
        let class = self.judge.rules().tables.classes().get(id);
        items.entry(id.clone()).or_insert_with(|| Item {
            class: id.clone(),
            name: class.map_or_else(
                || Text {
                    en: id.to_string(),
                    zh_cn: id.to_string(),
                },
                |class| class.name.clone(),
            ),
            level: class.map_or("low", |class| class.level.as_str()),
            sensitive: class.is_some_and(|class| class.sensitive || class.level == Level::High),
            info_type: class.map_or("".into(), |class| class.declare.clone()),
            collected: Vec::new(),
            stored: Vec::new(),
            sent: Vec::new(),
            logged: Vec::new(),
            shared: Vec::new(),
            shown: Vec::new(),
        })
    }

    fn facts(&self, file: &str) -> Option<&FileFacts> {
        self.ctx.files.get(file).map(|facts| &**facts)
    }

    fn place(&self, at: &Location) -> Place {
        let line = self
            .facts(&at.file)
            .map_or(0, |facts| facts.lines.line_of(at.span.start));
        Place {
            file: at.file.clone(),
            line: line + 1,
        }
    }
}
