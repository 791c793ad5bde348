import type { TaskKeys } from '../../task/keys';
import type { RedisConnection } from './redis-connection';
import { releaseKeys } from './unique-enqueuer';

/**
 * What a script tells of a task that is over: 0 where it is not; else 1, or the claim of one that has a unique key; and of one with a log
 * both, the claim or an empty text, and for how long the log is to be kept, in milliseconds (0 not at all, -1 for good).
 */
export type OverReply = 0 | 1 | string | [claim: string, keepLogMs: string];

/** Sees to what lies beside the hashes of tasks that are over: their unique keys, and their logs. */
export async function settleBeside(
  redis: RedisConnection,
  keys: TaskKeys,
  ids: readonly string[],
  replies: readonly OverReply[],
): Promise<void> {
  const logs = ids.flatMap((id, position) => {
    const reply = replies[position];
    return Array.isArray(reply) ? [{ log: keys.log(id), keepMs: Number(reply[1]) }] : [];
  });
  if (logs.length > 0) {
    await redis.call((client) =>
      Promise.all(
        logs.map(({ log, keepMs }) => {
          if (keepMs === 0) return client.del(log);
          return keepMs < 0 ? client.persist(log) : client.pexpire(log, keepMs);
        }),
      ),
    );
  }
  const claims = replies.map((reply) => (Array.isArray(reply) ? reply[0] : reply));
  await releaseKeys(redis, keys, claims.filter((claim) => typeof claim === 'string' && claim !== '') as string[]);
}

/**
 * Deletes the logs of tasks that are removed, and of which a script has told that they have one. It does not reject: the removal is
 * done, and called again it would find no task. A log that is left is told to nobody, and expires.
 */
export async function dropLogs(redis: RedisConnection, keys: TaskKeys, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const noClaim: OverReply = ['', '0'];
  await settleBeside(
    redis,
    keys,
    ids,
    ids.map(() => noClaim),
  ).catch(() => {});
}
