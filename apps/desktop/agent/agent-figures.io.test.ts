import { createConnection } from "node:net";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import type { CapturePolicy, DesktopFigures } from "#shared/protocol/messages.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { makeDesktopKey, signProof } from "#shared/trust/desktop-proof.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { PRESENT } from "../domain/presence.ts";
import { DesktopAgent } from "./desktop-agent.ts";
import { POLICY, ScriptedRecorder, TOKEN } from "./testing/scripted-recorder.ts";

const { publicKey, privateKey } = makeDesktopKey();
const nothing = () => Promise.resolve();
const never = () => () => {};

test("what the app takes of its PC is told with a heartbeat, but not with each", async () => {
  await using recorder = await ScriptedRecorder.listen();
  const figures: DesktopFigures = { cpuPercent: 7.5, uplinkKbps: 140, framesPerSecond: 5, budget: "lowered" };
  const policies: CapturePolicy[] = [];
  const agent = new DesktopAgent({
    identity: {
      ...{ serverUrl: recorder.url, enrollmentToken: TOKEN, agent: "ann@contoso.com" },
      ...{ device: "PC-1", osUser: "ann", appVersion: "0.1.0" },
    },
    key: {
      ...{ publicKey, keyProtection: "plain" },
      sign: (facts) => signProof(privateKey, { ...facts, publicKey }),
    },
    budgets: { setPolicy: (policy) => policies.push(policy), figures },
    networkState: () => "",
    async dial(url) {
      const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
    displays: { displays: () => [], onChange: never },
    presence: { presence: () => PRESENT, watch: () => {}, onChange: never },
    clock: new WallClock(),
    log: silentLog(),
    onSession: () => {},
  });
  const stop = new AbortController();
  const ended = agent.run(
    { status: null, prepare: nothing, setPolicy: nothing, capture: nothing },
    stop.signal,
  );
  await vi.waitFor(() => expect(recorder.pings).toBeGreaterThan(10), { timeout: 15_000 });
  expect(recorder.figures).toEqual([figures]);
  expect(policies).toEqual([POLICY]);
  stop.abort();
  await ended;
});
