import type { Manifest } from "#shared/archive/manifest.ts";
import { mountPlayer } from "./player/player.ts";
import "./viewer.css";

/** What the exporter puts into the page. */
interface Viewed {
  manifest: Manifest;
  /** Of the media, relative to this file, with a slash at its end. */
  folder: string;
}

/** The entry of the exported page: the player alone, over files that lie beside it. */
function view(): void {
  const { manifest, folder } = JSON.parse(document.querySelector("#viewed")?.textContent ?? "") as Viewed;
  const source = { urlOf: (name: string) => `${folder}${encodeURIComponent(name)}`, server: null };
  mountPlayer(document.body, manifest, source, new AbortController().signal);
}

view();
