import type { RequestHandler } from "express";
import { z } from "zod";
import { agentIdSchema } from "#shared/api/identity.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { DesktopEntry, DesktopStore } from "../call-buffer/desktop-store.ts";
import type { DesktopRegistry } from "../trust/desktop-registry.ts";
import { type EnrolmentTokens, SITE_TOKEN } from "../trust/enrolment-tokens.ts";
import { cursorSchema, encodeCursor, limitSchema } from "./list-query.ts";
import { whileStored } from "./while-stored.ts";

export const desktopsQuerySchema = z.strictObject({
  state: z.enum(["active", "pending", "revoked"]).optional(),
  agent: agentIdSchema.optional(),
  limit: limitSchema,
  cursor: cursorSchema.optional(),
});
const pathSchema = z.object({ id: z.string().min(1).max(64) });

export interface DesktopRouteOptions {
  desktops: DesktopStore;
  registry: DesktopRegistry;
  tokens: EnrolmentTokens;
  names: Pick<AgentDirectory, "find">;
}

/** `GET /v1/desktops`: the one enrolled last first; revoked ones stay listed. */
export function onListDesktops(options: DesktopRouteOptions): RequestHandler {
  return (request, response) => {
    const { limit, cursor, agent, state } = parseRequest(desktopsQuerySchema, request.query, "the query");
    const id = agent === undefined ? undefined : (options.names.find(agent) ?? agent);
    const { items, next } = options.desktops.list({ state, agent: id }, limit, cursor ?? null);
    response.json({ items: items.map((entry) => describe(entry, options)), cursor: encodeCursor(next) });
  };
}

/** `POST /v1/desktops/{id}/approve`: 200 with the desktop, which may work from now on. */
export function onApproveDesktop(options: DesktopRouteOptions): RequestHandler {
  return async (request, response) => {
    const { id } = parseRequest(pathSchema, request.params, "the path");
    const approved = await whileStored(() => options.registry.approve(id, "admin"));
    if (approved === null) throw unknownDesktop(id);
    response.json(describe(approved, options));
  };
}

/** `DELETE /v1/desktops/{id}`: 204; the desktop is put out. */
export function onRevokeDesktop({ registry }: Pick<DesktopRouteOptions, "registry">): RequestHandler {
  return async (request, response) => {
    const { id } = parseRequest(pathSchema, request.params, "the path");
    const revoked = await whileStored(() => registry.revoke(id, "admin"));
    if (revoked === null) throw unknownDesktop(id);
    response.status(204).end();
  };
}

function unknownDesktop(id: string): HttpProblem {
  return new HttpProblem(404, `there is no desktop ${id}; GET /v1/desktops lists them`);
}

function describe(entry: DesktopEntry, { tokens }: DesktopRouteOptions) {
  const { id, device, osUser, agent, state, alarm, keyProtection, publicKey, enrolledBy } = entry;
  const instant = (at: number | null) => (at === null ? null : formatInstant(at));
  return {
    id,
    device,
    osUser,
    agent,
    state,
    alarm,
    keyProtection,
    publicKey,
    enrolledAt: formatInstant(entry.enrolledAt),
    enrolledBy: { token: enrolledBy, note: enrolledBy === SITE_TOKEN ? null : tokens.noteOf(enrolledBy) },
    lastSeenAt: formatInstant(entry.lastSeenAt),
    approvedAt: instant(entry.approvedAt),
    approvedBy: entry.approvedBy,
    revokedAt: instant(entry.revokedAt),
    revokedBy: entry.revokedBy,
  };
}
