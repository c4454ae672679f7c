//! `check` and `flows`: PATHs → walk → read → engine → report.

use super::args::{CheckArgs, FailOn, FlowsArgs, ScopeArgs, ShowArgs};
use super::engine::{Judged, dialects, judge};
use super::progress::Progress;
use super::{Fail, emit, fix, terminal, write};
use crate::config::{Config, ConfigError, Finder, confidence, severity};
use crate::finding::baseline::Baseline;
use crate::finding::suppress::{UNUSED_DIRECTIVE, names};
use crate::finding::{Finding, Language, Severity};
use crate::project::declared::declared;
use crate::project::mend::{self, Texts};
use crate::project::package;
use crate::project::rules::{folders, of_folders};
use crate::project::walk::{self, Unread};
use crate::report::mask::Masker;
use crate::report::texts::{both, count, has, say};
use crate::report::{self, FileError, FlowReport, Report, Root, Skip, Source, escape};
use crate::rules::RuleSet;
use crate::session::Settings;
use crate::syntax::Document;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Files under one PATH that share a configuration.
pub(super) struct Group {
    pub root: usize,
    folder: PathBuf,
    pub config: Arc<Config>,
    pub rules: Arc<RuleSet>,
    pub texts: Texts,
    /// The package that the texts are from: nothing in it can be changed.
    package: Option<Arc<str>>,
}

/// Everything read.
pub(super) struct Loaded {
    pub groups: Vec<Group>,
    pub roots: Vec<Root>,
    /// All rules of all groups, for reports.
    rules: Arc<RuleSet>,
    pub errors: Vec<FileError>,
    skipped: Vec<Skip>,
    pub language: Language,
    config: Arc<Config>,
    pub files: usize,
}

/// A PATH: its folder, and the files in it if it is not the folder itself.
struct Target {
    folder: PathBuf,
    prefix: String,
    only: Option<BTreeSet<String>>,
}

fn targets(paths: &[PathBuf], errors: &mut Vec<FileError>) -> Vec<Target> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut out: Vec<Target> = Vec::new();
    for path in paths {
        let shown = path.to_string_lossy().replace('\\', "/");
        let error = |key: &str, values: &[(&str, &str)]| FileError {
            file: shown.clone(),
            kind: "path",
            message: both(key, values),
        };
        let meta = match std::fs::metadata(path) {
            Ok(meta) => meta,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                errors.push(error("error-missing", &[]));
                continue;
            }
            Err(e) => {
                errors.push(error("error-read", &[("why", &e.kind().to_string())]));
                continue;
            }
        };
        let folder = |p: &Path| std::fs::canonicalize(p).unwrap_or_else(|_| p.to_path_buf());
        if meta.is_dir() {
            let prefix = match shown.trim_start_matches("./").trim_end_matches('/') {
                "" | "." if shown.starts_with('/') => "/".to_string(),
                "" | "." => String::new(),
                inside => format!("{inside}/"),
            };
            out.push(Target {
                folder: folder(path),
                prefix,
                only: None,
            });
        } else if meta.is_file() {
            let parent = path
                .parent()
                .filter(|p| !p.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let prefix = shown
                .trim_start_matches("./")
                .strip_suffix(&name)
                .unwrap_or_default()
                .to_string();
            let folder = folder(parent);
            match out
                .iter_mut()
                .find(|t| t.folder == folder && t.only.is_some())
            {
                Some(target) => target
                    .only
                    .iter_mut()
                    .for_each(|only| only.extend([name.clone()])),
                None => out.push(Target {
                    folder,
                    prefix,
                    only: Some([name].into()),
                }),
            }
        } else {
            errors.push(error("error-special", &[]));
        }
    }
    out
}

/// Reads everything that PATHs name, with its configuration.
pub(super) fn load(
    scope: &ScopeArgs,
    lang: Option<super::args::Lang>,
    stdin: Option<(&Path, String)>,
) -> Result<Loaded, Fail> {
    let fallback = terminal::language(lang, None);
    let fail = |e: crate::config::ConfigError| Fail(e.show(fallback));
    let mut errors = Vec::new();
    let targets = match &stdin {
        None => targets(&scope.paths, &mut errors),
        Some((name, _)) => {
            let full = std::path::absolute(name).map_err(|e| Fail(e.to_string()))?;
            let folder = full.parent().unwrap_or(Path::new("/")).to_path_buf();
            vec![Target {
                folder,
                prefix: String::new(),
                only: Some(BTreeSet::new()),
            }]
        }
    };
    let given = scope
        .config
        .as_deref()
        .map(Finder::read)
        .transpose()
        .map_err(fail)?
        .map(Arc::new);
    let mut finder = Finder::default();
    let mut config_of = |folder: &Path| match &given {
        Some(config) => Ok(config.clone()),
        None => finder.for_folder(folder).map(Option::unwrap_or_default),
    };
    let mut out = Loaded {
        groups: Vec::new(),
        roots: Vec::new(),
        rules: RuleSet::builtin(),
        errors,
        skipped: Vec::new(),
        language: fallback,
        config: Arc::default(),
        files: 0,
    };
    let wanted = |name: &str| dialects().kind_of(name).is_some();
    for (n, target) in targets.into_iter().enumerate() {
        let config = config_of(&target.folder).map_err(fail)?;
        if n == 0 {
            out.config = config.clone();
        }
        let explicit = target.only.is_some();
        let files = match target.only {
            Some(names) => names.into_iter().collect(),
            None => {
                let walked = walk::walk(
                    &target.folder,
                    &target.prefix,
                    &config,
                    scope.no_ignore,
                    &wanted,
                );
                out.errors.extend(walked.errors);
                out.skipped.extend(walked.skipped);
                walked.files
            }
        };
        let mut by_config: BTreeMap<Option<PathBuf>, (Arc<Config>, Vec<String>)> = BTreeMap::new();
        for name in files {
            let path = target.folder.join(&name);
            let config = config_of(path.parent().unwrap_or(&target.folder)).map_err(fail)?;
            if !explicit && config.excludes(&path) {
                out.skipped.push(Skip {
                    reason: "excluded",
                    file: format!("{}{name}", target.prefix),
                    count: 1,
                });
                continue;
            }
            by_config
                .entry(config.path.clone())
                .or_insert_with(|| (config, Vec::new()))
                .1
                .push(name);
        }
        if let (Some((name, text)), true) = (&stdin, by_config.is_empty()) {
            let name = name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let texts = [(Arc::from(name), Arc::from(text.as_str()))].into();
            out.groups.push(Group {
                root: n,
                folder: target.folder.clone(),
                config: config.clone(),
                rules: RuleSet::builtin(),
                texts,
                package: None,
            });
            out.files += 1;
        }
        let mut notes = Vec::new();
        for (_, (config, names)) in by_config {
            let (packages, names): (Vec<String>, Vec<String>) = names
                .into_iter()
                .partition(|name| package::is_package(name));
            let mut unpacked = Vec::new();
            for name in packages {
                let path = target.folder.join(&name);
                let shown = format!("{}{name}", target.prefix);
                match package::read(&path, &name, &shown, &config, dialects()) {
                    Ok(read) => unpacked.push((name, read)),
                    Err(error) => out.errors.push(error),
                }
            }
            for (name, read) in package::join(unpacked) {
                out.files += read.texts.len();
                out.errors.extend(read.errors);
                out.skipped.extend(read.skipped);
                notes.extend(read.notes);
                out.groups.push(Group {
                    root: n,
                    folder: target.folder.clone(),
                    config: config.clone(),
                    rules: RuleSet::builtin(),
                    texts: read.texts,
                    package: Some(name.into()),
                });
            }
            let skip_minified = !explicit && !scope.no_ignore;
            let read: Vec<Result<Document, Unread>> = names
                .par_iter()
                .map(|name| {
                    walk::read(
                        &target.folder.join(name),
                        name,
                        &format!("{}{name}", target.prefix),
                        &config,
                        skip_minified,
                    )
                })
                .collect();
            let mut texts = Texts::new();
            for one in read {
                match one {
                    Ok(document) => drop(texts.insert(document.path, document.text)),
                    Err(Unread::Error(error)) => out.errors.push(error),
                    Err(Unread::Skip(skip)) => out.skipped.push(skip),
                }
            }
            out.files += texts.len();
            out.groups.push(Group {
                root: n,
                folder: target.folder.clone(),
                config,
                rules: RuleSet::builtin(),
                texts,
                package: None,
            });
        }
        let address = format!(
            "file://{}/",
            escape::uri(&target.folder.to_string_lossy().replace('\\', "/")).trim_end_matches('/')
        );
        out.roots.push(Root {
            prefix: target.prefix,
            address,
            notes,
            ..Root::default()
        });
    }
    out.language = terminal::language(lang, out.config.lang);
    load_rules(&mut out)?;
    let given = || scope.select.iter().chain(&scope.ignore);
    check_selectors(given(), &out.rules, out.language)?;
    let first = out.config.clone();
    let configs = out.groups.iter().map(|group| (&group.config, &group.rules));
    for (config, rules) in configs.chain([(&first, &out.rules)]) {
        let own = config.select.iter().chain(&config.ignore);
        check_selectors(own.chain(config.severity.keys()), rules, out.language)?;
    }
    Ok(out)
}

/// Every configuration has its own `extra-queries`; each set of folders is read once.
fn load_rules(loaded: &mut Loaded) -> Result<(), Fail> {
    let fail = |e: crate::config::ConfigError| Fail(e.show(loaded.language));
    let mut sets: BTreeMap<Vec<PathBuf>, Arc<RuleSet>> = BTreeMap::new();
    let mut all: Vec<PathBuf> = folders(&loaded.config);
    for group in &mut loaded.groups {
        let own = folders(&group.config);
        all.extend(
            own.iter()
                .filter(|f| !all.contains(f))
                .cloned()
                .collect::<Vec<_>>(),
        );
        group.rules = match sets.get(&own) {
            Some(rules) => rules.clone(),
            None => {
                let rules = of_folders(&own).map_err(fail)?;
                sets.insert(own, rules.clone());
                rules
            }
        };
    }
    loaded.rules = match sets.get(&all) {
        Some(rules) => rules.clone(),
        None => of_folders(&all).map_err(fail)?,
    };
    Ok(())
}

fn check_selectors<'a>(
    selectors: impl Iterator<Item = &'a String>,
    rules: &RuleSet,
    language: Language,
) -> Result<(), Fail> {
    for selector in selectors {
        if rules.select(selector).is_empty() && !names(selector, UNUSED_DIRECTIVE) {
            let help = match rules.nearest(selector) {
                Some(near) => say(language, "did-you-mean", &[("near", near)]),
                None => say(language, "list-rules", &[]),
            };
            return Err(Fail(format!(
                "{}; {help}",
                say(
                    language,
                    "error-unknown-rule",
                    &[("name", &escape::line(selector))]
                )
            )));
        }
    }
    Ok(())
}

/// What configuration and options say about judgements.
pub(super) fn settings(
    config: &Config,
    scope: &ScopeArgs,
    unused: Option<bool>,
    rules: &RuleSet,
) -> Result<Settings, ConfigError> {
    let mut out = config.settings();
    out.declared = declared(config, rules)?;
    // Globs are relative to the configuration's folder; `judged` applies them.
    out.per_file_ignores.clear();
    if !scope.select.is_empty() {
        out.select.clone_from(&scope.select);
    }
    out.ignore.extend(scope.ignore.iter().cloned());
    out.min_severity = scope
        .min_severity
        .as_deref()
        .map_or(out.min_severity, severity);
    out.min_confidence = scope
        .min_confidence
        .as_deref()
        .map_or(out.min_confidence, confidence);
    out.report_unused_directives = unused.unwrap_or(out.report_unused_directives);
    Ok(out)
}

/// Judges one group and takes out what `per-file-ignores` names; returns how many those were.
fn judged(group: &Group, settings: &Settings, progress: &Progress) -> (Judged, usize) {
    let documents: Vec<Document> = group
        .texts
        .iter()
        .map(|(path, text)| Document {
            path: path.clone(),
            text: text.clone(),
        })
        .collect();
    // A bug met in one app must not take the reports on the others with it.
    let run = std::panic::AssertUnwindSafe(|| judge(&documents, settings, &group.rules, progress));
    let mut out = std::panic::catch_unwind(run).unwrap_or_else(|_| {
        let mut out = Judged::default();
        if let Some(first) = documents.first() {
            let note = crate::facts::Note {
                span: Default::default(),
                kind: "panic",
            };
            out.outcome.notes.insert(first.path.clone(), vec![note]);
        }
        out
    });
    let mut ignored = 0;
    for (file, findings) in &mut out.outcome.findings {
        if group.package.is_some() {
            findings.iter_mut().for_each(|f| f.fixes.clear());
        }
        let selectors = group.config.ignored_in(&group.folder.join(&**file));
        let before = findings.len();
        findings.retain(|f| !selectors.iter().any(|s| names(s, &f.rule)));
        ignored += before - findings.len();
    }
    (out, ignored)
}

fn sources(group: &Group, root: &mut Root, files: impl IntoIterator<Item = Arc<str>>) {
    for file in files {
        if let Some(text) = group.texts.get(&file) {
            root.sources
                .entry(file)
                .or_insert_with(|| Source::new(text.clone()));
        }
    }
}

fn files_of(finding: &Finding) -> Vec<Arc<str>> {
    let edits = finding
        .fixes
        .iter()
        .flat_map(|fix| fix.edits.iter().map(|e| e.file.clone()));
    let steps = finding.flow.iter().map(|step| step.at.file.clone());
    std::iter::once(finding.at.file.clone())
        .chain(steps)
        .chain(edits)
        .collect()
}

/// `minivet check`. Returns the exit code.
pub fn check(args: &CheckArgs) -> Result<u8, Fail> {
    let started = Instant::now();
    let args = &baseline_or_path(args);
    let language = terminal::language(args.show.lang, None);
    let from_stdin = args.scope.paths.iter().any(|p| p.as_os_str() == "-");
    let stdin = match (from_stdin, &args.stdin_filename) {
        (false, _) => None,
        (true, None) => return Err(Fail(say(language, "error-stdin-name", &[]))),
        (true, Some(_)) if args.fix && !args.diff => {
            return Err(Fail(say(language, "error-stdin-fix", &[])));
        }
        (true, Some(name)) => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
                .map_err(|e| Fail(e.to_string()))?;
            let text = walk::decode(bytes).map_err(|(key, at)| {
                Fail(format!(
                    "-: {}",
                    say(language, key, &[("at", &at.to_string())])
                ))
            })?;
            Some((name.as_path(), text))
        }
    };
    let mut loaded = load(&args.scope, args.show.lang, stdin)?;
    let language = loaded.language;
    let baseline = args
        .baseline
        .as_deref()
        .map(|path| read_baseline(path, language))
        .transpose()?;
    let progress = Progress::new(loaded.files, language, args.show.quiet);
    let mut suppressed = 0;
    let mut diffs = String::new();
    let mut staged = Vec::new();
    let (mut mended, mut changed_files) = (0, 0);
    for group in &mut loaded.groups {
        let settings = settings(
            &group.config,
            &args.scope,
            args.report_unused_disable_directives,
            &group.rules,
        )
        .map_err(|e| Fail(e.show(language)))?;
        let (mut out, mut ignored) = judged(group, &settings, &progress);
        let root = &mut loaded.roots[group.root];
        let mends = args.fix || args.diff || args.unsafe_fixes;
        if let Some(package) = group.package.as_ref().filter(|_| mends) {
            root.notes
                .push((package.clone(), both("note-package-fix", &[])));
        } else if mends {
            let original = group.texts.clone();
            let (folder, texts) = (group.folder.clone(), original.clone());
            // What was not read is left alone; what is not there may be made.
            let locked = move |file: &str| match texts.contains_key(file) {
                true => read_only(&folder.join(file)),
                false => folder.join(file).symlink_metadata().is_ok(),
            };
            for _ in 0..mend::MAX_ROUNDS {
                let findings: Vec<Finding> =
                    out.outcome.findings.values().flatten().cloned().collect();
                let (changed, n) = mend::round(&group.texts, &findings, args.unsafe_fixes, &locked);
                if n == 0 {
                    break;
                }
                mended += n;
                group.texts.extend(changed);
                (out, ignored) = judged(group, &settings, &progress);
            }
            for (file, text) in group
                .texts
                .iter()
                .filter(|(file, text)| original.get(*file) != Some(*text))
            {
                changed_files += 1;
                let old = original.get(file).cloned().unwrap_or_default();
                if args.diff {
                    let masker = Masker::new(&group.rules);
                    diffs.push_str(&fix::diff(
                        &escape::line(&root.shown(file)),
                        &old,
                        text,
                        &|line| masker.line(line),
                    ));
                    continue;
                }
                let path = group.folder.join(&**file);
                let stage = match std::fs::read(&path) {
                    Ok(now) if now == old.as_bytes() => write::stage(&path, text.as_bytes()),
                    Ok(_) => {
                        return Err(Fail(format!(
                            "{}: {}",
                            escape::line(&root.shown(file)),
                            say(language, "error-changed", &[])
                        )));
                    }
                    Err(e)
                        if e.kind() == std::io::ErrorKind::NotFound
                            && !original.contains_key(file) =>
                    {
                        let folder = path.parent().unwrap_or(Path::new("."));
                        std::fs::create_dir_all(folder)
                            .and_then(|()| write::stage(&path, text.as_bytes()))
                    }
                    Err(e) => Err(e),
                };
                // Dropping what is staged takes it away again: all or nothing.
                staged.push(stage.map_err(|e| write_fail(&root.shown(file), &e, language))?);
            }
        }
        suppressed += ignored
            + out
                .outcome
                .suppressed
                .values()
                .map(|n| *n as usize)
                .sum::<usize>();
        for (file, notes) in &out.outcome.notes {
            for note in notes {
                if note.kind == "panic" {
                    let file = root.shown(file);
                    loaded.errors.push(FileError {
                        file,
                        kind: "panic",
                        message: both("error-panic", &[]),
                    });
                    continue;
                }
                let key = format!("note-{}", note.kind);
                let text = if has(&key) {
                    both(&key, &[])
                } else {
                    both("note-other", &[("kind", note.kind)])
                };
                root.notes.push((file.clone(), text));
            }
        }
        for finding in out.outcome.findings.into_values().flatten() {
            sources(group, root, files_of(&finding));
            root.findings.push(finding);
        }
    }
    progress.end();
    write::commit(staged).map_err(|e| write_fail("", &e, language))?;
    if args.diff {
        emit(&diffs, &args.show)?;
        let text = say(
            language,
            "would-fix",
            &[
                ("n", &mended.to_string()),
                ("files", &count(language, "file", changed_files)),
            ],
        );
        if !args.show.quiet {
            terminal::complain(&text);
        }
        return Ok(u8::from(!diffs.is_empty()));
    }
    if mended > 0 && !args.show.quiet {
        terminal::complain(&say(
            language,
            "fixed",
            &[
                ("n", &mended.to_string()),
                ("files", &count(language, "file", changed_files)),
            ],
        ));
    }
    for root in &mut loaded.roots {
        root.findings
            .sort_by(|a, b| (&a.at, &a.rule).cmp(&(&b.at, &b.rule)));
        root.notes
            .sort_by(|a, b| (&a.0, &a.1.en).cmp(&(&b.0, &b.1.en)));
        root.notes.dedup();
    }
    if let Some(path) = &args.write_baseline {
        let all = Baseline::of(loaded.roots.iter().flat_map(|root| &root.findings));
        write::write(path, all.write().as_bytes())
            .map_err(|e| write_fail(&path.to_string_lossy(), &e, language))?;
        let n: usize = loaded.roots.iter().map(|root| root.findings.len()).sum();
        let file = escape::line(&path.to_string_lossy());
        terminal::complain(&say(
            language,
            "baseline-written",
            &[
                ("findings", &count(language, "finding", n)),
                ("file", &file),
            ],
        ));
        return Ok(0);
    }
    let mut baselined = 0;
    if let Some(baseline) = &baseline {
        for root in &mut loaded.roots {
            baselined += baseline.filter(&mut root.findings) as usize;
        }
    }
    let report = Report {
        roots: loaded.roots,
        rules: loaded.rules,
        language,
        files: loaded.files,
        suppressed,
        baselined,
        errors: loaded.errors,
        skipped: loaded.skipped,
        elapsed_ms: started.elapsed().as_millis() as u64,
    };
    emit(
        &report::render(&report, args.show.format, &terminal::looks(&args.show)),
        &args.show,
    )?;
    complain_errors(&report.errors, &args.show, language);
    let threshold = match args.fail_on {
        Some(FailOn::Error) => Some(Severity::Error),
        Some(FailOn::Warning) => Some(Severity::Warning),
        Some(FailOn::Info) => Some(Severity::Info),
        Some(FailOn::Never) => None,
        None => loaded.config.fail_on.unwrap_or(Some(Severity::Warning)),
    };
    let found =
        threshold.is_some_and(|threshold| report.worst().is_some_and(|worst| worst >= threshold));
    // Too large is a choice of the settings; everything else should have been checked.
    let failed = report.errors.iter().any(|e| e.kind != "too-large");
    Ok(if failed { 2 } else { u8::from(found) })
}

/// Formats for machines keep their errors inside; people see them on standard error as well.
pub(super) fn complain_errors(errors: &[FileError], show: &ShowArgs, language: Language) {
    if show.format != report::Format::Text || show.output.is_some() {
        for error in errors {
            terminal::complain(&format!(
                "minivet: {}: {}",
                escape::line(&error.file),
                error.message.get(language)
            ));
        }
    }
}

/// `--write-baseline` may stand alone (then the file is that of `--baseline`, or a default one) and so take the PATH behind
/// it for its own: a folder or a source file is no baseline.
fn baseline_or_path(args: &CheckArgs) -> CheckArgs {
    let mut args = args.clone();
    let alone = Path::new(super::args::BASELINE_FILE);
    if let Some(given) = args.write_baseline.clone() {
        let name = given.to_string_lossy();
        let source = !name.ends_with(".json") && dialects().kind_of(&name).is_some();
        if given.is_dir() || source {
            args.scope.paths.insert(0, given.clone());
        }
        if given.is_dir() || source || given == alone {
            args.write_baseline =
                Some(args.baseline.clone().unwrap_or_else(|| alone.to_path_buf()));
        }
        args.baseline = None;
    }
    args
}

fn read_only(path: &Path) -> bool {
    std::fs::symlink_metadata(path).map_or(true, |meta| {
        !meta.is_file() || meta.permissions().readonly()
    })
}

fn write_fail(file: &str, error: &std::io::Error, language: Language) -> Fail {
    Fail(format!(
        "{}: {}",
        escape::line(file),
        say(language, "error-write", &[("why", &error.to_string())])
    ))
}

fn read_baseline(path: &Path, language: Language) -> Result<Baseline, Fail> {
    let file = escape::line(&path.to_string_lossy());
    let read = std::fs::read_to_string(path).map_err(|e| e.kind().to_string());
    read.and_then(|text| Baseline::parse(&text)).map_err(|why| {
        Fail(say(
            language,
            "error-baseline",
            &[("file", &file), ("why", &why)],
        ))
    })
}

/// `minivet flows`.
pub fn flows(args: &FlowsArgs) -> Result<u8, Fail> {
    let mut loaded = load(&args.scope, args.show.lang, None)?;
    let mut flows = FlowReport::default();
    let progress = Progress::new(loaded.files, loaded.language, args.show.quiet);
    for group in &loaded.groups {
        let mut settings = settings(&group.config, &args.scope, None, &group.rules)
            .map_err(|e| Fail(e.show(loaded.language)))?;
        settings.all_flows = args.sources == "all";
        let (out, _) = judged(group, &settings, &progress);
        let root = &mut loaded.roots[group.root];
        let steps = out.hits.iter().flat_map(|hit| hit.data.iter());
        let files = steps.flat_map(|d| {
            std::iter::once(d.source.file.clone()).chain(d.steps.iter().map(|s| s.at.file.clone()))
        });
        sources(
            group,
            root,
            files
                .chain(out.hits.iter().map(|hit| hit.at.file.clone()))
                .collect::<Vec<_>>(),
        );
        flows.add(root, &out.hits, loaded.language);
    }
    progress.end();
    let text = match args.show.format {
        report::Format::Text => {
            let tables = &loaded.rules.tables;
            flows.text(tables, loaded.language, &terminal::looks(&args.show))
        }
        _ => flows.json(),
    };
    emit(&text, &args.show)?;
    for error in &loaded.errors {
        terminal::complain(&format!(
            "minivet: {}: {}",
            escape::line(&error.file),
            error.message.get(loaded.language)
        ));
    }
    Ok(if loaded.errors.iter().any(|e| e.kind != "too-large") {
        2
    } else {
        0
    })
}
