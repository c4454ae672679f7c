//! What both shells need of a project on disk: which files there are, their texts, users' own rules, and rounds of mends.
//!
//! Reads the file system, writes nothing, keeps nothing; judges nothing.

pub mod declared;
pub mod mend;
pub mod package;
pub mod rules;
pub mod walk;
