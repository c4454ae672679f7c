//! Rules and tables: loads `queries/`, compiles patterns, knows names and formats. The only room that reads TOML tables.
//!
//! Pure except that it is handed file contents; knows no files of the project that is checked.

pub mod app_model;
pub mod checksum;
pub mod classes;
pub mod consent;
pub mod error;
pub mod examples;
pub mod flow_tables;
pub mod formats;
pub mod inventory;
pub mod params;
pub mod patterns;
pub mod places;
pub mod privacy;
pub mod regulations;
pub mod rule;
pub mod sample;
pub mod secrets;
pub mod set;
pub mod tables;
pub mod vocabulary;

pub use classes::{Class, ClassId, Classes, Level};
pub use error::RuleError;
pub use flow_tables::FlowTables;
pub use formats::{FormatMatch, Formats};
pub use params::{Param, Params};
pub use privacy::{InfoType, PrivacyApi, PrivacyApis};
pub use regulations::{Clause, Regulations};
pub use rule::{ExampleFile, FixSpec, Match, Messages, Pages, PatternFamily, PatternFile, Rule};
pub use secrets::{Endpoint, NearWords, SecretMatch, SecretPlace, SecretQuery, Secrets};
pub use set::RuleSet;
pub use tables::Tables;
pub use vocabulary::{NameMatch, NameMatches, Strength, Vocabulary};
