import { setTimeout as pause } from 'node:timers/promises';
import { type InspectOptions, inspectRedis } from '../../src/app/inspect-redis';
import type { Finding } from '../../src/store/places';
import type { TaskKeys } from '../../src/task/keys';
import type { Breach } from './judge';
import { BULK_QUEUE, NAMED_QUEUE } from './kinds';
import type { Stage } from './stage';
import { POISON_NAMES, TIMES } from './times';

/** Of each worker: the monitor, the cleanup, the scheduler and one of its own. */
const LOCAL_TASKS = 4;

/** While workers work: nothing may be in a place where nobody mends it. */
export async function placesAtWork(stage: Stage): Promise<Breach[]> {
  const found = await findings(stage, { overdue: '5s', settle: '10s' });
  return found.filter(({ severity }) => severity === 'error').map(toBreach);
}

/** When all have left nobody mends anything any more: nothing may be left to be mended, held or led. */
export async function placesAfterLeaving(stage: Stage): Promise<Breach[]> {
  const found = await findings(stage, { overdue: 0, settle: 0 });
  const left: Breach[] = [];
  for (const keys of [stage.keys, stage.poisonKeys]) left.push(...(await leftovers(stage, keys)));
  return [...found.filter(({ severity }) => severity !== 'harmless').map(toBreach), ...left];
}

/** Every worker must have its local tasks again, whatever it went through; those of the dead are to be cleared away before all leave. */
export async function missingLocalTasks(stage: Stage, signal: AbortSignal): Promise<Breach[]> {
  const endsMs = performance.now() + 2 * TIMES.taskTimeout;
  for (;;) {
    const counts = await localTasks(stage);
    const lacking = stage.fleet.ordinary.filter(({ pid }) => counts.get(pid) !== LOCAL_TASKS);
    const alive = new Set(stage.fleet.ordinary.map(({ pid }) => pid));
    if (lacking.length === 0 && [...counts.keys()].every((pid) => alive.has(pid))) return [];
    if (performance.now() > endsMs) {
      return lacking.map(({ pid }) => {
        const message = `worker process ${pid} runs ${counts.get(pid) ?? 0} of its ${LOCAL_TASKS} local tasks`;
        return { kind: 'worker', message };
      });
    }
    await pause(200, undefined, { signal });
  }
}

/** Tasks that nobody who knows their name has met yet. */
export async function goingRound({ plain, keys }: Stage): Promise<Set<string>> {
  const ids = await plain.zrange(keys.delayed(keys.newQueue), '0', '-1');
  return new Set(ids.filter((id) => id.startsWith('rare-')));
}

/** How many run, by the process of the worker, whose name is `<host>-<pid>-<22 characters>`. */
async function localTasks({ plain, keys }: Stage): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  for (const id of await plain.smembers(keys.taskSet)) {
    const [local, state, worker] = await plain.hmget(keys.task(id), 'local', 'state', 'worker');
    const pid = Number(/-(\d+)-[\w-]{22}$/.exec(worker ?? '')?.[1]);
    if (local === 'true' && state === 'RUNNING') counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  return counts;
}

async function findings({ redis }: Stage, options: InspectOptions): Promise<Finding[]> {
  const reports = await Promise.all([
    inspectRedis(redis.url, options),
    inspectRedis(redis.url, { ...options, names: POISON_NAMES }),
  ]);
  return reports.flatMap((report) => report.findings);
}

async function leftovers({ plain }: Stage, keys: TaskKeys): Promise<Breach[]> {
  const named = [NAMED_QUEUE, BULK_QUEUE].map((name) => keys.queue(name));
  const counts: Record<string, number> = { [keys.leases]: await plain.zcard(keys.leases) };
  for (const queue of [keys.newQueue, ...named]) {
    counts[queue] = await plain.llen(queue);
    counts[keys.prioritized(queue)] = await plain.zcard(keys.prioritized(queue));
  }
  // In the default one the rare may go round.
  for (const queue of named) counts[keys.delayed(queue)] = await plain.zcard(keys.delayed(queue));
  for (const queue of [keys.newQueue, ...named, keys.endQueue]) {
    for (const inbox of await plain.keys(keys.everyInbox(queue))) counts[inbox] = await plain.llen(inbox);
  }
  return Object.entries(counts).flatMap(([key, count]): Breach[] => {
    if (count === 0) return [];
    return [{ kind: 'places', message: `${key} holds ${count} ids after all workers have left` }];
  });
}

function toBreach({ id, message, state, places }: Finding): Breach {
  return { kind: 'places', id, message: `${message} (${state ?? 'no task'}, in ${places.join(', ') || 'no place'})` };
}
