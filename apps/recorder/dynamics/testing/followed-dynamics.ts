import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configSchema, type DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { FaultSettingsInput } from "../../../../e2e/dynamics/faults/fault-settings.ts";
import type { CallScriptInput } from "../../../../e2e/dynamics/script/call-script.ts";
import type { ExpectedEvent } from "../../../../e2e/dynamics/script/call-truth.ts";
import type { PlacedCall } from "../../../../e2e/dynamics/script/placed-call.ts";
import { type DynamicsSimulator, startDynamics } from "../../../../e2e/dynamics/simulator.ts";
import { TestRecorder, TOKENS } from "../../testing/test-recorder.ts";
import { setUpDynamics } from "../registration/registration.ts";

const AGENTS = {
  ann: { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann Agent" },
  bob: { entraId: "a0000000-0000-4000-8000-000000000002", upn: "bob@contoso.com", name: "Bob Backoffice" },
};

/** A call with everything that takes more than one row to tell: hold, consultation, transfer, wrap-ups; 7 s. */
export const BUSY_CALL: CallScriptInput = {
  direction: "inbound",
  customer: "+14255550101",
  queue: "Billing",
  agents: AGENTS,
  steps: [
    { atMs: 0, do: "ring", agent: "ann" },
    { atMs: 1_000, do: "answer", agent: "ann" },
    { atMs: 2_000, do: "hold", agent: "ann" },
    { atMs: 3_000, do: "resume", agent: "ann" },
    { atMs: 3_000, do: "transfer-to-agent", agent: "ann", to: "bob" },
    { atMs: 4_000, do: "answer", agent: "bob" },
    { atMs: 4_000, do: "leave", agent: "ann" },
    { atMs: 5_000, do: "finish", agent: "ann" },
    { atMs: 6_000, do: "end", agent: "bob" },
    { atMs: 7_000, do: "finish", agent: "bob" },
  ],
  audio: [],
};

/** A simulated Dynamics and a recorder that follows it, over real HTTP and on a real disk. */
export class FollowedDynamics implements AsyncDisposable {
  readonly simulator: DynamicsSimulator;
  readonly recorder: TestRecorder;
  readonly config: DynamicsConfig;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    simulator: DynamicsSimulator,
    recorder: TestRecorder,
    config: DynamicsConfig,
    parts: AsyncDisposableStack,
  ) {
    this.simulator = simulator;
    this.recorder = recorder;
    this.config = config;
    this.#parts = parts;
  }

  /**
   * Starts both; the recorder does not follow yet.
   *
   * @param section - of the configuration, over the simulator's.
   */
  static async open(section: object, faults: FaultSettingsInput = {}): Promise<FollowedDynamics> {
    await using parts = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "deskreel-dynamics-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const simulator = parts.use(await startDynamics({ log: silentLog(), faults }));
    const clientSecretFile = join(folder, "secret");
    await writeFile(clientSecretFile, simulator.clientSecret);
    const { url, tenantId, clientId } = simulator;
    const place = { url, authority: url, tenantId, clientId, clientSecretFile };
    const { dynamics } = configSchema(folder).parse({ dynamics: { ...place, ...section } });
    if (dynamics === undefined) throw new Error("the section is there");
    const recorder = parts.use(await TestRecorder.open());
    recorder.clock.run();
    return new FollowedDynamics(simulator, recorder, dynamics, parts.move());
  }

  /** Starts the recorder again, which follows Dynamics from then on, and has its webhooks registered. */
  async follow(): Promise<void> {
    const { events } = this.config;
    if (events === "none") throw new Error("this recorder is not to follow");
    await this.recorder.stop();
    this.recorder.dynamics = { ...this.config, events };
    await this.recorder.start();
    if (events === "webhook") await this.register();
  }

  /** Registers the recorder's webhook as `npm run setup-dynamics` does. */
  async register(): Promise<void> {
    await setUpDynamics({
      dynamics: this.config,
      webhookUrl: this.recorder.url,
      webhookKey: TOKENS.webhookKey,
      clock: new WallClock(),
      print: () => undefined,
      signal: new AbortController().signal,
    });
  }

  place(script: CallScriptInput = BUSY_CALL): Promise<PlacedCall> {
    return this.simulator.placeCall(script);
  }

  /** The call events that the recorder has of a call and of its agents' presence, as text, sorted. */
  eventsOf(call: PlacedCall): string[] {
    const { dynamics } = this.recorder.buffer;
    const users = this.simulator.tables.rows("systemusers");
    const upnOf = (id: string | undefined) =>
      String(users.find((user) => user["systemuserid"] === id)?.["domainname"]);
    const own = dynamics.eventIds(`${call.callSessionId}:`).map((id) => {
      const [, userId, type, second] = id.split(":");
      return describe({
        type,
        agent: upnOf(userId),
        at: Number(second) * 1_000,
        callSessionId: call.callSessionId,
      });
    });
    const free = users.flatMap((user) =>
      dynamics.eventIds(`${String(user["systemuserid"])}:agent-available:`).map((id) => {
        const [userId, type, second] = id.split(":");
        return describe({ type, agent: upnOf(userId), at: Number(second) * 1_000, callSessionId: null });
      }),
    );
    return [...own, ...free].sort();
  }

  /** Resolves when the condition holds; what it throws or answers in the end is in the error. */
  async until<Value>(look: () => Value | Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> {
    for (let tries = 0; ; tries += 1) {
      const value = await look();
      if (isRight(value)) return value;
      if (tries > 400) throw new Error(`still ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A metric's value, with its labels as written. */
  async metric(name: string): Promise<number> {
    const text = await this.recorder.metrics.registry.metrics();
    const line = text.split("\n").find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? 0);
  }

  async checks(): Promise<Record<string, string>> {
    const answer = await fetch(new URL("/readyz", this.recorder.opsUrl));
    const { checks } = (await answer.json()) as {
      checks: { name: string; state: string; detail?: string }[];
    };
    return Object.fromEntries(
      checks.map(({ name, state, detail }) => [name, detail === undefined ? state : `${state}: ${detail}`]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** What a person who watched the calls would have written down. */
export function expectedOf(...calls: PlacedCall[]): string[] {
  return calls.flatMap((call) => call.state().expected.map(describe)).sort();
}

function describe(event: Omit<ExpectedEvent, "type"> & { type: string | undefined }): string {
  const { at, agent, type, callSessionId } = event;
  return `${formatInstant(at).slice(11, 19)} ${agent} ${type}${callSessionId === null ? " all" : ""}`;
}
