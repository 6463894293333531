/** A line for the person at the terminal, on stderr: stdout is kept for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
