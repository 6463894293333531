import { once } from "node:events";
import type { Worker } from "node:worker_threads";

/**
 * Sends a thread a message and waits for its answer; for threads that answer one message at a time.
 *
 * @param name - the thread's, for its error.
 * @throws Error when the thread dies meanwhile, or answers with a `fault`.
 */
export async function askThread<Answer extends object>(
  thread: Worker,
  name: string,
  message: unknown,
): Promise<Exclude<Answer, { fault: string }>> {
  const ended = new AbortController();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  thread.postMessage(message);
  // Rejects when the thread has died of an error.
  const [answer] = (await Promise.race([
    once(thread, "message", { signal: ended.signal }),
    once(thread, "exit", { signal: ended.signal }),
  ]).finally(() => ended.abort())) as [Answer | number];
  if (typeof answer === "number") throw new Error(`the ${name} thread ended with code ${answer}`);
  if ("fault" in answer) throw new Error(String(answer.fault));
  return answer as Exclude<Answer, { fault: string }>;
}
