// minivet in VS Code: finds the program, starts it, shows how it does. No analysis here, and no rule names.

import * as vscode from "vscode";
import { ExecuteCommandRequest, State as ClientState } from "vscode-languageclient/node";
import type { LanguageClient } from "vscode-languageclient/node";
import { createClient } from "./client";
import { Inventory } from "./inventory";
import { findServer } from "./server";
import { Status } from "./status";

/** Settings that take effect only when the server is started anew. */
const RESTART_ON = ["minivet.enable", "minivet.path", "minivet.args"];

class Extension implements vscode.Disposable {
  private readonly output = vscode.window.createOutputChannel("minivet");
  private readonly status = new Status();
  private readonly inventory = new Inventory();
  private client: LanguageClient | undefined;
  /** Starts and stops one after another, however fast the settings change. */
  private queue: Promise<void> = Promise.resolve();

  constructor(private readonly context: vscode.ExtensionContext) {
    context.subscriptions.push(
      this,
      vscode.commands.registerCommand("minivet.restart", () => this.restart()),
      vscode.commands.registerCommand("minivet.showOutput", () => this.output.show()),
      vscode.commands.registerCommand("minivet.showInventory", (...args: unknown[]) => this.showInventory(args)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.restart()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (RESTART_ON.some((name) => event.affectsConfiguration(name))) {
          void this.restart();
        }
      }),
    );
  }

  restart(): Promise<void> {
    this.queue = this.queue.then(async () => {
      await this.stop();
      await this.start();
    });
    return this.queue;
  }

  stopped(): Promise<void> {
    this.queue = this.queue.then(() => this.stop());
    return this.queue;
  }

  private async start(): Promise<void> {
    if (!vscode.workspace.getConfiguration("minivet").get("enable", true)) {
      this.status.set("off");
      return;
    }
    const server = findServer(this.context);
    if ("missing" in server) {
      this.status.set("stopped", server.missing);
      this.output.appendLine(server.missing);
      void this.tell(server.missing);
      return;
    }
    this.output.appendLine(`${server.command} (${server.from})`);
    this.status.set("starting");
    const client = createClient(server.command, this.output);
    client.onDidChangeState((event) => {
      if (event.newState === ClientState.Running) {
        this.status.set("running", client.initializeResult?.serverInfo?.version ?? server.command);
      } else {
        this.status.set(event.newState === ClientState.Starting ? "starting" : "stopped");
      }
    });
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      const message = vscode.l10n.t("minivet: the language server did not start: {0}", String(error));
      this.status.set("stopped", message);
      this.output.appendLine(message);
      void this.tell(message);
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      // A client that never ran cannot be stopped; there is nothing to stop.
      this.output.appendLine(String(error));
    }
  }

  /** An error with the two things that help. */
  private async tell(message: string): Promise<void> {
    const settings = vscode.l10n.t("Open Settings");
    const output = vscode.l10n.t("Show Output");
    const chosen = await vscode.window.showErrorMessage(message, settings, output);
    if (chosen === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "minivet.path");
    } else if (chosen === output) {
      this.output.show();
    }
  }

  private async showInventory(args: unknown[]): Promise<void> {
    if (this.client?.state !== ClientState.Running) {
      void vscode.window.showWarningMessage(vscode.l10n.t("minivet: the language server is not running."));
      return;
    }
    const open = vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    const given = args.length > 0 ? args : open === undefined ? [] : [this.client.code2ProtocolConverter.asUri(open)];
    const answer = await this.client.sendRequest(ExecuteCommandRequest.type, { command: "minivet.showInventory", arguments: given });
    if (!(await this.inventory.show(answer))) {
      void vscode.window.showInformationMessage(vscode.l10n.t("minivet: this folder has no privacy inventory."));
    }
  }

  dispose(): void {
    this.status.dispose();
    this.inventory.dispose();
    this.output.dispose();
  }
}

let extension: Extension | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  extension = new Extension(context);
  await extension.restart();
}

export async function deactivate(): Promise<void> {
  await extension?.stopped();
}
