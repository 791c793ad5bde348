import { type Clock, sleep } from '../clock';
import type { EventBus, Unsubscribe } from '../events/event-bus';
import type { TaskReader } from '../store/task-reader';
import { FINAL_EVENTS, type TaskEvent } from '../task/event';
import { assertUsableId } from '../task/keys';
import { LOOK_AGAIN_MS } from './await-result';
import type { Closing } from './closing';
import { EventStream } from './event-stream';

/** What is needed to watch a task. */
interface WatchParts {
  readonly bus: EventBus;
  readonly reader: TaskReader;
  readonly clock: Clock;
  readonly closing: Closing;
}

/** The events of a task from now on, until it has ended, was stopped or removed, or the client closes. */
export function watchTask(parts: WatchParts, id: string): AsyncGenerator<TaskEvent, void> {
  const stream = new EventStream();
  const subscribing = subscribe(parts.bus, id, stream);
  subscribing.catch(() => {}); // Who reads has the error.
  return readWatched(parts, id, stream, subscribing);
}

async function subscribe(bus: EventBus, id: string, stream: EventStream): Promise<Unsubscribe> {
  assertUsableId(id);
  return bus.onTask(id, (event) => {
    stream.push(event);
    if (FINAL_EVENTS.has(event.event)) stream.end();
  });
}

async function* readWatched(
  parts: WatchParts,
  id: string,
  stream: EventStream,
  subscribing: Promise<Unsubscribe>,
): AsyncGenerator<TaskEvent, void> {
  const unsubscribe = await subscribing;
  const over = new AbortController();
  const end = () => over.abort();
  parts.closing.add(end);
  void endWhenOver(parts, id, stream, over.signal);
  try {
    yield* stream.read();
  } finally {
    end();
    parts.closing.delete(end);
    await unsubscribe();
  }
}

/** Ends a stream whose task runs no more: it had ended before, or its last event was lost. */
async function endWhenOver(
  { reader, clock }: WatchParts,
  id: string,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const [record] = await reader.get([id]);
      if (!record || !['WAIT', 'RUNNING'].includes(record.state)) return stream.end();
    } catch {
      // The store is away; its events will be looked for again.
    }
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
  stream.end();
}
