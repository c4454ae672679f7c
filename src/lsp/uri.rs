//! URIs as clients spell them. Pure.
//!
//! The protocol types refuse unencoded paths, and two spellings of one file are two strings. So raw URIs are encoded on
//! entry (and shown to the client as it spelt them, see [`Spellings`]), and documents are told apart by [`key`].

use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;

/// Whether a character may stand in a URI as it is. `[` and `]` may not stand in a path.
fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=".contains(&b)
}

/// A valid URI for whatever a client sent.
pub fn encode(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len());
    for (at, &b) in bytes.iter().enumerate() {
        let hex = |i: usize| bytes.get(at + i).is_some_and(u8::is_ascii_hexdigit);
        if b == b'\\' {
            out.push('/');
        } else if is_plain(b) || b == b'%' && hex(1) && hex(2) {
            out.push(b as char);
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    let scheme = out.split(':').next().unwrap_or_default();
    let has_scheme = out.contains(':')
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    // `C:/app/a.js` is a path, not a scheme.
    if has_scheme && scheme.len() > 1 {
        return second_hash(out);
    }
    second_hash(format!(
        "file://{}{out}",
        if out.starts_with('/') { "" } else { "/" }
    ))
}

/// A URI has one `#` at most.
fn second_hash(uri: String) -> String {
    match uri.find('#') {
        Some(at) if uri[at + 1..].contains('#') => {
            format!("{}#{}", &uri[..at], uri[at + 1..].replace('#', "%23"))
        }
        _ => uri,
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(b) => {
                out.push(b);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The document's identity: all spellings of one file give one key. For `file:` it is `file:` and the decoded path.
pub fn key(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("file", uri));
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "file" {
        return format!("{scheme}:{}", decode(rest));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = match rest.strip_prefix("//") {
        Some(with_host) => {
            let (host, path) = with_host.split_at(with_host.find('/').unwrap_or(with_host.len()));
            match host.to_ascii_lowercase().as_str() {
                "" | "localhost" => path.to_string(),
                host => format!("//{host}{path}"),
            }
        }
        None => rest.to_string(),
    };
    let mut path = decode(&path).replace('\\', "/");
    let b = path.as_bytes();
    if b.len() > 2 && b[0] == b'/' && b[1].is_ascii_alphabetic() && b[2] == b':' {
        path = format!("/{}{}", (b[1] as char).to_ascii_lowercase(), &path[2..]);
    }
    if path.contains("/./") || path.contains("/../") || path.contains("//") {
        path = normalise(&path);
    }
    format!("file:{path}")
}

fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let host = if path.starts_with("//") { "/" } else { "" };
    format!("{host}/{}", parts.join("/"))
}

/// The path on disk of a key; `None` for other schemes.
pub fn disk_path(key: &str) -> Option<PathBuf> {
    let path = key.strip_prefix("file:")?;
    let drive = path.len() > 2 && path.as_bytes()[2] == b':' && cfg!(windows);
    Some(PathBuf::from(if drive { &path[1..] } else { path }))
}

/// The URI of a path below a folder's URI, which has no slash at its end.
pub fn join(folder: &str, relative: &str) -> String {
    let mut out = folder.to_string();
    for part in relative.split('/') {
        out.push('/');
        for &b in part.as_bytes() {
            if is_plain(b) && !b"?#/:%".contains(&b) {
                out.push(b as char);
            } else {
                out.push_str(&format!("%{b:02X}"));
            }
        }
    }
    out
}

/// The URI of a path on disk.
pub fn from_path(path: &std::path::Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    join("file://", path.strip_prefix('/').unwrap_or(&path))
}

/// Raw URIs that had to be encoded, so that the client hears its own spelling again.
#[derive(Debug, Default)]
pub struct Spellings {
    raw: HashMap<String, String>,
}

/// A client with more odd files than this sees encoded URIs for some of them.
const MAX_SPELLINGS: usize = 100_000;

impl Spellings {
    /// Makes the parameters of a message acceptable to the protocol types: URIs encoded, positions and versions in range.
    pub fn mend(&mut self, value: &mut Value) {
        let mut todo: Vec<&mut Value> = vec![value];
        while let Some(value) = todo.pop() {
            match value {
                Value::Array(items) => todo.extend(items.iter_mut()),
                Value::Object(map) => {
                    for (name, value) in map.iter_mut() {
                        match (name.as_str(), &mut *value) {
                            (
                                "uri" | "rootUri" | "scopeUri" | "oldUri" | "newUri" | "baseUri"
                                | "target",
                                Value::String(uri),
                            ) => {
                                let encoded = encode(uri);
                                if encoded != *uri {
                                    let raw = std::mem::replace(uri, encoded.clone());
                                    if self.raw.len() < MAX_SPELLINGS {
                                        self.raw.insert(encoded, raw);
                                    }
                                }
                            }
                            ("line" | "character", number) => {
                                *number = clamp(number, 0.0, f64::from(i32::MAX))
                            }
                            ("version", number @ Value::Number(_)) => {
                                *number = clamp(number, f64::from(i32::MIN), f64::from(i32::MAX));
                            }
                            ("text" | "data" | "initializationOptions" | "settings", _) => {}
                            (_, other) => todo.push(other),
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Gives URIs in an outgoing message the client's spelling.
    pub fn restore(&self, value: &mut Value) {
        if self.raw.is_empty() {
            return;
        }
        let mut todo: Vec<&mut Value> = vec![value];
        while let Some(value) = todo.pop() {
            match value {
                Value::Array(items) => todo.extend(items.iter_mut()),
                Value::Object(map) => {
                    for by_uri in ["changes", "relatedDocuments"] {
                        if let Some(Value::Object(by_uri)) = map.get_mut(by_uri) {
                            let old = std::mem::take(by_uri);
                            by_uri.extend(old.into_iter().map(|(uri, value)| {
                                (self.raw.get(&uri).cloned().unwrap_or(uri), value)
                            }));
                        }
                    }
                    if let Some(Value::String(uri)) = map.get_mut("uri")
                        && let Some(raw) = self.raw.get(uri.as_str())
                    {
                        *uri = raw.clone();
                    }
                    todo.extend(map.values_mut());
                }
                _ => {}
            }
        }
    }
}

fn clamp(number: &Value, low: f64, high: f64) -> Value {
    match number.as_f64() {
        Some(n) => Value::from(n.clamp(low, high) as i64),
        None => number.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_file_have_one_key() {
        let check = |raw: &str, expected: &str| assert_eq!(key(&encode(raw)), expected, "{raw}");
        check("file:///应用/页 面/[id].js", "file:/应用/页 面/[id].js");
        check(
            "file:///%E5%BA%94%E7%94%A8/%E9%A1%B5%20面/%5Bid%5D.js",
            "file:/应用/页 面/[id].js",
        );
        check("file://localhost/a/b.js", "file:/a/b.js");
        check("FILE:///a/./x/../b.js", "file:/a/b.js");
        check("file:///C%3A/App/a.js", "file:/c:/App/a.js");
        check("file:///c:/App/a.js", "file:/c:/App/a.js");
        check("C:\\App\\a.js", "file:/c:/App/a.js");
        check("untitled:Untitled-1", "untitled:Untitled-1");
        check(
            "vscode-remote://ssh-remote%2Bhost/home/a.js",
            "vscode-remote://ssh-remote+host/home/a.js",
        );
        check("file:///a/100%.js", "file:/a/100%.js");
    }

    #[test]
    fn paths_become_uris() {
        let from = |path: &str| from_path(std::path::Path::new(path));
        assert_eq!(from("/a/号 [1].js"), "file:///a/%E5%8F%B7%20%5B1%5D.js");
        assert_eq!(from("/a"), "file:///a");
        assert_eq!(join("file:///a", "b#/c"), "file:///a/b%23/c");
    }

    #[test]
    fn encoded_uris_are_valid_and_restored() {
        for raw in [
            "file:///应用/[id] {x}|^`\".js",
            "a\u{0}b",
            "",
            "file:///a#b#c",
            "file:///%zz",
        ] {
            let encoded = encode(raw);
            let valid = |b: u8| is_plain(b) || b == b'%';
            assert!(encoded.bytes().all(valid), "{raw} → {encoded}");
            assert!(encoded.contains(':'), "{raw} → {encoded}");
            assert!(encoded.matches('#').count() < 2, "{raw} → {encoded}");
        }
        let mut spellings = Spellings::default();
        let mut message = serde_json::json!({"textDocument": {"uri": "file:///页.js", "version": 4e12}, "position": {"line": -3, "character": 1e300}});
        spellings.mend(&mut message);
        assert_eq!(message["position"]["line"], 0);
        assert_eq!(message["textDocument"]["version"], i32::MAX);
        let mut out = serde_json::json!({"uri": message["textDocument"]["uri"]});
        spellings.restore(&mut out);
        assert_eq!(out["uri"], "file:///页.js");
    }
}
