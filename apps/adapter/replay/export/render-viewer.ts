/** What stands in the bundled page in place of what it shows. */
export const VIEWED = "@deskreel-viewed@";
/** The files that the player reads beside media and pictures; not every interaction has them. */
export const ARTEFACTS = ["peaks.json", "pictures.json", "thumbnails.json"];

/**
 * The exported page, which plays an interaction from files that lie beside it.
 *
 * @param page - as it was bundled.
 * @param manifest - the manifest's text.
 * @param folder - of the media, relative to the page.
 * @param artefacts - texts of the JSON files that the player reads, by name: a page from the disk can read none.
 */
export function renderViewer(
  page: string,
  manifest: string,
  folder: string,
  artefacts: ReadonlyMap<string, string>,
): string {
  const texts = [...artefacts].map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  const viewed = `{"manifest":${manifest},"folder":${JSON.stringify(`${folder}/`)},"artefacts":{${texts.join(",")}}}`;
  // So that no text of a call can end the element that it stands in. A function: `$` means nothing in it.
  const harmless = viewed.replaceAll("<", String.raw`\u003c`);
  return page.replace(VIEWED, () => harmless);
}
