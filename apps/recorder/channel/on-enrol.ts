import { secretsEqual } from "#shared/http/guards.ts";
import { CLOSE_CODES, type DesktopMessageOf, type RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";

/** `enrol` → `enrolled`; a wrong token ends the connection with 4401. */
export function onEnrol(message: DesktopMessageOf<"enrol">, conversation: Conversation): RecorderMessage {
  if (!secretsEqual(message.token, conversation.enrollmentToken)) {
    throw new RequestRefused(
      "WRONG_TOKEN",
      "the enrolment token is not this recorder's; ask the admin for the current one",
      CLOSE_CODES.unauthorized,
    );
  }
  conversation.isEnrolled = true;
  return { t: "enrolled", id: message.id };
}
