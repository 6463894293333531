import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { waitUntilIdle } from "../rig/desktop-ready.ts";
import { statesOf } from "../rig/recorder.ts";

const ANN = "ann@contoso.com";

for (const { signal, end, does } of [
  { signal: "SIGTERM", end: { code: 0, signal: null }, does: "is stopped in a call seals what it has" },
  {
    signal: "SIGKILL",
    end: { code: null, signal: "SIGKILL" },
    does: "is killed in a call recovers what it had",
  },
] as const) {
  test(`a recorder that ${does}, and goes on with the call when it is back`, async ({
    site,
    recorder,
    desktop,
    call,
  }) => {
    await desktop(ANN, "PC-0815");
    await call.ring();
    await call.connect();
    await sleep(4_000);
    expect(await recorder.stop(signal)).toEqual(end);
    await recorder.start();
    await waitUntilIdle(site, ANN, "PC-0815");
    await sleep(4_000);
    await call.end();

    const recording = await call.sealed();
    const [track] = recording.tracks;
    expect(recording.tracks).toHaveLength(1);
    expect(track?.segments.map(({ id }) => id)).toEqual(["000001", "000002"]);
    // Nobody but the recorder was away: the time until the desktop is back is the restart's too.
    expect(recording.tracks.map(statesOf)).toEqual([
      ["late-start", "captured", "recorder-restart", "captured"],
    ]);
    for (const { file } of recorder.files(recording)) expect(await decodeFaults(file)).toBe("");
  });
}
