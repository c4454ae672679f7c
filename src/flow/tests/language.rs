//! What the language does with data: branches, objects, functions, classes, promises, built-in functions.

use super::{body, check};

#[test]
fn values_join_where_branches_meet() {
    body("let x = 1\nif (q.a) { x = phone } else { x = 2 }\nconsole.log(x) // leak");
    body("let x = phone\nif (q.a) { x = 1 } else { x = 2 }\nconsole.log(x)");
    body("let x = phone\nif (q.a) { x = 1 }\nconsole.log(x) // leak");
    body("let x = phone\nswitch (q.a) { case 1: x = 1; break; default: x = 2 }\nconsole.log(x)");
    body("let x = phone\ntry { q.f(); x = 1 } catch (e) { x = 2 }\nconsole.log(x)");
    body("let x = 1\ntry { x = phone; q.f(); x = 2 } catch (e) { console.log(x) } // leak");
    body("let x\nfor (const k of q.list) { console.log(x) // leak\n x = phone }");
    body("let x = phone\nif (q.a) return\nx = 1\nconsole.log(x)");
    body(
        "console.log(q.a ? phone : 1) // leak\nconsole.log(q.a && phone) // leak\nconsole.log(q.a || 1)",
    );
}

#[test]
fn state_is_as_it_was_where_a_branch_did_not_go() {
    body("const o = {}\nif (q.a) { o.x = phone; return }\nconsole.log(o)");
    body("const o = { x: phone }\nif (q.a) { delete o.x } else { o.x = 1 }\nconsole.log(o)");
    body("const o = { x: phone }\nif (q.a) { delete o.x }\nconsole.log(o) // leak");
    body(
        "const o = { x: 1 }\nfor (const k of q.list) { if (k) { o.x = phone; break } o.x = 2 }\nconsole.log(o) // leak",
    );
    body("const o = { x: phone }\nconst f = () => { o.x = 1 }\nf()\nconsole.log(o)");
    body("const list = [phone, 1]\nlist[0] = 2\nconsole.log(list)");
}

#[test]
fn what_is_overwritten_or_deleted_is_gone() {
    body("const o = { phone, a: 1 }\ndelete o.phone\nconsole.log(o)");
    body("const o = { phone, a: 1 }\no.phone = ''\nconsole.log(o)");
    body(
        "const { phone: gone, ...rest } = { phone, a: 1 }\nconsole.log(rest)\nconsole.log(gone) // leak",
    );
    body(
        "const r = wx.getStorageSync('userPhone')\nwx.chooseAddress({ success(res) {\ndelete res.telNumber; delete res.userName; delete res.detailInfo\nconsole.log(res.telNumber)\n} })",
    );
}

#[test]
fn spread_rename_default_and_computed_keys() {
    body("const { p: x = phone } = {}\nconsole.log(x) // leak");
    body("const o = { ...{ a: phone }, a: 1 }\nconsole.log(o)");
    body("const o = { a: 1, ...{ b: phone } }\nconsole.log(o.b) // leak\nconsole.log(o.a)");
    body("const [a, ...b] = [1, phone]\nconsole.log(a)\nconsole.log(b) // leak");
    body(
        "const k = 'x'\nconst o = { [k]: phone, y: 1 }\nconsole.log(o.x) // leak\nconsole.log(o['y'])",
    );
    body(
        "const k = 'a' + 'b'\nconst o = {}\no[k] = phone\nconsole.log(o.ab) // leak\nconsole.log(o.c)",
    );
    body(
        "const o = Object.assign({}, { a: phone }, { b: 1 })\nconsole.log(o.a) // leak\nconsole.log(o.b)",
    );
    body(
        "const f = (a, ...rest) => rest\nconsole.log(f(1, phone)) // leak\nconsole.log(f(phone, 1))",
    );
    body(
        "const o = JSON.parse(JSON.stringify({ a: phone, b: 1 }))\nconsole.log(o.a) // leak\nconsole.log(o.b)",
    );
    body(
        "console.log(phone.length)\nconsole.log(!!phone)\nconsole.log(phone === '1')\nconsole.log(`${phone}`) // leak",
    );
}

#[test]
fn closures_keep_what_they_saw() {
    body(
        "const make = (v) => () => v\nconst a = make(phone), b = make(1)\nconsole.log(a()) // leak\nconsole.log(b())",
    );
    body("let held\nconst keep = (v) => { held = v }\nkeep(phone)\nconsole.log(held) // leak");
    body("const fs = [1, 2].map((n) => () => n + phone)\nconsole.log(fs[0]()) // leak");
    body(
        "function outer() { let n = 0; return { add(v) { n = v }, get() { return n } } }\nconst o = outer()\no.add(phone)\nconsole.log(o.get()) // leak\nconsole.log(outer().get())",
    );
    body(
        "const f = function () { return arguments[1] }\nconsole.log(f(1, phone)) // leak\nconsole.log(f(phone, 1))",
    );
}

#[test]
fn getters_setters_classes_and_inheritance() {
    body(
        "const o = { get x() { return phone }, y: 1 }\nconsole.log(o.x) // leak\nconsole.log(o.y)",
    );
    body("const o = { v: 0, set x(n) { this.v = n } }\no.x = phone\nconsole.log(o.v) // leak");
    body(
        "class A { constructor(v) { this.v = v } get x() { return this.v } static of(v) { return new A(v) } }\nconsole.log(A.of(phone).x) // leak\nconsole.log(A.of(1).x)",
    );
    body(
        "class A { f(v) { return v } }\nclass B extends A { f(v) { return super.f(v) } }\nconsole.log(new B().f(phone)) // leak",
    );
    body(
        "class A { f = (v) => { this.v = v } }\nconst a = new A()\na.f(phone)\nconsole.log(a.v) // leak\nconsole.log(new A().v)",
    );
}

#[test]
fn bind_call_and_apply() {
    body(
        "function f() { return this.v }\nconsole.log(f.call({ v: phone })) // leak\nconsole.log(f.call({ v: 1 }))",
    );
    body(
        "function f(a, b) { return b }\nconsole.log(f.apply(null, [1, phone])) // leak\nconsole.log(f.apply(null, [phone, 1]))",
    );
    body(
        "function f(a, b) { return b }\nconst g = f.bind(null, 1)\nconsole.log(g(phone)) // leak\nconsole.log(f.bind(null, phone)(1))",
    );
    body("console.log(Array.prototype.slice.call([phone])) // leak");
    body("const log = console.log.bind(console)\nlog(phone) // leak");
}

#[test]
fn promises_in_all_their_forms() {
    body("Promise.all([phone, 1]).then(([a, b]) => {\nconsole.log(a) // leak\nconsole.log(b)\n})");
    body(
        "new Promise((done) => setTimeout(() => done(phone), 1)).then((v) => console.log(v)) // leak",
    );
    body("Promise.resolve(phone).then((v) => ({ v })).then(({ v }) => { console.log(v) }) // leak");
    body("const f = async () => phone\nf().then((v) => console.log(v)) // leak");
    body("(async () => { const v = await Promise.race([phone])\nconsole.log(v) })() // leak");
    body("Promise.reject(phone).catch((e) => console.log(e)) // leak");
    body(
        "const p = (f) => (o) => new Promise((ok) => f({ ...o, success: ok }))\np(wx.getLocation)({}).then((r) => console.log(r.latitude)) // leak",
    );
}

#[test]
fn list_and_text_methods() {
    body("console.log([phone].map((p) => p)) // leak\nconsole.log([phone].map(() => 1))");
    body("console.log([1, 2].filter((n) => n === phone))");
    body("const all = []\n;[phone].forEach((p) => all.push(p))\nconsole.log(all) // leak");
    body("console.log([phone].reduce((a, p) => a + p, '')) // leak");
    body(
        "const m = new Map()\nm.set('a', phone)\nconsole.log(m.get('a')) // leak\nconsole.log(m.size)",
    );
    body(
        "console.log(phone.split('').reverse().join('')) // leak\nconsole.log(phone.indexOf('1'))",
    );
    body("console.log(Object.keys({ phone }))\nconsole.log(Object.values({ phone })) // leak");
    body("console.log(Object.entries({ phone })[0][1]) // leak");
}

#[test]
fn masks_hashes_and_ciphers_protect() {
    body("console.log(phone.slice(0, 3) + '****' + phone.slice(7))");
    body("console.log(phone.replace(/(\\d{3})\\d{4}(\\d{4})/, '$1****$2'))");
    body("const md5 = require('md5')\nconsole.log(md5(phone))");
    body("const hide = (p) => p.substr(0, 3) + '****' + p.substr(7)\nconsole.log(hide(phone))");
    body("const id = (p) => p\nconsole.log(id(phone)) // leak");
}

#[test]
fn a_key_that_may_be_many_names_names_nothing() {
    body(
        "const o = {}\nfor (const k of Object.keys({ phone: 1, city: 2 })) {\nwx.uploadFile({ success(res) { o[k] = res.fileID\nconsole.log(o) } })\n}",
    );
}

#[test]
fn loops_labels_generators_and_recursion() {
    body(
        "const walk = (n) => n.left ? walk(n.left) : n.v\nconsole.log(walk({ left: { left: { v: phone } } })) // leak",
    );
    body("function* g() { yield 1; yield phone }\nfor (const v of g()) console.log(v) // leak");
    body(
        "outer: for (const a of [1]) { for (const b of [2]) { if (q.x) continue outer; if (q.y) break outer } }\nconsole.log(phone) // leak",
    );
    body("let s = ''\nfor (let i = 0; i < 3; i++) s += phone[i]\nconsole.log(s) // leak");
    body("let x = phone\nwhile (true) { x = 1; if (q.a) break }\nconsole.log(x)");
    body("let x = phone\ndo { x = 1 } while (q.a)\nconsole.log(x)");
    body(
        "for (const k in { phone }) console.log(k)\nconst o = { a: phone }\nfor (const k in o) console.log(o[k]) // leak",
    );
    body(
        "const [, b] = [phone, 1]\nconsole.log(b)\nconst swap = [1, phone]\n;[swap[0], swap[1]] = [swap[1], swap[0]]\nconsole.log(swap[0]) // leak\nconsole.log(swap[1])",
    );
    body(
        "(async () => { for await (const v of [Promise.resolve(phone)]) console.log(v) })() // leak",
    );
}

#[test]
fn operators_and_odd_syntax() {
    body("const o = { a: { phone } }\nconsole.log(o?.a?.phone) // leak\nconsole.log(o.b?.c)");
    body("let x = null\nx ??= phone\nconsole.log(x) // leak");
    body("let x = phone\nx &&= 1\nconsole.log(x)");
    body("console.log(void phone)\nconsole.log(typeof phone)\nconsole.log((1, phone)) // leak");
    body("const t = (s, ...v) => v[0]\nconsole.log(t`a${phone}b`) // leak");
    body(
        "class A { #p = 1; set(v) { this.#p = v } get() { return this.#p } }\nconst a = new A()\na.set(phone)\nconsole.log(a.get()) // leak",
    );
    body(
        "class A { static x = phone; static { A.y = 1 } }\nconsole.log(A.x) // leak\nconsole.log(A.y)",
    );
    body(
        "function A(v) { this.v = v }\nA.prototype.get = function () { return this.v }\nconsole.log(new A(phone).get()) // leak\nconsole.log(new A(1).get())",
    );
    body(
        "const o = { f() { return this.v }, v: phone }\nconst { f } = o\nconsole.log(o.f()) // leak\nconsole.log(f())",
    );
    body("if (q.a) { var x = phone }\nconsole.log(x) // leak");
    body("const x = q.a ? { v: phone } : { v: 1 }\nx.v = 2\nconsole.log(x.v) // leak");
    body(
        "console.log(String(phone)) // leak\nconsole.log(Number(phone)) // leak\nconsole.log(Boolean(phone))\nconsole.log(encodeURIComponent(phone)) // leak\nconsole.log(isNaN(phone))",
    );
    body(
        "console.log(new Date(phone).getTime())\nconsole.log(parseInt(phone, 10)) // leak\nconsole.log(/^1/.test(phone))\nconsole.log(phone.match(/\\d+/)[0]) // leak",
    );
    body(
        "const s = new Set([phone])\nconsole.log([...s]) // leak\nconsole.log(s.has(phone))\nconsole.log(Array.from(s)) // leak",
    );
    body("const p = new Proxy({ phone }, {})\nconsole.log(p.phone) // leak");
    body(
        "console.log(Object.fromEntries([['a', phone]]).a) // leak\nconst f = Object.freeze({ a: phone })\nconsole.log(f.a) // leak",
    );
    body(
        "const o = Object.create({ a: phone })\nconsole.log(o.a) // leak\nObject.defineProperty(o, 'b', { value: phone })\nconsole.log(o.b) // leak",
    );
    body(
        "setTimeout((v) => console.log(v), 1, phone) // leak\nsetTimeout(() => console.log(phone), 1) // leak",
    );
}

#[test]
fn a_reduction_hands_each_result_to_the_next_call() {
    body(
        "const pipe = (...fs) => x => fs.reduce((v, f) => f(v), x)\nconsole.log(pipe(x => x.trim(), x => 'a' + x)(phone)) // leak\nconsole.log(pipe(x => x, x => x.length)(phone))",
    );
    body(
        "const compose = (...fs) => x => fs.reduceRight((v, f) => f(v), x)\nconsole.log(compose(x => x.length, x => x)(phone))\nconsole.log(compose(x => x, x => x.trim())(phone)) // leak",
    );
    body("console.log([1, phone].reduce((a, b) => a + b)) // leak");
    body("console.log(q.list.reduce((a, b) => a + b + phone, '')) // leak");
}

#[test]
fn generators_are_read_step_by_step() {
    body(
        "function* g(x) { yield 1; yield x }\nconst steps = g(phone)\nsteps.next()\nconsole.log(steps.next().value) // leak\nconsole.log(steps.next().done)",
    );
}

#[test]
fn symbols_and_keys_of_maps_are_told_apart() {
    body(
        "const A = Symbol('a'), B = Symbol('a')\nconst o = { [A]: phone, [B]: 1, c: 2 }\nconsole.log(o[A]) // leak\nconsole.log(o[B])\nconsole.log(o.c)",
    );
    body(
        "const m = new Map([['p', phone], ['n', 1]])\nconsole.log(m.get('p')) // leak\nconsole.log(m.get('n'))\nconsole.log(m.size)",
    );
    body("const list = [1, phone]\nconsole.log(list.at(-1)) // leak\nconsole.log(list.at(0))");
    body("console.log([1].with(0, phone)) // leak");
}

#[test]
fn an_export_is_the_variable() {
    check(&[
        (
            "pages/a.js",
            "import * as all from '../b'\nimport { shared } from '../b'\nPage({ onLoad() {\nall.fill()\nconsole.log(all.shared) // leak\nconsole.log(all.other)\n} })",
        ),
        (
            "b.js",
            "export let shared = ''\nexport let other = ''\nexport function fill() { shared = wx.getStorageSync('phone'); other = 1 }",
        ),
    ]);
}

#[test]
fn functions_that_are_called_where_they_stand_are_awaited() {
    body(
        "const t = await (async () => { await 0; return { phone } })()\nconsole.log(t.phone) // leak",
    );
    body("const t = await (() => Promise.resolve(phone))()\nconsole.log(t) // leak");
    body("const n = await (async () => phone.length)()\nconsole.log(n)");
}

#[test]
fn iterators_and_thenables_of_the_program() {
    body(
        "const list = { [Symbol.iterator]: function* () { yield phone } }\nfor (const v of list) console.log(v) // leak\nconsole.log([...list]) // leak",
    );
    body(
        "const list = { [Symbol.iterator]() { let n = 0; return { next: () => n++ ? { done: true } : { value: phone, done: false } } } }\nfor (const v of list) console.log(v) // leak",
    );
    body(
        "class List { constructor(v) { this.v = v } *[Symbol.iterator]() { yield 1 } }\nfor (const v of new List(phone)) console.log(v)",
    );
    body("console.log(await { then(done) { done(phone) } }) // leak");
    body("console.log(await { phone, then(done) { done(1) } })");
    body("try { await Promise.reject(phone) } catch (e) { console.log(e) } // leak");
}

#[test]
fn what_is_left_out_of_a_text_does_not_leave() {
    body("console.log(JSON.stringify({ phone, n: 1 }, ['n']))");
    body("console.log(JSON.stringify({ a: { phone } }, ['a', 'phone'])) // leak");
    body("console.log(JSON.stringify({ phone, n: 1 }, (k, v) => k === 'phone' ? undefined : v))");
    body(
        "console.log(JSON.stringify({ phone, n: 1 }, (k, v) => k === 'n' ? undefined : v)) // leak",
    );
    body("console.log(JSON.stringify({ phone, toJSON() { return { n: 1 } } }))");
    body("console.log(Object.fromEntries([['a', phone], ['b', 1]]).b)");
    body("const a = [1, phone]\na.splice(1, 1)\nconsole.log(a)");
    body("const a = [1, phone]\nconsole.log(a.splice(1)) // leak");
    body("const a = [1, phone]\na.splice(q.n, 1)\nconsole.log(a) // leak");
    body("const a = [phone]\na.length = 0\nconsole.log(a)");
}

#[test]
fn a_mask_may_go_character_by_character() {
    body(
        "let out = ''\nfor (let i = 0; i < phone.length; i++) out += i > 2 && i < 7 ? '*' : phone[i]\nconsole.log(out)",
    );
    body("console.log(phone.split('').map((c, i) => i < 3 ? c : '*').join(''))");
    body("console.log(q.hidden ? '****' : phone) // leak");
}

#[test]
fn what_finally_returns_is_returned() {
    body("console.log((() => { try { return phone } finally { return 1 } })())");
    body("console.log((() => { try { return phone } finally { q.f() } })()) // leak");
    body(
        "console.log((() => { try { q.f() } catch (e) { return 1 } finally { return phone } })()) // leak",
    );
}

#[test]
fn inherited_getters_proxies_and_tags() {
    body(
        "class A { constructor(v) { this.v = v } get up() { return this.v } }\nclass B extends A { down() { return super.up } }\nconsole.log(new B(phone).down()) // leak\nconsole.log(new B(1).down())",
    );
    body(
        "const api = new Proxy({}, { get: (target, name) => (data) => console.log(data) }) // leak\napi.save(phone)",
    );
    body(
        "console.log(String.raw`${phone}`) // leak\nconsole.log(new URLSearchParams({ phone }).toString()) // leak",
    );
}

#[test]
fn masks_made_in_other_ways() {
    body(
        "let out = ''\nfor (let i = 0; i < phone.length; i++) { if (i > 2 && i < 7) { out += '*' } else { out += phone.charAt(i) } }\nconsole.log(out)",
    );
    body("console.log(phone.split('').fill('*', 3, 7).join(''))");
    body("const list = phone.split('')\nlist.splice(3, 4, '****')\nconsole.log(list.join(''))");
    body("console.log([phone, '*'].join(' ')) // leak");
    body("console.log('* ' + phone) // leak");
}

#[test]
fn zero_is_false_and_a_platform_function_may_be_replaced() {
    body("if (0) console.log(phone)\nconst DEBUG = 0\nDEBUG && console.log(phone)");
    body(
        "const old = wx.request\nObject.defineProperty(wx, 'request', { get() { return (o) => console.log(o) } }) // leak\nwx.request({ url: '', data: phone })",
    );
}

#[test]
fn a_constructor_may_be_called_without_new_and_a_proxy_may_stand_around_the_platform() {
    body(
        "function A(v) { if (!new.target) return new A(v); this.v = v }\nA.prototype.get = function () { return this.v }\nconsole.log(A(phone).get()) // leak\nconsole.log(new A(1).get())",
    );
    body(
        "const api = new Proxy(wx, { get: (target, name) => (o) => new Promise((success, fail) => target[name]({ ...o, success, fail })) })\nconsole.log((await api.getStorage({ key: 'phone' })).data) // leak",
    );
}

#[test]
fn what_is_sent_into_a_generator_comes_out_of_its_yield() {
    body(
        "function* steps() {\nconst got = yield 1\nconsole.log(got) // leak\n}\nconst run = steps()\nrun.next()\nrun.next(phone)",
    );
    body(
        "function* steps() {\nconst got = yield 1\nconsole.log(got)\n}\nconst run = steps()\nrun.next()\nrun.next(5)\nconsole.log(phone) // leak",
    );
}

#[test]
fn a_trap_gets_what_is_written_to_a_proxy() {
    body(
        "const store = {}\nconst proxy = new Proxy(store, { set(target, key, value) {\nconsole.log(value) // leak\ntarget[key] = value\nreturn true\n} })\nproxy.tel = phone\nconsole.log(store.tel) // leak\nconsole.log(proxy.tel) // leak\nconsole.log(store.other)",
    );
}

#[test]
fn only_nothing_is_replaced_by_a_nullish_assignment() {
    body(
        "let empty = null\nempty ??= phone\nconsole.log(empty) // leak\nlet full = 'a'\nfull ??= phone\nconsole.log(full)\nlet zero = 0\nzero ??= phone\nconsole.log(zero)",
    );
}

#[test]
fn a_datum_may_be_a_key() {
    body(
        "const byPhone = {}\nbyPhone[phone] = 1\nconsole.log(Object.keys(byPhone)) // leak\nconsole.log(Object.values(byPhone))\nfor (const key in byPhone) console.log(key) // leak",
    );
    body(
        "console.log(JSON.stringify({ [phone]: true })) // leak\nconsole.log(Object.entries({ [phone]: 2 }).map(([key, value]) => value))",
    );
    body(
        "const seen = new Map()\nseen.set(phone, 1)\nconsole.log([...seen.keys()]) // leak\nconsole.log([...seen.values()])\nseen.forEach((value, key) => {\nconsole.log(value)\nconsole.log(key) // leak\n})",
    );
    body(
        "const query = new URLSearchParams()\nquery.append('tel', phone)\nquery.set('page', 1)\nconsole.log(query.toString()) // leak\nconsole.log(query.get('tel')) // leak\nconsole.log(query.get('page'))",
    );
}

#[test]
fn objects_tell_of_themselves_as_texts() {
    body("const user = { toString() { return phone } }\nconsole.log(`${user}`) // leak");
    body("const user = { tel: phone, toString() { return 'user' } }\nconsole.log('' + user)");
    body(
        "class User { constructor(v) { this.v = v } [Symbol.toPrimitive]() { return this.v } }\nconsole.log(`${new User(phone)}`) // leak\nconsole.log(`${new User(1)}`)",
    );
}

#[test]
fn functions_of_the_platform_are_applied_by_reflection() {
    body(
        "Reflect.apply(console.log, console, [phone]) // leak\nReflect.apply(console.log, console, [1])",
    );
}

#[test]
fn the_next_turn_of_an_outer_loop_sees_what_the_inner_one_left() {
    body(
        "let found = ''\nouter: for (let i = 0; i < 3; i++) {\nfor (let j = 0; j < 3; j++) {\nif (q.is(j)) { found = phone; continue outer }\nfound = ''\n}\n}\nconsole.log(found) // leak",
    );
}

#[test]
fn a_variable_that_is_false_is_no_datum() {
    body("let tel = phone\nif (!tel) { console.log(tel) }\nconsole.log(tel) // leak");
    body("let tel = phone\nif (tel) { tel = null }\nconsole.log(tel)");
    body(
        "const tel = phone\nif (tel && q.ok) { console.log(tel) } // leak\nelse { console.log(tel) } // leak",
    );
    body("const tel = phone\nif (tel || q.ok) return\nconsole.log(tel)");
}

#[test]
fn a_pattern_goes_through_an_iterator() {
    body(
        "const list = { *[Symbol.iterator]() { yield phone } }\nconst [first] = list\nconsole.log(first) // leak",
    );
}

#[test]
fn a_proxy_is_asked_by_name() {
    body(
        "const kept = new Proxy({}, { get: (target, key) => wx.getStorageSync(key) })\nconsole.log(kept.phone) // leak\nconsole.log(kept.theme)",
    );
}

#[test]
fn constants_below_zero_count_from_the_end() {
    body(
        "const list = ['a', phone, 'c']\nconsole.log(list.at(-2)) // leak\nconsole.log(list.at(-1))",
    );
    body("console.log(phone.slice(-4))\nconsole.log(phone.slice(0, -1)) // leak");
}

#[test]
fn promises_are_made_in_newer_ways() {
    body(
        "const { promise, resolve } = Promise.withResolvers()\npromise.then((v) => console.log(v)) // leak\nresolve(phone)",
    );
    body("Promise.try(() => phone).then((v) => console.log(v)) // leak");
    body("Promise.resolve({ then(ok) { ok(phone) } }).then((v) => console.log(v)) // leak");
}

#[test]
fn prototypes_are_set_and_methods_taken_from_lists() {
    body(
        "const user = Object.create({ a: 1 }, { tel: { value: phone }, n: { value: 1 } })\nconsole.log(user.tel) // leak\nconsole.log(user.n)",
    );
    body("const user = { __proto__: { tel: phone } }\nconsole.log(user.tel) // leak");
    body(
        "const list = []\nconst push = list.push.bind(list)\npush(phone)\nconsole.log(list) // leak\nconsole.log([].slice.call([1]))",
    );
    body(
        "class Bad extends Error { constructor(m, n) { super(m); this.n = n } }\ntry { throw new Bad(phone, 1) } catch (e) {\nconsole.log(e.message) // leak\nconsole.log(e.n)\n}",
    );
}

#[test]
fn a_map_is_gone_through_by_keys_and_values() {
    body(
        "const map = new Map([['tel', phone]])\nfor (const [key, value] of map) {\nconsole.log(key)\nconsole.log(value) // leak\n}",
    );
    body(
        "const kept = new WeakMap(), a = {}, b = {}\nkept.set(a, phone)\nkept.set(b, 1)\nconsole.log(kept.get(a)) // leak\nconsole.log(kept.get(b))",
    );
    body("class A { static { this.tel = phone } }\nconsole.log(A.tel) // leak");
}

#[test]
fn functions_of_lists_are_called_on_what_is_given() {
    body(
        "const me = { tel: phone, n: 1 };\n[1].forEach(function () {\nconsole.log(this.tel) // leak\nconsole.log(this.n)\n}, me)",
    );
}

#[test]
fn parts_of_lists_that_are_known_are_known() {
    body("console.log([phone, 2].slice(1))\nconsole.log([1, phone].slice(1)) // leak");
    body("const [first, ...others] = [phone, 2]\nconsole.log(others)\nconsole.log(first) // leak");
    body("const [first, ...others] = [1, phone]\nconsole.log(others) // leak");
    body(
        "const query = new URLSearchParams({ tel: phone, n: 1 })\nconsole.log(query.get('n'))\nconsole.log(query.get('tel')) // leak",
    );
}

#[test]
fn objects_are_built_and_changed_by_reflection_and_revived() {
    body(
        "class A { constructor(v) { this.v = v; this.n = 1 } }\nconst made = Reflect.construct(A, [phone])\nconsole.log(made.v) // leak\nconsole.log(made.n)",
    );
    body("const user = { tel: phone }\nReflect.deleteProperty(user, 'tel')\nconsole.log(user.tel)");
    body(
        "const user = JSON.parse('{\"tel\":1}', (key, value) => key === 'tel' ? phone : value)\nconsole.log(user.tel) // leak",
    );
}

#[test]
fn functions_that_only_reckon() {
    check(&[(
        "pages/a.js",
        "const add = (x, y) => { var low = (65535 & x) + (65535 & y)\nreturn (x >> 16) + (y >> 16) << 16 | 65535 & low }\nfunction turn(x, n) { return x << n | x >>> 32 - n }\nfunction mix(a, b, s) { return add(turn(add(a, b), s), b) }\nfunction label(a, b) { return a + b }\nPage({ onLoad() { const n = wx.getStorageSync('phone')\nconsole.log(mix(n, 1, 7)) // leak\nconsole.log(mix(1, 2, 7))\nconsole.log(label('n', n)) // leak\n} })",
    )]);
}

#[test]
fn keys_that_are_known_are_gone_through_one_by_one() {
    body(
        "const from = { tel: phone, n: 1 }, a = {}, c = {}\nfor (const k in from) a[k] = from[k]\nconsole.log(a.n)\nconsole.log(a.tel) // leak\nObject.keys(from).forEach(k => { c[k] = from[k] })\nconsole.log(c.n)\nconsole.log(c.tel) // leak\nfor (const k of ['n', 'tel']) { if (k === 'n') continue\nconsole.log(from[k]) // leak\n}\nfor (const k of ['n', 'tel']) { if (k === 'tel') break\nconsole.log(from[k]) }",
    );
}

#[test]
fn lists_of_one_and_paths_as_keys() {
    body(
        "const a = {}\na[['tel']] = phone\nconsole.log(a.tel) // leak\nconsole.log(a.n)\nthis.setData({ [`form.${q.x}`]: phone })\nconsole.log(this.data.form.any) // leak\nconsole.log(this.data.other)\nthis.setData({ [`list[${q.i}].tel`]: phone, list: [{ tel: '', n: 1 }] })\nconsole.log(this.data.list[0].n)",
    );
}

#[test]
fn what_an_element_is_called() {
    check(&[
        (
            "pages/a.js",
            "Page({ data: {}, onInput(e) { this.setData({ [e.currentTarget.id]: e.detail.value }) },\nsave() {\nconsole.log(this.data.tel) // leak\nconsole.log(this.data.count)\n} })",
        ),
        (
            "pages/a.wxml",
            "<input id=\"tel\" placeholder=\"手机号\" bindinput=\"onInput\"/><input id=\"count\" bindinput=\"onInput\"/><view bindtap=\"save\"/>",
        ),
    ]);
}

#[test]
fn helpers_for_lists_and_objects() {
    check(&[(
        "pages/a.js",
        "const _ = require('lodash')\nconst phone = wx.getStorageSync('phone')\nconst from = { tel: phone, n: 1 }, a = {}, c = {}\n_.forEach(['tel', 'n'], k => { a[k] = from[k] })\nconsole.log(a.n)\nconsole.log(a.tel) // leak\n_.forOwn(from, (value, key) => { c[key] = value })\nconsole.log(c.n)\nconsole.log(c.tel) // leak\nconsole.log(_.pick(from, ['n']))\nconsole.log(_.pick(from, ['n', 'tel'])) // leak\nconsole.log(_.omit(from, 'tel').n)\nconsole.log(_.omit(from, ['tel']))\nconsole.log(_.map([from], x => x.tel)) // leak\nconsole.log(_.map([from], x => x.n))\nconsole.log(_.first(_.sortBy([from], 'n')).tel) // leak\nPage({})",
    )]);
}

#[test]
fn what_only_happens_in_development() {
    body(
        "if (process.env.NODE_ENV === 'development') console.log(phone)\nif (process.env.NODE_ENV !== 'production') { console.log(phone) }\nif (process.env.NODE_ENV === 'production') console.log(phone) // leak\nprocess.env.NODE_ENV === 'development' && console.log(phone)\nif (process.env.OTHER === 'x') console.log(phone) // leak",
    );
}
