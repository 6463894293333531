import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** IPv4's and UDP's headers, of each datagram. */
const HEADER_BYTES = 28;

/** Counts what passes from a sender to a recorder. */
export interface UdpMeter extends AsyncDisposable {
  /** IP bytes from the sender since the start, headers included. */
  readonly bytesIn: number;
  readonly packetsIn: number;
  /** IP bytes to the sender since the start. */
  readonly bytesOut: number;
}

/**
 * Stands between senders and a recorder: takes datagrams at one address, passes each on from a socket per sender, and
 * the answers back. So what is counted is what really was on the wire, STUN, DTLS and padding included.
 *
 * @param port - of the meter and of the recorder alike: ICE candidates name it.
 */
export async function startUdpMeter(
  port: number,
  meterAddress: string,
  recorderAddress: string,
): Promise<UdpMeter> {
  const front = createSocket("udp4");
  const backs = new Map<string, Socket>();
  const counted = { bytesIn: 0, packetsIn: 0, bytesOut: 0 };
  const backFor = (senderPort: number, senderAddress: string) => {
    const key = `${senderAddress}:${senderPort}`;
    const known = backs.get(key);
    if (known !== undefined) return known;
    const back = createSocket("udp4");
    backs.set(key, back);
    back.on("message", (datagram) => {
      counted.bytesOut += datagram.byteLength + HEADER_BYTES;
      front.send(datagram, senderPort, senderAddress);
    });
    return back;
  };
  front.on("message", (datagram, { address, port: senderPort }) => {
    counted.bytesIn += datagram.byteLength + HEADER_BYTES;
    counted.packetsIn++;
    backFor(senderPort, address).send(datagram, port, recorderAddress);
  });
  front.bind(port, meterAddress);
  await once(front, "listening");
  return {
    get bytesIn() {
      return counted.bytesIn;
    },
    get packetsIn() {
      return counted.packetsIn;
    },
    get bytesOut() {
      return counted.bytesOut;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [front, ...backs.values()]) {
        socket.close();
        await once(socket, "close");
      }
    },
  };
}
