import { type ClassTransformOptions, plainToInstance } from 'class-transformer';
import { type ValidatorOptions, validateSync } from 'class-validator';
import { InputError, type Violation } from '../errors';
import { assertUsableDto } from '../metadata/dto';
import type { DtoClass } from '../metadata/reflection';
import type { TaskDefinition } from '../metadata/task-definition';
import { encodeJson } from '../task/event';
import { flatInput } from './flat-input';
import { checkProperties, MAX_DEPTH, removeInheritedKeys } from './property-checks';
import { boundViolations, toViolations } from './violations';

/** All that is needed of a definition. */
export type InputOwner = Pick<TaskDefinition, 'name' | 'input'>;

const TRANSFORM: ClassTransformOptions = {
  // An exposed property that is absent keeps its initializer, and is not set to undefined where it has none.
  exposeDefaultValues: true,
  exposeUnsetFields: false,
};

const VALIDATION: ValidatorOptions = {
  whitelist: true,
  forbidNonWhitelisted: true,
  // A class without validators takes no properties; the whitelist sees to that, and here it would refuse even {}.
  forbidUnknownValues: false,
  validationError: { target: false, value: false },
};

/**
 * Makes the input of a run out of what stands in the hash.
 * @param data JSON text; absent and empty mean `{}`.
 * @returns An instance of the input's class, validated; `{}` for a task without input.
 * @throws {InputError} With every violation.
 */
export function parseInput(task: InputOwner, data: string | undefined): object {
  const plain = parseObject(task, data);
  if (task.input === undefined) {
    if (Object.keys(plain).length > 0)
      throw refusal(task, 'the task takes no input (one is marked with @Input() on the first parameter of start)');
    return plain;
  }
  const { dto } = task.input;
  assertUsableDto(dto);
  return flatInput(dto)?.(plain) ?? parseThoroughly(task, dto, plain);
}

/** The long way, which any input can go, and which says of one that is not valid why; `flatInput` is held to it by a test. */
export function parseThoroughly(task: InputOwner, dto: DtoClass, plain: object): object {
  const violations: Violation[] = [];
  if (!removeInheritedKeys(plain, violations)) {
    throw refusal(task, `must not be nested deeper than ${MAX_DEPTH} levels`);
  }
  const instance = attempt(task, () => plainToInstance(dto, plain, TRANSFORM));
  checkProperties(plain, instance, violations);
  const errors = attempt(task, () => validateSync(instance, VALIDATION));
  if (errors.length > 0) violations.push(...toViolations(errors));
  if (violations.length > 0) throw new InputError(task.name, boundViolations(violations));
  return instance;
}

/**
 * Checks an input where it is given, exactly as the worker will.
 * @param input What the producer gave; undefined means `{}`.
 * @returns The JSON text of the input as it was given: defaults are filled in by the worker.
 * @throws {InputError} With every violation.
 * @throws {JsonValueError} It cannot be JSON: a circle, a BigInt, a function.
 */
export function encodeInput(task: InputOwner, input: unknown): string {
  const data = input === undefined ? '{}' : encodeJson(input, `the input of task "${task.name}"`);
  parseInput(task, data);
  return data;
}

function parseObject(task: InputOwner, data: string | undefined): object {
  if (data === undefined || data === '' || data === '{}') return {};
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    throw refusal(task, `must be JSON: ${(error as Error).message}`, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw refusal(
    task,
    `must be a JSON object, not ${value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`}`,
  );
}

/** Runs code of the input's class (constructors, transformations, validators), which may throw. */
function attempt<T>(task: InputOwner, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw refusal(task, `could not be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function refusal(task: InputOwner, message: string, cause?: unknown): InputError {
  return new InputError(task.name, boundViolations([{ path: '', message }]), cause === undefined ? {} : { cause });
}
