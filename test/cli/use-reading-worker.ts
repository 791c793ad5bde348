import { type App, createApp, type TaskClient } from '../../src';
import { runScript } from '../support/child-process';
import type { GuardedProcess } from '../support/guarded-process';
import { startRedis } from '../support/redis-server';
import { useServer } from '../support/use-server';
import { type CliRun, runCli } from './run-cli';

/** A Redis and a worker in a process of its own, for all tests of a file. */
export interface ReadingWorker {
  readonly url: string;
  readonly client: TaskClient;
  readonly worker: GuardedProcess;
  /** Types a command at this Redis. */
  type(...args: readonly string[]): Promise<CliRun>;
}

/** @param taskTimeoutMs After so long in silence the worker is overdue. */
export function useReadingWorker(taskTimeoutMs = 8_000): () => ReadingWorker {
  const redis = useServer(() => startRedis());
  let app: App | undefined;
  let worker: GuardedProcess | undefined;
  beforeAll(async () => {
    const { url } = redis();
    app = await createApp({ redis: url, worker: false, logger: false });
    worker = await runScript('test/cli/reading-worker.ts', {
      env: { REDIS_URL: url, TASK_TIMEOUT_MS: String(taskTimeoutMs) },
    });
    await worker.waitForLine(/^ready$/, 25_000);
  }, 30_000);
  afterAll(async () => {
    await worker?.stop();
    await app?.close();
  });
  return () => {
    const { url } = redis();
    const { client } = app as App;
    const type = (...args: readonly string[]) => runCli([...args, '--redis', url]);
    return { url, client, worker: worker as GuardedProcess, type };
  };
}

/** What `--json` has printed. */
export function jsonOf<T = Record<string, unknown>>(run: CliRun): T[] {
  return run.output.map((line) => JSON.parse(line) as T);
}
