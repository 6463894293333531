/** The part of `npm run doctor` that needs Node 24 and the packages; started by main.mjs. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type ConfigError, loadConfig } from "#shared/runtime/config.ts";
import type { Config } from "#shared/runtime/config-schema.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { trustForAll } from "#shared/runtime/trusted-authorities.ts";
import { REPOSITORY } from "../repository.ts";
import { Cache } from "../setup/cache.mjs";
import { checkAdapter } from "./adapter-checks.ts";
import { type DoctorArguments, readDoctorArguments } from "./arguments.mjs";
import { checkBuffer } from "./buffer-checks.ts";
import { checkDynamics } from "./dynamics-checks.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { count, FindingsText, findingsJson } from "./findings.mjs";
import { checkMachine, readDescriptorLimit } from "./machine-checks.ts";
import { checkRecorder, readReadiness, recorderPid } from "./recorder-checks.ts";
import { checkSetUp } from "./set-up-checks.mjs";

async function* examine(asked: DoctorArguments, onProgress: (text: string) => void): AsyncGenerator<Finding> {
  yield* checkSetUp(REPOSITORY, new Cache());
  yield* checkMachine(process.env);
  const configuration = findingsOf("Configuration");
  const config = readConfig(asked.config);
  if (!("recorder" in config)) {
    for (const { path, found, message } of config.problems)
      yield configuration.fail(path, `found ${found}`, message);
    return;
  }
  yield configuration.ok("file", nameOf(asked.config));
  yield* trustAuthorities(config.adapter.caFile);
  const readiness = await readReadiness(config.recorder.ops);
  yield* checkRecorder(config.recorder, readiness);
  const isRunning = readiness !== null;
  const descriptors = await readDescriptorLimit((isRunning ? recorderPid(config.recorder) : null) ?? "self");
  const about = { isDeep: asked.deep, isRunning, descriptors, now: Date.now(), onProgress };
  yield* checkBuffer(config.recorder, about);
  yield* checkAdapter(config.adapter, await readReadiness(config.adapter.ops));
  yield* checkDynamics(config.dynamics);
}

/** As the adapter does at its start: what is reached by TLS is judged by the same authorities. */
function* trustAuthorities(caFile: string | null): Generator<Finding> {
  const { fail } = findingsOf("Configuration");
  try {
    trustForAll(["https://any.example"], caFile);
  } catch (error) {
    yield fail("adapter.caFile", describeError(error), "name a file with certificates in PEM");
  }
}

function readConfig(file: string | undefined): Config | { problems: ConfigError["problems"] } {
  try {
    return loadConfig(file);
  } catch (error) {
    if (error instanceof DeskreelError && "problems" in error)
      return { problems: error.problems as ConfigError["problems"] };
    throw error;
  }
}

function nameOf(file: string | undefined): string {
  const path = resolve(file ?? "deskreel.yaml");
  return existsSync(path)
    ? `${path} has no fault`
    : "none: the defaults hold; deskreel.example.yaml has all keys";
}

async function main(): Promise<number> {
  const asked = readDoctorArguments(process.argv.slice(2));
  const { isTTY } = process.stdout;
  const text = new FindingsText({ colours: isTTY });
  const findings: Finding[] = [];
  const showProgress = (line: string) => {
    if (isTTY && !asked.json) process.stdout.write(`\r\u001B[K  … ${line.slice(0, 90)}`);
  };
  for await (const finding of examine(asked, showProgress)) {
    findings.push(finding);
    if (asked.json) continue;
    process.stdout.write(`${isTTY ? "\r\u001B[K" : ""}${text.write(finding)}`);
  }
  process.stdout.write(asked.json ? findingsJson(findings) : text.sum(findings));
  if (findings.some(({ group, state }) => group === "Configuration" && state === "fail")) return 2;
  return count(findings).fail > 0 ? 1 : 0;
}

process.exitCode = await main();
