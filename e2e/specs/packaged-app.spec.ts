import { join } from "node:path";
import { expect, test } from "../fixtures/test.ts";
import { decodeFaults } from "../media/probe.ts";
import { ORDINARY_USER, pageProcesses } from "../rig/ordinary-user.ts";
import { versionFolder } from "../rig/replay.ts";

const ANN = { entraId: "97c90b02-4e38-4f11-a315-000d3a5a54dc", upn: "ann@contoso.com", name: "Ann Agent" };
const DEVICE = "PC-0815";

test.use({
  siteOptions: { adapter: { stitch: { audioSettleS: 0 } }, dynamics: { recordingsPollEveryS: 1 } },
  packaged: true,
});

test("the packaged app of an ordinary user records a call, with Chromium's sandbox on, into the archive @packaged", async ({
  site,
  desktop,
  placeCall,
}) => {
  const { pid } = await desktop(ANN.upn, DEVICE);
  const call = await placeCall({
    customer: "+14255550100",
    queue: "Billing",
    agents: { ann: ANN },
    steps: [
      { atMs: 0, do: "ring", agent: "ann" },
      { atMs: 1_500, do: "answer", agent: "ann" },
      { atMs: 9_500, do: "end", agent: "ann" },
      { atMs: 10_500, do: "finish", agent: "ann" },
    ],
    audio: [{ startMs: 1_500, durationMs: 8_000, format: "mp3", source: { kind: "beeps", everyMs: 2_000 } }],
  });
  await call.captured();
  expect(pageProcesses(pid)).toEqual([{ seccomp: "2", uid: String(ORDINARY_USER) }]);
  await call.finished;

  const interaction = await call.interaction(({ audio }) => audio?.parts.length === 1);
  expect(interaction).toMatchObject({
    coverage: "recorded",
    screens: [{ agent: ANN.upn, desktop: DEVICE, width: 1280, height: 720 }],
  });
  for (const { name } of interaction.files.filter(({ name }) => name.startsWith("screen-")))
    expect(await decodeFaults(join(versionFolder(site.archiveDir, interaction), name))).toBe("");
});
