import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { type RespFrame, RespFrames } from './resp-frames';

/** A command on its way to Redis. Its arguments are not told. */
export interface ProxiedCommand {
  /** In capitals: `LPUSH`. */
  readonly name: string;
  /** The SHA-1 of the script that an `EVALSHA` or `EVAL` runs; undefined for all others. */
  readonly script: string | undefined;
  /** 1 for the first command of this name and script through the proxy. */
  readonly nth: number;
  /** Which connection it came by; 1 is the first that the proxy accepted. */
  readonly connection: number;
}

/**
 * `cut-before`: Redis never gets the command. `cut-after`: Redis has run it, and its reply is lost. What was sent before
 * it on the same connection is run and answered; what was sent behind it is never forwarded.
 */
export type Cut = 'cut-before' | 'cut-after';

/** What all connections of a proxy share. */
export interface Passage {
  /** Resolves when the next chunk may pass. */
  readonly pass: (closed: AbortSignal) => Promise<void>;
  readonly decide: (name: string, script: string | undefined, connection: number) => Cut | undefined;
  readonly wasCut: () => void;
  readonly failed: (error: unknown) => void;
}

const SUBSCRIBING = /^[PS]?(UN)?SUBSCRIBE$/i;
const MESSAGE = /^[ps]?message$/;
const SCRIPTED = /^EVAL(SHA)?(_RO)?$/;

/** One connection of a client and ours to Redis, as a pair: it knows which reply belongs to which command. */
export class ProxiedConnection {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  private readonly commands = new RespFrames();
  private readonly replies = new RespFrames();
  private readonly gone = new AbortController();
  private awaited = 0;
  private subscribes = false;
  private doom: Cut | undefined;
  /** Once doomed: how many replies still pass. */
  private allowance = 0;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly id: number,
    private readonly passage: Passage,
  ) {
    // Every chunk that a slow proxy holds back waits with it.
    setMaxListeners(0, this.gone.signal);
    client.setNoDelay(true);
    server.setNoDelay(true);
    const closings = [
      this.lane(client, server, (chunk) => this.toServer(chunk)),
      this.lane(server, client, (chunk) => this.toClient(chunk)),
    ];
    this.closed = Promise.all(closings).then(() => this.gone.abort());
  }

  /** Destroys both sides at once; whatever was under way is lost. */
  cut(): void {
    if (this.gone.signal.aborted) return;
    this.gone.abort();
    this.passage.wasCut();
    // Of a socket that is reset while it shuts down Node never tells the end.
    if (this.client.writableEnded) this.client.destroy();
    else this.client.resetAndDestroy();
    this.server.destroy();
  }

  /** Hands on what comes from one side, in order; the end of the connection takes its turn as well. */
  private lane(from: Socket, to: Socket, hand: (chunk: Buffer) => void): Promise<void> {
    let tail = Promise.resolve();
    const enqueue = (work: () => void) => {
      // Counted from its arrival, so that many chunks are late together and not one after the other.
      const passed = this.passage.pass(this.gone.signal);
      tail = tail
        .then(() => passed)
        .then(work)
        .catch((error) => this.fail(error));
    };
    from.on('data', (chunk) => enqueue(() => hand(chunk as Buffer)));
    // Its 'close' follows, and tells all there is to tell.
    from.on('error', () => {});
    from.once('close', () => enqueue(() => to.destroySoon()));
    return new Promise((resolve) => to.once('close', () => resolve()));
  }

  private fail(error: unknown): void {
    this.passage.failed(error);
    this.cut();
  }

  private toServer(chunk: Buffer): void {
    for (const frame of this.commands.push(chunk)) {
      if (this.doom || this.gone.signal.aborted) return;
      const [name = '', second] = frame.head;
      if (name === '') continue; // Redis does not answer an empty line either.
      this.forward(frame, name.toUpperCase(), second);
    }
  }

  private forward(frame: RespFrame, name: string, second: string | undefined): void {
    this.doom = this.passage.decide(name, scriptOf(name, second), this.id);
    this.allowance = this.awaited;
    if (this.doom === 'cut-before') {
      if (this.awaited === 0) this.part();
      return;
    }
    // Redis confirms each channel of its own.
    const subscribing = SUBSCRIBING.test(name);
    if (subscribing) this.subscribes = true;
    this.awaited += subscribing ? Math.max(1, frame.length - 1) : 1;
    this.server.write(frame.bytes);
  }

  private toClient(chunk: Buffer): void {
    for (const frame of this.replies.push(chunk)) {
      if (this.gone.signal.aborted) return;
      if (this.isMessage(frame)) {
        this.client.write(frame.bytes);
        continue;
      }
      this.awaited = Math.max(0, this.awaited - 1);
      if (this.doom !== 'cut-after' || this.allowance > 0) this.client.write(frame.bytes);
      else this.part();
      this.allowance -= 1;
      if (this.doom === 'cut-before' && this.allowance === 0) this.part();
    }
  }

  /** It came unasked: no command waits for it. */
  private isMessage({ type, head: [kind = ''] }: RespFrame): boolean {
    if (type === '>') return !SUBSCRIBING.test(kind);
    return this.subscribes && type === '*' && MESSAGE.test(kind);
  }

  /** A cut that lets what was already answered reach the client. */
  private part(): void {
    this.gone.abort();
    this.passage.wasCut();
    this.client.destroySoon();
    this.server.destroy();
  }
}

function scriptOf(name: string, second = ''): string | undefined {
  const [isScript, isHash] = SCRIPTED.exec(name) ?? [];
  if (isScript === undefined) return undefined;
  if (isHash !== undefined) return second.toLowerCase();
  return createHash('sha1').update(second, 'latin1').digest('hex');
}
