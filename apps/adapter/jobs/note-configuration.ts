import type { AdapterConfig, DynamicsConfig } from "#shared/runtime/config-schema.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { AdapterStores } from "../store/stores.ts";

/** A section that is named and undefined is not configured; one that is not named was not looked at. */
export interface ConfiguredSections {
  adapter: AdapterConfig;
  dynamics?: DynamicsConfig | undefined;
}

/** Notes in the audit log that the configuration is another one than before: its hash and which keys, never a value. */
export function noteConfiguration(stores: AdapterStores, sections: ConfiguredSections, at: EpochMs): void {
  stores.transaction(() => {
    const change = stores.configuration.replace({ ...sections });
    if (change === null) return;
    const { sha256, isFirst, added, changed, removed } = change;
    const parts = [
      ["changed", changed],
      ["added", added],
      ["removed", removed],
    ] as const;
    const differences = parts
      .filter(([, keys]) => keys.length > 0)
      .map(([word, keys]) => `${word} ${keys.join(", ")}`);
    const detail = `sha256 ${sha256}${isFirst ? "; the first that is noted" : `; ${differences.join("; ")}`}`;
    stores.audit.note({
      at,
      who: "adapter",
      action: "configured",
      interactionId: null,
      detail,
      sequence: null,
    });
  });
}
