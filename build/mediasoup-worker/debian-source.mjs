// @ts-check
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../setup/command.mjs";

const SOURCES = "/etc/apt";
/** A package of the same archive that is installed: its address is the one to ask for sources. */
const OF_THE_ARCHIVE = "libssl-dev";

/**
 * Fetches and unpacks the source of a Debian package, with Debian's changes. Neither root nor a `deb-src` line is
 * needed: apt works on lists of our own, with the system's addresses and keys.
 *
 * @param {string} name
 * @param {string} folder an empty one
 * @returns {Promise<string>} the folder of the source
 */
export async function fetchDebianSource(name, folder) {
  const sources = path.join(folder, "sources");
  const lists = path.join(folder, "lists");
  await mkdir(sources);
  await mkdir(path.join(lists, "partial"), { recursive: true });
  const policy = await runCommand("apt-cache", ["policy", OF_THE_ARCHIVE], {
    env: { ...process.env, LC_ALL: "C" },
  });
  for (const [file, text] of await readSourceLists()) {
    const asSource = toSourceList(file, text, addressesIn(policy));
    if (asSource) await writeFile(path.join(sources, path.basename(file)), asSource);
  }
  const apt = [
    "-q",
    ...["-o", "Dir::Etc::sourcelist=/dev/null", "-o", `Dir::Etc::sourceparts=${sources}`],
    ...["-o", `Dir::State::lists=${lists}`, "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="],
    // The folder belongs to whoever runs set-up; apt's own user could not write there.
    ...["-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1"],
    ...["-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"],
  ];
  await runCommand("apt-get", [...apt, "update"]);
  await runCommand("apt-get", [...apt, "source", "--download-only", name], { cwd: folder });
  const description = (await readdir(folder)).find((file) => file.endsWith(".dsc"));
  if (!description) throw new Error(`apt-get source ${name} left no .dsc file`);
  // apt has checked its hash against the archive's signed list already.
  await runCommand("dpkg-source", ["--no-check", "-x", description, "source"], { cwd: folder });
  return path.join(folder, "source");
}

/**
 * @param {string} policy what `apt-cache policy` says of a package
 * @returns {Set<string>} the addresses of the archives that offer it
 */
export function addressesIn(policy) {
  return new Set([...policy.matchAll(/^\s+-?\d+ (\w+:\S+?)\/? /gm)].map(([, address = ""]) => address));
}

/**
 * Turns a list of binary packages into one of sources, without the entries of other archives: not every third party
 * has sources.
 *
 * @param {string} file its name tells the format: `.list` (a line per entry) or `.sources` (a stanza per entry)
 * @param {string} text
 * @param {Set<string>} addresses of the archives to keep
 * @returns {string} empty when nothing is left
 */
export function toSourceList(file, text, addresses) {
  const kept = (/** @type {string} */ entry) =>
    entry.split(/\s+/).some((word) => addresses.has(word.replace(/\/$/, "")));
  if (file.endsWith(".list")) {
    const lines = text.split("\n").filter((line) => /^deb\s/.test(line) && kept(line));
    return (
      lines.map((line) => line.replace(/^deb\s/, "deb-src ")).join("\n") + (lines.length > 0 ? "\n" : "")
    );
  }
  const stanzas = text
    .split(/\n\s*\n/)
    .map((stanza) => stanza.replace(/^#.*\n?/gm, "").trim())
    .filter((stanza) => /^Types:.*\bdeb\b/m.test(stanza) && kept(stanza));
  return stanzas.map((stanza) => `${stanza.replace(/^Types:.*$/m, "Types: deb-src")}\n`).join("\n");
}

/** @returns {Promise<[string, string][]>} name and text of each of the system's lists */
async function readSourceLists() {
  const parts = path.join(SOURCES, "sources.list.d");
  const names = (await readdir(parts).catch(() => [])).map((name) => path.join(parts, name));
  const files = [path.join(SOURCES, "sources.list"), ...names].filter((name) =>
    /\.(list|sources)$/.test(name),
  );
  /** @type {[string, string][]} */
  const lists = [];
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) lists.push([file, text]);
  }
  return lists;
}
