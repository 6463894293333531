import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../testing/eventually.ts";
import { TestRecorder } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

describe("a call from ring to end", () => {
  test("is one recording that is sealed once its capture has ended", async () => {
    await recorder.happens("ringing", 0, { attributes: { customer: "+1", queue: "Billing" } });
    await recorder.happens("connected", 5, { attributes: { queue: "Support" } });
    const { id, note } = await recorder.onlyRecording();
    expect(note).toBe(null);
    await recorder.addSegment(id, recorder.clock.now() - 4_000, 20_000);
    const { promise, resolve } = Promise.withResolvers<void>();
    recorder.capture.hold = promise;
    await recorder.happens("agent-available", 16);
    expect(await recorder.onlyRecording()).toMatchObject({
      phase: "kept",
      endedAt: "2026-03-02T10:00:21.000Z",
    });
    expect(recorder.capture.ends).toEqual([{ recordingId: id, how: "seal" }]);
    resolve();
    expect(await recorder.untilPhase("sealed")).toEqual({
      id,
      revision: 1,
      agent: "ann",
      callSessionId: "s1",
      leg: 1,
      phase: "sealed",
      startedAt: "2026-03-02T10:00:00.000Z",
      connectedAt: "2026-03-02T10:00:05.000Z",
      endedAt: "2026-03-02T10:00:21.000Z",
      events: [
        { id: "e1", type: "ringing", at: "2026-03-02T10:00:00.000Z" },
        { id: "e2", type: "connected", at: "2026-03-02T10:00:05.000Z" },
        { id: "e3", type: "agent-available", at: "2026-03-02T10:00:21.000Z" },
      ],
      attributes: { customer: "+1", queue: "Support" },
      tracks: [
        {
          id: "1",
          desktop: "PC",
          display: "1",
          codec: "vp9",
          width: 1_920,
          height: 1_080,
          segments: [
            {
              id: "000001",
              startedAt: "2026-03-02T10:00:01.000Z",
              durationMs: 20_000,
              frames: 5,
              bytes: 7,
              sha256: "1".padStart(64, "0"),
            },
          ],
          coverage: [
            {
              from: "2026-03-02T10:00:00.000Z",
              to: "2026-03-02T10:00:01.000Z",
              state: "gap",
              reason: "late-start",
            },
            { from: "2026-03-02T10:00:01.000Z", to: "2026-03-02T10:00:21.000Z", state: "captured" },
          ],
        },
      ],
      coverage: "recorded",
      note: null,
    });
  });

  test("tells the running capture of attributes that come later", async () => {
    await recorder.happens("ringing");
    await recorder.happens("connected", 1, { attributes: { customer: "+1" } });
    expect(recorder.capture.orders.map((order) => order.attributes)).toEqual([{}, { customer: "+1" }]);
  });
});

describe("a call that was not answered", () => {
  test("is discarded, and its files are erased after the grace time", async () => {
    await recorder.happens("ringing");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 5_000);
    await recorder.happens("not-responding", 5);
    expect(await recorder.onlyRecording()).toMatchObject({
      phase: "discarded",
      coverage: "not-recorded",
      note: "not-answered",
      tracks: [{ segments: [{ id: "000001" }] }],
    });
    expect(await recorder.folders()).toContain(id);
    recorder.clock.advance(1);
    await eventually(async () => expect(await recorder.folders()).not.toContain(id));
    expect(await recorder.onlyRecording()).toMatchObject({ phase: "discarded", tracks: [{ segments: [] }] });
  });

  test("is erased by the next start when the grace time was cut short", async () => {
    await recorder.happens("ringing");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 5_000);
    await recorder.happens("not-responding", 5);
    await recorder.stop();
    recorder.clock.advance(1);
    await recorder.start();
    await eventually(async () => expect(await recorder.folders()).not.toContain(id));
  });

  test("comes back with its segments when a late answer arrives within the grace time", async () => {
    await recorder.happens("ringing");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 5_000);
    await recorder.happens("not-responding", 5);
    await recorder.happens("connected", 0.02, { at: "2026-03-02T10:00:03Z" });
    recorder.clock.advance(60);
    await recorder.happens("agent-available");
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      id,
      tracks: [
        {
          segments: [{ id: "000001" }],
          coverage: [
            { from: "2026-03-02T10:00:00.000Z", state: "captured" },
            { from: "2026-03-02T10:00:05.000Z", state: "gap", reason: "events-late" },
          ],
        },
      ],
    });
    expect(recorder.capture.orders.map((order) => order.recordingId)).toEqual([id, id]);
  });
});

describe("a sealed recording", () => {
  test("gets a new revision from an event inside it, and from a segment that comes late", async () => {
    await recorder.happens("connected");
    await recorder.happens("agent-available", 20);
    const { id } = await recorder.untilPhase("sealed");
    await recorder.happens("on-hold", 1, { at: "2026-03-02T10:00:10Z" });
    expect(await recorder.onlyRecording()).toMatchObject({
      revision: 2,
      events: [{}, { type: "on-hold" }, {}],
    });
    await recorder.addSegment(id, recorder.clock.now() - 20_000, 1_000);
    expect((await recorder.onlyRecording()).revision).toBeGreaterThan(2);
  });
});

describe("events that come too late", () => {
  test("make a recording without tracks, not-recorded: events-late, that is sealed like any other", async () => {
    await recorder.happens("connected", 0, { at: "2026-03-02T09:50:00Z" });
    expect(await recorder.onlyRecording()).toMatchObject({
      phase: "kept",
      tracks: [],
      coverage: "not-recorded",
      note: "events-late, recorder-started-later",
    });
    await recorder.happens("agent-available", 0, { at: "2026-03-02T09:55:00Z" });
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      coverage: "not-recorded",
      note: "events-late, recorder-started-later",
    });
    expect([recorder.capture.orders, recorder.capture.ends]).toEqual([[], []]);
  });
});

describe("guards", () => {
  test("maxRingS ends a ring that nobody answers", async () => {
    await recorder.happens("ringing");
    recorder.clock.advance(179.95);
    await recorder.happens("ringing", 0, { agent: "bob" });
    recorder.clock.advance(0.05);
    await eventually(async () =>
      expect((await recorder.recordings()).map(({ agent, phase }) => [agent, phase])).toEqual([
        ["bob", "provisional"],
        ["ann", "discarded"],
      ]),
    );
  });

  test("maxSilenceS seals what nothing is heard of any more; note and coverage say what ended it", async () => {
    await recorder.happens("connected");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 60_000);
    await recorder.happens("on-hold", 14_399);
    await recorder.happens("agent-available", 14_399, { agent: "bob", callSessionId: undefined });
    expect((await recorder.onlyRecording()).endedAt).toBe(null);
    await recorder.happens("agent-available", 1, { agent: "bob", callSessionId: undefined });
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      endedAt: "2026-03-02T17:59:59.000Z",
      coverage: "recorded",
      note: "max-silence",
      tracks: [
        {
          coverage: [
            {
              from: "2026-03-02T10:00:00.000Z",
              to: "2026-03-02T17:59:59.000Z",
              state: "captured",
              by: "max-silence",
            },
          ],
        },
      ],
    });
  });

  test("maxWrapUpS and maxRecordingS seal, and say so", async () => {
    await recorder[Symbol.asyncDispose]();
    recorder = await TestRecorder.open({ maxWrapUpS: 0.05, maxRecordingS: 0.1 });
    await recorder.happens("wrap-up");
    recorder.clock.advance(0.06);
    expect(await recorder.untilPhase("sealed")).toMatchObject({ note: expect.stringMatching("max-wrap-up") });
    await recorder.happens("connected", 5, { callSessionId: "s2" });
    recorder.clock.advance(0.2);
    await eventually(async () =>
      expect((await recorder.recordings("?callSessionId=s2"))[0]).toMatchObject({
        phase: "sealed",
        note: expect.stringMatching("max-recording"),
      }),
    );
  });
});

describe("a restart", () => {
  test("goes on with open recordings, with the time in between as a gap", async () => {
    await recorder.happens("connected");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 30_000);
    await recorder.stop();
    recorder.clock.advance(40);
    await recorder.start();
    await eventually(() =>
      expect(recorder.capture.orders.map((order) => order.recordingId)).toEqual([id, id]),
    );
    recorder.clock.advance(2);
    await recorder.addSegment(id, recorder.clock.now(), 10_000);
    await recorder.happens("agent-available", 10);
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      id,
      coverage: "partial",
      tracks: [
        {
          segments: [{ id: "000001" }, { id: "000002" }],
          coverage: [
            { from: "2026-03-02T10:00:00.000Z", state: "captured" },
            { from: "2026-03-02T10:00:30.000Z", to: "2026-03-02T10:00:42.000Z", reason: "recorder-restart" },
            { from: "2026-03-02T10:00:42.000Z", state: "captured" },
          ],
        },
      ],
    });
  });

  test("shows as a gap what the last run had not sealed when a call had just ended", async () => {
    recorder.capture.hold = Promise.reject(new Error("cut off"));
    recorder.capture.hold.catch(() => {});
    await recorder.happens("connected");
    const { id } = await recorder.onlyRecording();
    await recorder.addSegment(id, recorder.clock.now(), 10_000);
    await recorder.happens("agent-available", 50);
    await recorder.stop();
    recorder.clock.advance(40);
    recorder.capture.hold = Promise.resolve();
    await recorder.start();
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      coverage: "partial",
      tracks: [
        {
          coverage: [
            { to: "2026-03-02T10:00:10.000Z", state: "captured" },
            { to: "2026-03-02T10:00:50.000Z", state: "gap", reason: "recorder-restart" },
          ],
        },
      ],
    });
  });

  test("finishes the seal that the last run did not", async () => {
    recorder.capture.hold = Promise.reject(new Error("disk is gone"));
    recorder.capture.hold.catch(() => {});
    await recorder.happens("connected");
    await recorder.happens("agent-available", 10);
    expect((await recorder.onlyRecording()).phase).toBe("kept");
    await recorder.stop();
    recorder.capture.hold = Promise.resolve();
    await recorder.start();
    await recorder.untilPhase("sealed");
  });
});
