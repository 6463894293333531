/** `npm run setup-dynamics`: registers the recorder's webhook at Dynamics, shows it, or removes it. */
import { parseArgs } from "node:util";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import type { Config, DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { shutdownSignal } from "#shared/runtime/shutdown.ts";
import { readToken } from "#shared/runtime/tokens-file.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { confirm } from "./dynamics/registration/confirm.ts";
import { describeFound } from "./dynamics/registration/describe-found.ts";
import { changesAnything, describePlan, nameAction } from "./dynamics/registration/describe-plan.ts";
import { DynamicsRegistration } from "./dynamics/registration/registration.ts";

const USAGE =
  "usage: npm run setup-dynamics [-- [--config FILE] [--url https://PUBLIC-HOST] [--show | --remove] [--yes]]";
/** Errors that another command line or configuration cures. */
const BAD_USAGE = ["BAD_ARGUMENTS", "BAD_CONFIG", "BAD_WEBHOOK_URL", "BAD_TOKENS_FILE", "NO_CLIENT_SECRET"];

interface Command {
  does: "set up" | "show" | "remove";
  config: Config;
  dynamics: DynamicsConfig;
  registration: DynamicsRegistration;
  isConfirmed: boolean;
  signal: AbortSignal;
}

process.exitCode = await main();

/** Exit codes: 0 done, or nothing to do; 1 Dynamics refused; 2 the command line or configuration is wrong, or nobody said yes. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const command = readCommand(signal);
    say(`environment  ${command.dynamics.url}`, `webhook      ${command.registration.address.url}`, "");
    return command.does === "show" ? await show(command) : await change(command);
  } catch (error) {
    if (!(error instanceof DeskreelError)) throw error;
    process.stderr.write(`setup-dynamics: ${describeError(error)}\n${adviceFor(error)}`);
    return BAD_USAGE.includes(error.code) ? 2 : 1;
  }
}

function readCommand(signal: AbortSignal): Command {
  const values = readArguments();
  const config = loadConfig(values.config);
  const { dynamics } = config;
  if (dynamics === undefined) {
    throw new DeskreelError("BAD_ARGUMENTS", "the configuration has no section dynamics; see docs/CONFIG.md");
  }
  const webhookUrl = values.url ?? dynamics.webhookUrl;
  if (webhookUrl === null) {
    throw new DeskreelError(
      "BAD_ARGUMENTS",
      "where does Dynamics reach the recorder? Set dynamics.webhookUrl, or give --url https://PUBLIC-HOST",
    );
  }
  return {
    does: values.show === true ? "show" : values.remove === true ? "remove" : "set up",
    config,
    dynamics,
    registration: new DynamicsRegistration(dynamics, webhookUrl, new WallClock()),
    isConfirmed: values.yes === true,
    signal,
  };
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        config: { type: "string" },
        url: { type: "string" },
        show: { type: "boolean" },
        remove: { type: "boolean" },
        yes: { type: "boolean" },
      },
    });
    if (values.show !== true || values.remove !== true) return values;
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", `${describeError(cause)}\n${USAGE}`);
  }
  throw new DeskreelError("BAD_ARGUMENTS", `--show and --remove are two things\n${USAGE}`);
}

/** Shows what would be done, asks, does it. */
async function change({
  does,
  config,
  dynamics,
  registration,
  isConfirmed,
  signal,
}: Command): Promise<number> {
  const actions =
    does === "remove"
      ? await registration.planRemoval(signal)
      : await registration.planSetUp(await readToken(config.recorder.tokensFile, "webhookKey"), signal);
  say(...describePlan(actions));
  if (does === "set up" && dynamics.events !== "webhook") {
    say(
      "",
      `note: dynamics.events is ${dynamics.events}; the recorder counts on these posts when it is webhook`,
    );
  }
  if (!changesAnything(actions)) {
    say("", "nothing to do");
    return 0;
  }
  if (!isConfirmed && !(await askToGoOn(dynamics.url, signal))) return 2;
  say("");
  await registration.carryOut(actions, (action) => say(`done: ${nameAction(action)}`), signal);
  return 0;
}

async function askToGoOn(environment: string, signal: AbortSignal): Promise<boolean> {
  const { stdin: input, stdout: output } = process;
  if (!input.isTTY || !output.isTTY) {
    process.stderr.write(
      "setup-dynamics: nothing was changed, for there is no terminal to ask on; add --yes\n",
    );
    return false;
  }
  say("");
  if (await confirm(`Do this at ${environment}?`, { input, output }, signal)) return true;
  process.stderr.write("setup-dynamics: nothing was changed\n");
  return false;
}

/** Shows what is registered for this address, its failures, and what Deskreel has there for other addresses. */
async function show({ config, registration, signal }: Command): Promise<number> {
  const key = await readToken(config.recorder.tokensFile, "webhookKey").catch((error: unknown) => {
    if (error instanceof DeskreelError) return error;
    throw error;
  });
  const all = await registration.readAll(signal);
  const { name } = registration.address;
  for (const webhook of all.filter((one) => one.name === name)) {
    say(...describeFound(webhook, key, await registration.readFailedPosts(webhook.children, signal)), "");
  }
  if (!all.some((one) => one.name === name)) say(`${name} is not registered`, "");
  for (const other of all.filter((one) => one.name !== name)) {
    say(`another address: ${other.name}, posts to ${String(other.values["url"])}`);
  }
  return 0;
}

function adviceFor(error: DeskreelError): string {
  const refusal = error.cause instanceof DataverseError ? error.cause : error;
  if (!(refusal instanceof DataverseError)) return "";
  if (refusal.status === 403 || refusal.status === 401) {
    return "Does the application user exist in this environment, with the rights that docs/DYNAMICS-SETUP.md lists?\n";
  }
  return "";
}

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
