import { PassThrough, type Readable } from "node:stream";
import { ZipFile } from "yazl";
import { canonicalJson } from "#shared/archive/canonical-json.ts";
import { EXPORT_FILE, EXPORT_FORMAT } from "#shared/archive/export.ts";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { MANIFEST_FILE, PUBLIC_KEY_FILE } from "../../archive/places.ts";
import { publicPemOf, renderDocument, type SigningKey, sha256Of } from "../../archive/signing-key.ts";
import type { ReplayStorage } from "../ports.ts";
import { ARTEFACTS, renderViewer } from "./render-viewer.ts";
import { SIGNATURE_BYTES, SIGNED_BYTES, verifyText } from "./verify-text.ts";

export interface ExportOptions {
  storage: ReplayStorage;
  /** The version's, in the archive. */
  place: string;
  signingKey: Pick<SigningKey, "publicPem" | "sign">;
  /** The viewer as it was bundled. */
  viewerPage: string;
  now: EpochMs;
}

export interface ExportedZip {
  /** For the file's name. */
  interactionId: string;
  /** Of the whole zip. */
  bytes: number;
  stream: Readable;
}

/**
 * An interaction's newest version as a zip that needs nothing of Deskreel: media, manifest, a page that plays them from
 * the disk, the public key, and how to verify all that. It is made while it is read; media are stored as they are.
 *
 * @throws DeskreelError `EXPORT_INCOMPLETE` when the archive does not have what its manifest lists.
 */
export async function exportInteraction(options: ExportOptions): Promise<ExportedZip> {
  const { storage, place, signingKey, viewerPage, now } = options;
  const manifestBytes = await storage.read(`${place}/${MANIFEST_FILE}`);
  if (manifestBytes === null) throw incomplete(`${place}/${MANIFEST_FILE} is missing`);
  const tree = JSON.parse(manifestBytes.toString()) as object;
  const manifest = manifestSchema.parse(tree);
  for (const { name, bytes } of manifest.files) {
    const found = await storage.size(`${place}/${name}`);
    if (found === bytes) continue;
    const what = found === null ? "is missing" : `has ${found} bytes instead of ${bytes}`;
    throw incomplete(`${place}/${name} ${what}`);
  }
  const artefacts = await readArtefacts(storage, place, manifest);
  const viewer = renderViewer(viewerPage, manifestBytes.toString(), place, artefacts);
  const texts = new Map<string, Buffer>([
    ["viewer.html", Buffer.from(viewer)],
    ["VERIFY.txt", Buffer.from(verifyText({ manifest, exportedAt: now, place }))],
    [
      PUBLIC_KEY_FILE,
      Buffer.from(await publicKeys(storage, manifest.signature?.keyId, signingKey.publicPem)),
    ],
    [`${place}/${MANIFEST_FILE}`, manifestBytes],
  ]);
  if (manifest.signature !== undefined) {
    texts.set(SIGNED_BYTES, Buffer.from(canonicalJson({ ...tree, signature: undefined })));
    texts.set(SIGNATURE_BYTES, Buffer.from(manifest.signature.value, "base64"));
  }
  const { interactionId, version } = manifest;
  const document = signingKey.sign({
    format: EXPORT_FORMAT,
    exportedAt: formatInstant(now),
    ...{ interactionId, version, place },
    files: [...texts].map(([name, content]) => ({ name, bytes: content.length, sha256: sha256Of(content) })),
  });
  texts.set(EXPORT_FILE, Buffer.from(renderDocument(document)));

  const zip = new ZipFile();
  let reading: Readable | null = null;
  const folder = `interaction-${interactionId}`;
  const mtime = new Date(now);
  for (const [name, content] of texts)
    zip.addBuffer(content, `${folder}/${name}`, { mtime, compress: false });
  for (const { name, bytes } of manifest.files) {
    const stored = { mtime, compress: false, size: bytes };
    zip.addReadStreamLazy(`${folder}/${place}/${name}`, stored, (give) => {
      storage.open(`${place}/${name}`).then(
        (bytes) => {
          reading = bytes;
          give(bytes === null ? incomplete(`${place}/${name} has gone`) : null, bytes as Readable);
        },
        (error: unknown) => give(error, null as never),
      );
    });
  }
  const bytes = await endZip(zip);
  const stream = new PassThrough();
  // The zip tells of a file that cannot be read, the reader is told by the end of its stream.
  zip.on("error", (error: Error) => stream.destroy(error));
  zip.outputStream.pipe(stream);
  // When whoever reads has gone, the file that is being read is closed too.
  stream.once("close", () => reading?.destroy());
  return { interactionId, bytes, stream };
}

/** Only those that are what the manifest says: they become part of a page. */
async function readArtefacts(
  storage: ReplayStorage,
  place: string,
  { files }: Manifest,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { name, sha256 } of files.filter(({ name }) => ARTEFACTS.includes(name))) {
    const bytes = await storage.read(`${place}/${name}`);
    if (bytes === null || sha256Of(bytes) !== sha256)
      throw incomplete(`${place}/${name} has another content`);
    texts.set(name, bytes.toString());
  }
  return texts;
}

/** @returns the zip's length, which is known beforehand: nothing in it is compressed. */
function endZip(zip: ZipFile): Promise<number> {
  return new Promise((resolve) => {
    // Its types leave out what it tells.
    const onLength: (bytes: number) => void = resolve;
    zip.end(undefined, onLength as () => void);
  });
}

/** The key that signed the manifest first, as OpenSSL reads one only; then ours, which signs the export. */
async function publicKeys(storage: ReplayStorage, keyId: string | undefined, own: string): Promise<string> {
  const published = (await storage.read(PUBLIC_KEY_FILE))?.toString() ?? own;
  const signer = keyId === undefined ? null : publicPemOf(published, keyId);
  return signer === null || signer === own ? own : `${signer}${own}`;
}

function incomplete(what: string): DeskreelError {
  return new DeskreelError(
    "EXPORT_INCOMPLETE",
    `${what} in the archive; \`npm run verify\` lists every such fault`,
  );
}
