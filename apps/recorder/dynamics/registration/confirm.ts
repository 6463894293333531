import { createInterface } from "node:readline";

/** Asks a question on a terminal; anything but y or yes, also the end of the input or the signal, is no. */
export async function confirm(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<boolean> {
  const lines = createInterface({ input, output, signal });
  lines.setPrompt(`${question} [y/N] `);
  lines.prompt();
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    // Else the open terminal would keep the process.
    lines.close();
  }
}
