import type { EpochMs } from "#shared/time/units.ts";
import type { Hold } from "./holds.ts";
import type { MappingSettings } from "./mapping-settings.ts";
import type { Offer } from "./offers.ts";

/** msdyn_conversationaccess: the customer hears what is said. */
const PUBLIC_ACCESS = 1;

/** An agent who asks another one, with the customer's own agent as `primary`. */
export interface Consultation {
  consult: Offer;
  primary: Offer;
}

/** Consult offers with the primary of the same session who was in the call when the offer was made. */
export function findConsultations(offers: readonly Offer[]): Consultation[] {
  return offers.flatMap((consult) => {
    if (consult.mode !== "consult") return [];
    const { createdAt, sessionId } = consult.row;
    const primary = offers
      .filter((one) => one.mode === "primary" && one.row.sessionId === sessionId)
      .filter(({ joinedAt, endsAt }) => isWithin(createdAt, joinedAt, endsAt))
      .sort((left, right) => (left.joinedAt ?? 0) - (right.joinedAt ?? 0))
      .at(-1);
    return primary === undefined ? [] : [{ consult, primary }];
  });
}

/** When the consulted agent left, while the primary was still there to have somebody leave; null: never. */
export function consultDoneAt({ consult, primary }: Consultation): EpochMs | null {
  return consult.leftAt !== null && isWithin(consult.leftAt, primary.joinedAt, primary.endsAt)
    ? consult.leftAt
    : null;
}

/**
 * When the consultation became a conference: with access public, when the consulted agent joined; by the customer being
 * off hold, in the first instant of both agents in the call that no hold of the primary covers. Null: never.
 */
export function conferencingAt(
  { consult, primary }: Consultation,
  holds: readonly Hold[],
  settings: MappingSettings,
): EpochMs | null {
  const { joinedAt } = consult;
  if (joinedAt === null) return null;
  switch (settings.conferencing) {
    case "never":
      return null;
    case "public-access":
      return consult.row.access === PUBLIC_ACCESS ? joinedAt : null;
    case "off-hold": {
      const at = firstWithoutHold(
        joinedAt,
        holds.filter((hold) => hold.userId === primary.userId),
      );
      const ends = [consult.endsAt, primary.endsAt].filter((end) => end !== null);
      return at !== null && ends.every((end) => at < end) ? at : null;
    }
  }
}

function firstWithoutHold(from: EpochMs, holds: readonly Hold[]): EpochMs | null {
  let at = from;
  for (const hold of [...holds].sort((left, right) => left.from - right.from)) {
    if (hold.from > at) return at;
    if (hold.to === null) return null;
    at = Math.max(at, hold.to);
  }
  return at;
}

function isWithin(at: EpochMs, from: EpochMs | null, to: EpochMs | null): boolean {
  return from !== null && from <= at && (to === null || at <= to);
}
