//! Places in the arguments and results of a call, and their short written form: `arg0.kvList[].value`.

use serde::{Deserialize, Deserializer, de};
use std::fmt;
use std::sync::Arc;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A property.
    Key(Arc<str>),
    /// Every element or value.
    Each,
}

/// Which arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arg {
    /// One, from 0: `arg0`.
    At(u8),
    /// All: `arg*`.
    All,
    /// All from one on: `arg1+`.
    From(u8),
    /// The last: `arg-1`.
    Last,
}

/// A place in the arguments of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ArgPath {
    /// Which arguments.
    pub arg: Arg,
    /// Where in them; empty = the whole.
    pub path: Vec<Step>,
}

impl ArgPath {
    /// Reads the written form.
    pub fn parse(text: &str) -> Option<ArgPath> {
        let rest = text.strip_prefix("arg")?;
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (head, path) = rest.split_at(end);
        let arg = match head {
            "*" => Arg::All,
            "-1" => Arg::Last,
            _ => match head.strip_suffix('+') {
                Some(from) => Arg::From(from.parse().ok()?),
                None => Arg::At(head.parse().ok()?),
            },
        };
        let path = parse_steps(path.strip_prefix('.').unwrap_or(path))?;
        Some(ArgPath { arg, path })
    }
}

/// Reads steps: `userInfo.nickName`, `tempFiles[].path`; the empty text is no step.
pub(super) fn parse_steps(text: &str) -> Option<Vec<Step>> {
    let mut out = Vec::new();
    if text.is_empty() {
        return Some(out);
    }
    for piece in text.split('.') {
        let name = piece.trim_end_matches("[]");
        if name.contains(['[', ']', ' ']) || piece.is_empty() {
            return None;
        }
        if !name.is_empty() {
            out.push(Step::Key(name.into()));
        }
        let each = (piece.len() - name.len()) / 2;
        out.extend(std::iter::repeat_n(Step::Each, each));
    }
    Some(out)
}

impl<'de> Deserialize<'de> for ArgPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ArgPath, D::Error> {
        let text = String::deserialize(from)?;
        ArgPath::parse(&text)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is no place in arguments")))
    }
}

/// Steps in a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(pub Vec<Step>);

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Steps, D::Error> {
        let text = String::deserialize(from)?;
        parse_steps(&text)
            .map(Steps)
            .ok_or_else(|| de::Error::custom(format!("`{text}` is no path")))
    }
}

impl fmt::Display for ArgPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arg {
            Arg::At(n) => write!(f, "arg{n}")?,
            Arg::All => f.write_str("arg*")?,
            Arg::From(n) => write!(f, "arg{n}+")?,
            Arg::Last => f.write_str("arg-1")?,
        }
        for step in &self.path {
            match step {
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Each => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_places_are_read_and_shown_alike() {
        for text in [
            "arg0",
            "arg1.data",
            "arg*",
            "arg1+",
            "arg-1",
            "arg0.kvList[].value",
            "arg0[].key",
        ] {
            assert_eq!(ArgPath::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "opt.data", "arg", "argx", "arg0..a", "arg0.a[0]"] {
            assert_eq!(ArgPath::parse(text), None, "{text}");
        }
        assert_eq!(
            parse_steps("a[].b"),
            Some(vec![
                Step::Key("a".into()),
                Step::Each,
                Step::Key("b".into())
            ])
        );
        assert_eq!(parse_steps("[]"), Some(vec![Step::Each]));
    }
}
