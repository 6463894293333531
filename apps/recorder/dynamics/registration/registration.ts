import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { changesAnything, describePlan, nameAction } from "./describe-plan.ts";
import { type FailedPosts, readFailedPosts } from "./failed-posts.ts";
import { readRegistrations } from "./found-rows.ts";
import { readMessageIds } from "./message-ids.ts";
import { type Action, planRemoval, planSetUp } from "./plan.ts";
import { type FoundRow, KINDS, type WantedRow } from "./registered-row.ts";
import { wantedRows } from "./wanted-rows.ts";
import { type WebhookAddress, webhookAddress } from "./webhook-address.ts";

/** A person or a start-up waits for the set-up, so a busy environment is waited for rather than reported. */
const PATIENCE_MS = 120_000;

/** The webhook of a recorder at an environment, with its steps and images. */
export class DynamicsRegistration {
  readonly address: WebhookAddress;
  readonly #client: DataverseClient;

  /**
   * @param webhookUrl - where Dataverse reaches the recorder from outside, e.g. `https://deskreel.contoso.com`.
   * @throws DeskreelError `BAD_WEBHOOK_URL`.
   */
  constructor(dynamics: DynamicsConfig, webhookUrl: string, clock: Clock) {
    this.address = webhookAddress(webhookUrl, dynamics.url);
    this.#client = new DataverseClient(dynamics, clock, { patienceMs: PATIENCE_MS });
  }

  /** Every webhook of Deskreel in the environment, also those of other addresses. */
  readAll(signal: AbortSignal): Promise<FoundRow[]> {
    return readRegistrations(this.#client, signal);
  }

  /**
   * What makes the environment post to the recorder.
   *
   * @param key - the recorder's `webhookKey`.
   * @throws DataverseError, DeskreelError `TABLES_MISSING`.
   */
  async planSetUp(key: string, signal: AbortSignal): Promise<Action[]> {
    const wanted = wantedRows(this.address, key, await readMessageIds(this.#client, signal));
    return planSetUp(wanted, await this.#readOwn(signal));
  }

  async planRemoval(signal: AbortSignal): Promise<Action[]> {
    return planRemoval(await this.#readOwn(signal));
  }

  readFailedPosts(steps: readonly FoundRow[], signal: AbortSignal): Promise<FailedPosts> {
    return readFailedPosts(this.#client, steps, signal);
  }

  /**
   * Does what was planned, one after the other.
   *
   * @param onDone - told of each action that changed something.
   * @throws DeskreelError `SET_UP_BROKE_OFF`, its cause the DataverseError; what was done before stays.
   */
  async carryOut(
    actions: readonly Action[],
    onDone: (action: Action) => void,
    signal: AbortSignal,
  ): Promise<void> {
    /** Of webhook and steps, by name. */
    const ids = new Map<string, string>();
    for (const action of actions) {
      try {
        const id = await this.#do(action, ids, signal);
        if (id !== null && "wanted" in action) ids.set(action.wanted.name, id);
      } catch (cause) {
        const deed = nameAction(action).replaceAll(/ +/g, " ");
        const advice = "what was done before stays; run it again to go on";
        throw new DeskreelError("SET_UP_BROKE_OFF", `cannot ${deed} (${advice})`, { cause });
      }
      if (changesAnything([action])) onDone(action);
    }
  }

  async #readOwn(signal: AbortSignal): Promise<FoundRow[]> {
    return (await this.readAll(signal)).filter(({ name }) => name === this.address.name);
  }

  /** @returns the id of a row that stays. */
  async #do(action: Action, ids: ReadonlyMap<string, string>, signal: AbortSignal): Promise<string | null> {
    switch (action.do) {
      case "keep":
        return action.id;
      case "leave":
        return null;
      case "create": {
        const { kind } = action.wanted;
        return this.#client.create(KINDS[kind].set, newRow(action.wanted, action.parent, ids), signal);
      }
      case "change": {
        const { set } = KINDS[action.wanted.kind];
        await this.#client.update(`${set}(${action.id})`, changedRow(action.wanted), signal);
        return action.id;
      }
      case "remove": {
        const { kind, id } = action.found;
        await this.#client.remove(`${KINDS[kind].set}(${id})`, signal);
        return null;
      }
    }
  }
}

export interface SetUpOptions {
  dynamics: DynamicsConfig;
  /** Where Dataverse reaches the recorder from outside, e.g. `https://deskreel.contoso.com`. */
  webhookUrl: string;
  /** The recorder's `webhookKey`. */
  webhookKey: string;
  clock: Clock;
  /** Told the plan and each thing done, line by line. */
  print: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Makes the environment post to the recorder, without asking; once all is right, a further run changes nothing.
 *
 * @returns what was planned and done.
 * @throws DeskreelError `BAD_WEBHOOK_URL`, `TABLES_MISSING`, `SET_UP_BROKE_OFF`; DataverseError.
 */
export async function setUpDynamics(options: SetUpOptions): Promise<readonly Action[]> {
  const { print, signal } = options;
  const registration = new DynamicsRegistration(options.dynamics, options.webhookUrl, options.clock);
  const actions = await registration.planSetUp(options.webhookKey, signal);
  for (const line of describePlan(actions)) print(line);
  await registration.carryOut(actions, (action) => print(`done: ${nameAction(action)}`), signal);
  return actions;
}

function newRow(wanted: WantedRow, parentName: string | null, ids: ReadonlyMap<string, string>): object {
  const { parent } = KINDS[wanted.kind];
  const row = { name: wanted.name, ...changedRow(wanted) };
  if (parent === null) return row;
  const parentId = ids.get(parentName ?? "");
  if (parentId === undefined) throw new Error(`${wanted.name} comes before what it belongs to`);
  return { ...row, [parent.bind]: `/${parent.set}(${parentId})` };
}

/** All that is wanted, not only what differs: the secrets cannot be read, and the rest does no harm. */
function changedRow({ values, lookups, secrets }: WantedRow): object {
  const binds = Object.entries(lookups).map(([property, { set, id }]) => [
    `${property}@odata.bind`,
    `/${set}(${id})`,
  ]);
  return { ...values, ...secrets, ...(Object.fromEntries(binds) as Record<string, string>) };
}
