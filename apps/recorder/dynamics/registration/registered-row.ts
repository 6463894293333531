/** What a registration consists of: a webhook, the steps that post to it, and each step's image. */
export type RowKind = "webhook" | "step" | "image";

/** A property as the Web API writes it. */
export type Value = string | number | boolean | null;

/** The kind's table, and how one of its rows names the row that it belongs to. */
interface Kind {
  set: string;
  key: string;
  parent: { bind: string; property: string; set: string } | null;
}

/** Microsoft, "Register a WebHook", and the table references of serviceendpoint and sdkmessageprocessingstep. */
export const KINDS: Readonly<Record<RowKind, Kind>> = {
  webhook: { set: "serviceendpoints", key: "serviceendpointid", parent: null },
  step: {
    set: "sdkmessageprocessingsteps",
    key: "sdkmessageprocessingstepid",
    parent: {
      bind: "eventhandler_serviceendpoint@odata.bind",
      property: "_eventhandler_value",
      set: "serviceendpoints",
    },
  },
  image: {
    set: "sdkmessageprocessingstepimages",
    key: "sdkmessageprocessingstepimageid",
    parent: {
      bind: "sdkmessageprocessingstepid@odata.bind",
      property: "_sdkmessageprocessingstepid_value",
      set: "sdkmessageprocessingsteps",
    },
  },
};

/** A row as it is to be. Its name is how it is recognized. */
export interface WantedRow {
  kind: RowKind;
  name: string;
  /** Properties that are compared. Lists of columns (`attributes`, `filteringattributes`) count as sets. */
  values: Readonly<Record<string, Value>>;
  /** Rows of Dataverse's own that it points at: property → set and id. */
  lookups: Readonly<Record<string, { set: string; id: string }>>;
  /** Properties that can be written and never read; they go along with every change. */
  secrets: Readonly<Record<string, string>>;
  children: readonly WantedRow[];
}

/** A row as it is at Dataverse. */
export interface FoundRow {
  kind: RowKind;
  id: string;
  name: string;
  /** All properties that were read, lookups as `_{property}_value`. */
  values: Readonly<Record<string, unknown>>;
  children: readonly FoundRow[];
}
