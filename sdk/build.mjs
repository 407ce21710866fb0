// Builds the SDK into the folder that is named: two modules, the script and the stub. Terser leaves a twentieth less of
// it than esbuild does; what else is here is for gzip.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minify } from "terser";

const SOURCES = fileURLToPath(new URL("src", import.meta.url));

/** Properties that are the SDK's own affair, and get short names: browsers, widgets and the wire know none of these. */
const PRIVATE = /^(agreed|explain|forgetAll|full|keep|leave|lose|pump|recall|record|recover|storeAs|stow|takeOver|unstow|wakeUp)$/;

const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A file with all that it imports, as one module. */
async function bundle(entry) {
  const [{ text }] = (
    await build({
      entryPoints: [join(SOURCES, entry)],
      bundle: true,
      format: "esm",
      target: "es2021",
      minifySyntax: true,
      mangleProps: PRIVATE,
      write: false,
    })
  ).outputFiles;
  return text;
}

/**
 * Make a module short. What is at its top is named with capitals, so that parameters and variables have the same few
 * names in every function: repetition is what gzip likes.
 */
async function shorten(code) {
  const nameCache = {};
  const options = {
    module: true,
    ecma: 2020,
    compress: { passes: 4, inline: 1, lhs_constants: false, pure_getters: true, unsafe_arrows: true },
    mangle: true,
    nameCache,
  };
  await minify(code, options);
  const names = Object.keys(nameCache.vars.props).slice(0, CAPITALS.length);
  nameCache.vars.props = Object.fromEntries(names.map((name, at) => [name, CAPITALS[at]]));
  return (await minify(code, options)).code;
}

const folder = process.argv[2];
for (const [entry, name, wrap = (code) => code] of [
  ["index.ts", "index.mjs"],
  ["helpers/index.ts", "helpers.mjs"],
  ["stub.ts", "stub.js"],
  ["script.ts", "chatvitals.js", (code) => `(()=>{${code}})();`],
]) {
  writeFileSync(join(folder, name), wrap(await shorten(await bundle(entry))));
}
