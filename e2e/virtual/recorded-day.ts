import { configSchema } from "#shared/runtime/config-schema.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { wantedRows } from "../../apps/recorder/dynamics/registration/wanted-rows.ts";
import { DataverseStore, type StoreWrite } from "../dynamics/dataverse/dataverse-store.ts";
import { seedRows } from "../dynamics/dataverse/seed-rows.ts";
import { lookupResolver } from "../dynamics/odata/lookup-resolver.ts";
import type { CallTruth } from "../dynamics/script/call-truth.ts";
import { countedIds, playAllInto, type ScriptAt } from "../dynamics/script/play-into.ts";
import {
  contextText,
  remoteExecutionContext,
  type StepImage,
} from "../dynamics/webhooks/remote-execution-context.ts";

/** A write, when it was made. */
export interface TimedWrite {
  readonly at: EpochMs;
  readonly write: StoreWrite;
}

/** A webhook's post as Dynamics would send it, when what it tells of happened. */
export interface TimedPost {
  readonly at: EpochMs;
  readonly body: string;
}

/** All that Dynamics does on a day, to be shown to recorders as slowly and as faultily as one likes. */
export interface RecordedDay {
  readonly startAt: EpochMs;
  /** The last write. */
  readonly endAt: EpochMs;
  readonly writes: readonly TimedWrite[];
  readonly posts: readonly TimedPost[];
  readonly truths: readonly CallTruth[];
}

/** A step that `setup-dynamics` registers. */
interface Step {
  readonly message: string;
  readonly table: string;
  /** Null: every write. */
  readonly columns: readonly string[] | null;
  readonly images: readonly StepImage[];
}

const ID = "00000000-0000-4000-9000-000000000000";

/** Plays scripts without waiting, and writes down every write and every post. */
export function recordDay(scripts: readonly ScriptAt[], startAt: EpochMs): RecordedDay {
  const clock = { at: startAt, now: () => clock.at };
  const store = new DataverseStore(clock);
  const writes: TimedWrite[] = [];
  const posts: TimedPost[] = [];
  const steps = registeredSteps();
  store.onWrite((write) => {
    writes.push({ at: clock.at, write });
    for (const step of steps.filter((one) => isSetOff(one, write))) {
      posts.push({ at: clock.at, body: bodyOf(write, step, clock.at, store) });
    }
  });
  seedRows(store);
  const setClock = (at: EpochMs) => {
    clock.at = at;
  };
  const truths = playAllInto(store, scripts, setClock, countedIds());
  return { startAt, endAt: clock.at, writes, posts, truths };
}

function registeredSteps(): Step[] {
  const ids = {
    message: (message: string) => message,
    filter: (message: string, table: string) => `${message} ${table}`,
  };
  const address = { name: "Deskreel", url: "http://127.0.0.1/v1/dataverse-webhook" };
  return wantedRows(address, "key", ids).children.map((step) => {
    const [message = "", table = ""] = (step.lookups["sdkmessagefilterid"]?.id ?? "").split(" ");
    return {
      message,
      table,
      columns: listOf(step.values["filteringattributes"]),
      images: step.children.map((image) => ({
        alias: String(image.values["entityalias"]),
        when: "after" as const,
        columns: listOf(image.values["attributes"]),
      })),
    };
  });
}

function listOf(text: unknown): string[] | null {
  return typeof text === "string" && text !== "" ? text.split(",") : null;
}

function isSetOff({ message, table, columns }: Step, write: StoreWrite): boolean {
  if (message !== write.message || table !== write.entity.logicalName) return false;
  return columns === null || columns.some((name) => write.columns.includes(name));
}

function bodyOf(write: StoreWrite, { images }: Step, at: EpochMs, store: DataverseStore): string {
  return contextText(
    remoteExecutionContext({
      write,
      images,
      at,
      stepId: ID,
      correlationId: ID,
      requestId: ID,
      operationId: ID,
      language: "de",
      multiSelect: "options",
      resolveLookup: lookupResolver(store),
    }),
  );
}

/** `dynamics` of a configuration with nothing but defaults. */
export const DYNAMICS_DEFAULTS = (() => {
  const { dynamics } = configSchema("/").parse({
    dynamics: {
      url: "http://127.0.0.1",
      tenantId: "tenant",
      clientId: "client",
      clientSecretFile: "secret",
    },
  });
  if (dynamics === undefined) throw new TypeError("a configured section is there");
  return dynamics;
})();
