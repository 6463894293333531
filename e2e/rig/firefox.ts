import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { run } from "#shared/runtime/subprocess.ts";
import { Cache } from "../../build/setup/cache.mjs";
import { failsToStart, startProgram } from "./program.ts";

const READY_WITHIN_MS = 60_000;
/** Debian's package; Playwright drives builds of its own only, so this one is driven by WebDriver BiDi. */
const PACKAGE = "firefox-esr";
const OPTIONS = ["--headless", "--no-remote", "--remote-debugging-port=0"];

/** A page in a real Firefox. */
export interface FirefoxPage extends AsyncDisposable {
  /** Addresses of all requests since its start, in their order. */
  readonly requests: readonly string[];
  goto(url: string): Promise<void>;
  /** What an expression comes to; promises are waited for. */
  evaluate(expression: string): Promise<unknown>;
  /** As a person clicks: with the mouse, in the middle of the element that an expression comes to. */
  click(element: string): Promise<void>;
  /** Moves the mouse there, and no more. */
  hover(element: string): Promise<void>;
  /** A key or a chord, by Playwright's names: `n`, `Space`, `Control+v`. */
  press(keys: string): Promise<void>;
  /** As a person types: key by key, into what has the focus. */
  type(text: string): Promise<void>;
  /** What is shown, as PNG. */
  screenshot(): Promise<Buffer>;
}

/** Keys that are more than a letter, as WebDriver has them. */
const KEYS: Readonly<Record<string, string>> = {
  ...{ Space: " ", Home: "\uE011", End: "\uE010", Escape: "\uE00C", Enter: "\uE007", Tab: "\uE004" },
  ...{ Control: "\uE009", Shift: "\uE008", ArrowLeft: "\uE012", ArrowRight: "\uE014" },
};

/** Whether {@link launchFirefox} can work here: where one is installed, or on Debian. */
export const HAS_FIREFOX = existsSync(`/usr/bin/${PACKAGE}`) || existsSync("/usr/bin/apt-get");

/** Starts it without a window; it is fetched at the first time. */
export async function launchFirefox(): Promise<FirefoxPage> {
  const program = await findFirefox();
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-firefox-"));
  parts.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const ready = Promise.withResolvers<string>();
  const firefox = parts.use(
    await startProgram("Firefox", program, [...OPTIONS, "--profile", folder], {
      env: { HOME: folder },
      onLine: (line) => {
        const url = /BiDi listening on (ws:\S+)/.exec(line)?.[1];
        if (url !== undefined) ready.resolve(url);
      },
    }),
  );
  const url = await Promise.race([ready.promise, failsToStart(firefox, READY_WITHIN_MS)]);
  const session = parts.use(await BidiSession.open(`${url}/session`));
  await session.send("session.new", { capabilities: {} });
  const { contexts } = (await session.send("browsingContext.getTree", {})) as {
    contexts: { context: string }[];
  };
  const context = contexts[0]?.context;
  await session.send("session.subscribe", { events: ["network.beforeRequestSent"] });
  const evaluate = async (expression: string) => {
    const answer = (await session.send("script.evaluate", {
      ...{ expression, target: { context }, awaitPromise: true },
    })) as { type: string; result?: { value?: unknown }; exceptionDetails?: { text: string } };
    if (answer.type !== "success") throw new Error(`Firefox: ${answer.exceptionDetails?.text}`);
    return answer.result?.value;
  };
  const act = (type: "key" | "pointer", actions: object[]) =>
    session.send("input.performActions", { context, actions: [{ type, id: type, actions }] });
  const moveTo = async (element: string) => {
    const middle = await evaluate(`(() => {
      const element = ${element};
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return JSON.stringify({ x: Math.round(x + width / 2), y: Math.round(y + height / 2) });
    })()`);
    return { type: "pointerMove", ...(JSON.parse(String(middle)) as { x: number; y: number }) };
  };
  const owned = parts.move();
  return {
    requests: session.requests,
    async goto(to) {
      await session.send("browsingContext.navigate", { context, url: to, wait: "complete" });
    },
    evaluate,
    async click(element) {
      const press = [
        { type: "pointerDown", button: 0 },
        { type: "pointerUp", button: 0 },
      ];
      await act("pointer", [await moveTo(element), ...press]);
    },
    async hover(element) {
      await act("pointer", [await moveTo(element)]);
    },
    async press(keys) {
      const values = (keys.length === 1 ? [keys] : keys.split("+")).map((key) => KEYS[key] ?? key);
      await act("key", [
        ...values.map((value) => ({ type: "keyDown", value })),
        ...values.toReversed().map((value) => ({ type: "keyUp", value })),
      ]);
    },
    async type(text) {
      const presses = Array.from(text).flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
      await act("key", presses);
    },
    async screenshot() {
      const { data } = (await session.send("browsingContext.captureScreenshot", { context })) as {
        data: string;
      };
      return Buffer.from(data, "base64");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Commands and their answers over one WebSocket (W3C WebDriver BiDi). */
class BidiSession implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  /** Of all requests that were told of. */
  readonly requests: string[] = [];
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#take(data.toString()));
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox closed the session"));
    });
  }

  static async open(url: string): Promise<BidiSession> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return new BidiSession(socket);
  }

  send(method: string, params: object): Promise<unknown> {
    this.#sent += 1;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#sent, answer);
    this.#socket.send(JSON.stringify({ id: this.#sent, method, params }));
    return answer.promise;
  }

  #take(text: string): void {
    const { id, type, result, message, method, params } = JSON.parse(text) as {
      method?: string;
      params?: { request?: { url: string } };
      id?: number;
      type: string;
      result?: unknown;
      message?: string;
    };
    if (method === "network.beforeRequestSent" && params?.request !== undefined)
      this.requests.push(params.request.url);
    const answer = this.#waiting.get(id ?? 0);
    if (id === undefined || answer === undefined) return;
    this.#waiting.delete(id);
    if (type === "success") answer.resolve(result);
    else answer.reject(new Error(`Firefox: ${message}`));
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** The installed one, or else Debian's, not installed but unpacked into the cache. */
async function findFirefox(): Promise<string> {
  const installed = `/usr/bin/${PACKAGE}`;
  if (existsSync(installed)) return installed;
  const cache = new Cache();
  const [kind, key] = [PACKAGE, process.arch];
  const isThere = (await cache.keys(kind)).includes(key);
  const root = isThere
    ? cache.entry(kind, key)
    : await cache.publish(kind, key, (folder) =>
        cache.inScratch(async (scratch) => {
          await run("apt-get", ["-q", "download", PACKAGE], { cwd: scratch });
          for (const name of await readdir(scratch)) await run("dpkg", ["-x", join(scratch, name), folder]);
        }),
      );
  return join(root, "usr/lib/firefox-esr/firefox-esr");
}
