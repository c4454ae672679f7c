//! What an app has to declare: information types, entries of the configuration, scopes, and what asks for each. For the
//! privacy inventory, and for rules that compare it with what is declared. Code that nothing runs makes no duties.

use super::config::entries;
use super::declare::{listed, purposes};
use super::elements::{Element, Value};
use super::{AppCtx, Elements, View};
use crate::facts::ir::{Expr, Key, Unit, Var};
use crate::facts::names::Name;
use crate::facts::{FileFacts, Placed};
use crate::finding::{Confidence, Location};
use crate::flow::{ApiUse, Trigger};
use crate::judge::Judge;
use crate::rules::PrivacyApi;
use crate::rules::flow_tables::{Datum, Step};
use crate::syntax::Node;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A call, control or element that hands personal information to the app.
#[derive(Clone, Debug, PartialEq)]
pub struct Occasion {
    /// Where.
    pub at: Location,
    /// As a person would say it: `wx.getLocation`, `<camera>`, `input type="idcard"`.
    pub name: Arc<str>,
    /// Files of pages and components from which it is reached; may be empty.
    pub from: Vec<Arc<str>>,
    /// The row of the platform's table; `None` for what people type.
    pub api: Option<Arc<str>>,
    /// The platform refuses it where it is not declared.
    pub official: bool,
    /// A control into which people type, or in which they choose.
    pub typed: bool,
    /// What it hands out: class ids.
    pub classes: Vec<Arc<str>>,
}

/// An information type and what uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeUse {
    /// Id of the type.
    pub info_type: Arc<str>,
    /// Indices into [`Duties::occasions`].
    pub by: Vec<usize>,
}

/// An entry of the list of declared calls.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The entry.
    pub name: Arc<str>,
    /// Indices into [`Duties::occasions`]; empty = declared and not used.
    pub by: Vec<usize>,
    /// The configuration has it.
    pub present: bool,
}

/// A scope that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeUse {
    /// The scope.
    pub scope: Arc<str>,
    /// Indices into [`Duties::occasions`]; empty = a purpose stands there and nothing asks.
    pub by: Vec<usize>,
    /// The configuration must give a purpose.
    pub needs_purpose: bool,
    /// The purpose that it gives.
    pub purpose: Option<Arc<str>>,
}

/// Everything that an app has to declare.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duties {
    /// What hands personal information to the app, by place.
    pub occasions: Vec<Occasion>,
    /// In the order of the platform's statement.
    pub types: Vec<TypeUse>,
    /// Calls that the configuration must list, or lists.
    pub required: Vec<Requirement>,
    /// Permissions.
    pub scopes: Vec<ScopeUse>,
    /// Privacy calls that ship and that nothing is known to run: the platform's scan of the package sees them too. By place.
    pub dormant: Vec<(Location, Arc<str>)>,
    /// The app is built for the platform whose statement this is about.
    pub host: bool,
}

impl Judge {
    /// What an app has to declare.
    pub fn duties(&self, ctx: &AppCtx<'_>) -> Duties {
        duties(&View::of(self, *ctx))
    }
}

/// What an app has to declare.
pub(super) fn duties(view: &View<'_>) -> Duties {
    let mut out = Duties {
        host: is_host(view),
        ..Duties::default()
    };
    calls(view, &mut out);
    controls(view, &mut out);
    elements(view, &mut out);
    unfollowed(view, &mut out);
    out.occasions
        .sort_by(|a, b| (&a.at, &a.name).cmp(&(&b.at, &b.name)));
    out.occasions
        .dedup_by(|b, a| a.at == b.at && a.api == b.api && a.name == b.name);
    types(view, &mut out);
    required(view, &mut out);
    scopes(view, &mut out);
    out
}

/// Whether the app is built for the platform that has this statement.
fn is_host(view: &View<'_>) -> bool {
    let platforms = &view.table.declaration.platforms;
    platforms.iter().any(|p| **p == *view.ctx.app.platform)
}

/// Whether a call can run. Where the engine gave up, everything can.
fn is_live(view: &View<'_>, found: &ApiUse) -> bool {
    let known = found.triggers.iter().any(|t| *t != Trigger::Unknown);
    known || view.ctx.flow.partial.contains(&found.at.file)
}

fn calls(view: &View<'_>, out: &mut Duties) {
    let tables = &view.judge.rules.tables;
    let confident = |data: &[Datum]| -> Vec<Arc<str>> {
        let good = data.iter().filter(|d| d.confidence >= Confidence::Medium);
        let mut ids: Vec<Arc<str>> = good
            .map(|d| tables.classes().class(d.class).id.clone())
            .collect();
        ids.sort();
        ids.dedup();
        ids
    };
    for found in &view.uses {
        let row = view.api(found);
        let flow = tables.flow();
        let open = flow
            .open_type(&found.api)
            .filter(|_| found.call.starts_with('<'));
        let api = [format!("$.{}", found.api), found.api.to_string()]
            .iter()
            .find_map(|path| flow.api(path));
        let mut classes = match (open, api) {
            (Some(open), _) => confident(&open.data),
            // What a server answers is not collected by the call, and a token is no datum yet.
            (None, Some(api)) if api.response.is_none() && !row.is_some_and(|row| row.opaque) => {
                let own = row.filter(|_| out.host && view.is_hosts(found));
                let data = own.map_or(Vec::new(), |row| of_host(row, &api.data));
                confident(if data.is_empty() { &api.data } else { &data })
            }
            _ => Vec::new(),
        };
        with_types(view, row, &mut classes);
        if row.is_none_or(|row| row.info_type.is_empty()) && classes.is_empty() {
            continue;
        }
        if !is_live(view, found) {
            if row.is_some_and(|row| row.official) {
                out.dormant.push((found.at.clone(), found.call.clone()));
            }
            continue;
        }
        out.occasions.push(Occasion {
            at: found.at.clone(),
            name: found.call.clone(),
            from: found.reached_from.clone(),
            api: row.map(|row| row.id.clone()),
            official: row.is_some_and(|row| row.official) && view.is_hosts(found),
            typed: false,
            classes,
        });
    }
}

/// Of what a call hands out on any host, what it does on the one whose table has the row.
fn of_host(row: &PrivacyApi, data: &[Datum]) -> Vec<Datum> {
    let spelled = |path: &[Step]| {
        path.iter()
            .fold(String::from("res"), |path, step| match step {
                Step::Key(key) => format!("{path}.{key}"),
                Step::Each => format!("{path}[]"),
            })
    };
    let listed = data.iter().filter(|datum| {
        let path = spelled(&datum.path);
        row.data.iter().any(|known| **known == *path)
    });
    listed.cloned().collect()
}

/// Calls in code that the engine never came to, by the names of the platform's global objects.
fn unfollowed(view: &View<'_>, out: &mut Duties) {
    let names = &view.judge.rules.names;
    let flow = view.judge.rules.tables.flow();
    let uses = &view.ctx.flow.uses;
    for facts in view.reached() {
        if view.judge.rules.tables.classes().is_mock_path(&facts.path) {
            continue;
        }
        for placed in facts
            .modules
            .iter()
            .flat_map(|m| std::iter::once(&m.top).chain(&m.children))
        {
            for node in &placed.unit.exprs {
                let Some((object, method)) = called(&placed.unit, &node.kind) else {
                    continue;
                };
                let object = names.text(object);
                if flow.global(&object).is_none_or(|g| g.platform.is_empty()) {
                    continue;
                }
                let method = names.text(method);
                let span = node.span.shifted(placed.base);
                let known = |found: &ApiUse| {
                    found.at.file == facts.path
                        && found.at.span.start == span.start
                        && found.api == method
                };
                let official = view.apis.get(&method).is_some_and(|api| api.official);
                if official && !uses.iter().any(known) {
                    let at = Location {
                        file: facts.path.clone(),
                        span,
                    };
                    out.dormant.push((at, format!("{object}.{method}").into()));
                }
            }
        }
    }
    out.dormant.sort();
}

/// The object and the method of a call `object.method(…)`.
fn called(unit: &Unit, call: &Expr) -> Option<(Name, Name)> {
    let Expr::Call { callee, .. } = call else {
        return None;
    };
    let Expr::Member {
        object,
        key: Key::Name(method),
        ..
    } = &unit.exprs.get(*callee as usize)?.kind
    else {
        return None;
    };
    match &unit.exprs.get(*object as usize)?.kind {
        Expr::Var(Var::Free(name)) => Some((*name, *method)),
        _ => None,
    }
}

/// Adds what the row's information types mean, where nothing says more.
fn with_types(view: &View<'_>, row: Option<&PrivacyApi>, classes: &mut Vec<Arc<str>>) {
    if let Some(row) = row.filter(|row| classes.is_empty() || row.opaque) {
        classes.extend(view.classes(row));
        classes.sort();
        classes.dedup();
    }
}

fn controls(view: &View<'_>, out: &mut Duties) {
    let classes = view.judge.rules.tables.classes();
    let app = view.ctx.app;
    for control in &view.ctx.flow.controls {
        let file = &control.at.file;
        if !app.is_reached(file) || app.server.contains(file) || classes.is_mock_path(file) {
            continue;
        }
        // What is as likely as the likeliest: a field for a name is none for a nickname.
        let best = control.data.iter().map(|(_, c)| *c).max();
        let sure = control
            .data
            .iter()
            .filter(|(_, c)| *c >= Confidence::Medium && Some(*c) == best);
        let held: Vec<Arc<str>> = sure.map(|(class, _)| class.clone()).collect();
        if held.is_empty() || !is_read(view, &control.at) {
            continue;
        }
        out.occasions.push(Occasion {
            at: control.at.clone(),
            name: control.name.clone(),
            from: vec![file.clone()],
            api: None,
            typed: true,
            official: view.apis.iter().any(|api| {
                api.official && *api.kind == *INPUT_TYPE && is_kind(&control.name, &api.id)
            }),
            classes: held,
        });
    }
}

/// Whether code can get what is typed into a control: an event, a binding in both directions, a name in a form.
fn is_read(view: &View<'_>, at: &Location) -> bool {
    let template = view
        .facts(&at.file)
        .and_then(|facts| facts.template.as_ref());
    let nodes = template.map_or(&[][..], |template| &template.markup.nodes);
    let found = nodes.iter().find_map(|node| match node {
        Node::Element {
            tag, open, attrs, ..
        } if *open == at.span => Some((tag, attrs)),
        _ => None,
    });
    let Some((tag, attrs)) = found else {
        // Of elements in scripts nothing is known here.
        return true;
    };
    let flow = view.judge.rules.tables.flow();
    let spec = flow.control(tag);
    let shows_only =
        |name: &str| spec.is_some_and(|s| s.values.first().is_some_and(|v| **v == *name));
    let takes =
        |name: &str| spec.is_none_or(|s| s.values.iter().chain(&s.names).any(|v| **v == *name));
    attrs.iter().any(|attr| {
        let name = attr.name.trim_start_matches(':');
        let name = name.split('.').next().unwrap_or(name);
        flow.event(&attr.name).is_some() || (takes(name) && !shows_only(name))
    })
}

/// Kind of rows that are a control of a special type.
const INPUT_TYPE: &str = "input-type";
/// Kind of rows that are an element.
const COMPONENT: &str = "component";

/// Whether a control's name says what a row's id does: `input type="nickname"`, `input[type=nickname]`.
fn is_kind(name: &str, id: &str) -> bool {
    let Some((tag, rest)) = id.split_once('[') else {
        return false;
    };
    let Some((attribute, value)) = rest.trim_end_matches(']').split_once('=') else {
        return false;
    };
    name == format!("{tag} {attribute}=\"{value}\"")
}

/// Tag, attribute and its value (empty = any), row.
type ElementRow<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a PrivacyApi);

/// Rows of elements, told apart by tag: `camera`, `map[show-location]`, `x[name=y]`.
fn elements(view: &View<'_>, out: &mut Duties) {
    let rows: Vec<ElementRow<'_>> = view
        .apis
        .iter()
        .filter(|api| {
            *api.kind == *COMPONENT && !api.info_type.is_empty() && *api.status == *"current"
        })
        .map(|api| match api.id.split_once('[') {
            None => (&*api.id, None, api),
            Some((tag, rest)) => {
                let rest = rest.trim_end_matches(']');
                let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
                (tag, Some((name, value)), api)
            }
        })
        .collect();
    let wants = |tag: &str| rows.iter().any(|(t, ..)| t.eq_ignore_ascii_case(tag));
    for facts in view.reached() {
        // Files with buttons have been looked at before.
        let looked = view.elements.contains_key(&facts.path);
        if !looked && !mentions(facts, view, &wants)
            || view.judge.rules.tables.classes().is_mock_path(&facts.path)
        {
            continue;
        }
        let made;
        let found = match view.elements.get(&facts.path) {
            Some(found) => found,
            None => {
                made = Elements::of(facts, &view.judge.rules.names);
                &made
            }
        };
        for element in &found.all {
            open_type(view, facts, element, out);
            let fits = rows.iter().find(|(tag, attribute, _)| {
                *tag == element.tag
                    && attribute.is_none_or(|(name, value)| {
                        match element.attr(&super::elements::plain(name)) {
                            None | Some(Value::Bool(false)) => false,
                            Some(Value::Text(text)) => {
                                text != "false" && (value.is_empty() || value == text)
                            }
                            Some(_) => value.is_empty(),
                        }
                    })
            });
            let Some((tag, _, api)) = fits else { continue };
            out.occasions.push(Occasion {
                at: Location {
                    file: facts.path.clone(),
                    span: element.open,
                },
                name: format!("<{tag}>").into(),
                from: vec![facts.path.clone()],
                api: Some(api.id.clone()),
                official: api.official,
                typed: false,
                classes: view.classes(api),
            });
        }
    }
}

/// Buttons that hand out data, and the calls that stand for them.
fn open_type(view: &View<'_>, facts: &FileFacts, element: &Element, out: &mut Duties) {
    let flow = view.judge.rules.tables.flow();
    let names = &view.table.deprecated.open_type_attributes;
    let value = names.iter().find_map(|name| element.text_of(name));
    // Several stand together: `a|b`.
    for value in value.into_iter().flat_map(|value| value.split('|')) {
        let Some(open) = flow.open_type(value) else {
            continue;
        };
        let row = view.apis.get(&open.api);
        let good = open
            .data
            .iter()
            .filter(|d| d.confidence >= Confidence::Medium);
        let classes = view.judge.rules.tables.classes();
        let mut held: Vec<Arc<str>> = good.map(|d| classes.class(d.class).id.clone()).collect();
        held.sort();
        held.dedup();
        with_types(view, row, &mut held);
        out.occasions.push(Occasion {
            at: Location {
                file: facts.path.clone(),
                span: element.open,
            },
            name: format!("<{} open-type=\"{value}\">", element.tag).into(),
            from: vec![facts.path.clone()],
            api: row.map(|row| row.id.clone()),
            official: row.is_some_and(|row| row.official),
            typed: false,
            classes: held,
        });
    }
}

/// A cheap look at the tags of a file.
fn mentions(facts: &FileFacts, view: &View<'_>, wants: &dyn Fn(&str) -> bool) -> bool {
    let markup = facts.template.iter().flat_map(|t| &t.markup.nodes);
    let in_markup = markup
        .into_iter()
        .any(|node| matches!(node, Node::Element { tag, .. } if wants(tag)));
    let names = &view.judge.rules.names;
    let in_unit = |placed: &Placed| {
        let exprs = &placed.unit.exprs;
        exprs.iter().any(|node| match &node.kind {
            Expr::Element(element) => match exprs.get(element.tag as usize).map(|n| &n.kind) {
                Some(Expr::Str(name) | Expr::Var(Var::Free(name))) => wants(&names.text(*name)),
                _ => false,
            },
            _ => false,
        })
    };
    in_markup
        || facts
            .modules
            .iter()
            .any(|m| in_unit(&m.top) || m.children.iter().any(in_unit))
}

/// Rows of the platform's table that an occasion stands for.
fn row<'a>(view: &View<'a>, occasion: &Occasion) -> Option<&'a PrivacyApi> {
    view.apis.get(occasion.api.as_deref()?)
}

fn types(view: &View<'_>, out: &mut Duties) {
    let classes = view.judge.rules.tables.classes();
    for info in view.apis.info_types() {
        let is_of = |occasion: &Occasion| match row(view, occasion) {
            Some(api) => std::iter::once(&api.info_type)
                .chain(&api.also_types)
                .any(|id| *id == info.id),
            // What people type, and calls that the table does not list, are declared as what they hold.
            None => occasion.classes.iter().any(|id| {
                let table = &view.table.declaration;
                let declare = classes.get(id).map(|class| &*class.declare);
                match occasion.typed {
                    false => {
                        declare == Some(&*info.id)
                            && !table.write_only.iter().any(|t| **t == *info.id)
                    }
                    true => match table.typed_as.get(&**id) {
                        Some(other) => **other == *info.id,
                        None => {
                            declare == Some(&*info.id)
                                && table.typed.iter().any(|t| **t == *info.id)
                        }
                    },
                }
            }),
        };
        let by: Vec<usize> = indices(&out.occasions, is_of);
        if !by.is_empty() {
            out.types.push(TypeUse {
                info_type: info.id.clone(),
                by,
            });
        }
    }
}

fn indices(occasions: &[Occasion], wanted: impl Fn(&Occasion) -> bool) -> Vec<usize> {
    let all = occasions.iter().enumerate();
    all.filter(|(_, o)| wanted(o)).map(|(i, _)| i).collect()
}

fn required(view: &View<'_>, out: &mut Duties) {
    if !out.host {
        return;
    }
    let entries = entries(view);
    let known = listed(view, &entries).unwrap_or_default();
    for name in view.apis.required_values() {
        let by = indices(&out.occasions, |o| {
            row(view, o).is_some_and(|api| *api.required == **name)
        });
        let present = known.iter().any(|(known, _)| **known == **name);
        if present || !by.is_empty() {
            out.required.push(Requirement {
                name: name.as_str().into(),
                by,
                present,
            });
        }
    }
}

fn scopes(view: &View<'_>, out: &mut Duties) {
    if !out.host {
        return;
    }
    let mut found: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (index, occasion) in out.occasions.iter().enumerate() {
        let scopes = row(view, occasion)
            .into_iter()
            .flat_map(|api| std::iter::once(&api.scope).chain(&api.also_scopes));
        let current = &view.apis.scopes().current;
        for scope in scopes.filter(|scope| current.iter().any(|c| **c == ***scope)) {
            found.entry(scope.clone()).or_default().push(index);
        }
    }
    let purposes = purposes(view);
    for (scope, _, _) in &purposes {
        found.entry(scope.as_str().into()).or_default();
    }
    for (scope, by) in found {
        let purpose = purposes.iter().find(|(s, ..)| **s == *scope);
        out.scopes.push(ScopeUse {
            needs_purpose: view
                .apis
                .scopes()
                .desc_required
                .iter()
                .any(|s| **s == *scope),
            purpose: purpose.map(|(_, text, _)| text.clone()),
            scope,
            by,
        });
    }
}
