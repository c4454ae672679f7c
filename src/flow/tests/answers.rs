//! What is known of answers: refusals, retries, wrappers, functions that nobody understands. What must flow and what
//! must not.

use super::{body, check};

/// A page that asks a server for a user's telephone and shows it.
fn answer(code: &str) {
    let page = format!(
        "Page({{ onLoad() {{\nwx.request({{ url: 'https://a.shop.example/user', success(res) {{\nthis.setData({{ tel: res.data.user.phone }})\n{code}\n}} }}) }} }})"
    );
    check(&[("pages/a.js", &page)]);
}

#[test]
fn a_refusal_holds_nothing_of_a_person() {
    answer("console.log(res) // leak");
    answer(
        "if (res.data.code === 0) { console.log(res) // leak\n} else { console.log(res)\nconsole.log(res.data) }",
    );
    answer("if (res.statusCode !== 200) { console.log(res); return }\nconsole.log(res) // leak");
    answer(
        "if (!res.data.success) { console.log(res.data) } else { console.log(res.data) // leak\n}",
    );
    answer(
        "if (200 == res.statusCode && res.data.errno == 0) { this.ok() } else { console.log(res) }",
    );
    answer("if (isSuccess(res)) { this.ok() } else { console.log(res) }");
    answer("if (res.statusCode === 500) { console.log(res) } else { console.log(res) // leak\n}");
}

#[test]
fn what_says_nothing_of_failure_leaves_data() {
    // Another server's 1 is a failure: the other branch reads data.
    answer(
        "if (res.data.code == 1) { wx.showToast({ title: res.data.msg }) } else { console.log(res.data) // leak\n}",
    );
    answer(
        "if (res.data.code == 1) { this.a() } else { this.n = res.data.user.age\nconsole.log(res.data.user) // leak\n}",
    );
    // The record's own status.
    answer(
        "const user = res.data.user\nif (user.status === 1) { this.a() } else { console.log(user) // leak\n}",
    );
    answer(
        "if (res.data.code === 7) { console.log(res) // leak\n} else { console.log(res) // leak\n}",
    );
    answer("if (res.data.code === 0) { this.a() } else { this.b() }\nconsole.log(res) // leak");
}

#[test]
fn an_event_without_what_it_should_bring_is_empty() {
    let template = (
        "pages/a.wxml",
        "<button open-type=\"getUserInfo\" bindgetuserinfo=\"got\">x</button>",
    );
    for page in [
        "Page({ got(e) {\nif (e.detail.userInfo) { console.log(e) // leak\n} else { console.log(e) }\n} })",
        "Page({ got(e) {\nif (e.detail.errMsg !== 'getUserInfo:ok') { console.log(e.detail)\nreturn }\nconsole.log(e.detail) // leak\n} })",
        "Page({ got(e) {\nif (!e.detail.errMsg || e.detail.errMsg != 'getUserInfo:ok') { console.log(e) }\n} })",
        "Page({ got(e) {\nif (e.detail.errMsg === 'getUserInfo:fail auth deny') { console.log(e) }\n} })",
    ] {
        check(&[("pages/a.js", page), template]);
    }
}

#[test]
fn a_rejected_refusal_is_an_error() {
    check(&[
        (
            "pages/a.js",
            "const ask = require('../utils/ask.js')\nPage({ async onLoad() {\ntry { const r = await ask('/me')\nthis.setData({ tel: r.user.phone })\nconsole.log(r) // leak\n} catch (e) { console.log(e) }\nask('/me').then(r => { console.log(r.user.phone) }) // leak\n.catch(e => console.log('failed', e))\n} })",
        ),
        (
            "utils/ask.js",
            "module.exports = url => new Promise((resolve, reject) => { wx.request({ url: 'https://a.shop.example' + url, success(res) { if (res.data.code === 0) { resolve(res.data.data) } else { reject(res.data) } }, fail: reject }) })",
        ),
    ]);
}

#[test]
fn a_retry_brings_what_the_call_brings() {
    let page = "const ask = require('../utils/ask.js')\nPage({ async onLoad() {\nconst phone = wx.getStorageSync('phone')\nconst ticket = await ask({ url: '/t', data: { phone } })\nwx.navigateTo({ url: '/pages/b?id=' + ticket.id })\nwx.navigateTo({ url: '/pages/b?tel=' + phone }) // leak\n} })";
    check(&[
        ("pages/a.js", page),
        (
            "utils/ask.js",
            "module.exports = async function ask(o) { const res = await wx.request({ url: 'https://a.shop.example' + o.url, method: 'POST', data: o.data }).catch(e => e)\nif (res.statusCode === 401) { return ask(o) }\nreturn res.data }",
        ),
    ]);
    check(&[
        ("pages/a.js", page),
        (
            "utils/ask.js",
            "function ask(o) { return new Promise((ok, no) => { wx.request({ url: 'https://a.shop.example' + o.url, method: 'POST', data: o.data, success(res) { if (res.statusCode === 401) { wx.login({ success() { ok(ask(o)) } }) } else { ok(res.data) } }, fail: no }) }) }\nmodule.exports = ask",
        ),
    ]);
    // A function that works on what it is given is another matter.
    body(
        "function flat(v) { return Array.isArray(v) ? v.map(flat) : v }\nconsole.log(flat([[[[phone]]]])) // leak",
    );
}

#[test]
fn who_is_asked_and_waited_for_gives_an_answer_of_their_own() {
    check(&[(
        "pages/a.js",
        "import api from 'some-sdk'\nPage({ async onLoad() {\nconst phone = wx.getStorageSync('phone')\nconst res = await api.login(phone, 'x')\nwx.showToast({ title: res.msg })\nconsole.log(res.msg)\napi.login({ phone }).then(r => { console.log(r.msg) })\nconsole.log(api.format(phone)) // leak\n} })",
    )]);
}

#[test]
fn what_a_wrapper_reads_of_every_answer_tells_nothing() {
    let wrapper = "const ask = url => new Promise(ok => { wx.request({ url: 'https://a.shop.example' + url, success(res) {\nif (res.data.code === 200 || res.data.token) ok(res.data)\n} }) })\n";
    let calls = "Page({ onLoad() {\nask('/a').then(r => { this.a = r.list\nconsole.log(r) })\nask('/b').then(r => { this.b = r.rows\nconsole.log(r) })\nask('/c').then(r => { this.c = r.sum\nconsole.log(r) })\nask('/login').then(r => { this.d = r.user.phone\nconsole.log(r) }) // leak\n} })";
    check(&[("pages/a.js", &format!("{wrapper}{calls}"))]);
}

#[test]
fn a_list_of_organisations_holds_their_telephones() {
    check(&[(
        "pages/a.js",
        "Page({ onLoad() {\nwx.request({ url: 'https://a.shop.example/near', success: (res) => {\nthis.setData({ shops: res.data.list })\nconst first = res.data.list[0]\nconsole.log(first.linkPhone)\nconsole.log(res.data.user.phone) // leak\n} })\n} })",
    )]);
}
