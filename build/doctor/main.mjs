// @ts-check
// npm run doctor: checks this machine and a configuration. It sets nothing up: this file and what it imports run on
// Node 20 with nothing installed, and say so; the rest runs on Node 24.
import "../setup/node20.mjs";
import path from "node:path";
import { Cache } from "../setup/cache.mjs";
import { runInForeground } from "../setup/foreground.mjs";
import { findNode24 } from "../setup/steps/node24.mjs";
import { readDoctorArguments, USAGE } from "./arguments.mjs";
import { FindingsText, findingsJson } from "./findings.mjs";
import { checkSetUp, isPackagesThere } from "./set-up-checks.mjs";

const ROOT = path.resolve(import.meta.dirname, "..", "..");

/** @param {readonly string[]} argv */
async function main(argv) {
  /** @type {import("./arguments.mjs").DoctorArguments} */
  let asked;
  try {
    asked = readDoctorArguments(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const cache = new Cache();
  const node = await findNode24({ cache });
  if (node !== undefined && (await isPackagesThere(ROOT, cache))) {
    await runInForeground(node, [path.join(import.meta.dirname, "doctor.ts"), ...argv], process.env);
    return undefined;
  }
  /** @type {import("./findings.mjs").Finding[]} */
  const findings = [];
  const text = new FindingsText({ colours: process.stdout.isTTY });
  for await (const finding of checkSetUp(ROOT, cache)) {
    findings.push(finding);
    if (!asked.json) process.stdout.write(text.write(finding));
  }
  process.stdout.write(asked.json ? findingsJson(findings) : text.sum(findings));
  if (!asked.json)
    process.stdout.write("Ports, configuration and call buffer are checked too once those are there.\n");
  return 1;
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
