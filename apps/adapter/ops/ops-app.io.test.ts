import { expect, test } from "vitest";
import { listenHttp } from "#shared/http/listen.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { LoopHealth } from "#shared/loop/keep-trying.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";
import { createOps } from "./ops-app.ts";

test("the ops listener needs no token, names what does not work, and counts", async () => {
  using database = openDatabase(":memory:");
  const stores = createStores(database);
  const health: LoopHealth = { fault: null };
  const ops = createOps({ stores, health: [health], allowedHosts: [], log: silentLog() });
  await using listener = await listenHttp("ops", { host: "127.0.0.1", port: 0 }, ops.app);
  const get = async (path: string) => {
    const response = await fetch(listener.url + path);
    return { status: response.status, text: await response.text() };
  };
  expect(await get("/healthz")).toEqual({ status: 200, text: '{"alive":true}' });
  expect(await get("/readyz")).toEqual({ status: 200, text: '{"ready":true,"problems":[]}' });
  health.fault = "dynamics: did not answer";
  stores.jobs.put("a1c2", { ...stores.jobs.get("a1c2"), attempts: 1, fault: "ffmpeg ended with 1" });
  ops.countReadable();
  expect(JSON.parse((await get("/readyz")).text)).toEqual({
    ready: true,
    problems: ["dynamics: did not answer", "1 interaction(s) could not be archived yet, see the log"],
  });
  const { text } = await get("/metrics");
  for (const line of [
    "deskreel_adapter_versions_readable_total 1",
    "deskreel_adapter_jobs_failing 1",
    "deskreel_adapter_peers_failing 1",
    "deskreel_adapter_audio_parts_faulty 0",
  ]) {
    expect(text).toContain(line);
  }
  expect((await get("/openapi.json")).status).toBe(200);
  expect((await get("/nothing")).status).toBe(404);
});
