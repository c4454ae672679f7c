//! Budgets and determinism.

use super::session;
use crate::session::Session;

/// Functions that call each other so often that no budget is enough.
fn deep() -> String {
    (0..60)
        .map(|n| {
            format!(
                "function f{n}(a) {{ if (a) f{}(a); else f{}(a); return f{}(a) }}\n",
                (n + 1) % 60,
                (n + 7) % 60,
                (n + 13) % 60
            )
        })
        .collect()
}

#[test]
fn an_exhausted_budget_is_said_and_is_no_end() {
    let deep = deep();
    let page = format!("{deep}Page({{ onLoad(q) {{ f0(q)\n }} }})");
    let session = session(&[
        ("pages/a.js", &page),
        (
            "pages/b.js",
            "Page({ onLoad() { console.log(wx.getStorageSync('phone')) } })",
        ),
    ]);
    let linked = session.linked();
    let flow = &linked.apps[0].flow;
    assert_eq!(
        flow.partial.iter().map(|p| &**p).collect::<Vec<_>>(),
        ["pages/a.js"]
    );
    assert_eq!(
        flow.hits.len(),
        1,
        "the other page is not the poorer for it"
    );
    assert_eq!(session.check().notes["pages/a.js"][0].kind, "budget");
}

/// Once a top level that was given up was not said, or said of another file.
#[test]
fn a_top_level_that_is_given_up_is_said() {
    let deep = deep();
    let session = session(&[
        ("app.js", "App({})"),
        ("pages/a.js", "Page({})"),
        ("utils/deep.js", &format!("{deep}f0(1)\n")),
        ("utils/z.js", "module.exports = 1\n"),
    ]);
    let flow = &session.linked().apps[0].flow;
    assert_eq!(
        flow.partial.iter().map(|p| &**p).collect::<Vec<_>>(),
        ["utils/deep.js"]
    );
}

#[test]
fn the_same_input_gives_the_same_output() {
    let files = [
        (
            "pages/a.js",
            "const u = require('../utils/u')\nPage({ onLoad(q) { u.send(q.phone); u.send(wx.getStorageSync('idCard')) } })",
        ),
        (
            "utils/u.js",
            "exports.send = (d) => wx.request({ url: 'https://a.cn', data: { d } })",
        ),
    ];
    let first = session(&files);
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let next = pool.install(|| session(&files));
        let of = |s: &Session| s.linked().apps[0].flow.hits.clone();
        assert_eq!(of(&first), of(&next));
    }
}
