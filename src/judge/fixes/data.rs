//! Mends of configuration files and of constants.

use super::{Builder, Edits};
use crate::judge::url;
use crate::text::Span;

/// The value of the finding's entry becomes another.
pub(super) fn json_set(b: &Builder<'_, '_>) -> Option<Edits> {
    let entry = b
        .facts
        .json
        .iter()
        .find(|e| e.key.start == b.span().start && e.value.end == b.span().end)?;
    let value = match b.spec.params.any("value")? {
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Integer(value) => value.to_string(),
        toml::Value::String(value) => serde_json::to_string(value).ok()?,
        _ => return None,
    };
    b.one(entry.value, value)
}

/// The finding's entry goes, with its comma, and with its line where nothing else stands there.
pub(super) fn json_remove(b: &Builder<'_, '_>) -> Option<Edits> {
    let entry = b.facts.json.iter().find(|e| {
        !e.key.is_empty() && e.key.start == b.span().start && e.value.end == b.span().end
    })?;
    let text = &*b.text;
    let (mut start, mut end) = (entry.key.start as usize, entry.value.end as usize);
    let behind = text.get(end..)?;
    let gap = behind.len() - behind.trim_start().len();
    if behind.trim_start().starts_with(',') {
        end += gap + 1;
    } else {
        let before = text.get(..start)?.trim_end();
        if before.ends_with(',') {
            // The last entry: the comma in front of it goes too. Its line stays where a comment may follow.
            return b.one(Span::new(before.len() as u32 - 1, end as u32), "");
        }
    }
    let line = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let alone = text.get(line..start)?.trim().is_empty();
    let rest = text.get(end..)?;
    let tail = rest.find('\n').map_or(rest.len(), |i| i + 1);
    if alone && rest.get(..tail)?.trim().is_empty() && line > 0 {
        start = line;
        end += tail;
    }
    b.one(Span::new(start as u32, end as u32), "")
}

/// A constant becomes another.
pub(super) fn constant(b: &Builder<'_, '_>) -> Option<Edits> {
    let here = b.span().of(&b.text);
    if !matches!(here, "true" | "false") {
        return None;
    }
    b.one(b.span(), b.spec.params.str("value")?)
}

/// `http:` becomes `https:`. Not for bare addresses and odd ports, where no certificate can be expected.
pub(super) fn replace_scheme(b: &Builder<'_, '_>) -> Option<Edits> {
    let here = b.span().of(&b.text);
    let address = url::addresses(here)
        .into_iter()
        .find(|a| matches!(a.scheme, "http" | "ws"))?;
    let places = b.judge.rules.tables.places();
    let port = address
        .text
        .split('/')
        .nth(2)
        .and_then(|host| host.rsplit_once(':'))
        .map(|(_, port)| port);
    let usual = port.is_none_or(|p| matches!(p, "80" | "443"));
    if !usual
        || url::classify(&address.host, places) != url::Host::Public
        || url::ipv4(&address.host).is_some()
    {
        return None;
    }
    let at = b.span().start + address.start as u32 + address.scheme.len() as u32;
    let plain = Span::new(at, at);
    match port {
        Some("80") => {
            let colon = here.get(address.start..)?.find(":80")? + address.start;
            let port = Span::new(
                b.span().start + colon as u32,
                b.span().start + colon as u32 + 3,
            );
            Some(Edits {
                edits: vec![b.edit(plain, "s"), b.edit(port, "")],
                risky: false,
            })
        }
        _ => b.one(plain, "s"),
    }
}
