import { statfs } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { AdapterConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { formatBytes } from "#shared/text/bytes.ts";
import { openStorage } from "../../apps/adapter/archive/storage/open-storage.ts";
import { checkCertificate } from "./certificate-checks.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { checkFolder, checkSecretFile, nearestFolder } from "./path-checks.ts";
import { checkPort, judgeExposure, type Listening } from "./port-checks.ts";
import type { Readiness } from "./recorder-checks.ts";

const ANSWERS_WITHIN_MS = 5_000;
/** An archive with less is full within days. */
const LITTLE_SPACE = 5 * 1_024 ** 3;

const group = findingsOf("Adapter and archive");
const { ok, warn, fail } = group;

/** @param readiness - of the adapter of this configuration. */
export async function* checkAdapter(config: AdapterConfig, readiness: Readiness): AsyncGenerator<Finding> {
  if (readiness === null) yield ok("running", "no; npm run adapter starts it");
  else {
    const bad = readiness.checks.filter(({ state }) => state !== "ok");
    yield ok("running", `yes, ${readiness.status}`);
    for (const { name, state, detail = "no detail" } of bad)
      yield (state === "failed" ? fail : warn)(
        `says: ${name}`,
        detail,
        "it says so itself in /readyz; look at its log",
      );
  }
  const http: Listening = { name: "replay port", key: "adapter.http", ...config.http, protocols: ["tcp"] };
  const ops: Listening = { name: "ops port", key: "adapter.ops", ...config.ops, protocols: ["tcp"] };
  const runs = readiness === null ? null : "the adapter";
  for (const place of [http, ops]) {
    yield await checkPort(group, place, runs);
    yield* await checkCertificate(group, place, Date.now());
  }
  yield* judgeExposure(group, http, "recordings and sign-ins can be read on the way");
  yield* judgeExposure(group, ops, "it needs no token, whoever reaches it reads it");
  const own = { isMade: true, isJson: true, key: "adapter.tokensFile" };
  yield await checkSecretFile(group, "tokens file", config.tokensFile, own);
  yield await checkFolder(group, "data folder", config.dataDir, "adapter.dataDir");
  yield* checkArchive(config);
  for (const recorder of config.recorders) {
    yield await checkReached(recorder.url);
    const key = "adapter.recorders";
    yield await checkSecretFile(group, "recorder's tokens", recorder.tokenFile, {
      isMade: true,
      isJson: true,
      key,
    });
  }
}

async function* checkArchive(config: AdapterConfig): AsyncGenerator<Finding> {
  const { url } = config.archive;
  if (!url.startsWith("file:")) {
    yield await checkBucket(config);
    return;
  }
  const folder = fileURLToPath(url);
  yield await checkFolder(group, "archive", folder, "adapter.archive.url");
  const disk = await statfs(await nearestFolder(folder)).catch(() => null);
  if (disk === null) return;
  const free = disk.bavail * disk.bsize;
  const found = `${formatBytes(free)} free of ${formatBytes(disk.blocks * disk.bsize)}`;
  yield free < LITTLE_SPACE
    ? warn("archive space", found, "make the disk larger: what cannot be archived waits in the call buffer")
    : ok("archive space", found);
}

/** Only asks what is there. */
async function checkBucket(config: AdapterConfig): Promise<Finding> {
  try {
    await using storage = await openStorage(config);
    return ok("archive", `${storage.root} can be listed`);
  } catch (error) {
    return fail("archive", describeError(error), "adapter.archive; see docs/CONFIG.md, Archive in S3");
  }
}

/** Whatever it answers, it is there. */
async function checkReached(url: string): Promise<Finding> {
  try {
    const { status } = await fetch(url, {
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      redirect: "manual",
    });
    if (status !== 421) return ok("recorder", `${url} answers`);
    return fail(
      "recorder",
      `${url} answers, but not to that name`,
      "add the name to recorder.allowedHosts there",
    );
  } catch (error) {
    return warn(
      "recorder",
      `${url} does not answer (${describeError(error)})`,
      "start it (npm run recorder); if it runs: adapter.recorders, and the network between",
    );
  }
}
