import { useEffect, useState } from "preact/hooks";
import type { DurationMs } from "#shared/time/units.ts";
import { fetchLive } from "../api.ts";
import { endedCalls, type LiveAnswer, nextRows, type ShownRow } from "./live-rows.ts";

const ASK_EVERY_MS: DurationMs = 2_000;
/** An answer that takes longer is none. */
const ANSWER_WITHIN_MS: DurationMs = 10_000;

export interface WatchedLive {
  /** The newest there is; null: none yet. */
  answer: LiveAnswer | null;
  rows: ShownRow[];
  /** Why the newest could not be had, or "". */
  problem: string;
  /** How old the newest is when it should be newer; null: it is as new as can be. */
  ageMs: DurationMs | null;
}

const NOTHING: WatchedLive = { answer: null, rows: [], problem: "", ageMs: null };

/** Follows what happens now for as long as the page is seen, and asks for nothing while it is not. */
export function useLive(): WatchedLive {
  const [state, setState] = useState(NOTHING);
  useEffect(() => {
    const left = new AbortController();
    const opening = newOpening();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isAsking = false;
    let known = NOTHING;
    let answeredAt = performance.now();
    const show = (next: WatchedLive) => {
      known = next;
      setState(next);
    };
    const ask = async () => {
      if (isAsking || document.hidden || left.signal.aborted) return;
      isAsking = true;
      clearTimeout(timer);
      try {
        const signal = AbortSignal.any([left.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
        const answer = await fetchLive(opening, endedCalls(known.rows), signal);
        answeredAt = performance.now();
        show({ answer, rows: nextRows(known.rows, answer), problem: "", ageMs: null });
      } catch (error) {
        if (left.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        show({ ...known, problem, ageMs: performance.now() - answeredAt });
      } finally {
        isAsking = false;
        if (!left.signal.aborted) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
      }
    };
    const onVisibility = () => void ask();
    document.addEventListener("visibilitychange", onVisibility);
    void ask();
    return () => {
      left.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, []);
  return state;
}

/** By which the audit knows the requests of one opening of the page. */
function newOpening(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
