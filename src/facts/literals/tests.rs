//! Tests: what is found in scripts; taking over equals finding anew, over random edits.

use crate::facts::{FileFacts, LiteralPlace, analyze};
use crate::rules::RuleSet;
use crate::syntax::{Document, builtin_dialects, parse};
use proptest::prelude::*;

fn facts(path: &str, text: &str, previous: Option<&FileFacts>) -> FileFacts {
    let document = Document {
        path: path.into(),
        text: text.into(),
    };
    let dialects = builtin_dialects();
    let kind = dialects.kind_of(path).unwrap();
    let parsed = parse(&document, kind, &dialects, None);
    analyze(&document, &parsed, &RuleSet::builtin(), previous)
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[&str]) {
    let shown: Vec<String> = facts(path, text, None)
        .literals
        .iter()
        .map(|l| {
            let place = match l.place {
                LiteralPlace::Bound => "=".to_string(),
                LiteralPlace::Argument(n) => format!("({n})"),
                LiteralPlace::MarkupText => ">".to_string(),
                LiteralPlace::Comment => "//".to_string(),
                LiteralPlace::Compared => "==".to_string(),
                _ => "".to_string(),
            };
            let table = if l.in_table { " table" } else { "" };
            format!("{}|{}{place}{}{table}", l.path, l.name, l.value)
        })
        .collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn literals_of_scripts() {
    let url = "https://a.cn/1";
    check(
        "a.js",
        &format!(
            "const base = '{url}'\nf(x, `{url}`)\nconst o = {{ api: {{ url: '{url}' }} }}\nif (u == '{url}') g()"
        ),
        &[
            "|base=https://a.cn/1",
            "|f(0)https://a.cn/1",
            "o.api|url=https://a.cn/1",
            "|==https://a.cn/1",
        ],
    );
    check(
        "a.js",
        "const a = 'https://', b = 'b.cn'\nconst c = a + b\nconst d = ['https:', '//', 'e.cn'].join('')\nlet n = 13800138000 // 13800138000",
        &[
            "|a=https://",
            "|c=https://b.cn",
            "|d=https://e.cn",
            "|n=13800138000",
            "|//13800138000",
        ],
    );
    check(
        "a.tsx",
        "const V = () => <View title=\"13800138000\">13800138001</View>",
        &["V|title=13800138000", "|>13800138001"],
    );
}

#[test]
fn only_what_changed_is_found_anew() {
    let text = "const host = 'a.cn'\nfunction f() { load('https://' + host + '/some/long/path') }\nfunction g() { load('https://b.cn') }\n";
    let old = facts("a.js", text, None);
    let values = |text: &str| -> Vec<String> {
        let new = facts("a.js", text, Some(&old));
        let fresh = facts("a.js", text, None);
        assert_eq!(new.literals, fresh.literals);
        new.literals.iter().map(|l| l.value.to_string()).collect()
    };
    let moved = values(&format!("let x\n{text}"));
    assert_eq!(moved, ["https://a.cn/some/long/path", "https://b.cn"]);
    // A constant outside of the body decides what is found in it.
    let other = values(&text.replace("'a.cn'", "'c.cn'"));
    assert_eq!(other, ["https://c.cn/some/long/path", "https://b.cn"]);
}

const PIECES: &[&str] = &[
    "const host = 'a.cn'\n",
    "const host = 'b.cn'\n",
    "let { host } = x\n",
    "function f() { load('https://' + host + '/long/enough/to/count') }\n",
    "function g() {\n  // minivet-disable-next-line secrets -- 号\n  load('https://b.cn/13800138000')\n}\n",
    "Page({ onLoad() { const key = 'https://'; this.url = key + host; /* minivet-disable */ }, data: { a: '13800138000' } })\n",
    "/* minivet-enable */\n",
    "const list = [13800138000, 13800138001, 13800138002, 13800138003, 13800138004, 13800138005, 13800138006, 13800138007, 13800138008, 13800138009, 13800138010, 13800138011, 13800138012]\n",
    "class A { m() { const host = 'https://c.cn'; return host + '/13800138000/and/more/than/this' } }\n",
    "'",
    "{",
    "`",
    "x",
    "号",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn taking_over_equals_finding_anew(steps in prop::collection::vec((0..8usize, 0..PIECES.len(), any::<bool>()), 1..12)) {
        let mut parts: Vec<&str> = PIECES[..9].to_vec();
        let mut old = facts("a.js", &parts.concat(), None);
        for (at, piece, insert) in steps {
            let at = at.min(parts.len());
            if insert || at == parts.len() {
                parts.insert(at, PIECES[piece]);
            } else {
                parts.remove(at);
            }
            let text = parts.concat();
            let new = facts("a.js", &text, Some(&old));
            let fresh = facts("a.js", &text, None);
            prop_assert_eq!(&new.literals, &fresh.literals, "{}", text);
            prop_assert_eq!(&new.directives, &fresh.directives, "{}", text);
            old = new;
        }
    }
}
