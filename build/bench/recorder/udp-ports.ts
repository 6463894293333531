import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Where a search for free ports may begin; below what Linux gives to sockets that do not ask for one. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Even UDP ports of loopback that were free just now, each with the one after it: for RTP and RTCP. */
export async function freePortPairs(count: number): Promise<number[]> {
  const ports: number[] = [];
  const span = LAST_PORT - FIRST_PORT;
  const start = FIRST_PORT + 2 * Math.floor(Math.random() * (span / 4));
  for (let port = start; ports.length < count && port < LAST_PORT; port += 2) {
    if ((await isFree(port)) && (await isFree(port + 1))) ports.push(port);
  }
  if (ports.length < count) throw new Error(`only ${ports.length} of ${count} pairs of UDP ports are free`);
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    const bound = once(socket, "listening");
    socket.bind(port, "127.0.0.1");
    await bound;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
