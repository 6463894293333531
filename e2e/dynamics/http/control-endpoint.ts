import express, { type Request, type Response, type Router } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { type CallScript, parseCallScript } from "../script/call-script.ts";
import type { PlacedCall } from "../script/placed-call.ts";
import { loadCallScript } from "../script/shipped-scripts.ts";

const placeCallSchema = z.strictObject({
  /** A shipped script's name, or a script. */
  script: z.union([z.string(), z.record(z.string(), z.unknown())], "must be a script's name or a script"),
});

/** What the control endpoint steers. */
export interface CallDesk {
  placeCall(script: CallScript): Promise<PlacedCall>;
  call(callSessionId: string): PlacedCall | undefined;
}

/**
 * `POST /calls` places a call, `GET /calls/{callSessionId}` says how it goes. JSON only, so that no page of a browser
 * can post here: it would have to ask first, and nobody answers that.
 */
export function controlEndpoint(desk: CallDesk): Router {
  const router = express.Router();
  router.post("/calls", express.json({ limit: "1mb" }), async (request: Request, response: Response) => {
    if (!request.is("application/json")) throw new HttpProblem(415, "the body must be application/json");
    const { script } = parseRequest(placeCallSchema, request.body, "the call to place");
    const call = await placeScript(desk, script).catch(refuseScript);
    response.status(201).location(`/simulator/calls/${call.callSessionId}`).json(call.state());
  });
  router.get("/calls/:id", (request: Request, response: Response) => {
    const call = desk.call(String(request.params["id"]));
    if (call === undefined) throw new HttpProblem(404, "no call with that id was placed here");
    response.json(call.state());
  });
  return router;
}

async function placeScript(desk: CallDesk, script: string | Record<string, unknown>): Promise<PlacedCall> {
  return desk.placeCall(typeof script === "string" ? await loadCallScript(script) : parseCallScript(script));
}

/** A script with faults, or one that this machine cannot speak, is the caller's to mend. */
function refuseScript(error: unknown): never {
  if (error instanceof DeskreelError) throw new HttpProblem(400, error.message, { cause: error });
  throw error;
}
