import { expect, test } from "vitest";
import { type CallScriptInput, parseCallScript } from "./call-script.ts";

const SMALLEST: CallScriptInput = {
  customer: "+14255550100",
  queue: "Billing",
  agents: { ann: { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann" } },
  steps: [{ atMs: 0, do: "ring", agent: "ann" }],
};

test("the smallest script is an inbound call without sound", () => {
  expect(parseCallScript(SMALLEST)).toEqual({
    ...SMALLEST,
    agents: { ann: { ...SMALLEST.agents["ann"], bot: false } },
    channel: "voice",
    direction: "inbound",
    wrapUpBlocks: true,
    audio: [],
    beside: [],
  });
});

test("an audio part is an MP3 with metadata, at Dynamics as soon as it ended, if nothing else is said", () => {
  const source = { kind: "beeps", everyMs: 5_000 } as const;
  const script = parseCallScript({ ...SMALLEST, audio: [{ startMs: 0, durationMs: 10, source }] });
  expect(script.audio).toEqual([
    {
      startMs: 0,
      durationMs: 10,
      format: "mp3",
      availableAfterMs: 0,
      metadata: true,
      source: { ...source, beepMs: 60, hz: 1_000 },
    },
  ]);
});

test("every fault of a script is named at once", () => {
  const faulty = {
    ...SMALLEST,
    colour: "red",
    steps: [
      { atMs: -1, do: "ring", agent: "ann" },
      { atMs: 0, do: "explode", agent: "ann" },
    ],
    audio: [
      { startMs: 0, durationMs: 0.5, source: { kind: "file", path: "../../etc/passwd" } },
      {
        startMs: 0,
        durationMs: 5,
        rowAfterMs: 9,
        availableAfterMs: 8,
        source: { kind: "beeps", everyMs: 0 },
      },
    ],
  };
  expect(() => parseCallScript(faulty, "faulty.json")).toThrow(
    expect.objectContaining({
      code: "BAD_CALL_SCRIPT",
      message:
        "faulty.json has 7 problem(s): /steps/0/atMs must be 0 or more; " +
        "/steps/1/do must be something that can be done; " +
        "/audio/0/durationMs must be a whole number of milliseconds; " +
        "/audio/0/source/path must be a relative path without '..'; " +
        "/audio/1/source/everyMs must be 1 or more; " +
        "/audio/1/rowAfterMs must not be later than availableAfterMs; /colour unknown field",
    }),
  );
});

test.each([
  [
    { steps: [{ atMs: 0, do: "ring", agent: "bob" }] },
    `/steps/0/agent must be one of the script's agents (ann), found "bob"`,
  ],
  [
    {
      beside: [
        {
          afterMs: 5,
          customer: "+1",
          queue: "B",
          steps: [{ atMs: 0, do: "consult", agent: "ann", to: "bob" }],
        },
      ],
    },
    `/beside/0/steps/0/to must be one of the script's agents (ann), found "bob"`,
  ],
  [
    {
      audio: [
        {
          startMs: 0,
          durationMs: 5,
          rowAfterMs: 9,
          availableAfterMs: 8,
          source: { kind: "tones", atMs: [] },
        },
      ],
    },
    "/audio/0/rowAfterMs must not be later than availableAfterMs",
  ],
])("a script must agree with itself: %j", (changes, message) => {
  expect(() => parseCallScript({ ...SMALLEST, ...changes })).toThrow(message);
});
