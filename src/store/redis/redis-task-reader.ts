import { StoreRefusedError } from '../../errors';
import type { TaskKeys } from '../../task/keys';
import { decodeLogLines, type TaskLogLine } from '../../task/log-line';
import { parseRecord, parseTimes, type TaskRecord, takeableSinceMs } from '../../task/record';
import type { TaskQuery } from '../task-query';
import {
  type FoundStep,
  type QueueRecord,
  sumOf,
  type TaskCounts,
  type TaskReader,
  type WorkersOptions,
} from '../task-reader';
import type { WorkerRecord } from '../worker-records';
import { findTasks } from './find-tasks';
import { QueueNames } from './queue-names';
import { readWorkers } from './read-workers';
import type { RedisConnection } from './redis-connection';
import { RedisLanes } from './redis-lanes';
import type { RedisClient } from './redis-spec';
import { readFields } from './scripts/read-fields';

const IDS_A_STEP = 1_000;

export class RedisTaskReader implements TaskReader {
  private readonly names: QueueNames;
  private readonly lanes: RedisLanes;

  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: TaskKeys,
  ) {
    this.names = new QueueNames(redis, keys);
    this.lanes = new RedisLanes(redis, keys);
  }

  async ping(): Promise<void> {
    // No PING: of a cluster any node would answer it.
    await this.redis.call((client) => client.llen(this.keys.newQueue));
  }

  async get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return Promise.all(ids.map((id) => this.read(id)));
  }

  async log(id: string, limit: number): Promise<TaskLogLine[]> {
    const [logged, lines] = await this.unlessOfOtherType([null, []], (client) =>
      Promise.all([client.hget(this.keys.task(id), 'logged'), client.lrange(this.keys.log(id), -limit, -1)]),
    );
    // What a removed task has left behind is nobody's.
    return logged === null || limit < 1 ? [] : decodeLogLines(lines);
  }

  async counts(queues?: readonly QueueRecord[]): Promise<TaskCounts> {
    const { endQueue, taskSet } = this.keys;
    const [sizes, active, ended] = await Promise.all([
      queues ?? this.names.list().then((names) => Promise.all(names.map((name) => this.sizeOf(name)))),
      this.redis.call((client) => client.scard(taskSet)),
      this.redis.call((client) => client.llen(endQueue)),
    ]);
    return { ...sumOf(sizes), active, ended };
  }

  async queues(): Promise<QueueRecord[]> {
    return Promise.all((await this.names.list()).map((name) => this.queue(name)));
  }

  async workers({ runs = true }: WorkersOptions = {}): Promise<WorkerRecord[]> {
    return readWorkers(this.redis, this.keys, await this.names.list(), runs);
  }

  async waiting(limit: number, name?: string): Promise<string[]> {
    if (limit < 1) return [];
    const queue = this.keys.queue(name);
    // Popped from the right.
    const listed = (await this.redis.call((client) => client.lrange(queue, -limit, -1))).reverse();
    const prioritized = await this.redis.call((client) =>
      client.zrange(this.keys.prioritized(queue), '0', String(limit - 1), 'WITHSCORES'),
    );
    if (prioritized.length === 0) return listed;
    const sinceMs = listed[0] === undefined ? Number.POSITIVE_INFINITY : await this.sinceMs(listed[0]);
    const [before, after]: [string[], string[]] = [[], []];
    for (let at = 0; at < prioritized.length; at += 2) {
      const comesBefore = Number(prioritized[at + 1]) <= (sinceMs ?? this.redis.clock.nowMs());
      (comesBefore ? before : after).push(prioritized[at] as string);
    }
    return [...before, ...listed, ...after].slice(0, limit);
  }

  async ended(limit: number): Promise<string[]> {
    if (limit < 1) return [];
    // Popped from the right.
    return (await this.redis.call((client) => client.lrange(this.keys.endQueue, -limit, -1))).reverse();
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
    return parseRecord(id, await this.unlessOfOtherType({}, (client) => client.hgetall(this.keys.task(id))));
  }

  /** A key of another type is no task, and no log. */
  private async unlessOfOtherType<T>(nothing: T, read: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.redis.call(read);
    } catch (error) {
      if (error instanceof StoreRefusedError && error.message.includes('WRONGTYPE')) return nothing;
      throw error;
    }
  }

  private async queue(name: string): Promise<QueueRecord> {
    const queue = this.keys.queue(name);
    const [sizes, paused, head, first] = await Promise.all([
      this.sizeOf(name),
      this.redis.call((client) => client.exists(this.keys.paused(queue))),
      this.redis.call((client) => client.lindex(queue, -1)),
      this.redis.call((client) => client.zrange(this.keys.prioritized(queue), '0', '0')),
    ]);
    const heads = [head, ...first].filter((id) => id !== null);
    const times = (await Promise.all(heads.map((id) => this.sinceMs(id)))).filter((time) => time !== undefined);
    return { name, ...sizes, paused: paused === 1, oldestMs: times.length > 0 ? Math.min(...times) : undefined };
  }

  private async sizeOf(name: string): Promise<Pick<QueueRecord, 'waiting' | 'delayed'>> {
    const queue = this.keys.queue(name);
    const [listed, prioritized, delayed] = await this.redis.call((client) =>
      Promise.all([
        client.llen(queue),
        client.zcard(this.keys.prioritized(queue)),
        client.zcard(this.keys.delayed(queue)),
      ]),
    );
    return { waiting: listed + prioritized + (await this.lanes.size(name)), delayed };
  }

  private async sinceMs(id: string): Promise<number | undefined> {
    // Not its input and output, which may be long.
    const [times = []] = await readFields.run(this.redis, [{ key: this.keys.task(id) }], {}, [
      'created',
      'due',
      'restarted',
    ]);
    const [created, due, restarted] = times.map((time) => time ?? undefined);
    return takeableSinceMs(parseTimes({ created, due, restarted }));
  }
}
