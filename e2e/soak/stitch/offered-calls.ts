import { randomUUID } from "node:crypto";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Recording } from "#shared/api/recording.ts";
import type { FakeRecorder } from "../../../apps/adapter/rig/fake-recorder.ts";
import { makeScreen, makeSound } from "../../../apps/adapter/rig/made-media.ts";
import { madeRecording, madeSegment } from "../../../apps/adapter/rig/made-recording.ts";
import type { DynamicsSimulator } from "../../dynamics/simulator.ts";

const SEGMENT_MS = 4_000;
/** What the calls' sound lasts: long enough for two pieces, so that two ffmpegs encode it at once. */
const SOUND_MS = 130_000;
const AGENTS = ["ann@contoso.com", "bob@contoso.com"];
/** Segments of each screen, with gaps between them that become cards. */
const SEGMENTS_AT_MS = [0, 8_000, 20_000];

interface Offered {
  recording: Recording;
  bytes: ReadonlyMap<string, Buffer>;
}

/** Calls of two agents with three segments each and one part of sound, offered at a recorder and a Dynamics of the test. */
export class OfferedCalls {
  readonly ids: string[] = [];
  readonly #recorder: FakeRecorder;
  readonly #dynamics: DynamicsSimulator;
  readonly #segment: Buffer;
  readonly #sound: Buffer;
  /** By recording. */
  readonly #offered = new Map<string, Offered>();

  private constructor(recorder: FakeRecorder, dynamics: DynamicsSimulator, segment: Buffer, sound: Buffer) {
    this.#recorder = recorder;
    this.#dynamics = dynamics;
    this.#segment = segment;
    this.#sound = sound;
  }

  /** @param folder - where the media is made. */
  static async make(
    recorder: FakeRecorder,
    dynamics: DynamicsSimulator,
    folder: string,
  ): Promise<OfferedCalls> {
    const segment = await makeScreen(folder, SEGMENT_MS, [1_000]);
    return new OfferedCalls(recorder, dynamics, segment, await makeSound(folder, "wav", SOUND_MS, [2_000]));
  }

  /** A new call, over and complete on all sides; each has times of its own, so that none is like another. */
  offer(): string {
    const id = randomUUID();
    const ring = Date.now() - SOUND_MS - 5_000 + this.ids.length;
    const conversation = this.#dynamics.tables.addConversation(
      { startedAt: ring, closedAt: ring + SOUND_MS },
      { activityid: id },
    );
    const sound = { format: "wav" as const, bytes: this.#sound };
    this.#dynamics.tables.addRecording(conversation, sound, { chunkStartTime: formatInstant(ring) });
    for (const [index, agent] of AGENTS.entries()) {
      const segments = SEGMENTS_AT_MS.map((at, nth) =>
        madeSegment(`00000${nth + 1}`, ring + index + at, SEGMENT_MS, this.#segment),
      );
      const { tracks, ...rest } = madeRecording({ id: `${id}-${index}`, callSessionId: id, agent }, segments);
      const coverage = SEGMENTS_AT_MS.slice(1).map((at, nth) => ({
        from: formatInstant(ring + index + (SEGMENTS_AT_MS[nth] ?? 0) + SEGMENT_MS),
        to: formatInstant(ring + index + at),
        ...{ state: "gap" as const, reason: "connection-lost" },
      }));
      const recording = { ...rest, tracks: tracks.map((track) => ({ ...track, coverage })) };
      const bytes = new Map(segments.map((segment) => [`1/${segment.id}`, this.#segment]));
      this.#offered.set(recording.id, { recording, bytes });
      this.#recorder.offer(recording, bytes);
    }
    this.ids.push(id);
    return id;
  }

  /** Offers again what nobody has acknowledged: the leases of an adapter that is dead run out. */
  offerAgain(): void {
    for (const { recordingId } of this.#recorder.acks) this.#offered.delete(recordingId);
    for (const { recording, bytes } of this.#offered.values()) this.#recorder.offer(recording, bytes);
  }
}
