import { Router } from "express";
import { notImplemented } from "#shared/http/problem.ts";
import { requireScope } from "#shared/http/guards.ts";

/** Calls of the contract that are not built yet: 501, after the same 401 and 403 that they will have. */
export function contractRoutes(scopesOf: (token: string) => ReadonlySet<string> | null): Router {
  const router = Router();
  const admin = requireScope(scopesOf, "admin");
  router.get("/v1/desktops", admin, notImplemented);
  router.delete("/v1/desktops/:id", admin, notImplemented);
  router.post("/v1/enrollment-tokens", admin, notImplemented);
  return router;
}
