import { z } from "zod";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { type FoundRow, KINDS, type RowKind } from "./registered-row.ts";

/** How the names of all webhooks of Deskreel begin. */
const NAME_START = "Deskreel ";
/** Ids that one `or` chain of a filter may hold without Dataverse refusing the query as too long. */
const IDS_PER_QUERY = 40;

const COLUMNS: Readonly<Record<RowKind, string>> = {
  webhook: "description,url,contract,authtype,messageformat,createdon,modifiedon",
  step:
    "stage,mode,rank,supporteddeployment,asyncautodelete,filteringattributes,statecode,statuscode," +
    "_eventhandler_value,_sdkmessageid_value,_sdkmessagefilterid_value,createdon",
  image: "imagetype,entityalias,messagepropertyname,attributes,_sdkmessageprocessingstepid_value,createdon",
};

const CHILDREN: Readonly<Record<RowKind, RowKind | null>> = { webhook: "step", step: "image", image: null };

/** Reads every webhook of Deskreel in the environment, with all steps and images that hang on it, the oldest first. */
export async function readRegistrations(client: DataverseClient, signal: AbortSignal): Promise<FoundRow[]> {
  const webhooks = await readRows(client, "webhook", "contract eq 8", signal);
  return withChildren(
    client,
    webhooks.filter(({ name }) => name.startsWith(NAME_START)),
    signal,
  );
}

async function withChildren(
  client: DataverseClient,
  rows: readonly FoundRow[],
  signal: AbortSignal,
): Promise<FoundRow[]> {
  const kind = rows[0] === undefined ? null : CHILDREN[rows[0].kind];
  const parent = kind === null ? null : KINDS[kind].parent;
  if (kind === null || parent === null) return [...rows];
  const children: FoundRow[] = [];
  for (let start = 0; start < rows.length; start += IDS_PER_QUERY) {
    const ids = rows.slice(start, start + IDS_PER_QUERY).map(({ id }) => `${parent.property} eq ${id}`);
    children.push(...(await readRows(client, kind, ids.join(" or "), signal)));
  }
  const below = await withChildren(client, children, signal);
  return rows.map((row) => ({
    ...row,
    children: below.filter(({ values }) => String(values[parent.property]).toLowerCase() === row.id),
  }));
}

async function readRows(
  client: DataverseClient,
  kind: RowKind,
  filter: string,
  signal: AbortSignal,
): Promise<FoundRow[]> {
  const { set, key } = KINDS[kind];
  const schema = z
    .looseObject({ [key]: z.guid(), name: z.string().nullable() })
    .transform((values): FoundRow => {
      const { [key]: id, name } = values as Record<string, string | null>;
      return { kind, id: String(id).toLowerCase(), name: name ?? "", values, children: [] };
    });
  const path = `${set}?$select=${key},name,${COLUMNS[kind]}&$filter=${encodeURIComponent(filter)}`;
  const rows = await client.readAll(path, schema, signal);
  // Dataverse answers in no promised order, and of twins the oldest is the one that stays.
  const age = ({ values, id }: FoundRow) => `${String(values["createdon"])} ${id}`;
  return rows.sort((left, right) => (age(left) < age(right) ? -1 : 1));
}
