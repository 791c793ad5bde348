import { ConfigurationError } from '../errors';
import { matches, parseEventPattern } from '../metadata/event-pattern';
import { taskDefinition } from '../metadata/task-definition';
import type { NewTask } from '../store/producer-store';
import type { Due } from '../task/due';
import type { TaskEvent } from '../task/event';
import { DEFAULT_PRIORITY } from '../task/priority';
import { DEFAULT_QUEUE } from '../task/queue-name';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';

/** A task as it was enqueued. */
export interface EnqueuedTask<Input = unknown> {
  readonly id: string;
  /** Of the task. */
  readonly name: string;
  /** As it was given, as far as JSON carries it: without the defaults of its class. */
  readonly input: Input;
  readonly queue: string;
  readonly priority: number;
  /** How long it was to wait, from when it was enqueued; 0: not at all. */
  readonly delayMs: number;
  /** How long it may take in all, from when it was enqueued; undefined: as long as it wants. */
  readonly deadlineInMs: number | undefined;
  /** When it was enqueued, in epoch milliseconds of the app's clock. */
  readonly atMs: number;
  readonly by: 'client' | 'schedule';
}

/** An event as it was published. */
export interface EmittedEvent {
  readonly taskId: string;
  /** The name of its task; undefined where it is not known. */
  readonly task: string | undefined;
  /** `start`, `success`, `retry`, `progress`, … or a name of the task's own. */
  readonly event: string;
  readonly data: unknown;
  /** In epoch milliseconds of the app's clock. */
  readonly atMs: number;
}

/** The framework's own tasks, which a test did not ask for. */
const isOwn = (name: string | undefined) => name?.startsWith('taskwarden/') ?? false;

/** What was enqueued and emitted, in order. */
export class Journal {
  private readonly tasks: EnqueuedTask[] = [];
  private readonly told: EmittedEvent[] = [];
  private readonly names = new Map<string, string>();

  constructor(private readonly nowMs: () => number) {}

  noteTask(task: NewTask, by: EnqueuedTask['by'] = 'client'): void {
    const { id, name, data, queue = DEFAULT_QUEUE, priority = DEFAULT_PRIORITY } = task;
    const atMs = this.nowMs();
    const delayMs = Math.max(0, untilDue(task.due, atMs) ?? 0);
    const deadlineInMs = untilDue(task.deadline, atMs);
    this.names.set(id, name);
    this.tasks.push({ id, name, input: JSON.parse(data), queue, priority, delayMs, deadlineInMs, atMs, by });
  }

  noteEvent({ taskId, event, data }: TaskEvent): void {
    const { task } = (event === 'start' && typeof data === 'object' ? (data ?? {}) : {}) as { task?: unknown };
    if (typeof task === 'string') this.names.set(taskId, task);
    const name = this.names.get(taskId);
    if (!isOwn(name)) this.told.push({ taskId, task: name, event, data, atMs: this.nowMs() });
  }

  /** @throws {DeclarationError} It is no task class. */
  enqueued(task?: TaskClass | string): EnqueuedTask[] {
    const name = task === undefined ? undefined : nameOf(task);
    return this.tasks.filter((one) => name === undefined || one.name === name);
  }

  /**
   * @param of `task:event`, either of which may be `*`; or a task class, for all events of its tasks.
   * @throws {ConfigurationError} There can be no such event. @throws {DeclarationError} It is no task class.
   */
  events(of: TaskClass | string = '*'): EmittedEvent[] {
    const pattern = typeof of === 'string' ? parseEventPattern(of) : { task: nameOf(of), event: '*' };
    if ('mistake' in pattern)
      throw new ConfigurationError(`The events ${shown(of)} are asked for: ${pattern.mistake}.`);
    return this.told.filter(({ task, event }) => matches(pattern, task, event));
  }

  /** What was enqueued last, in words. */
  lately(): string {
    const last = this.tasks.at(-1);
    if (last === undefined) return 'No task was enqueued.';
    const count = this.tasks.filter(({ name }) => name === last.name).length;
    return `The last task that was enqueued is ${last.name} (${last.id}); of its name there were ${count}.`;
  }
}

export function nameOf(task: TaskClass | string): string {
  return typeof task === 'string' ? task : taskDefinition(task).name;
}

function untilDue(due: Due | undefined, nowMs: number): number | undefined {
  if (due === undefined) return undefined;
  return 'inMs' in due ? due.inMs : due.atMs - nowMs;
}
