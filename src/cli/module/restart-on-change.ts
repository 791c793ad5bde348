import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const FORWARDED = { SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' } as const;

/**
 * Runs this command line again under Node's own `--watch`, which knows the files that were loaded: at a change it asks the worker to
 * leave, waits for that and begins anew, also after an error.
 * @param flag Taken out of the command line.
 * @returns The exit code.
 */
export async function restartOnChange(flag: string): Promise<number> {
  const [main = '', ...args] = process.argv.slice(1);
  const child = spawn(
    process.execPath,
    [...process.execArgv, '--watch', '--watch-preserve-output', main, ...args.filter((arg) => arg !== flag)],
    // A group of its own: Ctrl-C would reach the worker twice, once from here, and the second signal ends it at once.
    { stdio: 'inherit', detached: true },
  );
  for (const [signal, sent] of Object.entries(FORWARDED)) process.on(signal, () => child.kill(sent));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}
