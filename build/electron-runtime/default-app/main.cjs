// @ts-check
// What `electron [-r MODULE]... [flags] APP [args]` does, for a runtime that has no application of its own. Runs
// inside Electron 33.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const electron = require("electron");

/**
 * With what Electron's own default application calls, and others are not told of.
 * @typedef {import("electron").App & { setAppPath(folder: string): void, setVersion(version: string): void }} OwnApp
 */
const app = /** @type {OwnApp} */ (electron.app);

/**
 * @param {readonly string[]} argv without the binary
 * @returns {{ version: boolean, preload: string[], target: string | undefined }}
 */
function parseCommandLine(argv) {
  const preload = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? "";
    if (argument === "--version" || argument === "-v") return { version: true, preload, target: undefined };
    if (argument === "-r" || argument === "--require") preload.push(argv[++i] ?? "");
    else if (argument.startsWith("--app=")) return { version: false, preload, target: argument.slice(6) };
    else if (!argument.startsWith("-")) return { version: false, preload, target: argument };
  }
  return { version: false, preload, target: undefined };
}

/**
 * Makes the application look to itself as if it had been packed.
 * @param {string} target a folder with a package.json, or a file
 * @returns {string} its entry file
 */
function adopt(target) {
  const resolved = path.resolve(target);
  if (!fs.statSync(resolved).isDirectory()) {
    app.setAppPath(path.dirname(resolved));
    return resolved;
  }
  app.setAppPath(resolved);
  const description = path.join(resolved, "package.json");
  if (!fs.existsSync(description)) return path.join(resolved, "index.js");
  const { name, productName, version, main } = JSON.parse(fs.readFileSync(description, "utf8"));
  if (version) app.setVersion(version);
  if (productName ?? name) app.setName(productName ?? name);
  return path.resolve(resolved, main ?? "index.js");
}

/** @param {string} target */
async function start(target) {
  const entry = require.resolve(adopt(target));
  if (entry.endsWith(".mjs")) await import(pathToFileURL(entry).href);
  // CommonJS is loaded in this same turn, as Electron's makers' own does: what must come before `ready` still can.
  else require(entry);
}

const { version, preload, target } = parseCommandLine(process.argv.slice(1));
if (version) {
  process.stdout.write(`v${process.versions.electron}\n`);
  process.exit(0);
} else if (target === undefined) {
  process.stderr.write("usage: electron APP\n");
  app.exit(2);
} else {
  // @ts-expect-error Node's own way for -r, as Electron's default application uses it; not declared.
  if (preload.length > 0) Module._preloadModules(preload);
  Object.assign(process, { defaultApp: true });
  start(target).catch((error) => {
    process.stderr.write(`${target} could not be loaded\n${error?.stack ?? error}\n`);
    app.exit(1);
  });
}
