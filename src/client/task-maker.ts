import { ConfigurationError, InputError } from '../errors';
import { laneOfInput } from '../input/lane-of-input';
import { encodeInput, parseInput } from '../input/parse-input';
import { type TaskDefinition, taskDefinition } from '../metadata/task-definition';
import type { TaskRegistry } from '../metadata/task-registry';
import type { ResolvedUnique } from '../metadata/unique-options';
import type { NewTask } from '../store/producer-store';
import type { UniqueClaim } from '../store/unique';
import { parseDuration } from '../task/duration';
import { encodeJson } from '../task/event';
import { DEFAULT_PRIORITY, priorityMistake } from '../task/priority';
import { DEFAULT_QUEUE, queueMistake } from '../task/queue-name';
import type { TaskClass } from '../task/task-class';
import { readDue } from './due-options';
import type { TaskFields } from './start-options';
import { claimOf, uniqueRule } from './unique-start';

/** What an input belongs to: a task by its name, and by its class where that is known here. */
export interface InputEncoder {
  readonly name: string;
  readonly definition: TaskDefinition | undefined;
  /** The input as JSON text. @throws {InputError} @throws {JsonValueError} */
  encode(input: unknown): string;
}

/** @throws {DeclarationError} It is no task class. @throws {ConfigurationError} The name is empty. */
export function encoderOf(task: TaskClass | string, registry: TaskRegistry): InputEncoder {
  const definition = typeof task === 'string' ? registry.get(task) : taskDefinition(task);
  if (definition) return { name: definition.name, definition, encode: (input) => encodeInput(definition, input) };
  const name = task as string;
  if (name === '')
    throw new ConfigurationError('The name of the task is empty: give a task class, or the name of one.');
  return { name, definition, encode: (input) => encodeUnknown(name, input) };
}

/** Makes the tasks of one start, or of many with the same options. */
export class TaskMaker {
  /** Whether nothing is said of its tasks but whether they are to be kept. */
  private readonly isPlain: boolean;
  /** All that the inputs do not decide. */
  private readonly shared: Omit<NewTask, 'id' | 'data' | 'fresh'>;
  private readonly unique: ResolvedUnique | undefined;

  /** @throws {ConfigurationError} An option is not acceptable. */
  constructor(
    private readonly encoder: InputEncoder,
    options: TaskFields,
  ) {
    const { cleanup = true } = options;
    const declared = encoder.definition?.options;
    const { queue = declared?.queue, priority = declared?.priority } = options;
    const deadlineMs =
      options.deadline === undefined ? declared?.deadline : parseDuration(options.deadline, 'deadline');
    refuse('deadline', deadlineMs !== undefined && deadlineMs <= 0 ? ' must be more than 0' : undefined);
    refuse('queue', queue === undefined ? undefined : queueMistake(queue));
    refuse('priority', priority === undefined ? undefined : priorityMistake(priority));
    const due = readDue(options);
    this.unique = uniqueRule(encoder, options);
    if (due && 'inMs' in due) refuseTooLate('delay', due.inMs, deadlineMs);
    if (this.unique?.policy === 'debounce') refuseTooLate('unique.window', this.unique.windowMs, deadlineMs);
    this.shared = {
      name: encoder.name,
      cleanup,
      ...(due && { due }),
      ...(queue !== undefined && queue !== DEFAULT_QUEUE && { queue }),
      ...(priority !== undefined && priority !== DEFAULT_PRIORITY && { priority }),
      ...(deadlineMs !== undefined && Number.isFinite(deadlineMs) && { deadline: { inMs: deadlineMs } }),
    };
    this.isPlain = Object.keys(this.shared).length === 2 && declared?.limit === undefined;
  }

  get taskName(): string {
    return this.encoder.name;
  }

  get queue(): string {
    return this.shared.queue ?? DEFAULT_QUEUE;
  }

  /** By what the task is to be the only one; undefined: it need not be. @throws {InputError} Its input gives no key. */
  claimOf({ data }: NewTask): UniqueClaim | undefined {
    return this.unique && claimOf(this.unique, this.encoder, data);
  }

  /**
   * @param fresh The id was made for this task.
   * @param trace The context that its runs get; undefined: none.
   * @throws {InputError} The input is not valid.
   * @throws {JsonValueError} It cannot be JSON.
   */
  make(id: string, input: unknown, fresh: boolean, trace?: string): NewTask {
    const { definition, name } = this.encoder;
    const data = this.encoder.encode(input);
    // Written out: a copy costs as much as the rest of a start.
    if (this.isPlain && trace === undefined) return { id, name, data, cleanup: this.shared.cleanup, fresh };
    const task = { id, data, fresh, ...this.shared, ...(trace !== undefined && { trace }) };
    // Straight into its lane: one key's many tasks do not hold up another's before a worker has met them.
    if (!definition?.options.limit || this.shared.due) return task;
    return { ...task, lane: laneOfInput(definition, parseInput(definition, task.data)) };
  }
}

const NO_OPTIONS: TaskFields = Object.freeze({});

/** Makers for single starts: without options, which is how most are made, a class has one for all of its tasks. */
export class TaskMakers {
  private readonly plain = new WeakMap<TaskClass, TaskMaker>();

  constructor(private readonly registry: TaskRegistry) {}

  /** @throws {DeclarationError} It is no task class. @throws {ConfigurationError} An option is not acceptable. */
  of(task: TaskClass | string, options: TaskFields | undefined): TaskMaker {
    if (options !== undefined || typeof task === 'string') {
      return new TaskMaker(encoderOf(task, this.registry), options ?? NO_OPTIONS);
    }
    let maker = this.plain.get(task);
    if (!maker) {
      maker = new TaskMaker(encoderOf(task, this.registry), NO_OPTIONS);
      this.plain.set(task, maker);
    }
    return maker;
  }
}

function refuse(option: string, mistake: string | undefined): void {
  if (mistake !== undefined) throw new ConfigurationError(`${option}${mistake}.`);
}

/** @param inMs When the task is to begin. */
function refuseTooLate(option: string, inMs = 0, deadlineMs = Number.POSITIVE_INFINITY): void {
  if (inMs < deadlineMs) return;
  throw new ConfigurationError(
    `${option} is ${inMs} ms, but the deadline is over after ${deadlineMs} ms, counted from now: no run could begin. Give a later deadline.`,
  );
}

/** The input of a task whose class is not known here. */
function encodeUnknown(name: string, input: unknown): string {
  if (input === undefined) return '{}';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InputError(name, [{ path: '', message: 'must be an object' }]);
  }
  return encodeJson(input, `the input of task "${name}"`);
}
