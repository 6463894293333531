import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DesktopEntry } from "../call-buffer/desktop-store.ts";
import { TestRecorder, TOKENS } from "../testing/test-recorder.ts";

let recorder: TestRecorder;
beforeEach(async () => {
  recorder = await TestRecorder.open();
});
afterEach(async () => {
  await recorder[Symbol.asyncDispose]();
});

interface Item {
  id: string;
  device: string;
  state: string;
  agent: string | null;
}
interface Page {
  items: Item[];
  cursor: string | null;
}

/** A desktop that has enrolled and said hello; as the channel does it. */
async function enrolled(device: string, agent = device, token = TOKENS.enrollment): Promise<DesktopEntry> {
  recorder.clock.advance(1);
  const entry = await recorder.registry.enrol({
    ...{ device, osUser: "ann", keyProtection: "os", token, remoteAddress: "127.0.0.1" },
    publicKey: `key of ${device}`,
  });
  recorder.registry.admit(entry.id, recorder.names.resolve(agent, "desktop"), false);
  return entry;
}

const list = async (query = "") => (await recorder.call<Page>("admin", "GET", `/v1/desktops${query}`)).body;
const make = <Body>(body?: unknown) => recorder.call<Body>("admin", "POST", "/v1/enrollment-tokens", body);

test.each([
  ["GET", "/v1/desktops"],
  ["DELETE", "/v1/desktops/1"],
  ["POST", "/v1/desktops/1/approve"],
  ["POST", "/v1/enrollment-tokens"],
])("%s %s is for admins only", async (method, path) => {
  expect((await recorder.call(null, method, path)).status).toBe(401);
  for (const scope of ["adapter", "integration", "enrollment"] as const)
    expect((await recorder.call(scope, method, path)).status).toBe(scope === "enrollment" ? 401 : 403);
});

describe("GET /v1/desktops", () => {
  test("shows all that is known of a desktop", async () => {
    const { id } = await enrolled("PC-1", "ann@contoso.com");
    expect((await list()).items).toEqual([
      {
        ...{ id, device: "PC-1", osUser: "ann", agent: "ann@contoso.com", state: "active", alarm: null },
        ...{ keyProtection: "os", publicKey: "key of PC-1", enrolledBy: { token: "site", note: null } },
        enrolledAt: "2026-03-02T10:00:01.000Z",
        lastSeenAt: "2026-03-02T10:00:01.000Z",
        ...{ approvedAt: null, approvedBy: null, revokedAt: null, revokedBy: null },
      },
    ]);
  });

  test("lists the one enrolled last first, page by page, and filters", async () => {
    for (const n of [1, 2, 3, 4, 5]) await enrolled(`PC-${n}`);
    const [first] = (await list("?agent=PC-3")).items;
    await recorder.call("admin", "DELETE", `/v1/desktops/${first?.id}`);
    const pages: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null && pages.length < 5) {
      const page: Page = await list(`?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      pages.push(page.items.map(({ device }) => device).join(" "));
      cursor = page.cursor;
    }
    expect(pages).toEqual(["PC-5 PC-4", "PC-3 PC-2", "PC-1"]);
    expect((await list("?state=revoked")).items.map(({ device }) => device)).toEqual(["PC-3"]);
    expect((await recorder.call("admin", "GET", "/v1/desktops?state=gone&x=1&limit=0")).body).toMatchObject({
      status: 400,
      errors: [{ path: "/state" }, { path: "/limit" }, { path: "/x" }],
    });
  });

  test("shows it under one agent when two turn out to be one person, with the alarm that this makes", async () => {
    await enrolled("PC-1", "ann@contoso.com");
    await enrolled("PC-2", "contoso\\ann");
    expect((await list("?agent=ann@contoso.com")).items).toHaveLength(1);
    recorder.names.learn(["ann@contoso.com", "contoso\\ann"], "dynamics");
    await expect
      .poll(async () => (await list("?agent=contoso%5Cann")).items)
      .toMatchObject([
        { device: "PC-2", alarm: "second-device" },
        { device: "PC-1", alarm: null },
      ]);
  });
});

describe("DELETE /v1/desktops/{id} and approve", () => {
  test("a revoked desktop stays listed, tells whoever holds its connection, and may be approved again", async () => {
    const { id } = await enrolled("PC-1");
    const told: string[] = [];
    recorder.registry.onRevoked((revoked) => told.push(revoked));
    expect((await recorder.call("admin", "DELETE", `/v1/desktops/${id}`)).status).toBe(204);
    expect((await list()).items).toMatchObject([
      { id, state: "revoked", revokedBy: "admin", revokedAt: "2026-03-02T10:00:01.000Z" },
    ]);
    expect(told).toEqual([id]);
    expect((await recorder.call("admin", "DELETE", `/v1/desktops/${id}`)).status).toBe(204);
    const approved = await recorder.call("admin", "POST", `/v1/desktops/${id}/approve`);
    expect([approved.status, approved.body]).toMatchObject([
      200,
      { id, state: "active", approvedBy: "admin", revokedAt: null },
    ]);
  });

  test("a desktop that is not there is 404", async () => {
    const answers = [
      await recorder.call("admin", "DELETE", "/v1/desktops/01UNKNOWN"),
      await recorder.call("admin", "POST", "/v1/desktops/01UNKNOWN/approve"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  test("what was decided holds after a restart", async () => {
    const [waits, revoked] = [await enrolled("PC-1"), await enrolled("PC-2")];
    await recorder.call("admin", "DELETE", `/v1/desktops/${revoked.id}`);
    await recorder.call("admin", "POST", `/v1/desktops/${waits.id}/approve`);
    await recorder.stop();
    await recorder.start();
    expect((await list()).items).toMatchObject([
      { device: "PC-2", state: "revoked" },
      { device: "PC-1", state: "active", approvedBy: "admin" },
    ]);
  });
});

describe("POST /v1/enrollment-tokens", () => {
  test("tells the token once; the catalogue has only its hash", async () => {
    const { status, headers, body } = await make<{ id: string; token: string }>({
      ...{ note: "pilot group", uses: 3, validForS: 3_600 },
    });
    expect([status, headers.get("cache-control"), body]).toEqual([
      201,
      "no-store",
      {
        ...{ id: expect.any(String), token: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/) },
        ...{ note: "pilot group", uses: 3, expiresAt: "2026-03-02T11:00:00.000Z" },
      },
    ]);
    await enrolled("PC-1", "ann", body.token);
    expect((await list()).items).toMatchObject([{ enrolledBy: { token: body.id, note: "pilot group" } }]);
    await recorder.stop();
    const files = await recorder.catalogueBytes();
    expect([files.includes(body.token), files.includes(body.id)]).toEqual([false, true]);
    await recorder.start();
  });

  test("is for one desktop and a day, unless told otherwise; null is for any number", async () => {
    expect((await make()).body).toMatchObject({ note: "", uses: 1, expiresAt: "2026-03-03T10:00:00.000Z" });
    expect((await make({ uses: null })).body).toMatchObject({ uses: null });
  });

  test("refuses a faulty wish with every fault named", async () => {
    const answer = await make({ note: "x".repeat(201), uses: 0, validForS: -1, shift: 1 });
    expect(answer.body).toMatchObject({
      status: 400,
      errors: [{ path: "/note" }, { path: "/uses" }, { path: "/validForS" }, { path: "/shift" }],
    });
  });
});
