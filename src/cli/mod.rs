//! The command line: commands, walking, threads, exit codes. Owns I/O and time; judges nothing.

mod args;
mod check;
mod commands;
mod engine;
mod fix;
mod inventory;
mod progress;
mod terminal;
mod test;
mod write;

use args::{Cli, Command, ShowArgs};
use clap::Parser;
use std::process::ExitCode;

/// What ends a command with exit code 2: one clear sentence.
#[derive(Debug)]
pub(crate) struct Fail(pub String);

/// Runs the command line and returns its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe under --help is nobody's fault.
            drop(error.print());
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    match run(&cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(Fail(why)) => {
            terminal::complain(&format!("minivet: {}", crate::report::escape::line(&why)));
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<u8, Fail> {
    let scope = match command {
        Command::Check(args) => Some(&args.scope),
        Command::Flows(args) => Some(&args.scope),
        Command::Inventory(args) => Some(&args.scope),
        _ => None,
    };
    if let Some(scope) = scope {
        threads(scope.jobs);
    }
    match command {
        Command::Check(args) => check::check(args),
        Command::Flows(args) => check::flows(args),
        Command::Lsp(_) => commands::lsp(),
        Command::Inventory(args) => inventory::inventory(args),
        Command::Rules(show) => commands::rules(show),
        Command::Explain(args) => commands::explain(args),
        Command::Test(args) => test::test(args),
        Command::Init(args) => commands::init(args),
        Command::Completions { shell } => commands::completions(*shell),
        Command::Schema => print(&crate::config::schema()),
    }
}

/// Sets up the threads for analysis. Deep code needs deep stacks.
fn threads(jobs: Option<usize>) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.unwrap_or(0))
        .stack_size(16 << 20);
    // Fails only where a pool is there already.
    drop(pool.build_global());
}

fn print(text: &str) -> Result<u8, Fail> {
    terminal::print(text)
        .map(|()| 0)
        .map_err(|e| Fail(e.to_string()))
}

/// Puts a report where it is to go.
pub(crate) fn emit(text: &str, show: &ShowArgs) -> Result<(), Fail> {
    match &show.output {
        Some(path) => write::write(path, text.as_bytes())
            .map_err(|e| Fail(format!("{}: {e}", path.display()))),
        None => terminal::print(text).map_err(|e| Fail(e.to_string())),
    }
}
