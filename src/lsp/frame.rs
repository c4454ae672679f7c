//! Frames of the base protocol, read from a stream that may hold anything. May use `std::io` only.
//!
//! A broken header, a wrong length or a body that is no JSON costs one message, never the session: the reader looks for
//! the next header and goes on. Nothing is allocated on the word of a header.

use serde_json::Value;
use std::io::{self, Read};

/// A longer body is not believed: the header is taken for garbage.
const MAX_BODY: u64 = 512 << 20;
/// A header line longer than this is garbage.
const MAX_LINE: usize = 8 << 10;
const MARK: &[u8] = b"content-length:";

/// What was read.
#[derive(Debug, PartialEq)]
pub enum Frame {
    /// A message body that is JSON.
    Json(Value),
    /// Something that is no message; reported once.
    Bad,
    /// The stream has ended.
    End,
}

/// Reads frames.
pub struct FrameReader<R> {
    inner: R,
    /// Bytes read and not used yet, from `at`.
    buffer: Vec<u8>,
    at: usize,
    /// A broken message was reported and no good one was seen since.
    lost: bool,
}

impl<R: Read> FrameReader<R> {
    /// A reader over a byte stream.
    pub fn new(inner: R) -> FrameReader<R> {
        FrameReader {
            inner,
            buffer: Vec::new(),
            at: 0,
            lost: false,
        }
    }

    /// The next message, complaint or end. Blocks.
    pub fn read(&mut self) -> Frame {
        loop {
            let length = match self.header() {
                Ok(Some(length)) => length,
                Ok(None) => {
                    if self.lost {
                        continue;
                    }
                    self.lost = true;
                    return Frame::Bad;
                }
                Err(_) => return Frame::End,
            };
            let Ok(body) = self.take(length) else {
                return Frame::End;
            };
            if let Some((value, rest)) = parse(&body) {
                self.push_back(&body[rest..]);
                self.lost = false;
                return Frame::Json(value);
            }
            if let Some(at) = embedded_header(&body) {
                self.push_back(&body[at..]);
            }
            self.lost = true;
            return Frame::Bad;
        }
    }

    /// Reads header lines up to the blank line. `None` = no usable length.
    fn header(&mut self) -> io::Result<Option<u64>> {
        let mut length = None;
        let mut lines = 0;
        loop {
            let line = self.line()?;
            let text = line.trim_ascii();
            if text.is_empty() {
                if lines == 0 {
                    continue; // Blank lines between messages do no harm.
                }
                return Ok(length);
            }
            lines += 1;
            if let Some(at) = find_mark(text) {
                let digits = text[at + MARK.len()..].trim_ascii();
                length = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|d| d.parse::<u64>().ok())
                    .filter(|&n| n <= MAX_BODY);
            } else if lines == 1 && !text.contains(&b':') || text.first() == Some(&b'{') {
                // No header at all: the rest of a message that was longer than it said.
                return Ok(None);
            }
        }
    }

    /// One line without its `\n`; overlong ones come in pieces.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut seen = 0;
        loop {
            let unread = &self.buffer[self.at..];
            if let Some(n) = memchr::memchr(b'\n', &unread[seen..]) {
                let line = unread[..seen + n].to_vec();
                self.at += seen + n + 1;
                return Ok(line);
            }
            seen = unread.len();
            if seen > MAX_LINE {
                // Keep a tail in which a header may begin.
                let line = unread[..seen - MARK.len()].to_vec();
                self.at += line.len();
                return Ok(line);
            }
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn take(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let length = length as usize;
        while self.buffer.len() - self.at < length {
            if self.fill()? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let body = self.buffer[self.at..self.at + length].to_vec();
        self.at += length;
        if self.at == self.buffer.len() {
            self.at = 0;
            // A huge message must not keep its memory for the rest of the session.
            if self.buffer.capacity() > 1 << 20 {
                self.buffer = Vec::new();
            } else {
                self.buffer.clear();
            }
        }
        Ok(body)
    }

    fn fill(&mut self) -> io::Result<usize> {
        if self.at > 0 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        let old = self.buffer.len();
        let room = old.clamp(64 << 10, 4 << 20);
        self.buffer.resize(old + room, 0);
        let n = loop {
            match self.inner.read(&mut self.buffer[old..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old + *n.as_ref().unwrap_or(&0));
        n
    }

    fn push_back(&mut self, bytes: &[u8]) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let mut buffer = bytes.to_vec();
        buffer.extend_from_slice(&self.buffer[self.at..]);
        self.buffer = buffer;
        self.at = 0;
    }
}

/// Where `content-length:` stands in a line, in any case.
fn find_mark(line: &[u8]) -> Option<usize> {
    memchr::memchr2_iter(b'c', b'C', line).find(|&at| {
        line.get(at..at + MARK.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(MARK))
    })
}

/// Where a header begins inside a body whose length was wrong. A real one ends in CR LF, which JSON strings cannot hold.
fn embedded_header(body: &[u8]) -> Option<usize> {
    let mut from = 1;
    while let Some(at) = find_mark(body.get(from..).unwrap_or_default()).map(|at| at + from) {
        let rest = &body[at + MARK.len()..];
        let digits = rest
            .iter()
            .take_while(|b| b.is_ascii_digit() || **b == b' ')
            .count();
        if digits > 0 && (rest[digits..].starts_with(b"\r\n") || rest.len() == digits) {
            return Some(at);
        }
        from = at + 1;
    }
    // The wrong length may have cut the header's own name.
    let longest = (MARK.len() - 1).min(body.len().saturating_sub(1));
    (1..=longest)
        .rev()
        .map(|cut| body.len() - cut)
        .find(|&at| MARK[..body.len() - at].eq_ignore_ascii_case(&body[at..]))
}

/// The JSON value at the start of a body and where it ends; lone surrogate escapes become U+FFFD.
fn parse(body: &[u8]) -> Option<(Value, usize)> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // The cut-off start of a next message may end inside a character.
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&body[..e.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = body.len().min(if body.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    });
    if let Some((value, end)) = first_value(text) {
        return Some((value, end + skipped));
    }
    let mended = mend_surrogates(text)?;
    // Every replacement has the length of what it replaces, so that offsets stay.
    first_value(&mended).map(|(value, end)| (value, end + skipped))
}

fn first_value(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    let end = values.byte_offset();
    let rest = text.as_bytes()[end..].trim_ascii_start();
    // What follows must be the start of another message, or nothing.
    let known = rest.len().min(MARK.len());
    rest[..known]
        .eq_ignore_ascii_case(&MARK[..known])
        .then_some((value, end))
}

/// Replaces `\ud83d` and its like without partner by `\ufffd`. `None` if there is none.
fn mend_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let unit = |at: usize| -> Option<u32> {
        (bytes.get(at..at + 2)? == b"\\u").then_some(())?;
        u32::from_str_radix(text.get(at + 2..at + 6)?, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied, mut mended) = (0, 0, false);
    while let Some(n) = memchr::memchr(b'\\', &bytes[at..]) {
        at += n;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
                mended = true;
            }
            Some(_) => at += 6,
            None => at = (at + 2).min(bytes.len()),
        }
    }
    out.push_str(&text[copied..]);
    mended.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn frames(bytes: &[u8]) -> Vec<Frame> {
        let mut reader = FrameReader::new(bytes);
        let mut out = Vec::new();
        loop {
            match reader.read() {
                Frame::End => return out,
                frame => out.push(frame),
            }
        }
    }

    fn message(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    fn check(bad: &[u8], expected: &[Frame]) {
        let mut bytes = bad.to_vec();
        bytes.extend_from_slice(message("[7]").as_bytes());
        let got = frames(&bytes);
        let (last, rest) = got.split_last().expect("a frame");
        assert_eq!(
            *last,
            Frame::Json(json!([7])),
            "the session goes on after {bad:?}"
        );
        assert_eq!(rest, expected, "{:?}", String::from_utf8_lossy(bad));
    }

    #[test]
    fn whatever_comes_costs_one_message() {
        check(message("{bad").as_bytes(), &[Frame::Bad]);
        check(b"Content-Length: 2\r\n\r\n\xff\xfe", &[Frame::Bad]);
        check(b"Content-Length: 68719476736\r\n\r\n", &[Frame::Bad]);
        check(b"Content-Length: -4\r\n\r\n", &[Frame::Bad]);
        check(
            b"Content-Length: 99999999999999999999999999\r\n\r\n",
            &[Frame::Bad],
        );
        check(b"Content-Type: x\r\n\r\n", &[Frame::Bad]);
        check(b"Content-Length: 3\r\n\r\n[1,2,3]", &[Frame::Bad]);
        check(b"Content-Length: 12\r\n\r\n[1]", &[Frame::Json(json!([1]))]);
        check(b"Content-Length: 12\r\n\r\n{1]", &[Frame::Bad]);
        // Cut inside the next header's number. A length beyond all that has come can only be waited for.
        check(b"Content-Length: 20\r\n\r\n{1]", &[Frame::Bad]);
        check(b"garbage\nmore garbage\n\n\n", &[Frame::Bad]);
        check(b"\r\n\r\n", &[]);
    }

    #[test]
    fn headers_come_in_many_forms() {
        let ok = [Frame::Json(json!([1]))];
        check(b"content-length:3\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\nX: y\r\n\r\n[1]", &ok);
        check(b"X-Y: z\r\nCONTENT-LENGTH:   3  \n\n[1]", &ok);
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        check(
            message(r#"["\ud83d"]"#).as_bytes(),
            &[Frame::Json(json!(["\u{fffd}"]))],
        );
        check(
            message(r#"["\ude00\ud83d\ude00\\ud83d"]"#).as_bytes(),
            &[Frame::Json(json!(["\u{fffd}😀\\ud83d"]))],
        );
    }
}
