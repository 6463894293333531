/** What is shown of a picture: so many times as large, moved by parts of its own size. */
export interface PictureZoom {
  scale: number;
  /** Of the picture's middle from the room's, 0.5 = half the room's width. */
  right: number;
  down: number;
}

export const WHOLE_PICTURE: PictureZoom = { scale: 1, right: 0, down: 0 };
const LARGEST = 12;

/**
 * Zooms a picture, so that a point of it stays where it is.
 *
 * @param x - of the point in the room, 0 = left, 1 = right.
 */
export function zoomPicture(zoom: PictureZoom, factor: number, x = 0.5, y = 0.5): PictureZoom {
  const scale = Math.max(1, Math.min(LARGEST, zoom.scale * factor));
  const by = scale / zoom.scale;
  return within({
    scale,
    right: (x - 0.5) * (1 - by) + zoom.right * by,
    down: (y - 0.5) * (1 - by) + zoom.down * by,
  });
}

/** Moves a zoomed picture by parts of the room's size, as far as it reaches. */
export function panPicture(zoom: PictureZoom, right: number, down: number): PictureZoom {
  return within({ ...zoom, right: zoom.right + right, down: zoom.down + down });
}

function within({ scale, right, down }: PictureZoom): PictureZoom {
  const most = (scale - 1) / 2;
  const limit = (value: number) => Math.max(-most, Math.min(most, value)) + 0;
  return { scale, right: limit(right), down: limit(down) };
}
