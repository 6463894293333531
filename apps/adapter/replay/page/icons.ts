/** Outlines on a 16 x 16 grid; drawn with the text's colour. */
export const ICON_PATHS = {
  none: "",
  recorded: "M3 8.5 6.5 12 13 4.5",
  partial: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  "not-recorded": "M4 4l8 8M12 4l-8 8",
  play: "M5 3.2v9.6L12.6 8z",
  pause: "M5.2 3.5v9M10.8 3.5v9",
  back: "M9.5 3.5 5 8l4.5 4.5",
  forward: "M6.5 3.5 11 8l-4.5 4.5",
  screen: "M2 3.5h12v7.5H2zM6 13.5h4M8 11v2.5",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14",
  phone:
    "M3.2 2.8h2.6l1.1 3-1.5 1.2a8 8 0 0 0 3.6 3.6l1.2-1.5 3 1.1v2.6c0 .5-.4.9-.9.9A10.4 10.4 0 0 1 2.3 3.7c0-.5.4-.9.9-.9z",
  enlarge: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  shrink: "M13.5 6.5h-4v-4M9.5 6.5l4-4M2.5 9.5h4v4M6.5 9.5l-4 4",
  down: "M4 6l4 4 4-4",
  person: "M8 2.5a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM2.8 13.5c.6-2.4 2.6-3.6 5.2-3.6s4.6 1.2 5.2 3.6",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  previous: "M12 3.5 6 8l6 4.5zM4 3.5v9",
  next: "M4 3.5 10 8l-6 4.5zM12 3.5v9",
  frame: "M2.5 3.5h5v9h-5zM10 5l3.5 3L10 11",
  "frame-back": "M8.5 3.5h5v9h-5zM6 5 2.5 8 6 11",
  "skip-silence": "M2 8h1.5M5 5v6M7.5 6.5v3M10 8h1M12 4l2.5 4L12 12",
  "skip-hold": "M3 4v8M6 4v8M9.5 4l4.5 4-4.5 4z",
  sound: "M2.5 6v4h2.5L8.5 13V3L5 6zM11 5.8a3.2 3.2 0 0 1 0 4.4M12.8 4a5.8 5.8 0 0 1 0 8",
  muted: "M2.5 6v4h2.5L8.5 13V3L5 6zM11 6l3.5 4M14.5 6 11 10",
  link: "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  full: "M2.5 6v-3.5h3.5M10 2.5h3.5v3.5M13.5 10v3.5h-3.5M6 13.5h-3.5v-3.5",
  "layout-grid": "M2 4h5.2v8H2zM8.8 4H14v8H8.8z",
  "layout-focus": "M2 3.5h8v9H2zM11.5 3.5H14v2.4h-2.5zM11.5 6.8H14v2.4h-2.5zM11.5 10.1H14v2.4h-2.5z",
  "layout-inset": "M2 3.5h12v9H2zM8.5 8.2h4v2.8h-4z",
  shield: "M8 2.2 13 4v4c0 3-2.1 4.9-5 5.9C5.1 12.9 3 11 3 8V4zM5.8 7.9 7.4 9.6 10.4 6.3",
  lock: "M3.8 7.2h8.4v6H3.8zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2",
  export: "M8 2.5v7M5 6.8 8 9.8l3-3M2.8 11v2.5h10.4V11",
  edit: "M3 13l.6-2.8 7-7 2.2 2.2-7 7z",
  warning: "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.4v.6",
} as const;
/** What is filled in an icon, beside its outlines. */
export const ICON_SOLIDS: Readonly<Partial<Record<keyof typeof ICON_PATHS, string>>> = {
  partial: "M8 2.5a5.5 5.5 0 0 0 0 11z",
  play: ICON_PATHS.play,
};
export type IconName = keyof typeof ICON_PATHS;

const SVG = "http://www.w3.org/2000/svg";

/** An icon that assistive technology skips: the words stand beside it or in its parent's label. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 16 16",
    class: `icon icon-${name}`,
    "aria-hidden": "true",
  }))
    svg.setAttribute(key, value);
  svg.append(drawPath(ICON_PATHS[name], "outline"), drawPath(ICON_SOLIDS[name] ?? "", "solid"));
  return svg;
}

function drawPath(shape: string, kind: "outline" | "solid"): SVGPathElement {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  path.setAttribute("class", kind);
  return path;
}
