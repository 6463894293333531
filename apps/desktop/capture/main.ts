import { type PageCommand, pageCommandSchema } from "../ipc-contract.ts";
import { bridge } from "./bridge.ts";
import { CaptureSession } from "./capture-session.ts";

/** How often the main process hears how the capture does. */
const STATUS_EVERY_MS = 2_000;

const session = new CaptureSession();

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
  bridge.status(await session.status());
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
  carryOut(command)
    .then(
      () => bridge.done({ seq: command.seq, error: null }),
      (error: unknown) => bridge.done({ seq: command.seq, error: String(error).slice(0, 2_000) }),
    )
    .then(tellStatus)
    .catch((error: unknown) => reportError(error));
});

setInterval(() => {
  // An idle agent's PC is not to be woken up for nothing.
  if (!session.isCapturing) return;
  tellStatus().catch((error: unknown) => reportError(error));
}, STATUS_EVERY_MS);
