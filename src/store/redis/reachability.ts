import { type Clock, sleep } from '../../clock';
import type { HealthBoard } from '../../health';
import type { Logger } from '../../logger';
import { type ConnectionRole, isCluster, type RedisClient } from './redis-spec';

/** Between two looks whether a replica has become a master. */
const ROLE_POLL_MS = 500;
/** After so many looks the address is asked anew: it may lead to another master by now. */
const LOOKS_A_CONNECTION = 4;

/** Knows which connections to one Redis serve, and tells the health of each, and the log when the first fails or the last is back. */
export class Reachability {
  private readonly down = new Set<ConnectionRole>();
  /** The Redis at hand takes no writes. */
  private replica = false;
  /** In this outage it was said already that Redis is there but lets nobody in. */
  private refusalTold = false;
  private wrongPlaceError: Error | undefined;
  private lastErrorOfAll: Error | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly place: string,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly health: HealthBoard,
    /** Aborts when the connections are closed: what follows is no fault. */
    private readonly closing: AbortSignal,
  ) {}

  /** The Redis that answers takes no writes. */
  get isReplica(): boolean {
    return this.replica;
  }

  /** What spoke against the last connection; undefined once there is one. */
  get lastError(): Error | undefined {
    return this.lastErrorOfAll;
  }

  /** Redis has no database of the number that was asked for, or is a node of a cluster that is taken for a single one. */
  get wrongPlace(): Error | undefined {
    return this.wrongPlaceError;
  }

  /** Resolves when it is known whether the connection that is ready is at the right place. */
  get looked(): Promise<void> {
    return this.looking;
  }

  /** However often ioredis tries, a change is told once. */
  follow(client: RedisClient, role: ConnectionRole): void {
    client.on('ready', () => {
      if (this.wrongPlaceError) return;
      this.lastErrorOfAll = undefined;
      if (role === 'commands' && !isCluster(client)) this.looking = this.refuseNode(client);
      if (this.replica && role === 'commands') void this.untilMaster(client, LOOKS_A_CONNECTION);
      else this.up(role);
    });
    client.on('error', (error: Error) => this.wentDown(role, error));
    client.on('close', () => this.wentDown(role));
  }

  /** The Redis behind the connection for commands seems to be a replica: only a refused write tells. */
  suspectReplica(client: RedisClient, error: Error): void {
    if (isCluster(client) || this.replica) return;
    this.replica = true;
    const message = `Redis at ${this.place} takes no writes (it is a read-only replica); trying again until it does`;
    this.markDown('commands', 'it is a read-only replica', message, error);
    if (client.status === 'ready') void this.untilMaster(client, 1);
  }

  private wentDown(role: ConnectionRole, error?: Error): void {
    if (error) this.lastErrorOfAll = error;
    if (error?.message.includes('DB index is out of range')) this.wrongPlaceError = error;
    const why = describeError(error) ?? 'the connection was lost';
    const isRefusal = error?.name === 'ReplyError';
    if (isRefusal && this.down.size === 0) this.refusalTold = true;
    this.markDown(role, why, `Redis at ${this.place} cannot be reached (${why}); trying again until it can`, error);
    if (this.closing.aborted || this.refusalTold || !isRefusal) return;
    this.refusalTold = true;
    this.logger.warn(
      { redis: this.place, connection: role, err: error },
      `Redis at ${this.place} is there, but refuses the connection: ${why}`,
    );
  }

  private markDown(role: ConnectionRole, why: string, message: string, error: Error | undefined): void {
    if (this.closing.aborted) return;
    if (this.down.size === 0) this.logger.warn({ redis: this.place, connection: role, err: error }, message);
    const isNew = !this.down.has(role);
    this.down.add(role);
    // What an error says is more than that a connection was lost.
    if (isNew || error) this.health.part(`redis:${role}`).fails(`Redis at ${this.place}: ${why}`);
  }

  private up(role: ConnectionRole): void {
    this.health.part(`redis:${role}`).works();
    if (this.down.delete(role) && this.down.size === 0) {
      this.refusalTold = false;
      this.logger.info({ redis: this.place }, `Redis at ${this.place} is back`);
    }
  }

  /** A node of a cluster knows a part of the tasks alone. Where Redis refuses to say, its errors will. */
  private async refuseNode(client: RedisClient): Promise<void> {
    const isNode = await client.info('server').then(
      (info) => /^redis_mode:cluster/m.test(info),
      () => false,
    );
    if (!isNode) return;
    const error = new Error(
      'it is a node of a cluster: give { cluster: [{ host, port }] }, on the command line --cluster',
    );
    // As one of its own answers: it is there, and serves nobody who asks like that.
    error.name = 'ReplyError';
    this.wrongPlaceError = error;
    this.wentDown('commands', error);
  }

  /** Ends when the Redis has become a master, or the connection is gone: the next one is looked at again. Does not reject. */
  private async untilMaster(client: RedisClient, looks: number): Promise<void> {
    const gone = new AbortController();
    const leave = () => gone.abort();
    client.once('close', leave);
    try {
      for (let look = 1; !gone.signal.aborted && (await isReplica(client)); look++) {
        if (look === looks) client.disconnect(true);
        await sleep(this.clock, ROLE_POLL_MS, gone.signal);
      }
    } finally {
      client.off('close', leave);
    }
    if (gone.signal.aborted || !this.replica) return;
    this.replica = false;
    this.up('commands');
  }
}

/** Some network errors have a code and no message; ioredis names its option where a command was lost with its connection. */
export function describeError(error: Error | undefined): string | undefined {
  if (error?.name === 'MaxRetriesPerRequestError') return 'the connection was lost before the reply';
  return error?.message || (error as { code?: string } | undefined)?.code;
}

/** Where Redis refuses to say, the next refused write will. */
async function isReplica(client: RedisClient): Promise<boolean> {
  try {
    return /^role:slave/m.test(await client.info('replication'));
  } catch (error) {
    return (error as Error).name !== 'ReplyError';
  }
}
