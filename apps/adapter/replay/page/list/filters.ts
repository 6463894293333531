import type { Manifest } from "#shared/archive/manifest.ts";
import { h } from "../dom.ts";
import { icon } from "../icons.ts";
import { COVERAGE_TEXTS } from "../words.ts";

/** What the list is narrowed to; the names are those of the query and of the page's address. */
interface Filters {
  q: string;
  agent: string;
  coverage: string;
}

const APPLY_AFTER_MS = 250;

/** The search line. */
export interface FilterBar {
  readonly element: HTMLElement;
  readonly current: () => Filters;
  readonly clear: () => void;
  /** Offers the agents of these interactions to be chosen, beside those offered before. */
  readonly offerAgents: (items: readonly Pick<Manifest, "agents">[]) => void;
}

/** @param onChange - told after a pause in typing. */
export function createFilterBar(onChange: () => void, signal: AbortSignal): FilterBar {
  const address = new URLSearchParams(location.search);
  const search = h("input", {
    type: "search",
    name: "q",
    placeholder: "Customer, queue, agent …",
    "aria-label": "Search calls",
    autocomplete: "off",
    spellcheck: "false",
  });
  const agent = h(
    "select",
    { name: "agent", "aria-label": "Agent" },
    h("option", { value: "" }, "All agents"),
  );
  const offered = new Set<string>();
  const offer = (identity: string, name: string) => {
    if (identity === "" || offered.has(identity)) return;
    offered.add(identity);
    agent.append(h("option", { value: identity }, name));
  };
  const coverage = h("select", { name: "coverage", "aria-label": "How completely recorded" });
  coverage.append(h("option", { value: "" }, "Complete or not"));
  for (const [word, text] of Object.entries(COVERAGE_TEXTS))
    coverage.append(h("option", { value: word }, text));
  const fields = [search, agent, coverage];
  const chosenAgent = address.get("agent") ?? "";
  offer(chosenAgent, chosenAgent);
  for (const field of fields) field.value = address.get(field.name) ?? "";

  const current = () => ({ q: search.value.trim(), agent: agent.value, coverage: coverage.value });
  const apply = () => {
    const query = new URLSearchParams(
      Object.entries(current()).filter(([, value]) => value !== ""),
    ).toString();
    history.replaceState(null, "", query === "" ? "/" : `/?${query}`);
    onChange();
  };
  let timer: number | undefined;
  const element = h(
    "form",
    { class: "filters", role: "search" },
    h("div", { class: "search" }, icon("search"), search),
    agent,
    coverage,
  );
  element.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(apply, APPLY_AFTER_MS);
  });
  element.addEventListener("submit", (event) => event.preventDefault());
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  return {
    element,
    current,
    clear: () => {
      for (const field of fields) field.value = "";
      apply();
    },
    offerAgents: (items) => {
      for (const { agent, name } of items.flatMap(({ agents }) => agents)) offer(agent, name || agent);
    },
  };
}
