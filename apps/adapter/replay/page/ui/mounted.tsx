import { useEffect, useRef } from "preact/hooks";

/**
 * Room for a view that fills it by itself until the signal aborts.
 *
 * @param of - what it is filled for: another value means a new view.
 */
export function Mounted(props: { of: string; mount: (root: HTMLElement, signal: AbortSignal) => void }) {
  const room = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = new AbortController();
    if (room.current !== null) props.mount(room.current, view.signal);
    return () => view.abort();
  }, [props.of]);
  return <div class="view" ref={room} />;
}
