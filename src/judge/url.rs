//! Addresses in text: finding them, and telling public hosts from private ones.

use crate::rules::places::Places;

/// An address with its scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// Bytes of the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Lower case.
    pub scheme: &'static str,
    /// Lower case, without user and port.
    pub host: String,
    /// All of it.
    pub text: &'a str,
}

/// Whose host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// Anybody's.
    Public,
    /// A private network's.
    Private,
    /// This machine.
    Local,
    /// No host that anything is fetched from.
    NameOnly,
}

impl Host {
    /// As rules spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Host::Public => "public",
            Host::Private => "private",
            Host::Local => "local",
            Host::NameOnly => "",
        }
    }
}

const SCHEMES: &[&str] = &["https", "http", "wss", "ws"];
/// A text with more addresses than this is a list, not code.
const MAX: usize = 64;

/// All addresses of a text, in order.
pub(crate) fn addresses(text: &str) -> Vec<Address<'_>> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(colon) = text[from..].find("://").map(|i| from + i) {
        from = colon + 3;
        let before = &text.as_bytes()[..colon];
        let Some(scheme) = SCHEMES.iter().find(|s| {
            before.len() >= s.len()
                && before[before.len() - s.len()..].eq_ignore_ascii_case(s.as_bytes())
        }) else {
            continue;
        };
        let start = colon - scheme.len();
        if start > 0 && text.as_bytes()[start - 1].is_ascii_alphanumeric() {
            continue;
        }
        let end = text[from..].find(ends).map_or(text.len(), |i| from + i);
        let authority = text[from..end]
            .split(['/', '?', '#'])
            .next()
            .unwrap_or_default();
        let host = host_of(authority);
        out.push(Address {
            start,
            end,
            scheme,
            host,
            text: &text[start..end],
        });
        from = end;
        if out.len() == MAX {
            break;
        }
    }
    out
}

fn ends(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '"' | '\''
                | '`'
                | '<'
                | '>'
                | ')'
                | '('
                | '|'
                | '\\'
                | '^'
                | '，'
                | '。'
                | '；'
                | '、'
                | '）'
                | '（'
        )
}

fn host_of(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or(host)
    } else {
        host.split(':').next().unwrap_or(host)
    };
    // `api.shop.cn路径`: words behind the last label belong to no host.
    let last = host.rfind('.').map_or(host.len(), |dot| dot + 1);
    let end = match host[last..].find(|c: char| !c.is_ascii()) {
        Some(cut) if cut > 0 => last + cut,
        _ => host.len(),
    };
    host[..end].to_ascii_lowercase()
}

/// The host of an address, empty if it has none.
pub(crate) fn host(address: &str) -> String {
    let rest = address
        .split_once("://")
        .map(|(_, rest)| rest)
        .or_else(|| address.strip_prefix("//"));
    rest.map_or_else(String::new, |rest| {
        host_of(rest.split(['/', '?', '#']).next().unwrap_or_default())
    })
}

/// The part of a host by which its owner is known: the last two labels, three where the last two are a public suffix.
pub(crate) fn owner(host: &str) -> &str {
    let labels: Vec<&str> = host.split('.').collect();
    let n = labels.len();
    let short = n >= 3
        && labels[n - 1].len() == 2
        && matches!(
            labels[n - 2],
            "com" | "net" | "org" | "gov" | "edu" | "ac" | "co"
        );
    let keep = if short { 3 } else { 2 };
    let cut: usize = labels[..n.saturating_sub(keep)]
        .iter()
        .map(|l| l.len() + 1)
        .sum();
    &host[cut..]
}

/// The name that an owner has under several suffixes (`shop.com`, `shop.cn`); empty if it is too short to tell.
pub(crate) fn brand(domain: &str) -> &str {
    let name = owner(domain).split('.').next().unwrap_or_default();
    if name.len() >= 5 && ipv4(domain).is_none() {
        name
    } else {
        ""
    }
}

/// Whose host it is.
pub(crate) fn classify(host: &str, places: &Places) -> Host {
    if places.is_local_host(host) {
        return Host::Local;
    }
    if let Some(octets) = ipv4(host) {
        return match octets {
            [127, ..] | [0, ..] => Host::Local,
            [10, ..] | [192, 168, ..] | [169, 254, ..] => Host::Private,
            [172, b, ..] if (16..32).contains(&b) => Host::Private,
            [a, ..] if a >= 224 => Host::NameOnly,
            _ => Host::Public,
        };
    }
    if places.is_private_name(host) {
        return Host::Private;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let good = |label: &&str| {
        !label.is_empty()
            && label.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || c == '-'
                    || c == '_'
                    || ('\u{4e00}'..='\u{9fff}').contains(&c)
            })
    };
    let tld = labels
        .last()
        .is_some_and(|l| l.len() >= 2 && l.chars().all(|c| !c.is_ascii_digit()));
    if labels.len() < 2
        || !labels.iter().all(good)
        || !tld
        || places.is_name_only(host)
        || is_sample(host)
    {
        return Host::NameOnly;
    }
    Host::Public
}

/// `xxx.com`, `your-domain.cn`, `aaa.bbb.com`: made up.
fn is_sample(host: &str) -> bool {
    host.split('.').any(|label| {
        let same = label.len() >= 3
            && label != "www"
            && label.bytes().all(|b| Some(&b) == label.as_bytes().first());
        same || label.starts_with("your")
            || label.starts_with("example")
            || label == "domain"
            || label == "mydomain"
            || label == "yoursite"
    })
}

/// The octets of a dotted address.
pub(crate) fn ipv4(host: &str) -> Option<[u8; 4]> {
    let mut octets = [0u8; 4];
    let mut parts = host.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tables::Tables;

    #[test]
    fn addresses_are_found_in_any_text() {
        let found = addresses("见 http://a.cn/x，或 WSS://b.cn:8080?q=1 xhttp://no.cn");
        let hosts: Vec<_> = found
            .iter()
            .map(|a| (a.scheme, a.host.as_str(), a.text))
            .collect();
        assert_eq!(
            hosts,
            [
                ("http", "a.cn", "http://a.cn/x"),
                ("wss", "b.cn", "WSS://b.cn:8080?q=1")
            ]
        );
    }

    #[test]
    fn hosts_are_told_apart() {
        let tables = Tables::builtin();
        let check = |host: &str, expected: Host| {
            assert_eq!(classify(host, tables.places()), expected, "{host}")
        };
        check("api.shop.com.cn", Host::Public);
        check("47.99.1.2", Host::Public);
        check("192.168.1.3", Host::Private);
        check("172.20.1.3", Host::Private);
        check("gitlab.corp", Host::Private);
        check("localhost", Host::Local);
        check("127.0.0.1", Host::Local);
        for trap in [
            "www.",
            "",
            "${host}",
            "www.w3.org",
            "xxx.com",
            "your-domain.com",
            "host",
            "a.1",
        ] {
            check(trap, Host::NameOnly);
        }
        assert_eq!(owner("a.b.shop.com.cn"), "shop.com.cn");
        assert_eq!(owner("api.shop.cn"), "shop.cn");
        assert_eq!(host("https://u:p@Api.cn:80/x"), "api.cn");
        assert_eq!(host("https://api.shop.cn路径"), "api.shop.cn");
        assert_eq!(host("https://商城.中国/x"), "商城.中国");
        assert_eq!(brand("api.myshop.com.cn"), brand("myshop.com"));
        assert_eq!(brand("a.qq.com"), "");
    }
}
