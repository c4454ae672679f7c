//! The only test binary.

#![allow(clippy::unwrap_used)]

mod apps;
mod generated;
mod inventory;

#[cfg(unix)]
mod bundles;
mod cli;
#[cfg(unix)]
mod consent;
#[cfg(unix)]
mod dialects;
#[cfg(unix)]
mod faults;
#[cfg(unix)]
mod flows;
#[cfg(unix)]
mod frameworks;
mod lsp;
#[cfg(unix)]
mod mends;
#[cfg(unix)]
mod packages;
mod rules;
mod support;
mod tidy;
