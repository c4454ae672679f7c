//! Tests of mends: after each the text still parses and the finding's call is gone or protected.

use super::super::calls::tests::script_facts;
use super::super::*;
use super::*;
use crate::facts::{JsonEntry, JsonScalar, Literal, LiteralPlace};
use crate::flow::SinkHit;
use crate::syntax::script::parse_tree;
use crate::syntax::{FileKind, Grammar};
use crate::text::apply_edits;

struct App {
    judge: Judge,
    files: BTreeMap<Arc<str>, Arc<FileFacts>>,
    texts: BTreeMap<Arc<str>, Arc<str>>,
    flow: FlowResult,
}

impl App {
    fn of(files: &[(&str, &str)]) -> App {
        let judge = Judge::new(RuleSet::builtin(), &Settings::default());
        let facts = files
            .iter()
            .map(|(path, text)| ((*path).into(), Arc::new(script_facts(&judge, path, text))));
        App {
            files: facts.collect(),
            texts: files
                .iter()
                .map(|(path, text)| ((*path).into(), (*text).into()))
                .collect(),
            flow: FlowResult::default(),
            judge,
        }
    }

    /// The mends of a finding of `rule` at the first place where `needle` stands in `file`; the best applied.
    fn mend(
        &self,
        rule: &str,
        file: &str,
        needle: &str,
        data: &[&str],
    ) -> Option<(Applicability, BTreeMap<Arc<str>, String>)> {
        let start = self.texts[file].find(needle).unwrap() as u32;
        let finding = Finding {
            rule: rule.into(),
            severity: Severity::Warning,
            confidence: Confidence::High,
            message: Default::default(),
            why: Default::default(),
            help: Default::default(),
            at: Location {
                file: file.into(),
                span: Span::new(start, start + needle.len() as u32),
            },
            data: data.iter().map(|d| (*d).into()).collect(),
            flow: Vec::new(),
            fixes: Vec::new(),
            fingerprint: String::new(),
            deprecated: false,
        };
        let text = |path: &str| self.texts.get(path).cloned();
        let ctx = FixCtx {
            files: &self.files,
            flow: &self.flow,
            text: &text,
            cache: Default::default(),
        };
        let fix = self.judge.fixes(&finding, &ctx).into_iter().next()?;
        assert!(!fix.title.en.is_empty() && !fix.title.zh_cn.is_empty());
        let mut by_file: BTreeMap<Arc<str>, Vec<Edit>> = BTreeMap::new();
        for edit in fix.edits {
            by_file.entry(edit.file).or_default().push(edit.edit);
        }
        let mut out = BTreeMap::new();
        for (path, edits) in by_file {
            let old = self.texts.get(&path).cloned().unwrap_or_default();
            let new = apply_edits(&old, &edits).unwrap();
            if self
                .files
                .get(&path)
                .is_some_and(|f| matches!(f.kind, FileKind::Script(_)))
            {
                assert!(
                    !parse_tree(Grammar::TypeScript, &new, None, &|| false)
                        .unwrap()
                        .root_node()
                        .has_error(),
                    "{new}"
                );
            }
            out.insert(path, new);
        }
        Some((fix.applicability, out))
    }
}

fn removed(text: &str, needle: &str) -> Option<(Applicability, String)> {
    let app = App::of(&[("a.js", text)]);
    let (applicability, files) = app.mend("leak/log", "a.js", needle, &["phone"])?;
    Some((applicability, files["a.js"].clone()))
}

#[test]
fn logs_go_with_their_line() {
    let safe = |text: &str, needle: &str, after: &str| {
        assert_eq!(
            removed(text, needle),
            Some((Applicability::Safe, after.to_string())),
            "{text}"
        );
    };
    safe(
        "a()\n  console.log(res);\nb()\n",
        "console.log(res)",
        "a()\nb()\n",
    );
    safe("a();console.log(res);b()", "console.log(res)", "a();b()");
    safe("x => console.log(x)", "console.log(x)", "x => { }");
    safe(
        "if (a) console.log(x)\nelse b()",
        "console.log(x)",
        "if (a) {}\nelse b()",
    );
    safe(
        "a()\nconsole.log(res) // 说明\n",
        "console.log(res)",
        "a()\n // 说明\n",
    );
    safe(
        "a()\r\nconsole.log('资料', res)\r\nb()",
        "console.log('资料', res)",
        "a()\r\nb()",
    );
    safe(
        "console.log(JSON.stringify(u))\n",
        "console.log(JSON.stringify(u))",
        "",
    );
}

#[test]
fn logs_that_do_something_need_a_look_and_others_stay() {
    let found = removed("console.log(save(u))\n", "console.log(save(u))");
    assert_eq!(found, Some((Applicability::Unsafe, String::new())));
    assert_eq!(removed("const r = console.log(u)", "console.log(u)"), None);
    assert_eq!(removed("a ? console.log(u) : b()", "console.log(u)"), None);
    assert_eq!(removed("logger.info(u)", "logger.info(u)"), None);
}

#[test]
fn personal_arguments_can_be_dropped() {
    let text = "console.log('login done', user)\n";
    let mut app = App::of(&[("a.js", text)]);
    let at = Location {
        file: "a.js".into(),
        span: Span::new(0, 31),
    };
    app.flow.hits.push(SinkHit {
        at: at.clone(),
        argument: Span::new(26, 30),
        call: "console.log".into(),
        sink: "log".into(),
        family: "log".into(),
        part: "data".into(),
        target: "".into(),
        method: "".into(),
        protected: false,
        server: false,
        reached: true,
        data: Vec::new(),
    });
    let judge = &app.judge;
    let spec = judge
        .rules()
        .rule("leak/log")
        .unwrap()
        .fixes
        .iter()
        .find(|f| f.kind == "drop-arguments")
        .unwrap();
    let finding = Finding {
        rule: "leak/log".into(),
        severity: Severity::Warning,
        confidence: Confidence::High,
        message: Default::default(),
        why: Default::default(),
        help: Default::default(),
        at,
        data: vec!["phone".into()],
        flow: Vec::new(),
        fixes: Vec::new(),
        fingerprint: String::new(),
        deprecated: false,
    };
    let lookup = |path: &str| app.texts.get(path).cloned();
    let ctx = FixCtx {
        files: &app.files,
        flow: &app.flow,
        text: &lookup,
        cache: Default::default(),
    };
    let builder = Builder {
        judge,
        ctx: &ctx,
        finding: &finding,
        spec,
        facts: &app.files["a.js"],
        text: text.into(),
    };
    let edits: Vec<Edit> = builder
        .build()
        .unwrap()
        .edits
        .into_iter()
        .map(|e| e.edit)
        .collect();
    assert_eq!(
        apply_edits(text, &edits).as_deref(),
        Some("console.log('login done')\n")
    );
}

#[test]
fn debug_panels_get_a_guard() {
    let app = App::of(&[("app.js", "wx.setEnableDebug({ enableDebug: true })\n")]);
    let (applicability, files) = app
        .mend(
            "config/debug",
            "app.js",
            "wx.setEnableDebug({ enableDebug: true })",
            &[],
        )
        .unwrap();
    assert_eq!(applicability, Applicability::Safe);
    assert!(files["app.js"].starts_with(
        "if (wx.getAccountInfoSync().miniProgram.envVersion !== 'release') wx.setEnableDebug("
    ));
    let judge = &app.judge;
    assert_eq!(
        judge.file(&script_facts(judge, "app.js", &files["app.js"])),
        [],
        "the finding is gone"
    );
}

#[test]
fn constants_are_switched_off() {
    let app = App::of(&[("src/app.config.ts", "export default { debug: true }")]);
    let (_, files) = app
        .mend("config/debug", "src/app.config.ts", "true", &[])
        .unwrap();
    assert_eq!(
        files["src/app.config.ts"],
        "export default { debug: false }"
    );
}

fn json_app(path: &str, text: &str, key: &str, value: &str) -> App {
    let mut app = App::of(&[]);
    let mut facts = script_facts(&app.judge, path, "");
    facts.kind = FileKind::Json;
    facts.modules.clear();
    let (k, v) = (
        text.find(key).unwrap() as u32,
        text.find(value).unwrap() as u32,
    );
    facts.json.push(JsonEntry {
        path: "debug".into(),
        key: Span::new(k, k + key.len() as u32),
        value: Span::new(v, v + value.len() as u32),
        scalar: JsonScalar::Bool(true),
    });
    app.files.insert(path.into(), Arc::new(facts));
    app.texts.insert(path.into(), text.into());
    app
}

#[test]
fn json_entries_are_set_and_removed() {
    let text = "{\n  \"urlCheck\": false,\n  \"es6\": true\n}\n";
    let app = json_app("project.config.json", text, "\"urlCheck\"", "false");
    let (_, files) = app
        .mend(
            "config/url-check-off",
            "project.config.json",
            "\"urlCheck\": false",
            &[],
        )
        .unwrap();
    assert_eq!(files["project.config.json"], text.replace("false", "true"));

    let removed = |text: &str| {
        let app = json_app("app.json", text, "\"debug\"", "true");
        app.mend("config/debug", "app.json", "\"debug\": true", &[])
            .unwrap()
            .1["app.json"]
            .clone()
    };
    assert_eq!(
        removed("{\n  \"debug\": true,\n  \"a\": 1\n}"),
        "{\n  \"a\": 1\n}"
    );
    assert_eq!(
        removed("{\n  \"a\": 1,\n  \"debug\": true\n}"),
        "{\n  \"a\": 1\n}"
    );
    assert_eq!(removed("{\"debug\": true}"), "{}");
}

#[test]
fn schemes_are_replaced_where_a_certificate_can_be_expected() {
    let fix = |url: &str| {
        let text = format!("const base = '{url}'");
        let mut app = App::of(&[("a.js", &text)]);
        let mut facts = (*app.files["a.js"]).clone();
        facts.literals.push(Literal {
            span: Span::new(14, 14 + url.len() as u32),
            value: url.into(),
            place: LiteralPlace::Bound,
            name: "base".into(),
            path: "".into(),
            in_table: false,
        });
        app.files.insert("a.js".into(), Arc::new(facts));
        app.mend("transport/http-url", "a.js", url, &[])
            .map(|(_, files)| files["a.js"].clone())
    };
    assert_eq!(
        fix("http://api.shop.cn/v1").as_deref(),
        Some("const base = 'https://api.shop.cn/v1'")
    );
    assert_eq!(
        fix("ws://api.shop.cn:80/x").as_deref(),
        Some("const base = 'wss://api.shop.cn/x'")
    );
    assert_eq!(fix("http://47.99.1.2/x"), None);
    assert_eq!(fix("http://localhost:8080"), None);
    assert_eq!(fix("http://api.shop.cn:8080"), None);
}

#[test]
fn an_encrypted_key_turns_all_its_readers() {
    let write = "async function save(u) {\n  wx.setStorageSync('user', u)\n}\n";
    let read = "const KEY = 'user'\nasync function load() {\n  const u = wx.getStorageSync(KEY)\n  wx.getStorage({ key: 'user', success(r) {} })\n}\n";
    let app = App::of(&[("a.js", write), ("b.js", read)]);
    let (applicability, files) = app
        .mend(
            "storage/unencrypted-pii",
            "a.js",
            "wx.setStorageSync('user', u)",
            &["phone"],
        )
        .unwrap();
    assert_eq!(applicability, Applicability::Unsafe);
    assert!(
        files["a.js"].contains("await wx.setStorage({ key: 'user', data: u, encrypt: true })"),
        "{files:?}"
    );
    assert!(
        files["b.js"].contains(
            "(await wx.getStorage({ key: KEY, encrypt: true }).catch(() => ({ data: '' }))).data"
        ),
        "{files:?}"
    );
    assert!(
        files["b.js"].contains("success(r) {}, encrypt: true })"),
        "{files:?}"
    );
}

#[test]
fn a_reader_that_cannot_wait_keeps_the_key_plain() {
    let write = "function save(u) {\n  wx.setStorageSync('user', u)\n}\n";
    for read in [
        "function load() { return wx.getStorageSync('user') }",
        "wx.getStorageSync(name)",
        "wx.batchGetStorageSync(list)",
    ] {
        let app = App::of(&[("a.js", write), ("b.js", read)]);
        assert_eq!(
            app.mend(
                "storage/unencrypted-pii",
                "a.js",
                "wx.setStorageSync('user', u)",
                &["phone"]
            ),
            None,
            "{read}"
        );
    }
    let app = App::of(&[("a.js", write), ("b.js", "wx.getStorageSync('cart')")]);
    assert!(
        app.mend(
            "storage/unencrypted-pii",
            "a.js",
            "wx.setStorageSync('user', u)",
            &["phone"]
        )
        .is_some()
    );
}
