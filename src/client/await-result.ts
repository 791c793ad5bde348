import { type Clock, within } from '../clock';
import { deferred } from '../deferred';
import {
  AppClosedError,
  ResultTimeoutError,
  StoreUnavailableError,
  TaskFailedError,
  TaskNotFoundError,
  TaskStoppedError,
} from '../errors';
import type { EventBus } from '../events/event-bus';
import type { TaskReader } from '../store/task-reader';
import { parseDuration } from '../task/duration';
import { FINAL_EVENTS, type TaskEvent } from '../task/event';
import { checkKeys } from '../task/option-keys';
import type { TaskRecord } from '../task/record';
import type { TaskState } from '../task/state';
import type { Closing } from './closing';
import type { ResultOptions } from './task-handle';

/** Pub/sub may lose a message: the hash is looked at again this often. */
export const LOOK_AGAIN_MS = 5_000;

/** A store that is away is asked again this often. */
const ASK_AGAIN_MS = 500;

/** Infinity where none is given. @throws {ConfigurationError} */
export function resultTimeoutMs(options: ResultOptions): number {
  checkKeys('result', options, ['timeout']);
  return options.timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(options.timeout, 'timeout');
}

/**
 * Waits for the end of a task: subscribes first, then reads, so that an end in between is not missed. A store that goes
 * away while it waits is waited for as well.
 * @param timeoutMs Infinity: for as long as it takes.
 * @throws {TaskFailedError} @throws {TaskStoppedError} @throws {TaskNotFoundError} @throws {ResultTimeoutError}
 * @throws {AppClosedError} @throws {StoreUnavailableError} The store does not answer, from the start or at the end of the time.
 */
export async function awaitResult(
  { bus, reader, clock, closing }: { bus: EventBus; reader: TaskReader; clock: Clock; closing: Closing },
  id: string,
  timeoutMs: number,
): Promise<unknown> {
  let final: TaskEvent | undefined;
  let heard = deferred();
  const unsubscribe = await bus.onTask(id, (event) => {
    if (!FINAL_EVENTS.has(event.event)) return;
    final = event;
    heard.resolve();
  });
  const wake = () => heard.resolve();
  closing.add(wake);
  try {
    const endsMs = clock.monotonicMs() + timeoutMs;
    for (let state: TaskState | undefined; ; ) {
      let longestMs = LOOK_AGAIN_MS;
      try {
        const [record] = await reader.get([id]);
        if (!record) return resultOfEvent(id, final);
        if (record.state !== 'WAIT' && record.state !== 'RUNNING') return resultOfRecord(record);
        state = record.state;
        if (clock.monotonicMs() >= endsMs) throw new ResultTimeoutError(id, timeoutMs, state, record.queue);
      } catch (error) {
        const isPassing = error instanceof StoreUnavailableError && state !== undefined;
        if (!isPassing || clock.monotonicMs() >= endsMs) throw error;
        longestMs = ASK_AGAIN_MS;
      }
      const woken = await within(clock, heard.promise, Math.min(endsMs - clock.monotonicMs(), longestMs));
      if (closing.isClosed) throw new AppClosedError();
      // An event of the name of an end may be the task's own: what counts is the hash, and the wait may go on.
      if (woken) heard = deferred();
    }
  } finally {
    closing.delete(wake);
    await unsubscribe();
  }
}

function resultOfRecord({ id, state, output = '' }: TaskRecord): unknown {
  if (state === 'ERROR' || state === 'EXCEPTION') throw new TaskFailedError(id, state, output);
  if (state === 'STOPPED') throw new TaskStoppedError(id);
  return parseOutput(output);
}

/** The hash is gone already: what was heard of its end is all there is. */
function resultOfEvent(id: string, event: TaskEvent | undefined): unknown {
  if (event?.event === 'success') return event.data;
  if (event?.event === 'error') throw new TaskFailedError(id, 'ERROR', String(event.data));
  if (event?.event === 'exception') throw new TaskFailedError(id, 'EXCEPTION', String(event.data));
  throw new TaskNotFoundError(id);
}

/** JSON as our workers write it; a pytask worker's text as it is. */
function parseOutput(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return output;
  }
}
