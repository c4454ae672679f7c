//! Literals, addresses and configuration keys as a reviewer would judge them.

use super::super::*;
use crate::facts::{JsonEntry, JsonScalar, Literal, LiteralPlace};
use crate::syntax::{FileKind, Grammar};
use crate::text::LineIndex;

fn facts(path: &str, kind: FileKind) -> FileFacts {
    FileFacts {
        path: path.into(),
        kind,
        hash: 0,
        len: 1000,
        lines: LineIndex::new(""),
        modules: Vec::new(),
        template: None,
        json: Vec::new(),
        literals: Vec::new(),
        near: Default::default(),
        matches: Vec::new(),
        directives: Vec::new(),
        bodies: Vec::new(),
        notes: Vec::new(),
        syntax_errors: 0,
    }
}

fn literal(name: &str, value: &str, place: LiteralPlace) -> Literal {
    Literal {
        span: Span::new(10, 10 + value.len() as u32),
        value: value.into(),
        place,
        name: name.into(),
        path: "".into(),
        in_table: false,
    }
}

fn found(facts: &FileFacts) -> Vec<(String, Severity)> {
    let judge = Judge::new(RuleSet::builtin(), &Settings::default());
    judge
        .file(facts)
        .into_iter()
        .map(|f| (f.rule.to_string(), f.severity))
        .collect()
}

fn of_literal(path: &str, name: &str, value: &str, place: LiteralPlace) -> Vec<(String, Severity)> {
    let mut facts = facts(path, FileKind::Script(Grammar::JavaScript));
    facts.literals.push(literal(name, value, place));
    found(&facts)
}

fn rule(id: &str, severity: Severity) -> Vec<(String, Severity)> {
    vec![(id.to_string(), severity)]
}

#[test]
fn cleartext_addresses() {
    let of =
        |path: &str, name: &str, value: &str| of_literal(path, name, value, LiteralPlace::Bound);
    assert_eq!(
        of("main.js", "baseUrl", "http://api.shop.cn"),
        rule("transport/http-url", Severity::Error)
    );
    assert_eq!(
        of("main.js", "logo", "http://img.shop.cn/a.png"),
        [],
        "low confidence"
    );
    assert_eq!(
        of("main.js", "baseUrl", "http://localhost:8080"),
        rule("transport/http-url", Severity::Info)
    );
    assert_eq!(
        of("main.js", "baseUrl", "http://192.168.1.2"),
        rule("transport/http-url", Severity::Error)
    );
    assert_eq!(
        of("config/dev.js", "baseUrl", "http://192.168.1.2"),
        rule("transport/http-url", Severity::Info)
    );
    assert_eq!(of("main.js", "baseUrl", "https://api.shop.cn"), []);
    assert_eq!(of("main.js", "xmlns", "http://www.w3.org/2000/svg"), []);
    assert_eq!(of("main.js", "prefix", "http://www."), []);
    assert_eq!(of("vite.config.js", "proxy", "http://api.shop.cn"), []);
    assert_eq!(
        of_literal(
            "main.js",
            "",
            "见 http://api.shop.cn",
            LiteralPlace::Comment
        ),
        []
    );
    assert_eq!(
        of_literal(
            "main.js",
            "url.startsWith",
            "http://api.shop.cn",
            LiteralPlace::Argument(0)
        ),
        []
    );
    assert_eq!(
        of_literal("main.js", "", "http://api.shop.cn", LiteralPlace::Compared),
        []
    );
}

#[test]
fn server_only_addresses_are_for_servers() {
    let url = "https://api.weixin.qq.com/sns/jscode2session?appid=";
    assert_eq!(
        of_literal("app.js", "url", url, LiteralPlace::Bound),
        rule("secrets/server-api", Severity::Error)
    );
    assert_eq!(
        of_literal(
            "cloudfunctions/login/index.js",
            "url",
            url,
            LiteralPlace::Bound
        ),
        []
    );
}

#[test]
fn secrets_are_graded_by_side_and_never_shown() {
    let judge = Judge::new(RuleSet::builtin(), &Settings::default());
    let sample = judge
        .rules
        .tables
        .secrets()
        .sample("wechat-app-secret", 7)
        .unwrap();
    let mut app = facts("utils/config.js", FileKind::Script(Grammar::JavaScript));
    app.literals
        .push(literal("appSecret", &sample, LiteralPlace::Bound));
    let findings = judge.file(&app);
    assert_eq!(
        (&*findings[0].rule, findings[0].severity),
        ("secrets/app-secret", Severity::Error)
    );
    assert!(!format!("{findings:?}").contains(&sample[4..20]));
    app.path = "cloudfunctions/pay/index.js".into();
    assert_eq!(judge.file(&app)[0].severity, Severity::Warning);
}

#[test]
fn literal_personal_data() {
    // The specimen number that the standard itself prints is a known sample; this one is made by its rule.
    let id = "44052419880101001";
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = id
        .chars()
        .zip(weights)
        .map(|(c, w)| c.to_digit(10).unwrap() * w)
        .sum();
    let id = format!("{id}{}", b"10X98765432"[(sum % 11) as usize] as char);
    assert_eq!(
        of_literal("a.js", "phone", "13800138000", LiteralPlace::Bound),
        [],
        "the number that everybody uses"
    );
    assert_eq!(
        of_literal("a.js", "", &id, LiteralPlace::Comment)
            .first()
            .map(|f| f.0.as_str()),
        Some("pii/literal")
    );
}

#[test]
fn configuration_keys() {
    let entry = |path: &str, scalar| JsonEntry {
        path: path.into(),
        key: Span::new(4, 10),
        value: Span::new(12, 17),
        scalar,
    };
    let mut project = facts("project.config.json", FileKind::Json);
    project
        .json
        .push(entry("setting.urlCheck", JsonScalar::Bool(false)));
    assert_eq!(
        found(&project),
        rule("config/url-check-off", Severity::Warning)
    );
    project.json[0].scalar = JsonScalar::Bool(true);
    assert_eq!(found(&project), []);
    let mut manifest = facts("src/manifest.json", FileKind::Json);
    manifest
        .json
        .push(entry("mp-weixin.setting.urlCheck", JsonScalar::Bool(false)));
    assert_eq!(
        found(&manifest),
        rule("config/url-check-off", Severity::Warning)
    );
    let mut app = facts("app.json", FileKind::Json);
    app.json.push(entry("debug", JsonScalar::Bool(true)));
    assert_eq!(found(&app), rule("config/debug", Severity::Warning));
    app.json.push(entry("window.debug", JsonScalar::Bool(true)));
    assert_eq!(found(&app).len(), 1);
}

#[test]
fn key_files_by_name() {
    let file = facts("private.wx0123456789abcdef.key", FileKind::Plain);
    assert_eq!(found(&file), rule("secrets/key-file", Severity::Error));
    assert_eq!(found(&facts("cert/public_key.pem", FileKind::Plain)), []);
}

#[test]
fn settings_choose_rules_and_severities() {
    let mut app = facts("app.json", FileKind::Json);
    app.json.push(JsonEntry {
        path: "debug".into(),
        key: Span::new(1, 6),
        value: Span::new(8, 12),
        scalar: JsonScalar::Bool(true),
    });
    let check = |settings: Settings, expected: Option<Severity>| {
        let judge = Judge::new(RuleSet::builtin(), &settings);
        assert_eq!(judge.file(&app).first().map(|f| f.severity), expected);
    };
    check(
        Settings {
            ignore: vec!["config".into()],
            ..Settings::default()
        },
        None,
    );
    check(
        Settings {
            select: vec!["leak".into()],
            ..Settings::default()
        },
        None,
    );
    check(
        Settings {
            min_severity: Some(Severity::Error),
            ..Settings::default()
        },
        None,
    );
    check(
        Settings {
            severity: [("config/debug".to_string(), Severity::Error)].into(),
            ..Settings::default()
        },
        Some(Severity::Error),
    );
    check(
        Settings {
            per_file_ignores: vec![("app.json".into(), vec!["config".into()])],
            ..Settings::default()
        },
        None,
    );
}

#[test]
fn every_rule_has_good_and_bad_examples_that_can_be_read() {
    let rules = RuleSet::builtin();
    for rule in rules.rules.iter().filter(|rule| &*rule.group != "consent") {
        let mut examples = Vec::new();
        for file in &rule.examples {
            examples.extend(
                crate::rules::examples::parse(&rules, file)
                    .unwrap_or_else(|e| panic!("{}: {e:?}", file.path)),
            );
        }
        // A rule of low confidence is not shown by default: it has good examples only.
        let bad = examples
            .iter()
            .any(|e| e.expected.iter().any(|x| *x.rule == *rule.id));
        assert!(
            bad || rule.confidence == Confidence::Low,
            "{}: no bad example",
            rule.id
        );
        assert!(
            examples.iter().any(|e| e.expected.is_empty()),
            "{}: no good example",
            rule.id
        );
    }
}
