import { existsSync } from "node:fs";
import { once } from "node:events";
import * as mediasoup from "mediasoup";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";

/**
 * Starts mediasoup's worker process.
 *
 * @throws DeskreelError `MEDIA_WORKER_MISSING`, `MEDIA_WORKER_FAILED`
 */
export async function startMediaWorker(
  log: Log,
  workerBin = mediasoup.workerBin,
): Promise<mediasoup.types.Worker> {
  if (!existsSync(workerBin)) {
    throw new DeskreelError(
      "MEDIA_WORKER_MISSING",
      `mediasoup's worker program is not at ${workerBin}; run "npm start" once, whose set-up brings it, or let MEDIASOUP_WORKER_BIN name it`,
    );
  }
  mediasoup.setLogEventListeners({
    onwarn: (namespace, text) => log.warn({ namespace, text }, "mediasoup warned"),
    onerror: (namespace, text, error) =>
      log.error({ namespace, text, ...(error && { error: describeError(error) }) }, "mediasoup failed"),
  });
  try {
    return await mediasoup.createWorker({ logLevel: "warn", workerBin });
  } catch (cause) {
    throw new DeskreelError(
      "MEDIA_WORKER_FAILED",
      `mediasoup's worker ${workerBin} does not start (${describeError(cause)}); remove it and run "npm start", whose set-up makes it again`,
      { cause },
    );
  }
}

/** Closes the worker and waits until its process is gone. */
export async function stopMediaWorker(worker: mediasoup.types.Worker): Promise<void> {
  const gone = worker.subprocessClosed ? undefined : once(worker, "subprocessclose");
  worker.close();
  await gone;
}
