import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { waitUntilIdle } from "../rig/desktop-ready.ts";
import { scriptCall } from "../rig/events.ts";
import { startProgram } from "../rig/program.ts";

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
    monitor,
    desktop,
  }) => {
    void monitor;
    await desktop(ANN, "PC-0815");
    const call = scriptCall(site, ANN);
    await call.say("ringing");
    await call.say("connected");
    await sleep(4_000);
    process.kill(site.recorder.pid, signal);
    expect(await site.recorder.ended).toEqual(end);
    const main = join(REPOSITORY, "apps/recorder/main.ts");
    await using _again = await startProgram("the recorder", process.execPath, [
      main,
      "--config",
      site.configFile,
    ]);
    await waitUntilIdle(site, ANN, "PC-0815");
    await sleep(4_000);
    await call.say("agent-available");

    const recording = await call.recording(({ phase }) => phase === "sealed");
    const [track] = recording.tracks;
    expect(recording.tracks).toHaveLength(1);
    expect(track?.segments.map(({ id }) => id)).toEqual(["000001", "000002"]);
    // Nobody but the recorder was away: the time until the desktop is back is the restart's too.
    expect(track?.coverage.map(({ state, reason = null }) => [state, reason])).toEqual([
      ["gap", "late-start"],
      ["captured", null],
      ["gap", "recorder-restart"],
      ["captured", null],
    ]);
    for (const { id } of track?.segments ?? []) {
      expect(await decodeFaults(join(site.bufferDir, recording.id, track?.id ?? "", `${id}.scn`))).toBe("");
    }
  });
}
