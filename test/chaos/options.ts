import { parseArgs } from 'node:util';

export const USAGE = `npm run chaos -- [options]
  --seconds N   how long faults happen; default 60, at least 10
  --seed N      default: a random one, which is printed. The same seed, seconds, workers and tasks replay the same faults
  --tasks N     how many tasks are started; default 20,000 a minute
  --workers N   how many worker processes; default 4
  --keep        leaves the folder with the append-only file and the logs of the workers behind, and says where`;

export interface ChaosOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly tasks: number;
  readonly workers: number;
  readonly keep: boolean;
}

/** The command line is not acceptable; the message says why. */
export class UsageError extends Error {}

const MOST_SEED = 2 ** 32 - 1;

/**
 * @returns Undefined where help was asked for.
 * @throws {UsageError}
 */
export function readOptions(argv: readonly string[], randomSeed: () => number): ChaosOptions | undefined {
  const values = parse(argv);
  if (values.help) return undefined;
  const seconds = count('seconds', values.seconds, 60, 10, 3_600);
  return {
    seconds,
    seed: count('seed', values.seed, Math.floor(randomSeed() * 1_000_000), 0, MOST_SEED),
    tasks: count('tasks', values.tasks, Math.round((seconds * 20_000) / 60), 1, 1_000_000),
    workers: count('workers', values.workers, 4, 2, 32),
    keep: values.keep ?? false,
  };
}

/** The command that replays the faults and the tasks: both depend on every number. */
export function replayOf({ seconds, seed, tasks, workers }: ChaosOptions): string {
  return `npm run chaos -- --seconds ${seconds} --seed ${seed} --tasks ${tasks} --workers ${workers}`;
}

function parse(argv: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const options = { seconds: text, seed: text, tasks: text, workers: text, keep: flag, help: flag };
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function count(name: string, text: string | undefined, fallback: number, least: number, most: number): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}: give a whole number from ${least} to ${most}.`);
}
