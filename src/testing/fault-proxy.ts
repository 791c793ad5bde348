import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Clock, SystemClock, sleep } from '../clock';
import { type Deferred, deferred } from '../deferred';
import { type Cut, type Passage, type ProxiedCommand, ProxiedConnection } from './proxied-connection';

const HOST = '127.0.0.1';

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** Decides about each command before it is forwarded; undefined lets it pass. */
export type CommandHook = (command: ProxiedCommand) => Cut | undefined;

export interface ConnectionCounts {
  readonly open: number;
  /** All since the start, the refused among them. */
  readonly accepted: number;
  readonly refused: number;
  /** Ended by `cut`, by a hook or by `stop`. */
  readonly cut: number;
}

/**
 * Stands between clients and one Redis, on a loopback port of its own, and breaks their connections as a test wants it.
 * Not for a cluster: its nodes send clients on to their own addresses.
 */
export class FaultProxy {
  readonly host = HOST;
  readonly port: number;
  private readonly connections = new Set<ProxiedConnection>();
  private readonly nths = new Map<string, number>();
  private readonly totals = { accepted: 0, refused: 0, cut: 0 };
  private readonly failures: unknown[] = [];
  private hook: CommandHook | undefined;
  private frozen: Deferred | undefined;
  private delayMs = 0;
  private refuses = false;
  private stopped: Promise<void> | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: ProxyTarget,
    private readonly clock: Clock,
  ) {
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.admit(client));
  }

  /** @throws the system's error when no port can be listened on. The target need not be there yet. */
  static async start(target: ProxyTarget, clock: Clock = new SystemClock()): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new FaultProxy(server, target, clock);
  }

  get url(): string {
    return `redis://${HOST}:${this.port}`;
  }

  get counts(): ConnectionCounts {
    return { open: this.connections.size, ...this.totals };
  }

  /** Sees every command from now on; without an argument none. What it throws is thrown by `stop`. */
  onCommand(hook?: CommandHook): void {
    this.hook = hook;
  }

  /** Destroys all connections, and what is under way on them. New ones are accepted. */
  cut(): void {
    for (const connection of this.connections) connection.cut();
  }

  /** New connections are reset as soon as they are made. The port stays ours: another process might take it. */
  refuse(): void {
    this.refuses = true;
  }

  /** Takes `refuse` back. */
  accept(): void {
    this.refuses = false;
  }

  /** Connections stay open, and new ones are made, but nothing passes, not even that one side has closed. */
  freeze(): void {
    this.frozen ??= deferred();
  }

  /** What was held back passes now, in order. */
  thaw(): void {
    this.frozen?.resolve();
    this.frozen = undefined;
  }

  /** Every chunk that arrives from now on, from either side, is forwarded so much later; 0 takes it back. */
  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** Cuts what is open and gives up the port; resolves when no socket is left. @throws What a hook threw. */
  async stop(): Promise<void> {
    this.stopped ??= this.close();
    await this.stopped;
    if (this.failures.length > 0) throw this.failures[0];
  }

  private async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    this.thaw();
    await Promise.all([closed, ...[...this.connections].map((connection) => connection.closed)]);
  }

  private admit(client: Socket): void {
    this.totals.accepted += 1;
    if (this.refuses) {
      this.totals.refused += 1;
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection(client, connect(this.target), this.totals.accepted, this.passage);
    this.connections.add(connection);
    void connection.closed.then(() => this.connections.delete(connection));
  }

  private readonly passage: Passage = {
    pass: async (closed) => {
      if (this.delayMs > 0) await sleep(this.clock, this.delayMs, closed);
      while (this.frozen) await this.frozen.promise;
    },
    decide: (name, script, connection) => {
      const key = `${name} ${script}`;
      const nth = (this.nths.get(key) ?? 0) + 1;
      this.nths.set(key, nth);
      return this.hook?.({ name, script, nth, connection });
    },
    wasCut: () => {
      this.totals.cut += 1;
    },
    failed: (error) => this.failures.push(error),
  };
}
