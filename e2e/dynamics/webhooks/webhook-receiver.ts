import type { IncomingHttpHeaders } from "node:http";
import { listenHttp } from "#shared/http/listen.ts";

/** A post as it came. */
interface ReceivedPost {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** An endpoint for tests; disposing stops it. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly posts: ReceivedPost[];
  /** Statuses of the next answers, `never` = none at all; 200 when the list is empty. */
  readonly answers: (number | "never")[];
}

/** Listens on loopback, keeps what is posted, and answers what it is told. */
export async function receiveWebhooks(): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  const answers: (number | "never")[] = [];
  const address = { host: "127.0.0.1", port: 0 };
  const listener = await listenHttp("a test's endpoint", address, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      posts.push({ path: request.url ?? "", headers: request.headers, body });
      const answer = answers.shift() ?? 200;
      if (answer !== "never") response.writeHead(answer).end();
    });
  });
  return {
    url: `${listener.url}/v1/dataverse-webhook`,
    posts,
    answers,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
