//! Detectors of calls, members and constant properties: names in the rules' tables, judged by what stands around them.

use super::code::{Code, CodeCache, Site, UnitView, item};
use super::message::Words;
use super::{Active, Judge, Place, Raw, at};
use crate::facts::FileFacts;
use crate::facts::ir::{Expr, ExprId, Key, Prop};
use crate::facts::names::Name;
use crate::finding::{Confidence, redact};
use crate::rules::vocabulary::Strength;
use crate::rules::{Match, Rule};
use crate::text::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

type Found<'a> = Vec<(&'a Active, Raw)>;

pub(super) fn judge<'a>(
    judge: &'a Judge,
    facts: &FileFacts,
    cache: &mut CodeCache,
    out: &mut Found<'a>,
) {
    if facts.modules.is_empty() && facts.template.is_none() {
        return;
    }
    let code = Code::of(facts, &judge.rules.names, cache);
    let place = Place::of(&judge.rules, &facts.path);
    let ctx = Ctx {
        judge,
        facts,
        code: &code,
        place,
    };
    let named = |detector| judge.on(detector).map(|rule| (rule, lower(rule.2)));
    let (calls, members): (Vec<_>, Vec<_>) = (named("call").collect(), named("member").collect());
    let lists = calls.iter().chain(&members).flat_map(|(_, names)| names);
    let mut ends = Ends::new(lists.map(String::as_str));
    for (unit, view) in code.units.iter().enumerate() {
        // Most names are no rule's: only the others are spelled out.
        let worth = view.worth(|site| {
            let callee = called(view, site).unwrap_or(site.expr);
            let last = code.last(unit, site, callee);
            last.is_some_and(|last| ends.has(last, &code))
        });
        for &index in worth {
            let site = view.sites()[index as usize];
            let (callee, new, rules) = match &view.node(site.expr).kind {
                Expr::Call { callee, .. } => (*callee, false, &calls),
                Expr::New { callee, .. } => (*callee, true, &calls),
                _ => (site.expr, false, &members),
            };
            let written = code.written(unit, site, callee);
            let name = written.to_ascii_lowercase();
            for ((active, rule, spec), names) in rules {
                let named = names.iter().any(|want| ends_with_name(&name, want));
                if named && spec.params.bool("new").is_none_or(|want| want == new) {
                    out.extend(ctx.call(unit, site, &written, (active, rule, spec)));
                }
            }
        }
    }
    properties(&ctx, out);
}

/// The callee of a call.
fn called(view: &UnitView<'_>, site: Site) -> Option<ExprId> {
    match &view.node(site.expr).kind {
        Expr::Call { callee, .. } | Expr::New { callee, .. } => Some(*callee),
        _ => None,
    }
}

fn lower(spec: &Match) -> Vec<String> {
    spec.params
        .list("names")
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

/// Whether a dotted name ends with another, at a dot.
fn ends_with_name(name: &str, end: &str) -> bool {
    name.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The last words of dotted names, lower case, and which names of a file are such words.
struct Ends<'a> {
    words: FxHashSet<&'a str>,
    known: FxHashMap<Name, bool>,
}

impl<'a> Ends<'a> {
    fn new(names: impl Iterator<Item = &'a str>) -> Ends<'a> {
        let last = |name: &'a str| name.rsplit('.').next().unwrap_or(name);
        Ends {
            words: names.map(last).collect(),
            known: FxHashMap::default(),
        }
    }

    fn has(&mut self, name: Name, code: &Code<'_>) -> bool {
        let words = &self.words;
        let is_word = || words.contains(&*code.text(name).to_ascii_lowercase());
        *self.known.entry(name).or_insert_with(is_word)
    }

    /// As [`Ends::has`], with upper and lower case told apart.
    fn exactly(&mut self, name: Name, code: &Code<'_>) -> bool {
        let words = &self.words;
        let is_word = || words.contains(&*code.text(name));
        *self.known.entry(name).or_insert_with(is_word)
    }
}

struct Ctx<'j, 'f> {
    judge: &'j Judge,
    facts: &'f FileFacts,
    code: &'f Code<'f>,
    place: Place,
}

impl<'j> Ctx<'j, '_> {
    /// A call or member with a name of the match's: do its other conditions hold?
    fn call(
        &self,
        unit: usize,
        site: Site,
        written: &str,
        (active, rule, spec): (&'j Active, &'j Rule, &'j Match),
    ) -> Option<(&'j Active, Raw)> {
        let view = &self.code.units[unit];
        let args: Vec<ExprId> = match &view.node(site.expr).kind {
            Expr::Call { args, .. } | Expr::New { args, .. } => {
                args.iter().filter_map(item).collect()
            }
            _ => Vec::new(),
        };
        let params = &spec.params;
        let receiver = self.code.receiver(site);
        let mut span = view.span(site.expr);
        let mut words = Words::default()
            .set("call", written)
            .set("name", receiver.as_deref().unwrap_or_default());
        if let Some(options) = params.table("options")
            && !options.iter().all(|(key, value)| {
                self.option(unit, &args, key)
                    .is_some_and(|v| self.is_constant(unit, site, v, value))
            })
        {
            return None;
        }
        if params.has("constants")
            && !self.mentions_constant(unit, site, &args, params.list("constants"))
        {
            return None;
        }
        if params.has("literal-args") {
            let (value, place) = self.literal(unit, site, &args, params.list("literal-args"))?;
            words = words.set("value", &redact(&value));
            span = place;
        }
        let guards = params.list("guards");
        if !guards.is_empty() {
            let plain = |word: &str| word.to_ascii_lowercase();
            if self
                .code
                .conditions(unit, site)
                .iter()
                .any(|word| guards.contains(&plain(word)))
            {
                return None;
            }
        }
        let mut data = Vec::new();
        if params.has("data") {
            data = self.data(unit, site, &args, params.list("data"));
            if data.is_empty() {
                return None;
            }
        }
        if (params.has("data-result") || params.has("result-names"))
            && !self.result(receiver.as_deref()?, spec)
        {
            return None;
        }
        let class = data.first().map_or("", |class| &**class);
        let severity = self.judge.severity(active, self.place, class)?;
        let confidence = if data.is_empty() {
            rule.confidence.max(Confidence::Medium)
        } else {
            Confidence::Medium
        };
        Some((
            active,
            Raw {
                at: at(self.facts, span),
                severity,
                confidence,
                data,
                words,
            },
        ))
    }

    /// The value of an option of the first object argument.
    fn option(&self, unit: usize, args: &[ExprId], key: &str) -> Option<ExprId> {
        let view = &self.code.units[unit];
        args.iter().find_map(|arg| match &view.node(*arg).kind {
            Expr::Object(props) => props.iter().find_map(|prop| match prop {
                Prop::Value(Key::Name(name), value, _) if &*self.code.text(*name) == key => {
                    Some(*value)
                }
                _ => None,
            }),
            _ => None,
        })
    }

    fn is_constant(&self, unit: usize, site: Site, expr: ExprId, want: &str) -> bool {
        match &self.code.units[unit].node(expr).kind {
            Expr::Bool(value) => value.to_string() == want,
            Expr::Num(text) => &*self.code.text(*text) == want,
            _ => self
                .code
                .constant(unit, site.func(), expr)
                .is_some_and(|(text, _)| &*text == want),
        }
    }

    fn mentions_constant(
        &self,
        unit: usize,
        site: Site,
        args: &[ExprId],
        wanted: &[String],
    ) -> bool {
        args.iter()
            .filter_map(|arg| self.code.constant(unit, site.func(), *arg))
            .any(|(text, _)| {
                let text = text.to_ascii_lowercase();
                text.split(|c: char| !c.is_ascii_alphanumeric())
                    .any(|word| wanted.iter().any(|w| w == word))
            })
    }

    /// The first of the wanted arguments that is constant, with the place of the constant.
    fn literal(
        &self,
        unit: usize,
        site: Site,
        args: &[ExprId],
        wanted: &[String],
    ) -> Option<(Arc<str>, Span)> {
        wanted.iter().find_map(|want| {
            let expr = match want.parse::<usize>() {
                Ok(index) => *args.get(index)?,
                Err(_) => self.option(unit, args, want)?,
            };
            self.code
                .constant(unit, site.func(), expr)
                .filter(|(text, _)| text.len() >= 4)
        })
    }

    /// Classes of the wanted levels that the arguments name; sorted.
    fn data(&self, unit: usize, site: Site, args: &[ExprId], levels: &[String]) -> Vec<Arc<str>> {
        let tables = &self.judge.rules.tables;
        let mut out: Vec<Arc<str>> = Vec::new();
        for (name, parent) in args
            .iter()
            .flat_map(|arg| self.code.mentions(unit, site.func(), *arg))
        {
            for found in tables.vocabulary().classify(&name, parent.as_deref()) {
                let class = tables.classes().class(found.class);
                if found.strength == Strength::Strong
                    && !found.sanitised
                    && levels.iter().any(|l| l == class.level.as_str())
                {
                    out.push(class.id.clone());
                }
            }
        }
        out.sort();
        out.dedup();
        out
    }

    /// Whether the name that receives the result says that it must not be guessed.
    fn result(&self, receiver: &str, spec: &Match) -> bool {
        let plain: String = receiver
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if spec.params.list("result-names").contains(&plain) {
            return true;
        }
        let tables = &self.judge.rules.tables;
        let levels = spec.params.list("data-result");
        tables
            .vocabulary()
            .classify(receiver, None)
            .iter()
            .any(|found| {
                found.strength == Strength::Strong
                    && levels
                        .iter()
                        .any(|l| l == tables.classes().class(found.class).level.as_str())
            })
    }
}

/// Constant properties of objects.
fn properties<'j>(ctx: &Ctx<'j, '_>, out: &mut Found<'j>) {
    for (active, rule, spec) in ctx.judge.on("property") {
        if !active.files.is_match(&*ctx.facts.path) {
            continue;
        }
        let Some(severity) = ctx.judge.severity(active, ctx.place, "") else {
            continue;
        };
        let keys = spec.params.list("keys");
        let mut ends = Ends::new(keys.iter().map(String::as_str));
        for unit in 0..ctx.code.units.len() {
            let view = &ctx.code.units[unit];
            for property in view.properties() {
                let last = view.last_key(*property);
                if !last.is_some_and(|last| ends.exactly(last, ctx.code)) {
                    continue;
                }
                let equal = match (&view.node(property.value).kind, spec.params.any("equals")) {
                    (Expr::Bool(have), Some(toml::Value::Boolean(want))) => have == want,
                    (Expr::Str(have), Some(toml::Value::String(want))) => {
                        *ctx.code.text(*have) == **want
                    }
                    (_, None) => true,
                    _ => false,
                };
                if !equal {
                    continue;
                }
                let path = ctx.code.path(unit, *property);
                if keys.iter().any(|key| ends_with_name(&path, key)) {
                    out.push((
                        active,
                        Raw {
                            at: at(ctx.facts, view.span(property.value)),
                            severity,
                            confidence: rule.confidence,
                            data: Vec::new(),
                            words: Words::default().set("key", &path),
                        },
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
