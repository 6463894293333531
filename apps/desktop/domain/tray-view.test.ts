import { expect, test } from "vitest";
import type { AgentSession, Capture, Link } from "./agent-session.ts";
import { type CaptureFigures, viewTray } from "./tray-view.ts";

/** 2026-03-02T10:02:30Z */
const SINCE = 1_772_445_750_000;
const FIGURES: CaptureFigures = { monitors: 2, framesPerSecond: 4.9, kbitPerSecond: 83.6 };
const ONLINE: Link = { phase: "online" };
const call = (facts: { customer?: string; queue?: string }) => ({ recordingId: "R", since: SINCE, ...facts });
const capturing = (phase: "recording" | "paused", ...calls: ReturnType<typeof call>[]): Capture => ({
  phase,
  calls,
  stopNoLaterThan: 0,
});
const view = (session: Pick<AgentSession, "link" | "capture">, figures: CaptureFigures | null = FIGURES) =>
  viewTray(session, figures, "0.1.0", "UTC");

test("a recorded call is told with customer, queue, start and figures", () => {
  const capture = capturing("recording", call({ customer: "+14255550100", queue: "Billing" }));
  expect(view({ link: ONLINE, capture })).toEqual({
    icon: "recording",
    tooltip: "Recording — call from +1 425 555 0100 (Billing), since 10:02",
    rows: [
      "● Recording — call from +1 425 555 0100 (Billing), since 10:02",
      "  2 monitors · 5 frames/s · 84 kbit/s",
      null,
      "About Deskreel 0.1.0",
    ],
  });
});

test("every call has its row; what is not known of one is left out", () => {
  const capture = capturing("recording", call({}), call({ customer: "sip:bob@contoso.com" }));
  expect(view({ link: ONLINE, capture }, null).rows).toEqual([
    "● Recording — call, since 10:02",
    "● Recording — call from sip:bob@contoso.com, since 10:02",
    "  starting",
    null,
    "About Deskreel 0.1.0",
  ]);
});

test("a capture without connection stays a recording and says so", () => {
  const link: Link = { phase: "offline", reason: "unreachable", attempt: 3 };
  const { icon, rows } = view({ link, capture: capturing("recording", call({})) });
  expect([icon, rows[2]]).toEqual(["recording", "  Connecting to the recorder again"]);
});

test("a pause has its icon and no figures", () => {
  expect(view({ link: ONLINE, capture: capturing("paused", call({ queue: "Sales" })) })).toEqual({
    icon: "paused",
    tooltip: "Paused — call (Sales), since 10:02",
    rows: ["❚❚ Paused — call (Sales), since 10:02", null, "About Deskreel 0.1.0"],
  });
});

const IDLE: [Link, string, string][] = [
  [ONLINE, "idle", "Deskreel: not recording"],
  [{ phase: "connecting", attempt: 1 }, "offline", "Deskreel: connecting to the recorder"],
  [
    { phase: "offline", reason: "unreachable", attempt: 1 },
    "offline",
    "Deskreel: offline, the recorder cannot be reached",
  ],
  [
    { phase: "offline", reason: "unauthorized", attempt: 1 },
    "offline",
    "Deskreel: offline, the recorder does not accept this desktop; please tell your administrator",
  ],
];

test.each(IDLE)("without a call the connection is told: %j", (link, icon, tooltip) => {
  const shown = view({ link, capture: { phase: "idle" } });
  expect([shown.icon, shown.tooltip]).toEqual([icon, tooltip]);
});

test("there is no way to quit from the tray", () => {
  const texts = IDLE.flatMap(([link]) => view({ link, capture: { phase: "idle" } }).rows);
  expect(texts.filter((row) => /quit|exit/i.test(row ?? ""))).toEqual([]);
});
