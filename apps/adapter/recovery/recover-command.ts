import { setTimeout as sleep } from "node:timers/promises";
import { askOwnServer, type OwnAnswer, type OwnServer, ownUrl } from "#shared/http/own-server.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Config } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import { openTokensFile } from "#shared/runtime/tokens-file.ts";
import { formatInstant, parseRfc3339 } from "#shared/time/rfc3339.ts";
import { startAdapter } from "../adapter.ts";
import { lockData } from "../store/data-lock.ts";
import { describeReport } from "./describe-report.ts";
import type { Recovery, RecoveryRange } from "./recovery.ts";

const ASK_EVERY_MS = 500;
const ANSWER_WITHIN_MS = 30_000;

export interface RecoverCommand {
  config: Config;
  range: RecoveryRange;
  log: Log;
  /** A line for whoever runs it. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Has the running adapter recover; where none runs, is the adapter itself for as long as it takes, on ports of its own.
 *
 * @returns whether it came to its end.
 * @throws DeskreelError `BAD_ARGUMENTS` without Dynamics, `NO_ADAPTER` when the one that works on the data does not answer.
 */
export async function recover(command: RecoverCommand): Promise<boolean> {
  const { config, log, say } = command;
  if (config.dynamics === undefined) {
    throw new DeskreelError("BAD_ARGUMENTS", "recover needs the section dynamics in the configuration");
  }
  if (isAdapterRunning(config.adapter.dataDir)) {
    const { admin } = await openTokensFile(config.adapter.tokensFile, ["viewer", "admin"]);
    return follow(config.adapter.http, admin, command);
  }
  say("no adapter runs here: this command is one until it has ended");
  const http = { host: "127.0.0.1", port: 0, tls: null, allowPlainHttp: false };
  const adapter = { ...config.adapter, http, ops: http };
  await using own = await startAdapter({ adapter, dynamics: config.dynamics, log });
  const place = { ...http, port: Number(new URL(own.url).port) };
  return await Promise.race([follow(place, own.tokens.admin, command), own.failed]);
}

/**
 * An instant of the command line: RFC 3339, or a date, which is its first moment (UTC).
 *
 * @throws DeskreelError `BAD_ARGUMENTS`
 */
export function readInstant(name: string, text: string): number {
  const at = parseRfc3339(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at !== null) return at;
  throw new DeskreelError(
    "BAD_ARGUMENTS",
    `${name} is ${JSON.stringify(text)}; allowed: a date such as 2026-03-02, or 2026-03-02T10:00:00Z`,
  );
}

function isAdapterRunning(dataDir: string): boolean {
  try {
    using _lock = lockData(dataDir);
    return false;
  } catch (error) {
    if (error instanceof DeskreelError && error.code === "ADAPTER_RUNS") return true;
    throw error;
  }
}

async function follow(
  server: OwnServer,
  token: string,
  { range, say, signal }: RecoverCommand,
): Promise<boolean> {
  const [from, to] = [formatInstant(range.from), formatInstant(range.to)];
  const ask = (init: { method?: string; body?: string }) => askAdapter(server, token, signal, init);
  await ask({ method: "POST", body: JSON.stringify({ from, to }) });
  say(`${from} to ${to}`);
  for (let said = ""; ; ) {
    const { running, last } = await ask({});
    if (running === null) {
      if (last === null)
        throw new DeskreelError("NO_ADAPTER", `the adapter at ${ownUrl(server)} was started anew meanwhile`);
      if ("fault" in last) say(`broke off: ${last.fault}; nothing is lost, run it again`);
      else for (const line of describeReport(last.report, last.file)) say(line);
      return !("fault" in last);
    }
    if (running.step !== said) say(running.step);
    said = running.step;
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

async function askAdapter(
  server: OwnServer,
  token: string,
  signal: AbortSignal,
  init: { method?: string; body?: string },
): Promise<Recovery["state"]> {
  let answer: OwnAnswer;
  try {
    answer = await askOwnServer(server, "/v1/recovery", {
      ...init,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
  } catch (cause) {
    throw new DeskreelError(
      "NO_ADAPTER",
      `an adapter works on this data but does not answer at ${ownUrl(server)}: wait until it has started, or stop it and run this again`,
      { cause },
    );
  }
  const { status, text } = answer;
  if (status < 300) return JSON.parse(text) as Recovery["state"];
  throw new DeskreelError("NO_ADAPTER", `the adapter answered ${status}: ${readDetail(text)}`);
}

/** What a problem document says, or else the text itself. */
function readDetail(text: string): string {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title ?? text;
  } catch (error) {
    return `${text.slice(0, 200)} (${describeError(error)})`;
  }
}
