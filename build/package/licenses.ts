import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "../repository.ts";

const OF_A_PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
/** What the texts are called in packages. */
const TEXT_FILE = /^(licen[cs]e|copying|notice)\b/i;
const RULE = "=".repeat(80);

/** A package has no text of its licence, so it may not be handed on. */
export class NoLicenseText extends Error {}

/**
 * The licence texts of the npm packages that a bundle is made of.
 *
 * @param inputs - the bundle's sources, relative to `root`, as esbuild lists them.
 * @throws NoLicenseText
 */
export async function thirdPartyLicenses(inputs: readonly string[], root = REPOSITORY): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => OF_A_PACKAGE.exec(input)?.[0] ?? []));
  const sections = await Promise.all([...folders].sort().map((folder) => section(join(root, folder))));
  const head = [
    "Deskreel's desktop app has the npm packages below in its archive. Electron and Chromium, which it runs in, have",
    "licences of their own: LICENSE.electron.txt and LICENSES.chromium.html, beside this file.",
  ];
  return [...head, ...sections].join("\n");
}

async function section(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Record<
    string,
    unknown
  >;
  const name = `${String(manifest["name"])} ${String(manifest["version"])}`;
  const files = (await readdir(folder)).filter((file) => TEXT_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const text = texts.map((one) => one.replaceAll("\r\n", "\n").trim()).filter(Boolean);
  if (text.length === 0)
    throw new NoLicenseText(`${name} (${String(manifest["license"])}) has no text of its licence`);
  return `\n${RULE}\n${name} (${String(manifest["license"])})\n${RULE}\n\n${text.join("\n\n")}\n`;
}
