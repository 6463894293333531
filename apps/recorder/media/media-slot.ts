import type { types } from "mediasoup";
import { type LoopHealth, keepTrying } from "#shared/loop/keep-trying.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import { MediasoupIngress } from "./media-ingress.ts";
import { startMediaWorker, stopMediaWorker } from "./media-worker.ts";
import { ROUTER_CODECS } from "./router-codecs.ts";
import { type ListenAddress, listenForWebRtc } from "./web-rtc-listener.ts";

/** A worker process that runs, with what it needs to take in screens. */
interface RunningWorker {
  worker: types.Worker;
  webRtcServer: types.WebRtcServer;
  router: types.Router;
  tap: types.DirectTransport;
}

export interface MediaSlotOptions {
  address: ListenAddress;
  clock: SteadyClock;
  log: Log;
  /** A worker process ended by itself; its streams are lost, another one takes its place. */
  onWorkerDied: () => void;
}

/**
 * The place of one mediasoup worker: a process with one router and one port of its own (mediasoup's WebRtcServer belongs
 * to a worker). A worker that dies is replaced on the same port. Disposing closes every ingress and waits for the process
 * to end.
 */
export class MediaSlot implements AsyncDisposable {
  readonly #options: MediaSlotOptions;
  readonly #log: Log;
  readonly #ingresses = new Set<MediasoupIngress>();
  readonly #health: LoopHealth = { fault: null };
  readonly #closing = new AbortController();
  #running: RunningWorker | null;
  #replaced: Promise<void> = Promise.resolve();

  private constructor(options: MediaSlotOptions, running: RunningWorker) {
    this.#options = options;
    this.#log = options.log.child({ mediaPort: options.address.port });
    this.#running = running;
    this.#watch(running);
  }

  /** @throws DeskreelError `MEDIA_WORKER_MISSING`, `MEDIA_WORKER_FAILED`, `PORT_TAKEN`, `CANNOT_LISTEN` */
  static async open(options: MediaSlotOptions): Promise<MediaSlot> {
    return new MediaSlot(options, await startWorker(options));
  }

  get routerRtpCapabilities(): Record<string, unknown> | null {
    return this.#running === null ? null : { ...this.#running.router.rtpCapabilities };
  }

  /** Desktops that it serves. */
  get load(): number {
    return this.#ingresses.size;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Why no worker runs here; null while one does. */
  get fault(): string | null {
    if (this.#running !== null) return null;
    return this.#health.fault ?? "the media worker has died and is being replaced";
  }

  /** Resolves when a worker runs here again, or the slot is closed. */
  get replaced(): Promise<void> {
    return this.#replaced;
  }

  /** @throws when no worker runs here, or it dies meanwhile */
  async createIngress(): Promise<MediasoupIngress> {
    if (this.#running === null) throw new Error(this.fault ?? "no media worker runs");
    const { worker, router, tap, webRtcServer } = this.#running;
    const transport = await router.createWebRtcTransport({
      webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
    });
    const ingress = new MediasoupIngress(transport, { router, tap }, this.#options.clock, this.#log);
    this.#ingresses.add(ingress);
    transport.observer.once("close", () => {
      // Those that the worker's end closes are told of it.
      if (!worker.closed) this.#ingresses.delete(ingress);
    });
    return ingress;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#replaced;
    if (this.#running !== null) await stopMediaWorker(this.#running.worker);
  }

  #watch({ worker }: RunningWorker): void {
    worker.once("died", (error) => {
      if (this.#closing.signal.aborted) return;
      const lost = [...this.#ingresses];
      this.#ingresses.clear();
      this.#running = null;
      this.#log.error(
        { pid: worker.pid, desktops: lost.length, reason: error.message },
        "media worker died, another one takes its place",
      );
      this.#replaced = this.#replace();
      this.#options.onWorkerDied();
      for (const ingress of lost) ingress.tellLost();
    });
  }

  async #replace(): Promise<void> {
    const { signal } = this.#closing;
    const replaced = new AbortController();
    await keepTrying(
      {
        name: `media worker on port ${this.#options.address.port}`,
        log: this.#log,
        signal: AbortSignal.any([signal, replaced.signal]),
        backoff: { firstMs: 100, mostMs: 5_000 },
        health: this.#health,
      },
      async () => {
        const running = await startWorker(this.#options);
        replaced.abort();
        this.#running = running;
        this.#watch(running);
        this.#log.info({ pid: running.worker.pid }, "media worker replaced");
      },
    );
  }
}

async function startWorker({ address, log }: MediaSlotOptions): Promise<RunningWorker> {
  const worker = await startMediaWorker(log);
  try {
    const webRtcServer = await listenForWebRtc(worker, address);
    const router = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
    const tap = await router.createDirectTransport();
    return { worker, webRtcServer, router, tap };
  } catch (error) {
    await stopMediaWorker(worker);
    throw error;
  }
}
