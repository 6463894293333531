import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FeederLook, FeederRequest } from "./feeder-protocol.ts";

interface FeederAnswer {
  id: number;
  look?: FeederLook;
  error?: string;
}

/** The process that sends the screens' packets. Disposing ends it. */
export class Feeder implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<FeederLook>>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (answer: FeederAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.look) waiting?.resolve(answer.look);
      else waiting?.reject(new Error(`the feeder failed: ${answer.error ?? "it does not say why"}`));
    });
    child.once("exit", (code, signal) => {
      for (const waiting of this.#waiting.values())
        waiting.reject(new Error(`the feeder ended with ${code ?? signal}`));
    });
  }

  /** Resolves when it takes requests. */
  static async start(): Promise<Feeder> {
    const child = fork(join(import.meta.dirname, "feeder-process.ts"));
    await once(child, "message");
    return new Feeder(child);
  }

  /** @throws Error with what went wrong there. */
  ask(request: FeederRequest): Promise<FeederLook> {
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<FeederLook>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, request });
    return waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
