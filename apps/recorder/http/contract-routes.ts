import { Router } from "express";
import { HttpProblem, notImplemented } from "#shared/http/problem.ts";
import { requireScope, secretsEqual } from "#shared/http/guards.ts";

/** Calls of the contract that are not built yet: 501, after the same 401 and 403 that they will have. */
export function contractRoutes(
  scopesOf: (token: string) => ReadonlySet<string> | null,
  webhookKey: string,
): Router {
  const router = Router();
  const admin = requireScope(scopesOf, "admin");
  router.post("/v1/dataverse-webhook", (request) => {
    const { code } = request.query;
    if (typeof code !== "string" || !secretsEqual(code, webhookKey)) {
      throw new HttpProblem(401, "the webhook's key is missing or wrong; it belongs into ?code=");
    }
    notImplemented(request);
  });
  router.get("/v1/desktops", admin, notImplemented);
  router.delete("/v1/desktops/:id", admin, notImplemented);
  router.post("/v1/enrollment-tokens", admin, notImplemented);
  return router;
}
