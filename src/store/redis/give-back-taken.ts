import type { TaskKeys } from '../../task/keys';
import type { LeaseIndex } from './lease-index';
import { type OwedPush, pushBack } from './push-back';
import type { RedisConnection } from './redis-connection';
import { type ClaimedReply, claimed } from './scripts/claimed';
import { usedDone } from './scripts/used-done';

interface Taken<T> {
  /** It is dead, or leaves. */
  readonly worker: string;
  /** The key of its list. */
  readonly queue: string;
  /** How long after its last sign of life a begun run counts as alive. */
  readonly leaseMs: number;
  /** Puts the ids back, but for one place each of those it is given. */
  readonly reap: (over: readonly string[]) => Promise<T>;
}

/** Gives a worker's taken ids back to the queue, except for what is over of them. */
export async function giveBackTaken<T>(
  redis: RedisConnection,
  keys: TaskKeys,
  index: LeaseIndex,
  { worker, queue, leaseMs, reap }: Taken<T>,
): Promise<T> {
  const ids = await redis.call((client) => client.lrange(keys.inbox(queue, worker), 0, -1));
  const items = ids.map((id) => ({ key: keys.task(id) }));
  const replies = await claimed.run(redis, items, { worker, queueField: keys.queueField(queue), leaseMs });
  const begun = ids.flatMap((id, position) => {
    const [verdict, lapsesMs] = replies[position] as ClaimedReply;
    return verdict === 'begun' ? [{ id, lapsesMs }] : [];
  });
  await index.enterFound(begun);
  // A monitor, or the worker itself, was about to make it: both would count. Made here, it takes the place along; made before, the
  // place is another one.
  const owed = ids.flatMap((id, position): OwedPush[] => {
    const [verdict, , token = '', due] = replies[position] as ClaimedReply;
    return verdict === 'owed' ? [{ id, token, due, from: worker, queue: keys.queueField(queue) }] : [];
  });
  await pushBack(redis, keys, owed, 'head');
  // Put back, they would count twice: begun runs are in the index by now, and used places have had no effect.
  const used = new Map<string, number>();
  const over = ids.filter((id, position) => {
    const [verdict, count] = replies[position] as ClaimedReply;
    if (verdict !== 'used') return verdict === 'begun';
    // What a place means beyond those that the mark tells of is open.
    used.set(id, (used.get(id) ?? 0) + 1);
    return (used.get(id) as number) <= count;
  });
  const given = await reap(over);
  // Only now: until its place is gone, the mark is what tells that it had no effect.
  await forgetUsed(redis, keys, { worker, queue }, over);
  return given;
}

/** Notes that the places in a queue which a worker has used up without effect are given up. */
export async function forgetUsed(
  redis: RedisConnection,
  keys: TaskKeys,
  { worker, queue }: { readonly worker: string; readonly queue: string },
  ids: readonly string[],
): Promise<void> {
  const rows = ids.map((id) => ({ key: keys.task(id) }));
  await usedDone.run(redis, rows, { worker, queueField: keys.queueField(queue) });
}
