import type { SceneName } from "./corpus.ts";

/** Of every twenty screens, in the order in which they are given out: small numbers of screens have a bit of everything. */
const PATTERN: readonly SceneName[] = [
  ...(["typing", "static", "scrolling", "static", "switching", "typing", "static"] as const),
  ...(["static", "typing", "static", "scrolling", "typing", "switching", "static"] as const),
  ...(["static", "typing", "static", "scrolling", "typing", "switching"] as const),
];

/** What the agent of the screen with this number does. */
export function sceneOf(index: number): SceneName {
  return PATTERN[index % PATTERN.length] ?? "static";
}

/** The shares of the mix, for people. */
export function describeMix(): string {
  const shares = new Map<SceneName, number>();
  for (const scene of PATTERN) shares.set(scene, (shares.get(scene) ?? 0) + 100 / PATTERN.length);
  return [...shares].map(([scene, percent]) => `${scene} ${Math.round(percent)} %`).join(", ");
}
