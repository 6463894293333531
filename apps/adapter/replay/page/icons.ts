/** Outlines on a 16 x 16 grid; drawn with the text's colour. */
export const ICON_PATHS = {
  none: "",
  recorded: "M3 8.5 6.5 12 13 4.5",
  partial: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z",
  "not-recorded": "M4 4l8 8M12 4l-8 8",
  play: "M5 3.2v9.6L12.6 8z",
  pause: "M5.2 3.5v9M10.8 3.5v9",
  back: "M9.5 3.5 5 8l4.5 4.5",
  screen: "M2 3.5h12v7.5H2zM6 13.5h4M8 11v2.5",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14",
  phone:
    "M3.2 2.8h2.6l1.1 3-1.5 1.2a8 8 0 0 0 3.6 3.6l1.2-1.5 3 1.1v2.6c0 .5-.4.9-.9.9A10.4 10.4 0 0 1 2.3 3.7c0-.5.4-.9.9-.9z",
  enlarge: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  shrink: "M13.5 6.5h-4v-4M9.5 6.5l4-4M2.5 9.5h4v4M6.5 9.5l-4 4",
  down: "M4 6l4 4 4-4",
  person: "M8 2.5a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM2.8 13.5c.6-2.4 2.6-3.6 5.2-3.6s4.6 1.2 5.2 3.6",
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
