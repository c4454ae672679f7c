//! After any edits of any files of an app a session says what a new one says of the same texts: findings of flows through
//! other files, of consent, and what was cut short.

use super::*;
use crate::syntax::builtin_dialects;
use std::path::Path;

/// Small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    fn place(&mut self, text: &str) -> usize {
        text.floor_char_boundary(self.below(text.len() + 1))
    }
}

/// What people write, whole or not.
const WRITTEN: &[&str] = &[
    "x",
    "\n",
    "// 手机号 😀\n",
    "wx.setStorageSync('phone', this.data.phone)\n",
    "console.log(res)\n",
    "const user = require('../../utils/request.js')\n",
    "this.setData({ phone: e.detail.value })\n",
    "if (agreed) {",
    "}",
    "`",
    "<input bindinput=\"onPhone\" type=\"number\"/>\n",
    "{{phone}}",
    "\"requiredPrivateInfos\": [\"getLocation\"],",
];

fn app(name: &str) -> Vec<(Arc<str>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/apps")
        .join(name);
    let mut out = Vec::new();
    for entry in ignore::Walk::new(&root).flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        let path = entry.path().strip_prefix(&root).unwrap().to_string_lossy();
        let path = path.replace('\\', "/");
        if builtin_dialects().kind_of(&path).is_some() {
            out.push((path.into(), text));
        }
    }
    out.sort();
    out
}

fn document((path, text): &(Arc<str>, String)) -> Document {
    Document {
        path: path.clone(),
        text: text.as_str().into(),
    }
}

fn opened(files: &[(Arc<str>, String)]) -> Session {
    let mut session = Session::new(RuleSet::builtin(), &Settings::default());
    let documents: Vec<Document> = files.iter().map(document).collect();
    session.set_texts(&documents, &builtin_dialects(), &|| ());
    session
}

fn edit(text: &mut String, random: &mut Random) {
    let at = random.place(text);
    match random.below(3) {
        0 => {
            let end = text.ceil_char_boundary((at + random.below(12)).min(text.len()));
            text.replace_range(at..end, "");
        }
        1 => text.insert_str(at, WRITTEN[random.below(WRITTEN.len())]),
        // A line moves to another place.
        _ => {
            let start = text[..at].rfind('\n').map_or(0, |n| n + 1);
            let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
            let line: String = text.drain(start..end).collect();
            let to = random.place(text);
            text.insert_str(to, &line);
        }
    }
}

fn replay(name: &str, seed: u64) {
    let mut random = Random(seed);
    let mut files = app(name);
    let mut now = opened(&files);
    assert!(!now.check().findings.is_empty(), "the app has findings");
    for step in 0..24 {
        let file = random.below(files.len());
        edit(&mut files[file].1, &mut random);
        assert!(now.set_text(document(&files[file]), &builtin_dialects(), &|| false));
        if random.below(2) == 0 {
            now.check_soon();
        } else {
            now.check_unless(&|| false);
        }
        if step % 6 == 5 {
            now.renew(&builtin_dialects(), &|| false);
            let (had, want) = (now.check(), opened(&files).check());
            for (path, _) in &files {
                assert_eq!(
                    had.findings.get(path),
                    want.findings.get(path),
                    "{name}, seed {seed}, step {step}: {path}"
                );
            }
            assert_eq!(had.suppressed, want.suppressed);
            let kinds = |outcome: &Outcome| -> Vec<(Arc<str>, Vec<&'static str>)> {
                let notes = outcome.notes.iter();
                let kinds = |list: &Vec<Note>| list.iter().map(|n| n.kind).collect();
                notes
                    .map(|(path, list)| (path.clone(), kinds(list)))
                    .collect()
            };
            assert_eq!(kinds(&had), kinds(&want));
        }
    }
}

#[test]
fn of_a_native_app() {
    (1..=3).for_each(|seed| replay("wechat-shop", seed * 7919));
}

#[test]
fn of_an_app_of_components() {
    replay("uni-market", 104_729);
    replay("taro-bank", 1_299_709);
}
