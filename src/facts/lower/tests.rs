//! Tests: one `check` per construct; robustness over truncated and deep input; reuse equals fresh lowering.

use super::*;
use crate::syntax::BlockRole;
use proptest::prelude::*;
use tree_sitter::{Language, Parser, Tree};

fn parse(source: &str, language: Language) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language).unwrap();
    parser.parse(source, None).unwrap()
}

fn js() -> Language {
    tree_sitter_javascript::LANGUAGE.into()
}

fn ts() -> Language {
    tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()
}

fn lower(
    source: &str,
    language: Language,
    names: &Names,
    previous: Option<&Module>,
) -> LoweredModule {
    let tree = parse(source, language);
    lower_module(
        tree.root_node(),
        source,
        Span::new(0, source.len() as u32),
        names,
        previous,
    )
}

/// The module and its children as text.
fn dump(module: &LoweredModule, names: &Names) -> String {
    let mut out = ir_dump(&module.top.unit, names);
    for (i, child) in module.children.iter().enumerate() {
        out.push_str(&format!("\nchild{i}: {}", ir_dump(&child.unit, names)));
    }
    out
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check_in(language: Language, source: &str, expected: &str) {
    let names = Names::new();
    let module = lower(source, language, &names, None);
    assert_eq!(
        squeeze(&dump(&module, &names)),
        squeeze(expected),
        "{source}"
    );
}

#[track_caller]
fn check(source: &str, expected: &str) {
    check_in(js(), source, expected);
}

#[track_caller]
fn check_ts(source: &str, expected: &str) {
    check_in(ts(), source, expected);
}

#[test]
fn calls_members_and_constants() {
    check(
        "wx.setStorage({key: 'a\\u0062', data: d, ...o, [k]: 1, ['c']: x[0], m?.n})"
            .replace(", m?.n", "")
            .as_str(),
        "wx.setStorage({key: \"ab\", data: d, ...o, [k]: 1, c: x.0})",
    );
    check("a?.b?.[c]?.(1_000, ...r)", "a?.b?.[c]?.(1000, ...r)");
    check("new Foo(1).x; new Bar", "new Foo(1).x new Bar()");
    check("'a' + 'b' + c", "Add(\"ab\", c)");
    check(
        "`a${b}c`; t`x${y}`; `k`",
        "template(\"a\", b, \"c\") ttagged(\"x\", \"\")(y) \"k\"",
    );
    check(
        "[1,,...a]; /x/g; undefined; import.meta.env",
        "[1, <hole>, ...a] /x/g undefined import.meta.env",
    );
    check("import('./a').then(f)", "import(\"./a\").then(f)");
}

#[test]
fn what_is_called_in_place_is_awaited() {
    check_ts(
        "async function f() { await g<T>(1); await this.g<T>().x; (await g)<T>(1) }",
        "let f.0 = child0 child0: async function f() { await(g(1)) await(this.g().x) await(g)(1) }",
    );
    check(
        "async function f() { await (g)(); await (0, h)(1).x; await g(); (await g)() }",
        "let f.0 = child0 child0: async function f() { await(g()) await(h(1).x) await(g()) await(g)() }",
    );
}

#[test]
fn operators() {
    check(
        "a = b += c; x ||= y; i++; delete a.b; -a; !b",
        "a = b Add= c x Or= y update i Delete(a.b) Number(a) Not(b)",
    );
    check("a ? b : c ? d : e", "cond(a, b, cond(c, d, e))");
    check("a && b || c ?? d", "Nullish(Or(And(a, b), c), d)");
    check("a === 1, b in c", "seq(Equal(a, 1), Compare(b, c))");
}

#[test]
fn scopes_and_closures() {
    check(
        "function f(a, {b, c: [d = 1]}, ...r) { x = a; { let a = 2; g(a); } return () => a + v; var v; function h() {} }",
        "let f.0 = child0
         child0: function f(a.0, {b: b.1, c: [d.2 = 1, ], }, ...r.3) {
           let h.7 = function h() {}
           x = a.0
           { let a.4 = 2 g(a.4) }
           return arrow() { return Add(a^1.0, v^1.6) }
           let v.6
         }"
        .replace("v^1.6", "v^1.5")
        .replace("let v.6", "let v.5")
        .replace("h.7", "h.6")
        .as_str(),
    );
    check(
        "x = function me() { return [me, arguments, () => arguments[0]] }",
        "x = child0 child0: function me() arguments=1 self=0 { return [me.0, arguments.1, arrow() { return arguments^1.1.0 }] }",
    );
    check(
        "try { a() } catch ({msg}) { b(msg) } finally { c() }",
        "try { a() } catch {msg: msg.0, } { b(msg.0) } finally { c() }",
    );
}

#[test]
fn outermost_functions_are_units() {
    check(
        "const app = getApp()\nPage({ data: {n: 1}, onLoad(o) { app.f(() => this.x(o)) }, get v() { return 1 }, t: async e => await e })",
        "let app.0 = getApp()
         Page({data: {n: 1}, onLoad: child0, get v: child1, t: child2})
         child0: function onLoad(o.0, ) { app.f(arrow() { return this.x(o^1.0) }) }
         child1: function v() { return 1 }
         child2: async arrow t(e.0, ) { return await(e.0) }",
    );
}

#[test]
fn statements() {
    check(
        "for (const k of l) f(k); for (var i in o); for (let j = 0; j < 3; j++) { continue } do a(); while (b)",
        "for k.0 of l { f(k.0) } for i.1 in o {} { let j.2 = 0 loop (Compare(j.2, 3); update j.2) { continue } } do-loop (b; ) { a() }",
    );
    check(
        "l: while (1) { break l } switch (x) { case 1: let y = 2; break; default: f(y) } throw e",
        "l: { loop (1; ) { break l } } switch x { case 1 { let y.0 = 2 break } case default { f(y.0) } } throw e",
    );
    check(
        "if (a) b(); else if (c) d(); else { e() }",
        "if a { b() } else { if c { d() } else { e() } }",
    );
}

#[test]
fn classes() {
    check(
        "class A extends B { static s = 1; #p = 2; f; constructor(x) { super(x); this.#p = x } get g() { return A } static m() {} static { boot() } }",
        "let A.0 = class A extends B {new: child0 methods(get g: child1) fields(#p: 2, f: undefined) statics(s: 1, m: child2){ { boot() } }}
         child0: function constructor(x.0, ) { super(x.0) this.#p = x.0 }
         child1: function g() { return A }
         child2: function m() {}",
    );
}

#[test]
fn imports_and_exports() {
    check(
        "import './s'; import d, * as n from 'a'; import {x, y as z, default as w} from \"b\"",
        "import \"./s\" import \"a\" default as d.0 * as n.1 import \"b\" x as x.2 y as z.3 default as w.4",
    );
    check(
        "export const {a, b: [c]} = o; export function f() {} export default class K {} export {a as q}; export * from 'm'; export * as ns from 'm'; export {default as r, s} from 'm'",
        "let f.2 = child0
         let {a: a.0, b: [c.1, ], } = o
         export a = a.0 export c = c.1 export f = f.2
         let K.3 = class K {{}} export default = K.3
         export q = a.0 reexport * from \"m\" reexport * as ns from \"m\" reexport default as r from \"m\" reexport s as s from \"m\"
         child0: function f() {}",
    );
    check(
        "export default { data() { return {} } }",
        "export default = {data: child0} child0: function data() { return {} }",
    );
    check(
        "export default () => 1",
        "export default = child0 child0: arrow default() { return 1 }",
    );
}

#[test]
fn jsx() {
    check(
        "x = <View.Item a=\"1\" b onClick={() => f(v)} {...p}>\n  你好 {n} &amp;\n  <text/> {/* no */}</View.Item>; y = <></>",
        "x = <View.Item a: \"1\", b: true, onClick: child0, ...p>[\"你好 \", n, \" &\", <\"text\" >[], \" \"]
         y = <\"\" >[]
         child0: arrow onClick() { return f(v) }",
    );
}

#[test]
fn typescript() {
    check_ts(
        "import type {T} from 't'; import fs = require('fs'); declare const wx: any; interface I {} type X = I; let a: T = <any>b as I; enum E { A, B = 5, C, D = 'd' } export = a!",
        "let fs.0 = require(\"fs\") let a.1 = b let E.2 = {A: 0, B: 5, C: 6, D: \"d\"} module.exports = a.1",
    );
    check_ts(
        "abstract class A<T> implements I { private x?: string; declare y: number; constructor(private readonly p: string, this_?: number) { } abstract m(): void; @dec() f(this: A, a?: T): T { return a! } }",
        "let A.0 = class A {new: child0 methods(f: child1) fields(x: undefined){ dec() }}
         child0: function constructor(p.0, this_.1, ) { this.p = p.0 }
         child1: function f(a.0, ) { return a.0 }",
    );
    check_ts(
        "namespace N.M { export const k = 1; function g() { return k } }",
        "let N.0 = {M: {}} { let g.2 = child0 let k.1 = 1 N.0.M.k = k.1 } child0: function g() { return k }",
    );
    check_ts(
        "function f(a: string): void; function f(a: any) { return a satisfies T }",
        "let f.0 = child0 child0: function f(a.0, ) { return a.0 }",
    );
    check_ts(
        "@Component({a: 1}) export default class V extends Vue {}",
        "let V.0 = @Component({a: 1}) class V extends Vue {{}} export default = V.0",
    );
}

#[track_caller]
fn check_pieces(pieces: &[(Mode, &str)], expected: &[&str]) {
    let names = Names::new();
    let pieces: Vec<Piece<'_>> = pieces
        .iter()
        .map(|&(mode, text)| Piece { mode, text })
        .collect();
    let dump = |units: &[(Arc<Unit>, Vec<Note>)]| -> Vec<String> {
        units
            .iter()
            .map(|(unit, _)| squeeze(&ir_dump(unit, &names)))
            .collect()
    };
    let together = lower_pieces(&pieces, &names);
    assert_eq!(dump(&together), expected);
    for (piece, (unit, notes)) in pieces.iter().zip(&together) {
        let alone = lower_pieces(std::slice::from_ref(piece), &names);
        assert_eq!(dump(&alone), [squeeze(&ir_dump(unit, &names))]);
        assert_eq!(alone[0].0.key, unit.key);
        assert_eq!(unit.key == 0, !notes.is_empty());
        let len = piece.text.len() as u32;
        assert!(unit.exprs.iter().all(|e| e.span.end <= len), "{piece:?}");
        assert!(unit.pats.iter().all(|p| p.span.end <= len), "{piece:?}");
    }
}

#[test]
fn templates() {
    check_pieces(
        &[
            (Mode::Value, "a.b"),
            (Mode::Statements, "x = 1; f($event)"),
            (Mode::Value, "l.map(i => i + n)"),
            (Mode::Object, "...item, a: b, c"),
            (Mode::Value, "a &amp;&amp; '&lt;'"),
            (Mode::Alias, "item"),
            (Mode::Alias, "{ row, i: [x] = d }"),
        ],
        &[
            "return a.b",
            "x = 1 return f($event)",
            "return l.map(arrow(i.0, ) { return Add(i.0, n) })",
            "return {...item, a: b, c: c}",
            "return And(a, \"< \")",
            "",
            "return 0",
        ],
    );
    let names = Names::new();
    let text = "{ row, i: [x] = d }";
    let mode = Mode::Alias;
    let units = lower_pieces(&[Piece { mode, text }], &names);
    let func = &units[0].0.funcs[0];
    let slots: Vec<String> = func
        .slots
        .iter()
        .map(|n| names.text(*n).to_string())
        .collect();
    assert_eq!(
        (func.params.len(), slots),
        (1, vec!["row".into(), "x".into()])
    );
}

#[test]
fn broken_expressions_do_not_touch_their_neighbours() {
    check_pieces(
        &[
            (Mode::Value, "a"),
            (Mode::Value, "`b"),
            (Mode::Value, "c`"),
            (Mode::Value, "/* d"),
            (Mode::Value, "e */"),
            (Mode::Statements, "if (f) { g("),
            (Mode::Object, "h: i."),
            (Mode::Value, "j) + (k"),
            (Mode::Value, ""),
            (Mode::Value, "phone as any"),
            (Mode::Value, "z"),
        ],
        &[
            "return a",
            "return b",
            "return c",
            "",
            "return e",
            "return f",
            "return {h: i.}",
            "return Add(j, k)",
            "",
            "return phone",
            "return z",
        ],
    );
}

#[test]
fn half_typed_code_hides_nothing_behind_it() {
    let names = Names::new();
    let source = "Page({ onLoad() { wx.setStorage({key: 'a', } \n }, onShow() { later() } })\nfunction g() { inner() }";
    let module = lower(source, js(), &names, None);
    let text = dump(&module, &names);
    assert!(
        text.contains("later()") && text.contains("inner()"),
        "{text}"
    );
    let open = lower(
        "Page({ onLoad() { a() }, onShow() { b() },\n",
        js(),
        &names,
        None,
    );
    let text = dump(&open, &names);
    assert!(
        text.contains("Page({onLoad: child0, onShow: child1})"),
        "{text}"
    );
}

#[test]
fn spans_are_those_of_the_file() {
    let names = Names::new();
    let source = "// 汉字😀\r\nPage({ f(a) { return a.phone } })";
    let module = lower(source, js(), &names, None);
    let child = &module.children[0];
    let member = child
        .unit
        .exprs
        .iter()
        .find(|e| matches!(e.kind, Expr::Member { .. }))
        .unwrap();
    assert_eq!(member.span.shifted(child.base).of(source), "a.phone");
    assert_eq!(
        child.unit.funcs[0].span.shifted(child.base).of(source),
        "(a) { return a.phone }"
    );
    let call = module
        .top
        .unit
        .exprs
        .iter()
        .find(|e| matches!(e.kind, Expr::Call { .. }))
        .unwrap();
    assert_eq!(
        call.span.shifted(module.top.base).of(source),
        &source[source.find("Page").unwrap()..]
    );
}

#[test]
fn a_block_of_a_file_can_be_lowered_alone_and_moved() {
    let names = Names::new();
    let file = "<script>\nexport default { m(a) { return a.phone } }</script>";
    let block = Span::new(9, file.len() as u32 - 9);
    let module = lower(block.of(file), js(), &names, None).moved(block.start);
    let child = &module.children[0];
    let member = child
        .unit
        .exprs
        .iter()
        .find(|e| matches!(e.kind, Expr::Member { .. }))
        .unwrap();
    assert_eq!(member.span.shifted(child.base).of(file), "a.phone");
    assert_eq!(module.top.base, 9);
}

/// Runs on a small stack: overflowing it aborts the test binary.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn deep_nesting_is_cut_with_a_note() {
    let deep: Vec<(String, String)> = [
        ("(", "x", ")"),
        ("[", "x", "]"),
        ("{", "x", "}"),
        ("x(", "x", ")"),
        ("f({a:", "x", "})"),
        ("if (a) {", "x", "}"),
        ("!", "x", ""),
        ("a = ", "x", ""),
        ("() => ", "x", ""),
        ("function f() {", "x", "}"),
        ("class A { m() {", "x", "} }"),
        ("`${", "x", "}`"),
        ("<a>", "x", "</a>"),
        ("a[", "x", "]"),
        ("a ? ", "x", " : b"),
        ("switch (a) { case 1: ", "x", "}"),
        ("let {a: ", "x", "} = b"),
        ("await ", "x", ""),
        ("a(1).b(", "x", ")"),
    ]
    .map(|(open, mid, close)| {
        (
            format!(
                "{}{mid}{};\nlast()",
                open.repeat(20_000),
                close.repeat(20_000)
            ),
            open.to_owned(),
        )
    })
    .into();
    on_small_stack(move || {
        for (source, what) in deep {
            let names = Names::new();
            let module = lower(&source, js(), &names, None);
            assert!(!module.notes.is_empty(), "{what}: a note");
        }
    });
}

#[test]
fn long_chains_need_no_stack() {
    let n = 100_000;
    let chains = [
        format!("x = a{}", " + 'b'".repeat(n)),
        format!("x = a{}", " + b - c".repeat(n / 2)),
        format!("x = a{}", " || b".repeat(n)),
        format!("x = a{}", ".b".repeat(n)),
        format!("x = a{}", ".b(c)".repeat(n / 2)),
        format!("if (a) b(); {}", "else if (c) d();".repeat(n / 5)),
        format!("x = {} z", "a ? b : ".repeat(n / 5)),
        format!("x = [{}]", "1,".repeat(n)),
        format!("x = {{{}}}", "a: 1,".repeat(n)),
        format!("x = ({}1)", "1,".repeat(n)),
    ];
    on_small_stack(move || {
        for source in chains {
            let names = Names::new();
            let module = lower(&source, js(), &names, None);
            assert!(!dump(&module, &names).is_empty());
        }
    });
}

const SAMPLE: &str = "import a, {b as c} from './m'\nconst app = getApp()\nfunction f(x, {y = 1}, ...z) { let q = x?.y; return async () => { await q; for (const i of z) { if (i) continue; else break } } }\nPage({ data: {phone: '号', n: 0x1F}, onLoad(e) { const {detail: {value}} = e; this.setData({[`a.${value}`]: value}) }, get v() { return arguments } })\nclass K extends f { #p = 1; static s = () => 2; constructor() { super(); try { a() } catch (e) { b(e) } } }\nexport default { m: function () { return <View a={1}>t{c}</View> } }\n";

#[test]
fn more_variables_than_slots_are_free_with_a_note() {
    let names = Names::new();
    let body: String = (0..70_000).map(|i| format!("let v{i}=1;")).collect();
    let module = lower(
        &format!("function f() {{ {body} return [v0, v69999] }}"),
        js(),
        &names,
        None,
    );
    assert_eq!(module.notes.len(), 1);
    assert_eq!(module.notes[0].kind, "too-many-variables");
    assert!(
        dump(&module, &names).ends_with("return [v0.0, v69999] }".replace(" }", "\n}").as_str())
    );
    assert_eq!(
        module.children[0].unit.key, 0,
        "made again, so that the note is"
    );
}

#[test]
fn shadowing_hoisting_and_sloppy_functions() {
    check(
        "function f(e) { if (e) { function g() { return e } } g(); switch (e) { case 1: let e = 2; h(e) } for (const e of e.l) k(e); return class e { m() { return e } } }",
        "let f.0 = child0
         child0: function f(e.0, ) {
           if e.0 { let g.1 = function g() { return e^1.0 } }
           g.1()
           switch e.0 { case 1 { let e.2 = 2 h(e.2) } }
           for e.3 of e.3.l { k(e.3) }
           return e.4 = class e { methods(m: function m() { return e^1.4 }){}}
         }",
    );
    check(
        "a = () => arguments; b = () => this",
        "a = child0 b = child1 child0: arrow a() { return arguments } child1: arrow b() { return this }",
    );
}

#[test]
fn generators_methods_and_assigned_names() {
    check(
        "exports.f = async function* () { yield* a; yield }; x = {async *[k]() {}, 'q-r': () => 1, set s(v) {}}",
        "exports.f = child0 x = {[k]: child1, q-r: child2, set s: child3}
         child0: async function* f() { yield(a) yield() } child1: async function*() {} child2: arrow q-r() { return 1 } child3: function s(v.0, ) {}",
    );
}

#[test]
fn truncated_sources_lower() {
    let names = Names::new();
    for language in [js(), ts(), tree_sitter_typescript::LANGUAGE_TSX.into()] {
        for (end, _) in SAMPLE.char_indices() {
            let module = lower(&SAMPLE[..end], language.clone(), &names, None);
            dump(&module, &names);
            let module = lower(&SAMPLE[end..], language.clone(), &names, None);
            dump(&module, &names);
        }
    }
}

fn as_module(lowered: &LoweredModule, len: usize) -> Module {
    Module {
        role: BlockRole::Script,
        span: Span::new(0, len as u32),
        top: lowered.top.clone(),
        children: lowered.children.clone(),
        module_name: None,
    }
}

#[test]
fn unchanged_functions_are_shared() {
    let names = Names::new();
    let before = lower(SAMPLE, js(), &names, None);
    let edited = format!("// new line\n{}", SAMPLE.replace("0x1F", "31"));
    let after = lower(
        &edited,
        js(),
        &names,
        Some(&as_module(&before, SAMPLE.len())),
    );
    for (old, new) in before.children.iter().zip(&after.children) {
        assert!(Arc::ptr_eq(&old.unit, &new.unit));
        assert_eq!(
            old.base + 12 - u32::from(new.base > edited.find("31").unwrap() as u32) * 2,
            new.base
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn reuse_equals_fresh(edits in prop::collection::vec((0usize..2000, 0usize..12, "[a-z(){};=.,'` \n]{0,6}|function g() \\{ x \\}|号"), 1..12)) {
        let names = Names::new();
        let mut source = SAMPLE.to_owned();
        let mut previous = as_module(&lower(&source, js(), &names, None), source.len());
        for (at, len, text) in edits {
            let boundary = |mut i: usize, s: &str| { i = i.min(s.len()); while !s.is_char_boundary(i) { i -= 1 } i };
            let start = boundary(at % (source.len() + 1), &source);
            let end = boundary(start + len, &source);
            source.replace_range(start..end.max(start), &text);
            let reused = lower(&source, js(), &names, Some(&previous));
            let fresh = lower(&source, js(), &names, None);
            prop_assert_eq!(format!("{:?}", &reused.top.unit), format!("{:?}", &fresh.top.unit));
            prop_assert_eq!(reused.children.len(), fresh.children.len());
            for (r, f) in reused.children.iter().zip(&fresh.children) {
                prop_assert_eq!(r.base, f.base);
                prop_assert_eq!(format!("{:?}", &r.unit), format!("{:?}", &f.unit));
            }
            prop_assert_eq!(&reused.notes, &fresh.notes);
            previous = as_module(&reused, source.len());
        }
    }
}

/// Every script of a folder: no panic, and how fast. `MINIVET_CORPUS=/dir cargo test --release --lib corpus -- --ignored --nocapture`.
#[test]
#[ignore = "needs a folder of real apps"]
fn corpus() {
    let Some(root) = std::env::var_os("MINIVET_CORPUS") else {
        return;
    };
    let (mut bytes, mut files, mut notes, mut time) =
        (0usize, 0usize, 0usize, std::time::Duration::ZERO);
    for entry in ignore::WalkBuilder::new(root)
        .standard_filters(false)
        .build()
        .flatten()
    {
        let extension = entry
            .path()
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or("");
        let language = match extension {
            "js" | "wxs" | "jsx" => js(),
            "ts" => ts(),
            "tsx" => tree_sitter_typescript::LANGUAGE_TSX.into(),
            _ => continue,
        };
        let Ok(source) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        let tree = parse(&source, language);
        let names = Names::new();
        let start = std::time::Instant::now();
        let module = lower_module(
            tree.root_node(),
            &source,
            Span::new(0, source.len() as u32),
            &names,
            None,
        );
        time += start.elapsed();
        dump(&module, &names);
        (bytes, files, notes) = (bytes + source.len(), files + 1, notes + module.notes.len());
        for note in &module.notes {
            println!("{}: {note:?}", entry.path().display());
        }
    }
    let speed = bytes as f64 / 1e6 / time.as_secs_f64();
    println!("{files} files, {bytes} bytes, {notes} notes, {time:?}, {speed:.1} MB/s");
}
