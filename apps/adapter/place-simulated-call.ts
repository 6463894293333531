import { z } from "zod";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { PlaceCall } from "./replay/ports.ts";

/** The call of `npm start`. */
const SCRIPT = "one-call";
const TIMEOUT_MS = 10_000;

const answerSchema = z.object({ callSessionId: z.string() });

/**
 * Has the simulated Dynamics of `npm start` place a call.
 *
 * @param url - of the simulator.
 */
export function placeSimulatedCall(url: string): PlaceCall {
  return async () => {
    const response = await fetch(`${url.replace(/\/+$/, "")}/simulator/calls`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ script: SCRIPT }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      const text = (await response.text()).slice(0, 500);
      throw new DeskreelError("CALL_NOT_PLACED", `the simulator answered ${response.status}: ${text}`);
    }
    return { interactionId: answerSchema.parse(await response.json()).callSessionId };
  };
}
