import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import type { MappingSettings } from "../domain/dynamics/mapping-settings.ts";

/** `dynamics.mapping` of the configuration in the mapping's terms. */
export function mappingSettings({ holdMatchS, ...settings }: DynamicsConfig["mapping"]): MappingSettings {
  return { ...settings, holdMatchMs: holdMatchS * 1_000 };
}
