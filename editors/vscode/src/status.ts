// The item in the status bar.

import * as vscode from "vscode";

/** What the server is doing. */
export type State = "starting" | "running" | "stopped" | "off";

/** One item: the state of the server and the number of findings in the open folders. */
export class Status implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscription: vscode.Disposable;
  private state: State = "stopped";
  private detail = "";

  constructor() {
    this.item = vscode.window.createStatusBarItem("minivet.status", vscode.StatusBarAlignment.Right, 10);
    this.item.name = "minivet";
    this.item.command = "minivet.showOutput";
    this.subscription = vscode.languages.onDidChangeDiagnostics(() => this.render());
    this.render();
    this.item.show();
  }

  /** Shows a state; `detail` is a version or a reason. */
  set(state: State, detail = ""): void {
    this.state = state;
    this.detail = detail;
    this.render();
  }

  private render(): void {
    const failed = this.state === "stopped";
    const icon = { starting: "$(sync~spin)", running: "$(shield)", stopped: "$(warning)", off: "$(circle-slash)" }[this.state];
    this.item.text = this.state === "running" ? `${icon} minivet ${countFindings()}` : `${icon} minivet`;
    this.item.backgroundColor = failed ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.tooltip = {
      starting: vscode.l10n.t("minivet is starting"),
      running: vscode.l10n.t("minivet is running ({0}). Click for the output.", this.detail),
      stopped: this.detail || vscode.l10n.t("minivet is not running. Click for the output."),
      off: vscode.l10n.t("minivet is switched off here (minivet.enable)."),
    }[this.state];
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }
}

function countFindings(): number {
  let n = 0;
  for (const [, diagnostics] of vscode.languages.getDiagnostics()) {
    n += diagnostics.filter((diagnostic) => diagnostic.source === "minivet").length;
  }
  return n;
}
