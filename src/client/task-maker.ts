import { InputError } from '../errors';
import { encodeInput } from '../input/parse-input';
import { type TaskDefinition, taskDefinition } from '../metadata/task-definition';
import type { TaskRegistry } from '../metadata/task-registry';
import type { ResolvedUnique } from '../metadata/unique-options';
import type { NewTask } from '../store/producer-store';
import type { UniqueClaim } from '../store/unique';
import { encodeJson } from '../task/event';
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

/** @throws {DeclarationError} It is no task class. */
export function encoderOf(task: TaskClass | string, registry: TaskRegistry): InputEncoder {
  const definition = typeof task === 'string' ? registry.get(task) : taskDefinition(task);
  if (definition) return { name: definition.name, definition, encode: (input) => encodeInput(definition, input) };
  const name = task as string;
  return { name, definition, encode: (input) => encodeUnknown(name, input) };
}

/** Makes the tasks of one start, or of many with the same options. */
export class TaskMaker {
  /** All that the inputs do not decide. */
  private readonly shared: Pick<NewTask, 'name' | 'cleanup' | 'due'>;
  private readonly unique: ResolvedUnique | undefined;

  /** @throws {ConfigurationError} An option is not acceptable. */
  constructor(
    private readonly encoder: InputEncoder,
    options: TaskFields,
  ) {
    const { cleanup = true } = options;
    const due = readDue(options);
    this.unique = uniqueRule(encoder, options);
    this.shared = { name: encoder.name, cleanup, ...(due && { due }) };
  }

  get taskName(): string {
    return this.encoder.name;
  }

  /** By what the task is to be the only one; undefined: it need not be. @throws {InputError} Its input gives no key. */
  claimOf({ data }: NewTask): UniqueClaim | undefined {
    return this.unique && claimOf(this.unique, this.encoder, data);
  }

  /**
   * @param fresh The id was made for this task.
   * @throws {InputError} The input is not valid.
   * @throws {JsonValueError} It cannot be JSON.
   */
  make(id: string, input: unknown, fresh: boolean): NewTask {
    return { id, data: this.encoder.encode(input), fresh, ...this.shared };
  }
}

/** The input of a task whose class is not known here. */
function encodeUnknown(name: string, input: unknown): string {
  if (input === undefined) return '{}';
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InputError(name, [{ path: '', message: 'must be an object' }]);
  }
  return encodeJson(input, `the input of task "${name}"`);
}
