//! Packages of one app: sub-packages are shipped one by one, and mean little without the main package.

use super::Package;
use super::table::table;
use crate::report::texts::both;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Joins the packages of each folder in which one alone holds the app's configuration: the others' files get their place
/// in it. What belongs to no such package stays by itself.
pub fn join(packages: Vec<(String, Package)>) -> Vec<(String, Package)> {
    let mut by_folder: BTreeMap<String, Vec<(String, Package)>> = BTreeMap::new();
    for (name, package) in packages {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        by_folder
            .entry(folder.to_string())
            .or_default()
            .push((name, package));
    }
    by_folder.into_values().flat_map(of_one_folder).collect()
}

fn of_one_folder(packages: Vec<(String, Package)>) -> Vec<(String, Package)> {
    let is_main = |(name, package): &(String, Package)| {
        let configuration = format!("{name}/{}", table().configuration.app);
        package.texts.contains_key(&*configuration)
    };
    let (mut mains, others): (Vec<_>, Vec<_>) = packages.into_iter().partition(is_main);
    if mains.len() != 1 {
        mains.extend(others);
        return mains;
    }
    if let Some((main, app)) = mains.first_mut() {
        for (name, part) in others {
            add(main, app, &name, part);
        }
    }
    mains
}

fn add(main: &str, app: &mut Package, name: &str, part: Package) {
    for (path, text) in part.texts {
        let inner = path.strip_prefix(name).unwrap_or(&path);
        let placed: Arc<str> = format!("{main}{inner}").into();
        app.texts.entry(placed).or_insert(text);
    }
    app.errors.extend(part.errors);
    app.skipped.extend(part.skipped);
    app.notes.extend(part.notes);
    let note = both("note-package-joined", &[("app", main)]);
    app.notes.push((name.into(), note));
}
