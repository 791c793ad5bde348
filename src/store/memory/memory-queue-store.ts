import type { DrainStep, QueueStore } from '../queue-store';
import type { MemoryBroker } from './memory-broker';
import { stateOf } from './task-hash';

export class MemoryQueueStore implements QueueStore {
  constructor(private readonly broker: MemoryBroker) {}

  async pauseQueue(queue: string): Promise<void> {
    this.broker.queue(queue).paused = true;
  }

  async resumeQueue(queue: string): Promise<void> {
    this.broker.queue(queue).paused = false;
  }

  /** All in one step: nobody waits meanwhile, as nothing is sent. */
  async drainQueue(name: string, _worker: string, delayed: boolean): Promise<DrainStep> {
    const queue = this.broker.queue(name);
    let removed = 0;
    for (const id of queue.empty(delayed)) {
      const hash = this.broker.findTask(id);
      if (this.broker.useUpSkip(id, name) || hash === undefined || stateOf(hash) !== 'WAIT') continue;
      this.broker.markRemoved(id);
      removed += 1;
    }
    return { removed, more: false };
  }
}
