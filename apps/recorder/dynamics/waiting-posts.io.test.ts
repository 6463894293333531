/** Posts that could not be mapped when they came in. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { parseCallScript } from "../../../e2e/dynamics/script/call-script.ts";
import { AgentDirectory } from "../agents/agent-directory.ts";
import { openCallBuffer } from "../call-buffer/call-buffer.ts";
import { RecordingControl } from "../control/recording-control.ts";
import { SETTINGS } from "../domain/dynamics/testing/known-rows.ts";
import { DynamicsSync } from "./dynamics-sync.ts";
import { ReplayedDynamics } from "./testing/replayed-dynamics.ts";

const START: EpochMs = Date.UTC(2026, 2, 2, 10);
const SCRIPT = parseCallScript({
  customer: "+14255550100",
  queue: "Billing",
  agents: {
    ann: { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" },
    bob: { entraId: "a0000000-0000-4000-8000-000000000002", upn: "bob@contoso.com", name: "Bob Backoffice" },
  },
  steps: [
    { atMs: 0, do: "ring", agent: "ann" },
    { atMs: 2_000, do: "answer", agent: "ann" },
    { atMs: 20_000, do: "transfer-to-agent", agent: "ann", to: "bob" },
    { atMs: 25_000, do: "answer", agent: "bob" },
    { atMs: 26_000, do: "leave", agent: "ann" },
    { atMs: 60_000, do: "end", agent: "bob" },
    { atMs: 70_000, do: "finish", agent: "bob" },
  ],
});

test("a post that waited brings what happened since at its own time, not at that of the post", async () => {
  const clock = { at: START, now: () => clock.at };
  const dynamics = new ReplayedDynamics([{ script: SCRIPT, startAt: START }], START - 60_000);
  const folder = await mkdtemp(join(tmpdir(), "deskreel-posts-"));
  try {
    await using parts = new AsyncDisposableStack();
    const { lifecycle, policy } = loadConfig(undefined, {}, folder).recorder;
    const log = silentLog();
    const buffer = parts.use(await openCallBuffer(folder));
    const names = parts.use(new AgentDirectory({ buffer, clock, log }));
    const capture = { start: () => undefined, end: () => Promise.resolve() };
    const control = parts.use(
      new RecordingControl({ buffer, capture, clock, log, lifecycle, policy, lookUpEvidence: null }),
    );
    const sync = new DynamicsSync({
      buffer,
      control,
      source: dynamics,
      names,
      settings: SETTINGS,
      clock,
      log,
    });
    const take = async (told: (typeof dynamics.posts)[number] | undefined, receivedAt: EpochMs) => {
      if (told === undefined) throw new Error("the call is told by posts");
      const post = { ...told.post, receivedAt };
      const id = buffer.inTransaction(() => buffer.posts.add(post));
      await sync.takePost({ ...post, id }, new AbortController().signal);
    };
    const isOf = (table: string) => (told: (typeof dynamics.posts)[number]) =>
      told.post.body.includes(`"PrimaryEntityName":"${table}"`);
    clock.at = START + 300_000;
    dynamics.advanceTo(clock.at);
    await take(dynamics.posts.findLast(isOf("msdyn_ocliveworkitem")), START + 71_000);
    await take(dynamics.posts.find(isOf("msdyn_sessionparticipant")), START + 1_000);

    const { items } = buffer.recordings.list({}, 10, null);
    const ofAnn = items.filter(({ agent }) => agent === SCRIPT.agents["ann"]?.upn);
    const end = formatInstant(START + 70_000);
    expect(ofAnn.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toEqual([
      [formatInstant(START), end],
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
