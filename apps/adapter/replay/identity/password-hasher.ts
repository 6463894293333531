import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { HttpProblem } from "#shared/http/problem.ts";
import { normalPassword } from "../../domain/password-rules.ts";

/** What a hash costs whoever makes it. */
export interface HashCost {
  /** In KiB. */
  memory: number;
  passes: number;
  parallelism: number;
}

/** OWASP's password storage cheat sheet, for argon2id. */
export const HASH_COST: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };

const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** Each takes the cost's memory and one of the process' few threads for files. */
const AT_ONCE = 2;
const WAITING_MOST = 32;
const FORM = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const derive = promisify(argon2);

/** Makes and checks hashes of passwords: argon2id, with the cost and the salt in the hash (PHC string). */
export class PasswordHasher {
  readonly #cost: HashCost;
  /** Of no password: for accounts that there are not, which have to take as long as the others. */
  readonly #nobodys: string;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(cost: HashCost) {
    this.#cost = cost;
    this.#nobodys = render(cost, randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
  }

  /** @throws HttpProblem 503 when too many are waiting already. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return render(this.#cost, salt, await this.#derive(password, salt, this.#cost));
  }

  /**
   * Whether a password is that of a hash.
   *
   * @param stored - null: there is no such account; takes as long as if there were.
   * @throws HttpProblem 503 when too many are waiting already.
   */
  async isOf(password: string, stored: string | null): Promise<boolean> {
    const { cost, salt, hash } = parse(stored ?? this.#nobodys);
    const derived = await this.#derive(password, salt, cost);
    return timingSafeEqual(derived, hash) && stored !== null;
  }

  /** Whether a hash was made at another cost than new ones are. */
  isOutdated(stored: string): boolean {
    const { cost } = parse(stored);
    const { memory, passes, parallelism } = this.#cost;
    return cost.memory !== memory || cost.passes !== passes || cost.parallelism !== parallelism;
  }

  async #derive(password: string, nonce: Buffer, cost: HashCost): Promise<Buffer> {
    if (this.#waiting.length >= WAITING_MOST) {
      throw new HttpProblem(503, "too many people are signing in at this moment; try again", {
        headers: { "Retry-After": "5" },
      });
    }
    // Whoever ends hands its place over, so that nobody comes in between.
    if (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      const message = normalPassword(password);
      return await derive("argon2id", { ...cost, message, nonce, tagLength: HASH_BYTES });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function render({ memory, passes, parallelism }: HashCost, salt: Buffer, hash: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

function parse(stored: string): { cost: HashCost; salt: Buffer; hash: Buffer } {
  const [, memory, passes, parallelism, salt = "", hash = ""] = FORM.exec(stored) ?? [];
  if (memory === undefined) throw new Error("a stored password hash is not argon2id in PHC form");
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
}
