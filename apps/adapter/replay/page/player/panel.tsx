import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { tip } from "../ui/tooltip.tsx";
import { callWords } from "../words/call-words.ts";
import { playerWords } from "../words/player-words.ts";
import { AuditTab } from "./audit-tab.tsx";
import { keepFocus } from "./keep-focus.ts";
import { NotesTab } from "./notes-tab.tsx";
import type { PlayerModel } from "./player-model.ts";
import type { PlayerActions } from "./shortcuts.ts";

/** Beside the stage: events, notes, and who did what with this interaction. */
export function Panel({ player }: { player: PlayerActions }) {
  const { model } = player;
  const words = playerWords();
  const { server } = model.source;
  const tabs = (["events", "notes", "audit"] as const).filter((tab) => {
    if (tab === "notes") return server?.may.readNotes === true;
    return tab === "events" || server?.may.readTrail === true;
  });
  const chosen = model.panelTab.value;
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const index = (tabs.findIndex((tab) => tab === chosen) + way + tabs.length) % tabs.length;
    model.panelTab.value = tabs[index] ?? "events";
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[index]?.focus();
  };
  return (
    <aside class="panel" aria-label={words.panel}>
      <div class="panel-tabs" role="tablist" aria-label={words.panel} ref={list} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`tab-${tab}`}
            aria-selected={tab === chosen}
            aria-controls="panel-body"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => (model.panelTab.value = tab)}
          >
            {words[tab]}
            {tab === "notes" && model.noteMoments.value.length > 0 && (
              <span class="count">{model.noteMoments.value.length}</span>
            )}
          </button>
        ))}
      </div>
      <div class="panel-body" id="panel-body" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
        {chosen === "events" && <EventsTab model={model} />}
        {tabs.includes("notes") && server !== null && (
          // Always there: their flags are on the timeline, and what is being written stays.
          <div hidden={chosen !== "notes"}>
            <NotesTab model={model} server={server} isShown={chosen === "notes"} />
          </div>
        )}
        {chosen === "audit" && server !== null && <AuditTab server={server} />}
      </div>
    </aside>
  );
}

/** The events; the newest one that has been is marked, and a click goes to one. */
function EventsTab({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const call = callWords();
  const { events } = model.interaction;
  const hasManyAgents = new Set(events.map(({ agent }) => agent)).size > 1;
  const newest = useComputed(() =>
    events.findLastIndex(({ offsetMs }) => offsetMs <= model.positionMs.value),
  );
  const current = newest.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [current]);
  if (events.length === 0) return <p class="panel-note">{words.noEvents}</p>;
  return (
    <ol class="events" ref={list}>
      {events.map(({ offsetMs, type, agent }, index) => (
        <li key={index}>
          <button
            type="button"
            class="event"
            data-type={type}
            aria-current={index === current ? "true" : undefined}
            {...tip(formatTimeOfDay(model.startedAt + offsetMs))}
            onPointerDown={keepFocus}
            onClick={() => model.seek(offsetMs)}
          >
            <span class="event-at">{formatPosition(offsetMs)}</span>
            <span class="event-text">{call.events[type]}</span>
            {hasManyAgents && <span class="event-agent">{model.nameOf(agent)}</span>}
          </button>
        </li>
      ))}
    </ol>
  );
}
