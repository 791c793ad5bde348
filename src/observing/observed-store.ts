import type { NewTask } from '../store/producer-store';
import type { TaskStore } from '../store/task-store';
import { DEFAULT_QUEUE } from '../task/queue-name';
import type { Observers } from './observers';

type Verbs = Partial<Pick<TaskStore, 'enqueue' | 'enqueueUnique' | 'makeFirings'>>;

/** A store whose new tasks are told to observers. A wrapper, so that starts cost nothing more where nobody observes. */
export function observedStore(store: TaskStore, observers: Observers): TaskStore {
  const told: Verbs = {
    enqueue: async (tasks) => {
      const written = await store.enqueue(tasks);
      tell(
        observers,
        tasks.filter((_, position) => written[position]),
      );
      return written;
    },
    enqueueUnique: async (task, claim) => {
      const reply = await store.enqueueUnique(task, claim);
      if (reply.kind === 'started') tell(observers, [task]);
      return reply;
    },
    makeFirings: async (firings) => {
      await store.makeFirings(firings);
      tell(observers, firings.tasks);
    },
  };
  const bound = new Map<PropertyKey, unknown>(Object.entries(told));
  return new Proxy(store, {
    get: (target, name) => {
      const known = bound.get(name);
      if (known !== undefined) return known;
      const value: unknown = target[name as keyof TaskStore];
      if (typeof value !== 'function') return value;
      const method = value.bind(target);
      bound.set(name, method);
      return method;
    },
  });
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
