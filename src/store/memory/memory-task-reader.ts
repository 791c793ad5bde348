import { nextTurn } from '../../clock';
import { decodeLogLines, type TaskLogLine } from '../../task/log-line';
import { parseRecord, type TaskRecord } from '../../task/record';
import { matcherOf, type TaskQuery } from '../task-query';
import {
  type FoundStep,
  type QueueRecord,
  sumOf,
  type TaskCounts,
  type TaskReader,
  type WorkersOptions,
} from '../task-reader';
import { MOST_RUNS_READ, NOT_READ, runsOf, type WorkerRecord, workerRecords } from '../worker-records';
import type { MemoryBroker } from './memory-broker';

const IDS_A_STEP = 1_000;

export class MemoryTaskReader implements TaskReader {
  constructor(private readonly broker: MemoryBroker) {}

  async ping(): Promise<void> {}

  async get(ids: readonly string[]): Promise<(TaskRecord | undefined)[]> {
    return ids.map((id) => this.read(id));
  }

  async log(id: string, limit: number): Promise<TaskLogLine[]> {
    const lines = this.broker.findTask(id) ? (this.broker.logs.get(id) ?? []) : [];
    return limit < 1 ? [] : decodeLogLines(lines.slice(-limit));
  }

  async counts(queues?: readonly QueueRecord[]): Promise<TaskCounts> {
    const { active, endQueue } = this.broker;
    const { waiting, delayed } = sumOf(queues ?? (await this.queues()));
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

  async workers({ runs: withRuns = true }: WorkersOptions = {}): Promise<WorkerRecord[]> {
    const { broker } = this;
    const places = [...broker.queues].flatMap(([name, queue]) =>
      queue.registrations().map((registration) => ({ ...registration, queue: name })),
    );
    if (!withRuns) return workerRecords(places, NOT_READ, broker.clock.nowMs());
    const ids = broker.leases.names();
    const runs = ids.slice(-MOST_RUNS_READ).flatMap((id) => runsOf(this.read(id)));
    return workerRecords(places, { runs, isAll: ids.length <= MOST_RUNS_READ }, broker.clock.nowMs());
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

  async *find(query: TaskQuery): AsyncIterable<FoundStep> {
    const isWanted = matcherOf(query);
    // A copy, for the same reason.
    const all = this.broker.ids();
    for (let start = 0; start < all.length; start += IDS_A_STEP) {
      const nowMs = this.broker.clock.nowMs();
      const step = all.slice(start, start + IDS_A_STEP);
      const found = step.map((id) => this.read(id)).filter((task) => task !== undefined);
      yield { looked: found.length, ids: found.filter((task) => isWanted(task, nowMs)).map(({ id }) => id) };
      await nextTurn();
    }
  }

  private read(id: string): TaskRecord | undefined {
    return parseRecord(id, Object.fromEntries(this.broker.find(id) ?? []));
  }
}
