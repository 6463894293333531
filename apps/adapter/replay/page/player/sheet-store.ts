/** The pictures of the sheets, decoded ahead so that they are there when the pointer comes. */
export class SheetStore {
  readonly #images = new Map<string, HTMLImageElement>();
  readonly #urlOf: (name: string) => string;

  constructor(urlOf: (name: string) => string) {
    this.#urlOf = urlOf;
  }

  /** @param onReady - told when a sheet that was not there has come. */
  get(file: string, onReady: () => void): HTMLImageElement | null {
    const known = this.#images.get(file);
    if (known !== undefined) {
      if (known.complete) return known.naturalWidth > 0 ? known : null;
      known.addEventListener("load", onReady, { once: true });
      return null;
    }
    const image = new Image();
    this.#images.set(file, image);
    image.addEventListener("load", onReady, { once: true });
    image.src = this.#urlOf(file);
    return null;
  }
}
