import { type MakingVerb, makesTasks, newTasksOf, type StoreMethod } from '../store/new-tasks-of';
import type { NewTask } from '../store/producer-store';
import type { TaskStore } from '../store/task-store';
import { DEFAULT_QUEUE } from '../task/queue-name';
import type { Observers } from './observers';

/** A store whose new tasks are told to observers. A wrapper, so that starts cost nothing more where nobody observes. */
export function observedStore(store: TaskStore, observers: Observers): TaskStore {
  const verbs = new Map<PropertyKey, StoreMethod>();
  return new Proxy(store, {
    get: (_, name) => {
      const known = verbs.get(name);
      if (known !== undefined) return known;
      const value = store[name as keyof TaskStore] as unknown;
      if (typeof value !== 'function') return value;
      const method: StoreMethod = value.bind(store);
      const verb = makesTasks(name) ? toldVerb(name, method, observers) : method;
      verbs.set(name, verb);
      return verb;
    },
  });
}

function toldVerb(verb: MakingVerb, method: StoreMethod, observers: Observers): StoreMethod {
  return async (...args) => {
    const reply = await method(...args);
    tell(observers, newTasksOf(verb, args, reply));
    return reply;
  };
}

/** Most calls are of one name and queue. */
function tell(observers: Observers, tasks: readonly NewTask[]): void {
  const counts = new Map<string, Map<string, number>>();
  for (const { name, queue = DEFAULT_QUEUE } of tasks) {
    const ofQueue = counts.get(queue) ?? new Map<string, number>();
    counts.set(queue, ofQueue);
    ofQueue.set(name, (ofQueue.get(name) ?? 0) + 1);
  }
  for (const [queue, ofQueue] of counts) {
    for (const [taskName, count] of ofQueue) observers.enqueued({ taskName, queue, count });
  }
}
