import type { Redis } from 'ioredis';
import { type Clock, sleep } from '../../clock';
import { AppClosedError, StoreRefusedError, StoreUnavailableError } from '../../errors';
import { HealthBoard } from '../../health';
import type { Logger } from '../../logger';
import { openClusterSubscriber } from './cluster-subscriber';
import { describeError, Reachability } from './reachability';
import {
  type ConnectionRole,
  describeSpec,
  isCluster,
  isReadOnly,
  openClient,
  ourOptions,
  type RedisClient,
  type RedisSpec,
} from './redis-spec';
import { watchSilence } from './silence-watch';

/** So much is written at once, whatever else the turn may send. */
const FULL_WRITE_BYTES = 16_384;
/** How long a call waits for a connection that is being opened before it fails. */
const PATIENCE_MS = 1_000;
/** Replies that say "not now" rather than "no". */
const PASSING = /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|BUSY |UNBLOCKED)/;

/** The second within a script, in Redis 7.0: of commands, keys and channels. */
const MISSING_RIGHT = /\bNOPERM\b|user executing the script can't/;

/** The connections of one process to one Redis or Redis Cluster: one for each role, opened when first needed. */
export class RedisConnection {
  readonly place: string;
  private readonly clients = new Map<ConnectionRole, RedisClient>();
  private readonly waits = new Map<ConnectionRole, Promise<void>>();
  private readonly closing = new AbortController();
  private readonly reach: Reachability;
  private watching: Promise<void> | undefined;
  private blockingId: number | undefined;

  /** @param health Where the connections tell how they fare; by default nobody asks. */
  constructor(
    private readonly spec: RedisSpec,
    readonly clock: Clock,
    logger: Logger,
    health = new HealthBoard(clock, logger),
  ) {
    this.place = describeSpec(spec);
    this.reach = new Reachability(this.place, clock, logger, health, this.closing.signal);
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
      client = this.open(role);
      this.reach.follow(client, role);
      if (role === 'blocking') this.learnId(client);
      if (role === 'subscriber') this.watching = watchSilence(client, this.clock, this.closing.signal);
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
    if (this.reach.wrongPlace) throw this.translate(this.reach.wrongPlace);
    if (!isCluster(client)) gatherWrites(client);
    try {
      const replied = run(client);
      if (!isCluster(client)) sendFullWrite(client);
      const reply = await replied;
      // Known by now, as it was asked first.
      if (this.reach.wrongPlace) throw this.reach.wrongPlace;
      return reply;
    } catch (error) {
      if (isReadOnly(error as Error)) this.reach.suspectReplica(this.client('commands'), error as Error);
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
    await this.watching;
  }

  private open(role: ConnectionRole): RedisClient {
    const leavesReplica = () => !this.reach.isReplica;
    const commands = role === 'subscriber' ? this.client('commands') : undefined;
    if (commands && isCluster(commands)) return openClusterSubscriber(commands, ourOptions(role, leavesReplica));
    return openClient(this.spec, role, leavesReplica);
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
    await this.reach.looked;
  }

  /** A client's error as one of ours. */
  translate(error: Error): Error {
    if (error.name === 'ReplyError' && !PASSING.test(error.message)) {
      const remedy = MISSING_RIGHT.test(error.message) ? ' docs/protocol.md#acl lists the rights that are needed.' : '';
      const message = `Redis at ${this.place} refused a command: ${error.message}${remedy}`;
      return new StoreRefusedError(message, { cause: error });
    }
    return this.unavailable(error);
  }

  private unavailable(cause?: Error): Error {
    if (this.closing.signal.aborted) return new AppClosedError();
    const why = describeError(cause ?? this.reach.lastError) ?? 'no connection';
    return new StoreUnavailableError(
      `Redis at ${this.place} does not answer (${why}). Is it running, and are address, user and password right? Connecting goes on in the background.`,
      { cause: cause ?? this.reach.lastError },
    );
  }
}

async function closeClient(client: RedisClient): Promise<void> {
  // A client that waits to connect anew has no stream whose end it could tell.
  const hasStream = ['connecting', 'connect', 'ready', 'disconnecting', 'close'].includes(client.status);
  const ended = hasStream ? new Promise<void>((resolve) => client.once('end', () => resolve())) : undefined;
  client.disconnect();
  await ended;
}

/** What is sent until the end of this turn of the event loop goes out in one write: each costs a call of the system. */
function gatherWrites({ stream }: Redis): void {
  if (!stream?.writable || stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Redis may begin with what is a load of its own while the rest of the turn goes on. */
function sendFullWrite({ stream }: Redis): void {
  if (!stream?.writable || stream.writableCorked === 0 || stream.writableLength < FULL_WRITE_BYTES) return;
  stream.uncork();
  stream.cork();
}
