import { expect, test } from "vitest";
import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import { SenderRuns, type WireSenderReport } from "./sender-runs.ts";

const START = Date.UTC(2026, 2, 2, 10, 0, 0);
const NTP_TO_UNIX_S = 2_208_988_800;
/** The time stamps at {@link START}, of the run before and after a restart. */
const ORIGINS = { first: 4_000_000_000, second: 777, stray: 2 ** 31 };

const timestampAt = (ms: number, origin: number) => (origin + ms * VIDEO_TICKS_PER_MS) % 2 ** 32;

function packetAt(ms: number, origin: number): RtpPacket {
  return {
    ...{ payloadType: 100, marker: true, sequenceNumber: 0, ssrc: 1 },
    timestamp: timestampAt(ms, origin),
    payload: Uint8Array.of(1),
  };
}

function reportAt(ms: number, origin: number): WireSenderReport {
  const ntp = START / 1_000 + ms / 1_000;
  return {
    ntpSec: Math.floor(ntp) + NTP_TO_UNIX_S,
    ntpFrac: (ntp % 1) * 2 ** 32,
    rtpTs: timestampAt(ms, origin),
  };
}

/** A packet is 30 ms under way, a report 10 ms. */
function say(runs: SenderRuns, what: "packet" | "report", ms: number, origin: number): number {
  if (what === "packet") runs.onPacket(packetAt(ms, origin), START + ms + 30);
  else runs.onSenderReport(reportAt(ms, origin), START + ms + 10, 20);
  return runs.ticksOf(timestampAt(ms, origin));
}

function restart(runs: SenderRuns, ms: number): void {
  runs.startAnew(packetAt(ms, ORIGINS.second), START + ms + 30);
}

test("pictures of both runs keep their times, whatever the reports of the later run say", () => {
  const runs = new SenderRuns();
  say(runs, "report", 0, ORIGINS.first);
  const early = say(runs, "packet", 1_000, ORIGINS.first);
  restart(runs, 5_000);
  const late = say(runs, "packet", 5_000, ORIGINS.second);
  say(runs, "report", 5_500, ORIGINS.second);
  expect([early, late].map((ticks) => Math.round(runs.steadyTimeOf(ticks) - START))).toEqual([1_000, 5_000]);
  expect((late - early) / VIDEO_TICKS_PER_MS).toBeGreaterThan(10_000);
});

test("before its first report the later run goes by arrival", () => {
  const runs = new SenderRuns();
  say(runs, "report", 0, ORIGINS.first);
  restart(runs, 5_000);
  expect(runs.clockSource).toBe("arrival");
  expect(runs.steadyTimeOf(say(runs, "packet", 5_000, ORIGINS.second)) - START).toBeCloseTo(5_030, 3);
});

test("a report that comes before the packets of its run is kept for them", () => {
  const runs = new SenderRuns();
  say(runs, "report", 0, ORIGINS.first);
  const early = say(runs, "packet", 1_000, ORIGINS.first);
  say(runs, "report", 5_100, ORIGINS.second);
  expect(runs.steadyTimeOf(early) - START).toBeCloseTo(1_000, 3);
  restart(runs, 5_000);
  expect(runs.clockSource).toBe("sender-reports");
  expect(runs.steadyTimeOf(say(runs, "packet", 5_000, ORIGINS.second)) - START).toBeCloseTo(5_000, 3);
});

test("a report that fits no run changes nothing", () => {
  const runs = new SenderRuns();
  say(runs, "report", 0, ORIGINS.first);
  say(runs, "report", 1_000, ORIGINS.stray);
  restart(runs, 5_000);
  say(runs, "report", 6_000, ORIGINS.first);
  expect(runs.clockSource).toBe("arrival");
  const ticks = say(runs, "packet", 7_000, ORIGINS.second);
  say(runs, "report", 7_500, ORIGINS.second);
  expect(runs.steadyTimeOf(ticks) - START).toBeCloseTo(7_000, 3);
});

test("a run of two days, and one after it, are on one count", () => {
  const runs = new SenderRuns();
  const hourMs = 3_600_000;
  let last = 0;
  for (let hour = 0; hour <= 48; hour += 1) {
    say(runs, "report", hour * hourMs, ORIGINS.first);
    last = say(runs, "packet", hour * hourMs + 1, ORIGINS.first);
  }
  restart(runs, 49 * hourMs);
  const next = say(runs, "packet", 49 * hourMs, ORIGINS.second);
  expect(runs.steadyTimeOf(last) - START).toBeCloseTo(48 * hourMs + 1, 1);
  expect(runs.steadyTimeOf(next) - START).toBeCloseTo(49 * hourMs + 30, 1);
});
