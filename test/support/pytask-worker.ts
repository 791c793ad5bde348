import { runScript } from './child-process';
import type { GuardedProcess } from './guarded-process';

/** Starts the example worker that behaves as pytask's, as a process of its own; it takes tasks by now. */
export async function startPytaskWorker(env: Readonly<Record<string, string>>): Promise<GuardedProcess> {
  const worker = await runScript('build/examples/pytask-worker.js', { env });
  await worker.waitForLine(/^ready$/, 20_000);
  return worker;
}
