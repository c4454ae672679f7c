//! The hidden ways of an app: pages, components, templates, storage, queries, events, clouds, frameworks.

use super::{body, check, flows};

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
fn what_a_label_says_outweighs_the_name_of_a_field() {
    check(&[
        (
            "pages/a.js",
            "Page({ submit(e) {\nconst form = e.detail.value\nconsole.log(form.password)\nconsole.log(form.email)\nconsole.log(form.code) // leak\nconsole.log(form.mobile) // leak\n} })",
        ),
        (
            "pages/a.wxml",
            "<form bindsubmit=\"submit\"><input name=\"password\" placeholder=\"请输入优惠券口令\"/><input name=\"email\" placeholder=\"商品网址\"/><input name=\"code\" placeholder=\"请输入手机号\"/><input name=\"mobile\" placeholder=\"请输入账号\"/></form>",
        ),
    ]);
}

#[test]
fn the_name_of_a_picture_tells_what_it_shows() {
    let held = |name: &str| {
        let text = format!(
            "Page({{ tap() {{ wx.chooseMedia({{ success: (res) => {{\nconst {name} = res.tempFiles[0].tempFilePath\nwx.setStorageSync('x', {name})\n}} }}) }} }})"
        );
        let found = flows(&[
            ("pages/a.js", text.as_str()),
            ("pages/a.wxml", "<view bindtap=\"tap\"/>"),
        ]);
        let classes: Vec<&str> = found.iter().filter_map(|f| f.split(':').next()).collect();
        classes.join(" ")
    };
    assert_eq!(held("banner"), "media");
    assert_eq!(held("sfzImage"), "id-photo media");
    assert_eq!(held("phone"), "media");
}

#[test]
fn a_list_of_controls_is_all_that_its_labels_say() {
    check(&[(
        "pages/a.jsx",
        "import { Input } from '@tarojs/components'\nconst fields = [{ name: 'a', tip: '请输入订单号' }, { name: 'b', tip: '请输入身份证号' }]\nexport default () => fields.map((f) => <Input placeholder={f.tip} onInput={(e) => {\nconsole.log(e.detail.value) // leak\n}}/>)",
    )]);
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
    // Marks of what is around the element come too, its own before them.
    check(&[
        (
            "pages/a.js",
            "Page({\nonLoad() { this.setData({ tel: wx.getStorageSync('phone') }) },\ntap(e) {\nconsole.log(e.mark.tel) // leak\nconsole.log(e.mark.own)\n},\n})",
        ),
        (
            "pages/a.wxml",
            "<view mark:tel=\"{{tel}}\" mark:own=\"{{tel}}\"><text bindtap=\"tap\" mark:own=\"1\">x</text></view>",
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

#[test]
fn cards_may_be_promised_and_links_copied() {
    check(&[(
        "pages/a.js",
        "Page({\nonLoad() {\nthis.phone = wx.getStorageSync('phone')\nthis.setInitialRenderingCache({ phone: this.phone }) // leak\nwx.onCopyUrl(() => ({ query: 'p=' + this.phone })) // leak\n},\nonShareAppMessage() {\nconst promise = new Promise(done => setTimeout(() => done({ title: 'x',\npath: '/a?p=' + this.phone }), 100)) // leak\nreturn { title: 'x', path: '/a', promise }\n},\n})",
    )]);
}

#[test]
fn components_call_the_handlers_they_were_given() {
    check(&[
        (
            "pages/a.js",
            "Page({ data: { tel: '' },\nonLoad() { this.setData({ tel: my.getStorageSync({ key: 'phone' }).data }) },\ngot(v, n) {\nconsole.log(v) // leak\nconsole.log(n)\n},\n})",
        ),
        ("pages/a.axml", "<card tel=\"{{tel}}\" onGot=\"got\"/>"),
        (
            "pages/a.json",
            "{\"usingComponents\": {\"card\": \"/card\"}}",
        ),
        ("card.json", "{\"component\": true}"),
        (
            "card.js",
            "Component({ props: { tel: '', onGot: () => {} }, didMount() { this.props.onGot(this.props.tel, 1) } })",
        ),
        ("card.axml", "<view/>"),
        ("mini.project.json", "{}"),
    ]);
}

#[test]
fn related_components_are_handed_over() {
    check(&[
        (
            "item.js",
            "Component({ relations: { './list': { type: 'parent' } }, methods: {\nset(v) { console.log(v) }, // leak\ncount(v) { console.log(v) },\n} })",
        ),
        ("item.json", "{\"component\": true}"),
        ("item.wxml", "<view/>"),
        (
            "list.js",
            "Component({ relations: { './item': { type: 'child', linked(item) { item.set(wx.getStorageSync('phone')) } } },\nready() { this.getRelationNodes('./item').forEach((item) => item.count(1)) },\n})",
        ),
        ("list.json", "{\"component\": true}"),
        ("list.wxml", "<slot/>"),
        ("pages/a.js", "Page({})"),
        (
            "pages/a.json",
            "{\"usingComponents\": {\"my-list\": \"/list\", \"my-item\": \"/item\"}}",
        ),
        ("pages/a.wxml", "<my-list><my-item/></my-list>"),
    ]);
}

#[test]
fn addresses_that_are_assigned_and_changes_that_are_watched() {
    check(&[(
        "pages/a.js",
        "Page({ onLoad() {\nwx.createInnerAudioContext().src = 'http://a.example.com/?p=' + wx.getStorageSync('phone') // leak\nwx.cloud.database().collection('users').watch({ onChange(s) { console.log(s.docs[0].phone) }, onError() {} }) // leak\n} })",
    )]);
}

#[test]
fn data_is_read_by_its_path() {
    check(&[
        (
            "pages/a.js",
            "Page({ data: { user: { tel: '', n: 1 } }, onLoad() {\nthis.setData('user.tel', swan.getStorageSync('phone'))\nconsole.log(this.getData('user.tel')) // leak\nconsole.log(this.getData('user.n'))\n} })",
        ),
        ("project.swan.json", "{}"),
    ]);
}

/// A page that hands a number over to the next one in its address, and that page.
fn check_next_page(script: &str, config: &str) {
    check(&[
        ("app.json", "{\"pages\": [\"pages/a\", \"pages/b\"]}"),
        (
            "pages/a.js",
            "Page({ go() { wx.navigateTo({ url: '/pages/b?tel=' + wx.getStorageSync('phone') + '&n=1' }) } }) // leak",
        ),
        ("pages/a.wxml", "<view bindtap=\"go\"/>"),
        ("pages/b.js", script),
        ("pages/b.json", config),
        ("pages/b.wxml", "<view/>"),
    ]);
}

#[test]
fn a_page_keeps_its_query() {
    check_next_page(
        "Page({ onReady() {\nconsole.log(this.options.tel) // leak\nconsole.log(this.options.n)\n} })",
        "{}",
    );
}

#[test]
fn a_component_that_is_a_page_gets_the_query_as_properties() {
    check_next_page(
        "Component({ properties: { tel: String, n: String }, methods: { onLoad() {\nconsole.log(this.data.tel) // leak\nconsole.log(this.data.n)\n} } })",
        "{\"component\": true}",
    );
}

#[test]
fn a_method_of_the_app_may_be_called_watch() {
    check(&[
        (
            "app.js",
            "App({ globalData: {}, watch(key, told) { Object.defineProperty(this.globalData, key, { set(v) { told(v) } }) } })",
        ),
        (
            "pages/a.js",
            "const app = getApp()\nPage({\nonLoad() { app.watch('tel', this.seen) },\nseen(v) { console.log(v) }, // leak\ntap() { app.globalData.tel = wx.getStorageSync('phone') },\n})",
        ),
        ("pages/a.wxml", "<view bindtap=\"tap\"/>"),
    ]);
}

#[test]
fn components_in_small_letters_and_bound_objects() {
    check(&[
        ("manifest.json", "{}"),
        ("pages.json", "{\"pages\": [{\"path\": \"pages/a\"}]}"),
        (
            "pages/a.vue",
            "<template><view><card v-bind=\"user\" :n=\"1\"/></view></template>\n<script setup>\nimport { reactive } from 'vue'\nimport card from '@/components/card.vue'\nconst user = reactive({ tel: uni.getStorageSync('phone') })\n</script>",
        ),
        (
            "components/card.vue",
            "<template><view/></template>\n<script setup>\nconst props = defineProps(['tel', 'n'])\nconsole.log(props.tel) // leak\nconsole.log(props.n)\n</script>",
        ),
    ]);
}

#[test]
fn a_property_that_a_component_changes_is_the_pages() {
    check(&[
        (
            "components/field.js",
            "Component({ properties: { value: String }, lifetimes: { attached() { this.setData({ value: wx.getStorageSync('phone') }) } } })",
        ),
        ("components/field.json", "{\"component\": true}"),
        ("components/field.wxml", "<view/>"),
        (
            "pages/a.js",
            "Page({ data: { tel: '', n: 1 }, save() {\nconsole.log(this.data.tel) // leak\nconsole.log(this.data.n)\n} })",
        ),
        (
            "pages/a.json",
            "{\"usingComponents\": {\"field\": \"/components/field\"}}",
        ),
        (
            "pages/a.wxml",
            "<field model:value=\"{{tel}}\"/><view bindtap=\"save\"/>",
        ),
    ]);
}

#[test]
fn what_a_call_brought_outlives_the_handler_of_its_failure() {
    check(&[
        (
            "pages/a.js",
            "Page({ onLoad() { wx.request({ url: 'https://a.example.com', success: r => { this.setData({ tel: r.data.phone }) }, fail: () => { this.setData({ tel: '' }) } }) },\ntap() { console.log(this.data.tel) } }) // leak",
        ),
        ("pages/a.wxml", "<view bindtap=\"tap\"/>"),
    ]);
    check(&[
        (
            "pages/a.js",
            "const ask = () => new Promise((done, failed) => wx.request({ url: 'https://a.example.com', success: r => done(r.data), fail: () => failed('x') }))\nPage({ onLoad() { ask().then(r => { this.setData({ tel: r.phone }) }).catch(() => { this.setData({ tel: '' }) }) },\ntap() { console.log(this.data.tel) } }) // leak",
        ),
        ("pages/a.wxml", "<view bindtap=\"tap\"/>"),
    ]);
}

#[test]
fn a_log_in_that_asks_to_log_in_again_ends() {
    check(&[
        (
            "app.js",
            "const ask = (url, data) => new Promise((done, failed) => wx.request({ url, data, success: r => {\nif (r.data.code === 401) getApp().logIn().then(() => ask(url, data).then(done))\nelse done(r.data) }, fail: failed }))\nApp({ ask, logIn() { return new Promise(done => wx.login({ success: r => ask('https://a.example.com/in', { code: r.code }).then(done) })) } })",
        ),
        (
            "pages/a.js",
            "Page({ onLoad() { const app = getApp()\napp.ask('https://a.example.com/1', {}).then(r => { console.log(r.phone) }) // leak\napp.ask('https://a.example.com/2', {}).then(r => { console.log(r.idCard) }) // leak\napp.ask('https://a.example.com/3', {}).then(r => { console.log(r.count) }) } })",
        ),
    ]);
}
