//! Tests: small trees of every framework.

use super::*;
use crate::facts::analyze;
use crate::rules::RuleSet;
use crate::syntax::{Document, builtin_dialects, parse};

fn digests(files: &[(&str, &str)]) -> BTreeMap<Arc<str>, Digest> {
    let (set, dialects) = (RuleSet::builtin(), builtin_dialects());
    files
        .iter()
        .map(|(path, text)| {
            let document = Document {
                path: (*path).into(),
                text: (*text).into(),
            };
            let kind = dialects.kind_of(path).unwrap();
            let parsed = parse(&document, kind, &dialects, None);
            let facts = analyze(&document, &parsed, &set, None);
            (document.path.clone(), digest(&facts, &set))
        })
        .collect()
}

fn apps(files: &[(&str, &str)]) -> Vec<App> {
    build(&digests(files), &RuleSet::builtin())
}

#[track_caller]
fn app(files: &[(&str, &str)]) -> App {
    let mut apps = apps(files);
    assert_eq!(apps.len(), 1, "{apps:#?}");
    apps.pop().unwrap()
}

/// Parts, one a line: kind, name, files (container once), used parts, `!` if not reached.
fn show(app: &App) -> Vec<String> {
    let name = |file: &Option<Arc<str>>| file.as_deref().unwrap_or("-").to_string();
    app.parts
        .iter()
        .map(|part| {
            let mut line = format!("{:?} {}", part.kind, part.name);
            line += &format!(" {}", name(&part.script));
            if part.template != part.script {
                line += &format!(" {}", name(&part.template));
            }
            if part.config != part.script {
                line += &format!(" {}", name(&part.config));
            }
            for (tag, &used) in &part.uses {
                line += &format!(" <{tag}>={}", app.parts[used].name);
            }
            if !part.reached {
                line += " !";
            }
            line
        })
        .collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], head: &str, expected: &[&str]) -> App {
    let app = app(files);
    let error = app.config_error.map_or("ok".into(), |e| format!("{e:?}"));
    let found = format!("{:?} {} {} {error}", app.root, app.framework, app.platform);
    assert_eq!(found, head);
    assert_eq!(show(&app), expected);
    app
}

#[test]
fn native_pages_packages_and_components() {
    let app = check(
        &[
            (
                "project.config.json",
                r#"{"miniprogramRoot": "mini/", "cloudfunctionRoot": "fn/"}"#,
            ),
            (
                "fn/login/index.js",
                "exports.main = async () => require('./db')",
            ),
            ("fn/login/db.js", ""),
            (
                "mini/app.js",
                "App({onLaunch(){ require.async('./late') }})",
            ),
            ("mini/late.js", ""),
            (
                "mini/app.json",
                r#"{"pages": ["pages/a/a", "pages/none/none"], "usingComponents": {"g-bar": "/components/bar/bar", "unused": "/components/u/u"},
                 "subPackages": [{"root": "pkg", "pages": ["b/b"]}], "resolveAlias": {"~/*": "/*"}, "workers": "workers"}"#,
            ),
            ("mini/workers/w.js", ""),
            ("mini/pages/a/a.js", "import {x} from '~/utils/x'\nPage({})"),
            (
                "mini/pages/a/a.wxml",
                "<g-bar/><card/><import src='../../tpl/t.wxml'/><wxs module='m' src='./m.wxs'/>",
            ),
            (
                "mini/pages/a/a.json",
                r#"{"navigationBarTitleText": "登录", "usingComponents": {"card": "../../components/card", "p": "plugin://x/y"}}"#,
            ),
            ("mini/pages/a/m.wxs", ""),
            ("mini/tpl/t.wxml", ""),
            ("mini/utils/x.js", ""),
            ("mini/utils/y.js", ""),
            ("mini/pkg/b/b.js", "Page({})"),
            ("mini/pkg/b/b.wxml", ""),
            ("mini/pages/old/old.js", "Page({})"),
            ("mini/pages/old/old.wxml", ""),
            ("mini/components/card/index.js", "Component({})"),
            ("mini/components/card/index.wxml", "<bar/>"),
            (
                "mini/components/card/index.json",
                r#"{"component": true, "usingComponents": {"bar": "../bar/bar"}}"#,
            ),
            ("mini/components/bar/bar.js", "Component({})"),
            ("mini/components/bar/bar.wxml", ""),
            ("mini/components/u/u.js", "Component({})"),
            ("mini/components/u/u.wxml", ""),
        ],
        "\"mini\" native wx ok",
        &[
            "App app mini/app.js - mini/app.json",
            "Page pages/a/a mini/pages/a/a.js mini/pages/a/a.wxml mini/pages/a/a.json <card>=components/card/index <g-bar>=components/bar/bar",
            "Page pkg/b/b mini/pkg/b/b.js mini/pkg/b/b.wxml -",
            "Component components/bar/bar mini/components/bar/bar.js mini/components/bar/bar.wxml -",
            "Component components/card/index mini/components/card/index.js mini/components/card/index.wxml mini/components/card/index.json <bar>=components/bar/bar",
            "Component components/u/u mini/components/u/u.js mini/components/u/u.wxml - !",
            "Page pages/old/old mini/pages/old/old.js mini/pages/old/old.wxml - !",
        ],
    );
    assert_eq!(&*app.parts[1].title, "登录");
    let page = |url: &str| {
        app.page(url, "mini/pages/a/a.js")
            .map(|p| &*app.parts[p].name)
    };
    assert_eq!(page("/pkg/b/b?x=1"), Some("pkg/b/b"));
    assert_eq!(page("../../pkg/b/b"), Some("pkg/b/b"));
    assert_eq!(page("pages/a/a"), Some("pages/a/a"));
    assert_eq!(page("/pages/c/c"), None);
    let a = "mini/pages/a/a.js";
    assert_eq!(
        app.resolve(a, "~/utils/x").map(|f| &**f),
        Some("mini/utils/x.js")
    );
    assert_eq!(
        app.resolve(a, "../../utils/y").map(|f| &**f),
        Some("mini/utils/y.js")
    );
    assert_eq!(app.resolve(a, "lodash"), None);
    let includes = &app.includes["mini/pages/a/a.wxml"];
    assert_eq!(includes[0], (IncludeKind::Import, "mini/tpl/t.wxml".into()));
    assert_eq!(
        includes[1],
        (
            IncludeKind::ViewModule { name: "m".into() },
            "mini/pages/a/m.wxs".into()
        )
    );
    assert_eq!(&*app.cloud["login"], "fn/login/index.js");
    assert!(app.server.contains("fn/login/db.js") && !app.server.contains("mini/app.js"));
    for file in [
        "mini/late.js",
        "mini/utils/x.js",
        "mini/tpl/t.wxml",
        "mini/workers/w.js",
        "fn/login/db.js",
    ] {
        assert!(app.is_reached(file), "{file}");
    }
    for file in ["mini/utils/y.js", "mini/pages/old/old.js"] {
        assert!(!app.is_reached(file), "{file}");
    }
    assert_eq!(app.files.len(), 25);
}

#[test]
fn other_hosts_are_told_by_their_templates() {
    for (extension, project, platform) in [
        ("axml", "mini.project.json", "my"),
        ("ttml", "project.config.json", "tt"),
        ("ttml", "project.lark.json", "lark"),
        ("swan", "project.swan.json", "swan"),
        ("qml", "project.config.json", "qq"),
        ("ksml", "project.config.json", "ks"),
        ("jxml", "project.config.json", "jd"),
        ("xhsml", "project.config.json", "xhs"),
        ("ddml", "project.config.json", "dd"),
    ] {
        let template = format!("pages/a/a.{extension}");
        check(
            &[
                ("app.json", r#"{"pages": ["pages/a/a"]}"#),
                ("app.js", "App({})"),
                (project, "{}"),
                ("pages/a/a.js", "Page({})"),
                (&template, "<view/>"),
            ],
            &format!("\"\" native {platform} ok"),
            &[
                "App app app.js - app.json",
                &format!("Page pages/a/a pages/a/a.js {template} -"),
            ],
        );
    }
}

#[test]
fn uni_app_with_easycom_and_conditional_pages() {
    let app = check(
        &[
            (
                "src/pages.json",
                r#"{
  // 首页
  "easycom": {"custom": {"^u-(.*)": "@/ui/u-$1/u-$1.vue"}},
  "pages": [
    {"path": "pages/home/home", "style": {"navigationBarTitleText": "首页", "usingComponents": {"native-x": "/wxcomponents/x/x"}}},
    // #ifdef MP-WEIXIN
    {"path": "pages/wx/wx"}
    // #endif
  ],
  "subPackages": [{"root": "sub/", "pages": [{"path": "c/c"}]}],
}"#,
            ),
            (
                "src/manifest.json",
                r#"{"mp-weixin": {"appid": ""}, "mp-alipay": {"appid": ""}}"#,
            ),
            (
                "src/main.js",
                "import App from './App'\nimport '@/utils/boot'\nVue.component('g-head', Head)\nimport Head from './components/Head.vue'",
            ),
            ("src/utils/boot.ts", ""),
            (
                "src/App.vue",
                "<script>export default {onLaunch(){ uni.login() }}</script>",
            ),
            (
                "src/pages/home/home.vue",
                "<template><view><u-button/><my-card/><UserCard/><g-head/></view></template><script>import UserCard from '@/components/UserCard'\nexport default {components: {UserCard, lazy: () => import('./lazy.vue')}}</script>",
            ),
            ("src/pages/home/lazy.vue", "<template><view/></template>"),
            (
                "src/pages/wx/wx.vue",
                "<template><Kid/></template><script setup lang='ts'>import Kid from './Kid.vue'</script>",
            ),
            ("src/pages/wx/Kid.vue", "<template><view/></template>"),
            ("src/sub/c/c.vue", "<template><view/></template>"),
            (
                "src/ui/u-button/u-button.vue",
                "<template><button/></template>",
            ),
            (
                "src/components/my-card/my-card.vue",
                "<template><view/></template>",
            ),
            (
                "src/components/UserCard.vue",
                "<template><view/></template>",
            ),
            ("src/components/Head.vue", "<template><view/></template>"),
            (
                "src/components/gone/gone.vue",
                "<template><view/></template>",
            ),
            ("src/wxcomponents/x/x.js", "Component({})"),
            ("src/wxcomponents/x/x.wxml", ""),
        ],
        "\"src\" uni-app wx ok",
        &[
            "App App src/App.vue src/pages.json",
            "Page pages/home/home src/pages/home/home.vue - <g-head>=components/Head <lazy>=pages/home/lazy <my-card>=components/my-card/my-card <native-x>=wxcomponents/x/x <u-button>=ui/u-button/u-button <user-card>=components/UserCard",
            "Page pages/wx/wx src/pages/wx/wx.vue - <kid>=pages/wx/Kid",
            "Page sub/c/c src/sub/c/c.vue -",
            "Component components/Head src/components/Head.vue -",
            "Component components/UserCard src/components/UserCard.vue -",
            "Component components/gone/gone src/components/gone/gone.vue - !",
            "Component components/my-card/my-card src/components/my-card/my-card.vue -",
            "Component pages/home/lazy src/pages/home/lazy.vue -",
            "Component pages/wx/Kid src/pages/wx/Kid.vue -",
            "Component ui/u-button/u-button src/ui/u-button/u-button.vue -",
            "Component wxcomponents/x/x src/wxcomponents/x/x.js src/wxcomponents/x/x.wxml -",
        ],
    );
    assert_eq!(&*app.parts[1].title, "首页");
    assert!(app.entries.contains("src/main.js") && app.is_reached("src/utils/boot.ts"));
    assert_eq!(app.component(1, "UButton"), app.component(1, "u-button"));
}

#[test]
fn taro_pages_in_scripts() {
    let app = check(
        &[
            ("project.config.json", "{}"),
            (
                "src/app.config.ts",
                "const main = ['pages/a/index']\nexport default defineAppConfig({ pages: [...main, 'pages/b/index'], subPackages: [{root: 'pkg', pages: ['c/index']}], window: {} })",
            ),
            ("src/app.ts", "import './app.scss'"),
            (
                "src/pages/a/index.tsx",
                "import {http} from '@/services/http'\nimport Foo from '../../components/Foo'\nexport default function A() { return <Foo/> }",
            ),
            (
                "src/pages/a/index.config.ts",
                "export default definePageConfig({ navigationBarTitleText: '甲' })",
            ),
            ("src/pages/b/index.vue", "<template><view/></template>"),
            ("src/pkg/c/index.jsx", ""),
            ("src/components/Foo/index.tsx", ""),
            ("src/services/http.ts", ""),
            ("src/services/http.weapp.ts", ""),
            ("src/services/spare.ts", ""),
        ],
        "\"src\" taro wx ok",
        &[
            "App app src/app.ts - src/app.config.ts",
            "Page pages/a/index src/pages/a/index.tsx - src/pages/a/index.config.ts",
            "Page pages/b/index src/pages/b/index.vue -",
            "Page pkg/c/index src/pkg/c/index.jsx - -",
        ],
    );
    assert_eq!(&*app.parts[1].title, "甲");
    assert!(app.is_reached("src/services/http.weapp.ts"));
    assert!(app.is_reached("src/components/Foo/index.tsx"));
    assert!(!app.is_reached("src/services/spare.ts"));
    let old = app_of_old_taro();
    assert_eq!(old.config.as_deref(), Some("src/app.jsx"));
    assert_eq!(old.page("/pages/a/a", ""), Some(1));
}

fn app_of_old_taro() -> App {
    app(&[
        (
            "src/app.jsx",
            "class App extends Component { config = { pages: ['pages/a/a'] } }",
        ),
        ("src/pages/a/a.jsx", ""),
    ])
}

#[test]
fn pages_that_cannot_be_read_leave_everything_reached() {
    check(
        &[
            (
                "src/app.config.ts",
                "import more from './more'\nexport default { pages: [...more] }",
            ),
            ("src/app.ts", ""),
            ("src/pages/a/index.tsx", ""),
            ("src/pages/a/index.config.ts", "export default {}"),
        ],
        "\"src\" taro wx NoPages",
        &[
            "App app src/app.ts - src/app.config.ts",
            "Page pages/a/index src/pages/a/index.tsx - src/pages/a/index.config.ts",
        ],
    );
}

#[test]
fn mpx_with_packages_and_blocks() {
    check(
        &[
            (
                "src/app.mpx",
                "<script>createApp({})</script><script type='application/json'>{\"pages\": [\"./pages/a\", {\"path\": \"b\", \"src\": \"./other/b.mpx\"}, \"./folder\"], \"packages\": [\"./pkg/app.mpx?root=p\"]}</script>",
            ),
            (
                "src/pages/a.mpx",
                "<template><list/></template><script>createPage({})</script><script name='json'>module.exports = {usingComponents: {list: '../components/list'}}</script>",
            ),
            ("src/other/b.mpx", "<template><view/></template>"),
            ("src/folder/index.mpx", "<template><view/></template>"),
            (
                "src/components/list.mpx",
                "<template><view/></template><script src='./list-script.js'></script><json>{\"component\": true}</json>",
            ),
            ("src/components/list-script.js", ""),
            (
                "src/pkg/app.mpx",
                "<script type='application/json'>{\"pages\": [\"./c\"]}</script>",
            ),
            ("src/pkg/c.mpx", "<template><view/></template>"),
        ],
        "\"src\" mpx wx ok",
        &[
            "App app src/app.mpx",
            "Page pages/a src/pages/a.mpx <list>=components/list",
            "Page b src/other/b.mpx -",
            "Page folder/index src/folder/index.mpx -",
            "Page p/c src/pkg/c.mpx -",
            "Component components/list src/components/list-script.js src/components/list.mpx src/components/list.mpx",
            "Component pkg/app src/pkg/app.mpx !",
        ],
    );
}

#[test]
fn wepy_of_both_kinds() {
    check(
        &[
            (
                "src/app.wpy",
                "<script>export default class extends wepy.app { config = { pages: ['pages/a', 'pages/b'] } }</script>",
            ),
            (
                "src/pages/a.wpy",
                "<template><list/></template><script>import List from '../components/list'\nexport default class A extends wepy.page { config = {navigationBarTitleText: '甲'}; components = { list: List } }</script>",
            ),
            (
                "src/pages/b.wpy",
                "<config>{usingComponents: {list: '~@/components/list'}}</config><template><list/></template><script>wepy.page({})</script>",
            ),
            ("src/components/list.wpy", "<template><view/></template>"),
        ],
        "\"src\" wepy wx ok",
        &[
            "App app src/app.wpy",
            "Page pages/a src/pages/a.wpy <list>=components/list",
            "Page pages/b src/pages/b.wpy <list>=components/list",
            "Component components/list src/components/list.wpy -",
        ],
    );
}

#[test]
fn without_configuration_everything_is_reached() {
    let files = [
        ("pages/a/a.js", "Page({onLoad(){ my.getLocation() }})"),
        ("pages/a/a.axml", ""),
        ("utils/x.js", ""),
    ];
    let app = check(
        &files,
        "\"\" native my Missing",
        &["Page pages/a/a pages/a/a.js pages/a/a.axml -"],
    );
    assert!(app.is_reached("utils/x.js"));
    let scripts = [("x.js", "swan.request({})"), ("y.js", "let wx = 1; wx.a()")];
    check(&scripts, "\"\" native swan Missing", &[]);
    check(&[("x.js", "")], "\"\" native wx Missing", &[]);
    assert!(apps(&[]).is_empty());
    check(
        &[
            ("app.json", "{\"pages\": [\"a\" "),
            ("app.js", ""),
            ("a.js", ""),
            ("a.wxml", ""),
            ("b.js", ""),
            ("b.wxml", ""),
        ],
        "\"\" native wx Broken",
        &[
            "App app app.js - app.json",
            "Page a a.js a.wxml -",
            "Page b b.js b.wxml -",
        ],
    );
    check(
        &[("app.json", "{}"), ("app.js", "")],
        "\"\" native wx NoPages",
        &["App app app.js - app.json"],
    );
}

#[test]
fn several_apps_share_a_session() {
    let apps = apps(&[
        ("one/app.json", r#"{"pages": ["a"]}"#),
        ("one/a.js", "require('../shared/s')"),
        ("one/a.wxml", ""),
        ("two/mini/app.json", r#"{"pages": ["a"]}"#),
        ("two/mini/a.js", ""),
        ("two/mini/a.wxml", ""),
        ("two/cloudfunctions/f/index.js", ""),
        ("shared/s.js", ""),
    ]);
    let roots: Vec<&str> = apps.iter().map(|a| &*a.root).collect();
    assert_eq!(roots, ["one", "two/mini"]);
    assert!(apps[0].files.contains("shared/s.js") && apps[0].is_reached("shared/s.js"));
    assert!(apps[1].cloud.contains_key("f"));
    assert_eq!(apps[0].files.len() + apps[1].files.len(), 8);
}

#[test]
fn modules_are_found_by_every_kind_of_name() {
    let app = app(&[
        ("app.json", r#"{"pages": ["pages/a"]}"#),
        (
            "tsconfig.json",
            r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@lib/*": ["lib/*"], "cfg": ["conf/index.ts"]}}}"#,
        ),
        ("package.json", r#"{"name": "shop", "main": "x.js"}"#),
        (
            "packages/u/package.json",
            r#"{"name": "@s/u", "main": "./src/main.ts"}"#,
        ),
        ("packages/u/src/main.ts", ""),
        ("packages/u/extra.js", ""),
        ("pages/a.js", ""),
        ("pages/a.wxml", ""),
        ("pages/b.config.js", ""),
        ("lib/x.ts", ""),
        ("lib/index.js", ""),
        ("lib/v.min.js", ""),
        ("lib/only.my.js", ""),
        ("conf/index.ts", ""),
        ("utils/号.js", ""),
    ]);
    let find = |name: &str| app.resolve("pages/a.js", name).map(|f| &**f);
    for (name, file) in [
        ("../lib/x", "lib/x.ts"),
        ("../lib/x.js", "lib/x.ts"),
        ("../lib", "lib/index.js"),
        ("../lib/v.min", "lib/v.min.js"),
        ("./b.config", "pages/b.config.js"),
        ("/utils/号", "utils/号.js"),
        ("@/utils/号", "utils/号.js"),
        ("@lib/x", "lib/x.ts"),
        ("@utils/号", "utils/号.js"),
        ("cfg", "conf/index.ts"),
        ("utils/号.js", "utils/号.js"),
        ("@s/u", "packages/u/src/main.ts"),
        ("@s/u/extra", "packages/u/extra.js"),
    ] {
        assert_eq!(find(name), Some(file), "{name}");
    }
    for name in ["../../x", "vue", "./a", "../lib/only", "", "plugin://a/b"] {
        assert_eq!(find(name), None, "{name}");
    }
}

#[test]
fn a_digest_changes_only_with_what_the_model_reads() {
    let one = |text: &str| digests(&[("a.js", text)]);
    let before = one("import x from './x'\nPage({onLoad() { x(1) }})");
    assert_eq!(
        before,
        one("import x from './x'\nPage({data: {a: '号'}, onLoad() { x(2); x(3) }})")
    );
    assert_ne!(
        before,
        one("import x from './y'\nPage({onLoad() { x(1) }})")
    );
    let json = |text: &str| digests(&[("a.json", text)]);
    assert_eq!(json("{\"a\": 1}"), json("{\"a\": {\"b\": 2}}"));
    assert_ne!(
        json("{\"usingComponents\": {\"a\": \"b\"}}"),
        json("{\"usingComponents\": {\"a\": \"c\"}}")
    );
}

/// Prints the apps of a folder of real ones, for reading, and how long the model takes.
#[test]
#[ignore = "reads the folder named by MINIVET_CORPUS"]
fn corpus_by_eye() {
    use std::path::{Path, PathBuf};
    let Ok(corpus) = std::env::var("MINIVET_CORPUS") else {
        println!("MINIVET_CORPUS is not set");
        return;
    };
    let (set, dialects) = (RuleSet::builtin(), builtin_dialects());
    let mut folders: Vec<PathBuf> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_dir())
        .collect();
    folders.sort();
    let skipped = [
        "node_modules",
        "miniprogram_npm",
        "dist",
        "unpackage",
        ".git",
    ];
    for folder in folders {
        let mut digests = BTreeMap::new();
        let mut open = vec![folder.clone()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(&dir).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().to_string();
                if path.is_dir() && !path.is_symlink() && !skipped.contains(&&*name) {
                    open.push(path);
                    continue;
                }
                let relative = path.strip_prefix(&folder).unwrap_or(Path::new(""));
                let relative = relative.to_string_lossy().to_string();
                let Some(kind) = dialects.kind_of(&relative) else {
                    continue;
                };
                let Ok(text) = std::fs::read_to_string(&path) else {
                    continue;
                };
                let document = Document {
                    path: relative.into(),
                    text: text.into(),
                };
                let parsed = parse(&document, kind, &dialects, None);
                let facts = analyze(&document, &parsed, &set, None);
                digests.insert(document.path.clone(), digest(&facts, &set));
            }
        }
        let start = std::time::Instant::now();
        let apps = build(&digests, &set);
        println!(
            "=== {} files={} {:?}",
            folder.file_name().unwrap().to_string_lossy(),
            digests.len(),
            start.elapsed()
        );
        for app in &apps {
            println!(
                "app root={:?} {} {} error={:?} config={:?} entries={:?} files={} reached={} cloud={:?} server={}",
                app.root,
                app.framework,
                app.platform,
                app.config_error,
                app.config,
                app.entries,
                app.files.len(),
                app.reached.len(),
                app.cloud,
                app.server.len(),
            );
            show(app).iter().for_each(|line| println!("  {line}"));
            for (file, digest) in digests.iter().filter(|(f, _)| app.files.contains(*f)) {
                for name in &digest.specifiers {
                    if app.resolve(file, name).is_none() {
                        println!("  unresolved {file}: {name}");
                    }
                }
            }
            let files = app.files.iter().filter(|f| !app.is_reached(f));
            files.for_each(|file| println!("  unreached {file}"));
        }
    }
}
