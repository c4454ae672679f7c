//! What the user says of the app's own functions, and how much is asked for. Plain data.

/// Settings of an analysis. The default knows nothing and asks for personal data only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Functions whose result is protected.
    pub sanitizers: Vec<String>,
    /// Functions that write to the device's store.
    pub storage_wrappers: Vec<String>,
    /// Functions that send requests.
    pub request_wrappers: Vec<String>,
    /// Report also flows of what is not personal, into any platform call.
    pub all: bool,
}

/// What a function is by the user's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OwnFunction {
    /// Its result, or what it passes on, is protected.
    pub sanitizes: bool,
    /// What it does, as `queries/flow/sinks.toml` names it.
    pub wraps: Option<Wrapper>,
}

/// What a wrapper is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// The device's store.
    Storage,
    /// The network.
    Request,
}

impl Wrapper {
    /// The row of the table that says what such a function does with its arguments.
    pub fn api(self) -> &'static str {
        match self {
            Wrapper::Storage => "@storage-wrapper",
            Wrapper::Request => "@request-wrapper",
        }
    }

    /// Whether a sink of a family is what the wrapper is around.
    pub fn is_around(self, family: &str) -> bool {
        match self {
            Wrapper::Storage => matches!(family, "storage" | "file" | "cloud-db"),
            Wrapper::Request => matches!(family, "network" | "socket" | "cloud-call"),
        }
    }
}

impl Options {
    /// Whether no function is named.
    pub fn is_empty(&self) -> bool {
        self.sanitizers.is_empty()
            && self.storage_wrappers.is_empty()
            && self.request_wrappers.is_empty()
    }

    /// What the user says of a function, by the name under which it is called (`cache.set`, `this.cache.set`).
    pub(super) fn function(&self, called: &str) -> Option<OwnFunction> {
        let within = |list: &[String]| list.iter().any(|name| is_called(called, name));
        let wraps = match () {
            () if within(&self.storage_wrappers) => Some(Wrapper::Storage),
            () if within(&self.request_wrappers) => Some(Wrapper::Request),
            () => None,
        };
        let sanitizes = within(&self.sanitizers);
        (sanitizes || wraps.is_some()).then_some(OwnFunction { sanitizes, wraps })
    }

    /// Whether the user calls a function of this name a sanitizer.
    pub(super) fn sanitizes(&self, name: &str) -> bool {
        self.sanitizers.iter().any(|own| is_called(name, own))
    }
}

/// Whether a path ends in a name: `this.cache.set` in `cache.set` and in `set`, `recache.set` in neither `cache.set`.
fn is_called(path: &str, name: &str) -> bool {
    path.strip_suffix(name)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
        && !name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_whole_words_from_the_end() {
        let options = Options {
            sanitizers: vec!["maskPhone".into()],
            storage_wrappers: vec!["cache.set".into()],
            ..Options::default()
        };
        assert!(options.sanitizes("utils.maskPhone") && options.sanitizes("maskPhone"));
        assert!(!options.sanitizes("unmaskPhone") && !options.sanitizes("maskPhone.x"));
        let set = options.function("this.cache.set");
        assert_eq!(set.and_then(|f| f.wraps), Some(Wrapper::Storage));
        assert!(options.function("recache.set").is_none());
        assert!(options.function("set").is_none());
    }
}
