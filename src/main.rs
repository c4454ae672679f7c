//! Parses arguments, picks a shell, maps to an exit code; nothing else.

fn main() -> std::process::ExitCode {
    minivet::cli::main()
}
