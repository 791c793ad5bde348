import type { Redis } from 'ioredis';
import { StoreUnavailableError } from '../../errors';
import type { TaskKeys } from '../../task/keys';
import { parseRecord } from '../../task/record';
import { matcherOf, type TaskQuery, type TaskTraits, TRAIT_FIELDS } from '../task-query';
import type { FoundStep } from '../task-reader';
import { RecentlyTold } from './recently-told';
import type { RedisConnection } from './redis-connection';
import { timeToMs } from './redis-now-ms';
import { scanSteps } from './scan-steps';

type Values = readonly (string | null)[];

/**
 * Looks through all hashes: a step is one `SCAN` of some thousand keys, and of each the few fields that a query asks for, not
 * its input and output.
 * @throws {StoreUnavailableError} Or Redis was started anew meanwhile, or another took its place: where the scan was is unknown.
 */
export async function* findTasks(redis: RedisConnection, keys: TaskKeys, query: TaskQuery): AsyncIterable<FoundStep> {
  const isWanted = matcherOf(query);
  const told = new RecentlyTold();
  const servers = new SameServers(redis);
  for await (const [node, found] of scanSteps(redis, keys.everyTask)) {
    await servers.check(node);
    const ids = found.map((key) => keys.taskId(key)).filter((id) => id !== undefined);
    const [nowMs, rows] = await readTraits(redis, keys, ids);
    const matching: string[] = [];
    let looked = 0;
    ids.forEach((id, position) => {
      const task = traitsOf(id, rows[position] ?? []);
      if (task) looked += 1;
      if (task && isWanted(task, nowMs) && told.isNew(id)) matching.push(id);
    });
    yield { looked, ids: matching };
  }
}

/** @returns The time of Redis as well: ages are counted by it. */
function readTraits(
  redis: RedisConnection,
  keys: TaskKeys,
  ids: readonly string[],
): Promise<[nowMs: number, rows: Values[]]> {
  return redis.call(async (client) => {
    // A failure of one must not leave the others without somebody who hears of theirs.
    const [time, ...rows] = await Promise.all([
      client.time(),
      ...ids.map((id) => client.hmget(keys.task(id), ...TRAIT_FIELDS).catch(noTask)),
    ]);
    return [timeToMs(time), rows];
  });
}

/** A key of another type is no task. */
function noTask(error: Error): Values {
  if (error.message.startsWith('WRONGTYPE')) return [];
  throw error;
}

/** Undefined where it has none of the fields: it is gone, or what is left of a removed task. */
function traitsOf(id: string, values: Values): TaskTraits | undefined {
  const fields = TRAIT_FIELDS.flatMap((field, position) => {
    const value = values[position];
    return typeof value === 'string' ? [[field, value] as const] : [];
  });
  return parseRecord(id, Object.fromEntries(fields));
}

/** A cursor means something to the server alone that gave it. */
class SameServers {
  private readonly seen = new Map<Redis, { readonly runId: string; readonly stream: unknown }>();

  constructor(private readonly redis: RedisConnection) {}

  /** Asks only where the connection is a new one. @throws {StoreUnavailableError} */
  async check(node: Redis): Promise<void> {
    const { stream } = node;
    const before = this.seen.get(node);
    if (before?.stream === stream) return;
    const info = await this.redis.call(() => node.info('server'));
    const runId = /run_id:(\w+)/.exec(info)?.[1] ?? '';
    if (before && before.runId !== runId) {
      throw new StoreUnavailableError(
        `Redis at ${this.redis.place} was started anew, or another took its place, while all tasks were looked through: begin again.`,
      );
    }
    this.seen.set(node, { runId, stream });
  }
}
