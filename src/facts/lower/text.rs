//! Constants as JavaScript reads them: escapes, numbers, character references, the white space of JSX.
//!
//! Pure functions over slices; anything malformed is kept as written.

use std::borrow::Cow;

/// Longest constant that is kept; the rest says nothing more about data flow.
const MAX_CONSTANT: usize = 4096;

/// Cuts a constant that is too long to be worth keeping.
pub(super) fn clip(text: &str) -> &str {
    if text.len() <= MAX_CONSTANT {
        return text;
    }
    let mut end = MAX_CONSTANT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The inside of a quoted string as written; a missing closing quote is tolerated.
pub(super) fn unquoted(text: &str) -> &str {
    let Some(quote) = text
        .chars()
        .next()
        .filter(|q| matches!(q, '"' | '\'' | '`'))
    else {
        return text;
    };
    let inner = &text[1..];
    inner.strip_suffix(quote).unwrap_or(inner)
}

/// Resolves the escapes of a string or template piece.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut out);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// One escape, its backslash already eaten; returns what follows it.
fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let Some(c) = text.chars().next() else {
        return text;
    };
    let rest = &text[c.len_utf8()..];
    match c {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        'v' => out.push('\u{b}'),
        '\r' => return rest.strip_prefix('\n').unwrap_or(rest),
        '\n' | '\u{2028}' | '\u{2029}' => {}
        'x' => return hex(rest, 2, 'x', out),
        'u' => return unicode(rest, out),
        '0'..='7' => {
            let digits = text
                .bytes()
                .take(3)
                .take_while(|b| (b'0'..=b'7').contains(b))
                .count();
            let value = u32::from_str_radix(&text[..digits], 8).unwrap_or(0);
            out.push(char::from_u32(value).unwrap_or('\u{fffd}'));
            return &text[digits..];
        }
        other => out.push(other),
    }
    rest
}

fn hex<'t>(text: &'t str, digits: usize, letter: char, out: &mut String) -> &'t str {
    let value = text
        .get(..digits)
        .and_then(|d| u32::from_str_radix(d, 16).ok());
    match value {
        Some(value) => {
            out.push(char::from_u32(value).unwrap_or('\u{fffd}'));
            &text[digits..]
        }
        None => {
            out.push(letter);
            text
        }
    }
}

fn unicode<'t>(text: &'t str, out: &mut String) -> &'t str {
    if let Some(braced) = text.strip_prefix('{')
        && let Some((digits, rest)) = braced.split_once('}')
        && let Ok(value) = u32::from_str_radix(digits, 16)
    {
        out.push(char::from_u32(value).unwrap_or('\u{fffd}'));
        return rest;
    }
    let unit = |t: &str| t.get(..4).and_then(|d| u32::from_str_radix(d, 16).ok());
    if let Some(high @ 0xd800..=0xdbff) = unit(text)
        && let Some(next) = text[4..].strip_prefix("\\u")
        && let Some(low @ 0xdc00..=0xdfff) = unit(next)
    {
        let c = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        out.push(char::from_u32(c).unwrap_or('\u{fffd}'));
        return &next[4..];
    }
    hex(text, 4, 'u', out)
}

/// A number as decimal text: separators, bases, exponents and the `n` of big integers resolved.
pub(super) fn number(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(u8::is_ascii_digit);
    if plain && (bytes.len() == 1 || bytes.first() != Some(&b'0')) {
        return Cow::Borrowed(text);
    }
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let based = |prefix: [char; 2], radix| -> Option<String> {
        let rest = digits.strip_prefix('0')?.strip_prefix(prefix)?;
        u128::from_str_radix(rest.strip_suffix('n').unwrap_or(rest), radix)
            .ok()
            .map(|v| v.to_string())
    };
    let octal = || -> Option<String> {
        let legacy = plain && digits.bytes().all(|b| b < b'8');
        legacy
            .then(|| u128::from_str_radix(&digits, 8).ok())
            .flatten()
            .map(|v| v.to_string())
    };
    let decimal = || -> Option<String> {
        if let Some(big) = digits.strip_suffix('n') {
            return Some(big.to_owned());
        }
        digits
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite() && v.abs() < 1e40)
            .map(|v| v.to_string())
    };
    let value = based(['x', 'X'], 16)
        .or_else(|| based(['o', 'O'], 8))
        .or_else(|| based(['b', 'B'], 2))
        .or_else(octal)
        .or_else(decimal);
    Cow::Owned(value.unwrap_or(digits))
}

/// The text of JSX between elements: lines trimmed and joined as the compiler does, character references resolved.
pub(super) fn jsx_text(text: &str) -> String {
    let mut out = String::new();
    let n = text.split('\n').count();
    for (i, line) in text.split('\n').enumerate() {
        let space: &[char] = &[' ', '\t', '\r'];
        let line = if i > 0 {
            line.trim_start_matches(space)
        } else {
            line
        };
        let line = if i + 1 < n {
            line.trim_end_matches(space)
        } else {
            line
        };
        if line.is_empty() {
            continue;
        }
        if i > 0 && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line);
    }
    match entities(&out) {
        Cow::Owned(decoded) => decoded,
        Cow::Borrowed(_) => out,
    }
}

/// Resolves character references (numeric ones and the common names).
pub(super) fn entities(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let window = rest.as_bytes().iter().take(34).position(|&b| b == b';');
        match window.and_then(|end| Some((entity(rest.get(1..end)?)?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let value = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return value.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "copy" => '©',
        "yen" => '¥',
        "middot" => '·',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "mdash" => '—',
        "hellip" => '…',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        for (written, value) in [
            (r"a\nb", "a\nb"),
            (r"\x41\u0042\u{43}", "ABC"),
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d!", "\u{fffd}!"),
            (r"\101\0", "A\0"),
            ("a\\\r\nb", "ab"),
            (r"\号\q\", "号q"),
            (r"\x4", "x4"),
            (r"\u号号", "u号号"),
        ] {
            assert_eq!(unescape(written), value, "{written}");
        }
    }

    #[test]
    fn numbers() {
        for (written, value) in [
            ("0", "0"),
            ("13800138000", "13800138000"),
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0b101n", "5"),
            ("0o17", "15"),
            ("017", "15"),
            ("089", "89"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("12n", "12"),
            ("1e999", "1e999"),
        ] {
            assert_eq!(number(written), value, "{written}");
        }
    }

    #[test]
    fn jsx_white_space() {
        assert_eq!(jsx_text("\n   手机号：\n   a &amp; b \n"), "手机号： a & b");
        assert_eq!(jsx_text("  "), "  ");
        assert_eq!(jsx_text("\n  \n"), "");
        assert_eq!(jsx_text("&#x4f60;&nope;&"), "你&nope;&");
    }
}
