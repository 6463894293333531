/** How calls come together, as a table: who was in them when, which sound there is, and what the interaction has of it. */
import { expect, test } from "vitest";
import type { CoverageWord } from "#shared/api/coverage.ts";
import type { Recording } from "#shared/api/recording.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import type { AudioPart, Conversation, Participant } from "./interaction-facts.ts";
import { planStitch } from "./stitch-plan.ts";
import type { Interval } from "./timeline.ts";

/** 2026-03-02T10:00:00Z; all times of the table are seconds from here. */
const T = 1_772_445_600_000;
const at = (seconds: number) => T + seconds * 1_000;

/** A leg of an agent's: each monitor's segments as [from, to]. */
function leg(agent: string, number: number, ...monitors: [number, number][][]): Recording {
  const id = `${agent}-${number}`;
  const recordings = monitors.map((segments) =>
    madeRecording(
      { id, callSessionId: "a1c2", agent, leg: number },
      segments.map(([from, to], index) =>
        madeSegment(String(index + 1).padStart(6, "0"), at(from), (to - from) * 1_000),
      ),
    ),
  );
  const [first] = recordings;
  if (first === undefined) throw new Error("a leg has a monitor");
  const tracks = recordings.flatMap((recording) => recording.tracks);
  const displays = tracks.map((track, index) => ({ ...track, id: `${index + 1}`, display: `${index + 1}` }));
  return { ...first, tracks: displays };
}

/** Sound of [from, to] whose metadata says so, or does not. */
function sound(
  sourceId: string,
  [from, to]: [number, number],
  knows: "stated" | "unstated",
  pauses: Interval[] = [],
): AudioPart {
  const pausedMs = pauses.reduce((sum, pause) => sum + pause.to - pause.from, 0);
  const stated = knows === "stated" ? { at: at(from), uncertaintyMs: 1, pauses } : null;
  const durationMs = (to - from) * 1_000 - pausedMs;
  return {
    sourceId,
    createdOn: at(to + 120),
    file: { path: sourceId, bytes: 1, sha256: sourceId, durationMs, stated },
  };
}

/** The same bytes as another's. */
const sameAs = (sourceId: string, part: AudioPart): AudioPart => ({
  ...part,
  file: { ...part.file, path: sourceId, sha256: sourceId },
});

/** Its metadata gives no fractions of a second. */
const inWholeSeconds = (part: AudioPart): AudioPart => {
  const { at: statedAt = 0 } = part.file.stated ?? {};
  return { ...part, file: { ...part.file, stated: { at: statedAt, uncertaintyMs: 1_000 } } };
};

/** A leg of which there is no picture. */
const blind = (recording: Recording): Recording => ({ ...recording, tracks: [], coverage: "not-recorded" });

const person = (agentId: string, joined: number, left: number): Participant => ({
  ...{ agentId, joinedOn: at(joined), leftOn: at(left), speaks: true },
});

interface Case {
  recordings: Recording[];
  audio: AudioPart[];
  /** `unknown`: Dynamics was not asked, or does not answer. */
  participants?: Participant[] | "unknown";
  /** Agent, leg and monitor, and when the file begins and ends. */
  screens: [string, number, number][];
  /** Source, from when to when it is, by what that is known, and how many ms it may be beside that. */
  heard: [string, number, number, string, number][];
  /** The stretches of its parts that are heard; absent: each part whole. */
  stretches?: [number, number][];
  /** Absent: `recorded`. */
  coverage?: CoverageWord;
}

const CASES: Record<string, Case> = {
  "one agent, one part": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "stated")],
    screens: [["ann 1/1", 0, 60]],
    heard: [["a", 5, 55, "metadata", 1]],
  },
  "a transfer to an agent, the recording goes on": {
    recordings: [leg("bob", 1, [[40, 90]]), leg("ann", 1, [[0, 50]])],
    audio: [sound("a", [5, 85], "stated")],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
    ],
    heard: [["a", 5, 85, "metadata", 1]],
  },
  "a transfer to an agent, each with a part without metadata": {
    recordings: [leg("ann", 1, [[0, 50]]), leg("bob", 1, [[40, 90]])],
    audio: [sound("a", [5, 45], "unstated"), sound("b", [50, 85], "unstated")],
    participants: [person("ann", 5, 45), person("bob", 50, 85)],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
    ],
    heard: [
      ["a", 5, 45, "participant", 2_000],
      ["b", 50, 85, "participant", 2_000],
    ],
  },
  "a transfer to the queue, silence while it waits": {
    recordings: [leg("ann", 1, [[0, 50]]), leg("bob", 1, [[150, 200]])],
    audio: [sound("a", [5, 45], "stated"), sound("b", [155, 195], "stated")],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 150, 200],
    ],
    heard: [
      ["a", 5, 45, "metadata", 1],
      ["b", 155, 195, "metadata", 1],
    ],
  },
  "a transfer there and back: the first agent's second leg is a screen of its own": {
    recordings: [leg("ann", 2, [[80, 120]]), leg("ann", 1, [[0, 50]]), leg("bob", 1, [[40, 90]])],
    audio: [sound("a", [5, 115], "stated")],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
      ["ann 2/1", 80, 120],
    ],
    heard: [["a", 5, 115, "metadata", 1]],
  },
  "a consultation: the consultee's join begins no part": {
    recordings: [leg("ann", 1, [[0, 90]]), leg("cat", 1, [[30, 55]])],
    audio: [sound("a", [5, 85], "unstated")],
    participants: [person("ann", 5, 85), person("cat", 33, 50)],
    screens: [
      ["ann 1/1", 0, 90],
      ["cat 1/1", 30, 55],
    ],
    heard: [["a", 5, 85, "participant", 2_000]],
  },
  "a conference of three, all at once": {
    recordings: [leg("ann", 1, [[0, 90]]), leg("bob", 1, [[20, 90]]), leg("cat", 1, [[20, 90]])],
    audio: [sound("a", [5, 85], "stated")],
    screens: [
      ["ann 1/1", 0, 90],
      ["bob 1/1", 20, 90],
      ["cat 1/1", 20, 90],
    ],
    heard: [["a", 5, 85, "metadata", 1]],
  },
  "two monitors, one of which was plugged in later": {
    recordings: [leg("ann", 1, [[0, 60]], [[20, 60]])],
    audio: [],
    screens: [
      ["ann 1/1", 0, 60],
      ["ann 1/2", 20, 60],
    ],
    heard: [],
  },
  "several parts in one leg, two of them overlapping": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [sound("c", [40, 85], "stated"), sound("a", [5, 20], "stated"), sound("b", [15, 45], "stated")],
    screens: [["ann 1/1", 0, 90]],
    heard: [
      ["a", 5, 20, "metadata", 1],
      ["b", 15, 45, "metadata", 1],
      ["c", 40, 85, "metadata", 1],
    ],
  },
  "a pause in the metadata lasts its time": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [sound("a", [5, 85], "stated", [{ from: at(20), to: at(50) }])],
    screens: [["ann 1/1", 0, 90]],
    heard: [["a", 5, 85, "metadata", 1]],
    stretches: [
      [5, 20],
      [50, 85],
    ],
  },
  "no metadata and nobody's join: by the session's start": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "unstated")],
    participants: [],
    screens: [["ann 1/1", 0, 60]],
    heard: [["a", 0, 50, "conversation", 30_000]],
  },
  "parts with and without metadata: who has none takes the join that is left": {
    recordings: [leg("ann", 1, [[0, 50]]), leg("bob", 1, [[40, 90]])],
    audio: [sound("b", [50, 85], "unstated"), sound("a", [5, 45], "stated")],
    participants: [person("ann", 5, 45), person("bob", 50, 85)],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
    ],
    heard: [
      ["a", 5, 45, "metadata", 1],
      ["b", 50, 85, "participant", 2_000],
    ],
  },
  "a transfer to the queue without metadata: the second part begins with the second agent": {
    recordings: [leg("ann", 1, [[0, 50]]), leg("bob", 1, [[150, 200]])],
    audio: [sound("b", [155, 195], "unstated"), sound("a", [5, 45], "unstated")],
    participants: [person("bob", 155, 195), person("ann", 5, 45)],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 150, 200],
    ],
    heard: [
      ["a", 5, 45, "participant", 2_000],
      ["b", 155, 195, "participant", 2_000],
    ],
  },
  "a consultation that ends in a transfer: the recording goes on at the consultee": {
    recordings: [leg("ann", 1, [[0, 60]]), leg("cat", 1, [[30, 100]])],
    audio: [sound("a", [5, 95], "unstated")],
    participants: [person("ann", 5, 55), person("cat", 33, 95)],
    screens: [
      ["ann 1/1", 0, 60],
      ["cat 1/1", 30, 100],
    ],
    heard: [["a", 5, 95, "participant", 2_000]],
  },
  "a conference whose members' recordings overlap: all are heard": {
    recordings: [leg("ann", 1, [[0, 90]]), leg("bob", 1, [[20, 90]])],
    audio: [sound("b", [25, 85], "stated"), sound("a", [5, 85], "stated")],
    screens: [
      ["ann 1/1", 0, 90],
      ["bob 1/1", 20, 90],
    ],
    heard: [
      ["a", 5, 85, "metadata", 1],
      ["b", 25, 85, "metadata", 1],
    ],
    stretches: [
      [5, 85],
      [25, 85],
    ],
  },
  "two pauses in the metadata, in any order: what is between them is heard at its time": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [
      sound("a", [5, 85], "stated", [
        { from: at(60), to: at(70) },
        { from: at(20), to: at(50) },
      ]),
    ],
    screens: [["ann 1/1", 0, 90]],
    heard: [["a", 5, 85, "metadata", 1]],
    stretches: [
      [5, 20],
      [50, 60],
      [70, 85],
    ],
  },
  "a pause in one part does not silence another": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [sound("a", [5, 85], "stated", [{ from: at(20), to: at(50) }]), sound("b", [30, 40], "stated")],
    screens: [["ann 1/1", 0, 90]],
    heard: [
      ["a", 5, 85, "metadata", 1],
      ["b", 30, 40, "metadata", 1],
    ],
    stretches: [
      [5, 20],
      [50, 85],
      [30, 40],
    ],
  },
  "no metadata and Dynamics does not answer: before its row was made": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "unstated")],
    participants: "unknown",
    screens: [["ann 1/1", 0, 60]],
    heard: [["a", 125, 175, "assumed", 300_000]],
  },
  "more parts than joins: what is left over comes after what is placed, never over it": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [sound("a", [5, 45], "unstated"), sound("b", [50, 85], "unstated")],
    participants: [person("ann", 5, 85)],
    screens: [["ann 1/1", 0, 90]],
    heard: [
      ["a", 5, 45, "participant", 2_000],
      ["b", 170, 205, "assumed", 300_000],
    ],
  },
  "the same sound under two rows is heard once, and both are listed": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "stated"), sameAs("a", sound("b", [5, 55], "unstated"))],
    screens: [["ann 1/1", 0, 60]],
    heard: [
      ["a", 5, 55, "metadata", 1],
      ["b", 5, 55, "metadata", 1],
    ],
    stretches: [[5, 55]],
  },
  "the same sound under two rows that say whole seconds and milliseconds is heard once, by the latter": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sameAs("b", inWholeSeconds(sound("a", [5, 55], "stated"))), sound("b", [5.5, 55.5], "stated")],
    screens: [["ann 1/1", 0, 60]],
    heard: [
      ["a", 5.5, 55.5, "metadata", 1],
      ["b", 5.5, 55.5, "metadata", 1],
    ],
    stretches: [[5.5, 55.5]],
  },
  "the same announcement, played again later, is heard again": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 15], "stated"), sameAs("a", sound("b", [30, 40], "stated"))],
    screens: [["ann 1/1", 0, 60]],
    heard: [
      ["a", 5, 15, "metadata", 1],
      ["b", 30, 40, "metadata", 1],
    ],
    stretches: [
      [5, 15],
      [30, 40],
    ],
  },
  "a leg without any picture is no screen, and its word counts": {
    recordings: [leg("ann", 1, [[0, 50]]), blind(leg("bob", 1, [[40, 90]]))],
    audio: [sound("a", [5, 85], "stated")],
    screens: [["ann 1/1", 0, 50]],
    heard: [["a", 5, 85, "metadata", 1]],
    coverage: "not-recorded",
  },
  "one agent's gaps are the call's": {
    recordings: [leg("ann", 1, [[0, 50]]), { ...leg("bob", 1, [[40, 90]]), coverage: "partial" }],
    audio: [],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
    ],
    heard: [],
    coverage: "partial",
  },
  "sound without any screen": {
    recordings: [],
    audio: [sound("a", [5, 55], "stated")],
    screens: [],
    heard: [["a", 5, 55, "metadata", 1]],
    coverage: "not-recorded",
  },
  "segments that arrived in another order are played by time": {
    recordings: [
      leg("ann", 1, [
        [60, 90],
        [0, 60],
      ]),
    ],
    audio: [],
    screens: [["ann 1/1", 0, 90]],
    heard: [],
  },
};

test.each(Object.entries(CASES))("%s", (_title, given) => {
  const { recordings, audio, participants = [], screens, heard, coverage = "recorded" } = given;
  const conversation: Conversation | null =
    participants === "unknown" ? null : { closed: true, startedOn: T, participants };
  const plan = planStitch({ interactionId: "a1c2", recordings, audio, conversation });
  if (plan === null) throw new Error("there is a plan");
  const second = (offsetMs: number) => (plan.startedAt + offsetMs - T) / 1_000;
  expect(
    plan.screens.map(({ entry, durationMs }) => [
      `${entry.agent} ${entry.leg}/${entry.display}`,
      second(entry.offsetMs),
      second(entry.offsetMs + durationMs),
    ]),
  ).toEqual(screens);
  expect(
    plan.audio.map(({ sourceId, offsetMs, durationMs, placement, uncertaintyMs }) => [
      ...[sourceId, second(offsetMs), second(offsetMs + durationMs)],
      ...[placement, uncertaintyMs],
    ]),
  ).toEqual(heard);
  if (given.stretches !== undefined) {
    const stretches = plan.audio.flatMap((part) =>
      part.stretches.map(({ afterMs, durationMs }) => [
        second(part.offsetMs + afterMs),
        second(part.offsetMs + afterMs + durationMs),
      ]),
    );
    expect(stretches).toEqual(given.stretches);
  }
  expect(plan.coverage).toBe(coverage);
});
