import { DeskreelError } from "#shared/runtime/errors.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { AudioFormat } from "../speech/encode-audio.ts";
import { VOICE_CALL } from "./dataverse/choice-labels.ts";
import type { Cell, EntityType, Row } from "./dataverse/columns.ts";
import type { DataverseStore, FileBytes } from "./dataverse/dataverse-store.ts";
import { ENTITY_TYPES, entityTypeOfSet } from "./dataverse/entity-types.ts";
import type { ScriptedAgent } from "./script/call-script.ts";
import { upsertQueue, upsertUser } from "./script/master-rows.ts";
import { attachRecording, insertRecording } from "./script/recording-rows.ts";

/** A step of a webhook. */
export interface SimulatedStep {
  readonly message: "Create" | "Update" | "Delete";
  /** The table's logical name. */
  readonly table: string;
  /** Updates of which columns set it off; absent = any. */
  readonly columns?: readonly string[];
  /** The columns of its post image, whose alias is `PostImage`; absent = no image. */
  readonly image?: readonly string[];
  /** Whether jobs that succeeded stay among the async operations. */
  readonly keepJobs?: boolean;
}

/** Rows for tests, written past the Web API. Columns go by logical name, lookups without `_…_value`; times in epoch ms. */
export class SimulatedTables {
  readonly #store: DataverseStore;

  constructor(store: DataverseStore) {
    this.#store = store;
  }

  /** Adds a row to an entity set such as `msdyn_ocsessions`. Returns its id. */
  insert(set: string, values: Record<string, Cell>): string {
    return this.#store.insert(entityOf(set), values);
  }

  /** Changes a row; `versionnumber` and `modifiedon` advance. */
  update(set: string, id: string, values: Record<string, Cell>): void {
    this.#store.update(entityOf(set), id, values);
  }

  delete(set: string, id: string): void {
    this.#store.delete(entityOf(set), id);
  }

  /** A row as stored. */
  row(set: string, id: string): Row | undefined {
    return this.#store.get(entityOf(set), id);
  }

  rows(set: string): Row[] {
    return this.#store.rows(entityOf(set));
  }

  /** The id of the agent's `systemuser`, made when it is not there. */
  addAgent(agent: ScriptedAgent): string {
    return upsertUser(this.#store, agent);
  }

  /** The id of a queue, made when it is not there. */
  addQueue(name: string): string {
    return upsertQueue(this.#store, name);
  }

  /** Registers a webhook with a step for each of the given writes, past the Web API. Returns the endpoint's id. */
  addWebhook(url: string, key: string, steps: readonly SimulatedStep[]): string {
    const endpointId = this.#store.insert(ENTITY_TYPES.serviceEndpoints, {
      name: `Webhook to ${url}`,
      url,
      contract: 8,
      authtype: 4,
      authvalue: key,
      isauthvalueset: true,
      messageformat: 2,
    });
    for (const step of steps) this.#addStep(endpointId, step);
    return endpointId;
  }

  #addStep(endpointId: string, { message, table, columns, image, keepJobs = false }: SimulatedStep): void {
    const filter = this.#store.find(ENTITY_TYPES.messageFilters, (row) => {
      const name = this.#store.get(ENTITY_TYPES.messages, String(row["sdkmessageid"]))?.["name"];
      return row["primaryobjecttypecode"] === table && name === message;
    });
    if (filter === undefined) throw new DeskreelError("BAD_SIMULATED_ROW", `no ${message} of ${table}`);
    const stepId = this.#store.insert(ENTITY_TYPES.steps, {
      name: `${message} of ${table}`,
      eventhandler: endpointId,
      sdkmessageid: filter["sdkmessageid"] ?? null,
      sdkmessagefilterid: filter["sdkmessagefilterid"] ?? null,
      filteringattributes: columns?.join(",") ?? null,
      stage: 40,
      mode: 1,
      rank: 1,
      supporteddeployment: 0,
      asyncautodelete: !keepJobs,
      statecode: 0,
      statuscode: 1,
    });
    if (image === undefined) return;
    this.#store.insert(ENTITY_TYPES.stepImages, {
      name: "PostImage",
      sdkmessageprocessingstepid: stepId,
      imagetype: 1,
      entityalias: "PostImage",
      messagepropertyname: message === "Create" ? "Id" : "Target",
      attributes: image.join(","),
    });
  }

  /** Adds a closed voice conversation; `values` change or add columns. Returns its id. */
  addConversation(
    times: { startedAt: EpochMs; closedAt: EpochMs },
    values: Record<string, Cell> = {},
  ): string {
    return this.#store.insert(ENTITY_TYPES.conversations, {
      msdyn_channel: VOICE_CALL,
      msdyn_createdon: times.startedAt,
      msdyn_startedon: times.startedAt,
      msdyn_closedon: times.closedAt,
      msdyn_isoutbound: false,
      msdyn_isagentaccepted: true,
      statecode: 1,
      statuscode: 4,
      ...values,
    });
  }

  /** Adds a recording's row without a file. Returns its id. */
  addRecordingRow(conversationId: string, name = "Recording 1"): string {
    return insertRecording(this.#store, conversationId, name);
  }

  /** Puts a sound, of any bytes, and metadata (an object, or text as it is; null = none) into a recording's row. */
  attachRecording(
    recordingId: string,
    sound: { format: AudioFormat; bytes: FileBytes; fileName?: string },
    metadata: unknown = null,
  ): void {
    attachRecording(this.#store, recordingId, sound, metadata);
  }

  /** Row and file in one. Returns the recording's id. */
  addRecording(
    conversationId: string,
    sound: { format: AudioFormat; bytes: FileBytes; fileName?: string },
    metadata: unknown = null,
  ): string {
    const recordingId = this.addRecordingRow(conversationId);
    this.attachRecording(recordingId, sound, metadata);
    return recordingId;
  }
}

function entityOf(set: string): EntityType {
  const entity = entityTypeOfSet(set);
  if (entity !== undefined) return entity;
  throw new DeskreelError("BAD_SIMULATED_ROW", `the simulator has no entity set ${JSON.stringify(set)}`);
}
