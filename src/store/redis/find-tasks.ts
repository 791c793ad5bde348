import type { Redis } from 'ioredis';
import { StoreUnavailableError } from '../../errors';
import type { TaskKeys } from '../../task/keys';
import { parseTraits, type TaskTraits, type TraitField } from '../../task/record';
import { matcherOf, type TaskQuery } from '../task-query';
import type { FoundStep } from '../task-reader';
import { ahead } from './ahead';
import { RecentlyTold } from './recently-told';
import type { RedisConnection } from './redis-connection';
import { redisNowMs } from './redis-now-ms';
import { scanSteps } from './scan-steps';
import { readFields } from './scripts/read-fields';

type Values = readonly (string | null)[];

/**
 * Looks through all hashes: a step is one `SCAN` of some thousand keys, and of each the few fields that a query asks for, not
 * its input and output. The next step is on its way while this one is looked at.
 * @throws {StoreUnavailableError} Or Redis was started anew meanwhile, or another took its place: where the scan was is unknown.
 */
export async function* findTasks(redis: RedisConnection, keys: TaskKeys, query: TaskQuery): AsyncIterable<FoundStep> {
  const isWanted = matcherOf(query);
  const fields = fieldsOf(query);
  const told = new RecentlyTold();
  const servers = new SameServers(redis);
  for await (const [node, found] of ahead(scanSteps(redis, keys.everyTask))) {
    await servers.check(node);
    const ids = found.map((key) => keys.taskId(key)).filter((id) => id !== undefined);
    const [nowMs, rows] = await readTraits(redis, keys, ids, fields);
    const matching: string[] = [];
    let looked = 0;
    ids.forEach((id, position) => {
      const task = traitsOf(fields, rows[position] ?? []);
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
  fields: readonly TraitField[],
): Promise<[nowMs: number, rows: Values[]]> {
  const hashes = ids.map((id) => ({ key: keys.task(id) }));
  return Promise.all([redisNowMs(redis), readFields.run(redis, hashes, {}, fields)]);
}

/** Undefined where it has none of the fields: it is gone, of another type, or what is left of a removed task. */
function traitsOf(fields: readonly TraitField[], values: Values): TaskTraits | undefined {
  const found: Partial<Record<TraitField, string>> = {};
  let isTask = false;
  for (const [at, value] of values.entries()) {
    if (value === null) continue;
    found[fields[at] as TraitField] = value;
    isTask = true;
  }
  return isTask ? parseTraits(found) : undefined;
}

/** Each field costs Redis: none that the query does not look at, but for those that tell whether it is a task. */
function fieldsOf({ olderThanMs, youngerThanMs, queues }: TaskQuery): readonly TraitField[] {
  const fields: TraitField[] = ['task', 'state', 'local'];
  if (olderThanMs !== undefined || youngerThanMs !== undefined) fields.push('created');
  if (queues !== undefined) fields.push('queue');
  return fields;
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
