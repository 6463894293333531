import type { Codec } from "#shared/api/recording.ts";
import type { ChainLink } from "../domain/hash-chain.ts";
import type { Catalogue } from "./database.ts";

/** What the catalogue has of a track, for whoever looks after its files. */
export interface StoredTrack {
  trackId: string;
  codec: Codec;
  width: number;
  height: number;
  /** In the order of their ids. */
  segments: ChainLink[];
}

/** Tracks with their segments as files. */
export class TrackReader {
  readonly #tracks;
  readonly #segments;

  constructor(catalogue: Catalogue) {
    this.#tracks = catalogue.prepare<[string], { id: number; codec: Codec; width: number; height: number }>(
      `SELECT tracks.id, codec, width, height FROM tracks JOIN recordings ON recordings.id = recording_id
       WHERE recording_id = ? AND erased_at IS NULL ORDER BY tracks.id`,
    );
    this.#segments = catalogue.prepare<[string, number], ChainLink>(
      `SELECT id, sha256, previous_sha256 AS previousSha256 FROM segments
       WHERE recording_id = ? AND track_id = ? ORDER BY id`,
    );
  }

  /** The tracks of a recording; none when nobody knows it or its files are erased. */
  tracksOf(recordingId: string): StoredTrack[] {
    return this.#tracks.all(recordingId).map(({ id, codec, width, height }) => ({
      trackId: String(id),
      ...{ codec, width, height },
      segments: this.#segments.all(recordingId, id),
    }));
  }
}
