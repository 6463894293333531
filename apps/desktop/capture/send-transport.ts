import { Device, type types } from "mediasoup-client";
import type { Display } from "#shared/protocol/messages.ts";
import type { PageAnswer } from "../ipc-contract.ts";
import { ask } from "./bridge.ts";

/** The recorder's end of a WebRTC transport. */
export type OfferedTransport = PageAnswer<"create-transport">;

/** Has the recorder make its end, which costs neither side anything until it is used. */
export function offerTransport(): Promise<OfferedTransport> {
  return ask({ t: "create-transport" });
}

/**
 * Makes our end; ICE and DTLS begin with the first producer. From now on WebRTC's threads wake up twenty times a second, used
 * or not.
 */
export function openSendTransport(device: Device, facts: OfferedTransport): types.Transport {
  const transport = device.createSendTransport({
    id: facts.transportId,
    // mediasoup wrote these and mediasoup-client reads them; nobody in between needs to understand them.
    iceParameters: facts.iceParameters as types.IceParameters,
    iceCandidates: facts.iceCandidates as unknown as types.IceCandidate[],
    dtlsParameters: facts.dtlsParameters as types.DtlsParameters,
  });
  transport.on("connect", ({ dtlsParameters }, done, fail) => {
    void settle(async () => {
      await ask({ t: "connect-transport", transportId: transport.id, dtlsParameters: { ...dtlsParameters } });
      done();
    }, fail);
  });
  transport.on("produce", ({ rtpParameters, appData }, done, fail) => {
    const { display } = appData as unknown as ScreenAppData;
    void settle(async () => {
      const transportId = transport.id;
      const { producerId } = await ask({
        t: "produce",
        transportId,
        display,
        rtpParameters: { ...rtpParameters },
      });
      done({ id: producerId });
    }, fail);
  });
  return transport;
}

/** What a producer carries along from `produce()` to the recorder. */
export interface ScreenAppData {
  display: Display;
}

/** A device that knows what the recorder's router can take. */
export async function loadDevice(routerRtpCapabilities: Record<string, unknown>): Promise<Device> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  return device;
}

async function settle(job: () => Promise<void>, fail: (error: Error) => void): Promise<void> {
  try {
    await job();
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
}
