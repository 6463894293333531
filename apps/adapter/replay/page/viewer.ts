import type { Manifest } from "#shared/archive/manifest.ts";
import { h, render } from "preact";
import { mountPlayer } from "./player/player.tsx";
import { Tooltip } from "./ui/tooltip.tsx";
import "./viewer.css";
import { preferredOf, language } from "./words/language.ts";

/** What the exporter puts into the page. */
interface Viewed {
  manifest: Manifest;
  /** Of the media, relative to this file, with a slash at its end. */
  folder: string;
  /** JSON files of the interaction by name: a page from the disk can read none beside it. */
  artefacts: Readonly<Record<string, unknown>>;
}

/** The entry of the exported page: the player alone, over files that lie beside it. */
function view(): void {
  const { manifest, folder, artefacts } = JSON.parse(
    document.querySelector("#viewed")?.textContent ?? "",
  ) as Viewed;
  language.value = preferredOf(navigator.languages);
  document.documentElement.lang = language.value;
  const source = {
    urlOf: (name: string) => `${folder}${encodeURIComponent(name)}`,
    readJson: (name: string) => Promise.resolve(artefacts[name]),
    server: null,
  };
  mountPlayer(document.body, manifest, source, new AbortController().signal);
  render(h(Tooltip, null), document.body.appendChild(document.createElement("div")));
}

view();
