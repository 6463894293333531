import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "../fixtures/test.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";

test.use({ siteOptions: { recorder: { buffer: { segmentS: 3 } } } });

test("a capture page that crashes or hangs in a call is replaced, the same track goes on, and a crash's dump stays @inside", async ({
  desktop,
  call,
}) => {
  const ann = await desktop(ANN, "PC-0815");
  const { app, dataDir } = ann;
  expect(await app.evaluate(({ crashReporter }) => crashReporter.getUploadToServer())).toBe(false);
  // One that has nothing to do, and therefore says little, is left alone.
  await sleep(10_000);
  expect(ann.output()).not.toContain("capture page");
  await call.connect();
  const goesOn = (gaps: number) =>
    call.recording(
      ({ tracks: [only] }) =>
        only?.coverage.at(-1)?.state === "captured" &&
        only.coverage.filter(({ reason }) => reason === "desktop-error").length === gaps,
      60_000,
    );
  await goesOn(0);
  await app.evaluate(({ webContents }) => webContents.getAllWebContents()[0]?.forcefullyCrashRenderer());
  await goesOn(1);
  const dumps = await waitFor(
    "a crash dump",
    async () => {
      const found = await readdir(join(dataDir, "crashes"), { recursive: true });
      const written = found.filter((name) => name.endsWith(".dmp"));
      return written.length > 0 ? written : null;
    },
    { withinMs: 10_000 },
  );
  expect(dumps).toHaveLength(1);
  // Its own doing; Chromium replaces the process of graphics by itself, and pictures go on.
  const graphics = await app.evaluate(({ app: main }) =>
    main.getAppMetrics().find(({ type }) => type === "GPU"),
  );
  process.kill(graphics?.pid ?? 0, "SIGKILL");
  await sleep(4_000);
  await app.evaluate(
    ({ webContents }) => void webContents.getAllWebContents()[0]?.executeJavaScript("for (;;);"),
  );
  await goesOn(2);
  await call.end();
  const { tracks } = await call.sealed();
  expect(tracks.map(({ coverage }) => coverage.map(({ state, reason }) => reason ?? state))).toEqual([
    [
      "late-start",
      "captured",
      "desktop-error",
      "captured",
      expect.stringMatching(/-(lost|error)$/),
      "captured",
    ],
  ]);
  // The first one was not waited for; how long its pictures are away is the machine's doing.
  const died = ann
    .output()
    .split("\n")
    .filter((line) => line.includes('"capture page died"'));
  expect(died.map((line) => (JSON.parse(line) as { delayMs: number }).delayMs)).toEqual([0, 500]);
});
