// Looks at the inventory's page in a real browser: offline, light and dark, wide and narrow, on paper, in both languages.
//
//   node run.mjs CACHE BIN APPS ARTIFACTS
//
// CACHE is what setup.sh filled, APPS a folder of mini programs. Screenshots go to ARTIFACTS. Exit code 1 with a reason when
// something is not so.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const [cache, bin, apps, artifacts] = process.argv.slice(2).map((argument) => path.resolve(argument));
const { chromium } = createRequire(path.join(cache, "playwright/"))("playwright-core");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "minivet-html-"));
const say = (text) => console.log(`html: ${text}`);
const wrong = [];

function expect(what, holds) {
  if (!holds) wrong.push(what);
}

/** The page of an app, in a file. */
function page(app, lang) {
  const file = path.join(scratch, `${app}-${lang}.html`);
  execFileSync(bin, ["inventory", path.join(apps, app), "--format", "html", "--lang", lang, "--output", file]);
  return pathToFileURL(file).href;
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function look(app, lang, width, scheme) {
  const name = `${app} ${lang} ${width} ${scheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, offline: true, javaScriptEnabled: true });
  const view = await context.newPage();
  view.on("request", (request) => expect(`${name}: asks for ${request.url()}`, /^(file|data):/.test(request.url())));
  view.on("console", (message) => expect(`${name}: says ${message.text()}`, false));
  view.on("pageerror", (error) => expect(`${name}: ${error.message}`, false));
  await view.goto(page(app, lang));
  const shown = lang === "en" ? "main.en" : "main.zh";
  const hidden = lang === "en" ? "main.zh" : "main.en";
  expect(`${name}: its language shows`, await view.locator(shown).isVisible());
  expect(`${name}: the other one does not`, !(await view.locator(hidden).isVisible()));
  const over = await view.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(`${name}: ${over} pixels too wide`, over <= 0);
  // Every name of the picture lies inside of it, and none over another of its column.
  const faults = await view.evaluate((main) => {
    const out = [];
    for (const svg of document.querySelectorAll(`${main} svg.sankey`)) {
      const box = svg.viewBox.baseVal;
      const texts = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, at: text.getBBox() }));
      for (const { text, at } of texts) {
        if (at.x < 0 || at.x + at.width > box.width || at.y < 0 || at.y + at.height > box.height) out.push(`cut off: ${text}`);
      }
      for (let a = 0; a < texts.length; a++) {
        for (let b = a + 1; b < texts.length; b++) {
          const [p, q] = [texts[a].at, texts[b].at];
          const apart = p.x + p.width <= q.x || q.x + q.width <= p.x || p.y + p.height <= q.y + 3 || q.y + q.height <= p.y + 3;
          if (!apart) out.push(`one over the other: ${texts[a].text} / ${texts[b].text}`);
        }
      }
    }
    return out;
  }, shown);
  for (const fault of faults) expect(`${name}: ${fault}`, false);
  const back = await view.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = back.match(/\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) > 382;
  expect(`${name}: background ${back}`, light === (scheme === "light"));
  const file = path.join(artifacts, `inventory-${app}-${lang}-${width}-${scheme}.png`);
  await view.screenshot({ path: file, fullPage: true });
  // The switch works, by mouse and by key.
  await view.locator(`label[for="lang-${lang === "en" ? "zh" : "en"}"]`).click();
  expect(`${name}: the switch does not turn the language`, (await view.locator(hidden).isVisible()) && !(await view.locator(shown).isVisible()));
  await view.emulateMedia({ media: "print" });
  expect(`${name}: the switch is printed`, !(await view.locator(".switch").isVisible()));
  await view.pdf({ path: path.join(scratch, "print.pdf"), format: "A4" });
  await context.close();
}

try {
  for (const app of ["wechat-shop", "alipay-clinic"]) {
    for (const lang of ["en", "zh-CN"]) {
      for (const [width, scheme] of [[1100, "light"], [1100, "dark"], [360, "light"]]) await look(app, lang, width, scheme);
    }
  }
  say(`screenshots ${path.join(artifacts, "inventory-*.png")}`);
} finally {
  await browser.close();
  fs.rmSync(scratch, { recursive: true, force: true });
}
for (const text of wrong) console.error(`html: FAILED: ${text}`);
if (wrong.length === 0) say("the page holds in both languages, light and dark, wide and narrow, on screen and on paper");
process.exit(wrong.length === 0 ? 0 : 1);
