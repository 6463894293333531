import { useEffect, useRef } from "preact/hooks";
import type { SheetStore } from "./sheet-store.ts";
import { type ScreenThumbnails, spriteAt } from "./thumbnails.ts";

/** A small picture of a screen at its own time. */
export function SpriteCanvas(props: {
  sheets: SheetStore;
  thumbnails: ScreenThumbnails;
  localMs: number;
  /** In CSS px; as wide as its room when absent. */
  width?: number;
}) {
  const { sheets, thumbnails, localMs } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = thumbnails;
  const sprite = spriteAt(thumbnails, localMs);
  useEffect(() => {
    let isWanted = true;
    const draw = () => {
      const context = canvas.current?.getContext("2d");
      if (!isWanted || sprite === null || context === null || context === undefined) return;
      const sheet = sheets.get(sprite.sheet, draw);
      if (sheet === null) return;
      context.drawImage(sheet, sprite.left, sprite.top, width, height, 0, 0, width, height);
      // Tests see by it that a picture has been drawn, and which.
      if (canvas.current !== null)
        canvas.current.dataset["shows"] = `${sprite.sheet} ${sprite.left} ${sprite.top}`;
    };
    draw();
    // A sheet that comes later must not cover the picture that is wanted then.
    return () => {
      isWanted = false;
    };
  }, [sprite?.sheet, sprite?.left, sprite?.top]);
  const shown = props.width;
  const style = shown === undefined ? {} : { width: `${shown}px`, height: `${(shown * height) / width}px` };
  return <canvas ref={canvas} width={width} height={height} style={style} />;
}
