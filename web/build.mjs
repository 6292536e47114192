// Builds the style sheet, the scripts and the pictures into
// internal/base/web/assets/dist, each under a name with a hash of its content,
// with a .gz beside it and a manifest.json. Fails when anything that belongs to
// GOV.UK alone, or that our content security policy forbids, is in the result.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { compileAsync } from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const output = path.join(here, "../internal/base/web/assets/dist");
const kept = new Set(["README.md"]);

/** Text that must not be in what we serve, and why. */
const forbidden = [
  [/GDS Transport/i, "the typeface may be used on GOV.UK only"],
  [/@font-face/i, "there is no typeface of ours to load"],
  [/crest|govuk-logo|royal-arms/i, "the marks of the Crown may be used on GOV.UK only"],
  [/\/assets\/(images|fonts)/i, "there are no such files"],
  [/url\(/i, "style sheets load nothing"],
  [/\.innerHTML\b|\.outerHTML\b|insertAdjacentHTML|document\.write/, "scripts make no markup from text"],
  [/\beval\(|new Function\(/, "the content security policy forbids it"],
  [/sourceMappingURL/, "source maps are not served"],
];

async function styles() {
  const result = await compileAsync(path.join(here, "src/styles/app.scss"), {
    loadPaths: [path.join(here, "node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  return [["app.css", Buffer.from(result.css)]];
}

async function scripts() {
  const result = await build({
    entryPoints: ["forms", "webauthn", "autofill", "account"].map((name) => path.join(here, `src/scripts/${name}.ts`)),
    outdir: "/",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  return result.outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]);
}

async function pictures() {
  const folder = path.join(here, "src/pictures");
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))]));
}

function check(name, content) {
  const text = content.toString("utf8");
  for (const [pattern, why] of forbidden) {
    const found = pattern.exec(text);
    if (found) {
      const around = text.slice(Math.max(0, found.index - 60), found.index + 60);
      throw new Error(`${name} contains ${found[0]}: ${why}\n… ${around} …`);
    }
  }
}

function hashed(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${hash}${ext}`;
}

async function clear() {
  await mkdir(output, { recursive: true });
  for (const name of await readdir(output)) {
    if (!kept.has(name)) {
      await rm(path.join(output, name), { recursive: true });
    }
  }
}

const files = (await Promise.all([styles(), scripts(), pictures()])).flat();
for (const [name, content] of files) {
  check(name, content);
}
await clear();
const manifest = {};
for (const [name, content] of files.sort(([a], [b]) => (a < b ? -1 : 1))) {
  manifest[name] = hashed(name, content);
  const packed = gzipSync(content, { level: 9 });
  await writeFile(path.join(output, manifest[name]), content);
  await writeFile(path.join(output, `${manifest[name]}.gz`), packed);
  console.log(`${manifest[name]}  ${content.length} bytes, ${packed.length} packed`);
}
// Last, so that an interrupted build is not taken for a finished one.
await writeFile(path.join(output, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
