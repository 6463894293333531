import express from "express";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { silentLog } from "../runtime/log.ts";
import { requireKnownHost, requireScope } from "./guards.ts";
import { type HttpListener, listenHttp } from "./listen.ts";
import { parseRequest, problemWriter, unknownPath } from "./problem.ts";

let open: HttpListener[] = [];
afterEach(async () => {
  for (const listener of open) await listener[Symbol.asyncDispose]();
  open = [];
});

async function serve(): Promise<HttpListener> {
  const app = express();
  const scopes = new Map([["reader-token", new Set(["reader"])]]);
  app.use(requireKnownHost(["recorder.example"]));
  app.post("/things", express.json({ limit: "1mb" }), (request, response) => {
    response.json(parseRequest(z.strictObject({ size: z.int() }), request.body, "the thing"));
  });
  app.get(
    "/read",
    requireScope((token) => scopes.get(token) ?? null, "reader"),
    (_request, response) => {
      response.json({});
    },
  );
  app.get(
    "/write",
    requireScope((token) => scopes.get(token) ?? null, "writer"),
    (_request, response) => {
      response.json({});
    },
  );
  app.get("/broken", () => {
    throw new Error("secret detail");
  });
  app.use(unknownPath);
  app.use(problemWriter(silentLog()));
  const listener = await listenHttp("the test server", { host: "127.0.0.1", port: 0 }, app);
  open.push(listener);
  return listener;
}

async function ask(path: string, init: RequestInit = {}) {
  const { url } = await serve();
  const response = await fetch(`${url}${path}`, init);
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    body: (await response.json()) as { errors: { path: string }[] },
  };
}

const post = (body: string) => ({ method: "POST", body, headers: { "content-type": "application/json" } });

test("a faulty body is a problem that names every field by JSON Pointer", async () => {
  const { status, type, body } = await ask("/things", post('{"size":"x","colour/hue":1}'));
  expect([status, type]).toEqual([400, "application/problem+json; charset=utf-8"]);
  expect(body).toMatchObject({ status: 400, title: "Bad request" });
  expect(body.errors.map((error) => error.path)).toEqual(["/size", "/colour~1hue"]);
});

test.each([
  ["/things", post("{"), 400],
  ["/things", post(`"${"x".repeat(1_100_000)}"`), 413],
  ["/nowhere", {}, 404],
  ["/read", {}, 401],
  ["/read", { headers: { authorization: "Bearer wrong" } }, 401],
  ["/read", { headers: { authorization: "Bearer reader-token" } }, 200],
  ["/write", { headers: { authorization: "Bearer reader-token" } }, 403],
])("%s answers as it should (row %#)", async (path, init, status) => {
  expect((await ask(path, init)).status).toBe(status);
});

test("an unexpected error tells the client nothing of its inside", async () => {
  const { status, body } = await ask("/broken");
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain("secret detail");
});

test("a Host header that means another machine is refused", async () => {
  const { port } = await serve();
  const { request } = await import("node:http");
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ port, host: "127.0.0.1", path: "/nowhere", headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  expect(await statusFor("evil.example")).toBe(421);
  expect(await statusFor(`recorder.example:${port}`)).toBe(404);
  expect(await statusFor(`localhost:${port}`)).toBe(404);
});

test("a taken port names its holder", async () => {
  const { port } = await serve();
  await expect(listenHttp("the recorder", { host: "127.0.0.1", port }, () => {})).rejects.toThrow(
    new RegExp(`the recorder cannot listen on 127\\.0\\.0\\.1:${port}: .*\\(pid ${process.pid}\\)`),
  );
});
