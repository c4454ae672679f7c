// Shows the privacy inventory that the server writes: its page, or its Markdown from a server that makes no page.

import * as vscode from "vscode";

const SCHEME = "minivet-inventory";

/** The page takes its colours from the editor's theme, which need not be the system's. */
const THEME = `<style>
body { --bg: var(--vscode-editor-background); --card: var(--vscode-editor-background); --ink: var(--vscode-editor-foreground);
  --soft: var(--vscode-descriptionForeground); --line: var(--vscode-widget-border, var(--vscode-panel-border, #8884));
  --code: var(--vscode-textCodeBlock-background); --accent: var(--vscode-textLink-foreground); padding: 0; }
body.vscode-light { --plain-bg: #eef1f5; --bad-bg: #fdecea; --good-bg: #e6f5ec; --bad: #b42318; --good: #1a7f4b;
  --high: #c8372d; --cred: #8d45b8; --med: #b9770e; --low: #2f74c0; --own: #2a9d75; --open: #8a94a6; --third: #d9480f; --src: #4a5568; }
body.vscode-dark, body.vscode-high-contrast { --plain-bg: #262f3c; --bad-bg: #3a1f1f; --good-bg: #17332a; --bad: #ff8a80; --good: #5fd09a;
  --high: #ff7b72; --cred: #c792ea; --med: #e3a94b; --low: #6cb2ff; --own: #3fbf93; --open: #7d8898; --third: #ff8a50; --src: #aab4c3; }
</style>`;

/** No script, nothing from elsewhere. */
const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`;

/** The page in a panel, or a read-only Markdown document in VS Code's own preview. */
export class Inventory implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  private readonly texts = new Map<string, string>();
  private panel: vscode.WebviewPanel | undefined;
  readonly onDidChange = this.changed.event;

  constructor() {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Shows what `workspace/executeCommand` answered. False when there is nothing to show. */
  async show(answer: unknown): Promise<boolean> {
    const page = field(answer, "html");
    if (page !== undefined) {
      this.open(page);
      return true;
    }
    const text = typeof answer === "string" && answer !== "" ? answer : field(answer, "markdown");
    if (text === undefined) {
      return false;
    }
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${vscode.l10n.t("Privacy inventory")}.md` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
    return true;
  }

  private open(page: string): void {
    if (this.panel === undefined) {
      const title = vscode.l10n.t("Privacy inventory");
      this.panel = vscode.window.createWebviewPanel("minivet.inventory", title, vscode.ViewColumn.Active, {
        enableScripts: false,
        enableFindWidget: true,
        localResourceRoots: [],
      });
      this.panel.onDidDispose(() => (this.panel = undefined));
    }
    this.panel.webview.html = page.replace("<head>", `<head>${POLICY}`).replace("</head>", `${THEME}</head>`);
    this.panel.reveal(undefined, false);
  }

  dispose(): void {
    this.panel?.dispose();
    this.registration.dispose();
    this.changed.dispose();
  }
}

function field(answer: unknown, name: string): string | undefined {
  if (typeof answer === "object" && answer !== null && name in answer) {
    const value = (answer as Record<string, unknown>)[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }
  return undefined;
}
