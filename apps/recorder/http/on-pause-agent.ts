import type { Request, RequestHandler } from "express";
import { z } from "zod";
import { agentIdSchema } from "#shared/api/identity.ts";
import { bearerToken } from "#shared/http/guards.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { PauseControl } from "../agents/pause-control.ts";
import type { DesktopDirectory } from "../capture/ports.ts";
import { describeDesktop } from "./on-list-agents.ts";
import { whileStored } from "./while-stored.ts";

/** The scopes that may pause; the first that a token has is noted with the pause. */
export const PAUSE_SCOPES = ["admin", "integration"] as const;

const REASON_MAX = 200;

export const pauseSchema = z.strictObject({
  reason: z
    .string("must be a text that says why")
    .trim()
    .min(1, "must not be empty")
    .max(REASON_MAX, `must have at most ${REASON_MAX} characters`),
});
export const resumeSchema = z.strictObject({});
const pathSchema = z.object({ agent: agentIdSchema });

export interface PauseRouteOptions {
  names: AgentDirectory;
  pauses: PauseControl;
  directory: DesktopDirectory;
  scopesOf: (token: string) => ReadonlySet<string> | null;
}

/** `POST /v1/agents/{agent}/pause`: 200 with the agent's state once the pause is durable. */
export function onPauseAgent(options: PauseRouteOptions): RequestHandler {
  return async (request, response) => {
    const agent = knownAgent(request, options);
    const { reason } = parseRequest(pauseSchema, request.body ?? {}, "the pause");
    await whileStored(() => options.pauses.pause(agent, reason, scopeOf(request, options)));
    response.json(describeAgent(knownAgent(request, options), options));
  };
}

/** `POST /v1/agents/{agent}/resume`: the same when the pause is over. */
export function onResumeAgent(options: PauseRouteOptions): RequestHandler {
  return async (request, response) => {
    const agent = knownAgent(request, options);
    parseRequest(resumeSchema, request.body ?? {}, "the body");
    await whileStored(() => options.pauses.resume(agent, scopeOf(request, options)));
    response.json(describeAgent(knownAgent(request, options), options));
  };
}

function knownAgent(request: Request, { names }: PauseRouteOptions): string {
  const { agent: name } = parseRequest(pathSchema, request.params, "the path");
  const agent = names.find(name);
  if (agent !== null) return agent;
  throw new HttpProblem(
    404,
    `no event, desktop, Dynamics row or alias has ever named an agent ${name}; ask again with a name that the recorder knows`,
  );
}

function scopeOf(request: Request, { scopesOf }: PauseRouteOptions): string {
  const held = scopesOf(bearerToken(request) ?? "");
  return PAUSE_SCOPES.find((scope) => held?.has(scope)) ?? PAUSE_SCOPES[0];
}

function describeAgent(agent: string, { pauses, directory }: PauseRouteOptions) {
  const pause = pauses.of(agent);
  const desktops = directory.agents().find((known) => known.agent === agent)?.desktops ?? [];
  return {
    agent,
    pause: pause && {
      since: formatInstant(pause.from),
      endsBy: formatInstant(pause.endsBy),
      reason: pause.reason,
      by: pause.by,
    },
    desktops: desktops.map(describeDesktop),
  };
}
