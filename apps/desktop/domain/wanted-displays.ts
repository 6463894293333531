import type { CapturePolicy, Display } from "#shared/protocol/messages.ts";

/** The monitors that the policy has captured, the primary one first. */
export function wantedDisplays(displays: readonly Display[], monitors: CapturePolicy["monitors"]): Display[] {
  const primaryFirst = displays.toSorted((left, right) => Number(right.primary) - Number(left.primary));
  return monitors === "all" ? primaryFirst : primaryFirst.slice(0, 1);
}
