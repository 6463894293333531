import { expect, test } from "vitest";
import { pauseOnNetwork } from "./network-pause.ts";

const LONG_MS = 600_000;
const never = new AbortController().signal;

test("the pause is as long as it should be while the network stays as it was", async () => {
  let looks = 0;
  const state = () => {
    looks += 1;
    return "online 10.0.0.5";
  };
  expect(await pauseOnNetwork(20, "online 10.0.0.5", state, never)).toBe(false);
  expect(looks).toBeGreaterThanOrEqual(2);
});

test("a network that has changed during the attempt before ends the pause at once", async () => {
  expect(await pauseOnNetwork(LONG_MS, "offline", () => "online 10.0.0.5", never)).toBe(true);
});

test("a network that comes back ends a long pause soon", async () => {
  let looks = 0;
  // Back at the second look.
  const state = () => (++looks > 1 ? "online 10.0.0.5" : "offline");
  expect(await pauseOnNetwork(LONG_MS, "offline", state, never)).toBe(true);
  expect(looks).toBe(2);
}, 15_000);

test("an app that ends does not wait", async () => {
  const stop = new AbortController();
  const pause = pauseOnNetwork(LONG_MS, "offline", () => "offline", stop.signal);
  stop.abort();
  expect(await pause).toBe(false);
});
