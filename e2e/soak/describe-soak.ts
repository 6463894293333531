import type { FaultKind } from "./judge.ts";
import { clockTime, describeEvent } from "./judge.ts";
import type { SoakResult } from "./soak-events.ts";

/** The result for people: a table, and for each agent and call session where something is wrong, what both sides have. */
export function describeSoak(result: SoakResult): string {
  const rows = figuresOf(result);
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const verdict =
    result.faults.length === 0 ? "nothing is wrong" : `${result.faults.length} things are wrong`;
  return [
    `soak of events, seed ${result.options.seed}: ${verdict}`,
    ...table,
    ...describeFaults(result),
  ].join("\n");
}

function figuresOf(result: SoakResult): [string, string][] {
  const { judgement, webhooks, posts, recorder, requests } = result;
  const { pairs, recordings, events, lateEnds } = judgement;
  const all = pairs.answered + pairs.unanswered;
  const count = (...kinds: FaultKind[]) =>
    String(judgement.faults.filter(({ kind }) => kinds.includes(kind)).length);
  const memory =
    recorder.residentBytes === null ? "not known" : `${Math.round(recorder.residentBytes / 2 ** 20)} MiB`;
  return [
    ["calls", `${result.voiceCalls} voice, ${result.chats} chats, in ${Math.round(result.tookMs / 1_000)} s`],
    ["kills", `${recorder.kills}, and ${recorder.unwantedEnds.length} ends that nobody wanted`],
    ["agents in calls", `${pairs.answered} answered, ${pairs.unanswered} not`],
    ["accounted for", `${pairs.accounted} of ${all} (${((100 * pairs.accounted) / all).toFixed(1)} %)`],
    ["false deletes", count("false-delete")],
    ["kept without answer", count("kept-unanswered")],
    ["known to nobody else", count("unknown-pair")],
    ["recordings", `${recordings.sealed} sealed, ${recordings.discarded} discarded, ${recordings.open} open`],
    ["call events", `${events.expected} happened, ${events.stored} stored, ${count("events-differ")} differ`],
    ["timelines", `${count("timeline-differs")} events not on theirs`],
    [
      "ends of recordings",
      `${count("ends-early")} too early, ${lateEnds.count} late (at most ${lateEnds.worstMs / 1_000} s)`,
    ],
    ["events nowhere", count("event-lost")],
    [
      "webhook posts",
      `${webhooks.posts}: ${webhooks.delivered} delivered, ${webhooks.lost} lost, ${webhooks.failed} failed; ${webhooks.duplicates} of them twice, ${webhooks.cut} cut`,
    ],
    ["posts stored", `${posts.mapped} mapped, ${posts.refused} refused, ${posts.waiting} waiting`],
    ["Web API requests", `${requests.answered}, ${requests.spoiled} refused`],
    ["recorder", `${memory}, ${recorder.errors} errors logged`],
    ["simulator late by", `${result.worstLagMs} ms at worst`],
  ];
}

function describeFaults(result: SoakResult): string[] {
  if (result.faults.length === 0) return [];
  const pairs = new Map(
    result.judgement.faults.map((fault) => [`${fault.agent} ${fault.callSessionId}`, fault] as const),
  );
  return [
    "",
    ...result.faults,
    ...[...pairs.values()].flatMap(({ agent, callSessionId }) => [
      "",
      ...describePair(result, agent, callSessionId),
    ]),
  ];
}

/** What happened between an agent and a call session by the truth, and what the recorder has of it. */
function describePair({ truth, record }: SoakResult, agent: string, callSessionId: string | null): string[] {
  const isOfPair = (one: { agent: string; callSessionId: string | null }) =>
    one.agent === agent && one.callSessionId === callSessionId;
  const isOfPairOrFreed = (one: { agent: string; callSessionId: string | null }) =>
    isOfPair(one) || (one.agent === agent && one.callSessionId === null);
  const pair = truth.pairs.find(isOfPair);
  const times = truth.events.filter(isOfPair).map(({ at }) => at);
  const [first, last] = [Math.min(...times) - 5_000, Math.max(...times) + 15_000];
  const events = (
    list: readonly { type: string; at: number; agent: string; callSessionId: string | null }[],
  ) =>
    list
      .filter((event) => isOfPairOrFreed(event) && event.at >= first && event.at <= last)
      .map(
        (event) =>
          `${describeEvent(event as Parameters<typeof describeEvent>[0])}${event.callSessionId === null ? " (of all)" : ""}`,
      )
      .join(", ");
  return [
    `${agent} in ${callSessionId}: ${pair === undefined ? "never was" : pair.isKept ? "answered" : "not answered"}`,
    `  happened: ${events(truth.events)}`,
    `  stored:   ${events(record.events)}`,
    ...record.recordings.filter(isOfPair).map((recording) => {
      const { id, leg, phase, startedAt, endedAt, note } = recording;
      const timeline = recording.events
        .map(({ type, at }) => `${clockTime(Date.parse(at))} ${type}`)
        .join(", ");
      return `  recording ${id}: leg ${leg}, ${phase}, ${startedAt} to ${endedAt}, note ${note}: ${timeline}`;
    }),
    ...record.ledger
      .filter(isOfPair)
      .map(
        ({ recordingId, word, reason, from, to }) =>
          `  ledger: ${recordingId ?? "no recording"}, ${word}, ${reason}, ${from} to ${to}`,
      ),
  ];
}
