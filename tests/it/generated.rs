//! Files of the repository that the program generates: they are what it generates today.
//! `MINIVET_WRITE_GENERATED=1 cargo test --test it generated` writes them.

use std::fs;
use std::path::Path;

fn check(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("MINIVET_WRITE_GENERATED").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{file} is out of date; run: MINIVET_WRITE_GENERATED=1 cargo test --test it generated"
    );
}

#[test]
fn the_schema_of_the_editors_is_the_schema_of_the_configuration() {
    check(
        "editors/vscode/minivet.schema.json",
        &minivet::config::schema(),
    );
}
