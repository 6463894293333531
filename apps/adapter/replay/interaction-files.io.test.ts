import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, get, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import express from "express";
import { expect, test } from "vitest";
import { sendArchivedFile } from "./interaction-files.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { listFile } from "./rig/made-media.ts";
import { ReplayClient } from "./rig/replay-client.ts";
import { MADE_PLACE, openReplayRig, TOKENS, VIEWER } from "./rig/replay-rig.ts";

test("what a browser has is not read again, and all that a page shows of an interaction is one view", async () => {
  const pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await using _page = { [Symbol.asyncDispose]: () => rm(pageFolder, { recursive: true }) };
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  await using rig = await openReplayRig({ pageFolder });
  const names = ["peaks.json", "thumbnails.json", "thumbnails-1-1.jpg", "thumbnails-1-2.jpg", "screen-1.mp4"];
  for (const name of names) await writeFile(join(rig.folder, name), name);
  const files = await Promise.all(names.map((name) => listFile(rig.folder, name)));
  rig.catalogue.put(madeInteraction("call-1", { files }), MADE_PLACE);
  const path = "/v1/interactions/call-1";
  // Not by fetch, which adds `Cache-Control: no-cache` and so asks for the whole file.
  const ask = (name: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; etag: string | undefined }>((resolve, reject) => {
      request(`${rig.url}${path}${name}`, { headers: { ...VIEWER, ...headers } }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, etag: response.headers.etag });
      })
        .on("error", reject)
        .end();
    });

  await ask("");
  for (const { name, sha256 } of files)
    expect(await ask(`/files/${name}`)).toEqual({ status: 200, etag: `"${sha256}"` });
  await rm(rig.folder, { recursive: true });
  for (const { name, sha256 } of files) {
    const known = { "If-None-Match": `"${sha256}"` };
    expect(await ask(`/files/${name}`, known)).toEqual({ status: 304, etag: `"${sha256}"` });
    // An answer that is none of its bytes must not be taken for it.
    expect(await ask(`/files/${name}`)).toEqual({ status: 500, etag: undefined });
  }

  const headers = { Authorization: `Bearer ${TOKENS.admin}` };
  const audit = (await (await fetch(`${rig.url}/v1/audit`, { headers })).json()) as {
    items: { action: string; detail: string }[];
  };
  const views = audit.items.filter(({ action }) => action === "viewed").map(({ detail }) => detail);
  expect(views.toSorted()).toEqual(["from 127.0.0.1", "screen-1.mp4 from 127.0.0.1"]);
});

test("a player that breaks off while its file is being opened leaves no file open", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-files-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  await writeFile(join(folder, "screen-1.mp4"), "picture");
  const file = { place: "screen-1.mp4", bytes: 7, sha256: "0".repeat(64) };
  const opened = Promise.withResolvers<Readable>();
  const app = express();
  app.get("/file", async (req, res) => {
    const slow = {
      size: async () => file.bytes,
      read: async () => null,
      async *walk() {},
      async open(place: string) {
        client.destroy();
        await once(res, "close");
        const stream = createReadStream(join(folder, place));
        await once(stream, "open");
        opened.resolve(stream);
        return stream;
      },
    };
    await sendArchivedFile(req, res, slow, file);
  });
  await using server = createServer(app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = get({ port: (server.address() as AddressInfo).port, path: "/file" });
  client.on("error", () => {});
  const stream = await opened.promise;
  await expect.poll(() => stream.closed).toBe(true);
});

test("the pictures of a list are no views: the first is an entry, and one more where they become many", async () => {
  const pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await using _page = { [Symbol.asyncDispose]: () => rm(pageFolder, { recursive: true }) };
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  await using rig = await openReplayRig({ pageFolder });
  await writeFile(join(rig.folder, "poster.jpg"), "a picture");
  const files = [await listFile(rig.folder, "poster.jpg")];
  const viewer = new ReplayClient(rig.url, TOKENS.viewer);
  const see = async (id: string) => {
    rig.catalogue.put(madeInteraction(id, { files }), MADE_PLACE);
    expect(await viewer.status("GET", `/v1/interactions/${id}/files/poster.jpg`)).toBe(200);
  };
  const noted = async () => {
    const { items } = (await ReplayClient.admin(rig.url).ask("GET", "/v1/audit")).json() as {
      items: { who: string; action: string; interactionId: string | null; detail: string }[];
    };
    return items.map(({ who, action, interactionId, detail }) => [who, action, interactionId, detail]);
  };
  for (let index = 0; index < 99; index += 1) await see(`call-${index}`);
  await see("call-7");
  const first = ["viewer", "listed", null, "pictures of interactions, from 127.0.0.1"];
  expect(await noted()).toEqual([first]);
  await see("call-99");
  const many = ["viewer", "listed", null, "pictures of 100 interactions by now, from 127.0.0.1"];
  expect(await noted()).toEqual([many, first]);
});

test("a player is given an open range in pieces, whose ends it asks on from, and a program all of it", async () => {
  const piece = 2 * 1024 * 1024;
  const all = Buffer.alloc(2 * piece + 10, "0123456789");
  const app = express();
  const storage = {
    size: async () => all.length,
    read: async () => null,
    async *walk() {},
    open: async (_place: string, range?: { from: number; to: number }) =>
      Readable.from([all.subarray(range?.from ?? 0, (range?.to ?? all.length) + 1)]),
  };
  const file = { place: "screen-1.mp4", bytes: all.length, sha256: "0".repeat(64) };
  app.get("/file", (req, res) => sendArchivedFile(req, res, storage, file));
  const server = app.listen(0, "127.0.0.1");
  await using _server = { [Symbol.asyncDispose]: async () => void server.close() };
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // Not by fetch, which says itself what its requests are for.
  const ask = (headers: Record<string, string>) =>
    new Promise<unknown[]>((resolve, reject) => {
      get({ host: "127.0.0.1", port, path: "/file", headers }, (response) => {
        const { statusCode, headers: answered } = response;
        response
          .toArray()
          .then(
            (chunks) => resolve([statusCode, answered["content-range"], Buffer.concat(chunks).length]),
            reject,
          );
      }).once("error", reject);
    });
  const video = { "Sec-Fetch-Dest": "video" };
  const end = all.length - 1;
  expect(await ask({ ...video, Range: "bytes=0-" })).toEqual([
    ...[206, `bytes 0-${piece - 1}/${all.length}`, piece],
  ]);
  expect(await ask({ ...video, Range: `bytes=${2 * piece}-` })).toEqual([
    ...[206, `bytes ${2 * piece}-${end}/${all.length}`, 10],
  ]);
  expect(await ask({ ...video, Range: `bytes=5-${end}` })).toEqual([
    ...[206, `bytes 5-${end}/${all.length}`, all.length - 5],
  ]);
  expect(await ask({ Range: "bytes=0-" })).toEqual([206, `bytes 0-${end}/${all.length}`, all.length]);
});
