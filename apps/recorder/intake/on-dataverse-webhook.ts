import type { Request, RequestHandler } from "express";
import { z } from "zod";
import { secretsEqual } from "#shared/http/guards.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { WebhookPost } from "../call-buffer/webhook-posts.ts";

/** Takes posts of Dataverse's webhooks: resolves once a post is durable, rejects when it cannot be stored. */
export interface WebhookIntake {
  storePost(post: Omit<WebhookPost, "id">): Promise<void>;
}

/** What every post has that Dataverse sends; all else is looked at when it is mapped. */
const name = z.string("must be a text").min(1, "must not be empty");
export const envelopeSchema = z.object(
  { PrimaryEntityName: name, PrimaryEntityId: name, MessageName: name },
  "must be a RemoteExecutionContext",
);

/** Those that tell how a post was made; credentials of any kind are not kept. */
const KEPT_HEADERS = /^x-ms-(dynamics-[a-z-]+|correlation-request-id)$/;

/** Lets a request pass that knows the webhook's key. */
export function requireWebhookKey(webhookKey: string): RequestHandler {
  return (request, _response, next) => {
    const { code } = request.query;
    if (typeof code !== "string" || !secretsEqual(code, webhookKey)) {
      throw new HttpProblem(401, "the webhook's key is missing or wrong; it belongs into ?code=");
    }
    next();
  };
}

/**
 * `POST /v1/dataverse-webhook`: 200 once the body is durable as it came. Mapping follows, so that Dataverse never waits for
 * it: whatever takes it longer than 60 s counts as failed and is not sent again.
 *
 * @param intake - null: this recorder does not follow Dynamics.
 */
export function onDataverseWebhook(intake: WebhookIntake | null, clock: Clock): RequestHandler {
  return async (request, response) => {
    // The body is complete here: the parser has run. What starts a capture counts its latency from now on.
    const receivedAt = Math.floor(clock.now());
    if (intake === null) {
      throw new HttpProblem(
        503,
        "this recorder does not follow Dynamics: dynamics.events is none, or there is no section dynamics",
      );
    }
    const body = readText(request);
    parseRequest(envelopeSchema, parseJson(body), "the webhook's post");
    const headers = Object.entries(request.headers).filter(
      (header): header is [string, string] => KEPT_HEADERS.test(header[0]) && typeof header[1] === "string",
    );
    try {
      await intake.storePost({ receivedAt, headers: Object.fromEntries(headers), body });
    } catch (cause) {
      // Whatever the reason: only at a 503 Dataverse sends it again.
      throw new HttpProblem(503, "the post cannot be stored now; send it again later", { cause });
    }
    response.status(200).json({});
  };
}

function readText(request: Request): string {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes)) throw new HttpProblem(400, "the post has no body");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new HttpProblem(400, "the body is not valid UTF-8", { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "not valid JSON";
    throw new HttpProblem(400, "the body is not valid JSON", { cause, errors: [{ path: "", message }] });
  }
}
