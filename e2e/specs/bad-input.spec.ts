import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decode, encode } from "@msgpack/msgpack";
import WebSocket from "ws";
import { makeDesktopKey, proofFor } from "#shared/trust/desktop-proof.ts";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { postEvents } from "../rig/events.ts";
import { startProgram } from "../rig/program.ts";

const ANN = "ann@contoso.com";

test("whatever nonsense comes in is refused by name, and the running call goes on", async ({
  site,
  desktop,
  call,
}) => {
  await desktop(ANN, "PC-0815");
  await call.connect();
  await call.captured();

  await test.step("a malformed event: every faulty field is named, nothing is stored", async () => {
    const good = {
      id: randomUUID(),
      type: "on-hold",
      at: new Date().toISOString(),
      agent: ANN,
      callSessionId: call.callSessionId,
    };
    const response = await postEvents(site, [
      good,
      { ...good, id: "", type: "exploded", at: "yesterday", colour: "red" },
    ]);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).sort()).toEqual(["/1/at", "/1/colour", "/1/id", "/1/type"]);
    expect((await call.recording()).events.map(({ type }) => type)).toEqual(["connected"]);
  });

  await test.step("a body that is not JSON, and one that is too large", async () => {
    expect((await postEvents(site, "{oops")).status).toBe(400);
    expect((await postEvents(site, `"${"x".repeat(1_100_000)}"`)).status).toBe(413);
    expect(
      (
        await postEvents(
          site,
          Array.from({ length: 1_001 }, () => ({})),
        )
      ).status,
    ).toBe(413);
  });

  await test.step("a wrong token, and a token for something else", async () => {
    expect((await postEvents(site, {}, "wrong-token-wrong-token")).status).toBe(401);
    expect((await postEvents(site, {}, site.tokens.adapter)).status).toBe(403);
  });

  await test.step("a desktop with a wrong enrolment token is told so and put out", async () => {
    const { publicKey, privateKey } = makeDesktopKey();
    const who = { host: "127.0.0.1", device: "PC-1", osUser: "bob", publicKey };
    const answer = await talk(site.recorderUrl, [
      encode({ t: "authenticate", id: 1, publicKey }),
      ({ nonce = "" }) => {
        const proof = proofFor(privateKey, { ...who, purpose: "enrol", nonce }, "plain");
        return encode({ t: "enrol", id: 2, ...proof, token: "not-the-enrolment-token" });
      },
    ]);
    expect(answer).toMatchObject({
      messages: [
        { t: "challenge", id: 1, isKnown: false },
        { t: "error", id: 2, code: "WRONG_TOKEN" },
      ],
      closeCode: 4401,
    });
  });

  await test.step("broken msgpack frames are named, and the socket survives what is harmless", async () => {
    const { messages } = await talk(site.recorderUrl, [
      Uint8Array.of(0xc1),
      encode([1, 2]),
      encode({ t: "explode", id: 7 }),
      encode({ t: "enrol", id: 8 }),
      encode({ t: "authenticate", id: 9, publicKey: makeDesktopKey().publicKey }),
    ]);
    expect(messages.map(({ t, id, code }) => [t, id, code])).toEqual([
      ["error", null, "NOT_MSGPACK"],
      ["error", null, "NOT_A_MESSAGE"],
      ["error", 7, "UNKNOWN_TYPE"],
      ["error", 8, "BAD_FIELDS"],
      ["challenge", 9, undefined],
    ]);
  });

  await sleep(2_000);
  await call.wrapUp();
  await call.end();
  const recording = await call.sealed();
  expect(recording).toMatchObject({ coverage: "recorded" });
});

for (const part of ["recorder", "adapter"] as const) {
  test(`the ${part} refuses an unreadable configuration: every problem, no stack trace, exit code 2`, async ({
    folder,
  }) => {
    const file = join(folder, "bad.yaml");
    await writeFile(file, `${part}: { http: { port: 99999 }, hptt: 1 }\n`);
    const program = await startProgram(part, process.execPath, [
      join(REPOSITORY, `apps/${part}/main.ts`),
      "--config",
      file,
    ]);
    expect(await program.ended).toMatchObject({ code: 2 });
    expect(program.tail()).toContain(`${part}.http.port: found 99999; must be 0 to 65535`);
    expect(program.tail()).toContain(`${part}.hptt: found 1; unknown key`);
    expect(program.tail()).not.toMatch(/\n\s+at /);
  });
}

interface Reply {
  t: string;
  id?: number | null;
  code?: string;
  nonce?: string;
}

/** Sends frames to the desktop channel and collects what comes back until it is quiet or the socket is closed. */
async function talk(
  recorderUrl: string,
  frames: (Uint8Array | ((answerBefore: Reply) => Uint8Array))[],
): Promise<{ messages: Reply[]; closeCode: number | null }> {
  const socket = new WebSocket(`${recorderUrl.replace(/^http/, "ws")}/v1/agent`, "deskreel.1");
  const messages: Reply[] = [];
  let closeCode: number | null = null;
  const closed = new Promise<void>((resolve) => {
    socket.on("close", (code) => {
      closeCode = code;
      resolve();
    });
  });
  socket.on("message", (data: Buffer) => messages.push(decode(data) as Reply));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  for (const [index, frame] of frames.entries()) {
    if (typeof frame !== "function") {
      socket.send(frame);
      continue;
    }
    while (messages.length < index) await sleep(20);
    socket.send(frame(messages[index - 1] ?? { t: "nothing" }));
  }
  const answered = async () => {
    while (messages.length < frames.length) await sleep(20);
  };
  await Promise.race([closed, answered().then(() => sleep(300))]);
  const result = { messages, closeCode };
  socket.terminate();
  return result;
}
