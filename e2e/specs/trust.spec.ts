import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import type { Desktop } from "../rig/desktop.ts";
import { type Recorder, statesOf } from "../rig/recorder.ts";
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

const listDesktops = async (recorder: Recorder) =>
  (await recorder.get<{ items: Item[] }>("/v1/desktops")).items;

/** What all runs of a desktop have logged with this message. */
async function logged({ dataDir }: Desktop, message: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(dataDir, "logs", "desktop.log"), "utf8");
  return text
    .split("\n")
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a desktop enrols once, needs no token after that, and is put out in a call when it is revoked", async ({
  recorder,
  desktop,
  call,
}) => {
  const first = await desktop(ANN, "PC-0815");
  const enrolled = await listDesktops(recorder);
  // There is no keyring on a machine for tests.
  expect(enrolled).toMatchObject([
    { device: "PC-0815", agent: ANN, state: "active", keyProtection: "plain", enrolledBy: { token: "site" } },
  ]);
  await first[Symbol.asyncDispose]();

  // The token that the desktop has in its configuration is not the recorder's any more.
  const { tokensFile } = recorder.config;
  const tokens = JSON.parse(await readFile(tokensFile, "utf8")) as Record<string, string>;
  await writeFile(
    tokensFile,
    JSON.stringify({ ...tokens, enrollment: randomBytes(24).toString("base64url") }),
  );
  await recorder.stop();
  await recorder.start();
  const second = await desktop(ANN, "PC-0815");
  expect((await listDesktops(recorder)).map(({ id }) => id)).toEqual(enrolled.map(({ id }) => id));
  expect(await logged(second, "desktop started")).toHaveLength(2);
  expect(await logged(second, "key of this desktop stored")).toHaveLength(1);
  await call.ring();
  await call.connect();
  await call.captured();
  await sleep(3_000);
  const id = enrolled[0]?.id ?? "";
  expect((await recorder.ask("DELETE", `/v1/desktops/${id}`)).status).toBe(204);
  const last = async (message: string) => (await logged(second, message)).at(-1);
  await waitFor("the tray to say offline", async () => (await last("tray changed"))?.["icon"] === "offline", {
    withinMs: 10_000,
  });
  expect(await last("connection ended")).toMatchObject({ code: 4403 });
  expect(await last("session changed")).toMatchObject({ link: "offline", capture: "idle" });
  await call.end();
  const recording = await call.sealed();
  expect(recording.tracks.map((track) => statesOf(track).slice(-2))).toEqual([
    ["captured", "connection-lost"],
  ]);
  for (const { file } of recorder.files(recording)) expect(await decodeFaults(file)).toBe("");
  expect(await listDesktops(recorder)).toMatchObject([{ id, state: "revoked" }]);
});
