import { nextTurn } from '../clock';
import { makesTasks, newTasksOf, type StoreMethod } from '../store/new-tasks-of';
import type { NewTask } from '../store/producer-store';
import type { TaskStore } from '../store/task-store';

/** What a watched store tells. */
export interface StoreWatcher {
  called(): void;
  answered(): void;
  /** @param by The schedule that the task is for; undefined: a client has started it. */
  enqueued(task: NewTask, by?: 'schedule'): void;
}

/** A store that tells of its calls, and of what was enqueued; the wait of a worker for ids is no call. */
export function watchStore(store: TaskStore, watcher: StoreWatcher): TaskStore {
  const verbs = new Map<PropertyKey, StoreMethod>();
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

function watchVerb(verb: keyof TaskStore, method: StoreMethod, watcher: StoreWatcher): StoreMethod {
  if (verb === 'take') return method;
  return async (...args) => {
    watcher.called();
    try {
      // A task that starts itself anew would never let the event loop turn, nor anybody see that it does.
      if (verb === 'open') await nextTurn();
      const reply = await method(...args);
      if (makesTasks(verb)) {
        for (const task of newTasksOf(verb, args, reply)) {
          watcher.enqueued(task, verb === 'makeFirings' ? 'schedule' : undefined);
        }
      }
      return reply;
    } finally {
      watcher.answered();
    }
  };
}
