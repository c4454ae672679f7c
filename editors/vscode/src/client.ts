// The language client: which documents it serves, and what the server is told.

import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import type { DynamicFeature, LanguageClientOptions, ServerOptions, StaticFeature } from "vscode-languageclient/node";
import { serverSettings } from "./settings";

/** Languages by id, as VS Code and common extensions name them. */
const LANGUAGES = [
  "javascript", "javascriptreact", "typescript", "typescriptreact", "vue", "json", "jsonc",
  "wxml", "wxs", "axml", "sjs", "ttml", "swan", "ksml", "jxml", "xhsml", "ddml", "mpx", "wpy",
];

/** Files by name, whatever language another extension takes them for (`.qml` is Qt's, `.qs` and `.ks` others'). */
const PATTERNS = ["**/*.{mjs,cjs,mts,cts,wxml,wxs,axml,sjs,ttml,swan,qml,qs,ksml,jxml,xhsml,ddml,mpx,wpy}", "**/.env", "**/.env.*"];

function documentSelector(): LanguageClientOptions["documentSelector"] {
  const schemes = new Set(["file", "untitled"]);
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    schemes.add(folder.uri.scheme);
  }
  return [...schemes].flatMap((scheme) => [
    ...LANGUAGES.map((language) => ({ scheme, language })),
    ...PATTERNS.map((pattern) => ({ scheme, pattern })),
  ]);
}

/**
 * The library registers every command that the server announces, under the same name as ours, and throws away what the
 * server answers. So that part is left out: the extension's own commands ask the server.
 */
class Client extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = "registrationType" in feature ? feature.registrationType.method : undefined;
    if (method !== ExecuteCommandRequest.method) {
      super.registerFeature(feature);
    }
  }
}

/** A client for a program; not started yet. */
export function createClient(command: string, output: vscode.OutputChannel): LanguageClient {
  const args = ["lsp", ...vscode.workspace.getConfiguration("minivet").get<string[]>("args", [])];
  const server: ServerOptions = { command, args };
  const options: LanguageClientOptions = {
    documentSelector: documentSelector(),
    outputChannel: output,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: serverSettings(),
    synchronize: { configurationSection: "minivet" },
    middleware: {
      workspace: {
        // The library would answer with the raw section; the server knows the keys of minivet.toml.
        configuration: (params, _token, _next) =>
          params.items.map((item) =>
            item.section === "minivet"
              ? serverSettings(item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri))
              : vscode.workspace.getConfiguration(item.section).get("") ?? null,
          ),
        didChangeConfiguration: async (_sections, _next) => {
          await client.sendNotification("workspace/didChangeConfiguration", { settings: { minivet: serverSettings() } });
        },
      },
    },
  };
  const client = new Client("minivet", "minivet", server, options);
  return client;
}
