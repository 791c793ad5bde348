import type { TaskClient, TaskRecord } from '../../index';
import { distanceText } from '../output/time-text';

/** Where a task is, and what it waits for, in words. */
export async function standingOf(client: TaskClient, task: TaskRecord, nowMs: number): Promise<string> {
  const { state, dueMs, queue, worker, endedMs, cleanup } = task;
  if (state === 'WAIT') {
    if (dueMs !== undefined && dueMs > nowMs) return `waits for its time, ${distanceText(dueMs, nowMs)}`;
    return waitingIn(client, queue);
  }
  if (state === 'RUNNING') return `runs on ${worker ?? 'a worker that wrote no name'}${lastSign(task, nowMs)}`;
  if (state === 'STOPPED') return 'was stopped; restarted, it runs again';
  const since = endedMs === undefined ? '' : ` ${distanceText(endedMs, nowMs)}`;
  return `ended${since}${cleanup ? ', and is there until its retention has passed' : ', and is kept for good'}`;
}

async function waitingIn(client: TaskClient, name: string): Promise<string> {
  const [queues, workers] = await Promise.all([client.queues(), client.workers({ runs: false })]);
  const queue = queues.find((one) => one.name === name);
  const taking = workers.filter(({ queues: own, overdue }) => !overdue && own.includes(name)).length;
  const waiting = `waits to be taken, one of ${queue?.waiting ?? 0} in the queue ${name}`;
  if (queue?.paused) return `${waiting}, which is paused`;
  if (taking === 0) return `${waiting}, from which no worker takes`;
  return `${waiting}; ${taking === 1 ? '1 worker takes' : `${taking} workers take`} from it`;
}

function lastSign({ lastUpdateSeconds }: TaskRecord, nowMs: number): string {
  if (lastUpdateSeconds === undefined) return '';
  return `, last sign of life ${distanceText(Math.min(lastUpdateSeconds * 1_000, nowMs), nowMs)}`;
}
