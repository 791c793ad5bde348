import { ConfigurationError } from '../errors';
import { type Bounds, readBounds } from '../metadata/limit-options';
import { taskDefinition } from '../metadata/task-definition';
import { sentence, suggestName } from '../task/nearest-name';
import { DEFAULT_QUEUE, queueMistake } from '../task/queue-name';
import { shown } from '../task/shown';
import type { TaskClass } from '../task/task-class';
import type { QueueShare } from '../worker/queue-shares';

export interface QueueOptions {
  /**
   * With weights, each look for tasks begins with a queue that is drawn: one of weight 3 three times as often as one of weight 1.
   * Without any, the queues come in their order, each before all that follow. Give all of them one, or none.
   */
  readonly weight?: number;
  /** At most so many of its tasks run at a time in one worker. Default: no bound but the worker's own. */
  readonly concurrency?: number;
  /**
   * What all workers of the cluster keep to together, whatever the tasks: runs at a time, and how often they begin. Give all workers
   * the same. Default: nothing.
   */
  readonly limit?: Bounds;
}

/** Names in their order, or the options of each by its name. */
export type QueuesOption = readonly string[] | Readonly<Record<string, QueueOptions>>;

/**
 * The queues that a worker takes from.
 * @param given Undefined: the default queue and those of the task classes, all of one weight.
 * @throws {ConfigurationError} No queue, a name or an option that is not acceptable, or weights for some alone.
 */
export function resolveQueues(given: QueuesOption | undefined, tasks: readonly TaskClass[]): readonly QueueShare[] {
  if (given === undefined) {
    const names = new Set([DEFAULT_QUEUE, ...tasks.map((task) => taskDefinition(task).options.queue)]);
    return [...names].map((name) => ({ name, weight: 1, concurrency: Number.POSITIVE_INFINITY }));
  }
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError("worker.queues must be a list of names, such as ['urgent', 'default'], or an object.");
  }
  const entries: [string, QueueOptions][] = Array.isArray(given)
    ? given.map((name) => [name, {}])
    : Object.entries(given as Readonly<Record<string, QueueOptions>>);
  if (entries.length === 0) {
    throw new ConfigurationError(
      'worker.queues names no queue: name one, or give worker: false for an app that only produces.',
    );
  }
  const shares = entries.map(([name, options]) => readShare(name, options));
  const ordered = shares.every(({ weight }) => !Number.isFinite(weight));
  const number = shares.find(({ name }) => /^\d+$/.test(name));
  if (!Array.isArray(given) && ordered && shares.length > 1 && number) {
    throw new ConfigurationError(
      `worker.queues is an object whose order counts, and JavaScript puts the name "${number.name}" first: give weights, or a list of names.`,
    );
  }
  if (new Set(shares.map(({ name }) => name)).size < shares.length) {
    throw new ConfigurationError(`worker.queues names a queue twice: ${shares.map(({ name }) => name).join(', ')}.`);
  }
  if (new Set(shares.map(({ weight }) => Number.isFinite(weight))).size > 1) {
    throw new ConfigurationError('worker.queues gives a weight to some queues alone: give all of them one, or none.');
  }
  return shares;
}

function readShare(name: unknown, options: unknown): QueueShare {
  const mistake = queueMistake(name);
  if (mistake !== undefined) throw new ConfigurationError(`A name in worker.queues${mistake}.`);
  const where = `worker.queues.${name as string}`;
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(`${where} must be an object of options, such as { weight: 2 } or {}.`);
  }
  const {
    weight = Number.POSITIVE_INFINITY,
    concurrency = Number.POSITIVE_INFINITY,
    limit,
    ...unknown
  } = options as QueueOptions;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined) {
    throw new ConfigurationError(
      `${where}: unknown option "${stray}", ${suggestName(stray, ['weight', 'concurrency', 'limit'])}`,
    );
  }
  const given = options as QueueOptions;
  if (given.weight !== undefined && !(Number.isFinite(weight) && weight > 0)) {
    throw new ConfigurationError(`${where}.weight is ${shown(weight)}: give a number more than 0.`);
  }
  if (given.concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new ConfigurationError(`${where}.concurrency is ${shown(concurrency)}: give a whole number, 1 or more.`);
  }
  const bounds = limit === undefined ? undefined : readBounds(limit, ['concurrency', 'rate']);
  if (typeof bounds === 'string') throw new ConfigurationError(sentence(`${where}.limit${bounds}`));
  return { name: name as string, weight, concurrency, ...(bounds && { limit: bounds }) };
}
