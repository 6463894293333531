import type { CallState } from "#shared/archive/call-stretches.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { h } from "../dom.ts";
import { formatPosition } from "../format.ts";
import { describeStretch } from "../words.ts";
import type { AgentLane, ManifestScreen } from "./lanes.ts";
import { percent } from "./seek-bar.ts";

const STATE_TEXTS: Readonly<Record<CallState, string>> = {
  ring: "ring",
  talk: "talk",
  conference: "conference",
  consult: "consult",
  hold: "hold",
  "wrap-up": "wrap-up",
};

type AudioPart = NonNullable<Manifest["audio"]>["parts"][number];

/** How sure it is where a part of the audio lies. */
const PLACEMENT_TEXTS: Readonly<Record<AudioPart["placement"], string>> = {
  metadata: "placed by its own start time",
  participant: "placed by when the agent joined",
  conversation: "placed by when the conversation began",
  assumed: "its place is assumed",
};

/** The rows under the stage: what each agent did, what each screen covers, where there is sound. */
export function renderLanes(
  interaction: Pick<Manifest, "audio" | "durationMs">,
  lanes: readonly AgentLane[],
  seek: (positionMs: number) => void,
): HTMLElement[] {
  const { audio, durationMs } = interaction;
  const rows = lanes.map((lane) => renderAgent(lane, durationMs));
  rows.push(renderAudio(audio?.parts ?? [], durationMs));
  for (const row of rows) {
    const track = row.querySelector(".lane-track");
    track?.addEventListener("click", (event) => {
      const box = track.getBoundingClientRect();
      if (event instanceof MouseEvent) seek(((event.clientX - box.left) / box.width) * durationMs);
    });
  }
  return rows;
}

function renderAgent({ name, stretches, screens }: AgentLane, durationMs: number): HTMLElement {
  const track = h("div", { class: "lane-track" });
  const states = h("div", { class: "lane-states" });
  for (const { fromMs, toMs, state } of stretches) {
    const title = `${STATE_TEXTS[state]}, ${formatPosition(fromMs)} to ${formatPosition(toMs)}`;
    const bar = h("div", { class: `stretch ${state}`, title }, h("span", {}, STATE_TEXTS[state]));
    place(bar, fromMs, toMs, durationMs);
    states.append(bar);
  }
  track.append(states, ...screens.map((screen) => renderScreen(screen, durationMs)));
  return h("div", { class: "lane" }, h("div", { class: "lane-name", title: name }, name), track);
}

function renderScreen(screen: ManifestScreen, durationMs: number): HTMLElement {
  const strip = h("div", { class: "lane-screen" });
  for (const stretch of screen.coverage) {
    const range = `${formatPosition(stretch.fromMs)} to ${formatPosition(stretch.toMs)}`;
    const what = stretch.state === "captured" ? "recorded" : describeStretch(stretch);
    const title = `${screen.desktop} · display ${screen.display}: ${what}, ${range}`;
    const bar = h("div", { class: `cover ${stretch.state}`, title });
    place(bar, stretch.fromMs, stretch.toMs, durationMs);
    strip.append(bar);
  }
  return strip;
}

function renderAudio(parts: readonly AudioPart[], durationMs: number): HTMLElement {
  const states = h("div", { class: "lane-states" });
  for (const { offsetMs, durationMs: length, placement, uncertaintyMs } of parts) {
    const range = `${formatPosition(offsetMs)} to ${formatPosition(offsetMs + length)}`;
    const title = `audio, ${range}; ${PLACEMENT_TEXTS[placement]}, ± ${uncertaintyMs} ms`;
    const bar = h("div", { class: "stretch audio", title });
    place(bar, offsetMs, offsetMs + length, durationMs);
    states.append(bar);
  }
  if (parts.length === 0) states.append(h("span", { class: "lane-note" }, "no audio"));
  return h(
    "div",
    { class: "lane" },
    h("div", { class: "lane-name" }, "Audio"),
    h("div", { class: "lane-track" }, states),
  );
}

function place(element: HTMLElement, fromMs: number, toMs: number, durationMs: number): void {
  element.style.left = percent(fromMs, durationMs);
  element.style.width = percent(toMs - Math.max(0, fromMs), durationMs);
}
