import type { ControlIntent } from '../../task/control';
import { runTrace } from '../../task/run-trace';
import { turnOf } from '../limits';
import type { Lease, Opened, OpenRequest } from '../worker-store';
import type { Release } from './redis-inbox';
import type { OpenedReply, OpenReply } from './scripts/open';

/** A reply of the script, and the token of its call. */
export interface Answer {
  readonly reply: OpenReply;
  readonly token: string;
}

export function isOpened(reply: OpenReply): reply is OpenedReply {
  return typeof reply[0] === 'number';
}

/** What a reply of the script `open` says of an id. */
export function readOpened(id: string, { reply, token }: Answer, lease: Partial<Lease>): Opened {
  if (isOpened(reply)) {
    const [attempt, name, data, waitedMs, cleanup, local, control, unknown, failures, leftMs, trace, former] = reply;
    return {
      kind: 'run',
      // Written out: a copy costs some 2 microseconds a task.
      lease: {
        id,
        token,
        cleanup: cleanup !== 'false',
        local: local === 'true',
        queue: lease.queue,
        limited: lease.limited,
        place: lease.place,
      },
      name: name ?? undefined,
      data: data ?? undefined,
      attempt,
      failures: Number(failures ?? 0),
      leftMs: leftMs ?? undefined,
      trace: runTrace(trace ?? undefined, former ?? undefined),
      waitedMs: waitedMs ?? undefined,
      control: pendingStop(control ?? null),
      unknownForTooLong: unknown === 1,
    };
  }
  switch (reply[0]) {
    case 'limited': {
      const [, name, data, created, priority] = reply;
      return {
        kind: 'limited',
        name,
        data: data ?? undefined,
        ...turnOf(created, priority),
      };
    }
    case 'held':
      return { kind: 'held', name: reply[1] };
    case 'unknown':
      return { kind: 'handed-back', name: reply[1] };
    case 'no hash':
    case 'key of another type':
      return { kind: 'dropped', why: reply[0] };
    case 'lapsed':
      return { kind: 'lapsed' };
    default:
      return { kind: 'used-up' };
  }
}

/** What the script `open` is to know of the names that a worker runs. */
export function namesToOpen({ limited }: OpenRequest, slots: ReadonlyMap<string, number>): (string | number)[] {
  return [...slots].flatMap(([name, left]) => {
    const most = Number.isFinite(left) ? Math.max(0, left) : -1;
    return [name, JSON.stringify(name), limited?.has(name) ? `L${most}` : most];
  });
}

/** A stored reload has been done by opening the task: its input is fresh. */
export function pendingStop(control: string | null): ControlIntent | undefined {
  return control === 'stop' || control === 'remove' ? control : undefined;
}

/** How the place of an opened id in the inbox is given up; not at all where it is held or to be parked, or no longer ours. */
export function toRelease(id: string, reply: OpenReply): Release[] {
  if (reply[0] === 'held' || reply[0] === 'limited' || reply[0] === 'lapsed') return [];
  return reply[0] === 'unknown' ? [{ id, delayMs: reply[2] }] : [{ id }];
}
