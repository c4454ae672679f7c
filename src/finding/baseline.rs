//! Baselines: findings that are known and not reported again. Pure: text in, text out.

use super::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often each known finding occurs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    counts: BTreeMap<(String, String, String), u32>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    rule: String,
    file: String,
    fingerprint: String,
    count: u32,
}

fn key(finding: &Finding) -> (String, String, String) {
    (
        finding.at.file.to_string(),
        finding.rule.to_string(),
        finding.fingerprint.clone(),
    )
}

impl Baseline {
    /// The baseline of what was found now.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Baseline {
        let mut out = Baseline::default();
        for finding in findings {
            *out.counts.entry(key(finding)).or_insert(0) += 1;
        }
        out
    }

    /// Reads a baseline file. The error is one clause for a message that names the file.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
        if file.version != 1 {
            return Err(format!("version {} is not known", file.version));
        }
        let rows = file.findings.into_iter();
        let counts = rows
            .map(|r| ((r.file, r.rule, r.fingerprint), r.count))
            .collect();
        Ok(Baseline { counts })
    }

    /// The file's text: sorted, one finding a line, so that it diffs well.
    pub fn write(&self) -> String {
        let mut out = String::from("{\"version\": 1, \"findings\": [");
        for (n, ((file, rule, fingerprint), &count)) in self.counts.iter().enumerate() {
            let row = Row {
                rule: rule.clone(),
                file: file.clone(),
                fingerprint: fingerprint.clone(),
                count,
            };
            out.push_str(if n == 0 { "\n  " } else { ",\n  " });
            out.push_str(&serde_json::to_string(&row).unwrap_or_default());
        }
        out.push_str("\n]}\n");
        out
    }

    /// Takes known findings out, first ones first; returns how many.
    pub fn filter(&self, findings: &mut Vec<Finding>) -> u32 {
        let mut left = self.counts.clone();
        let before = findings.len();
        findings.retain(|finding| match left.get_mut(&key(finding)) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        });
        (before - findings.len()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::tests::sample;

    #[test]
    fn a_second_twin_is_new() {
        let one = sample("leak/log", 0, 4);
        let baseline = Baseline::of([&one]);
        let again = Baseline::parse(&baseline.write()).unwrap();
        assert_eq!(again, baseline);
        let mut now = vec![one.clone(), one.clone(), sample("leak/url", 0, 4)];
        assert_eq!(again.filter(&mut now), 1);
        assert_eq!(now.len(), 2);
        assert!(Baseline::parse("{\"version\": 7, \"findings\": []}").is_err());
    }
}
