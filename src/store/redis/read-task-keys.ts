import type { Redis } from 'ioredis';
import type { TaskKeys } from '../../task/keys';
import { sumOfSkips } from '../../task/skips';
import { isTaskState } from '../../task/state';
import type { KeyFacts } from '../places';
import type { RedisConnection } from './redis-connection';
import { scanSteps } from './scan-steps';

const FIELDS = ['task', 'state', 'cleanup', 'lease', 'worker', 'skip', 'push', 'kept', 'last_update', 'queue'] as const;

type Values = readonly (string | null)[];
type Reply = readonly [error: Error | null, result: unknown];

const MOVED = 'moved';

/** Reads every key that has the name of a task whose id is wanted, one round trip a step. A scan tells some more than once. */
export async function* readTaskKeys(
  redis: RedisConnection,
  keys: TaskKeys,
  isWanted: (id: string) => boolean,
): AsyncIterable<readonly (readonly [id: string, facts: KeyFacts | undefined])[]> {
  for await (const [node, found] of scanSteps(redis, keys.everyTask)) {
    const ids = found.map((key) => keys.taskId(key)).filter((id) => id !== undefined && isWanted(id)) as string[];
    const read = await redis.call(() =>
      readStep(
        node,
        ids.map((id) => keys.task(id)),
      ),
    );
    yield await Promise.all(
      ids.map(async (id, position) => {
        const facts = read[position];
        return [id, facts === MOVED ? await readTaskKey(redis, keys, id) : facts] as const;
      }),
    );
  }
}

/** Reads the key of one id. */
export function readTaskKey(redis: RedisConnection, keys: TaskKeys, id: string): Promise<KeyFacts | undefined> {
  const key = keys.task(id);
  return redis.call(async (client) => {
    const replies = await Promise.all([settled(client.hmget(key, ...FIELDS)), settled(client.pttl(key))]);
    return factsOf(...replies);
  });
}

/** `MOVED` for a key whose slot has left the node since it was scanned. */
async function readStep(node: Redis, names: readonly string[]): Promise<(KeyFacts | undefined | typeof MOVED)[]> {
  const pipeline = node.pipeline();
  for (const name of names) pipeline.hmget(name, ...FIELDS).pttl(name);
  const replies = ((await pipeline.exec()) ?? []) as readonly Reply[];
  return names.map((_, position) => {
    const [values, ttl] = replies.slice(position * 2, position * 2 + 2) as [Reply, Reply];
    const moved = [values, ttl].some(([error]) => error && /^(MOVED|ASK) /.test(error.message));
    return moved ? MOVED : factsOf(values, ttl);
  });
}

async function settled(command: Promise<unknown>): Promise<Reply> {
  try {
    return [null, await command];
  } catch (error) {
    return [error as Error, undefined];
  }
}

/** @throws Whatever Redis refused, but for a key of another type. */
function factsOf([error, values]: Reply, [ttlError, ttlMs]: Reply): KeyFacts | undefined {
  if (error?.message.startsWith('WRONGTYPE')) return { kind: 'other-type' };
  if (error ?? ttlError) throw error ?? ttlError;
  return parse(values as Values, ttlMs as number);
}

function parse(values: Values, ttlMs: number): KeyFacts | undefined {
  // -2: there is no such key.
  if (ttlMs === -2) return undefined;
  const [task, state, cleanup, lease, worker, skip, push, kept, lastUpdate, queue] = values;
  if (!task && !state && skip) return { kind: 'removed', skip: sumOfSkips(skip) };
  if (!task && !state && lastUpdate) return { kind: 'update-remainder' };
  return {
    kind: 'task',
    state: state && isTaskState(state) ? state : 'WAIT',
    stays: cleanup === 'false',
    leased: Boolean(lease && worker),
    skip: sumOfSkips(skip ?? undefined),
    owesPush: Boolean(push),
    kept: kept === '1',
    expires: ttlMs >= 0,
    ...(queue && { queue }),
  };
}
