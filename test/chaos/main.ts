import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChaosOptions, readOptions, replayOf, USAGE, UsageError } from './options';
import { planFaults } from './plan';
import { Progress } from './progress';
import { details, table } from './report';
import { ChaosRun, ENDLESS_TASKS } from './run';
import { Stage } from './stage';

const LONGEST_CLOSE_MS = 15_000;

/** The process's exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, Math.random);
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const interrupted = new AbortController();
  // Each task that is started waits with it.
  setMaxListeners(0, interrupted.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  console.log(
    `Chaos: seed ${options.seed}, ${options.seconds} s, ${options.tasks} tasks, ${options.workers} workers; Redis with appendonly yes and appendfsync always, so that its crashes lose nothing that was acknowledged.`,
  );
  const stage = await Stage.open(options.workers);
  try {
    return await runOn(stage, options, interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.error('Interrupted.');
    return 130;
  } finally {
    // What does not end by itself ends with this process.
    await Promise.race([stage.close(options.keep), pause(LONGEST_CLOSE_MS)]);
    if (options.keep) console.log(`Kept: ${stage.folder} and ${stage.redis.folder}`);
  }
}

async function runOn(stage: Stage, options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const result = await new ChaosRun(options, stage, signal).run(new Progress(process.stdout));
  console.log(table(result, planFaults({ ...options, endless: ENDLESS_TASKS })));
  if (result.breaches.length === 0) return 0;
  const keysOf = (id: string) => (id.startsWith('poison-') ? stage.poisonKeys : stage.keys);
  console.log(await details(result, stage.plain, keysOf));
  console.log(`\nThe same faults again: ${replayOf(options)}`);
  return 1;
}

main(process.argv.slice(2)).then(
  // What waits for a task that never ends must not hold the process.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
