import { join } from "node:path";
import { Menu, nativeImage, Tray } from "electron";
import type { Log } from "#shared/runtime/log.ts";
import type { TrayAction, TrayIcon, TrayRow, TrayView } from "../domain/tray-view.ts";

/** The tray as the agent sees it; every change of the icon is a line `tray changed` in the log. */
export interface TrayDisplay {
  show(view: TrayView): void;
}

/** What the menu's rows do. */
export type TrayActions = Record<TrayAction, () => void>;

/** Makes the tray. Where there is no place for one (a bare X server, say), Deskreel works without. */
export function createTray(iconFolder: string, actions: TrayActions, log: Log): TrayDisplay {
  const icons = new Map<TrayIcon, Electron.NativeImage>();
  const iconOf = (name: TrayIcon) => {
    const image = icons.get(name) ?? nativeImage.createFromPath(join(iconFolder, `${name}.png`));
    icons.set(name, image);
    return image;
  };
  const tray = new Tray(iconOf("offline"));
  let shown: TrayView | null = null;
  return {
    show(view) {
      if (JSON.stringify(view) === JSON.stringify(shown)) return;
      if (view.icon !== shown?.icon) {
        tray.setImage(iconOf(view.icon));
        log.info({ icon: view.icon, rows: view.rows.length }, "tray changed");
      }
      tray.setToolTip(view.tooltip);
      // On Linux a changed menu shows only when it is set as a whole.
      tray.setContextMenu(Menu.buildFromTemplate(view.rows.map((row) => menuItem(row, actions))));
      shown = view;
    },
  };
}

function menuItem(row: TrayRow | null, actions: TrayActions): Electron.MenuItemConstructorOptions {
  if (row === null) return { type: "separator" };
  const { label, action } = row;
  return action === undefined ? { label, enabled: false } : { label, click: () => actions[action]() };
}
