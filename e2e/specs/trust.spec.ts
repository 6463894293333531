import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "#shared/runtime/config.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { getJson, scriptCall } from "../rig/events.ts";
import { startProgram } from "../rig/program.ts";
import type { Site } from "../rig/site.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";

interface Item {
  id: string;
  device: string;
  agent: string;
  state: string;
  keyProtection: string;
  enrolledBy: { token: string };
}

const listDesktops = async (site: Site) =>
  (await getJson<{ items: Item[] }>(`${site.recorderUrl}/v1/desktops`, site.tokens.admin)).items;

const asAdmin = (site: Site, method: string, path: string) =>
  fetch(site.recorderUrl + path, { method, headers: { authorization: `Bearer ${site.tokens.admin}` } });

/** What all runs of a desktop have logged with this message. */
async function logged(site: Site, device: string, message: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(site.folder, `desktop-${device}`, "logs", "desktop.log"), "utf8");
  return text
    .split("\n")
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a desktop enrols once, needs no token after that, and is put out in a call when it is revoked", async ({
  site,
  monitor,
  desktop,
}) => {
  void monitor;
  const first = await desktop(ANN, "PC-0815");
  const enrolled = await listDesktops(site);
  // There is no keyring on a machine for tests.
  expect(enrolled).toMatchObject([
    { device: "PC-0815", agent: ANN, state: "active", keyProtection: "plain", enrolledBy: { token: "site" } },
  ]);
  await first.app.close();

  // The token that the desktop has in its configuration is not the recorder's any more.
  const { tokensFile } = loadConfig(site.configFile).recorder;
  const tokens = JSON.parse(await readFile(tokensFile, "utf8")) as Record<string, string>;
  await writeFile(
    tokensFile,
    JSON.stringify({ ...tokens, enrollment: randomBytes(24).toString("base64url") }),
  );
  process.kill(site.recorder.pid, "SIGTERM");
  await site.recorder.ended;
  await using _again = await startProgram("the recorder", process.execPath, [
    ...[join(REPOSITORY, "apps/recorder/main.ts"), "--config", site.configFile],
  ]);
  await desktop(ANN, "PC-0815");
  expect((await listDesktops(site)).map(({ id }) => id)).toEqual(enrolled.map(({ id }) => id));
  expect(await logged(site, "PC-0815", "desktop started")).toHaveLength(2);
  expect(await logged(site, "PC-0815", "key of this desktop stored")).toHaveLength(1);

  const call = scriptCall(site, ANN);
  await call.say("ringing");
  await call.say("connected");
  await call.recording(({ tracks }) => tracks.length > 0);
  await sleep(3_000);
  const id = enrolled[0]?.id ?? "";
  expect((await asAdmin(site, "DELETE", `/v1/desktops/${id}`)).status).toBe(204);
  const last = async (message: string) => (await logged(site, "PC-0815", message)).at(-1);
  await waitFor("the tray to say offline", async () => (await last("tray changed"))?.["icon"] === "offline", {
    withinMs: 10_000,
  });
  expect(await last("connection ended")).toMatchObject({ code: 4403 });
  expect(await last("session changed")).toMatchObject({ link: "offline", capture: "idle" });
  await call.say("agent-available");
  const recording = await call.recording(({ phase }) => phase === "sealed");
  const [track] = recording.tracks;
  expect(track?.coverage.map(({ state, reason = null }) => [state, reason]).slice(-2)).toEqual([
    ["captured", null],
    ["gap", "connection-lost"],
  ]);
  for (const { id: segment } of track?.segments ?? [])
    expect(await decodeFaults(join(site.bufferDir, recording.id, track?.id ?? "", `${segment}.scn`))).toBe(
      "",
    );
  expect(await listDesktops(site)).toMatchObject([{ id, state: "revoked" }]);
});

test.describe("where second devices have to be approved", () => {
  test.use({ siteOptions: { recorder: { desktops: { secondDevice: "approve" } } } });

  test("one waits until the admin approves it, and then records", async ({ site, monitor, desktop }) => {
    void monitor;
    await desktop(ANN, "PC-0815");
    const home = desktop(ANN, "HOME-PC");
    const [waiting] = await waitFor(
      "the desktop to wait",
      async () => {
        const found = (await listDesktops(site)).filter(({ state }) => state === "pending");
        return found.length > 0 ? found : null;
      },
      { withinMs: 30_000 },
    );
    expect(waiting?.device).toBe("HOME-PC");
    expect((await asAdmin(site, "POST", `/v1/desktops/${waiting?.id}/approve`)).status).toBe(200);
    // It comes by itself, about a minute later.
    await home;
    expect((await logged(site, "HOME-PC", "connection ended")).map(({ code }) => code)).toEqual([4412]);
    const call = scriptCall(site, ANN);
    await call.say("connected");
    const { tracks } = await call.recording((recording) => recording.tracks.length === 2);
    expect(tracks.map((track) => track.desktop).sort()).toEqual(["HOME-PC", "PC-0815"]);
    await call.say("agent-available");
    await call.recording(({ phase }) => phase === "sealed");
  });
});
