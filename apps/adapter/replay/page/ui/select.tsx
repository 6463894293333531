import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";

/** Around a `select`: its arrow is the page's own, in every browser. */
export function SelectRoom({ children }: { children: ComponentChildren }) {
  return (
    <span class="select">
      {children}
      <Icon name="down" />
    </span>
  );
}
