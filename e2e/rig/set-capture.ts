import { readFile, writeFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { Site } from "./site.ts";

/** Writes the recorder's configuration anew and has it read. */
export async function setCapture(
  site: Site,
  changes: Record<string, unknown>,
  pid = site.recorder.pid,
): Promise<void> {
  const tree = parse(await readFile(site.configFile, "utf8")) as { recorder: { capture?: object } };
  tree.recorder.capture = { ...tree.recorder.capture, ...changes };
  await writeFile(site.configFile, stringify(tree));
  process.kill(pid, "SIGHUP");
}
