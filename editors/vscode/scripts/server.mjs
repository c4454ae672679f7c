// Copies a built program into the extension: `npm run server [-- PATH]` (default: the repository's release build).
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const name = process.platform === "win32" ? "minivet.exe" : "minivet";
const from = path.resolve(process.argv[2] ?? path.join(here, "../../../target/release", name));
const to = path.join(here, "../server", name);
mkdirSync(path.dirname(to), { recursive: true });
copyFileSync(from, to);
chmodSync(to, 0o755);
console.log(`${from} -> ${to}`);
