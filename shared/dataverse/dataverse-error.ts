import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** What Dataverse, its token endpoint or its blob store answered instead of what was asked for. */
export class DataverseError extends DeskreelError {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** From `Retry-After`; null when the answer does not ask for a pause. */
  readonly retryAfterMs: DurationMs | null;

  /** @param code - Dataverse's own (`0x80072322`), Entra's (`AADSTS7000215`), or ours when there is none. */
  constructor(
    code: string,
    message: string,
    answer: { status: number | null; retryAfterMs?: DurationMs | null },
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.status = answer.status;
    this.retryAfterMs = answer.retryAfterMs ?? null;
  }
}

/** The pause that an error of Dataverse asks for; null when it is another error or asks for none. */
export function askedPauseMs(error: unknown): DurationMs | null {
  return error instanceof DataverseError ? error.retryAfterMs : null;
}

/**
 * Reads a refusal: `{"error":{"code","message"}}` of Dataverse, `{"error","error_description","error_codes"}` of Entra.
 *
 * @param subject - what was asked for; without query, which may hold a signature.
 */
export async function readRefusal(subject: string, response: Response): Promise<DataverseError> {
  const text = await response.text().catch(() => "");
  const { code, message } = parseRefusal(text);
  return new DataverseError(
    code ?? "HTTP_STATUS",
    `${subject} answered ${response.status}: ${(message ?? text).slice(0, 500) || "(empty)"}`,
    { status: response.status, retryAfterMs: readRetryAfter(response.headers) },
  );
}

function parseRefusal(text: string): { code?: string; message?: string } {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    return {}; // A proxy's page, or nothing: the status says it all.
  }
  const { error, error_description: description } = (tree ?? {}) as Record<string, unknown>;
  if (typeof error === "string" && typeof description === "string") {
    return { code: /AADSTS\d+/.exec(description)?.[0] ?? error, message: description };
  }
  const { code, message } = (error ?? {}) as Record<string, unknown>;
  return typeof code === "string" && typeof message === "string" ? { code, message } : {};
}

/**
 * RFC 9110 10.2.3: seconds, as Dataverse says it, or a date, as proxies may. A date counts from the answer's own `Date`,
 * because the server's clock and ours may differ by more than the pause.
 */
function readRetryAfter(headers: Headers): DurationMs | null {
  const text = headers.get("Retry-After")?.trim() ?? "";
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1_000;
  const [until, answeredAt] = [Date.parse(text), Date.parse(headers.get("Date") ?? "")];
  return Number.isNaN(until) || Number.isNaN(answeredAt) ? null : Math.max(0, until - answeredAt);
}
