//! Log lines for the client: `tracing` events of this program as `window/logMessage`. They never hold text of documents.

use super::outbox::Outbox;
use serde_json::json;
use std::fmt::{Debug, Write};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

struct Log {
    outbox: Outbox,
}

/// Where the log of a server goes.
pub fn to_client(outbox: &Outbox) -> Dispatch {
    Dispatch::new(Log {
        outbox: outbox.clone(),
    })
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO && metadata.target().starts_with("minivet")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let kind = match *event.metadata().level() {
            Level::ERROR => 1,
            Level::WARN => 2,
            Level::INFO => 3,
            _ => 4,
        };
        let mut line = Line(String::new());
        event.record(&mut line);
        self.outbox.notify(
            "window/logMessage",
            json!({"type": kind, "message": line.0}),
        );
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
        debug_assert!(text.is_ok(), "writing to a string does not fail");
    }
}
