/** What stands in the bundled page in place of what it shows. */
export const VIEWED = "@deskreel-viewed@";

/**
 * The exported page, which plays an interaction from files that lie beside it.
 *
 * @param page - as it was bundled.
 * @param manifest - the manifest's text.
 * @param folder - of the media, relative to the page.
 */
export function renderViewer(page: string, manifest: string, folder: string): string {
  const viewed = `{"manifest":${manifest},"folder":${JSON.stringify(`${folder}/`)}}`;
  // So that no text of a call can end the element that it stands in. A function: `$` means nothing in it.
  const harmless = viewed.replaceAll("<", String.raw`\u003c`);
  return page.replace(VIEWED, () => harmless);
}
