// Shows the privacy inventory that the server writes.

import * as vscode from "vscode";

const SCHEME = "minivet-inventory";

/** A read-only Markdown document, shown in VS Code's own preview. */
export class Inventory implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  private readonly texts = new Map<string, string>();
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows what `workspace/executeCommand` answered: Markdown, alone or as a field. False when there is nothing to show. */
  async show(answer: unknown): Promise<boolean> {
    const text = markdownOf(answer);
    if (text === undefined) {
      return false;
    }
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t("Privacy inventory")}.md` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
    return true;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}

function markdownOf(answer: unknown): string | undefined {
  if (typeof answer === "string" && answer !== "") {
    return answer;
  }
  if (typeof answer === "object" && answer !== null && "markdown" in answer && typeof answer.markdown === "string") {
    return answer.markdown;
  }
  return undefined;
}
