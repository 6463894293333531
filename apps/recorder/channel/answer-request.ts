import { CLOSE_CODES, type DesktopMessage, type RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";
import { onCaptureFailed } from "./on-capture-failed.ts";
import { onCloseProducer } from "./on-close-producer.ts";
import { onConnectTransport } from "./on-connect-transport.ts";
import { onCreateTransport } from "./on-create-transport.ts";
import { onDisplays } from "./on-displays.ts";
import { onEnrol } from "./on-enrol.ts";
import { onHello } from "./on-hello.ts";
import { onPing } from "./on-ping.ts";
import { onProduce } from "./on-produce.ts";

/** Everything a desktop may ask; `ack` and `error` are answers and no requests. */
export type DesktopRequest = Exclude<DesktopMessage, { t: "ack" | "error" }>;

/** The answer to one request. @throws what becomes an `error` answer. */
export async function answerRequest(
  request: DesktopRequest,
  conversation: Conversation,
): Promise<RecorderMessage> {
  if (request.t === "enrol") return onEnrol(request, conversation);
  if (!conversation.isEnrolled)
    throw new RequestRefused("NOT_ENROLLED", "enrol comes first", CLOSE_CODES.unauthorized);
  switch (request.t) {
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
  }
}
