import type { ManifestEvent } from "#shared/archive/call-stretches.ts";
import { h } from "../dom.ts";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { EVENT_TEXTS } from "../words.ts";

/** The events beside the stage; a click goes there. */
export interface EventList {
  readonly element: HTMLElement;
  update(positionMs: number): void;
}

/**
 * @param startedAt - of the interaction, epoch ms.
 * @param nameOf - an agent's name; shown when more than one agent is in the call.
 */
export function createEventList(
  events: readonly ManifestEvent[],
  startedAt: number,
  nameOf: (agent: string) => string,
  seek: (positionMs: number) => void,
): EventList {
  const hasManyAgents = new Set(events.map(({ agent }) => agent)).size > 1;
  const buttons = events.map((event) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "event",
        "data-type": event.type,
        title: formatTimeOfDay(startedAt + event.offsetMs),
      },
      h("span", { class: "event-at" }, formatPosition(event.offsetMs)),
      h("span", { class: "event-text" }, EVENT_TEXTS[event.type]),
    );
    if (hasManyAgents) button.append(h("span", { class: "event-agent" }, nameOf(event.agent)));
    button.addEventListener("click", () => seek(event.offsetMs));
    return button;
  });
  let current = -1;
  return {
    element: h(
      "aside",
      { class: "events", "aria-label": "Events" },
      h("h2", {}, "Events"),
      events.length === 0
        ? h("p", { class: "quiet" }, "No events are known.")
        : h("ol", {}, ...buttons.map((button) => h("li", {}, button))),
    ),
    update(positionMs) {
      const newest = events.findLastIndex(({ offsetMs }) => offsetMs <= positionMs);
      if (newest === current) return;
      buttons[current]?.removeAttribute("aria-current");
      buttons[newest]?.setAttribute("aria-current", "true");
      buttons[newest]?.scrollIntoView({ block: "nearest" });
      current = newest;
    },
  };
}
