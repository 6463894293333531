import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, VIEWER } from "./rig/replay-rig.ts";

const CALLS = 1_200;
const FIRST_AT = Date.UTC(2026, 2, 2);

let pageFolder: string;
let rig: ReplayRig;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  rig = await openReplayRig({ pageFolder });
  for (let index = 0; index < CALLS; index += 1) rig.catalogue.put(madeCall(index), MADE_PLACE);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

/** A call a minute; of ten one lost a second, and one has no screen. All have sound but those. */
function madeCall(index: number) {
  const agent = index % 20 < 10 ? "ann@contoso.com" : "bob@contoso.com";
  const kind = index % 10 === 0 ? "partial" : index % 10 === 1 ? "not-recorded" : "recorded";
  const gap = { fromMs: 5_000, toMs: 6_000, state: "gap" as const, reason: "loss" };
  return madeInteraction(`call-${index}`, {
    startedAt: new Date(FIRST_AT + index * 60_000).toISOString(),
    coverage: kind,
    agents: [{ agent, name: agent }],
    audio: kind === "recorded" ? { file: "audio.m4a", parts: [] } : null,
    screens:
      kind === "not-recorded"
        ? []
        : [madeScreen("screen-1.mp4", 0, 12_000, kind === "partial" ? { coverage: [gap] } : {})],
  });
}

async function ask(query: Record<string, string>) {
  const response = await fetch(`${rig.url}/v1/coverage?${new URLSearchParams(query).toString()}`, {
    headers: VIEWER,
  });
  return { status: response.status, body: (await response.json()) as Ledger };
}

interface Ledger {
  totals: { interactions: number; partial: number; notRecorded: number; reasons: unknown[] };
  items: { interactionId: string; word: string; missing: { reason: string; ms: number }[] }[];
  cursor: string | null;
}

const day = { from: "2026-03-02T00:00:00Z", to: "2026-03-03T00:00:00Z" };

test("the ledger has what is incomplete, newest first, and the totals of all", async () => {
  const { totals, items, cursor } = (await ask({ ...day, limit: "3" })).body;
  expect(totals).toEqual({
    ...{ interactions: 1_200, partial: 120, notRecorded: 120 },
    reasons: [
      { reason: "no-audio", interactions: 240, ms: 240 * 12_000, details: [] },
      { reason: "no-screen", interactions: 120, ms: 120 * 12_000, details: [] },
      { reason: "loss", interactions: 120, ms: 120_000, details: [] },
    ],
  });
  expect(items.map(({ interactionId }) => interactionId)).toEqual(["call-1191", "call-1190", "call-1181"]);
  expect(items[1]?.missing.at(-1)).toEqual({ reason: "loss", ms: 1_000, detail: null });
  const next = (await ask({ ...day, limit: "3", cursor: cursor ?? "" })).body;
  expect(next.items[0]?.interactionId).toBe("call-1180");
});

test("all pages together have each line once, by word, reason, agent and time", async () => {
  const idsOf = async (query: Record<string, string>) => {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const { items, cursor: next }: Ledger = (
        await ask({ ...day, limit: "100", ...query, ...(cursor === "" ? {} : { cursor }) })
      ).body;
      ids.push(...items.map(({ interactionId }) => interactionId));
      cursor = next;
    }
    return ids;
  };
  const counts = await Promise.all(
    [
      {},
      { word: "partial" },
      { reason: "loss" },
      { reason: "no-screen", agent: "ANN@contoso.com" },
      { to: "2026-03-02T00:20:00Z" },
      { word: "recorded", to: "2026-03-02T01:00:00Z" },
      { from: "2026-03-03T00:00:00Z", to: "2026-03-04T00:00:00Z" },
    ].map(async (query) => {
      const ids = await idsOf(query);
      expect(new Set(ids).size).toBe(ids.length);
      return ids.length;
    }),
  );
  expect(counts).toEqual([240, 120, 120, 60, 4, 48, 0]);
});

test("years are told of as a day is", async () => {
  const years = { from: "2020-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z", limit: "3" };
  const [ofYears, ofDay] = [(await ask(years)).body, (await ask({ ...day, limit: "3" })).body];
  expect([ofYears.totals, ofYears.items]).toEqual([ofDay.totals, ofDay.items]);
});

test("a time that is none, a page that is too long and a cursor of another list are refused", async () => {
  expect((await ask({ from: day.to, to: day.from })).status).toBe(400);
  expect((await ask({ ...day, limit: "501" })).status).toBe(400);
  expect((await ask({ ...day, cursor: "call-7" })).status).toBe(400);
  expect((await ask({ ...day, reason: "loss", cursor: "call-7" })).status).toBe(400);
});
