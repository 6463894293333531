import type { Request, Response } from "express";
import { columnOfProperty, type EntityType } from "../dataverse/columns.ts";
import type { StoredFile } from "../dataverse/dataverse-store.ts";
import { entityTypeOfLogicalName, entityTypeOfSet } from "../dataverse/entity-types.ts";
import {
  badQuery,
  DataverseError,
  unknownProperty,
  unknownResource,
  unknownRow,
} from "../odata/dataverse-error.ts";
import { readRange, sendBytes } from "./send-bytes.ts";
import type { WebApiParts } from "./web-api-parts.ts";

/** The most that Dataverse gives of a file at a time. */
const CHUNK_BYTES = 4_194_304;

/**
 * `GET set(id)/column/$value`, whole or by `Range` (learn.microsoft.com, "Use file column data": Download files).
 *
 * @throws DataverseError 404 when the row or its file is not there, 416 for a range past the file's end.
 */
export async function sendFileValue(
  parts: WebApiParts,
  request: Request,
  response: Response,
  { set, id, column }: { set: string; id: string; column: string },
): Promise<void> {
  const entity = entityTypeOfSet(set);
  if (entity === undefined) throw unknownResource(set);
  const file = findFile(parts, entity, id, column);
  const range = readRange(request, file.bytes.byteLength);
  if (range === null) throw new DataverseError(416, "0x80040203", "The range is past the end of the file.");
  response.set({
    "x-ms-file-size": String(file.bytes.byteLength),
    "x-ms-file-name": file.fileName,
    mimetype: file.mimeType,
  });
  response.setHeader("Content-Type", "application/octet-stream");
  if (!range.isPart) {
    await sendBytes(response.status(200), file.bytes, range, null);
    return;
  }
  const to = Math.min(range.to, range.from + CHUNK_BYTES);
  response.status(206).set("x-ms-chunk-size", String(CHUNK_BYTES));
  response.set("Content-Range", `bytes ${range.from}-${to - 1}/${file.bytes.byteLength}`);
  await sendBytes(response, file.bytes, { from: range.from, to }, null);
}

/** The actions with which a file is read in blocks; their tokens are of this simulator alone. */
export const FILE_ACTIONS: Readonly<Record<string, (parts: WebApiParts, body: Json) => Json>> = {
  InitializeFileBlocksDownload(parts, body) {
    const target = (body["Target"] ?? {}) as Record<string, string>;
    const type = (target["@odata.type"] ?? "").replace(/^#?Microsoft\.Dynamics\.CRM\./, "");
    const entity = entityTypeOfLogicalName(type);
    if (entity === undefined) throw badQuery(`Target needs the @odata.type of a table, found '${type}'.`);
    const file = findFile(parts, entity, String(target[entity.key]), String(body["FileAttributeName"]));
    return {
      FileSizeInBytes: file.bytes.byteLength,
      FileName: file.fileName,
      FileContinuationToken: Buffer.from(`blocks/${file.id}`).toString("base64"),
      IsChunkingSupported: true,
    };
  },
  DownloadBlock(parts, body) {
    const token = Buffer.from(String(body["FileContinuationToken"]), "base64").toString();
    const file = parts.store.file(token.replace(/^blocks\//, ""));
    if (file === undefined) throw badQuery("The FileContinuationToken is none.");
    const [from, length] = [Number(body["Offset"]), Number(body["BlockLength"])];
    if (!(length > 0 && length <= CHUNK_BYTES)) throw badQuery(`BlockLength must be 1 to ${CHUNK_BYTES}.`);
    if (!(from >= 0 && from < file.bytes.byteLength)) throw badQuery("Offset is past the end of the file.");
    const block = file.bytes.subarray(from, Math.min(from + length, file.bytes.byteLength));
    return { Data: Buffer.from(block).toString("base64") };
  },
};

type Json = Record<string, unknown>;

/** @throws DataverseError 404 when the row or its file is not there. */
export function findFile(parts: WebApiParts, entity: EntityType, id: string, column: string): StoredFile {
  const row = parts.store.get(entity, id);
  if (row === undefined) throw unknownRow(entity.logicalName, id);
  if (columnOfProperty(entity, column)?.type.kind !== "file")
    throw unknownProperty(column, entity.logicalName);
  const file = parts.store.file(String(row[column]));
  if (file !== undefined) return file;
  const message = `No file attachment found for attribute: ${column} EntityId: ${id}.`;
  throw new DataverseError(404, "0x80040217", message);
}
