import { useEffect, useRef, useState } from "preact/hooks";
import { placeCall } from "../api.ts";
import { formatPosition } from "../format.ts";
import { Icon } from "../ui/icon.tsx";
import { findWords } from "../words/find-words.ts";

/** A scripted call takes about 30 s; after this the terminal knows more than the page. */
const GIVE_UP_AFTER_MS = 180_000;
const CALL_TAKES_S = 30;

/** A call at the simulated Dynamics, from the press of the button until it is in the list. */
export interface PlacedCall {
  /** What it is doing, in words; null: there is none. */
  readonly status: string | null;
  readonly isRunning: boolean;
  /** Its interaction, once it is known. */
  readonly interactionId: string | null;
  readonly place: () => void;
}

type Phase =
  | { name: "none" }
  | { name: "calling" }
  | { name: "running"; interactionId: string; calledAt: number }
  | { name: "failed"; why: string }
  | { name: "lost" };

/** @param isThere - whether an interaction is in the list. */
export function usePlacedCall(isThere: (interactionId: string) => boolean): PlacedCall {
  const words = findWords();
  const [phase, setPhase] = useState<Phase>({ name: "none" });
  const [now, setNow] = useState(0);
  const last = useRef<string | null>(null);
  const isRunning = phase.name === "running";
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (phase.name === "running") {
    if (isThere(phase.interactionId)) setPhase({ name: "none" });
    else if (now - phase.calledAt > GIVE_UP_AFTER_MS) setPhase({ name: "lost" });
  }
  const statusOf = (): string | null => {
    switch (phase.name) {
      case "none":
        return null;
      case "calling":
        return words.calling;
      case "failed":
        return phase.why;
      case "lost":
        return words.callIsLost;
      case "running": {
        const passedMs = Math.max(0, now - phase.calledAt);
        const text = passedMs < CALL_TAKES_S * 1_000 ? words.callRuns : words.callIsArchived;
        return text(formatPosition(passedMs), CALL_TAKES_S);
      }
    }
  };
  const place = () => {
    setPhase({ name: "calling" });
    placeCall(new AbortController().signal).then(
      ({ interactionId }) => {
        const calledAt = Date.now();
        last.current = interactionId;
        setNow(calledAt);
        setPhase({ name: "running", interactionId, calledAt });
      },
      (error: unknown) =>
        setPhase({ name: "failed", why: error instanceof Error ? error.message : String(error) }),
    );
  };
  return {
    status: statusOf(),
    isRunning: isRunning || phase.name === "calling",
    interactionId: last.current,
    place,
  };
}

export function PlaceCallButton({ call }: { call: PlacedCall }) {
  return (
    <button type="button" class="primary" disabled={call.isRunning} onClick={call.place}>
      <Icon name="phone" />
      {findWords().placeCall}
    </button>
  );
}
