import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type DbusValue, decodeMessage, encodeMessage, type Message } from "./wire.ts";

/** An answer's or a signal's body with its types. */
export interface Body {
  signature: string;
  body: DbusValue[];
}

/** Answers a call to a name that we own; null = there is no such method. */
export type Service = (call: Message) => Body | null;

const BUS = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
};
const NOTHING: Body = { signature: "", body: [] };

/** Where a call goes to. */
export interface Target {
  destination: string;
  path: string;
  interface: string;
}

/** One connection to a message bus: calls, signals, and services of our own. */
export class BusConnection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { resolve: (body: DbusValue[]) => void; reject: (error: Error) => void }
  >();
  readonly #services = new Map<string, Service>();
  #received = Buffer.alloc(0);
  #serial = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @param path - of the bus' socket. */
  static async open(path: string): Promise<BusConnection> {
    const socket = connect({ path });
    await once(socket, "connect");
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    if (!answer.toString().startsWith("OK ")) throw new Error(`the bus refused us: ${answer.toString()}`);
    socket.write("BEGIN\r\n");
    const connection = new BusConnection(socket);
    socket.on("data", (chunk: Buffer) => connection.#receive(chunk));
    socket.on("close", () => connection.#fail(new Error("the bus closed the connection")));
    socket.on("error", (error) => connection.#fail(error));
    await connection.call(BUS, "Hello");
    return connection;
  }

  /** @throws with the error's name and text when the other side refuses. */
  call(target: Target, member: string, args: Body = NOTHING): Promise<DbusValue[]> {
    const serial = this.#send({ type: "call", ...target, member, ...args });
    return new Promise((resolve, reject) => this.#waiting.set(serial, { resolve, reject }));
  }

  /** Takes a well-known name; calls to it that name one of its objects go to `service`. */
  async own(name: string, path: string, service: Service): Promise<void> {
    this.serve(path, service);
    const [result] = await this.call(BUS, "RequestName", { signature: "su", body: [name, 4] });
    if (result !== 1) throw new Error(`the name ${name} is taken on the bus`);
  }

  /** Calls to an object of ours, by whatever name of ours, go to `service`. */
  serve(path: string, service: Service): void {
    this.#services.set(path, service);
  }

  /** Tells everybody who listens. */
  signal(source: Omit<Target, "destination"> & { member: string }, { signature, body }: Body): void {
    this.#send({ type: "signal", ...source, signature, body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.end();
    await closed;
  }

  #send(message: Omit<Message, "serial">): number {
    const serial = ++this.#serial;
    this.#socket.write(encodeMessage({ ...message, serial }));
    return serial;
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const next = decodeMessage(this.#received);
      if (next === null) return;
      this.#received = this.#received.subarray(next.bytes);
      this.#take(next.message);
    }
  }

  #take(message: Message): void {
    if (message.type === "call") return this.#answer(message);
    const waiting = this.#waiting.get(message.replySerial ?? 0);
    if (waiting === undefined) return;
    this.#waiting.delete(message.replySerial ?? 0);
    if (message.type === "answer") waiting.resolve(message.body);
    else waiting.reject(new Error(`${message.errorName}: ${JSON.stringify(message.body)}`));
  }

  #answer(call: Message): void {
    const answer = this.#services.get(call.path ?? "")?.(call) ?? null;
    const reply = { destination: call.sender ?? "", replySerial: call.serial };
    if (answer !== null) {
      this.#send({ type: "answer", ...reply, ...answer });
      return;
    }
    this.#send({
      type: "error",
      ...reply,
      errorName: "org.freedesktop.DBus.Error.UnknownMethod",
      signature: "s",
      body: [`there is no ${call.interface}.${call.member} here`],
    });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
