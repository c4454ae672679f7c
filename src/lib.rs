//! minivet: finds privacy and security leaks in mini programs.
//!
//! ```text
//! text ──parse──▶ tree ──queries + lowering──▶ FileFacts ──link (whole app)──▶ Findings ──▶ diagnostics · text · JSON · SARIF · HTML
//!         (incremental)        (one file, pure)            (incremental, pure)        shells: lsp, cli
//! ```
//!
//! Arrows between modules: `text ← syntax ← rules ← facts ← flow, app ← finding ← report ← inventory ← session ← lsp, cli`; `config` and `project`
//! read the disk for both shells.
//! Everything that knows about mini programs is data in `queries/`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::print_stdout))]

pub mod app;
pub mod cli;
pub mod config;
pub mod facts;
pub mod finding;
pub mod flow;
pub mod inventory;
pub mod judge;
pub mod lsp;
pub mod project;
pub mod report;
pub mod rules;
pub mod session;
pub mod syntax;
pub mod text;
