import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { freePort } from "../../../e2e/rig/ports.ts";
import { startUdpMeter } from "./udp-meter.ts";

test("datagrams reach the recorder and its answers their sender, and are counted with their headers", async () => {
  const port = await freePort();
  await using meter = await startUdpMeter(port, "127.0.0.2", "127.0.0.1");
  const recorder = createSocket("udp4").bind(port, "127.0.0.1");
  await once(recorder, "listening");
  recorder.on("message", (datagram, { port: from, address }) =>
    recorder.send(Buffer.concat([datagram, datagram]), from, address),
  );
  const senders = [createSocket("udp4"), createSocket("udp4")];
  for (const [index, sender] of senders.entries()) {
    const answered = once(sender, "message");
    sender.send(Buffer.alloc(100, index), port, "127.0.0.2");
    const [answer] = (await answered) as [Buffer];
    expect(answer).toEqual(Buffer.alloc(200, index));
  }
  expect([meter.packetsIn, meter.bytesIn, meter.bytesOut]).toEqual([2, 256, 456]);
  for (const socket of [recorder, ...senders]) socket.close();
});
