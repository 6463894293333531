import { expect, test } from "vitest";
import { madeInteraction } from "../../replay/rig/made-interactions.ts";
import { openDatabase } from "../../store/database.ts";
import { type Note, NoteStore } from "../../store/note-store.ts";
import { InteractionCatalogue } from "../catalogue.ts";

test("an interaction is found by what is said about it, as long as that is said, by who may read it", async () => {
  using database = openDatabase(":memory:");
  const catalogue = new InteractionCatalogue(database);
  const notes = new NoteStore(database);
  const note = (id: string, change: Partial<Note>): Note => ({
    ...{ id, interactionId: "call-1", atMs: 0, text: "", tags: [], author: "a", authorName: "A" },
    ...{ madeAt: 1, changedAt: null },
    ...change,
  });
  const found = (q: string, inNotes = true) =>
    catalogue.list({ q, inNotes, limit: 9 }).items.map(({ interactionId }) => interactionId);
  for (const id of ["call-1", "call-2"]) catalogue.put(madeInteraction(id), "made");

  notes.put(note("1", { text: "Ruhig erklärt, KÖNNTE kürzer sein", tags: ["Coaching"] }));
  notes.put(note("2", { text: "zq" }));
  for (const q of ["könnte", "COACH", "zq", "z"]) expect([q, found(q)]).toEqual([q, ["call-1"]]);
  expect([found("könnte", false), found("coach", false)]).toEqual([[], []]);
  const counted = await catalogue.countByTime(
    { q: "coach", inNotes: true },
    3_600_000,
    new AbortController().signal,
  );
  expect(counted.buckets.map(({ count }) => count)).toEqual([1]);

  // A newer version keeps what was said, and so does an index that is made anew.
  catalogue.put(madeInteraction("call-1", { version: 2, call: { queue: "Sales" } }), "made");
  expect([found("coach"), found("sales")]).toEqual([["call-1"], ["call-1"]]);
  catalogue.remove("call-1");
  expect(found("coach")).toEqual([]);
  catalogue.put(madeInteraction("call-1", { agents: [{ agent: "eve@contoso.com", name: "Eve" }] }), "made");
  expect([found("coach"), found("eve")]).toEqual([["call-1"], ["call-1"]]);
  expect(catalogue.list({ agent: "eve@contoso.com", limit: 9 }).items).toHaveLength(1);

  notes.put(note("1", { text: "Ruhig erklärt", tags: [] }));
  expect([found("ruhig"), found("könnte"), found("coach")]).toEqual([["call-1"], [], []]);
  notes.remove("1");
  expect([found("ruhig"), found("zq"), found("eve")]).toEqual([[], ["call-1"], ["call-1"]]);
  notes.remove("2");
  const rows = database.prepare(
    "SELECT count(*) FROM catalogue_text WHERE catalogue_text MATCH '\"zq' || char(10) || '\"'",
  );
  expect([found("zq"), rows.pluck().get()]).toEqual([[], 0]);
});
