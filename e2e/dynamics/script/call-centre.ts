import { randomUUID } from "node:crypto";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { AgentDesks } from "./agent-desks.ts";
import type { CallTruth } from "./call-truth.ts";

/** What all conversations of an environment share: its rows, its agents' desks, the record of what really happened. */
export class CallCentre {
  readonly store: DataverseStore;
  readonly desks: AgentDesks;
  /** In the order in which the conversations began. */
  readonly truths: CallTruth[] = [];
  /** Makes the ids of rows. */
  readonly newId: () => string;

  constructor(store: DataverseStore, newId: () => string = randomUUID) {
    this.store = store;
    this.newId = newId;
    this.desks = new AgentDesks(store, newId);
  }
}
