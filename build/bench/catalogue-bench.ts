import { stat } from "node:fs/promises";
import { join } from "node:path";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { type BenchRecorder, startBenchRecorder } from "./bench-recorder.ts";
import { measureSteadyEvents } from "./events-bench.ts";
import { fillCatalogue, type Sample } from "./fill-catalogue.ts";
import { HttpLoad, type LoadRequest } from "./http-load.ts";
import { sortOut } from "./latencies.ts";
import { seededRandom } from "./made-up-recordings.ts";
import type { Measured } from "./results.ts";

const REQUESTS_EACH = 200;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIST_PROMISE = "p95 <= 50 ms";

export interface CatalogueBenchOptions {
  /** For the recorder's data. */
  folder: string;
  recordings: number;
  /** For how long events come in at the promised rate. */
  seconds: number;
  say: (text: string) => void;
}

/** Everything that is asked of a catalogue all the time, with very many recordings in it. */
export async function benchCatalogue(options: CatalogueBenchOptions): Promise<Measured[]> {
  const { folder, recordings, seconds, say } = options;
  const samples = await fillCatalogue(join(folder, "buffer"), recordings, say);
  const { size } = await stat(join(folder, "buffer/catalog.db"));
  say(`catalogue of ${Math.round(size / 1_000_000)} MB; the recorder starts on it`);
  await using recorder = await startBenchRecorder(folder);
  const started: Measured = {
    what: "start on this catalogue until ready",
    ...sortOut([recorder.startedInMs]),
    perSecond: null,
    processorMsEach: await recorder.processorMs(),
    promise: null,
  };
  const measured = [started];
  for (const [what, request] of Object.entries(lists(samples))) {
    say(what);
    measured.push(await measure(recorder, "admin", what, request, LIST_PROMISE));
  }
  for (const [what, request] of Object.entries(handOffs())) {
    say(what);
    measured.push(await measure(recorder, "adapter", what, request, null));
  }
  for (const path of ["/metrics", "/readyz"]) {
    const request = (): LoadRequest => ({ method: "GET", path });
    measured.push(
      await measure({ ...recorder, url: recorder.opsUrl }, "admin", `GET ${path}`, request, null),
    );
  }
  say("call events on top of it");
  measured.push(...(await measureSteadyEvents(recorder, seconds * 1_000)));
  return measured;
}

async function measure(
  recorder: Pick<BenchRecorder, "url" | "tokens" | "processorMs">,
  scope: "admin" | "adapter",
  what: string,
  request: () => LoadRequest,
  promise: string | null,
): Promise<Measured> {
  using load = new HttpLoad(recorder.url, recorder.tokens[scope], 1);
  const requests = Array.from({ length: REQUESTS_EACH }, request);
  const before = await recorder.processorMs();
  const { samplesMs, tookMs } = await load.closedLoop(requests, 1);
  const processorMsEach = ((await recorder.processorMs()) - before) / requests.length;
  const perSecond = (requests.length * 1_000) / tookMs;
  return { what, ...sortOut(samplesMs), perSecond, processorMsEach, promise };
}

/** By what they are called in the result; each request asks for something else. */
function lists(samples: readonly Sample[]): Record<string, () => LoadRequest> {
  const random = seededRandom(3);
  const any = (): Sample => {
    const sample = samples[Math.floor(random() * samples.length)];
    if (sample === undefined) throw new RangeError("there is no sample to ask for");
    return sample;
  };
  /** Somewhere deep in the list. */
  const cursor = () => {
    const { startedAt, id } = any();
    return `cursor=${Buffer.from(JSON.stringify([startedAt, id])).toString("base64url")}`;
  };
  const range = (lengthMs: number) => {
    const from = any().startedAt;
    return `from=${formatInstant(from)}&to=${formatInstant(from + lengthMs)}`;
  };
  const recordings = (query: () => string) => () => get(`/v1/recordings?${query()}`);
  const coverage = (query: () => string) => () => get(`/v1/coverage?${query()}`);
  return {
    "GET /v1/recordings": recordings(() => ""),
    "recordings deep": recordings(cursor),
    "recordings phase=sealed deep": recordings(() => `phase=sealed&${cursor()}`),
    "recordings phase=discarded deep": recordings(() => `phase=discarded&${cursor()}`),
    "recordings phase=kept": recordings(() => "phase=kept"),
    "recordings phase=provisional deep": recordings(() => `phase=provisional&${cursor()}`),
    "recordings agent": recordings(() => `agent=${any().agent}`),
    "recordings agent deep": recordings(() => `agent=${any().agent}&${cursor()}`),
    "recordings agent, phase=discarded deep": recordings(
      () => `agent=${any().agent}&phase=discarded&${cursor()}`,
    ),
    "recordings agent, phase=provisional": recordings(() => `agent=${any().agent}&phase=provisional`),
    "recordings callSessionId": recordings(() => `callSessionId=${any().callSessionId}`),
    "recordings callSessionId, agent, phase=sealed": recordings(
      () => `callSessionId=${any().callSessionId}&agent=${any().agent}&phase=sealed`,
    ),
    "GET /v1/recordings/{id}": () => get(`/v1/recordings/${any().id}`),
    "GET /v1/coverage": coverage(() => ""),
    "coverage deep in all of it": coverage(cursor),
    "coverage an hour": coverage(() => range(HOUR_MS)),
    "coverage a day": coverage(() => range(DAY_MS)),
    "coverage a day, deep": coverage(() => {
      const { startedAt, id } = any();
      const at = Buffer.from(JSON.stringify([startedAt + 3 * HOUR_MS, id])).toString("base64url");
      return `from=${formatInstant(startedAt)}&to=${formatInstant(startedAt + DAY_MS)}&cursor=${at}`;
    }),
    "coverage 90 days": coverage(() => range(90 * DAY_MS)),
    "coverage 90 days, word=partial": coverage(() => `word=partial&${range(90 * DAY_MS)}`),
    "coverage a day, word=not-recorded": coverage(() => `word=not-recorded&${range(DAY_MS)}`),
    "coverage word=partial deep": coverage(() => `word=partial&${cursor()}`),
    "coverage agent, 90 days": coverage(() => `agent=${any().agent}&${range(90 * DAY_MS)}`),
    "coverage agent, word=partial": coverage(() => `agent=${any().agent}&word=partial`),
    "coverage callSessionId": coverage(() => `callSessionId=${any().callSessionId}`),
  };
}

function get(path: string): LoadRequest {
  return { method: "GET", path };
}

function handOffs(): Record<string, () => LoadRequest> {
  const lease = { adapter: "bench", max: 1, waitMs: 0, leaseMs: 600_000 };
  return {
    "POST /v1/handoff/lease": () => ({
      method: "POST",
      path: "/v1/handoff/lease",
      body: () => JSON.stringify(lease),
    }),
  };
}
