import { type Response, Router } from "express";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { InteractionFilter, InteractionPage, InteractionQuery } from "../archive/find/query.ts";
import { permitOf, requireAction, visibleInteraction } from "./access.ts";
import type { AccessLog } from "./access-log.ts";
import type { ExportedZip } from "./export/export-interaction.ts";
import { asFaultyCursor } from "./faulty-cursor.ts";
import { sendArchivedFile } from "./interaction-files.ts";
import { facetQuerySchema, histogramQuerySchema, interactionQuerySchema } from "./interaction-query.ts";
import type { ReplayCatalogue, ReplayStorage } from "./ports.ts";
import { sendStream } from "./send-stream.ts";

export interface InteractionRoutes {
  catalogue: ReplayCatalogue;
  storage: ReplayStorage;
  isHeld: (id: string) => boolean;
  accesses: AccessLog;
  /** Makes the zip of a version at a place. */
  makeZip: (place: string) => Promise<ExportedZip>;
}

/** The `/v1` calls about interactions, each only of what whoever asks may see. */
export function routeInteractions(options: InteractionRoutes): Router {
  const { catalogue, storage, isHeld, accesses, makeZip } = options;
  const routes = Router();

  routes.get("/interactions", (request, response) => {
    const query = parseRequest(interactionQuerySchema, request.query, "the query");
    response.json(listInteractions(catalogue, restricted(query, response)));
  });

  // Before `:id`, which it could be.
  routes.get("/interactions/histogram", async (request, response) => {
    const { filter, bucketMs } = parseRequest(histogramQuerySchema, request.query, "the query");
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const histogram = await catalogue
      .countByTime(restricted(filter, response), bucketMs, gone.signal)
      .catch((error: unknown) => {
        // Whoever asked for it has gone.
        if (gone.signal.aborted) return null;
        throw error;
      });
    if (histogram !== null) response.json(histogram);
  });

  routes.get("/facets", (request, response) => {
    const query = parseRequest(facetQuerySchema, request.query, "the query");
    response.json({ items: catalogue.facets(restricted(query, response)) });
  });

  routes.get("/interactions/:id", (request, response) => {
    const { id } = request.params;
    const { manifest } = visibleInteraction(catalogue, response, id);
    accesses.noteView(request, response, id, "");
    response.json({ ...manifest, flags: { legalHold: isHeld(id.toLowerCase()) } });
  });

  routes.get("/interactions/:id/files/:name", async (request, response) => {
    const { id, name } = request.params;
    visibleInteraction(catalogue, response, id);
    const file = catalogue.fileOf(id, name);
    if (file === null) {
      throw new HttpProblem(404, `interaction ${JSON.stringify(id)} has no file ${JSON.stringify(name)}`);
    }
    accesses.noteView(request, response, id, name);
    await sendArchivedFile(request, response, storage, file);
  });

  routes.get("/interactions/:id/export", requireAction("export"), async (request, response) => {
    const id = String(request.params["id"]);
    const found = visibleInteraction(catalogue, response, id);
    const zip = await makeZip(found.place).catch((cause: unknown) => {
      if (!(cause instanceof DeskreelError) || cause.code !== "EXPORT_INCOMPLETE") throw cause;
      throw new HttpProblem(500, cause.message, { cause });
    });
    accesses.noteExport(request, response, id);
    await sendZip(response, zip);
  });
  return routes;
}

/** Finds, counts and offers nothing that whoever asks may not see, and by nothing that they may not read. */
function restricted<Filter extends object>(
  filter: Filter,
  response: Response,
): Filter & Pick<InteractionFilter, "anyAgent" | "inNotes"> {
  const { visible, may } = permitOf(response);
  const asked = { ...filter, inNotes: may("read-notes") };
  return visible === null ? asked : { ...asked, anyAgent: visible };
}

function listInteractions(catalogue: ReplayCatalogue, query: InteractionQuery): InteractionPage {
  try {
    return catalogue.list(query);
  } catch (cause) {
    throw asFaultyCursor(cause);
  }
}

async function sendZip(response: Response, { interactionId, bytes, stream }: ExportedZip): Promise<void> {
  response.set({
    "Content-Type": "application/zip",
    "Content-Length": String(bytes),
    "Content-Disposition": `attachment; filename="interaction-${interactionId}.zip"`,
  });
  await sendStream(response, stream);
}
