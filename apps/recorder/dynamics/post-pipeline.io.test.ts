/** Which posts wait for Dynamics, and which do not. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import type { WebhookPost } from "../call-buffer/webhook-posts.ts";
import { PostPipeline } from "./post-pipeline.ts";
import { eventually } from "../testing/eventually.ts";

let folder: string;
let buffer: CallBuffer;
let mapped: string[];
/** What posts of that body need is not there, and Dynamics does not answer. */
let lacking: Set<string>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-pipeline-"));
  buffer = await openCallBuffer(folder);
  mapped = [];
  lacking = new Set();
});
afterEach(async () => {
  buffer[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

async function takePost(post: WebhookPost, signal: AbortSignal) {
  if (lacking.has(post.body)) {
    const { promise, reject } = Promise.withResolvers<never>();
    const fail = () => reject(new DataverseError("NO_ANSWER", "away", { status: null }));
    if (signal.aborted) fail();
    else if (hangs) signal.addEventListener("abort", fail);
    else setImmediate(fail);
    await promise;
  }
  await buffer.commit(() => buffer.posts.settle(post.id, "mapped"));
  mapped.push(post.body);
  return { state: "mapped" as const, conversations: [], agents: [] };
}

/** Whether Dynamics lets wait, instead of refusing. */
let hangs = false;

function store(body: string): WebhookPost {
  const post = { receivedAt: 1_000, headers: {}, body };
  return { ...post, id: buffer.inTransaction(() => buffer.posts.add(post)) };
}

/** Runs a pipeline that begins with what waits. */
async function withPipeline(during: (pipeline: PostPipeline) => Promise<void>): Promise<void> {
  const end = new AbortController();
  const options = { posts: buffer.posts, sync: { takePost }, log: silentLog(), health: { fault: null } };
  const pipeline = new PostPipeline({ ...options, onOutcome: () => undefined });
  const run = pipeline.run(end.signal);
  try {
    await during(pipeline);
  } finally {
    end.abort();
    await run;
  }
}

test("a post that needs nothing is mapped though as many as may wait for Dynamics do", async () => {
  hangs = true;
  await withPipeline(async (pipeline) => {
    for (let count = 0; count < 300; count += 1) {
      lacking.add(`chat ${count}`);
      pipeline.offer(store(`chat ${count}`));
    }
    pipeline.offer(store("ring"));
    await eventually(() => expect(mapped).toEqual(["ring"]));
  });
});

test("one that needs Dynamics no more is mapped while older ones wait for it", async () => {
  hangs = false;
  for (let count = 0; count < 50; count += 1) {
    lacking.add(`chat ${count}`);
    store(`chat ${count}`);
  }
  store("ring");
  await withPipeline(async () => {
    await eventually(() => expect(mapped).toEqual(["ring"]));
  });
  expect(buffer.posts.countWaiting()).toBe(50);
});
