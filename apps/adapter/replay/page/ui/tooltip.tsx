import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const AFTER_MS = 500;
/** So long it stays when the pointer leaves, so that it can be reached and read. */
const STAYS_MS = 150;
const GAP_PX = 6;
const EDGE_PX = 8;

/**
 * The attributes of what has a tooltip.
 *
 * @param isName - the text is also what assistive technology calls the element, and need not be said twice.
 */
export function tip(text: string, isName = false): { "data-tip": string; "aria-description"?: string } {
  return { "data-tip": text, ...(isName ? {} : { "aria-description": text }) };
}

/**
 * The attributes of a control that holds things with tips of their own, which no key goes to: the control shows this
 * when it has the focus of the keyboard. What assistive technology is to know stands with the things themselves.
 */
export function keyTip(text: string): { "data-key-tip": string } {
  return { "data-key-tip": text };
}

/** The one tooltip of the page: of whatever has a {@link tip} and is pointed at, or has the focus of the keyboard. */
export function Tooltip() {
  const shown = useSignal<Element | null>(null);
  const room = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const over = new AbortController();
    const { signal } = over;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (anchor: Element | null, ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => (shown.value = anchor), ms);
    };
    const now = (anchor: Element | null) => {
      clearTimeout(timer);
      shown.value = anchor;
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType === "touch" || !(event.target instanceof Element)) return;
      if (room.current?.contains(event.target) === true) {
        clearTimeout(timer);
        return;
      }
      const anchor = event.target.closest("[data-tip]");
      if (anchor === shown.value) clearTimeout(timer);
      // Once one is read, those beside it need not be waited for.
      else later(anchor, anchor === null || shown.value !== null ? STAYS_MS : AFTER_MS);
    };
    const onFocus = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.matches(":is([data-tip], [data-key-tip]):focus-visible"))
        now(target);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") now(null);
    };
    document.addEventListener("pointerover", onOver, { signal });
    document.addEventListener("focusin", onFocus, { signal });
    document.addEventListener("focusout", () => now(null), { signal });
    document.addEventListener("pointerdown", () => now(null), { signal, capture: true });
    document.addEventListener("keydown", onKey, { signal, capture: true });
    const onScroll = () => {
      // Keys that move the focus scroll to it, too.
      const { value } = shown;
      if (value?.matches(":focus-visible") === true && room.current !== null) place(room.current, value);
      else now(null);
    };
    document.addEventListener("scroll", onScroll, { signal, capture: true });
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, []);

  const anchor = shown.value;
  const text = anchor?.getAttribute("data-tip") ?? anchor?.getAttribute("data-key-tip") ?? "";
  useLayoutEffect(() => {
    const element = room.current;
    if (element === null) return;
    const isShown = anchor !== null && anchor.isConnected && text !== "";
    // Again, so that it is over a dialog that came in the meantime.
    element.hidePopover();
    if (!isShown) return;
    element.showPopover();
    place(element, anchor);
  }, [anchor, text]);
  return (
    <div ref={room} class="tooltip" role="tooltip" popover="manual">
      {text}
    </div>
  );
}

/** Below what it is about, or above where there is no room, or where it would lie over what is read meanwhile. */
function place(element: HTMLElement, anchor: Element): void {
  const about = anchor.getBoundingClientRect();
  const { width, height } = element.getBoundingClientRect();
  const below = about.bottom + GAP_PX;
  const isBelow = below + height + EDGE_PX <= innerHeight && !anchor.matches("[data-tip-above]");
  const left = about.left + (about.width - width) / 2;
  element.style.left = `${Math.max(EDGE_PX, Math.min(innerWidth - width - EDGE_PX, left))}px`;
  element.style.top = `${Math.max(EDGE_PX, isBelow ? below : about.top - GAP_PX - height)}px`;
}
