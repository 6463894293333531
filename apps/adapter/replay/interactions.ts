import { Router } from "express";
import { HttpProblem, notImplemented, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { InteractionPage, InteractionQuery } from "../archive/catalogue.ts";
import { sendArchivedFile } from "./interaction-files.ts";
import { interactionQuerySchema } from "./interaction-query.ts";
import type { ReplayCatalogue, ReplayStorage } from "./ports.ts";

/** The `/v1` calls about interactions; who may call them is checked before. */
export function routeInteractions(
  catalogue: ReplayCatalogue,
  storage: ReplayStorage,
  isHeld: (id: string) => boolean,
): Router {
  const routes = Router();

  routes.get("/interactions", (request, response) => {
    const query = parseRequest(interactionQuerySchema, request.query, "the query");
    response.json(listInteractions(catalogue, query));
  });

  routes.get("/interactions/:id", (request, response) => {
    const { id } = request.params;
    const found = catalogue.get(id);
    if (found === null) throw new HttpProblem(404, `interaction ${JSON.stringify(id)} is unknown`);
    response.json({ ...found.manifest, flags: { legalHold: isHeld(id.toLowerCase()) } });
  });

  routes.get("/interactions/:id/files/:name", async (request, response) => {
    const { id, name } = request.params;
    const file = catalogue.fileOf(id, name);
    if (file === null) {
      throw new HttpProblem(404, `interaction ${JSON.stringify(id)} has no file ${JSON.stringify(name)}`);
    }
    await sendArchivedFile(request, response, storage, file);
  });

  routes.get("/interactions/:id/export", notImplemented);
  routes.get("/coverage", notImplemented);
  return routes;
}

function listInteractions(catalogue: ReplayCatalogue, query: InteractionQuery): InteractionPage {
  try {
    return catalogue.list(query);
  } catch (cause) {
    if (!(cause instanceof DeskreelError) || cause.code !== "BAD_CURSOR") throw cause;
    throw new HttpProblem(400, "the query has 1 faulty field(s)", {
      cause,
      errors: [{ path: "/cursor", message: cause.message }],
    });
  }
}
