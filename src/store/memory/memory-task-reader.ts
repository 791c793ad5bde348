import { parseRecord, type TaskRecord } from '../../task/record';
import { type QueueRecord, sumOf, type TaskCounts, type TaskReader } from '../task-reader';
import type { MemoryBroker } from './memory-broker';

export class MemoryTaskReader implements TaskReader {
  constructor(private readonly broker: MemoryBroker) {}

  async get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return ids.map((id) => parseRecord(id, Object.fromEntries(this.broker.find(id) ?? [])));
  }

  async counts(): Promise<TaskCounts> {
    const { active, endQueue } = this.broker;
    const { waiting, delayed } = sumOf(await this.queues());
    return { waiting, delayed, active: active.size, ended: endQueue.length };
  }

  async queues(): Promise<QueueRecord[]> {
    const [first, ...named] = [...this.broker.queues];
    const inOrder = [...(first ? [first] : []), ...named.sort(([a], [b]) => (a < b ? -1 : 1))];
    return inOrder.map(([name, queue]) => {
      const { length: waiting, delayedCount: delayed, paused, oldestMs } = queue;
      return { name, waiting, delayed, paused, oldestMs };
    });
  }

  async waiting(limit: number, queue?: string): Promise<string[]> {
    return this.broker.queue(queue).peek(limit);
  }

  async ended(limit: number): Promise<string[]> {
    return this.broker.endQueue.peek(limit);
  }

  async *active(): AsyncIterable<string> {
    // A copy: a task that starts again meanwhile would come up a second time.
    yield* [...this.broker.active];
  }
}
