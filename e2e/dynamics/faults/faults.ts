import { type FaultSettings, type FaultSettingsInput, faultSettingsSchema } from "./fault-settings.ts";
import { type Random, seededRandom } from "./seeded-random.ts";

/** What a rule looks at in a request. */
export interface FaultyRequest {
  readonly method: string;
  /** Path and query, decoded. */
  readonly target: string;
}

interface Rule {
  readonly share: number;
  readonly next: number | null;
  readonly path?: string | undefined;
  readonly method?: string | undefined;
}

/**
 * How the simulator misbehaves, changeable while it runs. Webhooks, the Web API, the token endpoint and files have random
 * numbers of their own, so that how often a client polls does not change which webhooks get lost.
 */
export class Faults {
  #settings: FaultSettings;
  #random: ReturnType<typeof randomsOf>;

  /** @throws ZodError for settings that are not allowed. */
  constructor(input: FaultSettingsInput = {}) {
    this.#settings = faultSettingsSchema.parse(input);
    this.#random = randomsOf(this.#settings.seed);
  }

  get settings(): FaultSettings {
    return this.#settings;
  }

  /**
   * Changes what is named, each top-level key as a whole; the others stay. A seed begins its numbers anew.
   *
   * @throws ZodError for settings that are not allowed; nothing is changed then.
   */
  set(changes: FaultSettingsInput): void {
    this.#settings = faultSettingsSchema.parse({ ...this.#settings, ...changes });
    if (changes.seed !== undefined) this.#random = randomsOf(changes.seed);
  }

  /** Everything as in the beginning of a simulator without options; the seed stays. */
  clear(): void {
    this.#settings = faultSettingsSchema.parse({ seed: this.#settings.seed });
  }

  /** The next random number for a webhook. */
  drawForWebhook(): number {
    return this.#random.webhooks();
  }

  /** The rule that hits a request of the Web API, of the token endpoint or of a file's link; null = none. One of its `next` is used up. */
  take<Kind extends "webApi" | "token" | "blob">(
    kind: Kind,
    request: FaultyRequest,
  ): FaultSettings[Kind][number] | null {
    const rules: readonly Rule[] = this.#settings[kind];
    const index = rules.findIndex((rule) => matches(rule, request) && this.#random[kind]() < rule.share);
    const hit = rules[index];
    if (hit === undefined) return null;
    const rest = rules.flatMap((rule) => {
      if (rule !== hit || rule.next === null) return [rule];
      return rule.next > 1 ? [{ ...rule, next: rule.next - 1 }] : [];
    });
    this.#settings = { ...this.#settings, [kind]: rest };
    return hit as FaultSettings[Kind][number];
  }
}

function matches(rule: Rule, request: FaultyRequest): boolean {
  return (
    (rule.method === undefined || rule.method === request.method) &&
    (rule.path === undefined || request.target.includes(rule.path))
  );
}

function randomsOf(seed: number): Record<"webhooks" | "webApi" | "token" | "blob", Random> {
  return {
    webhooks: seededRandom(seed),
    webApi: seededRandom(seed ^ 0x5bd1e995),
    token: seededRandom(seed ^ 0x27d4eb2f),
    blob: seededRandom(seed ^ 0x165667b1),
  };
}
