import { createSecureContext, type SecureContext } from "node:tls";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { trustedAuthorities } from "#shared/runtime/trusted-authorities.ts";

/** Whose certificates are believed. Read when it is first needed: the authorities are hundreds. */
export class Trust {
  readonly #caFile: string | null;
  readonly #log: Log;
  #context: SecureContext | null = null;

  /** @param caFile - authorities beside those of the operating system; null: none. */
  constructor(caFile: string | null, log: Log) {
    this.#caFile = caFile;
    this.#log = log;
  }

  get context(): SecureContext {
    this.#context ??= createSecureContext({ ca: this.#read() });
    return this.#context;
  }

  /** The next connection reads the authorities again: an administrator may have added one meanwhile. */
  forget(): void {
    this.#context = null;
  }

  #read(): string[] {
    try {
      return trustedAuthorities(this.#caFile);
    } catch (error) {
      // Fewer authorities believe less; whether the recorder's is among the others will show.
      this.#log.error({ reason: describeError(error) }, "desktop.caFile not used");
      return trustedAuthorities(null);
    }
  }
}
