import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { makeDesktopKey, signProof } from "#shared/trust/desktop-proof.ts";
import { DesktopAgent } from "../../../apps/desktop/agent/desktop-agent.ts";
import { type Presence, PRESENT } from "../../../apps/desktop/domain/presence.ts";
import { Dialer } from "../../../apps/desktop/network/dialer.ts";
import { Trust } from "../../../apps/desktop/network/trust.ts";

const DISPLAY = { id: "1", width: 1_920, height: 1_080, scale: 1, primary: true };

/**
 * A desktop's real agent with a screen that only says whether it is captured. Its clock can be set, and it can sleep: then
 * its monotonic clock stands still.
 */
export class LeasedDesktop implements AsyncDisposable {
  readonly agent: string;
  /** Whether its connection stands. */
  isOnline = false;
  /** Whether its screen is captured now. */
  isCapturing = false;
  /** The latest that it was told to capture until, by the recorder's clock. */
  stopNoLaterThan: EpochMs = 0;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #presence: Presence = PRESENT;
  #tellPresence: () => void = () => {};
  #aheadMs: DurationMs = 0;
  #asleepMs: DurationMs = 0;
  #asleepSince: number | null = null;

  constructor(url: string, agent: string, enrollmentToken: string) {
    this.agent = agent;
    const log = silentLog();
    const { publicKey, privateKey } = makeDesktopKey();
    const dialer = new Dialer({
      ...{ proxy: { kind: "direct" }, credentials: null, trust: new Trust(null, log), log },
      resolveProxy: () => Promise.resolve("DIRECT"),
    });
    const desktop = new DesktopAgent({
      identity: { serverUrl: url, enrollmentToken, agent, device: agent, osUser: agent, appVersion: "0.1.0" },
      key: {
        publicKey,
        keyProtection: "plain",
        sign: (facts) => signProof(privateKey, { ...facts, publicKey }),
      },
      budgets: { setPolicy: () => {}, figures: null },
      networkState: () => "",
      dial: (address) => dialer.dial(address),
      displays: { displays: () => [DISPLAY], onChange: () => () => {} },
      presence: {
        presence: () => this.#presence,
        watch: () => {},
        onChange: (listener) => {
          this.#tellPresence = listener;
          return () => {};
        },
      },
      clock: new WallClock({
        system: () => Date.now() + this.#aheadMs,
        monotonic: () => (this.#asleepSince ?? performance.now()) - this.#asleepMs,
      }),
      log,
      onSession: ({ link, capture }) => {
        this.isOnline = link.phase === "online";
        if (capture.phase === "idle") return;
        this.stopNoLaterThan = Math.max(this.stopNoLaterThan, capture.stopNoLaterThan);
      },
    });
    const page = {
      status: null,
      prepare: () => Promise.resolve(),
      setPolicy: () => Promise.resolve(),
      capture: (displays: readonly unknown[]) => {
        this.isCapturing = displays.length > 0;
        return Promise.resolve();
      },
    };
    this.#ended = desktop.run(page, this.#stop.signal);
  }

  /** Its clock is set by so much. */
  setClock(byMs: DurationMs): void {
    this.#aheadMs += byMs;
  }

  /** It sleeps for so long; its system tells of both. */
  async sleepFor(ms: DurationMs): Promise<void> {
    this.#presence = { ...PRESENT, isAsleep: true };
    this.#tellPresence();
    this.#asleepSince = performance.now();
    await sleep(ms);
    this.#asleepMs += performance.now() - this.#asleepSince;
    this.#asleepSince = null;
    this.#presence = PRESENT;
    this.#tellPresence();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}
