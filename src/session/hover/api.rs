//! A privacy call, button or configuration entry under the cursor: its item of the platform's statement, scope, error
//! numbers, and how this app stands to it.

use super::code;
use crate::finding::{Language, Text};
use crate::judge::AppCtx;
use crate::judge::consent::Duties;
use crate::report::texts::say;
use crate::rules::PrivacyApi;
use crate::session::{Hover, LinkedApp, Session};
use crate::text::Span;

/// Longer names are none.
const MAX: usize = 80;

pub(super) fn section(session: &Session, path: &str, byte: u32) -> Option<Hover> {
    let text = session.text(path)?;
    let linked = session.linked();
    let app = linked.app_of(path)?;
    let named = called(session, app, path, &text, byte);
    let entry = || entry(session, app, path, &text, byte);
    let quick = named.or_else(entry);
    if quick.is_none() && !may_be_element(session, path) {
        return None;
    }
    let files = app.files();
    let ctx = AppCtx {
        files: &files,
        app: &app.app,
        flow: &app.flow,
    };
    let duties = session.judge.duties(&ctx);
    let (api, span) = quick.or_else(|| element(session, &duties, path, byte))?;
    let said = |language| markdown(session, api, &duties, language);
    Some(Hover {
        span,
        markdown: Text {
            en: said(Language::En),
            zh_cn: said(Language::ZhCn),
        },
    })
}

/// The name under a byte with the objects before it: `wx.getLocation`.
fn chain(text: &str, byte: u32) -> Option<Span> {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'$';
    let bytes = text.as_bytes();
    let at = (byte as usize).min(bytes.len());
    let mut start = at;
    while start > 0 && at - start < MAX && (is_name(bytes[start - 1]) || bytes[start - 1] == b'.') {
        start -= 1;
    }
    let mut end = at;
    while end < bytes.len() && end - at < MAX && is_name(bytes[end]) {
        end += 1;
    }
    (start < end).then(|| Span::new(start as u32, end as u32))
}

/// A call by the platform's global object, or one that the engine knows under another name.
fn called<'s>(
    session: &'s Session,
    app: &LinkedApp,
    path: &str,
    text: &str,
    byte: u32,
) -> Option<(&'s PrivacyApi, Span)> {
    let tables = &session.rules.tables;
    let apis = tables.privacy_apis();
    let span = chain(text, byte)?;
    let name = span.of(text);
    let (object, method) = name.split_once('.').unwrap_or(("", name));
    let global = tables.flow().global(object);
    if global.is_some_and(|g| !g.platform.is_empty())
        && let Some(api) = apis.get(method)
    {
        return Some((api, span));
    }
    let last = method.rsplit('.').next().unwrap_or(method);
    let uses = app.flow.uses.iter();
    let here = uses.clone().find(|found| {
        let call = found.at.span;
        // The callee stands at the beginning of its call.
        *found.at.file == *path
            && call.start <= span.start
            && span.end <= call.end
            && text
                .get(call.start as usize..span.end as usize)
                .is_some_and(|t| !t.contains('('))
            && found.api.rsplit('.').next() == Some(last)
    })?;
    Some((apis.get(&here.api)?, span))
}

/// An entry of the list of declared calls in the app's configuration.
fn entry<'s>(
    session: &'s Session,
    app: &LinkedApp,
    path: &str,
    text: &str,
    byte: u32,
) -> Option<(&'s PrivacyApi, Span)> {
    let apis = session.rules.tables.privacy_apis();
    let names = &session.rules.tables.consent().declaration.files;
    let config = app.app.config.as_deref() == Some(path);
    if !config && !names.iter().any(|name| path.ends_with(&**name)) {
        return None;
    }
    let span = chain(text, byte)?;
    let name = span.of(text);
    let listed = apis.required_values().iter().any(|value| value == name);
    Some((apis.get(name).filter(|_| listed)?, span))
}

/// Whether a file has elements that may hand out data.
fn may_be_element(session: &Session, path: &str) -> bool {
    let facts = session.facts(path);
    facts.is_some_and(|facts| facts.template.is_some())
}

/// A button or element that hands out data.
fn element<'s>(
    session: &'s Session,
    duties: &Duties,
    path: &str,
    byte: u32,
) -> Option<(&'s PrivacyApi, Span)> {
    let found = duties.occasions.iter().find(|o| {
        *o.at.file == *path && !o.typed && o.name.starts_with('<') && o.at.span.touches(byte)
    })?;
    let api = session
        .rules
        .tables
        .privacy_apis()
        .get(found.api.as_deref()?)?;
    Some((api, found.at.span))
}

fn markdown(session: &Session, api: &PrivacyApi, duties: &Duties, language: Language) -> String {
    let tables = &session.rules.tables;
    let text = |key: &str, values: &[(&str, &str)]| say(language, &format!("inv-{key}"), values);
    let infos = std::iter::once(&api.info_type)
        .chain(&api.also_types)
        .filter_map(|id| tables.privacy_apis().info_type(id));
    let infos: Vec<_> = infos.collect();
    let mut out = format!("**{}**", code(&api.id));
    for info in &infos {
        let words = info.name();
        let words = match language {
            Language::En => format!("{} ({})", words.en, words.zh_cn),
            Language::ZhCn => words.zh_cn,
        };
        out.push_str(&format!(
            "\n\n{}: {words} {}",
            text("hover-item", &[]),
            code(&info.key)
        ));
    }
    let mut lines: Vec<String> = Vec::new();
    let scopes: Vec<String> = std::iter::once(&api.scope)
        .chain(&api.also_scopes)
        .filter(|scope| !scope.is_empty())
        .map(|scope| code(scope))
        .collect();
    if !scopes.is_empty() {
        lines.push(format!(
            "{}: {}",
            text("hover-scope", &[]),
            scopes.join(", ")
        ));
    }
    let required = duties.required.iter().find(|r| r.name == api.required);
    if !api.required.is_empty() {
        let state = match required.map(|r| r.present) {
            Some(true) => text("required-ok", &[]),
            Some(false) => text("required-missing", &[]),
            None => String::new(),
        };
        lines.push(
            format!(
                "{}: {} {state}",
                text("hover-required", &[]),
                code(&api.required)
            )
            .trim_end()
            .to_string(),
        );
    }
    let errors = errors(api, infos.iter().map(|info| &*info.dialog), &|key| {
        text(key, &[])
    });
    if !errors.is_empty() {
        lines.push(format!(
            "{}: {}",
            text("hover-errors", &[]),
            errors.join("; ")
        ));
    }
    if api.opaque {
        lines.push(text("hover-opaque", &[]));
    }
    if *api.status != *CURRENT {
        let instead: Vec<String> = api.instead.iter().map(|name| code(name)).collect();
        let mut status = format!(
            "{}: {}",
            text("hover-status", &[]),
            text(&format!("status-{}", api.status), &[])
        );
        if !instead.is_empty() {
            let list = instead.join(", ");
            status.push_str(&format!("; {}", text("instead", &[("list", &list)])));
        }
        lines.push(status);
    }
    lines.push(format!(
        "{}: {}",
        text("hover-state", &[]),
        state(session, api, duties, language)
    ));
    for line in lines {
        out.push_str(&format!("\n- {line}"));
    }
    out.replacen("\n- ", "\n\n- ", 1)
}

/// Status of calls that may be used.
const CURRENT: &str = "current";

/// Errors that a call can fail with.
fn errors<'i>(
    api: &PrivacyApi,
    dialogs: impl Iterator<Item = &'i str>,
    text: &dyn Fn(&str) -> String,
) -> Vec<String> {
    let mut out = Vec::new();
    if api.official {
        out.push(text("err-112"));
    }
    for dialog in dialogs {
        let key = match dialog {
            "auth" => "err-103",
            "privacy" => "err-104",
            _ => continue,
        };
        let said = text(key);
        if !out.contains(&said) {
            out.push(said);
        }
    }
    if !api.required.is_empty() {
        out.push(text("err-required"));
    }
    out
}

/// Declared or not, and where it is used.
fn state(session: &Session, api: &PrivacyApi, duties: &Duties, language: Language) -> String {
    let text = |key: &str| say(language, &format!("inv-{key}"), &[]);
    let types: Vec<_> = std::iter::once(&api.info_type)
        .chain(&api.also_types)
        .filter(|id| !id.is_empty())
        .collect();
    let declared = match session.judge.declared() {
        None => text("declared-unknown"),
        Some(known) if types.iter().all(|id| known.types.contains(*id)) => text("declared-yes"),
        Some(_) => text("declared-no"),
    };
    let uses = duties.occasions.iter();
    let places: Vec<String> = uses
        .filter(|o| o.api.as_deref() == Some(&api.id))
        .map(|o| {
            let lines = session
                .facts(&o.at.file)
                .map(|f| f.lines.line_of(o.at.span.start) + 1);
            code(&format!("{}:{}", o.at.file, lines.unwrap_or(1)))
        })
        .collect();
    let mut out = match types.is_empty() {
        true => text("type-none"),
        false => declared,
    };
    if !places.is_empty() {
        let shown = places
            .iter()
            .take(4)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        let more = match places.len() > 4 {
            true => format!(" +{}", places.len() - 4),
            false => String::new(),
        };
        out.push_str(&format!("; {} {shown}{more}", text("item-used")));
    }
    out
}
