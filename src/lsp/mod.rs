//! The language server over standard input and output. The only place that knows the protocol.
//!
//! The calling thread reads frames and guards the protocol's order ([`server`]); one thread owns all state and does the
//! analysis ([`world`]); one thread writes ([`outbox`]); one passes through the workspace ([`scan`]). Nobody ever waits for
//! the client, and an edit that is read ends an analysis that runs.
//!
//! Why no framework: tower-lsp and its continuation were measured. A body that is no JSON or holds half a surrogate pair ends
//! the session, handlers overtake each other, `$/` requests get no answer, `exit` has no code 1, and the protocol types refuse
//! URIs that editors send. What would be left of them is a frame reader and a router of nine methods, and both are here,
//! smaller than the layer that would mend them. Four threads and channels need no asynchronous runtime.

pub mod actions;
mod answers;
pub mod board;
pub mod client;
pub mod configs;
pub mod document;
pub mod frame;
mod log;
pub mod outbox;
pub mod pace;
pub mod present;
pub mod scan;
pub mod server;
pub mod settings;
pub mod silence;
pub mod uri;
pub mod workspace;
pub mod world;

pub use server::{run, serve};
