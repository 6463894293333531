/** The made-up calls, accounts and recorders that the pictures show. */
import { join } from "node:path";
import type { Browser } from "@playwright/test";
import { run } from "#shared/runtime/subprocess.ts";
import { seededRandom } from "../bench/made-up-recordings.ts";
import type { RecorderState } from "../../apps/adapter/domain/live-view.ts";
import { madeDesktops, madeManyCalls, QUIET_RECORDER } from "../../apps/adapter/rig/made-live.ts";
import {
  madeInteraction,
  madeScreen,
  madeTransfer,
} from "../../apps/adapter/replay/rig/made-interactions.ts";
import { type ListedFile, listFile, makeAudio } from "../../apps/adapter/replay/rig/made-media.ts";
import { ReplayClient, signUp } from "../../apps/adapter/replay/rig/replay-client.ts";
import { MADE_PLACE, type ReplayRig } from "../../apps/adapter/replay/rig/replay-rig.ts";
import { makeSpeechPeaks, makeStillThumbnails } from "./picture-artefacts.ts";
import { screenPage, SCREENS } from "./picture-screens.ts";

/** When the pictures are taken. */
export const NOW = Date.UTC(2026, 2, 6, 15, 40);
const DAY_MS = 86_400_000;
const PLAYED_S = 240;

const AGENTS = ["Ann Agent", "Bob Lee", "Cem Kaya", "Dee Park", "Eva Sommer"].map((name) => ({
  agent: `${name.split(" ")[0]?.toLowerCase()}@contoso.com`,
  name,
}));
const QUEUES = ["Billing", "Sales", "Support"];

/** Fills a server with it. */
export async function makeWorld(rig: ReplayRig, browser: Browser): Promise<void> {
  await makeScreens(rig, browser);
  const poster = await listFile(rig.folder, "poster.jpg");
  makeCalls(rig, poster);
  await makePlayed(rig);
  await makePeople(rig);
}

/** What two recorders tell of the present; the second has fallen silent. */
export function tellLive(now: number): RecorderState[] {
  const told = (agoS: number) => ({ ...QUIET_RECORDER, at: new Date(now - agoS * 1_000).toISOString() });
  const answer = { ...told(0), calls: madeManyCalls(now), agents: madeDesktops(now) };
  const fault = "http://rec2.contoso.com:7400 did not answer: connect ECONNREFUSED";
  return [
    {
      ...{ name: "rec1.contoso.com:7400", answeredAt: now, fault: null },
      answer: { ...answer, handoff: { waiting: 2, refused: 0 } },
    },
    { name: "rec2.contoso.com:7400", answer: told(75), answeredAt: now - 75_000, fault },
  ];
}

/** What agents see, filmed; the first of it as a list's picture. */
async function makeScreens(rig: ReplayRig, browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1_600, height: 900 } });
  for (const [index, screen] of SCREENS.entries()) {
    const shot = join(rig.folder, `screen-${index + 1}.png`);
    await page.setContent(screenPage(screen));
    await page.screenshot({ path: shot });
    const video = [
      "-c:v",
      "libvpx-vp9",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-b:v",
      "200k",
      "-g",
      "50",
    ];
    await run("ffmpeg", [
      ...["-v", "error", "-y", "-loop", "1", "-framerate", "0.25", "-t", String(PLAYED_S), "-i", shot],
      ...[...video, "-movflags", "+faststart", join(rig.folder, `screen-${index + 1}.mp4`)],
    ]);
    if (index === 0)
      await run("ffmpeg", [
        ...["-v", "error", "-y", "-i", shot, "-vf", "scale=640:-1", join(rig.folder, "poster.jpg")],
      ]);
  }
  await page.close();
}

/** Five days of calls in working hours; some lack something. */
function makeCalls(rig: ReplayRig, poster: ListedFile): void {
  const random = seededRandom(3);
  const pick = <One>(all: readonly One[]): One => {
    const one = all[Math.floor(random() * all.length)];
    if (one === undefined) throw new RangeError("there is nothing to pick from");
    return one;
  };
  for (let index = 0; index < 320; index += 1) {
    const day = Math.floor(NOW / DAY_MS) * DAY_MS - Math.floor(random() * 5) * DAY_MS;
    const startedAt = day + 8 * 3_600_000 + ((random() + random()) / 2) * 8 * 3_600_000;
    if (startedAt > NOW - 600_000) continue;
    const durationMs = 40_000 + Math.floor(random() ** 2 * 1_300_000);
    const agents = [...new Set(random() < 0.2 ? [pick(AGENTS), pick(AGENTS)] : [pick(AGENTS)])];
    const chance = random();
    const coverage = chance < 0.9 ? "recorded" : chance < 0.96 ? "partial" : "not-recorded";
    const reason = pick(["connection-lost", "desktop-offline", "loss", "disk-full"]);
    const missing = durationMs * (0.05 + random() * 0.2);
    const gapTo = Math.round(20_000 + missing);
    const types = ["ringing", "connected", "on-hold", "hold-done", "wrap-up", "agent-available"] as const;
    const hold = random() < 0.4 ? [0.35, 0.5] : null;
    const at = { ringing: 0, connected: 6_000, "on-hold": 0.35, "hold-done": 0.5 };
    const offsetOf = (type: (typeof types)[number]) =>
      type === "wrap-up"
        ? durationMs - 20_000
        : type === "agent-available"
          ? durationMs
          : at[type] < 1
            ? at[type] * durationMs
            : at[type];
    const events = types
      .filter((type) => hold !== null || (type !== "on-hold" && type !== "hold-done"))
      .map((type) => ({
        ...{ at: new Date(startedAt + offsetOf(type)).toISOString(), offsetMs: Math.round(offsetOf(type)) },
        ...{ type, agent: agents[0]?.agent ?? "" },
      }));
    const isHere = coverage !== "not-recorded";
    const number = String(100 + Math.floor(random() * 900));
    const screen = madeScreen("screen-1.mp4", 0, durationMs, {
      agent: agents[0]?.agent ?? "",
      ...(coverage === "partial"
        ? {
            coverage: [
              { fromMs: 0, toMs: 20_000, state: "captured" },
              { fromMs: 20_000, toMs: gapTo, state: "gap", reason },
              { fromMs: gapTo, toMs: durationMs, state: "captured" },
            ],
          }
        : {}),
    });
    rig.catalogue.put(
      madeInteraction(`call-${index}`, {
        ...{ startedAt: new Date(startedAt).toISOString(), durationMs, coverage, agents, events },
        call: {
          direction: random() < 0.8 ? "inbound" : "outbound",
          customer: random() < 0.6 ? `+1 425 555 0${number}` : `+49 30 12 34 ${number}`,
          queue: pick(QUEUES),
        },
        audio: random() < 0.97 ? { file: "audio.m4a", parts: [] } : null,
        screens: isHere ? (random() < 0.4 ? [screen, { ...screen, display: "2" }] : [screen]) : [],
        files: isHere ? [poster] : [],
        ...(isHere ? {} : { withoutScreen: [whyNothing(index, agents[0]?.agent ?? "", durationMs)] }),
      }),
      MADE_PLACE,
    );
  }
}

/** Why no screen of a call came. */
function whyNothing(index: number, agent: string, durationMs: number) {
  const whys = [
    { reason: "desktop-offline", detail: "never-enrolled" },
    { reason: "session-locked" },
    { reason: "desktop-offline" },
  ];
  const why = whys[index % whys.length] ?? { reason: "desktop-offline" };
  return { ...{ recordingId: `recording-${index}`, leg: 1, agent, offsetMs: 0, durationMs }, ...why };
}

/** The call of two agents that is played. */
async function makePlayed(rig: ReplayRig): Promise<void> {
  const { folder } = rig;
  const audio = await makeAudio(folder, "audio.m4a", PLAYED_S);
  const files = await Promise.all(SCREENS.map((_, index) => listFile(folder, `screen-${index + 1}.mp4`)));
  const [first, second, third] = files;
  if (first === undefined || second === undefined || third === undefined)
    throw new RangeError("there are three screens");
  const startedAt = NOW - 2_400_000;
  const [ann, bob] = ["ann@contoso.com", "bob@contoso.com"];
  const event = (
    offsetS: number,
    type: "ringing" | "connected" | "on-hold" | "hold-done" | "consulting" | "wrap-up" | "agent-available",
    agent = ann,
  ) => ({
    ...{ at: new Date(startedAt + offsetS * 1_000).toISOString(), offsetMs: offsetS * 1_000, type, agent },
  });
  const peaks = await makeSpeechPeaks(folder, PLAYED_S, [4, 210], [[90, 112]]);
  const thumbnails = await makeStillThumbnails(
    folder,
    [172, 172, 117].map((durationS, index) => ({ name: `screen-${index + 1}`, durationS })),
  );
  const bobs = { agent: bob, desktop: "PC-0816" };
  rig.catalogue.put(
    {
      ...madeTransfer(audio, [first, second]),
      ...{ startedAt: new Date(startedAt).toISOString(), durationMs: PLAYED_S * 1_000 },
      endedAt: new Date(startedAt + PLAYED_S * 1_000).toISOString(),
      audio: {
        file: audio.name,
        parts: [
          {
            ...{ sourceId: "part-1", offsetMs: 4_000, durationMs: (PLAYED_S - 30) * 1_000 },
            ...{ sha256: audio.sha256, placement: "metadata", uncertaintyMs: 1 },
          },
        ],
      },
      events: [
        ...[event(0, "ringing"), event(4, "connected"), event(90, "on-hold"), event(112, "hold-done")],
        ...[event(118, "consulting"), event(119, "ringing", bob), event(124, "connected", bob)],
        ...[event(150, "wrap-up"), event(172, "agent-available")],
        ...[event(212, "wrap-up", bob), event(236, "agent-available", bob)],
      ],
      screens: [
        madeScreen(first.name, 0, 172_000),
        madeScreen(second.name, 0, 172_000, { display: "2" }),
        madeScreen(third.name, 119_000, 117_000, {
          ...bobs,
          coverage: [
            { fromMs: 119_000, toMs: 142_000, state: "captured" },
            { fromMs: 142_000, toMs: 148_000, state: "gap", reason: "connection-lost" },
            { fromMs: 148_000, toMs: 236_000, state: "captured" },
          ],
        }),
      ],
      files: [audio, ...files, peaks, ...thumbnails, await listFile(folder, "poster.jpg")],
    },
    MADE_PLACE,
  );
}

/** Teams, accounts, and what people have done, for the audit. */
async function makePeople(rig: ReplayRig): Promise<void> {
  const admin = ReplayClient.admin(rig.url);
  const [ann, bob, cem, dee, eva] = AGENTS.map(({ agent }) => agent);
  const teams = [
    { name: "Billing", agents: [ann, bob, cem] },
    { name: "Sales", agents: [dee, eva] },
  ];
  const { items } = (await admin.ask("PUT", "/v1/teams", { items: teams })).json() as {
    items: { id: string }[];
  };
  const ofBilling = [items[0]?.id];
  const { client: sue } = await signUp(rig.url, "sue@contoso.com", { role: "supervisor", teams: ofBilling });
  await signUp(rig.url, "mia@contoso.com", { role: "admin" });
  await signUp(rig.url, "quinn@contoso.com", { role: "viewer" });
  await admin.ask("POST", "/v1/accounts", { name: ann, role: "agent", agentId: ann });
  await sue.ask("GET", "/v1/interactions/transfer-1");
  const notes = "/v1/interactions/transfer-1/notes";
  await sue.ask("POST", notes, { atMs: 96_000, text: "Says why she is put on hold", tags: ["coaching"] });
  await sue.ask("POST", notes, { atMs: 138_000, text: "Bob approves the refund at once", tags: ["refund"] });
  await sue.ask("PUT", "/v1/interactions/transfer-1/legal-hold", { reason: "complaint 4711" });
  await new ReplayClient(rig.url).signIn("quinn@contoso.com", "not the password");
}
