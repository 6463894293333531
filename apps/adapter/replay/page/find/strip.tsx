import type { Histogram } from "../../../archive/find/query.ts";
import { useMemo, useRef, useState } from "preact/hooks";
import type { EpochMs } from "#shared/time/units.ts";
import { tip } from "../ui/tooltip.tsx";
import { findWords } from "../words/find-words.ts";
import { formatCount, shortDay, shortMoment } from "../words/local-format.ts";
import { type Bar, barsOf } from "./strip-bars.ts";

const BARS_MOST = 240;
const HEIGHT = 44;

/** Calls over time; a dragged stretch narrows the list to it. */
export function Strip(props: {
  histogram: Histogram | null;
  /** The histogram is that of another search, until this one's is there. */
  isCounting: boolean;
  isNarrowed: boolean;
  onNarrow: (from: EpochMs, to: EpochMs) => void;
  onWiden: () => void;
}) {
  const words = findWords();
  const [at, setAt] = useState<number | null>(null);
  const [start, setStart] = useState<number | null>(null);
  const track = useRef<HTMLDivElement>(null);
  // While a stretch is marked its bars stay what they are, whatever comes in: another one would be narrowed to.
  const held = useRef(props.histogram);
  if (start === null) held.current = props.histogram;
  const { current: histogram } = held;
  const bars = useMemo(() => (histogram === null ? [] : barsOf(histogram, BARS_MOST)), [histogram]);
  const drawing = useMemo(() => drawingOf(bars), [bars]);
  const indexAt = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    const share = box === undefined ? 0 : (event.clientX - box.left) / Math.max(1, box.width);
    return Math.max(0, Math.min(bars.length - 1, Math.floor(share * bars.length)));
  };
  const narrow = (one: number, other: number) => {
    const [from, to] = [bars[Math.min(one, other)]?.from, bars[Math.max(one, other)]?.to];
    setStart(null);
    setAt(null);
    if (from !== undefined && to !== undefined) props.onNarrow(from, to);
  };
  const onKey = (event: KeyboardEvent) => {
    const now = at ?? bars.length - 1;
    const next = {
      ...{ ArrowLeft: now - 1, ArrowRight: now + 1, ArrowDown: now - 1, ArrowUp: now + 1 },
      ...{ PageDown: now - 10, PageUp: now + 10, Home: 0, End: bars.length - 1 },
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      if (event.shiftKey && start === null) setStart(now);
      if (!event.shiftKey) setStart(null);
      setAt(Math.max(0, Math.min(bars.length - 1, next)));
    } else if (event.key === "Enter" && bars.length > 0) {
      event.preventDefault();
      narrow(start ?? now, now);
    } else if (event.key === "Escape" && (start !== null || props.isNarrowed)) {
      event.stopPropagation();
      if (start === null) props.onWiden();
      setStart(null);
    }
  };
  const current = at === null ? undefined : bars[at];
  const marked = current === undefined ? undefined : markedSpan(bars, start ?? at ?? 0, at ?? 0);
  const [first, last] = [bars[0], bars.at(-1)];
  const total = histogram?.buckets.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const callsOf = (count: number) => words.calls(formatCount(count), count === 1);
  return (
    <div class={props.isCounting ? "strip counting" : "strip"} aria-busy={props.isCounting}>
      <div
        ref={track}
        class="strip-track"
        role="slider"
        tabIndex={bars.length === 0 ? -1 : 0}
        aria-label={words.strip}
        {...tip(words.stripHint)}
        data-tip-above=""
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={at ?? Math.max(0, bars.length - 1)}
        aria-valuetext={
          marked === undefined ? callsOf(total) : words.stripValue(spanText(marked), callsOf(marked.count))
        }
        onKeyDown={onKey}
        onBlur={() => {
          setAt(null);
          setStart(null);
        }}
        onPointerDown={(event) => {
          if (event.button !== 0 || bars.length === 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setStart(indexAt(event));
          setAt(indexAt(event));
        }}
        onPointerMove={(event) => bars.length > 0 && setAt(indexAt(event))}
        onPointerLeave={() => start === null && setAt(null)}
        onPointerUp={(event) => start !== null && narrow(start, indexAt(event))}
        onPointerCancel={() => setStart(null)}
      >
        <svg
          viewBox={`0 0 ${Math.max(1, bars.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {marked !== undefined && (
            <rect
              class="strip-marked"
              x={marked.first}
              y={0}
              width={marked.last - marked.first + 1}
              height={HEIGHT}
            />
          )}
          <path class="strip-bars" d={drawing} />
        </svg>
      </div>
      <div class="strip-scale">
        <span>{first === undefined ? "" : shortDay(first.from)}</span>
        <span class="strip-value">
          {marked === undefined ? callsOf(total) : words.stripValue(spanText(marked), callsOf(marked.count))}
        </span>
        <span class="strip-end">
          {props.isNarrowed && (
            <button type="button" class="small" onClick={props.onWiden}>
              {words.wholePeriod}
            </button>
          )}
          {last === undefined ? "" : shortDay(last.to - 1)}
        </span>
      </div>
    </div>
  );
}

/** All bars as one path, one unit wide each: it is drawn anew with every search. The smallest can be seen too. */
function drawingOf(bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return bars
    .map(({ count }, index) => {
      const height = count === 0 ? 0 : Math.max(2, (HEIGHT * count) / most);
      return height === 0 ? "" : `M${index + 0.1} ${HEIGHT}v${-height}h0.8v${height}z`;
    })
    .join("");
}

interface MarkedSpan extends Bar {
  first: number;
  last: number;
}

function markedSpan(bars: readonly Bar[], one: number, other: number): MarkedSpan | undefined {
  const [first, last] = [Math.min(one, other), Math.max(one, other)];
  const marked = bars.slice(first, last + 1);
  const [from, to] = [marked[0]?.from, marked.at(-1)?.to];
  if (from === undefined || to === undefined) return undefined;
  return { first, last, from, to, count: marked.reduce((sum, { count }) => sum + count, 0) };
}

function spanText({ from, to }: Bar): string {
  return `${shortMoment(from)} – ${shortMoment(to)}`;
}
