/** What holds of every call, whoever was in it when, whatever sound there is and whatever is known of that. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import type { AudioPart, InteractionFacts } from "./interaction-facts.ts";
import { planStitch, type StitchPlan } from "./stitch-plan.ts";

/** 2026-03-02T10:00:00Z */
const T = 1_772_445_600_000;

const instant = fc.integer({ min: 0, max: 600_000 }).map((ms) => T + ms);
const length = fc.integer({ min: 1, max: 120_000 });

const segments = fc
  .uniqueArray(fc.record({ at: instant, ms: length }), { maxLength: 4, selector: ({ at }) => at })
  .map((all) => all.map(({ at, ms }, index) => madeSegment(String(index + 1).padStart(6, "0"), at, ms)));

/** What a track lacks, one after the other. */
const coverage = fc
  .uniqueArray(instant, { maxLength: 6 })
  .map((edges) => edges.toSorted((a, b) => a - b))
  .map((edges) =>
    edges.slice(1).map((to, index) => ({
      ...{ from: formatInstant(edges[index] ?? to), to: formatInstant(to) },
      ...(index % 2 === 0
        ? { state: "captured" as const }
        : { state: "gap" as const, reason: index % 4 === 1 ? "loss" : "connection-lost" }),
    })),
  );

const recording = fc
  .record({
    agent: fc.constantFrom("ann@contoso.com", "bob@contoso.com", "cat@contoso.com"),
    startedAt: instant,
    word: fc.constantFrom(...COVERAGE_WORDS),
    // Few ids: one event on two recordings of an agent is the same one.
    events: fc.uniqueArray(fc.record({ id: fc.constantFrom("e1", "e2", "e3", "e4") }), {
      maxLength: 3,
      selector: ({ id }) => id,
    }),
    tracks: fc.array(fc.record({ segments, coverage }), { maxLength: 3 }),
  })
  .map(({ agent, startedAt, word, events, tracks }) => (id: string) => {
    const at = (event: string) => formatInstant(T + Number(event.slice(1)) * 7_000);
    const made = madeRecording({ id, callSessionId: "a1c2", agent }, []);
    return {
      ...made,
      startedAt: formatInstant(startedAt),
      endedAt: formatInstant(T + 800_000),
      coverage: word,
      events: events.map(({ id: event }) => ({ id: event, type: "ringing" as const, at: at(event) })),
      tracks: made.tracks.flatMap((track) =>
        tracks.map((given, index) => ({
          ...track,
          ...given,
          ...{ id: String(index + 1), display: String(index + 1) },
        })),
      ),
    };
  });

const part = fc.record({
  createdOn: fc.integer({ min: 0, max: 900_000 }).map((ms) => T + ms),
  durationMs: fc.double({ min: 1, max: 120_000, noNaN: true }),
  // Few, so that rows give the same sound.
  sound: fc.constantFrom("s1", "s2", "s3"),
  stated: fc.option(
    fc.record({
      at: instant,
      uncertaintyMs: fc.constantFrom(1, 1_000),
      pauses: fc.array(
        fc.tuple(instant, length).map(([from, ms]) => ({ from, to: from + ms })),
        { maxLength: 3 },
      ),
    }),
  ),
});

const conversation = fc.option(
  fc.record({
    closed: fc.constant(true),
    startedOn: fc.option(instant),
    participants: fc.array(
      fc.record({
        agentId: fc.constantFrom("ann", "bob", "cat"),
        joinedOn: fc.option(instant),
        leftOn: fc.constant(null),
        speaks: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  }),
);

const anyFacts = fc
  .record({
    recordings: fc.array(recording, { maxLength: 4 }),
    parts: fc.array(part, { maxLength: 6 }),
    conversation,
  })
  .map(
    (given): InteractionFacts => ({
      interactionId: "a1c2",
      recordings: given.recordings.map((make, index) => make(`R${index}`)),
      audio: given.parts.map(({ createdOn, durationMs, sound, stated }, index): AudioPart => {
        // The same bytes are as long.
        const ms = given.parts.find((other) => other.sound === sound)?.durationMs ?? durationMs;
        const file = { path: `${sound}-${index}`, bytes: 1, sha256: sound, durationMs: ms, stated };
        return { sourceId: `p${index}`, createdOn, file };
      }),
      conversation: given.conversation,
    }),
  );

/** Asserts on the plan of any facts that there is one of. */
function always(judge: (plan: StitchPlan, facts: InteractionFacts) => void): void {
  let plans = 0;
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const plan = planStitch(facts);
      if (plan === null) {
        expect(facts.audio).toEqual([]);
        expect(facts.recordings.flatMap(({ events }) => events)).toEqual([]);
        expect(facts.recordings.flatMap(({ tracks }) => tracks.flatMap((track) => track.segments))).toEqual(
          [],
        );
        return;
      }
      plans += 1;
      judge(plan, facts);
    }),
  );
  expect(plans).toBeGreaterThan(50);
}

test("every part that was fetched is listed, once", () => {
  always((plan, { audio }) => {
    const listed = plan.audio.map(({ sourceId }) => sourceId);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.toSorted()).toEqual(audio.map(({ sourceId }) => sourceId).toSorted());
  });
});

test("every track with a picture is a screen, once, and each of its segments is begun in it once", () => {
  always((plan, { recordings }) => {
    const planned = plan.screens.map(({ entry, pieces }) => ({
      track: `${entry.recordingId}/${entry.display}`,
      begun: pieces
        .flatMap((piece) => ("card" in piece || piece.fromMs !== undefined ? [] : [piece.segmentId]))
        .toSorted(),
    }));
    const given = recordings.flatMap(({ id, tracks }) =>
      tracks
        .filter((track) => track.segments.length > 0)
        .map((track) => ({
          track: `${id}/${track.display}`,
          begun: track.segments.map((segment) => segment.id).toSorted(),
        })),
    );
    const byTrack = (a: { track: string }, b: { track: string }) => (a.track < b.track ? -1 : 1);
    expect(planned.toSorted(byTrack)).toEqual(given.toSorted(byTrack));
  });
});

test("every event of an agent is listed, once", () => {
  always((plan, { recordings }) => {
    const given = new Set(
      recordings.flatMap(({ agent, events }) => events.map(({ id }) => `${agent} ${id}`)),
    );
    expect(plan.events).toHaveLength(given.size);
  });
});

test("parts, screens and events are in the order of time, from 0 on and inside the call", () => {
  always((plan) => {
    const lists = [plan.audio, plan.screens.map(({ entry, durationMs }) => ({ ...entry, durationMs }))];
    for (const list of lists) {
      for (const { offsetMs, durationMs } of list)
        expect(offsetMs + durationMs).toBeLessThanOrEqual(plan.durationMs);
    }
    for (const list of [...lists, plan.events]) {
      const offsets = list.map(({ offsetMs }) => offsetMs);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      expect(Math.min(0, ...offsets)).toBe(0);
    }
  });
});

test("of parts that are the same sound nothing is heard twice at once, and each sound is heard", () => {
  always((plan, { audio }) => {
    for (const sound of new Set(audio.map(({ file }) => file.sha256))) {
      const heard = plan.audio
        .filter(({ sha256 }) => sha256 === sound)
        .flatMap(({ offsetMs, stretches }) =>
          stretches.map(({ afterMs, durationMs }) => ({
            from: offsetMs + afterMs,
            to: offsetMs + afterMs + durationMs,
          })),
        )
        .toSorted((a, b) => a.from - b.from);
      expect(heard.length).toBeGreaterThan(0);
      for (const [index, { from }] of heard.entries())
        expect(from).toBeGreaterThanOrEqual(heard[index - 1]?.to ?? from);
    }
  });
});

test("a part says how its start is known, and the less exactly, the greater its uncertainty", () => {
  always((plan, { audio }) => {
    for (const { sourceId, placement, uncertaintyMs, stretches } of plan.audio) {
      const given = audio.find((one) => one.sourceId === sourceId)?.file.stated ?? null;
      // One that is another's sound takes over what is known of that.
      if (stretches.length === 0) continue;
      expect(placement === "metadata").toBe(given !== null);
      const least = { metadata: 1, participant: 2_000, conversation: 30_000, assumed: 300_000 };
      expect(uncertaintyMs).toBe(given?.uncertaintyMs ?? least[placement]);
    }
  });
});

test("the same facts in any order make the same plan", () => {
  const shuffled = <T>(items: readonly T[], seed: number) =>
    items
      .map((item, index) => ({ item, at: (Math.imul(index + 1, 2_654_435_761) ^ seed) >>> 0 }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  fc.assert(
    fc.property(anyFacts, fc.integer(), (facts, seed) => {
      const other: InteractionFacts = {
        ...facts,
        recordings: shuffled(facts.recordings, seed).map((one) => ({
          ...one,
          events: shuffled(one.events, seed),
          tracks: shuffled(one.tracks, seed).map((track) => ({
            ...track,
            segments: shuffled(track.segments, seed),
          })),
        })),
        audio: shuffled(facts.audio, seed),
        conversation:
          facts.conversation === null
            ? null
            : { ...facts.conversation, participants: shuffled(facts.conversation.participants, seed) },
      };
      expect(planStitch(other)).toEqual(planStitch(facts));
    }),
  );
});
