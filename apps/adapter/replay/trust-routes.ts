import { Router } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Verification, Verifications } from "../archive/verification.ts";
import type { AuditStore } from "../store/audit-store.ts";
import { permitOf, requireAction, visibleInteraction } from "./access.ts";
import type { ReplayCatalogue } from "./ports.ts";

const TRAIL_MOST = 500;
/** What an agent may know of a trail: who has seen the own call, not from where, nor what was said about it. */
const WATCHED = ["viewed", "exported"];

export const verificationQuerySchema = z.strictObject({
  anew: z.enum(["true", "false"], "must be true or false").default("false"),
});

export interface TrustRoutes {
  catalogue: Pick<ReplayCatalogue, "get">;
  verifications: Pick<Verifications, "known" | "verify">;
  audit: Pick<AuditStore, "note" | "listOf">;
  clock: Clock;
}

/** Why an interaction can be trusted: whether it is as it was archived, and who has done what to it; below `/v1`. */
export function routeTrust({ catalogue, verifications, audit, clock }: TrustRoutes): Router {
  const routes = Router();

  routes.get("/interactions/:id/verification", async (request, response) => {
    const { manifest, place } = visibleInteraction(catalogue, response, request.params.id);
    const { anew } = parseRequest(verificationQuerySchema, request.query, "the query");
    const known = anew === "true" ? null : verifications.known(place);
    if (known !== null) {
      response.json(shown(known));
      return;
    }
    const found = await verify(() => verifications.verify(place, manifest));
    const { version, verdict, faults } = found;
    const detail = `version ${version}: ${verdict}${faults.length === 0 ? "" : `, ${faults.length} ${faults.length === 1 ? "fault" : "faults"}`}`;
    const who = permitOf(response).identity.name;
    const { interactionId } = manifest;
    audit.note({ at: clock.now(), who, action: "verified", interactionId, detail, sequence: null });
    response.json(shown(found));
  });

  routes.get("/interactions/:id/audit", requireAction("read-trail"), (request, response) => {
    const { manifest } = visibleInteraction(catalogue, response, String(request.params["id"]));
    const isAgent = permitOf(response).identity.role === "agent";
    const entries = audit.listOf(manifest.interactionId, isAgent ? WATCHED : null, TRAIL_MOST);
    response.json({
      items: entries.map(({ at, who, action, detail }) => ({
        ...{ at: formatInstant(at), who, action, detail: isAgent ? "" : detail },
      })),
    });
  });
  return routes;
}

async function verify(work: () => Promise<Verification>): Promise<Verification> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof DeskreelError) || cause.code !== "TOO_MANY_VERIFICATIONS") throw cause;
    throw new HttpProblem(503, cause.message, { cause, headers: { "Retry-After": "10" } });
  }
}

function shown({ checkedAt, ...verification }: Verification) {
  return { ...verification, checkedAt: formatInstant(checkedAt) };
}
