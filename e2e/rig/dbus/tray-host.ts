import type { BusConnection, Target } from "./connection.ts";
import type { SessionBus } from "./session-bus.ts";
import type { DbusValue, Message, Variant } from "./wire.ts";

/** What a panel shows of the tray: StatusNotifierItem and com.canonical.dbusmenu, as a Linux desktop reads them. */
interface ShownTray {
  tooltip: string;
  /** Each size's picture, as hexadecimal ARGB. */
  pictures: string[];
  rows: ShownRow[];
}

interface ShownRow {
  id: number;
  /** null = a line. */
  label: string | null;
  enabled: boolean;
}

/** The panel of a desktop, on a bus of our own. */
export interface TrayHost extends AsyncDisposable {
  /** null before the app has put its icon there. */
  shown(): Promise<ShownTray | null>;
  /** Clicks the row with this label. @throws when there is none. */
  click(label: string): Promise<void>;
}

const WATCHER = "org.kde.StatusNotifierWatcher";
const ITEM = "org.kde.StatusNotifierItem";
const PROPERTIES = "org.freedesktop.DBus.Properties";
const MENU = "com.canonical.dbusmenu";

/** Takes the place of a panel; to be called before the app starts. */
export async function startTrayHost(bus: SessionBus): Promise<TrayHost> {
  const connection = await bus.connect();
  let item: string | null = null;
  await connection.own(WATCHER, "/StatusNotifierWatcher", (call) => {
    if (call.interface === WATCHER && call.member === "RegisterStatusNotifierItem") {
      item = call.sender ?? null;
      return { signature: "", body: [] };
    }
    return call.interface === PROPERTIES ? watcherProperties(call) : null;
  });
  const read = async () => (item === null ? null : readTray(connection, item));
  return {
    shown: async () => (await read())?.tray ?? null,
    async click(label) {
      const found = await read();
      const row = found?.tray.rows.find((candidate) => candidate.label === label);
      if (found === null || row === undefined || !row.enabled)
        throw new Error(`there is no row ${label} to click; there are ${JSON.stringify(found?.tray.rows)}`);
      const data: Variant = { signature: "i", value: 0 };
      await connection.call(found.menu, "Event", { signature: "isvu", body: [row.id, "clicked", data, 0] });
    },
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function watcherProperties({ member, body }: Message) {
  const properties: Record<string, Variant> = {
    IsStatusNotifierHostRegistered: { signature: "b", value: true },
    ProtocolVersion: { signature: "i", value: 0 },
  };
  if (member === "GetAll") return { signature: "a{sv}", body: [Object.entries(properties)] };
  const found = properties[body[1] as string];
  return member === "Get" && found !== undefined ? { signature: "v", body: [found] } : null;
}

async function readTray(
  connection: BusConnection,
  destination: string,
): Promise<{ tray: ShownTray; menu: Target }> {
  const item: Target = { destination, path: "/StatusNotifierItem", interface: PROPERTIES };
  const [pairs] = await connection.call(item, "GetAll", { signature: "s", body: [ITEM] });
  const properties = new Map(pairs as [string, Variant][]);
  const tooltip = properties.get("ToolTip")?.value as [string, DbusValue, string, string] | undefined;
  const pictures = (properties.get("IconPixmap")?.value ?? []) as [number, number, number[]][];
  const menu: Target = { destination, path: properties.get("Menu")?.value as string, interface: MENU };
  const layout = await connection.call(menu, "GetLayout", { signature: "iias", body: [0, -1, []] });
  const [, , children] = layout[1] as [number, DbusValue, Variant[]];
  return {
    menu,
    tray: {
      tooltip: tooltip?.[2] || tooltip?.[3] || "",
      pictures: pictures.map(([, , pixels]) => Buffer.from(pixels).toString("hex")),
      rows: children.map((child) => readRow(child.value as [number, [string, Variant][], DbusValue])),
    },
  };
}

function readRow([id, pairs]: [number, [string, Variant][], DbusValue]): ShownRow {
  const properties = new Map(pairs);
  const isLine = properties.get("type")?.value === "separator";
  const label = (properties.get("label")?.value ?? "") as string;
  // An underscore marks a key to press, and two stand for one.
  return {
    id,
    label: isLine ? null : label.replace(/_(.)/g, "$1"),
    enabled: properties.get("enabled")?.value !== false,
  };
}
