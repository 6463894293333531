import { signal } from "@preact/signals";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const CHOICE = "deskreel.theme";

export const theme = signal<Theme>("system");

/** Shows the appearance that was chosen here before. */
export function startTheme(): void {
  const kept = localStorage.getItem(CHOICE);
  show(THEMES.find((known) => known === kept) ?? "system");
}

/** Changes the appearance, here and from now on. */
export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(CHOICE, chosen);
  show(chosen);
}

function show(chosen: Theme): void {
  theme.value = chosen;
  const root = document.documentElement;
  if (chosen === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = chosen;
}
