// @ts-check
import { reasonOf } from "./setup-error.mjs";

/** What may be closed off is given up after this long, in ms. */
const CONNECT_WITHIN_MS = 10_000;

/**
 * Looks whether a host answers at all, before a program is started that would wait for it much longer.
 *
 * @param {string | URL} address
 * @throws {Error} that says why not
 */
export async function reach(address) {
  const { origin, host } = new URL(address);
  try {
    await fetch(origin, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(CONNECT_WITHIN_MS),
    });
  } catch (cause) {
    const under = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new Error(`${host} does not answer (${reasonOf(under)})`, { cause });
  }
}
