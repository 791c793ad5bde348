import { parseRecord, type TaskRecord } from '../../task/record';
import type { TaskCounts, TaskReader } from '../task-reader';
import type { MemoryBroker } from './memory-broker';

export class MemoryTaskReader implements TaskReader {
  constructor(private readonly broker: MemoryBroker) {}

  async get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return ids.map((id) => parseRecord(id, Object.fromEntries(this.broker.find(id) ?? [])));
  }

  async counts(): Promise<TaskCounts> {
    const { active, endQueue, newQueue } = this.broker;
    return {
      waiting: newQueue.length,
      delayed: newQueue.delayedCount,
      active: active.size,
      ended: endQueue.length,
    };
  }

  async waiting(limit: number): Promise<string[]> {
    return this.broker.newQueue.peek(limit);
  }

  async ended(limit: number): Promise<string[]> {
    return this.broker.endQueue.peek(limit);
  }

  async *active(): AsyncIterable<string> {
    // A copy: a task that starts again meanwhile would come up a second time.
    yield* [...this.broker.active];
  }
}
