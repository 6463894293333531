import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { InteractionSummary } from "../../../archive/find/query.ts";
import { findWords } from "../words/find-words.ts";
import { dayHeading } from "../words/local-format.ts";
import { language } from "../words/language.ts";
import { ResultRow } from "./result-row.tsx";
import { heightOf, layOut, type Line, linesWithin } from "./row-layout.ts";

/** So much above and below what is seen is there too, so that fast scrolling shows no hole. */
const SPARE_PX = 480;
/** So near to the end the next page is fetched. */
const END_IS_NEAR_PX = 1_600;
const COLUMNS = [
  "time",
  "length",
  "poster",
  "life",
  "agents",
  "customer",
  "queue",
  "screens",
  "recorded",
] as const;

export interface ResultListProps {
  items: readonly InteractionSummary[];
  hasMore: boolean;
  isStale: boolean;
  /** A heading over each day; the list has to be in the order of time. */
  byDay: boolean;
  /** The interaction to point out, if any. */
  marked: string | null;
  /** Where the list was left, to be there again. */
  place: ListPlace;
  onNearEnd: () => void;
}

/** Kept while another view is shown. */
export interface ListPlace {
  top: number;
  /** How much of it was seen, px. */
  height: number;
  active: string | null;
}

/** All interactions as far as they have been loaded; only the rows that can be seen are in the page. */
export function ResultList(props: ResultListProps) {
  const { items, byDay, place, marked } = props;
  const words = findWords();
  const [view, setView] = useState({ top: place.top, height: place.height });
  const spare = useSpare();
  const [active, setActive] = useState(place.active);
  const room = useRef<HTMLDivElement>(null);
  /** The row that is to have the focus once it is in the page. */
  const wanted = useRef<string | null>(null);
  const lines = useMemo(() => {
    const now = Date.now();
    return layOut(items, (item) => (byDay ? dayHeading(Date.parse(item.startedAt), now) : null));
  }, [items, byDay, language.value]);
  const height = heightOf(lines);
  const anchor = useRef<{ lines: readonly Line<InteractionSummary>[]; top: number }>({
    lines,
    top: place.top,
  });
  const [first, after] = linesWithin(lines, view.top - spare, view.top + view.height + spare);
  const shown = lines.slice(first, after);
  const shownTop = shown[0]?.top ?? 0;
  const shownEnd = shownTop + shown.reduce((sum, line) => sum + line.height, 0);

  // What is being read stays where it is when something comes in above it.
  useLayoutEffect(() => {
    const element = room.current;
    if (element === null) return;
    const moved = shiftOf(anchor.current.lines, lines, element.scrollTop);
    if (moved !== 0) element.scrollTop += moved;
    anchor.current = { lines, top: element.scrollTop };
  }, [lines]);
  useLayoutEffect(() => {
    const element = room.current;
    if (element === null) return;
    element.scrollTop = place.top;
    const measure = () => {
      place.height = element.clientHeight;
      const seen = { top: element.scrollTop, height: element.clientHeight };
      setView((view) => (view.top === seen.top && view.height === seen.height ? view : seen));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (props.hasMore && height - (view.top + view.height) < END_IS_NEAR_PX) props.onNearEnd();
  });
  useLayoutEffect(() => {
    const id = wanted.current;
    if (id === null) return;
    const link = room.current?.querySelector<HTMLElement>(`[data-interaction="${CSS.escape(id)}"] a`);
    if (link === null || link === undefined) return;
    wanted.current = null;
    link.focus({ preventScroll: true });
  });

  const goTo = (index: number) => {
    const rows = lines.filter((line) => line.kind === "item");
    const line = rows[Math.max(0, Math.min(rows.length - 1, index))];
    const element = room.current;
    if (line?.kind !== "item" || element === null) return;
    const above = line.index === 0 ? 0 : line.top - HEAD_PX;
    if (above < element.scrollTop) element.scrollTop = above;
    else if (line.top + line.height + HEAD_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = line.top + line.height + HEAD_PX - element.clientHeight;
    wanted.current = line.item.interactionId;
    place.active = wanted.current;
    setActive(wanted.current);
    setView({ top: element.scrollTop, height: element.clientHeight });
  };
  useKeys(items, active, view.height, goTo);

  const isActiveThere = items.some(({ interactionId }) => interactionId === active);
  // What stays the same is not looked at again, as the list comes to be an old one or is scrolled by a little.
  const rows = useMemo(
    () =>
      shown.map((line) =>
        line.kind === "heading" ? (
          <tr key={`day ${line.text}`} class="day">
            <th colSpan={COLUMNS.length} scope="rowgroup">
              {line.text}
            </th>
          </tr>
        ) : (
          <ResultRow
            key={line.item.interactionId}
            item={line.item}
            row={line.index + 2}
            withDay={!byDay}
            isMarked={line.item.interactionId === marked}
            isActive={isActiveThere ? line.item.interactionId === active : line.index === 0}
            onFocus={() => {
              place.active = line.item.interactionId;
              setActive(line.item.interactionId);
            }}
          />
        ),
      ),
    [lines, first, after, active, isActiveThere, marked, byDay, place, language.value],
  );
  return (
    <div
      class={props.isStale ? "results stale" : "results"}
      ref={room}
      onScroll={({ currentTarget }) => {
        // The place is the next list's while this one is but waiting for it.
        if (!props.isStale) place.top = currentTarget.scrollTop;
        setView({ top: currentTarget.scrollTop, height: currentTarget.clientHeight });
      }}
    >
      <table class="calls" aria-rowcount={props.hasMore ? -1 : items.length + 1} aria-busy={props.isStale}>
        <colgroup>
          {COLUMNS.map((name) => (
            <col key={name} class={`col-${name}`} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((name) => (
              <th key={name} scope="col" class={`head-${name}`}>
                {words.columns[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={shownTop} />
          {rows}
          <Spacer height={height - shownEnd} />
        </tbody>
      </table>
    </div>
  );
}

/** None until what is seen has been drawn: the first rows come three times as soon. */
function useSpare(): number {
  const [spare, setSpare] = useState(0);
  useEffect(() => {
    // A frame callback comes before its frame is drawn, a task after it.
    let timer: number | undefined;
    const frame = requestAnimationFrame(() => (timer = window.setTimeout(() => setSpare(SPARE_PX))));
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return spare;
}

/** The head that stays while the list is scrolled. */
const HEAD_PX = 32;

/** Stands for rows that are not in the page. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr class="spacer-row" aria-hidden="true">
      <td colSpan={COLUMNS.length} style={{ height: `${height}px` }} />
    </tr>
  );
}

/** How far the first line that is seen has moved; at the very top what is new is shown instead. */
function shiftOf(
  before: readonly Line<InteractionSummary>[],
  now: readonly Line<InteractionSummary>[],
  top: number,
): number {
  if (before === now || top <= 0) return 0;
  const [index] = linesWithin(before, top, top + 1);
  const seen = before.slice(index).find((line) => line.kind === "item");
  if (seen?.kind !== "item") return 0;
  const { interactionId } = seen.item;
  const there = now.find((line) => line.kind === "item" && line.item.interactionId === interactionId);
  return there === undefined ? 0 : there.top - seen.top;
}

/** The arrows go from call to call, also from the search; Home, End and the page keys go further. */
function useKeys(
  items: readonly InteractionSummary[],
  active: string | null,
  height: number,
  goTo: (index: number) => void,
): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const on = document.activeElement;
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      const isInList = on?.closest(".results") !== null && on?.closest(".results") !== undefined;
      const isFree = on === null || on === document.body || on.matches("#view, input[type=search]");
      if (!isInList && !isFree) return;
      const at = items.findIndex(({ interactionId }) => interactionId === active);
      const byPage = Math.max(1, Math.floor(height / 48) - 2);
      const steps: Readonly<Record<string, number>> = {
        ArrowDown: isInList || at < 0 ? at + 1 : at,
        ArrowUp: at - 1,
        ...(isInList ? { PageDown: at + byPage, PageUp: at - byPage, Home: 0, End: items.length - 1 } : {}),
      };
      const index = steps[event.key];
      if (index === undefined || items.length === 0) return;
      event.preventDefault();
      goTo(index);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
