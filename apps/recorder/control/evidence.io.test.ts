import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Evidence } from "../domain/open-question.ts";
import { eventually } from "../testing/eventually.ts";
import { TestRecorder } from "../testing/test-recorder.ts";
import type { EvidenceSubject } from "./evidence.ts";

/** Stands for Dynamics at the port of the look-up: answers `unknown` until it knows, and remembers what it was asked. */
class Dynamics {
  readonly asked: EvidenceSubject[] = [];
  /** By agent. */
  readonly knows = new Map<string, Evidence>();
  /** Answers come only when this resolves. */
  hold: Promise<void> = Promise.resolve();
  underWay = 0;
  mostAtOnce = 0;

  readonly lookUp = async (subject: EvidenceSubject): Promise<Evidence> => {
    this.asked.push(subject);
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    await this.hold;
    this.underWay -= 1;
    return this.knows.get(subject.agent) ?? "unknown";
  };
}

let dynamics: Dynamics;
let recorder: TestRecorder;

async function open(lifecycle: Parameters<typeof TestRecorder.open>[0] = {}): Promise<void> {
  await recorder?.[Symbol.asyncDispose]();
  dynamics = new Dynamics();
  recorder = await TestRecorder.open(lifecycle);
  await restart(() => {
    recorder.lookUpEvidence = dynamics.lookUp;
  });
}

async function restart(change: () => void = () => {}): Promise<void> {
  await recorder.stop();
  change();
  await recorder.start();
}

beforeEach(() => open());
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

/** Time passes; an event that is about nothing has the timers look at the clock at once. */
async function pass(seconds: number): Promise<void> {
  await recorder.happens("agent-available", seconds, { agent: "nobody", callSessionId: undefined });
}

/** Rings at 10:00:00, available at 10:00:20, with five seconds of pictures. */
async function endUnanswered(changes: Record<string, unknown> = {}): Promise<string> {
  await recorder.happens("ringing", 0, changes);
  const ring = (await recorder.recordings("?phase=provisional"))[0];
  const id = ring?.id ?? "";
  await recorder.addSegment(id, recorder.clock.now(), 5_000);
  await recorder.happens("agent-available", 20, changes);
  return id;
}

describe("a ring that ends unanswered by agent-available", () => {
  test("is no longer captured at once, and its files are held while Dynamics does not know", async () => {
    const id = await endUnanswered();
    await eventually(() => expect(dynamics.asked.length).toBeGreaterThan(0));
    expect(recorder.capture.running).toEqual([]);
    expect(await recorder.onlyRecording()).toMatchObject({
      id,
      phase: "provisional",
      endedAt: "2026-03-02T10:00:20.000Z",
      tracks: [{ segments: [{ id: "000001" }] }],
    });
    expect(dynamics.asked[0]).toMatchObject({
      agent: "ann",
      callSessionId: "s1",
      startedAt: Date.UTC(2026, 2, 2, 10, 0, 0),
      endedAt: Date.UTC(2026, 2, 2, 10, 0, 20),
    });
  });

  test.each(["answered", "joined"] as const)("is kept when Dynamics says %s", async (evidence) => {
    dynamics.knows.set("ann", evidence);
    await endUnanswered();
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      note: "answered",
      tracks: [{ segments: [{ id: "000001" }] }],
    });
    expect(dynamics.asked.length).toBe(1);
  });

  test("is discarded when Dynamics says not-answered, and its files go", async () => {
    dynamics.knows.set("ann", "not-answered");
    const id = await endUnanswered();
    expect(await recorder.untilPhase("discarded")).toMatchObject({
      coverage: "not-recorded",
      note: "not-answered",
    });
    await pass(1);
    await eventually(async () => expect(await recorder.folders()).not.toContain(id));
  });

  test("is asked about again until Dynamics knows", async () => {
    await endUnanswered();
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await pass(30);
    await eventually(() => expect(dynamics.asked.length).toBe(2));
    dynamics.knows.set("ann", "answered");
    await pass(30);
    await recorder.untilPhase("sealed");
    expect(dynamics.asked.length).toBe(3);
  });

  test("is sealed as kept with the note unconfirmed when the hold is over, not before, and asked about no more", async () => {
    await endUnanswered();
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await pass(899);
    await eventually(() => expect(dynamics.asked.length).toBe(2));
    expect((await recorder.onlyRecording()).phase).toBe("provisional");
    await pass(1);
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      note: "unconfirmed",
      tracks: [{ segments: [{ id: "000001" }] }],
    });
    expect(dynamics.asked.length).toBe(3);
    expect(recorder.buffer.legs.soonestAsks(1)).toEqual([]);
  });

  test("is kept by an event that comes while Dynamics is asked, whatever the answer then is", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    dynamics.hold = promise;
    dynamics.knows.set("ann", "not-answered");
    await endUnanswered();
    await eventually(() => expect(dynamics.underWay).toBe(1));
    await recorder.happens("connected", 1, { at: "2026-03-02T10:00:05Z" });
    resolve();
    expect(await recorder.untilPhase("sealed")).toMatchObject({ note: null });
    await eventually(() => expect(dynamics.underWay).toBe(0));
    expect((await recorder.onlyRecording()).phase).toBe("sealed");
  });

  test("is not asked about when it ends by not-responding: that is evidence", async () => {
    await recorder.happens("ringing");
    await recorder.happens("not-responding", 10);
    await recorder.untilPhase("discarded");
    expect(dynamics.asked).toEqual([]);
  });
});

describe("a ring that expires", () => {
  beforeEach(() => open({ maxRingS: 180 }));

  async function expire(): Promise<void> {
    await recorder.happens("ringing");
    await pass(180);
    await eventually(() => expect(dynamics.asked.map(({ agent }) => agent)).toContain("ann"));
  }
  const ann = async () => (await recorder.recordings("?agent=ann"))[0];

  test("is captured on while Dynamics does not know, and ends with the agent's availability", async () => {
    await expire();
    expect(await ann()).toMatchObject({ phase: "provisional", endedAt: null, note: "max-ring" });
    expect(recorder.capture.ends).toEqual([]);
    await recorder.happens("agent-available", 60);
    expect(await ann()).toMatchObject({ phase: "provisional", endedAt: "2026-03-02T10:04:00.000Z" });
    expect(recorder.capture.ends.map(({ how }) => how)).toEqual(["seal"]);
  });

  test("is kept and goes on when Dynamics says joined", async () => {
    dynamics.knows.set("ann", "joined");
    await expire();
    await eventually(async () => expect(await ann()).toMatchObject({ phase: "kept", endedAt: null }));
    expect(recorder.capture.ends).toEqual([]);
    expect((await ann())?.note).toBe("max-ring, answered");
  });

  test("is discarded when Dynamics says not-answered", async () => {
    dynamics.knows.set("ann", "not-answered");
    await expire();
    await eventually(async () => expect(await ann()).toMatchObject({ phase: "discarded" }));
    await eventually(() => expect(recorder.capture.ends.length).toBe(1));
  });

  test("without an answer ends by a guard that seals, is held, and then kept", async () => {
    await expire();
    await pass(14_400);
    await eventually(async () => expect((await ann())?.endedAt).not.toBe(null));
    expect(await ann()).toMatchObject({ phase: "provisional", endedAt: "2026-03-02T14:03:00.000Z" });
    await pass(900);
    await eventually(async () => expect((await ann())?.phase).toBe("sealed"));
    expect((await ann())?.note).toMatch(/^max-ring, max-silence, unconfirmed\b/);
  });
});

describe("a call whose events came too late", () => {
  const late = { at: "2026-03-02T09:50:00Z" };

  test("is captured from the moment on at which Dynamics says that the agent is in it", async () => {
    dynamics.knows.set("ann", "joined");
    await recorder.happens("connected", 0, late);
    await eventually(() => expect(recorder.capture.orders.length).toBe(1));
    const { id, note } = await recorder.onlyRecording();
    expect(note).toBe("events-late, still-joined, recorder-started-later");
    await pass(1);
    await recorder.addSegment(id, recorder.clock.now(), 30_000);
    await recorder.happens("agent-available", 30);
    expect(await recorder.untilPhase("sealed")).toMatchObject({
      coverage: "partial",
      tracks: [
        {
          coverage: [
            {
              from: "2026-03-02T09:50:00.000Z",
              to: "2026-03-02T10:00:01.000Z",
              state: "gap",
              reason: "events-late",
            },
            { from: "2026-03-02T10:00:01.000Z", state: "captured" },
          ],
        },
      ],
    });
  });

  test("stays without capture when Dynamics says that the agent has left", async () => {
    dynamics.knows.set("ann", "answered");
    await recorder.happens("connected", 0, late);
    await eventually(() => expect(recorder.buffer.legs.soonestAsks(1)).toEqual([]));
    expect(await recorder.onlyRecording()).toMatchObject({
      phase: "kept",
      coverage: "not-recorded",
      note: "events-late, recorder-started-later",
    });
    expect([recorder.capture.orders, dynamics.asked.length]).toEqual([[], 1]);
  });

  test("is asked about while it may still be true, then left as it is", async () => {
    await recorder.happens("connected", 0, late);
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await pass(900);
    await eventually(() => expect(recorder.buffer.legs.soonestAsks(1)).toEqual([]));
    expect([(await recorder.onlyRecording()).phase, recorder.capture.orders]).toEqual(["kept", []]);
  });
});

describe("restarts", () => {
  test("go on asking about what waits, at once", async () => {
    const id = await endUnanswered();
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await restart(() => dynamics.knows.set("ann", "answered"));
    expect(await recorder.untilPhase("sealed")).toMatchObject({ id, coverage: "recorded", note: "answered" });
    expect(dynamics.asked.length).toBe(2);
  });

  test("do not call files lost that were closed before", async () => {
    const id = await endUnanswered();
    await eventually(() => expect(recorder.buffer.legs.cut()).toEqual([]));
    await restart(() => dynamics.knows.set("ann", "answered"));
    const { tracks } = await recorder.untilPhase("sealed");
    expect(tracks[0]?.coverage).toEqual([
      { from: "2026-03-02T10:00:00.000Z", to: "2026-03-02T10:00:20.000Z", state: "captured" },
    ]);
    expect(recorder.capture.ends.map(({ recordingId }) => recordingId)).toContain(id);
  });

  test("after a hold that is long over ask once more before they give up", async () => {
    await endUnanswered();
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await restart(() => recorder.clock.advance(86_400));
    expect((await recorder.untilPhase("sealed")).note).toBe("unconfirmed");
    expect(dynamics.asked.length).toBe(2);
  });

  test("without Dynamics leave nothing waiting: what it was to say is unconfirmed", async () => {
    await endUnanswered();
    await restart(() => {
      recorder.lookUpEvidence = null;
    });
    expect((await recorder.untilPhase("sealed")).note).toBe("unconfirmed");
    expect(recorder.buffer.legs.soonestAsks(1)).toEqual([]);
  });

  test("without Dynamics let an expired ring go on until it ends, and an unanswered end is evidence again", async () => {
    await recorder.happens("ringing");
    await restart(() => recorder.clock.advance(180));
    await eventually(() => expect(dynamics.asked.length).toBe(1));
    await restart(() => {
      recorder.lookUpEvidence = null;
    });
    expect(await recorder.onlyRecording()).toMatchObject({ phase: "provisional", endedAt: null });
    await recorder.happens("agent-available", 10);
    await recorder.untilPhase("discarded");
  });

  test("with Dynamics, where there was none, ask about what has come too late", async () => {
    await restart(() => {
      recorder.lookUpEvidence = null;
    });
    await recorder.happens("connected", 0, { at: "2026-03-02T09:50:00Z" });
    dynamics.knows.set("ann", "joined");
    await restart(() => {
      recorder.lookUpEvidence = dynamics.lookUp;
    });
    await eventually(() => expect(recorder.capture.orders.length).toBe(1));
  });

  test("arm the guards by the settings of now", async () => {
    await recorder.happens("connected");
    await restart(() => {
      recorder.configure({ lifecycle: { maxRecordingS: 60 } });
      recorder.clock.advance(59);
    });
    expect((await recorder.onlyRecording()).endedAt).toBe(null);
    await restart(() => recorder.clock.advance(1));
    expect((await recorder.untilPhase("sealed")).note).toMatch(/^max-recording\b/);
  });
});

test("many wait: a few are asked about at once, each by one look-up at a time", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  dynamics.hold = promise;
  const agents = Array.from({ length: 10 }, (_, n) => `agent${n}`);
  for (const agent of agents) {
    dynamics.knows.set(agent, "answered");
    const call = { agent, callSessionId: `call-${agent}` };
    await recorder.happens("ringing", 0, call);
    await recorder.happens("agent-available", 1, call);
  }
  await eventually(() => expect(dynamics.underWay).toBe(4));
  recorder.clock.advance(60);
  await recorder.happens("ringing", 0, { agent: "zoe", callSessionId: "another" });
  resolve();
  await eventually(async () =>
    expect((await recorder.recordings("?phase=sealed")).length).toBe(agents.length),
  );
  expect(dynamics.mostAtOnce).toBe(4);
  expect(dynamics.asked.map(({ agent }) => agent).sort()).toEqual(agents);
});
