//! Packages built here, whole and broken.

use super::*;
use crate::syntax::builtin_dialects;
use proptest::prelude::*;

/// A package of files.
fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let table: usize = files.iter().map(|(name, _)| 12 + name.len()).sum();
    let index = 4 + table;
    let body: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut out = vec![0xBE, 0, 0, 0, 0];
    let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_be_bytes());
    number(&mut out, index);
    number(&mut out, body);
    out.push(0xED);
    number(&mut out, files.len());
    let mut at = 14 + index;
    for (name, bytes) in files {
        number(&mut out, name.len());
        out.extend(name.as_bytes());
        number(&mut out, at);
        number(&mut out, bytes.len());
        at += bytes.len();
    }
    files.iter().for_each(|(_, bytes)| out.extend(*bytes));
    out
}

fn open(bytes: &[u8]) -> Result<Package, Fault> {
    unpack(
        bytes,
        "a.wxapkg",
        "dir/a.wxapkg",
        1 << 20,
        &builtin_dialects(),
    )
}

fn texts(files: &[(&str, &[u8])]) -> Vec<(String, String)> {
    let package = open(&pack(files)).unwrap();
    assert_eq!(package.errors, vec![]);
    let texts = package.texts.iter();
    texts
        .map(|(path, text)| (path.to_string(), text.to_string()))
        .collect()
}

#[test]
fn bundles_are_split_and_configuration_is_taken_apart() {
    let service = br#"var __wxAppData={};var $gwx;__wxAppCode__['components/c.json']={"component":true};
define("app.js", function(require, module, exports, window){
"use strict";
App({})
});
require("app.js");define("pages/a.js",function(require,module,exports){define("no.js",1);Page({f:function(){}})},{isPage:!0});
define("plugin-private://wx1/i.js", (require) => { let a = `}`; })"#;
    let config = br#"{"pages":["pages/a"],"global":{"window":{"navigationBarTitleText":"A"}},"page":{"pages/a.html":{"window":{"usingComponents":{"c":"/components/c"}}}}}"#;
    let got = texts(&[
        ("/app-service.js", service),
        ("/app-config.json", config),
        ("/page-frame.html", b"<script>$gwx=1</script>"),
        ("/workers/w.js", b"onmessage = 1"),
        ("/a.png", b"\x89PNG"),
    ]);
    let paths: Vec<&str> = got.iter().map(|(path, _)| &**path).collect();
    assert_eq!(
        paths,
        [
            "a.wxapkg/app.js",
            "a.wxapkg/app.json",
            "a.wxapkg/components/c.json",
            "a.wxapkg/pages/a.js",
            "a.wxapkg/pages/a.json",
            "a.wxapkg/plugin-private/wx1/i.js",
            "a.wxapkg/workers/w.js",
        ]
    );
    assert_eq!(got[0].1, "\"use strict\";\nApp({})\n");
    assert!(got[1].1.contains("\"window\": {") && !got[1].1.contains("\"page\""));
    assert_eq!(got[3].1, "define(\"no.js\",1);Page({f:function(){}})");
    assert!(got[4].1.contains("/components/c"));
    assert_eq!(got[5].1, " let a = `}`; ");
}

#[test]
fn compiled_templates_are_left_out_and_said() {
    let package = open(&pack(&[
        ("pages/a.html", b"<html>"),
        ("pages/a.webview.js", b"$gwx()"),
        ("common.app.js", b"var a = __wxAppCode__"),
    ]))
    .unwrap();
    assert!(package.texts.is_empty());
    assert_eq!(package.skipped.len(), 3);
    assert_eq!(package.skipped[0].file, "dir/a.wxapkg/pages/a.html");
    assert_eq!(package.notes.len(), 1);
}

#[test]
fn every_fault_has_its_sentence() {
    let whole = pack(&[("a.js", b"1"), ("b.js", b"22")]);
    let with = |at: usize, bytes: &[u8]| {
        let mut broken = whole.clone();
        broken[at..at + bytes.len()].copy_from_slice(bytes);
        broken
    };
    let fault = |bytes: &[u8]| open(bytes).unwrap_err();
    assert_eq!(fault(b"V1MMWX\x01\x02\x03"), Fault::Encrypted);
    assert_eq!(fault(b""), Fault::Unknown);
    assert_eq!(fault(b"PK\x03\x04"), Fault::Unknown);
    assert_eq!(fault(&with(13, &[0])), Fault::Unknown);
    assert_eq!(fault(&whole[..whole.len() - 1]), Fault::Truncated);
    assert_eq!(fault(&whole[..9]), Fault::Truncated);
    assert_eq!(fault(&with(5, &[0xFF; 4])), Fault::Truncated);
    assert_eq!(fault(&with(14, &[0xFF; 4])), Fault::Table);
    assert_eq!(fault(&with(18, &[0, 0, 0, 200])), Fault::Table);
    // The first file's offset (behind its length and name), then its size.
    assert_eq!(fault(&with(26, &[0, 0, 0, 1])), Fault::Range);
    assert_eq!(fault(&with(30, &[0xFF; 4])), Fault::Range);
    assert_eq!(fault(&with(30, &[0, 0, 0, 2])), Fault::Range, "overlap");
    assert_eq!(fault(&with(22, b"b.js")), Fault::Table, "a name twice");
    assert_eq!(fault(&with(22, b"../a")), Fault::Name);
    let climbs = br#"define("../../etc/x.js", function(){ })"#;
    assert_eq!(fault(&pack(&[("app-service.js", climbs)])), Fault::Name);
    let many = "define('a.js',function(){});".repeat(10);
    assert!(open(&pack(&[("app-service.js", many.as_bytes())])).is_ok());
}

#[test]
fn little_does_not_become_much() {
    let deep = format!("{{\"pages\":{}{}}}", "[".repeat(120), "]".repeat(120));
    let wide = format!(
        "{{\"a\":{}0{}{}}}",
        "[".repeat(120),
        ",0".repeat(9000),
        "]".repeat(120)
    );
    for config in [deep, wide] {
        let package = open(&pack(&[("app-config.json", config.as_bytes())])).unwrap();
        let total: usize = package.texts.values().map(|text| text.len()).sum();
        assert!(total < 10 * config.len(), "{total} of {}", config.len());
    }
}

proptest! {
    /// Whatever the bytes are, unpacking ends, and what it makes is not much more than what it got.
    #[test]
    fn any_bytes_are_unpacked_or_refused(
        files in prop::collection::vec(("[a-z./]{1,12}", prop::collection::vec(any::<u8>(), 0..60)), 0..6),
        scripts in prop::collection::vec("(define\\('[a-z./]{1,6}',|function\\(\\)\\{|\\}\\);|['`/{}\\[\\]]|a=1;|\n){0,12}", 0..3),
        breaks in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let names: Vec<String> = (0..scripts.len()).map(|n| format!("s{n}.js")).collect();
        let mut all: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        all.extend(names.iter().zip(&scripts).map(|(n, s)| (n.as_str(), s.as_bytes())));
        let mut bytes = pack(&all);
        for (at, byte) in breaks {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(package) = open(&bytes) {
            let total: usize = package.texts.values().map(|text| text.len()).sum();
            prop_assert!(total <= 8 * bytes.len() + 100);
            for path in package.texts.keys() {
                prop_assert!(path.starts_with("a.wxapkg/"));
                prop_assert!(!path.split('/').any(|part| part == ".." || part.is_empty()));
            }
        }
    }
}
