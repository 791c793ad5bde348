import type { SpawnOptions } from 'node:child_process';
import { GuardedChild, launch } from '../../src/testing/guarded-child';
// For its effect: what a test leaves running is stopped after the last test of its file.
import './leftovers';

export type { ProcessExit } from '../../src/testing/guarded-child';

/** Any command as a child process whose output is kept line by line and which cannot outlive this process. */
export class GuardedProcess extends GuardedChild {
  /** @throws the system's error when the command cannot be started. */
  static async start(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<GuardedProcess> {
    return new GuardedProcess([command, ...args].join(' '), await launch(command, args, options));
  }
}
