//! Paths with `/` between their parts, relative to the session's root.

/// The folder of a file; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last part of a path.
pub(super) fn base(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// `path` seen from `folder`, without `.` and `..`; `None` if it leads out of the session.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Without `.`, empty parts and outer slashes; what leads out is cut.
pub(super) fn normal(path: &str) -> String {
    join("", path).unwrap_or_default()
}

/// `path` below `root`, if it is.
pub(super) fn below<'p>(root: &str, path: &'p str) -> Option<&'p str> {
    if root.is_empty() {
        return Some(path);
    }
    path.strip_prefix(root)?.strip_prefix('/')
}

/// Length of a file's path without extensions: `a/b.config.ts` → `a/b`.
pub(super) fn stem_len(path: &str) -> usize {
    let start = path.len() - base(path).len();
    let name = &path[start..];
    // A leading dot starts a name, not an extension.
    let dot = name.char_indices().skip(1).find(|(_, c)| *c == '.');
    dot.map_or(path.len(), |(at, _)| start + at)
}

/// `FooBar` and `fooBar` as `foo-bar`; every capital inside begins a word.
pub fn kebab(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len() + 4);
    for c in tag.chars() {
        if c.is_uppercase() {
            if out.ends_with(char::is_alphanumeric) {
                out.push('-');
            }
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_taken_apart() {
        assert_eq!(join("a/b", "../c/./d"), Some("a/c/d".into()));
        assert_eq!(join("a", "../../b"), None);
        assert_eq!(folder("a/b.js"), "a");
        assert_eq!(below("a", "ab/c"), None);
        assert_eq!(below("", "ab/c"), Some("ab/c"));
        let stem = |path: &str| path[..stem_len(path)].to_string();
        assert_eq!(stem("页/b.config.ts"), "页/b");
        assert_eq!(stem("a.b/c"), "a.b/c");
        assert_eq!(stem("a/.env.local"), "a/.env");
        assert_eq!(stem("号.js"), "号");
        assert_eq!(kebab("UserCard"), "user-card");
        assert_eq!(kebab("UButton"), "u-button");
        assert_eq!(kebab("user-card"), "user-card");
    }
}
