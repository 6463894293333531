import { useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatFine } from "../format.ts";
import { Icon } from "../ui/icon.tsx";
import { tip } from "../ui/tooltip.tsx";
import { callWords } from "../words/call-words.ts";
import { playerWords } from "../words/player-words.ts";
import { describeMediaError } from "./media-error.ts";
import { panPicture, WHOLE_PICTURE, zoomPicture } from "./picture-zoom.ts";
import type { ModelScreen, PlayerModel } from "./player-model.ts";
import { SpriteCanvas } from "./sprite-canvas.tsx";
import { placeOnScreen, stretchWithoutPicture } from "./sync.ts";

type Stretch = NonNullable<ReturnType<typeof stretchWithoutPicture>>;

/** From here on single pixels are shown, so that text stays crisp. */
const CRISP_FROM = 2;
const ZOOM_STEP = 1.25;
/** By so much of its room a zoomed picture is moved by an arrow key: the picture goes the other way. */
const PAN_STEP = 0.15;
const PAN_KEYS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ...{ ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] },
};
/** A press that moves less is a click. */
const CLICK_PX = 4;

/** One screen with its caption; a card in place of the picture when there is none to show. */
export function Tile(props: {
  model: PlayerModel;
  screen: ModelScreen;
  index: number;
  role: "large" | "small" | "equal";
}) {
  const { model, screen, index, role } = props;
  const words = playerWords();
  const { desktop, display, file, width, height } = screen.player.screen;
  const zoom = useSignal(WHOLE_PICTURE);
  const room = useRef<HTMLDivElement>(null);
  const zoomBy = (factor: number, x?: number, y?: number) =>
    (zoom.value = zoomPicture(zoom.value, factor, x, y));

  useEffect(() => {
    const element = room.current;
    if (element === null) return;
    element.prepend(screen.player.video);
    const onWheel = (event: WheelEvent) => {
      if (event.deltaY === 0) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      zoomBy(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, x, y);
    };
    // A handler that forbids scrolling must say so, which JSX cannot.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [screen]);

  useEffect(() => {
    const { video } = screen.player;
    video.ariaLabel = words.screenOf(screen.name, display);
    const { scale, right, down } = zoom.value;
    video.style.transform = scale === 1 ? "" : `translate(${right * 100}%, ${down * 100}%) scale(${scale})`;
    const shown = ((room.current?.clientWidth ?? 0) * scale * devicePixelRatio) / width;
    video.style.imageRendering = shown >= CRISP_FROM ? "pixelated" : "auto";
  });

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    const element = event.currentTarget as HTMLElement;
    const [startX, startY, start] = [event.clientX, event.clientY, zoom.value];
    let hasMoved = false;
    element.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent) => {
      const [x, y] = [move.clientX - startX, move.clientY - startY];
      hasMoved ||= Math.hypot(x, y) >= CLICK_PX;
      if (hasMoved) zoom.value = panPicture(start, x / element.clientWidth, y / element.clientHeight);
    };
    const onUp = () => {
      element.removeEventListener("pointermove", onMove);
      if (!hasMoved && role !== "large") model.showLarge(index);
    };
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp, { once: true });
    element.addEventListener("pointercancel", () => element.removeEventListener("pointermove", onMove), {
      once: true,
    });
  };

  const isZoomed = zoom.value.scale > 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const way = PAN_KEYS[event.key];
    if (way !== undefined) zoom.value = panPicture(zoom.value, way[0] * PAN_STEP, way[1] * PAN_STEP);
    else if (event.key === "+") zoomBy(ZOOM_STEP);
    else if (event.key === "-") zoomBy(1 / ZOOM_STEP);
    else if (event.key === "Escape") zoom.value = WHOLE_PICTURE;
    else return;
    // Else they would also be keys of the player.
    event.preventDefault();
  };
  return (
    <figure class={`tile ${role}`} data-file={file} style={{ "--ratio": width / height }}>
      <figcaption>
        <span class="tile-name">{screen.name}</span>
        <span class="tile-place">
          {words.monitor(display)}
          <span class="tile-desktop"> · {desktop}</span>
        </span>
        <span class="tile-tools">
          {isZoomed && (
            <button
              type="button"
              class="plain"
              {...tip(words.zoomReset)}
              onClick={() => (zoom.value = WHOLE_PICTURE)}
            >
              {Math.round(zoom.value.scale * 100)} %
            </button>
          )}
          <button
            type="button"
            class="plain tool"
            aria-label={`${words.zoomOut}: ${screen.name}, ${display}`}
            {...tip(words.zoomOut, true)}
            disabled={!isZoomed}
            onClick={() => zoomBy(1 / ZOOM_STEP ** 2)}
          >
            <Icon name="minus" />
          </button>
          <button
            type="button"
            class="plain tool"
            aria-label={`${words.zoomIn}: ${screen.name}, ${display}`}
            {...tip(words.zoomIn, true)}
            onClick={() => zoomBy(ZOOM_STEP ** 2)}
          >
            <Icon name="plus" />
          </button>
          {model.screens.length > 1 && role !== "large" && (
            <button
              type="button"
              class="plain tool"
              aria-label={`${words.enlarge}: ${screen.name}, ${display}`}
              {...tip(`${words.enlarge} (${index + 1})`, true)}
              onClick={() => model.showLarge(index)}
            >
              <Icon name="enlarge" />
            </button>
          )}
        </span>
      </figcaption>
      <div
        class="tile-picture"
        ref={room}
        role="group"
        aria-label={words.picture(screen.name, display)}
        tabIndex={0}
        onKeyDown={isZoomed ? onKeyDown : undefined}
        onPointerDown={onPointerDown}
        data-zoomed={isZoomed ? "" : undefined}
      >
        <SeekPreview model={model} screen={screen} />
        <Card model={model} screen={screen} />
      </div>
    </figure>
  );
}

/** While the exact picture is not there yet, the small one of about that moment. */
function SeekPreview({ model, screen }: { model: PlayerModel; screen: ModelScreen }) {
  const { shows, isSeeking } = screen.view.value;
  const { file } = screen.player.screen;
  const thumbnails = model.artefacts.value.thumbnails?.find((each) => each.file === file);
  if (thumbnails === undefined || !(isSeeking || shows === "loading")) return null;
  const place = placeOnScreen(model.positionMs.value, screen.player.screen);
  if (place.phase !== "during") return null;
  return (
    <div class="seek-preview">
      <SpriteCanvas sheets={model.sheets} thumbnails={thumbnails} localMs={place.localMs} />
      <span>{playerWords().loading}</span>
    </div>
  );
}

/** What lies over the picture: why there is none, or why it stands still. */
function Card({ model, screen }: { model: PlayerModel; screen: ModelScreen }) {
  const words = playerWords();
  const call = callWords();
  const describe = (found: Stretch | null) => (found === null ? "" : call.stretch(found));
  const { offsetMs, durationMs, file, coverage } = screen.player.screen;
  const { shows, errorCode, stretch } = screen.view.value;
  // Read only outside the picture, where nothing else changes with it.
  const reason = useComputed(() => {
    const outside = shows === "before" || shows === "after";
    return outside ? stretchWithoutPicture(model.positionMs.value, coverage) : null;
  });
  switch (shows) {
    case "failed":
      return (
        <Message kind="failed" title={words.cannotPlay(file)} detail={describeMediaError(errorCode ?? 0)}>
          <button type="button" onClick={() => screen.player.retry()}>
            {words.tryAgain}
          </button>
        </Message>
      );
    case "before":
      return (
        <Message kind="quiet" title={words.startsAt(formatFine(offsetMs))} detail={describe(reason.value)} />
      );
    case "after":
      return (
        <Message
          kind="quiet"
          title={words.endedAt(formatFine(offsetMs + durationMs))}
          detail={describe(reason.value)}
        />
      );
    case "loading":
      // The small picture stands in for it, and says so.
      if (model.artefacts.value.thumbnails?.some((each) => each.file === file) === true) return null;
      return <Message kind="loading" title={words.loading} detail="" />;
    case "picture":
      return stretch === null ? null : <div class="tile-badge">{describe(stretch)}</div>;
  }
}

function Message(props: { kind: string; title: string; detail: string; children?: ComponentChildren }) {
  const { kind, title, detail } = props;
  return (
    <div class={`tile-card ${kind}`}>
      <strong>{title}</strong>
      {detail !== "" && <span>{detail}</span>}
      {props.children}
    </div>
  );
}
