//! Tests of calls, members and properties, on lowered scripts.

use super::super::*;
use crate::facts::Module;
use crate::facts::lower::lower_module;
use crate::syntax::script::parse_tree;
use crate::syntax::{BlockRole, FileKind, Grammar};
use crate::text::LineIndex;

/// Facts of a script: its lowered code and nothing else.
pub(in crate::judge) fn script_facts(judge: &Judge, path: &str, text: &str) -> FileFacts {
    let tree = parse_tree(Grammar::TypeScript, text, None, &|| false).unwrap();
    let span = Span::new(0, text.len() as u32);
    let lowered = lower_module(tree.root_node(), text, span, &judge.rules.names, None);
    let module = Module {
        role: BlockRole::Script,
        span,
        top: lowered.top,
        children: lowered.children,
        module_name: None,
    };
    FileFacts {
        path: path.into(),
        kind: FileKind::Script(Grammar::TypeScript),
        hash: 0,
        len: text.len() as u32,
        lines: LineIndex::new(text),
        modules: vec![module],
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

/// `rule@text of the finding`, of this file's scripts alone.
fn check(path: &str, text: &str, expected: &[&str]) {
    let judge = Judge::new(RuleSet::builtin(), &Settings::default());
    let facts = script_facts(&judge, path, text);
    let found = judge.file(&facts);
    let found: Vec<String> = found
        .iter()
        .map(|f| format!("{}@{}", f.rule, f.at.span.of(text)))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn weak_hashes_of_data_and_not_of_files() {
    check(
        "a.js",
        "post({ pwd: md5(password) })",
        &["crypto/weak@md5(password)"],
    );
    check(
        "a.js",
        "const md5 = require('md5'); function f(u) { return md5(u.idCard) }",
        &["crypto/weak@md5(u.idCard)"],
    );
    check(
        "a.js",
        "CryptoJS.MD5(this.form.phone).toString()",
        &["crypto/weak@CryptoJS.MD5(this.form.phone)"],
    );
    check(
        "a.js",
        "md5(fileContent); md5(JSON.stringify(params) + salt); const md5 = 1",
        &[],
    );
    check("a.js", "wx.arrayBufferToBase64(img); btoa(picture)", &[]);
    check("a.js", "md5(encryptedPassword)", &[]);
}

#[test]
fn weak_ciphers_and_modes() {
    let aes = "CryptoJS.AES.encrypt(data, key, { mode: CryptoJS.mode.ECB, iv: iv })";
    check("a.js", aes, &["crypto/weak@CryptoJS.mode.ECB"]);
    check(
        "a.js",
        "CryptoJS.DES.encrypt(d, k)",
        &["crypto/weak@CryptoJS.DES.encrypt(d, k)"],
    );
    check(
        "a.js",
        "CryptoJS.AES.encrypt(d, k, { mode: CryptoJS.mode.CBC })",
        &[],
    );
}

#[test]
fn constant_keys_wherever_they_are_defined() {
    let text = "const KEY = CryptoJS.enc.Utf8.parse('abcd1234abcd1234');\nexport function enc(d) { return CryptoJS.AES.encrypt(d, KEY, {}) }";
    check("a.js", text, &["secrets/encryption-key@'abcd1234abcd1234'"]);
    check(
        "a.js",
        "function enc(d) { const k = 'abcd1234abcd1234'; return CryptoJS.AES.encrypt(d, k) }",
        &["secrets/encryption-key@'abcd1234abcd1234'"],
    );
    check(
        "a.js",
        "function enc(d, k) { return CryptoJS.AES.encrypt(d, k) }",
        &[],
    );
    check(
        "a.js",
        "let k = ''; k = fetchKey(); CryptoJS.AES.encrypt(d, k)",
        &[],
    );
}

#[test]
fn random_values_that_must_not_be_guessed() {
    check(
        "a.js",
        "const token = Math.random().toString(36).slice(2)",
        &["crypto/weak@Math.random()"],
    );
    check(
        "a.js",
        "function nonceStr() { return Math.random().toString(36) }",
        &["crypto/weak@Math.random()"],
    );
    check(
        "a.js",
        "const fileName = Date.now() + Math.random(); const id = Math.random()",
        &[],
    );
}

#[test]
fn debug_switches_and_their_guards() {
    check(
        "app.js",
        "wx.setEnableDebug({ enableDebug: true })",
        &["config/debug@wx.setEnableDebug({ enableDebug: true })"],
    );
    check("app.js", "wx.setEnableDebug({ enableDebug: false })", &[]);
    check(
        "app.js",
        "if (info.miniProgram.envVersion !== 'release') wx.setEnableDebug({ enableDebug: true })",
        &[],
    );
    check(
        "app.js",
        "if (envVersion === 'release') { return }\nnew VConsole()",
        &[],
    );
    check(
        "app.js",
        "process.env.NODE_ENV === 'development' && new VConsole()",
        &[],
    );
    check(
        "app.js",
        "const v = new VConsole()",
        &["config/debug@new VConsole()"],
    );
}

#[test]
fn debug_in_app_configuration_written_as_code() {
    check(
        "src/app.config.ts",
        "export default defineAppConfig({ debug: true, pages: [] })",
        &["config/debug@true"],
    );
    check(
        "src/app.config.ts",
        "export default { debug: true }",
        &["config/debug@true"],
    );
    check(
        "src/app.wpy",
        "export default class extends wepy.app { config = { pages: [], debug: true } }",
        &["config/debug@true"],
    );
    check(
        "src/app.js",
        "const store = createStore({ debug: true })",
        &[],
    );
}

#[test]
fn open_data_is_not_decrypted_in_the_client() {
    check(
        "a.js",
        "const pc = new WXBizDataCrypt(appId, key)",
        &["secrets/session-key@new WXBizDataCrypt(appId, key)"],
    );
    check(
        "cloudfunctions/a/index.js",
        "const pc = new WXBizDataCrypt(appId, key)",
        &[],
    );
}
