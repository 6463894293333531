import { networkInterfaces } from "node:os";
import { net } from "electron";

/** Whether the system is online, and by which addresses. Electron tells of no change, so it is to be asked. */
export function electronNetworkState(): string {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return `${net.isOnline() ? "online" : "offline"} ${addresses.toSorted().join(" ")}`;
}
