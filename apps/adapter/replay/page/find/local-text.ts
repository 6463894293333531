import type { EpochMs } from "#shared/time/units.ts";

/** An instant as a field of date and time has it, `2026-03-02T10:02`, in this machine's zone. */
export function localText(at: EpochMs | null): string {
  if (at === null) return "";
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The instant that such a text means, null when it is none. */
export function instantIn(text: string): EpochMs | null {
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? null : at;
}
