import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLog } from "#shared/runtime/log.ts";
import { startDynamics } from "../../e2e/dynamics/simulator.ts";
import { REPOSITORY } from "../repository.ts";
import { type BenchRecorder, startBenchRecorder } from "./bench-recorder.ts";
import { callTraffic, type EventBody } from "./call-traffic.ts";
import { HttpLoad, type LoadRequest, type LoadResult } from "./http-load.ts";
import { sortOut } from "./latencies.ts";
import { probeLoop } from "./loop-probe.ts";
import type { Measured } from "./results.ts";

const CONNECTIONS = 64;
const AGENTS = 200;
const PROMISED_PER_SECOND = 1_000;
const PROMISE = `>= ${PROMISED_PER_SECOND}/s, p99 <= 100 ms`;

const POSTS_PER_SECOND = 500;
const WEBHOOK_SAMPLE = "apps/recorder/dynamics/fixtures/participant-joined.json";
const SAMPLE_PARTICIPANT = "c1000000-0000-4000-8000-000000000001";
const SAMPLE_SESSION = "b1000000-0000-4000-8000-000000000001";

export interface EventsBenchOptions {
  /** For the recorder's data. */
  folder: string;
  /** For how long events come at the promised rate. */
  seconds: number;
  say: (text: string) => void;
}

/** Call events over HTTP into a recorder of its own: each answer says that they are on the disk and decided upon. */
export async function benchEvents({ folder, seconds, say }: EventsBenchOptions): Promise<Measured[]> {
  await using recorder = await startBenchRecorder(folder);
  // The first requests of a process find nothing compiled.
  await measureLoad(recorder, "warm-up", singles(2_000), (load, requests) =>
    load.closedLoop(requests, CONNECTIONS),
  );
  const count = seconds * PROMISED_PER_SECOND;
  say(`${count} events at ${PROMISED_PER_SECOND} a second`);
  const steady = await measureSteadyEvents(recorder, count);
  say(`${count} events as fast as they are taken`);
  const fast = await measureLoad(
    recorder,
    `one event a request, ${CONNECTIONS} connections`,
    singles(count),
    (load, requests) => load.closedLoop(requests, CONNECTIONS),
  );
  say(`${count} events in arrays of 100`);
  const arrays = await measureLoad(
    recorder,
    "arrays of 100 events, 4 connections",
    inArrays(callTraffic(count, AGENTS), 100),
    (load, requests) => load.closedLoop(requests, 4),
    { eventsEach: 100 },
  );
  return [...steady, ...fast, ...arrays];
}

/**
 * Posts of Dataverse's webhook at half the promised rate of events: each answer says that the post is on the disk. Each is
 * about a participant and a session of its own.
 */
export async function benchWebhook({ folder, seconds, say }: EventsBenchOptions): Promise<Measured[]> {
  await using simulator = await startDynamics({ log: silentLog() });
  const { url, tenantId, clientId, clientSecret } = simulator;
  const clientSecretFile = join(folder, "dynamics-secret");
  await writeFile(clientSecretFile, clientSecret);
  const dynamics = { url, authority: url, tenantId, clientId, clientSecretFile, events: "webhook" };
  await using recorder = await startBenchRecorder(folder, { dynamics });
  const sample = await readFile(join(REPOSITORY, WEBHOOK_SAMPLE), "utf8");
  const posts = Array.from({ length: seconds * POSTS_PER_SECOND }, (): LoadRequest => {
    const body = () =>
      sample.replaceAll(SAMPLE_PARTICIPANT, randomUUID()).replaceAll(SAMPLE_SESSION, randomUUID());
    return { method: "POST", path: `/v1/dataverse-webhook?code=${recorder.tokens.webhookKey}`, body };
  });
  say(`${posts.length} posts of the webhook at ${POSTS_PER_SECOND} a second`);
  const what = `Dataverse webhook posts, ${POSTS_PER_SECOND} a second`;
  const run = (load: HttpLoad, requests: readonly LoadRequest[]) => load.openLoop(requests, POSTS_PER_SECOND);
  return await measureLoad(recorder, what, posts, run, { promise: null });
}

/** Single events at the promised rate. */
export function measureSteadyEvents(recorder: BenchRecorder, count: number): Promise<Measured[]> {
  const what = `one event a request, ${PROMISED_PER_SECOND} a second`;
  return measureLoad(recorder, what, singles(count), (load, requests) =>
    load.openLoop(requests, PROMISED_PER_SECOND),
  );
}

async function measureLoad(
  recorder: BenchRecorder,
  what: string,
  requests: readonly LoadRequest[],
  run: (load: HttpLoad, requests: readonly LoadRequest[]) => Promise<LoadResult>,
  { eventsEach = 1, promise = PROMISE }: { eventsEach?: number; promise?: string | null } = {},
): Promise<Measured[]> {
  using load = new HttpLoad(recorder.url, recorder.tokens.integration, CONNECTIONS);
  const before = await recorder.processorMs();
  const { result, probed } = await probeLoop(recorder.opsUrl, () => run(load, requests));
  const events = requests.length * eventsEach;
  const processorMsEach = ((await recorder.processorMs()) - before) / events;
  const perSecond = (events * 1_000) / result.tookMs;
  return [
    { what, ...sortOut(result.samplesMs), perSecond, processorMsEach, promise },
    { what: "  meanwhile GET /healthz", ...probed, perSecond: null, processorMsEach: null, promise: null },
  ];
}

function singles(count: number): LoadRequest[] {
  return callTraffic(count, AGENTS).map((event) => post(() => JSON.stringify(event())));
}

function inArrays(events: readonly EventBody[], size: number): LoadRequest[] {
  return Array.from({ length: Math.ceil(events.length / size) }, (_, index) => {
    const some = events.slice(index * size, (index + 1) * size);
    return post(() => JSON.stringify(some.map((event) => event())));
  });
}

function post(body: () => string): LoadRequest {
  return { method: "POST", path: "/v1/call-events", body };
}
