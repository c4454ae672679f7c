// Drives a real VS Code workbench: opens a leaking page, sees the squiggle, applies the quick fix, sees it gone.
//
//   node run.mjs CACHE VSIX APP ARTIFACTS
//
// CACHE is what setup.sh filled. Screenshots go to ARTIFACTS. Exit code 1 with a reason when something is not so.

import { spawn, execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const [cache, vsix, app, artifacts] = process.argv.slice(2).map((argument) => path.resolve(argument));
const { chromium } = createRequire(path.join(cache, "playwright/"))("playwright-core");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "minivet-vscode-"));
const LEAK = "console.log";
const WAIT = 30_000;

const say = (text) => console.log(`vscode: ${text}`);

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A server with its own folders: the extension unpacked, settings written. */
async function startServer(name, settings) {
  const data = path.join(scratch, name);
  const unpacked = path.join(data, "extensions", "minivet.minivet-0.1.0");
  fs.mkdirSync(unpacked, { recursive: true });
  execFileSync("python3", ["-c", `
import os, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for item in archive.infolist():
    if item.filename.startswith("extension/") and not item.is_dir():
        to = os.path.join(sys.argv[2], item.filename[len("extension/"):])
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, "wb") as out:
            out.write(archive.read(item))
        os.chmod(to, (item.external_attr >> 16) & 0o777 or 0o644)
`, vsix, unpacked]);
  for (const folder of ["data/User", "data/Machine"]) {
    fs.mkdirSync(path.join(data, folder), { recursive: true });
    fs.writeFileSync(path.join(data, folder, "settings.json"), JSON.stringify(settings));
  }
  const port = await freePort();
  const main = path.join(cache, "code-server/node_modules/code-server/lib/vscode/out/server-main.js");
  const child = spawn(process.execPath, [main, "--host", "127.0.0.1", "--port", String(port), "--without-connection-token",
    "--accept-server-license-terms", "--server-data-dir", data], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log += chunk));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    try {
      await fetch(url);
      return { url, data, stop: () => child.kill() };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  child.kill();
  throw new Error(`the VS Code server does not answer\n${log}`);
}

function copyApp(name) {
  const folder = path.join(scratch, name);
  fs.cpSync(app, folder, { recursive: true });
  return folder;
}

async function openWorkbench(browser, server, folder) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${server.url}/?folder=${encodeURI(folder)}`);
  await page.locator(".monaco-workbench").waitFor({ timeout: WAIT });
  return page;
}

/** Opens a file of `pages/address` by the explorer. (Quick open needs ripgrep, which the server's package fetches by an install script.) */
async function openFile(page, name) {
  const row = (text) => page.locator(".explorer-folders-view .monaco-list-row", { hasText: text }).first();
  await row("pages").waitFor({ timeout: WAIT });
  if ((await row(name).count()) === 0) await row("pages").click();
  await row(name).waitFor({ timeout: WAIT });
  await row(name).dblclick();
  await page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor({ timeout: WAIT });
  await page.locator(".view-lines .view-line").first().waitFor({ timeout: WAIT });
}

const squiggles = (page) => page.locator(".squiggly-error, .squiggly-warning, .squiggly-info");
const editorText = (page) => page.evaluate(() => [...document.querySelectorAll(".editor-instance .view-line")].map((line) => line.textContent).join("\n"));

async function command(page, title) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input");
  await input.waitFor({ timeout: WAIT });
  await input.fill(`>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor({ timeout: WAIT });
  await page.keyboard.press("Enter");
}

async function shot(page, name) {
  // This build of the workbench lacks TypeScript's own server and says so in a corner.
  await page.locator(".notification-toast", { hasText: "tsserver" }).evaluateAll((toasts) => toasts.forEach((toast) => toast.remove()));
  const file = path.join(artifacts, `${name}.png`);
  await page.screenshot({ path: file });
  say(`screenshot ${file}`);
}

/** The whole way: squiggle, hover, quick fix, gone; then the inventory and a restart. */
async function trusted(browser) {
  const server = await startServer("trusted", { "security.workspace.trust.enabled": false, "workbench.startupEditor": "none", "minivet.lang": "en", "editor.minimap.enabled": false });
  try {
    const folder = copyApp("app");
    const page = await openWorkbench(browser, server, folder);
    await openFile(page, "address.wxml");
    await page.locator(".editor-status-mode, #status\\.editor\\.mode", { hasText: "WXML" }).first().waitFor({ timeout: WAIT });
    say("the template has the language WXML");
    await openFile(page, "address.js");
    await squiggles(page).first().waitFor({ timeout: WAIT });
    say(`${await squiggles(page).count()} squiggle(s)`);
    const status = page.locator("#minivet\\.minivet\\.minivet\\.status, [id$='minivet.status']").first();
    await status.waitFor({ timeout: WAIT });
    say(`status item: ${(await status.textContent())?.trim()}`);

    // F8 goes to the finding and shows it with its message.
    await page.locator(".editor-instance .view-lines").click();
    await page.keyboard.press("F8");
    const marker = page.locator(".marker-widget");
    await marker.waitFor({ timeout: WAIT });
    const message = (await marker.textContent()) ?? "";
    if (!message.includes("console.log") || !message.includes("leak/log")) throw new Error(`the finding says: ${message}`);
    say(`finding: ${message}`);
    await shot(page, "vscode-finding");
    await page.keyboard.press("Escape");

    await page.keyboard.press("Control+.");
    const menu = page.locator(".action-widget .monaco-list-row.action");
    await menu.first().waitFor({ timeout: WAIT });
    const titles = await menu.allTextContents();
    say(`quick fixes: ${titles.map((title) => title.trim()).join(" | ")}`);
    await shot(page, "vscode-quickfix");
    // The preferred fix has the focus.
    await page.keyboard.press("Enter");
    await page.waitForFunction((leak) => ![...document.querySelectorAll(".editor-instance .view-line")].some((line) => line.textContent.includes(leak)), LEAK, { timeout: WAIT });
    await squiggles(page).first().waitFor({ state: "detached", timeout: WAIT });
    say("the fix was applied and the squiggle is gone");
    await shot(page, "vscode-fixed");
    await page.keyboard.press("Control+S");
    const file = path.join(folder, "pages/address/address.js");
    for (let tries = 0; tries < 100 && fs.readFileSync(file, "utf8").includes(LEAK); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    const saved = fs.readFileSync(file, "utf8");
    if (saved.includes(LEAK) || !saved.includes("this.setData({ city: res.cityName })") || !saved.includes("// 收货地址 😀")) throw new Error(`saved text:\n${saved}`);

    // Undo brings the finding back: the server follows edits; a restarted one finds it too.
    await page.keyboard.press("Control+Z");
    await squiggles(page).first().waitFor({ timeout: WAIT });
    // The new server is faster than the eye, so that the process tells, not the squiggle that is gone for a moment.
    const before = servers();
    await command(page, "minivet: Restart the language server");
    for (let tries = 0; tries < 400 && !servers().some((id) => !before.includes(id)); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!servers().some((id) => !before.includes(id))) throw new Error(`no new server: ${before} before, ${servers()} now`);
    await squiggles(page).first().waitFor({ timeout: WAIT });
    say("undo and restart are followed");

    await command(page, "minivet: Show the privacy inventory");
    await page.locator(".tab", { hasText: "Privacy inventory" }).first().waitFor({ timeout: WAIT });
    const inventory = page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
    await inventory.locator("main.en svg.sankey").waitFor({ timeout: WAIT });
    const collects = (await inventory.locator("main.en article", { hasText: "mobile phone number" }).first().textContent()) ?? "";
    if (!collects.includes("wx.chooseAddress") || !collects.includes("console.log")) throw new Error(`the inventory says: ${collects}`);
    await shot(page, "vscode-inventory");
    say("the inventory opens, with its picture");

    // The lens above app.json says it in short, and leads to the same page.
    await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "app.json" }).first().dblclick();
    const lens = page.locator(".codelens-decoration a", { hasText: "minivet:" }).first();
    await lens.waitFor({ timeout: WAIT });
    say(`lens: ${(await lens.textContent())?.trim()}`);
    await shot(page, "vscode-lens");
    await lens.click();
    await page.locator(".tab.active", { hasText: "Privacy inventory" }).waitFor({ timeout: WAIT });
    say("the lens opens the inventory");
    await page.close();
  } finally {
    server.stop();
  }
}

/** The processes of language servers (Linux). */
function servers() {
  const isServer = (id) => {
    try {
      const [program, ...rest] = fs.readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
      return path.basename(program) === "minivet" && rest.includes("lsp");
    } catch {
      return false; // ended in between
    }
  };
  return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isServer(name));
}

/** In an untrusted folder files are checked, and the folder's own settings start no program. */
async function untrusted(browser) {
  const server = await startServer("untrusted", { "security.workspace.trust.enabled": true, "security.workspace.trust.startupPrompt": "never", "workbench.startupEditor": "none", "minivet.lang": "en" });
  try {
    const folder = copyApp("untrusted-app");
    const trap = path.join(folder, "trap.sh");
    const sprung = path.join(scratch, "sprung");
    fs.writeFileSync(trap, `#!/bin/sh\ntouch ${sprung}\n`, { mode: 0o755 });
    fs.mkdirSync(path.join(folder, ".vscode"));
    fs.writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify({ "minivet.path": trap }));
    const page = await openWorkbench(browser, server, folder);
    await openFile(page, "address.js");
    await squiggles(page).first().waitFor({ timeout: WAIT });
    const restricted = await page.locator("[id='status.workspaceTrust'], .statusbar-item", { hasText: "Restricted Mode" }).count();
    if (restricted === 0) throw new Error("the folder is trusted, so this says nothing");
    if (fs.existsSync(sprung)) throw new Error("an untrusted folder started its own program");
    await shot(page, "vscode-untrusted");
    say("an untrusted folder is checked, and did not choose the program");
    await page.close();
  } finally {
    server.stop();
  }
}

/** A path that leads nowhere is said in one clear sentence. */
async function missing(browser) {
  const server = await startServer("missing", { "security.workspace.trust.enabled": false, "workbench.startupEditor": "none", "minivet.path": "/nowhere/minivet" });
  try {
    const page = await openWorkbench(browser, server, copyApp("missing-app"));
    const toast = page.locator(".notification-toast", { hasText: "/nowhere/minivet" });
    await toast.first().waitFor({ timeout: WAIT });
    say(`without a program: ${(await toast.first().locator(".notification-list-item-message").textContent())?.trim()}`);
    await shot(page, "vscode-missing");
    await page.close();
  } finally {
    server.stop();
  }
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let code = 0;
try {
  for (const scenario of [trusted, untrusted, missing]) {
    try {
      await scenario(browser);
    } catch (error) {
      code = 1;
      console.error(`vscode: FAILED in ${scenario.name}: ${error instanceof Error ? error.message : error}`);
      for (const context of browser.contexts()) {
        for (const page of context.pages()) {
          await shot(page, `vscode-failed-${scenario.name}`).catch(() => {});
          await page.close().catch(() => {});
        }
      }
    }
  }
} finally {
  await browser.close();
  fs.rmSync(scratch, { recursive: true, force: true });
}
process.exit(code);
