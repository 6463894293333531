import type { Row } from "../dataverse/columns.ts";
import type { DataverseStore, StoreWrite } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import { columnsOf, triggerOf } from "./registration-rules.ts";
import type { StepImage } from "./remote-execution-context.ts";

/** A registered step that a write sets off, with where it posts. */
export interface WebhookStep {
  readonly stepId: string;
  readonly name: string;
  readonly images: readonly StepImage[];
  readonly endpoint: { readonly url: string; readonly key: string | null };
  /** Whether the job's row goes when it succeeds. */
  readonly autoDelete: boolean;
}

const IMAGE = { pre: 0, post: 1 } as const;

/** The enabled steps that a write sets off: of its message and table, and for an update of one of its columns. */
export function stepsOfWrite(store: DataverseStore, write: StoreWrite): WebhookStep[] {
  return store
    .rows(T.steps)
    .filter((step) => step["statecode"] === 0 && isSetOff(store, step, write))
    .sort((left, right) => Number(left["rank"]) - Number(right["rank"]))
    .flatMap((step) => {
      const endpoint = store.get(T.serviceEndpoints, String(step["eventhandler"]));
      return endpoint === undefined ? [] : [webhookStep(store, step, endpoint)];
    });
}

function isSetOff(store: DataverseStore, step: Row, write: StoreWrite): boolean {
  const { message, table } = triggerOf(store, step);
  if (message !== write.message || table !== write.entity.logicalName) return false;
  const columns = columnsOf(step["filteringattributes"]);
  return message !== "Update" || columns === null || columns.some((name) => write.columns.includes(name));
}

function webhookStep(store: DataverseStore, step: Row, endpoint: Row): WebhookStep {
  const stepId = String(step["sdkmessageprocessingstepid"]);
  const key = endpoint["authvalue"] ?? null;
  return {
    stepId,
    name: String(step["name"]),
    images: store.rows(T.stepImages).flatMap((image) => imagesOf(image, stepId)),
    endpoint: { url: String(endpoint["url"]), key: key === null ? null : String(key) },
    autoDelete: step["asyncautodelete"] === true,
  };
}

function imagesOf(image: Row, stepId: string): StepImage[] {
  if (image["sdkmessageprocessingstepid"] !== stepId) return [];
  const named = { alias: String(image["entityalias"]), columns: columnsOf(image["attributes"]) };
  const images: StepImage[] = [];
  if (image["imagetype"] !== IMAGE.post) images.push({ ...named, when: "before" });
  if (image["imagetype"] !== IMAGE.pre) images.push({ ...named, when: "after" });
  return images;
}
