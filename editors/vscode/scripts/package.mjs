// Writes the .vsix: a zip of the extension with the two manifests that VS Code's gallery wants.
// By hand, without vsce: nothing to install, and the same bytes for the same input.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { deflateRawSync, crc32 } from "node:zlib";
import { fileURLToPath } from "node:url";
import * as path from "node:path";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const texts = JSON.parse(readFileSync(path.join(root, "package.nls.json"), "utf8"));
const CONTENT = [
  "package.json", "package.nls.json", "package.nls.zh-cn.json", "package.schema.json", "minivet.schema.json",
  "README.md", "CHANGELOG.md", "LICENSE.txt", "images/icon.png", "l10n", "languages", "out", "server",
];
const TYPES = { json: "application/json", js: "application/javascript", md: "text/markdown", txt: "text/plain", png: "image/png", vsixmanifest: "text/xml" };

function* filesOf(relative) {
  const full = path.join(root, relative);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (stat === undefined) {
    // Only the program is optional: the extension then looks on PATH.
    if (relative !== "server") throw new Error(`${relative} is missing`);
    console.log("package: no server/ folder; run `npm run server` before to bundle the program");
  } else if (stat.isDirectory()) {
    for (const name of readdirSync(full).sort()) yield* filesOf(`${relative}/${name}`);
  } else if (!relative.endsWith(".map")) {
    yield { name: `extension/${relative}`, data: readFileSync(full), executable: relative.startsWith("server/") };
  }
}

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const describe = (text) => escape(text.replace(/^%(.*)%$/, (_, key) => texts[key]));

function vsixManifest() {
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${manifest.name}" Version="${manifest.version}" Publisher="${manifest.publisher}"/>
    <DisplayName>${escape(manifest.displayName)}</DisplayName>
    <Description xml:space="preserve">${describe(manifest.description)}</Description>
    <Tags>${escape(manifest.keywords.join(","))}</Tags>
    <Categories>${escape(manifest.categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escape(manifest.engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
    <Icon>extension/images/icon.png</Icon>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Changelog" Path="extension/CHANGELOG.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Icons.Default" Path="extension/images/icon.png" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

function contentTypes(files) {
  const extensions = new Set(files.map((file) => path.extname(file.name).slice(1)).filter(Boolean));
  const rows = [...extensions].sort().map((e) => `<Default Extension=".${e}" ContentType="${TYPES[e] ?? "application/octet-stream"}"/>`);
  const bare = files.filter((file) => path.extname(file.name) === "").map((file) => `<Override PartName="/${file.name}" ContentType="application/octet-stream"/>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${rows.join("")}${bare.join("")}</Types>
`;
}

/** A zip archive. Times are fixed (1980-01-01); modes are kept for programs. */
function zip(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const packed = deflateRawSync(file.data, { level: 9 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version needed
    fields.writeUInt16LE(0x0800, 2); // names are UTF-8
    fields.writeUInt16LE(8, 4); // deflate
    fields.writeUInt16LE(0, 6);
    fields.writeUInt16LE(0x21, 8); // 1980-01-01
    fields.writeUInt32LE(crc32(file.data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(file.data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, name]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE((((file.executable ? 0o100755 : 0o100644) << 16) >>> 0), 6);
    entry.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), fields, entry, name]));
    local.push(head, packed);
    offset += head.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

const files = CONTENT.flatMap((item) => [...filesOf(item)]);
files.unshift({ name: "extension.vsixmanifest", data: Buffer.from(vsixManifest()) });
files.unshift({ name: "[Content_Types].xml", data: Buffer.from(contentTypes(files)) });
const out = path.join(root, `${manifest.name}-${manifest.version}.vsix`);
writeFileSync(out, zip(files));
console.log(`${out}: ${files.length} files, ${statSync(out).size} bytes`);
