import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { DurationMs } from "#shared/time/units.ts";

const LOOPBACK = "127.0.0.1";

/** What becomes of a packet on its way: it comes after so many ms, or never. */
type Fate = DurationMs | "lost";

/** A path between one sender and one UDP port, both on this machine, on which packets fare as the test wants. */
export interface UdpRelay extends AsyncDisposable {
  /** Where the sender is to send to. */
  readonly port: number;
  /** Asked for every packet, in both directions. At first all pass at once. */
  fate: (bytes: Buffer) => Fate;
  /** Packets that did not come through so far. */
  lost: number;
}

/** @param recorderPort - where the path leads to. */
export async function openUdpRelay(recorderPort: number): Promise<UdpRelay> {
  const [near, far] = [createSocket("udp4"), createSocket("udp4")];
  let isOpen = true;
  let senderPort: number | null = null;
  for (const socket of [near, far]) {
    socket.bind(0, LOOPBACK);
    await once(socket, "listening");
  }
  const relay: UdpRelay = {
    port: near.address().port,
    fate: () => 0,
    lost: 0,
    async [Symbol.asyncDispose]() {
      isOpen = false;
      const closed = [near, far].map((socket) => once(socket, "close"));
      for (const socket of [near, far]) socket.close();
      await Promise.all(closed);
    },
  };
  function forward(bytes: Buffer, by: Socket, port: number): void {
    const fate = relay.fate(bytes);
    const send = () => {
      if (isOpen) by.send(bytes, port, LOOPBACK);
    };
    if (fate === "lost") relay.lost += 1;
    else if (fate === 0) send();
    else setTimeout(send, fate);
  }
  near.on("message", (bytes, from) => {
    senderPort = from.port;
    forward(bytes, far, recorderPort);
  });
  far.on("message", (bytes) => {
    if (senderPort !== null) forward(bytes, near, senderPort);
  });
  return relay;
}
