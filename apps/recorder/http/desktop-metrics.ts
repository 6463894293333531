import { Gauge } from "prom-client";
import { type DesktopFigures, figuresSchema } from "#shared/protocol/messages.ts";
import type { DesktopDirectory } from "../capture/ports.ts";

const BUDGET_STATES = figuresSchema.shape.budget.options;
const FIGURES = [
  {
    key: "cpuPercent",
    name: "deskreel_desktop_cpu_percent",
    help: "Percent of one core that the app takes of a desktop that is recorded",
  },
  {
    key: "uplinkKbps",
    name: "deskreel_desktop_uplink_kbps",
    help: "kbit/s of IP packets that a desktop sends which is recorded",
  },
] as const;

/** What desktops take of their PCs. There may be thousands, so none has a label of its own. */
export function desktopMetrics(directory: DesktopDirectory): Gauge[] {
  const byBudget = new Gauge({
    name: "deskreel_desktops_by_budget",
    help: "Desktops that are recorded, by what becomes of their budgets: normal, lowered (to keep them), exceeded",
    labelNames: ["budget"],
    registers: [],
    collect() {
      const all = figuresOf(directory);
      for (const budget of BUDGET_STATES)
        this.set({ budget }, all.filter((figures) => figures.budget === budget).length);
    },
  });
  const figures = FIGURES.map(
    ({ key, name, help }) =>
      new Gauge({
        name,
        help,
        labelNames: ["of"],
        registers: [],
        collect() {
          const values = figuresOf(directory).map((each) => each[key]);
          const sum = values.reduce((total, value) => total + value, 0);
          this.set({ of: "mean" }, values.length > 0 ? sum / values.length : 0);
          this.set({ of: "max" }, Math.max(0, ...values));
        },
      }),
  );
  return [byBudget, ...figures];
}

function figuresOf(directory: DesktopDirectory): DesktopFigures[] {
  return directory.agents().flatMap(({ desktops }) => desktops.flatMap((desktop) => desktop.figures ?? []));
}
