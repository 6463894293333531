import type { Manifest } from "#shared/archive/manifest.ts";
import type { LedgerLine, LedgerTotals } from "../../domain/ledger.ts";
import type { Facet, FacetField, Histogram, InteractionPage } from "../../archive/find/query.ts";
import { isAttended } from "./attention.ts";
import { shellWords } from "./words/shell-words.ts";
import type { LiveAnswer } from "./live/live-rows.ts";

export type Interaction = Manifest & { flags: { legalHold: boolean } };

/** Who is signed in and what this server can do. */
export interface Session {
  name: string;
  role: "viewer" | "supervisor" | "admin" | "agent";
  /** That a supervisor is in charge of. */
  teams: { id: string; name: string }[];
  /** Whom the person is as an agent. */
  agentId: string | null;
  /** There is a password of one's own, to be changed at `/password`. */
  hasAccount: boolean;
  canPlaceCall: boolean;
  mayExport: boolean;
  mayHold: boolean;
  mayReadNotes: boolean;
  mayComment: boolean;
  mayReadTrail: boolean;
  maySeeLive: boolean;
  mayReadAudit: boolean;
  mayReadCoverage: boolean;
  mayAdminister: boolean;
}

/** The server's answer was a problem, or there was none (`status` 0). */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ApiError";
    this.status = status;
  }
}

export function fetchSession(signal: AbortSignal): Promise<Session> {
  return request("/session", { signal });
}

/** @param query - the parameters of `GET /v1/interactions`; what the page shows beside the manifest comes along. */
export function fetchInteractions(query: URLSearchParams, signal: AbortSignal): Promise<InteractionPage> {
  const asked = new URLSearchParams(query);
  asked.set("with", "life");
  return request(`/v1/interactions?${asked}`, { signal });
}

/** @param query - the parameters of `GET /v1/interactions/histogram`. */
export function fetchHistogram(query: URLSearchParams, signal: AbortSignal): Promise<Histogram> {
  return request(`/v1/interactions/histogram?${query}`, { signal });
}

/** Values that interactions have, those with the text in them. */
export async function fetchFacets(field: FacetField, text: string, signal: AbortSignal): Promise<Facet[]> {
  const query = new URLSearchParams({ field, ...(text.trim() === "" ? {} : { q: text.trim() }) });
  const { items } = await request<{ items: Facet[] }>(`/v1/facets?${query}`, { signal });
  return items;
}

export function fetchInteraction(id: string, signal: AbortSignal): Promise<Interaction> {
  return request(`/v1/interactions/${encodeURIComponent(id)}`, { signal });
}

/** A page of the ledger. */
export interface LedgerPage {
  totals: LedgerTotals;
  items: LedgerLine[];
  cursor: string | null;
}

/** @param query - the parameters of `GET /v1/coverage`. */
export function fetchLedger(query: URLSearchParams, signal: AbortSignal): Promise<LedgerPage> {
  return request(`/v1/coverage?${query}`, { signal });
}

/**
 * What happens now.
 *
 * @param opening - which opening of the view asks, for the audit.
 * @param ended - calls of which it is asked whether they can be played by now.
 */
export function fetchLive(
  opening: string,
  ended: readonly string[],
  signal: AbortSignal,
): Promise<LiveAnswer> {
  const query = new URLSearchParams({ opening, ...(ended.length > 0 && { ended: ended.join(",") }) });
  return request(`/v1/live?${query}`, { signal });
}

/** An entry of the audit; `at` RFC 3339. */
export interface AuditItem {
  number: number;
  at: string;
  who: string;
  action: string;
  interactionId: string | null;
  detail: string;
}

/** A page of the audit, newest first, and whether all of it is whole. */
export interface AuditPage {
  items: AuditItem[];
  cursor: string | null;
  chain: { entries: number; sha256: string | null; faults: unknown[]; checkedAt: string };
}

/** @param cursor - of the page before; null: the first page. */
export function fetchAudit(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
  return request(`/v1/audit${cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`}`, { signal });
}

export function placeCall(signal: AbortSignal): Promise<{ interactionId: string }> {
  return request("/simulator/calls", { method: "POST", signal });
}

/** Where a media element finds a file of an interaction. */
export function fileUrl(interactionId: string, name: string): string {
  return `/v1/interactions/${encodeURIComponent(interactionId)}/files/${encodeURIComponent(name)}`;
}

/** Where an interaction is had as a zip. */
export function exportUrl(interactionId: string): string {
  return `/v1/interactions/${encodeURIComponent(interactionId)}/export`;
}

/** @throws ApiError when the answer is a problem, or there is none. */
export async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const headers = new Headers(init.headers);
  // A list that refreshes itself keeps nobody signed in who has gone.
  if (!isAttended()) headers.set("Deskreel-Unattended", "1");
  const response = await fetch(path, { ...init, headers }).catch((cause: unknown) => {
    init.signal?.throwIfAborted();
    throw new ApiError(0, shellWords().noAnswer, { cause });
  });
  if (response.status === 401) endSession(init.method ?? "GET");
  if (!response.ok) throw new ApiError(response.status, await problemDetail(response));
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/**
 * The session is over: the server shows its sign-in page in place of this one, unless something was written that would
 * go with it.
 *
 * @throws ApiError
 */
function endSession(method: string): never {
  const isWriting = [...document.querySelectorAll("textarea")].some(({ value }) => value.trim() !== "");
  if (method === "GET" && !isWriting) location.reload();
  throw new ApiError(401, shellWords().sessionOver);
}

async function problemDetail(response: Response): Promise<string> {
  const problem: unknown = await response.json().catch(() => null);
  const hasDetail = typeof problem === "object" && problem !== null && "detail" in problem;
  return hasDetail ? String(problem.detail) : shellWords().answered(response.status);
}
