import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, VIEWER } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  rig = await openReplayRig({ pageFolder });
  const screens = [madeScreen("screen-1.mp4", 0, 12_000)];
  rig.catalogue.put(madeInteraction("call-1", { screens }), MADE_PLACE);
  const later = "2026-03-02T11:00:00.000Z";
  rig.catalogue.put(madeInteraction("call-2", { startedAt: later, coverage: "partial" }), MADE_PLACE);
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

async function ask(path: string): Promise<unknown> {
  const response = await fetch(`${rig.url}${path}`, { headers: VIEWER });
  return await response.json();
}

function faultyFields(problem: unknown): string[] {
  return (problem as { errors: { path: string }[] }).errors.map(({ path }) => path).toSorted();
}

test("lines have the life of the call and its picture when they are asked for", async () => {
  const page = await ask("/v1/interactions?with=life&sort=startedAt&limit=1");
  const { items } = page as { items: { life: { state: string }[]; poster: string | null }[] };
  expect(items[0]?.life.map(({ state }) => state)).toEqual(["ring", "talk", "hold", "talk", "wrap-up"]);
  expect(items[0]?.poster).toBeNull();
});

test("the list's filters count by time too, and there is what they can be", async () => {
  const histogram = await ask("/v1/interactions/histogram?q=billing");
  expect(histogram).toMatchObject({
    bucketMs: 3_600_000,
    buckets: [
      { at: Date.UTC(2026, 2, 2, 10), count: 1 },
      { at: Date.UTC(2026, 2, 2, 11), count: 1 },
    ],
  });
  expect(faultyFields(await ask("/v1/interactions/histogram?bucketMs=1&limit=3"))).toEqual([
    "/bucketMs",
    "/limit",
  ]);
  const facets = await ask("/v1/facets?field=agent&q=AGENT");
  expect(facets).toEqual({ items: [{ value: "ann@contoso.com", label: "Ann Agent" }] });
  expect(faultyFields(await ask("/v1/facets?field=colour"))).toEqual(["/field"]);
});
