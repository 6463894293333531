const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type EndingSignal = keyof typeof NUMBERS;

/**
 * An AbortSignal that fires at the first of these signals; the second one ends the process at once with 128 + its number,
 * for an owner that hangs.
 */
export function shutdownSignal(
  names: readonly EndingSignal[] = ["SIGHUP", "SIGINT", "SIGTERM"],
): AbortSignal {
  const controller = new AbortController();
  for (const name of names) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + NUMBERS[name]);
      controller.abort(name);
    });
  }
  return controller.signal;
}

/** Resolves when the signal aborts; at once when it already has. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
