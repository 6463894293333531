import { describeError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** One POST to an endpoint: the answer's status, or why there was none. */
export interface PostAnswer {
  readonly status: number | null;
  readonly error: string | null;
}

/** What a webhook carries besides its body (learn.microsoft.com, "Use webhooks"). */
export interface PostHeaders {
  /** The environment's host. */
  readonly organization: string;
  readonly entity: string;
  readonly message: string;
  readonly correlationId: string;
  readonly isSizeExceeded: boolean;
}

/**
 * Posts a body to a webhook's address, with its key as `?code=`. Never throws.
 *
 * @param timeoutMs - how long the answer may take.
 */
export async function postWebhook(
  endpoint: { readonly url: string; readonly key: string | null },
  body: string,
  headers: PostHeaders,
  timeoutMs: DurationMs,
  signal: AbortSignal,
): Promise<PostAnswer> {
  const target = new URL(endpoint.url);
  if (endpoint.key !== null) target.searchParams.set("code", endpoint.key);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "x-ms-dynamics-organization": headers.organization,
        "x-ms-dynamics-entity-name": headers.entity,
        "x-ms-dynamics-request-name": headers.message,
        "x-ms-correlation-request-id": headers.correlationId,
        ...(headers.isSizeExceeded ? { "x-ms-dynamics-msg-size-exceeded": "true" } : {}),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return { status: response.status, error: null };
  } catch (error) {
    return { status: null, error: describeError(error) };
  }
}
