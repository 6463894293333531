import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import {
  listChangedRecordings,
  type RecordingRow,
  trackRecordings,
  tracksRecordings,
} from "../dynamics/recording-rows.ts";
import type { AdapterStores } from "../store/stores.ts";

const SOURCE = "dynamics-recordings";
/** Dynamics' servers do not commit in the order of their clocks: changes this old are read again and recognized. */
const OVERLAP_MS = 600_000;

export interface FollowOptions {
  client: DataverseClient;
  stores: AdapterStores;
  /** Go by change tracking where the table has it on. */
  changeTracking: boolean;
  /** How far back the very first reading looks. */
  lookBackMs: DurationMs;
  clock: Clock;
  log: Log;
  onChange: (interactionId: string) => void;
}

/**
 * Notes which recordings are new or changed at Dynamics: by `modifiedon` since a watermark, read again with an overlap; or
 * by change tracking from link to link. Both keep the watermark, so that either can go on from the other.
 */
export class RecordingsFollower {
  readonly #options: FollowOptions;
  /** Null = not asked yet. */
  #isTracked: boolean | null = null;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /** @throws DataverseError when Dynamics fails; what was read until then is noted. */
  async readOnce(signal: AbortSignal): Promise<void> {
    this.#isTracked ??= await this.#askTracked(signal);
    const { client, stores, lookBackMs, clock } = this.#options;
    // Dynamics' times are compared with its own clock's: ours may be wrong.
    const now = clock.now() + (client.clockOffsetMs ?? 0);
    const watermark = stores.watermarks.get(SOURCE) ?? now - lookBackMs;
    if (this.#isTracked) await this.#readTracked(watermark - OVERLAP_MS, signal);
    else {
      for await (const rows of listChangedRecordings(client, watermark - OVERLAP_MS, signal))
        this.#note(rows);
    }
    // From here on the look-back is fixed, also while there is nothing.
    if (stores.watermarks.get(SOURCE) === null) stores.watermarks.advance(SOURCE, watermark);
  }

  /** Also tells what time it is at Dynamics, so it is asked in any case. */
  async #askTracked(signal: AbortSignal): Promise<boolean> {
    const { client, stores, changeTracking, log } = this.#options;
    let isOn = false;
    try {
      isOn = await tracksRecordings(client, signal);
    } catch (error) {
      // Not every application user may read definitions of tables.
      if (!(error instanceof DataverseError) || error.status !== 403) throw error;
      log.debug({ reason: describeError(error) }, "cannot ask whether changes are tracked");
    }
    if (changeTracking && !isOn)
      log.warn({}, "changes of msdyn_ocrecording are not tracked, going by modifiedon");
    if (!changeTracking || !isOn) stores.watermarks.setDeltaLink(SOURCE, null);
    return changeTracking && isOn;
  }

  /** @param since - of all recordings that there are only those changed later are new to us. */
  async #readTracked(since: EpochMs, signal: AbortSignal): Promise<void> {
    const { client, stores, log } = this.#options;
    const link = stores.watermarks.getDeltaLink(SOURCE);
    try {
      for await (const { rows, deltaLink } of trackRecordings(client, link, signal)) {
        // What was deleted is found to be gone when its part is due.
        this.#note(link === null ? rows.filter(({ modifiedOn }) => modifiedOn >= since) : rows, deltaLink);
      }
    } catch (error) {
      if (link === null || !isRefusedLink(error)) throw error;
      log.warn(
        { reason: describeError(error) },
        "the link to changes is not good any more, all is read anew",
      );
      stores.watermarks.setDeltaLink(SOURCE, null);
      await this.#readTracked(since, signal);
    }
  }

  #note(rows: readonly RecordingRow[], deltaLink: string | null = null): void {
    const { stores, clock, onChange } = this.#options;
    const changed = new Set<string>();
    // The watermark moves with the rows that it covers, or not at all; from then on each row is followed by its id.
    stores.transaction(() => {
      for (const row of rows) {
        const isNew = stores.audio.noteListed(row, clock.now());
        if (isNew && row.interactionId !== null) changed.add(row.interactionId);
        stores.watermarks.advance(SOURCE, row.modifiedOn);
      }
      if (deltaLink !== null) stores.watermarks.setDeltaLink(SOURCE, deltaLink);
    });
    for (const id of changed) onChange(id);
  }
}

/** The status with which an expired link is refused is not documented; what is about the caller is another matter. */
function isRefusedLink(error: unknown): boolean {
  if (!(error instanceof DataverseError) || error.status === null) return false;
  return error.status >= 400 && error.status < 500 && ![401, 403, 408, 429].includes(error.status);
}
