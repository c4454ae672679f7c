//! Packages whose code a bundler has put together: modules under ids, as webpack 3, 4 and 5 write them for uni-app, Taro and
//! others. The bundles are written here in the shape of their output, minified where names matter.

use super::packages::{bundle, json, pack};
use std::collections::BTreeSet;
use std::fs;

/// `class call protection file` of every flow through a package of modules.
fn flows(pages: &[&str], modules: &[(&str, &str)]) -> BTreeSet<String> {
    let dir = tempfile::tempdir().unwrap();
    let pages = serde_json::json!({ "pages": pages }).to_string();
    let service = bundle(modules);
    let whole = pack(&[("/app-config.json", &pages), ("/app-service.js", &service)]);
    fs::write(dir.path().join("app.wxapkg"), whole).unwrap();
    let report = json(dir.path(), &["flows", "app.wxapkg"]);
    let mut found = BTreeSet::new();
    for flow in report["flows"].as_array().unwrap() {
        let sink = &flow["sink"];
        for class in flow["data"].as_array().unwrap() {
            let file = sink["file"].as_str().unwrap();
            found.insert(format!(
                "{} {} {} {}",
                class.as_str().unwrap(),
                sink["api"].as_str().unwrap(),
                flow["protection"].as_str().unwrap(),
                file.strip_prefix("app.wxapkg/").unwrap_or(file),
            ));
        }
    }
    found
}

fn expect(pages: &[&str], modules: &[(&str, &str)], wanted: &[&str]) {
    let found = flows(pages, modules);
    let wanted: BTreeSet<String> = wanted.iter().map(|&w| w.to_owned()).collect();
    assert_eq!(found, wanted);
}

/// What every uni-app package of Vue 2 has: its app's script, and modules of the framework.
const UNI_APP: (&str, &str) = (
    "app.js",
    r#"require("./common/runtime.js");require("./common/vendor.js");require("./common/main.js");"#,
);
const UNI_MAIN: (&str, &str) = (
    "common/main.js",
    r#"(global["webpackJsonp"]=global["webpackJsonp"]||[]).push([["common/main"],{"56d7":function(t,e,n){"use strict";(function(t){var e=a(n("66fd")),o=a(n("3dfd"));function a(t){return t&&t.__esModule?t:{default:t}}o.default.mpType="app";t(new e.default(Object.assign({},o.default))).$mount()}).call(this,n("543d")["createApp"])},"3dfd":function(t,e,n){"use strict";n.r(e);e["default"]={onLaunch:function(){}}}},[["56d7","common/runtime","common/vendor"]]]);"#,
);
const UNI_RUNTIME: (&str, &str) = (
    "common/runtime.js",
    r#"!function(e){function t(t){for(var r,a,i=t[0],s=t[1],f=0;f<i.length;f++)a=i[f],n[a]=0;for(r in s)Object.prototype.hasOwnProperty.call(s,r)&&(e[r]=s[r])}var r={},n={"common/runtime":0};function o(t){if(r[t])return r[t].exports;var n=r[t]={i:t,l:!1,exports:{}};return e[t].call(n.exports,n,n.exports,o),n.l=!0,n.exports}o.m=e;var a=global["webpackJsonp"]=global["webpackJsonp"]||[];a.push=t;for(var i=0;i<a.length;i++)t(a[i])}([]);"#,
);
const UNI_VENDOR: (&str, &str) = (
    "common/vendor.js",
    r#"(global["webpackJsonp"]=global["webpackJsonp"]||[]).push([["common/vendor"],{
"543d":function(t,e,n){"use strict";(function(t){Object.defineProperty(e,"__esModule",{value:!0}),e.createApp=o,e.createPage=r,e.createComponent=i,e.default=void 0;function o(t){App(t)}function r(t){return Component(a(t))}function i(t){return Component(a(t))}function a(t){var e={};for(var n in t)e[n]=t[n];return e}var u=new Proxy({},{get:function(e,n){return t[n]}});e.default=u}).call(this,n("c8ba"))},
"66fd":function(t,e,n){"use strict";n.r(e);function r(t){this._init(t)}r.extend=function(t){},r.mixin=function(t){},r.nextTick=function(t){},r.observable=function(t){return t},r.prototype.$mount=function(){},e["default"]=r},
"c8ba":function(t,e){t.exports=wx},
"f0c5":function(t,e,n){"use strict";function r(t,e,n,r,o,i,a,u,c,s){var f,l="function"===typeof t?t.options:t;return e&&(l.render=e,l.staticRenderFns=n,l._compiled=!0),i&&(l._scopeId="data-v-"+i),{exports:t,options:l}}n.d(e,"a",(function(){return r}))},
"b775":function(t,e,n){"use strict";(function(t){Object.defineProperty(e,"__esModule",{value:!0}),e.keep=r,e.default=void 0;function r(e,n){t.setStorageSync(e,n)}var o={post:function(e,n){return t.request({url:"https://api.example.com"+e,data:n})}};e.default=o}).call(this,n("543d")["default"])}
}]);"#,
);

#[test]
fn pages_of_uni_app_pass_data_through_their_vendor_chunk() {
    let page = r#"(global["webpackJsonp"]=global["webpackJsonp"]||[]).push([["pages/login/login"],{
"0a1f":function(t,e,n){"use strict";n.r(e);var r=n("77bc"),o=n.n(r);for(var i in r)["default"].indexOf(i)<0&&function(t){n.d(e,t,(function(){return r[t]}))}(i);e["default"]=o.a},
"1c4e":function(t,e,n){"use strict";n.d(e,"b",(function(){return r})),n.d(e,"c",(function(){return o})),n.d(e,"a",(function(){}));var r=function(){var t=this,e=t.$createElement;t._self._c},o=[]},
"20d2":function(t,e,n){"use strict";(function(t,e){n("921b");r(n("66fd"));var o=r(n("4bd8"));function r(t){return t&&t.__esModule?t:{default:t}}t.__webpack_require_UNI_MP_PLUGIN__=n,e(o.default)}).call(this,n("c8ba"),n("543d")["createPage"])},
"4bd8":function(t,e,n){"use strict";n.r(e);var r=n("1c4e"),o=n("0a1f");for(var i in o)["default"].indexOf(i)<0&&function(t){n.d(e,t,(function(){return o[t]}))}(i);var a=n("f0c5"),u=Object(a["a"])(o["default"],r["b"],r["c"],!1,null,"6ab3",null,!1,r["a"],void 0);e["default"]=u.exports},
"77bc":function(t,e,n){"use strict";(function(t){Object.defineProperty(e,"__esModule",{value:!0}),e.default=void 0;var r=o(n("b775"));function o(t){return t&&t.__esModule?t:{default:t}}var i={data:function(){return{tel:""}},methods:{pick:function(){var e=this;t.chooseAddress({success:function(t){e.tel=t.telNumber,e.save()}})},save:function(){(0,n("b775").keep)("tel",this.tel),r.default.post("/address",{n:this.tel})},fine:function(){(0,n("b775").keep)("theme","dark")}}};e.default=i}).call(this,n("543d")["default"])},
"921b":function(t,e,n){}
},[["20d2","common/runtime","common/vendor"]]]);"#;
    expect(
        &["pages/login/login"],
        &[
            UNI_APP,
            UNI_MAIN,
            UNI_RUNTIME,
            ("pages/login/login.js", page),
            UNI_VENDOR,
        ],
        &[
            "phone uni.request none common/vendor.js",
            "phone uni.setStorageSync none common/vendor.js",
        ],
    );
}

/// Webpack 4 with numbers for ids, modules in an array with holes, exports under short names.
#[test]
fn numbered_modules_in_arrays_are_linked() {
    let common = r#"(wx.webpackJsonp=wx.webpackJsonp||[]).push([[1],[function(e,t,n){"use strict";n.d(t,"b",(function(){return a})),n.d(t,"c",(function(){return i}));var r=n(2),o=n.n(r);function a(e){o.a.save(e)}function i(e){o()(e.slice(0,3)+"****"+e.slice(7))}},,function(e,t){function n(e){console.log(e)}n.save=function(e){wx.setStorageSync("t",e)},e.exports=n}]]);"#;
    let page = r#"(wx.webpackJsonp=wx.webpackJsonp||[]).push([[2],{5:function(e,t,n){"use strict";n.r(t);var r=n(0);Page({onTap:function(){wx.chooseAddress({success:function(e){Object(r.b)(e.telNumber),Object(r.c)(e.telNumber)}})}})}},[[5,0,1]]]);"#;
    expect(
        &["pages/a/a"],
        // The page comes before the chunk it needs.
        &[
            ("app.js", "App({})"),
            ("pages/a/a.js", page),
            ("vendors/common.js", common),
        ],
        &[
            "phone wx.setStorageSync none vendors/common.js",
            "phone console.log masked vendors/common.js",
        ],
    );
}

/// Webpack 3: chunks are given to a function.
#[test]
fn chunks_that_are_given_to_a_function_are_linked() {
    let page = r#"global.webpackJsonpMpvue([2],{11:function(t,e,n){"use strict";Object.defineProperty(e,"__esModule",{value:!0});var a=n(12);Page({onTap:function(){wx.chooseAddress({success:function(t){a.a.keep(t.telNumber)}})}})},12:function(t,e,n){"use strict";e.a={keep:function(t){wx.setStorageSync("t",t)}}}},[11]);"#;
    expect(
        &["pages/a/a"],
        &[("app.js", "App({})"), ("pages/a/a.js", page)],
        &["phone wx.setStorageSync none pages/a/a.js"],
    );
}

/// Modules that ask for each other, and one that is loaded when it is needed.
#[test]
fn circles_and_late_chunks_end() {
    let page = r#"(wx["webpackJsonp"]=wx["webpackJsonp"]||[]).push([["pages/a/a"],{
a1:function(e,t,n){n.r(t);n.d(t,"keep",function(){return r});var o=n("a2");function r(e){o.store(e)}Page({onTap:function(){n.e("late").then(n.bind(null,"a3")).then(function(e){wx.chooseAddress({success:function(t){e.default(t.telNumber)}})})}})},
a2:function(e,t,n){n.r(t);n.d(t,{store:function(){return o}});var r=n("a1");function o(e){wx.setStorageSync("t",e)}r.keep}},[["a1","runtime"]]]);"#;
    let late = r#"(wx["webpackJsonp"]=wx["webpackJsonp"]||[]).push([["late"],{a3:function(e,t,n){n.r(t);var r=n("a1");t["default"]=function(e){r.keep(e)}}}]);"#;
    expect(
        &["pages/a/a"],
        &[
            ("app.js", "App({})"),
            ("pages/a/a.js", page),
            ("late.js", late),
        ],
        &["phone wx.setStorageSync none pages/a/a.js"],
    );
}

/// Taro 3 with React, webpack 5: hooks, elements as calls, the platform behind the framework's object.
#[test]
fn pages_of_taro_pass_data_through_hooks_and_chunks() {
    let vendors = r#"(Array.isArray(wx.webpackJsonp)?wx.webpackJsonp:wx.webpackJsonp=[]).push([[96],{
385:function(n,t){function e(n,t,e){return{type:n,props:t,key:e}}t.jsx=e,t.jsxs=e},
746:function(n,t){var e={current:null};t.useState=function(n){return e.current.useState(n)},t.useEffect=function(n,t){return e.current.useEffect(n,t)},t.createElement=function(n,t){return{type:n,props:t,key:null}}},
513:function(n,t,e){"use strict";e.d(t,{createReactApp:function(){return o},createPageConfig:function(){return u}});function u(n,t,e){return{onLoad:function(o){n.mount(o,t,e)}}}function o(n,t,e,r){return{onLaunch:function(u){e.render(t.createElement(n),r,u)}}}},
289:function(n){var t={};t.ENV_TYPE={WEAPP:"WEAPP"},t.getEnv=function(){return"WEAPP"},t.eventCenter={},["request","setStorageSync"].forEach(function(n){t[n]=wx[n]}),n.exports=t,n.exports.default=t}}]);"#;
    let common = r#""use strict";(Array.isArray(wx.webpackJsonp)?wx.webpackJsonp:wx.webpackJsonp=[]).push([[76],{782:function(n,r,c){c.d(r,{remember:function(){return a}});var s=c(289),t=c.n(s);function a(n,r){t().setStorageSync(n,r)}r.default=a}}]);"#;
    let app = r#""use strict";(Array.isArray(wx.webpackJsonp)?wx.webpackJsonp:wx.webpackJsonp=[]).push([[524],{188:function(n,e,r){var t=r(513);App((0,t.createReactApp)(function(n){return n.children},r(746),null,{}))}},function(n){n.O(0,[96,76],function(){return n(188)}),n.O()}]);"#;
    let page = r#""use strict";(Array.isArray(wx.webpackJsonp)?wx.webpackJsonp:wx.webpackJsonp=[]).push([[85],{468:function(e,n,t){var a=t(513),o=t(807);Page((0,a.createPageConfig)(o.default,"pages/a/a",{root:{cn:[]}},{}))},
807:function(e,n,t){t.d(n,{default:function(){return i}});var a=t(746),o=t(385),r=t(289),u=t.n(r),c=t(782);function i(){const[e,n]=(0,a.useState)("");return(0,o.jsxs)("view",{children:[(0,o.jsx)("button",{openType:"getPhoneNumber",onGetPhoneNumber:async e=>{const t=await u().request({url:"https://a.example.com/p",data:{code:e.detail.code}});n(t.data.phoneNumber),(0,c.default)("phone",t.data.phoneNumber)},children:"go"}),(0,o.jsx)("input",{placeholder:"请输入身份证号",onInput:e=>(0,c.remember)("idcard",e.detail.value)}),(0,o.jsx)("button",{onClick:()=>{console.log(e)},children:"ok"})]})}}},function(e){e.O(0,[96,76],function(){return e(468)}),e.O()}]);"#;
    expect(
        &["pages/a/a"],
        &[
            ("app.js", app),
            ("common.js", common),
            ("pages/a/a.js", page),
            ("vendors.js", vendors),
        ],
        &[
            "phone Taro.setStorageSync none common.js",
            "id-card Taro.setStorageSync none common.js",
            "phone-code Taro.request none pages/a/a.js",
            "phone console.log none pages/a/a.js",
        ],
    );
}

/// A list of chunks is known by its name; other lists keep what is put on them.
#[test]
fn other_lists_are_lists() {
    let page = r#"var q=[];q.push([["a"],{go:function(e){wx.setStorageSync("t",e)}}]);Page({onTap:function(){wx.chooseAddress({success:function(e){q[0][1].go(e.telNumber)}})}});"#;
    expect(
        &["pages/a/a"],
        &[("app.js", "App({})"), ("pages/a/a.js", page)],
        &["phone wx.setStorageSync none pages/a/a.js"],
    );
}
