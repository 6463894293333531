import type { EntityType } from "../dataverse/columns.ts";
import { entityTypeOfSet } from "../dataverse/entity-types.ts";
import { badQuery, DataverseError } from "../odata/dataverse-error.ts";
import { findFile } from "./file-column.ts";
import type { WebApiParts } from "./web-api-parts.ts";

const PARAMETER = /^\s*(\w+)\s*=\s*(@\w+|'[^']*'|\{.*\})\s*$/;
const ENTITY_ID = /["']@odata\.id["']\s*:\s*["'](?:[^"']*\/)?(\w+)\(([0-9a-fA-F-]{36})\)["']/;

/**
 * The function `GetFileSasUrl(Target=@p1,FileAttributeName='column')?@p1={'@odata.id':'set(id)'}`, with the reference
 * in JSON's or in OData's quotes (learn.microsoft.com, "Grant limited access to files using shared access signatures").
 *
 * @throws DataverseError 400 for malformed parameters, 404 when the row or its file is not there.
 */
export function getFileSasUrl(
  parts: WebApiParts,
  callText: string,
  query: URLSearchParams,
): Record<string, unknown> {
  const parameters = readParameters(callText, query);
  const { entity, id } = readTarget(parameters.get("Target"));
  const column = unquote(parameters.get("FileAttributeName"));
  if (!parts.faults.settings.links) {
    const message = "GetFileSasUrl is not supported for environments with customer managed keys.";
    throw new DataverseError(400, "0x80040203", message);
  }
  const file = findFile(parts, entity, id, column);
  return {
    "@odata.context": `${parts.url()}/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.GetFileSasUrlResponse`,
    Result: {
      "@odata.type": "#Microsoft.Dynamics.CRM.FileSasUrlResponse",
      FileName: file.fileName,
      FileSizeInBytes: file.bytes.byteLength,
      MimeType: file.mimeType,
      SasUrl: `${parts.blobUrl()}${parts.blobs.sign(file.id)}`,
    },
  };
}

/** The call's parameters with their aliases (`@p1`) replaced by the query's values. */
function readParameters(callText: string, query: URLSearchParams): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of callText.split(",")) {
    const [, name, value] = PARAMETER.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      throw badQuery(`Syntax error in the parameters of GetFileSasUrl at '${part}'.`);
    }
    const meant = value.startsWith("@") ? query.get(value) : value;
    if (meant === null) throw badQuery(`The parameter alias '${value}' is not in the query.`);
    parameters.set(name, meant);
  }
  return parameters;
}

function readTarget(text: string | undefined): { entity: EntityType; id: string } {
  const [, set, id] = ENTITY_ID.exec(text ?? "") ?? [];
  const entity = set === undefined ? undefined : entityTypeOfSet(set);
  if (entity !== undefined && id !== undefined) return { entity, id: id.toLowerCase() };
  throw badQuery(`Target of GetFileSasUrl must be {'@odata.id':'set(id)'}, found ${text ?? "nothing"}.`);
}

function unquote(text: string | undefined): string {
  const name = /^'(.*)'$/.exec(text ?? "")?.[1];
  if (name !== undefined) return name;
  throw badQuery(`FileAttributeName of GetFileSasUrl must be a quoted column, found ${text ?? "nothing"}.`);
}
