import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { MediaIngress, MediaServer } from "../capture/ports.ts";
import { MediaSlot } from "./media-slot.ts";
import type { ListenAddress } from "./web-rtc-listener.ts";

/** Where desktops reach the recorder's media: one port for each worker, counting up from `port`. */
export interface MediaAddress extends ListenAddress {
  /** Worker processes, at least 1; a desktop's screens are all on one of them. */
  workers: number;
}

/**
 * Starts the media side: mediasoup workers, each with one router and one port. A worker that dies is replaced; what it
 * served is lost, and each ingress of it says so. Disposing closes every ingress and track and waits for the processes to
 * end.
 *
 * @throws DeskreelError `MEDIA_WORKER_MISSING`, `MEDIA_WORKER_FAILED`, `PORT_TAKEN`, `CANNOT_LISTEN`
 */
export async function startMediaServer(
  { workers, ...address }: MediaAddress,
  log: Log,
  clock: SteadyClock,
  onWorkerDied: () => void = () => {},
): Promise<MediaServer> {
  await using opening = new AsyncDisposableStack();
  const slots: MediaSlot[] = [];
  for (let index = 0; index < workers; index += 1) {
    const port = address.port === 0 ? 0 : address.port + index;
    slots.push(
      opening.use(await MediaSlot.open({ address: { ...address, port }, clock, log, onWorkerDied })),
    );
  }
  const routerRtpCapabilities = slots[0]?.routerRtpCapabilities;
  if (!routerRtpCapabilities) {
    throw new DeskreelError("MEDIA_WORKER_FAILED", "mediasoup's worker ended while the recorder started");
  }
  const opened = opening.move();
  return {
    routerRtpCapabilities,
    get fault() {
      const faults = slots.flatMap(({ fault }) => fault ?? []);
      return faults.length === 0
        ? null
        : { isTotal: faults.length === slots.length, detail: faults.join("; ") };
    },
    async createIngress(): Promise<MediaIngress> {
      // With a single worker, a desktop that lost it is back sooner than its successor stands.
      if (!slots.some(({ isRunning }) => isRunning))
        await Promise.race(slots.map(({ replaced }) => replaced));
      const slot = leastLoaded(slots);
      if (slot === null) {
        throw new DeskreelError(
          "NO_MEDIA_WORKER",
          "no media worker runs; it is being started again, try again in a moment",
        );
      }
      return slot.createIngress();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function leastLoaded(slots: readonly MediaSlot[]): MediaSlot | null {
  const running = slots.filter(({ isRunning }) => isRunning);
  return running.toSorted((left, right) => left.load - right.load)[0] ?? null;
}
