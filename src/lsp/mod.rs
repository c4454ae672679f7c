//! The language server: the only place for tower-lsp and tokio.
