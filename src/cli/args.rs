//! The command line's shape. No behaviour.

use crate::report::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The baseline where none is named.
pub const BASELINE_FILE: &str = "minivet-baseline.json";

/// Finds privacy and security leaks in mini programs (小程序), explains them, and fixes them.
#[derive(Debug, Parser)]
#[command(name = "minivet", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lint files, folders or whole apps (`-` reads standard input)
    Check(CheckArgs),
    /// Language server on standard input and output
    Lsp(LspArgs),
    /// Every data flow found: source, sink, data class, steps
    Flows(FlowsArgs),
    /// The privacy inventory: what the app collects and what must be declared
    Inventory(InventoryArgs),
    /// List all rules
    Rules(ShowArgs),
    /// Show one rule's page
    Explain(ExplainArgs),
    /// Run rule folders' own examples
    Test(TestArgs),
    /// Write a commented minivet.toml
    Init(InitArgs),
    /// Write a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the JSON schema of minivet.toml
    #[command(hide = true)]
    Schema,
}

/// Language of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    #[value(name = "zh-CN", alias = "zh", alias = "zh-cn")]
    ZhCn,
    /// By LC_ALL and LANG.
    Auto,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A severity, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Info,
    /// Nothing.
    Never,
}

/// Options of output that all commands share.
#[derive(Args, Debug, Clone)]
pub struct ShowArgs {
    /// Language of messages
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// When to colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
    /// Findings only, no summary
    #[arg(short, long)]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// `text` or `json`
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Write the report to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options that choose what is checked.
#[derive(Args, Debug, Clone)]
pub struct ScopeArgs {
    /// Files and folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Rule ids or groups to run
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub select: Vec<String>,
    /// Rule ids or groups not to run
    #[arg(long, value_delimiter = ',', value_name = "RULE")]
    pub ignore: Vec<String>,
    /// Drop findings that weigh less
    #[arg(long, value_parser = ["error", "warning", "info"])]
    pub min_severity: Option<String>,
    /// Drop findings that are less sure
    #[arg(long, value_parser = ["low", "medium", "high"])]
    pub min_confidence: Option<String>,
    /// Use this configuration file for all files
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Number of threads
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// Check also what .gitignore, .minivetignore and the default list leave out
    #[arg(long)]
    pub no_ignore: bool,
}

/// `minivet check`.
#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub show: ShowArgs,
    /// Apply safe fixes
    #[arg(long)]
    pub fix: bool,
    /// Apply unsafe fixes as well
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// Show what --fix would change, and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Exit with code 1 from this severity on (default: warning)
    #[arg(long, value_enum)]
    pub fail_on: Option<FailOn>,
    /// Leave out findings that this file knows
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write all findings to the baseline file
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = BASELINE_FILE)]
    pub write_baseline: Option<PathBuf>,
    /// Name of the text on standard input
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Report silencing comments that silence nothing
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub report_unused_disable_directives: Option<bool>,
}

/// `minivet flows`.
#[derive(Args, Debug, Clone)]
pub struct FlowsArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub show: ShowArgs,
    /// `all`: also flows of data that is not personal
    #[arg(long, value_parser = ["personal", "all"], default_value = "personal")]
    pub sources: String,
}

/// What makes `minivet inventory` end with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewThing {
    /// Data that is collected newly, or in a new way.
    NewCollection,
    /// Somebody who receives data newly.
    NewRecipient,
    /// What is used and not declared.
    Undeclared,
    /// Nothing.
    Never,
}

/// `minivet inventory`.
#[derive(Args, Debug, Clone)]
pub struct InventoryArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Language of the inventory
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// When to colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
    /// No notes
    #[arg(short, long)]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Form of the inventory
    #[arg(long, value_parser = ["text", "md", "markdown", "json", "html"], default_value = "text")]
    pub format: String,
    /// Write it to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Compare with an inventory saved by `--format json`
    #[arg(long, value_name = "FILE")]
    pub since: Option<PathBuf>,
    /// Exit with code 1 if there is such a thing
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub fail_on: Vec<NewThing>,
}

/// `minivet explain`.
#[derive(Args, Debug, Clone)]
pub struct ExplainArgs {
    /// Rule id
    pub rule: String,
    #[command(flatten)]
    pub show: ShowArgs,
}

/// `minivet test`.
#[derive(Args, Debug, Clone)]
pub struct TestArgs {
    /// Folder of rules; else those of `extra-queries`, else the built-in ones
    pub dir: Option<PathBuf>,
    #[command(flatten)]
    pub show: ShowArgs,
}

/// `minivet init`.
#[derive(Args, Debug, Clone)]
pub struct InitArgs {
    /// Language of the comments
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// `minivet lsp`.
#[derive(Args, Debug, Clone)]
pub struct LspArgs {
    /// Accepted for editors that pass it; standard input and output are always used
    #[arg(long, hide = true)]
    pub stdio: bool,
}
