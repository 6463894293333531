import { crc32 } from "node:zlib";
import { BufferSource, EncodedPacketSink, Input, WEBM } from "mediabunny";
import { expect, test } from "vitest";
import { playCapture, readChromiumCapture } from "../media/testing/rtp-fixture.ts";
import { ID } from "./ebml.ts";
import { findContent, readElements } from "./testing/ebml-reader.ts";
import { type Block, encodeCluster, type SegmentIdentity, WebmMuxer } from "./webm-muxer.ts";

const STARTED_AT = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
const SUMMARY = { startedAt: STARTED_AT, durationMs: 5_100, clockSource: "sender-reports" };

/** The first 51 pictures of the capture, all of one size. */
const BLOCKS: Block[] = playCapture(readChromiumCapture())
  .frames.slice(0, 51)
  .map(({ data, key }, index) => ({ data, key, atMs: index * 100 }));

function newMuxer(given: Partial<SegmentIdentity> = {}): WebmMuxer {
  return new WebmMuxer({
    recordingId: "01JREC",
    trackId: "1",
    segmentId: "000001",
    codec: "vp9",
    width: 640,
    height: 360,
    codecPrivate: null,
    uuid: Buffer.alloc(16, 7),
    startedAt: STARTED_AT - 400,
    clockSource: "arrival",
    ...given,
  });
}

/** A file of clusters of ten blocks, sealed or as a crash leaves it. */
function makeFile({ isSealed }: { isSealed: boolean }): Buffer {
  const muxer = newMuxer();
  const parts: Uint8Array[] = [muxer.header];
  const position = () => parts.reduce((sum, part) => sum + part.byteLength, 0);
  const cues = [];
  for (let first = 0; first < BLOCKS.length; first += 10) {
    const blocks = BLOCKS.slice(first, first + 10);
    if (blocks[0]?.key) cues.push({ atMs: blocks[0].atMs, position: position() });
    parts.push(encodeCluster(blocks));
  }
  if (!isSealed) return Buffer.concat(parts);
  const cuesAt = position();
  parts.push(muxer.cues(cues));
  const file = Buffer.concat(parts);
  for (const patch of muxer.seal(SUMMARY, cuesAt, file.byteLength)) patch.bytes.copy(file, patch.position);
  return file;
}

async function readWithMediabunny(file: Buffer) {
  const input = new Input({ formats: [WEBM], source: new BufferSource(file) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error("there is no video track");
  const packets = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  return {
    codec: await track.getCodec(),
    size: [await track.getCodedWidth(), await track.getCodedHeight()],
    blocks: packets.map(({ data, type, timestamp }) => ({
      data,
      key: type === "key",
      atMs: Math.round(timestamp * 1_000),
    })),
  };
}

test.each([{ isSealed: true }, { isSealed: false }])(
  "an independent reader finds every frame in a file that is sealed: $isSealed",
  async (state) => {
    expect(await readWithMediabunny(makeFile(state))).toEqual({
      codec: "vp9",
      size: [640, 360],
      blocks: BLOCKS,
    });
  },
);

test("an open file is a segment of unknown size whose head is already whole", () => {
  const [ebml, segment] = readElements(makeFile({ isSealed: false }));
  expect([ebml?.id, segment?.id, segment?.size]).toEqual([ID.ebml, ID.segment, null]);
  const ids = readElements(segment?.content ?? Buffer.alloc(0)).map(({ id }) => id);
  expect(ids).toEqual([ID.void, ID.info, ID.tracks, ID.tags, ...Array(6).fill(ID.cluster)]);
});

test("sealing fills in size, duration, times and the seek head, and moves nothing", () => {
  const open = makeFile({ isSealed: false });
  const sealed = makeFile({ isSealed: true });
  const [, segment] = readElements(sealed);
  if (segment === undefined) throw new Error("there is no segment");
  const base = sealed.byteLength - segment.content.byteLength;
  const parts = readElements(segment.content, base);

  expect(segment.size).toBe(segment.content.byteLength);
  expect(parts.map(({ id }) => id)).toEqual([
    ID.seekHead,
    ID.info,
    ID.tracks,
    ID.tags,
    ...Array(6).fill(ID.cluster),
    ID.cues,
  ]);
  const seeks = readElements(findContent(parts, ID.seekHead)).map(({ content }) => {
    const seek = readElements(content);
    return [
      findContent(seek, ID.seekId).readUInt32BE(),
      base + Number(findContent(seek, ID.seekPosition).readBigUInt64BE()),
    ];
  });
  expect(seeks).toEqual(
    parts
      .filter(({ id }) => id !== ID.seekHead && id !== ID.cluster)
      .map(({ id, position }) => [id, position]),
  );
  const info = readElements(findContent(parts, ID.info));
  expect(findContent(info, ID.duration).readDoubleBE()).toBe(5_100);
  const sinceNs = findContent(info, ID.dateUtc).readBigInt64BE();
  expect(Number(sinceNs / 1_000_000n) + Date.UTC(2001, 0, 1)).toBe(STARTED_AT);

  const firstCluster = parts.find(({ id }) => id === ID.cluster)?.position ?? 0;
  const firstCue = readElements(findContent(readElements(findContent(parts, ID.cues)), ID.cuePoint));
  const cuePosition = findContent(
    readElements(findContent(firstCue, ID.cueTrackPositions)),
    ID.cueClusterPosition,
  );
  expect(base + cuePosition.readUIntBE(0, cuePosition.byteLength)).toBe(firstCluster);
  expect(sealed.subarray(firstCluster, open.byteLength)).toEqual(open.subarray(firstCluster));
});

test.each([
  { isSealed: false, start: String(STARTED_AT - 400), clock: "arrival" },
  { isSealed: true, start: String(STARTED_AT), clock: "sender-reports" },
])(
  "tags say whose segment it is and when it began, as well as that is known (sealed: $isSealed)",
  (state) => {
    const [, segment] = readElements(makeFile(state));
    const parts = readElements(segment?.content ?? Buffer.alloc(0));
    const tags = readElements(findContent(readElements(findContent(parts, ID.tags)), ID.tag))
      .filter(({ id }) => id === ID.simpleTag)
      .map(({ content }) => {
        const parts = readElements(content);
        const text = (id: number) => findContent(parts, id).toString().replace(/\0+$/, "");
        return [text(ID.tagName), text(ID.tagString)];
      });
    expect(tags).toEqual([
      ["RECORDING_ID", "01JREC"],
      ["TRACK_ID", "1"],
      ["SEGMENT_ID", "000001"],
      ["START_EPOCH_MS", state.start],
      ["CLOCK_SOURCE", state.clock],
    ]);
    const sinceNs = findContent(readElements(findContent(parts, ID.info)), ID.dateUtc).readBigInt64BE();
    expect(String(Number(sinceNs / 1_000_000n) + Date.UTC(2001, 0, 1))).toBe(state.start);
  },
);

test("each cluster begins with the checksum of all that follows in it", () => {
  const cluster = encodeCluster(BLOCKS.slice(3, 8));
  const [whole] = readElements(cluster);
  const [crc] = readElements(whole?.content ?? Buffer.alloc(0));
  expect([whole?.id, crc?.id]).toEqual([ID.cluster, ID.crc32]);
  expect(crc?.content.readUInt32LE()).toBe(crc32(whole?.content.subarray(6) ?? ""));
});

test("blocks carry their time relative to the cluster's", () => {
  const [whole] = readElements(encodeCluster(BLOCKS.slice(36, 38)));
  const parts = readElements(whole?.content ?? Buffer.alloc(0));
  expect(findContent(parts, ID.timestamp).readUInt16BE()).toBe(3_600);
  const blocks = parts.filter(({ id }) => id === ID.simpleBlock).map(({ content }) => content.subarray(0, 4));
  expect(blocks.map((block) => block.toString("hex"))).toEqual(["81000080", "81006400"]);
});

test.each([
  ["vp8", null, "webm", "V_VP8"],
  ["vp9", null, "webm", "V_VP9"],
  ["av1", Buffer.from([0x81, 5, 12, 0]), "webm", "V_AV1"],
  ["h264", Buffer.from([1, 66, 224, 31]), "matroska", "V_MPEG4/ISO/AVC"],
] as const)("a file of %s says what it is and what its decoder needs", (codec, codecPrivate, type, id) => {
  const [ebml, segment] = readElements(newMuxer({ codec, codecPrivate }).header);
  const tracks = findContent(readElements(segment?.content ?? Buffer.alloc(0)), ID.tracks);
  const entry = readElements(findContent(readElements(tracks), ID.trackEntry));
  expect({
    type: findContent(readElements(ebml?.content ?? Buffer.alloc(0)), ID.docType).toString(),
    id: findContent(entry, ID.codecId).toString(),
    codecPrivate: entry.find((part) => part.id === ID.codecPrivate)?.content ?? null,
  }).toEqual({ type, id, codecPrivate });
});
