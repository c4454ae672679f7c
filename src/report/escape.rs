//! All text of a project passes here before it reaches a terminal or a log: no control character gets through. Pure.

/// Whether a character may stand in a line of output as it is. Controls, line separators and the characters that turn the
/// direction of writing may not.
pub fn is_plain(c: char) -> bool {
    !(c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
        )
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c))
}

/// How a character that may not stand is shown: `␛` for C0 controls, `\u{202e}` for others.
pub fn picture(c: char, out: &mut String) {
    match c {
        '\0'..='\x1f' => out.extend(char::from_u32(0x2400 + c as u32)),
        '\x7f' => out.push('\u{2421}'),
        // A byte order mark in the middle of a line has no looks.
        '\u{feff}' => {}
        _ => out.extend(c.escape_unicode()),
    }
}

/// One line: everything that is not plain is shown as a picture, line ends too.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_plain(c) {
            true => out.push(c),
            false => picture(c, &mut out),
        }
    }
    out
}

/// XML attribute and element text; characters that XML 1.0 forbids are shown as pictures.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if is_plain(c) => out.push(c),
            c => picture(c, &mut out),
        }
    }
    out
}

/// The text of a GitHub workflow command.
pub fn github_data(text: &str) -> String {
    let escaped = text
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    escaped.chars().fold(String::new(), |mut out, c| {
        if is_plain(c) {
            out.push(c)
        } else {
            picture(c, &mut out)
        }
        out
    })
}

/// A property of a GitHub workflow command.
pub fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A relative path as a URI reference: everything but unreserved characters and `/` is percent-encoded.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_gets_through() {
        let nasty = "a\x1b[31m\r\n\u{202e}b\u{9b}1m\x7f";
        for escaped in [line(nasty), github_data(nasty), github_property(nasty)] {
            assert!(escaped.chars().all(is_plain), "{escaped:?}");
        }
        assert_eq!(line("a\x1bb"), "a␛b");
        assert_eq!(github_property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(xml("<\x01&'"), "&lt;␁&amp;&apos;");
        assert_eq!(uri("页/a b[1].js"), "%E9%A1%B5/a%20b%5B1%5D.js");
    }
}
