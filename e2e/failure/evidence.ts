import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import type { Page, TestInfo } from "@playwright/test";
import { REPOSITORY } from "../../build/repository.ts";
import type { Recording } from "#shared/api/recording.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { getJson } from "../rig/events.ts";
import type { Site } from "../rig/site.ts";
import type { XDisplay } from "../rig/x-display.ts";
import { describeFailure } from "./describe-failure.ts";
import { mergeLogs, type PartLog } from "./merged-log.ts";
import { copyInteractions, joinRecordedScreens } from "./recorded-screens.ts";
import { hideSecretKeys, hideSecrets, secretsOnDisk } from "./secrets.ts";
import { readZip, writeZip } from "./zip-file.ts";

/** One thing that is collected may take so long, and all of them together. */
const EACH_WITHIN_MS = 15_000;
const ALL_WITHIN_MS = 45_000;

type Told = Pick<
  TestInfo,
  "status" | "expectedStatus" | "errors" | "outputDir" | "file" | "line" | "title" | "titlePath"
>;

/**
 * What a test is remembered by when it fails: everything that runs for it is named here, and a failure leaves a folder
 * with what can be had of it. A test that passes leaves nothing.
 */
export class Evidence {
  /** For the test's own files; it ends with the test. */
  readonly folder: string;
  readonly #info: Told;
  readonly #startedAt = Date.now();
  readonly #notes: string[] = [];
  readonly #logs = new Map<string, () => string>();
  readonly #displays = new Map<string, XDisplay>();
  readonly #pages = new Map<string, Page>();
  readonly #secrets = new Set<string>();
  readonly #missing: string[] = [];
  readonly #limits: { eachMs: number; allMs: number };
  #site: Site | null = null;
  #recordings: Recording[] = [];
  #spentMs = 0;
  #hasLooked = false;

  private constructor(info: Told, folder: string, limits: { eachMs: number; allMs: number }) {
    this.#info = info;
    this.folder = folder;
    this.#limits = limits;
  }

  static async begin(
    info: Told,
    limits = { eachMs: EACH_WITHIN_MS, allMs: ALL_WITHIN_MS },
  ): Promise<Evidence> {
    return new Evidence(info, await mkdtemp(join(tmpdir(), "deskreel-e2e-")), limits);
  }

  /** A line of the test's own in the merged log. */
  note(msg: string, facts: object = {}): void {
    this.#notes.push(JSON.stringify({ time: new Date().toISOString(), level: 30, msg, ...facts }));
  }

  /** @param read - gives all that the part has written; it is asked once, after the part's end. */
  keepLog(part: string, read: () => string): void {
    let name = part;
    for (let again = 2; this.#logs.has(name); again += 1) name = `${part} (${again})`;
    this.#logs.set(name, read);
  }

  keepSite(site: Site): void {
    this.#site = site;
  }

  keepDisplay(display: XDisplay): void {
    this.#displays.set(`display-${display.display.slice(1)}`, display);
  }

  /** From now on, by Playwright's trace; and as it looks at the failure. */
  async keepPage(page: Page): Promise<void> {
    this.#pages.set(`page-${this.#pages.size + 1}`, page);
    await page.context().tracing.start({ screenshots: true, snapshots: true });
  }

  keepSecret(secret: string): void {
    this.#secrets.add(secret);
  }

  /** To be called before anything ends: in a failed test it takes what can only be had of what still runs, once. */
  async look(): Promise<void> {
    if (!this.#hasFailed || this.#hasLooked) return;
    this.#hasLooked = true;
    this.note("test failed", { error: firstLine(this.#info.errors[0]?.message) });
    const into = this.#info.outputDir;
    await mkdir(into, { recursive: true });
    const displays = [...this.#displays].map(([name, { display }]) =>
      this.#take(`the screenshot of ${display}`, async (signal) => {
        const grab = ["-v", "error", "-f", "x11grab", "-i", display, "-frames:v", "1"];
        await run("ffmpeg", [...grab, join(into, `${name}.png`)], { signal });
      }),
    );
    await Promise.all([
      ...displays,
      ...[...this.#pages].map((entry) => this.#takePage(...entry)),
      this.#takeState(),
    ]);
  }

  /** To be called when everything has ended. */
  async end(): Promise<void> {
    try {
      if (this.#hasFailed) await this.#collect();
    } finally {
      await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  get #hasFailed(): boolean {
    return this.#info.status !== this.#info.expectedStatus;
  }

  /** What cannot be had, or not in time, is told in the folder; the test's own error is the one to be seen. */
  async #take(what: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { eachMs, allMs } = this.#limits;
    const withinMs = Math.floor(Math.min(eachMs, allMs - this.#spentMs));
    const startedAt = performance.now();
    const done = new AbortController();
    try {
      if (withinMs <= 0) throw new Error(`no time is left of ${allMs / 1_000} s`);
      const late = sleep(withinMs, undefined, { signal: done.signal }).then(() => {
        throw new Error(`it takes longer than ${withinMs / 1_000} s`);
      });
      await Promise.race([work(AbortSignal.timeout(withinMs)), late]);
    } catch (error) {
      this.#missing.push(`${what}: ${firstLine(describeError(error))}`);
    } finally {
      done.abort();
      this.#spentMs += performance.now() - startedAt;
    }
  }

  async #takePage(name: string, page: Page): Promise<void> {
    const into = this.#info.outputDir;
    await this.#take(`the screenshot of ${name}`, async () => {
      await page.screenshot({ path: join(into, `${name}.png`) });
    });
    await this.#take(`the trace of ${name}`, async () => {
      for (const { value } of await page.context().cookies()) this.#secrets.add(value);
      await page.context().tracing.stop({ path: join(into, `${name}-trace.zip`) });
    });
  }

  /** What recorder and adapter say of themselves. */
  async #takeState(): Promise<void> {
    const site = this.#site;
    if (site === null) return;
    const { recorderUrl, recorderOpsUrl, adapterUrl, tokens } = site;
    await Promise.all([
      this.#take("what the recorder knows of recordings", async () => {
        const answer = await getJson<{ items: Recording[] }>(`${recorderUrl}/v1/recordings`, tokens.admin);
        this.#recordings = answer.items;
        await this.#write("recordings.json", answer);
      }),
      this.#take("what the recorder knows of desktops", async () =>
        this.#write("agents.json", await getJson(`${recorderUrl}/v1/agents`, tokens.admin)),
      ),
      this.#take("what the adapter knows of interactions", async () => {
        if (site.adapter === null) return;
        await this.#write("interactions.json", await getJson(`${adapterUrl}/v1/interactions`, tokens.viewer));
      }),
      this.#take("the recorder's metrics", async (signal) => {
        const metrics = await fetch(`${recorderOpsUrl}/metrics`, { signal });
        await this.#write("recorder-metrics.txt", await metrics.text());
      }),
    ]);
  }

  async #collect(): Promise<void> {
    await this.look();
    const into = this.#info.outputDir;
    const site = this.#site;
    for (const secret of [...Object.values(site?.tokens ?? {}), ...secretsOnDisk(this.folder)])
      this.#secrets.add(secret);
    await this.#takeLogs();
    await this.#take("the configuration", () => this.#takeConfiguration());
    if (site !== null) {
      await this.#take("the recorded screens", (signal) =>
        joinRecordedScreens(
          site.bufferDir,
          join(into, "screens"),
          (...track) => this.#nameOf(...track),
          signal,
        ),
      );
      await this.#take("the interactions", () =>
        copyInteractions(site.archiveDir, join(into, "interactions")),
      );
      await this.#take("the recorder's catalogue", () => this.#takeCatalogue(site.bufferDir));
    }
    await this.#take("the traces without secrets", () => this.#cleanTraces());
    this.#cleanErrors();
    await this.#writeReadme();
    console.log(`What is known of the failure: ${relative(process.cwd(), into) || "."}/README.md`);
  }

  async #takeLogs(): Promise<void> {
    const told: PartLog[] = [{ part: "test", text: this.#notes.join("\n") }];
    for (const file of globSync("logs/*.log", { cwd: this.folder })) {
      const part = basename(file, ".log");
      const read = async () =>
        void told.push({ part, text: await readFile(join(this.folder, file), "utf8") });
      await this.#take(`the log of ${part}`, read);
    }
    for (const [part, read] of this.#logs)
      await this.#take(`the log of ${part}`, async () => void told.push({ part, text: read() }));
    await this.#write("log.txt", mergeLogs(told, this.#startedAt));
  }

  async #takeConfiguration(): Promise<void> {
    for (const file of globSync("**/*.yaml", { cwd: this.folder, exclude: ["archive", "buffer"] })) {
      const text = await readFile(join(this.folder, file), "utf8");
      await this.#write(join("config", file), hideSecretKeys(text));
    }
  }

  /** SQLite's files, whose secrets are hashes. */
  async #takeCatalogue(bufferDir: string): Promise<void> {
    for (const file of globSync("catalog.db*", { cwd: bufferDir }))
      await this.#write(join("catalogue", file), await readFile(join(bufferDir, file)));
  }

  async #cleanTraces(): Promise<void> {
    for (const file of globSync("*-trace.zip", { cwd: this.#info.outputDir })) {
      const path = join(this.#info.outputDir, file);
      const entries = await readZip(path);
      await writeZip(
        path,
        entries.map(({ name, bytes }) => ({ name, bytes: hideSecrets(bytes, this.#secrets) })),
      );
    }
  }

  /** Playwright prints and keeps them when we have ended. */
  #cleanErrors(): void {
    const clean = (text: string) => hideSecrets(Buffer.from(text), this.#secrets).toString();
    for (const error of this.#info.errors) {
      if (error.message !== undefined) error.message = clean(error.message);
      if (error.stack !== undefined) error.stack = clean(error.stack);
    }
  }

  async #writeReadme(): Promise<void> {
    const { outputDir, file, line, title, titlePath, errors } = this.#info;
    const files = globSync("**", { cwd: outputDir, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(outputDir, join(entry.parentPath, entry.name)));
    const text = describeFailure({
      ...{
        title,
        titlePath,
        file: relative(REPOSITORY, file),
        line,
        error: errors.map(({ message }) => message).join("\n\n"),
      },
      files: files.toSorted(),
      missing: this.#missing,
      lastedMs: Date.now() - this.#startedAt,
    });
    await this.#write("README.md", text);
  }

  /** A track's video is called by its desktop, where the recorder could still tell. */
  #nameOf(recordingId: string, trackId: string): string {
    const index = this.#recordings.findIndex(({ id }) => id === recordingId);
    const track = this.#recordings[index]?.tracks.find(({ id }) => id === trackId);
    const name = track === undefined ? recordingId : `recording-${index + 1}-${track.desktop}`;
    return `${name}-track-${trackId}`.replaceAll(/[^\w.-]/g, "_");
  }

  async #write(name: string, content: object | string | Buffer): Promise<void> {
    const path = join(this.#info.outputDir, name);
    const isRaw = typeof content === "string" || Buffer.isBuffer(content);
    const bytes = Buffer.from(isRaw ? content : `${JSON.stringify(content, null, 2)}\n`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, hideSecrets(bytes, this.#secrets));
  }
}

function firstLine(text = ""): string {
  return stripVTControlCharacters(text).split("\n")[0] ?? "";
}
