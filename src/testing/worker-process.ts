import type { Duration } from '../task/duration';
import { GuardedChild, launch, type ProcessExit } from './guarded-child';

export interface WorkerProcessOptions {
  readonly args?: readonly string[];
  /** Added to this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Node's own flags, before the script: `['--import', 'tsx']` for one in TypeScript. */
  readonly nodeArgs?: readonly string[];
  readonly cwd?: string;
  /** `start` resolves when the script has printed such a line; without it, as soon as the process exists. */
  readonly readyLine?: RegExp | string;
  /** How long to wait for that line; default 10 seconds. */
  readonly readyTimeout?: Duration;
}

/**
 * A Node script in a process of its own, to be killed or paused for real. It cannot outlive the process that started it,
 * however that ends; a test that is done ends it with `crash`. Needs `sh`, so not for Windows.
 */
export class WorkerProcess extends GuardedChild {
  /**
   * @param scriptPath From `cwd`, or absolute.
   * @throws {LineMissingError} It was not ready in time, or ended before; nothing is left of it.
   */
  static async start(scriptPath: string, options: WorkerProcessOptions = {}): Promise<WorkerProcess> {
    const { args = [], nodeArgs = [], env, cwd, readyLine, readyTimeout } = options;
    const launched = await launch(process.execPath, [...nodeArgs, scriptPath, ...args], {
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const worker = new WorkerProcess([scriptPath, ...args].join(' '), launched);
    try {
      if (readyLine !== undefined) await worker.waitForLine(readyLine, readyTimeout);
      return worker;
    } catch (error) {
      await worker.crash();
      throw error;
    }
  }

  /** SIGKILL: it ends at once, even when it is paused, and can clean up nothing. */
  crash(): Promise<ProcessExit> {
    return this.stop();
  }

  /** SIGSTOP: it stands still with its connections open, as a process that is swapped out or on a paused machine. */
  pause(): void {
    this.kill('SIGSTOP');
  }

  /** SIGCONT: it goes on where it stood. */
  resume(): void {
    this.kill('SIGCONT');
  }
}
