// An audit of the packages in a folder tree, one task a package: npm run demo -- --help
import { constants } from 'node:os';
import { TaskwardenError } from 'taskwarden';
import { audit } from './audit';
import { helpOut } from './help-out';
import { readOptions, USAGE, UsageError } from './options';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** @returns The exit code: 0, 1 where Redis fails, 2 for wrong usage, 128 and the signal's number when interrupted. */
async function main(): Promise<number> {
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process at once.
  for (const signal of SIGNALS) process.once(signal, () => interruption.abort(signal));
  try {
    const { mode, folder, redis } = readOptions(process.argv.slice(2), process.env);
    if (mode === 'help') console.log(USAGE);
    else if (mode === 'worker' && redis !== undefined) await helpOut(redis, interruption.signal);
    else await audit(folder, redis, interruption.signal);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error('Interrupted');
      return 128 + constants.signals[interruption.signal.reason as (typeof SIGNALS)[number]];
    }
    if (!(error instanceof UsageError || error instanceof TaskwardenError)) throw error;
    console.error(error.message);
    return error instanceof UsageError || error.code === 'CONFIGURATION' ? 2 : 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
