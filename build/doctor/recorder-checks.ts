import { z } from "zod";
import { portHolder } from "#shared/http/listen.ts";
import { askOwnServer, type OwnServer } from "#shared/http/own-server.ts";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import { checkCertificate } from "./certificate-checks.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { checkSecretFile } from "./path-checks.ts";
import { checkPort, judgeExposure, judgeMediaAddress, type Listening } from "./port-checks.ts";

const ANSWERS_WITHIN_MS = 5_000;

const readySchema = z.object({
  status: z.enum(["ready", "not-ready"]),
  checks: z.array(
    z.object({ name: z.string(), state: z.enum(["ok", "alarm", "failed"]), detail: z.string().optional() }),
  ),
});

/** What a running program's `/readyz` says; null when none answers there. */
export type Readiness = z.output<typeof readySchema> | null;

/** Asks an ops listener. Never rejects. */
export async function readReadiness(ops: OwnServer): Promise<Readiness> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const { text } = await askOwnServer(ops, "/readyz", { signal });
    return readySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const group = findingsOf("Recorder");

/** @param readiness - of the recorder of this configuration. */
export async function* checkRecorder(config: RecorderConfig, readiness: Readiness): AsyncGenerator<Finding> {
  yield* judgeReadiness(readiness);
  const runs = readiness === null ? null : "the recorder";
  const http: Listening = { name: "API port", key: "recorder.http", ...config.http, protocols: ["tcp"] };
  const ops: Listening = { name: "ops port", key: "recorder.ops", ...config.ops, protocols: ["tcp"] };
  const { listenIp, port } = config.webrtc;
  const about = { name: "media port", key: "recorder.webrtc", host: listenIp, port };
  const media: Listening = { ...about, protocols: ["udp", "tcp"] };
  for (const place of [http, ops, media]) yield await checkPort(group, place, runs);
  for (const place of [http, ops]) yield* await checkCertificate(group, place, Date.now());
  yield* judgeMediaAddress(group, config.webrtc, config.http.host);
  yield* judgeExposure(group, http, "tokens and call data can be read on the way");
  yield* judgeExposure(group, ops, "it needs no token, whoever reaches it reads it");
  const { tokensFile } = config;
  const key = "recorder.tokensFile";
  yield await checkSecretFile(group, "tokens file", tokensFile, { isMade: true, isJson: true, key });
}

/** The process that serves the configuration's ops listener; null: none, or not to be seen by this user. */
export function recorderPid(config: RecorderConfig): number | null {
  return config.ops.port === 0 ? null : (portHolder(config.ops.port)?.pid ?? null);
}

/** Whether it runs, and what it says is wrong with itself. */
function* judgeReadiness(readiness: Readiness): Generator<Finding> {
  if (readiness === null) {
    yield group.ok("running", "no; npm run recorder starts it");
    return;
  }
  const bad = readiness.checks.filter(({ state }) => state !== "ok");
  yield group.ok(
    "running",
    `yes, ${readiness.status}; ${readiness.checks.length - bad.length} of its checks are ok`,
  );
  for (const { name, state, detail = "no detail" } of bad) {
    const mend = "it says so itself in /readyz; look at its log for when it began";
    yield state === "failed"
      ? group.fail(`says: ${name}`, detail, mend)
      : group.warn(`says: ${name}`, detail, mend);
  }
}
