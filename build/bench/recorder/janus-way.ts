import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../e2e/rig/ports.ts";
import { startProgram } from "../../../e2e/rig/program.ts";
import { waitFor } from "../../../e2e/rig/wait.ts";
import type { CorpusCodec } from "./corpus.ts";
import type { ForeignRecorder } from "./foreign-way.ts";
import { PAYLOAD_TYPE } from "./stream-parameters.ts";
import { freePortPairs } from "./udp-ports.ts";

const JANUS = "/usr/bin/janus";
const READY_WITHIN_MS = 20_000;
const FIRST_SSRC = 3_000_000;
const OTHER_TRANSPORTS = ["mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets"];
const OTHER_PLUGINS = [
  ...["audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay"],
  ...["sip", "textroom", "videocall", "videoroom", "voicemail"],
];
/** A recording's file begins with a magic word and a header that tells its own length. */
const HEADER_MAGIC = "MJR00002";
/** Each packet: a word, a time, its length, its bytes. */
const PACKET_HEAD_BYTES = 10;

/** Null when Janus can be run here, else what to do so that it can. */
export function janusIsMissing(): string | null {
  return existsSync(JANUS) ? null : "Janus' recorder: it is not installed (apt-get install janus)";
}

/** Debian's Janus: a mountpoint of its streaming plug-in for each screen, recorded by its own recorder (`.mjr`). */
export async function startJanusWay(
  folder: string,
  codec: CorpusCodec,
  screens: number,
): Promise<ForeignRecorder> {
  await using parts = new AsyncDisposableStack();
  const http = await freePort();
  const configs = await writeConfiguration(folder, http);
  const program = parts.use(
    await startProgram("Janus", JANUS, ["--configs-folder", configs, "--disable-colors"]),
  );
  const base = `http://127.0.0.1:${http}/janus`;
  await waitFor("Janus to answer", async () => (await fetch(`${base}/info`)).ok, {
    withinMs: READY_WITHIN_MS,
  });
  const plugin = await attach(base);
  const ports = await freePortPairs(screens);
  for (const [screen, port] of ports.entries()) {
    const id = screen + 1;
    await ask(plugin, {
      request: "create",
      type: "rtp",
      id,
      name: `screen ${screen}`,
      media: [
        { type: "video", mid: "v", label: "screen", port, rtcpport: port + 1, pt: PAYLOAD_TYPE, codec },
      ],
    });
    const filename = join(folder, `${screen}`);
    await ask(plugin, { request: "recording", action: "start", id, media: [{ mid: "v", filename }] });
  }
  const owned = parts.move();
  return {
    way: "Janus, streaming plug-in",
    targets: ports.map((port, screen) => ({
      port,
      payloadType: PAYLOAD_TYPE,
      ssrc: FIRST_SSRC + screen,
      sendsReports: false,
    })),
    pids: { janus: [program.pid] },
    async finish() {
      for (const screen of ports.keys())
        await ask(plugin, { request: "recording", action: "stop", id: screen + 1, media: [{ mid: "v" }] });
      return ports.map((_, screen) => join(folder, `${screen}.mjr`));
    },
    countPictures: countMarkers,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function writeConfiguration(folder: string, http: number): Promise<string> {
  const configs = join(folder, "configs");
  await mkdir(configs);
  const disabled = (kind: string, names: readonly string[]) =>
    `${kind}: { disable = "${names.map((name) => `libjanus_${name}.so`).join(",")}" }`;
  const main = [
    "general: { debug_level = 2, session_timeout = 0 }",
    disabled("plugins", OTHER_PLUGINS),
    disabled("transports", OTHER_TRANSPORTS),
  ];
  await writeFile(join(configs, "janus.jcfg"), main.join("\n"));
  const transport = `general: { http = true, port = ${http}, ip = "127.0.0.1", https = false }`;
  await writeFile(join(configs, "janus.transport.http.jcfg"), transport);
  await writeFile(join(configs, "janus.plugin.streaming.jcfg"), "general: { }\n");
  return configs;
}

/** @returns the address of a handle of the streaming plug-in. */
async function attach(base: string): Promise<string> {
  const session = await post(base, { janus: "create" });
  const handle = await post(`${base}/${session.data?.id}`, {
    janus: "attach",
    plugin: "janus.plugin.streaming",
  });
  return `${base}/${session.data?.id}/${handle.data?.id}`;
}

async function ask(plugin: string, body: object): Promise<void> {
  const { plugindata } = await post(plugin, { janus: "message", body });
  if (plugindata?.data?.error !== undefined) throw new Error(`Janus refused: ${plugindata.data.error}`);
}

interface JanusAnswer {
  janus: string;
  data?: { id: number };
  plugindata?: { data?: { error?: string } };
}

async function post(url: string, body: object): Promise<JanusAnswer> {
  const answer = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ ...body, transaction: randomUUID() }),
  });
  const said = (await answer.json()) as JanusAnswer;
  if (said.janus === "error") throw new Error(`Janus refused: ${JSON.stringify(said)}`);
  return said;
}

/** Pictures of a `.mjr` file: its packets whose marker is set, each counted once. */
function countMarkers(file: Buffer): number {
  let at = HEADER_MAGIC.length + 2 + file.readUInt16BE(HEADER_MAGIC.length);
  const pictures = new Set<number>();
  while (at + PACKET_HEAD_BYTES <= file.byteLength) {
    const length = file.readUInt16BE(at + 8);
    const packet = file.subarray(at + PACKET_HEAD_BYTES, at + PACKET_HEAD_BYTES + length);
    if (packet.byteLength < length) break;
    if (((packet[1] ?? 0) & 0x80) !== 0) pictures.add(packet.readUInt32BE(4));
    at += PACKET_HEAD_BYTES + length;
  }
  return pictures.size;
}
