//! `--diff`: what mends would change. Pure.

/// A unified diff of one file; `mask` makes a line showable.
pub fn diff(name: &str, old: &str, new: &str, mask: &dyn Fn(&str) -> String) -> String {
    let diff = similar::TextDiff::from_lines(old, new);
    let mut out = format!("--- {name}\n+++ {name}\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        out.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                similar::ChangeTag::Delete => '-',
                similar::ChangeTag::Insert => '+',
                similar::ChangeTag::Equal => ' ',
            };
            let line = change.value().trim_end_matches(['\n', '\r']);
            out.push_str(&format!("{sign}{}\n", mask(line)));
        }
    }
    out
}
