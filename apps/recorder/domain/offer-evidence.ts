import type { EpochMs } from "#shared/time/units.ts";
import type { Evidence } from "./open-question.ts";

/** One offer of a call session to an agent, as its participant row has it; times are cut to whole seconds. */
export interface Offer {
  offeredAt: EpochMs;
  joinedAt: EpochMs | null;
  leftAt: EpochMs | null;
  /** Its session or the whole conversation is closed: whoever was in it is not any more. */
  isClosed: boolean;
}

/**
 * What the offers to an agent say of one of its legs. Only those count that lasted while the leg did; an offer that
 * merely touches it counts where there is no other, since an agent may be offered a call again in the second in which an
 * offer ended.
 *
 * @param leg - whole seconds; `endedAt` null while it goes on.
 */
export function judgeOffers(
  offers: readonly Offer[],
  leg: { startedAt: EpochMs; endedAt: EpochMs | null },
): Evidence {
  const within = offers.filter((offer) => overlapMs(offer, leg) > 0);
  const own = within.length > 0 ? within : offers.filter((offer) => overlapMs(offer, leg) === 0);
  const joined = own.filter((offer) => offer.joinedAt !== null);
  if (joined.some((offer) => offer.leftAt === null && !offer.isClosed)) return "joined";
  if (joined.length > 0) return "answered";
  if (own.length === 0) return "unknown";
  return own.every((offer) => offer.leftAt !== null || offer.isClosed) ? "not-answered" : "unknown";
}

/** Negative when they do not meet. */
function overlapMs(offer: Offer, leg: { startedAt: EpochMs; endedAt: EpochMs | null }): number {
  const until = Math.min(offer.leftAt ?? Number.POSITIVE_INFINITY, leg.endedAt ?? Number.POSITIVE_INFINITY);
  return until - Math.max(offer.offeredAt, leg.startedAt);
}
