import { playerWords } from "../words/player-words.ts";

/** What a person can make of a media element's failure, by a `MediaError`'s code. */
export function describeMediaError(code: number): string {
  const { network, decode, source } = playerWords().mediaErrors;
  const reasons: Readonly<Record<number, string>> = {
    [MediaError.MEDIA_ERR_NETWORK]: network,
    [MediaError.MEDIA_ERR_DECODE]: decode,
  };
  return reasons[code] ?? source;
}
