import type { TakeLimits } from '../../src/store/limits';
import type { OpenedRun } from '../../src/store/worker-store';
import { laneOf } from '../../src/task/lane';
import { type Limit, NO_LIMIT } from '../../src/task/limit';
import type { MakeBackend } from './backend';
import { Bench } from './bench';

export const PROBES = new Set(['probe']);

export function limitsOf(given: {
  total?: Partial<Limit>;
  perKey?: Partial<Limit>;
  queue?: Partial<Limit>;
}): TakeLimits {
  const [total, perKey, queue] = [given.total, given.perKey, given.queue].map((one) => ({ ...NO_LIMIT, ...one }));
  const names = new Map([
    ['probe', { total: total as Limit, perKey: perKey as Limit, room: Number.POSITIVE_INFINITY }],
  ]);
  return { names, queue: queue as Limit };
}

export const ONE_AT_A_TIME = limitsOf({ total: { concurrency: 1 } });

/** What the tests of limits say again and again. */
export function useLimits(makeBackend: MakeBackend) {
  const bench = Bench.use(makeBackend);
  const enqueue = async (key: string, ...ids: readonly string[]) => {
    for (const id of ids) await bench().enqueue(id, { lane: laneOf(key) });
  };
  const take = async (limits: TakeLimits, limit = 10, worker = 'w1') =>
    (await bench().take({ worker, limit, limits })).ids;
  const open = async (ids: readonly string[], worker = 'w1') =>
    (await bench().open(ids, { worker, limited: PROBES })) as OpenedRun[];
  const begin = async (limits: TakeLimits, limit = 10, worker = 'w1') =>
    open(await take(limits, limit, worker), worker);
  return { bench, enqueue, take, open, begin };
}
