import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { ledgerLine, type LedgerLine } from "../../domain/ledger.ts";
import { type AdapterDatabase, openDatabase } from "../../store/database.ts";
import { madeInteraction, madeScreen } from "../../replay/rig/made-interactions.ts";
import { InteractionCatalogue } from "../catalogue.ts";
import type { LedgerQuery } from "./query.ts";

/** More than are counted, and looked into, in one turn. */
const CALLS = 7_000;
const AT = Date.UTC(2026, 2, 2);
const AGENTS = ["ann@contoso.com", "bob@contoso.com", "cy@contoso.com"];
const never = new AbortController().signal;

let database: AdapterDatabase;
let catalogue: InteractionCatalogue;
let all: LedgerLine[];

beforeAll(() => {
  database = openDatabase(":memory:");
  catalogue = new InteractionCatalogue(database);
  const manifests = Array.from({ length: CALLS }, (_, index) => madeCall(index));
  database.transaction(() => {
    for (const manifest of manifests) catalogue.put(manifest, `place/${manifest.interactionId}`);
  })();
  all = manifests.map(ledgerLine).sort((left, right) => (keyOf(left) < keyOf(right) ? 1 : -1));
});
afterAll(() => database[Symbol.dispose]());

const keyOf = ({ startedAt, interactionId }: LedgerLine) => `${startedAt} ${interactionId}`;

/** Two of three begin at one instant; every fifth has gaps, every seventh no screen, every third no sound. */
function madeCall(index: number): Manifest {
  const agents = AGENTS.filter((_, nth) => (index + nth) % 4 === 0 || (index >> nth) % 3 === 0);
  const gap = { fromMs: 1_000, toMs: 1_000 + (index % 50) * 100, state: "gap" as const, reason: "loss" };
  const isUnseen = index % 7 === 0;
  const hasGap = index % 5 === 0;
  const unseen = { recordingId: "r", leg: 1, agent: agents[0] ?? "x", offsetMs: 0, durationMs: 9_000 };
  const reason = index % 2 === 0 ? { reason: "desktop-offline", detail: "revoked" } : { reason: "disk-full" };
  return madeInteraction(`call-${index}`, {
    startedAt: new Date(
      AT + Math.floor(index / 3) * 2 * 60_000 + (index % 3 === 2 ? 60_000 : 0),
    ).toISOString(),
    coverage: isUnseen ? "not-recorded" : hasGap ? "partial" : "recorded",
    agents: agents.map((agent) => ({ agent, name: agent })),
    audio: index % 3 === 0 ? null : { file: "audio.m4a", parts: [] },
    screens: isUnseen ? [] : [madeScreen("screen-1.mp4", 0, 12_000, hasGap ? { coverage: [gap] } : {})],
    ...(isUnseen && index % 4 !== 0 && { withoutScreen: [{ ...unseen, ...reason }] }),
  });
}

/** What a person would find by reading every line. */
function readAll({ from, to, agent, anyAgent, word, reason }: LedgerQuery) {
  const took = (line: LedgerLine, ids: readonly string[]) =>
    line.agents.some((one) => ids.includes(one.agent));
  const meant = all.filter((line) => {
    const at = Date.parse(line.startedAt);
    if (at < from || at >= to) return false;
    return (agent === undefined || took(line, [agent])) && (anyAgent === undefined || took(line, anyAgent));
  });
  const ids = meant.filter((line) => {
    if (word !== undefined && line.word !== word) return false;
    if (reason !== undefined) return line.missing.some((missing) => missing.reason === reason);
    return word !== undefined || line.word !== "recorded";
  });
  const missing = meant.flatMap((line) => line.missing);
  const reasons = [...new Set(missing.map((one) => one.reason))].map((name) => {
    const its = missing.filter((one) => one.reason === name);
    return `${name} ${its.length} ${its.reduce((sum, { ms }) => sum + ms, 0)} ${its.filter(({ detail }) => detail !== null).length}`;
  });
  const countOf = (which: string) => meant.filter((line) => line.word === which).length;
  return {
    counts: [meant.length, countOf("partial"), countOf("not-recorded")],
    reasons: reasons.toSorted(),
    ids: ids.map(({ interactionId }) => interactionId),
  };
}

async function readPages(query: LedgerQuery) {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await catalogue.ledger({ ...query, ...(cursor === "" ? {} : { cursor }) }, never);
    ids.push(...page.items.map(({ interactionId }) => interactionId));
    cursor = page.cursor;
    if (cursor !== null) continue;
    const { interactions, partial, notRecorded, reasons } = page.totals;
    return {
      counts: [interactions, partial, notRecorded],
      reasons: reasons
        .map(({ reason, interactions: its, ms, details }) => {
          return `${reason} ${its} ${ms} ${details.reduce((sum, one) => sum + one.interactions, 0)}`;
        })
        .toSorted(),
      ids,
    };
  }
  throw new Error("there is a last page");
}

const anyQuery = fc
  .record(
    {
      span: fc.tuple(fc.nat(CALLS), fc.nat(CALLS)),
      agent: fc.constantFrom(...AGENTS),
      anyAgent: fc.subarray(AGENTS),
      word: fc.constantFrom("recorded" as const, "partial" as const, "not-recorded" as const),
      reason: fc.constantFrom("loss", "no-audio", "no-screen", "desktop-offline", "disk-full", "none"),
    },
    { requiredKeys: ["span"] },
  )
  .map(({ span: [one, other], ...rest }): LedgerQuery => {
    const [from, to] = [AT + Math.min(one, other) * 60_000, AT + (Math.max(one, other) + 1) * 60_000];
    return { from, to, limit: 700, ...rest };
  });

test("pages and totals are what reading every line would tell, whatever is asked for", async () => {
  await fc.assert(
    fc.asyncProperty(anyQuery, async (query) => {
      expect(await readPages(query)).toEqual(readAll(query));
    }),
    { numRuns: 40 },
  );
});

test("others get their turn while it counts, and it ends when nobody waits for it", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const gone = new AbortController();
  const everything = { from: 0, to: AT * 2, limit: 1 };
  try {
    await catalogue.ledger({ ...everything, anyAgent: [], reason: "no-audio" }, never);
    expect(turns).toBeGreaterThan(0);
    const asked = catalogue.ledger(everything, gone.signal);
    gone.abort();
    await expect(asked).rejects.toThrow();
  } finally {
    clearInterval(timer);
  }
});

test("a later version's words and reasons take the place of those before, and go with the interaction", async () => {
  const own = openDatabase(":memory:");
  try {
    const only = new InteractionCatalogue(own);
    const reasons = async () =>
      (await only.ledger({ from: 0, to: AT * 2, limit: 1 }, never)).totals.reasons.map(
        ({ reason }) => reason,
      );
    const unseen = {
      recordingId: "r",
      leg: 1,
      agent: "ann",
      offsetMs: 0,
      durationMs: 9,
      reason: "disk-full",
    };
    const first = madeInteraction("a", { coverage: "not-recorded", screens: [], withoutScreen: [unseen] });
    only.put(first, "place/v1");
    expect(await reasons()).toContain("disk-full");
    only.put({ ...madeInteraction("a", { coverage: "recorded" }), version: 2 }, "place/v2");
    expect(await reasons()).not.toContain("disk-full");
    only.put({ ...first, version: 3 }, "place/v3");
    only.remove("a");
    expect(await reasons()).toEqual([]);
  } finally {
    own[Symbol.dispose]();
  }
});
