import { randomUUID } from "node:crypto";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { CallCentre } from "./call-centre.ts";
import { CallRows } from "./call-rows.ts";
import type { CallScript, ScriptedConversation } from "./call-script.ts";
import type { CallStep } from "./call-step.ts";
import type { CallTruth } from "./call-truth.ts";

/** A script and when it begins. */
export interface ScriptAt {
  readonly script: CallScript;
  /** The instant of the script's 0. */
  readonly startAt: EpochMs;
}

/** A script's own conversation and those beside it, with how much later than the script they begin. */
export function conversationsOf(
  script: CallScript,
): { readonly afterMs: DurationMs; readonly conversation: ScriptedConversation }[] {
  return [
    { afterMs: 0, conversation: script },
    ...script.beside.map(({ afterMs, ...conversation }) => ({ afterMs, conversation })),
  ];
}

/** A conversation's steps by time; those of one instant in the order in which they are written. */
export function stepsInOrder(conversation: ScriptedConversation): CallStep[] {
  return conversation.steps.toSorted((left, right) => left.atMs - right.atMs);
}

/**
 * Plays scripts into a store without waiting: every step of all of them in the order of their times. Sound is left out.
 *
 * @param store - with what every environment has (`seedRows`).
 * @param setClock - called before each step with its time, so that the store's clock can follow.
 * @param newId - makes the ids of conversations and rows.
 * @returns what really happened, per conversation.
 * @throws CallScriptError for a step that cannot happen.
 */
export function playAllInto(
  store: DataverseStore,
  scripts: readonly ScriptAt[],
  setClock: (at: EpochMs) => void,
  newId: () => string = randomUUID,
): CallTruth[] {
  const centre = new CallCentre(store, newId);
  const moments: { at: EpochMs; happen: () => void }[] = [];
  for (const { script, startAt } of scripts) {
    for (const { afterMs, conversation } of conversationsOf(script)) {
      const beginsAt = startAt + afterMs;
      const opened: { rows?: CallRows } = {};
      moments.push({
        at: beginsAt,
        happen: () => {
          opened.rows = new CallRows(centre, conversation, script.agents, newId(), beginsAt);
        },
      });
      for (const step of stepsInOrder(conversation)) {
        const at = beginsAt + step.atMs;
        moments.push({ at, happen: () => opened.rows?.apply(step, at) });
      }
    }
  }
  for (const { at, happen } of moments.sort((left, right) => left.at - right.at)) {
    setClock(at);
    happen();
  }
  return centre.truths;
}

/** {@link playAllInto} of one script. */
export function playInto(
  store: DataverseStore,
  script: CallScript,
  startAt: EpochMs,
  setClock: (at: EpochMs) => void,
  newId?: () => string,
): CallTruth[] {
  return playAllInto(store, [{ script, startAt }], setClock, newId);
}

/** Ids that are the same in every run: `00000000-0000-4000-8000-000000000001` and on. */
export function countedIds(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
  };
}
