//! Hand-made arrivals at sinks, and what is said of them.

use super::super::*;
use crate::flow::{Control, Datum, Evidence, Protection, SinkHit};

fn datum(class: &str, evidence: Evidence, confidence: Confidence) -> Datum {
    Datum {
        class: class.into(),
        confidence,
        evidence,
        protection: Protection::None,
        source: Location {
            file: "pages/a/a.js".into(),
            span: Span::new(0, 5),
        },
        source_name: "wx.getLocation".into(),
        responsible: Location {
            file: "pages/a/a.js".into(),
            span: Span::new(10, 20),
        },
        steps: Vec::new(),
        field: class.into(),
    }
}

fn hit(family: &str, call: &str, data: Vec<Datum>) -> SinkHit {
    SinkHit {
        at: Location {
            file: "pages/a/a.js".into(),
            span: Span::new(10, 20),
        },
        argument: Span::new(12, 19),
        call: call.into(),
        sink: call.rsplit('.').next().unwrap_or(call).into(),
        family: family.into(),
        part: "data".into(),
        target: "".into(),
        method: "".into(),
        protected: false,
        server: false,
        reached: true,
        data,
    }
}

fn judged(hits: Vec<SinkHit>, controls: Vec<Control>) -> Vec<(String, Severity, String)> {
    let judge = Judge::new(RuleSet::builtin(), &Settings::default());
    let flow = FlowResult {
        hits,
        controls,
        ..FlowResult::default()
    };
    let found = judge.flow(&JudgeCtx {
        files: &BTreeMap::new(),
        flow: &flow,
    });
    found
        .into_iter()
        .map(|f| (f.rule.to_string(), f.severity, f.message.en))
        .collect()
}

fn strong(class: &str) -> Datum {
    datum(class, Evidence::Source, Confidence::High)
}

#[test]
fn one_call_gives_one_finding_of_the_strongest_datum() {
    let found = judged(
        vec![hit(
            "log",
            "console.log",
            vec![strong("id-card"), strong("phone"), strong("nickname")],
        )],
        vec![],
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].0.as_str(), found[0].1),
        ("leak/log", Severity::Error)
    );
    assert!(
        found[0].2.contains("phone")
            && found[0]
                .2
                .contains("from wx.getLocation reaches console.log"),
        "{}",
        found[0].2
    );
}

#[test]
fn protected_data_and_guesses_are_no_findings() {
    let mut hashed = strong("phone");
    hashed.protection = Protection::Hashed;
    assert_eq!(
        judged(vec![hit("log", "console.log", vec![hashed])], vec![]),
        []
    );
    let mut encrypted = hit("storage", "wx.setStorage", vec![strong("phone")]);
    encrypted.protected = true;
    assert_eq!(judged(vec![encrypted], vec![]), []);
    let guess = datum("phone", Evidence::Name, Confidence::Low);
    assert_eq!(
        judged(vec![hit("log", "console.log", vec![guess])], vec![]),
        []
    );
    // A guess beside evidence does not raise the severity.
    let guess = datum("id-card", Evidence::Name, Confidence::Low);
    let found = judged(
        vec![hit("log", "console.log", vec![strong("phone"), guess])],
        vec![],
    );
    assert_eq!(found[0].1, Severity::Warning);
}

#[test]
fn storage_tells_tokens_passwords_and_records_apart() {
    let of = |class: &str| {
        let found = judged(
            vec![hit("storage", "wx.setStorageSync", vec![strong(class)])],
            vec![],
        );
        found
            .into_iter()
            .map(|(rule, severity, _)| (rule, severity))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("token"),
        [("storage/credential".to_string(), Severity::Info)]
    );
    assert_eq!(
        of("password"),
        [("storage/credential".to_string(), Severity::Error)]
    );
    assert_eq!(
        of("phone"),
        [("storage/unencrypted-pii".to_string(), Severity::Warning)]
    );
    assert_eq!(
        of("nickname"),
        [("storage/unencrypted-pii".to_string(), Severity::Info)]
    );
    assert_eq!(of("browsing"), []);
}

#[test]
fn foreign_hosts_are_third_parties_and_get_data_is_an_address() {
    let mut request = hit("network", "wx.request", vec![strong("phone")]);
    request.target = "https://apis.map.qq.com/ws".into();
    let rules: Vec<String> = judged(vec![request.clone()], vec![])
        .into_iter()
        .map(|f| f.0)
        .collect();
    assert_eq!(rules, ["leak/third-party", "transport/pii-in-url"]);
    request.method = "POST".into();
    request.target = "https://api.shop.cn/x".into();
    assert_eq!(
        judged(vec![request.clone()], vec![]),
        [],
        "the app's own server over https"
    );
    request.data = vec![strong("password")];
    assert_eq!(
        judged(vec![request], vec![])[0].0,
        "transport/plaintext-password"
    );
}

#[test]
fn server_logs_are_worth_knowing_only() {
    let mut log = hit("log", "console.log", vec![strong("phone")]);
    log.server = true;
    assert_eq!(judged(vec![log], vec![])[0].1, Severity::Info);
}

#[test]
fn controls_in_clear_are_findings() {
    let mut control = Control {
        at: Location {
            file: "pages/a/a.wxml".into(),
            span: Span::new(0, 9),
        },
        name: "input".into(),
        data: vec![("password".into(), Confidence::High)],
        receiver: "onPwd".into(),
        masked: false,
    };
    let found = judged(vec![], vec![control.clone()]);
    assert_eq!(
        (found[0].0.as_str(), found[0].1),
        ("pii/unprotected-input", Severity::Warning)
    );
    control.masked = true;
    assert_eq!(judged(vec![], vec![control]), []);
}
