import { nextTurn } from '../clock';
import type { NewTask } from '../store/producer-store';
import type { TaskStore } from '../store/task-store';
import type { UniqueReply } from '../store/unique';

/** What a watched store tells. */
export interface StoreWatcher {
  called(): void;
  answered(): void;
  /** @param by The schedule that the task is for; undefined: a client has started it. */
  enqueued(task: NewTask, by?: 'schedule'): void;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** A store that tells of its calls, and of what was enqueued; the wait of a worker for ids is no call. */
export function watchStore(store: TaskStore, watcher: StoreWatcher): TaskStore {
  const verbs = new Map<PropertyKey, Method>();
  return new Proxy(store, {
    get: (_, key) => {
      const value = store[key as keyof TaskStore] as unknown;
      if (typeof value !== 'function' || key in Object.prototype) return value;
      const verb = verbs.get(key) ?? watchVerb(key as keyof TaskStore, value.bind(store), watcher);
      verbs.set(key, verb);
      return verb;
    },
  });
}

function watchVerb(verb: keyof TaskStore, method: Method, watcher: StoreWatcher): Method {
  if (verb === 'take') return method;
  return async (...args) => {
    watcher.called();
    try {
      // A task that starts itself anew would never let the event loop turn, nor anybody see that it does.
      if (verb === 'open') await nextTurn();
      const reply = await method(...args);
      note(verb, args, reply, watcher);
      return reply;
    } finally {
      watcher.answered();
    }
  };
}

function note(verb: keyof TaskStore, args: readonly unknown[], reply: unknown, watcher: StoreWatcher): void {
  if (verb === 'enqueue') {
    const isNew = reply as readonly boolean[];
    (args[0] as readonly NewTask[]).forEach((task, position) => {
      if (isNew[position]) watcher.enqueued(task);
    });
  } else if (verb === 'enqueueUnique') {
    if ((reply as UniqueReply).kind === 'started') watcher.enqueued(args[0] as NewTask);
  } else if (verb === 'makeFirings') {
    for (const task of (args[0] as { tasks: readonly NewTask[] }).tasks) watcher.enqueued(task, 'schedule');
  }
}
