//! The only test binary.

#![allow(clippy::unwrap_used)]

mod generated;

#[cfg(unix)]
mod cli;
mod lsp;
mod rules;
mod tidy;
