//! The rule set: all rules with the tables they rest on.

use super::error::RuleError;
use super::params::Shapes;
use super::rule::{Folder, Rule, read};
use super::tables::{Tables, embedded, embedded_files};
use crate::facts::names::Names;
use crate::finding::Language;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Rules, tables and the names that facts are made of.
#[derive(Debug)]
pub struct RuleSet {
    /// Sorted by id.
    pub rules: Vec<Rule>,
    /// What rules and engine know.
    pub tables: Arc<Tables>,
    /// Interned identifiers of all files judged with this set.
    pub names: Arc<Names>,
    by_id: FxHashMap<Arc<str>, u32>,
    pub(super) cells: super::patterns::Cells,
}

impl RuleSet {
    /// The rules that travel in the binary; read once per process.
    pub fn builtin() -> Arc<RuleSet> {
        static BUILTIN: OnceLock<Arc<RuleSet>> = OnceLock::new();
        BUILTIN
            .get_or_init(|| {
                let rules = match read_rules(embedded_files("rules"), true) {
                    Ok(rules) => rules,
                    Err(error) => panic!("internal: a built-in rule does not load: {error}"),
                };
                Arc::new(RuleSet::new(rules, Arc::new(Tables::builtin())))
            })
            .clone()
    }

    /// The built-in rules and a user's own: `files` are the paths and contents of all files in the user's folders. A rule
    /// is every folder with a `rule.toml`; its id is made of the last two folder names. A user's rule with the id of a
    /// built-in one takes its place.
    pub fn with_extra(files: &[(String, String)]) -> Result<RuleSet, RuleError> {
        let builtin = RuleSet::builtin();
        let own = files
            .iter()
            .map(|(path, text)| (path.replace('\\', "/"), Cow::Owned(text.clone())));
        let extra = read_rules(own, false)?;
        for rule in &extra {
            builtin.tables.check_rule(rule)?;
            super::patterns::check(rule)?;
        }
        let mut rules: BTreeMap<Arc<str>, Rule> = builtin
            .rules
            .iter()
            .map(|r| (r.id.clone(), r.clone()))
            .collect();
        rules.extend(extra.into_iter().map(|rule| (rule.id.clone(), rule)));
        Ok(RuleSet::new(
            rules.into_values().collect(),
            builtin.tables.clone(),
        ))
    }

    fn new(rules: Vec<Rule>, tables: Arc<Tables>) -> RuleSet {
        let mut by_id = FxHashMap::default();
        for (index, rule) in rules.iter().enumerate() {
            for alias in &rule.aliases {
                by_id.entry(alias.clone()).or_insert(index as u32);
            }
        }
        for (index, rule) in rules.iter().enumerate() {
            by_id.insert(rule.id.clone(), index as u32);
        }
        RuleSet {
            rules,
            tables,
            names: Arc::new(Names::new()),
            by_id,
            cells: Default::default(),
        }
    }

    /// The index of a rule, by id or former id.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).map(|&index| index as usize)
    }

    /// A rule, by id or former id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.index(id).map(|index| &self.rules[index])
    }

    /// Groups, sorted.
    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = self.rules.iter().map(|rule| &*rule.group).collect();
        groups.dedup();
        groups
    }

    /// Indices of the rules that a selector names: an id, a former id, a group (`leak`, `leak/`, `leak/*`) or `all`.
    /// Empty if it names nothing.
    pub fn select(&self, selector: &str) -> Vec<usize> {
        if selector == "all" || selector == "*" {
            return (0..self.rules.len()).collect();
        }
        if let Some(index) = self.index(selector) {
            return vec![index];
        }
        let group = selector
            .strip_suffix("/*")
            .or_else(|| selector.strip_suffix('/'))
            .unwrap_or(selector);
        (0..self.rules.len())
            .filter(|&i| &*self.rules[i].group == group)
            .collect()
    }

    /// The known id, alias or group nearest to a selector that names nothing.
    pub fn nearest(&self, selector: &str) -> Option<&str> {
        let ids = self
            .rules
            .iter()
            .flat_map(|rule| std::iter::once(&*rule.id).chain(rule.aliases.iter().map(|a| &**a)));
        // The name alone is what people remember: `no-log` and `log` find `leak/log`.
        let by_name = self
            .rules
            .iter()
            .find(|rule| rule.id.split('/').nth(1) == Some(selector))
            .map(|rule| &*rule.id);
        by_name.or_else(|| super::error::nearest(selector, ids.chain(self.groups())))
    }

    /// The address of a built-in rule's page.
    pub fn url(&self, rule: &Rule, language: Language) -> Option<String> {
        let page = match language {
            Language::En => "en.md",
            Language::ZhCn => "zh-CN.md",
        };
        rule.builtin
            .then(|| format!("{}/{}/{page}", self.tables.docs_url(), rule.id))
    }
}

/// Finds rule folders among files and reads them, sorted by id.
fn read_rules(
    files: impl IntoIterator<Item = (String, Cow<'static, str>)>,
    builtin: bool,
) -> Result<Vec<Rule>, RuleError> {
    let shapes = Shapes::parse(embedded("data/detectors.toml"));
    let mut all: BTreeMap<String, Cow<'static, str>> = files.into_iter().collect();
    let folders: Vec<String> = all
        .keys()
        .filter_map(|path| path.strip_suffix("/rule.toml"))
        .map(String::from)
        .collect();
    let mut rules: BTreeMap<Arc<str>, Rule> = BTreeMap::new();
    for path in folders {
        let prefix = format!("{path}/");
        let inside: Vec<String> = all
            .range(prefix.clone()..)
            .map(|(p, _)| p.clone())
            .take_while(|p| p.starts_with(&prefix))
            .collect();
        let mut folder = Folder {
            path: path.clone(),
            files: BTreeMap::new(),
        };
        for file in inside {
            if let Some(text) = all.remove(&file) {
                folder.files.insert(file[prefix.len()..].to_string(), text);
            }
        }
        let mut parts = path.rsplit('/');
        let (name, group) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let rule = read(&format!("{group}/{name}"), &folder, &shapes, builtin)?;
        if let Some(other) = rules.get(&rule.id) {
            return Err(RuleError::new(
                &rule.path,
                0,
                format!("`{}` is also defined in {}", rule.id, other.path),
                format!("`{}` 已在 {} 中定义", rule.id, other.path),
            ));
        }
        rules.insert(rule.id.clone(), rule);
    }
    Ok(rules.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
severity = "warning"
confidence = "high"
[message.en]
what = "{data} reaches {call}"
[[match]]
on = "sink"
families = ["log"]
severity.credential = "error"
"#;

    fn load(rule: &str) -> Result<RuleSet, String> {
        let file =
            |name: &str, text: &str| (format!("my/rules/team/own-log/{name}"), text.to_string());
        RuleSet::with_extra(&[file("rule.toml", rule), file("en.md", "# Own log\n")])
            .map_err(|e| e.to_string())
    }

    #[test]
    fn a_users_rule_loads_beside_the_built_in_ones() {
        let set = load(GOOD).unwrap();
        let rule = set.rule("team/own-log").unwrap();
        assert_eq!(rule.matches[0].params.list("families"), ["log"]);
        assert_eq!(rule.messages.what.zh_cn, "{data} reaches {call}");
        assert_eq!(set.select("team"), [set.index("team/own-log").unwrap()]);
        assert_eq!(set.rules.len(), RuleSet::builtin().rules.len() + 1);
        assert_eq!(set.url(rule, Language::En), None);
    }

    #[test]
    fn errors_name_file_line_and_mend() {
        let error = load(&GOOD.replace("families", "famlies")).unwrap_err();
        assert_eq!(
            error,
            "my/rules/team/own-log/rule.toml:8: unknown key `famlies`; did you mean `families`?"
        );
        let error = load(&GOOD.replace("\"sink\"", "\"snk\"")).unwrap_err();
        assert_eq!(
            error,
            "my/rules/team/own-log/rule.toml:7: unknown `on = \"snk\"`; did you mean `sink`?"
        );
        let error = load(&GOOD.replace("severity = \"warning\"", "severity = 3")).unwrap_err();
        assert_eq!(
            error,
            "my/rules/team/own-log/rule.toml:2: `severity` must be one of error, warning, info"
        );
        let error = load(&GOOD.replace("[\"log\"]", "\"log\"")).unwrap_err();
        assert!(
            error.contains(":8: `families` must be of type strings, found string"),
            "{error}"
        );
        let error = load("severity = ").unwrap_err();
        assert!(
            error.starts_with("my/rules/team/own-log/rule.toml:1: not valid TOML"),
            "{error}"
        );
        let error = load(&format!("{GOOD}classes = [\"phon\"]")).unwrap_err();
        assert!(
            error.contains("unknown class `phon`; did you mean `phone`?"),
            "{error}"
        );
    }
}
