import { patiently } from '../backoff';
import type { AbortReason } from '../errors';
import type { RunOutcome } from '../observing/task-observer';
import type { OpenedRun, RequeueReply } from '../store/worker-store';
import type { TaskRun } from './run-task';
import { tracesOf } from './traces-of';

/** What has become of a run that was interrupted, as the store has it. */
export interface Settled {
  readonly outcome: Extract<RunOutcome, 'stopped' | 'requeued' | 'reloaded' | 'lost'>;
  /** The run that takes its place at once. */
  readonly next?: OpenedRun;
}

export const LOST: Settled = { outcome: 'lost' };

/** How the span of such a run ends. */
export const SPAN_ENDS: Readonly<Record<Settled['outcome'], AbortReason>> = {
  stopped: 'stopped',
  requeued: 'shutting-down',
  reloaded: 'reloaded',
  lost: 'lease-lost',
};

const OUTCOMES: Readonly<Record<RequeueReply, Settled['outcome']>> = {
  requeued: 'requeued',
  stopped: 'stopped',
  removed: 'stopped',
  lost: 'lost',
};

/** What the store has published. */
const EVENTS: Readonly<Record<RequeueReply, string | undefined>> = {
  requeued: 'requeue',
  stopped: 'stop',
  removed: 'remove',
  lost: undefined,
};

/**
 * Gives back the run of a worker that leaves, and tells its hooks.
 * @param goOn Asked after each failure whether to try again.
 */
export async function giveBack(run: TaskRun, goOn: () => boolean): Promise<Settled> {
  const { clock, store } = run.environment;
  if (run.lease.local) {
    if (!(await patiently(clock, () => store.discardLocal(run.lease), goOn))) return LOST;
    await run.tellHooks('remove');
    return { outcome: 'stopped' };
  }
  const [reply = 'lost'] = await patiently(clock, () => store.requeue([run.lease], tracesOf(run)), goOn);
  const event = EVENTS[reply];
  if (event !== undefined) await run.tellHooks(event);
  return { outcome: OUTCOMES[reply] };
}
