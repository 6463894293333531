const DATA = /"Data"\s*:\s*"/;
/** Before `Data` there is the answer's context, and no more. */
const HEAD_MOST = 65_536;

/**
 * The bytes of `{"…":"…","Data":"base64"}`, decoded piece by piece: as JSON a block of 4 MiB would be held four times over.
 *
 * @throws Error when the text has no such member, or ends before it does.
 */
export async function* decodeData(body: AsyncIterable<Uint8Array> | []): AsyncGenerator<Uint8Array> {
  let text = "";
  let isInside = false;
  for await (const chunk of body) {
    // Neither JSON's signs nor base64 have more than one byte each, and nothing else is looked at.
    text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    if (!isInside) {
      const found = DATA.exec(text);
      if (found === null && text.length > HEAD_MOST) break;
      if (found === null) continue;
      isInside = true;
      text = text.slice(found.index + found[0].length);
    }
    const end = text.indexOf('"');
    // JSON may write a slash as `\/`, and base64 is decoded in fours.
    const encoded = (end < 0 ? text : text.slice(0, end)).replaceAll("\\", "");
    const isLast = end >= 0;
    const whole = isLast ? encoded.length : encoded.length - (encoded.length % 4);
    if (whole > 0) yield Buffer.from(encoded.slice(0, whole), "base64");
    if (isLast) return;
    text = encoded.slice(whole);
  }
  throw new Error(isInside ? "the answer ended within Data" : "the answer has no Data");
}
