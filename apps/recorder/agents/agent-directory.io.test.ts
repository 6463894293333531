import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { TABLES_OF_AGENTS } from "../call-buffer/agent-name-store.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import { AgentDirectory } from "./agent-directory.ts";
import { systemUserName } from "./agent-names.ts";
import { eventually } from "../testing/eventually.ts";

const ANN = "ann@contoso.com";
const ANN_ENTRA = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
const BOB = "bob@contoso.com";
const BOB_SYSTEM_USER = "cccccccc-0000-1111-2222-bbbbbbbbbbbb";
const BOB_ENTRA = "bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb";
const DOMAIN_ANN = "contoso\\ann";

let folder: string;
let buffer: CallBuffer;
let agents: AgentDirectory;
const clock = { time: 1_000, now: () => (clock.time += 1) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-agents-"));
  await open();
});
afterEach(async () => {
  close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  buffer = await openCallBuffer(folder);
  agents = new AgentDirectory({ buffer, clock, log: silentLog() });
}

function close(): void {
  agents[Symbol.dispose]();
  buffer[Symbol.dispose]();
}

async function reopen(): Promise<void> {
  close();
  await open();
}

/** Merges that nothing holds up are done by then. */
async function mergesDone(): Promise<void> {
  await eventually(() => expect(buffer.agentNames.waitingMerges()).toEqual([]));
}

/** An event of an agent, with a recording if it has one; stored as the lifecycle would. */
function store(
  agent: string,
  callSessionId: string,
  at: number,
  recording?: { leg?: number; endedAt?: number | null; phase?: "kept" | "sealed" | "provisional" },
): string {
  const id = `${callSessionId}-${agent}-${at}`;
  const type: CallEventType = "connected";
  buffer.events.addEvent({ event: { id, agent, callSessionId, type, at }, raw: "{}" }, at);
  if (recording === undefined) return id;
  const { leg = 1, endedAt = at + 100, phase = "kept" } = recording;
  buffer.legs.save({
    recordingId: id,
    before: buffer.legs.ofSession(agent, callSessionId).find((stored) => stored.recordingId === id) ?? null,
    agent,
    leg: {
      recordingId: id,
      callSessionId,
      leg,
      phase: phase === "sealed" ? "kept" : phase,
      startedAt: at,
      connectedAt: at,
      keptAt: at,
      endedAt,
      eventIds: [id],
      notes: [],
      mayStart: false,
      newestEventAt: at,
      lastHeardAt: at,
      policy: null,
      wrapUpSince: null,
      ringExpired: false,
    },
    phase: phase === "sealed" ? "kept" : phase,
    notes: [],
    captureOrderedAt: null,
    guard: null,
    eraseAt: null,
    askAt: null,
    revisionStep: 0,
  });
  if (phase === "sealed") buffer.legs.seal(id);
  return id;
}

const legs = (callSessionId: string) =>
  buffer.recordings
    .list({ callSessionId }, 100, null)
    .items.map(({ id, agent, leg, revision }) => ({ id, agent, leg, revision }))
    .sort((left, right) => left.leg - right.leg);

describe("names", () => {
  test("are compared without case, and one never heard of is an agent of its own", () => {
    expect(agents.find("Ann@Contoso.com")).toBe(null);
    expect(agents.resolve(" Ann@Contoso.com ", "event")).toBe(ANN);
    expect(agents.resolve("ANN@CONTOSO.COM", "desktop")).toBe(ANN);
    expect(agents.find("ann@CONTOSO.com")).toBe(ANN);
  });

  test("of one person mean the agent that was known first", () => {
    agents.resolve(ANN, "desktop");
    expect(agents.learn([ANN_ENTRA, ANN, "CONTOSO\\Ann"], "dynamics")).toBe(ANN);
    expect(agents.resolve(ANN_ENTRA.toUpperCase(), "event")).toBe(ANN);
    expect(agents.resolve(DOMAIN_ANN, "desktop")).toBe(ANN);
    expect(agents.namesOf(ANN)).toEqual([ANN, ANN_ENTRA, DOMAIN_ANN]);
  });

  test("that are all new mean the first of them that people can read", () => {
    expect(agents.learn([ANN_ENTRA, ANN, DOMAIN_ANN], "dynamics")).toBe(ANN);
    expect(agents.resolve(ANN_ENTRA, "event")).toBe(ANN);
    expect(agents.learn([BOB_ENTRA, systemUserName(BOB_SYSTEM_USER)], "dynamics")).toBe(BOB_ENTRA);
  });

  test("of a systemuser whose row could not be read at first are the same person's afterwards", () => {
    const agent = agents.learn([systemUserName(BOB_SYSTEM_USER)], "dynamics");
    expect(agents.learn([BOB_ENTRA, BOB, systemUserName(BOB_SYSTEM_USER)], "dynamics")).toBe(agent);
    expect(agents.find(BOB)).toBe(agent);
  });

  test("are known again after a restart", async () => {
    agents.learn([ANN, ANN_ENTRA], "dynamics");
    await reopen();
    expect(agents.find(ANN_ENTRA)).toBe(ANN);
  });

  test("that were learned within changes that are rolled back are learned anew: a restart knows the same", async () => {
    const storeNone = buffer.commit(() => {
      agents.learn([ANN_ENTRA, ANN], "dynamics");
      throw new Error("no");
    });
    const storeNext = buffer.commit(() => agents.learn([ANN_ENTRA, ANN], "dynamics"));
    expect(await Promise.allSettled([storeNone, storeNext])).toMatchObject([
      { reason: new Error("no") },
      { value: ANN },
    ]);
    await reopen();
    expect([ANN, ANN_ENTRA].map((name) => agents.find(name))).toEqual([ANN, ANN]);
  });

  test("with two Entra ids are never taken for one person: a shared mailbox connects nobody", () => {
    agents.learn([ANN_ENTRA, ANN, "desk@contoso.com"], "dynamics");
    expect(agents.learn([BOB_ENTRA, BOB, "desk@contoso.com"], "dynamics")).toBe(BOB);
    expect(["desk@contoso.com", BOB_ENTRA].map((name) => agents.find(name))).toEqual([ANN, BOB]);
    expect(agents.learn([BOB, "desk@contoso.com"], "dynamics")).toBe(BOB);
    expect(buffer.agentNames.waitingMerges()).toEqual([]);
  });
});

describe("two agents that turn out to be one person", () => {
  test("become the one known first, when neither has a recording", async () => {
    agents.resolve(ANN, "event");
    agents.resolve(DOMAIN_ANN, "desktop");
    const merged: string[][] = [];
    agents.onMerged((...pair) => merged.push(pair));
    expect(agents.learn([DOMAIN_ANN, ANN], "dynamics")).toBe(ANN);
    await mergesDone();
    expect(agents.find(DOMAIN_ANN)).toBe(ANN);
    expect(merged).toEqual([[DOMAIN_ANN, ANN]]);
    await reopen();
    expect(agents.find(DOMAIN_ANN)).toBe(ANN);
  });

  test("become the one that has recordings, so that they keep their name", async () => {
    agents.resolve(DOMAIN_ANN, "desktop");
    agents.resolve(ANN, "event");
    store(ANN, "s1", 5_000, {});
    expect(agents.learn([ANN, DOMAIN_ANN], "dynamics")).toBe(ANN);
    await mergesDone();
    expect(legs("s1")).toEqual([{ id: `s1-${ANN}-5000`, agent: ANN, leg: 1, revision: 1 }]);
  });

  test("lose nothing: events, decisions and recordings are the one's, legs of a shared call are counted by start", async () => {
    agents.resolve(ANN, "event");
    agents.resolve(DOMAIN_ANN, "event");
    store(ANN, "s1", 2_000, { leg: 1, phase: "sealed" });
    store(ANN, "s1", 6_000, { leg: 2, phase: "sealed" });
    const between = store(DOMAIN_ANN, "s1", 4_000, { leg: 1, phase: "sealed" });
    store(DOMAIN_ANN, "s2", 9_000, { leg: 1, phase: "sealed" });
    buffer.events.addDecision(DOMAIN_ANN, {
      recordingId: between,
      callSessionId: "s1",
      kind: "max-wrap-up",
      at: 4_100,
    });
    agents.learn([ANN, DOMAIN_ANN], "dynamics");
    await mergesDone();

    expect(legs("s1")).toEqual([
      { id: `s1-${ANN}-2000`, agent: ANN, leg: 1, revision: 1 },
      { id: between, agent: ANN, leg: 2, revision: 2 },
      { id: `s1-${ANN}-6000`, agent: ANN, leg: 3, revision: 2 },
    ]);
    expect(legs("s2")).toEqual([{ id: `s2-${DOMAIN_ANN}-9000`, agent: ANN, leg: 1, revision: 2 }]);
    expect(buffer.events.eventsOfSession(ANN, "s1")).toHaveLength(3);
    expect(buffer.events.decisionsOfSession(ANN, "s1")).toHaveLength(1);
    expect(buffer.events.eventsOfSession(DOMAIN_ANN, "s1")).toEqual([]);
  });

  test("stay apart until the recordings of the one that goes are over, also across a restart", async () => {
    agents.resolve(ANN, "event");
    agents.resolve(DOMAIN_ANN, "event");
    store(ANN, "s1", 2_000, {});
    const open = store(DOMAIN_ANN, "s2", 3_000, { endedAt: null });
    agents.learn([ANN, DOMAIN_ANN], "dynamics");
    await nextTurn();
    expect(agents.resolve(DOMAIN_ANN, "event")).toBe(DOMAIN_ANN);
    await reopen();
    expect(agents.resolve(DOMAIN_ANN, "event")).toBe(DOMAIN_ANN);

    store(DOMAIN_ANN, "s2", 3_000, { endedAt: 8_000 });
    await eventually(() => expect(agents.find(DOMAIN_ANN)).toBe(ANN));
    expect(legs("s2")).toEqual([{ id: open, agent: ANN, leg: 1, revision: 1 }]);
  });

  test("stay apart while the one that goes on is in a call that both have", async () => {
    agents.resolve(ANN, "event");
    agents.resolve(DOMAIN_ANN, "event");
    store(ANN, "s1", 2_000, { endedAt: null });
    store(DOMAIN_ANN, "s1", 3_000, {});
    agents.learn([ANN, DOMAIN_ANN], "dynamics");
    await nextTurn();
    await nextTurn();
    expect(agents.find(DOMAIN_ANN)).toBe(DOMAIN_ANN);
    store(ANN, "s1", 2_000, { endedAt: 9_000 });
    await eventually(() => expect(agents.find(DOMAIN_ANN)).toBe(ANN));
    expect(legs("s1").map(({ agent, leg }) => [agent, leg])).toEqual([
      [ANN, 1],
      [ANN, 2],
    ]);
  });

  test("stay apart while an availability of the one that goes could end a call of the other", async () => {
    agents.resolve(ANN, "event");
    agents.resolve(DOMAIN_ANN, "event");
    store(ANN, "s1", 2_000, { endedAt: null });
    const event = { id: "free", agent: DOMAIN_ANN, type: "agent-available" as const, at: 3_000 };
    buffer.events.addEvent({ event, raw: "{}" }, 3_000);
    agents.learn([ANN, DOMAIN_ANN], "dynamics");
    await nextTurn();
    await nextTurn();
    expect(agents.find(DOMAIN_ANN)).toBe(DOMAIN_ANN);
    store(ANN, "s1", 2_000, { endedAt: 9_000 });
    await eventually(() => expect(agents.find(DOMAIN_ANN)).toBe(ANN));
  });

  test("in a chain all become one", async () => {
    for (const name of [ANN, DOMAIN_ANN, "desk-7"]) agents.resolve(name, "event");
    agents.learn([DOMAIN_ANN, "desk-7"], "dynamics");
    agents.learn([ANN, DOMAIN_ANN], "dynamics");
    await mergesDone();
    expect(["desk-7", DOMAIN_ANN, ANN].map((name) => agents.find(name))).toEqual([ANN, ANN, ANN]);
  });

  test("move in every table that belongs to an agent", () => {
    using catalogue = Object.assign(new Database(join(folder, "catalog.db"), { readonly: true }), {
      [Symbol.dispose]() {
        catalogue.close();
      },
    });
    const tables = catalogue
      .prepare<[], { name: string }>(
        `SELECT DISTINCT m.name AS name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND c.name = 'agent' ORDER BY m.name`,
      )
      .all()
      .map(({ name }) => name);
    // The two that move by statements of their own.
    expect(tables).toEqual([...TABLES_OF_AGENTS, "agent_names", "recordings"].sort());
  });
});

test("whatever is learned in whatever order, names mean one agent exactly if they were said together", async () => {
  const pool = ["a", "b", "c", "d", "e", "f"] as const;
  const step = fc.record({
    names: fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: 3 }),
    // Some have recordings already when they turn out to be one person, some not.
    hasCall: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      run += 1;
      const prefix = `${run}-`;
      const groups = new Map<string, Set<string>>(pool.map((name) => [name, new Set([name])]));
      for (const [index, { names, hasCall }] of steps.entries()) {
        if (hasCall) {
          const agent = agents.resolve(prefix + names[0], "event");
          store(agent, `${prefix}s${index % 2}`, 2_000 + index, { leg: 10 * run + index });
        }
        agents.learn(
          names.map((name) => prefix + name),
          "dynamics",
        );
        const merged = new Set(names.flatMap((name) => [...(groups.get(name) ?? [])]));
        for (const name of merged) groups.set(name, merged);
      }
      await mergesDone();
      const said = new Set(steps.flatMap(({ names }) => names));
      for (const left of said) {
        for (const right of said) {
          const isOne = agents.find(prefix + left) === agents.find(prefix + right);
          expect([left, right, isOne]).toEqual([left, right, groups.get(left)?.has(right)]);
        }
      }
      const found = pool.map((name) => agents.find(prefix + name));
      await reopen();
      expect(pool.map((name) => agents.find(prefix + name))).toEqual(found);
      const calls = steps.filter(({ hasCall }) => hasCall).length;
      const kept = [0, 1].flatMap((session) => legs(`${prefix}s${session}`));
      expect(kept).toHaveLength(calls);
      for (const { agent } of kept) expect(agents.find(agent)).toBe(agent);
    }),
    { numRuns: 25 },
  );
});

describe("the alias file", () => {
  test("connects names, and what it no longer says is apart from then on", async () => {
    agents.takeAliases([[ANN, "CONTOSO\\ann", ANN_ENTRA]]);
    expect([DOMAIN_ANN, ANN_ENTRA].map((name) => agents.find(name))).toEqual([ANN, ANN]);
    agents.takeAliases([[ANN, ANN_ENTRA]]);
    expect([DOMAIN_ANN, ANN_ENTRA].map((name) => agents.find(name))).toEqual([null, ANN]);
    await reopen();
    agents.takeAliases([]);
    expect([DOMAIN_ANN, ANN_ENTRA, ANN].map((name) => agents.find(name))).toEqual([null, null, ANN]);
  });

  test("gives a name to somebody else", () => {
    agents.takeAliases([[ANN, "desk-7"]]);
    agents.takeAliases([[ANN], [BOB, "desk-7"]]);
    expect(agents.find("desk-7")).toBe(BOB);
    expect(buffer.agentNames.waitingMerges()).toEqual([]);
  });

  test("may merge two Entra ids, and lets go of all that it had merged when it no longer says so", async () => {
    agents.learn([ANN_ENTRA, ANN], "dynamics");
    agents.learn([BOB_ENTRA, BOB], "dynamics");
    agents.takeAliases([[ANN, BOB]]);
    await mergesDone();
    expect(agents.find(BOB_ENTRA)).toBe(ANN);
    agents.takeAliases([]);
    expect([BOB_ENTRA, BOB].map((name) => agents.find(name))).toEqual([null, null]);
    expect(agents.learn([BOB_ENTRA, BOB], "dynamics")).toBe(BOB);
  });

  test("takes back a merge that it asked for and that still waits", async () => {
    agents.resolve(ANN, "event");
    store(ANN, "s1", 2_000, {});
    agents.resolve(BOB, "event");
    store(BOB, "s2", 2_000, { endedAt: null });
    agents.takeAliases([[ANN, BOB]]);
    await nextTurn();
    agents.takeAliases([]);
    expect(buffer.agentNames.waitingMerges()).toEqual([]);
  });
});
