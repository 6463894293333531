// @ts-check
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { digest } from "../setup/cache.mjs";
import { runCommand } from "../setup/command.mjs";
import { fetchDebianSource } from "./debian-source.mjs";

const OVERLAY = path.join(import.meta.dirname, "overlay");
/** Headers of libsrtp 2, as Debian's libsrtp2-dev would install them. */
const SRTP_HEADERS = [
  "include/srtp.h",
  "crypto/include/auth.h",
  "crypto/include/cipher.h",
  "crypto/include/crypto_types.h",
];

/** The Debian packages whose code becomes a part of the worker. */
export const WORKER_LIBRARIES = ["g++", "libuv1-dev", "libssl-dev", "libabsl-dev", "libflatbuffers-dev"];

/**
 * Names what is made of mediasoup's source here: another recipe, another name.
 * @returns {Promise<string>}
 */
export async function recipeDigest() {
  const overlay = (await readdir(OVERLAY, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const files = [import.meta.filename, ...overlay.sort()];
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return digest(...files.flatMap((file, i) => [path.relative(OVERLAY, file), contents[i] ?? ""]));
}

/**
 * Builds mediasoup's worker from the source in its npm package and Debian's packages alone.
 *
 * The libraries that mediasoup's own build downloads are replaced by overlay/subprojects; none of mediasoup's C++ is
 * changed. Only libc and libm stay shared.
 *
 * @param {object} options
 * @param {string} options.source mediasoup's worker folder; only read
 * @param {string} options.scratch an empty folder
 * @param {string} options.binary the file to write
 * @param {(text: string) => void} options.onProgress
 */
export async function buildWorker({ source, scratch, binary, onProgress }) {
  const worker = path.join(scratch, "worker");
  const build = path.join(scratch, "build");
  await layOutSource(source, worker, scratch, onProgress);

  onProgress("configuring");
  // The header is empty while meson tries out the compiler, which must not need what is not generated yet.
  const header = path.join(scratch, "worker_pch.hpp");
  await writeFile(header, "");
  const options = ["--buildtype", "release", "-Db_ndebug=true", `-Dcpp_args=-include ${header}`];
  await runCommand("meson", [
    "setup",
    ...options,
    "-Dcpp_link_args=-static-libstdc++ -static-libgcc",
    build,
    worker,
  ]);

  onProgress("precompiling headers");
  await precompileHeader(build, header);

  const ninja = ["-C", build, "-j", String(availableParallelism()), "mediasoup-worker"];
  await runCommand("ninja", ninja, {
    onLine: (line) => {
      const step = /^\[(\d+\/\d+)\]/.exec(line);
      if (step) onProgress(`compiling ${step[1]}`);
    },
  });
  await runCommand("strip", ["-o", binary, path.join(build, "mediasoup-worker")]);
}

/**
 * Puts mediasoup's source, the overlay and libsrtp's source together.
 * @param {string} source
 * @param {string} worker
 * @param {string} scratch
 * @param {(text: string) => void} onProgress
 */
async function layOutSource(source, worker, scratch, onProgress) {
  const replaced = new Set(["subprojects", "out"]);
  await cp(source, worker, { recursive: true, filter: (file) => !replaced.has(path.relative(source, file)) });
  await cp(path.join(OVERLAY, "subprojects"), path.join(worker, "subprojects"), { recursive: true });

  // Debian 12 has meson 1.0.1; nothing newer is used.
  const mesonBuild = path.join(worker, "meson.build");
  const text = await readFile(mesonBuild, "utf8");
  await writeFile(mesonBuild, text.replace("meson_version: '>= 1.1.0'", "meson_version: '>= 1.0.0'"));

  onProgress("fetching the source of libsrtp2");
  const srtp = path.join(worker, "subprojects", "libsrtp2-source");
  const fetched = path.join(scratch, "srtp");
  await mkdir(fetched);
  await rename(await fetchDebianSource("libsrtp2", fetched), srtp);
  await rm(fetched, { recursive: true });
  const headers = path.join(worker, "subprojects", "libsrtp3", "include", "srtp2");
  await mkdir(headers, { recursive: true });
  for (const file of SRTP_HEADERS) {
    await copyFile(path.join(srtp, file), path.join(headers, path.basename(file)));
  }
}

/**
 * Halves the time: every source of the worker includes the same big headers.
 * @param {string} build
 * @param {string} header
 */
async function precompileHeader(build, header) {
  // The header includes generated ones.
  await runCommand("ninja", ["-C", build, "fbs/FBS/message.h"]);
  const commands = await runCommand("ninja", ["-C", build, "-t", "commands", "mediasoup-worker"]);
  const example = commands
    .split("\n")
    .find((line) => line.includes(" -o mediasoup-worker.p/src_Worker.cpp.o "));
  if (!example) throw new Error("ninja names no command that compiles Worker.cpp");
  await copyFile(path.join(OVERLAY, "worker_pch.hpp"), header);
  const compiler = example.slice(0, example.indexOf(" -MD ")).replace(`-include ${header}`, "");
  await runCommand("sh", ["-c", `${compiler} -x c++-header '${header}' -o '${header}.gch'`], { cwd: build });
}
