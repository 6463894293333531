import { placeCall } from "../api.ts";
import { h, setText } from "../dom.ts";
import { formatPosition } from "../format.ts";
import { icon } from "../icons.ts";

/** A scripted call takes about 30 s; after this the terminal knows more than the page. */
const GIVE_UP_AFTER_MS = 180_000;
const CALL_TAKES_S = 30;

/** Places a call at the simulated Dynamics and says what becomes of it. */
export interface CallButton {
  readonly button: HTMLButtonElement;
  /** A line of its own, hidden while there is nothing to say. */
  readonly status: HTMLElement;
  /** The placed call that has not appeared yet. */
  awaited(): string | null;
  /** To be told when the awaited call is in the list. */
  arrived(): void;
}

export function createCallButton(signal: AbortSignal): CallButton {
  const button = h("button", { type: "button", class: "primary" }, icon("phone"), "Place a call");
  const status = h("p", { class: "call-status", role: "status", hidden: true });
  let awaited: string | null = null;
  let timer: number | undefined;

  const finish = (text: string | null) => {
    clearInterval(timer);
    awaited = null;
    button.disabled = false;
    status.hidden = text === null;
    if (text !== null) setText(status, text);
  };
  const call = async () => {
    const calledAt = Date.now();
    button.disabled = true;
    status.hidden = false;
    setText(status, "Calling…");
    try {
      ({ interactionId: awaited } = await placeCall(signal));
    } catch (error) {
      if (!signal.aborted) finish(error instanceof Error ? error.message : String(error));
      return;
    }
    const show = () => {
      const passedMs = Date.now() - calledAt;
      if (passedMs > GIVE_UP_AFTER_MS) {
        finish("The call has not appeared within three minutes; the terminal of npm start says why.");
        return;
      }
      const doing = passedMs < CALL_TAKES_S * 1000 ? "The call is running" : "The call is being archived";
      setText(
        status,
        `${doing} (${formatPosition(passedMs)}). It takes about ${CALL_TAKES_S} s and then appears here.`,
      );
    };
    show();
    timer = window.setInterval(show, 1000);
  };
  button.addEventListener("click", () => void call());
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  return { button, status, awaited: () => awaited, arrived: () => finish(null) };
}
