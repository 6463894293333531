import type { SessionBus } from "./session-bus.ts";
import type { Variant } from "./wire.ts";

/** A notification as a desktop was asked to show it. */
interface ShownNotification {
  app: string;
  title: string;
  body: string;
  actions: string[];
  hints: Record<string, unknown>;
}

/** Takes the place of a desktop's notification service, on a bus of our own. */
export interface NotificationDaemon extends AsyncDisposable {
  readonly shown: readonly ShownNotification[];
}

const NAME = "org.freedesktop.Notifications";

/** To be called before the app starts. */
export async function startNotificationDaemon(bus: SessionBus): Promise<NotificationDaemon> {
  const connection = await bus.connect();
  const shown: ShownNotification[] = [];
  await connection.own(NAME, "/org/freedesktop/Notifications", ({ member, body }) => {
    switch (member) {
      case "GetCapabilities":
        return { signature: "as", body: [["body", "actions"]] };
      case "GetServerInformation":
        return { signature: "ssss", body: ["deskreel-e2e", "deskreel", "1", "1.2"] };
      case "CloseNotification":
        return { signature: "", body: [] };
      case "Notify": {
        const [app, , , title, text, actions, hints] = body as [
          string,
          number,
          string,
          string,
          string,
          string[],
          [string, Variant][],
        ];
        const plainHints = Object.fromEntries(hints.map(([key, { value }]) => [key, value]));
        shown.push({ app, title, body: text, actions, hints: plainHints });
        return { signature: "u", body: [shown.length] };
      }
      case undefined:
      default:
        return null;
    }
  });
  return { shown, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
}
