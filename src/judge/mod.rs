//! Judgement: facts of files and flows of an app become findings, as the rules say.
//!
//! Pure. Knows detectors, not rules: what is looked for, how severe it is and what is said about it stands in
//! `queries/rules`. [`Judge::file`] needs one file alone and may be cached with its facts; [`Judge::flow`] needs the flows of
//! the whole app. Fixes are computed when they are asked for ([`fixes`]), since facts hold no text.

mod calls;
mod code;
pub mod consent;
pub mod fixes;
mod local;
mod message;
mod settings;
mod sinks;
pub(crate) mod url;

pub use code::CodeCache;
pub use consent::AppCtx;
pub use settings::Settings;
pub(crate) use sinks::OwnDomains;

use crate::facts::FileFacts;
use crate::finding::{Confidence, Finding, Location, Severity};
use crate::flow::FlowResult;
use crate::rules::places::globs;
use crate::rules::{Match, Rule, RuleSet};
use crate::text::Span;
use globset::GlobSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An app as judgement sees it.
pub struct JudgeCtx<'a> {
    /// Facts of the app's files, by path.
    pub files: &'a BTreeMap<Arc<str>, Arc<FileFacts>>,
    /// What flows where.
    pub flow: &'a FlowResult,
}

/// The rules of a session with its settings, prepared for judging.
#[derive(Debug)]
pub struct Judge {
    rules: Arc<RuleSet>,
    /// Rules to run, with their matches by detector; sorted by rule.
    active: Vec<Active>,
    min_confidence: Confidence,
    min_severity: Severity,
    ignored: Vec<(GlobSet, Vec<usize>)>,
    first_party: Vec<String>,
    flow_options: crate::flow::Options,
    declared: Option<consent::Known>,
}

/// A match of a rule that runs.
#[derive(Debug)]
struct Active {
    rule: usize,
    found: usize,
    files: GlobSet,
    not_files: GlobSet,
    /// The user's severity for the rule.
    severity: Option<Severity>,
}

/// What a detector found, before words are put to it.
#[derive(Debug)]
struct Raw {
    at: Location,
    severity: Severity,
    confidence: Confidence,
    data: Vec<Arc<str>>,
    words: message::Words,
}

impl Judge {
    /// Prepares rules and settings.
    pub fn new(rules: Arc<RuleSet>, settings: &Settings) -> Judge {
        let run = selected(&rules, settings);
        let mut active = Vec::new();
        for (index, rule) in rules.rules.iter().enumerate().filter(|(i, _)| run[*i]) {
            let by_id = settings.severity.get(&*rule.id);
            let severity = by_id
                .or_else(|| settings.severity.get(&*rule.group))
                .copied();
            for (found, spec) in rule.matches.iter().enumerate() {
                let key = if spec.on == "file" { "globs" } else { "files" };
                active.push(Active {
                    rule: index,
                    found,
                    files: globs(spec.params.list(key)),
                    not_files: globs(spec.params.list("not-globs")),
                    severity,
                });
            }
        }
        let ignored = settings.per_file_ignores.iter();
        let ignored = ignored.map(|(glob, selectors)| {
            let rules = selectors.iter().flat_map(|s| rules.select(s)).collect();
            (globs(&[glob.clone(), format!("**/{glob}")]), rules)
        });
        Judge {
            active,
            min_confidence: settings.min_confidence.unwrap_or(Confidence::Medium),
            min_severity: settings.min_severity.unwrap_or(Severity::Info),
            ignored: ignored.collect(),
            first_party: settings
                .first_party_domains
                .iter()
                .map(|d| d.to_ascii_lowercase())
                .collect(),
            flow_options: settings.flow_options(),
            declared: consent::Known::of(&settings.declared, &rules),
            rules,
        }
    }

    /// What the settings say to the flow engine.
    pub fn flow_options(&self) -> &crate::flow::Options {
        &self.flow_options
    }

    /// The rules that this judge was made with.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Whether the settings say that a host is the app's own.
    pub fn is_own_host(&self, host: &str) -> bool {
        self.first_party.iter().any(|domain| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// What the app's privacy guideline declares, if the settings say.
    pub fn declared(&self) -> Option<&consent::Known> {
        self.declared.as_ref()
    }

    /// Whether a rule runs, by id.
    pub fn runs(&self, id: &str) -> bool {
        self.rules
            .index(id)
            .is_some_and(|index| self.active.iter().any(|a| a.rule == index))
    }

    /// Findings that need this file alone, sorted by place. A function of the file's facts.
    pub fn file(&self, facts: &FileFacts) -> Vec<Finding> {
        self.edited(facts, &mut CodeCache::default())
    }

    /// The same for a file that is being edited: `cache` is of an earlier text, afterwards of this one.
    pub fn edited(&self, facts: &FileFacts, cache: &mut CodeCache) -> Vec<Finding> {
        let mut out = local::judge(self, facts);
        calls::judge(self, facts, cache, &mut out);
        self.finish(out)
    }

    /// Findings of the app's flows and controls, sorted by place.
    pub fn flow(&self, ctx: &JudgeCtx<'_>) -> Vec<Finding> {
        self.finish(sinks::judge(self, ctx))
    }

    /// Whether a finding of another detector is wanted: selection, thresholds and per-file ignores. Applies the user's
    /// severity.
    pub fn keep(&self, mut finding: Finding) -> Option<Finding> {
        let rule = self.rules.index(&finding.rule)?;
        let active = self.active.iter().find(|a| a.rule == rule)?;
        finding.severity = active.severity.unwrap_or(finding.severity);
        let low = finding.confidence < self.min_confidence || finding.severity < self.min_severity;
        let mut ignored = self
            .ignored
            .iter()
            .filter(|(_, rules)| rules.contains(&rule));
        if low || ignored.any(|(globs, _)| globs.is_match(&*finding.at.file)) {
            return None;
        }
        Some(finding)
    }

    /// Filters, sorts, and drops what another finding of the same rule already says at the same place.
    fn finish(&self, found: Vec<(&Active, Raw)>) -> Vec<Finding> {
        let mut out: Vec<Finding> = Vec::with_capacity(found.len());
        for (active, raw) in found {
            let finding = self.word(active, raw);
            out.extend(self.keep(finding));
        }
        out.sort_by(|a, b| {
            let key = |f: &Finding| (f.at.clone(), f.rule.clone());
            key(a)
                .cmp(&key(b))
                .then(b.severity.cmp(&a.severity))
                .then(b.confidence.cmp(&a.confidence))
        });
        out.dedup_by(|later, first| {
            later.rule == first.rule
                && later.at.file == first.at.file
                && later.at.span.start < first.at.span.end.max(1)
        });
        out
    }

    /// Makes a finding of what was found.
    fn word(&self, active: &Active, raw: Raw) -> Finding {
        let (rule, spec) = self.of(active);
        let messages = rule.messages_of(spec);
        let fill = |text| message::fill(text, &raw.words, &raw.data, self.rules.tables.classes());
        Finding {
            rule: rule.id.clone(),
            severity: raw.severity,
            confidence: spec
                .params
                .confidence("confidence")
                .map_or(raw.confidence, |cap| raw.confidence.min(cap)),
            message: fill(&messages.what),
            why: fill(&messages.why),
            help: fill(&messages.help),
            at: raw.at,
            flow: raw.words.steps,
            data: raw.data,
            fixes: Vec::new(),
            fingerprint: String::new(),
            deprecated: false,
        }
    }

    fn of(&self, active: &Active) -> (&Rule, &Match) {
        let rule = &self.rules.rules[active.rule];
        (rule, &rule.matches[active.found])
    }

    /// Matches of one detector.
    fn on<'a>(
        &'a self,
        detector: &'a str,
    ) -> impl Iterator<Item = (&'a Active, &'a Rule, &'a Match)> + 'a {
        self.active.iter().filter_map(move |active| {
            let (rule, spec) = self.of(active);
            (spec.on == detector).then_some((active, rule, spec))
        })
    }

    /// What a match says about severity at this place; `None` = no finding.
    fn severity(&self, active: &Active, place: Place, class: &str) -> Option<Severity> {
        let (rule, spec) = self.of(active);
        match spec.params.str("side") {
            Some("client") if place.server => return None,
            Some("server") if !place.server => return None,
            _ => {}
        }
        let level = self
            .rules
            .tables
            .classes()
            .get(class)
            .map_or("", |c| c.level.as_str());
        let said = |key: &str| spec.params.severity(key, class, level);
        let mut severity = said("severity").unwrap_or(Some(rule.severity))?;
        let keys = [
            (place.comment, "comment-severity"),
            (place.shown, "shown-severity"),
            (place.test, "test-severity"),
            (place.server, "server-severity"),
        ];
        for (here, key) in keys {
            if let (true, Some(other)) = (here, said(key)) {
                severity = severity.min(other?);
            }
        }
        Some(severity)
    }
}

/// Where a finding stands, as far as severity depends on it.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    server: bool,
    test: bool,
    comment: bool,
    shown: bool,
}

impl Place {
    fn of(rules: &RuleSet, path: &str) -> Place {
        Place {
            server: rules.tables.places().is_server(path),
            test: rules.tables.classes().is_mock_path(path),
            comment: false,
            shown: false,
        }
    }
}

fn at(facts: &FileFacts, span: Span) -> Location {
    Location {
        file: facts.path.clone(),
        span,
    }
}

/// Which rules run: `select` (else all that are on by default), less `ignore`.
fn selected(rules: &RuleSet, settings: &Settings) -> Vec<bool> {
    let mut run: Vec<bool> = rules
        .rules
        .iter()
        .map(|r| settings.select.is_empty() && r.default)
        .collect();
    for selector in &settings.select {
        rules
            .select(selector)
            .into_iter()
            .for_each(|i| run[i] = true);
    }
    for selector in &settings.ignore {
        rules
            .select(selector)
            .into_iter()
            .for_each(|i| run[i] = false);
    }
    run
}
