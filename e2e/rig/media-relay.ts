import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

const RECORDER = "127.0.0.1";
/** Another address of loopback: desktops are told this one (`recorder.webrtc.announcedAddress`), and the same port. */
export const RELAY_ADDRESS = "127.0.0.2";

type Protocol = "udp" | "tcp";

/** The way of all desktops' media to a recorder on this machine, on which a protocol can be cut off as a firewall does. */
export interface MediaRelay extends AsyncDisposable {
  /** Nothing of it comes through any more, and nobody is told; TCP that stands hangs. */
  cut(protocol: Protocol): void;
  /** Connections of TCP that hung are ended. */
  mend(protocol: Protocol): void;
  /** Bytes that have come through so far, from desktops to the recorder. */
  readonly bytes: Readonly<Record<Protocol, number>>;
}

/** @param port - the recorder's media port. */
export async function openMediaRelay(port: number): Promise<MediaRelay> {
  const isCut: Record<Protocol, boolean> = { udp: false, tcp: false };
  const bytes: Record<Protocol, number> = { udp: 0, tcp: 0 };
  await using parts = new AsyncDisposableStack();

  const near = createSocket("udp4");
  const farBy = new Map<string, UdpSocket>();
  parts.defer(() => {
    for (const socket of [near, ...farBy.values()]) socket.close();
  });
  near.bind(port, RELAY_ADDRESS);
  await once(near, "listening");
  near.on("message", (packet, from) => {
    if (isCut.udp) return;
    bytes.udp += packet.length;
    const key = `${from.address}:${from.port}`;
    let far = farBy.get(key);
    if (far === undefined) {
      far = createSocket("udp4");
      far.on("message", (answer) => {
        if (!isCut.udp) near.send(answer, from.port, from.address);
      });
      farBy.set(key, far);
    }
    far.send(packet, port, RECORDER);
  });

  const pairs = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const pair: [Socket, Socket] = [client, connect(port, RECORDER)];
    const [, recorder] = pair;
    pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      from.on("data", (part) => {
        if (isCut.tcp) return;
        if (to === recorder) bytes.tcp += part.length;
        to.write(part);
      });
      from.on("error", () => {});
      from.on("close", () => {
        to.destroy();
        pairs.delete(pair);
      });
    }
  });
  const hangUp = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  parts.defer(async () => {
    hangUp();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(port, RELAY_ADDRESS);
  await once(server, "listening");

  const owned = parts.move();
  return {
    bytes,
    cut(protocol) {
      isCut[protocol] = true;
    },
    mend(protocol) {
      isCut[protocol] = false;
      if (protocol === "tcp") hangUp();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
