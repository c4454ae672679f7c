//! `--format text`: for people. Pure.

use super::escape::line;
use super::mask::{Masker, Shown};
use super::texts::{count, say};
use super::{Looks, Report, Root};
use crate::finding::{Applicability, Confidence, Finding, Severity, Step};
use crate::text::Span;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use std::collections::BTreeMap;

/// Findings shown of one file without `-v`.
const PER_FILE: usize = 20;

struct Writer<'a> {
    report: &'a Report,
    looks: &'a Looks,
    masker: Masker<'a>,
    renderer: Renderer,
}

/// Findings with their source, then the summary.
pub(super) fn render(report: &Report, looks: &Looks) -> String {
    let renderer = if looks.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .decor_style(DecorStyle::Unicode)
        .term_width(looks.width.max(40));
    let writer = Writer {
        report,
        looks,
        masker: Masker::new(&report.rules),
        renderer,
    };
    let mut out = String::new();
    for root in &report.roots {
        let masks = root.masks(&writer.masker);
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        for (n, finding) in root.findings.iter().enumerate() {
            let file = &*finding.at.file;
            let so_far = shown.entry(file).or_insert(0);
            *so_far += 1;
            if looks.verbose || *so_far <= PER_FILE {
                out.push_str(&writer.finding(root, finding, &masks));
                out.push_str("\n\n");
            }
            let last = root
                .findings
                .get(n + 1)
                .is_none_or(|next| *next.at.file != *file);
            if last && !looks.verbose && *so_far > PER_FILE {
                let more = (*so_far - PER_FILE).to_string();
                let note = writer.say("more-in-file", &[("count", &more)]);
                out.push_str(&format!(
                    "{}: {note}\n\n",
                    looks.paint("1", &line(&root.shown(file)))
                ));
            }
        }
        for (file, note) in &root.notes {
            let label = looks.paint("1;36", &writer.say("label-note", &[]));
            out.push_str(&format!(
                "{label}: {}: {}\n",
                line(&root.shown(file)),
                line(note.get(report.language))
            ));
        }
    }
    for error in &report.errors {
        let level = looks.paint("1;31", &writer.say("level-error", &[]));
        out.push_str(&format!(
            "{level}: {}: {}\n",
            line(&error.file),
            line(error.message.get(report.language))
        ));
    }
    if !looks.quiet {
        out.push_str(&writer.summary());
    }
    out
}

impl Writer<'_> {
    fn say(&self, key: &str, values: &[(&str, &str)]) -> String {
        say(self.report.language, key, values)
    }

    fn level(&self, severity: Severity) -> Level<'static> {
        let (level, key) = match severity {
            Severity::Error => (Level::ERROR, "level-error"),
            Severity::Warning => (Level::WARNING, "level-warning"),
            Severity::Info => (Level::INFO, "level-info"),
        };
        level.with_name(self.say(key, &[]))
    }

    fn finding(&self, root: &Root, finding: &Finding, masks: &BTreeMap<&str, Vec<Span>>) -> String {
        let language = self.report.language;
        let title = self
            .level(finding.severity)
            .primary_title(line(finding.message.get(language)))
            .id(line(&finding.rule));
        let mut elements: Vec<Element<'_>> = Vec::new();
        // The place of the finding first: that is where editors and terminals jump to.
        elements.extend(self.snippet(
            root,
            &finding.at.file,
            finding.at.span,
            AnnotationKind::Primary,
            String::new(),
            masks,
        ));
        let source = finding.flow.first().filter(|step| {
            step.at.file != finding.at.file
                || self.line_of(root, &step.at) != self.line_of(root, &finding.at)
        });
        if let Some(step) = source {
            let label = line(step.label.get(language));
            elements.extend(self.snippet(
                root,
                &step.at.file,
                step.at.span,
                AnnotationKind::Context,
                label,
                masks,
            ));
        }
        // Notes stand behind the numbers of the lines.
        let numbers = source.map_or(0, |step| self.line_of(root, &step.at));
        let numbers = numbers
            .max(self.line_of(root, &finding.at))
            .to_string()
            .len();
        let wrapped = |label: &str, text: &str| self.wrapped(numbers, &self.say(label, &[]), text);
        let note = |label: &str, text: String| {
            Level::NOTE
                .with_name(self.say(label, &[]))
                .message(text)
                .into()
        };
        if finding.flow.len() > 2 {
            elements.push(note("label-path", self.path(root, &finding.flow)));
        }
        let why = line(finding.why.get(language));
        if !why.is_empty() {
            elements.push(note("label-why", wrapped("label-why", &why)));
        }
        if finding.confidence == Confidence::Low {
            let text = self.say("low-confidence", &[]);
            elements.push(note("label-note", wrapped("label-note", &text)));
        }
        let help = line(finding.help.get(language));
        if !help.is_empty() {
            elements.push(
                Level::HELP
                    .with_name(self.say("label-help", &[]))
                    .message(wrapped("label-help", &help))
                    .into(),
            );
        }
        if let Some(fix) = finding.fixes.first() {
            let key = match fix.applicability {
                Applicability::Safe => "fix-safe",
                Applicability::Unsafe => "fix-unsafe",
                Applicability::DisplayOnly => "fix-display",
            };
            let text = self.say(key, &[("title", &line(fix.title.get(language)))]);
            elements.push(
                Level::HELP
                    .with_name(self.say("label-fix", &[]))
                    .message(wrapped("label-fix", &text))
                    .into(),
            );
        }
        let out = self
            .renderer
            .render(&[Group::with_title(title).elements(elements)]);
        // The renderer marks a gap between the place and its source, where there is none.
        let kept = out.lines().filter(|line| !is_gap(line));
        // Its mark of a second place is a character that many fonts of terminals lack.
        let kept: Vec<String> = kept.map(|line| line.replacen("⸬ ", "├▸", 1)).collect();
        kept.join("\n")
    }

    /// A note broken into lines that fit beside its label.
    fn wrapped(&self, numbers: usize, label: &str, text: &str) -> String {
        let before = numbers + 3 + textwrap::core::display_width(label) + 2;
        let width = self.looks.width.saturating_sub(before).max(20);
        textwrap::wrap(text, width).join("\n")
    }

    fn line_of(&self, root: &Root, at: &crate::finding::Location) -> u32 {
        root.place(&at.file, at.span.start).line
    }

    fn snippet(
        &self,
        root: &Root,
        file: &str,
        span: Span,
        kind: AnnotationKind,
        label: String,
        masks: &BTreeMap<&str, Vec<Span>>,
    ) -> Vec<Element<'static>> {
        let place = root.place(file, span.start);
        let path = line(&root.shown(file));
        let origin = Origin::path(path)
            .line(place.line as usize)
            .char_column(place.column as usize);
        let Some(source) = root.sources.get(file) else {
            return vec![origin.into()];
        };
        let masks = masks.get(file).map_or(&[][..], Vec::as_slice);
        let width = self.looks.width.clamp(40, 200);
        let shown: Shown = self
            .masker
            .shown(source, place.line - 1, masks, Some(span), width);
        let start = shown.at(span.start).min(shown.text.len());
        let end = shown.at(span.end).clamp(start, shown.text.len());
        let mut annotation = kind.span(start..end);
        if !label.is_empty() {
            annotation = annotation.label(label);
        }
        let snippet = Snippet::source(shown.text)
            .line_start(place.line as usize)
            .annotation(annotation);
        vec![origin.into(), snippet.into()]
    }

    /// The steps of a flow, one a line.
    fn path(&self, root: &Root, flow: &[Step]) -> String {
        let mut out = String::new();
        for (n, step) in flow.iter().enumerate() {
            let place = root.place(&step.at.file, step.at.span.start);
            out.push_str(if n == 0 { "" } else { "\n→ " });
            let label = line(step.label.get(self.report.language));
            out.push_str(&format!(
                "{label}  {}:{}:{}",
                line(&root.shown(&step.at.file)),
                place.line,
                place.column
            ));
        }
        out
    }

    fn summary(&self) -> String {
        let (report, looks, language) = (self.report, self.looks, self.report.language);
        let files = count(language, "file", report.files);
        let found = report.all().count();
        let mut out = String::new();
        if report.files == 0 && report.errors.is_empty() && found == 0 {
            let path = report
                .roots
                .first()
                .map_or(".", |root| root.prefix.as_str());
            out.push_str(&self.say(
                "summary-no-files",
                &[("path", &line(if path.is_empty() { "." } else { path }))],
            ));
            out.push('\n');
        } else if found == 0 {
            out.push_str(&looks.paint("1;32", &self.say("summary-none", &[("files", &files)])));
            out.push('\n');
        } else {
            let findings = count(language, "finding", found);
            let head = self.say(
                "summary-found",
                &[("findings", &findings), ("files", &files)],
            );
            let kinds = [
                (Severity::Error, "error", "31"),
                (Severity::Warning, "warning", "33"),
                (Severity::Info, "info", "36"),
            ];
            let parts: Vec<String> = kinds
                .iter()
                .map(|(severity, noun, style)| {
                    (
                        report
                            .all()
                            .filter(|(_, f)| f.severity == *severity)
                            .count(),
                        noun,
                        style,
                    )
                })
                .filter(|(n, ..)| *n > 0)
                .map(|(n, noun, style)| looks.paint(style, &count(language, noun, n)))
                .collect();
            out.push_str(&format!(
                "{} ({})\n",
                looks.paint("1", &head),
                parts.join(", ")
            ));
            out.push_str(&self.fixable());
        }
        for (n, key) in [
            (report.suppressed, "summary-suppressed"),
            (report.baselined, "summary-baseline"),
        ] {
            if n > 0 {
                out.push_str(&format!("{}\n", self.say(key, &[("n", &n.to_string())])));
            }
        }
        out.push_str(&self.skipped());
        out
    }

    fn fixable(&self) -> String {
        let best = |f: &Finding| f.fixes.iter().map(|fix| fix.applicability).min();
        let n = |wanted| {
            self.report
                .all()
                .filter(|(_, f)| best(f) == Some(wanted))
                .count()
        };
        let (safe, careful) = (n(Applicability::Safe), n(Applicability::Unsafe));
        let mut parts = Vec::new();
        if safe > 0 {
            parts.push(self.say("summary-fixable", &[("safe", &safe.to_string())]));
        }
        if careful > 0 {
            parts.push(self.say(
                "summary-fixable-unsafe",
                &[("unsafe", &careful.to_string())],
            ));
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!("{}\n", parts.join("; "))
        }
    }

    fn skipped(&self) -> String {
        if self.report.skipped.is_empty() {
            return String::new();
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for skip in &self.report.skipped {
            *reasons.entry(skip.reason).or_insert(0) += skip.count;
        }
        let mut out = String::new();
        if self.looks.verbose {
            for skip in &self.report.skipped {
                let reason = self.say(&format!("skip-line-{}", skip.reason), &[]);
                out.push_str(&format!(
                    "{}: {}: {reason}\n",
                    self.say("skipped", &[]),
                    line(&skip.file)
                ));
            }
        }
        let total: usize = reasons.values().sum();
        let list: Vec<String> = reasons
            .iter()
            .map(|(reason, n)| self.say(&format!("skip-{reason}"), &[("n", &n.to_string())]))
            .collect();
        let files = count(self.report.language, "file", total);
        let text = self.say(
            "summary-skipped",
            &[("files", &files), ("reasons", &list.join(", "))],
        );
        out.push_str(&self.looks.paint("2", &text));
        out.push('\n');
        out
    }
}

/// Whether a rendered line is nothing but the mark of left-out lines. Lines of source have a number in front.
fn is_gap(line: &str) -> bool {
    let mut rest = line.split('\x1b');
    let mut plain = rest.next().unwrap_or_default().to_string();
    for part in rest {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    matches!(plain.trim(), "⸬" | "...")
}
