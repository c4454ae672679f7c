// Where the server's program is. Knows the file system and the settings, not the language client.

import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

const PROGRAM = process.platform === "win32" ? "minivet.exe" : "minivet";

/** A program that can be started, or why there is none. */
export type Server = { command: string; from: "setting" | "bundled" | "path" } | { missing: string };

function runnable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** `~` and `${workspaceFolder}`, as people write them in settings. */
function expand(file: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  let out = file.replace(/^~(?=$|[\\/])/, os.homedir());
  if (folder !== undefined) {
    out = out.replaceAll("${workspaceFolder}", folder);
    if (!path.isAbsolute(out) && /[\\/]/.test(out)) {
      out = path.join(folder, out);
    }
  }
  return out;
}

/** Folders of `PATH`. Relative ones are left out: they would run a program out of whatever folder is open. */
function searchPath(): string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  folders.push(path.join(os.homedir(), ".cargo", "bin"));
  return folders.filter((folder) => path.isAbsolute(folder));
}

function onPath(name: string): string | undefined {
  return searchPath()
    .map((folder) => path.join(folder, name))
    .find(runnable);
}

/**
 * The program of the setting, else the bundled one, else one on `PATH`.
 *
 * `minivet.path` is a restricted setting: in a folder that is not trusted VS Code answers with the user's own value.
 */
export function findServer(context: vscode.ExtensionContext): Server {
  const wanted = vscode.workspace.getConfiguration("minivet").get<string>("path", "").trim();
  if (wanted !== "") {
    const expanded = expand(wanted);
    const command = path.isAbsolute(expanded) ? (runnable(expanded) ? expanded : undefined) : onPath(expanded);
    return command !== undefined
      ? { command, from: "setting" }
      : { missing: vscode.l10n.t("minivet: “{0}” (setting minivet.path) is not a program that can be run.", wanted) };
  }
  const bundled = context.asAbsolutePath(path.join("server", PROGRAM));
  if (runnable(bundled)) {
    return { command: bundled, from: "bundled" };
  }
  const found = onPath(PROGRAM);
  return found !== undefined
    ? { command: found, from: "path" }
    : {
        missing: vscode.l10n.t(
          "minivet: the program was not found. Set its path, or install it with “cargo install --path .” in the minivet repository.",
        ),
      };
}
