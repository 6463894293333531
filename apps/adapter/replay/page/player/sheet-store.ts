/** The pictures of the sheets, decoded ahead so that they are there when the pointer comes. */
export class SheetStore {
  readonly #images = new Map<string, HTMLImageElement>();
  readonly #urlOf: (name: string) => string;
  readonly #onMissing: (file: string) => void;

  /** @param onMissing - told once of each sheet that cannot be loaded. */
  constructor(urlOf: (name: string) => string, onMissing: (file: string) => void) {
    this.#urlOf = urlOf;
    this.#onMissing = onMissing;
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
    image.addEventListener("error", () => this.#onMissing(file), { once: true });
    image.src = this.#urlOf(file);
    return null;
  }
}
