import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "#shared/runtime/errors.ts";
import { type CallScript, CallScriptError, parseCallScript } from "./call-script.ts";

/** The folder of the shipped scripts and of the sound files that they name. */
export const CALLS_FOLDER = join(import.meta.dirname, "..", "calls");

/** The shipped scripts' names, e.g. `one-call`. */
export async function listCallScripts(): Promise<string[]> {
  const names = (await readdir(CALLS_FOLDER)).filter((name) => name.endsWith(".json"));
  return names.map((name) => name.slice(0, -".json".length)).sort();
}

/** @throws CallScriptError when there is no such script (the text lists those that are there) or it is faulty. */
export async function loadCallScript(name: string): Promise<CallScript> {
  const known = await listCallScripts();
  if (!known.includes(name)) {
    throw new CallScriptError(`call script ${JSON.stringify(name)}`, [
      `there is none; there are ${known.join(", ")}`,
    ]);
  }
  const path = join(CALLS_FOLDER, `${name}.json`);
  let tree: unknown;
  try {
    tree = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new CallScriptError(path, [describeError(cause)], { cause });
  }
  return parseCallScript(tree, path);
}
