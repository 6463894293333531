import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LedgerEntry, ledgerEntrySchema } from "#shared/api/ledger.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

const at = (seconds: number) => formatInstant(Date.UTC(2026, 2, 2, 10, 0, seconds));

async function ledger(query = ""): Promise<{ items: LedgerEntry[]; cursor: string | null }> {
  const answer = await recorder.call<{ items: LedgerEntry[]; cursor: string | null }>(
    "admin",
    "GET",
    `/v1/coverage${query}`,
  );
  for (const item of answer.body.items) ledgerEntrySchema.parse(item);
  return answer.body;
}

/** One line per entry: `session agent leg word reason`. */
async function lines(query = ""): Promise<string[]> {
  const { items } = await ledger(query);
  return items.map(
    ({ callSessionId, agent, leg, word, reason }) => `${callSessionId} ${agent} ${leg} ${word} ${reason}`,
  );
}

/** A call of a minute in which all but the given gap has pictures. */
async function recordCall(callSessionId: string, gap: { from: number; to: number } | null): Promise<void> {
  const startedAt = recorder.clock.now();
  await recorder.happens("connected", 0, { callSessionId });
  const [recording] = await recorder.recordings();
  const recordingId = recording?.id ?? "";
  const { capture } = recorder.buffer;
  const { trackId } = capture.openTrack({
    recordingId,
    desktop: "PC",
    display: "1",
    codec: "vp9",
    width: 1_920,
    height: 1_080,
    openedAt: startedAt,
  });
  const size = { width: 1_920, height: 1_080, frames: 300, bytes: 1_000 };
  const hashes = { sha256: "0".repeat(64), previousSha256: null };
  const facts = { id: "000001", startedAt, durationMs: 60_000, ...size, ...hashes };
  capture.addSegment(recordingId, trackId, facts);
  if (gap !== null) {
    const outage = capture.openOutage(recordingId, trackId, startedAt + gap.from * 1_000, "connection-lost");
    capture.closeOutage(outage, startedAt + gap.to * 1_000);
  }
  await recorder.happens("agent-available", 60, { callSessionId });
}

describe("GET /v1/coverage", () => {
  test("has every recording with its word, its reason and its gaps, newest first", async () => {
    await recordCall("s1", null);
    await recordCall("s2", { from: 10, to: 15 });
    await recorder.happens("connected", 0, { callSessionId: "s3" });
    expect(await ledger()).toMatchObject({
      items: [
        { callSessionId: "s3", word: "not-recorded", reason: null, to: null },
        {
          callSessionId: "s2",
          agent: "ann",
          leg: 1,
          word: "partial",
          reason: "connection-lost",
          from: at(60),
          to: at(120),
          gaps: [{ from: at(70), to: at(75), reason: "connection-lost", track: "1" }],
        },
        { callSessionId: "s1", word: "recorded", reason: null, gaps: [] },
      ],
      cursor: null,
    });
  });

  test("has the ring that nobody answered, with that reason", async () => {
    await recorder.happens("ringing");
    await recorder.happens("not-responding", 20);
    expect(await lines()).toEqual(["s1 ann 1 not-recorded not-answered"]);
  });

  test("has events that opened nothing, until a recording takes them", async () => {
    await recorder.happens("not-responding", 0, { callSessionId: "s1" });
    await recorder.happens("agent-available", 1, { callSessionId: "s2" });
    await recorder.happens("agent-available", 1, { callSessionId: undefined });
    expect((await ledger()).items).toMatchObject([
      { callSessionId: null, leg: null, recordingId: null, reason: "no-call", from: at(2), to: at(2) },
      { callSessionId: "s2", leg: 1, recordingId: null, reason: "only-end-seen" },
      { callSessionId: "s1", leg: 1, recordingId: null, reason: "not-answered", gaps: [] },
    ]);
    await recorder.post([
      recorder.event("connected", { callSessionId: "s2", at: at(0) }),
      recorder.event("connected", { callSessionId: "s3", at: at(1) }),
    ]);
    expect(await lines()).toEqual([
      "s3 ann 1 not-recorded events-late",
      "s2 ann 1 not-recorded events-late",
      "s1 ann 1 not-recorded not-answered",
    ]);
  });

  test("shows an answer that came after its call was closed, and no mere repetition of an end", async () => {
    await recorder.happens("connected", 10);
    await recorder.happens("agent-available", 10);
    await recorder.happens("agent-available", 10);
    expect(await lines()).toHaveLength(1);
    await recorder.post(recorder.event("connected", { at: at(1) }));
    expect(await lines()).toEqual([
      "s1 ann 1 not-recorded late-start",
      "s1 ann null not-recorded events-late",
    ]);
  });

  test("takes what overlaps [from, to), what goes on and what began long before as well", async () => {
    await recorder.happens("connected", 0, { callSessionId: "long", agent: "bob" });
    await recorder.happens("agent-available", 8_000, { callSessionId: "long", agent: "bob" });
    await recorder.happens("connected", 20, { callSessionId: "open" });
    await recorder.happens("agent-available", 8_000, { callSessionId: "stray" });
    const found = async (from: number, to: number) =>
      (await ledger(`?from=${at(from)}&to=${at(to)}`)).items.map((item) => item.callSessionId);
    expect(await found(0, 20_000)).toEqual(["stray", "open", "long"]);
    expect(await found(7_999, 8_020)).toEqual(["long"]);
    expect(await found(8_000, 8_020)).toEqual([]);
    expect(await found(8_000, 8_021)).toEqual(["open"]);
    expect(await found(16_020, 16_021)).toEqual(["stray", "open"]);
    expect(await found(19_000, 20_000)).toEqual(["open"]);
  });

  test("filters by agent, call session and word, judged already or not, and pages through all of it", async () => {
    await recordCall("s1", null);
    await recordCall("s2", { from: 10, to: 15 });
    await recorder.happens("not-responding", 1, { callSessionId: "s1", agent: "bob" });
    await recordCall("s3", { from: 20, to: 25 });
    for (let round = 0; round < 2; round += 1) {
      expect(await lines("?word=partial")).toEqual([
        "s3 ann 1 partial connection-lost",
        "s2 ann 1 partial connection-lost",
      ]);
      expect(await lines("?word=recorded&agent=ANN")).toEqual(["s1 ann 1 recorded null"]);
      expect(await lines("?word=not-recorded")).toEqual(["s1 bob 1 not-recorded not-answered"]);
      expect(await lines("?callSessionId=S1&from=2026-01-01T00:00:00Z")).toEqual([
        "s1 bob 1 not-recorded not-answered",
        "s1 ann 1 recorded null",
      ]);
      recorder.buffer.words.judgeSome();
      expect(recorder.buffer.words.isBehind).toBe(false);
    }
    const seen: string[] = [];
    for (let [pages, cursor] = [0, ""]; pages < 5; pages += 1) {
      const page = await ledger(`?limit=1${cursor}`);
      seen.push(...page.items.map((item) => `${item.callSessionId} ${item.agent}`));
      if (page.cursor === null) break;
      cursor = `&cursor=${page.cursor}`;
    }
    expect(seen).toEqual(["s3 ann", "s1 bob", "s2 ann", "s1 ann"]);
  });

  test("judges anew what has changed after it was judged", async () => {
    await recordCall("s1", null);
    recorder.buffer.words.judgeSome();
    const [recording] = await recorder.recordings();
    const { capture } = recorder.buffer;
    const outage = capture.openOutage(recording?.id ?? "", null, recorder.clock.now() - 20_000, "disk-full");
    capture.closeOutage(outage, recorder.clock.now());
    expect([await lines("?word=recorded"), await lines("?word=partial")]).toEqual([
      [],
      ["s1 ann 1 partial disk-full"],
    ]);
  });

  test("names every faulty field", async () => {
    const query = "?from=today&to=2026&word=lost&limit=0&cursor=x&shift=1&format=xml";
    const answer = await recorder.call<{ errors: { path: string }[] }>(
      "admin",
      "GET",
      `/v1/coverage${query}`,
    );
    expect(answer.body.errors.map((error) => error.path)).toEqual(
      ["from", "to", "word", "format", "limit", "cursor", "shift"].map((name) => `/${name}`),
    );
    const backwards = `?from=${at(10)}&to=${at(10)}`;
    expect((await recorder.call("admin", "GET", `/v1/coverage${backwards}`)).body).toMatchObject({
      status: 400,
      errors: [{ path: "/to", message: "must be later than from" }],
    });
  });

  test("is the admin's", async () => {
    expect((await recorder.call(null, "GET", "/v1/coverage")).status).toBe(401);
    expect((await recorder.call("adapter", "GET", "/v1/coverage")).status).toBe(403);
  });
});

describe("the ledger as CSV", () => {
  const csv = (query: string, headers: Record<string, string> = {}) =>
    recorder.call<string>("admin", "GET", `/v1/coverage${query}`, undefined, headers);

  test("comes where it is asked for, with a header and one line per entry", async () => {
    await recordCall("s1", { from: 10, to: 15 });
    await recorder.happens("agent-available", 1, { agent: "=bob", callSessionId: undefined });
    const [recording] = await recorder.recordings();
    const expected = [
      "callSessionId,agent,leg,recordingId,word,reason,from,to,gaps,detail",
      `,'=bob,,,not-recorded,no-call,${at(61)},${at(61)},,`,
      `s1,ann,1,${recording?.id},partial,connection-lost,${at(0)},${at(60)},connection-lost on track 1 ${at(10)}/${at(15)},`,
      "",
    ].join("\r\n");
    const byAccept = await csv("", { Accept: "text/csv" });
    expect([byAccept.status, byAccept.body]).toEqual([200, expected]);
    expect(byAccept.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect((await csv("?format=csv")).body).toBe(expected);
    expect((await csv("", { Accept: "image/png" })).status).toBe(406);
  });

  test("has the whole range at once, and no pages", async () => {
    const events = Array.from({ length: 120 }, (_, index) =>
      recorder.event("not-responding", { agent: `agent-${index}` }),
    );
    await recorder.post(events);
    const answer = await csv(`?format=csv&from=${at(0)}&to=${at(1)}`);
    const agents = answer.body
      .split("\r\n")
      .slice(1, -1)
      .map((line) => line.split(",")[1]);
    expect(new Set(agents).size).toBe(120);
    expect((await csv("?format=csv&limit=10&cursor=x")).body).toMatchObject({
      errors: [{ path: "/limit" }, { path: "/cursor" }],
    });
  });
});
