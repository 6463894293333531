import { type PageCommand, pageCommandSchema } from "../ipc-contract.ts";
import { bridge } from "./bridge.ts";
import { CaptureSession } from "./capture-session.ts";

/** How often the main process hears how the capture does, while there is anything to do. */
const BUSY_STATUS_EVERY_MS = 2_000;
/** And otherwise, so that it knows that this page lives: an idle agent's PC is not to be woken up for nothing. */
const IDLE_STATUS_EVERY_MS = 30_000;

const session = new CaptureSession();
let commandsUnderWay = 0;
let statusTimer: ReturnType<typeof setTimeout> | undefined;

async function carryOut(command: PageCommand): Promise<void> {
  switch (command.t) {
    case "prepare":
      return session.prepare(command.policy, command.routerRtpCapabilities, command.resumed);
    case "policy":
      return session.setPolicy(command.policy);
    case "limit":
      return session.limit(command);
    case "capture":
      session.capture(command.displays, command.hidden);
  }
}

async function tellStatus(): Promise<void> {
  scheduleStatus();
  bridge.status(await session.status());
}

function scheduleStatus(): void {
  clearTimeout(statusTimer);
  const isBusy = session.isCapturing || commandsUnderWay > 0;
  const tell = () => void tellStatus().catch((error: unknown) => reportError(error));
  statusTimer = setTimeout(tell, isBusy ? BUSY_STATUS_EVERY_MS : IDLE_STATUS_EVERY_MS);
}

bridge.onCommand((unknownCommand) => {
  const parsed = pageCommandSchema.safeParse(unknownCommand);
  if (!parsed.success) {
    const { seq } = (unknownCommand ?? {}) as { seq?: unknown };
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    const error = `a command was refused: ${where}`.slice(0, 2_000);
    bridge.done({ seq: Number.isSafeInteger(seq) ? (seq as number) : -1, error });
    return;
  }
  const command = parsed.data;
  commandsUnderWay += 1;
  scheduleStatus();
  carryOut(command)
    .then(
      () => bridge.done({ seq: command.seq, error: null }),
      (error: unknown) => bridge.done({ seq: command.seq, error: String(error).slice(0, 2_000) }),
    )
    .finally(() => {
      commandsUnderWay -= 1;
    })
    .then(tellStatus)
    .catch((error: unknown) => reportError(error));
});

await tellStatus();
