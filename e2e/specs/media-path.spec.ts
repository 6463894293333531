import { setTimeout as sleep } from "node:timers/promises";
import { expect, test as base } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { type MediaRelay, openMediaRelay, RELAY_ADDRESS } from "../rig/media-relay.ts";
import { freePort } from "../rig/ports.ts";
import { statesOf } from "../rig/recorder.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const WITHIN = { withinMs: 30_000 };

/** A site whose desktops' media goes over a relay. */
const test = base.extend<{ mediaPort: number; relay: MediaRelay }>({
  mediaPort: async ({ folder }, use) => {
    void folder;
    await use(await freePort());
  },
  siteOptions: async ({ mediaPort }, use) =>
    use({ recorder: { webrtc: { port: mediaPort, announcedAddress: RELAY_ADDRESS } } }),
  relay: async ({ mediaPort }, use) => {
    await using relay = await openMediaRelay(mediaPort);
    await use(relay);
  },
});

test("a desktop on whose network UDP is blocked sends by TCP", async ({ recorder, relay, desktop, call }) => {
  relay.cut("udp");
  await desktop(ANN, "PC-0815");
  await call.ring();
  await call.connect();
  await waitFor("pictures by TCP", () => relay.bytes.tcp > 100_000, WITHIN);
  await sleep(2_000);
  await call.end();
  const recording = await call.sealed();
  expect([recording.tracks.map(statesOf), relay.bytes.udp]).toEqual([[["late-start", "captured"]], 0]);
  for (const { file } of recorder.files(recording)) expect(await decodeFaults(file)).toBe("");
});

test("a call goes on by the other protocol when one is cut off, and UDP comes first", async ({
  relay,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  await call.ring();
  await call.connect();
  await waitFor("pictures by UDP", () => relay.bytes.udp > 100_000, WITHIN);
  // Only what finds out which way works.
  expect(relay.bytes.tcp).toBeLessThan(relay.bytes.udp / 10);
  relay.cut("udp");
  const { udp: before } = relay.bytes;
  await waitFor("pictures by TCP", () => relay.bytes.tcp > 100_000, WITHIN);
  expect(relay.bytes.udp).toBe(before);
  await sleep(2_000);
  relay.mend("udp");
  relay.cut("tcp");
  await waitFor("pictures by UDP again", () => relay.bytes.udp > before + 100_000, WITHIN);
  await sleep(2_000);
  await call.end();
  const recording = await call.sealed();
  const [seen = []] = recording.tracks.map(statesOf);
  expect(seen.slice(0, 4)).toEqual(["late-start", "captured", "connection-lost", "captured"]);
  // What is lost on the way back depends on whether UDP is found again before TCP is missed.
  expect(seen.slice(4)).toEqual(
    seen.length > 4 ? [expect.stringMatching(/^(loss|connection-lost)$/), "captured"] : [],
  );
  expect(recording.tracks).toHaveLength(1);
});
