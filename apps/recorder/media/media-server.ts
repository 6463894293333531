import type { types } from "mediasoup";
import { portHolder } from "#shared/http/listen.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { MediaIngress, MediaServer } from "../capture/ports.ts";
import { MediasoupIngress } from "./media-ingress.ts";
import { startMediaWorker, stopMediaWorker } from "./media-worker.ts";
import { ROUTER_CODECS } from "./router-codecs.ts";

/** Where desktops reach the recorder's media, UDP and TCP on one port. */
export interface MediaAddress {
  listenIp: string;
  /** What desktops are told instead of `listenIp` (behind NAT); null: `listenIp` itself. */
  announcedAddress: string | null;
  /** 0 = any free one (UDP and TCP may differ then), for tests. */
  port: number;
}

/**
 * Starts the media side: one mediasoup worker with one router and one port. Disposing closes every ingress and track and
 * waits for the worker process to end.
 *
 * @param onDied - the worker process ended by itself; every stream is lost and the server is of no use any more.
 * @throws DeskreelError `MEDIA_WORKER_MISSING`, `MEDIA_WORKER_FAILED`, `PORT_TAKEN`, `CANNOT_LISTEN`
 */
export async function startMediaServer(
  address: MediaAddress,
  log: Log,
  clock: Clock,
  onDied: (error: Error) => void = () => {},
): Promise<MediaServer> {
  const worker = await startMediaWorker(log);
  worker.once("died", (error) => {
    log.error({ pid: worker.pid, error: error.message }, "media worker died");
    onDied(
      new DeskreelError("MEDIA_WORKER_DIED", "mediasoup's worker process ended by itself", { cause: error }),
    );
  });
  try {
    const webRtcServer = await listen(worker, address);
    const router = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
    const tap = await router.createDirectTransport();
    return {
      routerRtpCapabilities: { ...router.rtpCapabilities },
      async createIngress(): Promise<MediaIngress> {
        const transport = await router.createWebRtcTransport({
          webRtcServer,
          enableUdp: true,
          enableTcp: true,
          preferUdp: true,
        });
        return new MediasoupIngress(transport, { router, tap }, clock, log);
      },
      async [Symbol.asyncDispose]() {
        await stopMediaWorker(worker);
      },
    };
  } catch (error) {
    await stopMediaWorker(worker);
    throw error;
  }
}

async function listen(worker: types.Worker, address: MediaAddress): Promise<types.WebRtcServer> {
  const { listenIp: ip, announcedAddress, port } = address;
  const place = { ip, port, ...(announcedAddress !== null && { announcedAddress }) };
  try {
    return await worker.createWebRtcServer({
      listenInfos: [
        { protocol: "udp", ...place },
        { protocol: "tcp", ...place },
      ],
    });
  } catch (cause) {
    if (/address already in use/.test(describeError(cause))) {
      const holder = portHolder(port);
      const by = holder === null ? "another program" : `${holder.command} (pid ${holder.pid})`;
      throw new DeskreelError(
        "PORT_TAKEN",
        `WebRTC cannot use ${ip}:${port} (UDP and TCP): ${by} holds it; stop it or set recorder.webrtc.port`,
        { cause },
      );
    }
    throw new DeskreelError(
      "CANNOT_LISTEN",
      `WebRTC cannot use ${ip}:${port} (UDP and TCP): ${describeError(cause)}; recorder.webrtc.listenIp must be an address of this machine`,
      { cause },
    );
  }
}
