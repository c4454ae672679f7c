//! What one typed letter costs in a large file, step by step: `cargo bench --bench edit`.
//!
//! The steps are those of the language server for the file that is edited; what other files make of the change is not in
//! here. Times depend on the machine, so nothing here is a test: compare the columns.

#![allow(clippy::print_stdout)]

use minivet::facts::{FileFacts, analyze};
use minivet::judge::{Judge, Settings};
use minivet::rules::RuleSet;
use minivet::syntax::{Dialects, Document, FileKind, Parsed, builtin_dialects, parse};
use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const RUNS: u32 = 40;

/// A kind of page, by the end of its name, and how many lines it has.
const PAGES: &[(&str, u32)] = &[
    ("js", 2_000),
    ("js", 10_000),
    ("wxml", 10_000),
    ("vue", 10_000),
];

fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(builtin_dialects)
}

/// Methods as people write them, ten lines each.
fn methods(lines: u32, out: &mut String) {
    for n in 0..lines / 10 {
        let _ = write!(
            out,
            "  // 提交订单 {n}\n  submit{n}(e) {{\n    const {{ name, amount }} = e.detail.value\n    if (!name) return wx.showToast({{ title: '请填写姓名', icon: 'none' }})\n    wx.request({{\n      url: `${{app.globalData.base}}/order/{n}?id=${{this.data.id}}`,\n      data: {{ name, amount, kind: 'goods', from: this.data.list[{n} % 7].title }},\n      success: res => this.setData({{ ['list[' + {n} + ']']: res.data, total: res.data.total + 1 }})\n    }})\n  }},\n"
        );
    }
}

/// Elements as people write them, five lines each.
fn elements(lines: u32, out: &mut String) {
    for n in 0..lines / 5 {
        let _ = write!(
            out,
            "<view class=\"row {{{{index % 2 ? 'odd' : 'even'}}}}\" wx:for=\"{{{{list{n}}}}}\" wx:key=\"id\">\n  <image src=\"{{{{item.cover}}}}\" mode=\"aspectFill\" />\n  <text class=\"title\">{{{{item.title}}}} 共 {{{{item.count + {n}}}}} 件</text>\n  <button bindtap=\"submit{n}\" data-id=\"{{{{item.id}}}}\">提交</button>\n</view>\n"
        );
    }
}

fn page((kind, lines): (&str, u32)) -> String {
    let mut out = String::new();
    match kind {
        "js" => {
            out.push_str("const app = getApp()\nPage({\n  data: { list: [] },\n");
            methods(lines, &mut out);
            out.push_str("})\n");
        }
        "wxml" => elements(lines, &mut out),
        _ => {
            out.push_str("<template>\n");
            elements(lines / 2, &mut out);
            out.push_str("</template>\n<script>\nexport default { methods: {\n");
            methods(lines / 2, &mut out);
            out.push_str("} }\n</script>\n");
        }
    }
    out
}

/// A page before and after a letter was typed in its middle.
struct Edited {
    kind: FileKind,
    document: Document,
    before: (Parsed, FileFacts),
    after: (Parsed, FileFacts),
}

fn edited(page_kind: (&str, u32)) -> Edited {
    let text = page(page_kind);
    let path = format!("pages/a/a.{}", page_kind.0);
    let kind = dialects().kind_of(&path).expect("internal: a known kind");
    // Inside of a word: `title` becomes `titlex`.
    let middle = text.len() / 2;
    let middle = text.ceil_char_boundary(middle);
    let at = text[middle..].find("title").map_or(middle, |n| middle + n) + 5;
    let mut new = text.clone();
    new.insert(at, 'x');
    let path: Arc<str> = path.into();
    let document = |text: String| Document {
        path: path.clone(),
        text: text.into(),
    };
    let (old, document) = (document(text), document(new));
    let rules = RuleSet::builtin();
    let parsed = parse(&old, kind, dialects(), None);
    let facts = analyze(&old, &parsed, &rules, None);
    let parsed_after = parse(&document, kind, dialects(), Some(&parsed));
    let facts_after = analyze(&document, &parsed_after, &rules, Some(&facts));
    Edited {
        kind,
        document,
        before: (parsed, facts),
        after: (parsed_after, facts_after),
    }
}

/// Time that this thread was on a processor, where the system tells (so that other work does not count), else the clock.
fn now(started: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| started.elapsed(), Duration::from_nanos)
}

/// The mean time of some runs, in milliseconds. A mean, because the system counts processor time in coarse steps.
fn measure<T>(mut run: impl FnMut() -> T) -> f64 {
    let started = Instant::now();
    let before = now(started);
    for _ in 0..RUNS {
        drop(std::hint::black_box(run()));
    }
    (now(started) - before).as_secs_f64() * 1e3 / f64::from(RUNS)
}

fn main() {
    let rules = RuleSet::builtin();
    let judge = Judge::new(rules.clone(), &Settings::default());
    println!("mean processor time of {RUNS} runs, ms");
    println!(
        "{:12} {:>8} {:>10} {:>10} {:>10} {:>14}",
        "page", "KB", "parse", "facts", "judgement", "facts afresh"
    );
    for &page in PAGES {
        let e = edited(page);
        let (old_parsed, old_facts) = &e.before;
        let (parsed, facts) = &e.after;
        let columns = [
            measure(|| parse(&e.document, e.kind, dialects(), Some(old_parsed))),
            measure(|| analyze(&e.document, parsed, &rules, Some(old_facts))),
            measure(|| judge.file(facts)),
            measure(|| analyze(&e.document, parsed, &rules, None)),
        ];
        let name = format!("{} {}", page.0, page.1);
        let size = e.document.text.len() / 1000;
        let [parse, facts, judgement, fresh] = columns;
        println!("{name:12} {size:8} {parse:10.2} {facts:10.2} {judgement:10.2} {fresh:14.2}");
    }
}
