import { useEffect, useState } from "preact/hooks";

/** What a view has from the server. */
export interface Fetched<Value> {
  /** The newest there is; while another is fetched, the one before. */
  value: Value | null;
  isLoading: boolean;
  /** Why the newest could not be fetched, or "". */
  problem: string;
  again: () => void;
}

/** @param key - of what is fetched: another one means to fetch anew, and ends what was on its way. */
export function useFetched<Value>(
  key: string,
  fetchIt: (signal: AbortSignal) => Promise<Value>,
): Fetched<Value> {
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<Omit<Fetched<Value>, "again">>({
    value: null,
    isLoading: true,
    problem: "",
  });
  useEffect(() => {
    const asked = new AbortController();
    setState((was) => ({ ...was, isLoading: true, problem: "" }));
    fetchIt(asked.signal).then(
      (value) => !asked.signal.aborted && setState({ value, isLoading: false, problem: "" }),
      (error: unknown) => {
        if (asked.signal.aborted) return;
        const problem = error instanceof Error ? error.message : String(error);
        setState((was) => ({ ...was, isLoading: false, problem }));
      },
    );
    return () => asked.abort();
  }, [key, tries]);
  return { ...state, again: () => setTries((count) => count + 1) };
}
