//! Comments that silence a finding, in the comment form of the place where they go. Pure.
//!
//! Several forms are given, best first: the caller takes the first one that does what it should (a comment above a line that
//! begins inside of a text or a tag would not).

use crate::facts::{FileFacts, LiteralPlace};
use crate::finding::Finding;
use crate::syntax::{FileKind, Node};
use crate::text::{Edit, Span};

/// How comments are written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// `// …`
    Line,
    /// `/* … */`
    Block,
    /// `{/* … */}`
    Jsx,
    /// `<!-- … -->`
    Markup,
    /// `# …`
    Hash,
}

impl Form {
    fn write(self, words: &str) -> String {
        match self {
            Form::Line => format!("// {words}"),
            Form::Block => format!("/* {words} */"),
            Form::Jsx => format!("{{/* {words} */}}"),
            Form::Markup => format!("<!-- {words} -->"),
            Form::Hash => format!("# {words}"),
        }
    }
}

fn insert(at: u32, text: String) -> Edit {
    Edit {
        span: Span::new(at, at),
        text,
    }
}

/// Edits that may silence a finding on its line.
pub fn on_line(facts: &FileFacts, text: &str, finding: &Finding) -> Vec<Vec<Edit>> {
    let rule = &*finding.rule;
    let line = facts.lines.line_of(finding.at.span.start);
    let start = facts.lines.line_start(line);
    let content = facts.lines.line_text(text, line);
    let end = start + content.len() as u32;
    let indent = &content[..content.len() - content.trim_start().len()];
    let newline = newline(text);
    let next = format!("minivet-disable-next-line {rule}");
    let above = |form: Form| {
        let comment = form.write(&next);
        vec![insert(
            after_bom(text, start),
            format!("{indent}{comment}{newline}"),
        )]
    };
    let behind = |form: Form| {
        let comment = form.write(&format!("minivet-disable-line {rule}"));
        vec![insert(end, format!(" {comment}"))]
    };
    let in_script = facts
        .modules
        .iter()
        .any(|module| module.span.contains(finding.at.span));
    // No comment can stand beside a line that begins inside of a text.
    let in_text = facts
        .literals
        .iter()
        .any(|l| l.span.start < start && start < l.span.end && l.place != LiteralPlace::Comment);
    match facts.kind {
        FileKind::Json => Vec::new(),
        FileKind::Script(_) | FileKind::ViewScript if in_text => Vec::new(),
        FileKind::Plain => vec![above(Form::Hash)],
        FileKind::Template | FileKind::Component if !in_script => {
            let mut out = vec![above(Form::Markup), behind(Form::Markup)];
            out.extend(around_tag(facts, text, finding));
            out
        }
        _ => vec![
            above(Form::Line),
            above(Form::Jsx),
            behind(Form::Line),
            behind(Form::Block),
        ],
    }
}

/// A pair of comments around the start tag that holds a finding: nothing can stand inside of a tag.
fn around_tag(facts: &FileFacts, text: &str, finding: &Finding) -> Option<Vec<Edit>> {
    let nodes = facts.template.iter().flat_map(|t| &t.markup.nodes);
    let open = nodes
        .filter_map(|node| match node {
            Node::Element { open, .. } if open.contains(finding.at.span) => Some(*open),
            _ => None,
        })
        .min_by_key(|open| open.len())?;
    let line = facts.lines.line_of(open.start);
    let start = facts.lines.line_start(line);
    let before = text.get(start as usize..open.start as usize)?;
    let rule = &*finding.rule;
    let off = Form::Markup.write(&format!("minivet-disable {rule}"));
    let on = Form::Markup.write(&format!("minivet-enable {rule}"));
    let off = match before.trim().is_empty() {
        true => format!("{off}{}{before}", newline(text)),
        false => off,
    };
    Some(vec![insert(open.start, off), insert(open.end, on)])
}

/// Edits that may silence a finding's rule in its whole file.
pub fn in_file(facts: &FileFacts, text: &str, finding: &Finding) -> Vec<Vec<Edit>> {
    let form = match facts.kind {
        FileKind::Json => return Vec::new(),
        FileKind::Plain => Form::Hash,
        FileKind::Template | FileKind::Component => Form::Markup,
        FileKind::Script(_) | FileKind::ViewScript => Form::Block,
    };
    let at = match text.starts_with("#!") {
        true => facts.lines.line_start(1),
        false => after_bom(text, 0),
    };
    let comment = form.write(&format!("minivet-disable {}", finding.rule));
    vec![vec![insert(at, format!("{comment}{}", newline(text)))]]
}

fn after_bom(text: &str, start: u32) -> u32 {
    match start == 0 && text.starts_with('\u{feff}') {
        true => 3,
        false => start,
    }
}

/// The line end that a text uses first.
fn newline(text: &str) -> &'static str {
    match text.find(['\n', '\r']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}
