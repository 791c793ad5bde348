import { type Clock, sleep } from '../../clock';
import { AppClosedError, StoreRefusedError, StoreUnavailableError } from '../../errors';
import type { Logger } from '../../logger';
import {
  type ConnectionRole,
  describeSpec,
  isCluster,
  openClient,
  type RedisClient,
  type RedisSpec,
} from './redis-spec';

/** How long a call waits for a connection that is being opened before it fails. */
const PATIENCE_MS = 1_000;
/** Replies that say "not now" rather than "no". */
const PASSING = /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY |UNBLOCKED)/;

/** The connections of one process to one Redis or Redis Cluster: one for each role, opened when first needed. */
export class RedisConnection {
  readonly place: string;
  private readonly clients = new Map<ConnectionRole, RedisClient>();
  private readonly waits = new Map<ConnectionRole, Promise<void>>();
  private readonly closing = new AbortController();
  private blockingId: number | undefined;
  /** What spoke against the last connection; undefined once there is one. */
  private lastError: Error | undefined;
  /** Redis has no database of the number that was asked for. */
  private wrongDatabase: Error | undefined;

  constructor(
    private readonly spec: RedisSpec,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.place = describeSpec(spec);
    this.client('commands');
  }

  get isCluster(): boolean {
    return isCluster(this.client('commands'));
  }

  /**
   * The client of a role, ready or not.
   * @throws {AppClosedError}
   */
  client(role: ConnectionRole): RedisClient {
    let client = this.clients.get(role);
    if (!client) {
      if (this.closing.signal.aborted) throw new AppClosedError();
      client = openClient(this.spec, role);
      this.logChanges(client, role);
      if (role === 'blocking') this.learnId(client);
      this.clients.set(role, client);
    }
    return client;
  }

  /**
   * Runs commands on the client of a role.
   * @throws {StoreUnavailableError} No connection within a second, or it was lost before the reply.
   * @throws {StoreRefusedError} Redis answered with an error.
   */
  async call<T>(run: (client: RedisClient) => Promise<T>, role: ConnectionRole = 'commands'): Promise<T> {
    const client = this.client(role);
    if (client.status !== 'ready') await this.readiness(role, client);
    // ioredis goes on in database 0: another program's tasks may be there.
    if (this.wrongDatabase) throw this.translate(this.wrongDatabase);
    try {
      return await run(client);
    } catch (error) {
      throw this.translate(error as Error);
    }
  }

  /** What Redis calls the blocking connection; undefined while it is away, and on a cluster. */
  get blockingClientId(): number | undefined {
    return this.blockingId;
  }

  /** Closes every client; replies still under way are lost. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all([...this.clients.values()].map(closeClient));
  }

  private learnId(client: RedisClient): void {
    if (isCluster(client)) return;
    client.on('close', () => {
      this.blockingId = undefined;
    });
    client.on('ready', () => {
      client.client('ID').then(
        (id) => {
          this.blockingId = id;
        },
        () => {}, // The connection is gone again: there is nothing to unblock.
      );
    });
  }

  /** One wait for all who wait. */
  private readiness(role: ConnectionRole, client: RedisClient): Promise<void> {
    let waiting = this.waits.get(role);
    if (!waiting) {
      waiting = this.untilReady(client).finally(() => this.waits.delete(role));
      this.waits.set(role, waiting);
    }
    return waiting;
  }

  private async untilReady(client: RedisClient): Promise<void> {
    const settled = new AbortController();
    const finish = () => settled.abort();
    client.once('ready', finish);
    this.closing.signal.addEventListener('abort', finish, { once: true });
    if (!this.closing.signal.aborted) await sleep(this.clock, PATIENCE_MS, settled.signal);
    client.off('ready', finish);
    this.closing.signal.removeEventListener('abort', finish);
    if (client.status !== 'ready') throw this.unavailable();
  }

  /** A client's error as one of ours. */
  translate(error: Error): Error {
    if (error.name === 'ReplyError' && !PASSING.test(error.message)) {
      return new StoreRefusedError(`Redis at ${this.place} refused a command: ${error.message}`, { cause: error });
    }
    return this.unavailable(error);
  }

  private unavailable(cause?: Error): Error {
    if (this.closing.signal.aborted) return new AppClosedError();
    const why = describe(cause ?? this.lastError) ?? 'no connection';
    return new StoreUnavailableError(
      `Redis at ${this.place} does not answer (${why}). Is it running, and are address, user and password right? Connecting goes on in the background.`,
      { cause: cause ?? this.lastError },
    );
  }

  /** One line for each change, however often ioredis tries. */
  private logChanges(client: RedisClient, role: ConnectionRole): void {
    let up: boolean | undefined;
    const fields = { redis: this.place, connection: role };
    client.on('ready', () => {
      if (this.wrongDatabase) return;
      this.lastError = undefined;
      if (up === false) this.logger.info(fields, `Redis at ${this.place} is back`);
      up = true;
    });
    const wentDown = (error?: Error) => {
      if (error) this.lastError = error;
      if (error?.message.includes('DB index is out of range')) this.wrongDatabase = error;
      if (up === false || this.closing.signal.aborted) return;
      up = false;
      this.logger.warn(
        { ...fields, err: error },
        `Redis at ${this.place} cannot be reached (${describe(error) ?? 'the connection was lost'}); trying again until it can`,
      );
    };
    client.on('error', wentDown);
    client.on('close', () => wentDown());
  }
}

/** Some network errors have a code and no message. */
function describe(error: Error | undefined): string | undefined {
  return error?.message || (error as { code?: string } | undefined)?.code;
}

async function closeClient(client: RedisClient): Promise<void> {
  // A client that waits to connect anew has no stream whose end it could tell.
  const hasStream = ['connecting', 'connect', 'ready', 'disconnecting', 'close'].includes(client.status);
  const ended = hasStream ? new Promise<void>((resolve) => client.once('end', () => resolve())) : undefined;
  client.disconnect();
  await ended;
}
