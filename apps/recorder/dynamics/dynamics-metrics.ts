import { Counter, Gauge, type Registry } from "prom-client";
import type { CallEventsAnswer } from "#shared/api/call-event.ts";
import type { EventOrigin, PostOutcome } from "./dynamics-sync.ts";

/** What the gauges show, read when they are asked for. */
export interface DynamicsFigures {
  waitingPosts(): number;
  /** Null: no pass has gone well yet. */
  lastPassAgeS(): number | null;
  /** Null: Dynamics has not answered yet. */
  clockOffsetS(): number | null;
}

/** How the following of Dynamics is counted. */
export interface DynamicsMetrics {
  countPost(outcome: PostOutcome["state"] | "stored" | "not-stored"): void;
  countEvents(answer: CallEventsAnswer, origin: EventOrigin): void;
  countQuery(): void;
  countFault(what: "row" | "mapping"): void;
}

/** Adds the metrics of following Dynamics to a registry. */
export function createDynamicsMetrics(registry: Registry, figures: DynamicsFigures): DynamicsMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `deskreel_dynamics_${name}_total`, help, labelNames, registers });
  const posts = counter("webhook_posts", "Posts of Dataverse's webhooks, by what became of them", "outcome");
  const events = counter("events", "Call events from Dynamics that were new, by what told of them", "origin");
  const queries = counter("queries", "Reads of Dataverse rows for call events");
  const faults = counter("faults", "Rows that could not be read, and calls that could not be mapped", "what");
  const gauge = (name: string, help: string, value: () => number | null) =>
    new Gauge({
      name: `deskreel_dynamics_${name}`,
      help,
      registers,
      collect() {
        this.set(value() ?? Number.NaN);
      },
    });
  gauge("webhook_posts_waiting", "Posts that are stored and not mapped yet", () => figures.waitingPosts());
  gauge("last_pass_age_seconds", "Since the last pass over Dynamics that went well", () =>
    figures.lastPassAgeS(),
  );
  gauge("clock_offset_seconds", "How far Dynamics' clock is ahead of this machine's", () =>
    figures.clockOffsetS(),
  );
  return {
    countPost: (outcome) => posts.inc({ outcome }),
    countEvents: ({ accepted, ignored }, origin) => events.inc({ origin }, accepted + ignored.length),
    countQuery: () => queries.inc(),
    countFault: (what) => faults.inc({ what }),
  };
}
