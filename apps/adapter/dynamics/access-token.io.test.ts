import { expect, test } from "vitest";
import { AccessTokenSource } from "#shared/dataverse/access-token.ts";
import { HandClock } from "../../../e2e/dynamics/test-client.ts";
import { openEnvironment } from "./testing/environment.ts";

const { signal } = new AbortController();

/** A source whose time a test moves, at a simulator whose clock says whatever it is told. */
async function openSource(tokenLifetimeS: number, clock = new HandClock(Date.UTC(2026, 2, 2))) {
  const environment = await openEnvironment({ clock, tokenLifetimeS });
  const steady = { ms: 1_000 };
  return {
    ...environment,
    clock,
    steady,
    source: new AccessTokenSource(environment.config, () => steady.ms),
  };
}

test("a token is renewed when four fifths of its life are over, before it ends", async () => {
  await using rig = await openSource(3_600);
  const { source, steady } = rig;
  const first = await source.get(signal);
  steady.ms += 0.8 * 3_600_000 - 1;
  expect(await source.get(signal)).toBe(first);
  steady.ms += 1;
  const second = await source.get(signal);
  expect(second).not.toBe(first);
  steady.ms += 0.8 * 3_600_000 - 1;
  expect(await source.get(signal)).toBe(second);
});

test.each([
  ["ahead", 7_200_000],
  ["behind", -7_200_000],
])(
  "a clock that is hours %s of Dynamics', or is set so, changes nothing in a token's life",
  async (_, skewMs) => {
    await using rig = await openSource(3_600, new HandClock(Date.now() + skewMs));
    const { source, steady, clock, simulator } = rig;
    const first = await source.get(signal);
    clock.at += skewMs;
    steady.ms += 60_000;
    expect(await source.get(signal)).toBe(first);
    expect(simulator.requests.all()).toHaveLength(1);
  },
);

test("requests that need a token at the same time share one; one that was refused is not given out again", async () => {
  await using rig = await openSource(3_600);
  const { source, simulator } = rig;
  const tokens = await Promise.all([source.get(signal), source.get(signal), source.get(signal)]);
  expect([new Set(tokens).size, simulator.requests.all().length]).toEqual([1, 1]);
  source.invalidate(tokens[0]);
  expect(await source.get(signal)).not.toBe(tokens[0]);
});

test.each([
  ["is away", { fault: "unavailable", retryAfterS: 9 } as const, { status: 503, retryAfterMs: 9_000 }],
  ["breaks off", { fault: "torn" } as const, { code: "BAD_ANSWER" }],
])(
  "an authority that %s is told as such, and asked again by the next request",
  async (_, fault, expected) => {
    await using rig = await openSource(3_600);
    rig.simulator.faults.set({ token: [{ ...fault, next: 1 }] });
    await expect(rig.source.get(signal)).rejects.toMatchObject(expected);
    expect(await rig.source.get(signal)).toMatch(/^sim\./);
  },
);
