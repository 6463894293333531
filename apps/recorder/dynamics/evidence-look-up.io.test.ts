import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { type DynamicsSimulator, startDynamics } from "../../../e2e/dynamics/simulator.ts";
import { AgentDirectory } from "../agents/agent-directory.ts";
import { systemUserName } from "../agents/agent-names.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import type { EvidenceSubject, LookUpEvidence } from "../control/evidence.ts";
import { eventually } from "../testing/eventually.ts";
import { createEvidenceLookUp } from "./evidence-look-up.ts";

const START = Date.UTC(2026, 2, 2, 10);
const PRIMARY = 192_350_002;
const CONSULT = 192_350_003;
const MONITOR = 192_350_004;
const CHAT = 192_360_000;
const VOICE = "192440000";
const ANN = { entraId: "a0000000-0000-4000-8000-000000000001", upn: "ann@contoso.com", name: "Ann" };
const BOB = { entraId: "b0000000-0000-4000-8000-000000000002", upn: "bob@contoso.com", name: "Bob" };

const clock = {
  at: START,
  now() {
    return this.at;
  },
};
const { signal } = new AbortController();
let simulator: DynamicsSimulator;
let buffer: CallBuffer;
let names: AgentDirectory;
let lookUp: LookUpEvidence;
let opened: AsyncDisposableStack;
let conversation: string;
let session: string;

beforeEach(async () => {
  clock.at = START;
  opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-evidence-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const log = silentLog();
  simulator = opened.use(await startDynamics({ log, clock }));
  buffer = opened.use(await openCallBuffer(join(folder, "buffer"), log));
  names = opened.use(new AgentDirectory({ buffer, clock, log }));
  const clientSecretFile = join(folder, "secret");
  await writeFile(clientSecretFile, simulator.clientSecret);
  const { url, tenantId, clientId } = simulator;
  const tree = { dynamics: { url, authority: url, tenantId, clientId, clientSecretFile } };
  const { dynamics } = configSchema(folder).parse(tree);
  if (dynamics === undefined) throw new Error("the section is there");
  const client = new DataverseClient(dynamics, clock);
  lookUp = createEvidenceLookUp({ client, names, mapping: dynamics.mapping, log });
  conversation = addConversation();
  session = addSession(conversation);
});
afterEach(async () => {
  await opened.disposeAsync();
});

function addConversation(values: Record<string, string | number | null> = {}): string {
  const open = { statecode: 0, statuscode: 2, msdyn_closedon: null };
  return simulator.tables.addConversation({ startedAt: START, closedAt: START }, { ...open, ...values });
}

function addSession(of: string, values: Record<string, string | number> = {}): string {
  const open = { msdyn_liveworkitemid: of, msdyn_channel: VOICE, statecode: 0, statuscode: 1 };
  return simulator.tables.insert("msdyn_ocsessions", { ...open, ...values });
}

/** An offer of now to an agent; seconds from now, null = not. */
function offer(
  agent: typeof ANN,
  {
    joined = null,
    left = null,
    mode = PRIMARY,
    of = session,
  }: {
    joined?: number | null;
    left?: number | null;
    mode?: number;
    of?: string;
  } = {},
): string {
  const at = (seconds: number | null) => (seconds === null ? null : clock.at + seconds * 1_000);
  return simulator.tables.insert("msdyn_sessionparticipants", {
    msdyn_omnichannelsession: of,
    msdyn_agentid: simulator.tables.addAgent(agent),
    msdyn_mode: mode,
    msdyn_joinedon: at(joined),
    msdyn_lefton: at(left),
  });
}

/** What is said of Ann's leg from now on to 30 seconds later, unless told otherwise. */
function ask(changes: Partial<EvidenceSubject> = {}): ReturnType<LookUpEvidence> {
  const leg = { startedAt: clock.at + 120, endedAt: clock.at + 30_480 };
  return lookUp({ agent: ANN.upn, callSessionId: conversation, ...leg, ...changes }, signal);
}

describe("what the participant rows say", () => {
  test.each([
    ["joined and not left", { joined: 5 }, "joined"],
    ["joined and left", { joined: 5, left: 30 }, "answered"],
    ["left without joining", { left: 30 }, "not-answered"],
    ["offered still", {}, "unknown"],
  ] as const)("%s", async (_, times, evidence) => {
    offer(ANN, times);
    expect(await ask()).toBe(evidence);
  });

  test.each(["conversation", "session"] as const)(
    "a %s that is closed ends whatever its rows leave open",
    async (what) => {
      const [of, by] = [
        what === "session" ? addSession(conversation, { statecode: 1, statuscode: 2 }) : session,
        offer,
      ];
      by(ANN, { joined: 5, of });
      by(BOB, { of });
      if (what === "conversation")
        simulator.tables.update("msdyn_ocliveworkitems", conversation, { statecode: 1, statuscode: 4 });
      expect([await ask(), await ask({ agent: BOB.upn })]).toEqual(["answered", "not-answered"]);
    },
  );

  test("each leg has its own offer: a transfer back that is not answered is told from the first call", async () => {
    offer(ANN, { joined: 5, left: 100 });
    clock.at += 200_000;
    offer(ANN, { left: 30, of: addSession(conversation) });
    expect(await ask()).toBe("not-answered");
    const first = { startedAt: START, endedAt: START + 100_000 };
    expect(await ask(first)).toBe("answered");
  });

  test("a consulted agent is one too, a monitoring one is not", async () => {
    offer(ANN, { joined: 5, mode: CONSULT });
    offer(BOB, { joined: 5, mode: MONITOR });
    expect([await ask(), await ask({ agent: BOB.upn })]).toEqual(["joined", "unknown"]);
  });
});

describe("unknown, never not-answered", () => {
  test("is an agent without any row", async () => {
    offer(BOB, { left: 30 });
    expect(await ask()).toBe("unknown");
  });

  test("is a conversation that Dynamics does not have", async () => {
    expect(await ask({ callSessionId: "a1c20b02-4e38-4f11-a315-000d3a5a54dc" })).toBe("unknown");
  });

  test("is a conversation without a voice channel", async () => {
    const chat = addConversation({ msdyn_channel: String(CHAT) });
    offer(ANN, { left: 30, of: addSession(chat) });
    expect(await ask({ callSessionId: chat })).toBe("unknown");
  });

  test("is a session id that cannot be Dynamics', and nothing is asked", async () => {
    const before = simulator.requests.all().length;
    expect(await ask({ callSessionId: "posted-by-hand" })).toBe("unknown");
    expect(simulator.requests.all().length).toBe(before);
  });

  test("is what a Dynamics that is gone says, and one that takes too long", async () => {
    offer(ANN, { left: 30 });
    const gone = AbortSignal.abort(new DOMException("too long", "TimeoutError"));
    expect(
      await lookUp({ agent: ANN.upn, callSessionId: conversation, startedAt: 0, endedAt: null }, gone),
    ).toBe("unknown");
    await simulator[Symbol.asyncDispose]();
    expect(await ask()).toBe("unknown");
  });
});

describe("faults", () => {
  async function expectPassing(
    fault: "too-many-requests" | "unavailable" | "forbidden" | "torn",
    path: string,
  ) {
    offer(ANN, { left: 30 });
    simulator.faults.set({ webApi: [{ fault, path, next: 1, retryAfterS: 0 }] });
    expect(await ask()).toBe("unknown");
    await eventually(async () => expect(await ask()).toBe("not-answered"));
  }

  test.each(["msdyn_ocliveworkitems", "msdyn_ocsessions", "msdyn_sessionparticipants", "systemusers"])(
    "whatever strikes at %s, it is unknown; then it is known",
    async (set) => {
      await expectPassing("forbidden", set);
      await expectPassing("torn", set);
    },
  );

  test.each(["too-many-requests", "unavailable"] as const)(
    "%s is unknown, until it is over",
    async (fault) => {
      await expectPassing(fault, "msdyn_ocsessions");
    },
  );

  test("a refused token is got anew", async () => {
    offer(ANN, { left: 30 });
    simulator.faults.set({ webApi: [{ fault: "expired", next: 1 }] });
    expect(await ask()).toBe("not-answered");
  });

  test("while Dataverse asks for a pause, nothing is asked", async () => {
    offer(ANN, { left: 30 });
    simulator.faults.set({ webApi: [{ fault: "too-much-time", next: 1, retryAfterS: 1 }] });
    expect(await ask()).toBe("unknown");
    const before = simulator.requests.all().length;
    expect(await ask()).toBe("unknown");
    expect(simulator.requests.all().length).toBe(before);
    await eventually(async () => expect(await ask()).toBe("not-answered"));
  });
});

describe("whose row it is", () => {
  test.each([
    ["UPN", ANN.upn],
    ["Entra id", ANN.entraId],
  ])("is told by the agent's %s", async (_, agent) => {
    offer(ANN, { joined: 5 });
    offer(BOB, { left: 5 });
    expect(await ask({ agent })).toBe("joined");
  });

  test("is told by the systemuser's id, under which an agent goes whose row could not be read", async () => {
    offer(ANN, { joined: 5 });
    expect(await ask({ agent: systemUserName(simulator.tables.addAgent(ANN)) })).toBe("joined");
  });

  test("is told by any name that the directory knows", async () => {
    offer(ANN, { joined: 5 });
    names.learn(["contoso\\ann", ANN.upn], "desktop");
    expect(await ask({ agent: "contoso\\ann" })).toBe("joined");
  });
});
