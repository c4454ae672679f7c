//! Rebuilds the crate when anything in `queries/` changes, comes or goes: the folder is embedded in the binary.

fn main() {
    println!("cargo:rerun-if-changed=queries");
}
