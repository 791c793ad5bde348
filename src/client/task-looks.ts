import type { QueueRecord, TaskCounts, TaskReader, WorkersOptions } from '../store/task-reader';
import type { WorkerRecord } from '../store/worker-records';
import { assertUsableId } from '../task/keys';
import type { TaskLogLine } from '../task/log-line';
import type { TaskRecord } from '../task/record';
import { countTasks, listTasks } from './find-tasks';
import { limitOf, type ReadLogOptions } from './read-log-options';
import { readFilter, type TaskFilter } from './task-filter';
import { withRunsOf } from './workers-options';

/** The part of `TaskClient` that looks things up, and changes nothing. */
export abstract class TaskLooks {
  constructor(protected readonly reader: TaskReader) {}

  async get(id: string): Promise<TaskRecord | undefined> {
    assertUsableId(id);
    const [record] = await this.reader.get([id]);
    return record;
  }

  /** See `TaskHandle.log`. */
  async log(id: string, options: ReadLogOptions = {}): Promise<TaskLogLine[]> {
    assertUsableId(id);
    return this.reader.log(id, limitOf(options));
  }

  counts(): Promise<TaskCounts> {
    return this.reader.counts();
  }

  /** All queues that somebody has used, by name, the default one first. */
  queues(): Promise<QueueRecord[]> {
    return this.reader.queues();
  }

  /**
   * All workers that take from queues, by id: the living ones, and those that fell silent within the last hour. What it costs grows with
   * workers times queues, and with the runs up to 10,000, unless they are not asked for; not with the tasks that wait or have ended.
   * @throws {ConfigurationError} An option is not acceptable.
   */
  async workers(options: WorkersOptions = {}): Promise<WorkerRecord[]> {
    return this.reader.workers({ runs: withRunsOf(options) });
  }

  /** The ids to be taken next from a queue, the first of them first. */
  waiting(limit = 100, queue?: string): Promise<string[]> {
    return this.reader.waiting(limit, queue);
  }

  /** The ids that ended and wait for clean-up, the oldest first. */
  ended(limit = 100): Promise<string[]> {
    return this.reader.ended(limit);
  }

  /** The ids of running and stopped tasks, and of ended ones that are kept for good. */
  active(): AsyncIterable<string> {
    return this.reader.active();
  }

  /**
   * The tasks that match, in no order, read as the loop goes on: none twice, and none left out that is there all the while. Each
   * is told as it was when it was read.
   * @throws {ConfigurationError} The filter has a property or a value that is not known.
   * @throws {StoreUnavailableError} From the loop: begin again, as Redis does not know any more where it was.
   */
  list(filter: TaskFilter = {}): AsyncGenerator<TaskRecord, void> {
    return listTasks(this.reader, readFilter(filter));
  }

  /**
   * How many tasks match. It looks at all tasks, as `list` does, but reads no records; those that change meanwhile may count or not.
   * @throws As `list`.
   */
  async count(filter: TaskFilter = {}): Promise<number> {
    return countTasks(this.reader, readFilter(filter));
  }
}
