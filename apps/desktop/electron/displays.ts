import { screen } from "electron";
import type { Display } from "#shared/protocol/messages.ts";
import type { DisplaySource } from "../agent/ports.ts";

/** The monitors as the operating system has them now. Only after the app is ready. */
export function electronDisplays(): DisplaySource {
  return {
    displays() {
      const primaryId = screen.getPrimaryDisplay().id;
      return screen.getAllDisplays().map(
        (display): Display => ({
          id: String(display.id),
          width: Math.round(display.size.width * display.scaleFactor),
          height: Math.round(display.size.height * display.scaleFactor),
          scale: display.scaleFactor,
          primary: display.id === primaryId,
        }),
      );
    },
    onChange(listener) {
      screen.on("display-added", listener);
      screen.on("display-removed", listener);
      screen.on("display-metrics-changed", listener);
      return () => {
        screen.off("display-added", listener);
        screen.off("display-removed", listener);
        screen.off("display-metrics-changed", listener);
      };
    },
  };
}
