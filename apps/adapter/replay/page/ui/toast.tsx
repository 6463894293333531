import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** As long as it takes to read it slowly. */
const AT_LEAST_MS = 5_000;
const MS_A_LETTER = 70;

/** What has just happened, said once: shown for a while over everything else, and emptied then. */
export function Toast({ text }: { text: Signal<string> }) {
  const room = useRef<HTMLDivElement>(null);
  const isHeld = useSignal(false);
  const said = text.value;
  useEffect(() => {
    // The top layer, where dialogs and a full screen are too.
    room.current?.togglePopover(said !== "");
    if (said === "" || isHeld.value) return;
    const timer = setTimeout(() => (text.value = ""), Math.max(AT_LEAST_MS, said.length * MS_A_LETTER));
    return () => clearTimeout(timer);
  }, [said, isHeld.value]);
  return (
    <>
      {/* What is not shown yet is not heard when it appears: so what is said is always there. */}
      <p class="visually-hidden" role="status">
        {said}
      </p>
      <div
        ref={room}
        class="toast"
        popover="manual"
        aria-hidden="true"
        onPointerEnter={() => (isHeld.value = true)}
        onPointerLeave={() => (isHeld.value = false)}
      >
        {said}
      </div>
    </>
  );
}
