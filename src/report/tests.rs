//! Reports of one small project in all formats.

use super::*;
use crate::finding::tests::sample;

fn report(language: Language) -> Report {
    let source = "// 号😀\nconst k = phone; console.log(phone)\n";
    let mut root = Root {
        prefix: "app/".into(),
        ..Root::default()
    };
    root.sources
        .insert("a.js".into(), Source::new(source.into()));
    let mut finding = sample("leak/log", 28, 46);
    finding.message.en = "evil \x1b[31m<&>\n::error".into();
    root.findings.push(finding);
    Report {
        roots: vec![root],
        rules: RuleSet::builtin(),
        language,
        files: 1,
        suppressed: 0,
        baselined: 0,
        errors: vec![FileError {
            file: "b\n.js".into(),
            kind: "read",
            message: Text {
                en: "x".into(),
                zh_cn: "x".into(),
            },
        }],
        skipped: vec![Skip {
            reason: "vendor",
            file: "node_modules/".into(),
            count: 12,
        }],
        elapsed_ms: 3,
    }
}

const PLAIN: Looks = Looks {
    color: false,
    width: 100,
    verbose: false,
    quiet: false,
};

#[test]
fn every_format_is_free_of_control_characters_and_well_formed() {
    use clap::ValueEnum;
    for &format in Format::value_variants() {
        let out = render(&report(Language::En), format, &PLAIN);
        assert!(
            out.chars().all(|c| c == '\n' || !c.is_control()),
            "{format:?}: {out}"
        );
        match format {
            Format::Json | Format::Sarif | Format::Gitlab => {
                drop(serde_json::from_str::<serde_json::Value>(&out).unwrap())
            }
            Format::Github => assert_eq!(out.lines().count(), 2, "{out}"),
            _ => {}
        }
    }
}

#[test]
fn json_columns_count_code_points() {
    let out: serde_json::Value =
        serde_json::from_str(&render(&report(Language::En), Format::Json, &PLAIN)).unwrap();
    let start = &out["findings"][0]["range"]["start"];
    assert_eq!(
        start,
        &serde_json::json!({"line": 2, "column": 18, "byte": 28})
    );
    assert_eq!(out["findings"][0]["file"], "a.js");
}

#[test]
fn text_speaks_both_languages() {
    let out = render(&report(Language::ZhCn), Format::Text, &PLAIN);
    assert!(
        out.contains("警告[leak/log]: 手机号写入日志") && out.contains("app/a.js:2:18"),
        "{out}"
    );
    assert!(out.contains("跳过 12 个文件"), "{out}");
}
