import { StoreRefusedError } from '../../errors';
import type { TaskKeys } from '../../task/keys';
import { parseRecord, type TaskRecord } from '../../task/record';
import type { TaskQuery } from '../task-query';
import type { FoundStep, TaskCounts, TaskReader } from '../task-reader';
import { findTasks } from './find-tasks';
import type { RedisConnection } from './redis-connection';

const IDS_A_STEP = 1_000;

export class RedisTaskReader implements TaskReader {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {}

  async get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return Promise.all(ids.map((id) => this.read(id)));
  }

  async counts(): Promise<TaskCounts> {
    const { newQueue, endQueue, taskSet } = this.keys;
    const [waiting, delayed, active, ended] = await this.redis.call((client) =>
      Promise.all([
        client.llen(newQueue),
        client.zcard(this.keys.delayed(newQueue)),
        client.scard(taskSet),
        client.llen(endQueue),
      ]),
    );
    return { waiting, delayed, active, ended };
  }

  waiting(limit: number): Promise<string[]> {
    return this.oldest(this.keys.newQueue, limit);
  }

  ended(limit: number): Promise<string[]> {
    return this.oldest(this.keys.endQueue, limit);
  }

  async *active(): AsyncIterable<string> {
    let cursor = '0';
    do {
      const [next, ids] = await this.redis.call((client) =>
        client.sscan(this.keys.taskSet, cursor, 'COUNT', IDS_A_STEP),
      );
      cursor = next;
      yield* ids;
    } while (cursor !== '0');
  }

  find(query: TaskQuery): AsyncIterable<FoundStep> {
    return findTasks(this.redis, this.keys, query);
  }

  private async read(id: string): Promise<TaskRecord | undefined> {
    try {
      return parseRecord(id, await this.redis.call((client) => client.hgetall(this.keys.task(id))));
    } catch (error) {
      // A key of another type is no task.
      if (error instanceof StoreRefusedError && error.message.includes('WRONGTYPE')) return undefined;
      throw error;
    }
  }

  /** Queues are popped from the right. */
  private async oldest(queue: string, limit: number): Promise<string[]> {
    if (limit < 1) return [];
    return (await this.redis.call((client) => client.lrange(queue, -limit, -1))).reverse();
  }
}
