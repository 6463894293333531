import { safeStorage } from "electron";
import type { SecretBox } from "../agent/desktop-key.ts";

/** What the operating system keeps for this user alone: DPAPI, Keychain, Secret Service. To be called once the app is ready. */
export function electronSecretBox(): SecretBox {
  const isLinux = process.platform === "linux";
  const isKept =
    safeStorage.isEncryptionAvailable() &&
    !(isLinux && safeStorage.getSelectedStorageBackend() === "basic_text");
  // Without a secret service Electron refuses to work, unless it is told that a key everybody knows will do.
  if (isLinux && !isKept) safeStorage.setUsePlainTextEncryption(true);
  const isSealed = (protection: SecretBox["protection"]) => protection === "os" || isLinux;
  const protection = isKept ? "os" : "plain";
  return {
    protection,
    seal: (text) => (isSealed(protection) ? safeStorage.encryptString(text) : Buffer.from(text, "utf8")),
    open: (sealed, was) =>
      isSealed(was) ? safeStorage.decryptString(Buffer.from(sealed)) : Buffer.from(sealed).toString("utf8"),
  };
}
