import { getJson } from "./events.ts";
import type { Site } from "./site.ts";
import { waitFor } from "./wait.ts";

const READY_WITHIN_MS = 60_000;

/** Waits until the recorder knows a desktop of the agent on the device. */
export async function waitUntilIdle(
  site: Pick<Site, "recorderUrl" | "tokens">,
  agent: string,
  device: string,
  signal?: AbortSignal,
): Promise<void> {
  await waitFor(
    `the desktop of ${agent} on ${device}`,
    async () => {
      const { items } = await getJson<{
        items: { agent: string; desktops: { device: string; state: string }[] }[];
      }>(`${site.recorderUrl}/v1/agents`, site.tokens.admin);
      return items.some(
        (item) =>
          item.agent === agent &&
          item.desktops.some((seen) => seen.device === device && seen.state !== "offline"),
      );
    },
    { withinMs: READY_WITHIN_MS, ...(signal ? { signal } : {}) },
  );
}
