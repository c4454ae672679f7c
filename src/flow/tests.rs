//! The engine on small programs: what flows where. One case a piece; each has what must flow and what must not.

use crate::rules::RuleSet;
use crate::session::{Session, Settings};
use crate::syntax::{Document, builtin_dialects};

/// All flows of an app, `class: source → sink file:line`, with the protection behind it if there is one. `files` are
/// paths and texts in turn; an `app.json` with all pages comes by itself.
fn flows(files: &[(&str, &str)]) -> Vec<String> {
    let session = session(files);
    let linked = session.linked();
    let mut out = Vec::new();
    for hit in linked.apps.iter().flat_map(|app| &app.flow.hits) {
        let line = session
            .facts(&hit.at.file)
            .unwrap()
            .lines
            .line_of(hit.at.span.start)
            + 1;
        for datum in &hit.data {
            if &*hit.family == "display" || datum.confidence == crate::finding::Confidence::Low {
                continue;
            }
            let protection = match datum.protection {
                crate::flow::Protection::None => String::new(),
                other => format!(" {}", format!("{other:?}").to_lowercase()),
            };
            out.push(format!(
                "{}: {} → {} {}:{line}{protection}",
                datum.class, datum.source_name, hit.call, hit.at.file
            ));
        }
    }
    out.sort();
    out.dedup();
    out
}

fn session(files: &[(&str, &str)]) -> Session {
    let mut session = Session::new(RuleSet::builtin(), &Settings::default());
    let pages: Vec<String> = files
        .iter()
        .filter(|(path, _)| path.starts_with("pages/") && path.ends_with(".js"))
        .map(|(path, _)| format!("{:?}", path.trim_end_matches(".js")))
        .collect();
    let app = format!("{{\"pages\": [{}]}}", pages.join(","));
    let mut documents: Vec<Document> = files
        .iter()
        .map(|(path, text)| Document {
            path: (*path).into(),
            text: (*text).into(),
        })
        .collect();
    if !files.iter().any(|(path, _)| *path == "app.json") {
        documents.push(Document {
            path: "app.json".into(),
            text: app.into(),
        });
    }
    session.set_texts(&documents, &builtin_dialects(), &|| ());
    session
}

/// The numbers of the lines whose sinks personal data reaches unprotected, in the first file.
fn leaks(files: &[(&str, &str)]) -> Vec<u32> {
    let at = format!(" {}:", files[0].0);
    let mut lines: Vec<u32> = flows(files)
        .iter()
        .filter_map(|flow| flow.split_once(&at))
        .filter_map(|(_, line)| line.parse().ok())
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Lines of a page that say `// leak` are the ones that leak, and no others.
#[track_caller]
fn check(files: &[(&str, &str)]) {
    let marked: Vec<u32> = files[0]
        .1
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("// leak"))
        .map(|(n, _)| n as u32 + 1)
        .collect();
    assert_eq!(leaks(files), marked, "{:#?}", flows(files));
}

/// One page whose `onLoad` has this body.
#[track_caller]
fn body(code: &str) {
    let page =
        format!("Page({{ onLoad(q) {{\nconst phone = wx.getStorageSync('phone')\n{code}\n}} }})");
    check(&[("pages/a.js", &page)]);
}

#[test]
fn values_join_where_branches_meet() {
    body("let x = 1\nif (q.a) { x = phone } else { x = 2 }\nconsole.log(x) // leak");
    body("let x = phone\nif (q.a) { x = 1 } else { x = 2 }\nconsole.log(x)");
    body("let x = phone\nif (q.a) { x = 1 }\nconsole.log(x) // leak");
    body("let x = phone\nswitch (q.a) { case 1: x = 1; break; default: x = 2 }\nconsole.log(x)");
    body("let x = phone\ntry { q.f(); x = 1 } catch (e) { x = 2 }\nconsole.log(x)");
    body("let x = 1\ntry { x = phone; q.f(); x = 2 } catch (e) { console.log(x) } // leak");
    body("let x\nfor (const k of q.list) { console.log(x) // leak\n x = phone }");
    body("let x = phone\nif (q.a) return\nx = 1\nconsole.log(x)");
    body(
        "console.log(q.a ? phone : 1) // leak\nconsole.log(q.a && phone) // leak\nconsole.log(q.a || 1)",
    );
}

#[test]
fn state_is_as_it_was_where_a_branch_did_not_go() {
    body("const o = {}\nif (q.a) { o.x = phone; return }\nconsole.log(o)");
    body("const o = { x: phone }\nif (q.a) { delete o.x } else { o.x = 1 }\nconsole.log(o)");
    body("const o = { x: phone }\nif (q.a) { delete o.x }\nconsole.log(o) // leak");
    body(
        "const o = { x: 1 }\nfor (const k of q.list) { if (k) { o.x = phone; break } o.x = 2 }\nconsole.log(o) // leak",
    );
    body("const o = { x: phone }\nconst f = () => { o.x = 1 }\nf()\nconsole.log(o)");
    body("const list = [phone, 1]\nlist[0] = 2\nconsole.log(list)");
}

#[test]
fn what_is_overwritten_or_deleted_is_gone() {
    body("const o = { phone, a: 1 }\ndelete o.phone\nconsole.log(o)");
    body("const o = { phone, a: 1 }\no.phone = ''\nconsole.log(o)");
    body(
        "const { phone: gone, ...rest } = { phone, a: 1 }\nconsole.log(rest)\nconsole.log(gone) // leak",
    );
    body(
        "const r = wx.getStorageSync('userPhone')\nwx.chooseAddress({ success(res) {\ndelete res.telNumber; delete res.userName; delete res.detailInfo\nconsole.log(res.telNumber)\n} })",
    );
}

#[test]
fn spread_rename_default_and_computed_keys() {
    body("const { p: x = phone } = {}\nconsole.log(x) // leak");
    body("const o = { ...{ a: phone }, a: 1 }\nconsole.log(o)");
    body("const o = { a: 1, ...{ b: phone } }\nconsole.log(o.b) // leak\nconsole.log(o.a)");
    body("const [a, ...b] = [1, phone]\nconsole.log(a)\nconsole.log(b) // leak");
    body(
        "const k = 'x'\nconst o = { [k]: phone, y: 1 }\nconsole.log(o.x) // leak\nconsole.log(o['y'])",
    );
    body(
        "const k = 'a' + 'b'\nconst o = {}\no[k] = phone\nconsole.log(o.ab) // leak\nconsole.log(o.c)",
    );
    body(
        "const o = Object.assign({}, { a: phone }, { b: 1 })\nconsole.log(o.a) // leak\nconsole.log(o.b)",
    );
    body(
        "const f = (a, ...rest) => rest\nconsole.log(f(1, phone)) // leak\nconsole.log(f(phone, 1))",
    );
    body(
        "const o = JSON.parse(JSON.stringify({ a: phone, b: 1 }))\nconsole.log(o.a) // leak\nconsole.log(o.b)",
    );
    body(
        "console.log(phone.length)\nconsole.log(!!phone)\nconsole.log(phone === '1')\nconsole.log(`${phone}`) // leak",
    );
}

#[test]
fn closures_keep_what_they_saw() {
    body(
        "const make = (v) => () => v\nconst a = make(phone), b = make(1)\nconsole.log(a()) // leak\nconsole.log(b())",
    );
    body("let held\nconst keep = (v) => { held = v }\nkeep(phone)\nconsole.log(held) // leak");
    body("const fs = [1, 2].map((n) => () => n + phone)\nconsole.log(fs[0]()) // leak");
    body(
        "function outer() { let n = 0; return { add(v) { n = v }, get() { return n } } }\nconst o = outer()\no.add(phone)\nconsole.log(o.get()) // leak\nconsole.log(outer().get())",
    );
    body(
        "const f = function () { return arguments[1] }\nconsole.log(f(1, phone)) // leak\nconsole.log(f(phone, 1))",
    );
}

#[test]
fn getters_setters_classes_and_inheritance() {
    body(
        "const o = { get x() { return phone }, y: 1 }\nconsole.log(o.x) // leak\nconsole.log(o.y)",
    );
    body("const o = { v: 0, set x(n) { this.v = n } }\no.x = phone\nconsole.log(o.v) // leak");
    body(
        "class A { constructor(v) { this.v = v } get x() { return this.v } static of(v) { return new A(v) } }\nconsole.log(A.of(phone).x) // leak\nconsole.log(A.of(1).x)",
    );
    body(
        "class A { f(v) { return v } }\nclass B extends A { f(v) { return super.f(v) } }\nconsole.log(new B().f(phone)) // leak",
    );
    body(
        "class A { f = (v) => { this.v = v } }\nconst a = new A()\na.f(phone)\nconsole.log(a.v) // leak\nconsole.log(new A().v)",
    );
}

#[test]
fn bind_call_and_apply() {
    body(
        "function f() { return this.v }\nconsole.log(f.call({ v: phone })) // leak\nconsole.log(f.call({ v: 1 }))",
    );
    body(
        "function f(a, b) { return b }\nconsole.log(f.apply(null, [1, phone])) // leak\nconsole.log(f.apply(null, [phone, 1]))",
    );
    body(
        "function f(a, b) { return b }\nconst g = f.bind(null, 1)\nconsole.log(g(phone)) // leak\nconsole.log(f.bind(null, phone)(1))",
    );
    body("console.log(Array.prototype.slice.call([phone])) // leak");
    body("const log = console.log.bind(console)\nlog(phone) // leak");
}

#[test]
fn promises_in_all_their_forms() {
    body("Promise.all([phone, 1]).then(([a, b]) => {\nconsole.log(a) // leak\nconsole.log(b)\n})");
    body(
        "new Promise((done) => setTimeout(() => done(phone), 1)).then((v) => console.log(v)) // leak",
    );
    body("Promise.resolve(phone).then((v) => ({ v })).then(({ v }) => { console.log(v) }) // leak");
    body("const f = async () => phone\nf().then((v) => console.log(v)) // leak");
    body("(async () => { const v = await Promise.race([phone])\nconsole.log(v) })() // leak");
    body("Promise.reject(phone).catch((e) => console.log(e)) // leak");
    body(
        "const p = (f) => (o) => new Promise((ok) => f({ ...o, success: ok }))\np(wx.getLocation)({}).then((r) => console.log(r.latitude)) // leak",
    );
}

#[test]
fn list_and_text_methods() {
    body("console.log([phone].map((p) => p)) // leak\nconsole.log([phone].map(() => 1))");
    body("console.log([1, 2].filter((n) => n === phone))");
    body("const all = []\n;[phone].forEach((p) => all.push(p))\nconsole.log(all) // leak");
    body("console.log([phone].reduce((a, p) => a + p, '')) // leak");
    body(
        "const m = new Map()\nm.set('a', phone)\nconsole.log(m.get('a')) // leak\nconsole.log(m.size)",
    );
    body(
        "console.log(phone.split('').reverse().join('')) // leak\nconsole.log(phone.indexOf('1'))",
    );
    body("console.log(Object.keys({ phone }))\nconsole.log(Object.values({ phone })) // leak");
    body("console.log(Object.entries({ phone })[0][1]) // leak");
}

#[test]
fn masks_hashes_and_ciphers_protect() {
    body("console.log(phone.slice(0, 3) + '****' + phone.slice(7))");
    body("console.log(phone.replace(/(\\d{3})\\d{4}(\\d{4})/, '$1****$2'))");
    body("const md5 = require('md5')\nconsole.log(md5(phone))");
    body("const hide = (p) => p.substr(0, 3) + '****' + p.substr(7)\nconsole.log(hide(phone))");
    body("const id = (p) => p\nconsole.log(id(phone)) // leak");
}

#[test]
fn data_of_a_page_and_its_paths() {
    check(&[(
        "pages/a.js",
        "Page({\ndata: { form: { phone: '' }, ready: false },\nonLoad() { this.setData({ 'form.phone': wx.getStorageSync('phone'), n: 1 }) },\nsend() {\nif (!this.data.ready) return\nconsole.log(this.data.form) // leak\nconsole.log(this.data.n)\n},\n})",
    )]);
    // An index that is computed.
    check(&[(
        "pages/a.js",
        "Page({\ndata: { list: [] },\nonLoad(q) { this.setData({ [`list[${q.i}].phone`]: wx.getStorageSync('phone') }) },\nsend() { console.log(this.data.list) }, // leak\n})",
    )]);
}

#[test]
fn controls_and_dataset_reach_their_handlers() {
    check(&[
        (
            "pages/a.js",
            "Page({\nonPhone(e) { console.log(e.detail.value) }, // leak\nonCity(e) { console.log(e.detail.value) },\ntap(e) {\nconsole.log(e.currentTarget.dataset.tel) // leak\nconsole.log(e.currentTarget.dataset.index)\n},\nonLoad() { this.setData({ user: { phone: wx.getStorageSync('phone') } }) },\n})",
        ),
        (
            "pages/a.wxml",
            "<input placeholder=\"手机号\" bindinput=\"onPhone\"/>\n<input placeholder=\"商品数量\" bindinput=\"onCity\"/>\n<view data-tel=\"{{user.phone}}\" data-index=\"1\" bindtap=\"tap\"/>",
        ),
    ]);
}

#[test]
fn components_properties_observers_and_events() {
    let json = "{\"usingComponents\": {\"card\": \"/components/card\"}}";
    check(&[
        (
            "components/card.js",
            "Component({\nproperties: { tel: { type: String, observer(v) { console.log(v) } }, n: Number }, // leak\nobservers: { 'tel, n'(tel, n) {\nconsole.log(tel) // leak\nconsole.log(n)\n} },\nmethods: { pick() { this.triggerEvent('picked', { tel: this.data.tel, n: 1 }) } },\n})",
        ),
        ("components/card.json", "{\"component\": true}"),
        ("components/card.wxml", "<view bindtap=\"pick\"/>"),
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ phone: wx.getStorageSync('phone') }) },\n})",
        ),
        ("pages/a.json", json),
        ("pages/a.wxml", "<card tel=\"{{phone}}\" n=\"{{1}}\"/>"),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ phone: wx.getStorageSync('phone') }) },\npicked(e) {\nconsole.log(e.detail.tel) // leak\nconsole.log(e.detail.n)\n},\n})",
        ),
        ("pages/a.json", json),
        (
            "pages/a.wxml",
            "<card tel=\"{{phone}}\" bind:picked=\"picked\"/>",
        ),
        (
            "components/card.js",
            "Component({\nproperties: { tel: String },\nmethods: { pick() { this.triggerEvent('picked', { tel: this.data.tel, n: 1 }) } },\n})",
        ),
        ("components/card.json", "{\"component\": true}"),
        ("components/card.wxml", "<view bindtap=\"pick\"/>"),
    ]);
}

#[test]
fn global_data_open_pages_and_storage() {
    check(&[
        (
            "pages/a.js",
            "const app = getApp()\nPage({ onShow() {\nconsole.log(app.globalData.who) // leak\nconsole.log(app.globalData.n)\nconsole.log(app.phone()) // leak\n} })",
        ),
        (
            "app.js",
            "App({ globalData: { who: null, n: 1 }, onLaunch() { this.globalData.who = wx.getStorageSync('phone') }, phone() { return wx.getStorageSync('phone') } })",
        ),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({ data: { v: 1 }, onShow() { console.log(this.data.v) } }) // leak",
        ),
        (
            "pages/b.js",
            "Page({ onLoad() {\nconst pages = getCurrentPages()\npages[pages.length - 2].setData({ v: wx.getStorageSync('phone') })\n} })",
        ),
        ("pages/c.js", "Page({})"),
        ("utils/x.js", "wx.navigateTo({ url: '/pages/b' })"),
        ("pages/a.wxml", "<navigator url=\"/pages/b\">x</navigator>"),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({ onShow() {\nconsole.log(wx.getStorageSync('k1')) // leak\nconsole.log(wx.getStorageSync('k2'))\nwx.getStorage({ key: 'k1', success(r) { console.log(r.data) } }) // leak\n} })",
        ),
        (
            "pages/b.js",
            "Page({ onLoad(q) { wx.setStorageSync('k1', q.phone); wx.setStorageSync('k2', 1) } })",
        ),
    ]);
}

#[test]
fn queries_event_channels_and_other_programs() {
    check(&[
        (
            "pages/a.js",
            "Page({ onLoad(q) {\nconsole.log(q.t) // leak\nconsole.log(q.n)\nthis.getOpenerEventChannel().on('sent', (d) => console.log(d.v)) // leak\n} })",
        ),
        (
            "pages/b.js",
            "Page({ onLoad() {\nconst phone = wx.getStorageSync('phone')\nwx.navigateTo({ url: '/pages/a?n=1&t=' + phone, success(res) { res.eventChannel.emit('sent', { v: phone }) } })\n} })",
        ),
    ]);
    body(
        "wx.navigateToMiniProgram({ appId: 'x', extraData: { phone } }) // leak\nwx.navigateToMiniProgram({ appId: 'x', extraData: { a: 1 } })",
    );
}

#[test]
fn cloud_functions_both_ways() {
    let cloud = "exports.main = async (event) => ({ back: event.who, n: 1 })";
    for call in [
        "wx.cloud.callFunction({ name: 'echo', data: { who: phone } }).then((res) => {",
        "wx.cloud.callFunction({ name: 'echo', data: { who: phone }, success: (res) => {",
    ] {
        let end = if call.contains("success") {
            "} })"
        } else {
            "})"
        };
        let page = format!(
            "Page({{ onLoad() {{ const phone = wx.getStorageSync('phone')\n{call} // leak\nconsole.log(res.result.back) // leak\nconsole.log(res.result.n)\n{end}\n}} }})"
        );
        check(&[
            ("pages/a.js", &page),
            ("cloudfunctions/echo/index.js", cloud),
            ("cloudfunctions/echo/package.json", "{}"),
            (
                "project.config.json",
                "{\"cloudfunctionRoot\": \"cloudfunctions/\"}",
            ),
        ]);
    }
}

#[test]
fn wrappers_modules_and_answers() {
    check(&[
        (
            "pages/a.js",
            "import { get, save as keep } from '../utils/index'\nimport kit from '../utils/kit'\nPage({ async onLoad(q) {\nconst r = await get('/user')\nconsole.log(r.phone) // leak\nkeep('u', 1)\nconsole.log(kit.same(q.phone)) // leak\nconsole.log(kit.none(q.phone))\n} })",
        ),
        (
            "utils/index.js",
            "export * from './request'\nexport { save } from './store'\n",
        ),
        (
            "utils/request.js",
            "export const get = (url) => new Promise((ok, no) => wx.request({ url, success: (res) => ok(res.data), fail: no }))\n",
        ),
        (
            "utils/store.js",
            "export function save(k, v) { wx.setStorageSync(k, v) }\n",
        ),
        (
            "utils/kit.js",
            "module.exports = { same: (v) => v, none: (v) => v ? 1 : 2 }\n",
        ),
    ]);
}

#[test]
fn data_bases_call_back() {
    body(
        "const db = wx.cloud.database()\ndb.collection('u').where({ a: 1 }).get({ success(res) {\nconsole.log(res.data[0].phone) // leak\nconsole.log(res.data.length)\n} })\ndb.collection('u').doc(1).get().then((res) => console.log(res.data.phone)) // leak",
    );
}

#[test]
fn a_key_that_may_be_many_names_names_nothing() {
    body(
        "const o = {}\nfor (const k of Object.keys({ phone: 1, city: 2 })) {\nwx.uploadFile({ success(res) { o[k] = res.fileID\nconsole.log(o) } })\n}",
    );
}

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

#[test]
fn loops_labels_generators_and_recursion() {
    body(
        "const walk = (n) => n.left ? walk(n.left) : n.v\nconsole.log(walk({ left: { left: { v: phone } } })) // leak",
    );
    body("function* g() { yield 1; yield phone }\nfor (const v of g()) console.log(v) // leak");
    body(
        "outer: for (const a of [1]) { for (const b of [2]) { if (q.x) continue outer; if (q.y) break outer } }\nconsole.log(phone) // leak",
    );
    body("let s = ''\nfor (let i = 0; i < 3; i++) s += phone[i]\nconsole.log(s) // leak");
    body("let x = phone\nwhile (true) { x = 1; if (q.a) break }\nconsole.log(x)");
    body("let x = phone\ndo { x = 1 } while (q.a)\nconsole.log(x)");
    body(
        "for (const k in { phone }) console.log(k)\nconst o = { a: phone }\nfor (const k in o) console.log(o[k]) // leak",
    );
    body(
        "const [, b] = [phone, 1]\nconsole.log(b)\nconst swap = [1, phone]\n;[swap[0], swap[1]] = [swap[1], swap[0]]\nconsole.log(swap[0]) // leak\nconsole.log(swap[1])",
    );
    body(
        "(async () => { for await (const v of [Promise.resolve(phone)]) console.log(v) })() // leak",
    );
}

#[test]
fn operators_and_odd_syntax() {
    body("const o = { a: { phone } }\nconsole.log(o?.a?.phone) // leak\nconsole.log(o.b?.c)");
    body("let x = null\nx ??= phone\nconsole.log(x) // leak");
    body("let x = phone\nx &&= 1\nconsole.log(x)");
    body("console.log(void phone)\nconsole.log(typeof phone)\nconsole.log((1, phone)) // leak");
    body("const t = (s, ...v) => v[0]\nconsole.log(t`a${phone}b`) // leak");
    body(
        "class A { #p = 1; set(v) { this.#p = v } get() { return this.#p } }\nconst a = new A()\na.set(phone)\nconsole.log(a.get()) // leak",
    );
    body(
        "class A { static x = phone; static { A.y = 1 } }\nconsole.log(A.x) // leak\nconsole.log(A.y)",
    );
    body(
        "function A(v) { this.v = v }\nA.prototype.get = function () { return this.v }\nconsole.log(new A(phone).get()) // leak\nconsole.log(new A(1).get())",
    );
    body(
        "const o = { f() { return this.v }, v: phone }\nconst { f } = o\nconsole.log(o.f()) // leak\nconsole.log(f())",
    );
    body("if (q.a) { var x = phone }\nconsole.log(x) // leak");
    body("const x = q.a ? { v: phone } : { v: 1 }\nx.v = 2\nconsole.log(x.v) // leak");
    body(
        "console.log(String(phone)) // leak\nconsole.log(Number(phone)) // leak\nconsole.log(Boolean(phone))\nconsole.log(encodeURIComponent(phone)) // leak\nconsole.log(isNaN(phone))",
    );
    body(
        "console.log(new Date(phone).getTime())\nconsole.log(parseInt(phone, 10)) // leak\nconsole.log(/^1/.test(phone))\nconsole.log(phone.match(/\\d+/)[0]) // leak",
    );
    body(
        "const s = new Set([phone])\nconsole.log([...s]) // leak\nconsole.log(s.has(phone))\nconsole.log(Array.from(s)) // leak",
    );
    body("const p = new Proxy({ phone }, {})\nconsole.log(p.phone) // leak");
    body(
        "console.log(Object.fromEntries([['a', phone]]).a) // leak\nconst f = Object.freeze({ a: phone })\nconsole.log(f.a) // leak",
    );
    body(
        "const o = Object.create({ a: phone })\nconsole.log(o.a) // leak\nObject.defineProperty(o, 'b', { value: phone })\nconsole.log(o.b) // leak",
    );
    body(
        "setTimeout((v) => console.log(v), 1, phone) // leak\nsetTimeout(() => console.log(phone), 1) // leak",
    );
}

#[test]
fn storage_keys_that_are_made() {
    check(&[
        (
            "pages/a.js",
            "Page({ onShow() {\nconst id = wx.getStorageSync('n')\nconsole.log(wx.getStorageSync('draft_' + id)) // leak\nconsole.log(wx.getStorageSync('other_' + id))\nconsole.log(wx.getStorageSync(`phone_${id}`)) // leak\n} })",
        ),
        (
            "pages/b.js",
            "Page({ onLoad(q) { wx.setStorageSync('draft_' + q.n, q.phone) } })",
        ),
    ]);
}

#[test]
fn templates_lists_and_imports() {
    check(&[
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ list: [{ tel: wx.getStorageSync('phone'), n: 1 }] }) },\ntap(e) {\nconsole.log(e.currentTarget.dataset.row.tel) // leak\nconsole.log(e.currentTarget.dataset.row.n)\n},\ninner(e) { console.log(e.target.dataset.tel) }, // leak\n})",
        ),
        (
            "pages/a.wxml",
            "<import src=\"../parts/row.wxml\"/>\n<view wx:for=\"{{list}}\" wx:for-item=\"row\" data-row=\"{{row}}\" bindtap=\"tap\"><template is=\"row\" data=\"{{...row}}\"/></view>",
        ),
        (
            "parts/row.wxml",
            "<template name=\"row\"><text data-tel=\"{{tel}}\" catchtap=\"inner\">x</text></template>",
        ),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({ data: { mobile: '' },\nsend() { console.log(this.data.mobile) }, // leak\nclear() { this.setData({ mobile: '' }) },\n})",
        ),
        (
            "pages/a.wxml",
            "<input model:value=\"{{mobile}}\" placeholder=\"手机号\"/><button bindtap=\"send\"/>",
        ),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({ submit(e) {\nconsole.log(e.detail.value.tel) // leak\nconsole.log(e.detail.value.count)\n} })",
        ),
        (
            "pages/a.wxml",
            "<form bindsubmit=\"submit\"><input name=\"tel\" placeholder=\"手机号\"/><input name=\"count\" placeholder=\"数量\"/></form>",
        ),
    ]);
}

#[test]
fn behaviors_mixins_and_children() {
    check(&[
        (
            "pages/a.js",
            "const b = require('../b')\nComponent({ behaviors: [b], methods: { show() {\nconsole.log(this.phoneOf()) // leak\nconsole.log(this.data.kept) // leak\n} } })",
        ),
        ("pages/a.json", "{\"component\": true}"),
        ("pages/a.wxml", "<view bindtap=\"show\"/>"),
        (
            "b.js",
            "module.exports = Behavior({ data: { kept: '' }, attached() { this.setData({ kept: wx.getStorageSync('phone') }) }, methods: { phoneOf() { return wx.getStorageSync('phone') } } })",
        ),
    ]);
    check(&[
        (
            "pages/a.js",
            "Page({ tap() { const c = this.selectComponent('#c'); console.log(c.data.tel); c.set(1) } }) // leak",
        ),
        ("pages/a.json", "{\"usingComponents\": {\"c\": \"/c\"}}"),
        ("pages/a.wxml", "<c id=\"c\"/><view bindtap=\"tap\"/>"),
        ("c.json", "{\"component\": true}"),
        (
            "c.js",
            "Component({ data: { tel: '' }, attached() { this.setData({ tel: wx.getStorageSync('phone') }) }, methods: { set() {} } })",
        ),
    ]);
}

#[test]
fn event_buses_and_stores_of_the_app() {
    check(&[
        (
            "pages/a.js",
            "const bus = require('../bus')\nPage({ onLoad() {\nbus.on('a', (v) => console.log(v)) // leak\nbus.on('b', (v) => console.log(v))\n} })",
        ),
        (
            "pages/b.js",
            "const bus = require('../bus')\nPage({ onLoad() { bus.emit('a', wx.getStorageSync('phone')); bus.emit('b', 1) } })",
        ),
        (
            "bus.js",
            "class Bus { constructor() { this.map = {} } on(n, f) { (this.map[n] = this.map[n] || []).push(f) } emit(n, ...a) { (this.map[n] || []).forEach((f) => f(...a)) } }\nmodule.exports = new Bus()",
        ),
    ]);
    check(&[
        (
            "pages/a.js",
            "const s = require('../store')\nPage({ onShow() {\nconsole.log(s.get().phone) // leak\nconsole.log(s.get().n)\n} })",
        ),
        (
            "pages/b.js",
            "const s = require('../store')\nPage({ onLoad() { s.set({ phone: wx.getStorageSync('phone'), n: 1 }) } })",
        ),
        (
            "store.js",
            "let state = {}\nmodule.exports = { get: () => state, set(p) { state = Object.assign({}, state, p) } }",
        ),
    ]);
}

#[test]
fn callbacks_of_platform_calls() {
    body(
        "wx.getLocation({ type: 'gcj02', complete(r) { console.log(r.latitude) }, fail(e) { console.log(e) } }) // leak",
    );
    body(
        "wx.getUserProfile({ desc: 'x' }).then(({ userInfo }) => console.log(userInfo.nickName)) // leak",
    );
    body(
        "const send = (data, ok) => wx.request({ url: '/x', data, success: ({ data }) => ok && ok(data) })\nsend({}, (d) => {\nconsole.log(d.user.phone) // leak\nconsole.log(d.code)\n})",
    );
    body(
        "wx.chooseAddress().then((r) => { const { telNumber, ...rest } = r\nconsole.log(telNumber) // leak\nconsole.log(rest.errMsg)\n})",
    );
    body(
        "wx.login({ success: ({ code }) => wx.request({ url: '/login', data: { code }, success(res) { console.log(res.data.session_key) } }) }) // leak",
    );
}

/// Once a shim for old browsers took the log away from a whole app.
#[test]
fn what_fills_in_for_the_host_does_not_replace_it() {
    check(&[
        (
            "pages/a.js",
            "require('../shim')\nPage({ onLoad() { console.log(wx.getStorageSync('phone')) } }) // leak",
        ),
        (
            "shim.js",
            "if (typeof console === 'undefined') { console = { log: function (m) { alert(m) } } }\nif (typeof x == 'undefined') { x = 1 }\n",
        ),
    ]);
    body("console.log = () => {}\nconsole.log(phone)");
}

#[test]
fn events_of_inner_elements_reach_the_handler_around_them() {
    check(&[
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ list: [{ tel: wx.getStorageSync('phone') }] }) },\ntap(e) {\nconsole.log(e.target.dataset.tel) // leak\nconsole.log(e.currentTarget.dataset.tel)\nconsole.log(e.target.dataset.n)\n},\n})",
        ),
        (
            "pages/a.wxml",
            "<view bindtap=\"tap\"><view><text wx:for=\"{{list}}\" data-tel=\"{{item.tel}}\" data-n=\"1\">x</text></view></view><text data-tel=\"1\">y</text>",
        ),
    ]);
}

#[test]
fn marks_come_with_the_event() {
    check(&[
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ tel: wx.getStorageSync('phone') }) },\ntap(e) {\nconsole.log(e.mark.tel) // leak\nconsole.log(e.mark.n)\n},\n})",
        ),
        (
            "pages/a.wxml",
            "<view bindtap=\"tap\" mark:tel=\"{{tel}}\" mark:n=\"1\">x</view>",
        ),
    ]);
}

#[test]
fn a_reduction_hands_each_result_to_the_next_call() {
    body(
        "const pipe = (...fs) => x => fs.reduce((v, f) => f(v), x)\nconsole.log(pipe(x => x.trim(), x => 'a' + x)(phone)) // leak\nconsole.log(pipe(x => x, x => x.length)(phone))",
    );
    body(
        "const compose = (...fs) => x => fs.reduceRight((v, f) => f(v), x)\nconsole.log(compose(x => x.length, x => x)(phone))\nconsole.log(compose(x => x, x => x.trim())(phone)) // leak",
    );
    body("console.log([1, phone].reduce((a, b) => a + b)) // leak");
    body("console.log(q.list.reduce((a, b) => a + b + phone, '')) // leak");
}

#[test]
fn generators_are_read_step_by_step() {
    body(
        "function* g(x) { yield 1; yield x }\nconst steps = g(phone)\nsteps.next()\nconsole.log(steps.next().value) // leak\nconsole.log(steps.next().done)",
    );
}

#[test]
fn symbols_and_keys_of_maps_are_told_apart() {
    body(
        "const A = Symbol('a'), B = Symbol('a')\nconst o = { [A]: phone, [B]: 1, c: 2 }\nconsole.log(o[A]) // leak\nconsole.log(o[B])\nconsole.log(o.c)",
    );
    body(
        "const m = new Map([['p', phone], ['n', 1]])\nconsole.log(m.get('p')) // leak\nconsole.log(m.get('n'))\nconsole.log(m.size)",
    );
    body("const list = [1, phone]\nconsole.log(list.at(-1)) // leak\nconsole.log(list.at(0))");
    body("console.log([1].with(0, phone)) // leak");
}

#[test]
fn an_export_is_the_variable() {
    check(&[
        (
            "pages/a.js",
            "import * as all from '../b'\nimport { shared } from '../b'\nPage({ onLoad() {\nall.fill()\nconsole.log(all.shared) // leak\nconsole.log(all.other)\n} })",
        ),
        (
            "b.js",
            "export let shared = ''\nexport let other = ''\nexport function fill() { shared = wx.getStorageSync('phone'); other = 1 }",
        ),
    ]);
}

#[test]
fn what_waits_for_the_next_drawing_or_watches_a_field_is_called() {
    check(&[
        (
            "pages/a/a.vue",
            "<template><view/></template>\n<script>\nexport default { data() { return { tel: '', n: 1 } }, onLoad() {\nthis.tel = uni.getStorageSync('phone')\nthis.$nextTick(() => { console.log(this.tel) }) // leak\nthis.$nextTick().then(() => { console.log(this.tel) }) // leak\nthis.$watch('tel', (v) => { console.log(v) }) // leak\nthis.$watch('n', (v) => { console.log(v) })\n} }\n</script>\n",
        ),
        ("pages.json", "{\"pages\": [{\"path\": \"pages/a/a\"}]}"),
        ("manifest.json", "{\"name\": \"x\"}"),
        ("app.json", "{}"),
    ]);
}

#[test]
fn elements_of_packages_call_what_they_are_given() {
    check(&[
        (
            "pages/a/a.vue",
            "<template><u-form ref=\"f\"/></template>\n<script>\nexport default { data() { return { tel: '', n: 1 } }, onLoad() {\nthis.tel = uni.getStorageSync('phone')\nthis.$refs.f.validate(ok => { if (ok) console.log(this.tel) }) // leak\nthis.$refs.f.validate().then(() => { console.log(this.tel) }) // leak\nthis.$refs.f.validate(ok => { console.log(ok, this.n) })\nconsole.log(this.$refs.f.avatar)\n} }\n</script>\n",
        ),
        ("pages.json", "{\"pages\": [{\"path\": \"pages/a/a\"}]}"),
        ("manifest.json", "{\"name\": \"x\"}"),
        ("app.json", "{}"),
    ]);
}

#[test]
fn a_page_of_wepy_reads_the_app_by_its_parent() {
    check(&[
        (
            "src/pages/index.wpy",
            "<template><view/></template>\n<script>\nimport wepy from 'wepy'\nexport default class Index extends wepy.page { data = { tel: '' }\nonLoad() { this.tel = this.$parent.globalData.tel\nconsole.log(this.tel) // leak\nconsole.log(this.$parent.globalData.n) } }\n</script>\n",
        ),
        (
            "src/app.wpy",
            "<script>\nimport wepy from 'wepy'\nexport default class extends wepy.app { config = { pages: ['pages/index'] }\nglobalData = { tel: '', n: 1 }\nonLaunch() { this.globalData.tel = wx.getStorageSync('phone') } }\n</script>\n",
        ),
        ("app.json", "{}"),
    ]);
}
