//! What a kilobyte costs in each dialect: `cargo bench --bench dialects`.
//!
//! The same pages, forms with requests and lists, are written as native pages, as single-file components and as TSX, and
//! parsed and checked as whole apps in one run. The last columns compare a kilobyte with one of plain JavaScript (the native
//! pages without their templates count as that); what they should stay below is [`LIMIT`]. Times depend on the machine, so nothing
//! here is a test.

#![allow(clippy::print_stdout)]

use minivet::judge::Settings;
use minivet::rules::RuleSet;
use minivet::session::Session;
use minivet::syntax::{Dialects, Document, builtin_dialects, parse};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PAGES: usize = 60;
const RUNS: u32 = 7;
/// The most that a kilobyte may cost beside one of JavaScript.
const LIMIT: f64 = 1.5;

fn dialects() -> &'static Dialects {
    static DIALECTS: OnceLock<Dialects> = OnceLock::new();
    DIALECTS.get_or_init(builtin_dialects)
}

fn document(path: String, text: String) -> Document {
    Document {
        path: path.into(),
        text: text.into(),
    }
}

fn routes() -> String {
    let routes: Vec<String> = (0..PAGES).map(|n| format!("\"pages/p{n}/p{n}\"")).collect();
    routes.join(",")
}

/// The logic of a page as people write it; `$` is what data lie on, `#` writes them.
const METHODS: &str = "
  // 加载列表
  load@(page) {
    if (page < 1 || !page) { page = 1 }
    API.request({
      url: `https://api.xiangcun.cn/list@?page=${page}`,
      success: (res) => {
        const rows = res.data.rows.map((row) => ({ id: row.id, title: row.title, count: Number(row.count) || 0 }))
        const total = rows.reduce((sum, row) => sum + row.count, 0)
        SET('rows', rows)
        SET('total', total > 99 ? '99+' : String(total))
      },
      fail: () => { API.showToast({ title: '网络不好，请稍后再试', icon: 'none' }) }
    })
  },
  open@(item) {
    const target = item && item.id ? item.id : 0
    for (let i = 0; i < 3; i++) {
      if (target === i) { return API.showToast({ title: '已经打开', icon: 'none' }) }
    }
    API.navigateTo({ url: '/pages/p@/p@?id=' + target })
  },
  submit@() {
    const { name, phone } = DATA.form
    if (!/^1\\d{10}$/.test(phone)) { return API.showModal({ title: '提示', content: '请填写正确的手机号', showCancel: false }) }
    API.request({ url: 'https://api.xiangcun.cn/save@', method: 'POST', data: { name, phone, kind: 'goods' } })
  },
";

fn methods(n: usize, api: &str, data: &str, set: impl Fn(&str) -> String) -> String {
    let mut text = METHODS.replace('@', &n.to_string()).replace("API", api);
    text = text.replace("DATA", data);
    for name in ["rows", "total"] {
        let call = format!("SET('{name}', ");
        while let Some(at) = text.find(&call) {
            text.replace_range(at..at + call.len(), &set(name));
        }
    }
    text
}

fn native(templates: bool) -> Vec<Document> {
    let mut out = vec![
        document("app.json".into(), format!("{{\"pages\":[{}]}}", routes())),
        document("app.js".into(), "App({})".into()),
    ];
    for n in 0..PAGES {
        let body = methods(n, "wx", "this.data", |name| format!("this.put('{name}', "));
        let script = format!(
            "Page({{\n  data: {{ rows: [], total: '', form: {{ name: '', phone: '' }} }},\n  put(key, value) {{ this.setData({{ [key]: value }}) }},\n  onLoad() {{ this.load{n}(1) }},{body}}})\n"
        );
        out.push(document(format!("pages/p{n}/p{n}.js"), script));
        if templates {
            let template = format!(
                "<view class=\"page\">\n  <view wx:for=\"{{{{rows}}}}\" wx:key=\"id\" bindtap=\"open{n}\"><text>{{{{item.title}}}}</text><text>{{{{item.count}}}} 件</text></view>\n  <input model:value=\"{{{{form.phone}}}}\" placeholder=\"手机号\" />\n  <button bindtap=\"submit{n}\">提交 {{{{total}}}}</button>\n</view>\n"
            );
            out.push(document(format!("pages/p{n}/p{n}.wxml"), template));
        }
    }
    out
}

fn component() -> Vec<Document> {
    let pages: Vec<String> = (0..PAGES)
        .map(|n| format!("{{\"path\":\"pages/p{n}/p{n}\"}}"))
        .collect();
    let mut out = vec![
        document(
            "pages.json".into(),
            format!("{{\"pages\":[{}]}}", pages.join(",")),
        ),
        document(
            "App.vue".into(),
            "<script>\nexport default {}\n</script>\n".into(),
        ),
    ];
    for n in 0..PAGES {
        let body = methods(n, "uni", "this", |name| format!("this.put('{name}', "));
        let text = format!(
            "<template>\n<view class=\"page\">\n  <view v-for=\"item in rows\" :key=\"item.id\" @tap=\"open{n}(item)\"><text>{{{{item.title}}}}</text><text>{{{{item.count}}}} 件</text></view>\n  <input v-model=\"form.phone\" placeholder=\"手机号\" />\n  <button @tap=\"submit{n}\">提交 {{{{total}}}}</button>\n</view>\n</template>\n<script>\nexport default {{\n  data() {{ return {{ rows: [], total: '', form: {{ name: '', phone: '' }} }} }},\n  onLoad() {{ this.load{n}(1) }},\n  methods: {{\n  put(key, value) {{ this[key] = value }},{body}}}\n}}\n</script>\n<style scoped>\n.page {{ padding: 20rpx; background: #fff; }}\n</style>\n"
        );
        out.push(document(format!("pages/p{n}/p{n}.vue"), text));
    }
    out
}

fn tsx() -> Vec<Document> {
    let config = format!(
        "export default defineAppConfig({{ pages: [{}] }})",
        routes()
    );
    let mut out = vec![
        document("src/app.config.ts".into(), config),
        document(
            "src/app.tsx".into(),
            "export default function App({ children }: any) { return children }".into(),
        ),
    ];
    for n in 0..PAGES {
        let body = methods(n, "Taro", "this.state", |name| {
            format!("this.put('{name}', ")
        });
        // Methods of a class stand without commas.
        let body = body
            .replace("\n  },\n", "\n  }\n")
            .replace("(page)", "(page: number)");
        let body = body.replace("(item)", "(item: Row)");
        let text = format!(
            "import {{ Component }} from 'react'\nimport Taro from '@tarojs/taro'\nimport {{ View, Text, Input, Button }} from '@tarojs/components'\ninterface Row {{ id: number; title: string; count: number }}\ninterface State {{ rows: Row[]; total: string; form: {{ name: string; phone: string }} }}\nexport default class P{n} extends Component<{{}}, State> {{\n  state: State = {{ rows: [], total: '', form: {{ name: '', phone: '' }} }}\n  put(key: string, value: unknown) {{ this.setState({{ [key]: value }} as any) }}\n  componentDidMount() {{ this.load{n}(1) }}{body}\n  render() {{\n    const {{ rows, total, form }} = this.state\n    return (\n      <View className='page'>\n        {{rows.map((item) => <View key={{item.id}} onClick={{() => this.open{n}(item)}}><Text>{{item.title}}</Text><Text>{{item.count}} 件</Text></View>)}}\n        <Input value={{form.phone}} placeholder='手机号' onInput={{(e) => this.setState({{ form: {{ ...form, phone: e.detail.value }} }})}} />\n        <Button onClick={{() => this.submit{n}()}}>提交 {{total}}</Button>\n      </View>\n    )\n  }}\n}}\n"
        );
        out.push(document(format!("src/pages/p{n}/p{n}.tsx"), text));
    }
    out
}

/// Time that this thread was on a processor, where the system tells (so that other work does not count), else the clock.
fn now(started: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| started.elapsed(), Duration::from_nanos)
}

/// The least time of some runs, in milliseconds.
fn measure<T>(mut run: impl FnMut() -> T) -> f64 {
    let started = Instant::now();
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let before = now(started);
        drop(std::hint::black_box(run()));
        least = least.min((now(started) - before).as_secs_f64() * 1e3);
    }
    least
}

fn parsed(documents: &[Document]) {
    for document in documents {
        if let Some(kind) = dialects().kind_of(&document.path) {
            std::hint::black_box(parse(document, kind, dialects(), None));
        }
    }
}

fn checked(documents: &[Document]) -> usize {
    // On this thread, so that its time is all that there is.
    let mut session = Session::new(RuleSet::builtin(), &Settings::default());
    for document in documents {
        session.set_text(document.clone(), dialects(), &|| false);
    }
    session.check().findings.values().map(Vec::len).sum()
}

fn main() {
    let rows = [
        ("JavaScript", native(false)),
        ("native pages", native(true)),
        ("Vue components", component()),
        ("TSX", tsx()),
    ];
    println!(
        "least processor time of {RUNS} runs; × is a kilobyte beside one of JavaScript, at most {LIMIT}"
    );
    println!(
        "{:16} {:>6} {:>9} {:>9} {:>7} {:>7}",
        "", "KB", "parse ms", "check ms", "parse ×", "check ×"
    );
    let mut floor = None;
    for (name, documents) in &rows {
        let size = documents.iter().map(|d| d.text.len()).sum::<usize>() as f64 / 1e3;
        let (parse, check) = (
            measure(|| parsed(documents)),
            measure(|| checked(documents)),
        );
        let per = (parse / size, check / size);
        let (p, c) = *floor.get_or_insert(per);
        println!(
            "{name:16} {size:6.0} {parse:9.2} {check:9.2} {:7.2} {:7.2}",
            per.0 / p,
            per.1 / c
        );
    }
}
