import type { types } from "mediasoup";
import { portHolder } from "#shared/http/listen.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";

/** Where desktops reach the media of one worker, UDP and TCP on one port. */
export interface ListenAddress {
  listenIp: string;
  /** What desktops are told instead of `listenIp` (behind NAT); null: `listenIp` itself. */
  announcedAddress: string | null;
  /** 0 = any free one (UDP and TCP may differ then), for tests. */
  port: number;
}

/**
 * Opens the port that all transports of a worker share.
 *
 * @throws DeskreelError `PORT_TAKEN`, `CANNOT_LISTEN`
 */
export async function listenForWebRtc(
  worker: types.Worker,
  { listenIp: ip, announcedAddress, port }: ListenAddress,
): Promise<types.WebRtcServer> {
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
