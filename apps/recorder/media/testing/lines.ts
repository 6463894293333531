import { LINE_MS, type Line } from "./played-media.ts";
import type { ScriptedSender } from "./scripted-sender.ts";

/** Chooses packets by their index in their picture, of `of`. */
export type PacketChoice = (packet: number, of: number) => boolean;

export const everyPacket: PacketChoice = () => true;
export const firstPacket: PacketChoice = (packet) => packet === 0;
export const lastPacket: PacketChoice = (packet, of) => packet === of - 1;

/**
 * A line on which packets of the next pictures fare badly.
 *
 * @param pictures - how many of them.
 * @param fate - after how many ms those packets arrive, if at all.
 */
export function hitting(
  sender: ScriptedSender,
  pictures: number,
  isHit: PacketChoice,
  fate: readonly number[] = [],
): Line {
  const first = sender.sent.length;
  return (sequenceNumber) => {
    const current = sender.sent.length - 1;
    const packets = sender.sent.at(-1)?.packets ?? [];
    const isTheirs = current >= first && current < first + pictures;
    return isTheirs && isHit(packets.indexOf(sequenceNumber), packets.length) ? fate : [LINE_MS];
  };
}
