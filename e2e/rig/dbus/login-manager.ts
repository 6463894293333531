import type { BusConnection } from "./connection.ts";
import type { SessionBus } from "./session-bus.ts";

/** Takes the place of systemd-logind, on a bus of our own: one session that can be asked for, and the computer's sleep. */
export interface LoginManager extends AsyncDisposable {
  /** For the environment of programs of that session. */
  readonly env: { DBUS_SYSTEM_BUS_ADDRESS: string };
  /** What the session says of itself from now on. */
  set(session: { isActive?: boolean; isLocked?: boolean }): void;
  /** Tells everybody that the computer goes to sleep, or has woken. */
  tellSleep(isAsleep: boolean): void;
}

const NAME = "org.freedesktop.login1";
const MANAGER = "/org/freedesktop/login1";
/** Whoever asks means their own. */
const SESSION = "/org/freedesktop/login1/session/auto";

/** To be called before the app starts. */
export async function startLoginManager(bus: SessionBus): Promise<LoginManager> {
  const connection: BusConnection = await bus.connect();
  let state = { isActive: true, isLocked: false };
  const properties: Record<string, () => boolean> = {
    Active: () => state.isActive,
    LockedHint: () => state.isLocked,
  };
  // There is no way here to give the file that holds the sleep back, so Inhibit has no answer.
  await connection.own(NAME, MANAGER, () => null);
  connection.serve(SESSION, ({ member, body }) => {
    const name = body[1];
    const value = typeof name === "string" ? properties[name]?.() : undefined;
    if (member !== "Get" || value === undefined) return null;
    return { signature: "v", body: [{ signature: "b", value }] };
  });
  return {
    env: { DBUS_SYSTEM_BUS_ADDRESS: bus.env.DBUS_SESSION_BUS_ADDRESS },
    set(session) {
      state = { ...state, ...session };
    },
    tellSleep(isAsleep) {
      const signal = { path: MANAGER, interface: `${NAME}.Manager`, member: "PrepareForSleep" };
      connection.signal(signal, { signature: "b", body: [isAsleep] });
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}
