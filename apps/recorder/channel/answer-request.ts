import { CLOSE_CODES, type DesktopMessage, type RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";
import { onAuthenticate } from "./on-authenticate.ts";
import { onCaptureFailed } from "./on-capture-failed.ts";
import { onCloseProducer } from "./on-close-producer.ts";
import { onConnectTransport } from "./on-connect-transport.ts";
import { onCreateTransport } from "./on-create-transport.ts";
import { onDisplays } from "./on-displays.ts";
import { onEnrol } from "./on-enrol.ts";
import { onHello } from "./on-hello.ts";
import { onLeave } from "./on-leave.ts";
import { onPing } from "./on-ping.ts";
import { onProduce } from "./on-produce.ts";
import { onProve } from "./on-prove.ts";

/** Everything a desktop may ask; `ack` and `error` are answers and no requests. */
export type DesktopRequest = Exclude<DesktopMessage, { t: "ack" | "error" }>;

/** The answer to one request. @throws what becomes an `error` answer. */
export async function answerRequest(
  request: DesktopRequest,
  conversation: Conversation,
): Promise<RecorderMessage> {
  const isAboutTrust = request.t === "authenticate" || request.t === "prove" || request.t === "enrol";
  if (!isAboutTrust && conversation.key === null)
    throw new RequestRefused("NOT_AUTHENTICATED", "authenticate comes first", CLOSE_CODES.unauthorized);
  switch (request.t) {
    case "authenticate":
      return onAuthenticate(request, conversation);
    case "prove":
      return onProve(request, conversation);
    case "enrol":
      return onEnrol(request, conversation);
    case "hello":
      return onHello(request, conversation);
    case "displays":
      return onDisplays(request, conversation);
    case "ping":
      return onPing(request, conversation);
    case "create-transport":
      return onCreateTransport(request, conversation);
    case "connect-transport":
      return onConnectTransport(request, conversation);
    case "produce":
      return onProduce(request, conversation);
    case "close-producer":
      return onCloseProducer(request, conversation);
    case "capture-failed":
      return onCaptureFailed(request, conversation);
    case "leave":
      return onLeave(request, conversation);
  }
}
