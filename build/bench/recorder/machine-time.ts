/** Milliseconds on the machine's steady clock, which all its processes share; only differences mean something. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
