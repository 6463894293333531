import { expect, test } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { ManifestEvent } from "#shared/archive/call-stretches.ts";
import { agentLanes } from "./lanes.ts";

function event(offsetMs: number, type: CallEventType, agent = "ann@contoso.com"): ManifestEvent {
  return { at: new Date(offsetMs).toISOString(), offsetMs, type, agent };
}

test("lanes are in the order of entry and carry everybody that is named anywhere", () => {
  const lanes = agentLanes({
    durationMs: 100,
    agents: [
      { agent: "bob@contoso.com", name: "Bob Lee" },
      { agent: "ann@contoso.com", name: "Ann Agent" },
    ],
    events: [
      event(50, "ringing", "bob@contoso.com"),
      event(0, "ringing"),
      event(70, "ringing", "dee@contoso.com"),
    ],
    screens: [],
  });
  expect(lanes.map(({ name, stretches }) => [name, stretches[0]?.fromMs])).toEqual([
    ["Ann Agent", 0],
    ["Bob Lee", 50],
    ["dee@contoso.com", 70],
  ]);
});
