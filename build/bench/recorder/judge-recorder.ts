import type { FirstFrames } from "./first-frames.ts";
import { coresOf, pssSlope, type ScreensCost } from "./screens-cost.ts";

/** One promise and what became of it. */
export interface Goal {
  goal: string;
  found: string;
  /** Null: nothing is promised, or it was not measured in this run. */
  isMet: boolean | null;
}

const SCREENS_PER_CORE = 800;
const SHARE_OF_FFMPEG_CPU = 0.2;
const SHARE_OF_FFMPEG_MEMORY = 0.03;
const SHARE_OF_JANUS_CPU = 1;
const FIRST_FRAME_P95_MS = 500;

/** Holds what was found against what is promised. */
export function judge(costs: readonly ScreensCost[], firstFrames: readonly FirstFrames[]): Goal[] {
  const own = costs.filter(({ way }) => way.startsWith("recorder"));
  const curve = own.filter(({ way, codec }) => way === "recorder" && codec === "vp9");
  return [
    ...judgeCurve(curve),
    ...judgeLosses(own),
    ...tellSecure(costs, curve),
    ...judgeOthers(costs, curve),
    ...firstFrames.map(({ way, latencies }) => ({
      goal: `ring to first frame p95 <= ${FIRST_FRAME_P95_MS} ms, ${way}`,
      found: `p50 ${latencies.p50Ms.toFixed(0)}, p95 ${latencies.p95Ms.toFixed(0)}, p99 ${latencies.p99Ms.toFixed(0)} ms of ${latencies.count}`,
      isMet: latencies.p95Ms <= FIRST_FRAME_P95_MS,
    })),
  ];
}

function judgeCurve(curve: readonly ScreensCost[]): Goal[] {
  const most = curve.toSorted((a, b) => a.screens - b.screens).at(-1);
  if (most === undefined) return [];
  const perCore = most.screens / coresOf(most);
  return [
    {
      goal: `>= ${SCREENS_PER_CORE} screens per core, recorder and worker`,
      found: `${perCore.toFixed(0)} with ${most.screens} screens`,
      isMet: perCore >= SCREENS_PER_CORE,
    },
  ];
}

function judgeLosses(own: readonly ScreensCost[]): Goal[] {
  if (own.length === 0) return [];
  const lost = own.reduce((sum, { picturesLost }) => sum + picturesLost, 0);
  const sent = own.reduce((sum, { picturesSent }) => sum + picturesSent, 0);
  return [{ goal: "no picture lost by the recorder", found: `${lost} of ${sent}`, isMet: lost === 0 }];
}

/** What ICE, DTLS and SRTP add in mediasoup's worker. */
function tellSecure(costs: readonly ScreensCost[], curve: readonly ScreensCost[]): Goal[] {
  const secure = costs.find(({ way }) => way === "recorder, DTLS-SRTP");
  const plain = curve.find(({ screens }) => screens === secure?.screens);
  if (secure === undefined || plain === undefined) return [];
  const workerMs = (cost: ScreensCost) =>
    ((cost.processes["worker"]?.processor ?? 0) * 1_000) / cost.seconds / cost.screens;
  const found = `${workerMs(secure).toFixed(2)} ms of the worker's time a second, without ${workerMs(plain).toFixed(2)} ms`;
  return [{ goal: `DTLS-SRTP for each of ${secure.screens} screens`, found, isMet: null }];
}

function judgeOthers(costs: readonly ScreensCost[], curve: readonly ScreensCost[]): Goal[] {
  const named = (name: string) => costs.filter(({ way }) => way.includes(name));
  const ffmpeg = named("ffmpeg");
  return [
    ...compareCpu("ffmpeg", costs, ffmpeg, SHARE_OF_FFMPEG_CPU),
    ...compareMemory(curve, ffmpeg),
    ...compareCpu("Janus", costs, named("Janus"), SHARE_OF_JANUS_CPU),
  ];
}

function compareCpu(
  name: string,
  costs: readonly ScreensCost[],
  others: readonly ScreensCost[],
  limit: number,
): Goal[] {
  const theirs = others.toSorted((a, b) => a.screens - b.screens).at(-1);
  const ours = costs.find(
    ({ way, codec, screens }) => way === "recorder" && codec === theirs?.codec && screens === theirs.screens,
  );
  if (theirs === undefined || ours === undefined) return [];
  const share = coresOf(ours) / coresOf(theirs);
  return [
    {
      goal: `CPU <= ${limit}x of ${name}'s way`,
      found: `${share.toFixed(2)}x with ${ours.screens} screens (${coresOf(ours).toFixed(3)} and ${coresOf(theirs).toFixed(3)} cores)`,
      isMet: share <= limit,
    },
  ];
}

function compareMemory(curve: readonly ScreensCost[], ffmpeg: readonly ScreensCost[]): Goal[] {
  const ours = pssSlope(curve);
  const theirs = pssSlope(ffmpeg);
  const kilobytes = (bytes: number | null) => (bytes === null ? "?" : (bytes / 1_000).toFixed(0));
  if (ours === null) return [];
  const share = theirs === null ? null : ours / theirs;
  return [
    {
      goal: `memory of each further screen <= ${SHARE_OF_FFMPEG_MEMORY}x of ffmpeg's way`,
      found: `${kilobytes(ours)} kB PSS, ffmpeg's way ${kilobytes(theirs)} kB${share === null ? "" : `: ${share.toFixed(3)}x`}`,
      isMet: share === null ? null : share <= SHARE_OF_FFMPEG_MEMORY,
    },
  ];
}
