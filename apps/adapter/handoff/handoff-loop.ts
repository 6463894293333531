import { readToken } from "#shared/runtime/tokens-file.ts";
import { keepTrying, type LoopHealth } from "#shared/loop/keep-trying.ts";
import { WakeSignal } from "#shared/loop/wake-signal.ts";
import { RecorderClient } from "./recorder-client.ts";
import { type TakeOver, takeOverRecording } from "./take-over-recording.ts";

/** Recordings that are copied at once from one recorder. */
const LEASES_MAX = 4;
const WAIT_MS = 25_000;
/** Each segment that is read extends the lease by this, so it has to outlast one segment only. */
const LEASE_MS = 60_000;
/** A recorder that answers the long poll at once with nothing (it is ending) is not asked in a tight loop. */
const EMPTY_ANSWER_PAUSE_MS = 1_000;

export interface HandoffLoop extends Omit<TakeOver, "client"> {
  /** The adapter's name at the recorder. */
  adapter: string;
  recorder: { url: string; tokenFile: string };
  health: LoopHealth;
}

/** Takes over whatever a recorder offers, until the signal aborts. */
export async function runHandoff(options: HandoffLoop): Promise<void> {
  const { recorder, signal, adapter } = options;
  const pause = new WakeSignal();
  const loop = {
    name: `hand-off from ${recorder.url}`,
    backoff: { firstMs: 250, mostMs: 10_000 },
    ...{ signal, log: options.log, health: options.health },
  };
  await keepTrying(loop, async () => {
    const client = new RecorderClient(recorder.url, await readToken(recorder.tokenFile, "adapter"));
    const askedAt = options.clock.now();
    const request = { adapter, max: LEASES_MAX, waitMs: WAIT_MS, leaseMs: LEASE_MS };
    const leases = await client.lease(request, signal);
    await Promise.all(leases.map((lease) => takeOverRecording(lease, { ...options, client })));
    if (leases.length === 0 && options.clock.now() - askedAt < EMPTY_ANSWER_PAUSE_MS) {
      await pause.pause(EMPTY_ANSWER_PAUSE_MS, signal);
    }
  });
}
