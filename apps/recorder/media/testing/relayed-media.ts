import type { MediaIngress, MediaServer, ScreenTrack } from "../../capture/ports.ts";
import { openUdpRelay, type UdpRelay } from "./udp-relay.ts";

/** A real media server whose desktops reach it by a relay only; the server itself is the caller's. */
export interface RelayedMedia extends MediaServer {
  /** Of the newest ingress. */
  readonly relay: UdpRelay;
  /** The newest producer. */
  readonly track: ScreenTrack;
}

/** Puts a relay before each transport of a server. */
export function relayMedia(server: MediaServer): RelayedMedia {
  const relays: UdpRelay[] = [];
  const tracks: ScreenTrack[] = [];
  return {
    get routerRtpCapabilities() {
      return server.routerRtpCapabilities;
    },
    get fault() {
      return server.fault;
    },
    get relay() {
      const relay = relays.at(-1);
      if (relay === undefined) throw new Error("no desktop has a transport yet");
      return relay;
    },
    get track() {
      const track = tracks.at(-1);
      if (track === undefined) throw new Error("nothing is sent yet");
      return track;
    },
    async createIngress(): Promise<MediaIngress> {
      const ingress = await server.createIngress();
      const udp = ingress.iceCandidates.find((candidate) => candidate["protocol"] === "udp");
      const relay = await openUdpRelay(Number(udp?.["port"]));
      relays.push(relay);
      return {
        transportId: ingress.transportId,
        iceParameters: ingress.iceParameters,
        iceCandidates: [{ ...udp, port: relay.port }],
        dtlsParameters: ingress.dtlsParameters,
        connect: (dtlsParameters) => ingress.connect(dtlsParameters),
        async produce(rtpParameters) {
          const track = await ingress.produce(rtpParameters);
          tracks.push(track);
          return track;
        },
        onLost: (listener) => ingress.onLost(listener),
        async [Symbol.asyncDispose]() {
          await ingress[Symbol.asyncDispose]();
          await relay[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
