/** Loudness of the call's sound, and of each of its sides where it has two. */
export class Sound {
  readonly #audio: HTMLAudioElement;
  #gains: readonly [GainNode, GainNode] | null = null;

  constructor(audio: HTMLAudioElement) {
    this.#audio = audio;
  }

  /** @param volume - 0 to 1. */
  setVolume(volume: number, isMuted: boolean): void {
    this.#audio.volume = volume;
    this.#audio.muted = isMuted;
  }

  /**
   * Sets the volumes of both channels. The sound goes through Web Audio from the first time on, and not before: it adds a
   * delay, and of a file from the disk it hears nothing.
   *
   * @param sides - 0 to 1 each.
   */
  setSides(sides: readonly [number, number]): void {
    this.#gains ??= this.#split();
    this.#gains.forEach((gain, index) => (gain.gain.value = sides[index] ?? 1));
  }

  #split(): readonly [GainNode, GainNode] {
    const context = new AudioContext({ latencyHint: "interactive" });
    const splitter = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    const gains = [new GainNode(context), new GainNode(context)] as const;
    const merger = new ChannelMergerNode(context, { numberOfInputs: 2 });
    context.createMediaElementSource(this.#audio).connect(splitter);
    for (const [index, gain] of gains.entries()) {
      splitter.connect(gain, index);
      // Both sides in both ears.
      for (const ear of [0, 1]) gain.connect(merger, 0, ear);
    }
    merger.connect(context.destination);
    return gains;
  }
}
