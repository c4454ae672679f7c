//! The one table of configuration keys: parser, error messages, JSON schema and `minivet init` are made from it.

use serde_json::{Value, json};

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    String,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list of strings.
    Strings,
    /// `true` or `false`.
    Bool,
    /// A number of bytes, or a string such as `"2MB"`.
    Size,
    /// A table: rule id → severity.
    SeverityByRule,
    /// A table: glob → list of rule ids or groups.
    ListsByGlob,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it does, in English.
    pub en: &'static str,
    /// What it does, in Simplified Chinese.
    pub zh_cn: &'static str,
    /// A line for `minivet init`, after `#`.
    pub example: &'static str,
}

/// Severities, as written.
pub const SEVERITIES: &[&str] = &["error", "warning", "info", "off"];
/// Confidences, as written.
pub const CONFIDENCES: &[&str] = &["low", "medium", "high"];

const fn key(
    name: &'static str,
    kind: Kind,
    en: &'static str,
    zh_cn: &'static str,
    example: &'static str,
) -> Key {
    Key {
        name,
        kind,
        en,
        zh_cn,
        example,
    }
}

/// All keys, in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "lang",
        Kind::OneOf(&["en", "zh-CN", "auto"]),
        "Language of messages",
        "消息使用的语言",
        "lang = \"auto\"",
    ),
    key(
        "select",
        Kind::Strings,
        "Rule ids or groups to run; without it, all that are on by default",
        "要运行的规则或规则组；缺省为所有默认启用的规则",
        "select = [\"secrets\", \"leak/log\"]",
    ),
    key(
        "ignore",
        Kind::Strings,
        "Rule ids or groups not to run",
        "不运行的规则或规则组",
        "ignore = [\"config/debug\"]",
    ),
    key(
        "severity",
        Kind::SeverityByRule,
        "Severity by rule id",
        "按规则设置级别",
        "severity.\"leak/log\" = \"error\"",
    ),
    key(
        "min-confidence",
        Kind::OneOf(CONFIDENCES),
        "Drop findings that are less sure than this",
        "丢弃可信度低于此值的问题",
        "min-confidence = \"medium\"",
    ),
    key(
        "min-severity",
        Kind::OneOf(&["error", "warning", "info"]),
        "Drop findings that weigh less than this",
        "丢弃级别低于此值的问题",
        "min-severity = \"info\"",
    ),
    key(
        "fail-on",
        Kind::OneOf(&["error", "warning", "info", "never"]),
        "Exit with code 1 if a finding is at least this bad",
        "存在不低于此级别的问题时以退出码 1 结束",
        "fail-on = \"warning\"",
    ),
    key(
        "exclude",
        Kind::Strings,
        "Globs of files and folders that are not checked, relative to this file",
        "不检查的文件或目录（glob，相对于本文件）",
        "exclude = [\"vendor/**\", \"**/*.generated.js\"]",
    ),
    key(
        "per-file-ignores",
        Kind::ListsByGlob,
        "Rule ids or groups not to report in files that match a glob",
        "对匹配 glob 的文件不报告的规则或规则组",
        "per-file-ignores.\"mock/**\" = [\"pii\"]",
    ),
    key(
        "platform",
        Kind::String,
        "Platform of the mini program, such as wx, my, tt, swan, qq, ks, uni, taro; detected if not given",
        "小程序平台，如 wx、my、tt、swan、qq、ks、uni、taro；缺省自动识别",
        "platform = \"wx\"",
    ),
    key(
        "first-party-domains",
        Kind::Strings,
        "Domains of your own servers: data sent there stays at home",
        "自有服务器的域名：发往这些域名的数据不算第三方",
        "first-party-domains = [\"example.com\"]",
    ),
    key(
        "extra-queries",
        Kind::Strings,
        "Folders with rules of your own, relative to this file",
        "自定义规则所在目录，相对于本文件",
        "extra-queries = [\"lint-rules\"]",
    ),
    key(
        "sanitizers",
        Kind::Strings,
        "Names of your functions that mask, hash or encrypt what they are given",
        "对入参做脱敏、哈希或加密的自有函数名",
        "sanitizers = [\"maskPhone\"]",
    ),
    key(
        "storage-wrappers",
        Kind::Strings,
        "Names of your functions that write to the device's storage; one that encrypts stands in sanitizers as well",
        "写入本地存储的自有封装函数名；会加密的同时列入 sanitizers",
        "storage-wrappers = [\"cache.set\"]",
    ),
    key(
        "request-wrappers",
        Kind::Strings,
        "Names of your functions that send network requests",
        "发送网络请求的自有封装函数名",
        "request-wrappers = [\"http.post\"]",
    ),
    key(
        "declared",
        Kind::Strings,
        "What the app's privacy guideline declares already: classes, the form's words, calls, or the file of an exported guideline",
        "小程序隐私保护指引中已声明的信息：数据类别、表单原文、接口名，或导出的指引文件",
        "declared = [\"phone\", \"location\"]",
    ),
    key(
        "max-file-size",
        Kind::Size,
        "Larger files are reported and skipped: bytes, or a string such as \"2MB\"",
        "超过此大小的文件会被提示并跳过：字节数，或如 \"2MB\" 的字符串",
        "max-file-size = \"1MB\"",
    ),
    key(
        "report-unused-disable-directives",
        Kind::Bool,
        "Report silencing comments that silence nothing",
        "报告没有屏蔽任何问题的屏蔽注释",
        "report-unused-disable-directives = true",
    ),
];

/// The JSON schema of `minivet.toml`, with a final newline.
pub fn schema() -> String {
    let mut properties = serde_json::Map::new();
    for key in KEYS {
        let mut value = schema_of(key.kind);
        value["description"] = Value::String(format!("{} / {}", key.en, key.zh_cn));
        properties.insert(key.name.to_string(), value);
    }
    let all = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "minivet.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    let mut text = serde_json::to_string_pretty(&all).unwrap_or_default();
    text.push('\n');
    text
}

fn schema_of(kind: Kind) -> Value {
    let strings = json!({"type": "array", "items": {"type": "string"}});
    match kind {
        Kind::String => json!({"type": "string"}),
        Kind::OneOf(words) => json!({"enum": words}),
        Kind::Strings => strings,
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Size => json!({"anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": "^[0-9]+ *([kKmMgG]?[iI]?[bB]?)$"}
        ]}),
        Kind::SeverityByRule => {
            json!({"type": "object", "additionalProperties": {"enum": SEVERITIES}})
        }
        Kind::ListsByGlob => json!({"type": "object", "additionalProperties": strings}),
    }
}

/// The commented file that `minivet init` writes.
pub fn template(language: crate::finding::Language) -> String {
    let zh = language == crate::finding::Language::ZhCn;
    let mut out = String::from(if zh {
        "# minivet 配置。所有项都可省略；去掉行首的 # 即可启用。\n"
    } else {
        "# Settings of minivet. All of them are optional; remove the # to use one.\n"
    });
    for key in KEYS {
        let text = if zh { key.zh_cn } else { key.en };
        out.push_str(&format!("\n# {text}\n# {}\n", key.example));
    }
    out
}
