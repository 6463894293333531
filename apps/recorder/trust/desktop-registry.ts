import { ulid } from "ulid";
import type { KeyProtection } from "#shared/protocol/messages.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { MergeListener } from "../agents/agent-directory.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import { isStorageError } from "../call-buffer/database.ts";
import type { DesktopEntry } from "../call-buffer/desktop-store.ts";
import { admissionOf, doubtAbout, type SecondDevicePolicy } from "../domain/desktop-trust.ts";
import { EnrolmentRefused, type EnrolmentTokens } from "./enrolment-tokens.ts";

export interface DesktopRegistryOptions {
  buffer: Pick<CallBuffer, "desktops" | "commit" | "note">;
  tokens: EnrolmentTokens;
  secondDevice: SecondDevicePolicy;
  onMerged: (listener: MergeListener) => () => void;
  clock: Clock;
  log: Log;
}

/** A desktop that has proved its key and asks to become known. */
export interface Enrolment {
  publicKey: string;
  device: string;
  osUser: string;
  keyProtection: KeyProtection;
  token: string;
  /** Where it connects from, for the log. */
  remoteAddress: string;
}

/** Who is told of a revocation; must not throw. */
type RevocationListener = (id: string) => void;

/** Which desktops are known by their keys, and which of them may work. */
export class DesktopRegistry implements Disposable {
  readonly #options: DesktopRegistryOptions;
  readonly #listeners = new Set<RevocationListener>();
  readonly #forgetMerges: () => void;

  constructor(options: DesktopRegistryOptions) {
    this.#options = options;
    this.#forgetMerges = options.onMerged((_from, into) => this.#judgeAgent(into));
  }

  findByKey(publicKey: string): DesktopEntry | null {
    return this.#options.buffer.desktops.findByKey(publicKey);
  }

  /**
   * Makes a key known, durable when it resolves; one that is known already stays as it is, and takes no use of the token.
   *
   * Rejects with EnrolmentRefused, or with a storage error.
   */
  async enrol({ token, remoteAddress, ...facts }: Enrolment): Promise<DesktopEntry> {
    const { buffer, tokens, clock, log } = this.#options;
    const { entry, isNew } = await buffer.commit(() => {
      const known = buffer.desktops.findByKey(facts.publicKey);
      if (known?.state === "revoked")
        throw new EnrolmentRefused("KEY_REVOKED", "this desktop's key was revoked by an admin");
      if (known !== null) return { entry: known, isNew: false };
      const now = clock.now();
      const entry: DesktopEntry = {
        ...facts,
        id: ulid(),
        state: "active",
        agent: null,
        agentOrder: null,
        enrolmentOrder: buffer.desktops.nextOrder(),
        isAfterRevocation: buffer.desktops
          .related({ ...facts, agent: null })
          .some(({ state }) => state === "revoked"),
        isAssigned: false,
        alarm: null,
        enrolledAt: now,
        enrolledBy: tokens.redeem(token),
        lastSeenAt: now,
        isApproved: false,
        approvedAt: null,
        approvedBy: null,
        revokedAt: null,
        revokedBy: null,
      };
      buffer.desktops.add(entry);
      return { entry, isNew: true };
    });
    const { id: desktop, device, osUser, keyProtection, enrolledBy } = entry;
    const by = { token: enrolledBy, remoteAddress };
    if (isNew) log.info({ desktop, device, osUser, keyProtection, ...by }, "desktop enrolled");
    return entry;
  }

  /** A desktop is or was here just now. */
  noteSeen(id: string, keyProtection: KeyProtection): void {
    const { buffer, clock } = this.#options;
    this.#noteOrLog(() => buffer.desktops.noteSeen(id, clock.now(), keyProtection));
  }

  /**
   * Whether a desktop may work for an agent. What it has said is noted; a catalogue that cannot take that keeps nobody out.
   *
   * @param isAssigned - the alias file says whose it is.
   */
  admit(id: string, agent: string, isAssigned: boolean): "active" | "pending" | "revoked" {
    const { buffer, clock, log, secondDevice } = this.#options;
    const known = buffer.desktops.find(id);
    if (known === null || known.state === "revoked") return "revoked";
    const now = clock.now();
    const isOthers = known.agent !== null && known.agent !== agent;
    const said: DesktopEntry = {
      ...known,
      agent,
      agentOrder: known.agent === agent ? known.agentOrder : buffer.desktops.nextOrder(),
      isAssigned,
      lastSeenAt: now,
      // It was approved for somebody else.
      ...(isOthers && { isApproved: false, approvedAt: null, approvedBy: null }),
    };
    const related = buffer.desktops.related(said);
    const state = admissionOf(said, related, secondDevice);
    const entry: DesktopEntry = { ...said, state };
    entry.alarm = alarmOf(entry, related);
    this.#noteOrLog(() => {
      buffer.desktops.save(entry);
      if (known.state !== state || known.agent !== agent || known.isAssigned !== isAssigned) {
        this.#judgeRelated(entry);
        if (isOthers) this.#judgeRelated(known);
      }
    });
    if (state !== known.state || entry.alarm !== known.alarm) {
      const { device, osUser, alarm } = entry;
      const facts = { desktop: id, device, osUser, agent, reason: alarm };
      if (state === "pending") log.warn(facts, "desktop waits for approval");
      else if (alarm !== null) log.warn(facts, "desktop works, but has to be looked at");
      else log.info(facts, "desktop needs no approval");
    }
    return state;
  }

  /**
   * Lets a desktop work for the agent that it has named, whatever was in doubt; one that was revoked as well. Durable when
   * it resolves; null: there is no such desktop. Rejects with a storage error.
   *
   * @param by - the scope that asks for it.
   */
  async approve(id: string, by: string): Promise<DesktopEntry | null> {
    const now = this.#options.clock.now();
    return this.#decide(id, by, "desktop approved", (known) => ({
      ...known,
      state: "active",
      alarm: null,
      isApproved: true,
      approvedAt: now,
      approvedBy: by,
      revokedAt: null,
      revokedBy: null,
    }));
  }

  /**
   * Puts a desktop out and lets it in no more; without effect on one that is revoked already. Durable when it resolves;
   * null: there is no such desktop. Rejects with a storage error.
   *
   * @param by - the scope that asks for it.
   */
  async revoke(id: string, by: string): Promise<DesktopEntry | null> {
    const now = this.#options.clock.now();
    const revoked = await this.#decide(id, by, "desktop revoked", (known) =>
      known.state === "revoked"
        ? known
        : {
            ...known,
            state: "revoked",
            alarm: null,
            isApproved: false,
            approvedAt: null,
            approvedBy: null,
            revokedAt: now,
            revokedBy: by,
          },
    );
    if (revoked !== null) for (const listener of this.#listeners) listener(id);
    return revoked;
  }

  /** Tells of desktops that are revoked. */
  onRevoked(listener: RevocationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  [Symbol.dispose](): void {
    this.#forgetMerges();
  }

  async #decide(
    id: string,
    by: string,
    what: string,
    change: (known: DesktopEntry) => DesktopEntry,
  ): Promise<DesktopEntry | null> {
    const { buffer, log } = this.#options;
    const { known, entry } = await buffer.commit(() => {
      const known = buffer.desktops.find(id);
      const entry = known && change(known);
      if (entry !== null && entry !== known) {
        buffer.desktops.save(entry);
        this.#judgeRelated(entry);
      }
      return { known, entry };
    });
    if (entry === null) return null;
    const { device, osUser, agent } = entry;
    if (entry !== known) log.info({ desktop: id, device, osUser, agent, was: known?.state, by }, what);
    return entry;
  }

  /** What has changed at one desktop may put others in doubt, or settle it. */
  #judgeRelated(desktop: Pick<DesktopEntry, "device" | "osUser" | "agent">): void {
    const { desktops } = this.#options.buffer;
    for (const other of desktops.related(desktop)) {
      const alarm = alarmOf(other, desktops.related(other));
      if (alarm !== other.alarm) desktops.save({ ...other, alarm });
    }
  }

  #judgeAgent(agent: string): void {
    // No device is called so: only the agent counts.
    this.#noteOrLog(() => this.#judgeRelated({ device: "", osUser: "", agent }));
  }

  #noteOrLog(changes: () => void): void {
    const { buffer, log } = this.#options;
    try {
      buffer.note(changes);
    } catch (error) {
      if (!isStorageError(error)) throw error;
      log.error({ reason: describeError(error) }, "what is known of desktops could not be stored");
    }
  }
}

/** One that waits shows why, though the reason may have gone meanwhile. */
function alarmOf(desktop: DesktopEntry, related: readonly DesktopEntry[]): DesktopEntry["alarm"] {
  if (desktop.state === "revoked") return null;
  return doubtAbout(desktop, related) ?? (desktop.state === "pending" ? desktop.alarm : null);
}
