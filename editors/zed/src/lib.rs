//! Starts `minivet lsp` in Zed. Nothing else.

use zed_extension_api::{self as zed, settings::LspSettings, Command, LanguageServerId, Result, Worktree};

struct Minivet;

impl zed::Extension for Minivet {
    fn new() -> Self {
        Minivet
    }

    fn language_server_command(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree("minivet", worktree)
            .ok()
            .and_then(|settings| settings.binary);
        let configured = binary.as_ref().and_then(|binary| binary.path.clone());
        let command = configured
            .or_else(|| worktree.which("minivet"))
            .ok_or("minivet is not on PATH; install it, or set lsp.minivet.binary.path")?;
        let args = binary
            .and_then(|binary| binary.arguments)
            .unwrap_or_else(|| vec!["lsp".to_owned()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }

    fn language_server_initialization_options(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<Option<zed::serde_json::Value>> {
        let settings = LspSettings::for_worktree("minivet", worktree)?;
        Ok(settings.settings.and_then(|settings| settings.get("minivet").cloned()))
    }

    fn language_server_workspace_configuration(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<Option<zed::serde_json::Value>> {
        Ok(LspSettings::for_worktree("minivet", worktree)?.settings)
    }
}

zed::register_extension!(Minivet);
