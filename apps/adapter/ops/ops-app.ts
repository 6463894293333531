import express, { type Express } from "express";
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { requireKnownHost } from "#shared/http/guards.ts";
import { problemWriter, unknownPath } from "#shared/http/problem.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { LoopHealth } from "#shared/loop/keep-trying.ts";
import { adapterApi } from "../replay/api-document.ts";
import type { AdapterStores } from "../store/stores.ts";

export interface OpsOptions {
  stores: AdapterStores;
  /** The loops whose other side may be out of reach. */
  health: readonly LoopHealth[];
  allowedHosts: readonly string[];
  log: Log;
}

export interface Ops {
  app: Express;
  countReadable(): void;
}

/**
 * The listener for those who run the adapter; it needs no token. `/readyz` answers 200 as long as replay works, and
 * names what does not: with Dynamics or a recorder away there is still everything to see that was archived before.
 */
export function createOps({ stores, health, allowedHosts, log }: OpsOptions): Ops {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const readable = new Counter({
    name: "deskreel_adapter_versions_readable_total",
    help: "Versions of interactions that were archived and can be replayed",
    registers: [registry],
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge("deskreel_adapter_jobs_failing", "Interactions whose next version failed and is tried again", () =>
    stores.jobs.countFailing(),
  );
  gauge("deskreel_adapter_audio_parts_faulty", "Audio parts that cannot be used", () =>
    stores.audio.countFaulty(),
  );
  gauge(
    "deskreel_adapter_peers_failing",
    "Recorders and Dynamics environments out of reach",
    () => health.filter(({ fault }) => fault !== null).length,
  );

  const app = express();
  app.disable("x-powered-by");
  app.use(requireKnownHost(allowedHosts));
  app.get("/healthz", (_request, response) => void response.json({ alive: true }));
  app.get("/readyz", (_request, response) => {
    response.json({ ready: true, problems: listProblems(stores, health) });
  });
  app.get("/metrics", async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.get("/openapi.json", (_request, response) => void response.json(adapterApi()));
  app.use(unknownPath);
  app.use(problemWriter(log));
  return { app, countReadable: () => readable.inc() };
}

function listProblems(stores: AdapterStores, health: readonly LoopHealth[]): string[] {
  const problems = health.flatMap(({ fault }) => (fault === null ? [] : [fault]));
  const failing = stores.jobs.countFailing();
  if (failing > 0) problems.push(`${failing} interaction(s) could not be archived yet, see the log`);
  const unfetched = stores.audio.countFailing();
  if (unfetched > 0) problems.push(`${unfetched} audio part(s) could not be fetched yet, see the log`);
  const faulty = stores.audio.countFaulty();
  if (faulty > 0) problems.push(`${faulty} audio part(s) cannot be used, see the log`);
  return problems;
}
