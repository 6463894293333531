import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** Microsoft, "Service protection API limits": of one user, at one web server. */
const LIMIT = 6_000;
const WINDOW_S = 300;
/** The other half is for the adapter, for rows that are named for the first time, and for catching up. */
const OUR_SHARE = LIMIT / 2;

/** Tables that a pass asks for what has changed. */
const QUERIES_PER_PASS = 5;
/** Single calls and agents are read at most this often, as many of them at once as a query takes. */
export const REFRESH_EVERY_MS: DurationMs = 2_000;
/** Five for calls, three for agents. */
const QUERIES_PER_REFRESH = 8;

/** What following Dynamics costs. */
export interface RequestBudget {
  /** Requests in 300 s, at most. */
  requests: number;
  /** For people: how that comes about. */
  words: string;
}

/**
 * What the configuration's intervals cost of Dataverse's service protection limits.
 *
 * @throws DeskreelError `BAD_CONFIG` when it is more than half of what Dataverse allows.
 */
export function requestBudget(
  config: Pick<DynamicsConfig, "eventsPollEveryS" | "reconcileS"> & { events: "webhook" | "poll" },
): RequestBudget {
  const isPoll = config.events === "poll";
  const everyS = isPoll ? config.eventsPollEveryS : config.reconcileS;
  const passes = (QUERIES_PER_PASS * WINDOW_S) / everyS;
  const refreshS = REFRESH_EVERY_MS / 1_000;
  const refreshes = isPoll ? 0 : (QUERIES_PER_REFRESH * WINDOW_S) / refreshS;
  const requests = Math.ceil(passes + refreshes);
  const parts = [`${QUERIES_PER_PASS} queries every ${everyS} s`];
  if (!isPoll)
    parts.push(`at most ${QUERIES_PER_REFRESH} every ${refreshS} s for calls that webhooks tell of`);
  const words = `${parts.join(" and ")} = ${requests} of ${LIMIT} requests per ${WINDOW_S / 60} min`;
  if (requests <= OUR_SHARE) return { requests, words };
  const key = isPoll ? "dynamics.eventsPollEveryS" : "dynamics.reconcileS";
  const leastS = (QUERIES_PER_PASS * WINDOW_S) / (OUR_SHARE - refreshes);
  throw new DeskreelError(
    "BAD_CONFIG",
    `${key} is ${everyS}: ${words}, and more than half of what Dataverse allows a user; set it to ${Math.ceil(leastS * 10) / 10} or more`,
  );
}
