import { DeskreelError } from "#shared/runtime/errors.ts";
import type { DesktopKey } from "./desktop-key.ts";
import type { DesktopIdentity } from "./ports.ts";
import type { RecorderConnection } from "./recorder-connection.ts";

/**
 * Tells the recorder by its key which desktop this is. The token is sent only to a recorder that does not know the key.
 *
 * @throws DeskreelError `NO_TOKEN` when it is needed and there is none, or as `RecorderConnection.request`.
 */
export async function authenticate(
  connection: Pick<RecorderConnection, "request">,
  { serverUrl, enrollmentToken, device, osUser }: DesktopIdentity,
  { publicKey, keyProtection, sign }: DesktopKey,
): Promise<void> {
  const { nonce, isKnown } = await connection.request({ t: "authenticate", publicKey });
  const place = { host: new URL(serverUrl).hostname, device, osUser };
  const proveFor = (purpose: "prove" | "enrol") => ({
    ...place,
    keyProtection,
    signature: sign({ ...place, purpose, nonce }),
  });
  if (isKnown) {
    await connection.request({ t: "prove", ...proveFor("prove") });
    return;
  }
  if (enrollmentToken === null) {
    throw new DeskreelError(
      "NO_TOKEN",
      "the recorder does not know this desktop's key, and desktop.enrollmentToken is not set to enrol it",
    );
  }
  await connection.request({ t: "enrol", ...proveFor("enrol"), token: enrollmentToken });
}
