/** How calls come together, as a table: who was in them when, which sound there is, and what the interaction has of it. */
import { expect, test } from "vitest";
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

const person = (agentId: string, joined: number, left: number): Participant => ({
  ...{ agentId, joinedOn: at(joined), leftOn: at(left), speaks: true },
});

interface Case {
  recordings: Recording[];
  audio: AudioPart[];
  participants?: Participant[];
  /** Agent, leg and monitor, and when the file begins and ends. */
  screens: [string, number, number][];
  /** Source, when it is heard, and by what that is known. */
  heard: [string, number, number, string][];
}

const CASES: Record<string, Case> = {
  "one agent, one part": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "stated")],
    screens: [["ann 1/1", 0, 60]],
    heard: [["a", 5, 55, "metadata"]],
  },
  "a transfer to an agent, the recording goes on": {
    recordings: [leg("bob", 1, [[40, 90]]), leg("ann", 1, [[0, 50]])],
    audio: [sound("a", [5, 85], "stated")],
    screens: [
      ["ann 1/1", 0, 50],
      ["bob 1/1", 40, 90],
    ],
    heard: [["a", 5, 85, "metadata"]],
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
      ["a", 5, 45, "participant"],
      ["b", 50, 85, "participant"],
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
      ["a", 5, 45, "metadata"],
      ["b", 155, 195, "metadata"],
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
    heard: [["a", 5, 115, "metadata"]],
  },
  "a consultation: the consultee's join begins no part": {
    recordings: [leg("ann", 1, [[0, 90]]), leg("cat", 1, [[30, 55]])],
    audio: [sound("a", [5, 85], "unstated")],
    participants: [person("ann", 5, 85), person("cat", 33, 50)],
    screens: [
      ["ann 1/1", 0, 90],
      ["cat 1/1", 30, 55],
    ],
    heard: [["a", 5, 85, "participant"]],
  },
  "a conference of three, all at once": {
    recordings: [leg("ann", 1, [[0, 90]]), leg("bob", 1, [[20, 90]]), leg("cat", 1, [[20, 90]])],
    audio: [sound("a", [5, 85], "stated")],
    screens: [
      ["ann 1/1", 0, 90],
      ["bob 1/1", 20, 90],
      ["cat 1/1", 20, 90],
    ],
    heard: [["a", 5, 85, "metadata"]],
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
      ["a", 5, 20, "metadata"],
      ["b", 15, 45, "metadata"],
      ["c", 40, 85, "metadata"],
    ],
  },
  "a pause in the metadata lasts its time": {
    recordings: [leg("ann", 1, [[0, 90]])],
    audio: [sound("a", [5, 85], "stated", [{ from: at(20), to: at(50) }])],
    screens: [["ann 1/1", 0, 90]],
    heard: [["a", 5, 85, "metadata"]],
  },
  "no metadata and nobody's join: by the session's start": {
    recordings: [leg("ann", 1, [[0, 60]])],
    audio: [sound("a", [5, 55], "unstated")],
    participants: [],
    screens: [["ann 1/1", 0, 60]],
    heard: [["a", 0, 50, "conversation"]],
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
      ["a", 5, 45, "metadata"],
      ["b", 50, 85, "participant"],
    ],
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

test.each(Object.entries(CASES))("%s", (_title, { recordings, audio, participants, screens, heard }) => {
  const conversation: Conversation | null =
    participants === undefined ? null : { closed: true, startedOn: T, participants };
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
    plan.audio.map(({ sourceId, offsetMs, durationMs, placement }) => [
      sourceId,
      second(offsetMs),
      second(offsetMs + durationMs),
      placement,
    ]),
  ).toEqual(heard);
});

test("what is less certain says so: only a start in the metadata's own milliseconds is exact", () => {
  const uncertain = (part: AudioPart, conversation: Conversation | null) =>
    planStitch({ interactionId: "a1c2", recordings: [], audio: [part], conversation })?.audio[0]
      ?.uncertaintyMs;
  const session = (participants: Participant[]): Conversation => ({
    closed: true,
    startedOn: T,
    participants,
  });
  const unstated = sound("a", [5, 55], "unstated");
  expect(uncertain(sound("a", [5, 55], "stated"), null)).toBe(1);
  expect(uncertain(unstated, session([person("ann", 5, 55)]))).toBe(2_000);
  expect(uncertain(unstated, session([]))).toBe(30_000);
  expect(uncertain(unstated, null)).toBe(300_000);
});
