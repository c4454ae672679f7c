//! The tables as they travel in the binary.

use super::*;
use crate::rules::Tables;

const FAMILIES: [&str; 18] = [
    "storage",
    "file",
    "render-cache",
    "cloud-db",
    "network",
    "socket",
    "cloud-call",
    "log",
    "analytics",
    "replay",
    "navigation",
    "share",
    "interapp",
    "webview",
    "clipboard",
    "system",
    "display",
    "memory",
];
const PARTS: [&str; 9] = [
    "data",
    "key",
    "url",
    "header",
    "path",
    "extra-data",
    "text",
    "content",
    "value",
];

#[test]
fn every_family_and_part_is_one_that_rules_know() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    let mut count = 0;
    let any = flow.any_method.values();
    for api in flow.apis.values().chain(any) {
        for sink in &api.sinks {
            count += 1;
            assert!(
                FAMILIES.contains(&&*sink.family),
                "{}: {}",
                api.id,
                sink.family
            );
            assert!(PARTS.contains(&&*sink.part), "{}: {}", api.id, sink.part);
        }
    }
    assert!(count > 200, "{count}");
    for hook in &flow.names().share_hook {
        assert!(FAMILIES.contains(&&*hook.family), "{}", hook.name);
    }
}

#[test]
fn every_family_that_a_rule_asks_for_has_a_call() {
    let set = crate::rules::RuleSet::builtin();
    let flow = set.tables.flow();
    let known = |family: &str| {
        let sinks = flow.apis.values().flat_map(|api| &api.sinks);
        sinks
            .map(|s| &*s.family)
            .chain(flow.names().share_hook.iter().map(|h| &*h.family))
            .any(|f| f == family)
    };
    for rule in &set.rules {
        for found in rule.matches.iter().filter(|m| &*m.on == "sink") {
            for family in found.params.list("families") {
                assert!(family == "replay" || known(family), "{}: {family}", rule.id);
            }
        }
    }
}

#[test]
fn apis_are_known_by_canonical_paths() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    let classes = tables.classes();
    assert_eq!(&*flow.global("my").unwrap().platform, "my");
    assert_eq!(&*flow.global("console").unwrap().path, "console");
    let at = |path: &str, export| flow.module(path, export).map(|p| p.to_string());
    assert_eq!(
        at("@tarojs/taro", Some("request")).as_deref(),
        Some("$.request")
    );
    assert_eq!(at("@tarojs/taro", None).as_deref(), Some("$"));
    assert_eq!(
        at("crypto-js", Some("AES")).as_deref(),
        Some("CryptoJS.AES")
    );
    assert_eq!(at("./utils", None), None);
    let set = flow.api("$.setStorage").unwrap();
    assert_eq!((&*set.id, set.asynchronous), ("setStorage", true));
    assert!(set.sinks.iter().any(|s| s.protect.is_some()));
    assert!(!flow.api("$.setStorageSync").unwrap().asynchronous);
    assert!(!flow.is_asynchronous("$.onLocationChange"));
    let address = flow.api("$.chooseAddress").unwrap();
    let phone = classes.id("phone").unwrap();
    assert!(address.data.iter().any(|d| d.class == phone));
    assert_eq!(
        flow.api("$.onLocationChange").unwrap().deliver,
        Deliver::Callback
    );
    assert_eq!(
        flow.returns("$.getFileSystemManager").unwrap().as_ref(),
        "FileSystemManager"
    );
    assert!(
        flow.api("sensors.track")
            .is_some_and(|api| &*api.sinks[0].family == "analytics")
    );
    assert!(flow.api("Sentry.setUser").is_some());
    assert!(flow.api("$.nothing").is_none() && flow.api("console").is_none());
    assert_eq!(
        at("../../libs/qqmap-wx-jssdk.min.js", None).as_deref(),
        Some("QQMapWX")
    );
    assert_eq!(flow.assignment("document.cookie").len(), 1);
    assert_eq!(&*flow.assignment("localStorage.token")[0].family, "storage");
    assert!(flow.assignment("document.title").is_empty());
    assert_eq!(flow.receiver("sensors").unwrap().as_ref(), "sensors");
    assert!(flow.receiver("utils").is_none());
}

#[test]
fn every_type_that_is_returned_has_methods() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    let used: Vec<&str> = flow
        .apis
        .keys()
        .chain(flow.any_method.keys())
        .chain(flow.assignments.keys())
        .map(|p| &**p)
        .collect();
    // Types that are kept apart from the platform's own methods although nothing is known of theirs yet.
    let empty = ["Worker", "Instance", "UserCryptoManager", "SelectorQuery"];
    for (_, api) in flow.apis() {
        let inner = api.result_types.iter().map(|(_, name)| name);
        for name in api.returns.iter().chain(inner) {
            let known = |path: &&str| **path == **name || path.starts_with(&format!("{name}."));
            assert!(empty.contains(&&**name) || used.iter().any(known), "{name}");
        }
    }
}

#[test]
fn names_of_functions_tell_what_they_do() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    let cases = [
        (
            Some(Effect::Masked),
            "maskPhone desensitize utils.hidePhone hideMiddle tuomin phoneFilter formatPhoneHide maskIdCard replaceStar",
        ),
        (
            Some(Effect::Encrypted),
            "CryptoJS.AES.encrypt sm4.encrypt sm2.doEncrypt encryptPhone aesEncrypt rsa.encrypt crypt.encrypt getRsaCode",
        ),
        (
            Some(Effect::Hashed),
            "md5 CryptoJS.MD5 hexMD5 sha256 hashPhone makeSign hex_md5",
        ),
        (
            Some(Effect::Clean),
            "isValidPhone checkPhone hasPhone re.test validateIdCard phone.indexOf getDistance uuid verifyCode",
        ),
        (
            Some(Effect::Encoded),
            "btoa encodeURIComponent JSON.stringify Base64.encode CryptoJS.DES.encrypt base64Encode",
        ),
        (
            None,
            "savePhone hideLoading toggleHideInfo getEl onTapMask text.match list.push showMask toggleMask decryptPhone signIn hideModal getPhone request format aesDecrypt getPhoneNumber issue hashchange",
        ),
    ];
    for (effect, names) in cases {
        for name in names.split(' ') {
            assert_eq!(flow.sanitizer(name), effect, "{name}");
        }
    }
}

#[test]
fn events_are_told_from_attributes() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    let cases = [
        ("bindinput", "input"),
        ("bind:input", "input"),
        ("catch:tap", "tap"),
        ("catchtap", "tap"),
        ("onInput", "input"),
        ("@input", "input"),
        ("v-on:input.trim", "input"),
        ("catchTap", "tap"),
        ("capture-bind:tap", "tap"),
        ("mut-bind:tap", "tap"),
        ("onGetPhoneNumber", "getphonenumber"),
        ("bindtap@wx|ali", "tap"),
        ("bind:my-event", "myevent"),
        ("@update:modelValue", "update:modelvalue"),
        ("bindTap", "tap"),
    ];
    for (attribute, event) in cases {
        assert_eq!(flow.event(attribute).as_deref(), Some(event), "{attribute}");
    }
    for attribute in [
        "value", "once", "on", "bind", "binding", "data-on", "online", ":value", "class",
    ] {
        assert_eq!(flow.event(attribute), None, "{attribute}");
    }
    assert_eq!(FlowTables::normal_event("my-Event"), "myevent");
}

#[test]
fn controls_and_buttons_say_what_they_hand_out() {
    let tables = Tables::builtin();
    let (flow, classes) = (tables.flow(), tables.classes());
    let input = flow.control("input").unwrap();
    assert_eq!(
        input.classes.get("idcard"),
        Some(&(classes.id("id-card").unwrap(), Confidence::High))
    );
    let masks = |tag| {
        let kinds = &flow.control(tag).unwrap().masked_kinds;
        kinds.iter().any(|kind| &**kind == "password")
    };
    assert!(masks("Input") && masks("van-field") && !masks("input"));
    assert_eq!(flow.control("van-field"), flow.control("VanField"));
    assert!(flow.control("van-field").is_some() && flow.control("view").is_none());
    assert_eq!(flow.event_value("input", "input").len(), 2);
    assert_eq!(flow.event_value("u-input", "input")[0], []);
    assert!(flow.event_value("input", "tap").is_empty());
    let open = flow
        .open_type("getPhoneNumber|agreePrivacyAuthorization")
        .unwrap();
    assert!(open.events.iter().any(|e| &**e == "getphonenumber"));
    assert!(flow.open_type("share").is_none());
    for open in flow.elements.open_types() {
        assert!(
            tables.privacy_apis().get(&open.api).is_some(),
            "{}",
            open.api
        );
    }
    let sinks = flow.element_sink("WebView", ":src");
    assert_eq!((sinks.len(), &*sinks[0].family), (1, "webview"));
    assert_eq!(flow.element_sink("button", "session-from").len(), 1);
    assert!(flow.element_sink("view", "data-phone").is_empty());
    for sink in flow.elements.all_sinks() {
        assert!(
            FAMILIES.contains(&&*sink.family) && PARTS.contains(&&*sink.part),
            "{}",
            sink.id
        );
    }
}

#[test]
fn frameworks_are_told_apart_by_their_packages() {
    let tables = Tables::builtin();
    let flow = tables.flow();
    assert_eq!(flow.framework("useState", "react"), Some("state"));
    assert_eq!(flow.framework("ref", "vue"), Some("ref"));
    assert_eq!(flow.framework("ref", "./utils"), None);
    assert_eq!(flow.framework("get", "lodash"), Some("get"));
    assert_eq!(flow.framework("create", "zustand"), Some("store-hook"));
    assert_eq!(
        flow.framework("onLoad", "@dcloudio/uni-app"),
        Some("query-lifecycle")
    );
    assert_eq!(flow.names().define.get("Page"), Some(&Role::Page));
    assert!(flow.names().is_hook("onShareAppMessage") && !flow.names().is_hook("submit"));
}
