import { Router } from "express";
import { HttpProblem, notImplemented, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { sendArchivedFile } from "./interaction-files.ts";
import { type InteractionQuery, interactionQuerySchema } from "./interaction-query.ts";
import type { InteractionCatalogue, InteractionPage } from "./ports.ts";

/** The `/v1` calls about interactions; who may call them is checked before. */
export function routeInteractions(catalogue: InteractionCatalogue): Router {
  const routes = Router();

  routes.get("/interactions", async (request, response) => {
    const query = parseRequest(interactionQuerySchema, request.query, "the query");
    response.json(await listInteractions(catalogue, query));
  });

  routes.get("/interactions/:id", async (request, response) => {
    const manifest = await catalogue.get(request.params.id.toLowerCase());
    if (manifest === null) throw unknownInteraction(request.params.id);
    response.json({ ...manifest, flags: { legalHold: false } });
  });

  routes.get("/interactions/:id/files/:name", async (request, response) => {
    const { id, name } = request.params;
    const file = await catalogue.fileOf(id.toLowerCase(), name);
    if (file === null) {
      throw new HttpProblem(404, `interaction ${JSON.stringify(id)} has no file ${JSON.stringify(name)}`);
    }
    await sendArchivedFile(request, response, file);
  });

  routes.put("/interactions/:id/legal-hold", notImplemented);
  routes.delete("/interactions/:id/legal-hold", notImplemented);
  routes.get("/interactions/:id/export", notImplemented);
  routes.get("/coverage", notImplemented);
  routes.get("/audit", notImplemented);
  return routes;
}

async function listInteractions(
  catalogue: InteractionCatalogue,
  query: InteractionQuery,
): Promise<InteractionPage> {
  try {
    return await catalogue.list(query);
  } catch (cause) {
    if (!(cause instanceof DeskreelError) || cause.code !== "BAD_CURSOR") throw cause;
    throw new HttpProblem(400, "the query has 1 faulty field(s)", {
      cause,
      errors: [{ path: "/cursor", message: cause.message }],
    });
  }
}

function unknownInteraction(id: string): HttpProblem {
  return new HttpProblem(404, `interaction ${JSON.stringify(id)} is unknown`);
}
