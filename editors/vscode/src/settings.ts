// The settings as the server wants them: the keys of minivet.toml.

import * as vscode from "vscode";

/** Names of settings here, and of the same thing in minivet.toml. What is not set is not sent: the file decides. */
const KEYS: ReadonlyArray<readonly [string, string]> = [
  ["config", "config"],
  ["lang", "lang"],
  ["select", "select"],
  ["ignore", "ignore"],
  ["severity", "severity"],
  ["minConfidence", "min-confidence"],
  ["platform", "platform"],
  ["firstPartyDomains", "first-party-domains"],
];

function unset(value: unknown): boolean {
  if (value === null || value === undefined || value === "") {
    return true;
  }
  if (typeof value === "object") {
    return Object.keys(value).length === 0;
  }
  return false;
}

/** The server's settings for one folder. */
export function serverSettings(scope?: vscode.Uri): Record<string, unknown> {
  const from = vscode.workspace.getConfiguration("minivet", scope);
  const out: Record<string, unknown> = {};
  for (const [name, key] of KEYS) {
    const value = from.get<unknown>(name);
    if (!unset(value)) {
      out[key] = value;
    }
  }
  if (out["lang"] === undefined || out["lang"] === "auto") {
    out["lang"] = vscode.env.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  }
  return out;
}
