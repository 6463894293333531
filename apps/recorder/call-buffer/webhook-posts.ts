import type { EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** A post of a Dataverse webhook. */
export interface WebhookPost {
  /** Numbered in the order of arrival. */
  id: number;
  /** When it was there whole. */
  receivedAt: EpochMs;
  /** Those that Dataverse adds, by lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** As posted. */
  body: string;
}

/** What has become of a post: `waiting` = not mapped yet. */
export type PostState = "waiting" | "mapped" | "refused";

interface PostRow {
  id: number;
  received_at: EpochMs;
  headers: string;
  body: string;
}

/** The posts of Dataverse's webhooks: stored before they are answered, so that none is lost while it waits. */
export class WebhookPosts {
  readonly #insert;
  readonly #find;
  readonly #settle;
  readonly #waiting;
  readonly #countWaiting;
  readonly #oldestWaiting;

  constructor(catalogue: Catalogue) {
    this.#insert = catalogue.prepare(
      "INSERT INTO webhook_posts (received_at, headers, body, state) VALUES (?, ?, ?, 'waiting')",
    );
    this.#find = catalogue.prepare<[number], PostRow>(
      "SELECT id, received_at, headers, body FROM webhook_posts WHERE id = ? AND state = 'waiting'",
    );
    this.#settle = catalogue.prepare(
      "UPDATE webhook_posts SET state = ?, detail = ? WHERE id = ? AND state = 'waiting'",
    );
    this.#waiting = catalogue
      .prepare<[], number>("SELECT id FROM webhook_posts WHERE state = 'waiting' ORDER BY id")
      .pluck();
    this.#countWaiting = catalogue
      .prepare<[], number>("SELECT count(*) FROM webhook_posts WHERE state = 'waiting'")
      .pluck();
    this.#oldestWaiting = catalogue
      .prepare<[], EpochMs>(
        "SELECT received_at FROM webhook_posts WHERE state = 'waiting' ORDER BY id LIMIT 1",
      )
      .pluck();
  }

  /** @returns the post's id. */
  add(post: Omit<WebhookPost, "id">): number {
    const stored = this.#insert.run(post.receivedAt, JSON.stringify(post.headers), post.body);
    return Number(stored.lastInsertRowid);
  }

  /** A post that waits; null when it does not, or not any more. */
  findWaiting(id: number): WebhookPost | null {
    const row = this.#find.get(id);
    if (row === undefined) return null;
    const headers = JSON.parse(row.headers) as Record<string, string>;
    return { id: row.id, receivedAt: row.received_at, headers, body: row.body };
  }

  /** The ids of the posts that wait, the oldest first. */
  waiting(): number[] {
    return this.#waiting.all();
  }

  countWaiting(): number {
    return this.#countWaiting.get() ?? 0;
  }

  /** When the oldest that waits came in; null: none waits. */
  oldestWaitingAt(): EpochMs | null {
    return this.#oldestWaiting.get() ?? null;
  }

  /** @param detail - why it is refused. */
  settle(id: number, state: Exclude<PostState, "waiting">, detail: string | null = null): void {
    this.#settle.run(state, detail, id);
  }
}
