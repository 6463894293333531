/** A call of which nobody's screen was there: recorder and adapter, both real, say why, and say the same. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerEntry } from "#shared/api/ledger.ts";
import type { LedgerLine } from "../../apps/adapter/domain/ledger.ts";
import { RECORDER_TOKEN } from "../../apps/adapter/rig/fake-recorder.ts";
import { scratchFolder, startRig } from "../../apps/adapter/rig/run-site.ts";
import { startRecorder } from "../../apps/recorder/recorder.ts";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";

const TOKENS = {
  integration: "integration-token-000001",
  admin: "admin-token-000000000001",
  adapter: RECORDER_TOKEN,
  webhookKey: "webhook-key-000000000001",
  enrollment: "enrollment-token-0000001",
};
const HOUR_MS = 3_600_000;

test("why there is nothing of a call is told alike by the recorder's ledger and the adapter's", async () => {
  await using scratch = await scratchFolder();
  const tokensFile = join(scratch.path, "tokens.json");
  await writeFile(tokensFile, JSON.stringify(TOKENS), { mode: 0o600 });
  const ports = { http: { port: 0 }, ops: { port: 0 }, webrtc: { port: 0 } };
  const config = configSchema(scratch.path).parse({
    recorder: { ...ports, tokensFile, bufferDir: join(scratch.path, "buffer"), buffer: { reserveMb: 1 } },
  });
  const clock = new WallClock();
  await using recorder = await startRecorder(config, silentLog(), clock);
  await using rig = await startRig({ recorders: [recorder.url], stitch: { audioTimeoutS: 0.5 } });

  const send = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${TOKENS.integration}`, "content-type": "application/json" };
    const answer = await fetch(recorder.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    expect([path, answer.ok]).toEqual([path, true]);
  };
  /** A call of some seconds of an agent's own that began so long ago. */
  const call = (callSessionId: string, agoMs: number) => {
    const at = (afterMs: number) => new Date(clock.now() - agoMs + afterMs).toISOString();
    const facts = { callSessionId, agent: `${callSessionId}@contoso.com` };
    return [
      { ...facts, id: `${callSessionId}-1`, type: "connected", at: at(0) },
      { ...facts, id: `${callSessionId}-2`, type: "agent-available", at: at(8_000) },
    ];
  };
  // An agent is known once something was heard of them.
  const known = { id: "known", type: "agent-available", at: new Date(clock.now()).toISOString() };
  await send("/v1/call-events", { ...known, agent: "paused@contoso.com" });
  await send("/v1/agents/paused@contoso.com/pause", { reason: "card number" });
  const calls = [...call("offline", 9_000), ...call("late", HOUR_MS), ...call("paused", 0)];
  await send(
    "/v1/call-events",
    calls.filter(({ type }) => type === "connected"),
  );
  await send(
    "/v1/call-events",
    calls.filter(({ type }) => type !== "connected"),
  );

  const ids = ["offline", "late", "paused"];
  for (const id of ids) await rig.interaction(id);
  const read = async <Body>(url: string, token: string) => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as Body;
  };
  const ledger = await read<{ items: LedgerEntry[] }>(`${recorder.url}/v1/coverage`, TOKENS.admin);
  const lines = await read<{ items: LedgerLine[] }>(
    `${rig.adapter.url}/v1/coverage?reason=desktop-offline`,
    rig.adapter.tokens.viewer,
  );
  const all = await read<{ items: LedgerLine[] }>(
    `${rig.adapter.url}/v1/coverage`,
    rig.adapter.tokens.viewer,
  );
  const told = (id: string) => {
    const entry = ledger.items.find(({ callSessionId }) => callSessionId === id);
    const missing = all.items
      .find(({ interactionId }) => interactionId === id)
      ?.missing.find(({ reason }) => reason !== "no-audio");
    return { recorder: [entry?.reason, entry?.detail], adapter: [missing?.reason, missing?.detail] };
  };
  const alike = (reason: string, detail: string | null) => ({
    recorder: [reason, detail],
    adapter: [reason, detail],
  });
  expect(Object.fromEntries(ids.map((id) => [id, told(id)]))).toEqual({
    offline: alike("desktop-offline", "never-enrolled"),
    late: alike("events-late", "recorder-started-later"),
    paused: alike("paused", null),
  });
  expect(lines.items.map(({ interactionId }) => interactionId)).toEqual(["offline"]);
});
