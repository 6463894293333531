import type { Manifest } from "#shared/archive/manifest.ts";
import { seededRandom } from "./made-up-recordings.ts";

/** The URL's filters of one list. */
export type ArchiveQuery = Record<string, string>;

const DAY_MS = 86_400_000;

/**
 * What people and programs ask an archive for, by what it is called in the result; each call asks for something else.
 *
 * @param samples - some of what is in the archive, spread over all of it.
 */
export function archiveQueries(samples: readonly Manifest[]): Record<string, () => ArchiveQuery> {
  const random = seededRandom(7);
  const any = (): Manifest => {
    const sample = samples[Math.floor(random() * samples.length)];
    if (sample === undefined) throw new RangeError("there is no sample to ask for");
    return sample;
  };
  const agent = () => any().agents[0]?.agent ?? "";
  const customer = () => any().call["customer"] ?? "";
  const queue = () => any().call["queue"] ?? "";
  const cursor = () => {
    const { startedAt, interactionId } = any();
    return Buffer.from(`0/${Date.parse(startedAt)}/${interactionId}`).toString("base64url");
  };
  const longest = "-durationMs";
  const oldest = Math.min(...samples.map(({ startedAt }) => Date.parse(startedAt)));
  const at = (days: number) => new Date(oldest + days * DAY_MS).toISOString();
  const day = () => {
    const from = Math.floor(random() * 360);
    return { from: at(from), to: at(from + 1) };
  };
  const oldDay = { from: at(0), to: at(1) };
  /** The first letters of a word, as a list is asked for while somebody types it. */
  const typed = (length: number) => (any().agents[0]?.name ?? "").slice(0, length);
  return {
    newest: () => ({}),
    deep: () => ({ cursor: cursor() }),
    "200 at once, deep": () => ({ cursor: cursor(), limit: "200" }),
    "a day": day,
    "until a day": () => ({ to: any().startedAt }),
    "before all there is": () => ({ to: at(-10) }),
    agent: () => ({ agent: agent() }),
    "agent, deep": () => ({ agent: agent(), cursor: cursor() }),
    "agent nobody has": () => ({ agent: "nobody@contoso.com" }),
    "agent, a day": () => ({ agent: agent(), ...day() }),
    customer: () => ({ customer: customer() }),
    "queue, deep": () => ({ queue: queue(), cursor: cursor() }),
    "queue nobody has": () => ({ queue: "None" }),
    "queue, the oldest day": () => ({ queue: queue(), ...oldDay }),
    "coverage not-recorded": () => ({ coverage: "not-recorded" }),
    "coverage partial, the oldest day": () => ({ coverage: "partial", ...oldDay }),
    "queue and coverage not-recorded": () => ({ queue: queue(), coverage: "not-recorded" }),
    "queue, not-recorded, 19.9 minutes or more": () => ({
      ...{ queue: queue(), coverage: "not-recorded", minDurationMs: "1194000" },
    }),
    "agent, queue and coverage": () => ({ agent: agent(), queue: queue(), coverage: "partial" }),
    "agent, not-recorded, 19 minutes or more": () => ({
      ...{ agent: agent(), coverage: "not-recorded", minDurationMs: "1140000" },
    }),
    "19 minutes or more, deep": () => ({ minDurationMs: "1140000", cursor: cursor() }),
    "19.9 minutes or more, the oldest day": () => ({ minDurationMs: "1194000", ...oldDay }),
    "longer than any": () => ({ minDurationMs: "9999999" }),
    "recorded, queue, 19 minutes or more, the oldest day": () => ({
      ...{ coverage: "recorded", queue: queue(), minDurationMs: "1140000", ...oldDay },
    }),
    "q one letter": () => ({ q: typed(1) }),
    "q one letter that nothing has": () => ({ q: "ß" }),
    "q two letters": () => ({ q: typed(2) }),
    "q two letters that nothing has": () => ({ q: "zq" }),
    "q two characters that few have": () => ({ q: "w-" }),
    "q three letters": () => ({ q: typed(3) }),
    "q an agent's name, half typed": () => ({ q: typed(14) }),
    "q an agent's name": () => ({ q: any().agents[0]?.name ?? "" }),
    "q an agent's name, deep": () => ({ q: any().agents[0]?.name ?? "", cursor: cursor() }),
    "q a word that all have": () => ({ q: "contoso.com" }),
    "q a queue": () => ({ q: queue() }),
    "q an id": () => ({ q: any().interactionId }),
    "q a part of an id": () => ({ q: any().interactionId.slice(4, 12) }),
    "q a customer": () => ({ q: customer() }),
    "q three digits of a number": () => ({ q: customer().slice(-3) }),
    "q four digits of a number": () => ({ q: customer().slice(-4) }),
    "q five digits of a number": () => ({ q: customer().slice(-5) }),
    "q what nothing has": () => ({ q: "no such words" }),
    "q common pieces that nothing has together": () => ({ q: "contoso.com billing" }),
    "q and agent": () => ({ q: "billing", agent: agent() }),
    "q three digits, agent": () => ({ q: customer().slice(-3), agent: agent() }),
    "q three digits, queue": () => ({ q: customer().slice(-3), queue: queue() }),
    "q three digits, queue, not-recorded": () => ({
      ...{ q: customer().slice(-3), queue: queue(), coverage: "not-recorded" },
    }),
    "q three digits, 19 minutes or more": () => ({ q: customer().slice(-3), minDurationMs: "1140000" }),
    "q three digits, the oldest day": () => ({ q: customer().slice(-3), ...oldDay }),
    "q one queue, queue another": () => ({ q: "complaints", queue: "Billing" }),
    "q a queue, partial, 19 minutes or more": () => ({
      ...{ q: queue(), coverage: "partial", minDurationMs: "1140000" },
    }),
    "q an agent's name, queue, partial": () => ({
      ...{ q: any().agents[0]?.name ?? "", queue: queue(), coverage: "partial" },
    }),
    "direction outbound": () => ({ direction: "outbound" }),
    "direction that nothing has": () => ({ direction: "sideways" }),
    "direction outbound, queue, partial": () => ({
      ...{ direction: "outbound", queue: queue(), coverage: "partial" },
    }),
    "an attribute that few have": () => ({ attribute: "consent:refused" }),
    "an attribute that many have": () => ({ attribute: "consent:given" }),
    "an attribute that nothing has": () => ({ attribute: "consent:perhaps" }),
    "oldest first": () => ({ sort: "startedAt" }),
    "oldest first, agent, a day": () => ({ sort: "startedAt", agent: agent(), ...day() }),
    "longest first": () => ({ sort: longest }),
    "longest first, a day": () => ({ sort: longest, ...day() }),
    "longest first, 90 days": () => ({ sort: longest, from: at(200), to: at(290) }),
    "longest first, agent": () => ({ sort: longest, agent: agent() }),
    "longest first, queue": () => ({ sort: longest, queue: queue() }),
    "longest first, partial": () => ({ sort: longest, coverage: "partial" }),
    "longest first, q an agent's name": () => ({ sort: longest, q: any().agents[0]?.name ?? "" }),
    "longest first, q a word that all have": () => ({ sort: longest, q: "contoso.com" }),
    "shortest first, 19 minutes or more": () => ({ sort: "durationMs", minDurationMs: "1140000" }),
  };
}
