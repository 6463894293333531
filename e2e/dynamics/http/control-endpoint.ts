import express, { type Request, type Response, type Router } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Faults } from "../faults/faults.ts";
import { faultSettingsSchema } from "../faults/fault-settings.ts";
import { type CallScript, parseCallScript } from "../script/call-script.ts";
import type { PlacedCall } from "../script/placed-call.ts";
import type { WebhookSender } from "../webhooks/webhook-sender.ts";
import { loadCallScript } from "../script/shipped-scripts.ts";

const placeCallSchema = z.strictObject({
  /** A shipped script's name, or a script. */
  script: z.union([z.string(), z.record(z.string(), z.unknown())], "must be a script's name or a script"),
});

/** What the control endpoint steers. */
export interface ControlDesk {
  placeCall(script: CallScript): Promise<PlacedCall>;
  call(callSessionId: string): PlacedCall | undefined;
  readonly faults: Faults;
  readonly webhooks: WebhookSender;
}

/**
 * `POST /calls` places a call, `GET /calls/{callSessionId}` says how it goes; `POST /faults` changes the faults that it
 * names, `GET /faults` and `DELETE /faults` tell and clear them; `GET /webhooks` tells the posts. JSON only, so that no page of a browser
 * can post here: it would have to ask first, and nobody answers that.
 */
export function controlEndpoint(desk: ControlDesk): Router {
  const router = express.Router();
  router.post("/calls", express.json({ limit: "1mb" }), async (request: Request, response: Response) => {
    requireJson(request);
    const { script } = parseRequest(placeCallSchema, request.body, "the call to place");
    const call = await placeScript(desk, script).catch(refuseScript);
    response.status(201).location(`/simulator/calls/${call.callSessionId}`).json(call.state());
  });
  router.get("/calls/:id", (request: Request, response: Response) => {
    const call = desk.call(String(request.params["id"]));
    if (call === undefined) throw new HttpProblem(404, "no call with that id was placed here");
    response.json(call.state());
  });
  router.get("/faults", (_request: Request, response: Response) => {
    response.json(desk.faults.settings);
  });
  router.post("/faults", express.json(), (request: Request, response: Response) => {
    requireJson(request);
    const changes = z.record(z.string(), z.unknown());
    const named = parseRequest(changes, request.body, "the faults");
    parseRequest(faultSettingsSchema, { ...desk.faults.settings, ...named }, "the faults");
    desk.faults.set(named);
    response.json(desk.faults.settings);
  });
  router.delete("/faults", (_request: Request, response: Response) => {
    desk.faults.clear();
    response.json(desk.faults.settings);
  });
  router.get("/webhooks", (_request: Request, response: Response) => {
    response.json({ items: desk.webhooks.posts() });
  });
  return router;
}

function requireJson(request: Request): void {
  if (!request.is("application/json")) throw new HttpProblem(415, "the body must be application/json");
}

async function placeScript(desk: ControlDesk, script: string | Record<string, unknown>): Promise<PlacedCall> {
  return desk.placeCall(typeof script === "string" ? await loadCallScript(script) : parseCallScript(script));
}

/** A script with faults, or one that this machine cannot speak, is the caller's to mend. */
function refuseScript(error: unknown): never {
  if (error instanceof DeskreelError) throw new HttpProblem(400, error.message, { cause: error });
  throw error;
}
