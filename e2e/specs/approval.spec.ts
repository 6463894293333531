import { expect, test } from "../fixtures/test.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";

test.use({ siteOptions: { recorder: { desktops: { secondDevice: "approve" } } } });

test("a second device waits until the admin approves it, and then records", async ({
  recorder,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  const home = desktop(ANN, "HOME-PC");
  const waiting = await waitFor(
    "the desktop to wait",
    async () => {
      const { items } = await recorder.get<{ items: { id: string; device: string; state: string }[] }>(
        "/v1/desktops",
      );
      return items.find(({ state }) => state === "pending");
    },
    { withinMs: 30_000 },
  );
  expect(waiting.device).toBe("HOME-PC");
  expect((await recorder.ask("POST", `/v1/desktops/${waiting.id}/approve`)).status).toBe(200);
  // It comes by itself, about a minute later.
  const approved = await home;
  const ends = approved
    .output()
    .split("\n")
    .filter((line) => line.includes('"msg":"connection ended"'));
  expect(ends.map((line) => (JSON.parse(line) as { code: number }).code)).toEqual([4412]);
  await call.connect();
  const { tracks } = await call.recording((recording) => recording.tracks.length === 2);
  expect(tracks.map((track) => track.desktop).sort()).toEqual(["HOME-PC", "PC-0815"]);
  await call.end();
  await call.sealed();
});
