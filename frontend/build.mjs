// Builds the dashboard's scripts and styles into the folder that is named, under names that change with their content,
// `manifest.json`, which says what name each has: {"main.js": "main-ABCD1234.js", …}, and `preloaded.json`, the names of
// what every page's script imports.
import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const STYLES = join(HERE, "styles");

/** Later layers win over earlier ones, whatever the order of files. A file without a layer of its own is a component. */
const LAYERS = ["tokens", "elements", "components", "layout", "pages"];

const SHARED = {
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
  target: ["chrome120", "edge120", "firefox121", "safari17.2"],
};

/** One sheet of all in `styles` and `styles/pages`. */
function sheet() {
  const files = readdirSync(STYLES, { recursive: true }).filter((file) => file.endsWith(".css")).sort();
  const layerOf = (file) => {
    const name = file.includes("/") ? "pages" : basename(file, ".css");
    return LAYERS.includes(name) ? name : "components";
  };
  const imports = files.map((file) => `@import "./${file}" layer(${layerOf(file)});`);
  return [`@layer ${LAYERS.join(", ")};`, ...imports].join("\n");
}

const outdir = process.argv[2];
if (!outdir) throw new Error("usage: node frontend/build.mjs FOLDER");

const results = await Promise.all([
  build({
    ...SHARED,
    entryPoints: [join(HERE, "src/main.ts")],
    format: "esm",
    splitting: true,
    outdir,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
  }),
  // Not a module, because it has to run before anything is painted.
  build({ ...SHARED, entryPoints: [join(HERE, "src/theme.ts")], format: "iife", outdir, entryNames: "[name]-[hash]" }),
  build({
    ...SHARED,
    stdin: { contents: sheet(), resolveDir: STYLES, loader: "css", sourcefile: "main.css" },
    outdir,
    entryNames: "main-[hash]",
  }),
]);

const manifest = {};
const preloaded = [];
for (const { metafile } of results) {
  for (const [path, { entryPoint, imports }] of Object.entries(metafile.outputs)) {
    if (!entryPoint) continue; // shared by others, which name it themselves
    const file = basename(path);
    const name = file.replace(/-[^-]+(\.\w+)$/, "$1");
    manifest[name] = file;
    if (name !== "main.js") continue;
    preloaded.push(...imports.filter(({ kind }) => kind === "import-statement").map((other) => basename(other.path)));
  }
}
write("preloaded.json", JSON.stringify(preloaded));
write("manifest.json", JSON.stringify(manifest, Object.keys(manifest).sort(), 2));

/** A file that is there whole or not at all. */
function write(name, text) {
  const path = join(outdir, name);
  writeFileSync(`${path}.new`, `${text}\n`);
  renameSync(`${path}.new`, path);
}
