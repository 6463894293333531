import { ICON_PATHS, ICON_SOLIDS, type IconName } from "../icons.ts";

/** An icon that assistive technology skips: the words stand beside it or in its parent's label. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" class={`icon icon-${name}`} aria-hidden="true">
      <path d={ICON_PATHS[name]} class="outline" />
      <path d={ICON_SOLIDS[name] ?? ""} class="solid" />
    </svg>
  );
}
