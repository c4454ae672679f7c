//! The only test binary.
mod generated;
