//! The language server over standard input and output. The only place that knows the protocol.
//!
//! The calling thread reads frames and guards the protocol's order ([`server`]); one thread owns all state ([`world`]);
//! one thread writes ([`outbox`]). Nobody ever waits for the client.

pub mod frame;
pub mod outbox;
pub mod server;
pub mod tool;
pub mod uri;
pub mod world;

pub use server::{run, serve};
pub use tool::Tool;
