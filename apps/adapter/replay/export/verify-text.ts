import type { Manifest } from "#shared/archive/manifest.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** What of an export `VERIFY.txt` is about. */
export interface VerifyFacts {
  manifest: Manifest;
  exportedAt: EpochMs;
  /** The version's folder in the export. */
  place: string;
}

/** Where the bytes are that the manifest's signature is over, and the signature, as OpenSSL takes them. */
export const SIGNED_BYTES = "signed/manifest.jcs";
export const SIGNATURE_BYTES = "signed/manifest.sig";

/** How to verify an export, for people; the lines that begin with four blanks are commands for a POSIX shell. */
export function verifyText({ manifest, exportedAt, place }: VerifyFacts): string {
  const { interactionId, version, signature } = manifest;
  return `Interaction ${interactionId}, version ${version}
exported by Deskreel at ${formatInstant(exportedAt)}

viewer.html plays everything in a browser, without a server and without a network.
${place}/ has the media, which other players play too, and manifest.json.

HOW TO VERIFY
${signature === undefined ? NOT_SIGNED : signedText(signature.keyId, place)}
WITH DESKREEL
It checks all of this, and that nothing was changed, added or taken away:

    npm run verify -- THIS_FOLDER --key FILE

FILE is a copy of the archive's signing-key.pem that you trust; without --key the one
in this folder is used. The archive's chain, which shows that no interaction is missing,
is not part of an export.
`;
}

const NOT_SIGNED = `
This version was archived before the archive had a key, so its manifest is not signed.
manifest.json lists the sha256 of each file.

`;

function signedText(keyId: string, place: string): string {
  return `
The manifest is signed with Ed25519 by key ${keyId} over its canonical form (RFC 8785)
without the member "signature". ${SIGNED_BYTES} has those bytes, so OpenSSL 3
and sha256sum are enough. In this folder:

1. Is signing-key.pem the key that you trust? This prints its id, the same as above; ask
   who runs the archive for it (GET /v1/signing-key), not who gave you this folder.

    openssl pkey -pubin -in signing-key.pem -outform DER | sha256sum | cut -c 1-16

2. Was the manifest signed with it?

    openssl pkeyutl -verify -pubin -inkey signing-key.pem -rawin -in ${SIGNED_BYTES} -sigfile ${SIGNATURE_BYTES}

3. Are the files those that the signed manifest lists?

    grep -o '"files":\\[[^]]*' ${SIGNED_BYTES} | grep -o '"name":"[^"]*","sha256":"[^"]*' | sed 's/"name":"\\(.*\\)","sha256":"\\(.*\\)/\\2  \\1/' > /tmp/deskreel-sums && (cd ${place} && sha256sum -c /tmp/deskreel-sums)

`;
}
