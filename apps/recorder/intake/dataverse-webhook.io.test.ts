import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FollowedDynamics } from "../dynamics/testing/followed-dynamics.ts";
import { TOKENS } from "../testing/test-recorder.ts";

const PATH = `/v1/dataverse-webhook?code=${TOKENS.webhookKey}`;
const ID = "c1000000-0000-4000-8000-000000000001";
const envelope = {
  MessageName: "Create",
  PrimaryEntityName: "msdyn_sessionparticipant",
  PrimaryEntityId: ID,
  OperationCreatedOn: "/Date(1772445762000+0000)/",
};

let own: FollowedDynamics;
beforeEach(async () => {
  own = await FollowedDynamics.open({ reconcileS: 3_600 });
  await own.follow();
});
afterEach(async () => {
  await own[Symbol.asyncDispose]();
});

function post(
  body: string | Uint8Array,
  path = PATH,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(new URL(path, own.recorder.url), { method: "POST", body: body, headers });
}

interface PostRow {
  state: string;
  detail: string | null;
  body: string;
  headers: string;
}

/** The post's row in the catalogue. */
function stored(id: number): PostRow | undefined {
  const catalogue = new Database(join(own.recorder.folder, "catalog.db"), { readonly: true });
  try {
    return catalogue.prepare<[number], PostRow>("SELECT * FROM webhook_posts WHERE id = ?").get(id);
  } finally {
    catalogue.close();
  }
}

async function untilSettled(id: number): Promise<PostRow> {
  const found = await own.until(
    () => stored(id),
    (row) => row !== undefined && row.state !== "waiting",
  );
  if (found === undefined) throw new Error("it is there");
  return found;
}

describe("POST /v1/dataverse-webhook", () => {
  test.each([
    ["without a key", "/v1/dataverse-webhook"],
    ["with a wrong key", "/v1/dataverse-webhook?code=wrong"],
    ["with two keys", `${PATH}&code=${TOKENS.webhookKey}`],
  ])("is 401 %s, and nothing is stored", async (_, path) => {
    const answer = await post(JSON.stringify(envelope), path);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("the webhook's key is missing or wrong");
    expect(stored(1)).toBeUndefined();
  });

  test.each([
    ["no body", "", 400, "not valid JSON"],
    ["no JSON", "{", 400, "not valid JSON"],
    ["no object", "[]", 400, "must be a RemoteExecutionContext"],
    ["another service's post", '{"events":[]}', 400, "/PrimaryEntityId"],
    [
      "a number for a table",
      JSON.stringify({ ...envelope, PrimaryEntityName: 7 }),
      400,
      "/PrimaryEntityName",
    ],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400, "not valid UTF-8"],
    ["more than 1 MiB", `"${"x".repeat(2 ** 20)}"`, 413, "above the limit of 1 MiB"],
  ])("refuses %s, names the fault and stores nothing", async (_, body, status, words) => {
    const answer = await post(body);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)]);
    expect(stored(1)).toBeUndefined();
  });

  test("keeps a post as it came, whatever type it calls itself, with Dynamics' own headers only", async () => {
    const body = `{ "MessageName":"Assign","PrimaryEntityName":"contact",  "PrimaryEntityId":"${ID}", "n":1.50 }`;
    const headers = {
      "Content-Type": "text/plain",
      "x-ms-dynamics-entity-name": "contact",
      "X-Ms-Correlation-Request-Id": "1",
      Authorization: "Bearer secret",
    };
    expect((await post(body, PATH, headers)).status).toBe(200);
    const row = await untilSettled(1);
    expect(row.body).toBe(body);
    expect(JSON.parse(row.headers)).toEqual({
      "x-ms-dynamics-entity-name": "contact",
      "x-ms-correlation-request-id": "1",
    });
  });

  test.each([
    ["another table", { PrimaryEntityName: "contact" }, "Create of contact is nothing for the recorder"],
    ["another message", { MessageName: "Delete" }, "Delete of msdyn_sessionparticipant is nothing"],
    ["no time", { OperationCreatedOn: null }, "/OperationCreatedOn"],
    ["a row that is not there", {}, `participant ${ID} is not there any more`],
  ])("answers 200 to %s, and refuses it with the reason, in sight", async (_, changes, reason) => {
    expect((await post(JSON.stringify({ ...envelope, ...changes }))).status).toBe(200);
    expect(await untilSettled(1)).toMatchObject({
      state: "refused",
      detail: expect.stringContaining(reason),
    });
    expect(await own.metric('deskreel_dynamics_webhook_posts_total{outcome="stored"}')).toBe(1);
    await own.until(
      () => own.metric('deskreel_dynamics_webhook_posts_total{outcome="refused"}'),
      (count) => count === 1,
    );
  });

  test("is 503 when a post cannot be stored, which has Dynamics send it again", async () => {
    const locker = new Database(join(own.recorder.folder, "catalog.db"));
    locker.exec("BEGIN IMMEDIATE");
    const answer = await post(JSON.stringify(envelope));
    locker.close();
    expect([answer.status, await answer.text()]).toEqual([
      503,
      expect.stringContaining("cannot be stored now"),
    ]);
    expect(await own.metric('deskreel_dynamics_webhook_posts_total{outcome="not-stored"}')).toBe(1);
  });
});
