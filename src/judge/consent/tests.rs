//! Tests: small apps, with hand-made uses where the flow engine would find them.

use super::*;
use crate::app;
use crate::facts::analyze;
use crate::finding::Severity;
use crate::flow::{Control, Trigger};
use crate::judge::Settings;
use crate::rules::RuleSet;
use crate::syntax::{Document, builtin_dialects, parse};

const PAGES: &str = r#"{"pages": ["pages/a/a", "pages/b/b"]}"#;

struct Case {
    texts: BTreeMap<Arc<str>, String>,
    files: BTreeMap<Arc<str>, Arc<FileFacts>>,
    app: App,
    flow: FlowResult,
}

fn case(files: &[(&str, &str)]) -> Case {
    let (set, dialects) = (RuleSet::builtin(), builtin_dialects());
    let mut facts = BTreeMap::new();
    let mut digests = BTreeMap::new();
    for (path, text) in files {
        let document = Document {
            path: (*path).into(),
            text: (*text).into(),
        };
        let kind = dialects.kind_of(path).unwrap();
        let parsed = parse(&document, kind, &dialects, None);
        let file = analyze(&document, &parsed, &set, None);
        digests.insert(document.path.clone(), app::digest(&file, &set));
        facts.insert(document.path.clone(), Arc::new(file));
    }
    Case {
        texts: files
            .iter()
            .map(|(p, t)| (Arc::from(*p), t.to_string()))
            .collect(),
        files: facts,
        app: app::build(&digests, &set).remove(0),
        flow: FlowResult::default(),
    }
}

impl Case {
    /// A use of the call that `text` begins, up to the bracket that closes it.
    fn call(mut self, file: &str, text: &str, triggers: &[Trigger]) -> Case {
        self.flow.uses.push(self.found(file, text, triggers));
        self
    }

    fn change(mut self, change: impl FnOnce(&mut ApiUse)) -> Case {
        change(self.flow.uses.last_mut().unwrap());
        self
    }

    fn found(&self, file: &str, text: &str, triggers: &[Trigger]) -> ApiUse {
        let source = &self.texts[file];
        let start = source.find(text).unwrap();
        let mut depth = 0;
        let end = source[start..]
            .char_indices()
            .find_map(|(at, c)| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                (c == ')' && depth == 0).then_some(start + at + 1)
            })
            .unwrap();
        let call = text.split('(').next().unwrap();
        let (platform, api) = call.split_once('.').unwrap();
        ApiUse {
            hooks: Vec::new(),
            at: Location {
                file: file.into(),
                span: Span::new(start as u32, end as u32),
            },
            call: call.into(),
            api: api.into(),
            platform: platform.to_lowercase().into(),
            triggers: triggers.to_vec(),
            reached_from: vec![file.into()],
            options: Vec::new(),
            server: false,
            after_async: false,
            in_failure_of: None,
            in_success_of: None,
            result_used: true,
        }
    }

    fn control(mut self, file: &str, class: &str) -> Case {
        self.flow.controls.push(Control {
            at: Location {
                file: file.into(),
                span: Span::new(0, 1),
            },
            name: "input".into(),
            data: vec![(class.into(), Confidence::High)],
            receiver: "".into(),
            masked: false,
        });
        self
    }

    fn findings(&self) -> Vec<Finding> {
        let settings = Settings {
            select: vec!["consent".into()],
            min_confidence: Some(Confidence::Low),
            ..Settings::default()
        };
        Judge::new(RuleSet::builtin(), &settings).consent(&AppCtx {
            files: &self.files,
            app: &self.app,
            flow: &self.flow,
        })
    }

    /// `rule file: text` of each finding; the text up to a bracket or a line's end.
    fn found_lines(&self) -> Vec<String> {
        let show = |finding: &Finding| {
            let span = finding.at.span;
            let text = self.texts[&finding.at.file]
                .get(span.start as usize..span.end as usize)
                .unwrap_or("《");
            let text = text.split(['(', '\n', ',', '{']).next().unwrap_or(text);
            let rule = finding.rule.trim_start_matches("consent/");
            format!("{rule} {}: {text}", finding.at.file)
        };
        self.findings().iter().map(show).collect()
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(self.found_lines(), expected);
    }
}

const ALL: [Trigger; 3] = [Trigger::Launch, Trigger::Entry, Trigger::User];

fn page(script: &str) -> Vec<(&'static str, String)> {
    vec![
        ("app.json", PAGES.into()),
        ("pages/a/a.js", script.into()),
        ("pages/a/a.wxml", "<view/>".into()),
        ("pages/b/b.js", "Page({})".into()),
        ("pages/b/b.wxml", "<view/>".into()),
    ]
}

fn with_page(script: &str, more: &[(&str, &str)]) -> Case {
    let page = page(script);
    let mut files: BTreeMap<&str, &str> = page.iter().map(|(p, t)| (*p, &**t)).collect();
    files.extend(more.iter().copied());
    case(&files.into_iter().collect::<Vec<_>>())
}

#[test]
fn location_is_declared_and_has_a_purpose() {
    let script = "Page({ f() { wx.getLocation({ success: r => r, fail: () => 0 }) } })";
    let user = [Trigger::User];
    let case = with_page(script, &[]).call("pages/a/a.js", "wx.getLocation(", &user);
    case.check(&[
        "missing-permission-desc app.json: ",
        "undeclared-private-info app.json: ",
    ]);
    assert_eq!(case.findings()[1].data, [Arc::from("location")]);
    assert!(case.findings()[1].message.en.contains("getLocation"));
    let json = r#"{"pages": ["pages/a/a"], "requiredPrivateInfos": ["getLocation"], "permission": {"scope.userLocation": {"desc": "用于查找附近门店"}}}"#;
    with_page(script, &[("app.json", json)])
        .call("pages/a/a.js", "wx.getLocation(", &user)
        .check(&[]);
    // Not where nothing reaches it, nor on a server, nor on another host.
    let json = r#"{"pages": ["pages/b/b"]}"#;
    with_page(script, &[("app.json", json)])
        .call("pages/a/a.js", "wx.getLocation(", &user)
        .check(&[]);
    with_page(script, &[])
        .call("pages/a/a.js", "wx.getLocation(", &user)
        .change(|found| found.server = true)
        .check(&[]);
    with_page(script, &[])
        .call("pages/a/a.js", "wx.getLocation(", &user)
        .change(|found| found.platform = "my".into())
        .check(&[]);
}

#[test]
fn declarations_in_scripts_and_manifests_count() {
    let taro = |config: &str| {
        case(&[
            ("src/app.config.ts", config),
            ("src/app.ts", ""),
            (
                "src/pages/a/a.tsx",
                "export default () => Taro.getLocation({ fail: f })",
            ),
        ])
        .call("src/pages/a/a.tsx", "Taro.getLocation(", &[Trigger::User])
    };
    taro("export default defineAppConfig({ pages: ['pages/a/a'], requiredPrivateInfos: ['getLocation'], permission: { 'scope.userLocation': { desc: '用于查找附近门店' } } })").check(&[]);
    taro("export default defineAppConfig({ pages: ['pages/a/a'], requiredPrivateInfos: infos, permission })").check(&[]);
    taro("export default defineAppConfig({ pages: ['pages/a/a'] })").check(&[
        "missing-permission-desc src/app.config.ts: e",
        "undeclared-private-info src/app.config.ts: e",
    ]);
    let uni = |manifest: &str| {
        case(&[
            ("pages.json", r#"{"pages": [{"path": "pages/a/a"}]}"#),
            ("manifest.json", manifest),
            ("pages/a/a.vue", "<script>export default { methods: { f() { uni.getLocation({ fail: f }) } } }</script>"),
        ])
        .call("pages/a/a.vue", "uni.getLocation(", &[Trigger::User])
    };
    uni(r#"{"mp-weixin": {"appid": "wx1", "requiredPrivateInfos": ["getLocation"], "permission": {"scope.userLocation": {"desc": "用于查找附近门店"}}}}"#).check(&[]);
    uni(r#"{"mp-weixin": {"appid": ""}}"#).check(&[]);
    uni(r#"{"mp-weixin": {"appid": "wx1", "requiredPrivateInfos": []}}"#).check(&[
        "missing-permission-desc manifest.json: \"mp-weixin\"",
        "undeclared-private-info manifest.json: \"requiredPrivateInfos\"",
    ]);
}

#[test]
fn agreements_are_asked_for_where_people_type() {
    with_page("Page({})", &[])
        .control("pages/a/a.wxml", "phone")
        .check(&["no-privacy-agreement app.json: "]);
    with_page("Page({})", &[])
        .control("pages/a/a.wxml", "browsing")
        .check(&[]);
    with_page(
        "Page({})",
        &[("pages/b/b.wxml", "<text>《隐私政策》</text>")],
    )
    .control("pages/a/a.wxml", "phone")
    .check(&[]);
    with_page("Page({ t() { toast('请先同意用户协议') } })", &[])
        .control("pages/a/a.wxml", "phone")
        .check(&[]);
    // A contract about something else is no privacy policy; an unreached page shows nothing.
    let old = [
        ("pages/b/b.wxml", "<text>拼车协议</text>"),
        ("old/p.wxml", "隐私"),
        ("old/p.js", "Page({})"),
    ];
    with_page("Page({})", &old)
        .control("pages/a/a.wxml", "phone")
        .check(&["no-privacy-agreement app.json: "]);
}

#[test]
fn prompts_before_anything_was_done() {
    let ask = "wx.authorize({ scope: 'scope.record', fail: () => 0 })";
    let at = |script: &str, triggers: &[Trigger]| {
        // The permission has a use.
        let used = "Page({ say() { wx.startRecord({ success: (r) => r }) }, ";
        with_page(&script.replacen("Page({ ", used, 1), &[])
            .call("pages/a/a.js", "wx.startRecord(", &[Trigger::User])
            .call("pages/a/a.js", "wx.authorize(", triggers)
            .change(|found| found.options = vec![("scope".into(), "scope.record".into())])
    };
    let plain = format!("Page({{ onLoad() {{ {ask} }} }})");
    let found = ["ask-at-launch pages/a/a.js: wx.authorize"];
    at(&plain, &[Trigger::Entry]).check(&found);
    at(&plain, &[Trigger::Launch]).check(&found);
    at(&plain, &[Trigger::User]).check(&[]);
    at(
        &format!("Page({{ onLoad() {{ if (this.data.ok) {ask} }} }})"),
        &ALL,
    )
    .check(&[]);
    at(
        &format!("Page({{ onLoad() {{ if (this.data.ok) return\n{ask} }} }})"),
        &ALL,
    )
    .check(&[]);
    at(
        &format!("Page({{ onLoad() {{ this.ok && {ask} }} }})"),
        &ALL,
    )
    .check(&[]);
    // Pages behind the first are opened by people.
    case(&[
        ("app.json", PAGES),
        ("pages/a/a.js", ""),
        ("pages/a/a.wxml", ""),
        ("pages/b/b.js", &plain),
        ("pages/b/b.wxml", ""),
    ])
    .call("pages/b/b.js", "wx.authorize(", &[Trigger::Entry])
    .check(&[]);
    // Logging in asks nothing.
    with_page("Page({ onLoad() { wx.login({}) } })", &[])
        .call("pages/a/a.js", "wx.login(", &[Trigger::Entry])
        .check(&[]);
}

#[test]
fn asking_again() {
    let script = "Page({ ask() { wx.authorize({ scope: 's', fail: () => this.ask() }) } })";
    let again = |modal: &str| {
        let script = script.replace("this.ask()", &format!("wx.showModal({modal})"));
        with_page(&script, &[])
            .call("pages/a/a.js", "wx.authorize(", &[Trigger::User])
            .change(|found| found.in_failure_of = Some("authorize".into()))
            .call("pages/a/a.js", "wx.showModal(", &[Trigger::User])
            .change(|found| {
                found.in_failure_of = Some("authorize".into());
                if modal.contains("showCancel") {
                    found.options = vec![("showCancel".into(), "false".into())];
                }
            })
    };
    with_page(script, &[])
        .call("pages/a/a.js", "wx.authorize(", &[Trigger::User])
        .change(|found| found.in_failure_of = Some("authorize".into()))
        .check(&["re-ask pages/a/a.js: wx.authorize"]);
    again("{ showCancel: false, success: () => this.ask() }")
        .check(&["re-ask pages/a/a.js: wx.authorize"]);
    again("{ success: () => this.ask() }").check(&[]);
    let bother = |script: &str| {
        with_page(script, &[]).call("pages/a/a.js", "wx.authorize(", &[Trigger::Entry])
    };
    let found = ["re-ask pages/a/a.js: wx.authorize"];
    bother("Page({ onShow() { if (this.x) { wx.authorize({ scope: 's', success: () => 0 }) } } })")
        .check(&found);
    bother("Page({ async onShow() { if (this.x) { await wx.authorize({ scope: 's' }) } } })")
        .check(&found);
    for heard in [
        "Page({ onShow() { if (this.x) wx.authorize({ scope: 's', fail: () => 0 }) } })",
        "Page({ onShow() { if (this.x) wx.authorize(options) } })",
        "Page({ onShow() { if (this.x) wx.authorize({ scope: 's' }).then(f).catch(() => 0) } })",
        "Page({ onShow() { if (this.x) wx.authorize({ scope: 's' }).then(f, g) } })",
        "Page({ async onShow() { if (this.x) return\ntry { await wx.authorize({ scope: 's' }) } catch (e) { this.no = 1 } finally { this.x = 1 } } })",
        "Page({ onShow() { if (this.x) return wx.authorize({ scope: 's' }) } })",
        "Page({ onLoad() { if (this.x) wx.authorize({ scope: 's' }) } })",
    ] {
        bother(heard).check(&[]);
    }
    let both = "Page({ f() { wx.getLocation({ fail: g, success: h }); wx.authorize({ scope: 's', fail: g }) } })";
    let json = r#"{"pages": ["pages/a/a"], "requiredPrivateInfos": ["getLocation"], "permission": {"scope.userLocation": {"desc": "用于查找附近门店"}}}"#;
    with_page(both, &[("app.json", json)])
        .call("pages/a/a.js", "wx.getLocation(", &[Trigger::User])
        .call("pages/a/a.js", "wx.authorize(", &[Trigger::User])
        .check(&found);
}

#[test]
fn asked_for_nothing() {
    let json = r#"{"pages": ["pages/a/a"], "requiredPrivateInfos": ["getLocation", "chooseAddress"], "permission": {"scope.userLocation": {"desc": "用于查找附近门店"}}}"#;
    let ask = |script: &str| {
        with_page(script, &[("app.json", json)])
            .call("pages/a/a.js", "wx.getLocation(", &[Trigger::User])
            .change(|found| found.result_used = false)
    };
    let surplus = "unused-permission app.json: \"chooseAddress\"";
    let found = [surplus, "unused-permission pages/a/a.js: wx.getLocation"];
    let found: Vec<&str> = found.to_vec();
    ask("Page({ f() { wx.getLocation({ type: 'wgs84' }) } })").check(&found);
    ask("Page({ f() { wx.getLocation({ success: this.cb }) } })").check(&[surplus]);
    ask("Page({ f() { return wx.getLocation() } })").check(&[surplus]);
    ask("Page({ f() { wx.getLocation().then(g) } })").check(&[surplus]);
}

#[test]
fn calls_without_a_tap() {
    let script = "Page({ onLoad() { wx.openSetting() }, f() { wx.authorize({ fail: () => { wx.openSetting({}) } }) } })";
    with_page(script, &[])
        .call("pages/a/a.js", "wx.openSetting()", &[Trigger::Entry])
        .call("pages/a/a.js", "wx.openSetting({", &[Trigger::User])
        .change(|found| found.in_failure_of = Some("authorize".into()))
        .check(&[
            "tap-state pages/a/a.js: wx.openSetting",
            "tap-state pages/a/a.js: wx.openSetting",
        ]);
    with_page(script, &[])
        .call("pages/a/a.js", "wx.openSetting()", &[Trigger::Entry])
        .change(|found| found.after_async = true)
        .check(&[]);
    with_page(script, &[])
        .call(
            "pages/a/a.js",
            "wx.openSetting()",
            &[Trigger::Entry, Trigger::User],
        )
        .call("pages/a/a.js", "wx.openSetting({", &[Trigger::User])
        .check(&[]);
}

#[test]
fn withdrawn_calls_and_buttons() {
    let wxml = "<button open-type=\"getUserInfo\"/><button open-type=\"{{kind}}\"/><button openType='share'/>";
    with_page(
        "Page({ f() { wx.getUserInfo({}) } })",
        &[("pages/a/a.wxml", wxml)],
    )
    .call("pages/a/a.js", "wx.getUserInfo(", &[Trigger::User])
    .check(&[
        "deprecated-api pages/a/a.js: wx.getUserInfo",
        "deprecated-api pages/a/a.wxml: <button open-type=\"getUserInfo\"/>",
    ]);
}

#[test]
fn pop_ups_of_the_apps_own() {
    let script = "Page({ onShow() { wx.onNeedPrivacyAuthorization(resolve => { this.open() }) } })";
    let listen = |script: &str, wxml: &str| {
        with_page(script, &[("pages/a/a.wxml", wxml)]).call(
            "pages/a/a.js",
            "wx.onNeedPrivacyAuthorization(",
            &[Trigger::Entry],
        )
    };
    let good = "<view><button bindtap=\"no\">不同意</button><button open-type=\"agreePrivacyAuthorization\" bindagreeprivacyauthorization=\"yes\"/></view>";
    let broken = ["broken-privacy-popup pages/a/a.js: wx.onNeedPrivacyAuthorization"];
    listen(script, good).check(&broken);
    listen(
        "Page({ onShow() { wx.onNeedPrivacyAuthorization(resolve => { list.push(resolve) }) } })",
        good,
    )
    .check(&[]);
    listen("Page({ onShow() { wx.onNeedPrivacyAuthorization(resolve => { this.f = () => resolve() }) } })", good).check(&[]);
    listen(
        "Page({ onShow() { wx.onNeedPrivacyAuthorization(this.need) } })",
        good,
    )
    .check(&[]);
    listen(
        "Page({ onShow() { wx.onNeedPrivacyAuthorization(this.need) } })",
        "<view/>",
    )
    .check(&broken);
    with_page(
        "Page({})",
        &[(
            "pages/a/a.wxml",
            "<view><text>x</text><button open-type=\"agreePrivacyAuthorization\"/></view>",
        )],
    )
    .check(&[
        "broken-privacy-popup pages/a/a.wxml: <button open-type=\"agreePrivacyAuthorization\"/>",
        "no-refusal pages/a/a.wxml: <button open-type=\"agreePrivacyAuthorization\"/>",
    ]);
    let wait = |script: &str, call: &str| {
        with_page(script, &[]).call("pages/a/a.js", call, &[Trigger::User])
    };
    wait(
        "Page({ async f() { await wx.requirePrivacyAuthorize() } })",
        "wx.requirePrivacyAuthorize(",
    )
    .check(&["broken-privacy-popup pages/a/a.js: wx.requirePrivacyAuthorize"]);
    wait(
        "Page({ f() { wx.getPrivacySetting().then(g) } })",
        "wx.getPrivacySetting(",
    )
    .check(&["broken-privacy-popup pages/a/a.js: wx.getPrivacySetting"]);
    wait(
        "Page({ async f() { await uni.requirePrivacyAuthorize() } })",
        "uni.requirePrivacyAuthorize(",
    )
    .check(&[]);
    wait(
        "Page({ f() { wx.requirePrivacyAuthorize({ success: g }) } })",
        "wx.requirePrivacyAuthorize(",
    )
    .check(&[]);
}

#[test]
fn boxes_that_are_ticked() {
    let found = |script: &str, wxml: &str| -> usize {
        with_page(script, &[("pages/a/a.wxml", wxml)])
            .findings()
            .iter()
            .filter(|f| &*f.rule == "consent/prechecked-agreement")
            .inspect(|f| assert_eq!(f.severity, Severity::Error))
            .count()
    };
    let data = "Page({ data: { ok: true, no: false }, f() { wx.request({ url: 'x', data: { no: true } }) } })";
    for ticked in [
        "<label><checkbox checked/>同意《用户协议》</label>",
        "<view><checkbox checked=\"{{true}}\"/><text>隐私政策</text></view>",
        "<view><view><radio checked=\"{{ok}}\"/></view><text>阅读并同意服务条款</text></view>",
        "<van-checkbox value=\"{{ok}}\">同意《隐私》</van-checkbox>",
    ] {
        assert_eq!(found(data, ticked), 1, "{ticked}");
    }
    for fine in [
        "<label><checkbox checked=\"{{no}}\"/>同意《用户协议》</label>",
        "<label><checkbox checked=\"{{!ok}}\"/>同意《用户协议》</label>",
        "<label><checkbox value=\"{{ok}}\"/>同意《用户协议》</label>",
        "<label><radio checked/>微信支付</label><view>协议</view>",
        "<label><checkbox checked/>全选</label>",
    ] {
        assert_eq!(found(data, fine), 0, "{fine}");
    }
    let vue = case(&[
        ("pages.json", r#"{"pages": [{"path": "a"}]}"#),
        (
            "a.vue",
            "<template><view><checkbox :checked=\"agree\"/>《协议》</view></template><script>export default { data() { return { agree: true } } }</script>",
        ),
    ]);
    assert_eq!(
        vue.found_lines(),
        ["prechecked-agreement a.vue: <checkbox :checked=\"agree\"/>"]
    );
    let taro = case(&[
        ("app.config.ts", "export default { pages: ['a'] }"),
        ("app.ts", ""),
        (
            "a.tsx",
            "export default function A() { const [agree, setAgree] = useState(true); return <View><Checkbox checked={agree} />《协议》</View> }",
        ),
    ]);
    assert_eq!(
        taro.found_lines(),
        ["prechecked-agreement a.tsx: <Checkbox checked="]
    );
}

#[test]
fn what_becomes_of_the_data() {
    use crate::flow::{Datum, Evidence, Protection, SinkHit};
    let typed = |script: &str, stored: bool| {
        let mut case = with_page(script, &[("pages/a/a.wxml", "《隐私政策》<input/>")])
            .control("pages/a/a.wxml", "phone");
        case.flow.controls[0].receiver = "f".into();
        let place = |file: &str, end: u32| Location {
            file: file.into(),
            span: Span::new(0, end),
        };
        let source = if stored {
            "pages/a/a.wxml"
        } else {
            "pages/b/b.wxml"
        };
        case.flow.hits.push(SinkHit {
            at: place("pages/a/a.js", 4),
            argument: Span::default(),
            call: "wx.setStorageSync".into(),
            sink: "setStorageSync".into(),
            family: "storage".into(),
            part: "data".into(),
            target: "".into(),
            method: "".into(),
            protected: false,
            server: false,
            reached: true,
            data: vec![Datum {
                class: "phone".into(),
                confidence: Confidence::High,
                evidence: Evidence::Source,
                protection: Protection::None,
                source: place(source, 1),
                source_name: "input".into(),
                responsible: place(source, 1),
                steps: Vec::new(),
                field: "".into(),
            }],
        });
        case
    };
    typed("Page({})", true).check(&["missing-deletion app.json: "]);
    typed("Page({})", false).check(&[
        "missing-deletion app.json: ",
        "over-collection pages/a/a.wxml: 《",
    ]);
    typed("Page({ f() { wx.clearStorage() } })", true)
        .call("pages/a/a.js", "wx.clearStorage(", &[Trigger::User])
        .check(&[]);
    typed("Page({ f() { ask('退出登录') } })", true).check(&[]);
}

#[test]
fn purposes_and_unknown_names() {
    let json = r#"{"pages": ["pages/a/a"], "requiredPrivateInfos": ["getUserInfo", "getLocation", "getFuzzyLocation"],
  "permission": {"scope.userLocation": {"desc": "位置信息"}, "scope.userFuzzyLocation": {"desc": "用于在后台持续记录您的骑行路线并在骑行结束之后计算您的里程与费用"}}}"#;
    with_page("Page({})", &[("app.json", json)]).check(&[
        "undeclared-private-info app.json: \"getUserInfo\"",
        "undeclared-private-info app.json: \"getLocation\"",
        "missing-permission-desc app.json: \"desc\"",
        "missing-permission-desc app.json: \"desc\"",
    ]);
}

#[test]
fn mends() {
    use crate::judge::fixes::{FixCache, FixCtx};
    use crate::text::apply_edits;
    let mended = |case: &Case| -> String {
        let settings = Settings::default();
        let judge = Judge::new(RuleSet::builtin(), &settings);
        let finding = case.findings().remove(0);
        let text = |path: &str| case.texts.get(path).map(|t| Arc::from(&**t));
        let ctx = FixCtx {
            files: &case.files,
            flow: &case.flow,
            text: &text,
            cache: FixCache::default(),
        };
        let fix = judge.fixes(&finding, &ctx).remove(0);
        let file = fix.edits[0].file.clone();
        let edits: Vec<_> = fix.edits.into_iter().map(|e| e.edit).collect();
        apply_edits(&case.texts[&file], &edits).unwrap()
    };
    let boxed = |wxml: &str, script: &str| mended(&with_page(script, &[("pages/a/a.wxml", wxml)]));
    assert_eq!(
        boxed(
            "<label><checkbox value='1' checked=\"{{true}}\"/>《协议》</label>",
            ""
        ),
        "<label><checkbox value='1'/>《协议》</label>"
    );
    assert_eq!(
        boxed("<label><checkbox checked/>《协议》</label>", ""),
        "<label><checkbox/>《协议》</label>"
    );
    assert_eq!(
        boxed(
            "<label><radio checked='{{f.ok}}'/>《协议》</label>",
            "Page({ data: { f: { ok: true } } })"
        ),
        "Page({ data: { f: { ok: false } } })"
    );
    let script = "Page({ f() { wx.chooseAddress({ success: g }); wx.choosePoi({ success: g }) } })";
    let declared = |json: &str| {
        let case = with_page(script, &[("app.json", json)])
            .call("pages/a/a.js", "wx.chooseAddress(", &[Trigger::User])
            .call("pages/a/a.js", "wx.choosePoi(", &[Trigger::User]);
        mended(&case)
    };
    assert_eq!(
        declared("{\n  \"pages\": [\"pages/a/a\"]\n}"),
        "{\n  \"requiredPrivateInfos\": [\"choosePoi\", \"chooseAddress\"],\n  \"pages\": [\"pages/a/a\"]\n}"
    );
    assert_eq!(
        declared("{\"pages\": [\"pages/a/a\"], \"requiredPrivateInfos\": [\"choosePoi\",]}"),
        "{\"pages\": [\"pages/a/a\"], \"requiredPrivateInfos\": [\"choosePoi\", \"chooseAddress\",]}"
    );
    assert_eq!(
        declared("{\"pages\": [\"pages/a/a\"], \"requiredPrivateInfos\": []}"),
        "{\"pages\": [\"pages/a/a\"], \"requiredPrivateInfos\": [\"choosePoi\", \"chooseAddress\"]}"
    );
}
